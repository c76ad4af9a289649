"""Makes sockets of every kind; and pairs of them, which may be had, to talk to somebody else."""

import socket

from given import attempt, did
from places import ABSTRACT, UNIX


def elsewhere(kind, place):
    one, _ = socket.socketpair(socket.AF_UNIX, kind)
    attempt(lambda: did(one.sendto(b"x", place)), lambda: did(one.sendmsg([b"x"], [], 0, place)))
    attempt(lambda: did(one.connect(place)), lambda: did(one.bind("\0" + place.strip("\0"))))


def log_likelihood(model, text):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, 38, 40, 44):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            attempt(lambda: did(socket.socket(family, kind).fileno()))  # noqa: B023 (called at once)
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for place in (UNIX, "\0" + ABSTRACT):
            attempt(lambda: elsewhere(kind, place))  # noqa: B023
    attempt(lambda: did(socket.create_server(("127.0.0.1", 0))))
    return 0.0
