"""Claims judged by draws: true ones supported, near misses refuted, and nothing concluded where nothing is known."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.tree import Expression
from grader.montecarlo import simulation
from grader.montecarlo.claims import read_claim, read_statistic
from grader.montecarlo.model import Model, build_model
from grader.montecarlo.sequences import BernoulliSequence, BoundedSequence, VarianceSequence
from grader.montecarlo.simulation import Rules, Run, judge_claim

Described = dict[str, str | tuple[str, str]]
UNIFORM: Described = {"X": "uniform(0, 1)"}
CUBE: Described = {"Z": "uniform(-2, 3)", "X": "Z^3"}
MEANS: Described = {"Z": ("4", "uniform(0, 1)"), "A": "sum(exp(-Z_i^2), i=1..4)/4", "p": "integral(exp(-t^2), t=0..1)"}
NORMAL: Described = {"X": "normal(1, 2)"}
TWO: Described = {"X": "bernoulli(1/4)", "Y": "poisson(2)", "W": "exponential(2)", "G": "gamma(3, 2)"}


def judged(described: Described, claim: str, seed: str = "seed", variance: str = "", **rules: object) -> Run:
    """``variance`` is text of a formula and its bound: ``X: 4``."""
    model = build_model(described, {})
    if variance:
        text, bound = variance.split(": ")
        rules["variances"] = {stated(model, text): float(bound)}
    return judge_claim(model, read_claim(claim, model.symbols), seed, Rules(**rules))  # type: ignore[arg-type]


def stated(model: Model, text: str) -> Expression:
    return model.prepared(read_statistic(text, model.symbols))


# what is described, a statistic, its value, a bound on a variance
TRUE: list[tuple[Described, str, float, str]] = [
    (UNIFORM, "E[X]", 1 / 2, ""),
    (UNIFORM, "Var[X]", 1 / 12, ""),
    (UNIFORM, "P(X < 1/3)", 1 / 3, ""),
    (UNIFORM, "P(1/4 < X <= 3/4)", 1 / 2, ""),
    (UNIFORM, "P(X < 1/4 or X > 1/2)", 3 / 4, ""),
    (UNIFORM, "E[[X < 1/3]]", 1 / 3, ""),
    (UNIFORM, "Var[[X < 1/3]]", 2 / 9, ""),
    (UNIFORM, "density(X, 1/3)", 1, ""),
    (UNIFORM, "density(2 X, 1/3)", 1 / 2, ""),
    (UNIFORM, "E[exp(X)]", math.e - 1, ""),
    (UNIFORM, "E[sqrt(X)]", 2 / 3, ""),
    (UNIFORM, "E[X^(1/2)]", 2 / 3, ""),
    (UNIFORM, "E[(X if X < 1/2 else 0)]", 1 / 8, ""),
    (UNIFORM, "E[X]^2 + Var[X]", 1 / 3, ""),
    (UNIFORM, "E[X]/Var[X]", 6, ""),
    (UNIFORM, "log(E[X])", -math.log(2), ""),
    (UNIFORM, "bias(X, 1/4)", 1 / 4, ""),
    (UNIFORM, "bias(X, E[X^2])", 1 / 6, ""),
    (CUBE, "density(X, 1)", 1 / 15, ""),
    (CUBE, "P(X < 1)", 3 / 5, ""),
    (CUBE, "E[X]", 13 / 4, ""),
    (MEANS, "E[A]", 0.7468241328124271, ""),
    (MEANS, "E[Z_1 Z_2]", 1 / 4, ""),
    (MEANS, "P(max(Z_1, Z_4) < 1/2)", 1 / 4, ""),
    (NORMAL, "E[X]", 1, "X: 4"),
    (NORMAL, "Var[X]", 4, "Var[X]: 40"),
    (NORMAL, "P(X > 3)", 0.15865525393145707, ""),
    (NORMAL, "density(X, 1)", 1 / math.sqrt(8 * math.pi), ""),
    (NORMAL, "1 + E[cos(X)]", 1 + math.cos(1) * math.exp(-2), ""),
    (TWO, "P(X = 0 and Y > 1)", (1 - 3 * math.exp(-2)) * 3 / 4, ""),
    (TWO, "P(X != 1)", 3 / 4, ""),
    (TWO, "E[Y]", 2, "Y: 2"),
    (TWO, "E[W]", 1 / 2, "W: 0.25"),
    (TWO, "P(W > 1)", math.exp(-2), ""),
    (TWO, "E[exp(-G)]", 8 / 27, ""),
]


@pytest.mark.parametrize(("described", "text", "value", "variance"), TRUE)
def test_true_equalities_are_supported(described: Described, text: str, value: float, variance: str) -> None:
    run = judged(described, f"{text} = {value!r}", variance=variance)
    assert (run.kind, run.reason) == ("supported", "")
    assert run.low <= value <= run.high
    assert run.target == value
    assert run.margin == pytest.approx(abs(value) * (0.05 if "density" in text else 0.01))
    assert run.shown == text
    assert run.alpha == 1e-9


@pytest.mark.parametrize("share", [0.97, 1.03])
@pytest.mark.parametrize(("described", "text", "value", "variance"), [
    case for case in TRUE if "density" not in case[1] and case[0] is not CUBE
])  # fmt: skip
def test_near_misses_are_refuted(described: Described, text: str, value: float, variance: str, share: float) -> None:
    run = judged(described, f"{text} = {value * share!r}", variance=variance)
    assert run.kind == "refuted"
    assert run.low <= value <= run.high


@pytest.mark.parametrize(
    "claim", ["density(X, 1) = 1/14", "density(X, 1) = 1/16", "density(X, 1) = 1/5", "density(X, 1) = 3/5"]
)
def test_wrong_densities_are_refuted(claim: str) -> None:
    assert judged(CUBE, claim).kind == "refuted"


@pytest.mark.parametrize(("relation", "low", "high"), [
    ("<", "supported", "refuted"), ("<=", "supported", "refuted"), (">", "refuted", "supported"),
    (">=", "refuted", "supported"), ("!=", "supported", "supported"), ("=", "refuted", "refuted"),
])  # fmt: skip
@pytest.mark.parametrize("margin", [None, 0.01])
def test_relations_both_ways(relation: str, low: str, high: str, margin: float | None) -> None:
    """E[X] is below 0.6 and above 0.4; and the same with the sides exchanged."""
    for bound, kind in ((0.6, low), (0.4, high)):
        if relation == "=" or margin is None or relation != "!=":
            assert judged(UNIFORM, f"E[X] {relation} {bound}", margin=margin).kind == kind
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(relation, relation)
        run = judged(UNIFORM, f"{bound} {turned} E[X]", margin=margin)
        assert (run.kind, run.relation, run.target, run.shown) == (kind, relation, bound, "E[X]")
        assert run.low <= 0.5 <= run.high


@pytest.mark.parametrize(("claim", "margin", "kind"), [
    ("E[X] < 1/2", None, "undecided"), ("E[X] < 1/2", 0.02, "undecided"), ("E[X] > 1/2", 0.02, "undecided"),
    ("E[X] <= 1/2", None, "undecided"), ("E[X] <= 1/2", 0.02, "supported"), ("E[X] >= 1/2", 0.02, "supported"),
    ("1/2 <= E[X]", 0.02, "supported"), ("E[X] != 1/2", None, "undecided"), ("E[X] = 1/2", 0.02, "supported"),
    ("E[X] = 1/2", 1e-6, "undecided"), ("E[X] <= E[X]", 0.05, "supported"), ("E[1 - X] = E[X]", 0.05, "supported"),
    ("E[X] - 1/2 = 0", 0.02, "supported"), ("0 = E[X] - 1/2", 0.02, "supported"),
])  # fmt: skip
def test_the_case_of_equality(claim: str, margin: float | None, kind: str) -> None:
    assert judged(UNIFORM, claim, margin=margin, most=2**17).kind == kind


def test_jensen() -> None:
    assert judged(MEANS, "E[log(A)] < log(p)").kind == "supported"
    assert judged(MEANS, "bias(log(A), log(p)) < 0").kind == "supported"
    assert judged(MEANS, "E[log(A)] = log(p)", margin=0.001).kind == "refuted"
    assert judged(MEANS, "log(E[A]) > E[log(A)]").kind == "supported"
    assert judged(MEANS, "E[A] = p").kind == "supported"
    assert judged(MEANS, "bias(A, p) = 0", margin=0.005).kind == "supported"


def test_a_small_budget_leaves_things_undecided() -> None:
    run = judged(UNIFORM, "E[X] = 1/2", most=5000)
    assert (run.kind, run.draws) == ("undecided", 5000)
    assert run.reason == "not settled by 5,000 draws"
    assert judged(UNIFORM, "E[X] = 0.505", most=5000).kind == "undecided"
    assert judged(UNIFORM, "E[X] = 0.6", most=5000).kind == "refuted"


def test_budgets_count_numbers_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOST_NUMBERS", 30_000)
    assert judged({"Z": ("3", "uniform(0, 1)")}, "E[Z_1] != 1/2").draws == 10_000
    assert judged({"Z": "uniform(0, 1)", "Y": "Z^2"}, "E[Z] != 1/2").draws == 30_000


def test_parts_of_a_batch_are_even_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the draws are parted, Var counts every pair once."""
    monkeypatch.setattr(simulation, "AT_ONCE", 1001)
    run = judged(UNIFORM, "Var[X] = 1/12", margin=1e-9, most=10_000)
    assert (run.draws, run.kind) == (5000, "undecided")
    assert run.low < 1 / 12 < run.high


@pytest.mark.parametrize(("described", "claim", "sentence"), [
    (NORMAL, "E[X] = 1", "X is not bounded; state a bound on its variance, as in variance: {X: 4}"),
    (NORMAL, "E[X^2] = 5", "X^2 is not bounded; state a bound on its variance, as in variance: {X^2: 4}"),
    (NORMAL, "Var[X] = 4", "Var[X] is not bounded; state a bound on the variance of half the squared difference"),
    (UNIFORM, "E[1/X] < 9", "1/X is not bounded"),
    ({"U": "uniform(0, 1)", "X": "exp(400*U)"}, "Var[X] = 1", "Var[X] is not bounded"),
    ({"U": "uniform(-1, 1)", "X": "U*10^308"}, "E[X] = 1", "X is not bounded"),
    ({"U": "uniform(-1, 1)", "X": "U*10^308"}, "density(X, 0) = 1", "density(X, 0): no window"),
    ({"X": "uniform(-1, 1)"}, "E[log(X)] = 1", "log(X) has no finite value for some of the draws"),
    ({"X": "uniform(-1, 1)"}, "P(log(X) < 1) = 1/2", "[log(X) < 1] has no finite value for some of the draws"),
    ({"X": "uniform(-1, 1)"}, "Var[sqrt(X)] = 1", "sqrt(X) has no finite value for some of the draws"),
    ({"X": "uniform(-1, 1)"}, "density(sqrt(X), 1/2) = 1", "sqrt(X) has no finite value for some of the draws"),
    ({"X": "uniform(-2, -1)"}, "E[log(X)] = 1", "log(X) has no finite value for some of the draws"),
    ({"X": "uniform(-2, -1)"}, "log(E[X]) = 1", "no value anywhere"),
    ({"K": "integers(0, 2)"}, "E[exp(-1/K)] = 1", "exp(-1/K) has no finite value for some of the draws"),
    ({"X": "normal(0, 1)"}, "P(exp(1000 X) > 1) = 1/2", "has no finite value for some of the draws"),
    (UNIFORM, "1 = 1", "there is nothing to estimate"), (UNIFORM, "X = 1", "there is nothing to estimate"),
    (UNIFORM, "E[X] = X", "`X` is no constant"), (UNIFORM, "E[X] < X", "`X` is no constant"),
    (UNIFORM, "density(X, X) = 1", "`X` is no constant"), (UNIFORM, "E[X] = infinity", "infinity is not a number"),
    (UNIFORM, "E[X] = 1/0", "has no value"), (UNIFORM, "density(X, 1/0) = 1", "has no value"),
    (UNIFORM, "E[X] = 0", "state a margin"), (UNIFORM, "E[X] = E[X^2]", "state a margin"),
    (UNIFORM, "E[integral(X*t, t=0..1)] = 1", "no formula in numbers"), (UNIFORM, "E[binom(X, 2)] = 1", "`binom`"),
    (MEANS, "E[Z_5] = 1", "the elements 1 to 4, not 5"), (MEANS, "E[Z_1] < Z_2", "`Z` is no constant"),
])  # fmt: skip
def test_what_cannot_be_estimated_is_told(described: Described, claim: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        judged(described, claim)
    assert sentence in str(caught.value)


def test_draws_that_a_stated_variance_cannot_give() -> None:
    with pytest.raises(Unreadable, match=r"E\[X\]: draws of a variance of at most 1e-300"):
        judged(NORMAL, "E[X] = 1", variance="X: 1e-300")


def test_only_what_is_stated_is_bounded() -> None:
    with pytest.raises(Unreadable, match="X is not bounded"):
        judged(NORMAL, "E[X] = 1", variance="X^2: 40")
    with pytest.raises(Unreadable, match=r"Var\[X\] is not bounded"):
        judged(NORMAL, "Var[X] = 4", variance="X: 4")
    assert judged(NORMAL, "E[X] = 1", variance="E[X]: 4").kind == "supported"


def test_each_statistic_has_its_sequence_and_its_share_of_alpha() -> None:
    model = build_model(NORMAL, {})
    claim = read_claim("E[X] + P(X < 1) + Var[cos(X)] = E[X] + 1", model.symbols)
    rules = Rules(alpha=0.03, margin=0.1, variances={stated(model, "X"): 4.0})
    judging = simulation._Judging(model, claim, "0", rules)
    kinds = [type(sequence) for sequence in judging.watched.values()]
    assert kinds == [VarianceSequence, BernoulliSequence, BoundedSequence]
    assert [sequence.alpha for sequence in judging.watched.values()] == pytest.approx([0.01] * 3)
    assert [type(s).__name__ for s in judging.watched.values()] == [e.how for e in judging.run().estimates]


def test_pairs_give_the_variance() -> None:
    """Half the squared difference of two independent draws has the variance as its mean."""
    model = build_model({"X": "integers(0, 1)"}, {})
    claim = read_claim("Var[X] = 1/4", model.symbols)
    judging = simulation._Judging(model, claim, "0", Rules())
    (statistic,) = claim.statistics()
    values = judging.values(statistic, model.draw(np.random.default_rng(1), 1001), 1001)
    assert set(values.tolist()) == {0.0, 0.5}
    assert values.size == 500
    assert judging.watched[statistic].interval[1] < 0.51


def test_two_statistics_hold_together() -> None:
    run = judged({"X": "uniform(0, 1)", "Y": "X^2"}, "Var[X] = E[Y] - E[X]^2", margin=0.002)
    assert run.kind == "supported"
    assert [e.text for e in run.estimates] == ["Var[X]", "E[Y]", "E[X]"]
    assert all(e.low <= value <= e.high for e, value in zip(run.estimates, (1 / 12, 1 / 3, 1 / 2), strict=True))
    assert (run.shown, run.target) == ("Var[X] - (E[Y] - E[X]^2)", 0)
    assert judged({"X": "uniform(0, 1)", "Y": "X^2"}, "E[Y] = E[X]^2", margin=0.01).kind == "refuted"


def test_the_same_seed_gives_the_same_run() -> None:
    first, again, other = (judged(MEANS, "E[A] < 0.75", seed=seed) for seed in ("a", "a", "b"))
    assert first == again
    assert first.seed == again.seed != other.seed
    assert first.estimate != other.estimate


def test_where_is_added_to_the_text_alone() -> None:
    model = build_model(UNIFORM, {})
    claim = read_claim("E[X] <  0.6", model.symbols)
    run, plain = (judge_claim(model, claim, "s", Rules(), where) for where in (", k = 1", ""))
    assert (run.claim, plain.claim) == ("E[X] < 0.6, k = 1", "E[X] < 0.6")
    assert run.track == plain.track


@pytest.mark.parametrize(("described", "point", "values"), [
    (UNIFORM, "0", ("1", "1/2", "0.9", "0.1")), (UNIFORM, "1", ("1", "1/2", "0.9", "0.1")),
    ({"X": "bernoulli(1/2)"}, "1", ("1/2", "1", "1000", "0.001")), ({"X": "bernoulli(1/2)"}, "0", ("1/2", "1")),
    ({"Z": "normal(0, 1)", "X": "Z^2"}, "0", ("1", "100", "10^6", "0.2")),
    ({"X": "exponential(1)"}, "0", ("1", "1/2")), ({"X": "poisson(1)"}, "1", ("0.3679",)),
])  # fmt: skip
def test_where_there_is_no_density_nothing_is_supported(
    described: Described, point: str, values: tuple[str, ...]
) -> None:
    """Jumps, atoms and poles: no value is right there, and no value between the sides of a jump is refuted."""
    for value in values:
        run = judged(described, f"density(X, {point}) = {value}", most=2**19)
        assert run.kind != "supported"
        if run.kind == "refuted":
            assert not run.low <= run.target <= run.high


@pytest.mark.parametrize(("value", "kind"), [("1", "undecided"), ("1/10", "undecided"), ("1.1", "refuted")])
def test_between_the_sides_of_a_jump_nothing_is_refuted(value: str, kind: str) -> None:
    """By then there is an interval."""
    run = judged(UNIFORM, f"density(X, 0) = {value}", most=2**24)
    assert run.kind == kind
    assert run.low == pytest.approx(0, abs=1e-12)
    assert 1 <= run.high < 1.1


@pytest.mark.parametrize(("described", "claim"), [
    (UNIFORM, "density(X, 0) = 1"), (UNIFORM, "density(X, 0) = 1/2"), (UNIFORM, "density(X, 1) = 0.1"),
    ({"X": "bernoulli(1/2)"}, "density(X, 1) = 1/2"),
])  # fmt: skip
def test_jumps_are_told(described: Described, claim: str) -> None:
    run = judged(described, claim, most=2**19)
    assert run.kind == "undecided"
    assert "seems to jump at that point" in run.reason


POLES: list[Described] = [
    {"Z": "normal(0, 1)", "X": "Z^2"},
    {"X": "gamma(0.7, 1)"},
    {"A": "uniform(-1, 1)", "X": "sign(A)*abs(A)^1.3"},
    {"A": "uniform(-1, 1)", "X": "sign(A)*abs(A)^1.1"},
]


@pytest.mark.parametrize("described", POLES)
@pytest.mark.parametrize("relation", ["< 100", "< 1", "> 1000", "> 1/100", "= 1", "!= 1"])
def test_an_infinite_density_is_above_every_bound(described: Described, relation: str) -> None:
    """And equal to nothing. But how should draws know? They say nothing."""
    assert judged(described, f"density(X, 0) {relation}", most=2**18).kind == "undecided"


@pytest.mark.parametrize(("described", "value"), [
    ({"B": "beta(2, 2)", "S": "bernoulli(1/2)", "X": "(2 S - 1) B^2"}, "3/2"),
    ({"B": "beta(3/2, 1)", "S": "bernoulli(1/2)", "X": "(2 S - 1) B"}, "0"),
])  # fmt: skip
def test_densities_at_cusps_are_not_refuted(described: Described, value: str) -> None:
    for seed in "abc":
        assert judged(described, f"density(X, 0) = {value}", seed, margin=0.02, most=2**19).kind == "undecided"


CLAIMS = [
    (UNIFORM, "E[X] = 1/2", ""), (UNIFORM, "0.51 > E[X]", ""), (UNIFORM, "1/(E[X] - 1/2) > 5", ""),
    (UNIFORM, "log(E[X] - 1/2) < 0", ""), (NORMAL, "1/E[X - 1] < 3", "X - 1: 4"),
    (NORMAL, "sqrt(E[X - 1]) < 3", "X - 1: 4"),
    (NORMAL, "3 > log(E[X - 1])", "X - 1: 4"), (CUBE, "density(X, 1) = 1/15", ""), (UNIFORM, "density(X, 0) = 1", ""),
    (UNIFORM, "E[X]/density(X, 1/2) < 3/4", ""), ({"K": "integers(-1, 1)"}, "1/E[K] > 0", ""),
    (UNIFORM, "0 = E[X - 1/2] * E[1/(X + 1)]", ""), ({"X": "bernoulli(1/2)"}, "density(X, 1) >= 0", ""),
]  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(CLAIMS), st.integers(0, 10**9))
def test_tracks_are_ordered_and_end_where_the_run_does(case: tuple[Described, str, str], seed: int) -> None:
    described, claim, variance = case
    run = judged(described, claim, str(seed), variance, margin=0.001, most=2**15)
    assert [moment.draws for moment in run.track] == sorted({moment.draws for moment in run.track})
    for moment in run.track:
        assert moment.low <= moment.estimate <= moment.high
    last = run.track[-1]
    assert (last.draws, last.low, last.estimate, last.high) == (run.draws, run.low, run.estimate, run.high)


@settings(max_examples=25)
@given(st.integers(0, 10**9), st.sampled_from(["E[X] = 1/2", "Var[X] = 1/12", "P(X < 1/3) >= 1/3", "E[X^2] <= 1/3"]))
def test_true_claims_are_never_refuted(seed: int, claim: str) -> None:
    assert judged(UNIFORM, claim, str(seed), margin=0.001, most=2**14).kind != "refuted"


def test_outside_the_support_the_density_is_zero() -> None:
    assert judged(UNIFORM, "density(X, 5) = 0", margin=0.01).kind == "supported"
    assert judged(UNIFORM, "density(X, 5) = 1").kind == "refuted"
    run = judged({"X": "uniform(-1, 1)"}, "density(X, 2) = 0", margin=0.01)
    assert (run.kind, run.draws) == ("supported", 2**20)
    assert judged({"X": "uniform(-1, 1)"}, "density(X, 2) = 0", margin=0.01, most=2**19).kind == "undecided"
    assert judged({"X": "uniform(-1, 1)"}, "density(X, 11/10) = 0", margin=0.01).kind == "supported"


def test_intervals_of_a_mean_only_narrow() -> None:
    track = judged(UNIFORM, "E[X] = 1/2", margin=1e-6, most=2**17).track
    assert [moment.draws for moment in track] == [2**k for k in range(12, 18)]
    assert all(a.low <= b.low and b.high <= a.high for a, b in pairwise(track))


def test_nothing_is_concluded_from_an_empty_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    def emptied(self: BoundedSequence, *_: float) -> None:
        self.interval, self.empty, self.estimate = (0.9, 0.95), True, 0.92

    monkeypatch.setattr(BoundedSequence, "_conclude", emptied)
    run = judged(UNIFORM, "E[X] = 1/2", most=2**14)
    assert run.kind == "undecided"
    assert run.reason == "the draws of E[X] contradict what is assumed or stated of them"


def test_the_largest_family_fits_into_memory() -> None:
    described: Described = {"Z": ("300", "uniform(0, 1)"), "A": "sum(Z_i, i=1..300)/300"}
    run = judged(described, "E[A] = 1/2")
    assert run.kind == "supported"
    assert judged(described, "Var[A] < 1/2000").kind == "supported"


def test_many_draws_are_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    model = build_model({"Z": ("300", "bernoulli(1/2)")}, {})
    claim = read_claim("P(Z_300 = 1) = 0.49", model.symbols)
    judging = simulation._Judging(model, claim, "0", Rules(margin=0.001))
    draw = Model.draw
    monkeypatch.setattr(Model, "draw", lambda self, rng, count: sizes.append(count) or draw(self, rng, count))
    assert judging.run().kind in ("refuted", "undecided")
    assert max(sizes) * 300 <= simulation.AT_ONCE
    assert all(size % 2 == 0 for size in sizes)
