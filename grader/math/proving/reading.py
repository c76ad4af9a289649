"""Trees in SymPy with everything in them carried out, and whether they are known to have a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy

from grader.errors import Undecided
from grader.math.canonical import canonical
from grader.math.proving.proof import closed_values, met
from grader.math.proving.ranges import Real
from grader.math.proving.translation import Translation
from grader.math.regions import Chain, Condition
from grader.math.tree import MINUS_ONE, Constant, Expression, Multiply
from grader.spec import Symbol

INFINITY = Constant("infinity")
INFINITIES = (INFINITY, canonical(Multiply((MINUS_ONE, INFINITY))))
RELATIONS = {"=": sympy.Eq, "!=": sympy.Ne, "<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge}


class Reading:
    """What is read together: one formula, or several. ``names`` and ``places`` are as in Translation."""

    def __init__(self, symbols: dict[str, Symbol]) -> None:
        self.symbols = symbols
        self.translation = Translation(symbols)
        self.values: dict[Real, Real] = {}

    @property
    def names(self) -> dict[str, Real]:
        return self.translation.names

    @property
    def places(self) -> dict[Real, Real]:
        return self.translation.places

    def of(self, tree: Expression) -> Real:
        return self.all([tree])[0]

    def all(self, trees: Sequence[Expression]) -> list[Real]:
        """The trees with integrals and endless sums in closed form and derivatives carried out."""
        read = [self.as_it_stands(tree) for tree in trees]
        values = closed_values(self.translation)
        if values is None:
            raise Undecided("SymPy finds no closed form of an integral or a sum that could be confirmed")
        self.values = values
        return [x.xreplace(values).doit() for x in read]

    def as_it_stands(self, tree: Expression) -> Real:
        """The counterpart of ``tree`` with nothing carried out, for SymPy is to differentiate; it may be infinite."""
        plain = canonical(tree)
        return self.translation.end(plain) if plain in INFINITIES else self.translation.of(plain)

    def condition(self, condition: Condition) -> Real:
        if isinstance(condition, Chain):
            sides = self.all(condition.sides)
            relations = [RELATIONS[relation] for relation in condition.relations]
            return sympy.And(*map(lambda relation, x, y: relation(x, y), relations, sides, sides[1:]))
        parts = map(self.condition, condition.parts)
        return (sympy.And if condition.how == "and" else sympy.Or)(*parts)

    def symbol(self, name: str) -> Real:
        if name not in self.names:
            raise Undecided(f"{name} is not declared as a number")
        return self.names[name]

    def variable(self, name: str) -> Real:
        if (found := self.symbol(name)).is_integer:
            raise Undecided(f"{name} is an integer, by which nothing is differentiated")
        return found

    def has_value(self, drawn: frozenset[Real] = frozenset()) -> bool:
        """Whether all that was read is known to have a value, apart from single points; but no divisor is ever zero
        that depends on one of the ``drawn`` symbols, for over these it is integrated."""
        for need in self.translation.needs:
            everywhere = drawn & need.of.free_symbols
            if not met(replace(need, divisor=None) if everywhere else need, self.values, self.symbols):
                return False
        return True
