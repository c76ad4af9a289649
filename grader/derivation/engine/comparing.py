"""The sides of a relation between values, compared in floats everywhere and exactly where it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import flint
import numpy as np
import numpy.typing as npt

from grader.derivation.engine import matrices
from grader.derivation.engine.arithmetic import Array, Mask
from grader.derivation.engine.evaluate import Evaluator
from grader.derivation.engine.trials import Bound, Place, Trial
from grader.derivation.engine.values import UNCLEAR, Algebra, Marks, Undetermined, Value
from grader.math.tree import Expression, Number, free_names, substitute

Relation = Literal["=", "<=", ">=", "<", ">", "!=", "propto", "iff"]
CONSTANT = "constant"
NEAR = 1e-9
NOTHING = 1e-15  # differences of floats that say nothing; what is really so small, exact arithmetic sees
NARROW, TINY = 2.0**-100, 2.0**-160
SEEN = 100  # bits that must be left of the smallest term for it to be seen for certain
MOST_SUSPECTS = 3
UNKNOWN = 9  # beside the signs -1, 0 and 1


class NotComparable(Exception):
    """The roles of an unspecified constant in the two sides cannot be told apart; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Question:
    """A step that relates values: whether ``left relation right`` holds.

    ``proportional`` names the variables that factors dropped by ∝, and numbers called ``constant``, do not depend on.
    """

    left: Expression
    relation: Relation
    right: Expression
    proportional: tuple[str, ...] = ()
    up_to_constant: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found = CONSTANT in free_names(self.left) | free_names(self.right)
        object.__setattr__(self, "up_to_constant", found)

    def sides(self, evaluator: Evaluator, bound: Bound) -> tuple[Value, Value]:
        """The two values to compare; for ∝, and up to constants, a ratio and what it must be equal to."""
        if self.relation != "propto" and not self.up_to_constant:
            found = evaluator.at(self.left, dict(bound)), evaluator.at(self.right, dict(bound))
        else:
            axes = [axis for name in self.proportional for axis in evaluator.layout.axes(name)]
            found = _constant_along(evaluator, self, bound, axes)
        matrices.alike(found)
        left, right = evaluator.algebra.align(found)
        return left, right


def _constant_along(evaluator: Evaluator, question: Question, bound: Bound, axes: list[int]) -> tuple[Value, Value]:
    algebra = evaluator.algebra
    if question.up_to_constant:
        ratio = _constants(evaluator, question, bound, axes)
    else:
        ratio = algebra.divide(evaluator.at(question.left, dict(bound)), evaluator.at(question.right, dict(bound)))
    first = ratio
    for axis in axes:
        first = algebra.take(first, axis, 0)
    return ratio, first


def _constants(evaluator: Evaluator, question: Question, bound: Bound, axes: list[int]) -> Value:
    """What must be constant along ``axes`` for unspecified constants to exist with which both sides are equal.

    Each side must be ``s + a · constant``. Where both s are equal, that is the ratio of the two a; else the difference
    of the two s, over a, if the two a are in proportion.
    """
    algebra = evaluator.algebra
    slopes, starts = [], []
    for side in (question.left, question.right):
        zero, one, two = values = [evaluator.at(_at_constant(side, k), dict(bound)) for k in range(3)]
        for value in values:
            if value.bad is not None and value.bad.any():
                return value
        start, slope = zero, algebra.subtract(one, zero)
        if not vanishes(algebra, algebra.subtract(algebra.subtract(two, one), slope), [two]):
            raise NotComparable("the unspecified constant stands where its role cannot be checked")
        starts.append(start)
        slopes.append(None if vanishes(algebra, slope, [one, zero]) else slope)
    apart = algebra.subtract(starts[0], starts[1])
    left, right = slopes
    if left is None and right is None:
        raise NotComparable("the unspecified constant has no effect")
    if vanishes(algebra, apart, starts):
        if left is None or right is None:
            raise NotComparable("the unspecified constant can only be 0")
        return algebra.divide(left, right)
    if left is not None and right is not None and not _in_proportion(algebra, left, right, axes):
        raise NotComparable("the unspecified constants of the two sides cannot be told apart")
    if right is not None:
        return algebra.divide(apart, right)
    assert left is not None
    return algebra.divide(algebra.negate(apart), left)


def _at_constant(x: Expression, value: int) -> Expression:
    return substitute(x, CONSTANT, Number(Fraction(value)))


def _in_proportion(algebra: Algebra, a: Value, b: Value, axes: list[int]) -> bool:
    ratio = algebra.divide(a, b)
    first = ratio
    for axis in axes:
        first = algebra.take(first, axis, 0)
    return vanishes(algebra, algebra.subtract(ratio, first), [ratio])


def vanishes(algebra: Algebra, v: Value, beside: Sequence[Value]) -> bool:
    """Whether all entries are 0, within rounding beside those of ``beside``."""
    scale = max(_greatest(other) for other in beside)
    return _greatest(v) <= (max(NARROW * scale, TINY) if algebra.arithmetic.exact else NEAR * scale)


def _greatest(v: Value) -> float:
    return float(np.abs(np.asarray(np.frompyfunc(float, 1, 1)(v.data), dtype=float)).max())


# --- in floats


@dataclass(frozen=True, slots=True)
class Scan:
    """What floats say of one trial: the places most suspicious of breaking the relation, and, for ``!=``, of both.

    ``undefined`` is a place without a value, None where there is none. ``agreeing`` and ``differing`` count entries.
    """

    suspects: tuple[Place, ...]
    undefined: Place | None
    agreeing: int
    differing: int
    gap: float  # the greatest violation, relative to the sides


def scan(question: Question, trial: Trial, bound: Bound) -> Scan:
    """Compare the sides in all instances of a trial."""
    left, right = question.sides(trial.floats, bound)
    bad = together(left.bad, right.bad, left, right)
    if bad is not None and bad.any():
        return Scan((), place(trial, bound, left.axes, bad.shape, int(bad.argmax())), 0, 0, 0.0)
    violation, scale = violations(question.relation, left.data, right.data)
    relative = relative_to(violation, scale)
    agreeing = int((np.abs(relative) <= NEAR).sum())
    # a strict inequality is suspicious where the sides are about equal, an inequation where they are nearest
    least = -NEAR if question.relation in ("<", ">") else NEAR
    worst = {int(relative.argmax()), int(np.where(relative > least, violation, -np.inf).argmax())}
    if question.relation == "!=":
        worst, least = {int(relative.argmin())}, -1.0
    flat = relative.reshape(-1)
    found = (place(trial, bound, left.axes, relative.shape, k) for k in sorted(worst) if flat[k] > least)
    return Scan(tuple(found), None, agreeing, relative.size - agreeing, float(flat.max()))


def unusual_suspects(question: Question, trial: Trial, bound: Bound) -> list[Place]:
    """The places most suspicious of breaking the relation, one in an instance, in a trial of extreme numbers: where
    floats hold them no longer, that says nothing."""
    left, right = question.sides(trial.floats, bound)
    bad = together(left.bad, right.bad, left, right)
    fine = np.isfinite(left.data) & np.isfinite(right.data) & (True if bad is None else bad == 0)
    violation, scale = violations(question.relation, np.where(fine, left.data, 0), np.where(fine, right.data, 0))
    relative = relative_to(violation, scale)
    flat = relative.reshape(len(relative), -1)
    worst = flat.argmax(axis=1)
    heights = flat[np.arange(len(flat)), worst]
    found = [k for k in np.argsort(-heights)[:MOST_SUSPECTS] if heights[k] > NEAR]
    return [place(trial, bound, left.axes, relative.shape, int(k * flat.shape[1] + worst[k])) for k in found]


def relative_to(violation: Array, scale: Array) -> Array:
    """Violations as a share of the sides, 0 where they are nothing but rounding."""
    some = (scale > 0) & (np.abs(violation) > NOTHING)
    return np.where(some, violation / np.where(some, scale, 1), 0)


def violations(relation: Relation, left: Array, right: Array) -> tuple[Array, Array]:
    """By how much the relation is broken, entry by entry, not positive where it holds; and the sizes of the sides."""
    difference = np.asarray(left - right, dtype=float)
    scale = np.maximum(np.abs(left), np.abs(right)) + np.zeros_like(difference)
    if not (np.isfinite(difference).all() and np.isfinite(scale).all()):
        raise Undetermined("the numbers that arise here are too large to be checked")
    if relation in ("<=", "<"):
        return difference, scale
    return (-difference if relation in (">=", ">") else np.abs(difference)), scale


def together(a: Marks | None, b: Marks | None, left: Value, right: Value) -> Marks | None:
    """The reasons of either side, of their common shape."""
    if a is None and b is None:
        return None
    shape = np.broadcast_shapes(left.data.shape, right.data.shape)
    found = np.zeros(shape, dtype=np.int8)
    for marks in (a, b):
        if marks is not None:
            found = np.maximum(found, marks)
    return found


def place(trial: Trial, bound: Bound, axes: tuple[int, ...], shape: tuple[int, ...], flat: int) -> Place:
    """The place of the entry ``flat`` of an array of instances along ``axes``."""
    instance, *entry = (int(k) for k in np.unravel_index(flat, shape))
    return Place(trial, bound, instance, tuple(zip(axes, entry, strict=True)))


# --- exactly


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """One instance compared exactly: the sign of left minus right in every entry, UNKNOWN where that is not settled."""

    axes: tuple[int, ...]
    signs: npt.NDArray[np.int8]
    bad: Marks | None

    def entry(self, at: Place, families: set[int]) -> tuple[int, int]:
        """Sign and reason at a place found in floats, where each family now has but the candidate of that place."""
        index = (0, *(0 if axis in families else k for axis, k in at.entry))
        index = tuple(min(k, length - 1) for k, length in zip(index, self.signs.shape, strict=True))
        return int(self.signs[index]), 0 if self.bad is None else int(self.bad[index])

    @property
    def settled(self) -> bool:
        unclear = self.bad is not None and bool((self.bad == UNCLEAR).any())
        return not unclear and not (self.signs == UNKNOWN).any()


def compare_exactly(question: Question, evaluator: Evaluator, bound: Bound) -> Exact:
    left, right = question.sides(evaluator, bound)
    bad = together(left.bad, right.bad, left, right)
    signs = exact_signs(evaluator, left.data, right.data, max(left.hidden, right.hidden))
    return Exact(left.axes, signs if bad is None else np.where(bad == 0, signs, 0).astype(np.int8), bad)


def exact_signs(evaluator: Evaluator, left: Array, right: Array, hidden: float = 0.0) -> npt.NDArray[np.int8]:
    """The signs of left minus right. A ball around 0 counts as 0 where it is narrow beside the sides, unless a term is
    ``hidden`` in these so deep that nothing would be seen of it."""
    arithmetic = evaluator.arithmetic
    difference = np.asarray(left - right)
    positive, negative = arithmetic.positive(difference), arithmetic.negative(difference)
    signs = np.where(positive, 1, np.where(negative, -1, UNKNOWN)).astype(np.int8)
    zero: Mask = arithmetic.zero(difference)
    signs[zero] = 0
    if hidden <= max(0, flint.ctx.prec - SEEN) and (signs == UNKNOWN).any():
        sides = np.broadcast_arrays(left, right)
        for index in zip(*np.nonzero(signs == UNKNOWN), strict=True):
            if _narrow(difference[index], sides[0][index], sides[1][index]):
                signs[index] = 0
    return signs


def _narrow(difference: object, left: object, right: object) -> bool:
    # balls that are not finite have no value; those of what should be exactly 0 are narrow by any standard
    width, sizes = _upper(difference), (_upper(left), _upper(right))
    return width <= max(NARROW * max(sizes), TINY)


def _upper(x: object) -> float:
    return float(x.abs_upper())  # type: ignore[attr-defined]
