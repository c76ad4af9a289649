"""Densities at a point: true ones stay inside, near misses leave, and nothing false is certain at atoms and jumps.

Tens of millions of draws pass before anything is said. Most of them are counts here, drawn by their chances.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grader.montecarlo.densities import _NOTHING, DensitySequence, _Counts, pilot_width
from grader.montecarlo.sequences import FloatArray, batches
from tests.montecarlo.test_sequences import most_failures

Draw = Callable[[np.random.Generator, int], FloatArray]
Mass = Callable[[float], float]
Sides = tuple[Mass, Mass, float, float]  # the mass of (0, t) and of (-t, 0); the densities on either side of 0
SURE = 1e-9
UNSAID = (0.0, math.inf)


def both(side: Mass, density: float) -> Sides:
    return side, side, density, density


def expected(sides: Sides, sequence: DensitySequence, draws: int) -> _Counts:
    """The counts that so many draws have on the average: as good as without chance."""
    return _Counts(draws, *([round(draws * side(half)) for half in sequence._halves] for side in sides[:2]))


def drawn(rng: np.random.Generator, sides: Sides, sequence: DensitySequence, draws: int) -> _Counts:
    """The counts of so many draws."""
    rings = np.array([np.diff([0.0, *(side(half) for half in sequence._halves[::-1])]) for side in sides[:2]]).ravel()
    cells = rng.multinomial(draws, [*np.maximum(rings, 0), 1 - rings.sum()])[:-1]
    return _Counts(draws, *(np.cumsum(side)[::-1].tolist() for side in cells.reshape(2, -1)))


def along(sequence: DensitySequence, draw: Draw, sides: Sides, seed: int, most: int = 1 << 32) -> Iterator[None]:
    """Stop after each batch: of draws at first, and then of counts."""
    rng = np.random.default_rng(seed)
    for size in batches(1 << 17):
        sequence.update(draw(rng, size))
        yield
    while sequence.draws < most:
        sequence._take(drawn(rng, sides, sequence, sequence.draws))
        yield


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


def signed(draw: Draw) -> Draw:
    """With a random sign."""
    return lambda rng, n: draw(rng, n) * rng.choice([-1.0, 1.0], n)


def bell(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_below(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def exponential_below(x: float) -> float:
    return -math.expm1(-max(x, 0.0))


def cube_below(x: float) -> float:
    return min(max((math.copysign(abs(x) ** (1 / 3), x) + 2) / 5, 0.0), 1.0)


def beta_below(x: float) -> float:
    """Six numbers of which two at least are below x."""
    x = min(max(x, 0.0), 1.0)
    return 1 - (1 - x) ** 6 - 6 * x * (1 - x) ** 5


def triangle_below(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return 2 * x * x if x < 0.5 else 1 - 2 * (1 - x) ** 2


def around(below: Mass, point: float, density: float) -> Sides:
    return (
        (lambda t: below(point + t) - below(point)),
        (lambda t: below(point) - below(point - t)),
        density,
        density,
    )


# draw, the chance to lie below a number, point, density there
TRUE_CLAIMS: dict[str, tuple[Draw, Mass, float, float]] = {
    "normal at 0": (normal, normal_below, 0.0, bell(0)),
    "normal at 1": (normal, normal_below, 1.0, bell(1)),
    "normal at 3": (normal, normal_below, 3.0, bell(3)),
    "normal, nothing there": (normal, normal_below, 9.0, 0.0),
    "exponential at 1": (exponential, exponential_below, 1.0, math.exp(-1)),
    "exponential near its edge": (exponential, exponential_below, 0.1, math.exp(-0.1)),
    "cube at 1": (cube, cube_below, 1.0, 1 / 15),
    "cube nearer to its pole": (cube, cube_below, 0.2, 0.2 ** (-2 / 3) / 15),
    "beta(2, 5)": (lambda rng, n: rng.beta(2, 5, n), beta_below, 0.3, 30 * 0.3 * 0.7**4),
    "Laplace at its kink": (
        lambda rng, n: rng.laplace(size=n),
        lambda x: 0.5 + math.copysign(math.expm1(-abs(x)), x) / 2,
        0.0,
        0.5,
    ),
    "triangle at its kink": (lambda rng, n: rng.triangular(0, 0.5, 1, n), triangle_below, 0.5, 2.0),
    "Cauchy": (
        lambda rng, n: rng.standard_cauchy(n),
        lambda x: math.atan(x) / math.pi + 0.5,
        0.5,
        1 / (math.pi * 1.25),
    ),
    "square of a normal": (
        lambda rng, n: rng.standard_normal(n) ** 2,
        lambda x: math.erf(math.sqrt(max(x, 0.0) / 2)),
        1.0,
        bell(1),
    ),
    "uniform": (lambda rng, n: rng.random(n), lambda x: min(max(x, 0.0), 1.0), 0.4, 1.0),
}


@pytest.mark.parametrize("name", TRUE_CLAIMS)
def test_draws_are_counted_where_they_fall(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    draw, below, point, density = TRUE_CLAIMS[name]
    rng, sequence = np.random.default_rng(20), DensitySequence(point, 0.7, SURE)
    seen: list[_Counts] = []
    monkeypatch.setattr(sequence, "_take", seen.append)
    sequence.update(draw(rng, 1 << 16))
    mean = expected(around(below, point, density), sequence, 1 << 16)
    assert seen[0].draws == mean.draws
    assert all(abs(a - b) <= 6 * math.sqrt(b) + 3 for a, b in zip(seen[0].right, mean.right, strict=True))
    assert all(abs(a - b) <= 6 * math.sqrt(b) + 3 for a, b in zip(seen[0].left, mean.left, strict=True))


@pytest.mark.parametrize("name", TRUE_CLAIMS)
@pytest.mark.parametrize("widening", [1.0, 3.0])
def test_true_densities_stay_inside(name: str, widening: float) -> None:
    """Also from a width far too large, which reaches over edges and poles."""
    draw, below, point, density = TRUE_CLAIMS[name]
    width = widening * pilot_width(draw(np.random.default_rng(20), 4096), point)
    sequence = DensitySequence(point, width, 1e-3)
    for _ in along(sequence, draw, around(below, point, density), 21):
        assert sequence.interval[0] <= density <= sequence.interval[1]
        assert not sequence.empty
        assert not sequence.atom
    assert widening > 1 or sequence.interval[1] - sequence.interval[0] < max(0.15 * density, 0.001)


def test_true_densities_are_excluded_as_rarely_as_promised() -> None:
    runs, alpha, failures = 200, 0.05, 0
    sides = around(normal_below, 0.0, bell(0))
    for seed in range(runs):
        rng, sequence = np.random.default_rng(seed), DensitySequence(0.0, 0.67, alpha)
        excluded = False
        for size in (1 << 21, 1 << 22, 1 << 24):
            sequence._take(drawn(rng, sides, sequence, size))
            excluded |= not sequence.interval[0] <= bell(0) <= sequence.interval[1]
        assert sequence.interval[1] < 0.5
        failures += excluded
    assert failures <= most_failures(runs, alpha)


SETTLED = {
    "1/15, not 1/14": ([1 / 14], 3 << 24),
    "1/15, not 1/16": ([1 / 16], 1 << 26),
    "1/15, neither": ([1 / 14, 1 / 16], 1 << 26),
    "1/15, not 1/5": ([1 / 5], 1 << 25),
    "1/15, not 3/5": ([3 / 5], 1 << 25),
    "1/15, within 5 %": ([0.95 / 15, 1.05 / 15], 100_000_000),
}


@pytest.mark.parametrize("name", SETTLED)
def test_near_misses_are_excluded_within_these_draws(name: str) -> None:
    claims, most = SETTLED[name]
    rng, sides = np.random.default_rng(12), around(cube_below, 1.0, 1 / 15)
    sequence = DensitySequence(1.0, pilot_width(cube(np.random.default_rng(22), 4096), 1.0), SURE)
    while any(sequence.interval[0] <= claim <= sequence.interval[1] for claim in claims) and sequence.draws < 1 << 27:
        sequence._take(drawn(rng, sides, sequence, 1 << 20))
    print(f"{name}: {sequence.draws:,} draws, level {sequence.level}, bias <= {sequence.bias:.4f}, {sequence.interval}")
    assert sequence.draws <= most
    assert sequence.interval[0] <= 1 / 15 <= sequence.interval[1]
    assert sequence.estimate == pytest.approx(1 / 15, rel=0.2)


def at_most_1(x: float) -> float:
    return min(x, 1.0)


def sides_of_sloping(left: float, right: float = 1.0) -> Sides:
    return (lambda t: right * (t / 2 + t * t / 4)), (lambda t: left * (t / 2 - t * t / 4)), right / 2, left / 2


JUMPS: dict[str, tuple[Draw, Sides]] = {
    "uniform at its edge": (lambda rng, n: rng.random(n), (at_most_1, lambda t: 0.0, 1.0, 0.0)),
    "exponential at its edge": (exponential, (exponential_below, lambda t: 0.0, 1.0, 0.0)),
    "a large jump": (two_sides(0.1, 0.9), (lambda t: 0.9 * t, lambda t: 0.1 * t, 0.9, 0.1)),
    "a middling jump": (two_sides(0.6, 0.3), (lambda t: 0.3 * t, lambda t: 0.6 * t, 0.3, 0.6)),
    "a small jump": (two_sides(0.45, 0.5), (lambda t: 0.5 * t, lambda t: 0.45 * t, 0.5, 0.45)),
    "a jump on a slope": (sloping(0.5), sides_of_sloping(0.5)),
    "a small jump on a slope": (sloping(0.9), sides_of_sloping(0.9)),
    "a jump against a slope": (
        lambda rng, n: -sloping(0.3)(rng, n),
        tuple(sides_of_sloping(0.3)[i] for i in (1, 0, 3, 2)),
    ),
}


@pytest.mark.parametrize("name", JUMPS)
@pytest.mark.parametrize("seed", range(4))
def test_at_a_jump_neither_side_is_excluded(name: str, seed: int) -> None:
    draw, sides = JUMPS[name]
    sequence = DensitySequence(0.0, pilot_width(draw(np.random.default_rng(seed), 4096), 0.0), SURE)
    for _ in along(sequence, draw, sides, seed):
        assert sequence.interval[0] <= min(sides[2:]) <= max(sides[2:]) <= sequence.interval[1]
    assert sequence.jump
    assert sequence.interval[1] < 3


def spiked(mass: float, at: float) -> tuple[Draw, Sides]:
    """Standard normal, but for an atom to the right of 1/2."""

    def draw(rng: np.random.Generator, n: int) -> FloatArray:
        x = rng.standard_normal(n)
        return np.where(rng.random(n) < mass, 0.5 + at, x)

    right, left, density, _ = around(normal_below, 0.5, (1 - mass) * bell(0.5))
    return draw, ((lambda t: (1 - mass) * right(t) + mass), (lambda t: (1 - mass) * left(t)), density, density)


@pytest.mark.parametrize("mass", [0.5, 0.01, 0.0003])
def test_at_an_atom_no_density_is_bounded(mass: float) -> None:
    sequence = DensitySequence(0.5, 0.6, SURE)
    for _ in along(sequence, *spiked(mass, 0.0), 6):
        assert sequence.interval == UNSAID
    assert sequence.atom


def test_an_atom_so_small_that_windows_agree_is_noticed_by_its_ties() -> None:
    sides, draws = spiked(1e-6, 0.0)[1], 1 << 30
    for ties, noticed in ((0, False), (draws // 10**6, True)):
        sequence = DensitySequence(0.5, 0.6, SURE)
        sequence._ties.update_counts(ties, draws)
        sequence._take(expected(sides, sequence, draws))
        assert sequence.atom == (sequence.interval == UNSAID) == noticed


@pytest.mark.parametrize("mass", [0.5, 0.01, 0.0003])
def test_beside_an_atom_nothing_narrow_is_certain(mass: float) -> None:
    """All but at the point: no draw equals it, and the densities of windows double from level to level."""
    draw, sides = spiked(mass, 1e-6)
    sequence = DensitySequence(0.5, 0.6, SURE)
    for _ in along(sequence, draw, sides, 7):
        assert sequence.interval[1] > (1.5 if mass > 0.001 else 1.1) * sequence.interval[0]
        assert sequence.interval[0] <= sides[2] <= sequence.interval[1]
    assert not sequence.atom


# --- Poles, zeros, and where nothing is: no bracket is trusted before the densities of windows agree ---


def gamma_below(x: float) -> float:
    """Of shape 0.7."""
    term, total = 1 / math.gamma(1.7), 0.0
    for k in range(60):
        total += term
        term *= x / (1.7 + k)
    return x**0.7 * math.exp(-x) * total


def signed_power(k: float) -> tuple[Draw, Sides]:
    """A uniform number to the power of k, with a random sign: a pole for k > 1, a zero for k < 1."""
    density = math.inf if k > 1 else 0.0
    return signed(lambda rng, n: rng.random(n) ** k), both(lambda t: min(t, 1.0) ** (1 / k) / 2, density)


UNSETTLED: dict[str, tuple[Draw, Sides]] = {
    "square of a normal": (
        lambda rng, n: rng.standard_normal(n) ** 2,
        (lambda t: math.erf(math.sqrt(t / 2)), lambda t: 0.0, math.inf, 0.0),
    ),
    "gamma(0.7, 1)": (lambda rng, n: rng.standard_gamma(0.7, n), (gamma_below, lambda t: 0.0, math.inf, 0.0)),
    **{f"power {k}": signed_power(k) for k in (3.0, 2.0, 1.3, 1.1, 1 / 0.95)},
    **{f"power {k}, a zero": signed_power(k) for k in (1 / 1.05, 0.9, 2 / 3, 0.5)},  # 2/3: beta(3/2, 1)
}


@pytest.mark.parametrize("name", UNSETTLED)
@pytest.mark.parametrize("widening", [1.0, 0.3])
def test_at_a_pole_or_a_zero_nothing_is_said(name: str, widening: float) -> None:
    """The densities of windows grow or shrink by the same factor from level to level, be it near to 1.

    A zero may be said to be small as long as no draw falls near it.
    """
    draw, sides = UNSETTLED[name]
    width = widening * pilot_width(draw(np.random.default_rng(20), 4096), 0.0)
    sequence = DensitySequence(0.0, width, SURE)
    for _ in along(sequence, draw, sides, 23):
        assert sequence.interval == UNSAID or sides[2] == 0 == sequence._windows[-1].successes
        assert sequence.interval[0] == 0
    for draws in (10**7, 10**8, 10**10, 10**13):
        sequence = DensitySequence(0.0, width, SURE)
        sequence._take(expected(sides, sequence, draws))
        assert sequence.interval == UNSAID
        assert sequence.level is None


def test_where_draws_are_few_nothing_is_said() -> None:
    """Although the windows agree."""
    sides = both(lambda t: 0.3 * t, 0.3)
    for draws, said in ((10**4, False), (10**5, False), (10**6, False), (10**7, True)):
        sequence = DensitySequence(0.0, 1.0, SURE)
        sequence._take(expected(sides, sequence, draws))
        assert (sequence.interval != UNSAID) is said


def test_where_no_draw_falls_the_density_is_small_after_many() -> None:
    sequence, nothing = DensitySequence(2.0, 0.5, SURE), [0] * 7
    sequence._take(_Counts(_NOTHING - 1, nothing, nothing))
    assert sequence.interval == UNSAID
    sequence._take(_Counts(1, nothing, nothing))
    assert sequence.interval[0] == 0.0
    assert sequence.interval[1] < 0.01
    sequence._take(_Counts(1, [1] * 7, nothing))
    assert sequence.interval == UNSAID


# --- Bounds on the bias, with the counts that are expected ---


def polynomial(*coefficients: float) -> Mass:
    """The integral from 0 to t of a density c_0 + c_1 t + …"""
    return lambda t: sum(c * t ** (k + 1) / (k + 1) for k, c in enumerate(coefficients))


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
    "square root cusp": both(lambda t: 0.3 * t + 0.1 * t**1.5, 0.3),
    "square root cusp, a peak": both(lambda t: 0.3 * t - 0.1 * t**1.5, 0.3),
    "square root cusp on one side": (polynomial(0.3), lambda t: 0.3 * t + 0.1 * t**1.5, 0.3, 0.3),
    "beta(2, 2) squared with a sign": both(lambda t: 1.5 * t - t**1.5, 1.5),
    "slope": (polynomial(0.3, 0.2), polynomial(0.3, -0.2), 0.3, 0.3),
    "slope and kink": (polynomial(0.3, 0.2), polynomial(0.3, -0.1, 0.1), 0.3, 0.3),
    "jump": (polynomial(0.4, 0.1), polynomial(0.2, -0.1), 0.4, 0.2),
    "jump against a slope": (polynomial(0.2, 0.2), polynomial(0.25, -0.2), 0.2, 0.25),
    "jump and kink": (polynomial(0.3, -0.2), polynomial(0.35, -0.2), 0.3, 0.35),
    "beyond an edge": (lambda t: 0.0, lambda t: max(t - 0.1, 0.0) / 2, 0.0, 0.0),
    "edge at the point": (lambda t: -math.expm1(-t), lambda t: 0.0, 1.0, 0.0),
    **{f"edge at {d}": edge(d) for d in (0.3, 0.1, 0.04, 0.03, 0.02)},
    **{f"pole at {d}": pole(d) for d in (1.0, 0.3, 0.1)},
}


# with draws without end, the interval is narrower than this share of the density
TAME = {
    "flat": 0.001, "curved": 0.001, "of fourth order": 0.001, "Laplace": 0.05, "slope": 0.001, "slope and kink": 0.01,
    "cusp": 0.07, "square root cusp": 0.12, "square root cusp, a peak": 0.12, "pole at 1.0": 0.01,
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("width", [1.0, 0.83, 0.7, 0.6])
def test_limits_are_bracketed(name: str, width: float) -> None:
    densities = LIMITS[name][2:]
    for draws in (10**4, 10**5, 10**6, 10**7, 10**8, 10**10, 10**13):
        sequence = DensitySequence(0.0, width, SURE)
        sequence._take(expected(LIMITS[name], sequence, draws))
        assert sequence.interval[0] <= min(densities) <= max(densities) <= sequence.interval[1], (draws, sequence.level)
        assert not sequence.empty
    if name in TAME:
        assert sequence.interval[1] - sequence.interval[0] < TAME[name] * densities[0]
    assert sequence.jump == (densities[0] != densities[1]) or name == "edge at 0.02"  # of the finest window's size


def test_an_edge_inside_the_windows_is_noticed() -> None:
    """It halves the finest one, and nothing is said."""
    sequence = DensitySequence(0.005, 0.55, SURE)
    for _ in along(sequence, exponential, edge(0.005), 8):
        assert sequence.interval == UNSAID


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
