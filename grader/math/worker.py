"""The jobs of the child process that ``decide`` keeps: see ``grader.sandbox.worker``.

A job is a tuple whose first part names it:

- ``("compare", first, second, symbols, seed, budget)`` gives a Verdict, with more steps than the parent spends itself;
- ``("warm", "prove")`` imports SymPy, which takes about a second. It is a job of its own, with a limit of its own, so
  that it neither counts as thinking nor is paid for where nothing needs a proof;
- ``("prove", first, second, symbols)`` gives True where SymPy proves the two equal;
- ``("derive", question, key, symbols, seed)`` gives the Finding of SymPy's on a question of ``grader.math.deriving``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from grader.math.equality import Verdict, compare
from grader.math.tree import Expression
from grader.spec import Symbol

PROVER = "grader.math.proving"
DERIVER = "grader.math.proving.deriving"


def handle(job: tuple[Any, ...]) -> object:
    return JOBS[job[0]](*job[1:])


def _compare(first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str, budget: int) -> Verdict:
    return compare(first, second, symbols, seed, budget)


def _warm(what: str) -> None:
    importlib.import_module({"prove": PROVER}[what]).warm()


def _prove(first: Expression, second: Expression, symbols: Mapping[str, Symbol]) -> bool:
    proved: bool = importlib.import_module(PROVER).proved_equal(first, second, symbols)
    return proved


def _derive(question: object, key: object, symbols: Mapping[str, Symbol], seed: str) -> object:
    found: object = importlib.import_module(DERIVER).found(question, key, symbols, seed)
    return found


JOBS: dict[str, Callable[..., object]] = {"compare": _compare, "warm": _warm, "prove": _prove, "derive": _derive}
