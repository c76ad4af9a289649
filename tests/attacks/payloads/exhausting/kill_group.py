"""Kills its own process group, and its session's."""

import os
import signal


def log_likelihood(model, text):
    os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(0, signal.SIGKILL)
    return 0.0
