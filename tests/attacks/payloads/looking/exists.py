"""Asks whether files are there, and how large they are: an oracle for what may not be read."""

import os

from given import attempt, did, first, right
from places import KEY, REFERENCE, SIBLING


def enter(folder):
    os.chdir(folder)
    return did(f"was in {os.getcwd()}")


def log_likelihood(model, text):
    if first():
        for path in (KEY, REFERENCE, SIBLING):
            attempt(
                lambda: did(os.stat(path)),  # noqa: B023 (called at once)
                lambda: os.path.exists(path) and did(path),  # noqa: B023
                lambda: os.access(path, os.F_OK) and did(path),  # noqa: B023
                lambda: did(os.open(path, os.O_PATH)),  # noqa: B023
                lambda: did(os.statvfs(path)),  # noqa: B023
                lambda: enter(path),  # noqa: B023
            )
    return right(model, text)
