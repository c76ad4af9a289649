"""Points on both sides of where an expression changes from one branch to another.

``[x < y]`` and ``[x < y + 1/10]`` agree at nearly all random points. So the border is looked for, along one variable at
a time, and both sides of it are tried. On the border itself ``<`` and ``<=`` differ: where that is no rational point,
it must be clear from the two sides what either expression is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from grader.math.values import Unclear, Undefined, is_zero, magnitude, precision, sign
from grader.spec import Symbol

BASES = 6  # points from which a border is looked for
CROSSINGS = 3  # borders that are tried for each gap
SMALL = 7  # values of integers that are tried
JUMP_BITS = 120  # what changes by less at a border, against its change around it, does not jump there
_TWO_SIDED = frozenset({"less", "atmost", "same", "max", "min"})


@dataclass(frozen=True)
class _Crossing:
    """Points around a border: on either side of it and, where it is ``exact``, on it as well.

    ``around`` are two points further away, between which it lies.
    """

    points: tuple[Point, ...]
    exact: bool
    around: tuple[Point, ...] = ()


def beside_borders(
    trees: Sequence[Expression], symbols: Mapping[str, Symbol], seed: str, constants: list[Fraction], bits: int
) -> tuple[list[Point], bool]:
    """Points beside the borders of branches in ``trees``, to so many ``bits``; and whether these tell all about them:
    every border was met, and what the trees are on it can be seen from both sides.

    Borders at constants, which are sampled anyway (see ``book.switching``), are left out.
    """
    bases = [point for point in islice(sample_points(symbols, seed, constants), 24) if point.generic]
    found: list[Point] = []
    whole = True
    for gap, indices in dict.fromkeys(gap for tree in trees for gap in _gaps(tree, {})):
        if indices and _is_whole(gap, indices, symbols):
            continue
        plain = not indices and _are_plain(free_names(gap), symbols)
        met = list(islice(_crossings(gap, bases, bits), CROSSINGS)) if plain else []
        found += [point for crossing in met for point in crossing.points]
        whole = whole and bool(met) and all(crossing.exact or _is_told(trees, crossing, bits) for crossing in met)
    return found, whole


def _gaps(x: Expression, bound: Mapping[str, str]) -> Iterator[tuple[Expression, frozenset[tuple[str, str]]]]:
    """Differences at whose zeros a branch changes, each with the running indices in it and what they run for."""
    inner = {**bound, x.variable: x.operation} if isinstance(x, Reduce) else bound
    for child in children(x):
        yield from _gaps(child, inner)
    if not isinstance(x, Apply) or not free_names(x) or switching(x) is not None:
        return
    if x.function in _TWO_SIDED:
        gaps = [Add((a, negate(b))) for a, b in combinations(x.arguments, 2) if free_names(a) | free_names(b)]
    else:
        gaps = [Add((x.arguments[0], ZERO))] if x.function in ("abs", "sign") else []
    yield from ((gap, frozenset((name, bound[name]) for name in free_names(gap) & bound.keys())) for gap in gaps)


def _is_whole(gap: Expression, indices: frozenset[tuple[str, str]], symbols: Mapping[str, Symbol]) -> bool:
    """Whether it depends on integers alone, an index among them: that takes all of its values at every point, so that
    both sides of the border are tried wherever both branches are. Or on the variable of an integral alone, for an
    integral is none the worse for a single point."""
    names = free_names(gap) - {name for name, _ in indices}
    if any(operation == "integral" for _, operation in indices):
        return not names
    return _are_plain(names, symbols) and all(domain(symbols[name].domain).integer for name in names)


def _are_plain(names: Iterable[str], symbols: Mapping[str, Symbol]) -> bool:
    """Whether these are names of numbers alone, that can be varied one by one."""
    named = [symbols.get(name) for name in names]
    return all(symbol is not None and not (symbol.arity or symbol.family or symbol.shape) for symbol in named)


def _crossings(gap: Expression, bases: Sequence[Point], bits: int) -> Iterator[_Crossing]:
    names = sorted(free_names(gap))
    for base in bases[:BASES]:
        for name in names:
            if not base.domains[name].integer:
                yield from _along(gap, base, name, sorted({point.variables[name] for point in bases}), bits)
    whole = [name for name in names if bases and bases[0].domains[name].integer]
    if whole and len(whole) <= 2:
        yield from _among_integers(gap, bases[0], whole, bits)


def _along(gap: Expression, base: Point, name: str, values: Sequence[Fraction], bits: int) -> Iterator[_Crossing]:
    """One sign change on the line through ``base``."""
    before: tuple[Fraction, int] | None = None
    for value in values:
        side = _side(gap, _moved(base, {name: value}), bits)
        if before is not None and side * before[1] < 0:
            low, high = before[0], value
            for _ in range(bits):
                middle = (low + high) / 2
                here = _side(gap, _moved(base, {name: middle}), bits)
                if here == before[1]:
                    low = middle
                else:
                    high = middle
            border = _border(gap, base, name, before[0], value, bits)
            points = tuple(_moved(base, {name: end}) for end in (low, high, *border))
            yield _Crossing(points, bool(border), tuple(_moved(base, {name: end}) for end in (before[0], value)))
            return
        if side:
            before = value, side


def _border(gap: Expression, base: Point, name: str, low: Fraction, high: Fraction, bits: int) -> list[Fraction]:
    """The border itself, where the difference is linear in the variable and rational."""
    try:
        ends = [evaluate(gap, _moved(base, {name: end}), Book()) for end in (low, high)]
    except (Undefined, Unclear, Undecided):
        return []
    if not all(isinstance(end, fmpq) for end in ends):
        return []
    left, right = (Fraction(int(end.p), int(end.q)) for end in ends if isinstance(end, fmpq))
    root = low - left * (high - low) / (right - left)
    return [root] if _side(gap, _moved(base, {name: root}), bits) == 0 and root in base.domains[name] else []


def _among_integers(gap: Expression, base: Point, names: Sequence[str], bits: int) -> Iterator[_Crossing]:
    """All small values of one or two integers, where they lie on both sides of the border or on it."""
    starts = [int(base.domains[name].low or 0) for name in names]
    grid = product(*(range(start, start + SMALL) for start in starts))
    points = [_moved(base, dict(zip(names, map(Fraction, values), strict=True))) for values in grid]
    points = [point for point in points if all(point.variables[name] in point.domains[name] for name in names)]
    sides = {_side(gap, point, bits) for point in points}
    if len(sides) > 1:
        yield _Crossing(tuple(points), exact=True)


def _moved(base: Point, values: Mapping[str, Fraction]) -> Point:
    return replace(base, variables={**base.variables, **values}, families={}, grids={}, generic=False)


def _side(gap: Expression, point: Point, bits: int) -> int:
    """The sign of the difference; 0 also where it cannot be told."""
    try:
        with precision(2 * bits):
            return sign(evaluate(gap, point, Book()))
    except (Undefined, Unclear, Undecided):
        return 0


# --- on the border ---


def _is_told(trees: Sequence[Expression], crossing: _Crossing, bits: int) -> bool:
    """Whether the trees, which agree on both sides of a border, surely agree on it too.

    A tree whose conditions all count the border to one side is there what it is on that side. The two may count it to
    different sides where they do not jump.
    """
    ties = [_ties(tree, crossing, bits) for tree in trees]
    if any(0 in tie or len(tie) > 1 for tie in ties):
        return False
    return len(set().union(*ties)) < 2 or not any(_jumps(tree, crossing, bits) for tree in trees)


def _ties(x: Expression, crossing: _Crossing, bits: int) -> set[int]:
    """To which sides of the border the conditions count it that change there: -1, 1, or 0 for none or unknown."""
    found = set()
    for node in _conditions(x, frozenset()):
        left, right = (*node.arguments, ZERO)[:2]
        before, after = (_side(Add((left, negate(right))), point, bits) for point in crossing.points)
        if before != after or not before:
            found.add(_COUNTED[node.function] * after)
    return found


def _conditions(x: Expression, bound: frozenset[str]) -> Iterator[Apply]:
    """What may change at a border, but for what depends on a running index, where borders are told of otherwise."""
    inner = bound | {x.variable} if isinstance(x, Reduce) else bound
    for child in children(x):
        yield from _conditions(child, inner)
    if isinstance(x, Apply) and x.function in _COUNTED and free_names(x) and not free_names(x) & bound:
        yield x


# with which sign of left - right a tie goes
_COUNTED = {"less": 1, "atmost": -1, "same": 0, "sign": 0}


def _jumps(x: Expression, crossing: _Crossing, bits: int) -> bool:
    """Whether ``x`` has different values on both sides of a border, or may have."""
    try:
        with precision(2 * bits):
            here, there, *around = (evaluate(x, point, Book()) for point in (*crossing.points, *crossing.around))
            gap, scale = here - there, max(map(magnitude, around))
    except (Undefined, Unclear, Undecided):
        return True
    return not is_zero(gap) and magnitude(gap) > scale - JUMP_BITS
