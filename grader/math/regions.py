"""Sets of real numbers given by relations, intervals and unions, compared exactly.

A relation between rational functions changes its truth only at real roots of polynomials with rational coefficients.
These are isolated by FLINT, and one rational number from every gap between them, and each root, is tried in both sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal

from flint import acb, arb, fmpq, fmpq_poly, fmpz_poly

from grader.errors import Undecided, Unreadable
from grader.math.canonical import canonical
from grader.math.domains import Domain
from grader.math.printing import to_latex
from grader.math.rational import quotient_in
from grader.math.reader import Reader
from grader.math.tree import Apply, Constant, Expression, Multiply, Number, Power, Variable, negate
from grader.math.values import Unclear, precision, sign
from grader.spec import Symbol

RELATIONS = {"<": r"<", "<=": r"\le", ">": r">", ">=": r"\ge", "=": "=", "!=": r"\ne"}
_UP, _DOWN = ("<", "<="), (">", ">=")
MAX_DEGREE = 40


@dataclass(frozen=True, slots=True)
class Chain:
    """``0 < D <= 1/2``: one relation between each two neighbours."""

    sides: tuple[Expression, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions that all hold (``and``) or of which some holds (``or``)."""

    how: Literal["and", "or"]
    parts: tuple[Condition, ...]


Condition = Chain | Joined


# --- reading ---


def read_region(text: str, variable: str, symbols: Mapping[str, Symbol]) -> Condition:
    """Read relations, chains, intervals, unions and sets such as {x : x < 1}. Raises Unreadable."""
    reader = Reader(text, symbols)
    if reader.next.kind == "end":
        raise Unreadable("there is no region here", 0)
    found = _RegionReader(reader, variable).union()
    if reader.next.kind != "end":
        reader.fail("a relation such as `<`, a further condition, or the end")
    return found


class _RegionReader:
    def __init__(self, reader: Reader, variable: str) -> None:
        self.reader = reader
        self.variable = variable

    def word(self, *words: str) -> bool:
        if self.reader.next.text in words and self.reader.next.kind in ("sign", "name"):
            self.reader.take()
            return True
        return False

    def union(self) -> Condition:
        parts = [self.intersection()]
        while self.word("or", "cup", "U"):
            parts.append(self.intersection())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def intersection(self) -> Condition:
        parts = [self.single()]
        while self.word("and", "cap", ",", ";"):
            self.word("and")
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def single(self) -> Condition:
        """A set, an interval, a condition in brackets, or a chain; if it is none, the reading that came furthest says
        what was expected."""
        readings: list[Callable[[], Condition]] = [self.chain]
        if self.reader.sees("(", "[", "{"):
            readings = [self.interval, self.bracketed, self.chain]
        if self.reader.sees("{{", "{"):
            readings.insert(0, self.builder)
        failures: list[Unreadable] = []
        with self.reader.deeper():
            for read in readings:
                at, depth = self.reader.at, self.reader.depth
                try:
                    return read()
                except Unreadable as failure:
                    failures.append(failure)
                    self.reader.at, self.reader.depth = at, depth
            raise max(failures, key=lambda failure: failure.position or 0)

    def builder(self) -> Condition:
        closing = {"{{": "}}", "{": "}"}[self.reader.take().text]
        found = self.reader.declared()
        if self.word("in") and self.reader.next.text == "R":
            self.reader.take()
        if found != Variable(self.variable) or not self.reader.accept(":", "|"):
            self.reader.fail("a set such as {x : x < 1}")
        inner = self.union()
        self.reader.expect(closing)
        return inner

    def interval(self) -> Condition:
        if not self.reader.sees("(", "["):
            self.reader.fail("`(` or `[`")
        below = "<" if self.reader.take().text == "(" else "<="
        low = self.reader.expression()
        self.reader.expect(",")
        high = self.reader.expression()
        above = "<" if self.reader.sees(")") else "<="
        if not self.reader.accept(")", "]"):
            self.reader.fail("`)` or `]`")
        return Chain((low, Variable(self.variable), high), (below, above))

    def bracketed(self) -> Condition:
        closing = {"(": ")", "[": "]", "{": "}"}[self.reader.take().text]
        inner = self.union()
        self.reader.expect(closing)
        return inner

    def chain(self) -> Condition:
        sides = [self.reader.expression()]
        if sides[0] == Variable(self.variable) and self.word("in"):
            return self.union_of_intervals()
        relations: list[str] = []
        while self.reader.sees(*RELATIONS):
            relations.append(self.reader.take().text)
            sides.append(self.reader.expression())
        if not relations:
            self.reader.fail("a relation such as `<`")
        if any(r in _UP for r in relations) and any(r in _DOWN for r in relations):
            self.reader.fail("relations that all point the same way, or `and` between two of them")
        return Chain(tuple(sides), tuple(relations))

    def union_of_intervals(self) -> Condition:
        parts = [self.single()]
        while self.word("cup", "U"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))


def region_to_latex(region: Condition, symbols: Mapping[str, Symbol]) -> str:
    """The reading, as LaTeX."""
    if isinstance(region, Joined):
        join = r" \text{ and } " if region.how == "and" else r" \text{ or } "
        parts = [region_to_latex(part, symbols) for part in region.parts]
        inner = [isinstance(part, Joined) and part.how != region.how for part in region.parts]
        return join.join(f"({text})" if bracket else text for text, bracket in zip(parts, inner, strict=True))
    out = to_latex(region.sides[0], symbols)
    for relation, side in zip(region.relations, region.sides[1:], strict=True):
        out += f" {RELATIONS[relation]} {to_latex(side, symbols)}"
    return out


# --- deciding ---


@dataclass(frozen=True, slots=True)
class RegionVerdict:
    """``witness`` lies in exactly one of the two regions; ``at_end`` tells that they differ at end points only,
    ``single`` at single points only."""

    equal: bool
    witness: str | None = None
    in_first: bool = False
    at_end: bool = False
    single: bool = False


@dataclass(frozen=True)
class _Spot:
    """A place on the line: a rational number, or a root of an irreducible polynomial."""

    value: fmpq | None
    factor: fmpz_poly | None = None
    place: int = 0

    def sign_of(self, poly: fmpq_poly) -> int:
        if self.value is not None:
            return sign(poly(self.value))
        assert self.factor is not None
        if not poly or _divides(self.factor, poly):
            return 0
        for bits in (64, 256, 1024, 4096):
            with precision(bits):
                try:
                    return sign(_at(poly, _real_roots(self.factor)[self.place]))
                except Unclear:
                    continue
        raise Undecided("two end points lie too close together")

    @cached_property
    def shown(self) -> str:
        if self.value is not None:
            return str(self.value)
        assert self.factor is not None
        if self.factor.degree() == 1:
            return str(fmpq(-self.factor[0], self.factor[1]))
        return str(_real_roots(self.factor)[self.place].str(8, radius=False))


def compare_regions(first: Condition, second: Condition, variable: str, domain: Domain) -> RegionVerdict:
    """Whether both hold for the same values of ``variable`` inside ``domain``. Raises Undecided where a relation is
    not between rational functions of the one variable."""
    if domain.integer:
        raise Undecided("regions of integers are not compared")
    edges = [Chain((Variable(variable), Number(end)), ("<",)) for end in (domain.low, domain.high) if end is not None]
    truths = {id(c): _Truth(c, variable) for c in (first, second, *edges)}
    polys = [poly for truth in truths.values() for poly in truth.polys]
    spots = [spot for spot in _spots(polys) if _inside(spot, domain)]
    truth = [(truths[id(first)].holds(spot), truths[id(second)].holds(spot)) for spot in spots]
    differing = [place for place, (left, right) in enumerate(truth) if left != right]
    if not differing:
        return RegionVerdict(True)
    ends = [place for place in differing if _is_end([right for _, right in truth], place, spots)]
    place = min(differing, key=lambda place: (place in ends, spots[place].value is None))
    single = all(spots[place].value is None for place in differing)
    return RegionVerdict(False, spots[place].shown, truth[place][0], at_end=ends == differing, single=single)


def _is_end(holds: list[bool], place: int, spots: list[_Spot]) -> bool:
    """Whether the second region ends at this spot: a single point, with the region on one side of it only."""
    before = holds[place - 1] if place else False
    after = holds[place + 1] if place + 1 < len(holds) else False
    return spots[place].value is None and before != after


class _Truth:
    """A condition with each relation as the sign of a numerator over a denominator."""

    def __init__(self, condition: Condition, variable: str) -> None:
        self.condition = condition
        self.quotients: dict[tuple[int, int], tuple[fmpq_poly, fmpq_poly] | bool] = {}
        for chain in _chains(condition):
            for place, relation in enumerate(chain.relations):
                pair = chain.sides[place], chain.sides[place + 1]
                self.quotients[id(chain), place] = _difference(*pair, relation, variable)

    @property
    def polys(self) -> list[fmpq_poly]:
        return [poly for pair in self.quotients.values() if not isinstance(pair, bool) for poly in pair]

    def holds(self, spot: _Spot) -> bool:
        return self._holds(self.condition, spot)

    def _holds(self, condition: Condition, spot: _Spot) -> bool:
        if isinstance(condition, Joined):
            results = (self._holds(part, spot) for part in condition.parts)
            return all(results) if condition.how == "and" else any(results)
        return all(
            _relation_holds(self.quotients[id(condition), place], relation, spot)
            for place, relation in enumerate(condition.relations)
        )


def _relation_holds(pair: tuple[fmpq_poly, fmpq_poly] | bool, relation: str, spot: _Spot) -> bool:
    if isinstance(pair, bool):
        return pair
    below = spot.sign_of(pair[1])
    if below == 0:
        return False  # a side has no value here, so the relation does not hold
    side = spot.sign_of(pair[0]) * below
    return {"<": side < 0, "<=": side <= 0, ">": side > 0, ">=": side >= 0, "=": side == 0, "!=": side != 0}[relation]


def _chains(condition: Condition) -> list[Chain]:
    if isinstance(condition, Chain):
        return [condition]
    return [chain for part in condition.parts for chain in _chains(part)]


def _difference(
    left: Expression, right: Expression, relation: str, variable: str
) -> tuple[fmpq_poly, fmpq_poly] | bool:
    """Numerator and denominator of left - right; or the truth itself where one side is infinite."""
    ends = [_infinite(side) for side in (left, right)]
    if any(ends):
        side = ends[0] - ends[1]
        if not side or all(ends):
            raise Undecided("infinity compared with infinity")
        return {"<": side < 0, "<=": side < 0, ">": side > 0, ">=": side > 0, "=": False, "!=": True}[relation]
    left, right = canonical(left), canonical(right)
    if _is_size(left) and _is_size(right):
        left, right = _squared(left), _squared(right)  # both are at least zero, so squares compare as they do
    found = quotient_in(variable, left, right)
    if found is None:
        raise Undecided("only relations between rational functions are decided here")
    if max(found[0].degree(), found[1].degree()) > MAX_DEGREE:
        raise Undecided(f"polynomials of a degree above {MAX_DEGREE} are not decided here")
    return found


def _is_size(x: Expression) -> bool:
    return (isinstance(x, Apply) and x.function == "abs") or (isinstance(x, Number) and x.value >= 0)


def _squared(x: Expression) -> Expression:
    return Power(x.arguments[0] if isinstance(x, Apply) else x, Number(Fraction(2)))


def _infinite(x: Expression) -> int:
    infinity = Constant("infinity")
    x = canonical(x)
    if x == infinity:
        return 1
    return -1 if x == canonical(negate(infinity)) or x == Multiply((infinity, Number(Fraction(-1)))) else 0


def _inside(spot: _Spot, domain: Domain) -> bool:
    x = fmpq_poly([0, 1])
    for end, is_open, side in ((domain.low, domain.open_low, 1), (domain.high, domain.open_high, -1)):
        if end is not None:
            beyond = side * spot.sign_of(x - fmpq(end.numerator, end.denominator))
            if beyond < 0 or (beyond == 0 and is_open):
                return False
    return not (domain.nonzero and spot.sign_of(x) == 0)


# --- roots ---


def _spots(polys: Iterable[fmpq_poly]) -> list[_Spot]:
    """Every real root of the polynomials, and a rational number between each two neighbours and beyond both ends."""
    factors: list[fmpz_poly] = []
    for poly in polys:
        if poly.degree() > 0:
            factors += [f for f, _ in poly.numer().factor()[1] if f not in factors]
    for bits in (64, 256, 1024):
        with precision(bits):
            roots = [(r, f, i) for f in factors for i, r in enumerate(_real_roots(f))]
            roots.sort(key=lambda root: _exact(root[0]))
            if all(_exact(a[0].upper()) < _exact(b[0].lower()) for a, b in pairwise(roots)):
                return _with_gaps(roots)
    raise Undecided("two end points lie too close together")


def _with_gaps(roots: list[tuple[arb, fmpz_poly, int]]) -> list[_Spot]:
    if not roots:
        return [_Spot(fmpq(0))]
    out = [_Spot(_exact(roots[0][0].lower()).floor() - fmpq(1))]
    for place, (root, factor, which) in enumerate(roots):
        out.append(_Spot(None, factor, which))
        after = roots[place + 1][0].lower() if place + 1 < len(roots) else None
        upper = _exact(root.upper())
        out.append(_Spot(_simplest(upper, _exact(after)) if after is not None else upper.ceil() + fmpq(1)))
    return out


def _simplest(low: fmpq, high: fmpq) -> fmpq:
    """The number with the smallest denominator strictly between two others."""
    whole = fmpq(low.floor())
    if whole + 1 < high:
        return whole + 1
    if low == whole:
        return whole + 1 / (fmpq((1 / (high - whole)).floor()) + 1)
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))


def _exact(x: arb) -> fmpq:
    mantissa, exponent = x.mid().man_exp()
    return fmpq(mantissa) * fmpq(2) ** int(exponent)


def _real_roots(factor: fmpz_poly) -> list[arb]:
    """Real roots in ascending order; FLINT gives them with an imaginary part that is exactly zero."""
    roots: list[tuple[acb, int]] = factor.complex_roots()  # type: ignore[assignment]  # the stubs forget multiplicities
    return [root.real for root, _ in roots if root.imag.is_zero()]


def _divides(factor: fmpz_poly, poly: fmpq_poly) -> bool:
    return not poly % fmpq_poly(factor)


def _at(poly: fmpq_poly, x: arb) -> arb:
    total = arb(0)
    for coefficient in reversed(poly.coeffs()):
        total = total * x + coefficient
    return total
