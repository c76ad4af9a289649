"""Whether two expressions are equal, with everything there is: samples here, more samples and SymPy in a worker.

What is cheap to decide is decided in this process. The rest goes to a child process that is killed where it takes too
long. SymPy may turn "agrees as far as anybody looked" into "equal, proved"; it never decides against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.math.equality import Verdict, compare
from grader.math.tree import Expression
from grader.sandbox.endings import Stopped
from grader.sandbox.worker import START_SECONDS, Worker
from grader.spec import Symbol

DEADLINE = 0.5
BUDGET = 2_000_000

_worker = Worker("grader.math.worker")


def decide(
    first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str, *, deadline: float = DEADLINE
) -> Verdict:
    """Compare over the declared domains; ``second`` is the one taken to be right, and ``seed`` fixes every draw.

    ``deadline`` is in seconds, for the samples in the worker and for a proof, each. How fast the machine is can make
    the difference between equal or unequal and undecided, never between equal and unequal.
    """
    verdict = compare(first, second, symbols, seed)
    if verdict.kind != "undecided":
        return verdict
    known = dict(symbols)
    try:
        deeper: Verdict = _worker.run(("compare", first, second, known, seed, BUDGET), deadline)
    except Stopped as stopped:
        return replace(verdict, reason=f"it could not be decided: {stopped}")
    if deeper.kind != "undecided" or deeper.mismatch == "part":
        return deeper  # a response that leaves out a part of the domain is for a human, whatever it is elsewhere
    if _proved(first, second, known, deadline):
        return replace(deeper, kind="equal", rung="proved", reason="", agreed=False)
    return deeper


def close() -> None:
    """End the worker. The next question that needs one starts another."""
    _worker.close()


def _proved(first: Expression, second: Expression, symbols: dict[str, Symbol], deadline: float) -> bool:
    """Whether SymPy proves it in time. Where it does not, nothing is known that was not known before."""
    try:
        _worker.run(("warm", "prove"), START_SECONDS)
        proved: bool = _worker.run(("prove", first, second, symbols), deadline)
    except Stopped:
        return False
    return proved
