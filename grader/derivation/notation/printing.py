"""Expressions of a derivation as LaTeX: how a line was read, echoed to the student."""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Gaussian, Optimum, Total
from grader.derivation.world import World
from grader.math.notation import ATOM, PRODUCT, SUM, Printed
from grader.math.printing import LatexPrinter
from grader.math.tree import MINUS_ONE, ONE, Add, Expression, Extension, Variable
from grader.spec import Symbol

_PROBLEMS = {"argmin": r"\arg\min", "argmax": r"\arg\max", "min": r"\min", "max": r"\max"}


def to_latex(x: Expression, world: World, symbols: Mapping[str, Symbol]) -> str:
    """LaTeX that reads back as the same expression."""
    return _WorldPrinter(x, world, symbols).text(x)


class _WorldPrinter(LatexPrinter):
    def __init__(self, tree: Expression, world: World, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(tree, symbols)
        self.world = world

    def extension(self, x: Extension) -> Printed:
        match x:
            case Density():
                return self.density(x), ATOM
            case Expectation(weights, body):
                return rf"\mathbb{{E}}_{{{', '.join(map(self.density, weights))}}}\left[{self.text(body)}\right]", ATOM
            case Divergence(left, right):
                return rf"D_{{KL}}({self.density(left)} \| {self.density(right)})", ATOM
            case Total(arguments, body):
                return rf"\sum_{{{self.arguments(arguments)}}} {self.within(body, PRODUCT)}", PRODUCT
            case Optimum(operation, parameter, body):
                return rf"{_PROBLEMS[operation]}_{{{self.name(parameter)}}} {self.text(body)}", SUM
            case Gaussian(point, mean, variance):
                spread = rf"{self.within(variance, ATOM)} I" if self.is_vector(point) else self.text(variance)
                return rf"\mathcal{{N}}({self.text(point)} | {self.text(mean)}, {spread})", ATOM
        return super().extension(x)

    def is_vector(self, x: Expression) -> bool:
        return isinstance(x, Variable) and bool(self.symbols[x.name].shape)

    def name(self, name: str) -> str:
        definition = self.world.definitions.get(name)
        if name.startswith("let") and definition is not None and self.symbols[name].aliases:
            return self.symbols[name].aliases[0]
        return super().name(name)

    def density(self, x: Density) -> str:
        given = rf" \mid {self.arguments(x.given)}" if x.given else ""
        return f"{self.world.distributions[x.distribution].latex}({self.arguments(x.targets)}{given})"

    def arguments(self, arguments: tuple[Argument, ...]) -> str:
        return ", ".join(map(self.argument, arguments))

    def argument(self, x: Argument) -> str:
        name = self.name(x.variable)
        first = "" if x.first is None else self.text(x.first)
        match x.kind:
            case "element":
                return f"{name}_{{{first}}}"
            case "slice":
                return f"{name}_{{{self.slice(x, first)}}}"
            case "sample":
                return f"{name}^{{({first})}}"
            case "samples":
                return rf"{name}^{{({first})}}, \dots, {name}^{{({self.text(x.last or ONE)})}}"
            case "value":
                return f"{name} = {first}"
        return name

    def slice(self, x: Argument, first: str) -> str:
        """``<t``, ``\\le T`` where it begins at the beginning, else ``a:b``."""
        last = x.last or ONE
        if first != str(self.world.spec.variables[x.variable].first):
            return f"{first}:{self.text(last)}"
        if isinstance(last, Add) and len(last.terms) == 2 and last.terms[1] == MINUS_ONE:
            return f"<{self.text(last.terms[0])}"
        return rf"\le {self.text(last)}"
