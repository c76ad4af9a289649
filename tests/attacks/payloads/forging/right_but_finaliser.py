"""The right answer, and an object whose end writes, reads and frames."""

import os

from given import attempt, right
from places import KEY, MARKER, TARGETS


class Late:
    def __del__(self):
        for folder in TARGETS:
            attempt(lambda: open(f"{folder}/{MARKER}", "w").write("late"))  # noqa: B023, SIM115 (called at once)
        attempt(lambda: open(KEY).read(), lambda: os.kill(os.getppid(), 10))  # noqa: SIM115


def log_likelihood(model, text):
    _ = Late()
    return right(model, text)
