"""Where two expressions are tried: points of the declared domains, and how a point and its values are shown."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from flint import fmpq

from grader.errors import Undecided
from grader.math.book import Book, switching
from grader.math.domains import Domain, domain, marked_points, random_point, short_points
from grader.math.evaluate import evaluate
from grader.math.grids import MAX_ROWS, Grid
from grader.math.points import Point, Quantity
from grader.math.tree import Apply, Constant, Expression, Number, Reduce, Variable, free_names, walk
from grader.math.values import Unclear, Undefined, ball, magnitude, precision
from grader.spec import Symbol

POINTS = 24
MARKED = 1  # of three points, the one that takes marked values
PLAIN_POINTS = 6
LARGE_SIZES, LARGE_SHARE = (7, 18), 0.3
SIZES = (1, 9)  # of vectors, where more would be too many
MAX_NAMED = 90
MAX_CONSTANTS = 12
MAX_THRESHOLD_BITS = 60
SHORT_BITS = 32
CONSTANT_BITS = 128
DIGITS = (12, 20, 40, 80)
BRANCHING = frozenset({"abs", "sign", "less", "atmost", "same"})


def sample_points(symbols: Mapping[str, Symbol], seed: str, constants: list[Fraction]) -> Iterator[Point]:
    """Points of the declared domains: random ones, marked ones, and both sides of the constants an expression names,
    for one symbol at a time."""
    ground = _Ground(symbols)
    named = [(name, *found) for name in ground.plain for c in constants for found in _beside(c, ground.domains[name])]
    for place in range((POINTS if symbols else 1) + len(named[:MAX_NAMED])):
        rng = random.Random(f"{seed}/{place}")
        values = {name: _draw(ground.domains[name], rng, place, f"{seed}/{name}") for name in ground.plain}
        special = place % 3 == MARKED
        if place >= POINTS:
            name, value, special = named[place - POINTS]
            values[name] = value
        yield replace(ground.point(values, f"{seed}/{place}", rng), generic=not special)


def relevant_symbols(trees: Sequence[Expression], symbols: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The symbols that the expressions are about, and the sizes of their vectors; those of identity matrices stand for
    themselves under names that nobody can write."""
    names = frozenset[str]().union(*map(free_names, trees))
    names |= {size for name in names if name in symbols for size in symbols[name].shape}
    found = {name: symbol for name, symbol in symbols.items() if name in names}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Apply) and node.function == "identity" and isinstance(node.arguments[0], Variable):
                size = node.arguments[0].name
                found[f"#{size}"] = Symbol(shape=(size,))
    return found


def plain_points(symbols: Mapping[str, Symbol], seed: str) -> Iterator[Point]:
    """Points with short numbers, for a difference that is known to be there to be shown at one of them."""
    ground = _Ground(symbols)
    for place in range(PLAIN_POINTS):
        rng = random.Random(f"{seed}/plain/{place}")
        values = {name: rng.choice(short_points(ground.domains[name])) for name in ground.plain}
        yield replace(ground.point(values, f"{seed}/plain/{place}", rng), plain=True)


class _Ground:
    """What the symbols say of the points to draw."""

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
        self.plain = [name for name, symbol in symbols.items() if not (symbol.arity or symbol.family or symbol.shape)]
        self.shapes = {name: symbol.shape for name, symbol in symbols.items() if symbol.shape}
        self.sizes = {size for shape in self.shapes.values() for size in shape if not size.isdigit()}

    def point(self, values: dict[str, Fraction], seed: str, rng: random.Random) -> Point:
        values |= {name: Fraction(rng.randint(*SIZES)) for name in sorted(self.sizes) if values[name] > MAX_ROWS}
        for name, symbol in self.symbols.items():
            if self.sizes & {symbol.below, symbol.up_to} and values.get(name, 0) >= SIZES[1]:
                values[name] = Fraction(rng.randint(1, SIZES[1] - 1))
        _respect_order(self.symbols, self.domains, values, rng)
        return Point(values, seed, self.domains, self.shapes)


def _beside(constant: Fraction, domain: Domain) -> list[tuple[Fraction, bool]]:
    """A constant, of either sign, and a point on each side of it; and whether it is the constant itself."""
    found = []
    for middle in (constant, -constant):
        centre = Fraction(round(middle)) if domain.integer else middle
        sides = [next((p for p in _steps(centre, side, domain) if p in domain), None) for side in (-1, 1)]
        found += [(p, p == centre) for p in (centre, *sides) if p is not None and p in domain]
    return found


def _steps(centre: Fraction, side: int, domain: Domain) -> Iterator[Fraction]:
    """Points beside ``centre``, the last of them within the domain if any is: half way to its end."""
    if domain.integer:
        yield centre + side
        return
    yield centre + side * Fraction(1, 7)
    yield centre + side * Fraction(1, 10**6)
    end = domain.low if side < 0 else domain.high
    if end is not None:
        yield (centre + end) / 2


def _draw(domain: Domain, rng: random.Random, place: int, order: str) -> Fraction:
    """A marked value at every third point, all in turn; else a random one, of the integers now and then a large one."""
    if place % 3 == MARKED:
        marked = random.Random(order).sample(points := marked_points(domain), len(points))
        return marked[place // 3 % len(marked)]
    if domain.integer and domain.high is None and rng.random() < LARGE_SHARE:
        return Fraction(rng.randint(*LARGE_SIZES)) + (domain.low or 0)
    return rng.choice(marked_points(domain)) if domain.integer else random_point(domain, rng)


def _respect_order(
    symbols: Mapping[str, Symbol], domains: Mapping[str, Domain], values: dict[str, Fraction], rng: random.Random
) -> None:
    """Make every symbol that is declared ``below`` another one less than it, moving the larger one up if need be."""
    for name, symbol in symbols.items():
        for other, gap in ((symbol.below, 1), (symbol.up_to, 0)):
            if other is None or other not in values or name not in values:
                continue
            integer = domains[other].integer
            if values[name] + (gap if integer else 0) > values[other] or (gap and values[name] == values[other]):
                step = Fraction(rng.randint(gap, 4)) if integer else Fraction(rng.randint(gap, 900), 301)
                values[other] = values[name] + step


def named_constants(x: Expression) -> tuple[list[Fraction], bool]:
    """Values of the parts of ``x`` without symbols, where it may hide a threshold; and whether these are all."""
    found: list[Fraction] = []
    thresholds: dict[str, set[Fraction]] = {}
    for node in walk(x):
        switch = switching(node) if isinstance(node, Apply) and node.function in BRANCHING else None
        value = switch[1] if switch else _constant(node)
        if switch:
            thresholds.setdefault(switch[0], set()).add(switch[1])
        if value is not None and (switch or abs(value) not in (0, 1)) and value not in found:
            found.append(value)
    # between two thresholds there may be a gap
    between = [(a + b) / 2 for ends in thresholds.values() for a, b in pairwise(sorted(ends))]
    found = list(dict.fromkeys([*between, *found]))
    return found[:MAX_CONSTANTS], len(found) <= MAX_CONSTANTS


def bits_of_long_numbers(trees: Sequence[Expression]) -> int:
    """How long the long numbers in ``trees`` are together: what they make differ may be as small as that."""
    numbers = [node.value for tree in trees for node in walk(tree) if isinstance(node, Number)]
    lengths = (max(abs(value.numerator), value.denominator).bit_length() for value in numbers)
    return sum(length for length in lengths if length > SHORT_BITS)


def _constant(x: Expression) -> Fraction | None:
    """The value of a part without symbols, to six places where it is no rational number."""
    if isinstance(x, Number):
        return x.value
    if isinstance(x, Constant | Reduce) or free_names(x):
        return None
    try:
        with precision(CONSTANT_BITS):
            value = evaluate(x, Point({}, "", {}), Book())
    except (Undefined, Unclear, Undecided, KeyError):
        return None
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    return Fraction(round(float(value.mid()), 6)) if magnitude(value) < MAX_THRESHOLD_BITS else None


def shown_point(point: Point) -> dict[str, str]:
    shown = {name: str(value) for name, value in point.variables.items()}
    families = sorted(point.families.items(), key=lambda item: item[0])
    elements = {f"{family}_{index}": shown_value(value) for (family, index), value in families}
    return shown | elements | {name: shown_value(value) for name, value in point.grids.items()}


def shown_pair(left: Quantity, right: Quantity) -> tuple[str, str]:
    """Two values that differ, with as many digits as it takes to see that."""
    shown = [(shown_value(left, digits), shown_value(right, digits)) for digits in DIGITS]
    exact = str(left), str(right)
    return next((pair for pair in shown if pair[0] != pair[1]), exact if max(map(len, exact)) < 200 else shown[-1])


def shown_value(x: Quantity, digits: int = DIGITS[0]) -> str:
    if isinstance(x, Grid):
        rows = [", ".join(shown_value(entry, digits) for entry in row) for row in x.rows]
        return f"[{', '.join(rows)}]" if x.size[1] == 1 else f"[{', '.join(f'[{row}]' for row in rows)}]"
    if isinstance(x, fmpq) and int(x.q).bit_length() < 40 and int(x.p).bit_length() < 40:
        return str(x)
    return str(ball(x).str(digits, radius=False))
