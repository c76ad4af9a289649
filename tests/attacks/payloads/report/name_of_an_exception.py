"""Names an exception after the hidden text."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        raise type(spelled(text), (Exception,), {})
    return right(model, text)
