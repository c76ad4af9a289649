"""Densities asked of the distributions of a world: marginals and conditionals of what is drawn or given by formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NoReturn, Protocol

from grader.derivation.engine.instances import Draws, Key, coordinates, factors, leaves
from grader.derivation.engine.layout import Layout, Slot
from grader.derivation.engine.values import COLUMN, IMPOSSIBLE, ROW, Algebra, Undetermined, Value, too_long
from grader.derivation.nodes import Argument, Density, Gaussian, Optimum, Total
from grader.derivation.world import Distribution, World
from grader.math.tree import Element, Expression, Multiply, Number, Variable, free_names, walk

Slots = tuple[Slot, ...]
ONE = Number(Fraction(1))
MAX_DEFINITIONS = 60  # within each other


class Evaluating(Protocol):
    """What gives an expression its value, for distributions that are formulas."""

    def closed(self, x: Expression) -> Value: ...


class Densities:
    """The distributions in some instances of one layout. All that is computed is kept, as lines ask for it again."""

    def __init__(self, world: World, layout: Layout, draws: Draws, algebra: Algebra, evaluating: Evaluating) -> None:
        self.world = world
        self.layout = layout
        self.draws = draws
        self.algebra = algebra
        self.evaluating = evaluating
        self._drawn: dict[Key, Value] = {}
        self._leaves = {leaf.key: leaf for leaf in leaves(world, layout)}
        self._tables: dict[tuple[str, bool], Value] = {}
        self._marginals: dict[tuple[str, bool, frozenset[int]], Value] = {}
        self._asked: dict[tuple[str, Slots, Slots], Value] = {}
        self._coordinates: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._under_way: set[str] = set()

    def drawn(self, key: Key) -> Value | None:
        """What was drawn under this key, None where nothing was."""
        if key not in self._drawn:
            leaf = self._leaves.get(key)
            if leaf is None:
                return None
            drawn = self.draws[key]
            data = self.algebra.arithmetic.ratio(drawn.numerators, drawn.denominator)
            self.algebra.budget.spend(data.size)
            self._drawn[key] = Value(leaf.axes, data)
        return self._drawn[key]

    @property
    def used(self) -> frozenset[Key]:
        """What was needed so far of all that was drawn."""
        return frozenset(self._drawn)

    # --- asking

    def ask(self, density: Density, bound: Mapping[str, int]) -> Value:
        """The value of a density where indices have the values ``bound``."""
        targets = self.slots(density.targets, bound)
        given = self.slots(density.given, bound)
        if any(argument.kind == "samples" for argument in density.given):
            raise Undetermined("a density given several draws of one variable is not evaluated in derivations")
        if not targets:
            return self.algebra.number(1)
        if len({slot.coordinate for slot in targets}) < len(targets):
            return self._of_draws(density.distribution, targets, given)
        return self._asking(density.distribution, targets, given)

    def slots(self, arguments: Sequence[Argument], bound: Mapping[str, int]) -> Slots:
        return tuple(slot for argument in arguments for slot in self.layout.slots(argument, bound))

    def _of_draws(self, name: str, targets: Slots, given: Slots) -> Value:
        """The density of several independent draws of one variable: the product of their densities."""
        names = self.layout.names
        if len({slot.coordinate for slot in targets}) > 1 or len({slot.axis for slot in targets}) < len(targets):
            twice = names[
                next(s.coordinate for s in targets if [t.coordinate for t in targets].count(s.coordinate) > 1)
            ]
            raise Undetermined(f"{twice} stands in a density twice")
        return self.algebra.multiply([self._asking(name, (slot,), given) for slot in targets])

    def _asking(self, name: str, targets: Slots, given: Slots) -> Value:
        key = (name, tuple(sorted(targets)), tuple(sorted(given)))
        if key not in self._asked:
            self._check(targets, given)
            table = self._conditional(name, [s.coordinate for s in targets], [s.coordinate for s in given])
            self._asked[key] = self._placed(table, (*targets, *given))
        return self._asked[key]

    def _check(self, targets: Slots, given: Slots) -> None:
        left, right = ([slot.coordinate for slot in slots] for slots in (targets, given))
        for axis in (*left, *right):
            if axis in left and axis in right:
                raise Undetermined(f"{self.layout.names[axis]} stands on both sides of the bar")
            if left.count(axis) + right.count(axis) > 1:
                raise Undetermined(f"{self.layout.names[axis]} stands in a density twice")

    def _placed(self, table: Value, slots: Slots) -> Value:
        """A table with its axes cut or renamed to those of the arguments."""
        for slot in slots:
            if slot.fixed is not None:
                table = self.algebra.take(table, slot.coordinate, slot.fixed)
        return self.algebra.rename(table, {slot.coordinate: slot.axis for slot in slots if slot.fixed is None})

    # --- conditionals and marginals

    def _conditional(self, name: str, targets: list[int], given: list[int]) -> Value:
        distribution = self._distribution(name)
        inside, outside = self._arguments(distribution)
        for axis in (*targets, *given):
            if axis not in inside and axis not in outside:
                self._silent(name, axis)
        for axis in targets:
            if axis in outside:
                self._silent(name, axis)
        if (factor := self._factor(distribution, targets, given)) is not None:
            return factor
        lawful = self._needs_law(name, outside, given)
        joint = self._marginal(distribution, lawful, frozenset((*targets, *given)))
        known = set(given) if lawful else set(given) - set(outside)
        if not known:
            return joint
        return self.algebra.divide(joint, self._marginal(distribution, lawful, frozenset(given)), IMPOSSIBLE)

    def _arguments(self, distribution: Distribution) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if distribution.name not in self._coordinates:
            self._coordinates[distribution.name] = coordinates(distribution, self.layout)
        return self._coordinates[distribution.name]

    def _needs_law(self, name: str, outside: tuple[int, ...], given: list[int]) -> bool:
        """Whether a random law of what the distribution is declared given is needed, as only some of it is given."""
        missing = [axis for axis in outside if axis not in given]
        if missing and (len(missing) == len(outside) or any(map(self.layout.is_point, outside))):
            self._silent(name, missing[0])
        return bool(missing)

    def _silent(self, name: str, axis: int) -> NoReturn:
        raise Undetermined(f"the item says nothing about the distribution of {self.layout.names[axis]} under {name}")

    def _factor(self, distribution: Distribution, targets: list[int], given: list[int]) -> Value | None:
        """The factor that was drawn as this very conditional. It also has a value given what never happens."""
        for leaf in self._leaves.values():
            if leaf.key[0] == "law" or leaf.key[1] != distribution.name or not leaf.given:
                continue
            if set(leaf.targets) == set(targets) and set(leaf.given) == set(given):
                return self.drawn(leaf.key)
        return None

    def _marginal(self, distribution: Distribution, lawful: bool, kept: frozenset[int]) -> Value:
        """The table over ``kept``, the rest summed over; what is given stays as declared unless ``lawful``."""
        key = (distribution.name, lawful, kept)
        if key not in self._marginals:
            inside, outside = self._arguments(distribution)
            over = [axis for axis in (*inside, *(outside if lawful else ())) if axis not in kept]
            points = [axis for axis in over if self.layout.is_point(axis)]
            table = self._integrated(distribution, points) if points else self._table(distribution, lawful)
            self._marginals[key] = self.algebra.sum(table, [axis for axis in over if axis not in points])
        return self._marginals[key]

    # --- tables

    def _distribution(self, name: str) -> Distribution:
        found = self.world.distributions.get(name)
        if found is None:
            raise Undetermined(f"{name} is no distribution of this item")
        return found

    def _table(self, distribution: Distribution, lawful: bool) -> Value:
        """All of a distribution: joint, or conditional as declared, or joint with a random law of what is given."""
        key = (distribution.name, lawful)
        if key not in self._tables:
            table = self._declared(distribution)
            if lawful:
                law = self.drawn(("law", distribution.name))
                assert law is not None
                table = self.algebra.multiply([table, law])
            self._tables[key] = table
        return self._tables[key]

    def _declared(self, distribution: Distribution) -> Value:
        if distribution.formula is not None:
            return self._of_formula(distribution, distribution.formula)
        if distribution.factors:
            count = len(factors(distribution, self.layout))
            parts = [self.drawn(("factor", distribution.name, k)) for k in range(count)]
            return self.algebra.multiply([part for part in parts if part is not None])
        table = self.drawn(("table", distribution.name))
        assert table is not None
        return table

    def _of_formula(self, distribution: Distribution, formula: Expression) -> Value:
        name = distribution.name
        if name in self._under_way:
            raise Undetermined(f"{name} is defined by itself")
        self._under_way.add(name)
        try:
            found = self.evaluating.closed(formula)
        finally:
            self._under_way.discard(name)
        inside, outside = self._arguments(distribution)
        families = [self.layout.ids[parameter] for parameter in self.layout.spec.parameters]
        if ROW in found.axes or COLUMN in found.axes or not set(found.axes) <= {*inside, *outside, *families}:
            raise Undetermined(f"the formula of {name} is no number, or depends on more than its arguments")
        return found

    def _integrated(self, distribution: Distribution, points: list[int]) -> Value:
        """The formula without a continuous variable, where that stands in one normal density alone."""
        formula = distribution.formula
        for axis in points:
            name = self.layout.names[axis]
            formula = None if formula is None else without_normal(formula, name, self.world)
        if formula is None:
            names = ", ".join(self.layout.names[axis] for axis in points)
            raise Undetermined(f"an integral over {names} is not evaluated in derivations")
        return self._of_formula(distribution, formula)


def without_normal(formula: Expression, name: str, world: World) -> Expression | None:
    """The integral of ``formula`` over all values of ``name``, where that is seen: a normal density of it integrates to
    1, and what else it is multiplied by does not depend on it."""
    parts = formula.factors if isinstance(formula, Multiply) else (formula,)
    inside = [part for part in parts if name in mentioned(part, world)]
    if len(inside) != 1 or not isinstance(inside[0], Gaussian) or inside[0].point != Variable(name):
        return None
    if name in mentioned(inside[0].mean, world) | mentioned(inside[0].variance, world):
        return None
    rest = tuple(part for part in parts if part is not inside[0])
    return Multiply(rest) if len(rest) > 1 else rest[0] if rest else ONE


def mentioned(x: Expression, world: World) -> frozenset[str]:
    """All that ``x`` depends on, by name: random variables, distributions, quantities, counts, through definitions and
    formulas."""
    found: set[str] = set()
    left = [x]
    while left:
        names = _named(left.pop()) - found
        found |= names
        for name in names:
            if name in world.definitions:
                left.append(world.definitions[name].body)
            elif name in world.distributions and (formula := world.distributions[name].formula) is not None:
                left.append(formula)
    return frozenset(found)


def _named(x: Expression) -> frozenset[str]:
    found = set(free_names(x))
    for node in walk(x):
        if isinstance(node, Density):
            found.add(node.distribution)
            found |= {argument.variable for argument in (*node.targets, *node.given)}
        elif isinstance(node, Total):
            found |= {argument.variable for argument in node.arguments}
        elif isinstance(node, Optimum):
            found.add(node.parameter)
    return frozenset(found)


def extent(x: Expression, world: World, known: dict[str, int], depth: int = 0) -> int:
    """How many nodes ``x`` has with every definition written out; ``known`` keeps that of names."""
    if depth > MAX_DEFINITIONS:
        too_long()
    found = 0
    for node in walk(x):
        found += 1
        name = node.family if isinstance(node, Element) else getattr(node, "name", "")
        if name in world.definitions:
            if name not in known:
                known[name] = extent(world.definitions[name].body, world, known, depth + 1)
            found += known[name]
    return found
