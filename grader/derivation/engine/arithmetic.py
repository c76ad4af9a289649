"""The numbers that an instance of a world is computed with: floats, exact rationals, and balls that surely hold them.

All three work on arrays of any shape with at least one axis. What is drawn is rational, so that they agree on the
instance; rationals know no logarithm and say so by ``Inexact``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Depths = npt.NDArray[np.float64]

MAX_BITS = 800  # of a fraction's numerator and denominator; those of honest steps have about 150
CLEAR = 2.0**-20  # shares of a sum that doubles tell well


class Inexact(Exception):
    """The value is no rational number in general; another arithmetic is needed. Never leaves the engine."""


class Arithmetic(ABC):
    """One type of numbers. ``+``, ``-``, ``*`` and ``/`` of its arrays are NumPy's own.

    ``positive``, ``negative`` and ``zero`` are true where that is certain; a ball around 0 is none of them.
    """

    name: str
    exact: bool  # whether what it calls certain is proven
    hides = False  # whether a term can vanish in the radius of what it is added to

    @abstractmethod
    def ratio(self, numerators: npt.NDArray[np.int64], denominator: int) -> Array:
        """The numbers ``numerators / denominator``."""

    @abstractmethod
    def number(self, x: Fraction) -> Array:
        """A single number, as an array of one entry."""

    @abstractmethod
    def exp(self, a: Array) -> Array: ...

    @abstractmethod
    def log(self, a: Array) -> Array:
        """The natural logarithm of positive entries."""

    @abstractmethod
    def sqrt(self, a: Array) -> Array:
        """The root of entries that are not negative."""

    @abstractmethod
    def power(self, a: Array, b: Array) -> Array:
        """Positive entries to any powers, shapes as for NumPy."""

    @abstractmethod
    def pi(self) -> Array: ...

    @abstractmethod
    def larger(self, a: Array, b: Array) -> Array: ...

    @abstractmethod
    def smaller(self, a: Array, b: Array) -> Array: ...

    def positive(self, a: Array) -> Mask:
        return np.asarray(a > 0, dtype=bool)

    def negative(self, a: Array) -> Mask:
        return np.asarray(a < 0, dtype=bool)

    def zero(self, a: Array) -> Mask:
        return np.asarray(a == 0, dtype=bool)

    def whole_power(self, a: Array, n: int) -> Array:
        """Entries to a power that is a whole number; where ``n < 0`` none of them may be zero."""
        raised: Array = a**n
        return raised

    def fitting(self, a: Array) -> Array:
        """The same, refused by ``Inexact`` where the numbers have become too long to calculate with."""
        return a

    def total(self, a: Array, places: tuple[int, ...]) -> Array:
        """The sum over some axes."""
        return np.asarray(a.sum(axis=places))

    def depths(self, parts: Array) -> Depths:
        """By how many bits each entry is smaller than the greatest along the first axis, where that ``hides`` it."""
        return np.zeros(parts.shape)


class Floats(Arithmetic):
    """Doubles: fast, and nothing they say is proven."""

    name = "floats"
    exact = False

    def ratio(self, numerators: npt.NDArray[np.int64], denominator: int) -> Array:
        return numerators / denominator

    def number(self, x: Fraction) -> Array:
        return np.array([float(x)])

    def exp(self, a: Array) -> Array:
        return np.asarray(np.exp(a))

    def log(self, a: Array) -> Array:
        return np.asarray(np.log(a))

    def sqrt(self, a: Array) -> Array:
        return np.asarray(np.sqrt(a))

    def power(self, a: Array, b: Array) -> Array:
        return np.asarray(np.power(a, b))

    def pi(self) -> Array:
        return np.array([np.pi])

    def larger(self, a: Array, b: Array) -> Array:
        return np.asarray(np.maximum(a, b))

    def smaller(self, a: Array, b: Array) -> Array:
        return np.asarray(np.minimum(a, b))


class Rationals(Arithmetic):
    """Exact fractions; ``Inexact`` where there are none, and where they get long: powers of powers would take hours."""

    name = "rationals"
    exact = True

    def ratio(self, numerators: npt.NDArray[np.int64], denominator: int) -> Array:
        return _each(lambda n: flint.fmpq(n, denominator), numerators)

    def number(self, x: Fraction) -> Array:
        return _single(flint.fmpq(x.numerator, x.denominator))

    def exp(self, a: Array) -> Array:
        raise Inexact

    def log(self, a: Array) -> Array:
        raise Inexact

    def sqrt(self, a: Array) -> Array:
        raise Inexact

    def power(self, a: Array, b: Array) -> Array:
        raise Inexact

    def pi(self) -> Array:
        raise Inexact

    def whole_power(self, a: Array, n: int) -> Array:
        if _bits(a) * abs(n) > MAX_BITS:
            raise Inexact
        return super().whole_power(a, n)

    def fitting(self, a: Array) -> Array:
        if _bits(a) > MAX_BITS:
            raise Inexact
        return a

    def total(self, a: Array, places: tuple[int, ...]) -> Array:
        terms = in_front(a, places)
        if _bits(a) * len(terms) <= 2 * MAX_BITS:
            return self.fitting(super().total(a, places))
        found = terms[0]
        for term in terms[1:]:
            found = self.fitting(np.asarray(found + term))
        return np.asarray(found)

    def larger(self, a: Array, b: Array) -> Array:
        return np.asarray(np.maximum(a, b))

    def smaller(self, a: Array, b: Array) -> Array:
        return np.asarray(np.minimum(a, b))


class Balls(Arithmetic):
    """FLINT's ``arb``, at the precision that ``grader.math.values.precision`` sets around all of its use."""

    name = "balls"
    exact = True
    hides = True

    def ratio(self, numerators: npt.NDArray[np.int64], denominator: int) -> Array:
        return _each(lambda n: flint.arb(flint.fmpq(n, denominator)), numerators)

    def number(self, x: Fraction) -> Array:
        return _single(flint.arb(flint.fmpq(x.numerator, x.denominator)))

    def exp(self, a: Array) -> Array:
        return _each(lambda v: v.exp(), a)

    def log(self, a: Array) -> Array:
        return _each(lambda v: v.log(), a)

    def sqrt(self, a: Array) -> Array:
        return _each(lambda v: v.sqrt(), a)

    def power(self, a: Array, b: Array) -> Array:
        return self.exp(np.asarray(b * self.log(a)))

    def pi(self) -> Array:
        return _single(flint.arb.pi())

    def larger(self, a: Array, b: Array) -> Array:
        return np.asarray(np.frompyfunc(lambda v, w: v.max(w), 2, 1)(a, b))

    def smaller(self, a: Array, b: Array) -> Array:
        return np.asarray(np.frompyfunc(lambda v, w: v.min(w), 2, 1)(a, b))

    def depths(self, parts: Array) -> Depths:
        sizes = np.asarray(np.frompyfunc(lambda v: float(v.abs_lower()), 1, 1)(parts), dtype=float)
        greatest = np.broadcast_to(sizes.max(axis=0), sizes.shape)
        shares = np.divide(sizes, greatest, out=np.zeros(sizes.shape), where=(greatest > 0) & np.isfinite(greatest))
        clear = shares >= CLEAR
        found: Depths = -np.log2(shares, out=np.zeros(sizes.shape), where=clear)
        for index in zip(*np.nonzero(~clear.all(axis=0)), strict=True):
            line = (slice(None), *index)
            found[line] = _below(parts[line])
        return found


def _below(balls: Array) -> list[float]:
    """By how many bits each is smaller than the greatest, or than the radius of one around 0; those around 0 count as
    0, as what they hide was seen when it was hidden."""
    greatest = max(_magnitude(x.abs_upper()) for x in balls)
    return [0.0 if x.contains(0) else greatest - _magnitude(x.abs_lower()) for x in balls]


def _magnitude(x: Any) -> float:
    """The binary logarithm of a size."""
    if not x.is_finite():
        return math.inf
    return float(x.log()) / math.log(2) if x > 0 else -math.inf


def _bits(a: Array) -> int:
    return max((x.height_bits() for x in a.flat), default=0)


def in_front(a: Array, places: tuple[int, ...]) -> Array:
    """The axes ``places`` as one axis, the first."""
    moved = np.moveaxis(a, places, range(len(places)))
    return moved.reshape(-1, *moved.shape[len(places) :])


def _each(function: Callable[[Any], Any], a: Array) -> Array:
    # Python's own integers and FLINT's numbers live in object arrays alone
    return np.asarray(np.frompyfunc(function, 1, 1)(a.astype(object)))


def _single(x: Any) -> Array:
    found = np.empty(1, dtype=object)
    found[0] = x
    return found
