"""Recursion in Python, with its limit out of the way."""

import sys

sys.setrecursionlimit(2**30)


def log_likelihood(model, text):
    return log_likelihood(model, text) + 1
