"""Equality proved by SymPy.

An identity of SymPy's expressions is one of ours wherever both sides have a value. That each side has one, apart from
single points, is shown first. Integrals and endless sums must have a closed value, and that must stand up to numerical
integration: SymPy's integrals have been wrong before.

A proof only ever accepts. That none was found means nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

import sympy
from sympy.core.function import AppliedUndef

from grader.errors import GraderError
from grader.math.book import Book
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.domains import Domain, domain, random_point
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.proving.ranges import Real
from grader.math.proving.translation import Need, Translation, is_matrix
from grader.math.tree import Add, Apply, Call, Constant, Expression, Matrix, Multiply, Number, Power, Variable, walk
from grader.math.values import precision
from grader.spec import Symbol

BITS = 256
CHECKS = 2
CLOSE = sympy.Rational(1, 10**8)
SMOOTH = {"exp", "log", "sqrt", "sin", "cos", "sinh", "cosh", "tanh", "det"}
UNFIT = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.AccumBounds, sympy.DiracDelta)
OPEN = (sympy.Integral, sympy.Sum, sympy.Product, sympy.Piecewise, sympy.Limit, sympy.Subs)


def _itself(x: Real) -> Real:
    return x


STEPS: tuple[Callable[[Real], Real], ...] = (
    _itself,
    sympy.expand,
    lambda x: sympy.expand(x.doit()),
    lambda x: sympy.expand(sympy.expand_log(x)),
    sympy.cancel,
    sympy.simplify,
    lambda x: sympy.expand(x.rewrite(sympy.Abs)),
    lambda x: sympy.simplify(sympy.expand_log(sympy.factor_terms(x))),
    lambda x: sympy.simplify(x.rewrite(sympy.exp)),
)


def warm() -> None:
    """Have SymPy build the tables that it integrates with, for its first integral takes much longer than the next."""
    t = sympy.Symbol("t", real=True)
    sympy.integrate(sympy.exp(-(t**2)), (t, -sympy.oo, sympy.oo))


def proved_equal(first: Expression, second: Expression, symbols: Mapping[str, Symbol]) -> bool:
    """Whether SymPy reduces the difference to exactly 0, for all values of the symbols in their declared domains, and
    both sides have a value apart from single points. False means nothing."""
    try:
        return _proved(canonical(resolved(first)), canonical(resolved(second)), symbols)
    except MemoryError:
        raise
    except Exception:  # SymPy fails in any way there is, and that a proof failed means nothing
        return False


def _proved(first: Expression, second: Expression, symbols: Mapping[str, Symbol]) -> bool:
    translation = Translation(symbols)
    left, right = translation.of(first), translation.of(second)
    values = closed_values(translation)
    if values is None or not all(met(need, values, symbols) for need in translation.needs):
        return False
    exact = translation.exact_places()
    return all(vanishes(gap.xreplace(values), exact) for gap in _gaps(left, right))


def closed_values(translation: Translation) -> dict[Real, Real] | None:
    """Its integrals and endless sums with their closed values; None where one of them has none to rely on."""
    values: dict[Real, Real] = {}
    for endless, places in translation.endless:
        value = _value(endless.xreplace(values), places)
        if value is None:
            return None
        values[endless] = value
    return values


def _gaps(left: Real, right: Real) -> Iterator[Real]:
    if is_matrix(left) or is_matrix(right):
        yield from left - right  # raises where the two have other sizes
    else:
        yield left - right


def vanishes(x: Real, places: Mapping[Real, Real]) -> bool:
    """Whether ``x`` is 0, as it stands or with its symbols given by parameters."""
    return _reduces(x) or (not x.free_symbols.isdisjoint(places) and _reduces(x.xreplace(places)))


def _reduces(x: Real) -> bool:
    for step in STEPS:
        x = step(x)
        if x.has(*UNFIT):
            return False
        if x == 0:
            return True
    return False


# --- integrals and endless sums ---


def _value(x: Real, places: Mapping[Real, Real]) -> Real | None:
    """The closed value of an integral or endless sum, without conditions; None where there is none to rely on."""
    value = x.doit()
    if value.has(*UNFIT) or value.has(*OPEN):
        return None
    return value if all(stands_up(x, value, places, random.Random(seed)) for seed in range(CHECKS)) else None


def stands_up(x: Real, value: Real, places: Mapping[Real, Real], rng: random.Random) -> bool:
    """Whether numerical integration, at a random point, contradicts nothing."""
    x, value = x.xreplace(places), value.xreplace(places)
    unknown = sorted(x.atoms(AppliedUndef), key=str)
    if any(not call.free_symbols <= x.free_symbols for call in unknown):
        return False  # an unknown function of the variable that is integrated over
    free = sorted(x.free_symbols, key=str)
    at = {part: drawn(part, rng) for part in [*unknown, *free]}
    there, here = sympy.N(x.xreplace(at)), sympy.N(value.xreplace(at))
    return bool(there.is_number and abs(there - here) <= CLOSE * max(1, abs(here)))


def drawn(x: Real, rng: random.Random) -> Real:
    found = sympy.Integer(rng.randint(1, 4)) if x.is_integer else sympy.Rational(rng.randint(2, 30), 11)
    return -found if x.is_nonpositive or (x.is_nonnegative is None and rng.random() < 0.5) else found


# --- what must hold for an expression to have a value ---


def met(need: Need, values: Mapping[Real, Real], symbols: Mapping[str, Symbol]) -> bool:
    x = _known(need.of.xreplace(values).xreplace(need.places))
    if any(getattr(form(x), need.what) for form in (_itself, sympy.expand, sympy.factor)):
        return True
    return need.divisor is not None and _rarely_zero(need.divisor, symbols)


def _known(x: Real) -> Real:
    """``x`` with its sums and products replaced by names that know their signs, which SymPy does not work out."""
    if not x.has(sympy.Sum, sympy.Product):
        return x
    if not isinstance(x, sympy.Sum | sympy.Product):
        rebuilt: Real = x.func(*map(_known, x.args))
        return rebuilt
    body, (_, low, high) = _known(x.function), x.limits[0]
    told = {name: True for name in ("real", "integer", "nonnegative") if getattr(body, f"is_{name}")}
    if body.is_positive and (isinstance(x, sympy.Product) or (high - low).is_nonnegative):
        told["positive"] = True
    found: Real = sympy.Dummy(**told)
    return found


def _rarely_zero(x: Expression, symbols: Mapping[str, Symbol]) -> bool:
    """Whether ``x`` is zero at single points at most: it is analytic, and surely not zero somewhere."""
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    nodes = list(walk(x))
    if not all(map(_is_rational, nodes)) and not all(_is_analytic(node, domains) for node in nodes):
        return False
    rng = random.Random("proof")
    values = {name: random_point(found, rng) for name, found in domains.items()}
    try:
        with precision(BITS):
            found = evaluate(x, Point(values, "proof", domains), Book())
            return bool(found != 0)  # of a ball: it does not hold 0
    except GraderError:
        return False


def _is_rational(x: Expression) -> bool:
    if isinstance(x, Power):
        return isinstance(x.exponent, Number) and x.exponent.value.denominator == 1
    return isinstance(x, Number | Variable | Add | Multiply | Matrix) or (isinstance(x, Apply) and x.function == "det")


def _is_analytic(x: Expression, domains: Mapping[str, Domain]) -> bool:
    """Of reals: sin(pi n) is analytic and zero at all integers."""
    match x:
        case Variable(name):
            return name in domains and not domains[name].integer
        case Apply(function, _):
            return function in SMOOTH
    return isinstance(x, Number | Constant | Call | Add | Multiply | Power | Matrix)
