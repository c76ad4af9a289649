"""Instances of a world: everything that is drawn at random, as integers over a common denominator.

A table of probabilities is drawn over 2^30, so that floats hold it exactly, as rationals and balls do, and so finely
that no two numbers are equal by chance, which would break strict inequalities. The instances of one layout are drawn
and evaluated together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from grader.derivation.engine.layout import Layout
from grader.derivation.engine.values import COLUMN, ROW, Undetermined
from grader.derivation.nodes import Argument, Density
from grader.derivation.world import Distribution, World
from grader.math.domains import Domain, domain
from grader.math.tree import free_names

FINE = 2**30
STEPS = 64  # quantities are multiples of 1/64
LEAST, GREATEST = 0.3, 3.0  # where quantities of unbounded domains are drawn, in size

Key = tuple[str | int, ...]
Weights = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Style = Literal["plain", "sharp", "short"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Something that is drawn: a table that adds up to 1 over ``normal``, or numbers of a domain.

    ``axes`` are sorted, vectors have ``ROW`` and ``COLUMN`` and ``dimension`` entries. ``given`` and ``targets`` are
    the axes of a table of probabilities as its title names them.
    """

    key: Key
    axes: tuple[int, ...]
    normal: tuple[int, ...] = ()
    zeros: bool = False
    domain: str = ""
    dimension: int = 0
    targets: tuple[int, ...] = ()
    given: tuple[int, ...] = ()

    def shape(self, layout: Layout) -> tuple[int, ...]:
        ends = {ROW: self.dimension, COLUMN: 1}
        return tuple(ends.get(axis) or layout.sizes[axis] for axis in self.axes)

    def places(self) -> tuple[int, ...]:
        """Where in an array of instances the axes are over which it adds up to 1."""
        return tuple(1 + self.axes.index(axis) for axis in self.normal)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """``numerators / denominator``, with the instance as first axis."""

    numerators: Integers
    denominator: int


Draws = Mapping[Key, Drawn]


# --- what is drawn


def leaves(world: World, layout: Layout) -> list[Leaf]:
    """All that an instance draws, in an order that depends on the world alone."""
    if layout.kept.get("world") is not world:  # this is asked again and again
        found = [
            *(leaf for distribution in world.distributions.values() for leaf in _tables(distribution, layout)),
            *_quantities(world, layout),
            *_points(layout),
        ]
        layout.kept.update(world=world, leaves=found)
    leaves: list[Leaf] = layout.kept["leaves"]
    return leaves


def coordinates(distribution: Distribution, layout: Layout) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of a distribution's targets and of what it is declared given."""
    targets, given = (
        tuple(slot.coordinate for argument in arguments for slot in layout.slots(argument, {}))
        for arguments in (distribution.targets, distribution.given)
    )
    return targets, given


def _tables(distribution: Distribution, layout: Layout) -> Iterator[Leaf]:
    targets, given = coordinates(distribution, layout)
    families = tuple(layout.ids[name] for name in distribution.parameters)
    if distribution.factors:
        for index, (factor, bound) in enumerate(factors(distribution, layout)):
            new, old = (_axes(layout, arguments, bound) for arguments in (factor.targets, factor.given))
            yield _table(("factor", distribution.name, index), families, new, old, distribution.zeros)
    elif distribution.formula is None:
        yield _table(("table", distribution.name), families, targets, given, distribution.zeros)
    if given and not any(layout.is_point(axis) for axis in given):
        yield _table(("law", distribution.name), (), given, (), False)


def _table(key: Key, families: tuple[int, ...], targets: tuple[int, ...], given: tuple[int, ...], zeros: bool) -> Leaf:
    axes = tuple(sorted({*families, *targets, *given}))
    return Leaf(key, axes, normal=targets, zeros=zeros, targets=targets, given=given)


def _axes(layout: Layout, arguments: tuple[Argument, ...], bound: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(slot.coordinate for argument in arguments for slot in layout.slots(argument, bound))


def factors(distribution: Distribution, layout: Layout) -> list[tuple[Density, dict[str, int]]]:
    """The factors of a distribution, each with a value of its free index, in the order of the sequence."""
    found = []
    for factor in distribution.factors:
        free = sorted(free_names(factor) - set(layout.counts))
        if len(free) > 1:
            raise Undetermined(f"a factor of {distribution.name} has more than one free index: {', '.join(free)}")
        places = layout.places(factor.targets[0].variable) if free else (1,)
        found += [(i, factor, dict.fromkeys(free, i)) for i in places]
    return [(factor, bound) for _, factor, bound in sorted(found, key=lambda one: one[0])]


def _quantities(world: World, layout: Layout) -> Iterator[Leaf]:
    for name, quantity in world.spec.quantities.items():
        if name in world.definitions:
            continue
        over = layout.axes(quantity.over) if quantity.over else ()
        dimension = layout.counts[quantity.shape[0]] if quantity.shape else 0
        axes = (*over, ROW, COLUMN) if dimension else over
        yield Leaf(
            ("quantity", name), axes, over if quantity.normalised else (), domain=quantity.domain, dimension=dimension
        )


def _points(layout: Layout) -> Iterator[Leaf]:
    for name, variable in layout.spec.variables.items():
        if variable.point:
            axes = (layout.ids[name], ROW, COLUMN)
            yield Leaf(("point", name), axes, domain="real", dimension=layout.counts[variable.point])


# --- drawing


def draw(leaf: Leaf, layout: Layout, rng: np.random.Generator, count: int, style: Style) -> Drawn:
    """``count`` independent draws. ``short`` ones are easily read, ``sharp`` ones lie far from even."""
    shape = (count, *leaf.shape(layout))
    if not leaf.normal:
        return _numbers(domain(leaf.domain), rng, shape, style)
    zeros = leaf.zeros & (np.arange(count) % 2 == 1)
    if style == "short":
        return _short_table(leaf, rng, shape, zeros)
    even = (np.arange(count) // 2 % 2 == 0).reshape(-1, *(1,) * (len(shape) - 1))
    weights = np.where(even, rng.uniform(1, 10, shape), rng.uniform(1, 98, shape))
    if style == "sharp":
        weights = np.exp(rng.uniform(0, 10, shape))
    return Drawn(normalised(_with_zeros(weights, leaf, rng, zeros), leaf.places(), FINE), FINE)


def _with_zeros(weights: Weights, leaf: Leaf, rng: np.random.Generator, zeros: npt.NDArray[np.bool_]) -> Weights:
    if not zeros.any():
        return weights
    struck = rng.random(weights.shape) < 0.3
    if len(leaf.normal) > 1:  # now and then all that goes with one value of a variable, which then never happens
        for instance in range(1, len(weights), 4):
            place = leaf.places()[instance // 4 % len(leaf.normal)]
            value = int(rng.integers(weights.shape[place]))
            np.moveaxis(struck[instance], place - 1, 0)[value] = True
    struck &= zeros.reshape(-1, *(1,) * (weights.ndim - 1))
    left = np.where(struck, 0, weights)
    return np.where(left.sum(axis=leaf.places(), keepdims=True) > 0, left, weights)


def normalised(weights: npt.NDArray[Any], places: tuple[int, ...], denominator: int) -> Integers:
    """Numerators in proportion to ``weights`` that add up to ``denominator`` over the axes ``places``, positive where
    the weights are."""
    total = weights.sum(axis=places, keepdims=True)
    parts = np.floor(weights * (denominator / total)).astype(np.int64)
    parts = np.maximum(parts, weights > 0)
    last = tuple(range(-len(places), 0))
    moved = np.ascontiguousarray(np.moveaxis(parts, places, last))
    flat = moved.reshape(*moved.shape[: -len(places)], -1)
    missing = denominator - flat.sum(axis=-1, keepdims=True)
    greatest = flat.argmax(axis=-1)[..., None]
    np.put_along_axis(flat, greatest, np.take_along_axis(flat, greatest, -1) + missing, -1)
    return np.moveaxis(flat.reshape(moved.shape), last, places)


def _short_table(leaf: Leaf, rng: np.random.Generator, shape: tuple[int, ...], zeros: npt.NDArray[np.bool_]) -> Drawn:
    places = leaf.places()
    cells = math.prod(shape[place] for place in places)
    denominator = next(d for d in (10, 20, 50, 100, 200, 500, 1000, 10**6) if d >= 1.5 * cells)
    others = [k for k in range(len(shape)) if k not in places]
    rows = [shape[k] for k in others]
    least = np.where(zeros, 0, 1).reshape(-1, *(1,) * len(rows))
    shares = rng.dirichlet(np.full(cells, 0.8), rows)
    flat = rng.multinomial(denominator - cells * np.broadcast_to(least[..., 0], rows), shares) + least
    spread = flat.reshape(*rows, *(shape[place] for place in places))
    return Drawn(np.moveaxis(spread, range(len(shape)), (*others, *places)), denominator)


_SHORT = {
    "positive": (1, 4, 6, 8),  # halves: 1/2, 2, 3, 4
    "signed": (-4, -2, -1, 1, 2, 4, 6),
}


def _numbers(wanted: Domain, rng: np.random.Generator, shape: tuple[int, ...], style: Style) -> Drawn:
    low, high = wanted.low, wanted.high
    if wanted.integer:
        least = int(low) + (wanted.open_low and low.denominator == 1) if low is not None else -4
        greatest = int(high) - (wanted.open_high and high.denominator == 1) if high is not None else least + 8
        return Drawn(rng.integers(least, max(least, greatest) + 1, shape), 1)
    if low is not None and high is not None:
        steps = 10 if style == "short" else STEPS
        denominator = low.denominator * high.denominator * steps
        inside = rng.integers(1, steps, shape)
        start, width = int(low * denominator), int((high - low) * denominator)
        return Drawn(start + inside * (width // steps), denominator)
    if low is None and high is None:
        return _signed(rng, shape, style)
    sizes = _sizes(rng, shape, style)
    end = low if low is not None else high
    assert end is not None
    denominator = sizes.denominator * end.denominator
    sign = 1 if low is not None else -1
    return Drawn(int(end * denominator) + sign * sizes.numerators * end.denominator, denominator)


def _signed(rng: np.random.Generator, shape: tuple[int, ...], style: Style) -> Drawn:
    if style == "short":
        return Drawn(rng.choice(np.array(_SHORT["signed"]), shape), 2)
    sizes = _sizes(rng, shape, style)
    return Drawn(sizes.numerators * rng.choice(np.array([-1, 1]), shape), sizes.denominator)


def _sizes(rng: np.random.Generator, shape: tuple[int, ...], style: Style) -> Drawn:
    """Positive numbers on both sides of 1 and never 1."""
    if style == "short":
        return Drawn(rng.choice(np.array(_SHORT["positive"]), shape), 2)
    exponents = rng.uniform(math.log(LEAST), math.log(GREATEST), shape)
    # the first two instances of every layout are on different sides, the first entries at least
    exponents[0], exponents[1:2] = -np.abs(exponents[0]), np.abs(exponents[1:2])
    found = np.rint(STEPS * np.exp(exponents)).astype(np.int64)
    return Drawn(np.where(found == STEPS, STEPS + 1, found), STEPS)


def draw_all(
    world: World, layout: Layout, rng: np.random.Generator, count: int, style: Style = "plain"
) -> dict[Key, Drawn]:
    return {leaf.key: draw(leaf, layout, rng, count, style) for leaf in leaves(world, layout)}


# --- instances from instances


def chosen(draws: Draws, instances: npt.ArrayLike) -> dict[Key, Drawn]:
    """Some of the instances, in the order given."""
    which = np.asarray(instances)
    return {key: Drawn(drawn.numerators[which], drawn.denominator) for key, drawn in draws.items()}


def with_members(
    world: World, layout: Layout, draws: Draws, members: Mapping[int, Sequence[int]]
) -> tuple[Layout, dict[Key, Drawn]]:
    """The same instances where the families, by their axes, have only these candidates left."""
    found = {}
    for leaf in leaves(world, layout):
        numerators = draws[leaf.key].numerators
        for axis in set(members).intersection(leaf.axes):
            numerators = numerators.take(members[axis], axis=1 + leaf.axes.index(axis))
        found[leaf.key] = Drawn(numerators, draws[leaf.key].denominator)
    sizes = tuple(len(members[k]) if k in members else size for k, size in enumerate(layout.sizes))
    return Layout(layout.spec, layout.counts, layout.names, sizes, layout.ids, layout.kept), found


def changed(world: World, layout: Layout, draws: Draws, rng: np.random.Generator, strength: float) -> dict[Key, Drawn]:
    """Variants of all instances: tables a little, or much, to the side; some of the numbers drawn anew."""
    found = {}
    for leaf in leaves(world, layout):
        old = draws[leaf.key]
        count = len(old.numerators)
        if leaf.normal:
            weights = old.numerators * np.exp(strength * rng.standard_normal(old.numerators.shape))
            found[leaf.key] = Drawn(normalised(weights, leaf.places(), FINE), FINE)
        else:
            new = draw(leaf, layout, rng, count, "plain")
            anew = rng.random(new.numerators.shape) < 0.3
            found[leaf.key] = Drawn(np.where(anew, new.numerators, old.numerators), new.denominator)
    return found


def joined(parts: list[Draws]) -> dict[Key, Drawn]:
    """The instances of several draws of one layout together."""
    found = {}
    for key in parts[0]:
        drawn = [part[key] for part in parts]
        common = math.lcm(*(one.denominator for one in drawn))
        numerators = [one.numerators * (common // one.denominator) for one in drawn]
        found[key] = Drawn(np.concatenate(numerators), common)
    return found
