"""Makes files, as many as there can be, wherever it may."""

import os
import tempfile

from given import attempt, first
from places import MARKER, TARGETS


def fill(folder):
    for number in range(3000):
        with open(f"{folder}/{MARKER}-{number}", "w"):
            pass


def log_likelihood(model, text):
    for folder in (*TARGETS, os.getcwd(), tempfile.gettempdir()) if first() else ():
        attempt(lambda: fill(folder))  # noqa: B023 (called at once)
    return 0.0
