"""Calls a socket that has a name and no file, and one that has both."""

import socket

from given import attempt
from places import ABSTRACT, UNIX


def call(name):
    calling = socket.socket(socket.AF_UNIX)
    calling.connect(name)
    calling.send(b"key")


def log_likelihood(model, text):
    attempt(lambda: call("\0" + ABSTRACT), lambda: call(UNIX))
    return 0.0
