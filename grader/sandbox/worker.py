"""Work done in a child process, under limits that the child cannot talk its way around.

The child runs our own code, on mathematics that somebody else wrote or on a submission; it is no place for a student's
code, which has ``warm``. What it may use of memory, files and descriptors is limited by the operating system, inside
the child, before it imports anything of ours. How long it may take is enforced from outside, by killing its process
group: no signal handlers, no alarms.

A worker lives on across jobs. Whatever stops it, a new one answers the next job.

Messages are a header (mark, number of the job, length) and a pickle, which is sound between two processes of one
program and nowhere else. Where the ``resource`` module is missing (Windows) the child has no limits of memory and
files; the deadline holds there too.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from grader.errors import GraderError
from grader.sandbox.endings import Died, OutOfMemory, OutOfTime, Stopped
from grader.sandbox.limits import Limits, limit, limit_processor
from grader.sandbox.processes import disown, environment, kill, start

# Of a question of mathematics; byte code of what the child imports may still be written, and threads be started.
LIMITS = Limits(cpu=None, memory=3 * 2**29, processes=None)
SPARE_SECONDS = 3  # of processor time: an orphan whose parent can no longer kill it ends by itself
START_SECONDS = 30.0
EXIT_SECONDS = 2.0  # from the end of the pipe to the end of the process
MAX_ANSWER = 2**26

MARK = b"grd1"
HEADER = struct.Struct(">4sQQ")
NO_MEMORY = 77  # the exit status for it: after a MemoryError there may be none left to say so in words
CHILD = "from grader.sandbox.worker import main; main()"

Handler = Callable[[Any], object]


class Worker:
    """A child that runs ``handle(job)`` of a module, started at the first job. Threads may share it: one job at a time.

    A process forked from this one starts a child of its own and leaves this one's alone.
    """

    def __init__(self, module: str, *, limits: Limits | None = LIMITS, start: float = START_SECONDS) -> None:
        """``limits`` is None for a child that starts others, which have their own."""
        self.module = module
        self.limits = limits
        self.start = start
        self._settle()

    def _settle(self) -> None:
        """Start afresh in this process: a lock that was held at a fork would never be given back."""
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def run(self, job: object, deadline: float | None = 0.5) -> Any:
        """The answer to ``job``. Raises Stopped, and any GraderError that the handler raised.

        ``deadline`` is in seconds and counts from when the child is ready; None is for a job that keeps its own.
        """
        self._see_to_forks()
        with self._lock:
            try:
                child = self._ready()
                return child.ask(job, deadline)
            except _Refused as refused:
                raise refused.error from None
            except BaseException:
                self._drop()  # also where Ctrl-C left an answer unread
                raise

    @property
    def pid(self) -> int | None:
        """The child's process, None where there is none."""
        return self._child.process.pid if self._child and self._owner == os.getpid() else None

    def close(self) -> None:
        """End the child and wait until it is gone. A later job starts a new one."""
        self._see_to_forks()
        with self._lock:
            self._drop()

    def terminate(self) -> None:
        """Ask the child to end, from whatever thread, also while it is at work: what it was doing raises Died."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the child at once, from whatever thread."""
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))

    def _signal(self, number: int) -> None:
        child = self._child
        if child is not None and self._owner == os.getpid() and child.process.poll() is None:
            child.process.send_signal(number)

    def _see_to_forks(self) -> None:
        if self._owner != os.getpid():
            self._settle()

    def _ready(self) -> _Child:
        if self._child is not None and self._child.process.poll() is not None:
            self._drop()  # it ended between two jobs, which is no fault of the next one
        if self._child is None:
            self._child = _Child(self.module, self.limits)
            self._child.expect_ready(self.start)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class _Refused(Exception):
    """The handler raised this error, and the child is well."""

    def __init__(self, error: GraderError) -> None:
        self.error = error
        super().__init__()


class _Child:
    """One process, from its start to its end. ``end`` may be called twice; it is called at exit at the latest."""

    def __init__(self, module: str, limits: Limits | None) -> None:
        self.jobs = 0
        self.process = start(
            CHILD,
            module,
            json.dumps(limits and asdict(limits)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a buffer would be written twice, by us and by a process forked from us
            env=environment(),
        )
        self.end = weakref.finalize(self, _end, self.process, os.getpid())

    def expect_ready(self, seconds: float) -> None:
        try:
            self._answer(0, b"", seconds)
        except OutOfTime:
            raise Died("the worker did not start") from None

    def ask(self, job: object, deadline: float | None) -> Any:
        self.jobs += 1
        try:
            request = pickle.dumps((deadline, job))
        except RecursionError:
            raise Died("the question is nested too deeply to be passed on") from None
        return self._answer(self.jobs, _framed(self.jobs, request), deadline)

    def _answer(self, job: int, request: bytes, seconds: float | None) -> Any:
        with _Deadline(self.process, seconds) as deadline:
            try:
                _send(self.process.stdin, request)
                payload = _receive(self.process.stdout, job)
            except (EOFError, OSError):
                payload = None
        if payload is None:
            raise OutOfTime("it takes too long") if deadline.passed else _why_ended(self.process)
        if deadline.passed:
            self.end()  # the answer came in time, the timer did not learn of it in time
        return _opened(payload)


class _Deadline:
    """Kills the process group unless left in time. A thread waits, for pipes cannot be waited on everywhere."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        self.process = process
        self.passed = False
        self.timer = None if seconds is None else threading.Timer(seconds, self._pass)

    def _pass(self) -> None:
        self.passed = True
        kill(self.process)

    def __enter__(self) -> _Deadline:
        if self.timer:
            self.timer.daemon = True
            self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer.join()  # it must not kill what gets this process id later


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:
        disown(process)
    kill(process)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()


def _why_ended(process: subprocess.Popen[bytes]) -> Stopped:
    """What to say of a child that closed its pipe without an answer."""
    try:
        status = process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        kill(process)
        status = process.wait()
    if status == NO_MEMORY:
        return OutOfMemory("it takes too much memory")
    if status == -getattr(signal, "SIGXCPU", 0):
        return OutOfTime("it takes too long")
    return Died(f"the worker ended with status {status}")


def _framed(job: int, payload: bytes) -> bytes:
    return HEADER.pack(MARK, job, len(payload)) + payload


def _send(pipe: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _receive(pipe: Any, job: int | None = None) -> bytes:
    """The next message, which must be the answer to ``job`` if one is named. Raises EOFError where there is no more,
    Died where it is something else."""
    mark, number, length = HEADER.unpack(_exactly(pipe, HEADER.size))
    if mark != MARK or (job is not None and (number != job or length > MAX_ANSWER)):
        raise Died("the worker's answer cannot be read")
    return _exactly(pipe, length)


def _exactly(pipe: Any, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = pipe.read(length - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _opened(payload: bytes) -> Any:
    """The value in an answer. Raises _Refused for an error the handler raised on purpose, Died for any other."""
    try:
        kind, value = pickle.loads(payload)
    except Exception as error:  # garbage can fail in any way
        raise Died("the worker's answer cannot be read") from error
    if kind == "raised":
        raise _Refused(_rebuilt(*value))
    if kind == "failed":
        name, where = value
        died = Died(f"the worker failed with {name}")
        died.add_note(where)
        raise died
    return value


def _rebuilt(kind: type[GraderError], arguments: tuple[object, ...], state: dict[str, object]) -> GraderError:
    """The error as it was; its ``__init__``, which may take other arguments than it keeps, is not called again."""
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


# --- in the child ---


def main() -> None:
    """The child's whole life: ``sys.argv`` names the module whose ``handle`` does the jobs, and the limits."""
    jobs, answers = _taken_pipes()
    threading.Thread(target=_end_with_parent, args=[os.getppid()], daemon=True).start()
    try:
        limits = json.loads(sys.argv[2])
        if limits is not None:
            limit(Limits(**limits), strict=False)
        handler = importlib.import_module(sys.argv[1]).handle
        serve(handler, jobs, answers)
    except (EOFError, BrokenPipeError):
        return  # the parent has gone, or wants no more
    except MemoryError:
        os._exit(NO_MEMORY)


def _end_with_parent(parent: int) -> None:
    """At work it does not notice that nobody waits for the answer any more."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _taken_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, under numbers of their own: what anybody prints, or reads from the keyboard, is not
    meant for it."""
    jobs, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return os.fdopen(jobs, "rb", buffering=0), os.fdopen(answers, "wb", buffering=0)


def serve(handler: Handler, jobs: BinaryIO, answers: BinaryIO) -> None:
    """Say that we are ready, then do jobs until the parent closes the pipe, which raises EOFError."""
    _send(answers, _framed(0, pickle.dumps(("answer", None))))
    number = 0
    while True:
        number += 1
        seconds, job = pickle.loads(_receive(jobs))
        if seconds is not None:
            limit_processor(seconds + SPARE_SECONDS)
        _send(answers, _framed(number, _done(handler, job)))


def _done(handler: Handler, job: object) -> bytes:
    """A job's answer, as bytes. Nothing but a lack of memory gets past: the fault is the parent's to judge."""
    try:
        return pickle.dumps(("answer", handler(job)))
    except MemoryError:
        raise
    except GraderError as error:
        return pickle.dumps(("raised", (type(error), error.args, vars(error))))
    except Exception as error:
        return pickle.dumps(("failed", (type(error).__name__, traceback.format_exc())))
