"""Makes sockets of every kind, and pairs of them."""

import socket

from given import attempt, did


def log_likelihood(model, text):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 38, 40, 44):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            attempt(lambda: did(socket.socket(family, kind).fileno()))  # noqa: B023 (called at once)
    attempt(lambda: did(socket.socketpair()), lambda: did(socket.create_server(("127.0.0.1", 0))))
    return 0.0
