"""Expression tree to plain notation: what a person types, and what the shell and keys in YAML take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.math.notation import ATOM, POWER, PRODUCT, SUM, Printed, Printer, as_typed
from grader.math.regions import Chain, Condition, Joined
from grader.math.tree import (
    MINUS_ONE,
    Apply,
    Call,
    Derivative,
    Element,
    Expression,
    Matrix,
    Number,
    Power,
    Reduce,
    Variable,
)
from grader.spec import Symbol

RELATIONS = {"less": "<", "atmost": "<=", "same": "="}


def to_plain(tree: Expression, symbols: Mapping[str, Symbol]) -> str:
    """Plain notation that reads back as the same tree: ``r*p_XY(r*cos(theta), r*sin(theta))``."""
    return PlainPrinter(tree, symbols).text(tree)


def region_to_plain(region: Condition, symbols: Mapping[str, Symbol]) -> str:
    """A region in plain notation: ``0 < D <= 1/2``."""
    if isinstance(region, Chain):
        signs = [f" {relation} " for relation in region.relations]
        sides = [to_plain(side, symbols) for side in region.sides]
        return "".join(text for pair in zip(sides, [*signs, ""], strict=True) for text in pair)
    inner = [isinstance(part, Joined) and part.how != region.how for part in region.parts]
    parts = [region_to_plain(part, symbols) for part in region.parts]
    return f" {region.how} ".join(f"({t})" if bracket else t for t, bracket in zip(parts, inner, strict=True))


class PlainPrinter(Printer):
    """``raising`` is the sign for powers."""

    raising = "^"

    def number(self, x: Number) -> Printed:
        text = as_typed(x) or str(x.value)
        return text, SUM if x.value < 0 else PRODUCT if "/" in text else ATOM

    def constant(self, name: str) -> str:
        return name

    def name(self, name: str) -> str:
        return self.fresh.get(name, name)

    def element(self, x: Element) -> str:
        return f"{x.family}_{self.script(x.index)}"

    def script(self, x: Expression) -> str:
        """What hangs on a sign or name without brackets only where it is a plain letter or number."""
        bare = isinstance(x, Variable) and self.name(x.name).isalpha()
        whole = isinstance(x, Number) and self.text(x).isdigit()
        return self.text(x) if bare or whole else f"({self.text(x)})"

    def call(self, x: Call) -> str:
        orders = ",".join(map(str, x.orders))
        mark = "'" * x.orders[0] if x.orders in ((1,), (2,)) else f"^({orders})" if x.orders else ""
        return f"{self.name(x.name)}{mark}{self.listed(x.arguments)}"

    def quotient(self, above: list[Expression], below: list[Expression]) -> str:
        top = "*".join(self.factor(x, first=not place) for place, x in enumerate(above)) or "1"
        return "/".join([top, *(self.within(x, POWER) for x in below)])

    def factor(self, x: Expression, first: bool) -> str:
        return self.within(x, PRODUCT if first else POWER)

    def power(self, x: Power) -> Printed:
        if x.exponent == MINUS_ONE:
            return self.quotient([], [x.base]), PRODUCT
        return f"{self.within(x.base, ATOM)}{self.raising}{self.script(x.exponent)}", POWER

    def apply(self, x: Apply) -> Printed:
        match x.function:
            case "less" | "atmost" | "same":
                left, right = map(self.text, x.arguments)
                return f"[{left} {RELATIONS[x.function]} {right}]", ATOM
            case "logb":
                base, inner = x.arguments
                return f"log_{self.script(base)}({self.text(inner)})", ATOM
            case "factorial":
                return f"{self.script(x.arguments[0])}!", POWER
        return f"{x.function}{self.listed(x.arguments)}", ATOM

    def reduce(self, x: Reduce) -> Printed:
        bounds = f"{self.name(x.variable)}={self.text(x.low)}..{self.text(x.high)}"
        return f"{x.operation}({self.text(x.body)}, {bounds})", ATOM

    def derivative(self, x: Derivative) -> Printed:
        return f"diff({self.text(x.body)}, {self.name(x.variable)})", ATOM

    def matrix(self, x: Matrix) -> str:
        """By its rows; a column is a list of its entries."""
        if len(x.rows) > 1 and len(x.rows[0]) == 1:
            return self.row([row[0] for row in x.rows])
        return f"[{', '.join(map(self.row, x.rows))}]"

    def row(self, entries: Sequence[Expression]) -> str:
        return f"[{', '.join(map(self.text, entries))}]"
