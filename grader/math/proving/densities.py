"""The density of a function of one random variable, by its inverse images."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import pairwise

import sympy

from grader.errors import Undecided
from grader.math.proving.laws import Variate, known
from grader.math.proving.proof import drawn
from grader.math.proving.ranges import Real
from grader.math.proving.sets import solved

UNSOLVED = "SymPy cannot say for certain which values of the variable are mapped to the point"
LOOKS = 60
CHECKS = 2
DIGITS = 30
CLOSE = sympy.Float(10) ** -20


def density_at(x: Real, at: Real, variate: Variate, places: Mapping[Real, Real]) -> Real:
    """The density at ``at`` of ``x``, a function of the standard variable: over the inverse images, the sum of the
    density there divided by the absolute derivative."""
    u = variate.symbol
    slope = sympy.diff(x, u)
    if variate.discrete or variate.atoms:
        raise Undecided("only a continuous random variable has a density")
    if x.has(sympy.Piecewise, sympy.Max, sympy.Min, sympy.floor, sympy.ceiling, sympy.sign):
        raise Undecided("a function with cases is not inverted")
    total = sympy.Integer(0)
    low, high, density = _whole(variate)
    for root in _inverse_images(x - at, u, low, high, places):
        steepness = sympy.simplify(slope.xreplace({u: root}))
        if not known(steepness, "is_nonzero", places):
            raise Undecided("the derivative vanishes, or may vanish, at a value that is mapped to the point")
        total += density.xreplace({u: root}) / sympy.Abs(steepness)
    return total


def _whole(variate: Variate) -> tuple[Real, Real, Real]:
    """Support and density in one piece: where there are two halves, the density is even."""
    low, high, density = variate.pieces[-1]
    if len(variate.pieces) == 1:
        return low, high, density
    return -high, high, density.xreplace({variate.symbol: sympy.Abs(variate.symbol)})


def _inverse_images(gap: Real, u: Real, low: Real, high: Real, places: Mapping[Real, Real]) -> list[Real]:
    """All zeros of ``gap`` between ``low`` and ``high``."""
    if gap.free_symbols == {u}:
        return _roots(gap, u, low, high)
    found = [x for x in _candidates(gap, u) if _inside(x, low, high, places)]
    _confirm(gap, u, (low, high), found, places)
    return found


def _roots(gap: Real, u: Real, low: Real, high: Real) -> list[Real]:
    """Of a function of ``u`` alone."""
    inside = sympy.Interval(low, high)
    found = solved(sympy.Eq(gap, 0, evaluate=False), u, inside)
    if found != sympy.S.EmptySet and not found.is_FiniteSet:
        raise Undecided(UNSOLVED)
    roots = sorted(found.args, key=lambda x: x.n(DIGITS))
    if low in roots or high in roots:
        raise Undecided("the point is mapped to from an end of the support")
    for start, end in pairwise([low, *roots, high]):
        if len({gap.xreplace({u: x}).n(15) > 0 for x in _between(start, end)}) > 1:
            raise Undecided(UNSOLVED)  # a sign changes where there is no root
    return roots


def _between(start: Real, end: Real) -> Iterator[Real]:
    """Numbers all over an interval, far out where it is infinite."""
    for n in range(1, LOOKS):
        share = sympy.Rational(n, LOOKS)
        if start.is_infinite and end.is_infinite:
            yield (2 * share - 1) / (share * (1 - share))
        elif start.is_infinite or end.is_infinite:
            yield start + share / (1 - share) if end.is_infinite else end - share / (1 - share)
        else:
            yield start + (end - start) * share


def _candidates(gap: Real, u: Real) -> list[Real]:
    """Of a function of ``u`` with other symbols: what SymPy finds, real or not."""
    plain = sympy.Dummy()
    found = sympy.solve(gap.xreplace({u: plain}), plain)
    if not all(isinstance(x, sympy.Expr) for x in found):
        raise Undecided(UNSOLVED)
    return list(found)


def _inside(x: Real, low: Real, high: Real, places: Mapping[Real, Real]) -> bool:
    """Whether a candidate is real and inside of the support, for all values of the symbols, or for none."""
    real = known(x, "is_real", places)
    wanted: list[bool | None] = [] if real else [real]
    if real:
        ends = [(x - low) if not low.is_infinite else None, (high - x) if not high.is_infinite else None]
        wanted = [_positive(gap, places) for gap in ends if gap is not None]
    if None in wanted:
        raise Undecided(UNSOLVED)
    return all(wanted)


def _positive(gap: Real, places: Mapping[Real, Real]) -> bool | None:
    found = known(gap, "is_positive", places)
    plain = gap.xreplace(dict(places))
    if found is not None or len(plain.free_symbols) != 1:
        return found
    (x,) = plain.free_symbols
    if x.is_integer:
        return None
    whole = sympy.Interval.open(0 if x.is_positive else -sympy.oo, sympy.oo)
    holds = solved(plain > 0, x, whole)
    return True if holds == whole else False if holds == sympy.S.EmptySet else None


def _confirm(gap: Real, u: Real, ends: tuple[Real, Real], found: list[Real], places: Mapping[Real, Real]) -> None:
    """Solve it again at random values of the symbols: there must be the same zeros."""
    for seed in range(CHECKS):
        rng = random.Random(seed)
        free = sorted((gap.free_symbols - {u}), key=str)
        steps = sorted({x for symbol in free for x in symbol.xreplace(dict(places)).free_symbols}, key=str)
        at = {x: drawn(x, rng) for x in steps}
        values = {symbol: symbol.xreplace(dict(places)).xreplace(at) for symbol in free}
        roots = _roots(gap.xreplace(values), u, *ends)
        theirs = sorted((x.xreplace(values).n(DIGITS) for x in found), key=lambda x: x)
        if len(roots) != len(theirs) or any(abs(x.n(DIGITS) - y) > CLOSE for x, y in zip(roots, theirs, strict=True)):
            raise Undecided(UNSOLVED)
