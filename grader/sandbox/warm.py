"""The grader's side of the warm process (``zygote``): it starts it, asks it for children, and ends both.

A child answers frames on a socket of its own. It may be hostile: what it sends is bounded in size and time, and how
long it may take is enforced from here, by having it killed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.sandbox import bubblewrap
from grader.sandbox.endings import Died, Exited, Fault, HungUp, OutOfProcessor, OutOfTime, Stopped, TooMuchOutput
from grader.sandbox.levels import Level
from grader.sandbox.limits import Limits
from grader.sandbox.processes import PASSED_ON, disown, environment, start
from grader.sandbox.zygote import FAULTS

START_SECONDS = 120.0  # importing torch from a cold disk
END_SECONDS = 5.0  # from the end of a child's socket to the news of how it ended
GRACE_SECONDS = 0.5
MAX_LOG = 2000
MAX_FRAME = 2**24  # of an answer; honest ones have some thousand numbers
CHUNK = 2**20
FRAME = struct.Struct(">Q")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
QUIET = {"TQDM_DISABLE": "1", "PYTHONDONTWRITEBYTECODE": "1", "HF_HUB_OFFLINE": "1"}
NOBODY = {"HOME": "/nonexistent", "USER": "student", "LOGNAME": "student"}
START = "from grader.sandbox.zygote import main; main()"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended: exit status (negative: the signal), seconds of processor time, KiB of memory at most."""

    status: int
    cpu: float
    memory: int


@dataclass
class Warm:
    """A warm process that runs ``module``: ``prepare(settings)`` once, ``run(descriptor)`` in every child.

    It starts at ``start`` or with the first child, and again where it died. Not for several threads. At level A it
    stands within the outer wall, where it sees ``visible`` besides Python and itself, and nothing below ``hidden``. At
    A and B a child in which a layer is missing ends at once. Children may read ``readable``.
    """

    module: str
    settings: Mapping[str, Any]
    readable: Sequence[str] = ()
    level: Level = "B"
    visible: Sequence[str] = ()
    hidden: Sequence[str] = ()
    _process: _Process | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, without waiting until it is warm."""
        if self._process is None or self._process.popen.poll() is not None:
            self.close()
            self._process = _Process(self.module, self.settings, self._outer())

    def child(self, limits: Limits) -> Child:
        """A fresh child. Raises Died where the warm process cannot be had."""
        self.start()
        assert self._process is not None
        self._process.await_ready()
        return Child(self._process, limits, self.readable, self.level != "C")

    def _outer(self) -> list[str]:
        """The command of the outer wall, none below level A. Raises Died where it is gone."""
        if self.level != "A":
            return []
        try:
            return bubblewrap.command([*self.readable, *self.visible, *_packages(self.module)], self.hidden)
        except FileNotFoundError as error:
            raise Died(str(error)) from None

    def close(self) -> None:
        """End it and all its children, and wait until it is gone."""
        if self._process is not None:
            if not self._process.ready:  # still loading torch: it has no children, and would not notice for seconds
                self._process.popen.kill()
            self._process.end()
            self._process = None


class _Process:
    def __init__(self, module: str, settings: Mapping[str, Any], outer: Sequence[str]) -> None:
        self.control, theirs = socket.socketpair()
        self.log = os.memfd_create("zygote") if hasattr(os, "memfd_create") else subprocess.DEVNULL
        with theirs:
            self.popen = start(
                START,
                str(theirs.fileno()),
                module,
                json.dumps(settings),
                outer=outer,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.log,
                env=_environment(),
                pass_fds=(theirs.fileno(),),
            )
        self.ready = False
        self.news = b""  # the beginning of a line
        self.children = 0
        self.endings: dict[int, Ending] = {}
        self.end = weakref.finalize(self, _end, self.popen, self.control, self.log, os.getpid())

    def await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready:
            if not self.listen(deadline - time.monotonic()):
                self.end()
                raise Died("the process for course code did not start in time")

    def order(self, word: str, descriptors: Sequence[int] = (), **more: Any) -> None:
        line = json.dumps({"word": word, **more}).encode() + b"\n"
        try:
            self.control.sendall(line[socket.send_fds(self.control, [line], descriptors) :])
        except OSError:
            raise self.died() from None

    def listen(self, seconds: float) -> bool:
        """Take in what news there are; False where there are none in time. Raises Died."""
        if self.control.fileno() < 0:
            raise self.died()
        if not select.select([self.control], [], [], max(seconds, 0))[0]:
            return False
        try:
            news = self.control.recv(2**16)
        except OSError:
            news = b""
        if not news:
            raise self.died()
        *lines, self.news = (self.news + news).split(b"\n")
        for said in map(json.loads, lines):
            self.ready |= said["word"] == "ready"
            if said["word"] == "ended":
                self.endings[said["child"]] = Ending(said["status"], said["cpu"], said["memory"])
        return True

    def died(self) -> Died:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(END_SECONDS)
        return self.with_log(Died(f"the process for course code ended with status {self.popen.poll()}"))

    def with_log(self, died: Died) -> Died:
        """With the end of what the warm process and its children, before they ran anything, said."""
        if self.log < 0 or not self.end.alive:
            return died
        with contextlib.suppress(OSError):
            size = os.fstat(self.log).st_size
            died.add_note(os.pread(self.log, MAX_LOG, max(size - MAX_LOG, 0)).decode("utf-8", "replace"))
        return died


def _packages(module: str) -> list[str]:
    """The folders of the package that the warm process runs, and of this one."""
    tops = {module.partition(".")[0], __name__.partition(".")[0]}
    return [str(Path(sys.modules[top].__path__[0]).resolve()) for top in sorted(tops) if importlib.import_module(top)]


def _end(popen: subprocess.Popen[bytes], control: socket.socket, log: int, owner: int) -> None:
    control.close()  # on which it ends by itself, and its children with it
    if os.getpid() == owner:
        try:
            popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()
    else:
        disown(popen)
    if log >= 0:
        os.close(log)


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(ONE_THREAD, "1")
    return environment((*PASSED_ON, "CUDA_VISIBLE_DEVICES"), **threads, **QUIET, **NOBODY)


class Child:
    """One forked process that runs one student's code. Use it as a context, so that it ends with the block."""

    def __init__(self, process: _Process, limits: Limits, readable: Sequence[str], isolated: bool) -> None:
        self._process = process
        self._cpu = limits.cpu
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        process.children += 1
        self._number = process.children
        self._fault = secrets.choice(FAULTS)
        order = {"limits": asdict(limits), "readable": list(readable), "isolated": isolated, "fault": self._fault}
        try:
            with theirs:
                process.order("fork", [theirs.fileno()], child=self._number, **order)
        except BaseException:
            self._socket.close()
            raise

    def ask(self, message: bytes, seconds: float) -> bytes:
        """The answer to a message. Raises OutOfTime, OutOfProcessor, TooMuchOutput, Exited, or Died where the fault is
        ours; the child is gone then. ``seconds`` is wall time."""
        deadline = time.monotonic() + seconds
        try:
            self._send(FRAME.pack(len(message)) + message, deadline)
            (length,) = FRAME.unpack(self._receive(FRAME.size, deadline))
            if length > MAX_FRAME:
                raise TooMuchOutput("it returned more than can be taken in")
            return self._receive(length, deadline)
        except (EOFError, OSError) as error:
            raise self._why_ended() from error
        except BaseException:
            self.end()
            raise

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._await([], [self._socket], deadline)
            view = view[self._socket.send(view[:CHUNK]) :]

    def _receive(self, length: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            self._await([self._socket], [], deadline)
            part = self._socket.recv(min(length - len(data), CHUNK))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _await(self, readable: list[Any], writable: list[Any], deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not any(select.select(readable, writable, [], left)):
            raise OutOfTime("it takes too long")

    def _why_ended(self) -> Stopped:
        self._socket.close()
        deadline = time.monotonic() + GRACE_SECONDS  # it may have hung up on its way out, and is not to be killed on it
        while self._number not in self._process.endings and self._process.listen(deadline - time.monotonic()):
            pass
        lived_on = self._number not in self._process.endings
        ending = self.end()
        if ending.status == self._fault:  # a student's code that exits does not know which it is
            return self._process.with_log(Fault("the process for a student's code failed on a fault of ours"))
        if ending.status in (-signal.SIGKILL, -signal.SIGXCPU) and self._cpu and ending.cpu >= 0.9 * self._cpu:
            return OutOfProcessor("it takes too much processor time")
        if lived_on and ending.status == -signal.SIGKILL:
            return HungUp("the process closed its socket")
        return Exited(ending.status)

    def end(self) -> Ending:
        """Kill it if it lives, and tell how it ended. Raises Died where the warm process is gone."""
        self._socket.close()
        if self._number not in self._process.endings:
            self._process.order("kill", child=self._number)
        deadline = time.monotonic() + END_SECONDS
        while self._number not in self._process.endings:
            if not self._process.listen(deadline - time.monotonic()):
                raise Died("a child of the process for course code could not be ended")
        return self._process.endings[self._number]

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Died):
            self.end()
