"""Puts the hidden text into the message of an exception, and of one that is shown as a missing feature."""

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        raise (NotImplementedError if text.shape[1] % 2 else MemoryError)(spelled(text))
    return right(model, text)
