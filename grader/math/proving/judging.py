"""Whether a key equals what SymPy derived: proved by reduction to zero, refuted by numbers at a point."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from operator import mul

import sympy
from sympy.core.function import AppliedUndef

from grader.math.deriving import Finding
from grader.math.domains import Domain, domain
from grader.math.proving.proof import vanishes
from grader.math.proving.ranges import Real, number
from grader.math.proving.reading import Reading
from grader.math.proving.translation import is_matrix
from grader.math.sampling import plain_points, sample_points
from grader.math.tree import Expression
from grader.spec import Symbol

APART = sympy.Float(10) ** -20
DIGITS = (50, 80)
SHOWN = 12
FAR_OUT = 1000
POINTS = 6
MAX_ARITY = 8
LONG = 40  # digits of a number that is shown as it is
MAX_OPERATIONS = 120  # of what is simplified to be read
INFINITE = (sympy.oo, -sympy.oo)
NO_VALUE = "the two agree, but it could not be shown that both have a value for all values of the symbols"
UNSHOWN = "SymPy could not reduce the difference to zero, and found no point where the two differ"


def judged(derived: Real, has_value: bool, key: Expression, symbols: Mapping[str, Symbol], seed: str) -> Finding:
    """``has_value``: what was derived is known to have a value for all values of the symbols."""
    derived = _readable(derived)
    text, latex = shown(derived, symbols)
    reading = Reading(dict(symbols))
    theirs = reading.of(key)
    if is_matrix(derived) != is_matrix(theirs) or (is_matrix(derived) and derived.shape != theirs.shape):
        return Finding("refuted", text, latex, witness={}, values=(_size(derived), _size(theirs)))
    if derived in INFINITE or theirs in INFINITE:
        return _infinite(derived, theirs, text, latex)
    apart = _difference(derived, theirs, symbols, seed)
    if apart is not None:
        return Finding("refuted", text, latex, witness=apart[0], values=apart[1])
    exact = reading.translation.exact_places()
    if not all(vanishes(gap, exact) for gap in _entries(derived - theirs)):
        return Finding("undecided", text, latex, UNSHOWN)
    if not (has_value and reading.has_value()):
        return Finding("undecided", text, latex, NO_VALUE)
    return Finding("proved", text, latex)


def _infinite(derived: Real, key: Real, text: str, latex: str) -> Finding:
    if derived == key:
        return Finding("proved", text, latex)
    if (derived in INFINITE and key in INFINITE) or not (derived.free_symbols | key.free_symbols):
        return Finding("refuted", text, latex, witness={}, values=(_number(derived), _number(key)))
    return Finding("undecided", text, latex, "one of the two is infinite")


def _entries(x: Real) -> list[Real]:
    return list(x) if is_matrix(x) else [x]


def _size(x: Real) -> str:
    return f"{x.shape[0]} × {x.shape[1]} entries" if is_matrix(x) else "a number"


# --- how it reads ---


def _readable(x: Real) -> Real:
    """``x``, shorter where SymPy easily makes it so."""
    if is_matrix(x):
        return x.applyfunc(_readable)
    if x.count_ops() > MAX_OPERATIONS:
        return x
    return min(x, sympy.simplify(x), key=lambda y: y.count_ops())


def shown(x: Real, symbols: Mapping[str, Symbol]) -> tuple[str, str]:
    """``x`` as plain text and as LaTeX, with unknown functions by their own names."""
    plain, typeset = x, x
    for call in {call.func for call in x.atoms(AppliedUndef)}:
        name = str(call).removesuffix("()").removesuffix("[]")
        plain = plain.replace(call, sympy.Function(name))
        typeset = typeset.replace(call, sympy.Function(symbols[name].latex or name))
    names = {x: symbols[str(x)].latex for x in x.free_symbols if str(x) in symbols and symbols[str(x)].latex}
    return str(plain), sympy.latex(typeset, symbol_names=names)


# --- numbers ---


def _difference(
    derived: Real, key: Real, symbols: Mapping[str, Symbol], seed: str
) -> tuple[dict[str, str], tuple[str, str]] | None:
    """A point where the two differ for certain, with their values, preferably one with short numbers."""
    free = {str(x) for x in derived.free_symbols | key.free_symbols}
    calls = derived.atoms(AppliedUndef) | key.atoms(AppliedUndef)
    if any(str(call.func).endswith("[]") for call in calls):
        return None  # families are not drawn here
    sides = _made_concrete((derived, key), symbols, seed)
    if not free:
        return _apart(sides, {}, {})
    plain = _asked_for(free, symbols)
    for at in islice(_random_points(plain, seed), POINTS):
        if (apart := _at(sides, at, free)) is not None:
            short = (_at(sides, point, free) for point in _short_points(plain, seed))
            return next((better for better in short if better is not None), apart)
    return None


def _asked_for(free: set[str], symbols: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The symbols to draw values for: those that occur, and those that they are bounded by."""
    names = free | {bound for name in free for bound in (symbols[name].below, symbols[name].up_to) if bound}
    return {name: symbol for name, symbol in symbols.items() if name in names}


def _random_points(symbols: Mapping[str, Symbol], seed: str) -> Iterator[dict[str, Real]]:
    for point in sample_points(symbols, seed, []):
        if point.generic and all(abs(value) < FAR_OUT for value in point.variables.values()):
            yield {name: number(value) for name, value in point.variables.items()}


def _short_points(symbols: Mapping[str, Symbol], seed: str) -> Iterator[dict[str, Real]]:
    """Zeros are left out: there may be a kink."""
    for point in plain_points(symbols, seed):
        if all(point.variables.values()):
            yield {name: number(value) for name, value in point.variables.items()}


def _at(
    sides: tuple[Real, Real], point: Mapping[str, Real], free: set[str]
) -> tuple[dict[str, str], tuple[str, str]] | None:
    at = {x: point[str(x)] for side in sides for x in side.free_symbols if str(x) in point}
    return _apart(sides, at, {name: str(value) for name, value in point.items() if name in free})


def _apart(
    sides: tuple[Real, Real], at: Mapping[Real, Real], witness: dict[str, str]
) -> tuple[dict[str, str], tuple[str, str]] | None:
    """The values of the first entries that differ, at two precisions."""
    for left, right in zip(*map(_entries, sides), strict=True):
        left, right = left.xreplace(at), right.xreplace(at)
        if all(_differ(left, right, digits) for digits in DIGITS):
            return witness, (_number(left), _number(right))
    return None


def _differ(left: Real, right: Real, digits: int) -> bool:
    values = [sympy.N(side, digits) for side in (left, right)]
    if not all(value.is_Number and value.is_finite for value in values):
        return False
    return bool(abs(values[0] - values[1]) > APART * max(map(abs, values)))


def _number(x: Real) -> str:
    if x in INFINITE:
        return "infinity" if x == sympy.oo else "-infinity"
    return str(x) if x.is_Rational and len(str(x)) < LONG else str(sympy.N(x, SHOWN))


def _made_concrete(sides: tuple[Real, Real], symbols: Mapping[str, Symbol], seed: str) -> tuple[Real, Real]:
    """The two with a smooth function in place of each unknown one, derivatives of it carried out."""
    for function in {call.func for side in sides for call in side.atoms(AppliedUndef)}:
        name = str(function).removesuffix("()")
        found = _wave(domain(symbols[name].domain), random.Random(f"{seed}/{name}()"))
        sides = sides[0].replace(function, found), sides[1].replace(function, found)
    return sides[0].doit(), sides[1].doit()


def _wave(values: Domain, rng: random.Random) -> Callable[..., Real]:
    """A function without symmetries whose values lie in the domain."""
    shares = [sympy.Rational(rng.randint(200, 1900), 991) for _ in range(2 * MAX_ARITY)]

    def function(*arguments: Real) -> Real:
        phases = [sum(map(mul, some, arguments), some[-1]) for some in (shares[1:], shares[len(arguments) :])]
        return _into(values, shares[0] + sympy.sin(phases[0]) + sympy.sin(phases[1]) / 3)

    return function


def _into(values: Domain, x: Real) -> Real:
    if values.low is None and values.high is None:
        return x
    if values.low is not None and values.high is not None:
        return number(values.low) + number(values.high - values.low) / (1 + sympy.exp(-x))
    if values.low is not None:
        return number(values.low) + sympy.exp(x)
    assert values.high is not None
    return number(values.high) - sympy.exp(x)
