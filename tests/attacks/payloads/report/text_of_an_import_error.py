"""Says that it cannot import a module that is named after the hidden text."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        raise ImportError(spelled(text))
    return right(model, text)
