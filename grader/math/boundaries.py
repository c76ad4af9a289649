"""Points on both sides of where an expression changes from one branch to another.

``[x < y]`` and ``[x < y + 1/10]`` agree at nearly all random points. So the border is looked for, along one variable at
a time, and both sides of it are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, islice, product

from flint import fmpq

from grader.errors import Undecided
from grader.math.book import Book, switching
from grader.math.domains import domain
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.sampling import sample_points
from grader.math.tree import ZERO, Add, Apply, Expression, Reduce, children, free_names, negate
from grader.math.values import Unclear, Undefined, precision, sign
from grader.spec import Symbol

BITS = 128
BASES = 6  # points from which a border is looked for
HALVINGS = 40
CROSSINGS = 2  # borders that are tried for each gap
SMALL = 7  # values of integers that are tried
_TWO_SIDED = frozenset({"less", "atmost", "same", "max", "min"})


def beside_borders(
    trees: Sequence[Expression], symbols: Mapping[str, Symbol], seed: str, constants: list[Fraction]
) -> tuple[list[Point], bool]:
    """Points beside the borders of branches in ``trees``, and whether every border was met.

    Borders at constants, which are sampled anyway (see ``book.switching``), are left out.
    """
    bases = [point for point in islice(sample_points(symbols, seed, constants), 24) if point.generic]
    found: list[Point] = []
    whole = True
    for gap, indices in dict.fromkeys(gap for tree in trees for gap in _gaps(tree, frozenset())):
        if indices and _is_whole(gap, indices, symbols):
            continue
        plain = not indices and _is_plain(gap, symbols)
        met = list(islice(_crossings(gap, bases), 3 * CROSSINGS)) if plain else []
        found += met
        whole = whole and bool(met)
    return found, whole


def _gaps(x: Expression, bound: frozenset[str]) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Differences at whose zeros a branch changes, each with the running indices in it."""
    inner = bound | {x.variable} if isinstance(x, Reduce) else bound
    for child in children(x):
        yield from _gaps(child, inner)
    if not isinstance(x, Apply) or not free_names(x) or switching(x) is not None:
        return
    if x.function in _TWO_SIDED:
        gaps = [Add((a, negate(b))) for a, b in combinations(x.arguments, 2) if free_names(a) | free_names(b)]
    else:
        gaps = [Add((x.arguments[0], ZERO))] if x.function in ("abs", "sign") else []
    yield from ((gap, bound & free_names(gap)) for gap in gaps)


def _is_whole(gap: Expression, indices: frozenset[str], symbols: Mapping[str, Symbol]) -> bool:
    """Whether it depends on integers alone, an index among them: that takes all of its values at every point, so that
    both sides of the border are tried wherever both branches are."""
    others = [symbols.get(name) for name in free_names(gap) - indices]
    plain = all(other is not None and not (other.arity or other.family or other.shape) for other in others)
    return plain and all(domain(other.domain).integer for other in others if other is not None)


def _is_plain(gap: Expression, symbols: Mapping[str, Symbol]) -> bool:
    """Whether it depends on numbers alone that can be varied one by one."""
    named = [symbols.get(name) for name in free_names(gap)]
    return all(symbol is not None and not (symbol.arity or symbol.family or symbol.shape) for symbol in named)


def _crossings(gap: Expression, bases: Sequence[Point]) -> Iterator[Point]:
    names = sorted(free_names(gap))
    for base in bases[:BASES]:
        for name in names:
            if not base.domains[name].integer:
                yield from _along(gap, base, name, sorted({point.variables[name] for point in bases}))
    whole = [name for name in names if bases and bases[0].domains[name].integer]
    if whole and len(whole) <= 2:
        yield from _among_integers(gap, bases[0], whole)


def _along(gap: Expression, base: Point, name: str, values: Sequence[Fraction]) -> Iterator[Point]:
    """Both sides of one sign change on the line through ``base``."""
    before: tuple[Fraction, int] | None = None
    for value in values:
        side = _side(gap, _moved(base, {name: value}))
        if before is not None and side * before[1] < 0:
            low, high = before[0], value
            for _ in range(HALVINGS):
                middle = (low + high) / 2
                here = _side(gap, _moved(base, {name: middle}))
                if here == before[1]:
                    low = middle
                else:
                    high = middle
            border = _border(gap, base, name, before[0], value)
            yield from (_moved(base, {name: end}) for end in (low, high, *border))
            return
        if side:
            before = value, side


def _border(gap: Expression, base: Point, name: str, low: Fraction, high: Fraction) -> list[Fraction]:
    """The border itself, where the difference is linear in the variable and rational: < and <= differ just there."""
    try:
        ends = [evaluate(gap, _moved(base, {name: end}), Book()) for end in (low, high)]
    except (Undefined, Unclear, Undecided):
        return []
    if not all(isinstance(end, fmpq) for end in ends):
        return []
    left, right = (Fraction(int(end.p), int(end.q)) for end in ends if isinstance(end, fmpq))
    root = low - left * (high - low) / (right - left)
    return [root] if _side(gap, _moved(base, {name: root})) == 0 and root in base.domains[name] else []


def _among_integers(gap: Expression, base: Point, names: Sequence[str]) -> Iterator[Point]:
    """All small values of one or two integers, where they lie on both sides of the border or on it."""
    starts = [int(base.domains[name].low or 0) for name in names]
    grid = product(*(range(start, start + SMALL) for start in starts))
    points = [_moved(base, dict(zip(names, map(Fraction, values), strict=True))) for values in grid]
    points = [point for point in points if all(point.variables[name] in point.domains[name] for name in names)]
    sides = {_side(gap, point) for point in points}
    if len(sides) > 1:
        yield from points


def _moved(base: Point, values: Mapping[str, Fraction]) -> Point:
    return replace(base, variables={**base.variables, **values}, families={}, grids={}, generic=False)


def _side(gap: Expression, point: Point) -> int:
    """The sign of the difference; 0 also where it cannot be told."""
    try:
        with precision(BITS):
            return sign(evaluate(gap, point, Book()))
    except (Undefined, Unclear, Undecided):
        return 0
