"""Has Python itself put the hidden text into messages: an attribute, a key, a file, a number."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        getattr(model, spelled(text))
    return right(model, text)
