"""Deciding whether two expressions are equal over the declared domains: a ladder, from cheap and sure to sampled.

1. *identical* after canonical ordering;
2. *exact*: equal as rational functions (``rational``);
3. *sampled*: evaluated in ball arithmetic at points of the declared domains. Two balls that do not meet prove the
   expressions different, and the point is the witness. Agreement within 2^-80 everywhere, with nothing in either
   expression hidden from the samples, counts as equal.

Anything else is undecided. Agreement is strong evidence and no proof; a witness is proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import flint
from flint import fmpq

from grader.errors import Undecided
from grader.math.book import MAX_STEPS, Book
from grader.math.boundaries import beside_borders
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.domains import domain
from grader.math.evaluate import evaluate_any
from grader.math.grids import Grid, diagonal
from grader.math.points import Point, Quantity
from grader.math.rational import same_rational
from grader.math.sampling import (
    bits_of_long_numbers,
    named_constants,
    plain_points,
    relevant_symbols,
    sample_points,
    shown_pair,
    shown_point,
)
from grader.math.shapes import described, shape
from grader.math.signs import always_defined, with_plain_bars
from grader.math.tree import MINUS_ONE, Constant, Expression, Multiply, Reduce, walk
from grader.math.values import Unclear, Undefined, Value, is_zero, magnitude, precision
from grader.spec import Symbol

AGREEMENT_BITS = 80
SHARP_BITS = 160  # at a few points, where it also takes in the numbers that are written down
PRECISIONS = (128, 256, 1024)
EXACT_POINTS = 12
AT_ONCE = 2
INFINITY = Constant("infinity")
MINUS_INFINITY = canonical(Multiply((MINUS_ONE, INFINITY)))
MAX_UNDEFINED = 4  # one point in four may be a removable singularity
MIN_AGREED = 6  # points, or all of them where there are fewer


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
    shapes = shape(first, symbols), shape(second, symbols)
    try:
        first, second = resolved(first), resolved(second)
    except Undecided as undecided:
        return Verdict("undecided", "identical", str(undecided))
    plain = canonical(first), canonical(second)
    if plain[0] == plain[1]:
        return Verdict("equal", "identical")
    if (infinite := _infinities(*plain)) is not None:
        return infinite
    symbols = relevant_symbols((first, second), symbols)
    if bool(shapes[0]) != bool(shapes[1]):
        return Verdict("unequal", "exact", "", {}, (described(shapes[0]), described(shapes[1])))
    if (apart := _at_once(first, second, symbols, seed)) is not None:
        return apart
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    first, second = with_plain_bars(first, domains), with_plain_bars(second, domains)
    exact = same_rational(first, second)
    if exact and always_defined(first, domains) and always_defined(second, domains):
        return Verdict("equal", "exact")
    return _Sampling(first, second, symbols, seed, budget).verdict(exact)


def _at_once(first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str) -> Verdict | None:
    """A witness among the first few points with short numbers: most that is wrong is wrong there too."""
    for point in islice(plain_points(symbols, seed), AT_ONCE):
        with precision(PRECISIONS[0]):
            apart = difference_at(first, second, point)
        if apart is not None:
            return Verdict("unequal", "sampled", "", shown_point(point), apart)
    return None


def _infinities(first: Expression, second: Expression) -> Verdict | None:
    """Two infinities that are not the same one; None where at most one of the two is infinite."""
    signs = _infinity(first), _infinity(second)
    if not all(signs):
        return None
    shown = tuple("infinity" if sign > 0 else "-infinity" for sign in signs)
    return Verdict("unequal", "exact", "", {}, (shown[0], shown[1])) if signs[0] != signs[1] else None


def _infinity(x: Expression) -> int:
    """1 and -1 for infinity and minus infinity, else 0; of a canonical form."""
    return 1 if x == INFINITY else -1 if x == MINUS_INFINITY else 0


class _Sampling:
    """One comparison by samples: what was agreed, where the first expression had no value, what stayed open."""

    def __init__(
        self, first: Expression, second: Expression, symbols: Mapping[str, Symbol], seed: str, budget: int
    ) -> None:
        self.first, self.second, self.symbols = first, second, symbols
        self.seed = seed
        self.books = (Book(budget=budget), Book(budget=budget))
        self.agreed = self.tried = self.keyless = self.stuck = 0
        self.sharp = self.blunt = 0  # where they were to agree more closely, and did or did not
        self.undefined: list[Point] = []  # where only the first has no value
        # random points, which tell of the domain at large: all, those without a value of the first, of the second
        self.random = [0, 0, 0]
        plain = [s for s in self.symbols.values() if not (s.arity or s.family)]
        self.discrete = any(domain(symbol.domain).integer for symbol in plain)
        self.reason = ""
        mine, self.all_named = named_constants(first)
        theirs, _ = named_constants(second)
        self.constants = [*mine, *(value for value in theirs if value not in mine)]
        self.dear = any(
            isinstance(node, Reduce) and node.operation == "integral" for node in (*walk(first), *walk(second))
        )
        self.sharp_bits = max(SHARP_BITS, AGREEMENT_BITS + bits_of_long_numbers((first, second)))

    def verdict(self, exact: bool) -> Verdict:
        """``exact``: the two are known to be equal wherever both have a value, which leaves only that to look at."""
        for place, point in enumerate(sample_points(self.symbols, self.seed, self.constants)):
            if exact and place == EXACT_POINTS:
                break
            missing, keyless = len(self.undefined), self.keyless
            found = self.at(point, sharp=place % 9 == 0 or not self.sharp + self.blunt)
            if isinstance(found, Verdict):
                return self.plainer(found)
            self.agreed += found
            self.tried += 1
            if point.generic:
                news = (1, len(self.undefined) - missing, self.keyless - keyless)
                self.random = [before + more for before, more in zip(self.random, news, strict=True)]
        verdict = self.conclusion(exact)
        return self.at_borders(verdict) if verdict.kind == "equal" and verdict.rung == "sampled" else verdict

    def at_borders(self, verdict: Verdict) -> Verdict:
        """The verdict after the borders between branches were tried as well."""
        trees = self.first, self.second
        points, whole = beside_borders(trees, self.symbols, self.seed, self.constants, self.sharp_bits)
        for point in points:
            found = self.at(point, sharp=False)
            if isinstance(found, Verdict):
                return self.plainer(found)
            whole = whole and not self.stuck
        reason = self.reason or "the two agree, but not on every border between two cases for sure"
        return verdict if whole else replace(verdict, kind="undecided", reason=reason, agreed=True)

    def plainer(self, found: Verdict) -> Verdict:
        """A witness with short numbers, where one of a few such points is one as well."""
        for point in islice(plain_points(self.symbols, self.seed), AT_ONCE, None):
            with precision(PRECISIONS[0]):
                apart = difference_at(self.first, self.second, point)
            if apart is not None:
                return replace(found, witness=shown_point(point), values=apart)
        return found

    def conclusion(self, exact: bool) -> Verdict:
        undefined_at = shown_point(self.undefined[0]) if self.undefined else None
        _, missing, keyless = self.random
        partial = self.is_part(missing)
        mismatch: Literal["", "points", "part"] = "part" if partial else "points" if self.undefined else ""
        reason = "" if exact and not partial and not self.is_part(keyless) else self.doubt()
        if reason:
            agreed = self.agreed > 0
            return Verdict("undecided", "sampled", reason, undefined_at=undefined_at, mismatch=mismatch, agreed=agreed)
        return Verdict("equal", "exact" if exact else "sampled", undefined_at=undefined_at, mismatch=mismatch)

    def is_part(self, points: int) -> bool:
        """Whether so many random points make a part of the domain: of integers they may be single ones."""
        return points * MAX_UNDEFINED > self.random[0] if self.discrete else points > 0

    def doubt(self) -> str:
        """Why agreement at the samples is not enough; empty where it is."""
        if not self.agreed or self.stuck:
            return self.reason or "the expression has no value where it was tried"
        few = self.agreed < (self.tried - len(self.undefined)) / 2 or self.agreed < min(self.tried, MIN_AGREED)
        if few or self.is_part(self.random[2]):
            return self.reason or "the two agree, but on a part of the domain only"
        if self.blunt:
            return self.reason or "the two agree, but they were not evaluated closely enough to tell them apart"
        if any(book.hidden for book in self.books):
            return "the two agree, but a part of the expression is too small, too large or never reached by the samples"
        return "" if self.all_named else "the two agree, but the expression names more constants than were tried"

    def at(self, point: Point, sharp: bool) -> Verdict | bool:
        """A certified difference at ``point``; or whether the two agree there, ``sharp`` to the last bits we have.

        Integrals, where these are dear, only as closely as it takes.
        """
        close, enough = 0, self.sharp_bits if sharp else AGREEMENT_BITS
        for bits in PRECISIONS:
            with precision(bits):
                try:
                    found = self.difference(point)
                except Unclear:
                    continue
                except Undecided as undecided:
                    self.reason = str(undecided)
                    self.stuck += close <= AGREEMENT_BITS
                    break
            if isinstance(found, Verdict):
                return found
            if found is None:
                return False
            close = max(close, found)
            if close > enough and (self.dear or not sharp):
                break
        agree = close > AGREEMENT_BITS
        self.sharp += sharp and close > enough
        self.blunt += sharp and agree and close <= enough
        return agree

    def difference(self, point: Point) -> Verdict | int | None:
        """A witness; or to how many bits the two surely agree; None where either has no value, which says nothing."""
        for book in self.books:
            book.discard()
        try:
            right = evaluate_any(self.second, point, self.books[1])
        except Undefined:
            self.keyless += 1
            return None
        try:
            left = evaluate_any(self.first, point, self.books[0])
        except Undefined:
            self.undefined.append(point)
            self.books[1].commit()  # the key was seen here; what the response left out is told apart
            return None
        gaps = _gaps(left, right)
        if gaps is None or any(map(certainly_apart, gaps)):
            return Verdict("unequal", "sampled", "", shown_point(point), shown_pair(left, right))
        for book in self.books:
            book.commit()
        sizes = _sizes(left, right)
        return min(_closeness(gap, size) for gap, size in zip(gaps, sizes, strict=True))


def difference_at(first: Expression, second: Expression, point: Point) -> tuple[str, str] | None:
    """The two values where they certainly differ at ``point``, else None."""
    try:
        left, right = evaluate_any(first, point, Book()), evaluate_any(second, point, Book())
    except (Undefined, Unclear, Undecided):
        return None
    gaps = _gaps(left, right)
    return shown_pair(left, right) if gaps is None or any(map(certainly_apart, gaps)) else None


def _gaps(left: Quantity, right: Quantity) -> list[Value] | None:
    """The differences of numbers, or of the entries of two matrices; None where these are of different sizes.

    The zero of an empty sum does not know its size, nor does the one of an empty product.
    """
    if not isinstance(left, Grid) and not isinstance(right, Grid):
        return [left - right]
    grids = [side for side in (left, right) if isinstance(side, Grid)]
    sides = [side if isinstance(side, Grid) else _as_large(side, grids[0]) for side in (left, right)]
    if sides[0] is None or sides[1] is None or sides[0].size != sides[1].size:
        return None
    return [a - b for a, b in zip(sides[0], sides[1], strict=True)]


def _as_large(x: Value, other: Grid) -> Grid | None:
    """Zero or one as a matrix of the size of ``other``; None for other numbers."""
    if is_zero(x):
        return other.scaled(fmpq(0))
    return diagonal([x] * other.size[0]) if x == 1 and other.size[0] == other.size[1] else None


def _sizes(left: Quantity, right: Quantity) -> list[int]:
    """For each entry, about log2 of the larger of the two."""
    sides = [list(side) if isinstance(side, Grid) else [side] for side in (left, right)]
    longest = max(len(side) for side in sides)
    full = [side if len(side) == longest else side * longest for side in sides]
    return [max(magnitude(a), magnitude(b)) for a, b in zip(*full, strict=True)]


def certainly_apart(gap: Value) -> bool:
    """Whether the gap is certainly none."""
    return bool(gap != 0 and (isinstance(gap, fmpq) or not gap.contains(0)))


def _closeness(gap: Value, size: int) -> int:
    """To how many bits two numbers surely agree whose gap this is, and about log2 of the larger of which ``size``."""
    if is_zero(gap):
        return -magnitude(gap)
    closeness = size - magnitude(gap)
    if flint.ctx.prec >= PRECISIONS[-1] and magnitude(gap) < -flint.ctx.prec // 2:
        return max(closeness, -magnitude(gap))  # both may well be zero
    return closeness
