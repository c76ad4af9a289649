"""Tests that stop as soon as the verdict is clear: they hardly ever fail what is right, and find what is wrong.

Draws come from the exact tables, so that nothing here depends on anybody's sampler.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.harness.checks.bench import BOUND as DRAW_BOUND
from grader.harness.checks.classifying import BATCH, BOUND, GOOD, MOST, POOR
from grader.harness.checks.sampling import LEAST
from grader.harness.checks.sampling import MOST as MOST_DRAWS
from grader.harness.design import SETTINGS, arms, sampling_probe
from grader.harness.probes import Probe
from grader.harness.samplers import OF_DRAWS, Setting
from grader.harness.sequential import TELLS_APART, TO_NAME, Arm, DrawTest, RateTest, Verdict, arm

SECRET = "tests"
VOCAB = 8
REPEATED = 2000
LOOSE = 0.01  # a bound that false failures could pass visibly
POWER_REPEATED = {"plain": 40, "temperature": 15, "horizon": 8}
Table = np.ndarray


def drawer(tables: Sequence[Table], seed: int) -> Callable[[int, int], np.ndarray]:
    """Draws paths from the table of each arm."""
    random = np.random.default_rng(seed)
    cumulated = [np.cumsum(table.reshape(-1)) for table in tables]

    def draw(place: int, count: int) -> np.ndarray:
        flat = np.searchsorted(cumulated[place], random.random(count) * cumulated[place][-1], side="right")
        return np.stack(np.unravel_index(flat, tables[place].shape), axis=1)

    return draw


def judged(test: DrawTest, draw: Callable[[int, int], np.ndarray]) -> Verdict:
    while (verdict := test.verdict()) is None:
        place, count = test.next()
        test.record(place, draw(place, count))
    return verdict


def right_tables(found: Sequence[Arm]) -> list[Table]:
    return [np.exp(one.right) for one in found]


@pytest.fixture(scope="module")
def probe() -> Probe:
    return sampling_probe(SECRET)[0]


@pytest.fixture(scope="module")
def cheap(probe: Probe) -> tuple[Arm, ...]:
    """Two tokens per draw, no temperature."""
    return tuple(arm(probe, Setting(k), np.array([1, 6]), 2, OF_DRAWS) for k in (4, 0))


# --- what is right ---


def test_right_draws_fail_less_often_than_the_bound_says(cheap: tuple[Arm, ...]) -> None:
    """The wager is looked at after every batch, and beyond the verdict too."""
    draw = drawer(right_tables(cheap), 1)
    found: Counter[str] = Counter()
    for _ in range(REPEATED):
        test = DrawTest(cheap, OF_DRAWS, LOOSE, 15, 600)
        high, verdict = False, None
        while verdict is None or test.draws < 100:
            place, count = test.next()
            test.record(place, draw(place, count))
            high |= test.ratio >= -math.log(LOOSE)
            verdict = verdict or test.verdict()
        found[verdict.kind] += 1
        found["high"] += high
    assert found["wrong"] <= found["high"] < LOOSE * REPEATED
    assert found["right"] > 0.95 * REPEATED


def test_the_wager_is_worth_one_on_average(cheap: tuple[Arm, ...]) -> None:
    """For one batch, where the mean is not ruled by what hardly ever happens."""
    draw = drawer(right_tables(cheap), 3)
    worth = []
    for _ in range(1000):
        test = DrawTest(cheap, OF_DRAWS, LOOSE, 16, 600)
        test.record(1, draw(1, 1))
        test.record(1, draw(1, 2))
        worth.append(math.exp(test.ratio))
    assert abs(np.mean(worth) - 1) < 4 * np.std(worth) / math.sqrt(len(worth))
    assert max(worth) > 1 > min(worth)


@pytest.mark.parametrize("name", SETTINGS)
def test_right_draws_pass_as_the_items_judge_them(name: str) -> None:
    found, named = arms(SECRET, name)
    draw = drawer(right_tables(found), 4)
    verdicts = [judged(DrawTest(found, named, DRAW_BOUND, LEAST[name], MOST_DRAWS), draw) for _ in range(8)]
    assert {verdict.kind for verdict in verdicts} == {"right"}
    assert np.mean([verdict.draws for verdict in verdicts]) < 1500


# --- what is wrong, with a name ---


def distance(one: Table, other: Table) -> float:
    """Kullback-Leibler divergence, bounded."""
    likely = one > 0
    with np.errstate(divide="ignore"):
        gap = np.log(one[likely]) - np.log(other[likely])
    return float((one[likely] * np.minimum(gap, 20)).sum())


def told_apart(found: Sequence[Arm], one: int, other: int) -> bool:
    """Whether draws from the one mistake are worth something against the other in some arm."""
    tables = [(np.exp(arm.mistaken[one]), np.exp(arm.mistaken[other])) for arm in found]
    return max(distance(*pair) for pair in tables) > TELLS_APART


@pytest.mark.parametrize("name", SETTINGS)
def test_every_mistake_that_shows_is_found_and_not_called_another(name: str) -> None:
    found, named = arms(SECRET, name)
    shows = np.max([one.distances() for one in found], axis=0) > TELLS_APART
    assert shows.mean() > 0.85
    confused = []
    for place in np.flatnonzero(shows).tolist():
        draw = drawer([np.exp(one.mistaken[place]) for one in found], place)
        for _ in range(POWER_REPEATED[name]):
            verdict = judged(DrawTest(found, named, DRAW_BOUND, LEAST[name], MOST_DRAWS), draw)
            assert verdict.kind == "wrong", (named[place].name, verdict)
            called = place if verdict.mistake is None else named.index(verdict.mistake)
            if called != place and told_apart(found, place, called):
                confused.append((named[place].name, named[called].name))
    assert len(confused) <= 1, confused  # of hundreds: odds of a thousand to one lead astray now and then


def test_a_gross_mistake_is_found_sooner_than_what_is_right_passes() -> None:
    found, named = arms(SECRET, "plain")
    right = judged(DrawTest(found, named, DRAW_BOUND, 24, MOST_DRAWS), drawer(right_tables(found), 5)).draws
    for place in (i for i, one in enumerate(named) if one.name in ("greedy", "memoryless", "softmax twice")):
        draw = drawer([np.exp(one.mistaken[place]) for one in found], 6)
        assert judged(DrawTest(found, named, DRAW_BOUND, 24, MOST_DRAWS), draw).draws < right / 2


# --- what is wrong, without a name ---


def leaning(one: Arm, weights: np.ndarray, how: str) -> Table:
    """What is drawn where some tokens are drawn too often: always, after some tokens, or for their rank."""
    p, before = np.ones(1), np.array([int(one.start[-1])])
    for depth, log_p in enumerate(one.steps):
        rank = np.argsort(np.argsort(-log_p, axis=1), axis=1)
        lean = {"always": weights[0], "after": weights[before], "rank": weights[depth][rank]}[how]
        step = np.exp(log_p + lean)
        p = (p[:, None] * step / step.sum(axis=1, keepdims=True)).reshape(-1)
        before = np.tile(np.arange(VOCAB), len(before))
    return p.reshape(one.right.shape)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    how=st.sampled_from(["always", "after", "rank"]),
    name=st.sampled_from(["plain", "temperature"]),
)
def test_what_has_no_name_is_found_too(seed: int, how: str, name: str) -> None:
    found, named = arms(SECRET, name)
    weights = np.random.default_rng(seed).normal(0, 1.3, (VOCAB, VOCAB))
    tables = [leaning(one, weights, how) for one in found]
    far = [np.abs(table - np.exp(one.right)).sum() / 2 for table, one in zip(tables, found, strict=True)]
    assume(np.mean(far) > 0.3)
    verdict = judged(DrawTest(found, named, DRAW_BOUND, LEAST[name], MOST_DRAWS), drawer(tables, seed))
    assert verdict.kind == "wrong"
    assert verdict.draws < MOST_DRAWS


# --- how it goes about it ---


def test_the_same_draws_give_the_same_verdict() -> None:
    found, named = arms(SECRET, "plain")
    one, same = (
        judged(DrawTest(found, named, DRAW_BOUND, 24, MOST_DRAWS), drawer(right_tables(found), 7)) for _ in range(2)
    )
    assert one == same


def test_nothing_is_right_before_every_arm_has_been_drawn_from(probe: Probe) -> None:
    greedy = next(one for one in OF_DRAWS if one.name == "greedy")  # which the first other token rules out
    found = tuple(arm(probe, Setting(k), np.array([1, 6]), 2, (greedy,)) for k in (4, 0))
    test = DrawTest(found, (greedy,), LOOSE, 40, 600)
    draw = drawer(right_tables(found), 8)
    while min(test.counts) < 40:
        assert test.verdict() is None
        place, count = test.next()
        assert test.counts[place] + count <= 40
        test.record(place, draw(place, count))
    assert judged(test, draw).kind == "right"


def test_it_is_undecided_in_the_end(probe: Probe) -> None:
    """Draws from halfway between the right and a mistaken distribution."""
    flat = tuple(one for one in OF_DRAWS if one.name == "uniform")
    found = (arm(probe, Setting(0), np.array([1, 6]), 2, flat),)
    tables = [np.exp(w * found[0].right + (1 - w) * found[0].mistaken[0]) for w in np.linspace(0, 1, 101)]
    halfway = min(tables, key=lambda table: abs((table * (found[0].right - found[0].mistaken[0])).sum() / table.sum()))
    verdict = judged(DrawTest(found, flat, 1e-300, 8, 40), drawer([halfway], 1))
    assert verdict.kind == "undecided"
    assert 40 <= verdict.draws < 80


def test_what_cannot_be_drawn_fails_at_once(cheap: tuple[Arm, ...]) -> None:
    test = DrawTest(cheap, OF_DRAWS, 1e-300, 16, 600)  # which no wager reaches with one draw
    impossible = np.argwhere(np.isneginf(cheap[0].right))[:1]
    likely = np.argwhere(cheap[0].right == cheap[0].right.max())[:1]
    test.record(0, likely)
    assert test.verdict() is None
    test.record(0, impossible)
    verdicts = [test.verdict()]
    for _ in range(TO_NAME):  # it may go on, to see which mistake it is
        test.record(1, np.argwhere(cheap[1].right == cheap[1].right.max())[:1])
        verdicts.append(test.verdict())
    verdict = verdicts[-1]
    assert verdict is not None
    assert verdict.kind == "wrong"
    assert verdict.impossible
    assert math.isfinite(verdict.ratio)


def test_draws_that_are_all_impossible_are_no_error(cheap: tuple[Arm, ...]) -> None:
    test = DrawTest(cheap, OF_DRAWS, LOOSE, 16, 600)
    test.record(0, np.repeat(np.argwhere(np.isneginf(cheap[0].right)), 20, axis=0))
    assert judged(test, drawer(right_tables(cheap), 9)).kind == "wrong"


def test_a_mistake_that_is_right_here_rules_out_nothing(probe: Probe) -> None:
    """Without a filter, a missing filter is no mistake: right draws pass all the same."""
    same = tuple(one for one in OF_DRAWS if one.name == "no filter")
    found = (arm(probe, Setting(0), np.array([1, 6]), 2, same),)
    assert judged(DrawTest(found, same, LOOSE, 16, 600), drawer(right_tables(found), 1)).kind == "right"


def test_distances_are_those_between_the_tables(cheap: tuple[Arm, ...]) -> None:
    for one in cheap:
        expected = [distance(np.exp(one.right), np.exp(mistaken)) for mistaken in one.mistaken]
        assert one.distances() == pytest.approx(expected)
    assert cheap[1].distances()[0] == 0  # its name is "no filter", and there is none


def test_steps_are_the_conditionals_of_the_whole(cheap: tuple[Arm, ...]) -> None:
    for one in cheap:
        first, second = one.steps
        possible = np.isfinite(one.right)
        joined = first.reshape(-1)[:, None] + second
        assert np.allclose(joined[possible], one.right[possible])
        assert not np.isfinite(joined[~possible]).any()


# --- right or wrong, one by one ---


def test_a_good_rate_fails_less_often_than_the_bound_says() -> None:
    random = np.random.default_rng(1)
    found: Counter[str | None] = Counter()
    for answers in random.random((REPEATED, 400)) < GOOD:
        test = RateTest(GOOD, POOR, LOOSE, 400)
        for right in answers.tolist():
            test.record(right)
            if test.verdict():
                break
        found[test.verdict()] += 1
    assert found["wrong"] < LOOSE * REPEATED
    assert found["right"] > 0.98 * REPEATED


def sign_errs(rate: Fraction, wrong_side: Callable[[float], bool]) -> Fraction:
    """Chance that after MOST texts the likelier of the two rates is the wrong one."""
    total = Fraction(0)
    for wrong in range(MOST + 1):
        test = RateTest(GOOD, POOR, BOUND, MOST)
        test.right, test.wrong = MOST - wrong, wrong
        if wrong_side(test.ratio):
            total += math.comb(MOST, wrong) * (1 - rate) ** wrong * rate ** (MOST - wrong)
    return total


def test_what_decides_in_the_end_hardly_ever_errs() -> None:
    assert sign_errs(Fraction("0.95"), lambda ratio: ratio > 0) < Fraction("5e-7")
    assert sign_errs(Fraction("0.80"), lambda ratio: ratio <= 0) < Fraction("5e-7")


def test_nor_do_early_stops_and_the_end_together() -> None:
    """Exactly: every way to answer, stopped where the checks stop."""
    for rate, verdict in ((Fraction("0.95"), "wrong"), (Fraction("0.80"), "right")):
        assert chance(rate, verdict, BATCH) < Fraction("1e-6")
        assert chance(rate, verdict, BATCH) > 0


def chance(rate: Fraction, verdict: str, batch: int) -> Fraction:
    """Of this verdict, as ``checks.classifying.answers`` comes to it. Counts are over a common denominator."""
    right, whole = rate.numerator, rate.denominator
    states, errs = {0: 1}, Fraction(0)
    for texts in range(1, -(-MOST // batch) * batch + 1):  # batches are whole
        after: Counter[int] = Counter()
        for wrong, ways in states.items():
            after[wrong] += ways * right
            after[wrong + 1] += ways * (whole - right)
        states = dict(after)
        if texts % batch:
            continue
        for wrong in list(states):
            test = RateTest(GOOD, POOR, BOUND, MOST)
            test.right, test.wrong = texts - wrong, wrong
            found = test.verdict()
            if found == "undecided":
                found = "wrong" if test.ratio > 0 else "right"
            if found is not None:
                ways = states.pop(wrong)
                errs += Fraction(ways, whole**texts) if found == verdict else 0
    assert not states
    return errs


@pytest.mark.parametrize(("rate", "verdict"), [(1.0, "right"), (0.5, "wrong"), (0.0, "wrong")])
def test_a_clear_rate_is_clear_soon(rate: float, verdict: str) -> None:
    random = np.random.default_rng(1)
    test = RateTest(GOOD, POOR, BOUND, MOST)
    while test.verdict() is None:
        test.record(bool(random.random() < rate))
    assert test.verdict() == verdict
    assert test.right + test.wrong < 100
