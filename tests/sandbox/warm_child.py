"""What the warm process of ``test_warm`` runs: it answers what it is told to do."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from typing import Any

FRAME = struct.Struct(">Q")
SETTINGS: dict[str, Any] = {}


def prepare(settings: dict[str, Any]) -> None:
    SETTINGS.update(settings, prepared=os.getpid())
    match settings.get("do"):
        case "fail":
            raise ValueError("this cannot be prepared")
        case "exit":
            os._exit(3)
        case "thread":
            threading.Thread(target=threading.Event().wait, daemon=True).start()


def run(descriptor: int) -> None:
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rb") as frames:
        while head := frames.read(FRAME.size):
            message = frames.read(*FRAME.unpack(head))
            answer = obeyed(connection, *message.split(b" ", 1))
            connection.sendall(FRAME.pack(len(answer)) + answer)


def obeyed(connection: socket.socket, word: bytes, rest: bytes = b"") -> bytes:
    match word.decode():
        case "echo":
            return rest
        case "pids":
            return json.dumps([os.getpid(), os.getppid(), SETTINGS["prepared"]]).encode()
        case "state":
            return json.dumps([SETTINGS, dict(os.environ), list(filter(is_open, range(64)))]).encode()
    misbehave(connection, word, rest)
    return b"?"


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def misbehave(connection: socket.socket, word: bytes, rest: bytes) -> None:
    match word.decode():
        case "exit":
            os._exit(int(rest))
        case "loop":
            while True:
                pass
        case "raise":
            os.close(connection.detach())  # as the end of the block does, and long before the process ends
            sum(range(10**6))
            raise ValueError("a fault of ours")
        case "half":
            connection.sendall(FRAME.pack(100) + b"half")
            os._exit(0)
        case "huge":
            connection.sendall(FRAME.pack(2**62))
        case "deaf":
            os.close(connection.detach())
            while True:
                pass
