"""A class with all sorts in it, graded by the command as it is: nobody loses anything by another, nothing is left.

Where a submission is being run is told by its process: the code that is waited for gives it a name.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.batch import Selection, Source
from grader.harness.lab import Lab
from grader.loading.specs.course import load_course
from grader.parallel import Setup, grade_class

ROOT = Path(__file__).parents[1]
HONEST = (ROOT / "reference/ps1/likelihood.py").read_text()
NAME = "waited-for"
LOOP = f"""
import ctypes

def log_likelihood(model, text):
    ctypes.CDLL(None).prctl(15, b"{NAME}", 0, 0, 0)  # PR_SET_NAME
    while True:
        pass
"""
LOOP_ALONE = """
def log_likelihood(model, text):
    while True:
        pass
"""
BOMB = """
import torch

def log_likelihood(model, text):
    held = []
    while True:
        held.append(torch.empty(2**28))
"""
HOSTILE = {"loop": LOOP_ALONE, "bomb": BOMB, "crash": LOOP}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc")


@pytest.fixture(autouse=True)
def isolated() -> None:
    if refusal := Lab().refusal():
        pytest.skip(refusal)


def hand_in(folder: Path, codes: dict[str, str]) -> Path:
    for name, code in codes.items():
        (folder / name / "ps1").mkdir(parents=True)
        (folder / name / "ps1/likelihood.py").write_text(code)
    return folder


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "grader", str(folder), "--item", "ps1/6.4", "--json", f"{folder}.json", *options]
    temporary(folder).mkdir()
    ours = {**os.environ, "TMPDIR": str(temporary(folder))}
    return subprocess.Popen(command, cwd=ROOT, env=ours, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """What there is of each submission in the file that was written."""
    report = json.loads(Path(f"{folder}.json").read_text())
    return {found["submission"]: found for found in report["submissions"]}


def without_name(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("submission", "digest")}


# --- processes ---


def below(pid: int) -> Iterator[int]:
    """All processes that come from this one."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        threads = [task.name for task in Path(f"/proc/{pid}/task").iterdir() if task.name != str(pid)]
        children += [
            int(child) for task in threads for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return
    for child in children:
        yield child
        yield from below(child)


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def waited_for(command: subprocess.Popen[str], known: set[int]) -> int:
    """The process that runs it, once there is one that is not known already."""
    while command.poll() is None:
        for pid in below(command.pid):
            if name_of(pid) == NAME and pid not in known:
                known.add(pid)
                return pid
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(0.02)  # not to take a processor from what is waited for
    raise AssertionError(command.communicate())


def wait_until_gone(pids: set[int]) -> None:
    """Those whose parent was killed are ended by the kernel, some moments later."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            ending = os.pidfd_open(pid)
            select.select([ending], [], [])
            os.close(ending)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def temporary(folder: Path) -> Path:
    """Where the command that grades this class puts what it needs for a while, and nobody else does."""
    return folder.with_name(f"{folder.name}-temporary")


# --- a class ---


@pytest.mark.parametrize("count", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_the_honest_are_marked_as_if_alone_and_three_are_named(tmp_path: Path, count: int) -> None:
    alone = hand_in(tmp_path / "alone", {"alice": HONEST})
    with start(alone, "--quiet") as command:
        command.communicate()
    assert command.returncode == 0
    expected = without_name(results(alone)["alice"])
    assert expected["assignments"][0]["score"] == 6
    folder = hand_in(tmp_path / "class", {f"honest-{number:02}": HONEST for number in range(count)} | HOSTILE)
    with start(folder, "--patience", "2", "--jobs", "2") as command:
        known: set[int] = set()
        for _ in range(2):  # the warm process is killed while it runs the code, and when it is tried once more
            os.kill(parent_of(waited_for(command, known)), signal.SIGKILL)
        seen = set(below(command.pid))
        out, _ = command.communicate()
    assert command.returncode == 3  # one is in error
    wait_until_gone(seen)
    found = results(folder)
    assert len(found) == count + 3
    assert [name for name in found if name not in HOSTILE and without_name(found[name]) != expected] == []
    items = {name: found[name]["assignments"][0]["items"][0] for name in HOSTILE}
    assert {name: (item["status"], item["score"], item["pending"]) for name, item in items.items()} == {
        "loop": ("incorrect", 0, 0),
        "bomb": ("incorrect", 0, 0),
        "crash": ("error", 0, 6),
    }
    lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert "6.4 took too long" in lines["loop"]
    assert "6.4 out of memory" in lines["bomb"]
    assert "1 error" in lines["crash"]


def test_a_process_that_cannot_load_the_course_is_an_error_and_no_wait(tmp_path: Path) -> None:
    """The course has gone since this process read it."""
    course = load_course(ROOT / "problems", ROOT / "reference")
    setup = Setup(tmp_path, None, Selection(frozenset({"ps1"}), frozenset({"ps1/6.4"})))
    sources = [Source("submission", tmp_path / name) for name in ("a", "b")]
    found = dict(grade_class(sources, setup, course, 2))
    assert [found[place].assignments[0].items[0].status for place in (0, 1)] == ["error", "error"]
    assert "holds no assignment" in found[0].model_dump_json()


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
    ],
)
def test_an_interrupt_ends_it_with_what_was_graded(tmp_path: Path, number: int, status: int) -> None:
    codes = {"a": HONEST, "b": HONEST + "\n", "m": LOOP, "z": HONEST}
    folder = hand_in(tmp_path / "class", codes)
    with start(folder, "--jobs", "1") as command:
        waited_for(command, set())
        seen = set(below(command.pid))
        command.send_signal(number)
        out, said = command.communicate()
    assert command.returncode == status
    assert "interrupted: 2 of 4 submissions were graded" in said
    assert "6 / 6" in out
    assert {name: found["assignments"][0]["score"] for name, found in results(folder).items()} == {"a": 6, "b": 6}
    wait_until_gone(seen)
    assert os.listdir(temporary(folder)) == []


def test_a_process_that_dies_takes_one_submission_with_it(tmp_path: Path) -> None:
    """The process that grades, and not the one that runs the code: a fault of ours that nothing contained."""
    folder = hand_in(tmp_path / "class", {"a": HONEST, "m": LOOP, "z": HONEST})
    with start(folder, "--jobs", "1", "--patience", "60") as command:
        known: set[int] = set()
        for _ in range(2):
            waited_for(command, known)
            (grading,) = [pid for pid in below(command.pid) if parent_of(pid) == command.pid]
            os.kill(grading, signal.SIGKILL)
        command.communicate()
    found = results(folder)
    assert [found[name]["assignments"][0]["score"] for name in "amz"] == [6, 0, 6]
    assert found["m"]["assignments"][0]["items"][0]["status"] == "error"
    assert found["m"]["assignments"][0]["pending"] == 6
