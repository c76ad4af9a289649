"""The value of an expression at a point, with a book of what a sample there can and cannot have seen."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from flint import arb, fmpq

from grader.errors import Undecided
from grader.math.domains import Domain, random_point
from grader.math.signs import positive
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    free_names,
    walk,
)
from grader.math.values import KNOWN, Undefined, Value, is_zero, least_magnitude, magnitude, power, sign, small_enough

MAX_STEPS = 60_000
MAX_RANGE = 400
FAR, FAR_SHARE = 99_999, 0.2


@dataclass(frozen=True)
class Point:
    """Values for every declared name; unknown functions and families are drawn from ``seed`` when first needed."""

    variables: dict[str, Fraction]
    seed: str
    domains: dict[str, Domain]
    families: dict[tuple[str, int], fmpq] = field(default_factory=dict)

    def element(self, family: str, index: int) -> fmpq:
        key = (family, index)
        if key not in self.families:
            rng = random.Random(f"{self.seed}/{family}/{index}")
            drawn = random_point(self.domains[family], rng)
            far = drawn * rng.randint(2, FAR)
            if rng.random() < FAR_SHARE and far in self.domains[family]:
                drawn = far
            self.families[key] = fmpq(drawn.numerator, drawn.denominator)
        return self.families[key]

    def call(self, name: str, arguments: list[Value]) -> arb:
        """A random smooth function without symmetries, mapped into the declared domain of its values."""
        rng = random.Random(f"{self.seed}/{name}()")
        total = arb(fmpq(rng.randint(-900, 900), 997))
        for _ in range(3):
            phase = arb(fmpq(rng.randint(0, 6000), 997))
            for argument in arguments:
                phase = phase + argument * fmpq(rng.randint(200, 1900), 991)
            total = total + phase.sin() * fmpq(rng.randint(200, 900), 983)
        return _into(self.domains[name], total)


def _into(domain: Domain, x: arb) -> arb:
    if domain.low is None and domain.high is None:
        return x
    if domain.low is not None and domain.high is not None:
        share = 1 / (1 + (-x).exp())
        width = domain.high - domain.low
        return share * fmpq(width.numerator, width.denominator) + fmpq(domain.low.numerator, domain.low.denominator)
    end, sign = (domain.low, 1) if domain.low is not None else (domain.high, -1)
    assert end is not None
    return x.exp() * sign + fmpq(end.numerator, end.denominator)


@dataclass
class Book:
    """What sampling one expression, at all points so far, has seen and cost.

    ``places`` holds what may hide from samples: (node, part) of terms, arguments and branches. ``seen`` holds those of
    them that were large enough to notice, or taken, at some point. ``sides`` counts the branches of a node, and
    ``combinations`` holds those that were taken together.
    """

    places: set[tuple[int, object]] = field(default_factory=set)
    seen: set[tuple[int, object]] = field(default_factory=set)
    steps: int = 0
    constants: dict[int, bool] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)
    combinations: set[frozenset[tuple[int, int]]] = field(default_factory=set)

    def is_constant(self, x: Expression) -> bool:
        """Whether ``x`` depends on nothing that is sampled."""
        if id(x) not in self.constants:
            self.constants[id(x)] = not free_names(x)
        return self.constants[id(x)]

    @property
    def hidden(self) -> bool:
        """Whether something in the expression never showed in its values, or never together with something else."""
        together = len(self.combinations) >= prod(self.sides.values()) or len(self.sides) < 2
        return bool(self.places - self.seen) or not together

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise Undecided("the expression takes too long to evaluate")


def evaluate(x: Expression, point: Point, book: Book) -> Value:
    """The value of ``x`` at ``point``. Raises Undefined, Unclear (more bits may help) or Undecided (too costly)."""
    evaluator = Evaluator(point, book)
    value = evaluator.value(x)
    book.combinations.add(frozenset(evaluator.taken))
    return value


class Evaluator:
    """One evaluation at one point."""

    def __init__(self, point: Point, book: Book) -> None:
        self.point = point
        self.book = book
        self.bound: dict[str, int] = {}
        self.taken: list[tuple[int, int]] = []

    def value(self, x: Expression) -> Value:
        self.book.spend(1)
        match x:
            case Number() | Constant() | Variable():
                return self.leaf(x)
            case Element(family, index):
                return self.point.element(family, self.integer(index, "an index"))
            case Call(name, arguments):
                return self.point.call(name, [self.noticed(x, a) for a in arguments])
            case Add(terms):
                return self.add(x, terms)
            case Multiply(factors):
                return self.multiply(factors)
            case Power():
                return self.power(x)
            case Apply(function, arguments):
                return self.apply(x, function, arguments)
            case Reduce():
                return self.reduce(x)

    def leaf(self, x: Number | Constant | Variable) -> Value:
        if isinstance(x, Constant):
            if x.name == "infinity":
                raise Undefined("infinity is not a number")
            return arb.pi() if x.name == "pi" else arb.const_e()
        if isinstance(x, Variable) and x.name in self.bound:
            return fmpq(self.bound[x.name])
        value = self.point.variables[x.name] if isinstance(x, Variable) else x.value
        return fmpq(value.numerator, value.denominator)

    def add(self, x: Expression, terms: tuple[Expression, ...]) -> Value:
        values = [self.value(t) for t in terms]
        total = values[0]
        for value in values[1:]:
            total = small_enough(total + value)
        largest = max(magnitude(v) for v in values)
        for place, (term, value) in enumerate(zip(terms, values, strict=True)):
            self.notice(x, place, least_magnitude(value) > largest - 60 or self.is_plain_zero(term, value))
        return total

    def power(self, x: Power) -> Value:
        base, exponent = self.value(x.base), self.noticed(x, x.exponent)
        if is_zero(base) and not (isinstance(x.exponent, Number) or positive(x.exponent, self.point.domains)):
            self.branches(x, (0, 1), sign(exponent))  # 0^0 is 1: a switch that all but one value leave open
        return power(base, exponent)

    def multiply(self, factors: tuple[Expression, ...]) -> Value:
        total = self.value(factors[0])
        for factor in factors[1:]:
            total = small_enough(total * self.value(factor))
        return total

    def notice(self, x: Expression, part: object, noticeable: bool) -> None:
        place = (id(x), part)
        self.book.places.add(place)
        if noticeable:
            self.book.seen.add(place)

    def noticed(self, x: Expression, argument: Expression) -> Value:
        """An argument; one that is zero, tiny or huge everywhere can hide what it does."""
        value = self.value(argument)
        self.notice(x, id(argument), -60 < magnitude(value) < 60 or self.is_plain_zero(argument, value))
        return value

    def is_plain_zero(self, x: Expression, value: Value) -> bool:
        """A zero that is written down. One that depends on symbols may be none elsewhere."""
        return is_zero(value) and self.book.is_constant(x)

    def apply(self, x: Apply, function: str, arguments: tuple[Expression, ...]) -> Value:
        self.book.spend(10)
        values = [self.noticed(x, a) for a in arguments]
        if function in ("abs", "sign", "max", "min"):
            return self.branch(x, function, values)
        if function in ("ceil", "floor") or (function.startswith("arc") and not _is_polynomial(x.arguments[0])):
            self.notice(x, "steps", self.book.is_constant(x))
        if function in ("tanh", "sinh", "cosh"):
            self.notice(x, "saturation", magnitude(values[0]) < 5)
        return KNOWN[function](*values)

    def branch(self, x: Apply, function: str, values: list[Value]) -> Value:
        if function in ("abs", "sign"):
            side = sign(values[0])
            self.branches(x, (-1, 1) if function == "abs" else (-1, 0, 1), side)
            return values[0] * side if function == "abs" else fmpq(side)
        best, chosen = values[0], 0
        for place, value in enumerate(values[1:], 1):
            if sign(value - best) == (1 if function == "max" else -1):
                best, chosen = value, place
        self.branches(x, tuple(range(len(values))), chosen)
        return best

    def branches(self, x: Expression, every: tuple[int, ...], taken: int) -> None:
        for branch in every:
            self.notice(x, ("branch", branch), branch == taken)
        if not self.book.is_constant(x):
            self.book.sides[id(x)] = len(every)
            self.taken.append((id(x), taken))

    def integer(self, x: Expression, what: str) -> int:
        value = self.value(x)
        if isinstance(value, fmpq) and value.q == 1:
            return int(value.p)
        if isinstance(value, fmpq) or not value.contains_integer():
            raise Undefined(f"{what} must be an integer")
        raise Undecided(f"{what} cannot be told to be an integer")

    def reduce(self, x: Reduce) -> Value:
        low, high = self.integer(x.low, "a bound"), self.integer(x.high, "a bound")
        if high - low > MAX_RANGE:
            raise Undecided(f"a sum or product over more than {MAX_RANGE} terms is not evaluated")
        if high < low - 1:
            raise Undecided("a sum or product whose upper bound lies below its lower one")
        self.notice(x, "entered", high >= low)
        before = self.bound.get(x.variable)
        total: Value = fmpq(0) if x.operation == "sum" else fmpq(1)
        for index in range(low, high + 1):
            self.bound[x.variable] = index
            value = self.value(x.body)
            total = small_enough(total + value if x.operation == "sum" else total * value)
        if before is None:
            self.bound.pop(x.variable, None)
        else:
            self.bound[x.variable] = before
        return total


def _is_polynomial(x: Expression) -> bool:
    """Whether an inverse function of ``x`` is smooth: arccos(cos x) and arctan(1/x) have steps to be missed."""
    return all(
        isinstance(node, Number | Constant | Variable | Add | Multiply)
        or (isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.value > 0)
        for node in walk(x)
    )
