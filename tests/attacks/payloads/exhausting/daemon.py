"""Leaves a process behind that holds every pipe open."""

import os
import signal
import time

from given import attempt
from places import MARKER


def daemon():
    bell, ring = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            with open("/proc/self/comm", "w") as name:
                name.write(MARKER)
            os.write(ring, b"x")
            time.sleep(600)
        os._exit(0)
    os.read(bell, 1)


def log_likelihood(model, text):
    attempt(daemon)
    return 0.0
