"""Expression tree to LaTeX: the reading that is echoed to the student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.math.lexer import GREEK
from grader.math.notation import ATOM, POWER, PRODUCT, SUM, Printed, Printer, as_typed
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Add,
    Apply,
    Call,
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
)
from grader.spec import Symbol

_NAMED = {"arcsin", "arccos", "arctan", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "exp", "log", "det"}
_SQUARED = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}
_CONSTANTS = {"pi": r"\pi", "e": "e", "infinity": r"\infty"}
_RELATIONS = {"less": "<", "atmost": r"\le", "same": "="}
_AROUND = {
    "sqrt": (r"\sqrt{", "}"),
    "abs": (r"\left|", r"\right|"),
    "norm": (r"\left\|", r"\right\|"),
    "ceil": (r"\lceil ", r" \rceil"),
    "floor": (r"\lfloor ", r" \rfloor"),
    "identity": ("I_{", "}"),
    "trace": (r"\operatorname{tr}(", ")"),
}
_SCRIPTS = {"transpose": r"\top", "inverse": "-1"}


def to_latex(tree: Expression, symbols: Mapping[str, Symbol]) -> str:
    """LaTeX that reads back as the same tree; brackets only where needed."""
    return LatexPrinter(tree, symbols).text(tree)


def _reaches(x: Expression) -> bool:
    """Whether what is typed behind ``x`` would be read as part of it."""
    if isinstance(x, Multiply):
        last = x.factors[-1]
        return not (isinstance(last, Power) and last.exponent == MINUS_ONE) and _reaches(last)
    return isinstance(x, Reduce | Derivative)


def _is_small(x: Expression) -> bool:
    """A power that is written at the name of a function: \\cos^2; a negative one there would mean the inverse."""
    return isinstance(x, Number) and x.value.denominator == 1 and x.value > 0


class LatexPrinter(Printer):
    """LaTeX; ``extension`` is for the nodes of other notations."""

    def number(self, x: Number) -> Printed:
        if x.source and "e" not in x.source.lower():
            return as_typed(x), SUM if x.value < 0 else ATOM
        top, bottom = abs(x.value.numerator), x.value.denominator
        text = str(top) if bottom == 1 else rf"\frac{{{top}}}{{{bottom}}}"
        return (f"-{text}", SUM) if x.value < 0 else (text, ATOM if bottom == 1 else PRODUCT)

    def constant(self, name: str) -> str:
        return _CONSTANTS[name]

    def name(self, name: str) -> str:
        symbol = self.symbols.get(name)
        if symbol and symbol.latex:
            return symbol.latex
        base, _, subscript = self.fresh.get(name, name).partition("_")
        base = rf"\{base}" if base in GREEK else base
        subscript = rf"\{subscript}" if subscript in GREEK else subscript
        return f"{base}_{{{subscript}}}" if subscript else base

    def element(self, x: Element) -> str:
        return f"{self.name(x.family)}_{{{self.text(x.index)}}}"

    def call(self, x: Call) -> str:
        orders = ", ".join(map(str, x.orders)).replace(" ", "")
        mark = "'" * x.orders[0] if x.orders in ((1,), (2,)) else f"^{{({orders})}}" if x.orders else ""
        return f"{self.name(x.name)}{mark}{self.listed(x.arguments)}"

    def quotient(self, above: list[Expression], below: list[Expression]) -> str:
        if not below:
            return self.juxtaposed(above)
        top = self.juxtaposed(above, alone=True) if above else "1"
        return rf"\frac{{{top}}}{{{self.juxtaposed(below, alone=True)}}}"

    def juxtaposed(self, factors: Sequence[Expression], alone: bool = False, level: int = PRODUCT) -> str:
        if len(factors) == 1 and alone:
            return self.text(factors[0])
        out = ""
        for place, factor in enumerate(factors):
            last = place == len(factors) - 1
            text, held = self.print(factor)
            if held < level or (_reaches(factor) and not last):
                text = f"({text})"
            dot = text[0].isdigit() or (text[0] == "(" and not free_names(factor))
            out += (r" \cdot " if dot else r"\,") + text if out else text
        return out or "1"

    def power(self, x: Power) -> Printed:
        base, exponent = x.base, x.exponent
        if exponent == MINUS_ONE:
            return rf"\frac{{1}}{{{self.text(base)}}}", PRODUCT
        if isinstance(base, Apply) and base.function in _SQUARED and _is_small(exponent):
            return rf"\{base.function}^{{{self.text(exponent)}}}{self.listed(base.arguments)}", ATOM
        return f"{self.raised(base)}^{{{self.text(exponent)}}}", POWER

    def raised(self, base: Expression) -> str:
        """What a script can be put on without being read as a part of it."""
        text, held = self.print(base)
        bare = not isinstance(base, Apply) or base.function in ("abs", "norm")
        return text if bare and held == ATOM else f"({text})"

    def apply(self, x: Apply) -> Printed:
        first = x.arguments[0]
        if around := _AROUND.get(x.function):
            return f"{around[0]}{self.text(first)}{around[1]}", ATOM
        match x.function:
            case "less" | "atmost" | "same":
                return f"[{self.relation(x)}]", ATOM
            case "transpose" | "inverse":
                return f"{self.raised(first)}^{{{_SCRIPTS[x.function]}}}", POWER
            case "cases":
                return self.cases(x.arguments), ATOM
            case "matmul":
                return self.juxtaposed(x.arguments, level=POWER), PRODUCT
            case "factorial":
                return self.factorial(first), POWER
        return self.called(x), ATOM

    def called(self, x: Apply) -> str:
        """A function with its arguments behind it."""
        inner = [self.text(argument) for argument in x.arguments]
        if x.function in ("binom", "logb"):
            return (r"\binom{%s}{%s}" if x.function == "binom" else r"\log_{%s}(%s)") % tuple(inner)
        if x.function == "dot":
            return rf"\langle {inner[0]}, {inner[1]}\rangle"
        name = rf"\{x.function}" if x.function in _NAMED else rf"\operatorname{{{x.function}}}"
        return f"{name}({', '.join(inner)})"

    def factorial(self, x: Expression) -> str:
        text = self.text(x)
        return f"{text}!" if isinstance(x, Number | Variable | Element) and text[0] != "-" else f"({text})!"

    def reduce(self, x: Reduce) -> Printed:
        low, high = self.text(x.low), self.text(x.high)
        body, held = self.print(x.body)
        if held < PRODUCT or (x.operation == "prod" and isinstance(x.body, Multiply)):
            body = f"({body})"
        variable = self.name(x.variable)
        if x.operation == "integral":
            return rf"\int_{{{low}}}^{{{high}}} {body} \,\mathrm{{d}}{variable}", PRODUCT
        return rf"\{x.operation}_{{{variable}={low}}}^{{{high}}} {body}", PRODUCT

    def derivative(self, x: Derivative) -> Printed:
        return rf"\frac{{d}}{{d{self.name(x.variable)}}} {self.within(x.body, PRODUCT)}", PRODUCT

    def matrix(self, x: Matrix) -> str:
        return _environment("pmatrix", [" & ".join(map(self.text, row)) for row in x.rows])

    # --- conditions ---

    def relation(self, x: Apply, sign: str = "") -> str:
        return f"{self.text(x.arguments[0])} {sign or _RELATIONS[x.function]} {self.text(x.arguments[1])}"

    def cases(self, parts: tuple[Expression, ...]) -> str:
        rows = [f"{self.text(a)} & {self.condition(b)}" for a, b in zip(parts[::2], parts[1::2], strict=False)]
        rest = [rf"{self.text(parts[-1])} & \text{{otherwise}}"] if len(parts) % 2 else []
        return _environment("cases", [*rows, *rest])

    def condition(self, x: Expression) -> str:
        """In words where it is put together of relations, else as a formula that is 0 or 1."""
        if isinstance(x, Multiply) and all(map(_in_words, x.factors)):
            return r" \text{ and } ".join(map(self.clause, x.factors))
        if isinstance(x, Apply) and x.function == "max" and all(map(_in_words, x.arguments)):
            return r" \text{ or } ".join(map(self.alternative, x.arguments))
        return self.clause(x)

    def alternative(self, x: Expression) -> str:
        return self.condition(x) if isinstance(x, Multiply) else self.clause(x)

    def clause(self, x: Expression) -> str:
        """One part of a condition: a relation, its denial, or anything in a bracket of its own."""
        if denied := _denied(x):
            return self.relation(denied, r"\ne")
        if isinstance(x, Apply) and x.function in _RELATIONS:
            return self.relation(x)
        return f"[{self.condition(x)}]" if _in_words(x) else self.text(x)


def _environment(name: str, rows: list[str]) -> str:
    inner = r" \\ ".join(rows)
    return rf"\begin{{{name}}} {inner} \end{{{name}}}"


def _denied(x: Expression) -> Apply | None:
    """The equation that ``x`` denies: that of 1 - [a = b]."""
    match x:
        case Add((first, Multiply((sign, Apply("same", _) as inner)))) if (first, sign) == (ONE, MINUS_ONE):
            return inner
    return None


def _in_words(x: Expression) -> bool:
    """Whether ``x`` is put together of relations by "and" and "or"."""
    match x:
        case Apply(function, _) if function in _RELATIONS:
            return True
        case Multiply(parts) | Apply("max", parts):
            return all(map(_in_words, parts))
    return _denied(x) is not None
