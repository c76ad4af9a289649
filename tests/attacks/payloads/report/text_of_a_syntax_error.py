"""Compiles what cannot be compiled because of the hidden text."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        raise SyntaxError(spelled(text))
    return right(model, text)
