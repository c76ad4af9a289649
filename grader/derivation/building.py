"""From a world's specification to the world: names declared, formulas read, and what does not fit together refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from grader.derivation.nodes import Density
from grader.derivation.notation.arguments import ArgumentReader
from grader.derivation.notation.reader import CONSTANT, WorldReader
from grader.derivation.world import Definition, Distribution, World
from grader.errors import Unreadable
from grader.math.domains import domain
from grader.math.shapes import shape
from grader.math.tree import Expression, children
from grader.spec import Symbol
from grader.worlds import WorldDistribution, WorldSpec

_HEAD = re.compile(r"\s*(\\?[A-Za-z]+(?:_(?:\{\w+\}|\w+))?)\s*(?:\(\s*([^()]*)\s*\))?\s*")


class Misbuilt(Unreadable):
    """A world that cannot be built. ``place`` names the entry of its specification that is at fault."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def build_world(spec: WorldSpec, proportional: tuple[str, ...] = ()) -> tuple[World, dict[str, Symbol]]:
    """The world, and the symbols that formulas in it may use. Raises Misbuilt at the first thing wrong."""
    _check_names(spec)
    world = World(spec)
    symbols = declared_symbols(spec, proportional)
    for number, entry in enumerate(spec.distributions):
        world = _with_head(world, entry, symbols, f"distributions.{number}")
    symbols |= _defined_symbols(spec)
    for name, definition in spec.definitions.items():
        bare, parameters = _definition_head(name)
        body = _read(f"definitions.{name}", definition.is_, world, symbols)
        world = world.defining(bare, Definition(parameters, body))
    found = dict(world.distributions)
    for number, (entry, name) in enumerate(zip(spec.distributions, world.distributions, strict=True)):
        found[name] = _with_law(found[name], entry, world, symbols, f"distributions.{number}")
    return replace(world, distributions=found), symbols


def declared_symbols(spec: WorldSpec, proportional: tuple[str, ...] = ()) -> dict[str, Symbol]:
    """Counts, quantities, vectors and indices as symbols of the reader of formulas."""
    symbols = {name: Symbol(domain="positive integer") for name in spec.counts}
    for name, quantity in spec.quantities.items():
        symbols[name] = Symbol(
            domain=quantity.domain,
            family=quantity.over in spec.variables,
            shape=quantity.shape,
            latex=quantity.latex,
            aliases=quantity.aliases,
        )
    for name, variable in spec.variables.items():
        if variable.point:
            symbols[name] = Symbol(shape=(variable.point,), latex=variable.latex)
        elif variable.values:
            symbols[name] = Symbol(domain="positive integer", latex=variable.latex)
    if proportional or spec.parameters:
        symbols[CONSTANT] = Symbol(aliases=("const.",) if proportional else ())
    return symbols


def _defined_symbols(spec: WorldSpec) -> dict[str, Symbol]:
    found = {}
    for name, definition in spec.definitions.items():
        bare, parameters = _definition_head(name)
        found[bare] = Symbol(arity=len(parameters), aliases=definition.aliases)
    return found


def _definition_head(name: str) -> tuple[str, tuple[str, ...]]:
    """``Z(T)`` is Z of T."""
    found = _HEAD.fullmatch(name)
    if not found:
        raise Misbuilt(f"definitions.{name}", "expected a name, or a name with arguments, as in Z(T)")
    bare = found[1].lstrip("\\").replace("{", "").replace("}", "")
    return bare, tuple(word.strip() for word in found[2].split(",")) if found[2] else ()


def _read(place: str, text: str, world: World, symbols: Mapping[str, Symbol], free: tuple[str, ...] = ()) -> Expression:
    try:
        reader = WorldReader(text, world, symbols, frozenset(), free)
        tree = reader.expression()
        reader.finish()
    except Unreadable as error:
        raise Misbuilt(place, f"{text!r} cannot be read: {error}") from error
    return tree


# --- distributions ---


def _with_head(world: World, entry: WorldDistribution, symbols: Mapping[str, Symbol], place: str) -> World:
    """The world with the distribution's name, spellings and arguments; its law is read when all heads are known."""
    try:
        reader = ArgumentReader(entry.of, world, symbols)
        named = _head_name(reader)
        reader.at = named[1]
        if not reader.sees("("):
            reader.fail("the arguments of the distribution")
        targets, given, _ = reader.density_arguments()
        reader.finish()
    except Unreadable as error:
        raise Misbuilt(place, str(error)) from error
    if named[0] in world.distributions or not targets:
        raise Misbuilt(place, f"the name {named[0]} is taken" if targets else "expected variables in the brackets")
    parameters = tuple(p for p in world.spec.parameters if p in named[0].partition("_")[2])
    found = Distribution(named[0], targets, given, parameters, zeros=entry.zeros, latex=entry.of.partition("(")[0])
    spellings = {**world.spellings, named[0]: named[0]}
    for spelling in entry.spellings:
        other = ArgumentReader(spelling, world, symbols)
        spellings[_head_name(other)[0]] = named[0]
    return replace(world, distributions={**world.distributions, named[0]: found}, spellings=spellings)


def _head_name(reader: ArgumentReader) -> tuple[str, int]:
    """The whole name at the reader's place, scripts included, and the place behind it."""
    base, at = reader.accented(reader.next.text, reader.at + 1)
    below, above, end = reader.scripts(at)[-1]
    return base + (f"_{below}" if below else "") + (f"^{above}" if above else ""), end


def _with_law(
    found: Distribution, entry: WorldDistribution, world: World, symbols: Mapping[str, Symbol], place: str
) -> Distribution:
    if entry.is_:
        formula = _read(place, entry.is_, world, symbols)
        if shape(formula, symbols):
            raise Misbuilt(place, "a density is a number, not a vector")
        return replace(found, formula=formula)
    if not entry.factors:
        return found
    free = tuple(world.spec.indices)
    factors = tuple(_densities(_read(place, entry.factors, world, symbols, free)))
    if not factors or any(factor.distribution != found.name for factor in factors):
        raise Misbuilt(place, f"factors: expected a product of conditionals of {found.name}")
    return replace(found, factors=factors)


def _densities(x: Expression) -> list[Density]:
    if isinstance(x, Density):
        return [x]
    return [density for part in children(x) for density in _densities(part)]


# --- names ---


def _check_names(spec: WorldSpec) -> None:
    groups: dict[str, Mapping[str, object]] = {
        "variables": spec.variables, "counts": spec.counts, "parameters": spec.parameters,
        "quantities": spec.quantities, "indices": spec.indices,
    }  # fmt: skip
    taken: dict[str, str] = {}
    for group, names in groups.items():
        for name in names:
            if name in taken:
                raise Misbuilt(f"{group}.{name}", f"{name} is declared under {taken[name]}: already")
            taken[name] = group
    for name, variable in spec.variables.items():
        for count in (variable.values, variable.point, variable.length, variable.samples):
            _check_count(spec, f"variables.{name}", count)
    for name, count in spec.indices.items():
        _check_count(spec, f"indices.{name}", count)
    for name, quantity in spec.quantities.items():
        _check_quantity(spec, name, quantity.over, quantity.shape, quantity.domain)


def _check_count(spec: WorldSpec, place: str, count: str | None) -> None:
    if count is not None and count not in spec.counts:
        raise Misbuilt(place, f"{count} is not declared under counts:")


def _check_quantity(spec: WorldSpec, name: str, over: str | None, sizes: tuple[str, ...], words: str) -> None:
    place = f"quantities.{name}"
    for size in sizes:
        _check_count(spec, place, size)
    variable = spec.variables.get(over or "")
    if over is not None and over not in spec.parameters and not (variable and variable.values):
        raise Misbuilt(place, f"over: {over} is neither a parameter nor a variable with values:")
    try:
        domain(words)
    except Unreadable as error:
        raise Misbuilt(place, str(error)) from error
