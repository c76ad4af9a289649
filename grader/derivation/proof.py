"""A proof assessed: every step judged, the claim reached or not, and which milestones its lines pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.derivation.chains import Chains, Claim, Step
from grader.derivation.engine.evaluate import Undetermined
from grader.derivation.engine.steps import Judge
from grader.derivation.normal import plain
from grader.derivation.patterns import comparable, meets
from grader.derivation.routes import Judged, Mark, Routes
from grader.math.tree import Expression

_WORST: tuple[Mark, ...] = ("unread", "fails", "undefined", "holds")


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a proof is expected to pass: any of ``patterns``, which are ``comparable``."""

    patterns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """``marks`` has one entry a line. ``reached``: steps that hold lead from one end of the claim to the other, and not
    in a single leap. ``leapt``: the claim itself, restated or padded, is all that leads there; ``rewritten`` tells that
    there is arithmetic besides. ``steps`` counts those that bear on the claim, and ``idle`` tells that others hold.
    ``passed`` has for each milestone the line at which it was first met by what holds, None where it was not.
    """

    judged: tuple[Judged, ...]
    marks: tuple[Mark, ...]
    reached: bool
    leapt: bool
    rewritten: bool
    steps: int
    idle: bool
    passed: tuple[int | None, ...]

    @property
    def first_broken(self) -> int | None:
        return next((place for place, mark in enumerate(self.marks, 1) if mark == "fails"), None)


def assess(
    chains: Chains, claims: Sequence[Claim], fixed: frozenset[str], milestones: Sequence[Milestone], judge: Judge
) -> Assessment:
    """Judge every step of ``chains`` and what they come to. ``claims`` are alternatives, any of which will do; they
    leave the variables ``fixed`` free."""
    judged = tuple(_judged(chains, step, judge) for step in chains.steps)

    def equal(a: Expression, b: Expression) -> bool:
        try:
            return judge.step(a, "=", b).kind == "holds"
        except Undetermined:
            return False

    routes = Routes(chains, judged, claims, fixed, equal)
    bearing = routes.bearing()
    steps = routes.distinct(bearing)
    reached, directly = routes.leads(directly=False), routes.leads(directly=True)
    by_lemmas = directly and not reached and steps > 1 and routes.lemmas_lead()
    used = [(line, comparable(x, chains.world)) for line, x in routes.credited(bearing)] if milestones else []
    before = next((j.step.line for j in judged if j.mark == "fails"), None)
    return Assessment(
        judged=judged,
        marks=tuple(_mark(row.number, chains, judged) for row in chains.rows),
        reached=reached or by_lemmas,
        leapt=directly and not reached and not by_lemmas,
        rewritten=routes.rewritten(),
        steps=steps,
        idle=routes.idle(bearing),
        passed=tuple(_passed(milestone, used, before) for milestone in milestones),
    )


# --- steps ---


def _judged(chains: Chains, step: Step, judge: Judge) -> Judged:
    left, right = chains.expressions[step.left], chains.expressions[step.right]
    if step.named or plain(left) == plain(right):
        holds = step.relation in ("=", "<=", ">=", "iff", "propto")
        if holds:
            return Judged(step, "holds", "both sides are the same expression")
    try:
        verdict = judge.step(left, step.relation, right)
    except Undetermined as error:
        return Judged(step, "unread", str(error))
    if step.gap and verdict.kind == "fails":
        reason = "a line before this one could not be read, and this does not follow from the last one that could"
        return Judged(step, "unread", reason)
    mark: Mark = "unread" if verdict.kind == "open" else verdict.kind
    return Judged(step, mark, verdict.reason, verdict)


def _mark(number: int, chains: Chains, judged: Iterable[Judged]) -> Mark:
    marks = {found.mark for found in judged if found.step.line == number}
    if any(found.line == number for found in chains.unread):
        marks.add("unread")
    return next((mark for mark in _WORST if mark in marks), "start")


# --- milestones ---


def _passed(milestone: Milestone, used: Sequence[tuple[int, Expression]], before: int | None) -> int | None:
    """The first line that meets the milestone; behind a broken step nothing counts."""
    for line, x in sorted(used, key=lambda found: found[0]):
        if before is not None and line >= before:
            return None
        if any(meets(x, pattern) for pattern in milestone.patterns):
            return line
    return None
