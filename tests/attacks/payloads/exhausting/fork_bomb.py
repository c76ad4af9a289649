"""Forks and forks again."""

import os

from given import did


def log_likelihood(model, text):
    while True:
        try:
            os.fork()
        except OSError:
            break
        did("forked")
    return 0.0
