"""Points at which expressions are sampled: a value for every declared name."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from grader.errors import Undecided
from grader.math.calculus import differentiate
from grader.math.domains import Domain, random_point, short_points
from grader.math.grids import MAX_ROWS, Grid
from grader.math.tree import MINUS_ONE, ONE, Add, Apply, Expression, Multiply, Number, Power, Variable, negate
from grader.math.values import Value

FAR, FAR_SHARE = 99_999, 0.2
BLUR = arb(0, 2.0**-40)

Quantity = Value | Grid


@dataclass(frozen=True)
class Point:
    """Values for every declared name; unknown functions, families, vectors and matrices are drawn from ``seed`` when
    first needed. ``blurred`` puts small intervals in place of the real variables, so that what is found holds around
    the point and not at it alone. ``plain`` draws short numbers, for people to read. ``generic`` tells that no value
    was chosen for being a special one, such as zero or a constant of the expressions."""

    variables: dict[str, Fraction]
    seed: str
    domains: Mapping[str, Domain]
    shapes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    generic: bool = True
    blurred: bool = False
    plain: bool = False
    families: dict[tuple[str, int], Quantity] = field(default_factory=dict)
    grids: dict[str, Quantity] = field(default_factory=dict)
    bodies: dict[tuple[str, tuple[int, ...]], Expression] = field(default_factory=dict)

    def variable(self, name: str) -> Value:
        value = self.variables[name]
        exact = fmpq(value.numerator, value.denominator)
        return arb(exact) + BLUR if self.blurred and not self.domains[name].integer else exact

    def element(self, family: str, index: int) -> Quantity:
        key = (family, index)
        if key not in self.families:
            self.families[key] = self.drawn(family, f"{family}/{index}")
        return self.families[key]

    def grid(self, name: str) -> Quantity:
        """A vector or matrix that is a symbol of its own."""
        if name not in self.grids:
            self.grids[name] = self.drawn(name, f"{name}[]")
        return self.grids[name]

    def drawn(self, name: str, place: str) -> Quantity:
        shape = self.shapes.get(name)
        if not shape:
            return self.number(name, place)
        sizes = [int(size) if size.isdigit() else int(self.variables[size]) for size in (*shape, "1")[:2]]
        if not all(0 < size <= MAX_ROWS for size in sizes):
            raise Undecided(f"vectors and matrices have 1 to {MAX_ROWS} rows here")
        rows = range(sizes[0])
        return Grid(tuple(tuple(self.number(name, f"{place}/{i},{j}") for j in range(sizes[1])) for i in rows))

    def number(self, name: str, place: str) -> fmpq:
        rng = random.Random(f"{self.seed}/{place}")
        if self.plain:
            short = rng.choice(short_points(self.domains[name]))
            return fmpq(short.numerator, short.denominator)
        drawn = random_point(self.domains[name], rng)
        far = drawn * rng.randint(2, FAR)
        if rng.random() < FAR_SHARE and far in self.domains[name]:
            drawn = far
        return fmpq(drawn.numerator, drawn.denominator)

    def call(self, name: str, arguments: list[Value]) -> arb:
        """A random smooth function without symmetries, mapped into the declared domain of its values."""
        rng = random.Random(f"{self.seed}/{name}()")
        total = arb(fmpq(rng.randint(-900, 900), 997))
        for _ in range(3):
            phase = arb(fmpq(rng.randint(0, 6000), 997))
            for argument in arguments:
                phase = phase + argument * fmpq(rng.randint(200, 1900), 991)
            total = total + phase.sin() * fmpq(rng.randint(200, 900), 983)
        return _into(self.domains[name], total)

    def derivative(self, name: str, orders: tuple[int, ...]) -> Expression:
        """The partial derivative of that function, carried out once."""
        if (name, orders) not in self.bodies:
            body = self.body(name, len(orders))
            for place, order in enumerate(orders):
                for _ in range(order):
                    body = differentiate(body, f"#{place}")
            self.bodies[name, orders] = body
        return self.bodies[name, orders]

    def body(self, name: str, arity: int) -> Expression:
        """The same function as an expression in the variables #0, #1, …, for its derivatives."""
        rng = random.Random(f"{self.seed}/{name}()")
        terms: list[Expression] = [Number(Fraction(rng.randint(-900, 900), 997))]
        for _ in range(3):
            phase: list[Expression] = [Number(Fraction(rng.randint(0, 6000), 997))]
            for place in range(arity):
                phase.append(Multiply((Variable(f"#{place}"), Number(Fraction(rng.randint(200, 1900), 991)))))
            wave = Apply("sin", (Add(tuple(phase)),))
            terms.append(Multiply((wave, Number(Fraction(rng.randint(200, 900), 983)))))
        return _tree_into(self.domains[name], Add(tuple(terms)))


def _tree_into(domain: Domain, x: Expression) -> Expression:
    """What ``_into`` does, as an expression."""
    if domain.low is None and domain.high is None:
        return x
    if domain.low is not None and domain.high is not None:
        share = Power(Add((ONE, Apply("exp", (negate(x),)))), MINUS_ONE)
        return Add((Multiply((share, Number(domain.high - domain.low))), Number(domain.low)))
    end, sign = (domain.low, 1) if domain.low is not None else (domain.high, -1)
    assert end is not None
    return Add((Multiply((Apply("exp", (x,)), Number(Fraction(sign)))), Number(end)))


def _into(domain: Domain, x: arb) -> arb:
    if domain.low is None and domain.high is None:
        return x
    if domain.low is not None and domain.high is not None:
        share = 1 / (1 + (-x).exp())
        width = domain.high - domain.low
        return share * fmpq(width.numerator, width.denominator) + fmpq(domain.low.numerator, domain.low.denominator)
    end, sign = (domain.low, 1) if domain.low is not None else (domain.high, -1)
    assert end is not None
    return x.exp() * sign + fmpq(end.numerator, end.denominator)
