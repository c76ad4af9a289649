"""Sets of reals for which a condition in one real variable holds, by SymPy's solvers, and looked at again in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import sympy
from sympy.solvers.inequalities import solve_univariate_inequality

from grader.errors import Undecided
from grader.math.domains import Domain
from grader.math.proving.ranges import Real, number

DIGITS = 50
TINY = sympy.Float(10) ** -30
WITHIN = (sympy.Rational(1, 7), sympy.Rational(1, 2), sympy.Rational(9, 10))  # shares of a gap where it is looked at
FAR = (1, 10, 1000)  # the same beyond the last end
OPPOSITE = {sympy.Not: "complement"}
UNSOLVED = "SymPy cannot say for certain where the condition holds"


def interval(found: Domain) -> Real:
    low = -sympy.oo if found.low is None else number(found.low)
    high = sympy.oo if found.high is None else number(found.high)
    whole = sympy.Interval(low, high, found.open_low, found.open_high)
    return whole - sympy.FiniteSet(0) if found.nonzero else whole


def solved(condition: Real, symbol: Real, inside: Real) -> Real:
    """The part of the set ``inside`` where the condition, in the real ``symbol`` alone, holds: intervals and points.

    Where a side of a relation has no value the relation does not hold. Raises Undecided where SymPy finds no such set,
    or one that does not stand up to a look at single numbers.
    """
    plain = sympy.Dummy(real=True)
    found = _solved(condition.xreplace({symbol: plain}), plain, inside)
    for x in spots([found, inside]):
        if x in inside and truth(condition, symbol, x) is not bool(x in found):
            raise Undecided(UNSOLVED)
    return found


def _solved(condition: Real, x: Real, inside: Real) -> Real:
    if condition in (sympy.true, sympy.false):
        return inside if condition == sympy.true else sympy.S.EmptySet
    if isinstance(condition, sympy.And | sympy.Or):
        parts = [_solved(part, x, inside) for part in condition.args]
        return (sympy.Intersection if isinstance(condition, sympy.And) else sympy.Union)(*parts)
    if not isinstance(condition, sympy.core.relational.Relational) or condition.free_symbols != {x}:
        raise Undecided(UNSOLVED)
    if isinstance(condition, sympy.Eq | sympy.Ne):
        roots = sympy.solveset(condition.lhs - condition.rhs, x, inside)
        return roots if isinstance(condition, sympy.Eq) else inside - roots
    return solve_univariate_inequality(condition, x, relational=False, domain=inside)


def spots(sets: Sequence[Real]) -> list[Real]:
    """The ends of the sets' intervals, and numbers between each two neighbours and beyond the first and the last."""
    edges = sorted({edge for found in sets for edge in _edges(found)}, key=lambda x: x.n(DIGITS))
    for left, right in pairwise(edges):
        if abs((left - right).n(DIGITS)) < TINY:
            raise Undecided("two end points lie too close together")
    if not edges:
        return [sympy.Integer(n) for n in (-1000, -1, 0, 1, 1000)]
    beyond = [edges[0] - n for n in FAR] + [edges[-1] + n for n in FAR]
    between = [left + (right - left) * share for left, right in pairwise(edges) for share in WITHIN]
    return [*map(simplest, beyond), *edges, *map(simplest, between)]


def simplest(x: Real) -> Real:
    """A rational number next to ``x``, which nothing depends on exactly."""
    return sympy.Rational(str(x.n(12)))


def _edges(found: Real) -> set[Real]:
    edges = {x for piece in pieces_of(found) for x in (piece.args[:2] if piece.is_Interval else piece.args)}
    plain = {sympy.nsimplify(x) if x.is_Float else sympy.simplify(x) for x in edges if not x.is_infinite}
    if not all(x.is_real and x.is_number for x in plain):
        raise Undecided(UNSOLVED)
    return plain


def pieces_of(found: Real) -> list[Real]:
    """The intervals and finite sets that make up ``found``. Raises Undecided where it is something else."""
    parts = list(found.args) if isinstance(found, sympy.Union) else [found]
    if found in (sympy.S.EmptySet, sympy.S.Reals):
        return [] if found == sympy.S.EmptySet else [sympy.Interval(-sympy.oo, sympy.oo)]
    if not all(part.is_Interval or part.is_FiniteSet for part in parts):
        raise Undecided(UNSOLVED)
    return parts


def truth(condition: Real, symbol: Real, x: Real) -> bool:
    """Whether the condition holds for the number ``x``."""
    plain = sympy.Dummy(real=True)
    return _truth(condition.xreplace({symbol: plain}), {plain: x})


def _truth(condition: Real, at: dict[Real, Real]) -> bool:
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if isinstance(condition, sympy.And | sympy.Or):
        return (all if isinstance(condition, sympy.And) else any)(_truth(part, at) for part in condition.args)
    if not isinstance(condition, sympy.core.relational.Relational):
        raise Undecided(UNSOLVED)
    sides = [side.xreplace(at) for side in (condition.lhs, condition.rhs)]
    if not all(side.is_real and side.is_finite for side in sides):
        return False
    gap = sides[0] - sides[1]
    side = sign_of(gap)
    strict = {sympy.StrictLessThan: side < 0, sympy.StrictGreaterThan: side > 0, sympy.Ne: side != 0, sympy.Eq: side == 0}
    return strict.get(type(condition), side <= 0 if isinstance(condition, sympy.Le) else side >= 0)


def sign_of(x: Real) -> int:
    """-1, 0 or 1 for a real number. Raises Undecided where it looks like zero and is not shown to be."""
    value = x.n(DIGITS)
    if abs(value) > TINY:
        return 1 if value > 0 else -1
    if x != 0 and sympy.simplify(x) != 0:
        raise Undecided("a number looks like zero and is not shown to be")
    return 0
