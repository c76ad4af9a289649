"""The search for readable counterexamples: the smallest sizes, tables in tenths, few different numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grader.derivation.engine import optima
from grader.derivation.engine.arithmetic import Array
from grader.derivation.engine.comparing import (
    NEAR,
    NotComparable,
    Question,
    Relation,
    place,
    relative_to,
    together,
    violations,
)
from grader.derivation.engine.deciding import breaks, differ_at, families, members_at, pair_at, sign_at
from grader.derivation.engine.instances import draw_all
from grader.derivation.engine.layout import Layout, layout, smallest
from grader.derivation.engine.optima import Problems, Suspect
from grader.derivation.engine.showing import shown
from grader.derivation.engine.trials import Bound, Place, Trial, Trials
from grader.derivation.engine.values import UNCLEAR, Undetermined
from grader.derivation.engine.witnesses import Witness

INSTANCES = 240
MEMBERS = 6  # candidates to choose the two from that are shown
TRIED = 8
GROSS = (0.3, 0.1, 0.03, 0.003)  # differences that please the more, as shares of the sides


@dataclass(frozen=True, slots=True)
class _Candidate:
    """An instance that seems to break a step, and how little it pleases: small differences, many numbers."""

    found: Place | Suspect
    rank: tuple[int, int, int]


def find_witness(trials: Trials, about: Question | Problems, at: Place | Suspect) -> Witness:
    """A counterexample to a step that fails at ``at``, readable if one is found, else that."""
    for wanted in _layouts(trials, at):
        trials.renew()
        try:
            found = _readable(trials, about, wanted, undefined=_is_undefined(trials, about, at))
        except (Undetermined, NotComparable):
            found = None
        if found is not None:
            return _shown(trials, about, found, readable=True)
    return _shown(trials, about, at, readable=False)


def _layouts(trials: Trials, at: Place | Suspect) -> Iterator[Layout]:
    spec = trials.world.spec
    yield smallest(spec, MEMBERS)
    trial = (at.place if isinstance(at, Suspect) else at).trial
    sizes = {}
    for name, variable in spec.variables.items():
        axis = f"{name}_{variable.first}" if variable.length else name
        sizes[name] = trial.layout.sizes[trial.layout.ids[axis]]
    yield layout(spec, trial.layout.counts, sizes, MEMBERS, points=2)


def _is_undefined(trials: Trials, about: Question | Problems, at: Place | Suspect) -> bool:
    if isinstance(about, Problems):
        return isinstance(at, Place)
    assert isinstance(at, Place)
    return sign_at(trials, about, at)[1] != 0


def _readable(trials: Trials, about: Question | Problems, wanted: Layout, undefined: bool) -> Place | Suspect | None:
    draws = draw_all(trials.world, wanted, trials.rng("witness"), INSTANCES, "short")
    trial = trials.trial(wanted, draws)
    sides = (about.left, about.right)
    candidates = [
        candidate for bound in trials.bounds(wanted, sides) for candidate in _candidates(about, trial, bound, undefined)
    ]
    for candidate in sorted(candidates, key=lambda one: one.rank)[:TRIED]:
        if _surely(trials, about, candidate.found, undefined):
            return candidate.found
    return None


def _surely(trials: Trials, about: Question | Problems, found: Place | Suspect, undefined: bool) -> bool:
    if isinstance(about, Problems):
        # a problem without a value was found in floats, and its instance is exact in them
        return isinstance(found, Place) or differ_at(trials, about, found) is True
    assert isinstance(found, Place)
    sign, bad = sign_at(trials, about, found)
    return bad not in (0, UNCLEAR) if undefined else bad == 0 and breaks(about.relation, sign)


def _candidates(about: Question | Problems, trial: Trial, bound: Bound, undefined: bool) -> Iterator[_Candidate]:
    """One place for every instance that breaks the step."""
    if isinstance(about, Problems):
        yield from _of_problems(about, trial, bound, undefined)
        return
    left, right = about.sides(trial.floats, bound)
    bad = together(left.bad, right.bad, left, right)
    violation, scale = violations(about.relation, left.data, right.data)
    heights = _heights(about.relation, relative_to(violation, scale))
    if undefined:
        heights = np.zeros(violation.shape) if bad is None else bad.astype(float)
    elif bad is not None:
        heights = np.where(bad == 0, heights, -np.inf)
    flat = heights.reshape(len(heights), -1)
    for k in np.nonzero(flat.max(axis=1) > NEAR)[0]:
        at = place(trial, bound, left.axes, heights.shape, int(k) * flat.shape[1] + int(flat[k].argmax()))
        yield _Candidate(at, (_gross(float(flat[k].max())), *_plainness(trial, int(k))))


def _heights(relation: Relation, relative: Array) -> Array:
    """Violations, where what is strict is broken by equality too, and an inequation by nothing else."""
    if relation == "!=":
        return np.asarray(2 * NEAR - relative)
    return relative + 2 * NEAR if relation in ("<", ">") else relative


def _of_problems(problems: Problems, trial: Trial, bound: Bound, undefined: bool) -> Iterator[_Candidate]:
    if not undefined:
        for suspect, gap in optima.suspects(problems, trial, bound):
            yield _Candidate(suspect, (_gross(gap), *_plainness(trial, suspect.place.instance)))
        return
    left, right = problems.values(trial.floats, bound)
    bad = together(left.bad, right.bad, left, right)
    if bad is None:
        return
    flat = bad.reshape(len(bad), -1)
    for k in np.nonzero(flat.any(axis=1))[0]:
        at = place(trial, bound, left.axes, bad.shape, int(k) * flat.shape[1] + int(flat[k].argmax()))
        yield _Candidate(at, (0, *_plainness(trial, int(k))))


def _gross(share: float) -> int:
    return sum(share < least for least in GROSS)


def _plainness(trial: Trial, instance: int) -> tuple[int, int]:
    """Whether there are zeros in the instance, and how many different numbers."""
    drawn = [one.numerators[instance].ravel().tolist() for one in trial.draws.values()]
    return int(any(0 in numbers for numbers in drawn)), sum(len(set(numbers)) for numbers in drawn)


def _shown(trials: Trials, about: Question | Problems, found: Place | Suspect, readable: bool) -> Witness:
    if isinstance(about, Problems) and isinstance(found, Suspect):
        return shown(trials, about, found.place, pair_at(about, found), readable)
    assert isinstance(found, Place)
    if isinstance(about, Problems):
        return shown(
            trials, about, found, {axis: [k] for axis, k in found.entry if axis in families(found.trial)}, readable
        )
    return shown(trials, about, found, members_at(about, found), readable)
