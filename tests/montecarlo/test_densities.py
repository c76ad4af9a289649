"""Densities at a point: true ones stay inside, near misses leave, and nothing false is certain at atoms and jumps."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from grader.montecarlo.densities import DensitySequence, _Counts, pilot_width
from grader.montecarlo.sequences import FloatArray, batches
from tests.montecarlo.test_sequences import draws_to_exclude, most_failures

Draw = Callable[[np.random.Generator, int], FloatArray]
SURE = 1e-9


def cube(rng: np.random.Generator, n: int) -> FloatArray:
    z = rng.uniform(-2, 3, n)
    return z * z * z


def normal(rng: np.random.Generator, n: int) -> FloatArray:
    return rng.standard_normal(n)


def exponential(rng: np.random.Generator, n: int) -> FloatArray:
    return rng.standard_exponential(n)


def two_sides(left: float, right: float) -> Draw:
    """These densities on (-1, 0) and on (0, 1), and the rest of the mass far away."""

    def draw(rng: np.random.Generator, n: int) -> FloatArray:
        which, where = rng.random(n), rng.random(n)
        return np.where(which < left, -where, np.where(which < left + right, where, 50.0))

    return draw


def sloping(left: float) -> Draw:
    """(1 + x)/2 on (-1, 1), but for x < 0 only ``left`` of it, and the rest of the mass far away."""

    def draw(rng: np.random.Generator, n: int) -> FloatArray:
        x = 2 * np.sqrt(rng.random(n)) - 1
        return np.where((x < 0) & (rng.random(n) >= left), 50.0, x)

    return draw


def bell(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# draw, point, density there
TRUE_CLAIMS: dict[str, tuple[Draw, float, float]] = {
    "normal at 0": (normal, 0.0, bell(0)),
    "normal at 1": (normal, 1.0, bell(1)),
    "normal at 3": (normal, 3.0, bell(3)),
    "normal, nothing there": (normal, 9.0, 0.0),
    "exponential at 1": (exponential, 1.0, math.exp(-1)),
    "exponential near its edge": (exponential, 0.1, math.exp(-0.1)),
    "cube at 1": (cube, 1.0, 1 / 15),
    "cube nearer to its pole": (cube, 0.2, 0.2 ** (-2 / 3) / 15),
    "beta(2, 5)": (lambda rng, n: rng.beta(2, 5, n), 0.3, 30 * 0.3 * 0.7**4),
    "Laplace at its kink": (lambda rng, n: rng.laplace(size=n), 0.0, 0.5),
    "triangle at its kink": (lambda rng, n: rng.triangular(0, 0.5, 1, n), 0.5, 2.0),
    "Cauchy": (lambda rng, n: rng.standard_cauchy(n), 0.5, 1 / (math.pi * 1.25)),
    "square of a normal": (lambda rng, n: rng.standard_normal(n) ** 2, 1.0, bell(1)),
    "uniform": (lambda rng, n: rng.random(n), 0.4, 1.0),
}


@pytest.mark.parametrize("name", TRUE_CLAIMS)
@pytest.mark.parametrize("widening", [1.0, 3.0])
def test_true_densities_stay_inside(name: str, widening: float) -> None:
    """Also from a width far too large, which reaches over edges and poles."""
    draw, point, density = TRUE_CLAIMS[name]
    rng = np.random.default_rng(21)
    sequence = DensitySequence(point, widening * pilot_width(draw(rng, 4096), point), 1e-3)
    for size in batches(1 << 21):
        sequence.update(draw(rng, size))
        assert sequence.interval[0] <= density <= sequence.interval[1]
        assert not sequence.empty
        assert not sequence.atom
    assert widening > 1 or sequence.interval[1] - sequence.interval[0] < max(0.4 * density, 0.02)


def test_true_densities_are_excluded_as_rarely_as_promised() -> None:
    runs, alpha, failures = 300, 0.05, 0
    for seed in range(runs):
        rng, sequence = np.random.default_rng(seed), DensitySequence(0.0, 0.67, alpha)
        excluded = False
        for size in (1000, 1000, 2000, 4000):
            sequence.update(normal(rng, size))
            excluded |= not sequence.interval[0] <= bell(0) <= sequence.interval[1]
        failures += excluded
    assert failures <= most_failures(runs, alpha)


SETTLED = {
    "1/15, not 1/14": ([1 / 14], 1 << 25),
    "1/15, not 1/16": ([1 / 16], 1 << 25),
    "1/15, neither": ([1 / 14, 1 / 16], 1 << 25),
    "1/15, not 1/5": ([1 / 5], 1 << 17),
    "1/15, not 3/5": ([3 / 5], 1 << 15),
}


@pytest.mark.parametrize("name", SETTLED)
def test_near_misses_are_excluded_within_these_draws(name: str) -> None:
    claims, most = SETTLED[name]
    width = pilot_width(cube(np.random.default_rng(22), 4096), 1.0)
    sequence = DensitySequence(1.0, width, SURE)
    draws = draws_to_exclude(sequence, cube, claims, most)
    print(f"{name}: {draws:,} draws, level {sequence.level}, bias at most {sequence.bias:.4f}, {sequence.interval}")
    assert draws <= most
    assert sequence.interval[0] <= 1 / 15 <= sequence.interval[1]
    assert sequence.estimate == pytest.approx(1 / 15, rel=0.2)


JUMPS: dict[str, tuple[Draw, float, tuple[float, float], bool]] = {
    "uniform at its edge": (lambda rng, n: rng.random(n), 0.0, (0.0, 1.0), True),
    "exponential at its edge": (exponential, 0.0, (0.0, 1.0), True),
    "a large jump": (two_sides(0.1, 0.9), 0.0, (0.1, 0.9), True),
    "a middling jump": (two_sides(0.6, 0.3), 0.0, (0.3, 0.6), True),
    "a small jump": (two_sides(0.45, 0.5), 0.0, (0.45, 0.5), False),
    "a jump on a slope": (sloping(0.5), 0.0, (0.25, 0.5), True),
    "a small jump on a slope": (sloping(0.9), 0.0, (0.45, 0.5), False),
    "a jump against a slope": (lambda rng, n: -sloping(0.3)(rng, n), 0.0, (0.15, 0.5), True),
}


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("seed", range(4))
def test_at_a_jump_neither_side_is_excluded(name: str, seed: int) -> None:
    draw, point, sides, noticed = JUMPS[name]
    rng = np.random.default_rng(seed)
    sequence = DensitySequence(point, pilot_width(draw(rng, 4096), point), SURE)
    for size in batches(1 << 20):
        sequence.update(draw(rng, size))
        assert sequence.interval[0] <= sides[0] <= sides[1] <= sequence.interval[1]
    assert sequence.jump or not noticed


@pytest.mark.parametrize("mass", [0.5, 0.01, 0.0003])
def test_at_an_atom_no_density_is_bounded(mass: float) -> None:
    rng, sequence = np.random.default_rng(6), DensitySequence(0.5, 0.6, SURE)
    for size in batches(1 << 18):
        x = rng.standard_normal(size)
        sequence.update(np.where(rng.random(size) < mass, 0.5, x))
    assert sequence.atom
    assert sequence.interval == (0.0, math.inf)


@pytest.mark.parametrize("mass", [0.5, 0.01])
def test_beside_an_atom_nothing_narrow_is_certain(mass: float) -> None:
    """All but at the point: no draw equals it, and the densities of windows double from level to level."""
    rng, sequence = np.random.default_rng(7), DensitySequence(0.5, 0.6, SURE)
    for size in batches(1 << 20):
        x = rng.standard_normal(size)
        sequence.update(np.where(rng.random(size) < mass, 0.5 + 1e-6, x))
        assert sequence.interval[1] > 1.5 * sequence.interval[0]
    assert not sequence.atom
    assert sequence.level is None or sequence.interval[1] > 1.5 * sequence.interval[0]


# --- Bounds on the bias, with the counts that are expected: as good as without chance ---

# probability of (0, t) and of (-t, 0); the densities on either side of 0
Sides = tuple[Callable[[float], float], Callable[[float], float], float, float]


def polynomial(*coefficients: float) -> Callable[[float], float]:
    """The integral from 0 to t of a density c_0 + c_1 t + …"""
    return lambda t: sum(c * t ** (k + 1) / (k + 1) for k, c in enumerate(coefficients))


def both(side: Callable[[float], float], density: float) -> Sides:
    return side, side, density, density


def edge(distance: float) -> Sides:
    """The standard exponential, its edge to the left at that distance."""
    at = math.exp(-distance)
    return lambda t: at * -math.expm1(-t), lambda t: at * math.expm1(min(t, distance)), at, at


def pole(distance: float) -> Sides:
    """The cube of a uniform number, its pole to the left at that distance."""

    def root(x: float) -> float:
        return math.copysign(abs(x) ** (1 / 3), x)

    right, left = (
        (lambda t: (root(distance + t) - root(distance)) / 5),
        (lambda t: (root(distance) - root(distance - t)) / 5),
    )
    return right, left, distance ** (-2 / 3) / 15, distance ** (-2 / 3) / 15


def cancelling(finest: float) -> Sides:
    """Two bumps whose differences cancel at the finest window."""

    def mean(scale: float, half: float) -> float:
        return math.sqrt(math.pi) / 2 * scale * math.erf(half / scale) / half

    narrow, wide = (mean(scale, finest) - mean(scale, 2 * finest) for scale in (0.02, 0.06))
    other = narrow / wide
    return both(lambda t: t * (0.5 + 0.05 * (mean(0.02, t) - other * mean(0.06, t))), 0.5 + 0.05 * (1 - other))


LIMITS: dict[str, Sides] = {
    "flat": both(polynomial(0.3), 0.3),
    "curved": both(polynomial(0.3, 0, -0.1), 0.3),
    "of fourth order": both(polynomial(0.3, 0, 0, 0, 0.1), 0.3),
    "Laplace": both(lambda t: -math.expm1(-t) / 2, 0.5),
    "sharp": both(lambda t: -math.expm1(-4 * t) / 2, 2.0),
    "kink and curve": both(polynomial(0.3, 0.02, -0.2), 0.3),
    "kink against curve": both(polynomial(0.3, -0.2, 0.2), 0.3),
    "a difference that vanishes": both(polynomial(0.2, 0, 0.5, 0, -0.6), 0.2),
    "a difference that vanishes at last": cancelling(1 / 64),
    "cusp": both(lambda t: 0.3 * t + 0.1 * t**1.75, 0.3),
    "slope": (polynomial(0.3, 0.2), polynomial(0.3, -0.2), 0.3, 0.3),
    "slope and kink": (polynomial(0.3, 0.2), polynomial(0.3, -0.1, 0.1), 0.3, 0.3),
    "jump": (polynomial(0.4, 0.1), polynomial(0.2, -0.1), 0.4, 0.2),
    "jump against a slope": (polynomial(0.2, 0.2), polynomial(0.25, -0.2), 0.2, 0.25),
    "jump and kink": (polynomial(0.3, -0.2), polynomial(0.35, -0.2), 0.3, 0.35),
    "edge at the point": (lambda t: -math.expm1(-t), lambda t: 0.0, 1.0, 0.0),
    **{f"edge at {d}": edge(d) for d in (0.3, 0.1, 0.04, 0.03, 0.02)},
    **{f"pole at {d}": pole(d) for d in (1.0, 0.3, 0.1)},
}


TAME = ("flat", "curved", "of fourth order", "Laplace", "cusp", "slope", "slope and kink", "pole at 1.0")


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("width", [1.0, 0.83, 0.7, 0.6])
def test_limits_are_bracketed(name: str, width: float) -> None:
    right, left, *densities = LIMITS[name]
    for draws in (10**4, 10**5, 10**6, 10**7, 10**8, 10**10, 10**13):
        sequence = DensitySequence(0.0, width, SURE)
        halves = [width / 2**j for j in range(7)]
        sequence._take(_Counts(draws, *([round(draws * side(half)) for half in halves] for side in (right, left))))
        assert sequence.interval[0] <= min(densities) <= max(densities) <= sequence.interval[1], (draws, sequence.level)
        assert not sequence.empty
    if name in TAME:
        assert sequence.interval[1] - sequence.interval[0] < 0.05 * densities[0]
    assert sequence.jump == (densities[0] != densities[1]) or name == "edge at 0.02"  # of the finest window's size


def test_an_edge_inside_the_windows_is_noticed() -> None:
    rng, sequence = np.random.default_rng(8), DensitySequence(0.005, 0.55, SURE)
    for size in batches(1 << 20):
        sequence.update(exponential(rng, size))
        assert sequence.interval[0] <= math.exp(-0.005) <= sequence.interval[1]


def test_before_the_first_draw_nothing_is_known() -> None:
    sequence = DensitySequence(0.0, 1.0, SURE)
    assert sequence.interval == (0.0, math.inf)
    assert math.isnan(sequence.estimate)
    assert sequence.level is None


@pytest.mark.parametrize(
    ("point", "width", "levels"), [(0, 0, 6), (0, -1, 6), (0, math.nan, 6), (math.inf, 1, 6), (0, 1, 1)]
)
def test_windows_must_exist(point: float, width: float, levels: int) -> None:
    with pytest.raises(ValueError, match=r"window|limit"):
        DensitySequence(point, width, SURE, levels)


def test_numbers_alone_are_draws() -> None:
    with pytest.raises(ValueError, match="finite"):
        DensitySequence(0.0, 1.0, SURE).update(np.array([math.nan]))
    with pytest.raises(ValueError, match="pilot"):
        pilot_width(np.array([]), 0.0)


def test_pilot_widths_stay_within_the_support() -> None:
    rng = np.random.default_rng(9)
    assert pilot_width(exponential(rng, 4096), 0.1) == pytest.approx(0.1, abs=0.01)
    assert 0.4 < pilot_width(exponential(rng, 4096), 0.0) < 0.7
    assert 0.6 < pilot_width(normal(rng, 4096), 0.0) < 0.75
    assert pilot_width(cube(rng, 4096), 0.2) < 0.4
    assert 0 < pilot_width(np.ones(50), 1.0) < 1
