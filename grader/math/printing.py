"""Expression tree to LaTeX: the reading that is echoed to the student."""

from __future__ import annotations

from collections.abc import Mapping

from grader.math.lexer import GREEK
from grader.math.tree import (
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    free_names,
)
from grader.spec import Symbol

_SUM, _PRODUCT, _POWER, _ATOM = range(4)
_NAMED = {"arcsin", "arccos", "arctan", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "exp", "log"}
_SQUARED = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}
_CONSTANTS = {"pi": r"\pi", "e": "e", "infinity": r"\infty"}


def to_latex(tree: Expression, symbols: Mapping[str, Symbol]) -> str:
    """LaTeX that reads back as the same tree; brackets only where needed."""
    return _Printer(symbols).print(tree)[0]


def _reaches(x: Expression) -> bool:
    """Whether what is typed behind ``x`` would be read as part of it."""
    if isinstance(x, Multiply):
        last = x.factors[-1]
        return not (isinstance(last, Power) and last.exponent == MINUS_ONE) and _reaches(last)
    return isinstance(x, Reduce)


def _is_small(x: Expression) -> bool:
    """A power that is written at the name of a function: \\cos^2; a negative one there would mean the inverse."""
    return isinstance(x, Number) and x.value.denominator == 1 and x.value > 0


class _Printer:
    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols

    def print(self, x: Expression) -> tuple[str, int]:
        """The text, and how tightly it holds together."""
        match x:
            case Number() | Constant() | Variable():
                return self.leaf(x)
            case Element(family, index):
                return f"{self.name(family)}_{{{self.print(index)[0]}}}", _ATOM
            case Call(name, arguments):
                return f"{self.name(name)}{self.listed(arguments)}", _ATOM
            case Apply():
                return self.apply(x)
            case Add(terms):
                return self.add(terms), _SUM
            case Multiply(factors):
                return self.multiply(factors)
            case Power(base, exponent):
                return self.power(base, exponent)
            case Reduce():
                return self.reduce(x), _PRODUCT

    def within(self, x: Expression, level: int) -> str:
        text, held = self.print(x)
        return text if held >= level else f"({text})"

    def listed(self, arguments: tuple[Expression, ...]) -> str:
        return f"({', '.join(self.print(a)[0] for a in arguments)})"

    def leaf(self, x: Number | Constant | Variable) -> tuple[str, int]:
        if isinstance(x, Constant):
            return _CONSTANTS[x.name], _ATOM
        if isinstance(x, Variable):
            return self.name(x.name), _ATOM
        if x.source and "e" not in x.source.lower():
            return x.source, _SUM if x.value < 0 else _ATOM
        top, bottom = abs(x.value.numerator), x.value.denominator
        text = str(top) if bottom == 1 else rf"\frac{{{top}}}{{{bottom}}}"
        return (f"-{text}", _SUM) if x.value < 0 else (text, _ATOM if bottom == 1 else _PRODUCT)

    def name(self, name: str) -> str:
        symbol = self.symbols.get(name)
        if symbol and symbol.latex:
            return symbol.latex
        if name.startswith("#"):
            return "j"
        base, _, subscript = name.partition("_")
        base = rf"\{base}" if base in GREEK else base
        subscript = rf"\{subscript}" if subscript in GREEK else subscript
        return f"{base}_{{{subscript}}}" if subscript else base

    def add(self, terms: tuple[Expression, ...]) -> str:
        out = ""
        for term in terms:
            text = self.within(term, _PRODUCT) if isinstance(term, Add) else self.print(term)[0]
            if out:
                out += f" - {text[1:]}" if text.startswith("-") else f" + {text}"
            else:
                out = text
        return out

    def multiply(self, factors: tuple[Expression, ...]) -> tuple[str, int]:
        sign, above, below = "", list[Expression](), list[Expression]()
        for factor in factors:
            if factor == MINUS_ONE and not above and not below:
                sign = "" if sign else "-"
            elif isinstance(factor, Power) and factor.exponent == MINUS_ONE:
                below.append(factor.base)
            else:
                above.append(factor)
        level = _SUM if sign else _PRODUCT
        if not below:
            return sign + self.juxtaposed(above), level
        top = self.juxtaposed(above, alone=True) if above else "1"
        return rf"{sign}\frac{{{top}}}{{{self.juxtaposed(below, alone=True)}}}", level

    def juxtaposed(self, factors: list[Expression], alone: bool = False) -> str:
        if len(factors) == 1 and alone:
            return self.print(factors[0])[0]
        out = ""
        for place, factor in enumerate(factors):
            last = place == len(factors) - 1
            text, held = self.print(factor)
            if held < _PRODUCT or (_reaches(factor) and not last):
                text = f"({text})"
            dot = text[0].isdigit() or (text[0] == "(" and not free_names(factor))
            out += (r" \cdot " if dot else r"\,") + text if out else text
        return out or "1"

    def power(self, base: Expression, exponent: Expression) -> tuple[str, int]:
        if exponent == MINUS_ONE:
            return rf"\frac{{1}}{{{self.print(base)[0]}}}", _PRODUCT
        if isinstance(base, Apply) and base.function in _SQUARED and _is_small(exponent):
            name, arguments = base.function, self.listed(base.arguments)
            return rf"\{name}^{{{self.print(exponent)[0]}}}{arguments}", _ATOM
        below, held = self.print(base)
        if held < _ATOM or isinstance(base, Apply):
            below = f"({below})"
        return f"{below}^{{{self.print(exponent)[0]}}}", _POWER

    def apply(self, x: Apply) -> tuple[str, int]:
        inner = [self.print(a)[0] for a in x.arguments]
        listed = f"({', '.join(inner)})"
        match x.function:
            case "sqrt":
                return rf"\sqrt{{{inner[0]}}}", _ATOM
            case "abs":
                return rf"\left|{inner[0]}\right|", _ATOM
            case "ceil" | "floor":
                return rf"\l{x.function} {inner[0]} \r{x.function}", _ATOM
            case "binom":
                return rf"\binom{{{inner[0]}}}{{{inner[1]}}}", _ATOM
            case "factorial":
                plain = isinstance(x.arguments[0], Number | Variable | Element) and inner[0][0] != "-"
                return f"{inner[0]}!" if plain else f"({inner[0]})!", _POWER
            case "logb":
                return rf"\log_{{{inner[0]}}}({inner[1]})", _ATOM
        name = rf"\{x.function}" if x.function in _NAMED else rf"\operatorname{{{x.function}}}"
        return f"{name}{listed}", _ATOM

    def reduce(self, x: Reduce) -> str:
        low, high = self.print(x.low)[0], self.print(x.high)[0]
        body, held = self.print(x.body)
        if held < _PRODUCT or (x.operation == "prod" and isinstance(x.body, Multiply)):
            body = f"({body})"
        return rf"\{x.operation}_{{{self.name(x.variable)}={low}}}^{{{high}}} {body}"
