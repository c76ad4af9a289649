"""Tests that go on until the verdict is clear, with a stated chance of failing what is right.

Every draw multiplies a wager against the right distribution by the ratio of two probabilities: that of the draw under
an alternative, and under what is right. While draws are right, no wager ever reaches 1/α with a probability above α,
however often one looks (Ville's inequality, 1939), so that a test may stop at any moment. The alternatives are the
mistakes that have a name, half of the stake, and corrections learned from the draws themselves, for those that have
none. Where there are several settings to draw from, the next draws come from the one that tells best between what is
right and the mistake that is least ruled out (Chernoff, "Sequential design of experiments", 1959).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grader.harness.probes import LogProbs, Probe, Tokens, log_softmax
from grader.harness.samplers import RIGHT, Sampler, Setting, continuations

RULED_OUT = math.log(1e4)  # a mistake passes for right with a probability of at most 1e-4
TELLS_APART = 0.02  # nats per draw: what differs less in every setting would take thousands of draws
NAMED = math.log(1e3)  # how much better than the next a mistake must explain the draws to be called by its name
SUSPICIOUS = 2.0  # a logarithm of wagers on corrections above which nothing counts as right yet
TO_NAME = 64  # draws beyond the verdict, if they help to tell which mistake it is
PRIOR = 8.0  # draws' worth of trust in the right distribution before corrections are learned
NEVER = -1e4  # stands for the logarithm of 0 where one has to go on
TYPICAL = 4.0  # standard deviations within which a mistake explains its own draws
AT_MOST = 20.0  # nats: a mistake that cannot make a draw is as good as this


@dataclass(frozen=True, slots=True)
class Arm:
    """One setting and one start to draw from: exact log-probabilities of every path, right and mistaken.

    ``right`` has shape (vocab,) * length, ``mistaken`` (mistakes, *right.shape). ``steps[d]`` are the conditional
    log-probabilities of token d after every path before it: (vocab**d, vocab). ``means`` and ``variances`` (mistakes,)
    are of the log-probability that a mistake gives to its own draws.
    """

    setting: Setting
    start: Tokens
    right: LogProbs
    mistaken: LogProbs
    steps: tuple[LogProbs, ...]
    means: LogProbs
    variances: LogProbs

    @property
    def length(self) -> int:
        return self.right.ndim

    def distances(self) -> LogProbs:
        """Nats per draw by which each mistake loses against what is right (Kullback-Leibler divergence)."""
        return _divergence(self.right, self.mistaken)

    def apart(self, one: int, other: int) -> float:
        """Nats per draw by which another mistake loses against one, on draws from that one."""
        return float(_divergence(self.mistaken[one], self.mistaken[other]))


def arm(probe: Probe, setting: Setting, start: Tokens, length: int, mistakes: Sequence[Sampler]) -> Arm:
    """Enumerates every continuation."""
    right = continuations(probe, RIGHT, setting, start, length)
    mistaken = np.stack([continuations(probe, mistake, setting, start, length) for mistake in mistakes])
    steps = []
    for depth in range(length):
        with np.errstate(divide="ignore", invalid="ignore"):
            sums = np.exp(right).reshape(probe.sizes.vocab_size ** (depth + 1), -1).sum(axis=1)
            rows = np.log(sums).reshape(-1, probe.sizes.vocab_size)
        steps.append(log_softmax(np.where(np.isfinite(rows).any(axis=1, keepdims=True), rows, 0.0)))
    flat = mistaken.reshape(len(mistakes), -1)
    q, finite = np.exp(flat), np.maximum(flat, NEVER)
    means = (q * finite).sum(axis=1)
    variances = (q * (finite - means[:, None]) ** 2).sum(axis=1)
    return Arm(setting, start, right, mistaken, tuple(steps), means, variances)


def _divergence(p: LogProbs, others: LogProbs) -> LogProbs:
    """Kullback and Leibler's, of each of ``others`` (..., *p.shape) from ``p``; bounded."""
    likely = np.isfinite(p)
    gap = np.minimum(p[likely] - others[..., likely], AT_MOST)
    found: LogProbs = (np.exp(p[likely]) * gap).sum(axis=-1)
    return found


@dataclass(slots=True)
class Correction:
    """A wager that some groups of draws come more often than they should: it learns by how much while it plays."""

    groups: int
    observed: NDArray[np.float64] = field(init=False)
    expected: NDArray[np.float64] = field(init=False)
    wealth: float = 0.0  # logarithm

    def __post_init__(self) -> None:
        self.observed = np.zeros(self.groups)
        self.expected = np.zeros(self.groups)

    def record(self, log_p: LogProbs, group: NDArray[np.int64], drawn: NDArray[np.int64]) -> None:
        """``log_p`` (N, vocab) is what is right, ``group`` (N, vocab) the group of each token, ``drawn`` (N,)."""
        p = np.exp(log_p)
        ratio = ((self.observed + PRIOR) / (self.expected + PRIOR))[group]
        rows = np.arange(len(drawn))
        self.wealth += float(np.log(ratio[rows, drawn] / (p * ratio).sum(axis=1)).sum())
        np.add.at(self.observed, group[rows, drawn], 1.0)
        np.add.at(self.expected, group, p)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``mistake`` is the one with a name that the draws come from, where they tell. ``ratio`` is the logarithm of the
    wager against what is right; under right draws it exceeds ``-log(bound)`` with a probability of at most ``bound``.
    """

    kind: Literal["right", "wrong", "undecided"]
    draws: int
    ratio: float
    bound: float
    mistake: Sampler | None = None
    impossible: bool = False


class DrawTest:
    """Decides from draws whether they come from the right distribution. ``bound`` is the chance of failing right ones.

    Ask ``next`` which arm to draw from and how often, ``record`` what was drawn, until ``verdict`` is not None.
    """

    def __init__(self, arms: Sequence[Arm], mistakes: Sequence[Sampler], bound: float, least: int, most: int) -> None:
        """Every arm gets ``least`` draws before anything counts as right; after ``most`` in all it is undecided."""
        self.arms = arms
        self.mistakes = mistakes
        self.bound = bound
        self.least, self.most = least, most
        self.counts = [0] * len(arms)
        self.distances = np.stack([arm.distances() for arm in arms])
        self.tells = self.distances.max(axis=0) >= TELLS_APART
        self.ratios = np.zeros(len(mistakes))
        vocab = arms[0].right.shape[0]
        deepest = max(arm.length for arm in arms)
        self.corrections = [Correction(vocab), Correction(vocab * vocab), Correction(vocab * deepest)]
        self.impossible = False
        self._surprise = np.zeros(len(mistakes))
        self._spread = np.zeros(len(mistakes))
        self._clear_at: int | None = None

    @property
    def draws(self) -> int:
        return sum(self.counts)

    def next(self) -> tuple[int, int]:
        """The arm to draw from, and how many draws."""
        if self._clear_at is not None and len(self.mistakes) > 1:  # it is wrong; which mistake is it?
            second, best = np.argsort(self.ratios)[-2:].tolist()
            return int(np.argmax([arm.apart(best, second) for arm in self.arms])), 16
        behind = [place for place, count in enumerate(self.counts) if count < self.least]
        if behind:
            first = min(behind, key=self.counts.__getitem__)
            return first, min(max(8, self.least // 3), self.least - self.counts[first])
        if self._ruled_out():
            return self.counts.index(min(self.counts)), 32
        open_ones = np.where(self.tells, self.ratios, -np.inf)
        best = int(self.distances[:, int(open_ones.argmax())].argmax())
        return best, 32

    def record(self, place: int, paths: Tokens) -> None:
        """``paths`` (N, length) were drawn from that arm."""
        drawn = self.arms[place]
        index = tuple(paths.T)
        right = drawn.right[index]
        self.counts[place] += len(paths)
        possible = np.isfinite(right)
        self.impossible |= not possible.all()
        mistaken = np.maximum(drawn.mistaken[:, *index], NEVER)
        self._surprise += mistaken.sum(axis=1) - len(paths) * drawn.means
        self._spread += len(paths) * drawn.variances
        self.ratios += (mistaken - np.where(possible, right, -AT_MOST)).sum(axis=1)
        self._learn(drawn, paths[possible])

    def _learn(self, drawn: Arm, paths: Tokens) -> None:
        vocab = drawn.right.shape[0]
        tokens = np.arange(vocab)[None, :]
        before = np.zeros(len(paths), dtype=np.int64)
        previous = np.full(len(paths), int(drawn.start[-1]))
        for depth in range(drawn.length):
            log_p = drawn.steps[depth][before]
            rank = np.argsort(np.argsort(-log_p, axis=1), axis=1)
            groups = (np.broadcast_to(tokens, log_p.shape), previous[:, None] * vocab + tokens, rank + vocab * depth)
            for correction, group in zip(self.corrections, groups, strict=True):
                correction.record(log_p, group, paths[:, depth])
            previous = paths[:, depth]
            before = before * vocab + previous

    @property
    def ratio(self) -> float:
        """Logarithm of the wager against what is right."""
        learned = _mean([correction.wealth for correction in self.corrections])
        return _mean([_mean(self.ratios.tolist()), learned])

    def verdict(self) -> Verdict | None:
        """None while it is open."""
        if self.impossible or self.ratio >= -math.log(self.bound):
            self._clear_at = self.draws if self._clear_at is None else self._clear_at
            named = self._named() is not None or self.draws - self._clear_at >= TO_NAME
            return self._verdict("wrong") if named else None
        if min(self.counts) >= self.least and self._ruled_out() and not self._suspicious():
            return self._verdict("right")
        return self._verdict("undecided") if self.draws >= self.most else None

    def _ruled_out(self) -> bool:
        return bool((self.ratios[self.tells] <= -RULED_OUT).all())

    def _suspicious(self) -> bool:
        """Whether what was learned from the draws speaks against what is right, though not loudly enough yet."""
        return max(correction.wealth for correction in self.corrections) > SUSPICIOUS

    def _verdict(self, kind: Literal["right", "wrong", "undecided"]) -> Verdict:
        mistake = self._named() if kind == "wrong" else None
        ratio = min(self.ratio, 700.0)
        return Verdict(kind, self.draws, round(ratio, 2), self.bound, mistake, self.impossible)

    def _named(self) -> Sampler | None:
        order = np.argsort(self.ratios)
        best, second = order[-1], order[-2] if len(order) > 1 else order[-1]
        typical = abs(self._surprise[best]) <= TYPICAL * math.sqrt(self._spread[best]) + 1e-3
        explained = typical and self.ratios[best] >= max(correction.wealth for correction in self.corrections)
        clear = len(order) == 1 or self.ratios[best] - self.ratios[second] >= NAMED
        return self.mistakes[int(best)] if explained and clear else None


def _mean(logarithms: Sequence[float]) -> float:
    """log of the mean of exponentials."""
    highest = max(logarithms)
    return highest + math.log(sum(math.exp(value - highest) for value in logarithms) / len(logarithms))


# --- right or wrong, one by one ---


class RateTest:
    """Decides whether answers are right at a rate of at least ``high``, or of at most ``low`` (Wald, 1945).

    A rate of ``high`` or more fails with a probability of at most ``bound``, and so does one of ``low`` or less pass.
    """

    def __init__(self, high: float, low: float, bound: float, most: int) -> None:
        self.high, self.low, self.bound, self.most = high, low, bound, most
        self.right = self.wrong = 0

    def record(self, right: bool) -> None:
        self.right += right
        self.wrong += not right

    @property
    def ratio(self) -> float:
        """Logarithm of the likelihood of the low rate over that of the high one."""
        against = math.log((1 - self.low) / (1 - self.high))
        return self.wrong * against - self.right * math.log(self.high / self.low)

    def verdict(self) -> Literal["right", "wrong", "undecided"] | None:
        clear = -math.log(self.bound)
        if abs(self.ratio) >= clear:
            return "wrong" if self.ratio > 0 else "right"
        return "undecided" if self.right + self.wrong >= self.most else None
