"""The other side of ``tests/sandbox/test_worker.py``: a child that does, on request, what a child must not do.

A job is a name and, for some, a value.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.errors import Fault, GraderError, SpecError, Undecided, Unreadable, Where
from grader.sandbox.worker import HEADER, MARK

print("said while importing")
sys.stdout.flush()

jobs = 0
PRIVATE = range(3, 16)  # where the pipes to the parent lie


class Unsendable(GraderError):
    """An error that cannot be pickled as it is: its arguments are not those of ``__init__``."""

    def __init__(self, *, first: str, second: str) -> None:
        self.second = second
        super().__init__(f"{first} and {second}")


def loop(_: object) -> None:
    while True:
        pass


def hoard(_: object) -> None:
    held: list[bytearray] = []
    while True:
        held.append(bytearray(2**24))


def onto_the_pipe(data: bytes) -> None:
    for descriptor in PRIVATE:
        try:
            os.write(descriptor, data)
        except OSError:
            continue


def say(text: str) -> str:
    """On every way out that there is, that of C included."""
    print(text)
    print(text, file=sys.stderr)
    sys.stdout.flush()
    os.write(1, text.encode())
    libc = ctypes.CDLL(None)
    libc.puts(text.encode())
    libc.fflush(None)
    return text


def raise_error(kind: str) -> None:
    raise {
        "undecided": Undecided("it cannot be told"),
        "unreadable": Unreadable("expected `)`", 7),
        "spec": SpecError([Fault(Where(Path("b.yaml"), 2), "x", "late"), Fault(Where(Path("a.yaml"), 1), "", "early")]),
        "keywords": Unsendable(first="one", second="two"),
        "fault": ZeroDivisionError("ours"),
        "exit": SystemExit(3),
        "interrupt": KeyboardInterrupt(),
    }[kind]


def limits(_: object) -> dict[str, int]:
    import resource

    return {name: resource.getrlimit(getattr(resource, name))[0] for name in dir(resource) if name.startswith("RLIMIT")}


def grandchild(_: object) -> int:
    return subprocess.Popen([sys.executable, "-c", "while True: pass"]).pid


def twice(value: object) -> object:
    """Answers by itself as the protocol would, and then once more by returning."""
    global jobs
    jobs += 1
    payload = pickle.dumps(("answer", value))
    onto_the_pipe(HEADER.pack(MARK, jobs, len(payload)) + payload)
    return value


DOES: dict[str, Callable[[Any], object]] = {
    "echo": lambda value: value,
    "pid": lambda _: os.getpid(),
    "loop": loop,
    "hoard": hoard,
    "exit": lambda status: os._exit(status),
    "kill": lambda number: os.kill(os.getpid(), number),
    "segfault": lambda _: ctypes.string_at(0),
    "garbage": lambda data: onto_the_pipe(data) or loop(None),
    "garbage first": onto_the_pipe,
    "twice": twice,
    "stale": lambda _: onto_the_pipe(HEADER.pack(MARK, 0, 0)),
    "endless": lambda _: onto_the_pipe(HEADER.pack(MARK, 1, 2**60)),
    "huge": lambda _: bytes(2**26 + 1),
    "unopenable": lambda _: onto_the_pipe(HEADER.pack(MARK, 1, 3) + b"abc"),
    "raise": raise_error,
    "say": say,
    "read": lambda _: sys.stdin.read(),
    "function": lambda _: lambda: None,
    "group": lambda _: os.getpgid(0),
    "environment": lambda _: dict(os.environ),
    "path": lambda _: sys.path,
    "file": lambda name: sys.modules[name].__file__,
    "grandchild": grandchild,
    "limits": limits,
    "overspend": lambda _: signal.raise_signal(signal.SIGXCPU),
    "hashes": lambda _: hash("the same in every run"),
}


def handle(job: tuple[str, object]) -> object:
    name, value = job
    return DOES[name](value)
