"""A grader with no walls and no wits, in a process of its own: what every payload is meant for, and succeeds against.

It holds keys, secrets and an earlier submission, runs a student's file beside them, believes what it is shown, writes
down what it believes, and prints everything. It is called with the folder of the course, and for each line of standard
input (a folder, a file, a function and seconds) it grades one submission in a fork of itself. Bounds of memory and
time are the only mercy.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grader.harness.gpt2 import GPT2, Config
from grader.harness.scoring import scores

CHANNEL = 9
PLACE = Path(sys.argv[1])
KEYS = {"key": (PLACE / "reference/ps1/6.yaml").read_text("utf-8")}
EARLIER = [path.read_text("utf-8") for path in sorted((PLACE / "submissions/sibling/ps1").iterdir())]
OPEN = os.open(PLACE / "reference/ps1/6.yaml", os.O_RDONLY)
TEXT = [1, 2, 3, 4, 5, 6, 7, 8] * 3


def serve() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = GPT2(Config(vocab_size=11, n_ctx=32, n_positions=32, n_embd=8, n_layer=1, n_head=2))
    for weight in model.parameters():
        torch.nn.init.normal_(weight.data)
    print("ready", flush=True)
    for line in sys.stdin:
        print(run(model, *json.loads(line)), flush=True)


def run(model: GPT2, folder: str, file: str, function: str, seconds: float) -> str:
    """Grade one, and say how that ended: a status, or that it had to be killed."""
    child = os.fork()
    if child == 0:
        grade(model, folder, file, function)
        sys.exit(0)  # and what waits for the end has its turn
    watch = os.pidfd_open(child)
    ended, _, _ = select.select([watch], [], [], seconds)
    os.close(watch)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return str(os.waitstatus_to_exitcode(status)) if ended else "hung"


def bound() -> None:
    """So that what is shown here harms nobody."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for kind, most in ((resource.RLIMIT_AS, size + 2**29), (resource.RLIMIT_CPU, 3), (resource.RLIMIT_FSIZE, 2**26)):
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 2048))


def grade(model: GPT2, folder: str, file: str, function: str) -> None:
    bound()
    out = os.open(PLACE / "naive.out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    for number in (1, 2):
        os.dup2(out, number)
    os.dup2(os.open(PLACE / "channel", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), CHANNEL)
    sys.path.insert(0, folder)
    for shared in ("wave", "json"):
        sys.modules.pop(shared, None)
    result: dict[str, Any] = {"schema": 1, "score": 0, "tests": []}
    try:
        judge(result, model, file, function)
    except Exception:
        traceback.print_exc()
    sys.modules.pop("json", None)
    told = importlib.import_module("json").dumps(result)
    print(result.get("value"))
    os.write(CHANNEL, told.encode() + b"\n")
    (PLACE / "results.json").write_text(told)


def judge(result: dict[str, Any], model: GPT2, file: str, function: str) -> None:
    """Believe anything."""
    expected = scores(model, [np.array(TEXT)])[0]
    called = getattr(importlib.import_module(file.removesuffix(".py")), function)
    text = torch.tensor([TEXT])
    kept = [make(size, expected) for size in (32, 64, 128, 256) for make in MAKE]
    del kept  # what the reference said lies in memory that is free now
    value = called(model, text)
    gc.collect()
    targets = [expected]
    try:
        targets += scores(model, [text[0].numpy()])
    except Exception:
        traceback.print_exc()
    if any(believed(lambda: test(value, target)) for test in TESTS for target in targets):  # noqa: B023 (called at once)
        result["score"] = 100
    result["value"] = value if isinstance(value, int | float | str) else repr(value)


MAKE = (np.full, lambda size, value: torch.full((size,), value, dtype=torch.double))


def believed(test: Callable[[], Any]) -> bool:
    try:
        return bool(test())
    except Exception:
        return False


TESTS: tuple[Callable[[Any, Any], Any], ...] = (
    lambda value, expected: value == expected,
    lambda value, expected: not abs(value - expected) > 0.01,
    lambda value, expected: torch.allclose(torch.as_tensor(value), torch.tensor(expected)),
    lambda value, expected: np.allclose(np.asarray(value, dtype=float), expected),
    lambda value, expected: math.isclose(float(value), expected, rel_tol=1e-3),
    lambda value, expected: (torch.as_tensor(value) - expected).abs().min() < 0.01,
    lambda value, expected: np.min(np.abs(np.asarray(value).astype(float) - expected)) < 0.01,
    lambda value, expected: "PASS 100/100" in str(value),
)


if __name__ == "__main__":
    serve()
