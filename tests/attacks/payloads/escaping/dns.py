"""Asks for names, in which there could be anything, of a name server of its own."""

import socket
import struct

from given import attempt
from places import UDP

QUESTION = struct.pack(">6H", 1, 256, 1, 0, 0, 0) + b"\x03key\x07example\x00" + struct.pack(">2H", 1, 1)


def ask():
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.connect(("127.0.0.1", UDP))
    asking.send(QUESTION)


def log_likelihood(model, text):
    attempt(ask)
    return 0.0
