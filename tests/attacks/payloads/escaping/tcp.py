"""Calls a server."""

import socket
import urllib.request

from given import attempt, first
from places import TCP


def log_likelihood(model, text):
    if not first():
        return 0.0
    attempt(
        lambda: socket.create_connection(("127.0.0.1", TCP), 1).send(b"canary-key"),
        lambda: socket.socket().connect_ex(("127.0.0.1", TCP)),
        lambda: urllib.request.urlopen(f"http://127.0.0.1:{TCP}/", timeout=0.1),
        lambda: socket.create_connection(("::1", TCP), 1),
    )
    return 0.0
