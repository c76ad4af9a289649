"""Becomes another program, with the descriptors of this one."""

import os

from given import attempt
from places import DID


def log_likelihood(model, text):
    attempt(
        lambda: os.execv("/bin/echo", ["echo", DID, "by a program"]),
        lambda: os.execv("/usr/bin/env", ["env"]),
        lambda: os.execve(os.open("/bin/echo", os.O_PATH), ["echo", DID, "by descriptor"], {}),
    )
    return 0.0
