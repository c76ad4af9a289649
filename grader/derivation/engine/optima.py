"""Optimisation problems: whether two have the same optimisers, whatever the candidates are.

Every two candidates are a family too. So two problems are equal if, of any two candidates, both prefer the same, or
both neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from grader.derivation.engine import matrices
from grader.derivation.engine.arithmetic import Array
from grader.derivation.engine.comparing import CONSTANT, MOST_SUSPECTS, NEAR, UNKNOWN, exact_signs, place, together
from grader.derivation.engine.evaluate import Evaluator
from grader.derivation.engine.trials import Bound, Place, Trial
from grader.derivation.engine.values import UNCLEAR, Marks, Undetermined, Value
from grader.derivation.nodes import Optimum
from grader.math.tree import Number, substitute

Signs = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Problems:
    """Two optimisation problems over the candidates of the same family, in which an unspecified constant is 1."""

    left: Optimum
    right: Optimum

    @classmethod
    def between(cls, left: Optimum, right: Optimum) -> Problems:
        one = Number(Fraction(1))
        return cls(*(replace(side, body=substitute(side.body, CONSTANT, one)) for side in (left, right)))

    def values(self, evaluator: Evaluator, bound: Bound) -> tuple[Value, Value]:
        """The objectives, both along the family, maximisation turned to minimisation."""
        axis = evaluator.layout.axes(self.left.parameter)[0]
        found = []
        for problem in (self.left, self.right):
            value = evaluator.at(problem.body, dict(bound))
            if value.is_grid:
                raise Undetermined("what is optimised here is a vector or matrix")
            turned = value if problem.sense == 1 else evaluator.algebra.negate(value)
            found.append(evaluator.algebra.expand(turned, [axis]))
        matrices.alike(found)
        left, right = evaluator.algebra.align(found)
        return left, right


@dataclass(frozen=True, slots=True)
class Suspect:
    """A place, its entry that of the first of two candidates, between which the problems seem to choose differently."""

    place: Place
    members: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ProblemScan:
    """What floats say of one trial."""

    suspect: Suspect | None
    undefined: Place | None


def scan(problems: Problems, trial: Trial, bound: Bound) -> ProblemScan:
    left, right = problems.values(trial.floats, bound)
    bad = together(left.bad, right.bad, left, right)
    if bad is not None and bad.any():
        return ProblemScan(None, place(trial, bound, left.axes, bad.shape, int(bad.argmax())))
    found = max(suspects(problems, trial, bound), key=lambda one: one[1], default=None)
    return ProblemScan(found[0] if found else None, None)


def suspects(problems: Problems, trial: Trial, bound: Bound) -> list[tuple[Suspect, float]]:
    """For every instance in which the problems seem to choose differently the clearest case, and by how much, relative
    to the objectives, the less decided of the two prefers one candidate."""
    left, right = problems.values(trial.floats, bound)
    if not (np.isfinite(left.data).all() and np.isfinite(right.data).all()):
        raise Undetermined("the numbers that arise here are too large to be checked")
    return _suspects(problems, trial, bound, left, right)


def unusual_suspects(problems: Problems, trial: Trial, bound: Bound) -> list[Suspect]:
    """The clearest of them, in a trial of extreme numbers: where floats hold them no longer, that says nothing."""
    left, right = problems.values(trial.floats, bound)
    fine = [np.where(np.isfinite(side.data), side.data, 0) for side in (left, right)]
    sides = (Value(side.axes, data, side.bad) for side, data in zip((left, right), fine, strict=True))
    found = sorted(_suspects(problems, trial, bound, *sides), key=lambda one: -one[1])
    return [suspect for suspect, _ in found[:MOST_SUSPECTS]]


def _suspects(problems: Problems, trial: Trial, bound: Bound, left: Value, right: Value) -> list[tuple[Suspect, float]]:
    axis = 1 + left.axes.index(trial.layout.axes(problems.left.parameter)[0])
    first, second = np.triu_indices(left.data.shape[axis], 1)
    choices = [_choices(side.data, axis, first, second) for side in (left, right)]
    one, other = (np.where(np.abs(c) <= NEAR, 0, np.sign(c)) for c in choices)
    gaps = np.where(one != other, np.minimum(np.abs(choices[0]), np.abs(choices[1])), -1.0)
    together_with = together(left.bad, right.bad, left, right)
    if together_with is not None:
        whole = tuple(range(1, together_with.ndim))
        gaps[together_with.any(axis=whole)] = -1.0
    found = []
    flat = gaps.reshape(len(gaps), -1)
    for k in np.nonzero(flat.max(axis=1) >= 0)[0]:
        index = np.unravel_index(int(flat[k].argmax()), gaps.shape[1:])
        pair = int(index[axis - 1])
        places = [int(first[pair]) if d == axis - 1 else int(v) for d, v in enumerate(index)]
        at = Place(trial, bound, int(k), tuple(zip(left.axes, places, strict=True)))
        found.append((Suspect(at, (int(first[pair]), int(second[pair]))), float(flat[k].max())))
    return found


def _choices(data: Array, axis: int, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> Array:
    """By how much the second of each pair of candidates is better, relative to both."""
    a, b = data.take(first, axis), data.take(second, axis)
    scale = np.maximum(np.abs(a), np.abs(b))
    return np.asarray((a - b) / np.where(scale > 0, scale, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the two problems prefer, of all pairs of candidates in one instance, exactly; UNKNOWN is not settled."""

    left: Signs
    right: Signs
    axes: tuple[int, ...]
    along: int  # which of the axes the pairs run along
    members: int
    bad: Marks | None

    @property
    def settled(self) -> bool:
        unclear = self.bad is not None and bool((self.bad == UNCLEAR).any())
        return not unclear and not ((self.left == UNKNOWN) | (self.right == UNKNOWN)).any()

    @property
    def different(self) -> npt.NDArray[np.bool_]:
        known = (self.left != UNKNOWN) & (self.right != UNKNOWN)
        return np.asarray(known & (self.left != self.right))

    def suspect(self, trial: Trial, bound: Bound, instance: int) -> Suspect:
        """The first pair about which they differ, where all families had their first candidates alone."""
        _, *index = (int(k) for k in np.unravel_index(int(self.different.argmax()), self.different.shape))
        pair = index[self.along]
        first, second = np.triu_indices(self.members, 1)
        places = [int(first[pair]) if d == self.along else k for d, k in enumerate(index)]
        at = Place(trial, bound, instance, tuple(zip(self.axes, places, strict=True)))
        return Suspect(at, (int(first[pair]), int(second[pair])))


def choose_exactly(problems: Problems, evaluator: Evaluator, bound: Bound) -> Choices:
    left, right = problems.values(evaluator, bound)
    axis = 1 + left.axes.index(evaluator.layout.axes(problems.left.parameter)[0])
    first, second = np.triu_indices(left.data.shape[axis], 1)
    signs = [
        exact_signs(evaluator, v.data.take(first, axis), v.data.take(second, axis), v.hidden) for v in (left, right)
    ]
    shape = np.broadcast_shapes(signs[0].shape, signs[1].shape)
    one, other = (np.broadcast_to(found, shape) for found in signs)
    return Choices(one, other, left.axes, axis - 1, left.data.shape[axis], together(left.bad, right.bad, left, right))
