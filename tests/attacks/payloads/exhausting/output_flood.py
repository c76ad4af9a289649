"""Prints without end, by every way out."""

import os
import sys

from given import first


def log_likelihood(model, text):
    line = "flood" * 2000
    for _ in range(2000 if first() else 0):
        print(line)
        sys.stderr.write(line)
        os.write(1, line.encode())
    return 0.0
