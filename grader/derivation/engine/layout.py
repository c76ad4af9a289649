"""What an instance of a world looks like before anything is drawn: counts, sizes, and the axes they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from grader.derivation.engine.values import Undetermined
from grader.derivation.nodes import Argument
from grader.math.tree import Add, Apply, Expression, Multiply, Number, Variable
from grader.worlds import WorldSpec, WorldVariable

ORDINARY_SIZES = (2, 3, 5)


class Slot(NamedTuple):
    """One random variable of a distribution (``coordinate``, an axis of its table) in a density: it runs along
    ``axis``, or is held at ``fixed``, from 0, where that is not None."""

    coordinate: int
    axis: int
    fixed: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """``names`` are the axes in order, an axis' number its place there, and ``sizes`` their lengths.

    A finite variable has its own name as axis, an element of a sequence ``x_1``, a draw ``z^(1)``, a family of
    candidates the parameter's name, a variable of points its own name (the axis then only numbers some points).
    """

    spec: WorldSpec
    counts: Mapping[str, int]
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    ids: Mapping[str, int]
    kept: dict[str, Any] = field(default_factory=dict)  # what was computed from it and holds for all sizes of families

    def variable(self, name: str) -> WorldVariable:
        found = self.spec.variables.get(name)
        if found is None:
            raise Undetermined(f"{name} is no random variable of this item")
        return found

    def places(self, name: str) -> range:
        """The indices of the sequence ``name``."""
        variable = self.variable(name)
        if variable.length is None:
            raise Undetermined(f"{name} is no sequence, so it has no elements")
        return range(variable.first, self.counts[variable.length] + 1)

    def axes(self, name: str) -> tuple[int, ...]:
        """The axes of a whole variable, or of a family of candidates."""
        if name in self.spec.parameters:
            return (self.ids[name],)
        if self.variable(name).length:
            return tuple(self.ids[f"{name}_{i}"] for i in self.places(name))
        return (self.ids[name],)

    def is_point(self, axis: int) -> bool:
        variable = self.spec.variables.get(self.names[axis])
        return variable is not None and variable.point is not None

    def slots(self, argument: Argument, bound: Mapping[str, int]) -> tuple[Slot, ...]:
        """The random variables that ``argument`` names where indices have the values ``bound``."""
        name = argument.variable
        sequence = bool(self.variable(name).length)
        if argument.kind == "whole" and name in bound and not sequence:
            return (self._held(name, bound[name]),)
        if argument.kind == "whole":
            return tuple(Slot(axis, axis) for axis in self.axes(name))
        first = self._index(argument.first, bound, name)
        if argument.kind == "value":
            return (self._held(name, first),)
        last = first if argument.kind in ("element", "sample") else self._index(argument.last, bound, name)
        if argument.kind in ("element", "slice"):
            return tuple(self._element(name, i) for i in range(first, last + 1))
        return tuple(self._sample(name, i) for i in range(first, last + 1))

    def _index(self, x: Expression | None, bound: Mapping[str, int], name: str) -> int:
        found = None if x is None else integer(x, {**self.counts, **bound})
        if found is None:
            raise Undetermined(f"an index of {name} is no whole number here")
        return found

    def _held(self, name: str, value: int) -> Slot:
        axis = self.ids[name]
        if self.is_point(axis) or not 1 <= value <= self.sizes[axis]:
            raise Undetermined(f"{name} does not take the value {value}")
        return Slot(axis, axis, value - 1)

    def _element(self, name: str, i: int) -> Slot:
        places = self.places(name)
        if i not in places:
            raise Undetermined(f"there is no {name}_{i}: the sequence runs from {places[0]} to {places[-1]}")
        axis = self.ids[f"{name}_{i}"]
        return Slot(axis, axis)

    def _sample(self, name: str, i: int) -> Slot:
        axis = self.ids.get(f"{name}^({i})")
        if axis is None:
            raise Undetermined(f"there is no {name}^({i}) in this item")
        return Slot(self.ids[name], axis)


def layout(
    spec: WorldSpec, counts: Mapping[str, int], sizes: Mapping[str, int], members: int, points: int = 4
) -> Layout:
    """The layout with these counts and sizes of sample spaces; ``members`` is the number of candidates in a family."""
    found = dict.fromkeys(spec.parameters, members)
    for name, variable in spec.variables.items():
        size = counts[variable.values] if variable.values else points if variable.point else sizes[name]
        found.update(dict.fromkeys(_axes(name, variable, counts), size))
    ids = {name: k for k, name in enumerate(found)}
    return Layout(spec, counts, tuple(found), tuple(found.values()), ids)


def _axes(name: str, variable: WorldVariable, counts: Mapping[str, int]) -> Iterator[str]:
    if variable.length:
        yield from (f"{name}_{i}" for i in range(variable.first, counts[variable.length] + 1))
        return
    yield name
    if variable.samples:
        yield from (f"{name}^({i})" for i in range(1, counts[variable.samples] + 1))


def integer(x: Expression, known: Mapping[str, int]) -> int | None:
    """The value of ``x`` where it is a whole number built from those ``known``; else None."""
    found = _rational(x, known)
    return int(found) if found is not None and found.denominator == 1 else None


def _rational(x: Expression, known: Mapping[str, int]) -> Fraction | None:
    match x:
        case Number(value):
            return value
        case Variable(name):
            return Fraction(known[name]) if name in known else None
        case Add(parts) | Multiply(parts) | Apply("max" | "min", parts):
            found = [_rational(part, known) for part in parts]
            values = [value for value in found if value is not None]
            return _together(x, values) if len(values) == len(parts) else None
    return None


def _together(x: Expression, values: list[Fraction]) -> Fraction:
    match x:
        case Add():
            return sum(values, Fraction(0))
        case Apply(function, _):
            return max(values) if function == "max" else min(values)
    product = Fraction(1)
    for value in values:
        product *= value
    return product


# --- the layouts in which a world is tried

MAX_SPACE = 512
LONGEST = 4  # of vectors: greater determinants are not evaluated


def ordinary(spec: WorldSpec, members: int = 8) -> list[Layout]:
    """At least three layouts that together use all counts listed, where different variables have different sizes."""
    rounds = max([3, *(len(values) for values in spec.counts.values())])
    return [_round(spec, r, members) for r in range(rounds)]


def _round(spec: WorldSpec, r: int, members: int) -> Layout:
    counts = {name: values[(r + j) % len(values)] for j, (name, values) in enumerate(spec.counts.items())}
    finite = [(name, v.sizes or ORDINARY_SIZES) for name, v in spec.variables.items() if not (v.values or v.point)]
    sizes = {name: options[(r + j) % len(options)] for j, (name, options) in enumerate(finite)}
    return _shrunk(spec, counts, sizes, dict(finite), members)


def _shrunk(
    spec: WorldSpec,
    counts: Mapping[str, int],
    sizes: dict[str, int],
    options: Mapping[str, Sequence[int]],
    members: int,
) -> Layout:
    """The layout with ``sizes``, or smaller ones of the ``options`` where the space would be too large."""
    found = layout(spec, counts, sizes, members)
    while space(found) > MAX_SPACE and (larger := [n for n in sizes if sizes[n] > min(options[n])]):
        name = max(larger, key=sizes.__getitem__)
        sizes[name] = max(size for size in options[name] if size < sizes[name])
        found = layout(spec, counts, sizes, members)
    return found


def unusual(spec: WorldSpec, rng: np.random.Generator, members: int = 24) -> list[Layout]:
    """Layouts with counts greater than those listed, and with sizes that are not: what is true of those listed alone is
    not true. A count or size listed alone is meant as it is."""
    further = {name: int(rng.integers(3)) for name in spec.counts}
    listed = {name: v.sizes or ORDINARY_SIZES for name, v in spec.variables.items() if not (v.values or v.point)}
    options = {name: _unlisted(values, rng) for name, values in listed.items()}
    for more in (further, dict.fromkeys(further, 0)):
        counts = {name: _beyond(spec, name, more[name]) for name in spec.counts}
        sizes = {name: values[-1] for name, values in options.items()}
        found = [_shrunk(spec, counts, sizes, options, members)]
        if space(found[0]) <= MAX_SPACE:
            break
    if any(sizes[name] != values[-1] and sizes[name] == values[0] for name, values in options.items()):
        few = {name: min([c for c in values if c > 1] or values) for name, values in spec.counts.items()}
        sizes = {name: values[-1] for name, values in options.items()}
        found.append(_shrunk(spec, few, sizes, options, members))
    return [one for one in found if space(one) <= MAX_SPACE]


def _beyond(spec: WorldSpec, name: str, further: int) -> int:
    greatest = max(spec.counts[name])
    if len(spec.counts[name]) == 1:
        return greatest
    vectors = name in (name for q in spec.quantities.values() for name in q.shape)
    if vectors or name in (v.point for v in spec.variables.values()):
        return max(greatest, min(greatest + 1, LONGEST))
    return greatest + 1 + further


def _unlisted(values: Sequence[int], rng: np.random.Generator) -> tuple[int, ...]:
    """The least of those listed, then some that are not."""
    if len(values) == 1:
        return (values[0],)
    others = [n for n in range(2, max(values) + 3) if n not in values]
    return (min(values), *others[: 1 + int(rng.integers(len(others)))])


def smallest(spec: WorldSpec, members: int) -> Layout:
    """The layout of readable counterexamples."""
    counts = {name: min([c for c in values if c > 1] or values) for name, values in spec.counts.items()}
    sizes = {name: min(v.sizes or ORDINARY_SIZES) for name, v in spec.variables.items() if not (v.values or v.point)}
    return layout(spec, counts, sizes, members, points=2)


def space(found: Layout) -> int:
    """How many combinations the finite variables have, counting draws of a variable instead of itself."""
    total = 1
    for name, size in zip(found.names, found.sizes, strict=True):
        variable = found.spec.variables.get(name)
        if name not in found.spec.parameters and not (variable and (variable.point or variable.samples)):
            total *= size
    return total
