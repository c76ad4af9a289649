"""A confidence sequence for the density of X at a point, from draws of X alone: a limit that is bracketed.

Windows of half-widths ``h_j = width/2^j`` shrink towards the point. ``Q_j = P(|X - point| <= h_j)/(2 h_j)`` tends to
the density, and no finite number of draws can say how far from it Q_j still is, unless the density is tame. What we
assume, and what follows from it:

    D_j = Q_j - Q_{j-1},   E_j = max(|D_j|, |D_{j-1}|/4, |D_{j-2}|/16, …)
    assumed: |D_{j+1}| <= 3/4 E_j from some level on;   hence |limit of Q - Q_j| <= (3/4 + 9/16 + …) E_j = 3 E_j.

Where the mean of the densities right and left of the point has a second derivative, the ratio of differences tends to
1/4; where it has a kink, to 1/2 (and from above, so that 1/2 itself would be wrong: the Laplace density at 0); where it
has a cusp like that of a square root, to 0.71. The memory in E is for levels at which a difference happens to vanish:
its leading terms cancel there, and E still knows their size. What no draw has shown, such as a spike narrower than the
finest window, cannot be excluded, nor can what only begins to show at the size of the finest one.

At a jump Q tends to the mean of both sides, which is nobody's density. With R_j and L_j for the mean densities in the
right and the left half of window j, ``S_j = 2 (R_j - L_j) - (R_{j-1} - L_{j-1})`` tends to the size of the jump, and
where there is none vanishes faster than a slope does. The bracket of level j is widened by half of what S may still be
(by the level up to j that says least, with the same kind of memory; by the one that says most where a jump is noticed),
so that it holds the densities on either side as well as their mean.

Q, D and S are means of variables that depend on the window alone, D and S far better known than as differences of
estimates. Each has a sequence of its own, and all share alpha.

The assumption is watched. *Eager* sequences, which err with probability 1e-4, discard the levels above one whose
difference did not settle. Nothing is said before the difference of the two finest windows is surely below 3% of the
density: near a pole, or a zero with a cusp, it stays above that, from exponents of 0.05 on. An atom leaves the interval
unbounded. Errors of theirs widen the interval: they cost a decision and never make one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.montecarlo.sequences import BernoulliSequence, BoundedSequence, FloatArray, Sequence

_RATIO, _MEMORY = 0.75, 0.25  # of a difference to E of the level before; of E to the next E
_TAIL = _RATIO / (1 - _RATIO)
_JUMP_RATIO = 0.75  # of S at a jump to S before: 1; where there is none, 1/2 at most
_EAGER = 1e-4
_ATOM = 1e-9  # of the larger of the point and the width: so near a point, draws count as equal to it
_ATOM_MASS = 1e-7  # a density has about 1e-9 there
_FLAT = 0.03  # of the density: the last difference surely is no larger, before anything is said of the limit
_NOTHING = 1 << 20  # draws of which none fell into the finest window: there is no density to speak of
_FIRST = 2  # brackets begin at this level: one difference has been seen to settle

# What a draw in a window's half, or in the ring around it, adds to D and to S, in units of 1/h. The rest adds 0.
_TO_DIFFERENCE = np.array([0.25, 0.25, -0.25, -0.25, 0.0])
_TO_JUMP = np.array([1.5, -1.5, -0.5, 0.5, 0.0])


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of one batch: the draws, and those in the right and in the left half of each window."""

    draws: int
    right: list[int]
    left: list[int]

    def around(self, j: int) -> FloatArray:
        """Window j, right and left; the ring around it, right and left; the rest."""
        right, left, outer_right, outer_left = self.right[j], self.left[j], self.right[j - 1], self.left[j - 1]
        rest = self.draws - outer_right - outer_left
        return np.array([right, left, outer_right - right, outer_left - left, rest], dtype=np.float64)


class _Changes:
    """D and S of the levels from 1 on, each at the same alpha. Index 0 stands for level 1."""

    def __init__(self, halves: FloatArray, alpha: float) -> None:
        self._halves = halves[1:]
        self._differences = [BoundedSequence(-0.25 / half, 0.25 / half, alpha) for half in self._halves]
        self._jumps = [BoundedSequence(-1.5 / half, 1.5 / half, alpha) for half in self._halves]

    def update(self, counts: _Counts) -> None:
        for i, half in enumerate(self._halves):
            cells = counts.around(i + 1)
            self._differences[i].update_counts(_TO_DIFFERENCE / half, cells)
            self._jumps[i].update_counts(_TO_JUMP / half, cells)

    def differences(self) -> FloatArray:
        return _sizes(self._differences)

    def jumps(self) -> FloatArray:
        return _sizes(self._jumps)


def _sizes(sequences: list[BoundedSequence]) -> FloatArray:
    """Two rows: the least and the largest absolute value of each mean."""
    low, high = np.array([sequence.interval for sequence in sequences]).T
    return np.array([np.maximum(0.0, np.maximum(low, -high)), np.maximum(-low, high)])


def _remembered(sizes: FloatArray) -> FloatArray:
    """E: each size, or what remains of those before it, whichever is larger."""
    result = sizes.copy()
    for j in range(1, result.size):
        result[j] = max(result[j], _MEMORY * result[j - 1])
    return result


def _unsettled(sizes: FloatArray, ratio: float) -> int:
    """The last index at which the size is certainly above ``ratio`` times E of the one before; -1 if there is none."""
    above = np.flatnonzero(sizes[0, 1:] > ratio * _remembered(sizes[1])[:-1])
    return int(above[-1]) + 1 if above.size else -1


class DensitySequence(Sequence):
    """The density at ``point`` (either side's, at a jump), if it settles as the module's docstring assumes.

    ``level`` is the window that bounds it best (None as long as none does), ``bias`` the bound in use on the distance
    of that window's mean density from the density on either side. ``jump`` and ``atom`` say what was noticed. The
    sequences behind it intersect over time as ever, the interval itself does not: what is noticed may widen it again.
    ``empty`` says that brackets of different levels contradict each other; the interval is then their hull.
    """

    def __init__(self, point: float, width: float, alpha: float, levels: int = 6) -> None:
        super().__init__(alpha, 0.0)
        if not (math.isfinite(point) and 1e-140 < width < 1e140):
            raise ValueError(f"no window of half-width {width} lies around {point}")
        if levels < _FIRST:
            raise ValueError(f"a limit cannot be seen in {levels} levels")
        self.point = point
        self.level: int | None = None
        self.bias = math.inf
        self.jump = self.atom = False
        self._halves: FloatArray = np.float64(width) * 0.5 ** np.arange(levels + 1, dtype=np.float64)
        share = alpha / (3 * levels + 1)
        self._windows = [BernoulliSequence(share) for _ in self._halves]
        self._changes, self._eager = _Changes(self._halves, share), _Changes(self._halves, _EAGER / (2 * levels))
        self._tie = max(abs(point), width) * _ATOM
        self._ties = BernoulliSequence(_EAGER)

    def _observe(self, values: FloatArray) -> None:
        if not np.isfinite(values).all():
            raise ValueError("a draw is not a finite number")
        near = values[np.abs(values - self.point) <= self._halves[0]] - self.point
        self._ties.update_counts(int(np.count_nonzero(np.abs(near) <= self._tie)), values.size)
        counts = _Counts(values.size, [], [])
        for half in self._halves:
            near = near[np.abs(near) <= half]
            counts.right.append(int(np.count_nonzero(near > 0)))
            counts.left.append(near.size - counts.right[-1])
        self._take(counts)

    def _take(self, counts: _Counts) -> None:
        for window, right, left in zip(self._windows, counts.right, counts.left, strict=True):
            window.update_counts(right + left, counts.draws)
        self._changes.update(counts)
        self._eager.update(counts)
        self.draws += counts.draws
        self._judge()

    def _judge(self) -> None:
        self.atom = self._ties.interval[0] > _ATOM_MASS
        unsettled, lopsided = _unsettled(self._eager.differences(), _RATIO), self._lopsided()
        jumps = _remembered(self._changes.jumps()[1])
        first = max(_FIRST - 1, unsettled + 1)  # index i is level i + 1; another difference must follow and settle
        if self.jump:
            steps = np.full_like(jumps, jumps.max())
        else:
            first = max(first, lopsided + 1)
            steps = np.concatenate([jumps[:first], np.minimum.accumulate(jumps[first:])])
        if not self._flat():
            first = len(self._windows)  # what does not settle would not have been noticed yet
        self._bracket(first, _TAIL * _remembered(self._changes.differences()[1]) + steps / 2)

    def _flat(self) -> bool:
        """Whether the last difference is as small as it is nowhere near a pole or a zero of the density."""
        finest = self._windows[-1]
        if not finest.successes:
            return finest.draws >= _NOTHING
        density = finest.successes / finest.draws / (2 * float(self._halves[-1]))
        return bool(self._eager.differences()[1, -1] <= _FLAT * density)

    def _lopsided(self) -> int:
        """Where S did not vanish as without a jump; it is one unless S did vanish later, as if it had been an edge."""
        jumps = self._eager.jumps()
        last = _unsettled(jumps, _JUMP_RATIO)
        self.jump = last >= 0 and not bool((jumps[1, last:] <= jumps[0, last] / 2).any())
        return last

    def _bracket(self, first: int, biases: FloatArray) -> None:
        """The intersection of the brackets from level ``first + 1`` on."""
        low, high = (np.array([window.interval for window in self._windows]).T / (2 * self._halves))[:, 1:]
        lows, highs = np.maximum(low - biases, 0.0)[first:], (high + biases)[first:]
        self.level, self.bias, self.empty, self.interval = None, math.inf, False, (0.0, math.inf)
        if lows.size and not self.atom:
            best = first + int(np.argmin(highs - lows))
            self.level, self.bias = best + 1, float(biases[best])
            self.empty = bool(lows.max() > highs.min())
            ends = (lows.min(), highs.max()) if self.empty else (lows.max(), highs.min())
            self.interval = (float(ends[0]) * (1 - 1e-12), float(ends[1]) * (1 + 1e-12))
        best = self.level or len(self._windows) - 1
        self.estimate = self._windows[best].estimate / (2 * float(self._halves[best]))


def pilot_width(sample: npt.ArrayLike, point: float) -> float:
    """A width to begin with, from draws that the sequence will not see (some thousands): half the interquartile range.

    Less where the sample ends nearer to the point, so that the window does not leave the support; but where the sample
    ends at the point itself (within 1/64 of that range), no smaller window helps, and the edge is there to be noticed.
    Halved, six times at most, while the inner half of the window is denser or thinner than all of it by more than a
    tenth and three standard deviations. A width that is too large only costs draws: levels that do not settle are
    discarded.
    """
    values = np.sort(np.asarray(sample, dtype=np.float64).ravel())
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("a pilot sample must hold numbers, and at least one")
    lower, upper = np.quantile(values, [0.25, 0.75])
    spread = float(upper - lower) or float(values[-1] - values[0]) or abs(point) or 1.0
    edge = min(point - float(values[0]), float(values[-1]) - point)
    width = edge if spread / 64 < edge < spread / 2 else spread / 2
    distances = np.abs(values - point)
    for _ in range(6):
        outer, inner = np.count_nonzero(distances <= width), np.count_nonzero(distances <= width / 2)
        if abs(2 * inner - outer) <= 0.1 * outer + 3 * math.sqrt(outer):
            break
        width /= 2
    return width
