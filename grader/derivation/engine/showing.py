"""One instance of a world as a counterexample shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import numpy.typing as npt

from grader.derivation.engine.arithmetic import Arithmetic, Balls, Inexact, Rationals
from grader.derivation.engine.comparing import Question, together
from grader.derivation.engine.densities import mentioned
from grader.derivation.engine.evaluate import Evaluator
from grader.derivation.engine.instances import Leaf, chosen, leaves, with_members
from grader.derivation.engine.layout import Layout
from grader.derivation.engine.optima import Problems
from grader.derivation.engine.trials import EXACT_BUDGET, EXACT_OVERHEAD, Place, Trials
from grader.derivation.engine.values import COLUMN, ROW, WORDS, Budget, Value
from grader.derivation.engine.witnesses import Objectives, Table, Witness
from grader.derivation.world import World
from grader.math.values import precision

BITS = 512
DIGITS = (6, 8, 12, 18, 27, 40, 60)
Pairs = tuple[tuple[str, str], ...]


def shown(
    trials: Trials, about: Question | Problems, at: Place, members: Mapping[int, Sequence[int]], readable: bool
) -> Witness:
    """The instance at a place, of every family those ``members`` alone, and what becomes of both sides there."""
    layout, draws = with_members(trials.world, at.trial.layout, chosen(at.trial.draws, [at.instance]), members)
    budget = Budget(EXACT_BUDGET, EXACT_OVERHEAD)  # what is known to fail is shown, whatever it took to find it
    alone = {axis for axis in members if len(members[axis]) == 1}
    arithmetics: tuple[Arithmetic, ...] = (Rationals(), Balls())
    with precision(BITS):
        for arithmetic in arithmetics:
            evaluator = Evaluator(trials.world, layout, draws, arithmetic, budget, trials.codes)
            picture = _Picture(trials.world, layout, evaluator, at, alone)
            with suppress(Inexact):
                return (
                    picture.problems(about, readable) if isinstance(about, Problems) else picture.sides(about, readable)
                )
    raise AssertionError  # balls are never inexact in this sense


class _Picture:
    """An instance being shown; ``alone`` are the axes of families that have but one candidate in it."""

    def __init__(self, world: World, layout: Layout, evaluator: Evaluator, at: Place, alone: set[int]) -> None:
        self.world = world
        self.layout = layout
        self.evaluator = evaluator
        self.at = at
        self.alone = alone

    def sides(self, question: Question, readable: bool) -> Witness:
        left, right = question.sides(self.evaluator, self.at.bound)
        texts = _decimals([self._entry(left), self._entry(right)])
        bad = together(left.bad, right.bad, left, right)
        labels, free = ("left side", "right side"), self._free((left, right), set())
        if question.up_to_constant or question.relation == "propto":
            labels = self._labels(question)
        if bad is not None and bad.any():
            texts = [self._reason(side, text) for side, text in zip((left, right), texts, strict=True)]
        return Witness(*self._instance(question), free, texts[0], texts[1], labels, readable=readable)

    def problems(self, problems: Problems, readable: bool) -> Witness:
        values = problems.values(self.evaluator, self.at.bound)
        axis = self.layout.axes(problems.left.parameter)[0]
        sides, best = [], []
        for value, problem in zip(values, (problems.left, problems.right), strict=True):
            row = [self._entry(value, {axis: k}) for k in range(self.layout.sizes[axis])]
            whole = value.bad is None or not value.bad.any()
            best.append(tuple(k + 1 for k, one in enumerate(row) if whole and not any(other < one for other in row)))
            texts = _decimals([problem.sense * one for one in row])
            sides.append(tuple(self._reason(value, text, {axis: k}) for k, text in enumerate(texts)))
        objectives = Objectives(problems.left.parameter, sides[0], sides[1], best[0], best[1])
        free = self._free(values, {axis})
        return Witness(*self._instance(problems), free, objectives=objectives, readable=readable)

    # --- values

    def _index(self, v: Value, instead: Mapping[int, int]) -> tuple[int, ...]:
        entry = {axis: 0 if axis in self.alone else k for axis, k in self.at.entry} | dict(instead)
        # a side that does not depend on an axis has length 1 along it
        return (0, *(min(entry.get(axis, 0), n - 1) for axis, n in zip(v.axes, v.data.shape[1:], strict=True)))

    def _entry(self, v: Value, instead: Mapping[int, int] | None = None) -> Any:
        found = v.data[self._index(v, instead or {})]
        return found if isinstance(found, flint.arb) else flint.arb(found)

    def _reason(self, v: Value, text: str, instead: Mapping[int, int] | None = None) -> str:
        bad = 0 if v.bad is None else int(v.bad[self._index(v, instead or {})])
        return f"no value ({WORDS[bad]})" if bad in WORDS else "no value" if bad else text

    def _free(self, values: Sequence[Value], but: set[int]) -> Pairs:
        """What stands free in the sides, and its values at the place."""
        found = list(self.at.bound)
        pairs = [(name, str(k)) for name, k in found]
        for axis, k in self.at.entry:
            if axis in but | self.alone or all(self._length(v, axis) == 1 for v in values):
                continue
            pairs.append((self._name(axis), self._point(axis, k) if self._is_point(axis) else str(k + 1)))
        return tuple(pairs)

    def _length(self, v: Value, axis: int) -> int:
        return int(v.data.shape[1 + v.axes.index(axis)]) if axis in v.axes else 1

    def _is_point(self, axis: int) -> bool:
        return axis < ROW and self.layout.is_point(axis)

    def _name(self, axis: int) -> str:
        return {ROW: "row", COLUMN: "column"}.get(axis) or self.layout.names[axis]

    def _point(self, axis: int, k: int) -> str:
        drawn = self.evaluator.densities.draws[("point", self.layout.names[axis])]
        entries = [_short(int(n), drawn.denominator) for n in drawn.numerators[0, k, :, 0]]
        return f"({', '.join(entries)})"

    def _labels(self, question: Question) -> tuple[str, str]:
        """What is shown of what must be constant: its value at the place, and at the first values of the variables."""
        axes = {axis for name in question.proportional for axis in self.layout.axes(name)}
        what = "constant needed" if question.up_to_constant else "left/right"
        entry = [(axis, k) for axis, k in self.at.entry if axis in axes]
        here, there = (
            ", ".join(f"{self._name(axis)} = {self._place(axis, k)}" for axis, k in found)
            for found in (entry, [(axis, 0) for axis, _ in entry])
        )
        return f"{what} at {here}", f"{what} at {there}"

    def _place(self, axis: int, k: int) -> str:
        return self._point(axis, k) if self._is_point(axis) else str(k + 1)

    # --- the instance

    def _instance(self, about: Question | Problems) -> tuple[tuple[Table, ...], Pairs]:
        tables, values = [], self._counts(about)
        used = self.evaluator.densities.used
        for leaf in leaves(self.world, self.layout):
            if leaf.key not in used or leaf.key[0] == "point":
                continue
            if leaf.key[0] == "quantity" and not self._shown_axes(leaf):
                drawn = self.evaluator.densities.draws[leaf.key]
                values.append((str(leaf.key[1]), _short(int(drawn.numerators.flat[0]), drawn.denominator)))
            else:
                tables.append(self._table(leaf))
        return tuple(tables), tuple(values)

    def _counts(self, about: Question | Problems) -> list[tuple[str, str]]:
        names = mentioned(about.left, self.world) | mentioned(about.right, self.world)
        for name in names & set(self.layout.spec.variables):
            variable = self.layout.spec.variables[name]
            names |= {count for count in (variable.length, variable.values, variable.point) if count}
        return [(name, str(count)) for name, count in self.layout.counts.items() if name in names]

    def _shown_axes(self, leaf: Leaf) -> list[int]:
        """Families, then what is given, then targets, then the entries of a vector."""
        given = [axis for axis in (*leaf.given, *leaf.targets) if axis in leaf.axes]
        rest = [axis for axis in leaf.axes if axis not in given and axis not in self.alone and axis != COLUMN]
        before = [axis for axis in rest if axis != ROW]
        return [*before, *given, *(axis for axis in rest if axis == ROW)]

    def _table(self, leaf: Leaf) -> Table:
        drawn = self.evaluator.densities.draws[leaf.key]
        axes = self._shown_axes(leaf)
        data = drawn.numerators[0]
        dropped = [k for k, axis in enumerate(leaf.axes) if axis not in axes]
        order = [leaf.axes.index(axis) for axis in axes]
        arranged = data.transpose([*dropped, *order]).reshape([data.shape[k] for k in order])
        names = tuple("entry" if axis == ROW else self._name(axis) for axis in axes)
        return Table(self._title(leaf), names, _nested(arranged, drawn.denominator))

    def _title(self, leaf: Leaf) -> str:
        name = str(leaf.key[1])
        if leaf.key[0] == "quantity":
            return name
        latex = self.world.distributions[name].latex
        if latex and "(" in latex and leaf.key[0] == "table":
            return latex
        targets, given = (", ".join(map(self._name, axes)) for axes in (leaf.targets, leaf.given))
        title = f"{latex if latex and '(' not in latex else name}({targets}{' | ' if given else ''}{given})"
        return f"some law of {targets}" if leaf.key[0] == "law" else title


def _nested(data: npt.NDArray[np.int64], denominator: int) -> Any:
    if not data.ndim:
        return _short(int(data), denominator, probability=True)
    return tuple(_nested(part, denominator) for part in data)


def _short(numerator: int, denominator: int, probability: bool = False) -> str:
    """A drawn number: 1/2, 3, 0.3, six digits of what is longer."""
    x = Fraction(numerator, denominator)
    if x.denominator == 1 or (not probability and x.denominator <= 12):
        return str(x)
    return f"{float(x):.6g}"


def _decimals(values: Sequence[Any]) -> list[str]:
    """Balls as decimal numbers of at least six digits, as many as it takes to tell different ones apart."""
    different = len(list(_distinct(values)))
    for digits in DIGITS:
        texts = [_text(value, digits) for value in values]
        if len(set(texts)) >= different:
            break
    return texts


def _distinct(values: Sequence[Any]) -> Iterator[Any]:
    seen: list[Any] = []
    for value in values:
        if not any(value.overlaps(other) for other in seen):
            seen.append(value)
            yield value


def _text(value: Any, digits: int) -> str:
    size = float(value.abs_upper())
    if value.contains(0):
        return "0"
    if not 1e-250 < size < 1e250:
        return f"{'-' if value < 0 else ''}{'1e-250 or less' if size < 1 else '1e250 or more'}"
    text = str(value.str(digits, radius=False))
    if "e" in text or "." not in text:
        return text
    return text.rstrip("0").rstrip(".") or "0"
