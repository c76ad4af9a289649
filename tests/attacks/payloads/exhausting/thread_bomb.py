"""Starts threads that do nothing but be there."""

import threading

from given import did


def log_likelihood(model, text):
    bell = threading.Event()
    for _ in range(500):
        try:
            threading.Thread(target=bell.wait, daemon=True).start()
        except RuntimeError:
            break
        did("has a thread more")
    bell.set()
    return 0.0
