"""Draws have the means, variances and values that textbooks give; distributions that cannot be are refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.distributions import LAWS
from grader.montecarlo.laws import check_parameters, draw, support
from grader.montecarlo.model import Misdescribed, build_model
from grader.montecarlo.vectors import Array

N = 40_000
Z = 6.0


def _sums(least: int, probability: Callable[[int], float]) -> Callable[[float], float]:
    return lambda x: math.fsum(probability(i) for i in range(least, math.floor(x) + 1))


def _student_4(x: float) -> float:
    return 0.5 + 3 / 8 * x / math.sqrt(1 + x * x / 4) * (1 - x * x / (12 + 3 * x * x))


# law, parameters -> mean, variance (nan where they say nothing), distribution function, all from textbooks
KNOWN: list[tuple[str, tuple[float, ...], float, float, Callable[[float], float]]] = [
    ("uniform", (-2, 3), 0.5, 25 / 12, lambda x: (x + 2) / 5),
    ("normal", (1, 3), 1, 9, lambda x: (1 + math.erf((x - 1) / 3 / math.sqrt(2))) / 2),
    ("laplace", (1, 2), 1, 8, lambda x: math.exp((x - 1) / 2) / 2 if x < 1 else 1 - math.exp((1 - x) / 2) / 2),
    ("logistic", (1, 2), 1, 4 * math.pi**2 / 3, lambda x: 1 / (1 + math.exp((1 - x) / 2))),
    ("cauchy", (1, 2), math.nan, math.nan, lambda x: 0.5 + math.atan((x - 1) / 2) / math.pi),
    ("exponential", (4,), 1 / 4, 1 / 16, lambda x: 1 - math.exp(-4 * x)),
    ("gamma", (3, 4), 3 / 4, 3 / 16, lambda x: 1 - math.exp(-4 * x) * (1 + 4 * x + 8 * x * x)),
    ("gamma", (0.5, 0.25), 2, 8, lambda x: math.erf(math.sqrt(x / 4))),
    ("beta", (2, 6), 1 / 4, 1 / 48, lambda x: 1 - (1 - x) ** 7 - 7 * x * (1 - x) ** 6),
    ("student", (4,), math.nan, math.nan, _student_4),
    ("bernoulli", (0.2,), 0.2, 0.16, lambda x: 0.8 if x < 1 else 1),
    ("binomial", (10, 0.3), 3, 2.1, _sums(0, lambda i: math.comb(10, i) * 0.3**i * 0.7 ** (10 - i))),
    ("geometric", (0.25,), 4, 12, lambda x: 1 - 0.75 ** math.floor(x)),
    ("poisson", (2.5,), 2.5, 2.5, _sums(0, lambda i: math.exp(-2.5) * 2.5**i / math.factorial(i))),
    ("integers", (-1, 4), 1.5, 35 / 12, lambda x: (math.floor(x) + 2) / 6),
    ("categorical", (0.5, 0.2, 0.3), 1.8, 0.76, lambda x: [0, 0.5, 0.7, 1][math.floor(x)]),
]
DISCRETE = {"bernoulli", "binomial", "geometric", "poisson", "integers", "categorical"}


def drawn(law: str, parameters: tuple[float, ...], n: int = N, seed: int = 7) -> Array:
    return draw(law, [np.asarray(p, float) for p in parameters], np.random.default_rng(seed), n)


@pytest.mark.parametrize(("law", "parameters", "mean", "variance", "cdf"), KNOWN)
def test_draws_are_of_the_law(
    law: str, parameters: tuple[float, ...], mean: float, variance: float, cdf: Callable[[float], float]
) -> None:
    x = drawn(law, parameters)
    assert x.shape == (N,)
    if not math.isnan(mean):
        assert abs(x.mean() - mean) <= Z * math.sqrt(variance / N)
        squares = (x - mean) ** 2
        assert abs(squares.mean() - variance) <= Z * squares.std() / math.sqrt(N)
    for at in np.unique(np.quantile(x, [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1])):
        p = cdf(float(at))
        assert abs(np.mean(x <= at) - p) <= Z * math.sqrt(max(p * (1 - p), 0) / N) + 1e-3
    assert bool(np.all(x == np.floor(x))) == (law in DISCRETE)
    low, high = support(law, [(p, p) for p in parameters])
    assert low <= x.min()
    assert x.max() <= high


def test_every_law_is_known() -> None:
    assert {law for law, *_ in KNOWN} == set(LAWS)


@pytest.mark.parametrize(
    ("law", "parameters", "values"),
    [
        ("bernoulli", (0.5,), {0, 1}),
        ("bernoulli", (0,), {0}),
        ("bernoulli", (1,), {1}),
        ("binomial", (2, 0.5), {0, 1, 2}),
        ("binomial", (0, 0.5), {0}),
        ("geometric", (1,), {1}),
        ("integers", (-1, 1), {-1, 0, 1}),
        ("integers", (5, 5), {5}),
        ("categorical", (0.5, 0, 0.5), {1, 3}),
        ("categorical", (1,), {1}),
        ("categorical", (0, 1), {2}),
    ],
)
def test_values_of_counts(law: str, parameters: tuple[float, ...], values: set[int]) -> None:
    assert set(drawn(law, parameters, 200).tolist()) == values
    low, high = support(law, [(p, p) for p in parameters])
    assert low <= min(values) <= max(values) <= high


@pytest.mark.parametrize(("law", "parameters", "low", "high"), [
    ("uniform", (-2, 3), -2, 3), ("integers", (-2, 3), -2, 3), ("normal", (0, 1), -math.inf, math.inf),
    ("exponential", (3,), 0, math.inf), ("gamma", (1, 3), 0, math.inf), ("poisson", (3,), 0, math.inf),
    ("geometric", (0.5,), 1, math.inf), ("binomial", (7, 0.5), 0, 7), ("beta", (1, 3), 0, 1),
    ("bernoulli", (0.5,), 0, 1), ("categorical", (0.1,) * 10, 1, 10), ("cauchy", (0, 1), -math.inf, math.inf),
])  # fmt: skip
def test_supports(law: str, parameters: tuple[float, ...], low: float, high: float) -> None:
    assert support(law, [(p, p) for p in parameters]) == (low, high)


def test_supports_of_uncertain_ends_reach_as_far_as_any() -> None:
    assert support("uniform", [(0, 1), (2, 3)]) == (0, 3)
    assert support("integers", [(-2, 1), (2, 9)]) == (-2, 9)
    assert support("binomial", [(0, 5), (0, 1)]) == (0, 5)


@settings(max_examples=100)
@given(st.sampled_from(sorted(LAWS)), st.data())
def test_parameters_may_be_arrays(law: str, data: st.DataObject) -> None:
    """One draw for each value of the parameters, inside the support of them all."""
    columns = [parameters for name, parameters, *_ in KNOWN if name == law]
    chosen = [data.draw(st.sampled_from(columns)) for _ in range(50)]
    arrays = [np.array(column, float) for column in zip(*chosen, strict=True)]
    x = draw(law, arrays, np.random.default_rng(data.draw(st.integers(0, 99))), 50)
    assert x.shape == (50,)
    low, high = support(law, [(a.min(), a.max()) for a in arrays])
    assert low <= x.min()
    assert x.max() <= high


def test_each_draw_has_its_own_parameters() -> None:
    which = np.arange(1000) % 2
    x = draw("normal", [which * 100.0, np.where(which, 1e-3, 1e-6)], np.random.default_rng(1), 1000)
    assert np.abs(x[which == 0]).max() < 1e-4
    assert 5e-4 < np.abs(x[which == 1] - 100).max() < 1e-2
    weights = [1.0 - which, which.astype(float)]
    assert np.array_equal(draw("categorical", weights, np.random.default_rng(1), 1000), 1.0 + which)


NAN, INF = math.nan, math.inf
IMPOSSIBLE: list[tuple[str, tuple[float, ...], str]] = [
    *(("uniform", p, "the low is a number") for p in [(NAN, 1), (-INF, 1)]),
    *(("uniform", p, "the high is a number") for p in [(0, NAN), (0, INF)]),
    ("uniform", (1, 0), "the ends are in the wrong order: 1 and 0"),
    ("uniform", (1, 1), "the ends are in the wrong order: 1 and 1"),
    ("integers", (1, 0), "the ends are in the wrong order: 1 and 0"),
    ("integers", (0.5, 2), "the least is a whole number, not 0.5"),
    ("integers", (0, 2.5), "the greatest is a whole number, not 2.5"),
    ("integers", (0, 1e10), "the greatest is a whole number, not 1e+10"),
    *(("normal", (0, s), f"the standard deviation is a positive number, not {s:g}") for s in (0, -1, NAN, INF)),
    ("normal", (INF, 1), "the mean is a number, not inf"),
    *((law, (0, s), f"the scale is a positive number, not {s:g}") for law in ("laplace", "logistic", "cauchy")
      for s in (0, -2)),
    *((law, (NAN, 1), "the location is a number, not nan") for law in ("laplace", "logistic", "cauchy")),
    *(("exponential", (r,), f"the rate is a positive number, not {r:g}") for r in (0, -1, INF)),
    ("gamma", (0, 1), "the shape is a positive number, not 0"),
    ("gamma", (1, 0), "the rate is a positive number, not 0"),
    ("beta", (0, 1), "the first shape is a positive number, not 0"),
    ("beta", (1, -1), "the second shape is a positive number, not -1"),
    ("student", (0,), "the degrees of freedom is a positive number, not 0"),
    *(("bernoulli", (p,), f"the probability is a number from 0 to 1, not {p:g}") for p in (-0.1, 1.1, NAN)),
    ("binomial", (-1, 0.5), "the trials is a whole number, not -1"),
    ("binomial", (2.5, 0.5), "the trials is a whole number, not 2.5"),
    ("binomial", (2, 1.5), "the probability is a number from 0 to 1, not 1.5"),
    ("geometric", (0,), "or more, not 0"),
    ("geometric", (1e-12,), "or more, not 1e-12"),
    ("geometric", (2,), "the probability is a number from 0 to 1, not 2"),
    ("poisson", (0,), "the rate is a positive number, not 0"),
    ("poisson", (1e20,), "the rate is at most 1,000,000,000, not 1e+20"),
    ("categorical", (0.5, 0.6), "the probabilities do not add up to 1, but to 1.1"),
    ("categorical", (0.5,), "the probabilities do not add up to 1, but to 0.5"),
    ("categorical", (-0.5, 1.5), "the probability is a number from 0 to 1, not -0.5"),
]  # fmt: skip


@pytest.mark.parametrize(("law", "parameters", "sentence"), IMPOSSIBLE)
def test_impossible_parameters_are_named(law: str, parameters: tuple[float, ...], sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        check_parameters(law, [np.asarray(p) for p in parameters])
    assert str(caught.value).startswith(f"{law}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("law", "parameters", "sentence"), IMPOSSIBLE)
def test_one_impossible_draw_among_many_is_enough(law: str, parameters: tuple[float, ...], sentence: str) -> None:
    good = next((p for name, p, *_ in KNOWN if name == law and len(p) == len(parameters)), (0.3,) * 2)
    if law == "categorical":
        good = (1 / len(parameters),) * len(parameters)
    arrays = [np.full(100, float(p)) for p in good]
    check_parameters(law, arrays)
    for array, wrong in zip(arrays, parameters, strict=True):
        array[57] = wrong
    with pytest.raises(Unreadable) as caught:
        draw(law, arrays, np.random.default_rng(0), 100)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("law", "parameters", "sentence"), [
    ("normal", "0, A", "normal: the standard deviation is a positive number, not -"),
    ("uniform", "0, A", "uniform: the ends are in the wrong order: 0 and -"),
    ("integers", "A, 3", "integers: the least is a whole number, not "),
    ("gamma", "1, A", "gamma: the rate is a positive number, not -"),
    ("bernoulli", "A", "bernoulli: the probability is a number from 0 to 1, not -"),
    ("categorical", "A^2, 1/2", "categorical: the probabilities do not add up to 1, but to "),
    ("exponential", "-log(A)", "exponential: the rate is a positive number, not nan"),
    ("poisson", "10^10 * A^2", "poisson: the rate is at most "),
])  # fmt: skip
def test_parameters_that_some_draws_make_impossible(law: str, parameters: str, sentence: str) -> None:
    model = build_model({"A": "uniform(-1, 1)", "B": f"{law}({parameters})"}, {})
    with np.errstate(all="ignore"), pytest.raises(Misdescribed) as caught:
        model.draw(np.random.default_rng(0), 1000)
    assert caught.value.name == "B"
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("law", "parameters"), [
    ("poisson", (1e9,)), ("geometric", (1e-9,)), ("binomial", (1e9, 0.5)), ("integers", (-1e9, 1e9)),
    ("gamma", (1e-300, 1)), ("beta", (1e-300, 1e-300)), ("student", (1e-3,)), ("uniform", (1e9, 1e9 + 1e-6)),
])  # fmt: skip
def test_extreme_parameters_stay_inside_their_support(law: str, parameters: tuple[float, ...]) -> None:
    x = drawn(law, parameters, 1000)
    low, high = support(law, [(p, p) for p in parameters])
    assert not np.isnan(x).any()
    assert low <= x.min()
    assert x.max() <= high
