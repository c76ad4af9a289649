"""Values that SymPy computes by a route of its own, and whether a key equals them; and statements that a key rests on.

What is derived is asked as one of ``Question``; SymPy answers in a child process that is killed where it takes too
long. A finding is ``proved`` only where SymPy reduced a difference to zero, ``refuted`` only with a witness. That
nothing could be found out is ``undecided``, with the reason; it says nothing against the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from grader.errors import Undecided
from grader.math.book import Book
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.decide import decide
from grader.math.distributions import Law
from grader.math.equality import Verdict
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.regions import Condition
from grader.math.sampling import named_constants, plain_points, relevant_symbols, sample_points, shown_pair, shown_point
from grader.math.tree import Expression
from grader.math.values import Unclear, Undefined, Value, precision, sign
from grader.sandbox.endings import OutOfMemory, OutOfTime, Stopped
from grader.sandbox.worker import START_SECONDS, Worker
from grader.spec import Symbol

DEADLINE = 60.0
BITS = 256
Relation = Literal["=", "!=", "<", "<=", ">", ">="]
Variables = Mapping[str, Law | Expression]

_worker = Worker("grader.math.worker")


@dataclass(frozen=True, slots=True)
class Finding:
    """``proved``: SymPy reduced the difference to zero, or the statement holds. ``refuted``: the two differ for certain
    at ``witness``, where ``values`` are the derived one and the key's (of a statement: the left and the right side).
    ``undecided``: neither, for this ``reason``.

    ``agreed`` tells of a statement that is undecided that nothing in it escapes samples, at all of which it holds, as
    the ladder of equality asks of a response; it is no proof.

    ``derived`` is what SymPy derived, as plain text, and ``latex`` the same as LaTeX; empty where it derived nothing.
    """

    kind: Literal["proved", "refuted", "undecided"]
    derived: str = ""
    latex: str = ""
    reason: str = ""
    witness: dict[str, str] | None = None
    values: tuple[str, str] | None = None
    agreed: bool = False


# --- questions: what SymPy is to derive ---


@dataclass(frozen=True, slots=True)
class Determinant:
    """The determinant of the Jacobian of ``functions`` with respect to as many symbols."""

    functions: tuple[Expression, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DerivativeOf:
    """The derivative by one symbol."""

    function: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Gradient:
    """The vector of derivatives by each symbol, in order."""

    function: Expression
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeOfVariables:
    """The density of the symbols ``names``, of which ``functions`` make the variables that have the joint density
    ``density``, a declared function: that density there, times the absolute Jacobian determinant."""

    functions: tuple[Expression, ...]
    names: tuple[str, ...]
    density: str


@dataclass(frozen=True, slots=True)
class DensityOf:
    """The density of ``function``, of one of the ``variables``, at the point ``at``, by its inverse images.

    ``variables`` are, here and below, independent random variables by their laws, and names for formulas in those
    before them."""

    function: Expression
    at: Expression
    variables: Variables


@dataclass(frozen=True, slots=True)
class ExpectationOf:
    function: Expression
    variables: Variables


@dataclass(frozen=True, slots=True)
class VarianceOf:
    function: Expression
    variables: Variables


@dataclass(frozen=True, slots=True)
class ProbabilityOf:
    """``condition`` may also be an expression that is 1 where it holds and 0 elsewhere: ``[Z > 0]``."""

    condition: Condition | Expression
    variables: Variables


@dataclass(frozen=True, slots=True)
class ValueOf:
    """The closed form of a formula with sums, products, integrals or derivatives in it."""

    function: Expression


@dataclass(frozen=True, slots=True)
class LimitOf:
    """The limit as ``name`` goes to ``to`` (a number, an infinity), from above at a number."""

    function: Expression
    name: str
    to: Expression


@dataclass(frozen=True, slots=True)
class HoldsWhere:
    """The values of ``variable`` in its domain for which the condition holds. The key is a condition too."""

    condition: Condition
    variable: str


Question = (
    Determinant
    | DerivativeOf
    | Gradient
    | ChangeOfVariables
    | DensityOf
    | ExpectationOf
    | VarianceOf
    | ProbabilityOf
    | ValueOf
    | LimitOf
    | HoldsWhere
)


@dataclass(frozen=True, slots=True)
class Always:
    """The relation holds for all values of the declared symbols."""

    left: Expression
    relation: Relation
    right: Expression


@dataclass(frozen=True, slots=True)
class Sometimes:
    """The relation holds for some values of the declared symbols."""

    left: Expression
    relation: Relation
    right: Expression


Statement = Always | Sometimes


def derive(
    question: Question,
    key: Expression | Condition,
    symbols: Mapping[str, Symbol],
    seed: str,
    deadline: float = DEADLINE,
) -> Finding:
    """What SymPy derives, and whether ``key`` equals it for all values of ``symbols``, apart from single points.

    ``seed`` fixes every draw. Raises Unreadable for a law with parameters that it cannot have.
    """
    return _asked(question, key, symbols, seed, deadline)


def decide_statement(
    statement: Statement, symbols: Mapping[str, Symbol], seed: str, deadline: float = DEADLINE
) -> Finding:
    """Whether the statement holds: by a point that shows it or its contrary, or by SymPy."""
    try:
        plain = replace(statement, left=resolved(statement.left), right=resolved(statement.right))
        if isinstance(plain, Sometimes):
            return _sometimes(plain, symbols, seed)
        if plain.relation == "=":
            return _always_equal(plain, symbols, seed, deadline)
        return _always_related(plain, symbols, seed, deadline)
    except Undecided as undecided:
        return Finding("undecided", reason=str(undecided))


def close() -> None:
    """End the worker. The next question starts another."""
    _worker.close()


def _asked(
    question: Question | Statement, key: object, symbols: Mapping[str, Symbol], seed: str, deadline: float
) -> Finding:
    try:
        _worker.run(("warm", "prove"), START_SECONDS)
        found: Finding = _worker.run(("derive", question, key, dict(symbols), seed), deadline)
    except OutOfTime:
        return Finding("undecided", reason=f"SymPy found no answer within {deadline:g} seconds")
    except OutOfMemory:
        return Finding("undecided", reason="SymPy needs more memory for this than it may have")
    except Stopped as stopped:
        return Finding("undecided", reason=f"SymPy ended without an answer: {stopped}")
    except Undecided as undecided:
        return Finding("undecided", reason=str(undecided))
    return found


# --- statements ---


def _always_equal(statement: Always, symbols: Mapping[str, Symbol], seed: str, deadline: float) -> Finding:
    verdict = decide(statement.left, statement.right, symbols, seed)
    if verdict.kind == "unequal":
        return Finding("refuted", witness=verdict.witness or {}, values=verdict.values)
    if verdict.kind == "equal" and verdict.mismatch:
        shown = ", ".join(f"{name} = {value}" for name, value in (verdict.undefined_at or {}).items())
        return Finding("undecided", reason=f"the left side has no value at {shown}")
    if verdict.kind == "equal" and verdict.rung != "sampled":
        return Finding("proved")
    found = _asked(statement, None, symbols, seed, deadline)
    if found.kind == "proved":
        return found
    return replace(found, reason=_agreement(verdict, found.reason), agreed=verdict.kind == "equal")


def _agreement(verdict: Verdict, reason: str) -> str:
    if verdict.kind == "undecided":
        return verdict.reason
    return f"the two sides agreed everywhere they were tried, but that is no proof, and {reason}"


def _always_related(statement: Always, symbols: Mapping[str, Symbol], seed: str, deadline: float) -> Finding:
    for point in _points(statement, symbols, seed):
        sides = _sides(statement, point)
        if sides is not None and not holds(statement.relation, _order(*sides)):
            return Finding("refuted", witness=shown_point(point), values=shown_pair(*sides))
    return _asked(statement, None, symbols, seed, deadline)


def _sometimes(statement: Sometimes, symbols: Mapping[str, Symbol], seed: str) -> Finding:
    for point in _points(statement, symbols, seed):
        sides = _sides(statement, point)
        if sides is not None and holds(statement.relation, _order(*sides)):
            return Finding("proved", witness=shown_point(point), values=shown_pair(*sides))
    return Finding("undecided", reason="no values were found for which it holds")


def holds(relation: str, side: int) -> bool:
    """Whether a relation holds between two numbers whose difference, left minus right, has the sign ``side``."""
    return {"=": side == 0, "!=": side != 0, "<": side < 0, "<=": side <= 0, ">": side > 0, ">=": side >= 0}[relation]


def _points(statement: Statement, symbols: Mapping[str, Symbol], seed: str) -> Iterator[Point]:
    trees = statement.left, statement.right
    free = relevant_symbols(trees, symbols)
    constants = [value for tree in trees for value in named_constants(tree)[0]]
    return chain(plain_points(free, seed), sample_points(free, seed, constants))


def _sides(statement: Statement, point: Point) -> tuple[Value, Value] | None:
    """The two values at ``point``, where it is certain which is the larger one; else None."""
    left, right = canonical(statement.left), canonical(statement.right)
    try:
        with precision(BITS):
            sides = evaluate(left, point, Book()), evaluate(right, point, Book())
            sign(sides[0] - sides[1])
    except (Undefined, Unclear, Undecided):
        return None
    return sides


def _order(left: Value, right: Value) -> int:
    with precision(BITS):
        return sign(left - right)
