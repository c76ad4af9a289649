"""A proof assessed: every step judged, the claim reached or not, and which milestones its lines pass."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.derivation.chains import Chains, Claim, Step
from grader.derivation.evaluate import Undetermined
from grader.derivation.normal import normal, plain, same, trivially_same, written_out
from grader.derivation.patterns import comparable, meets
from grader.derivation.steps import Judge, Verdict
from grader.math.tree import Expression

Mark = Literal["holds", "fails", "undefined", "unread", "start"]
_WORST: tuple[Mark, ...] = ("unread", "fails", "undefined", "holds")
_TURNED = {"=": "=", "iff": "iff", "propto": "propto", "!=": "!=", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_IMPLIED = {
    "=": {"=", "iff", "propto"},
    "<=": {"=", "<=", "<"},
    "<": {"<"},
    ">=": {"=", ">=", ">"},
    ">": {">"},
    "!=": {"!=", "<", ">"},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A step with what became of it; ``verdict`` is None where its sides could not be compared, for ``reason``."""

    step: Step
    mark: Mark
    reason: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a proof is expected to pass: any of ``patterns``, which are ``comparable``."""

    patterns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """``marks`` has one entry a line. ``reached``: steps that hold lead from one end of the claim to the other, and not
    in a single leap. ``leapt``: the claim itself is all that leads there, ``rewritten`` by arithmetic or not. ``steps``
    counts those that are neither. ``passed`` tells for each milestone the line
    at which it was first met by what holds, None where it was not."""

    judged: tuple[Judged, ...]
    marks: tuple[Mark, ...]
    reached: bool
    leapt: bool
    rewritten: bool
    steps: int
    passed: tuple[int | None, ...]

    @property
    def first_broken(self) -> int | None:
        return next((place for place, mark in enumerate(self.marks, 1) if mark == "fails"), None)


def assess(chains: Chains, claims: Sequence[Claim], milestones: Sequence[Milestone], judge: Judge) -> Assessment:
    """Judge every step of ``chains`` and what they come to. ``claims`` are alternatives: any of them will do."""
    judged = tuple(_judged(chains, step, judge) for step in chains.steps)
    graph = _Graph(chains, judged)
    leapt = any(graph.leads(claim, True) for claim in claims)
    reached = any(graph.leads(claim, False) for claim in claims)
    used = [(line, comparable(x, chains.world)) for line, x in graph.credited()] if milestones else []
    before = next((j.step.line for j in judged if j.mark == "fails"), None)
    passed = tuple(_passed(milestone, used, before) for milestone in milestones)
    by_lemma = leapt and not reached and any(line is not None for line in passed)
    return Assessment(
        judged=judged,
        marks=tuple(_mark(row.number, chains, judged) for row in chains.rows),
        reached=reached or by_lemma,
        leapt=leapt and not reached and not by_lemma,
        rewritten=graph.rewritten(),
        steps=graph.distinct(claims),
        passed=passed,
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


# --- what leads where ---


class _Graph:
    """Expressions as places, the steps that hold as ways between them."""

    def __init__(self, chains: Chains, judged: Sequence[Judged]) -> None:
        self.chains = chains
        self.judged = judged
        self.normals = [normal(x, chains.world) for x in chains.expressions]
        self.places = self._merged()
        self.ways = [
            (self.places[found.step.left], found.step.relation, self.places[found.step.right])
            for found in judged
            if found.mark == "holds"
        ]

    def _merged(self) -> list[int]:
        """For each expression the number of the first one that is the same, or from which arithmetic alone leads here:
        such steps are no steps of a proof."""
        found: list[int] = []
        for here, x in enumerate(self.normals):
            found.append(next((there for there in range(here) if self.normals[there] == x), here))
        for judged in self.judged:
            left, right = (found[place] for place in _sides(judged))
            if judged.mark == "holds" and left != right and trivially_same(self.normals[left], self.normals[right]):
                kept, gone = min(left, right), max(left, right)
                found = [kept if place == gone else place for place in found]
        return found

    def ends(self, x: Expression) -> set[int]:
        """The places where the end ``x`` of the claim stands, in any of its forms."""
        world = self.chains.world
        forms = [normal(x, world), normal(written_out(x, world), world)]
        return {
            self.places[place] for place, found in enumerate(self.normals) if any(same(found, form) for form in forms)
        }

    def leads(self, claim: Claim, directly: bool) -> bool:
        """Whether steps lead from the claim's start to its goal: with ``directly``, one leap between the two counts."""
        starts, goals = self.ends(claim.start), self.ends(claim.goal)
        if not starts or not goals:
            return False
        seen = {(place, "=") for place in starts}
        queue = deque(seen)
        while queue:
            place, relation = queue.popleft()
            if place in goals and relation in _IMPLIED.get(claim.relation, {claim.relation}):
                return True
            for onwards, way in self._from(place, starts, goals, directly):
                together = _composed(relation, way)
                if together and (onwards, together) not in seen:
                    seen.add((onwards, together))
                    queue.append((onwards, together))
        return False

    def _from(self, place: int, starts: set[int], goals: set[int], directly: bool) -> Iterator[tuple[int, str]]:
        for left, relation, right in self.ways:
            leap = (left in starts and right in goals) or (left in goals and right in starts)
            if leap and not directly:
                continue
            if left == place:
                yield right, relation
            if right == place:
                yield left, _TURNED[relation]

    def rewritten(self) -> bool:
        """Whether some step by arithmetic alone leads to another line than the one before it."""
        sides = [
            [plain(self.chains.expressions[place]) for place in _sides(j)] for j in self.judged if j.mark == "holds"
        ]
        return any(
            left != right and self.places[j.step.left] == self.places[j.step.right]
            for j, (left, right) in zip([j for j in self.judged if j.mark == "holds"], sides, strict=True)
        )

    def distinct(self, claims: Sequence[Claim]) -> int:
        """How many different steps hold that change something, leaps from end to end left out."""
        ends = [(self.ends(claim.start), self.ends(claim.goal)) for claim in claims]
        found = set()
        for found_step in self.judged:
            if found_step.mark != "holds" or found_step.step.named:
                continue
            sides = tuple(repr(plain(self.chains.expressions[place])) for place in _sides(found_step))
            left, right = (self.places[place] for place in _sides(found_step))
            if left == right:
                continue
            leap = any((left in a and right in b) or (left in b and right in a) for a, b in ends)
            if not leap:
                found.add(frozenset(sides))
        return len(found)

    def credited(self) -> list[tuple[int, Expression]]:
        """Expressions that steps lead to which hold and change something, loops left out, each with its line."""
        held = [found for found in self.judged if found.mark == "holds" and self._changes(found)]
        lines: dict[int, int] = {}
        for found in held:
            for place in _sides(found):
                lines.setdefault(place, found.step.line)
        kept = {place for chain in self.chains.chains for place in self._without_loops(chain)}
        return [(line, self.chains.expressions[place]) for place, line in lines.items() if place in kept]

    def _changes(self, found: Judged) -> bool:
        left, right = (self.places[place] for place in _sides(found))
        return left != right

    def _without_loops(self, chain: Sequence[int]) -> list[int]:
        """The chain with every detour that returns to where it began cut out."""
        kept: list[int] = []
        for place in chain:
            again = next((at for at, earlier in enumerate(kept) if self.places[earlier] == self.places[place]), None)
            if again is not None and again < len(kept) - 1:
                del kept[again + 1 :]
            kept.append(place)
        return kept


def _sides(found: Judged) -> tuple[int, int]:
    return found.step.left, found.step.right


def _composed(first: str, second: str) -> str | None:
    """The relation that two in a row come to; None where they come to none."""
    plain_ones = {"=", "iff"}
    if first in plain_ones:
        return second if second not in plain_ones else "=" if first == second == "=" else "iff"
    if second in plain_ones:
        return first
    if first == second:
        return None if first == "!=" else first
    directions = ({"<=", "<"}, {">=", ">"})
    return next((strict for pair, strict in zip(directions, ("<", ">"), strict=True) if {first, second} == pair), None)


# --- milestones ---


def _passed(milestone: Milestone, used: Sequence[tuple[int, Expression]], before: int | None) -> int | None:
    """The first line that meets the milestone; behind a broken step nothing counts."""
    for line, x in sorted(used, key=lambda found: found[0]):
        if before is not None and line >= before:
            return None
        if any(meets(x, pattern) for pattern in milestone.patterns):
            return line
    return None
