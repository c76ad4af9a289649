"""Asks which processes there are, without reading anything of them."""

import os

from given import attempt, did, first, right
from places import DECOY, GRADER


def log_likelihood(model, text):
    if first():
        attempt(
            lambda: did(os.stat(f"/proc/{DECOY}")),
            lambda: did(os.stat(f"/proc/{GRADER}")),
            lambda: did(os.getsid(DECOY)),
            lambda: did(os.getpgid(GRADER)),
            lambda: did(os.pidfd_open(DECOY)),
            lambda: did(os.getpriority(os.PRIO_PROCESS, DECOY)),
        )
    return right(model, text)
