"""The expression tree that every formula becomes: immutable, compared by structure.

Subtraction and division have no nodes of their own: ``a - b`` is ``a + (-1)·b`` and ``a / b`` is ``a · b^(-1)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True, slots=True)
class Number:
    """A rational number. ``decimal`` tells that it was typed with a decimal point or exponent, as ``source``."""

    value: Fraction
    source: str = field(default="", compare=False)
    decimal: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Constant:
    name: Literal["pi", "e", "infinity"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared symbol, or the bound variable of a sum or product."""

    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a declared family: ``k_{i-1}``."""

    family: str
    index: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A declared, unknown function at some arguments: ``p_XY(x, y)``.

    ``orders`` tells how often it is differentiated by each argument, empty for not at all: ``f'(x)`` has ``(1,)``.
    """

    name: str
    arguments: tuple[Expression, ...]
    orders: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Apply:
    """A known function, by its name in ``FUNCTIONS``.

    ``log`` is natural; ``logb`` takes base, then argument. ``less``, ``atmost`` and ``same`` are 1 where the relation
    ``<``, ``≤`` or ``=`` holds between their arguments and 0 elsewhere (Iverson's bracket). ``cases`` takes values,
    each followed by such a condition, the first of which that holds counts, and the value for what is left; without the
    last it has no value there. ``matmul`` is a product of matrices, in order. ``entry`` takes a
    matrix and its indices, counted from 1.
    """

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Add:
    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Multiply:
    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Power:
    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Reduce:
    """A sum or product of ``body`` over integers ``low ≤ variable ≤ high``, empty where ``high < low``; or its integral
    over the reals from ``low`` to ``high``. ``variable`` is bound in ``body`` alone."""

    operation: Literal["sum", "prod", "integral"]
    variable: str
    low: Expression
    high: Expression
    body: Expression


@dataclass(frozen=True, slots=True)
class Derivative:
    """The derivative of ``body`` by ``variable``, which stays free: the value depends on it."""

    variable: str
    body: Expression


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix by its rows, all of one length. A vector is a matrix with one column."""

    rows: tuple[tuple[Expression, ...], ...]


class Extension(ABC):
    """A node of the notation of another module. It denotes a number; only that module can evaluate or print it."""

    __slots__ = ()

    @abstractmethod
    def parts(self) -> tuple[Expression, ...]:
        """The direct subexpressions."""

    @abstractmethod
    def over(self, parts: tuple[Expression, ...]) -> Extension:
        """The same node over other subexpressions, in the order of ``parts``."""


Expression = (
    Number
    | Constant
    | Variable
    | Element
    | Call
    | Apply
    | Add
    | Multiply
    | Power
    | Reduce
    | Derivative
    | Matrix
    | Extension
)

# name -> number of arguments (None: one or more)
FUNCTIONS: dict[str, int | None] = {
    "exp": 1, "log": 1, "logb": 2, "sqrt": 1, "abs": 1, "sign": 1,
    "sin": 1, "cos": 1, "tan": 1, "arcsin": 1, "arccos": 1, "arctan": 1, "sinh": 1, "cosh": 1, "tanh": 1,
    "max": None, "min": None, "ceil": 1, "floor": 1, "factorial": 1, "binom": 2,
    "less": 2, "atmost": 2, "same": 2, "cases": None,
    "transpose": 1, "det": 1, "inverse": 1, "trace": 1, "norm": 1, "diag": None, "identity": 1, "dot": 2,
    "matmul": None, "entry": None,
}  # fmt: skip

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))


def negate(x: Expression) -> Expression:
    if not isinstance(x, Number):
        return Multiply((MINUS_ONE, x))
    if not x.value:
        return x
    source = x.source.removeprefix("-") if x.value < 0 else f"-{x.source}" if x.source else ""
    return Number(-x.value, source, x.decimal)


def invert(x: Expression) -> Expression:
    return Power(x, MINUS_ONE)


def children(x: Expression) -> tuple[Expression, ...]:
    """The direct subexpressions, in the order in which ``rebuild`` takes them."""
    match x:
        case Element(_, index):
            return (index,)
        case Call(_, arguments) | Apply(_, arguments):
            return arguments
        case Add(parts) | Multiply(parts):
            return parts
        case Power(base, exponent):
            return (base, exponent)
        case Reduce(_, _, low, high, body):
            return (low, high, body)
        case Derivative(_, body):
            return (body,)
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
        case Extension():
            return x.parts()
        case _:
            return ()


def rebuild(x: Expression, parts: tuple[Expression, ...]) -> Expression:
    """The same node over other subexpressions."""
    match x:
        case Element(family, _):
            return Element(family, parts[0])
        case Call() | Apply():
            return replace(x, arguments=parts)
        case Add():
            return Add(parts)
        case Multiply():
            return Multiply(parts)
        case Power():
            return Power(parts[0], parts[1])
        case Reduce():
            return replace(x, low=parts[0], high=parts[1], body=parts[2])
        case Derivative():
            return replace(x, body=parts[0])
        case Matrix(rows):
            width = len(rows[0])
            return Matrix(tuple(parts[start : start + width] for start in range(0, len(parts), width)))
        case Extension():
            return x.over(parts)
        case _:
            return x


def walk(x: Expression) -> Iterator[Expression]:
    """Every node, the root first."""
    stack = [x]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def free_names(x: Expression) -> frozenset[str]:
    """Names of variables, families and functions that ``x`` depends on, bound variables left out."""
    match x:
        case Variable(name):
            return frozenset({name})
        case Reduce(_, variable, low, high, body):
            return free_names(low) | free_names(high) | (free_names(body) - {variable})
    found = frozenset[str]().union(*map(free_names, children(x)))
    match x:
        case Element(name, _) | Call(name, _) | Derivative(name, _):
            return found | {name}
    return found


def substitute(x: Expression, name: str, value: Expression) -> Expression:
    """Put ``value`` for the free variable ``name``.

    ``value`` must not mention variables that ``x`` binds, and ``x`` must not differentiate by ``name``.
    """
    if isinstance(x, Variable):
        return value if x.name == name else x
    if isinstance(x, Reduce) and x.variable == name:
        return replace(x, low=substitute(x.low, name, value), high=substitute(x.high, name, value))
    return rebuild(x, tuple(substitute(child, name, value) for child in children(x)))
