"""Draws from the distributions that ``math.distributions`` names, and the ranges of their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.errors import Unreadable
from grader.math.distributions import LAWS
from grader.montecarlo.ranges import Range
from grader.montecarlo.vectors import Array

_MOST_TRIALS = 10**9
_LEAST = 1e-9  # probability of a trial: more of them than this takes are not counted in 64 bits


def _within(low: float, high: float) -> Callable[[Any], Any]:
    return lambda x: (x >= low) & (x <= high)


def _positive(x: Any) -> Any:
    return (x > 0) & (x < math.inf)


def _finite(x: Any) -> Any:
    return np.isfinite(x)


def _counts(x: Any) -> Any:
    return (x >= 0) & (x == np.floor(x)) & (x <= _MOST_TRIALS)


def _whole(x: Any) -> Any:
    return (x == np.floor(x)) & (np.abs(x) <= _MOST_TRIALS)


_PROBABILITY = (_within(0, 1), "a number from 0 to 1")
_SCALE = (_positive, "a positive number")
_ANY = (_finite, "a number")
# by parameter, in the words of LAWS: whether a value is possible, and what is expected
_PARAMETERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "low": _ANY, "high": _ANY, "mean": _ANY, "location": _ANY,
    "standard deviation": _SCALE, "scale": _SCALE, "rate": _SCALE, "shape": _SCALE,
    "first shape": _SCALE, "second shape": _SCALE, "degrees of freedom": _SCALE,
    "probability": _PROBABILITY,
    "trials": (_counts, "a whole number"), "least": (_whole, "a whole number"), "greatest": (_whole, "a whole number"),
}  # fmt: skip
# what is asked of the parameters together, or by one distribution alone, and how it is told where it does not hold
_TOGETHER: dict[str, tuple[Callable[..., Any], Callable[..., str]]] = {
    "uniform": (np.less, lambda low, high: f"the ends are in the wrong order: {low:g} and {high:g}"),
    "integers": (np.less_equal, lambda least, most: f"the ends are in the wrong order: {least:g} and {most:g}"),
    "categorical": (
        lambda *weights: np.abs(sum(weights) - 1) <= 1e-9,
        lambda *weights: f"the probabilities do not add up to 1, but to {sum(weights):.12g}",
    ),
    "geometric": (
        lambda p: p >= _LEAST,
        lambda p: f"the probability is a positive number, {_LEAST:g} or more, not {p:g}",
    ),
    "poisson": (lambda rate: rate <= _MOST_TRIALS, lambda rate: f"the rate is at most {_MOST_TRIALS:,}, not {rate:g}"),
}


def check_parameters(law: str, parameters: Sequence[Array]) -> None:
    """Raise Unreadable, with the parameter and its value, for a distribution that cannot be."""
    names = LAWS[law] or ["probability"] * len(parameters)
    for name, found in zip(names, parameters, strict=True):
        possible, expected = _PARAMETERS[name]
        values = np.atleast_1d(np.asarray(found, float))
        wrong = values[~np.asarray(possible(values), bool)]
        if wrong.size:
            raise Unreadable(f"{law}: the {name} is {expected}, not {wrong[0]:g}")
    if law in _TOGETHER:
        possible, sentence = _TOGETHER[law]
        each = np.broadcast_arrays(*map(np.atleast_1d, parameters))
        wrong = np.flatnonzero(~np.asarray(possible(*each), bool))
        if wrong.size:
            raise Unreadable(f"{law}: {sentence(*(float(values[wrong[0]]) for values in each))}")


def draw(law: str, parameters: Sequence[Array], rng: np.random.Generator, count: int) -> Array:
    """``count`` independent draws; parameters are numbers or arrays of as many. Raises Unreadable."""
    check_parameters(law, parameters)
    return np.asarray(_DRAWN[law](rng, count, *parameters), float)


def _categorical(rng: np.random.Generator, count: int, *weights: Array) -> Array:
    drawn, found, below = rng.random(count), np.ones(count), np.zeros(count)
    for weight in weights[:-1]:
        below = below + weight
        found += drawn >= below
    return found


def _uniform(rng: np.random.Generator, count: int, low: Array, high: Array) -> Array:
    return low + (high - low) * rng.random(count)


_DRAWN: dict[str, Callable[..., Any]] = {
    "uniform": _uniform,
    "normal": lambda rng, n, mean, deviation: mean + deviation * rng.standard_normal(n),
    "laplace": lambda rng, n, at, scale: rng.laplace(at, scale, n),
    "logistic": lambda rng, n, at, scale: rng.logistic(at, scale, n),
    "cauchy": lambda rng, n, at, scale: at + scale * rng.standard_cauchy(n),
    "exponential": lambda rng, n, rate: rng.standard_exponential(n) / rate,
    "gamma": lambda rng, n, shape, rate: rng.standard_gamma(shape, n) / rate,
    "beta": lambda rng, n, a, b: rng.beta(a, b, n),
    "student": lambda rng, n, degrees: rng.standard_t(degrees, n),
    "bernoulli": lambda rng, n, p: rng.random(n) < p,
    "binomial": lambda rng, n, trials, p: rng.binomial(np.asarray(trials).astype(int), p, n),
    "geometric": lambda rng, n, p: rng.geometric(p, n),
    "poisson": lambda rng, n, rate: rng.poisson(rate, n),
    "integers": lambda rng, n, least, greatest: rng.integers(
        np.asarray(least).astype(int), np.asarray(greatest).astype(int) + 1, n
    ),
    "categorical": _categorical,
}


def support(law: str, parameters: Sequence[Range]) -> Range:
    """A range that holds every value."""
    match law:
        case "uniform" | "integers":
            return parameters[0][0], parameters[1][1]
        case "bernoulli" | "beta":
            return 0.0, 1.0
        case "binomial":
            return 0.0, parameters[0][1]
        case "categorical":
            return 1.0, float(len(parameters))
        case "exponential" | "gamma" | "poisson":
            return 0.0, math.inf
        case "geometric":
            return 1.0, math.inf
        case _:
            return -math.inf, math.inf
