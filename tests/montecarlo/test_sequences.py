"""Confidence sequences hold what they promise, at all times at once, and settle claims in as few draws as stated."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from grader.montecarlo.sequences import (
    BernoulliSequence,
    BoundedSequence,
    FloatArray,
    Sequence,
    VarianceSequence,
    batches,
)

Draw = Callable[[np.random.Generator, int], FloatArray]
Make = Callable[[float], Sequence]

RUNS, FEWER = 2000, 500
ALPHA = 0.01
SURE = 1e-9
ENDS = (1, 20, 256, 1000, 4096)


def most_failures(runs: int, alpha: float) -> int:
    """The least k for which a binomial (runs, alpha) exceeds k with probability below 1e-9."""
    tail, k = 1.0, -1
    while tail >= 1e-9:
        k += 1
        log = math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1)
        tail -= math.exp(log + k * math.log(alpha) + (runs - k) * math.log1p(-alpha))
    return k


def rare(size: float, chance: float) -> Draw:
    """0 but for a large value now and then."""
    return lambda rng, n: size * (rng.random(n) < chance)


TRUE_CLAIMS: dict[str, tuple[Make, Draw, float]] = {
    "a fair coin": (BernoulliSequence, rare(1, 0.5), 0.5),
    "a rare event": (BernoulliSequence, rare(1, 0.01), 0.01),
    "bounded: uniform": (lambda a: BoundedSequence(-2, 3, a), lambda rng, n: rng.uniform(-2, 3, n), 0.5),
    "bounded: beta": (lambda a: BoundedSequence(0, 1, a), lambda rng, n: rng.beta(2, 8, n), 0.2),
    "bounded: ends alone": (lambda a: BoundedSequence(-1, 1, a), lambda rng, n: 2 * rare(1, 0.5)(rng, n) - 1, 0.0),
    "bounded: one end": (lambda a: BoundedSequence(0, 1, a), rare(1, 0.02), 0.02),
    "bounded: constant": (lambda a: BoundedSequence(0, 1, a), lambda rng, n: np.full(n, 0.3), 0.3),
    "variance: normal": (lambda a: VarianceSequence(4, a), lambda rng, n: rng.normal(7, 2, n), 7.0),
    "variance: t of 3": (lambda a: VarianceSequence(3, a), lambda rng, n: rng.standard_t(3, n), 0.0),
    "variance: two points": (lambda a: VarianceSequence(0.002 * 0.998, a), rare(1, 0.002), 0.002),
}
MOST_REPEATED = ("a fair coin", "a rare event", "bounded: one end", "variance: two points")


def ever_excludes(sequence: Sequence, values: FloatArray, mean: float) -> bool:
    for start, end in pairwise((0, *ENDS)):
        sequence.update(values[start:end])
        if not sequence.interval[0] <= mean <= sequence.interval[1]:
            return True
    return False


@pytest.mark.parametrize("name", TRUE_CLAIMS)
def test_true_means_are_excluded_as_rarely_as_promised(name: str) -> None:
    make, draw, mean = TRUE_CLAIMS[name]
    rng, runs = np.random.default_rng(11), RUNS if name in MOST_REPEATED else FEWER
    failures = sum(ever_excludes(make(ALPHA), draw(rng, ENDS[-1]), mean) for _ in range(runs))
    assert failures <= most_failures(runs, ALPHA)


def draws_to_exclude(sequence: Sequence, draw: Draw, claims: list[float], most: int = 1 << 24) -> float:
    rng = np.random.default_rng(12)
    for size in batches(most):
        sequence.update(draw(rng, size))
        if not any(sequence.interval[0] <= claim <= sequence.interval[1] for claim in claims):
            return sequence.draws
    return math.inf


SETTLED: dict[str, tuple[Sequence, Draw, list[float], int]] = {
    "a fair coin ± 1 %": (BernoulliSequence(SURE), rare(1, 0.5), [0.495, 0.505], 1 << 20),
    "a fair coin ± 3 %": (BernoulliSequence(SURE), rare(1, 0.5), [0.485, 0.515], 1 << 18),
    "an event of 1 % ± 3 %": (BernoulliSequence(SURE), rare(1, 0.01), [0.0097, 0.0103], 1 << 24),
    "uniform ± 1 %": (BoundedSequence(0, 1, SURE), lambda rng, n: rng.random(n), [0.495, 0.505], 1 << 19),
    "uniform ± 3 %": (BoundedSequence(0, 1, SURE), lambda rng, n: rng.random(n), [0.485, 0.515], 1 << 16),
    "beta(2, 8) ± 3 %": (BoundedSequence(0, 1, SURE), lambda rng, n: rng.beta(2, 8, n), [0.194, 0.206], 1 << 18),
    "constant ± 1 % of the range": (BoundedSequence(0, 1, SURE), lambda rng, n: np.full(n, 0.3), [0.29, 0.31], 1 << 15),
    "normal ± 0.02": (VarianceSequence(1, SURE), lambda rng, n: rng.standard_normal(n), [-0.02, 0.02], 1 << 18),
    "normal far away ± 0.02": (
        VarianceSequence(1, SURE),
        lambda rng, n: rng.normal(1e6, 1, n),
        [1e6 - 0.02, 1e6 + 0.02],
        1 << 18,
    ),
    "t of 3 ± 0.02 sd": (VarianceSequence(3, SURE), lambda rng, n: rng.standard_t(3, n), [-0.0346, 0.0346], 1 << 18),
}


@pytest.mark.parametrize("name", SETTLED)
def test_near_misses_are_excluded_within_these_draws(name: str) -> None:
    sequence, draw, claims, most = SETTLED[name]
    draws = draws_to_exclude(sequence, draw, claims)
    print(f"{name}: {draws:,} draws")
    assert draws <= most
    assert sequence.interval[0] <= sequence.estimate <= sequence.interval[1]


# --- The ends against the definition, computed apart ---


@pytest.mark.parametrize(("ones", "draws"), [(0, 10), (10, 10), (1, 1_000_000), (500, 1000), (10**9, 3 * 10**9)])
def test_the_ends_of_a_probability_solve_their_equation(ones: int, draws: int) -> None:
    sequence = BernoulliSequence(SURE)
    sequence.update_counts(ones, draws)

    def log_ratio(p: float) -> float:
        beta = math.lgamma(ones + 0.5) + math.lgamma(draws - ones + 0.5) - math.lgamma(draws + 1) - math.log(math.pi)
        return beta - (ones * math.log(p) if ones else 0) - ((draws - ones) * math.log1p(-p) if draws > ones else 0)

    low, high = sequence.interval
    assert low == 0 if ones == 0 else 0 <= log_ratio(low) - math.log(1e9) < 0.01
    assert high == 1 if ones == draws else 0 <= log_ratio(high) - math.log(1e9) < 0.01


def test_a_bounded_mean_has_the_margin_of_the_mixture() -> None:
    values = np.random.default_rng(3).random(5000)
    sequence, guesses = BoundedSequence(0, 1, SURE), np.full(5000, 0.5)
    sequence.update(values)
    for k in range(4, 13):  # the guess changes at powers of two and knows the draws before alone
        guesses[2**k :] = (values[: 2**k].sum() + 0.5) / (2**k + 1)
    distance = (sequence.interval[1] - sequence.interval[0]) / 2 * 5000
    bets = 0.95 * 2.0 ** -np.arange(0, 15, 0.5)
    wealth = np.exp(bets * distance - (-np.log1p(-bets) - bets) * ((values - guesses) ** 2).sum()).mean()
    assert wealth == pytest.approx(2e9, rel=1e-3)


def test_a_guess_does_not_know_the_draws_it_is_used_on() -> None:
    """A batch that looks constant only afterwards has all the spread around what was guessed before."""
    sequence = BoundedSequence(0, 1, SURE)
    sequence.update_counts([1.0], [1000])
    assert sequence._spread == 1000 * 0.25


@pytest.mark.parametrize("bet", [1e-3, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("chance", [0.5, 0.1, 0.001])
@pytest.mark.parametrize("far", [-30.0, -1.0, 0.0, 0.3, 2.0, 30.0])
def test_a_catoni_factor_has_expectation_1_at_most(bet: float, chance: float, far: float) -> None:
    """Exactly, for two points of variance 1 and mean 0, and a centre anywhere; also with the claim shifted outwards."""
    sequence = VarianceSequence(1.0, ALPHA)
    points = np.array([math.sqrt((1 - chance) / chance), -math.sqrt(chance / (1 - chance))])
    for sign in (1.0, -1.0):
        factors = [one_factor(sequence, bet, sign, x, far) for x in points]
        assert chance * factors[0] + (1 - chance) * factors[1] <= 1 + 1e-12


def one_factor(sequence: VarianceSequence, bet: float, sign: float, value: float, centre: float) -> float:
    """M after one draw with one bet, at the true mean 0."""
    y = bet * (value - centre)
    sequence._bets = np.array([bet])
    sequence._gains = np.array([math.copysign(math.log1p(abs(y) + y * y / 2), y)])
    sequence._centres, sequence._counts = np.array([[centre]]), np.ones((1, 1))
    return math.exp(sequence._evidence(0.0, sign))


def test_a_mixture_of_bets_begins_with_1() -> None:
    sequence = VarianceSequence(1.0, ALPHA)
    sequence.update(np.zeros(65))
    sequence._gains[:], sequence._counts[:] = 0.0, 0.0
    assert sequence._evidence(0.0, 1.0) == pytest.approx(0.0)


def test_evidence_against_a_mean_falls_with_the_mean() -> None:
    sequence = VarianceSequence(1.0, ALPHA)
    sequence.update(np.random.default_rng(4).standard_normal(3000))
    means = [-math.inf, -1e9, *np.linspace(-200, 200, 1001), 1e9]
    for sign in (1.0, -1.0):
        values = [sequence._evidence(mean, sign) for mean in means]
        assert all(earlier >= later - 1e-9 for earlier, later in pairwise(values))


# --- What all share ---

ALL: list[Make] = [BernoulliSequence, lambda a: BoundedSequence(0, 1, a), lambda a: VarianceSequence(1, a)]


@pytest.mark.parametrize("make", ALL)
def test_before_the_first_draw_everything_is_possible(make: Make) -> None:
    sequence = make(SURE)
    before = sequence.interval
    sequence.update(np.array([]))
    assert sequence.draws == 0
    assert math.isnan(sequence.estimate)
    assert sequence.interval == before
    assert before in [(0, 1), (-math.inf, math.inf)]


@pytest.mark.parametrize("make", ALL)
def test_intervals_never_grow_and_batches_may_have_any_size(make: Make) -> None:
    rng, sequence = np.random.default_rng(5), make(SURE)
    widths = []
    for size in (1, 1, 3, 60, 1, 200, 7, 5000, 1, 20000):
        sequence.update((rng.random(size) < 0.3).astype(float))
        widths.append(sequence.interval[1] - sequence.interval[0])
        assert sequence.interval[0] <= 0.3 <= sequence.interval[1]
    assert all(later <= earlier for earlier, later in pairwise(widths))
    assert widths[-1] < 0.1


@pytest.mark.parametrize("make", ALL)
def test_an_empty_intersection_is_said_and_the_last_interval_stays(make: Make) -> None:
    sequence = make(SURE)
    sequence.update(np.zeros(20000))
    last = sequence.interval
    sequence.update(np.ones(1 << 18))
    assert sequence.empty
    assert sequence.interval == last


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e200])
def test_what_cannot_be_a_draw_is_refused_and_changes_nothing(make: Make, value: float) -> None:
    sequence = make(SURE)
    with pytest.raises(ValueError, match="draw"):
        sequence.update(np.array([0.0, value]))
    assert sequence.draws == 0


@pytest.mark.parametrize("value", [-0.001, 1.001, 0.5])
def test_an_event_happens_or_not(value: float) -> None:
    with pytest.raises(ValueError, match="must be 0 or 1"):
        BernoulliSequence(SURE).update(np.array([value]))


def test_values_outside_their_bounds_are_refused_but_for_dust() -> None:
    sequence = BoundedSequence(1, 3, SURE)
    sequence.update(np.array([1 - 1e-10, 3 + 1e-10]))
    with pytest.raises(ValueError, match=r"outside \[1, 3\]"):
        sequence.update(np.array([3 + 1e-7]))
    assert sequence.draws == 2


def test_equal_bounds_leave_one_value() -> None:
    sequence = BoundedSequence(0.1, 0.1, SURE)
    sequence.update(np.full(10, 0.1))
    assert sequence.interval == (0.1, 0.1)
    with pytest.raises(ValueError, match="outside"):
        sequence.update(np.array([0.2]))


def test_counted_and_listed_draws_agree() -> None:
    listed, counted = BoundedSequence(-1, 1, SURE), BoundedSequence(-1, 1, SURE)
    listed.update(np.repeat([-1.0, 0.0, 1.0], 5))
    counted.update_counts([-1.0, 0.0, 1.0], [5, 5, 5])
    assert counted.draws == 15
    assert counted.interval == pytest.approx(listed.interval)
    events = BernoulliSequence(SURE)
    with pytest.raises(ValueError, match="cannot come from"):
        events.update_counts(4, 3)


@pytest.mark.parametrize("alpha", [0.0, 1.0, -1.0, math.nan])
def test_alpha_is_a_probability(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        BernoulliSequence(alpha)


@pytest.mark.parametrize("variance", [0.0, -1.0, math.inf, math.nan])
def test_a_variance_is_a_positive_number(variance: float) -> None:
    with pytest.raises(ValueError, match="variance"):
        VarianceSequence(variance, SURE)


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (0.0, math.inf), (math.nan, 1.0), (-1.5e308, 1.5e308)])
def test_bounds_are_an_interval(bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="interval"):
        BoundedSequence(*bounds, SURE)


def test_totals_of_batches_double() -> None:
    assert list(batches(30000)) == [4096, 4096, 8192, 13616]
    assert list(batches(100)) == [100]
    sizes = list(batches(1 << 23))
    assert sum(sizes) == 1 << 23
    assert max(sizes) == 1 << 20
