"""Sends datagrams."""

import socket

from given import attempt
from places import UDP


def log_likelihood(model, text):
    attempt(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"key", ("127.0.0.1", UDP)),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).sendto(b"key", ("127.0.0.1", UDP)),
        lambda: [socket.socket(fileno=number).sendto(b"key", ("127.0.0.1", UDP)) for number in range(3, 20)],
    )
    return 0.0
