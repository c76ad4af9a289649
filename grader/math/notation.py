"""What the printers of formulas share: which parts need brackets, where a sign or a fraction bar goes.

Every node is printed once, and tells with its text how tightly that holds together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from grader.math.tree import (
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Constant,
    Derivative,
    Element,
    Expression,
    Extension,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    free_names,
    walk,
)
from grader.spec import Symbol

SUM, PRODUCT, POWER, ATOM = range(4)
_LETTERS = [*"jilmstuvwabcghopqxyz", *(f"{letter}{letter}" for letter in "jilmstuvw")]
Printed = tuple[str, int]


class Printer(ABC):
    """Walks a tree; a notation says how each kind of node looks. A printer serves one tree."""

    def __init__(self, tree: Expression, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.fresh = _fresh(tree, symbols)

    def print(self, x: Expression) -> Printed:
        """The text, and how tightly it holds together."""
        match x:
            case Number():
                return self.number(x)
            case Constant(name) | Variable(name):
                return (self.constant(name) if isinstance(x, Constant) else self.name(name)), ATOM
            case Element() | Call():
                return (self.element(x) if isinstance(x, Element) else self.call(x)), ATOM
            case Apply():
                return self.apply(x)
            case Add(terms):
                return self.add(terms), SUM
            case Multiply(factors):
                return self.multiply(factors)
            case Power():
                return self.power(x)
            case Reduce() | Derivative():
                return self.reduce(x) if isinstance(x, Reduce) else self.derivative(x)
            case Matrix() | Extension():
                return (self.matrix(x), ATOM) if isinstance(x, Matrix) else self.extension(x)

    def extension(self, x: Extension) -> Printed:
        """A node of another module's notation, where that has a printer of its own."""
        raise TypeError(f"no notation here for {type(x).__name__}")

    @abstractmethod
    def number(self, x: Number) -> Printed:
        """A rational number."""

    @abstractmethod
    def constant(self, name: str) -> str:
        """π, e or infinity."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A symbol or bound variable."""

    @abstractmethod
    def element(self, x: Element) -> str:
        """An element of a family."""

    @abstractmethod
    def call(self, x: Call) -> str:
        """An unknown function, differentiated or not, at its arguments."""

    @abstractmethod
    def apply(self, x: Apply) -> Printed:
        """A known function."""

    @abstractmethod
    def quotient(self, above: list[Expression], below: list[Expression]) -> str:
        """A product of the one over a product of the other; either may be empty."""

    @abstractmethod
    def power(self, x: Power) -> Printed:
        """A power; one with exponent -1 is a fraction."""

    @abstractmethod
    def reduce(self, x: Reduce) -> Printed:
        """A sum, product or integral."""

    @abstractmethod
    def derivative(self, x: Derivative) -> Printed:
        """A derivative that is still to be taken."""

    @abstractmethod
    def matrix(self, x: Matrix) -> str:
        """A matrix by its entries."""

    def text(self, x: Expression) -> str:
        """Where nothing around it can change how it is read."""
        return self.print(x)[0]

    def within(self, x: Expression, level: int) -> str:
        """In brackets unless it holds together at least so tightly."""
        text, held = self.print(x)
        return text if held >= level else f"({text})"

    def listed(self, arguments: Sequence[Expression]) -> str:
        return f"({', '.join(map(self.text, arguments))})"

    def add(self, terms: tuple[Expression, ...]) -> str:
        out = ""
        for term in terms:
            text = self.within(term, PRODUCT) if isinstance(term, Add) else self.text(term)
            if out:
                out += f" - {text[1:]}" if text.startswith("-") else f" + {text}"
            else:
                out = text
        return out

    def multiply(self, factors: tuple[Expression, ...]) -> Printed:
        """Signs in front, then what stands above and below a bar."""
        sign, above, below = "", list[Expression](), list[Expression]()
        for factor in factors:
            if factor == MINUS_ONE and not above and not below:
                sign = "" if sign else "-"
            elif isinstance(factor, Power) and factor.exponent == MINUS_ONE:
                below.append(factor.base)
            else:
                above.append(factor)
        return sign + self.quotient(above, below), SUM if sign else PRODUCT


def as_typed(x: Number) -> str:
    """A number as it was typed, with a digit on both sides of its point: dots and factors may stand beside it."""
    text = x.source.replace("-.", "-0.").replace(".e", ".0e").replace(".E", ".0e")
    return f"{'0' * text.startswith('.')}{text}{'0' * text.endswith('.')}"


def _fresh(tree: Expression, symbols: Mapping[str, Symbol]) -> dict[str, str]:
    """Letters for bound variables that no person named (``#1``), each another one and none in use."""
    bound = {node.variable for node in walk(tree) if isinstance(node, Reduce)}
    if not any(name.startswith("#") for name in bound):
        return {}
    taken = bound | free_names(tree) | symbols.keys()
    letters = (letter for letter in _LETTERS if letter not in taken)
    return {name: next(letters, "j") for name in sorted(bound) if name.startswith("#")}
