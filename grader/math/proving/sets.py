"""Sets of reals for which a condition in one real variable holds: solved by SymPy, and looked at again in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
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
    try:
        found = _solved(condition.xreplace({symbol: plain}), plain, inside)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise Undecided(UNSOLVED) from error
    for x in spots([found, inside]):
        if within(x, inside) and truth(condition, symbol, x) is not within(x, found):
            raise Undecided(UNSOLVED)
    return found


def within(x: Real, found: Real) -> bool:
    """Whether a number lies in a set of intervals and points."""
    return any(_within(x, piece) for piece in pieces_of(found))


def _within(x: Real, piece: Real) -> bool:
    if piece.is_FiniteSet:
        return any(sign_of(x - point) == 0 for point in piece.args)
    above = 1 if piece.start.is_infinite else sign_of(x - piece.start)
    below = 1 if piece.end.is_infinite else sign_of(piece.end - x)
    return min(above, below) > 0 or (above == 0 and not piece.left_open) or (below == 0 and not piece.right_open)


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
    edges = edges_of(sets)
    if not edges:
        return [sympy.Integer(n) for n in (-1000, -1, 0, 1, 1000)]
    below, above = sympy.floor(edges[0]), sympy.ceiling(edges[-1])
    beyond = [end + side * n for end, side in ((below, -1), (above, 1)) for n in FAR]
    between = [x for left, right in pairwise(edges) for x in _between(left, right)]
    return [*between, *beyond, *edges]


def edges_of(sets: Sequence[Real]) -> list[Real]:
    """The finite ends of the sets' intervals, and their points, in ascending order."""
    edges: list[Real] = []
    for edge in sorted({edge for found in sets for edge in _edges(found)}, key=lambda x: x.n(DIGITS)):
        if not edges or sign_of(edge - edges[-1]):
            edges.append(edge)
    return edges


def _between(left: Real, right: Real) -> list[Real]:
    """Short numbers between two others, in ascending order."""
    width = (right - left).n(DIGITS)
    digits = max(0, 2 - int(sympy.floor(sympy.log(width, 10).n(5))))
    return [sympy.Rational(round(Fraction(str((left + width * share).n(DIGITS))), digits)) for share in WITHIN]


def _edges(found: Real) -> set[Real]:
    edges = {x for piece in pieces_of(found) for x in (piece.args[:2] if piece.is_Interval else piece.args)}
    finite = {x for x in edges if not x.is_infinite}
    if not all(x.is_real and x.is_number and not x.has(sympy.Float) for x in finite):
        raise Undecided(UNSOLVED)
    return finite


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
    strict = {
        sympy.StrictLessThan: side < 0,
        sympy.StrictGreaterThan: side > 0,
        sympy.Ne: side != 0,
        sympy.Eq: side == 0,
    }
    return strict.get(type(condition), side <= 0 if isinstance(condition, sympy.Le) else side >= 0)


def sign_of(x: Real) -> int:
    """-1, 0 or 1 for a real number. Raises Undecided where it looks like zero and is not shown to be."""
    value = x.n(DIGITS)
    if abs(value) > TINY:
        return 1 if value > 0 else -1
    if x != 0 and sympy.simplify(x) != 0:
        raise Undecided("a number looks like zero and is not shown to be")
    return 0
