"""The layers: what each of them alone stands against, how much may be used, and what comes of those that lack."""

from __future__ import annotations

import contextlib
import functools
import mmap
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.levels import level, level_of, survey
from grader.sandbox.walls import LAYERS, probe
from tests.sandbox.behind import CANARY, PACKAGES, ROOT, STDLIB, behind, libc, trying

pytestmark = pytest.mark.usefixtures("walls")

SMALL = 2**26


def read(path: str) -> None:
    print(Path(path).read_text())


# --- all and each ---


def anonymous_file() -> None:
    print(os.readlink(f"/proc/self/fd/{os.memfd_create('canary-5c1f')}"))


def map_much(size: int) -> None:
    print(f"mapped {len(mmap.mmap(-1, size))}: canary-5c1f")


def case(layer: str, place: Path) -> Callable[..., str]:
    """An attempt that this layer alone stands against, to be made with or without it."""
    if layer == "user":
        (place / "secret").chmod(0o600)
        return functools.partial(behind, read, place / "secret", readable=[str(place)])
    attempts: dict[str, tuple[Any, ...]] = {
        "landlock": (read, place / "secret"),
        "seccomp": (anonymous_file,),
        "rlimits": (map_much, 2**28),
    }
    return functools.partial(behind, *attempts[layer], memory=SMALL)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_matters(layer: str, place: Path) -> None:
    if layer == "user" and os.getuid() != 0:
        pytest.skip("only root has privileges to give up")
    attempt = case(layer, place)
    assert CANARY not in attempt()
    assert CANARY in attempt(without={layer})
    assert f"walls: {' '.join(name for name in LAYERS if name != layer)}\n" in attempt(without={layer})


def honest(folder: str) -> None:
    """What course code does. What torch imports at first use (its optimisers), the warm process has to have loaded."""
    import io

    import numpy
    import torch
    import tqdm

    layer = torch.nn.Linear(8, 4)
    for _ in tqdm.trange(3):
        loss = layer(torch.randn(16, 8)).logsumexp(1).mean()
        loss.backward()
    torch.linalg.svd(torch.randn(300, 300) @ torch.randn(300, 300))
    numpy.linalg.solve(numpy.random.default_rng(0).normal(size=(99, 99)), numpy.ones(99))
    assert "colorsys" not in sys.modules
    import colorsys

    weights = io.BytesIO()
    torch.save(layer.state_dict(), weights)
    layer.load_state_dict(torch.load(io.BytesIO(weights.getvalue())))
    try:
        colorsys.rgb_to_hsv("red", 1, 1)
    except TypeError:
        print(traceback.format_exc())
    print(
        "finite", bool(loss.isfinite()), time.strftime("%Y"), len(os.listdir(folder)) > 9, Path(os.devnull).read_text()
    )


def test_honest_code_does_not_notice() -> None:
    pytest.importorskip("torch")
    readable = [STDLIB, PACKAGES, os.devnull]
    out = behind(honest, STDLIB, readable=readable, warm=["torch", "numpy", "tqdm", "io"], memory=2**30)
    assert f"walls: {' '.join(LAYERS)}\n" in out
    assert "3/3" in out
    assert "if maxc == minc" in out or "maxc = max" in out  # a line of a source that was read for the traceback
    assert "finite True" in out
    assert "ended" in out


def report_self() -> None:
    print("user:", *os.getresuid(), *os.getresgid())
    print("session", os.getsid(0) == os.getpid(), "dumpable", libc.prctl(3, 0, 0, 0, 0))
    trying(lambda: print("root", os.setuid(0)))


def test_nothing_of_root_is_left() -> None:
    out = behind(report_self)
    assert "session True dumpable 0" in out
    assert "root" not in out
    first, second = (behind(report_self).splitlines()[1] for _ in range(2))
    assert " 0" not in first
    assert (first != second) == (os.getuid() == 0)  # one of its own, for each child of root's


# --- walls that do not go up ---


def in_python(text: str, head: str = "import threading\nfrom grader.sandbox import landlock, seccomp, walls\n") -> str:
    """What a new Python prints that runs ``text``."""
    command = [sys.executable, "-S", "-c", head + text]
    return subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=True
    ).stdout.strip("\n")


FAILING = """
try:
    walls.confine(walls.Limits(), {readable}, (0, 1, 2))
except walls.WallError as error:
    print(error)
"""


def test_two_threads_are_refused() -> None:
    begin = "bell = threading.Event(); threading.Thread(target=bell.wait).start()\n"
    out = in_python(begin + FAILING.format(readable=[STDLIB]) + "bell.set()")
    assert out == "process: there are 2 threads, and walls go up around one"


def test_a_limit_that_the_grader_itself_has_is_no_students_limit() -> None:
    lower = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999))\n"
    assert "rlimits: RLIMIT_FSIZE is 9999 for the grader itself" in in_python(lower + FAILING.format(readable=[STDLIB]))


def test_a_folder_that_is_not_there_is_named() -> None:
    assert "'/no/such'" in in_python(FAILING.format(readable=["/no/such"]))


def test_what_the_kernel_lacks_is_left_out_and_named() -> None:
    lacking = "landlock.version = lambda: 0\nseccomp.works_here = lambda: False\n"
    assert in_python(lacking + "print(walls.confine(walls.Limits(), [], (0, 1, 2)))") == "('rlimits', 'user')"
    tried = lacking + "walls.try_layers()"
    assert [line.split("\t")[0] for line in in_python(tried).splitlines() if line.split("\t")[1]] == [
        "landlock",
        "seccomp",
    ]


def test_walls_that_stop_nothing_are_found_out() -> None:
    assert "seccomp\tit went up and stops nothing" in in_python(
        "seccomp.enforce = lambda **_: None\nwalls.try_layers()"
    )


def test_a_container_may_hide_both() -> None:
    out = in_python("walls.confine(walls.Limits(), [], (1,)); print(landlock.version(), seccomp.works_here())")
    assert out == "0 False"


def test_elsewhere_there_are_none() -> None:
    modules = ("levels", "limits", "walls")
    head = "import sys; sys.platform = 'darwin'\n" + "".join(f"from grader.sandbox.{m} import *\n" for m in modules)
    out = in_python("print(level(), confine(Limits(), [], ()), *{*probe().values()})", head)
    assert out == "C () it is there on Linux alone, on x86_64 and aarch64"


def test_the_level_is_what_the_probe_found() -> None:
    layers = survey()
    assert {layer.name: layer.trouble for layer in layers[1:]} == probe() == dict.fromkeys(LAYERS, "")
    assert level() == level_of(layers) == ("B" if layers[0].trouble else "A")
    assert level_of([replace(layer, trouble="gone") for layer in layers]) == "C"
    for layer in layers[1:]:
        assert level_of([*layers[:1], replace(layer, trouble="gone")]) == "C"


# --- using too much ---


def hoard(kind: str) -> None:
    held: list[object] = []
    while True:
        held.append({"list": lambda: [0] * 2**17, "bytes": lambda: bytearray(b"x" * 2**20)}[kind]())


@pytest.mark.parametrize("kind", ["list", "bytes"])
def test_memory_comes_to_an_end(kind: str) -> None:
    out = behind(hoard, kind, memory=SMALL)
    assert "stopped: MemoryError" in out
    assert int(out.split()[-4]) < SMALL + 2**26  # and that of Python itself
    assert "mapped" not in behind(map_much, 2 * SMALL, memory=SMALL)


def spin() -> None:
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        with contextlib.suppress(BaseException):
            sum(range(10**6))


def test_processor_time_comes_to_an_end() -> None:
    out = behind(spin, cpu=1)
    assert f"status: {-signal.SIGKILL}" in out
    assert 0.8 < float(out.split()[-5]) < 1.5


def open_many(path: str) -> None:
    held = [os.open(path, os.O_RDONLY) for _ in range(20)]
    print("opened", len(held))


def fill(number: int) -> None:
    while True:
        os.write(number, bytes(2**16))


def test_descriptors_and_files_come_to_an_end(place: Path) -> None:
    assert "opened" in behind(open_many, STDLIB)
    assert "opened" not in behind(open_many, STDLIB, files=16)
    with (place / "large").open("wb") as large:
        assert "stopped: OSError" in behind(fill, large.fileno(), keep=[large.fileno()], file_size=2**18)
    assert (place / "large").stat().st_size == 2**18


def raise_limits() -> None:
    kinds = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
    before = [resource.getrlimit(kind) for kind in kinds]
    for kind in kinds:
        for bound in (resource.RLIM_INFINITY, 2**40, 7):
            trying(lambda: resource.setrlimit(kind, (bound, bound)))  # noqa: B023 (called at once)
            trying(lambda: resource.prlimit(os.getppid(), kind, (bound, bound)))  # noqa: B023
    print("same" if before == [resource.getrlimit(kind) for kind in kinds] else "other")


def test_limits_are_not_raised() -> None:
    assert "same" in behind(raise_limits)
