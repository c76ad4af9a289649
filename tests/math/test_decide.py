"""Everything there is to decide with: what samples decide stays theirs, SymPy may only accept, no question hangs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from grader.errors import GraderError
from grader.math import decide as deciding
from grader.math.decide import close, decide
from grader.math.equality import Verdict, compare
from grader.math.reader import read_expression
from grader.math.tree import Expression
from grader.sandbox.endings import Died, OutOfTime
from grader.sandbox.worker import Worker
from grader.spec import Symbol

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "x": Symbol(),
    "y": Symbol(),
    "n": Symbol(domain="positive integer"),
    "k": Symbol(domain="positive integer", family=True),
}
LONG = 60.0
HIDDEN = "max(x-10^9, 0) + min(x-10^9, 0)"  # one of the branches is reached by no sample but those of the constant


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def decided(first: str, second: str, deadline: float = LONG) -> Verdict:
    return decide(read(first), read(second), SYMBOLS, "seed", deadline=deadline)


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_running() -> Iterator[None]:
    yield
    close()
    assert deciding._worker.pid is None


class Jobs:
    """Stands in for the worker: counts the jobs, and answers or raises as told."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def run(self, job: tuple[Any, ...], deadline: float) -> object:
        self.asked.append(job[0])
        answer = self.answers.get(job[0])
        if isinstance(answer, Exception):
            raise answer
        return answer


OPEN = Verdict("undecided", "sampled", "the two agree, but who knows", agreed=True)
WITNESS = Verdict("unequal", "sampled", "", {"r": "1"}, ("1", "2"))


def with_worker(monkeypatch: pytest.MonkeyPatch, here: Verdict, **answers: object) -> tuple[Verdict, list[str]]:
    """What is decided where the samples here say ``here`` and the worker answers so."""
    jobs = Jobs(**answers)
    monkeypatch.setattr(deciding, "_worker", jobs)
    monkeypatch.setattr(deciding, "compare", lambda *_: here)
    return decided("r", "x"), jobs.asked


# --- with the true worker ---


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("max(r, r-10^7)", "r"),
        ("sum(i, i=1..n+1000)", "(n+1000)(n+1001)/2"),
        ("sum(2^i, i=0..500)", "2^501 - 1"),
    ],
)
def test_what_samples_leave_open_is_proved(first: str, second: str) -> None:
    assert compare(read(first), read(second), SYMBOLS, "seed").kind == "undecided", "else this tests nothing"
    found = decided(first, second)
    assert (found.kind, found.rung, found.reason) == ("equal", "proved", "")


@pytest.mark.parametrize(
    ("first", "second"), [("r + exp(-1000)", "r"), ("r + 10^(-300)*max(r-10^50, 0)", "r"), ("r*tanh(1000)", "r")]
)
def test_what_only_looks_equal_stays_open(first: str, second: str) -> None:
    found = decided(first, second)
    assert found.kind != "equal"
    assert found.reason or found.kind == "unequal"


def test_more_steps_than_are_spent_here() -> None:
    """Decided by samples, in the worker alone."""
    first, second = "sum(sum(k_i*k_j + i^2, i=1..24), j=1..24)", "sum(sum(k_j*k_i, i=1..24) + 4900, j=1..24)"
    assert compare(read(first), read(second), SYMBOLS, "seed").kind == "undecided", "else this tests nothing"
    found = decided(first, second)
    assert (found.kind, found.rung) == ("equal", "sampled")


HEAVY = "sum(sum(sum(cos(i*j*l*x), i=1..400), j=1..400), l=1..400)"


def test_what_takes_too_long_is_left_undecided_and_the_next_is_decided() -> None:
    found = decided(HEAVY, "r", deadline=0.05)
    assert found.kind == "undecided"
    assert found.reason
    assert decided("max(r, r-10^7)", "r").rung == "proved"


@pytest.mark.parametrize(("first", "second"), [("r*x", "x*r"), ("r^2/r", "r"), ("r + x", "r - x")])
def test_no_worker_is_started_for_what_is_cheap(first: str, second: str) -> None:
    close()
    assert decided(first, second) == compare(read(first), read(second), SYMBOLS, "seed")
    assert deciding._worker.pid is None


def test_one_worker_for_all_questions() -> None:
    decided("max(r, r-10^7)", "r")
    before = deciding._worker.pid
    decided("max(r, r-10^8)", "r")
    assert deciding._worker.pid == before is not None
    close()
    with pytest.raises(ProcessLookupError):
        os.kill(before or 0, 0)


def test_sympy_stays_in_the_worker() -> None:
    code = (
        "import sys\n"
        "from grader.math.decide import decide\n"
        "from grader.math.reader import read_expression as read\n"
        "from grader.spec import Symbol\n"
        "symbols = {'r': Symbol(domain='positive')}\n"
        "found = decide(read('max(r, r-10^7)', symbols), read('r', symbols), symbols, 'seed', deadline=60.0)\n"
        "assert found.rung == 'proved', found\n"
        "assert 'sympy' not in sys.modules\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


def test_an_unknown_job_is_a_fault_that_is_named() -> None:
    worker = Worker("grader.math.worker")
    with pytest.raises(Died, match="KeyError"):
        worker.run(("nothing",), LONG)
    assert worker.run(("warm", "prove"), LONG) is None
    assert worker.run(("prove", read("r+x"), read("x+r"), SYMBOLS), LONG) is True
    assert worker.run(("compare", read("r+x"), read("x+r"), SYMBOLS, "seed", 100), LONG) == Verdict(
        "equal", "identical"
    )
    worker.close()


# --- who decides what ---


@pytest.mark.parametrize("verdict", [WITNESS, Verdict("equal", "exact"), Verdict("equal", "sampled")])
def test_what_is_decided_here_stays(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    assert with_worker(monkeypatch, verdict) == (verdict, [])


@pytest.mark.parametrize("verdict", [WITNESS, Verdict("equal", "sampled")])
def test_what_more_samples_decide_needs_no_proof(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    assert with_worker(monkeypatch, OPEN, compare=verdict) == (verdict, ["compare"])


def test_a_proof_keeps_what_the_samples_found(monkeypatch: pytest.MonkeyPatch) -> None:
    deeper = replace(OPEN, undefined_at={"x": "0"}, mismatch="points")
    found, _ = with_worker(monkeypatch, OPEN, compare=deeper, prove=True)
    assert found == Verdict("equal", "proved", undefined_at={"x": "0"}, mismatch="points")


def test_no_proof_is_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_worker(monkeypatch, OPEN, compare=OPEN, prove=False) == (OPEN, ["compare", "warm", "prove"])


def test_no_proof_makes_up_for_a_part_of_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    deeper = replace(OPEN, mismatch="part")
    assert with_worker(monkeypatch, OPEN, compare=deeper, prove=True) == (deeper, ["compare"])


@pytest.mark.parametrize("stopped", [OutOfTime("it takes too long"), Died("the worker ended")])
def test_a_stopped_comparison_is_undecided(monkeypatch: pytest.MonkeyPatch, stopped: GraderError) -> None:
    found, asked = with_worker(monkeypatch, OPEN, compare=stopped)
    assert (found.kind, asked) == ("undecided", ["compare"])
    assert str(stopped) in found.reason


@pytest.mark.parametrize("where", ["warm", "prove"])
def test_a_stopped_proof_changes_nothing(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    answers = {"compare": OPEN, "prove": True, where: OutOfTime("it takes too long")}
    assert with_worker(monkeypatch, OPEN, **answers)[0] == OPEN
