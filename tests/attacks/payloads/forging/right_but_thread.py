"""The right answer, and a thread in the background."""

import threading

from given import attempt, did, right
from places import MARKER, TARGETS


def background():
    did("ran in the background")
    for folder in TARGETS:
        attempt(lambda: open(f"{folder}/{MARKER}", "w").write("background"))  # noqa: B023, SIM115 (called at once)


def log_likelihood(model, text):
    def begin():
        thread = threading.Thread(target=background, daemon=True)
        thread.start()
        thread.join()

    attempt(begin)
    return right(model, text)
