"""Deciding whether two expressions are equal over the declared domains: a ladder, from cheap and sure to sampled.

1. *identical* after canonical ordering;
2. *exact*: equal as rational functions (``rational``);
3. *sampled*: evaluated in ball arithmetic at points of the declared domains. Two balls that do not meet prove the
   expressions different, and the point is the witness. Agreement within 2^-80 everywhere, with nothing in either
   expression hidden from the samples, counts as equal.

Anything else is undecided. Agreement is strong evidence and no proof; a witness is proof.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import flint
from flint import fmpq

from grader.errors import Undecided
from grader.math.book import MAX_STEPS, Book, switching
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.domains import Domain, domain, marked_points, random_point
from grader.math.evaluate import evaluate, evaluate_any
from grader.math.grids import Grid
from grader.math.points import Point, Quantity
from grader.math.rational import same_rational
from grader.math.signs import with_plain_bars
from grader.math.tree import MINUS_ONE, Apply, Constant, Expression, Multiply, Number, Reduce, free_names, walk
from grader.math.values import Unclear, Undefined, Value, ball, is_zero, magnitude, precision
from grader.spec import Symbol

AGREEMENT_BITS = 80
PRECISIONS = (128, 256, 1024)
POINTS = 24
EXACT_POINTS = 12
MARKED = 1  # of three points, the one that takes marked values
MAX_UNDEFINED = 4  # one point in four may be a removable singularity
MIN_AGREED = 6  # points, or all of them where there are fewer
LARGE_SIZES, LARGE_SHARE = (7, 18), 0.3
SIZES = (1, 5)  # of vectors
MAX_NAMED = 90
BRANCHING = frozenset({"abs", "sign", "less", "atmost", "same"})
MAX_CONSTANTS = 12
MAX_THRESHOLD_BITS = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """``equal``, ``unequal`` (with a witness) or ``undecided`` (with the reason), and the rung that said so.

    ``witness`` gives the values of symbols as text; ``values`` those of the two expressions there, first and second.
    ``mismatch`` tells that the first has no value at single points or on a part of the domain, where the second has
    one; ``undefined_at`` is such a point, and ``equal`` then means equal wherever both have a value. ``agreed`` tells,
    where it is undecided, that all samples agreed as far as they could be evaluated.
    """

    kind: Literal["equal", "unequal", "undecided"]
    rung: Literal["identical", "exact", "sampled", "proved"]
    reason: str = ""
    witness: dict[str, str] | None = None
    values: tuple[str, str] | None = None
    undefined_at: dict[str, str] | None = None
    mismatch: Literal["", "points", "part"] = ""
    agreed: bool = False


def compare(
    first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str, budget: int = MAX_STEPS
) -> Verdict:
    """Compare over the declared domains; ``seed`` fixes every draw. ``second`` is the one taken to be right.

    ``budget`` bounds the steps of evaluation for each of the two, over all samples.
    """
    try:
        first, second = resolved(first), resolved(second)
    except Undecided as undecided:
        return Verdict("undecided", "identical", str(undecided))
    if canonical(first) == canonical(second):
        return Verdict("equal", "identical")
    if (infinite := _infinities(first, second)) is not None:
        return infinite
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    first, second = with_plain_bars(first, domains), with_plain_bars(second, domains)
    exact = same_rational(first, second)
    return _Sampling(first, second, symbols, seed, budget).verdict(exact)


def _infinities(first: Expression, second: Expression) -> Verdict | None:
    """Two infinities that are not the same one; None where at most one of the two is infinite."""
    signs = _infinity(first), _infinity(second)
    if not all(signs):
        return None
    shown = tuple("infinity" if sign > 0 else "-infinity" for sign in signs)
    return Verdict("unequal", "exact", "", {}, (shown[0], shown[1])) if signs[0] != signs[1] else None


def _infinity(x: Expression) -> int:
    """1 and -1 for infinity and minus infinity, else 0."""
    plain = canonical(x)
    if plain == Constant("infinity"):
        return 1
    return -1 if plain == canonical(Multiply((MINUS_ONE, Constant("infinity")))) else 0


class _Sampling:
    """One comparison by samples: what was agreed, where the first expression had no value, what stayed open."""

    def __init__(
        self, first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str, budget: int
    ) -> None:
        self.first, self.second = first, second
        names = free_names(first) | free_names(second)
        names |= {size for name in names if name in symbols for size in symbols[name].shape}
        self.symbols = {name: symbol for name, symbol in symbols.items() if name in names}
        self.seed = seed
        self.books = (Book(budget=budget), Book(budget=budget))
        self.agreed = 0
        self.undefined: list[Point] = []
        self.keyless = 0  # points where the second has no value
        self.reason = ""
        mine, self.all_named = _constants(first)
        theirs, _ = _constants(second)
        self.constants = [*mine, *(value for value in theirs if value not in mine)]

    def verdict(self, exact: bool) -> Verdict:
        """``exact``: the two are known to be equal wherever both have a value, which leaves only that to look at."""
        tried = 0
        for place, point in enumerate(sample_points(self.symbols, self.seed, self.constants)):
            if exact and place == EXACT_POINTS:
                break
            if exact and place % 3 == MARKED:
                continue  # where expressions like to be undefined, which is no news
            found = self.at(point, sharp=place % 6 == 0)
            if isinstance(found, Verdict):
                return found
            self.agreed += found
            tried += 1
        return self.conclusion(tried, exact)

    def conclusion(self, tried: int, exact: bool) -> Verdict:
        undefined_at = _shown(self.undefined[0]) if self.undefined else None
        partial = MAX_UNDEFINED * len(self.undefined) > tried
        mismatch: Literal["", "points", "part"] = "part" if partial else "points" if self.undefined else ""
        keyless = MAX_UNDEFINED * self.keyless > tried
        reason = "" if exact and not partial and not keyless else self.doubt(tried)
        if reason:
            agreed = self.agreed > 0
            return Verdict("undecided", "sampled", reason, undefined_at=undefined_at, mismatch=mismatch, agreed=agreed)
        return Verdict("equal", "exact" if exact else "sampled", undefined_at=undefined_at, mismatch=mismatch)

    def doubt(self, tried: int) -> str:
        """Why agreement at the samples is not enough; empty where it is."""
        if not self.agreed:
            return self.reason or "the expression has no value where it was tried"
        few = self.agreed < (tried - len(self.undefined)) / 2 or self.agreed < min(tried, MIN_AGREED)
        if few or MAX_UNDEFINED * self.keyless > tried:
            return self.reason or "the two agree, but on a part of the domain only"
        if any(book.hidden for book in self.books):
            return "the two agree, but a part of the expression is too small, too large or never reached by the samples"
        return "" if self.all_named else "the two agree, but the expression names more constants than were tried"

    def at(self, point: Point, sharp: bool) -> Verdict | bool:
        """A certified difference at ``point``; or whether the two agree there, ``sharp`` to the last bits we have."""
        agree = False
        for bits in PRECISIONS:
            with precision(bits):
                try:
                    found = self.difference(point)
                except Unclear:
                    continue
                except Undecided as undecided:
                    self.reason = str(undecided)
                    return agree
            if isinstance(found, Verdict):
                return found
            if found is None:
                return False
            agree = agree or found
            if agree and not sharp:
                break
        return agree

    def difference(self, point: Point) -> Verdict | bool | None:
        """A witness; or whether the balls agree closely; None where either has no value, which says nothing."""
        try:
            right = evaluate_any(self.second, point, self.books[1])
        except Undefined:
            self.keyless += 1
            return None
        try:
            left = evaluate_any(self.first, point, self.books[0])
        except Undefined:
            self.undefined.append(point)
            return None
        gaps = _gaps(left, right)
        if gaps is None or any(map(_apart, gaps)):
            return Verdict("unequal", "sampled", "", _shown(point), (_digits(left), _digits(right)))
        size = max(_size(left), _size(right))
        return all(_is_close(gap, size) for gap in gaps)


def _gaps(left: Quantity, right: Quantity) -> list[Value] | None:
    """The differences of numbers, or of the entries of two matrices; None where these are of different sizes."""
    if isinstance(left, Grid) and isinstance(right, Grid):
        if left.size != right.size:
            return None
        return [a - b for a, b in zip(left, right, strict=True)]
    return None if isinstance(left, Grid) or isinstance(right, Grid) else [left - right]


def _apart(gap: Value) -> bool:
    """Whether the gap is certainly none."""
    return bool(gap != 0 and (isinstance(gap, fmpq) or not gap.contains(0)))


def _is_close(gap: Value, size: int) -> bool:
    if is_zero(gap) or magnitude(gap) < size - AGREEMENT_BITS:
        return True
    return flint.ctx.prec >= PRECISIONS[-1] and magnitude(gap) < -flint.ctx.prec // 2  # both may well be zero


def _size(x: Quantity) -> int:
    return max(map(magnitude, x)) if isinstance(x, Grid) else magnitude(x)


def sample_points(symbols: Mapping[str, Symbol], seed: str, constants: list[Fraction]) -> Iterator[Point]:
    """Points of the declared domains: random ones, marked ones, and both sides of the constants an expression names,
    for one symbol at a time."""
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    plain = [name for name, symbol in symbols.items() if not (symbol.arity or symbol.family or symbol.shape)]
    shapes = {name: symbol.shape for name, symbol in symbols.items() if symbol.shape}
    sizes = {size for shape in shapes.values() for size in shape if not size.isdigit()}
    named = [(name, value) for name in plain for c in constants for value in _beside(c, domains[name])]
    for place in range((POINTS if symbols else 1) + len(named[:MAX_NAMED])):
        rng = random.Random(f"{seed}/{place}")
        values = {name: _draw(domains[name], rng, place, f"{seed}/{name}") for name in plain}
        if place >= POINTS:
            values |= [named[place - POINTS]]
        values |= {name: Fraction(rng.randint(*SIZES)) for name in sizes if values[name] > SIZES[1]}
        _respect_order(symbols, domains, values, rng)
        yield Point(values, f"{seed}/{place}", domains, shapes)


def _beside(constant: Fraction, domain: Domain) -> list[Fraction]:
    """A constant, of either sign, and a point on each side of it."""
    steps = (Fraction(1),) if domain.integer else (Fraction(1, 7), Fraction(1, 10**6))
    found = []
    for middle in (constant, -constant):
        centre = Fraction(round(middle)) if domain.integer else middle
        sides = [next((p for step in steps if (p := centre + sign * step) in domain), None) for sign in (-1, 1)]
        found += [p for p in (centre, *sides) if p is not None and p in domain]
    return found


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


def _constants(x: Expression) -> tuple[list[Fraction], bool]:
    """Values of the parts of ``x`` without symbols, where it may hide a threshold; and whether these are all."""
    found: list[Fraction] = []
    for node in walk(x):
        switch = switching(node) if isinstance(node, Apply) and node.function in BRANCHING else None
        value = switch[1] if switch else _constant(node)
        if value is not None and abs(value) not in (0, 1) and value not in found:
            found.append(value)
    return found[:MAX_CONSTANTS], len(found) <= MAX_CONSTANTS


def _constant(x: Expression) -> Fraction | None:
    """The value of a part without symbols, to six places where it is no rational number."""
    if isinstance(x, Number):
        return x.value
    if isinstance(x, Constant | Reduce) or free_names(x):
        return None
    try:
        with precision(PRECISIONS[0]):
            value = evaluate(x, Point({}, "", {}), Book())
    except (Undefined, Unclear, Undecided, KeyError):
        return None
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    return Fraction(round(float(value.mid()), 6)) if magnitude(value) < MAX_THRESHOLD_BITS else None


def _shown(point: Point) -> dict[str, str]:
    shown = {name: str(value) for name, value in point.variables.items()}
    families = sorted(point.families.items(), key=lambda item: item[0])
    elements = {f"{family}_{index}": _digits(value) for (family, index), value in families}
    return shown | elements | {name: _digits(value) for name, value in point.grids.items()}


def _digits(x: Quantity) -> str:
    if isinstance(x, Grid):
        rows = [", ".join(map(_digits, row)) for row in x.rows]
        return f"[{', '.join(rows)}]" if x.size[1] == 1 else f"[{', '.join(f'[{row}]' for row in rows)}]"
    if isinstance(x, fmpq) and int(x.q).bit_length() < 40 and int(x.p).bit_length() < 40:
        return str(x)
    return str(ball(x).str(12, radius=False))
