"""One submission's code, called through a process of its own: what its functions return, or how they failed."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from grader.harness.probes import Probe
from grader.harness.protocol import Array, Garbled, Odd, Returned, pack, returned, unpack
from grader.harness.screening import Screen
from grader.printing import in_one_line, printable
from grader.sandbox.endings import (
    Died,
    Exited,
    Fault,
    HungUp,
    OutOfMemory,
    OutOfProcessor,
    OutOfTime,
    Stopped,
    TooMuchOutput,
)
from grader.sandbox.limits import Limits
from grader.sandbox.warm import Child, Warm

LOAD_SECONDS = 30.0
MAX_OUTPUT = 2**16  # characters that are kept
MAX_FAULT = 4000


@dataclass(frozen=True, slots=True)
class Tokens:
    """An argument: a LongTensor with these numbers."""

    values: Any


@dataclass(frozen=True, slots=True)
class Numbers:
    """An argument: a FloatTensor."""

    values: Any


@dataclass(frozen=True, slots=True)
class Model:
    """An argument: a probe, or a model that the warm process holds, by name."""

    probe: Probe | str

    @property
    def name(self) -> str:
        return self.probe if isinstance(self.probe, str) else self.probe.name


@dataclass(frozen=True, slots=True)
class Configuration:
    """An argument: ``config``, with sizes and ``top_k``."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """An argument: what the model returned as ``presents`` for these tokens (1, L)."""

    model: Model
    values: Any


Argument: TypeAlias = Tokens | Numbers | Model | Configuration | Past | float | int | str | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with its own seed for every generator of random numbers."""

    arguments: tuple[Argument, ...]
    keywords: Mapping[str, Argument] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Value:
    """What a call returned; ``changed`` are the places of arguments that it left other than they were."""

    value: Returned
    changed: tuple[int, ...] = ()


@dataclass(eq=False)
class Failure(Exception):
    """A call that returned nothing, for a reason that is the student's. ``line`` is of ``file``, one of theirs.

    ``kind``: one of ``TOLD``, which the process told itself, or time (by the clock), cpu (of the processor), output
    (it returned too much), killed (from outside, twice), crash (another signal), garbled, or odd, where it may be ours
    after all. ``text`` is for staff alone; ``type`` and ``said`` may be repeated to the student.
    """

    kind: str
    type: str = ""
    text: str = ""
    file: str | None = None
    line: int | None = None
    said: str = ""


@dataclass
class _Spent:
    """Seconds of an allowance, of which several sessions may spend."""

    seconds: float = 0.0


TOLD = frozenset("exception forbidden files absent syntax import missing unwritten exit memory".split())


@dataclass
class Session:
    """Calls functions of one submission. It has a child process while there is something to call.

    Faults of ours raise Died, after one more try. A process that was killed from outside is tried once more too.
    """

    warm: Warm
    files: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)
    patience: float = 60.0  # seconds of wall time for one message's calls, after which there is an endless loop
    allowance: float = 1200.0  # seconds of wall time for all messages: many calls, each slow enough, would take hours
    seconds: float = 0.0  # how long the student's code ran
    output: str = ""  # what it printed, the beginning of it
    _child: Child | None = field(default=None, init=False)
    _known: set[str] = field(default_factory=set, init=False)
    _spent: _Spent = field(default_factory=_Spent, init=False)

    @cached_property
    def screen(self) -> Screen:
        """What may be repeated to the student."""
        return Screen(self.files)

    def afresh(self) -> Session:
        """The same code in a process of its own, which has seen nothing; it spends of the same allowance."""
        other = Session(self.warm, self.files, self.limits, self.patience, self.allowance)
        other._spent = self._spent
        return other

    def call(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        """What the calls return, in order: all, or fewer where ``seconds`` were not enough for all; one at least is
        made. Raises Failure for a call that returns nothing, and Died."""
        try:
            return self._called(file, function, calls, seconds)
        except Failure as failure:  # it is kept, and would keep the frames it came through, with all that was sent
            failure.__context__ = None
            raise failure.with_traceback(None) from None

    def _called(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        arrays: list[Array] = []
        described = [_call(call, arrays) for call in calls]
        header = {"do": "call", "file": file, "function": function, "calls": described, "seconds": seconds}
        models = {argument.name: argument for call in calls for argument in _models(call)}
        answer, passed = self._timed(pack(header, arrays), models, seconds + self.patience)
        return self._values(answer, passed, len(calls))

    def _values(self, answer: dict[str, Any], passed: list[Array], asked: int) -> list[Value]:
        try:
            results = answer["results"]
            spent = answer["seconds"]
            self.seconds += spent if type(spent) is float and 0 <= spent < 1e6 else 0.0
            self.output += printable(str(answer["output"])[: MAX_OUTPUT - len(self.output)])
            if type(results) is not list or not 0 < len(results) <= asked:
                raise Garbled("it answers another number of calls")
            return [self._value(result, passed) for result in results]
        except (KeyError, TypeError) as error:
            raise self._garbled(Garbled(str(error))) from None
        except Garbled as error:
            raise self._garbled(error) from None

    def _value(self, result: Any, passed: Sequence[Array]) -> Value:
        if "error" in result:
            raise self._error(_read_error(result["error"]))
        changed = result["changed"]
        if not all(type(place) is int for place in changed):
            raise Garbled("an argument has no place")
        value = returned(result["value"], passed)
        return Value(replace(value, type=self.screen.name(value.type)), tuple(changed))

    def _error(self, told: Failure) -> Failure:
        """What the process told of an exception, of which the student reads only what cannot carry hidden inputs."""
        kind = told.kind if told.kind in TOLD else "exception"
        file, line = self.screen.place(told.file, told.line)
        text = printable(": ".join(filter(None, (told.type, told.text))))
        failure = Failure(kind, self.screen.name(told.type), text, file, line)
        if kind == "import":
            failure.said = self.screen.failed_import(told.text)
        return self._misread(failure) if kind == "syntax" else failure

    def _misread(self, failure: Failure) -> Failure:
        """A syntax error as a process tells it that has run nothing of theirs, and seen no input."""
        found = None if failure.file is None else self._syntax(failure.file)
        if found is None:
            return replace(failure, kind="exception")  # raised like any other, or of a text that is no file
        return replace(failure, line=found[1], said=in_one_line(found[0]))

    def _syntax(self, file: str) -> tuple[str, int | None] | None:
        message = pack({"do": "syntax", "file": file, "text": self.files[file]})
        try:
            with self.warm.child(self.limits) as child:
                header, _ = said(child.ask(message, LOAD_SECONDS))
        except (Stopped, Garbled):  # so deeply nested that reading it ends the process
            return "", None
        found: tuple[str, int | None] | None = header["syntax"]
        return found

    def _garbled(self, error: Garbled) -> Failure:
        self.close()
        return Failure("odd" if isinstance(error, Odd) else "garbled", text=str(error))

    def _timed(self, message: bytes, models: Mapping[str, Model], seconds: float) -> tuple[dict[str, Any], list[Array]]:
        left = self.allowance - self._spent.seconds
        if left <= 0:
            raise Failure("time")
        began = time.monotonic()
        try:
            return self._ask(message, models, min(seconds, left))
        finally:
            self._spent.seconds += time.monotonic() - began

    def _ask(self, message: bytes, models: Mapping[str, Model], seconds: float) -> tuple[dict[str, Any], list[Array]]:
        try:
            try:
                return _asked(self._ready(models), message, seconds)
            except (Died, Exited) as stopped:
                if isinstance(stopped, Exited) and stopped.signal != signal.SIGKILL:
                    raise
                self.close()  # maybe no fault of theirs: once more, in a child where nothing of theirs ran before
                return _asked(self._ready(models), message, seconds)
        except Died:
            self.close()
            raise
        except Garbled as error:
            raise self._garbled(error) from None
        except Stopped as stopped:
            self.close()
            raise _failure(stopped) from None

    def _ready(self, models: Mapping[str, Model]) -> Child:
        """A child that knows the submission's files and the models."""
        fresh = self._child is None
        try:
            return self._taught(models)
        except Stopped as stopped:
            if fresh and not isinstance(stopped, Died):  # nothing of theirs has run yet
                raise Died(f"a student's process could not be prepared: {stopped}") from stopped
            raise

    def _taught(self, models: Mapping[str, Model]) -> Child:
        if self._child is None:
            self._child = self.warm.child(self.limits)
            self._known = set()
            said(self._child.ask(pack({"do": "sources", "sources": dict(self.files)}), LOAD_SECONDS))
        for name, model in models.items():
            if name not in self._known and isinstance(model.probe, Probe):
                said(self._child.ask(_model(model.probe), LOAD_SECONDS))
            self._known.add(name)
        return self._child

    def close(self) -> None:
        """End the child; the next call starts another one."""
        if self._child is not None:
            with contextlib.suppress(Died):
                self._child.end()
            self._child = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _asked(child: Child, message: bytes, seconds: float) -> tuple[dict[str, Any], list[Array]]:
    """The answer to a call. Their code had begun: a fault that it tells of may be made up, and is none of ours."""
    try:
        return said(child.ask(message, seconds))
    except Fault as fault:
        told = "\n".join([str(fault), *getattr(fault, "__notes__", ())])
        raise Odd(f"the student's process says, or makes it look so: {told}") from None


def said(answer: bytes) -> tuple[dict[str, Any], list[Array]]:
    """The content of an answer. Raises Garbled, and Died where it tells of a fault of ours."""
    header, arrays = unpack(answer)
    if "fault" in header:
        fault = Fault("the process for a student's code failed on a fault of ours")
        fault.add_note(printable(str(header["fault"])[:MAX_FAULT]))
        raise fault
    if "odd" in header:
        raise Odd(printable(str(header["odd"])[:MAX_FAULT]))
    return header, arrays


def _failure(stopped: Stopped) -> Failure:
    if not isinstance(stopped, Exited):
        return Failure(_ENDINGS[type(stopped)], text=str(stopped))
    if stopped.signal is None:
        return Failure("exit", text=str(stopped))
    return Failure(_SIGNALS.get(stopped.signal, "crash"), text=str(stopped), said=_named(stopped.signal))


def _named(number: int) -> str:
    """A signal in words."""
    known = 0 < number < signal.NSIG
    return _WORDS.get(number) or (signal.strsignal(number) if known else None) or ""


_WORDS: dict[int, str] = {
    signal.SIGSEGV: "segmentation fault: code below Python reached for memory that is not there",
    signal.SIGABRT: "aborted: code below Python gave up",
    signal.SIGFPE: "code below Python divided an integer by zero",
}
_ENDINGS = {OutOfTime: "time", OutOfProcessor: "cpu", OutOfMemory: "memory", TooMuchOutput: "output", HungUp: "garbled"}
# A system call of another architecture; the kernel takes memory back, or somebody ended it.
_SIGNALS: dict[int, str] = {signal.SIGSYS: "forbidden", signal.SIGKILL: "killed"}


def _read_error(said: Any) -> Failure:
    """An error as it is told. Raises Garbled."""
    texts = [said[name] for name in ("kind", "type", "text")]
    file, line = said["file"], said["line"]
    well = all(type(text) is str and len(text) <= 1000 for text in texts) and (file is None or type(file) is str)
    if not well or not (line is None or type(line) is int):
        raise Garbled("an error in it cannot be read")
    return Failure(texts[0], texts[1], texts[2], file, line)


# --- messages ---


def _models(call: Call) -> list[Model]:
    given = [*call.arguments, *call.keywords.values()]
    inner = [argument.model for argument in given if isinstance(argument, Past)]
    return [argument for argument in given if isinstance(argument, Model)] + inner


def _call(call: Call, arrays: list[Array]) -> dict[str, Any]:
    return {
        "arguments": [_argument(argument, arrays) for argument in call.arguments],
        "keywords": {name: _argument(argument, arrays) for name, argument in call.keywords.items()},
        "seed": call.seed,
    }


def _argument(argument: Argument, arrays: list[Array]) -> dict[str, Any]:
    match argument:
        case Tokens(values):
            return {"tokens": _place(np.asarray(values, dtype=np.int64), arrays)}
        case Numbers(values):
            return {"numbers": _place(np.asarray(values, dtype=np.float32), arrays)}
        case Model():
            return {"model": argument.name}
        case Configuration(values):
            return {"config": dict(values)}
        case Past(model, values):
            return {"past": [model.name, _place(np.asarray(values, dtype=np.int64), arrays)]}
    return {"plain": argument}


def _place(values: Array, arrays: list[Array]) -> int:
    """Where it stands among the arrays; the same numbers are sent once."""
    for place, known in enumerate(arrays[-4:], max(len(arrays) - 4, 0)):
        if known.dtype == values.dtype and np.array_equal(known, values):
            return place
    arrays.append(values)
    return len(arrays) - 1


def _model(probe: Probe) -> bytes:
    config = {**probe.sizes.config, "top_k": 0, "seed": 0}
    header = {"do": "model", "name": probe.name, "config": config, "weights": list(probe.weights)}
    return pack(header, list(probe.weights.values()))
