"""Prints the hidden text."""

import sys

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        print(spelled(text))
        print(spelled(text), file=sys.stderr)
        return float("nan")
    return right(model, text)
