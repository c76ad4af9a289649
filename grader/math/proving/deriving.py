"""SymPy's side of ``grader.math.deriving``: each question is answered by a value, which ``judging`` compares."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from grader.errors import GraderError, Undecided, Unreadable
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.deriving import (
    Always,
    ChangeOfVariables,
    DensityOf,
    DerivativeOf,
    Determinant,
    ExpectationOf,
    Finding,
    Gradient,
    HoldsWhere,
    LimitOf,
    ProbabilityOf,
    Question,
    ValueOf,
    Variables,
    VarianceOf,
)
from grader.math.distributions import Law
from grader.math.proving.densities import density_at
from grader.math.proving.expectations import Expectations
from grader.math.proving.holding import always, holds_where
from grader.math.proving.judging import judged
from grader.math.proving.laws import Variate, domain_of, variate
from grader.math.proving.proof import OPEN, UNFIT, drawn, stands_up
from grader.math.proving.ranges import Real
from grader.math.proving.reading import Reading
from grader.math.proving.translation import is_matrix
from grader.math.regions import Chain, Condition, Joined
from grader.math.tree import ONE, Add, Apply, Expression, Multiply, Reduce, free_names, negate, substitute, walk
from grader.spec import Symbol

STEPS = (10**2, 10**4, 10**8)  # on the way to a limit
SMALL, NEARER = 1e-6, 0.7

Symbols = Mapping[str, Symbol]
Derived = tuple[Real, bool]  # the value, and whether there is known to be one for all values of the symbols


def found(question: Question | Always, key: Any, symbols: Symbols, seed: str) -> Finding:
    """Raises Unreadable for a law with impossible parameters, Undecided where SymPy derives nothing."""
    try:
        match question:
            case Always():
                return always(question, symbols)
            case HoldsWhere():
                return holds_where(question, key, symbols)
        value, has_value = _ANSWERS[type(question)](question, symbols)
        if value.has(*UNFIT) and value not in (sympy.oo, -sympy.oo):
            raise Undecided("SymPy derives no real value")
        if value.has(*(kind for kind in OPEN if kind != sympy.Subs)):  # a derivative of an unknown function is closed
            raise Undecided("SymPy finds no closed form")
        return judged(value, has_value, key, symbols, seed)
    except (GraderError, MemoryError):
        raise
    except Exception as error:  # SymPy fails in any way there is, and that says nothing about the key
        return Finding("undecided", reason=f"SymPy failed with {type(error).__name__}")


# --- calculus ---


def _jacobian(functions: tuple[Expression, ...], names: tuple[str, ...], reading: Reading) -> tuple[list[Real], Real]:
    """The functions, and the determinant of their Jacobian."""
    values = reading.all(functions)
    matrix = sympy.Matrix(values).jacobian([reading.variable(name) for name in names])
    return values, sympy.simplify(matrix.det())


def _determinant(question: Determinant, symbols: Symbols) -> Derived:
    reading = Reading(dict(symbols))
    return _jacobian(question.functions, question.names, reading)[1], reading.has_value()


def _derivative(question: DerivativeOf, symbols: Symbols) -> Derived:
    reading = Reading(dict(symbols))
    value = reading.of(question.function)
    return value.diff(reading.variable(question.name)), reading.has_value()


def _gradient(question: Gradient, symbols: Symbols) -> Derived:
    reading = Reading(dict(symbols))
    value = reading.of(question.function)
    entries = [value.diff(reading.variable(name)) for name in question.names]
    return sympy.ImmutableMatrix(entries), reading.has_value()


def _change_of_variables(question: ChangeOfVariables, symbols: Symbols) -> Derived:
    if question.density not in symbols or symbols[question.density].arity != len(question.functions):
        raise Undecided(f"{question.density} is not declared as a function of {len(question.functions)} arguments")
    reading = Reading(dict(symbols))
    values, determinant = _jacobian(question.functions, question.names, reading)
    return sympy.Abs(determinant) * reading.translation.call(question.density, values, ()), reading.has_value()


def _value(question: ValueOf, symbols: Symbols) -> Derived:
    """Sums with ends that are symbols are confirmed in numbers; integrals and endless sums, where they were read."""
    reading = Reading(dict(symbols))
    value = reading.of(question.function)
    plain = reading.as_it_stands(question.function).xreplace(reading.values)
    long = not is_matrix(plain) and plain.has(sympy.Sum, sympy.Product)
    if long and not stands_up(plain, value, reading.places, random.Random("value")):
        raise Undecided("the closed form that SymPy finds was not confirmed")
    return value, reading.has_value()


def _limit(question: LimitOf, symbols: Symbols) -> Derived:
    reading = Reading(dict(symbols))
    value, to = reading.all([question.function, question.to])
    x = sympy.Dummy(question.name, real=True)  # along all numbers: SymPy is slow along integers
    value = value.xreplace({reading.symbol(question.name): x})
    found = sympy.limit(value, x, to, "+") if to.is_finite else sympy.limit(value, x, to)
    if not _approached(value, x, to, found, reading.places):
        raise Undecided("the limit that SymPy finds was not confirmed")
    return found, reading.has_value()


def _approached(value: Real, x: Real, to: Real, limit: Real, places: Mapping[Real, Real]) -> bool:
    """Whether values on the way there come closer to the limit, at random values of the other symbols."""
    rng, others = random.Random("limit"), {symbol: place for symbol, place in places.items() if symbol != x}
    if value.atoms(AppliedUndef):
        return True
    at = {part: drawn(part, rng) for part in sorted(_free(value, limit, to, others) - {x}, key=str)}
    value, limit, to = (y.xreplace(others).xreplace(at) for y in (value, limit, to))
    ways = [to + sympy.Rational(1, step) if to.is_finite else sympy.sign(to) * step for step in STEPS]
    values = [value.evalf(30, subs={x: way}) for way in ways]  # in floats: an exact power may be huge
    if limit.is_infinite:
        return bool(abs(values[0]) < abs(values[-1]) and sympy.sign(values[-1]) == sympy.sign(limit))
    gaps = [abs(near - limit) for near in values]
    return bool(gaps[-1] < SMALL or gaps[-1] < gaps[0] * NEARER)


def _free(value: Real, limit: Real, to: Real, places: Mapping[Real, Real]) -> set[Real]:
    found: set[Real] = set().union(*(y.xreplace(places).free_symbols for y in (value, limit, to)))
    return found


# --- random variables ---


@dataclass(frozen=True, slots=True)
class _World:
    """Random variables, and the symbols of formulas in them."""

    variables: Variables
    symbols: Symbols

    def read(self, tree: Expression) -> tuple[Real, Reading, dict[Real, Variate]]:
        """The formula in standard variables, how it was read, and the variables by their symbols."""
        laws = {name: law for name, law in self.variables.items() if isinstance(law, Law)}
        reading = Reading({**self.symbols, **{name: Symbol(domain=domain_of(law)) for name, law in laws.items()}})
        value = reading.of(self.in_variables(tree))
        variates = {reading.names[name]: self.variate(name, law) for name, law in laws.items()}
        drawn = frozenset(variates)
        if not reading.has_value(drawn):
            raise Undecided("it could not be shown to have a value for all values of the random variables")
        standard = value.xreplace({symbol: found.value for symbol, found in variates.items()})
        return standard, reading, {found.symbol: found for found in variates.values()}

    def in_variables(self, tree: Expression) -> Expression:
        """``tree`` with the names of formulas replaced by these, down to random variables."""
        for name, formula in reversed(list(self.variables.items())):
            if not isinstance(formula, Law):
                tree = _put(tree, name, formula)
        late = sorted(free_names(tree) & {n for n, law in self.variables.items() if not isinstance(law, Law)})
        if late:
            raise Unreadable(f"{late[0]} is used above the line that says what it is")
        return tree

    def variate(self, name: str, law: Law) -> Variate:
        names = frozenset[str]().union(*map(free_names, law.parameters)) & self.variables.keys()
        if names:
            raise Undecided(f"the law of {name} depends on {min(names)}, which is random itself")
        return variate(name, law, self.symbols)

    def places(self, reading: Reading, variates: Mapping[Real, Variate]) -> dict[Real, Real]:
        return reading.places | {u: found.place for u, found in variates.items() if found.place is not None}

    def expectation(self, *trees: Expression) -> list[Real]:
        out = []
        for tree in trees:
            value, reading, variates = self.read(tree)
            out.append(Expectations(variates, self.places(reading, variates)).of(value))
        return out


def _put(tree: Expression, name: str, formula: Expression) -> Expression:
    bound = {node.variable for node in walk(tree) if isinstance(node, Reduce)}
    if bound & free_names(formula):
        raise Undecided(f"the formula for {name} stands where one of its names is bound")
    return substitute(canonical(resolved(tree)), name, formula)


def _density(question: DensityOf, symbols: Symbols) -> Derived:
    world = _World(question.variables, symbols)
    value, reading, variates = world.read(question.function)
    mine = [found for u, found in variates.items() if value.has(u)]
    if len(mine) != 1:
        raise Undecided("only the density of a function of a single random variable is derived")
    at = Reading(dict(symbols))
    point = at.of(question.at)
    return density_at(value, point, mine[0], world.places(reading, variates)), at.has_value()


def _expectation(question: ExpectationOf, symbols: Symbols) -> Derived:
    return _World(question.variables, symbols).expectation(question.function)[0], True


def _variance(question: VarianceOf, symbols: Symbols) -> Derived:
    function = question.function
    mean, square = _World(question.variables, symbols).expectation(function, Multiply((function, function)))
    return sympy.expand(square - mean**2), True


def _probability(question: ProbabilityOf, symbols: Symbols) -> Derived:
    condition = question.condition
    tree = _indicator(condition) if isinstance(condition, Chain | Joined) else condition
    return _World(question.variables, symbols).expectation(tree)[0], True


def _indicator(condition: Condition) -> Expression:
    """1 where the condition holds, else 0."""
    if isinstance(condition, Chain):
        pairs = zip(condition.sides, condition.relations, condition.sides[1:], strict=False)
        return Multiply(tuple(_related(*pair) for pair in pairs))
    parts = [_indicator(part) for part in condition.parts]
    return Multiply(tuple(parts)) if condition.how == "and" else _not(Multiply(tuple(map(_not, parts))))


def _related(left: Expression, relation: str, right: Expression) -> Expression:
    if relation in (">", ">="):
        left, relation, right = right, {">": "<", ">=": "<="}[relation], left
    if relation == "!=":
        return _not(Apply("same", (left, right)))
    return Apply({"<": "less", "<=": "atmost", "=": "same"}[relation], (left, right))


def _not(x: Expression) -> Expression:
    return Add((ONE, negate(x)))


_ANSWERS: dict[type, Callable[[Any, Symbols], Derived]] = {
    Determinant: _determinant,
    DerivativeOf: _derivative,
    Gradient: _gradient,
    ChangeOfVariables: _change_of_variables,
    DensityOf: _density,
    ExpectationOf: _expectation,
    VarianceOf: _variance,
    ProbabilityOf: _probability,
    ValueOf: _value,
    LimitOf: _limit,
}
