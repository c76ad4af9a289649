"""The point that a witness names, found again: its values are in the witness, and what was drawn besides is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain

from flint import fmpq

from grader.errors import GraderError
from grader.math.book import Book
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.sampling import named_constants, plain_points, sample_points
from grader.math.tree import Expression, free_names
from grader.math.values import Value, absolute, ball, precision
from grader.spec import Symbol

_BITS = 1024
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
    names = frozenset[str]().union(*map(free_names, trees))
    names |= {size for name in names & symbols.keys() for size in symbols[name].shape}
    used = {name: symbol for name, symbol in symbols.items() if name in names}
    plain = [n for n, s in used.items() if n in witness and not (s.arity or s.family or s.shape)]
    variables = {name: Fraction(witness[name]) for name in plain}
    for drawn in _points(trees, used, seed):
        point = replace(drawn, variables=variables, families={}, grids={})
        if all(_has(tree, value, point) for tree, value in zip(trees, values, strict=True)):
            return point
    return None


def _points(trees: Sequence[Expression], symbols: Mapping[str, Symbol], seed: str) -> Iterator[Point]:
    constants = [constant for tree in trees for constant in named_constants(tree)[0]]
    return chain(plain_points(symbols, seed), sample_points(symbols, seed, constants))


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
