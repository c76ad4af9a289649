"""Writes results wherever it can."""

import json
import os

from given import attempt
from places import MARKER, RESULTS, TARGETS

FULL = json.dumps({"schema": 1, "score": 100, "submissions": [{"submission": "mallory", "score": 100}]})


def write(path):
    with open(path, "w") as file:
        file.write(FULL)


def log_likelihood(model, text):
    attempt(lambda: write(RESULTS), lambda: os.truncate(RESULTS, 0))
    for folder in (*TARGETS, os.getcwd(), "/", "/proc/self/cwd"):
        attempt(lambda: write(f"{folder}/{MARKER}.json"))  # noqa: B023 (called at once)
    return 0.0
