"""One line of Python, standard library only, with which anyone can reproduce values at a witness point.

Variables are exact fractions there, families are dicts, unknown functions the ones that the point drew.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from flint import fmpq

from grader.errors import GraderError
from grader.math.book import Book
from grader.math.calculus import differentiate, resolved
from grader.math.canonical import canonical
from grader.math.evaluate import Evaluator
from grader.math.grids import Grid
from grader.math.notation import ATOM, Printed
from grader.math.plain import PlainPrinter
from grader.math.points import Point, Quantity
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    children,
    free_names,
    rebuild,
    walk,
)
from grader.math.values import Value, is_zero, magnitude, precision

_NAMES = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "factorial": "fact"}
_PLAIN = {"exp", "log", "sqrt", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "ceil", "floor"}
_RELATIONS = {"less": "<", "atmost": "<=", "same": "=="}
_HELPERS = {
    "sign": "sign = lambda t: (t > 0) - (t < 0)",
    "binom": "binom = lambda n, k: Fraction(comb(int(n), int(k)) if k >= 0 else 0)",
    "factorial": "fact = lambda t: Fraction(factorial(int(t))) if t == int(t) else gamma(t + 1)",
}
_KNOWN = {*_PLAIN, *_NAMES, *_HELPERS, *_RELATIONS, "logb", "cases"}
_TAKEN = {
    *keyword.kwlist, *_PLAIN, *_NAMES.values(), *_HELPERS, "pi", "e", "sum", "prod", "range", "map", "print", "float",
    "int", "comb", "gamma", "Fraction",
}  # fmt: skip
_DOUBLES = 1000  # exponents of two that a double surely holds
_DOUBLE = 53
_VISIBLE = 25  # of these bits, those that must be right
_SHORT = 40


def python_line(trees: Mapping[str, Expression], point: Point) -> str | None:
    """A line for the shell that prints the value of each of ``trees`` behind its label.

    None where the standard library knows no such thing (integrals, matrices), or where doubles cannot show it.
    """
    try:
        ready = {label: folded(resolved(tree)) for label, tree in trees.items()}
        if not all(map(_is_known, ready.values())):
            return None
        values = {label: _value(tree, point) for label, tree in ready.items()}
    except (GraderError, KeyError):
        return None
    if not _visible(list(values.values())):
        return None
    statements = ["from math import *", "from fractions import Fraction", *_setting(list(ready.values()), point)]
    for label, tree in ready.items():
        text = _PythonPrinter(tree, {}).text(tree)
        statements.append(f"print('{label}', {text if _is_short(values[label]) else f'float({text})'})")
    return f'python3 -c "{"; ".join(statements)}"'


def _is_known(tree: Expression) -> bool:
    return all(_is_known_node(node) for node in walk(tree))


def _is_known_node(x: Expression) -> bool:
    match x:
        case Matrix() | Reduce("integral") | Constant("infinity"):
            return False
        case Apply("cases", parts):
            return len(parts) % 2 == 1
        case Apply(function, _):
            return function in _KNOWN
    return True


class _Ranged(Evaluator):
    """An evaluation in which every value on the way must be one that a double can hold."""

    def quantity(self, x: Expression) -> Quantity:
        found = super().quantity(x)
        if isinstance(found, Grid) or (not is_zero(found) and abs(magnitude(found)) > _DOUBLES):
            raise GraderError("beyond the range of doubles")
        return found


def _value(tree: Expression, point: Point) -> Value:
    """The value by arithmetic like Python's; the ball around it tells what that loses on the way."""
    with precision(_DOUBLE):
        return _Ranged(point, Book()).value(tree)


def _is_short(x: Value) -> bool:
    return isinstance(x, fmpq) and max(int(x.p).bit_length(), int(x.q).bit_length()) < _SHORT


def _visible(values: list[Value]) -> bool:
    """Whether doubles would show these values, and that they differ. Short fractions are printed exactly."""
    if all(map(_is_short, values)):
        return True
    sure = all(isinstance(value, fmpq) or value.rel_accuracy_bits() > _VISIBLE for value in values)
    return sure and all(magnitude(b - a) > magnitude(a) - _VISIBLE for a, b in pairwise(values))


def folded(x: Expression) -> Expression:
    """``x`` with arithmetic on plain numbers carried out: ``1/3`` is a fraction there, no double."""
    x = rebuild(x, tuple(map(folded, children(x))))
    if isinstance(x, Add | Multiply | Power) and all(isinstance(child, Number) for child in children(x)):
        value = canonical(x)
        return value if isinstance(value, Number) else x
    return x


# --- what the line sets up ---


def _setting(trees: list[Expression], point: Point) -> Iterator[str]:
    names = frozenset[str]().union(*map(free_names, trees))
    for name in sorted(names & point.variables.keys()):
        yield f"{_safe(name)} = {_number(point.variables[name])}"
    for family in sorted({name for name, _ in point.families} & names):
        drawn = {index: value for (name, index), value in point.families.items() if name == family}
        listed = ", ".join(f"{index}: {_number(drawn[index])}" for index in sorted(drawn))
        yield f"{_safe(family)} = {{{listed}}}"
    nodes = [node for tree in trees for node in walk(tree)]
    for call in sorted({(node.name, len(node.arguments), node.orders) for node in nodes if isinstance(node, Call)}):
        yield f"{_called(call[0], call[2])} = {drawn_function(point, *call)}"
    used = {node.function for node in nodes if isinstance(node, Apply)}
    yield from (text for name, text in _HELPERS.items() if name in used)


def drawn_function(point: Point, name: str, arity: int, orders: tuple[int, ...] = ()) -> str:
    """The function that ``point`` draws for a name, or a derivative of it, as a lambda."""
    body = point.body(name, arity)
    for place, order in enumerate(orders):
        for _ in range(order):
            body = differentiate(body, f"#{place}")
    arguments = ", ".join(f"t{place}" for place in range(arity))
    return f"lambda {arguments}: {_FunctionPrinter(body, {}).text(canonical(body))}"


def _called(name: str, orders: tuple[int, ...]) -> str:
    """A function's name; that of a derivative ends in its orders."""
    return "_".join([f"{name}_d", *map(str, orders)]) if orders else _safe(name)


def _number(x: Fraction | Quantity) -> str:
    """A rational number, as Python writes a fraction."""
    above, _, below = str(x).partition("/")
    return f"Fraction({above}, {below})" if below else f"Fraction({above})"


def _safe(name: str) -> str:
    return f"{name}_" if name in _TAKEN else name


class _PythonPrinter(PlainPrinter):
    """Python, from a tree that ``_is_known``."""

    raising = "**"

    def number(self, x: Number) -> Printed:
        return (_number(x.value), ATOM) if x.value.denominator > 1 else super().number(Number(x.value))

    def name(self, name: str) -> str:
        """``#0`` is an argument of a function that was drawn."""
        return _safe(super().name(name).replace("#", "t"))

    def element(self, x: Element) -> str:
        return f"{self.name(x.family)}[{self.text(x.index)}]"

    def call(self, x: Call) -> str:
        return f"{_called(x.name, x.orders)}{self.listed(x.arguments)}"

    def apply(self, x: Apply) -> Printed:
        inner = [self.text(argument) for argument in x.arguments]
        match x.function:
            case "less" | "atmost" | "same":
                return f"({inner[0]} {_RELATIONS[x.function]} {inner[1]})", ATOM
            case "logb":
                return f"log({inner[1]}, {inner[0]})", ATOM
            case "cases":
                pieces = [f"{a} if {b} else " for a, b in zip(inner[::2], inner[1::2], strict=False)]
                return f"({''.join(pieces)}{inner[-1]})", ATOM
        if len(inner) == 1 and x.function in ("max", "min"):
            return f"({inner[0]})", ATOM
        return f"{_NAMES.get(x.function, x.function)}({', '.join(inner)})", ATOM

    def reduce(self, x: Reduce) -> Printed:
        low, high = (text if text.isdigit() else f"int({text})" for text in map(self.text, (x.low, x.high)))
        span = f"map(Fraction, range({low}, {high} + 1))"
        return f"{x.operation}({self.text(x.body)} for {self.name(x.variable)} in {span})", ATOM


class _FunctionPrinter(_PythonPrinter):
    """The functions that are drawn are no fractions anyway, and shorter with doubles."""

    def number(self, x: Number) -> Printed:
        return PlainPrinter.number(self, x)
