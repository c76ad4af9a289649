"""The warm process: it imports what is slow to import once, and forks a child for every one who needs it.

It holds no key and no byte of a submission, which a child reads through a descriptor of its own. It runs one thread
only, for a fork copies no other: whoever starts it sets the number of threads of every library to 1.

The grader (``warm``) tells it on a socket to ``fork`` (with the child's descriptor attached) and to ``kill``; it tells
the grader when it is ``ready`` and how a child ``ended``. When the grader is gone, so are it and all its children.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from grader.sandbox import scratch, seccomp
from grader.sandbox.limits import Limits
from grader.sandbox.walls import LAYERS, SUPPORTED, confine

MAX_MESSAGE = 2**16
OURS = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
FAULTS = range(100, 250)  # exit statuses, one drawn for each child: that it failed on a fault of ours


def main() -> None:
    """``sys.argv``: the descriptor of the socket, the module to warm up, and its settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in OURS:
        os.environ.pop(name, None)  # read by now, and no child need know
    name, settings = sys.argv[2:]
    sys.argv[:] = sys.orig_argv[:] = [""]
    module = importlib.import_module(name)
    module.prepare(json.loads(settings))
    if SUPPORTED:
        for making in (False, True):
            seccomp.program(seccomp.MACHINE, 1, making)  # once, for all children
    _Zygote(control, module).serve()


class _Zygote:
    def __init__(self, control: socket.socket, module: Any) -> None:
        self.control = control
        self.module = module
        self.children: dict[int, int] = {}  # process id -> the grader's number for it
        self.places: dict[tuple[str, ...], str | None] = {}
        self.heard = b""  # the beginning of a line
        self.descriptors = array.array("i")  # of children that are still to be forked
        self.bell, ring = os.pipe()
        os.set_blocking(self.bell, False)
        os.set_blocking(ring, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then ends us
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)

    def serve(self) -> None:
        self.tell("ready")
        try:
            while True:
                heard, _, _ = select.select([self.control.fileno(), self.bell], [], [])
                if self.bell in heard:
                    self.reap()
                if self.control.fileno() in heard and not self.hear():
                    return
        finally:
            for pid in self.children:
                _kill(pid)

    def tell(self, word: str, **more: object) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.control.sendall(json.dumps({"word": word, **more}).encode() + b"\n")

    def hear(self) -> bool:
        """Carry out what orders there are; False where the grader is gone."""
        data, ancillary, _, _ = self.control.recvmsg(MAX_MESSAGE, socket.CMSG_SPACE(4))
        if not data:
            return False
        for _, _, content in ancillary:
            self.descriptors.frombytes(content[: len(content) - len(content) % self.descriptors.itemsize])
        *lines, self.heard = (self.heard + data).split(b"\n")
        for line in lines:
            self.obey(json.loads(line))
        return True

    def obey(self, order: dict[str, Any]) -> None:
        if order["word"] == "fork":
            self.fork(order, self.descriptors.pop(0))
        else:
            for pid in [pid for pid, number in self.children.items() if number == order["child"]]:
                _kill(pid)

    def fork(self, order: dict[str, Any], descriptor: int) -> None:
        _assert_alone()
        place = self.place(tuple(order["readable"]))
        pid = os.fork()
        if pid == 0:
            _live(self.module, order, descriptor, place)
        os.close(descriptor)
        self.children[pid] = order["child"]

    def place(self, readable: tuple[str, ...]) -> str | None:
        """Where children have a folder to write in, if there can be one."""
        if readable not in self.places:
            place = scratch.point([*readable, *sys.path]) if SUPPORTED else None
            self.places[readable] = place if place and scratch.works(place) else None
        return self.places[readable]

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.bell, 4096)
        while self.children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            number = self.children.pop(pid, None)
            code = os.waitstatus_to_exitcode(status)
            self.tell("ended", child=number, status=code, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss)


def _assert_alone() -> None:
    tasks = "/proc/self/task"
    if os.path.isdir(tasks) and len(os.listdir(tasks)) != 1:
        raise RuntimeError("the warm process has several threads; a child would hang")


def _kill(pid: int) -> None:
    """Child and group; until it is waited for its id is nobody else's."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _live(module: Any, order: dict[str, Any], descriptor: int, place: str | None) -> NoReturn:
    """The child's whole life."""
    status: int = order["fault"]
    try:
        _wall_in(order, descriptor, place)
        module.run(descriptor)
        status = 0
    finally:
        os._exit(status)  # no clean-up of the warm process's in a child


def _wall_in(order: dict[str, Any], descriptor: int, place: str | None) -> None:
    """Put up all walls. What goes wrong is told in the warm process's log, which the child has no more afterwards."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    try:
        limits = Limits(**order["limits"])
        if place is not None:
            scratch.mount(place, limits)
        standing = confine(limits, order["readable"], (0, 1, 2, nothing, descriptor), place)
        if order["isolated"] and set(standing) != set(LAYERS):
            raise RuntimeError(f"a wall that was promised does not stand: there are {standing}")
    except Exception:
        traceback.print_exc()
        raise
    os.dup2(nothing, 2)
    os.close(nothing)
    if place is not None:
        scratch.settle(place)
