"""Ranges that surely hold the values of a formula: interval arithmetic in doubles, rounded outwards.

A range may be wider than need be, for each part is bounded by itself: that costs draws and is never wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce

from grader.errors import Unreadable
from grader.math.tree import Expression, Extension
from grader.math.values import Value
from grader.montecarlo.interpreting import Interpreter, ends

Range = tuple[float, float]
WHOLE: Range = (-math.inf, math.inf)
_INCREASING: dict[str, tuple[Callable[[float], float], float]] = {
    "exp": (math.exp, -math.inf), "log": (math.log, 0.0), "sqrt": (math.sqrt, 0.0), "arctan": (math.atan, -math.inf),
    "sinh": (math.sinh, -math.inf), "tanh": (math.tanh, -math.inf),
}  # fmt: skip
_WITHIN: dict[str, Range] = {
    "sin": (-1.0, 1.0), "cos": (-1.0, 1.0), "sign": (-1.0, 1.0), "arcsin": (-1.6, 1.6), "arccos": (0.0, 3.2),
}  # fmt: skip
_SLACK = 4  # how many units in the last place the mathematical library may be off


def outward(low: float, high: float, units: int = 1) -> Range:
    """A little more on either side; everything, where an end is no number (infinity less infinity)."""
    if math.isnan(low) or math.isnan(high):
        return WHOLE
    for _ in range(units):
        low, high = math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
    return low, high


def times(a: Range, b: Range) -> Range:
    products = [_product(x, y) for x in a for y in b]
    return outward(min(products), max(products))


def _product(x: float, y: float) -> float:
    """Of ends: an end that is zero is reached, infinity is not."""
    return 0.0 if x == 0 or y == 0 else x * y


def plus(a: Range, b: Range) -> Range:
    return outward(a[0] + b[0], a[1] + b[1])


def minus(a: Range, b: Range) -> Range:
    return plus(a, (-b[1], -b[0]))


class Ranges(Interpreter[Range]):
    """``statistics`` has a range for each statistic that occurs."""

    def __init__(
        self,
        known: Mapping[str, Range],
        families: Mapping[str, Mapping[int, Range]],
        statistics: Mapping[Extension, Range] | None = None,
    ) -> None:
        super().__init__(known, families)
        self.statistics = statistics or {}

    def extension(self, x: Extension) -> Range:
        return self.statistics[x]

    def constant(self, x: Value) -> Range:
        return ends(x)

    def total(self, terms: list[Range]) -> Range:
        return reduce(plus, terms)

    def product(self, factors: list[Range]) -> Range:
        return reduce(times, factors)

    def to_the(self, base: Range, exponent: Fraction) -> Range:
        low, high = base
        if exponent == 1:
            return base
        if exponent < 0:
            return self.reciprocal(self.to_the(base, -exponent))
        if exponent.denominator != 1:
            return self.increasing(base, lambda x: x ** float(exponent), 0.0)
        n = int(exponent)
        if n % 2 == 0 and low < 0:
            low, high = (0.0 if high > 0 else -high), max(-low, high)
        return outward(_raised(low, n), _raised(high, n), _SLACK)

    def reciprocal(self, x: Range) -> Range:
        low, high = x
        if low < 0 < high or low == high == 0:
            return WHOLE
        least = 1 / high if high else -math.inf
        return outward(least, 1 / low if low else math.inf)

    def power(self, base: Range, exponent: Range) -> Range:
        if base[0] <= 0:
            return WHOLE
        return self.function("exp", [times(exponent, self.function("log", [base]))])

    def increasing(self, x: Range, function: Callable[[float], float], least: float) -> Range:
        """An increasing function, which has no value below ``least``."""
        low, high = max(x[0], least), x[1]
        if high < least:
            raise Unreadable("a function has no value anywhere in the range of its argument")
        return outward(_at(function, low), _at(function, high), _SLACK)

    def relation(self, name: str, left: Range, right: Range) -> Range:
        if name == "same":
            return (0.0, 1.0)
        always = left[1] < right[0]
        never = left[0] > right[1]
        return (float(always), float(not never))

    def choice(self, condition: Range, then: Expression, otherwise: Range) -> Range:
        if condition == (1.0, 1.0):
            return self.of(then)
        if condition == (0.0, 0.0):
            return otherwise
        taken = self.of(then)
        return min(taken[0], otherwise[0]), max(taken[1], otherwise[1])

    def function(self, name: str, arguments: list[Range]) -> Range:
        if name in ("max", "min"):
            pick = max if name == "max" else min
            return pick(a[0] for a in arguments), pick(a[1] for a in arguments)
        x = arguments[0]
        if name in _INCREASING:
            return self.increasing(x, *_INCREASING[name])
        if name == "abs":
            return (0.0 if x[0] < 0 < x[1] else min(map(abs, x))), max(map(abs, x))
        if name in ("ceil", "floor"):
            return float(_at(getattr(math, name), x[0])), float(_at(getattr(math, name), x[1]))
        if name == "cosh":
            return self.increasing(self.function("abs", [x]), math.cosh, 0.0)
        return _WITHIN.get(name, WHOLE)


def _raised(x: float, n: int) -> float:
    try:
        return x**n
    except OverflowError:
        return -math.inf if x < 0 and n % 2 else math.inf


def _at(function: Callable[[float], float], x: float) -> float:
    """The function there, or its limit."""
    try:
        return function(x)
    except OverflowError:  # also of an infinite argument, rounded
        return math.copysign(math.inf, x)
    except ValueError:  # the logarithm of zero
        return -math.inf
