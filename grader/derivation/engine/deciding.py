"""What surely holds at one place, by exact arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from grader.derivation.engine.comparing import UNKNOWN, Exact, Question, Relation, compare_exactly
from grader.derivation.engine.optima import Choices, Problems, Suspect, choose_exactly
from grader.derivation.engine.trials import Bound, Place, Trial, Trials

Members = Mapping[int, Sequence[int]]


def families(trial: Trial, kept: Sequence[str] = ()) -> set[int]:
    """The axes of the families of candidates, but those ``kept``."""
    return {trial.layout.ids[name] for name in trial.layout.spec.parameters if name not in kept}


def compare(trials: Trials, question: Question, trial: Trial, bound: Bound, instance: int, members: Members) -> Exact:
    """One instance compared exactly, with those candidates."""
    compute = partial(compare_exactly, question, bound=bound)
    return trials.settle(trial, instance, members, compute, lambda found: found.settled, question)


def choose(trials: Trials, problems: Problems, trial: Trial, bound: Bound, instance: int, members: Members) -> Choices:
    """What two problems prefer in one instance, exactly, of those candidates."""
    compute = partial(choose_exactly, problems, bound=bound)
    return trials.settle(trial, instance, members, compute, lambda found: found.settled, problems)


def members_at(question: Question, at: Place) -> dict[int, list[int]]:
    """Of every family the one candidate that a place is about."""
    alone = families(at.trial, question.proportional)
    return {axis: [k] for axis, k in at.entry if axis in alone}


def sign_at(trials: Trials, question: Question, at: Place) -> tuple[int, int]:
    """The sure sign of left minus right at a place, or UNKNOWN; and the reason why there is none, or 0."""
    found = compare(trials, question, at.trial, at.bound, at.instance, members_at(question, at))
    return found.entry(at, families(at.trial, question.proportional))


def pair_at(problems: Problems, suspect: Suspect) -> dict[int, list[int]]:
    """The two candidates, and of every other family the one of that place."""
    at = suspect.place
    found = {axis: [k] for axis, k in at.entry if axis in families(at.trial)}
    found[at.trial.layout.axes(problems.left.parameter)[0]] = list(suspect.members)
    return found


def differ_at(trials: Trials, problems: Problems, suspect: Suspect) -> bool | None:
    """Whether two problems surely choose differently between two candidates; None where that is not settled."""
    at = suspect.place
    found = choose(trials, problems, at.trial, at.bound, at.instance, pair_at(problems, suspect))
    if found.different.any():
        return True
    return False if found.settled else None


def breaks(relation: Relation, sign: int) -> bool:
    """Whether a sure sign of left minus right contradicts the relation."""
    if sign == UNKNOWN:
        return False
    allowed = {"<=": (-1, 0), "<": (-1,), ">=": (0, 1), ">": (1,), "!=": (-1, 1)}
    return sign not in allowed.get(relation, (0,))
