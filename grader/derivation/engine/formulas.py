"""The values of formulas in instances of a world: numbers, names, arithmetic, vectors, sums over indices.

What is about probability is in ``evaluate``, which this is the lower half of.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

import numpy as np

from grader.derivation.engine import matrices
from grader.derivation.engine.arithmetic import Arithmetic
from grader.derivation.engine.densities import Densities
from grader.derivation.engine.instances import Draws
from grader.derivation.engine.layout import Layout, integer
from grader.derivation.engine.values import Algebra, Budget, Undetermined, Value, too_long
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

MAX_TERMS = 64
LEAST, GREATEST = Fraction(1, 10**6), Fraction(10**6)
MAX_EXPONENT = 40


class Codes:
    """A number for every expression, equal ones the same. Asked again for the very object it is quick, where to hash or
    compare an expression takes all of it."""

    def __init__(self) -> None:
        self._by_identity: dict[int, tuple[Expression, int]] = {}
        self._by_value: dict[Expression, int] = {}

    def of(self, x: Expression) -> int:
        found = self._by_identity.get(id(x))
        if found is None:
            # the expression is kept, so that no other can get its identity
            found = self._by_identity[id(x)] = x, self._by_value.setdefault(x, len(self._by_value))
        return found[1]


class Formulas(ABC):
    """Evaluates formulas in the instances ``draws`` of one layout. ``bound`` gives indices their values."""

    def __init__(
        self,
        world: World,
        layout: Layout,
        draws: Draws,
        arithmetic: Arithmetic,
        budget: Budget,
        codes: Codes | None = None,
    ) -> None:
        self.world = world
        self.layout = layout
        self.arithmetic = arithmetic
        self.algebra = Algebra(arithmetic, layout.sizes, budget)
        self.densities = Densities(world, layout, draws, self.algebra, self)
        self.count = max((len(drawn.numerators) for drawn in draws.values()), default=1)
        self.bound: dict[str, int] = {}
        self.depth = 0
        self._kept: dict[tuple[int, tuple[tuple[str, int], ...]], Value] = {}
        self._bodies: dict[tuple[str, tuple[Expression, ...]], Expression] = {}
        self._codes = codes or Codes()

    @abstractmethod
    def value(self, x: Expression) -> Value:
        """The value under the indices bound at the moment."""

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

    def _once(self, x: Expression, compute: Callable[[], Value]) -> Value:
        key = (self._codes.of(x), tuple(sorted(self.bound.items())))
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
        given = tuple(zip(definition.parameters, arguments, strict=True))
        cuts = [(parameter, argument) for parameter, argument in given if parameter in self.world.spec.variables]
        put = tuple(
            (parameter, self._placed(x)) for parameter, x in given if parameter not in self.world.spec.variables
        )
        key = name, tuple(x for _, x in put)
        if key not in self._bodies:
            self._bodies[key] = self._body(name, put)
        body = self._bodies[key]
        found = self._once(body, lambda: self.value(body))
        for parameter, argument in cuts:
            found = self._in_place(found, parameter, argument)
        return found

    def _placed(self, argument: Expression) -> Expression:
        place = integer(argument, self.bound)
        return argument if place is None else Number(Fraction(place))

    def _body(self, name: str, put: Sequence[tuple[str, Expression]]) -> Expression:
        """What a name stands for, with arguments put in for its parameters."""
        body = self.world.definitions[name].body
        binds = {node.variable for node in walk(body) if isinstance(node, Reduce)}
        for parameter, argument in put:
            if free_names(argument) & binds:
                raise Undetermined(f"the argument of {name} has the name of an index inside its definition")
            body = substitute(body, parameter, argument)
        return body

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
        return self.algebra.exp(arguments[0])

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


_OF_NUMBERS: dict[str, Callable[[Formulas, list[Value]], Value]] = {
    "exp": Formulas._exp,
    "log": Formulas._log,
    "logb": Formulas._logb,
    "sqrt": Formulas._sqrt,
    "abs": Formulas._abs,
    "max": Formulas._max,
    "min": Formulas._min,
}

_OF_GRIDS: dict[str, Callable[[Formulas, Apply, list[Value]], Value]] = {
    "transpose": lambda _, __, a: matrices.transpose(a[0]),
    "dot": lambda e, _, a: matrices.dot(e.algebra, a[0], a[1]),
    "matmul": lambda e, _, a: matrices.matmul(e.algebra, a),
    "norm": Formulas._norm,
    "identity": Formulas._identity,
    "entry": Formulas._entry,
    "trace": lambda e, _, a: matrices.trace(e.algebra, a[0]),
    "det": lambda e, _, a: matrices.det(e.algebra, a[0]),
    "inverse": lambda e, _, a: matrices.inverse(e.algebra, a[0]),
    "diag": lambda e, _, a: matrices.diagonal(e.algebra, a),
}
