"""Formulas over arrays of draws, in doubles."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import Unreadable
from grader.math.tree import Expression
from grader.math.values import Value
from grader.montecarlo.interpreting import Interpreter, middle

Array = npt.NDArray[np.float64]
_FEW = 8  # up to this power, multiplying is faster than raising
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {"less": np.less, "atmost": np.less_equal, "same": np.equal}


def _each(function: Callable[[float], float]) -> Callable[[Array], Array]:
    return lambda x: np.vectorize(function, otypes=[float])(x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "ceil": np.ceil, "floor": np.floor,
    "factorial": _each(lambda t: math.gamma(t + 1)), "logb": lambda base, x: np.log(x) / np.log(base),
}  # fmt: skip


class Vectors(Interpreter[Array]):
    """Values are arrays over the draws, or single numbers as arrays without an axis."""

    def constant(self, x: Value) -> Array:
        return np.asarray(middle(x))

    def total(self, terms: list[Array]) -> Array:
        return reduce(np.add, terms)

    def product(self, factors: list[Array]) -> Array:
        return reduce(np.multiply, factors)

    def to_the(self, base: Array, exponent: Fraction) -> Array:
        if exponent.denominator == 1 and 0 < exponent <= _FEW:
            return reduce(np.multiply, [base] * int(exponent))
        if exponent == -1:
            return np.reciprocal(base)
        if exponent.denominator % 2 and exponent.denominator > 1:
            return self.odd_root(base, exponent)
        return np.power(base, float(exponent))

    def odd_root(self, base: Array, exponent: Fraction) -> Array:
        """Of a negative number it is left open here, as everywhere in the grader: it has no value."""
        return np.power(base, float(exponent))

    def power(self, base: Array, exponent: Array) -> Array:
        return np.power(base, exponent)

    def relation(self, name: str, left: Array, right: Array) -> Array:
        return np.asarray(_RELATIONS[name](left, right), float)

    def choice(self, condition: Array, then: Expression, otherwise: Array) -> Array:
        return np.where(condition != 0, self.of(then), otherwise)

    def function(self, name: str, arguments: list[Array]) -> Array:
        if name in ("max", "min"):
            return reduce(np.maximum if name == "max" else np.minimum, arguments)
        if name not in _FUNCTIONS:
            raise Unreadable(f"`{name}` is not carried out on draws")
        return np.asarray(_FUNCTIONS[name](*arguments))
