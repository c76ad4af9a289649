"""What an expression denotes in instances of a world: an array over named axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from fractions import Fraction
from typing import Any

from grader.derivation.engine import matrices
from grader.derivation.engine.formulas import GREATEST, LEAST, Formulas
from grader.derivation.engine.values import CERTAIN, Budget, Undetermined, Value, too_long
from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Gaussian, Optimum, Total
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
)

__all__ = ["MAX_DEPTH", "Budget", "Evaluator", "Undetermined", "Value"]

MAX_DEPTH = 60


class Evaluator(Formulas):
    """Evaluates expressions in some instances, all at once."""

    def at(self, x: Expression, bound: Mapping[str, int]) -> Value:
        """The value of a side of a line, kept for the next time.

        Raises Undetermined where it has no meaning, or none that is checked here, Inexact where rationals have none.
        """
        key = (self._codes.of(x), tuple(sorted(bound.items())))
        if key not in self._kept:
            self.depth = 0
            with self._binding(bound):
                self._kept[key] = self.value(x)
        return self._kept[key]

    def value(self, x: Expression) -> Value:
        """The value under the indices bound at the moment."""
        if self.depth > MAX_DEPTH:
            too_long()
        self.depth += 1
        self.algebra.budget.spend(0)
        found: Value = _BY_NODE[_kind(x)](self, x)
        self.depth -= 1
        if found.data.size == 1 < self.count and not self.arithmetic.exact:
            self._of_size(found)
        return found

    def _of_size(self, v: Value) -> None:
        """Refuses numbers that no numeric check can weigh against others; ``v`` is the same in every instance."""
        size = abs(v.data.flat[0])
        if v.bad is None and size and not LEAST <= size <= GREATEST:
            raise Undetermined(f"a number so {'small' if size < 1 else 'large'} is not checked here")

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
        return algebra.multiply([algebra.whole_power(scale, n), algebra.exp(exponent)])


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
