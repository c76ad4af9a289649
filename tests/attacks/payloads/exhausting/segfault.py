"""Ends Python by a fault of memory."""

import ctypes


def log_likelihood(model, text):
    return float(ctypes.string_at(0))
