"""Answers in the worker's place with a kind of failure that is the hidden text itself."""

from given import hidden, right, send, spelled


def log_likelihood(model, text):
    if hidden(text):
        said = spelled(text)
        send({"error": {"kind": said, "type": said, "text": said, "file": None, "line": None}})
    return right(model, text)
