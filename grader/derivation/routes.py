"""What leads where: the expressions of a proof as places, the steps that hold as ways between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from grader.derivation.chains import Chains, Claim, Step
from grader.derivation.engine.steps import Verdict
from grader.derivation.nodes import Divergence, Optimum, Total
from grader.derivation.normal import augments, by_value, normal, plain, replaced, same, trivially_same, written_out
from grader.derivation.patterns import comparable
from grader.math.tree import Apply, Expression, Reduce, negate, walk

MAX_SUBSTITUTED = 40
Mark = Literal["holds", "fails", "undefined", "unread", "start"]
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

    @property
    def sides(self) -> tuple[int, int]:
        return self.step.left, self.step.right


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where a claim's sides stand, and where one of them stands with terms or factors added to it."""

    claim: Claim
    start: frozenset[int]
    goal: frozenset[int]
    near_start: frozenset[int]
    near_goal: frozenset[int]

    def leap(self, left: int, right: int) -> bool:
        """Whether a step between these places is the claim itself."""
        return (left in self.near_start and right in self.near_goal) or (
            left in self.near_goal and right in self.near_start
        )


class Routes:
    """The ways through a proof, for the claims that it may show; ``fixed`` are the variables that these leave free."""

    def __init__(
        self,
        chains: Chains,
        judged: Sequence[Judged],
        claims: Sequence[Claim],
        fixed: frozenset[str],
        equal: Callable[[Expression, Expression], bool],
    ) -> None:
        self.chains = chains
        self.equal = equal
        self.held = [found for found in judged if found.mark == "holds"]
        self.normals = [normal(by_value(x, chains.world, fixed), chains.world) for x in chains.expressions]
        self.places = self._merged()
        self.ways = [(*self._between(found), found.step.relation) for found in self.held]
        self.ends = [self._ends(claim) for claim in claims]
        self.ways += [*self._substituted(), *self._repeated()]

    def _between(self, found: Judged) -> tuple[int, int]:
        left, right = found.sides
        return self.places[left], self.places[right]

    def _substituted(self) -> list[tuple[int, int, str]]:
        """Ways that lemmas open: where one side of an equation that holds, put for the other within a line, makes
        another line of the proof."""
        lemmas = [found for found in self.held if found.step.relation == "=" and self._is_lemma(found)]
        pairs = [(self.normals[a], self.normals[b]) for found in lemmas for a, b in (found.sides, found.sides[::-1])]
        places = {x: self.places[at] for at, x in enumerate(self.normals)}
        found = []
        for x, place in list(places.items())[:MAX_SUBSTITUTED]:
            for old, new in pairs[:MAX_SUBSTITUTED]:
                other = replaced(x, old, new)
                if other in places and places[other] != place:
                    found.append((place, places[other], "="))
        return found

    def _repeated(self) -> Iterator[tuple[int, int, str]]:
        """From ``a = b`` and, next, ``a = c``, which is how some write a chain: from b to c."""
        for first, second in pairwise(self.held):
            (left, middle), (again, right) = self._between(first), self._between(second)
            if (
                left == again
                and first.step.relation == second.step.relation == "="
                and second.step.line > first.step.line
            ):
                yield middle, right, "="

    def _is_lemma(self, found: Judged) -> bool:
        return self._tells(found) and not any(ends.leap(*self._between(found)) for ends in self.ends)

    def _merged(self) -> list[int]:
        """For each expression the number of the first one that is the same, or from which arithmetic alone leads here:
        such steps are no steps of a proof."""
        found: list[int] = []
        for here, x in enumerate(self.normals):
            found.append(next((there for there in range(here) if self.normals[there] == x), here))
        for judged in self.held:
            left, right = (found[place] for place in judged.sides)
            if left != right and trivially_same(self.normals[left], self.normals[right]):
                kept, gone = min(left, right), max(left, right)
                found = [kept if place == gone else place for place in found]
        return found

    def _ends(self, claim: Claim) -> _Ends:
        start, near_start = self._end(claim.start)
        goal, near_goal = self._end(claim.goal)
        near_start -= self._equal_to(claim.goal, near_start - start)
        near_goal -= self._equal_to(claim.start, near_goal - goal)
        return _Ends(claim, start, goal, near_start - goal, near_goal - start)

    def _equal_to(self, x: Expression, places: frozenset[int]) -> frozenset[int]:
        """Those of ``places`` where a problem of optimisation has the very objective of ``x``: a constant that belongs
        there is no padding."""
        if not isinstance(x, Optimum):
            return frozenset()
        found = {place: self.chains.expressions[place] for place in places}
        return frozenset(
            place
            for place, other in found.items()
            if isinstance(other, Optimum) and self.equal(as_minimum(x), as_minimum(other))
        )

    def _end(self, x: Expression) -> tuple[frozenset[int], frozenset[int]]:
        """The places of an end of the claim, in any of its forms; and these with those where something is added."""
        world = self.chains.world
        forms = {normal(x, world), normal(written_out(x, world), world)}
        here = {self.places[at] for at, found in enumerate(self.normals) if any(same(found, form) for form in forms)}
        near = {self.places[at] for at, found in enumerate(self.normals) if any(augments(found, f) for f in forms)}
        return frozenset(here), frozenset(here | near)

    # --- from one end to the other ---

    def leads(self, directly: bool) -> bool:
        """Whether steps lead from start to goal of a claim; with ``directly``, the claim itself counts as one."""
        return any(self._leads(ends, directly) for ends in self.ends)

    def _leads(self, ends: _Ends, directly: bool) -> bool:
        wanted = _IMPLIED.get(ends.claim.relation, {ends.claim.relation})
        seen = {(place, "=") for place in ends.start}
        queue = deque(seen)
        while queue:
            place, relation = queue.popleft()
            if place in ends.goal and relation in wanted:
                return True
            for onwards, way in self._from(place, ends, directly):
                together = _composed(relation, way)
                if together and (onwards, together) not in seen:
                    seen.add((onwards, together))
                    queue.append((onwards, together))
        return False

    def _from(self, place: int, ends: _Ends, directly: bool) -> Iterator[tuple[int, str]]:
        for left, right, relation in self.ways:
            if not directly and ends.leap(left, right):
                continue
            if left == place:
                yield right, relation
            if right == place:
                yield left, _TURNED[relation]

    def lemmas_lead(self) -> bool:
        """Whether lemmas lead from the one end of an equation to the other, by what they have in common with them."""
        for ends in self.ends:
            groups = self._groups((ends.claim.start,), ends)
            if ends.claim.relation == "=" and groups & self._parts(ends.claim.goal):
                return True
        return False

    def _groups(self, roots: Iterable[Expression], ends: _Ends) -> frozenset[Expression]:
        """All parts that ``roots`` have in common with lemmas, and these with others, and so on."""
        reached = frozenset[Expression]().union(*map(self._parts, roots))
        lemmas = [
            self._both(found) for found in self.held if self._tells(found) and not ends.leap(*self._between(found))
        ]
        while joined := [parts for parts in lemmas if parts & reached and not parts <= reached]:
            reached = reached.union(*joined)
        return reached

    def _both(self, found: Judged) -> frozenset[Expression]:
        left, right = found.sides
        return self._parts(self.chains.expressions[left]) | self._parts(self.chains.expressions[right])

    def _parts(self, x: Expression) -> frozenset[Expression]:
        """What is characteristic of an expression: its logarithms, sums, expectations and divergences."""
        found = walk(comparable(x, self.chains.world))
        return frozenset(part for part in found if isinstance(part, Apply | Total | Reduce | Divergence))

    # --- steps that count ---

    def _tells(self, found: Judged) -> bool:
        """Whether a step changes something."""
        left, right = self._between(found)
        return left != right and not found.step.named

    def bearing(self) -> frozenset[int]:
        """The places that steps connect with an end of a claim, those of lemmas included that share parts with them."""
        reached = self._connected({place for ends in self.ends for place in ends.near_start | ends.near_goal})
        sides = [side for ends in self.ends for side in (ends.claim.start, ends.claim.goal)]
        parts = frozenset[Expression]().union(*map(self._parts, sides))
        shared = [self._parts(x) for x in self.chains.expressions]
        while True:
            parts = parts.union(*(shared[at] for at, place in enumerate(self.places) if place in reached))
            lemmas = {place for at, place in enumerate(self.places) if shared[at] & parts}
            if lemmas <= reached:
                return frozenset(reached)
            reached = self._connected(reached | lemmas)

    def _connected(self, reached: set[int]) -> set[int]:
        while joined := [way for way in self.ways if (way[0] in reached) != (way[1] in reached)]:
            reached = reached | {place for left, right, _ in joined for place in (left, right)}
        return reached

    def distinct(self, bearing: frozenset[int]) -> int:
        """How many different steps hold, change something, bear on a claim and are not the claim."""
        found = set()
        for judged in self.held:
            left, right = self._between(judged)
            if self._tells(judged) and left in bearing and not any(ends.leap(left, right) for ends in self.ends):
                found.add(frozenset((left, right)))
        return len(found)

    def idle(self, bearing: frozenset[int]) -> bool:
        """Whether a step changes something and bears on no claim, as far as can be seen here."""
        return any(self._tells(found) and self._between(found)[0] not in bearing for found in self.held)

    def rewritten(self) -> bool:
        """Whether some step by arithmetic alone leads to another line than the one before it."""
        for found in self.held:
            left, right = (plain(self.chains.expressions[place]) for place in found.sides)
            if left != right and not self._tells(found) and not found.step.named:
                return True
        return False

    def credited(self, bearing: frozenset[int]) -> list[tuple[int, Expression]]:
        """Expressions at which steps arrive that hold, change something and bear on a claim, loops left out, each with
        its line. Where something was merely added to an end of the claim, nothing is credited."""
        lines: dict[int, int] = {}
        for found in self.held:
            if self._tells(found):
                for place in found.sides:
                    lines.setdefault(place, found.step.line)
        kept = {place for chain in self.chains.chains for place in self._without_loops(chain)}
        added = {place for ends in self.ends for place in (ends.near_start | ends.near_goal) - ends.start - ends.goal}
        return [
            (line, self.chains.expressions[place])
            for place, line in lines.items()
            if place in kept and self.places[place] in bearing and self.places[place] not in added
        ]

    def _without_loops(self, chain: Sequence[int]) -> list[int]:
        """The chain with every detour that returns to where it began cut out."""
        kept: list[int] = []
        for place in chain:
            again = next((at for at, earlier in enumerate(kept) if self.places[earlier] == self.places[place]), None)
            if again is not None and again < len(kept) - 1:
                del kept[again + 1 :]
            kept.append(place)
        return kept


def as_minimum(x: Optimum) -> Expression:
    """What is minimised."""
    return x.body if x.sense > 0 else negate(x.body)


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
