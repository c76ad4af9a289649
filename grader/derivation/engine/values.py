"""Arrays with named axes, and where they have no value.

A ``Value`` has one entry for every instance and every combination of what its axes stand for: values of random
variables, draws, members of families of candidates. Vectors and matrices have two axes more, ``ROW`` and ``COLUMN``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from grader.derivation.engine.arithmetic import Arithmetic, Array, Mask, in_front
from grader.errors import GraderError

ROW, COLUMN = 10_001, 10_002  # after every other axis, as axes are sorted

# Why an entry has no value; of several reasons the greatest is kept. Those up to SOFT count as 0 beside a factor 0:
# 0 log 0 = 0, also where the logarithm's argument is 0/0, and so do conditionals given what never happens.
LOG_OF_ZERO, DIVISION_IN_LOG, IMPOSSIBLE, SOFT = 1, 2, 3, 3
DIVISION, LOG_OF_NEGATIVE, NOT_REAL, CERTAIN = 4, 5, 6, 6
UNCLEAR = 7  # a ball too wide to tell; not a reason, but the lack of one
WORDS = {
    LOG_OF_ZERO: "log of 0",
    DIVISION_IN_LOG: "division by 0",
    IMPOSSIBLE: "conditioning on what has probability 0",
    DIVISION: "division by 0",
    LOG_OF_NEGATIVE: "log of a negative number",
    NOT_REAL: "a root or power of a negative number",
}
MAX_CELLS = 2_000_000

Marks = npt.NDArray[np.int8]


class Undetermined(GraderError):
    """An expression has no meaning in its world, or none that is checked; says why in a sentence."""


class TooLong(Undetermined):
    """An expression means something, but to find out would take too long."""


class Budget:
    """How much work is left, in entries computed; every operation costs as much as ``overhead`` entries more.

    A step has ``entries``, all steps together have ``whole``.
    """

    def __init__(self, entries: int, overhead: int = 1000, whole: float = math.inf) -> None:
        self.entries = entries
        self.overhead = overhead
        self.whole = whole
        self.renew()

    def renew(self) -> None:
        self.left = self.entries

    def spend(self, entries: int) -> None:
        cost = entries + self.overhead
        self.left -= cost
        self.whole -= cost
        if self.whole < 0:
            raise TooLong("this proof takes more work than is given to one")
        if self.left < 0:
            too_long()


def too_long() -> NoReturn:
    raise TooLong("this line takes too long to be checked")


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """``data`` has the instance as its first axis (of length 1 where nothing depends on it), then ``axes``, sorted.

    ``bad`` is None where every entry has a value, else of the shape of ``data`` with a reason in each entry, 0 for
    none. Where there is a reason, ``data`` holds some finite number that means nothing. ``hidden`` says, in balls, by
    how many bits the smallest term that went into it lies below what it was added to: with fewer bits than that nobody
    knows that it is there.
    """

    axes: tuple[int, ...]
    data: Array
    bad: Marks | None = None
    hidden: float = 0.0

    @property
    def is_grid(self) -> bool:
        """Whether it is a vector or matrix."""
        return bool(self.axes) and self.axes[-1] == COLUMN


class Algebra:
    """Calculation with values. ``sizes`` are the lengths of the axes but ``ROW`` and ``COLUMN``."""

    def __init__(self, arithmetic: Arithmetic, sizes: Sequence[int], budget: Budget) -> None:
        self.arithmetic = arithmetic
        self.sizes = sizes
        self.budget = budget
        self.one = arithmetic.number(Fraction(1))

    # --- making

    def number(self, x: Fraction | int) -> Value:
        return Value((), self.arithmetic.number(Fraction(x)))

    def spread(self, v: Value, axes: tuple[int, ...]) -> Value:
        """The same with all of ``axes``, of length 1 where it does not depend on one."""
        if v.axes == axes:
            return v
        lengths = dict(zip(v.axes, v.data.shape[1:], strict=True))
        shape = (v.data.shape[0], *(lengths.get(axis, 1) for axis in axes))
        return Value(axes, v.data.reshape(shape), None if v.bad is None else v.bad.reshape(shape), v.hidden)

    def align(self, values: Iterable[Value]) -> list[Value]:
        """The same values with the same axes, to be broadcast against each other."""
        values = list(values)
        first = values[0].axes
        if all(v.axes == first for v in values):
            found = values
        else:
            axes = tuple(sorted(set[int]().union(*(v.axes for v in values))))
            found = [self.spread(v, axes) for v in values]
        self._afford(found)
        return found

    def _afford(self, values: list[Value]) -> None:
        try:
            cells = math.prod(np.broadcast_shapes(*(v.data.shape for v in values)))
        except ValueError:
            raise Undetermined("vectors or matrices of different sizes are put together here") from None
        if cells > MAX_CELLS:
            too_long()
        self.budget.spend(cells * (len(values) + 1))

    def expand(self, v: Value, axes: Iterable[int]) -> Value:
        """The same, really repeated along those of ``axes`` that it lacks."""
        missing = [axis for axis in axes if axis not in v.axes]
        if not missing:
            return v
        wide = self.spread(v, tuple(sorted((*v.axes, *missing))))
        lengths = (wide.data.shape[1 + k] if a not in missing else self.sizes[a] for k, a in enumerate(wide.axes))
        shape = (wide.data.shape[0], *lengths)
        if math.prod(shape) > MAX_CELLS:
            too_long()
        bad = None if wide.bad is None else np.broadcast_to(wide.bad, shape)
        return Value(wide.axes, np.broadcast_to(wide.data, shape), bad, v.hidden)

    # --- arithmetic

    def add(self, values: Sequence[Value]) -> Value:
        aligned = self.align(values)
        data = reduce(lambda a, b: self.arithmetic.fitting(a + b), (v.data for v in aligned))
        return Value(aligned[0].axes, data, worst(aligned), self._hidden(aligned))

    def _hidden(self, terms: Sequence[Value]) -> float:
        """How deep the smallest term of a sum is hidden in it."""
        if not self.arithmetic.hides or len(terms) == 1:
            return deepest(terms)
        stacked = np.stack(np.broadcast_arrays(*(v.data for v in terms)))
        depths = self.arithmetic.depths(stacked).reshape(len(terms), -1).max(axis=1)
        return max(v.hidden + float(depth) for v, depth in zip(terms, depths, strict=True))

    def _beside_one(self, v: Value) -> float:
        """How deep ``v`` is hidden in ``1 + v``, and so in the exponential."""
        return self._hidden([v, Value(v.axes, np.broadcast_to(self.one, v.data.shape))])

    def multiply(self, values: Sequence[Value], forgiven: int = SOFT) -> Value:
        """Entry by entry. Where a factor is 0, reasons up to ``forgiven`` in the others do not count."""
        aligned = self.align(values)
        data = reduce(lambda a, b: self.arithmetic.fitting(a * b), (v.data for v in aligned))
        bad, hidden = worst(aligned), deepest(aligned)
        if bad is None:
            return Value(aligned[0].axes, data, None, hidden)
        zero = np.zeros(data.shape, dtype=bool)
        for v in aligned:
            zero |= self._zero(v)
        return Value(aligned[0].axes, data, np.where(zero & (bad <= forgiven), 0, bad).astype(np.int8), hidden)

    def _zero(self, v: Value) -> Mask:
        zero = self.arithmetic.zero(v.data)
        return zero if v.bad is None else zero & (v.bad == 0)

    def negate(self, v: Value) -> Value:
        return Value(v.axes, -v.data, v.bad, v.hidden)

    def subtract(self, a: Value, b: Value) -> Value:
        return self.add([a, self.negate(b)])

    def reciprocal(self, v: Value, reason: int = DIVISION) -> Value:
        self.budget.spend(v.data.size)
        arithmetic = self.arithmetic
        zero = arithmetic.zero(v.data)
        marks = np.where(zero, reason, 0)
        if arithmetic.exact:
            marks = np.where(zero | arithmetic.positive(v.data) | arithmetic.negative(v.data), marks, UNCLEAR)
        bad = merged(v.bad, marks)
        safe = v.data if bad is None else np.where(marks == 0, v.data, self.one)
        return Value(v.axes, 1 / safe, bad, v.hidden)

    def divide(self, a: Value, b: Value, reason: int = DIVISION) -> Value:
        # 0/0 is not 0, whatever the reason is called
        return self.multiply([a, self.reciprocal(b, reason)], forgiven=0 if reason <= SOFT else SOFT)

    def log(self, v: Value) -> Value:
        self.budget.spend(4 * v.data.size)
        positive = self.arithmetic.positive(v.data)
        old = v.bad
        if old is None and positive.all():
            return Value(v.axes, self.arithmetic.log(v.data), None, v.hidden)
        marks = np.where(self.arithmetic.zero(v.data), LOG_OF_ZERO, UNCLEAR)
        marks = np.where(self.arithmetic.negative(v.data), LOG_OF_NEGATIVE, marks)
        marks = np.where(positive, 0, marks)
        if old is not None:
            # 0 log(0/0) is 0 as well, so a division inside a logarithm weighs no more than the logarithm of 0
            marks = np.where(old == 0, marks, np.where(old == DIVISION, DIVISION_IN_LOG, old))
        safe = np.where(positive, v.data, self.one)
        return Value(v.axes, self.arithmetic.log(safe), merged(None, marks), v.hidden)

    def exp(self, v: Value) -> Value:
        found = self.each(self.arithmetic.exp, v)
        return Value(v.axes, found.data, v.bad, max(self._beside_one(v), self._vanished(found.data)))

    def each(self, function: Callable[[Array], Array], v: Value) -> Value:
        """A function that has a value everywhere, entry by entry."""
        self.budget.spend(4 * v.data.size)
        return Value(v.axes, function(v.data), v.bad, v.hidden)

    def _vanished(self, exponentials: Array) -> float:
        """No exponential is 0: a ball that holds 0 stands for one too small for balls."""
        return math.inf if self.arithmetic.hides and not self.arithmetic.positive(exponentials).all() else 0.0

    def pairwise(self, function: Callable[[Array, Array], Array], values: Sequence[Value]) -> Value:
        aligned = self.align(values)
        data = reduce(function, (v.data for v in aligned))
        return Value(aligned[0].axes, data, worst(aligned), self._hidden(aligned))

    # --- powers

    def whole_power(self, v: Value, n: int) -> Value:
        if n < 0:
            return self.whole_power(self.reciprocal(v), -n)
        self.budget.spend(v.data.size * 2)
        if n == 0:  # 0^0 is 1 as an empty product, and what has no value keeps none
            return Value(v.axes, np.broadcast_to(self.one, v.data.shape), v.bad, v.hidden)
        return Value(v.axes, v.data if n == 1 else self.arithmetic.whole_power(v.data, n), v.bad, v.hidden)

    def sqrt(self, v: Value) -> Value:
        self.budget.spend(4 * v.data.size)
        fine = self.arithmetic.positive(v.data) | self.arithmetic.zero(v.data)
        marks = np.where(fine, 0, np.where(self.arithmetic.negative(v.data), NOT_REAL, UNCLEAR))
        return Value(v.axes, self.arithmetic.sqrt(np.where(fine, v.data, self.one)), merged(v.bad, marks), v.hidden)

    def power(self, base: Value, exponent: Value) -> Value:
        """A power whose exponent may be any real number: the base must be positive, or 0 under a positive one."""
        b, e = self.align([base, exponent])
        arithmetic = self.arithmetic
        positive, zero = arithmetic.positive(b.data), arithmetic.zero(b.data)
        marks = np.where(positive, 0, np.where(arithmetic.negative(b.data), NOT_REAL, UNCLEAR))
        marks = np.where(zero, np.where(arithmetic.positive(e.data), 0, DIVISION), marks)
        data = arithmetic.power(np.where(positive, b.data, self.one), e.data)
        hidden = max(b.hidden, self._beside_one(e), self._vanished(data))
        if zero.any():
            data = np.where(zero, 0 * self.one, data)
        return Value(b.axes, data, merged(worst([b, e]), marks), hidden)

    # --- axes

    def sum(self, v: Value, axes: Iterable[int]) -> Value:
        """The sum over ``axes``: as often as an axis is long where ``v`` does not depend on it."""
        axes = list(axes)
        places = tuple(1 + v.axes.index(axis) for axis in axes if axis in v.axes)
        times = math.prod(self.sizes[axis] for axis in axes if axis not in v.axes)
        data, bad, hidden = v.data, v.bad, v.hidden
        self.budget.spend(data.size)
        if places:
            if self.arithmetic.hides:
                hidden += float(self.arithmetic.depths(in_front(data, places)).max())
            data = self.arithmetic.total(data, places)
            bad = None if bad is None else bad.max(axis=places)
        left = tuple(axis for axis in v.axes if axis not in axes)
        return Value(left, data if times == 1 else data * times, bad, hidden)

    def take(self, v: Value, axis: int, index: int) -> Value:
        """The entries at one place (from 0) of an axis; all where it does not depend on that."""
        if axis not in v.axes:
            return v
        place = v.axes.index(axis)
        cut = (slice(None),) * (1 + place) + (index,)
        left = v.axes[:place] + v.axes[place + 1 :]
        return Value(left, v.data[cut], None if v.bad is None else v.bad[cut], v.hidden)

    def rename(self, v: Value, names: Mapping[int, int]) -> Value:
        """The same entries along other axes, all different."""
        new = [names.get(axis, axis) for axis in v.axes]
        if new == list(v.axes):
            return v
        order = sorted(range(len(new)), key=new.__getitem__)
        places = (0, *(1 + k for k in order))
        bad = None if v.bad is None else v.bad.transpose(places)
        return Value(tuple(new[k] for k in order), v.data.transpose(places), bad, v.hidden)


def deepest(values: Sequence[Value]) -> float:
    return max(v.hidden for v in values)


def worst(values: Sequence[Value]) -> Marks | None:
    """The reasons of all together, of their common shape."""
    marks = [v.bad for v in values if v.bad is not None]
    if not marks:
        return None
    shape = np.broadcast_shapes(*(v.data.shape for v in values))
    return np.broadcast_to(reduce(np.maximum, marks), shape)


def merged(old: Marks | None, marks: Array) -> Marks | None:
    """New reasons beside old ones, which stand: what is found in their places is found in meaningless numbers."""
    if old is None:
        return marks.astype(np.int8) if marks.any() else None
    return np.where(old == 0, marks, old).astype(np.int8)
