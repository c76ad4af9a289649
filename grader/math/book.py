"""What samples of one expression have seen and cost, and what may have stayed hidden from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from flint import fmpq

from grader.errors import Undecided
from grader.math.calculus import resolved
from grader.math.tree import (
    ZERO,
    Add,
    Apply,
    Derivative,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    free_names,
    negate,
)

MAX_STEPS = 60_000


@dataclass
class Book:
    """What sampling one expression, at all points so far, has seen and cost.

    ``places`` holds what may hide from samples: (node, part) of terms, arguments and branches. ``seen`` holds those of
    them that were large enough to notice, or taken, at some point. ``sides`` counts the branches of a node, and
    ``combinations`` holds those that were taken together; ``switches`` names the variable of each node that changes
    branch where one variable passes a constant, which is among the samples; ``repeated`` tells that a branch lies
    within a sum or product, where what was taken together is not known. ``derived`` keeps derivatives that were carried
    out, ``numbers`` the values of those that are written down. What was seen at a point counts when it is committed:
    where the values were compared.
    """

    places: set[tuple[int, object]] = field(default_factory=set)
    seen: set[tuple[int, object]] = field(default_factory=set)
    steps: int = 0
    free: dict[int, frozenset[str]] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)
    combinations: set[frozenset[tuple[int, int]]] = field(default_factory=set)
    switches: dict[int, str] = field(default_factory=dict)
    derived: dict[int, tuple[Expression, Expression]] = field(default_factory=dict)
    numbers: dict[int, fmpq] = field(default_factory=dict)
    fresh: set[tuple[int, object]] = field(default_factory=set)
    fresh_combinations: set[frozenset[tuple[int, int]]] = field(default_factory=set)
    repeated: bool = False
    budget: int = MAX_STEPS

    def is_constant(self, x: Expression) -> bool:
        """Whether ``x`` depends on nothing that is sampled."""
        return not self.names(x)

    def names(self, x: Expression) -> frozenset[str]:
        """The free names of ``x``, found once."""
        if id(x) not in self.free:
            self.free[id(x)] = free_names(x)
        return self.free[id(x)]

    @property
    def hidden(self) -> bool:
        """Whether something in the expression never showed in its values, or never together with something else."""
        one = len(self.sides) < 2 or (len({*self.switches.values()}) == 1 and len(self.switches) == len(self.sides))
        together = one or (not self.repeated and len(self.combinations) >= prod(self.sides.values()))
        return bool(self.places - self.seen) or not together

    def notice(self, node: Expression, part: object, noticeable: bool) -> None:
        place = (id(node), part)
        self.places.add(place)
        if noticeable:
            self.fresh.add(place)

    def commit(self) -> None:
        """The point counts."""
        self.seen |= self.fresh
        self.combinations |= self.fresh_combinations
        self.discard()

    def discard(self) -> None:
        """The point says nothing."""
        self.fresh.clear()
        self.fresh_combinations.clear()

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.budget:
            raise Undecided("the expression takes too long to evaluate")

    def carried_out(self, x: Derivative) -> Expression:
        """A derivative carried out, the same tree each time, for places are told apart by the identity of nodes."""
        if id(x) not in self.derived:
            self.derived[id(x)] = x, resolved(x)
        return self.derived[id(x)][1]


def switching(x: Apply | Power) -> tuple[str, Fraction] | None:
    """The variable and the constant at which a branch changes, where that is all there is to it: ``[2x < 3]``."""
    if isinstance(x, Power) or x.function == "cases":
        return None
    sides = x.arguments if len(x.arguments) == 2 else (*x.arguments, ZERO)
    names = free_names(x)
    if len(sides) != 2 or len(names) != 1 or x.function in ("max", "min"):
        return None
    (name,) = names
    return _root(Add((sides[0], negate(sides[1]))), name)


def _root(x: Expression, name: str) -> tuple[str, Fraction] | None:
    """The root of a linear expression in one variable."""
    slope, value = _line(x, name) or (None, None)
    return (name, -value / slope) if slope and value is not None else None


def _line(x: Expression, name: str) -> tuple[Fraction, Fraction] | None:
    """Slope and value at zero, where ``x`` is linear in one variable with rational coefficients."""
    match x:
        case Number(value):
            return Fraction(0), value
        case Variable(found) if found == name:
            return Fraction(1), Fraction(0)
        case Add(parts):
            lines = [_line(part, name) for part in parts]
            known = [line for line in lines if line is not None]
            if len(known) < len(lines):
                return None
            return sum((a for a, _ in known), Fraction(0)), sum((b for _, b in known), Fraction(0))
        case Multiply(parts):
            slope, value = Fraction(0), Fraction(1)
            for part in parts:
                line = _line(part, name)
                if line is None or (line[0] and slope):
                    return None
                slope, value = slope * line[1] + value * line[0], value * line[1]
            return slope, value
        case Power(Number(base), Number(exponent)) if exponent == -1 and base:
            return Fraction(0), 1 / base
    return None
