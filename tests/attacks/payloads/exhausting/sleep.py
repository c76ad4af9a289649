"""Uses no processor time at all."""

import time


def log_likelihood(model, text):
    time.sleep(10_000)
    return 0.0
