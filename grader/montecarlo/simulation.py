"""A claim about random variables, judged by drawing them until it is settled (DESIGN §7).

Every statistic of the claim has a confidence sequence of its own, and alpha is shared among them; what they say of the
two sides together follows by interval arithmetic. A claim is refuted only where the sequences exclude it, and supported
only where they are narrower than the margin and hold it, or lie on the right side of an inequality.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from grader.errors import Unreadable
from grader.math.tree import Apply, Expression, Extension, Multiply
from grader.montecarlo.claims import Claim, Statistic, in_words, statistics_of
from grader.montecarlo.densities import DensitySequence, pilot_width
from grader.montecarlo.interpreting import middle, value
from grader.montecarlo.model import Model
from grader.montecarlo.ranges import WHOLE, Range, Ranges, minus, times
from grader.montecarlo.sequences import (
    BernoulliSequence,
    BoundedSequence,
    Sequence,
    VarianceSequence,
    batches,
)
from grader.montecarlo.vectors import Array, Vectors

ALPHA = 1e-9
MOST_NUMBERS = 150_000_000  # drawn for one claim, unless it says otherwise
AT_ONCE = 2**20  # numbers drawn at a time: some ten megabytes for each formula
PILOT = 4096
MARGIN, MARGIN_OF_DENSITIES = 0.01, 0.05  # of the claimed value

_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

Kind = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was found of one statistic: its estimate within a range that holds it at all times with its share of
    confidence, and by which sequence (``how``)."""

    text: str
    estimate: float
    low: float
    high: float
    draws: int
    how: str


@dataclass(frozen=True, slots=True)
class Moment:
    """How far things had come after so many draws; what is estimated is ``Run.shown``."""

    draws: int
    low: float
    estimate: float
    high: float


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a claim.

    ``low`` and ``high`` bound ``shown``, the side of the claim that was estimated, or left less right; claimed is that
    ``relation`` holds between it and ``target``. ``seed`` gives the same draws again. ``alpha`` is the probability with
    which a true claim would have been refuted.
    """

    kind: Kind
    claim: str
    relation: str
    reason: str
    shown: str
    low: float
    estimate: float
    high: float
    target: float
    margin: float | None
    draws: int
    alpha: float
    seed: str
    estimates: tuple[Estimate, ...]
    track: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a claim is judged: ``margin`` None takes the usual share of the claimed value. ``variances`` bounds that of a
    prepared formula inside an expectation. ``near_enough``: an equality that is off by less than the margin is not
    refuted."""

    alpha: float = ALPHA
    margin: float | None = None
    most: int | None = None
    variances: Mapping[Expression, float] | None = None
    near_enough: bool = False


def judge_claim(model: Model, claim: Claim, seed: str, rules: Rules, where: str = "") -> Run:
    """Draw until the claim is settled. ``seed`` fixes every draw, ``where`` is added to the claim's text.

    Raises Unreadable for a claim that cannot be estimated, for instance one about the mean of something unbounded whose
    variance is not stated.
    """
    claim = replace(claim, left=model.prepared(claim.left), right=model.prepared(claim.right))
    if not claim.statistics():
        raise Unreadable("there is nothing to estimate: expected E[…], P(…), Var[…], density(…) or bias(…)")
    digest = hashlib.sha256(seed.encode()).hexdigest()[:32]
    with np.errstate(all="ignore"):  # what has no value is found in the values
        return _Judging(model, replace(claim, text=claim.text + where), digest, rules).run()


class _Judging:
    """One claim, being judged."""

    def __init__(self, model: Model, claim: Claim, digest: str, rules: Rules) -> None:
        self.model, self.claim, self.digest, self.rules = model, claim, digest, rules
        self.rng = np.random.Generator(np.random.SFC64(int(digest, 16)))
        self.statistics = claim.statistics()
        share = rules.alpha / len(self.statistics)
        self.unclear = False
        self.watched: dict[Statistic, Sequence] = {}
        for statistic in self.statistics:
            with self.telling(statistic):
                self.watched[statistic] = self.watch(statistic, share)
        self.margin = self.usual_margin()
        self.track: list[Moment] = []

    # --- statistics ---

    def watch(self, statistic: Statistic, alpha: float) -> Sequence:
        """What will follow a statistic, set up from draws that it does not see."""
        body = statistic.body
        if self.model.is_constant(body):
            raise Unreadable(f"{self.words(statistic)}: there is nothing random in it")
        sample = self.values(statistic, self.model.draw(self.rng, PILOT), PILOT)
        if statistic.kind == "density":
            assert statistic.point is not None
            at = middle(value(statistic.point))
            return DensitySequence(at, pilot_width(sample, at), alpha)
        if _is_condition(body) and statistic.kind != "Var":
            return BernoulliSequence(alpha)
        low, high = self.model.range(body)
        if statistic.kind == "Var":
            low, high = 0.0, (high - low) * (high - low) / 2
        if math.isfinite(high - low):
            return BoundedSequence(low, high, alpha)
        return VarianceSequence(self.stated_variance(statistic), alpha)

    def stated_variance(self, statistic: Statistic) -> float:
        stated = self.rules.variances or {}
        found = stated.get(statistic) or (stated.get(statistic.body) if statistic.kind == "E" else None)
        if found is None:
            text = self.words(statistic.body if statistic.kind == "E" else statistic)
            of = "its variance" if statistic.kind == "E" else "the variance of half the squared difference of two draws"
            raise Unreadable(f"{text} is not bounded; state a bound on {of}, as in variance: {{{text}: 4}}")
        return found

    @contextmanager
    def telling(self, statistic: Statistic) -> Iterator[None]:
        """Draws that a sequence refuses (too large, or not as was stated) are a claim that cannot be estimated."""
        try:
            yield
        except ValueError as error:
            raise Unreadable(f"{self.words(statistic)}: {error}") from error

    def words(self, x: Expression) -> str:
        return in_words(x, self.model.symbols)

    def values(self, statistic: Statistic, vectors: Vectors, count: int) -> Array:
        found = np.broadcast_to(vectors.of(statistic.body), count)
        if not np.all(np.isfinite(found)):
            raise Unreadable(f"{self.words(statistic.body)} has no finite value for some of the draws")
        if statistic.kind == "Var":
            half = count // 2
            return np.asarray((found[:half] - found[half : 2 * half]) ** 2 / 2)
        return found

    # --- the whole ---

    def run(self) -> Run:
        kind: Kind = "undecided"
        for size in batches(self.rules.most or MOST_NUMBERS // self.model.drawn()):
            for count in self.parts(size):
                vectors = self.model.draw(self.rng, count)
                for statistic, sequence in self.watched.items():
                    with self.telling(statistic):
                        sequence.update(self.values(statistic, vectors, count))
                self.unclear |= vectors.unclear
            self.note()
            kind = self.settled()
            if kind != "undecided" or self.unclear:
                break
        return self.told(kind)

    def parts(self, size: int) -> Iterator[int]:
        """A batch in parts that fit into memory, of an even number of draws each."""
        most = max(2, AT_ONCE // self.model.width() // 2 * 2)
        while size > 0:
            yield min(size, most)
            size -= most

    def sides(self, exactly: bool = False) -> tuple[Range, Range]:
        """What is known of left and right; ``exactly``: their estimates."""
        known: dict[Extension, Range] = {
            statistic: (sequence.estimate, sequence.estimate) if exactly else sequence.interval
            for statistic, sequence in self.watched.items()
        }
        ranges = Ranges({}, {}, known)
        return ranges.of(self.claim.left), ranges.of(self.claim.right)

    def difference(self) -> Range:
        left, right = self.sides()
        return minus(left, right)

    def settled(self) -> Kind:
        if self.unclear or any(sequence.empty for sequence in self.watched.values()):
            return "undecided"
        low, high = self.difference()
        relation, margin = self.claim.relation, self.margin
        if relation in (">", ">="):
            low, high, relation = -high, -low, relation.replace(">", "<")
        if relation in ("<", "<="):
            return _one_sided(low, high, relation, margin)
        apart = low > 0 or high < 0
        if relation == "!=":
            return "supported" if apart else "undecided"
        assert margin is not None
        if self.rules.near_enough:
            apart = low > margin or high < -margin
        return "refuted" if apart else "supported" if -margin <= low and high <= margin else "undecided"

    def usual_margin(self) -> float | None:
        """The margin of an equality; that of an inequality is what is stated, or None."""
        if self.rules.margin is not None or self.claim.relation != "=":
            return self.rules.margin
        constant = [side for side in (self.claim.left, self.claim.right) if not _random(side)]
        claimed = abs(middle(value(constant[0]))) if constant else 0.0
        if not claimed:
            raise Unreadable("state a margin: how far an equality without a value on one side (or with 0) may be off")
        densities = any(statistic.kind == "density" for statistic in self.statistics)
        return claimed * (MARGIN_OF_DENSITIES if densities else MARGIN)

    # --- what is told ---

    def shown(self) -> tuple[str, int, float]:
        """What is shown, the sign with which it enters left less right, and its claimed value."""
        left, right = self.claim.left, self.claim.right
        if not _random(right):
            return self.claim.sides[0], 1, middle(value(right))
        if not _random(left):
            return self.claim.sides[1], -1, middle(value(left))
        return f"{self.claim.sides[0]} - ({self.claim.sides[1]})", 1, 0.0

    def note(self) -> None:
        _, sign, target = self.shown()
        low, high = times((float(sign), float(sign)), self.difference())
        estimate = min(max(sign * self.estimated(), low), high)
        drawn = max(sequence.draws for sequence in self.watched.values())
        self.track.append(Moment(drawn, low + target, estimate + target, high + target))

    def estimated(self) -> float:
        """The difference by the estimates, or the least it may be where that has no value, as the logarithm of one
        that is not positive."""
        try:
            low, high = minus(*self.sides(exactly=True))
        except Unreadable:
            low, high = WHOLE
        return self.difference()[0] if math.isnan(low + high) else (low + high) / 2

    def told(self, kind: Kind) -> Run:
        shown, sign, target = self.shown()
        last = self.track[-1]
        return Run(
            kind=kind,
            claim=self.claim.text,
            relation=_TURNED[self.claim.relation] if sign < 0 else self.claim.relation,
            reason=self.reason(kind, last.draws),
            shown=shown,
            low=last.low,
            estimate=last.estimate,
            high=last.high,
            target=target,
            margin=self.margin,
            draws=last.draws,
            alpha=self.rules.alpha,
            seed=self.digest,
            estimates=tuple(self.estimate(statistic) for statistic in self.statistics),
            track=tuple(self.track),
        )

    def reason(self, kind: Kind, drawn: int) -> str:
        if kind != "undecided":
            return ""
        if self.unclear:
            return "sides of a condition come so close that doubles cannot tell which is the larger one"
        jumps = [s for s, q in self.watched.items() if isinstance(q, DensitySequence) and q.jump]
        if jumps:
            return f"{self.words(jumps[0])} seems to jump at that point, where there is no density to compare with"
        empty = [statistic for statistic, sequence in self.watched.items() if sequence.empty]
        if empty:
            return f"the draws of {self.words(empty[0])} contradict what is assumed or stated of them"
        return f"not settled by {drawn:,} draws"

    def estimate(self, statistic: Statistic) -> Estimate:
        found = self.watched[statistic]
        low, high = found.interval
        return Estimate(self.words(statistic), found.estimate, low, high, found.draws, type(found).__name__)


def _one_sided(low: float, high: float, relation: str, margin: float | None) -> Kind:
    strict = relation == "<"
    if low > 0 or (strict and low == 0 == high):
        return "refuted"
    if high < 0 or (not strict and high == 0):
        return "supported"
    close = not strict and margin is not None and -margin <= low and high <= margin
    return "supported" if close else "undecided"


def _random(x: Expression) -> bool:
    return any(True for _ in statistics_of(x))


def _is_condition(x: Expression) -> bool:
    match x:
        case Apply(name, parts) if name in ("less", "atmost", "same", "max"):
            return name != "max" or all(map(_is_condition, parts))
        case Multiply(parts):
            return all(map(_is_condition, parts))
    return False
