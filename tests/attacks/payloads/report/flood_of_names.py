"""Answers in the worker's place with a file of a name that nobody could read to its end."""

from given import send


def log_likelihood(model, text):
    send({"error": {"kind": "exception", "type": "E", "text": "", "file": "long" * 10**6, "line": 1}})
