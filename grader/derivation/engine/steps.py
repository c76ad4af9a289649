"""Whether one step of a derivation holds: tried in many instances of its world, decided in exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import numpy as np

from grader.derivation.engine import comparing, optima
from grader.derivation.engine.comparing import UNKNOWN, Exact, NotComparable, Question, Relation
from grader.derivation.engine.deciding import breaks, choose, compare, differ_at, families, sign_at
from grader.derivation.engine.densities import extent
from grader.derivation.engine.evaluate import MAX_DEPTH, Undetermined
from grader.derivation.engine.finding import find_witness
from grader.derivation.engine.layout import space
from grader.derivation.engine.optima import Problems, Suspect
from grader.derivation.engine.searching import climb
from grader.derivation.engine.trials import Bound, Place, Trial, Trials
from grader.derivation.engine.values import UNCLEAR, WORDS, too_long
from grader.derivation.engine.witnesses import Witness
from grader.derivation.nodes import Optimum
from grader.derivation.world import World
from grader.math.tree import Expression, children

MAX_NODES = 3000
MAX_WRITTEN_OUT = 20_000

Kind = Literal["holds", "fails", "undefined", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a step.

    ``holds``: in every instance tried, and exactly in the ``confirmed`` ones. ``fails`` and ``undefined``: surely, in
    the instance that ``witness`` shows. ``open``: neither is certain; a human must look. ``reason`` is a sentence.
    """

    kind: Kind
    reason: str
    witness: Witness | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Tried:
    """How much was looked at in one step."""

    instances: int = 0
    confirmed: int = 0

    def numbers(self) -> dict[str, int]:
        return {"instances": self.instances, "confirmed": self.confirmed}


class Judge:
    """Judges steps in one world; the same seed gives the same verdicts. What one step computes helps the next."""

    def __init__(self, world: World, seed: str, proportional: tuple[str, ...] = ()) -> None:
        self.world = world
        self.proportional = proportional
        self.trials = Trials(world, seed)
        self._extents: dict[str, int] = {}

    def step(self, left: Expression, relation: str, right: Expression) -> Verdict:
        """Whether ``left relation right`` holds, for one of the relations of ``comparing``.

        Raises Undetermined where that has no meaning, or none that is checked here.
        """
        if relation not in get_args(Relation):
            raise ValueError(relation)
        for side in (left, right):
            _moderate(side)
            if extent(side, self.world, self._extents) > MAX_WRITTEN_OUT:
                too_long()
        # what floats cannot hold is found in what they give, and is no reason to warn of
        with np.errstate(all="ignore"):
            return self._step(left, cast(Relation, relation), right)

    def _step(self, left: Expression, relation: Relation, right: Expression) -> Verdict:
        self.trials.renew()
        problems = [side for side in (left, right) if isinstance(side, Optimum)]
        if len(problems) == 1:
            raise Undetermined("one side is an optimisation problem and the other a value")
        if isinstance(left, Optimum) and isinstance(right, Optimum):
            return self._problems(left, relation, right)
        if relation == "iff":
            raise Undetermined("⇔ stands between values here, not between optimisation problems or relations")
        question = Question(left, relation, right, self.proportional)
        if (relation == "propto" or question.up_to_constant) and not self.proportional:
            raise Undetermined("this item has no variable over which ∝ could be meant")
        if question.up_to_constant and relation not in ("=", "propto"):
            raise Undetermined("an inequality with an unspecified constant says nothing")
        try:
            return self._values(question)
        except NotComparable as error:
            return Verdict("open", f"{error}.")

    # --- values

    def _values(self, question: Question) -> Verdict:
        tried = _Tried()
        scans = []
        for trial, bound in self._everywhere(question.left, question.right, tried):
            found = comparing.scan(question, trial, bound)
            if found.undefined is not None:
                return self._undefined(question, found.undefined, tried)
            scans.append(found)
        if question.relation == "!=":
            return self._unequal(question, scans, tried)
        suspects = [place for found in scans for place in found.suspects]
        verdict = self._broken(question, suspects, tried) or self._confirmed(question, tried)
        verdict = verdict or self._unusual(question, tried)
        if verdict is None and question.relation in ("<=", ">=", "<", ">"):
            verdict = self._broken(question, self._searched(question), tried)
        return verdict or Verdict("holds", _agreement(question, tried), numbers=tried.numbers())

    def _everywhere(self, left: Expression, right: Expression, tried: _Tried) -> Iterator[tuple[Trial, Bound]]:
        for trial in self.trials.ordinary:
            tried.instances += trial.count
            for bound in self.trials.bounds(trial.layout, (left, right)):
                yield trial, bound

    def _unusual(self, about: Question | Problems, tried: _Tried) -> Verdict | None:
        """The verdict if the step surely fails for other sizes than the ordinary, or at extreme numbers. What cannot be
        settled there says nothing."""
        for trial in self.trials.unusual:
            tried.instances += trial.count
            for bound in self.trials.bounds(trial.layout, (about.left, about.right)):
                found = self._surely_broken(about, trial, bound)
                if found is not None:
                    return self._failed(about, found, tried)
        return None

    def _surely_broken(self, about: Question | Problems, trial: Trial, bound: Bound) -> Place | Suspect | None:
        if isinstance(about, Problems):
            suspects = optima.unusual_suspects(about, trial, bound)
            return next((one for one in suspects if differ_at(self.trials, about, one)), None)
        with suppress(NotComparable):  # the roles of a constant are clear by now, but for rounding
            for at in comparing.unusual_suspects(about, trial, bound):
                sign, bad = sign_at(self.trials, about, at)
                if not bad and breaks(about.relation, sign):
                    return at
        return None

    def _searched(self, question: Question) -> Iterator[Place]:
        trial = min(self.trials.ordinary, key=lambda one: space(one.layout))
        for bound in self.trials.bounds(trial.layout, (question.left, question.right)):
            found = climb(question, self.trials, trial.layout, bound)
            if found is not None:
                yield found

    def _broken(self, question: Question, suspects: Iterable[Place], tried: _Tried) -> Verdict | None:
        """The verdict if the relation surely fails at one of the places, or cannot be settled there; else None."""
        unsettled = False
        for at in sorted(suspects, key=lambda one: space(one.trial.layout)):
            sign, bad = sign_at(self.trials, question, at)
            if bad or sign == UNKNOWN:
                unsettled = True
            elif breaks(question.relation, sign):
                return self._failed(question, at, tried)
        if unsettled:
            return Verdict("open", "Whether the two sides differ could not be settled.", numbers=tried.numbers())
        return None

    def _failed(self, question: Question | Problems, at: Place | Suspect, tried: _Tried) -> Verdict:
        reason = "The two problems choose differently." if isinstance(question, Problems) else _difference(question)
        return Verdict("fails", reason, find_witness(self.trials, question, at), tried.numbers())

    def _confirmed(self, question: Question, tried: _Tried) -> Verdict | None:
        """The verdict if exact arithmetic, in instances of different sizes, does not say that the relation holds."""
        for trial, instance in self.trials.to_confirm:
            members = {axis: [0, 1] for axis in families(trial)}
            for bound in self.trials.bounds(trial.layout, (question.left, question.right)):
                found = compare(self.trials, question, trial, bound, instance, members)
                if (verdict := self._not_so(question, trial, bound, instance, found, tried)) is not None:
                    return verdict
            tried.confirmed += 1
        return None

    def _not_so(
        self, question: Question, trial: Trial, bound: Bound, instance: int, found: Exact, tried: _Tried
    ) -> Verdict | None:
        bad = None if found.bad is None else found.bad.reshape(-1)
        for k, sign in enumerate(found.signs.reshape(-1)):
            at = comparing.place(trial, bound, found.axes, found.signs.shape, k)
            at = Place(trial, bound, instance, at.entry)
            if bad is not None and bad[k]:
                return self._undefined(question, at, tried)
            if breaks(question.relation, int(sign)):
                return self._failed(question, at, tried)
        if not found.settled:
            return Verdict("open", "Whether the two sides are equal could not be settled.", numbers=tried.numbers())
        return None

    def _unequal(self, question: Question, scans: list[comparing.Scan], tried: _Tried) -> Verdict:
        """Whether the sides differ everywhere."""
        if not any(found.differing for found in scans):
            at = scans[0].suspects[0]
            if sign_at(self.trials, question, at)[0] == 0:
                return self._failed(question, at, tried)
        agreeing = any(found.agreeing for found in [*scans, *self._at_one(question)])
        nearest = [place for found in scans for place in found.suspects]
        if agreeing or any(sign_at(self.trials, question, at)[0] not in (1, -1) for at in nearest):
            return Verdict("open", "The two sides differ in some instances and not in others.", None, tried.numbers())
        return Verdict("holds", _agreement(question, tried), numbers=tried.numbers())

    def _at_one(self, question: Question) -> Iterator[comparing.Scan]:
        if (trial := self.trials.with_ones) is not None:
            for bound in self.trials.bounds(trial.layout, (question.left, question.right)):
                yield comparing.scan(question, trial, bound)

    def _undefined(self, question: Question | Problems, at: Place, tried: _Tried) -> Verdict:
        """The verdict where floats found no value: certain if exact arithmetic finds none there either."""
        if isinstance(question, Problems):
            marks = choose(self.trials, question, at.trial, at.bound, at.instance, {}).bad
            bad = 0 if marks is None else int(marks.max())
        else:
            bad = sign_at(self.trials, question, at)[1]
        if bad in (0, UNCLEAR):
            return Verdict("open", "Whether both sides have a value could not be settled.", numbers=tried.numbers())
        reason = f"A side has no value in some instances: {WORDS[bad]}."
        return Verdict("undefined", reason, find_witness(self.trials, question, at), tried.numbers())

    # --- optimisation problems

    def _problems(self, left: Optimum, relation: Relation, right: Optimum) -> Verdict:
        if relation not in ("=", "iff"):
            raise Undetermined("optimisation problems can only be equal, or not")
        if left.parameter != right.parameter:
            raise Undetermined("the two problems are about different parameters")
        if left.parameter not in self.world.spec.parameters:
            raise Undetermined(f"{left.parameter} is no parameter of this item")
        problems = Problems.between(left, right)
        tried = _Tried()
        unsettled = False
        for trial, bound in self._everywhere(left, right, tried):
            found = optima.scan(problems, trial, bound)
            if found.undefined is not None:
                return self._undefined(problems, found.undefined, tried)
            if found.suspect is not None:
                different = differ_at(self.trials, problems, found.suspect)
                if different:
                    return self._failed(problems, found.suspect, tried)
                unsettled |= different is None
        if unsettled:
            return Verdict("open", "Whether the two problems choose alike could not be settled.", None, tried.numbers())
        verdict = self._choices_confirmed(problems, tried) or self._unusual(problems, tried)
        reason = f"Both problems choose alike in all {tried.instances} families of candidates."
        return verdict or Verdict("holds", reason, None, tried.numbers())

    def _choices_confirmed(self, problems: Problems, tried: _Tried) -> Verdict | None:
        for trial, instance in self.trials.to_confirm:
            parameter = trial.layout.axes(problems.left.parameter)[0]
            members = {axis: [0, 1, 2] if axis == parameter else [0] for axis in families(trial)}
            for bound in self.trials.bounds(trial.layout, (problems.left, problems.right)):
                found = choose(self.trials, problems, trial, bound, instance, members)
                if found.different.any():
                    return self._failed(problems, found.suspect(trial, bound, instance), tried)
                if not found.settled:
                    return Verdict("open", "Whether the two problems choose alike could not be settled.")
            tried.confirmed += 1
        return None


def _moderate(x: Expression) -> None:
    """Refuses what is too long or too deep to be looked at at all."""
    nodes, level = 0, [x]
    for _ in range(MAX_DEPTH):
        level = [part for node in level for part in children(node)]
        nodes += len(level)
        if not level:
            return
        if nodes > MAX_NODES:
            break
    too_long()


def _difference(question: Question) -> str:
    words = {
        "=": "The two sides differ.",
        "propto": "The ratio of the two sides is not constant.",
        "<=": "The left side is greater in some instance.",
        "<": "The left side is not less in some instance.",
        ">=": "The left side is less in some instance.",
        ">": "The left side is not greater in some instance.",
        "!=": "The two sides are equal.",
    }
    if question.up_to_constant:
        return "The two sides differ by more than a constant."
    return words[question.relation]


def _agreement(question: Question, tried: _Tried) -> str:
    return f"This holds in all {tried.instances} instances tried."
