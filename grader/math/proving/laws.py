"""Laws of random variables in SymPy: densities with their supports, and the parameters that a law can have.

A law with a place and a scale is told by its standard one, so that no integral has these parameters in it. The
logistic and Student's law are symmetric, and so are Laplace's and Cauchy's: their halves stand apart, for an
expectation must exist on each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy

from grader.errors import Undecided, Unreadable
from grader.math.canonical import canonical
from grader.math.distributions import LAWS, Law
from grader.math.plain import to_plain
from grader.math.proving.ranges import Real
from grader.math.proving.translation import Translation
from grader.math.tree import Expression, Number
from grader.spec import Symbol

MAX_ATOMS = 1000
FORMS: tuple[Callable[[Real], Real], ...] = (lambda x: x, sympy.expand, sympy.factor)
WISHES = {"is_positive": "positive", "is_nonnegative": "at least 0", "is_integer": "an integer", "is_zero": "right"}


@dataclass(frozen=True, slots=True)
class Variate:
    """A random variable: ``value``, in a ``symbol`` that has the standard law.

    That has a density on each of the ``pieces`` (low, high, density), or probabilities at the integers from low to high
    where it is ``discrete``; or it has finitely many ``atoms`` (value, probability). ``place`` is the symbol by a
    parameter that knows its range.
    """

    symbol: Real
    value: Real
    pieces: tuple[tuple[Real, Real, Real], ...] = ()
    atoms: tuple[tuple[Real, Real], ...] = ()
    discrete: bool = False
    place: Real | None = None


def known(x: Real, what: str, places: Mapping[Real, Real]) -> bool | None:
    """Whether SymPy's assumption ``what`` is known of ``x``, or its contrary; None where neither is."""
    for form in FORMS:
        for y in (x, x.xreplace(places)):
            found: bool | None = getattr(form(y), what)
            if found is not None:
                return found
    return None


def domain_of(law: Law) -> str:
    """The values of the variable, as the domain of a symbol, as far as they are plain numbers."""
    match law:
        case Law("uniform", (Number(low), Number(high))) if low < high:
            return f"({low}, {high})"
        case Law("integers", (Number(low), Number(high))) if low < high:
            return f"integer [{low}, {high}]"
        case Law("integers", _):
            return "integer"
        case Law("exponential" | "gamma", _):
            return "positive"
        case Law("beta", _):
            return "(0, 1)"
        case Law("bernoulli" | "binomial" | "poisson", _):
            return "nonnegative integer"
        case Law("geometric" | "categorical", _):
            return "positive integer"
    return "real"


def variate(name: str, law: Law, symbols: Mapping[str, Symbol]) -> Variate:
    """The random variable of a law. Raises Unreadable where the law cannot have such parameters, Undecided where it is
    not known to have them for all values of the symbols."""
    translation = Translation(symbols)
    trees = [canonical(x) for x in law.parameters]
    values = [translation.of(x) for x in trees]
    _Check(law, trees, values, symbols, translation.places).all()
    if law.name in _CONTINUOUS:
        return _continuous(name, law.name, values)
    return _discrete(name, law.name, values)


# --- parameters ---


@dataclass(frozen=True, slots=True)
class _Check:
    law: Law
    trees: list[Expression]
    values: list[Real]
    symbols: Mapping[str, Symbol]
    places: Mapping[Real, Real]

    def all(self) -> None:
        match self.law.name, self.values:
            case "uniform", [low, high]:
                self.must(1, high - low, "is_positive", f"more than {self.shown(0)}")
            case "integers", [low, high]:
                self.must(0, low, "is_integer")
                self.must(1, high, "is_integer")
                self.must(1, high - low, "is_nonnegative", f"at least {self.shown(0)}")
            case "categorical", _:
                self.weights()
            case "binomial", [trials, _]:
                self.must(0, trials, "is_integer")
                self.must(0, trials, "is_nonnegative")
                self.probability(1)
            case "bernoulli" | "geometric", _:
                self.probability(0)
            case "gamma" | "beta", _:
                self.must(0, self.values[0], "is_positive")
                self.must(1, self.values[1], "is_positive")
            case _:
                self.must(-1, self.values[-1], "is_positive")

    def weights(self) -> None:
        for place, value in enumerate(self.values):
            self.must(place, value, "is_nonnegative")
        if known(sum(self.values) - 1, "is_zero", self.places) is False:
            shown = ", ".join(map(self.shown, range(len(self.trees))))
            raise Unreadable(f"categorical has no weights {shown}: they must add up to 1")

    def probability(self, place: int) -> None:
        value, wish = self.values[place], "between 0 and 1"
        self.must(place, value, "is_nonnegative", wish)
        self.must(place, 1 - value, "is_nonnegative", wish)
        if self.law.name == "geometric":
            self.must(place, value, "is_positive", "more than 0")

    def must(self, place: int, x: Real, what: str, wish: str = "") -> None:
        """What must be known of ``x``, which follows from the parameter at ``place``."""
        found = known(x, what, self.places)
        if found:
            return
        parameter = (LAWS[self.law.name] or (f"weight {place + 1}",))[place if LAWS[self.law.name] else 0]
        named = f"{self.law.name} has no {parameter} {self.shown(place)}"
        if found is False:
            raise Unreadable(f"{named}: it must be {wish or WISHES[what]}")
        raise Undecided(f"{named} for certain: it could not be shown to be {wish or WISHES[what]}")

    def shown(self, place: int) -> str:
        return to_plain(self.trees[place], self.symbols)


# --- densities ---


def _halves(density: Callable[[Real], Real], u: Real) -> tuple[tuple[Real, Real, Real], ...]:
    """A density that is even, with the absolute value carried out on each half."""
    return ((-sympy.oo, sympy.Integer(0), density(-u)), (sympy.Integer(0), sympy.oo, density(u)))


def _standard(name: str, u: Real, shapes: list[Real]) -> tuple[tuple[Real, Real, Real], ...]:
    """Support and density of the standard law; ``shapes`` are the parameters that are neither place nor scale."""
    zero, one = sympy.Integer(0), sympy.Integer(1)
    match name, shapes:
        case "uniform", _:
            return ((zero, one, one),)
        case "normal", _:
            return ((-sympy.oo, sympy.oo, sympy.exp(-(u**2) / 2) / sympy.sqrt(2 * sympy.pi)),)
        case "laplace", _:
            return _halves(lambda size: sympy.exp(-size) / 2, u)
        case "logistic", _:
            return _halves(lambda size: sympy.exp(-size) / (1 + sympy.exp(-size)) ** 2, u)
        case "cauchy", _:
            return _halves(lambda size: 1 / (sympy.pi * (1 + size**2)), u)
        case "exponential", _:
            return ((zero, sympy.oo, sympy.exp(-u)),)
        case "gamma", [shape]:
            return ((zero, sympy.oo, u ** (shape - 1) * sympy.exp(-u) / sympy.gamma(shape)),)
        case "beta", [a, b]:
            weight = sympy.gamma(a + b) / (sympy.gamma(a) * sympy.gamma(b))
            return ((zero, one, weight * u ** (a - 1) * (1 - u) ** (b - 1)),)
        case "student", [degrees]:
            weight = sympy.gamma((degrees + 1) / 2) / (sympy.sqrt(degrees * sympy.pi) * sympy.gamma(degrees / 2))
            return _halves(lambda size: weight * (1 + size**2 / degrees) ** (-(degrees + 1) / 2), u)
    raise Undecided(f"SymPy is not told of {name}")


_CONTINUOUS: dict[str, Callable[..., tuple[Real, Real, list[Real]]]] = {  # parameters -> place, scale, shapes
    "uniform": lambda low, high: (low, high - low, []),
    "normal": lambda mean, deviation: (mean, deviation, []),
    "laplace": lambda place, scale: (place, scale, []),
    "logistic": lambda place, scale: (place, scale, []),
    "cauchy": lambda place, scale: (place, scale, []),
    "exponential": lambda rate: (0, 1 / rate, []),
    "gamma": lambda shape, rate: (0, 1 / rate, [shape]),
    "beta": lambda a, b: (0, 1, [a, b]),
    "student": lambda degrees: (0, 1, [degrees]),
}


def _continuous(name: str, law: str, parameters: list[Real]) -> Variate:
    place, scale, shapes = _CONTINUOUS[law](*parameters)
    positive = law in ("uniform", "exponential", "gamma", "beta")
    u = sympy.Dummy(name, positive=True) if positive else sympy.Dummy(name, real=True)
    inside = 1 / (1 + sympy.Dummy(positive=True)) if law in ("uniform", "beta") else None
    return Variate(u, place + scale * u, _standard(law, u, shapes), place=inside)


def _discrete(name: str, law: str, values: list[Real]) -> Variate:
    atoms = _atoms(law, values)
    if atoms is not None:
        k = sympy.Dummy(name, integer=True)
        return Variate(k, k, atoms=tuple(atoms), discrete=True)
    k = sympy.Dummy(name, integer=True, **({} if law == "integers" else {"nonnegative": True}))
    zero, one = sympy.Integer(0), sympy.Integer(1)
    match law, values:
        case "geometric", [p]:
            piece = (zero, sympy.oo, (1 - p) ** k * p)
        case "poisson", [rate]:
            piece = (zero, sympy.oo, rate**k * sympy.exp(-rate) / sympy.factorial(k))
        case "binomial", [n, p]:
            piece = (zero, n, sympy.binomial(n, k) * p**k * (1 - p) ** (n - k))
        case "integers", [low, high]:
            piece = (low, high, 1 / (high - low + 1))
        case _:
            raise Undecided(f"SymPy is not told of {law}")
    return Variate(k, k + one if law == "geometric" else k, (piece,), discrete=True)


def _atoms(law: str, values: list[Real]) -> list[tuple[Real, Real]] | None:
    """Values and their probabilities where these can be written out, else None."""
    match law, values:
        case "bernoulli", [p]:
            return [(sympy.Integer(0), 1 - p), (sympy.Integer(1), p)]
        case "categorical", _:
            return [(sympy.Integer(n), weight) for n, weight in enumerate(values, 1)]
        case "integers", [low, high] if low.is_Integer and high.is_Integer and high - low < MAX_ATOMS:
            return [(sympy.Integer(n), sympy.Rational(1, high - low + 1)) for n in range(int(low), int(high) + 1)]
        case "binomial", [n, p] if n.is_Integer and n < MAX_ATOMS:
            ways = [sympy.binomial(n, k) for k in range(int(n) + 1)]
            return [(sympy.Integer(k), way * p**k * (1 - p) ** (n - k)) for k, way in enumerate(ways)]
    return None
