"""Confidence sequences for means: intervals that hold at all times at once, so that anyone may look and stop at will.

All of them rest on Ville's inequality. Where ``M_n(m)`` is nonnegative, starts at 1 and cannot grow in expectation as
long as ``m`` is the true mean, ``P(M_n(m) >= 1/alpha for some n) <= alpha``. The interval is the set of all ``m`` with
``M_n(m) < 1/alpha``. Every ``M`` here is a mixture, over a prior or over a grid of bets, so that it needs no horizon:
it is nearly as narrow as a test tuned for the number of draws, whatever that number turns out to be.

Rounding: thresholds are raised by more than the sums can be off, and ends are moved outwards.

Sources: Robbins (1970), "Statistical methods related to the law of the iterated logarithm"; Howard, Ramdas, McAuliffe
& Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences"; Waudby-Smith & Ramdas (2023),
"Estimating means of bounded random variables by betting"; Fan, Grama & Liu (2015), "Exponential inequalities for
martingales"; Catoni (2012), "Challenging the empirical mean and empirical variance"; Wang & Ramdas (2023),
"Catoni-style confidence sequences for heavy-tailed mean estimation".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Interval = tuple[float, float]

FIRST_BATCH = 4096
LARGEST_BATCH = 1 << 20
_EPS = 2.0**-52
_DUST = 1e-9  # values may lie outside their bounds by this much of the range: rounding in whatever computed them
_HUGE = 1e140  # standard deviations, and numbers, whose squares do not overflow
_CHUNK = 1 << 14  # draws whose temporaries stay in the cache


def batches(most: int, first: int = FIRST_BATCH) -> Iterator[int]:
    """Sizes of batches whose totals double, up to ``most`` draws; none is larger than memory likes (2^20)."""
    total = 0
    while total < most:
        size = min(max(total, first), LARGEST_BATCH, most - total)
        yield size
        total += size


class Sequence(ABC):
    """The interval holds the true mean at all times simultaneously with probability at least 1 - ``alpha``.

    ``draws`` counts the values so far, ``estimate`` is nan before the first one. ``interval`` is closed; it is the
    intersection of the intervals at all batch ends so far, hence it never grows. Should the intersection become empty,
    either an event of probability ``alpha`` happened or the values are not what was promised (independent, of one law,
    in their bounds, of that variance): ``empty`` is then True for good, ``interval`` stays at the last nonempty one,
    and nothing should be concluded from it.
    """

    def __init__(self, alpha: float, low: float = -math.inf, high: float = math.inf) -> None:
        if not 0 < alpha < 1:
            raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
        self.alpha = alpha
        self.draws = 0
        self.estimate = math.nan
        self.interval: Interval = (low, high)
        self.empty = False

    def update(self, values: npt.ArrayLike) -> None:
        """Take a batch of independent draws. Its size may depend on earlier draws, not on these."""
        array = np.asarray(values, dtype=np.float64).ravel()
        if array.size:
            self._observe(array)

    @abstractmethod
    def _observe(self, values: FloatArray) -> None:
        """Take at least one value; raise ValueError, changing nothing, where they cannot be what was promised."""

    def _conclude(self, estimate: float, low: float, high: float) -> None:
        low, high = max(low, self.interval[0]), min(high, self.interval[1])
        if low > high:
            self.empty = True
        if not self.empty:
            self.interval = (low, high)
        self.estimate = min(max(estimate, self.interval[0]), self.interval[1])


class BernoulliSequence(Sequence):
    """A probability, from values that are 0 or 1.

    ``M_n(p) = B(s + a, f + a) / (B(a, a) p^s (1-p)^f)`` for s ones and f zeros: the likelihood under p drawn from
    Beta(a, a), over the likelihood under p. It is a martingale with mean 1 where p is true (Robbins 1970; Howard et al.
    2021). We take a = 1/2 (Jeffreys; Krichevsky & Trofimov): log M falls short of the best possible by at most
    (log n)/2 + log 2 uniformly in p, where a = 1 loses (log n) if p is near 0 or 1, and densities look at rare events.
    """

    _A = 0.5
    _NORM = 2 * math.lgamma(_A) - math.lgamma(2 * _A)

    def __init__(self, alpha: float) -> None:
        super().__init__(alpha, 0.0, 1.0)
        self.successes = 0

    def _observe(self, values: FloatArray) -> None:
        ones = int(np.count_nonzero(values == 1))
        if ones + int(np.count_nonzero(values == 0)) != values.size:
            raise ValueError("the draws of an event must be 0 or 1")
        self.update_counts(ones, values.size)

    def update_counts(self, successes: int, draws: int) -> None:
        """Take a batch that is already counted."""
        if not 0 <= successes <= draws:
            raise ValueError(f"{successes} successes cannot come from {draws} draws")
        if draws == 0:
            return
        self.draws += draws
        self.successes += successes
        ones, zeros = self.successes, self.draws - self.successes
        high = 1.0 - self._low_end(zeros, ones)
        self._conclude(ones / self.draws, self._low_end(ones, zeros), min(1.0, high + _EPS))

    def _low_end(self, ones: int, zeros: int) -> float:
        """The largest p found below ones/(ones + zeros) at which M is still at least 1/alpha; 0 if there is none."""
        if ones == 0:
            return 0.0
        mixture = self._log_beta(ones + self._A, zeros + self._A) - self._NORM
        enough = mixture - math.log(1 / self.alpha)
        size = abs(mixture) + abs(math.lgamma(ones + zeros + 1.0)) + 1.0  # of the largest terms: they cancel in part
        enough -= 32 * _EPS * size
        share = ones / (ones + zeros)
        outside, inside = 0.0, share  # log M falls from infinity towards the share of ones
        while inside - outside > 1e-5 * min(inside, share - outside) and outside < (outside + inside) / 2 < inside:
            middle = (outside + inside) / 2
            if ones * math.log(middle) + zeros * math.log1p(-middle) <= enough:
                outside = middle
            else:
                inside = middle
        return outside

    @staticmethod
    def _log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


class BoundedSequence(Sequence):
    """The mean of values in [``low``, ``high``], as narrow as their variance (found from the draws) allows.

    For y = (x - low)/(high - low) in [0, 1] with mean m, and a guess c in [0, 1] made before y is drawn, y - c >= -1,
    so that by Fan, Grama & Liu (2015), for 0 <= b < 1 and ``psi(b) = -log(1 - b) - b``,

        exp(b (y - c) - psi(b) (y - c)^2) <= 1 + b (y - c),   of expectation   1 + b (m - c) <= exp(b (m - c)).

    Hence ``E exp(b (y - m) - psi(b) (y - c)^2) <= 1`` given the past, and with V = sum (y_i - c_i)^2

        M_n(m) = sum_k w_k exp(b_k (sum y_i - n m) - psi(b_k) V)

    is a supermartingale for fixed weights w_k of sum 1 and fixed bets b_k (Howard et al. 2021, theorem 4 with a
    discrete mixture; Waudby-Smith & Ramdas 2023 bet once, tuned to a horizon). The same holds of 1 - y, 1 - m, 1 - c
    with the same V. Each side is tested at alpha/2, so the interval is ``(sum y ± D)/n`` where D solves
    ``sum_k w_k exp(b_k D - psi(b_k) V) = 2/alpha``. The guess c is the mean of the draws before the last power of two.
    """

    # Bets from large ones (few draws, or no variance) down to those for V = 10^10; equal weights.
    _BETS = 0.95 * 2.0 ** -np.arange(0.0, 15.0, 0.5)
    _COSTS = (-np.log1p(-_BETS) - _BETS) * (1 + 1e-9)

    def __init__(self, low: float, high: float, alpha: float) -> None:
        if not (math.isfinite(high - low) and low <= high):
            raise ValueError(f"[{low}, {high}] is no finite interval")
        super().__init__(alpha, low, high)
        self._low, self._range = low, high - low
        self._sum = self._spread = 0.0
        self._guess = 0.5
        self._sums = 0  # how many rounded sums have been added up

    def _observe(self, values: FloatArray) -> None:
        unit = self._to_unit(values)
        for piece in _until_powers_of_two(unit, self.draws, 16):
            offsets = piece - self._guess
            self._add(piece.size, float(piece.sum()), float(offsets @ offsets))
        self._look()

    def update_counts(self, values: npt.ArrayLike, counts: npt.ArrayLike) -> None:
        """Take a batch that is already counted: how often each of a few values was drawn."""
        unit, often = self._to_unit(np.asarray(values, dtype=np.float64)), np.asarray(counts, dtype=np.float64)
        total = int(often.sum())
        if total:
            self._add(total, float(often @ unit), float(often @ (unit - self._guess) ** 2))
            self._look()

    def _add(self, draws: int, total: float, spread: float) -> None:
        before = self.draws
        self.draws += draws
        self._sum += total
        self._spread += spread
        self._sums += 1
        if self.draws >= 16 and self.draws.bit_length() > before.bit_length():
            self._guess = (self._sum + 0.5) / (self.draws + 1)

    def _look(self) -> None:
        mean, margin = self._sum / self.draws, self._margin()
        estimate, low, high = (self._low + self._range * end for end in (mean, mean - margin, mean + margin))
        dust = 4 * _EPS * max(abs(self._low), abs(self._low + self._range))
        self._conclude(estimate, low - dust, high + dust)

    def _to_unit(self, values: FloatArray) -> FloatArray:
        dust = _DUST * self._range + 8 * _EPS * max(abs(self._low), abs(self._low + self._range))
        smallest, largest = float(values.min()), float(values.max())  # nan if any value is
        if not (smallest >= self._low - dust and largest <= self._low + self._range + dust):
            raise ValueError(
                f"a draw lies outside [{self._low}, {self._low + self._range}]: they range from {smallest} to {largest}"
            )
        if self._range == 0:
            return np.zeros_like(values)
        return np.clip((values - self._low) / self._range, 0.0, 1.0)

    def _margin(self) -> float:
        rounding = _EPS * (64 + self._sums)
        spread = self._spread * (1 + 1e-9 + rounding)
        level = math.log(2 * len(self._BETS) / self.alpha) * (1 + 1e-12)
        distance = float(((level + self._COSTS * spread) / self._BETS).min())  # the best bet alone: a bound on D
        for _ in range(4):  # Newton on a convex function from the right stays on the right: every D is wide enough
            terms = self._BETS * distance - self._COSTS * spread
            most = float(terms.max())
            shares = np.exp(terms - most)
            total = float(shares.sum())
            distance -= max(0.0, most + math.log(total) - level) * total / float(shares @ self._BETS)
        return distance * (1 + 1e-12) / self.draws + rounding


class VarianceSequence(Sequence):
    """The mean of unbounded values whose variance is at most ``variance``; heavy tails do no harm.

    Catoni's influence function ``phi(y) = sign(y) log(1 + |y| + y^2/2)`` increases, ``exp(phi(y)) <= 1 + y + y^2/2``
    and ``exp(-phi(y)) <= 1 - y + y^2/2``. For x with mean m and variance at most v, a centre c chosen before x
    is drawn, a bet b > 0 and d = m - c,

        E exp(phi(b (x - c))) <= g(d) = 1 + b d + b^2 (v + d^2)/2,

    and since phi increases, shifting x upwards shows the same with g(d') for any d' >= d; the least is at
    d' = max(d, -1/b). Hence, for centres c_i and bets b_ik from the past (0: no bet) and weights w_k of sum 1,

        M_n(m) = sum_k w_k prod_i exp(phi(b_ik (x_i - c_i))) / g_ik(max(m - c_i, -1/b_ik))

    is a supermartingale, and it decreases in m: it bounds m from below. The mirrored one bounds m from above, each at
    alpha/2. (Wang & Ramdas 2023 test every m with x - m in place of x - c and have to keep the draws. With a centre,
    a running sum per bet and a count per epoch suffice: memory does not grow, and the cost is linear.)

    An epoch ends where the number of draws is a power of two; the centre of the next one is the mean so far. Bet k,
    best at N_k draws, is active from N_k/_EARLY to N_k*_LATE: before, it would gain little, later it has lost.
    The first 64 draws serve to find the centre alone: their median, at most a standard deviation off for long.
    """

    _PILOT = 64
    _EARLY, _LATE = 32.0, 2.0

    def __init__(self, variance: float, alpha: float) -> None:
        super().__init__(alpha)
        if not (math.isfinite(variance) and variance > 0):
            raise ValueError(f"a variance must be a positive number, not {variance}")
        self._variance = variance
        self._horizons = self._PILOT * 2.0 ** np.arange(0, 27)
        self._bets = np.sqrt(2 * math.log(2 / alpha) / (variance * self._horizons))
        self._gains = np.zeros_like(self._bets)
        self._sum = 0.0
        self._pilot: list[float] = []
        self._centres = np.empty((0, 1))  # a row for each epoch
        self._counts = np.empty((0, self._bets.size))

    def _observe(self, values: FloatArray) -> None:
        largest = float(np.abs(values).max())  # nan if any value is
        if not largest <= _HUGE * min(1.0, math.sqrt(self._variance)):
            raise ValueError(f"draws of a variance of at most {self._variance} cannot hold {largest}")
        for piece in _until_powers_of_two(values, self.draws, self._PILOT):
            if self.draws < self._PILOT:
                self._pilot.extend(piece.tolist())
            else:
                self._bet(piece)
            self._sum += float(piece.sum())
            self.draws += piece.size
        self._conclude(self._sum / self.draws, self._end(1.0), self._end(-1.0))

    def _bet(self, values: FloatArray) -> None:
        if self.draws.bit_count() == 1:  # an epoch begins
            self._centres = np.append(self._centres, [[self._centre()]], axis=0)
            self._counts = np.append(self._counts, np.zeros((1, self._bets.size)), axis=0)
        epoch = 2.0 ** (self.draws.bit_length() - 1)
        active = np.flatnonzero((self._horizons <= epoch * self._EARLY) & (self._horizons * self._LATE >= epoch))
        offsets = values - self._centres[-1, 0]
        self._gains[active] += _influences(offsets, self._bets[active])
        self._counts[-1][active] += values.size

    def _centre(self) -> float:
        if not self._centres.size:
            return float(np.median(self._pilot))
        return min(max(self._sum / self.draws, self.interval[0]), self.interval[1])

    def _end(self, sign: float) -> float:
        """The lower end for sign 1, the upper for -1: searched outwards from the estimate, then bisected."""
        enough = math.log(2 / self.alpha) + 1e-9 + 1e-14 * self.draws
        if not self._centres.size or self._evidence(-math.inf, sign) < enough:
            return -sign * math.inf
        middle = self._centre()
        step = math.sqrt(2 * self._variance * (enough + 3) / self.draws)
        outside, inside = -step, 0.0  # on an axis that points inwards, with its origin at the centre
        while self._evidence(sign * middle + outside, sign) < enough:
            outside, inside = 2 * outside, outside
        while self._evidence(sign * middle + inside, sign) >= enough:
            outside, inside = inside, 2 * inside + step
        for _ in range(10):  # to a thousandth of the width: the outer of both ends is always safe
            half = (outside + inside) / 2
            if self._evidence(sign * middle + half, sign) >= enough:
                outside = half
            else:
                inside = half
        return middle + sign * outside - sign * 4 * _EPS * (abs(middle) + abs(outside))

    def _evidence(self, mean: float, sign: float) -> float:
        """log M at ``sign * mean`` for the draws times ``sign``."""
        distances = mean - sign * self._centres
        scaled = np.maximum(self._bets * distances, -1.0)
        growth = np.log1p(scaled + (self._bets * self._bets * self._variance + scaled * scaled) / 2)
        logs = sign * self._gains - (self._counts * growth).sum(axis=0)
        most = float(logs.max())
        return most + math.log(float(np.exp(logs - most).mean()))


def _influences(offsets: FloatArray, bets: FloatArray) -> FloatArray:
    """Catoni's sum of phi(bet * offset), for each bet; in chunks that stay in the cache."""
    sums = np.zeros_like(bets)
    for start in range(0, offsets.size, _CHUNK):
        chunk = offsets[start : start + _CHUNK]
        sizes = np.abs(chunk)
        for k, bet in enumerate(bets):
            logs = sizes * (bet * bet / 2)
            logs += bet
            logs *= sizes
            logs += 1.0
            np.log(logs, out=logs)
            sums[k] += np.copysign(logs, chunk, out=logs).sum()
    return sums


def _until_powers_of_two(values: FloatArray, draws: int, first: int) -> Iterator[FloatArray]:
    """The values in pieces that end wherever their total number reaches a power of two, ``first`` or more."""
    while values.size:
        room = max(first, 1 << draws.bit_length()) - draws
        yield values[:room]
        draws += values[:room].size
        values = values[room:]
