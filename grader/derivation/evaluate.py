"""What an expression denotes in instances of a world: an array over named axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from typing import Any

import numpy as np

from grader.derivation import matrices
from grader.derivation.arithmetic import Arithmetic
from grader.derivation.densities import Densities
from grader.derivation.instances import Draws
from grader.derivation.layout import Layout, integer
from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Gaussian, Optimum, Total
from grader.derivation.values import CERTAIN, Algebra, Budget, Undetermined, Value, too_long
from grader.derivation.world import World
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Constant,
    Derivative,
    Element,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    free_names,
    substitute,
    walk,
)

__all__ = ["Budget", "Evaluator", "Undetermined", "Value"]

MAX_TERMS = 64
MAX_DEPTH = 60
LEAST, GREATEST = Fraction(1, 10**6), Fraction(10**6)
MAX_EXPONENT = 40


class Evaluator:
    """Evaluates expressions in the instances ``draws`` of one layout. ``bound`` gives indices their values."""

    def __init__(self, world: World, layout: Layout, draws: Draws, arithmetic: Arithmetic, budget: Budget) -> None:
        self.world = world
        self.layout = layout
        self.arithmetic = arithmetic
        self.algebra = Algebra(arithmetic, layout.sizes, budget)
        self.densities = Densities(world, layout, draws, self.algebra, self)
        self.count = max((len(drawn.numerators) for drawn in draws.values()), default=1)
        self.bound: dict[str, int] = {}
        self.depth = 0
        self._kept: dict[tuple[Expression, tuple[tuple[str, int], ...]], Value] = {}

    def at(self, x: Expression, bound: Mapping[str, int]) -> Value:
        """The value of a side of a line, kept for the next time.

        Raises Undetermined where it has no meaning, or none that is checked here, Inexact where rationals have none.
        """
        key = (x, tuple(sorted(bound.items())))
        if key not in self._kept:
            self.depth = 0
            with self._binding(bound):
                self._kept[key] = self.value(x)
        return self._kept[key]

    def closed(self, x: Expression) -> Value:
        """The value where no index is bound."""
        with self._binding({}):
            return self.value(x)

    @contextmanager
    def _binding(self, bound: Mapping[str, int]) -> Iterator[None]:
        outer, self.bound = self.bound, dict(bound)
        try:
            yield
        finally:
            self.bound = outer

    def value(self, x: Expression) -> Value:
        """The value under the indices bound at the moment."""
        if self.depth > MAX_DEPTH:
            too_long()
        self.depth += 1
        self.algebra.budget.spend(0)
        found: Value = _BY_NODE[_kind(x)](self, x)
        self.depth -= 1
        if found.data.size == 1 < self.count:
            self._of_size(found)
        return found

    def _of_size(self, v: Value) -> None:
        """Refuses numbers that no numeric check can weigh against others; ``v`` is the same in every instance."""
        size = abs(v.data.flat[0])
        if v.bad is None and size and not LEAST <= size <= GREATEST:
            raise Undetermined(f"a number so {'small' if size < 1 else 'large'} is not checked here")

    def _once(self, x: Expression, compute: Callable[[], Value]) -> Value:
        key = (x, tuple(sorted(self.bound.items())))
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]

    # --- numbers and names

    def number(self, x: Number) -> Value:
        if x.value and not LEAST <= abs(x.value) <= GREATEST:
            raise Undetermined(f"a number so {'small' if abs(x.value) < 1 else 'large'} is not checked here")
        return self.algebra.number(x.value)

    def constant(self, x: Constant) -> Value:
        if x.name == "infinity":
            raise Undetermined("infinity is no number")
        return Value((), self.arithmetic.pi() if x.name == "pi" else self.arithmetic.exp(self.algebra.one))

    def variable(self, x: Variable) -> Value:
        name = x.name
        if name in self.bound:
            return self.algebra.number(self.bound[name])
        if name in self.world.definitions:
            return self._defined(name, ())
        if name in self.layout.counts:
            return self.algebra.number(self.layout.counts[name])
        if (found := self._of_quantity(name)) is not None:
            return found
        return self._of_variable(name)

    def _of_quantity(self, name: str) -> Value | None:
        quantity = self.world.spec.quantities.get(name)
        if quantity is None:
            return None
        if quantity.over in self.world.spec.variables:
            raise Undetermined(f"{name} needs an index: there is one for every value of {quantity.over}")
        return self._drawn(name)

    def _drawn(self, name: str) -> Value:
        found = self.densities.drawn(("quantity", name))
        assert found is not None
        return matrices.as_number(found)

    def _of_variable(self, name: str) -> Value:
        variable = self.world.spec.variables.get(name)
        if variable is None:
            raise Undetermined(f"{name} stands free here: it is neither known nor bound by a sum or an expectation")
        point = self.densities.drawn(("point", name))
        if point is not None:
            return matrices.as_number(point)
        if variable.values:
            axis = self.layout.ids[name]
            entries = [self.arithmetic.number(Fraction(k + 1)) for k in range(self.layout.sizes[axis])]
            return Value((axis,), np.concatenate(entries)[None])
        raise Undetermined(f"{name} is used as a number here, but its values are no numbers in this item")

    def element(self, x: Element) -> Value:
        name = x.family
        if name in self.world.definitions:
            return self._defined(name, (x.index,))
        quantity = self.world.spec.quantities.get(name)
        if quantity is None or quantity.over is None:
            raise Undetermined(f"{name} with an index has no value as a number here")
        if quantity.over in self.world.spec.parameters:
            raise Undetermined(f"{name} depends on {quantity.over}, which has no index")
        return self._along(self._drawn(name), quantity.over, x.index)

    def _along(self, v: Value, variable: str, index: Expression) -> Value:
        """``v``, which depends on ``variable``, at an index: a whole number, or a variable with as many values."""
        axis = self.layout.ids[variable]
        place = integer(index, {**self.layout.counts, **self.bound})
        if place is not None:
            if not 1 <= place <= self.layout.sizes[axis]:
                raise Undetermined(f"an index {place} lies outside 1, …, {self.layout.sizes[axis]}")
            return self.algebra.take(v, axis, place - 1)
        name = index.name if isinstance(index, Variable) else ""
        if name == variable:
            return v
        if not self._alike(name, variable):
            raise Undetermined(f"an index in the place of {variable} is neither a whole number nor {variable}")
        if self.layout.ids[name] in v.axes:
            raise Undetermined(f"{variable} cannot be replaced by {name} where {name} stands already")
        return self.algebra.rename(v, {axis: self.layout.ids[name]})

    def _alike(self, name: str, variable: str) -> bool:
        """Whether two variables have the same values 1, …, k."""
        variables = self.world.spec.variables
        same = name in variables and variables[name].values == variables[variable].values
        return same and variables[variable].values is not None

    def call(self, x: Call) -> Value:
        if x.name not in self.world.definitions or x.orders:
            raise Undetermined(f"the function {x.name} is not known here")
        return self._defined(x.name, x.arguments)

    def _defined(self, name: str, arguments: tuple[Expression, ...]) -> Value:
        definition = self.world.definitions[name]
        if len(arguments) != len(definition.parameters):
            raise Undetermined(f"{name} has {len(definition.parameters)} arguments, here {len(arguments)} are given")
        body, cuts = definition.body, []
        binds = {node.variable for node in walk(body) if isinstance(node, Reduce)}
        for parameter, argument in zip(definition.parameters, arguments, strict=True):
            if parameter in self.world.spec.variables:
                cuts.append((parameter, argument))
                continue
            place = integer(argument, self.bound)
            if place is None and free_names(argument) & binds:
                raise Undetermined(f"the argument of {name} has the name of an index inside its definition")
            body = substitute(body, parameter, argument if place is None else Number(Fraction(place)))
        found = self._once(body, lambda: self.value(body))
        for parameter, argument in cuts:
            found = self._in_place(found, parameter, argument)
        return found

    def _in_place(self, v: Value, parameter: str, argument: Expression) -> Value:
        if argument == Variable(parameter):
            return v
        if self.world.spec.variables[parameter].values is None:
            raise Undetermined(f"{parameter} cannot be replaced by another argument here")
        return self._along(v, parameter, argument)

    # --- arithmetic

    def add(self, x: Add) -> Value:
        terms = [self.value(term) for term in x.terms]
        matrices.alike(terms)
        return self.algebra.add(terms)

    def multiply(self, x: Multiply) -> Value:
        return self._product([self.value(factor) for factor in x.factors])

    def _product(self, factors: Sequence[Value]) -> Value:
        if sum(factor.is_grid for factor in factors) > 1:
            return matrices.matmul(self.algebra, factors)
        return self.algebra.multiply(factors)

    def power(self, x: Power) -> Value:
        n = integer(x.exponent, {**self.layout.counts, **self.bound})
        base = self.value(x.base)
        if base.is_grid:
            return self._grid_power(base, n)
        if n is not None:
            self._moderate(abs(n))
            return self.algebra.whole_power(base, n)
        if isinstance(x.exponent, Number) and x.exponent.value == Fraction(1, 2):
            return self.algebra.sqrt(base)
        exponent = self.value(x.exponent)
        if exponent.is_grid:
            raise Undetermined("an exponent is a vector or matrix here")
        if exponent.data.size == 1 < self.count:
            self._moderate(abs(float(exponent.data.flat[0])))
        return self.algebra.power(base, exponent)

    def _moderate(self, exponent: float) -> None:
        if exponent > MAX_EXPONENT:
            raise Undetermined("an exponent so large is not checked here")

    def _grid_power(self, base: Value, n: int | None) -> Value:
        if n == -1:
            return matrices.inverse(self.algebra, base)
        raise Undetermined("powers of vectors and matrices are not evaluated in derivations")

    def apply(self, x: Apply) -> Value:
        arguments = [self.value(argument) for argument in x.arguments]
        if x.function in _OF_GRIDS:
            return _OF_GRIDS[x.function](self, x, arguments)
        if x.function not in _OF_NUMBERS:
            raise Undetermined(f"{x.function} is not evaluated in derivations")
        if any(argument.is_grid for argument in arguments):
            raise Undetermined(f"{x.function} is taken of a vector or matrix here")
        return _OF_NUMBERS[x.function](self, arguments)

    def _exp(self, arguments: list[Value]) -> Value:
        return self.algebra.each(self.arithmetic.exp, arguments[0])

    def _log(self, arguments: list[Value]) -> Value:
        return self.algebra.log(arguments[0])

    def _logb(self, arguments: list[Value]) -> Value:
        base, argument = (self.algebra.log(v) for v in arguments)
        return self.algebra.divide(argument, base)

    def _sqrt(self, arguments: list[Value]) -> Value:
        return self.algebra.sqrt(arguments[0])

    def _abs(self, arguments: list[Value]) -> Value:
        return self.algebra.each(np.abs, arguments[0])

    def _max(self, arguments: list[Value]) -> Value:
        return self.algebra.pairwise(self.arithmetic.larger, arguments)

    def _min(self, arguments: list[Value]) -> Value:
        return self.algebra.pairwise(self.arithmetic.smaller, arguments)

    def _whole(self, x: Expression) -> int:
        found = integer(x, {**self.layout.counts, **self.bound})
        if found is None:
            raise Undetermined("a size or index of a matrix is no whole number here")
        return found

    def _identity(self, x: Apply, _: list[Value]) -> Value:
        n = self._whole(x.arguments[0])
        if not 1 <= n <= 6:
            raise Undetermined(f"an identity of size {n} is not checked here")
        return matrices.identity(self.algebra, n)

    def _entry(self, x: Apply, arguments: list[Value]) -> Value:
        row, column = (self._whole(index) for index in (*x.arguments[1:], Number(Fraction(1)))[:2])
        return matrices.entry(arguments[0], row, column)

    def _norm(self, _: Apply, arguments: list[Value]) -> Value:
        return self.algebra.sqrt(matrices.square_norm(self.algebra, arguments[0]))

    def matrix(self, x: Matrix) -> Value:
        return matrices.build(self.algebra, [[self.value(entry) for entry in row] for row in x.rows])

    # --- sums over indices

    def reduce(self, x: Reduce) -> Value:
        if x.operation == "integral":
            raise Undetermined(f"an integral over {x.variable} is not evaluated in derivations")
        low, high = (integer(end, {**self.layout.counts, **self.bound}) for end in (x.low, x.high))
        if low is None or high is None:
            raise Undetermined(f"an end of the range of {x.variable} is no whole number here")
        if high - low >= MAX_TERMS:
            too_long()
        if high < low:
            return self.algebra.number(0 if x.operation == "sum" else 1)
        terms = []
        for k in range(low, high + 1):
            with self._binding({**self.bound, x.variable: k}):
                terms.append(self.value(x.body))
        if x.operation == "prod":
            return self._product(terms)
        matrices.alike(terms)
        return self.algebra.add(terms)

    def derivative(self, _: Derivative) -> Value:
        raise Undetermined("derivatives are not evaluated in derivations")

    # --- probability

    def density(self, x: Density) -> Value:
        return self.densities.ask(x, self.bound)

    def _over(self, arguments: Sequence[Argument]) -> AbstractContextManager[None]:
        """What is summed over is no longer the index of that name outside, should there be one."""
        names = {argument.variable for argument in arguments}
        return self._binding({name: k for name, k in self.bound.items() if name not in names})

    def _axes(self, arguments: Sequence[Argument]) -> list[int]:
        """The axes that a sum or expectation over ``arguments`` sums over."""
        found: list[int] = []
        for slot in self.densities.slots(arguments, self.bound):
            name = self.layout.names[slot.axis]
            if slot.fixed is not None:
                raise Undetermined(f"{name} has a fixed value here, so there is nothing to sum or draw")
            if self.layout.is_point(slot.axis):
                raise Undetermined(f"an integral over {name} is not evaluated in derivations")
            if slot.axis in found:
                raise Undetermined(f"{name} is summed over or drawn twice here")
            found.append(slot.axis)
        return found

    def expectation(self, x: Expectation) -> Value:
        return self._once(x, lambda: self._expectation(x))

    def _expectation(self, x: Expectation) -> Value:
        targets = [argument for weight in x.weights for argument in weight.targets]
        with self._over(targets):
            axes = self._axes(targets)
            body = self.value(x.body)
            weight = self.algebra.multiply([self.value(weight) for weight in x.weights])
        idle = [axis for axis in axes if axis not in body.axes]
        if weight.bad is None and idle:  # what the body does not depend on leaves early, for speed
            weight, axes = self.algebra.sum(weight, idle), [axis for axis in axes if axis in body.axes]
        return self.algebra.sum(self.algebra.multiply([weight, body], forgiven=CERTAIN), axes)

    def divergence(self, x: Divergence) -> Value:
        return self._once(x, lambda: self._divergence(x))

    def _divergence(self, x: Divergence) -> Value:
        with self._over(x.left.targets):
            axes, others = self._axes(x.left.targets), self._axes(x.right.targets)
            if set(axes) != set(others):
                raise Undetermined("a divergence is between distributions of the same variables")
            left, right = self.value(x.left), self.value(x.right)
        algebra = self.algebra
        difference = algebra.subtract(algebra.log(left), algebra.log(right))
        return algebra.sum(algebra.multiply([left, difference]), axes)

    def total(self, x: Total) -> Value:
        return self._once(x, lambda: self._total(x))

    def _total(self, x: Total) -> Value:
        with self._over(x.arguments):
            return self.algebra.sum(self.value(x.body), self._axes(x.arguments))

    def optimum(self, _: Optimum) -> Value:
        raise Undetermined("an optimisation problem has no number as a value")

    def gaussian(self, x: Gaussian) -> Value:
        point, mean, variance = (self.value(part) for part in x.parts())
        algebra = self.algebra
        if variance.is_grid:
            raise Undetermined("the variance of a normal density is a number here, times the identity")
        matrices.alike([point, mean])
        n = matrices.size(point)[0]
        square = matrices.square_norm(algebra, algebra.subtract(point, mean))
        over = algebra.reciprocal(variance)
        exponent = algebra.multiply([algebra.number(Fraction(-1, 2)), square, over])
        halved_pi = Value((), 1 / (2 * self.arithmetic.pi()))
        scale = algebra.sqrt(algebra.multiply([halved_pi, over]))
        return algebra.multiply([algebra.whole_power(scale, n), algebra.each(self.arithmetic.exp, exponent)])


def _kind(x: Expression) -> type:
    kind = type(x)
    if kind not in _BY_NODE:
        raise Undetermined(f"{kind.__name__} is not evaluated in derivations")
    return kind


_BY_NODE: dict[type, Callable[[Evaluator, Any], Value]] = {
    Number: Evaluator.number,
    Constant: Evaluator.constant,
    Variable: Evaluator.variable,
    Element: Evaluator.element,
    Call: Evaluator.call,
    Apply: Evaluator.apply,
    Add: Evaluator.add,
    Multiply: Evaluator.multiply,
    Power: Evaluator.power,
    Reduce: Evaluator.reduce,
    Derivative: Evaluator.derivative,
    Matrix: Evaluator.matrix,
    Density: Evaluator.density,
    Expectation: Evaluator.expectation,
    Divergence: Evaluator.divergence,
    Total: Evaluator.total,
    Optimum: Evaluator.optimum,
    Gaussian: Evaluator.gaussian,
}

_OF_NUMBERS: dict[str, Callable[[Evaluator, list[Value]], Value]] = {
    "exp": Evaluator._exp,
    "log": Evaluator._log,
    "logb": Evaluator._logb,
    "sqrt": Evaluator._sqrt,
    "abs": Evaluator._abs,
    "max": Evaluator._max,
    "min": Evaluator._min,
}

_OF_GRIDS: dict[str, Callable[[Evaluator, Apply, list[Value]], Value]] = {
    "transpose": lambda _, __, a: matrices.transpose(a[0]),
    "dot": lambda e, _, a: matrices.dot(e.algebra, a[0], a[1]),
    "matmul": lambda e, _, a: matrices.matmul(e.algebra, a),
    "norm": Evaluator._norm,
    "identity": Evaluator._identity,
    "entry": Evaluator._entry,
    "trace": lambda e, _, a: matrices.trace(e.algebra, a[0]),
    "det": lambda e, _, a: matrices.det(e.algebra, a[0]),
    "inverse": lambda e, _, a: matrices.inverse(e.algebra, a[0]),
    "diag": lambda e, _, a: matrices.diagonal(e.algebra, a),
}
