"""Unusual instances, beside those of ``instances``: what is true only of tables that are not too uneven, of numbers
near 1, or of candidates far apart, is false in one of these."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from grader.derivation.engine.instances import FINE, STEPS, Drawn, Draws, Key, Leaf, draw, joined, leaves, normalised
from grader.derivation.engine.layout import Layout
from grader.derivation.world import World
from grader.math.domains import Domain, domain

EACH = 4  # instances of each kind
FEW_CELLS, MORE = 64, 12  # so many where what is drawn is small
SMALL_STEPS = 2**20  # unusual numbers are multiples of 1/2^20
WIDE, WIDE_ENTRY = 1000.0, 10.0  # how far from 1 they lie, and entries of vectors, which end in exponents
NEAREST = 1e-5  # how near they come to the ends of an interval, as a share of it
UNEVEN = 18.0  # the logarithm of the ratio between the least and the greatest weights of an uneven table
TOGETHER = 0.8  # how much of that separates what is rare together
NUDGE = 0.01  # by how much tables near one another differ

Kind = Literal["uneven", "wide", "near", "one"]


def draw_unusual(world: World, layout: Layout, rng: np.random.Generator) -> dict[Key, Drawn]:
    """Some instances of each kind that the world has: tables, numbers, candidates."""
    found = leaves(world, layout)
    kinds: list[Kind] = []
    if any(leaf.normal for leaf in found):
        kinds.append("uneven")
    if not all(leaf.normal for leaf in found):
        kinds.append("wide")
    if layout.spec.parameters:
        kinds.append("near")
    small = sum(math.prod(leaf.shape(layout)) for leaf in found) <= FEW_CELLS
    return joined([draw_kind(world, layout, rng, MORE if small else EACH, kind) for kind in kinds])


def draw_kind(world: World, layout: Layout, rng: np.random.Generator, count: int, kind: Kind) -> Draws:
    return {leaf.key: _draw(leaf, layout, rng, count, kind) for leaf in leaves(world, layout)}


def _draw(leaf: Leaf, layout: Layout, rng: np.random.Generator, count: int, kind: Kind) -> Drawn:
    shape = (count, *leaf.shape(layout))
    if kind == "uneven" and leaf.normal:
        return Drawn(normalised(_uneven(leaf, rng, shape), leaf.places(), FINE), FINE)
    if kind == "wide" and not leaf.normal:
        return _wide(domain(leaf.domain), rng, shape, WIDE_ENTRY if leaf.dimension else WIDE)
    found = draw(leaf, layout, rng, count, "plain")
    axes = [layout.ids[name] for name in layout.spec.parameters]
    families = [1 + k for k, axis in enumerate(leaf.axes) if axis in axes]
    if kind == "near" and families:
        return _near(found, leaf, rng, families)
    if kind == "one" and not leaf.normal and Fraction(1) in domain(leaf.domain):
        return Drawn(np.ones(shape, dtype=np.int64), 1)
    return found


def _uneven(leaf: Leaf, rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Weights of very different sizes: all their own, or by the value of one variable, or such that some values of the
    variables are rare but come together."""
    logs = rng.random(shape)
    for instance in range(shape[0]):
        if instance % 3 == 0:
            place = leaf.places()[instance // 3 % len(leaf.normal)]
            logs[instance] = _by_value(shape, place, rng.permutation(np.linspace(0, 1, shape[place])))[0]
        elif instance % 3 == 1:
            rare = sum(_by_value(shape, place, np.arange(shape[place]) == 0)[0] for place in leaf.places())
            logs[instance] = np.where(rare == len(leaf.normal), TOGETHER, np.minimum(rare, 1))
    return np.asarray(rng.uniform(1, 10, shape) * np.exp(-UNEVEN * logs))


def _by_value(shape: tuple[int, ...], place: int, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    lengths = [1] * len(shape)
    lengths[place] = shape[place]
    return values.astype(float).reshape(lengths)


def _near(found: Drawn, leaf: Leaf, rng: np.random.Generator, families: list[int]) -> Drawn:
    """Candidates that differ a little from one, each in some entries."""
    one: npt.NDArray[Any] = found.numerators
    for axis in families:
        one = one.take([0], axis=axis)
    shape = found.numerators.shape
    if leaf.normal:
        moved = NUDGE * rng.standard_normal(shape) * (rng.random(shape) < 0.4)
        return Drawn(normalised(one * np.exp(moved), leaf.places(), FINE), FINE)
    if domain(leaf.domain).integer:
        return found
    finer = SMALL_STEPS // STEPS  # less than one step to the side does not lead over an end
    aside = rng.integers(-finer // 2, finer // 2, shape)
    return Drawn(one * finer + aside, found.denominator * finer)


def _wide(wanted: Domain, rng: np.random.Generator, shape: tuple[int, ...], most: float) -> Drawn:
    low, high = wanted.low, wanted.high
    if wanted.integer:
        return _whole(wanted, rng, shape)
    if low is not None and high is not None:
        far = np.exp(rng.uniform(math.log(NEAREST), math.log(0.5), shape))
        inside = np.rint(SMALL_STEPS * far).astype(np.int64)
        inside = np.where(rng.random(shape) < 0.5, inside, SMALL_STEPS - inside)
        denominator = low.denominator * high.denominator * SMALL_STEPS
        width = int((high - low) * denominator) // SMALL_STEPS
        return Drawn(int(low * denominator) + inside * width, denominator)
    exponents = rng.uniform(0, math.log(most), shape)
    exponents[1::2] *= -1  # large ones in one instance, small ones in the next
    sizes = np.rint(SMALL_STEPS * np.exp(exponents)).astype(np.int64)
    end = low if low is not None else high
    if end is None:
        return Drawn(sizes * rng.choice(np.array([-1, 1]), shape), SMALL_STEPS)
    sign = 1 if low is not None else -1
    return Drawn(
        int(end * SMALL_STEPS * end.denominator) + sign * sizes * end.denominator, SMALL_STEPS * end.denominator
    )


def _whole(wanted: Domain, rng: np.random.Generator, shape: tuple[int, ...]) -> Drawn:
    low, high = wanted.low, wanted.high
    least = int(low) + (wanted.open_low and low.denominator == 1) if low is not None else -30
    greatest = int(high) - (wanted.open_high and high.denominator == 1) if high is not None else least + 60
    return Drawn(rng.integers(least, max(least, greatest) + 1, shape), 1)
