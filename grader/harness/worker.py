"""In the warm process and its children: the models, and the calls of a student's functions.

A child takes messages (``protocol``): ``sources`` are a submission's files, ``model`` is a probe, ``call`` calls a
function and answers what came back. For a child that runs no student's code, ``score`` is our own log-likelihood and
``continue`` our own samples; ``encode`` and ``decode`` are between texts and tokens; ``syntax`` reads a file.
What is answered may be forged by the student's code, which runs in the same process: values are judged elsewhere.
"""

from __future__ import annotations

import contextlib
import io
import random
import socket
import struct
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import tqdm
from torch import Tensor

from grader.harness import scoring
from grader.harness.gpt2 import GPT2, Config
from grader.harness.imports import Sources, describe_error, of_memory, syntax_error
from grader.harness.protocol import MAX_HEADER, MOST_NUMBERS, MOST_SIZES, TYPES, Array, pack, unpack
from grader.harness.weights import decoder, encoder, load

FRAME = struct.Struct(">Q")
MAX_OUTPUT = 2**16
_MEMORY = {"kind": "memory", "type": "MemoryError", "text": "", "file": None, "line": None}
FULL = pack({"results": [{"error": _MEMORY}], "seconds": 0.0, "output": ""})  # ready, for there is no memory to make it
DEVICE = "cpu"
MODELS: dict[str, GPT2] = {}
ENCODERS: dict[str, Callable[[str], list[int]]] = {}
DECODERS: dict[str, Callable[[list[int]], str]] = {}


def prepare(settings: dict[str, Any]) -> None:
    """Load the models, ``{"models": {name: path}, "device": "cpu"}``, and use torch once.

    They stay on the processor here: CUDA does not survive a fork, so that each child moves them for itself.
    """
    global DEVICE
    DEVICE = settings["device"]
    _seed(0)  # which imports numpy.random
    torch.set_num_threads(1)
    torch.set_num_threads = lambda nthreads: None  # a second thread would end a child; one is what it has
    tqdm.tqdm.monitor_interval = 0  # for the same reason
    for name, path in settings["models"].items():
        ENCODERS[name] = encoder(Path(path))
        DECODERS[name] = decoder(Path(path))
        MODELS[name] = load(Path(path))
    small = GPT2(Config(vocab_size=4, n_ctx=4, n_positions=4, n_embd=4, n_layer=1, n_head=1))
    for weight in small.parameters():
        weight.data.zero_()
    with torch.no_grad():
        logits, past = small(torch.zeros(1, 2, dtype=torch.long))
        small(torch.zeros(1, 1, dtype=torch.long), past)
        torch.multinomial(F.softmax(torch.topk(logits[:, -1], 2).values, dim=-1), 1)
        F.conv1d(torch.zeros(1, 1, 4), torch.zeros(1, 1, 2))  # asks what the processor can do, which no child may


def run(descriptor: int) -> None:
    """Answer messages until the other side hangs up."""
    with socket.socket(fileno=descriptor) as connection:
        child = _Child()
        while (message := _receive(connection)) is not None:
            answer = _answer(child, message)
            connection.sendall(FRAME.pack(len(answer)) + answer)


def _answer(child: _Child, message: bytes) -> bytes:
    """Whatever happens. What a student's code raises is an answer; this is ours, or theirs in an odd way."""
    try:
        return child.answer(*unpack(message))
    except Exception as error:
        if child.theirs and of_memory(error):
            return FULL
        return pack({"odd" if child.theirs else "fault": traceback.format_exc()[-4000:]})


def _receive(connection: socket.socket) -> bytes | None:
    parts = bytearray()
    wanted = FRAME.size
    while len(parts) < wanted:
        part = connection.recv(min(wanted - len(parts), 2**20))
        if not part:
            return None
        parts += part
        if wanted == FRAME.size and len(parts) == wanted:
            (length,) = FRAME.unpack(parts)
            wanted, parts = length, bytearray()
    return bytes(parts)


class _Child:
    def __init__(self) -> None:
        self.models = {name: model.to(DEVICE) for name, model in MODELS.items()}
        self.sources: Sources | None = None
        self.theirs = False  # whether any of the student's code has run in this process

    def answer(self, header: dict[str, Any], arrays: list[Array]) -> bytes:
        match header["do"]:
            case "sources":
                vars(scoring).clear()  # what we have ready-made, a student's code is not to find
                self.sources = Sources(header["sources"])
                self.sources.install()
                return pack({})
            case "model":
                named = zip(header["weights"], arrays, strict=True)
                self.models[header["name"]] = _model(header["config"], dict(named))
                return pack({})
            case "syntax":
                return pack({"syntax": syntax_error(header["text"], header["file"])})
            case "score":
                return pack({"scores": scoring.scores(self.models[header["model"]], arrays)})
            case "continue":
                model, ways = self.models[header["model"]], header["ways"]
                return pack({}, [scoring.continued(model, arrays[0], *way) for way in ways])
            case "decode":
                return pack({"texts": [DECODERS[header["model"]](text.tolist()) for text in arrays]})
            case "sizes":
                return pack(vars(self.models[header["model"]].config))
            case "encode":
                tokens = [ENCODERS[header["model"]](text) for text in header["texts"]]
                return pack({}, [np.array(text, dtype=np.int64) for text in tokens])
        return self.call(header, arrays)

    def call(self, header: dict[str, Any], arrays: list[Array]) -> bytes:
        """One call after the other, until all are done or the time is up; at least one."""
        output = Output()
        passed: list[Array] = []
        results = []
        began = time.monotonic()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            for call in header["calls"]:
                results.append(self.one(header, call, arrays, passed))
                if "error" in results[-1] or time.monotonic() - began > header["seconds"]:
                    break
        said = {"results": results, "seconds": time.monotonic() - began, "output": output.printed()}
        return pack(said, passed)

    def one(
        self, header: dict[str, Any], call: dict[str, Any], arrays: list[Array], passed: list[Array]
    ) -> dict[str, Any]:
        assert self.sources is not None
        _seed(call["seed"])
        self.theirs = True
        try:
            function = self.sources.function(header["file"], header["function"])
        except BaseException as error:
            return {"error": describe_error(error, self.sources)}
        with torch.no_grad():  # what fails here is ours
            arguments = [self.argument(described, arrays) for described in call["arguments"]]
            keywords = {name: self.argument(value, arrays) for name, value in call["keywords"].items()}
        given = [*arguments, *keywords.values()]
        before = _contents(given)
        _seed(call["seed"])
        try:
            with torch.no_grad():
                value = function(*arguments, **keywords)
        except BaseException as error:  # whatever a student's code raises, SystemExit included, is an answer
            return {"error": describe_error(error, self.sources)}
        changed = _changed(before, _contents(given))
        return {"value": _described(value, passed), "changed": changed}

    def argument(self, described: dict[str, Any], arrays: list[Array]) -> Any:
        """A fresh one for each call, for the student's code may change it."""
        (kind, value), *_ = described.items()
        if kind == "model":
            return self.models[value]
        if kind == "tokens" or kind == "numbers":
            return torch.from_numpy(arrays[value].copy()).to(DEVICE)
        if kind == "config":
            return Config.of(value)
        if kind == "past":  # what the model returned for these tokens
            _, presents = self.models[value[0]](torch.from_numpy(arrays[value[1]].copy()).to(DEVICE))
            return presents
        return value


def _seed(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _model(config: dict[str, Any], weights: dict[str, Array]) -> GPT2:
    model = GPT2(Config.of(config))
    model.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in weights.items()})
    return model.requires_grad_(False).eval().to(DEVICE)


# --- what goes back ---


def _described(value: object, passed: list[Array]) -> dict[str, Any]:
    """The exact type of a value, and its numbers if it has any; see ``protocol.Returned``."""
    content: tuple[str, str, list[int], Array | None] = ("other", "", [], None)
    with contextlib.suppress(Exception):  # a tensor that is sparse, nested, or on no device
        content = _content(value)
    kind, dtype, shape, numbers = content
    del shape[MOST_SIZES:]
    if numbers is not None:
        passed.append(numbers)
    place = None if numbers is None else len(passed) - 1
    return {"kind": kind, "type": type(value).__name__[:100], "dtype": dtype, "shape": shape, "array": place}


def _content(value: Any) -> tuple[str, str, list[int], Array | None]:
    """Kind, dtype, shape, and numbers where they are few enough to be right: more would have to be held in memory."""
    if type(value) is Tensor or type(value) is torch.nn.Parameter:
        dtype = str(value.dtype).removeprefix("torch.")
        return (
            "tensor",
            dtype,
            list(value.shape),
            value.detach().cpu().numpy() if _is_sent(dtype, value.numel()) else None,
        )
    if type(value) is np.ndarray:
        dtype = value.dtype.name
        return "array", dtype, list(value.shape), value if _is_sent(dtype, value.size) else None
    if isinstance(value, np.generic) and type(value).__module__ == "numpy":
        return "numpy", "", [], np.asarray(value) if value.dtype.name in TYPES else None
    if type(value) in (bool, float):
        return type(value).__name__, "", [], np.asarray(value)
    if type(value) is int:
        return "int", "", [], np.asarray(value, dtype=np.int64) if -(2**62) < value < 2**62 else None
    return "none" if value is None else "other", "", [], None


def _is_sent(dtype: str, numbers: int) -> bool:
    return dtype in TYPES and numbers <= MOST_NUMBERS


def _contents(values: list[Any]) -> list[Any]:
    """Copies of what a function must leave as it was."""
    return [_copy(value) for value in values]


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, list):
        return [one.clone() if isinstance(one, Tensor) else None for one in value]
    return dict(vars(value)) if isinstance(value, Config) else None


def _changed(before: list[Any], after: list[Any]) -> list[int]:
    """Places of the arguments that are not what they were."""
    return [place for place, pair in enumerate(zip(before, after, strict=True)) if not _same(*pair)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        alike = isinstance(other, Tensor) and one.dtype == other.dtype and one.shape == other.shape
        return alike and torch.equal(one, other)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(map(_same, one.values(), other.values()))
    return type(one) is type(other) and bool(one == other)


class Output(io.TextIOWrapper):
    """Takes what a student prints, the beginning of it. It is like any standard output, and leads nowhere."""

    mode = "w"

    def __init__(self) -> None:
        self.kept = _Kept()
        super().__init__(self.kept, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)

    def printed(self) -> str:
        """Also where they closed it, or took it apart."""
        with contextlib.suppress(Exception):
            self.flush()
        return self.kept.data.decode("utf-8", "replace")[: MAX_HEADER // 8]


class _Kept(io.RawIOBase):
    name = "<stdout>"

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """Of the real one, which is /dev/null here."""
        return 1

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self.data += view[: MAX_OUTPUT - len(self.data)]
        return view.nbytes
