"""One submission's code, called through a process of its own: what its functions return, or how they failed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from grader.harness.probes import Probe
from grader.harness.protocol import Array, Garbled, Odd, Returned, pack, returned, unpack
from grader.sandbox.endings import (
    Died,
    Exited,
    Fault,
    OutOfMemory,
    OutOfProcessor,
    OutOfTime,
    Stopped,
    TooMuchOutput,
)
from grader.sandbox.limits import Limits
from grader.sandbox.warm import Child, Warm

LOAD_SECONDS = 30.0


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

    ``kind``: exception, forbidden (the walls refused it), syntax, import, missing, unwritten, exit, memory, time (by
    the clock), cpu (of the processor), output, crash, garbled, or odd, where it may be ours after all.
    """

    kind: str
    type: str = ""
    text: str = ""
    file: str | None = None
    line: int | None = None


@dataclass
class Session:
    """Calls functions of one submission. It has a child process while there is something to call.

    Faults of ours raise Died, after one more try.
    """

    warm: Warm
    files: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)
    patience: float = 60.0  # seconds of wall time for one message's calls, after which there is an endless loop
    seconds: float = 0.0  # how long the student's code ran
    output: str = ""  # what it printed, the beginning of it
    _child: Child | None = field(default=None, init=False)
    _known: set[str] = field(default_factory=set, init=False)

    def call(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        """What the calls return, in order: all, or fewer where ``seconds`` were not enough for all; one at least is
        made. Raises Failure for a call that returns nothing, and Died."""
        arrays: list[Array] = []
        described = [_call(call, arrays) for call in calls]
        header = {"do": "call", "file": file, "function": function, "calls": described, "seconds": seconds}
        models = {argument.name: argument for call in calls for argument in _models(call)}
        answer, passed = self._ask(pack(header, arrays), models, seconds + self.patience)
        return self._values(answer, passed, len(calls))

    def _values(self, answer: dict[str, Any], passed: list[Array], asked: int) -> list[Value]:
        try:
            results = answer["results"]
            spent = answer["seconds"]
            self.seconds += spent if type(spent) is float and 0 <= spent < 1e6 else 0.0
            self.output = (self.output + str(answer["output"]))[: 2**16]
            if type(results) is not list or not 0 < len(results) <= asked:
                raise Garbled("it answers another number of calls")
            return [_value(result, passed) for result in results]
        except (KeyError, TypeError) as error:
            raise self._garbled(Garbled(str(error))) from None
        except Garbled as error:
            raise self._garbled(error) from None

    def _garbled(self, error: Garbled) -> Failure:
        self.close()
        return Failure("odd" if isinstance(error, Odd) else "garbled", text=str(error))

    def _ask(self, message: bytes, models: Mapping[str, Model], seconds: float) -> tuple[dict[str, Any], list[Array]]:
        try:
            try:
                return _asked(self._ready(models), message, seconds)
            except Died:
                self.close()  # a fault of ours is tried once more, in a child where nothing of theirs ran before
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
    """The answer to a call."""
    try:
        answer = child.ask(message, seconds)
    except Fault as fault:  # on the way, when their code had begun
        raise Odd(str(fault)) from None
    return said(answer)


def said(answer: bytes) -> tuple[dict[str, Any], list[Array]]:
    """The content of an answer. Raises Garbled, and Died where it tells of a fault of ours."""
    header, arrays = unpack(answer)
    if "fault" in header:
        fault = Fault("the process for a student's code failed on a fault of ours")
        fault.add_note(str(header["fault"])[:4000])
        raise fault
    if "odd" in header:
        raise Odd(str(header["odd"])[:4000])
    return header, arrays


def _failure(stopped: Stopped) -> Failure:
    if isinstance(stopped, Exited) and stopped.signal is None:
        return Failure("exit", text=str(stopped.status))
    if isinstance(stopped, Exited) and stopped.signal == signal.SIGSYS:
        return Failure("forbidden")  # a system call of another architecture
    return Failure(_ENDINGS.get(type(stopped), "crash"), text=str(stopped))


_ENDINGS = {OutOfTime: "time", OutOfProcessor: "cpu", OutOfMemory: "memory", TooMuchOutput: "output"}


def _value(result: Any, passed: Sequence[Array]) -> Value:
    if "error" in result:
        raise _error(result["error"])
    changed = result["changed"]
    if not all(type(place) is int for place in changed):
        raise Garbled("an argument has no place")
    return Value(returned(result["value"], passed), tuple(changed))


def _error(said: Any) -> Failure:
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
