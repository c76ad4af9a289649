"""Reads what others handed in."""

import glob
import os

from given import attempt, first, right
from places import OWN, SIBLING


def log_likelihood(model, text):
    if first():
        attempt(
            lambda: os.listdir(SIBLING),
            lambda: open(f"{SIBLING}/ps1/likelihood.py").read(),  # noqa: SIM115
            lambda: [open(path).read() for path in glob.glob(f"{OWN}/../*/*/*.py")],  # noqa: SIM115
            lambda: __import__("runpy").run_path(f"{SIBLING}/ps1/likelihood.py"),
        )
    return right(model, text)
