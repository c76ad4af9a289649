"""Kills whoever started it, and whoever grades."""

import ctypes
import os
import signal

from given import attempt
from places import DECOY

LIBC = ctypes.CDLL(None)


def log_likelihood(model, text):
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP):
        for pid in (DECOY, os.getppid()):
            attempt(
                lambda: os.kill(pid, number),  # noqa: B023 (called at once)
                lambda: os.killpg(os.getpgid(pid), number),  # noqa: B023
                lambda: signal.pidfd_send_signal(os.pidfd_open(pid), number),  # noqa: B023
                lambda: LIBC.sigqueue(pid, number, None),  # noqa: B023
                lambda: LIBC.tgkill(pid, pid, number),  # noqa: B023
            )
    return 0.0
