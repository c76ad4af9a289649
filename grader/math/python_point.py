"""The point that a witness names, found again: its values are in the witness, and what was drawn besides is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from flint import fmpq

from grader.errors import GraderError
from grader.math.book import Book
from grader.math.domains import domain
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.tree import Call, Element, Expression, walk
from grader.math.values import Value, absolute, ball, precision
from grader.spec import Symbol

PLACES = 150  # more than a comparison has points
_BITS = 256
_NEAR = fmpq(1, 10**9)


def find_point(
    trees: Sequence[Expression],
    values: Sequence[str],
    witness: Mapping[str, str],
    symbols: Mapping[str, Symbol],
    seed: str,
) -> Point | None:
    """The point of a comparison with this ``seed`` where ``trees`` have the ``values`` of its verdict, if there is one.

    Unknown functions and families were drawn there from the seed of the point, of which the witness says nothing.
    """
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    shapes = {name: symbol.shape for name, symbol in symbols.items() if symbol.shape}
    plain = [n for n, s in symbols.items() if n in witness and not (s.arity or s.family or s.shape)]
    variables = {name: Fraction(witness[name]) for name in plain}
    drawn = any(isinstance(node, Call | Element) for tree in trees for node in walk(tree))
    for place in range(PLACES if drawn else 1):
        point = Point(variables, f"{seed}/{place}", domains, shapes)
        if all(_has(tree, value, point) for tree, value in zip(trees, values, strict=True)):
            return point
    return None


def _has(tree: Expression, value: str, point: Point) -> bool:
    try:
        with precision(_BITS):
            return _near(evaluate(tree, point, Book()), Fraction(value))
    except (GraderError, ValueError, KeyError):
        return False


def _near(found: Value, shown: Fraction) -> bool:
    wanted = fmpq(shown.numerator, shown.denominator)
    gap = absolute(ball(found - wanted))
    return bool(gap <= absolute(wanted) * _NEAR)
