"""Returns a value of a type that is named after the hidden text."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        return type(spelled(text), (), {})()
    return right(model, text)
