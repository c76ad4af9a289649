"""Formulas carried out in an arithmetic of one's own: over arrays of draws, or over ranges of values.

Sums and products are written out before, for their bounds are constants here, and whatever has no random variable in
it is evaluated exactly. What is left is arithmetic, known functions, relations and cases.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from typing import Generic, TypeVar

from flint import arb, fmpq

from grader.errors import GraderError, Unreadable
from grader.math.book import Book
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.tree import (
    Add,
    Apply,
    Element,
    Expression,
    Extension,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    free_names,
    rebuild,
    substitute,
)
from grader.math.values import Value, precision

MAX_TERMS = 1000
BITS = 128
RELATIONS = ("less", "atmost", "same")
T = TypeVar("T")


def prepared(x: Expression, constants: Mapping[str, Expression]) -> Expression:
    """``x`` with its constants put in and its sums and products written out. Raises Unreadable."""
    for name, value in constants.items():
        x = substitute(x, name, value)
    return _written_out(x)


def _written_out(x: Expression) -> Expression:
    if isinstance(x, Reduce) and x.operation != "integral":
        low, high = (whole(_written_out(end), "a bound of a sum or product") for end in (x.low, x.high))
        if high - low >= MAX_TERMS:
            raise Unreadable(f"sums and products have at most {MAX_TERMS} terms here")
        terms = tuple(_written_out(substitute(x.body, x.variable, Number(Fraction(i)))) for i in range(low, high + 1))
        empty = Number(Fraction(int(x.operation == "prod")))
        return (Add if x.operation == "sum" else Multiply)(terms) if len(terms) > 1 else (*terms, empty)[0]
    return rebuild(x, tuple(map(_written_out, children(x))))


def value(x: Expression) -> Value:
    """The value of a constant formula. Raises Unreadable where it has none."""
    if names := sorted(free_names(x)):
        raise Unreadable(f"`{names[0]}` is no constant; a number that does not depend on it is expected here")
    try:
        with precision(BITS):
            return evaluate(x, Point({}, "", {}), Book())
    except GraderError as error:
        raise Unreadable(f"a constant has no value: {error}") from error


def whole(x: Expression, what: str) -> int:
    """The value of a constant formula that must be a whole number."""
    found = value(x)
    if isinstance(found, fmpq) and found.q == 1:
        return int(found.p)
    raise Unreadable(f"{what} must be a whole number")


def ends(x: Value) -> tuple[float, float]:
    """The nearest floats around a value."""
    ball = arb(x) if isinstance(x, fmpq) else x
    return _float(ball.lower()), _float(ball.upper())


def middle(x: Value) -> float:
    try:
        return float(Fraction(int(x.p), int(x.q))) if isinstance(x, fmpq) else float(x.mid())
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def _float(x: arb) -> float:
    """An end of a ball; infinite beyond what doubles hold."""
    try:
        found: float = float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf
    return found


class Interpreter(ABC, Generic[T]):
    """Carries ``prepared`` formulas out; ``known`` has what stands for the names of random variables (of a family, by
    its index)."""

    def __init__(self, known: Mapping[str, T], families: Mapping[str, Mapping[int, T]]) -> None:
        self.known, self.families = known, families
        self.found: dict[Expression, T] = {}

    def of(self, x: Expression) -> T:
        if x not in self.found:
            self.found[x] = self.constant(value(x)) if self.is_constant(x) else self.computed(x)
        return self.found[x]

    def is_constant(self, x: Expression) -> bool:
        if isinstance(x, Variable):
            return x.name not in self.known
        if isinstance(x, Element | Extension):
            return False
        return all(map(self.is_constant, children(x)))

    def computed(self, x: Expression) -> T:
        match x:
            case Variable() | Element():
                return self.leaf(x)
            case Add(terms):
                return self.total([self.of(term) for term in terms])
            case Multiply(factors):
                return self.product([self.of(factor) for factor in factors])
            case Power(base, exponent):
                return self.raised(base, exponent)
            case Apply(name, arguments):
                return self.applied(name, arguments)
            case Extension():
                return self.extension(x)
        raise Unreadable("this is no formula in numbers that draws can be put into")

    def raised(self, base: Expression, exponent: Expression) -> T:
        found = value(exponent) if self.is_constant(exponent) else None
        if isinstance(found, fmpq):
            return self.to_the(self.of(base), Fraction(int(found.p), int(found.q)))
        return self.power(self.of(base), self.of(exponent))

    def leaf(self, x: Variable | Element) -> T:
        if isinstance(x, Variable):
            return self.known[x.name]
        members, index = self.families.get(x.family, {}), whole(x.index, "an index")
        if index not in members:
            raise Unreadable(f"{x.family} has the elements 1 to {len(members)}, not {index}")
        return members[index]

    def applied(self, name: str, arguments: tuple[Expression, ...]) -> T:
        if name == "cases":
            return self.cases(arguments)
        found = [self.of(argument) for argument in arguments]
        return self.relation(name, *found) if name in RELATIONS else self.function(name, found)

    def cases(self, arguments: tuple[Expression, ...]) -> T:
        if len(arguments) % 2 == 0:
            raise Unreadable("cases need a value for what is left (an `otherwise`) here")
        found = self.of(arguments[-1])
        for place in range(len(arguments) - 3, -1, -2):
            found = self.choice(self.of(arguments[place + 1]), arguments[place], found)
        return found

    @abstractmethod
    def constant(self, x: Value) -> T: ...

    @abstractmethod
    def total(self, terms: list[T]) -> T: ...

    @abstractmethod
    def product(self, factors: list[T]) -> T: ...

    @abstractmethod
    def to_the(self, base: T, exponent: Fraction) -> T: ...

    @abstractmethod
    def power(self, base: T, exponent: T) -> T: ...

    @abstractmethod
    def relation(self, name: str, left: T, right: T) -> T: ...

    @abstractmethod
    def choice(self, condition: T, then: Expression, otherwise: T) -> T:
        """``then`` where the condition holds, else ``otherwise``."""

    @abstractmethod
    def function(self, name: str, arguments: list[T]) -> T: ...

    def extension(self, x: Extension) -> T:
        raise Unreadable("this is no formula in numbers that draws can be put into")
