"""The instances that steps are tried in, and single ones of them again in exact arithmetic."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from grader.derivation.engine.arithmetic import Arithmetic, Balls, Floats, Inexact, Rationals
from grader.derivation.engine.densities import mentioned
from grader.derivation.engine.evaluate import Budget, Evaluator
from grader.derivation.engine.extremes import draw_kind, draw_unusual
from grader.derivation.engine.formulas import Codes
from grader.derivation.engine.instances import Draws, Key, chosen, draw_all, with_members
from grader.derivation.engine.layout import Layout, ordinary, space, unusual
from grader.derivation.world import World
from grader.math.tree import Expression
from grader.math.values import precision

INSTANCES = 33
# what a step may cost, and a whole proof: ten times as much as the longest honest ones of the tests
FLOAT_BUDGET, FLOATS_IN_ALL = 20_000_000, 70_000_000
EXACT_BUDGET, EXACT_IN_ALL = 300_000, 1_000_000
EXACT_OVERHEAD = 20
PRECISIONS = (256, 512, 2048)

Bound = tuple[tuple[str, int], ...]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Some instances of one layout, and their evaluation in floats."""

    layout: Layout
    draws: Draws
    floats: Evaluator

    @property
    def count(self) -> int:
        return self.floats.count


@dataclass(frozen=True, slots=True)
class Place:
    """An entry in one instance of a trial: ``entry`` has an index, from 0, for every axis of the sides compared."""

    trial: Trial
    bound: Bound
    instance: int
    entry: tuple[tuple[int, int], ...]


class Trials:
    """Everything that is random about judging the steps in one world, from one seed."""

    def __init__(self, world: World, seed: str) -> None:
        self.world = world
        self.seed = seed
        self.budget = Budget(FLOAT_BUDGET, whole=FLOATS_IN_ALL)
        self.exact_budget = Budget(EXACT_BUDGET, EXACT_OVERHEAD, EXACT_IN_ALL)
        self._exact: dict[tuple[int, int, tuple[tuple[int, tuple[int, ...]], ...], int], tuple[Trial, Evaluator]] = {}
        self.codes = Codes()
        self._mentioned: dict[tuple[Expression, ...], list[str]] = {}
        self._irrational: set[object] = set()

    def renew(self) -> None:
        """A new step begins, and may cost as much as the one before."""
        self.budget.renew()
        self.exact_budget.renew()

    def rng(self, *purpose: object) -> np.random.Generator:
        """The generator for one purpose: the same for the same seed, whatever else was drawn."""
        digest = hashlib.sha256(repr((self.seed, *purpose)).encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "big"))

    def trial(self, layout: Layout, draws: dict[Key, object] | Draws) -> Trial:
        return Trial(layout, draws, Evaluator(self.world, layout, draws, Floats(), self.budget, self.codes))  # type: ignore[arg-type]

    @cached_property
    def ordinary(self) -> list[Trial]:
        """At least 30 instances, in layouts of different sizes."""
        layouts = ordinary(self.world.spec)
        each = -(-INSTANCES // len(layouts))
        return [
            self.trial(found, draw_all(self.world, found, self.rng("ordinary", k), each))
            for k, found in enumerate(layouts)
        ]

    @cached_property
    def unusual(self) -> list[Trial]:
        """A few instances of other sizes than the ordinary ones, and of extreme numbers."""
        layouts = unusual(self.world.spec, self.rng("unusual"))
        return [
            self.trial(found, draw_unusual(self.world, found, self.rng("unusual", k)))
            for k, found in enumerate(layouts)
        ]

    @cached_property
    def with_ones(self) -> Trial | None:
        """An instance whose numbers are 1, which is drawn nowhere else, if the world has any."""
        if not self.world.spec.quantities:
            return None
        layout = min(self.ordinary, key=lambda trial: space(trial.layout)).layout
        return self.trial(layout, draw_kind(self.world, layout, self.rng("ones"), 1, "one"))

    @cached_property
    def to_confirm(self) -> list[tuple[Trial, int]]:
        """Two instances, of different sizes where there are such, that cost little in exact arithmetic."""
        by_size = sorted(self.ordinary, key=lambda trial: space(trial.layout))
        first = by_size[0]
        others = [trial for trial in by_size if trial.layout.sizes != first.layout.sizes]
        return [(first, 0), (others[0] if others else first, 1)]

    def bounds(self, layout: Layout, sides: Sequence[Expression]) -> Iterator[Bound]:
        """All values of the indices that stand free in the sides, as the world allows."""
        indices = self.world.spec.indices
        names = self._free(tuple(sides)) if indices else []
        ranges = [range(1, layout.counts[indices[name]] + 1) for name in names]
        for values in itertools.product(*ranges):
            yield tuple(zip(names, values, strict=True))

    def _free(self, sides: tuple[Expression, ...]) -> list[str]:
        if sides not in self._mentioned:
            found = [mentioned(side, self.world) for side in sides]
            self._mentioned[sides] = [name for name in self.world.spec.indices if any(name in one for one in found)]
        return self._mentioned[sides]

    # --- exactly

    def settle(
        self,
        trial: Trial,
        instance: int,
        members: Mapping[int, Sequence[int]],
        compute: Callable[[Evaluator], Found],
        settled: Callable[[Found], bool],
        about: object,
    ) -> Found:
        """What ``compute`` finds in one instance, with those candidates, by the first arithmetic that settles it:
        rationals, then balls. ``about`` tells one question from another."""
        if about not in self._irrational:
            try:
                return compute(self._evaluator(trial, instance, members, 0))
            except Inexact:
                self._irrational.add(about)
        for bits in PRECISIONS:
            with precision(bits):
                found = compute(self._evaluator(trial, instance, members, bits))
            if settled(found):
                break
        return found

    def _evaluator(self, trial: Trial, instance: int, members: Mapping[int, Sequence[int]], bits: int) -> Evaluator:
        key = (id(trial), instance, tuple((axis, tuple(found)) for axis, found in sorted(members.items())), bits)
        if key not in self._exact:
            if len(self._exact) > 16:
                self._exact.clear()
            layout, draws = with_members(self.world, trial.layout, chosen(trial.draws, [instance]), members)
            arithmetic: Arithmetic = Balls() if bits else Rationals()
            # the trial is kept with it: another one must not get its identity
            self._exact[key] = trial, Evaluator(self.world, layout, draws, arithmetic, self.exact_budget, self.codes)
        return self._exact[key][1]
