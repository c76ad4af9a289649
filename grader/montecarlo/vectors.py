"""Formulas over arrays of draws, in doubles."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import Unreadable
from grader.math.tree import Add, Apply, Element, Expression, Multiply, Variable, free_names
from grader.math.values import Value
from grader.montecarlo.interpreting import Interpreter, middle

Array = npt.NDArray[np.float64]
_ROUNDING = 1e-12  # of the larger of two numbers
_FEW = 8  # up to this power, multiplying is faster than raising
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {"less": np.less, "atmost": np.less_equal, "same": np.equal}


def _without_zero(x: Array) -> Array:
    """Zero has no logarithm and no reciprocal: infinity would come to its end in 1/(1/x) and be taken for a value."""
    return np.where(x == 0, np.nan, x)


def _log(x: Array) -> Array:
    return np.asarray(np.log(_without_zero(x)))


def _factorial(x: float) -> float:
    try:
        return math.gamma(x + 1)
    except OverflowError:
        return math.inf
    except ValueError:  # of a negative whole number
        return math.nan


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": _log, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "ceil": lambda x: -_floor(-x), "floor": lambda x: _floor(x),
    "factorial": np.vectorize(_factorial, otypes=[float]), "logb": lambda base, x: _log(x) / _without_zero(_log(base)),
}  # fmt: skip


def _floor(x: Array) -> Array:
    """Of 2.9999999999999996 it is 3: that is a 3 with rounding."""
    nearest = np.rint(x)
    return np.where(np.abs(x - nearest) <= _ROUNDING * np.abs(nearest), nearest, np.floor(x))


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is known of random names: those that are ``discrete`` have values that only rounding can bring together, and
    those that are ``chosen`` are draws or constants themselves, picked by conditions and not computed."""

    discrete: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()


class Vectors(Interpreter[Array]):
    """Values are arrays over the draws, or single numbers as arrays without an axis.

    ``unclear`` tells that two sides of a relation came so close that doubles cannot tell them apart, where they need
    not be equal: a sigmoid that is 1 in doubles is below 1.
    """

    def __init__(
        self, known: Mapping[str, Array], families: Mapping[str, Mapping[int, Array]], kinds: Kinds = Kinds()
    ) -> None:
        super().__init__(known, families)
        self.kinds = kinds
        self.unclear = False
        self.sizes: dict[str, Array] = {}  # of the variables that are formulas

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
            return np.reciprocal(_without_zero(base))
        if exponent < 0:
            base = _without_zero(base)
        return np.power(base, float(exponent))

    def power(self, base: Array, exponent: Array) -> Array:
        return np.power(np.where(exponent < 0, _without_zero(base), base), exponent)

    def applied(self, name: str, arguments: tuple[Expression, ...]) -> Array:
        if name not in _RELATIONS:
            return super().applied(name, arguments)
        left, right = map(self.of, arguments)
        near = np.abs(left - right) <= _ROUNDING * (self.size(arguments[0]) + self.size(arguments[1]))
        holds = np.asarray(_RELATIONS[name](left, right), float)
        if all(map(self.is_discrete, arguments)):
            holds = np.where(near, float(name != "less"), holds)  # 3 * 0.1 is 3/10
        elif not all(map(self.is_chosen, arguments)):
            self.unclear |= bool(np.any(near & np.isfinite(left) & np.isfinite(right)))
        # without a value where a side has none: then it neither holds nor fails
        return np.where(np.isfinite(left) & np.isfinite(right), holds, np.nan)

    def size(self, x: Expression) -> Array:
        """How large the numbers are of which ``x`` is made: rounding is relative to these, also where they cancel."""
        match x:
            case Add(terms):
                return reduce(np.add, map(self.size, terms))
            case Multiply(factors):
                return reduce(np.multiply, map(self.size, factors))
            case Variable(name) if name in self.sizes:
                return self.sizes[name]
        return np.abs(self.of(x))

    def is_discrete(self, x: Expression) -> bool:
        return self.names(x) <= self.kinds.discrete

    def is_chosen(self, x: Expression) -> bool:
        """Whether nothing is computed: there is nothing that could round."""
        if isinstance(x, Apply) and x.function in ("max", "min", "abs", "cases"):
            return all(map(self.is_chosen, x.arguments[::2] if x.function == "cases" else x.arguments))
        return self.is_constant(x) or (isinstance(x, Variable | Element) and self.names(x) <= self.kinds.chosen)

    def names(self, x: Expression) -> frozenset[str]:
        """The random names in it."""
        return free_names(x) & (self.known.keys() | self.families.keys())

    def relation(self, name: str, left: Array, right: Array) -> Array:
        raise NotImplementedError  # ``applied`` has to see the formulas

    def choice(self, condition: Array, then: Expression, otherwise: Array) -> Array:
        found = np.where(condition != 0, self.of(then), otherwise)
        return np.where(np.isnan(condition), np.nan, found)

    def function(self, name: str, arguments: list[Array]) -> Array:
        if name in ("max", "min"):
            return reduce(np.maximum if name == "max" else np.minimum, arguments)
        if name not in _FUNCTIONS:
            raise Unreadable(f"`{name}` is not carried out on draws")
        return np.asarray(_FUNCTIONS[name](*arguments))
