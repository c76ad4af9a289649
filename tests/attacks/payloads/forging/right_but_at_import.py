"""The right answer, and everything that can be tried while it is imported."""

import os

from given import attempt, right
from places import KEY, MARKER, SECRET, TARGETS, TCP

attempt(
    lambda: open(KEY).read(),  # noqa: SIM115
    lambda: open(SECRET).read(),  # noqa: SIM115
    lambda: os.system(f"echo was-here > {TARGETS[0]}/{MARKER}"),
    lambda: __import__("socket").create_connection(("127.0.0.1", TCP), 1),
    lambda: [open(f"{folder}/{MARKER}", "w") for folder in TARGETS],  # noqa: SIM115
)


def log_likelihood(model, text):
    return right(model, text)
