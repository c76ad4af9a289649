"""What the declared domains alone tell about signs: enough to drop the bars of |r| where r is positive.

Squares come out of roots as bars first, so that a kink in ``sqrt((r - 7)^2)`` is a branch that samples must visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.math.canonical import canonical
from grader.math.domains import Domain
from grader.math.rational import square_part
from grader.math.tree import (
    ONE,
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
    children,
    negate,
    rebuild,
)

_NOT_NEGATIVE = {"exp", "sqrt", "abs", "cosh", "factorial", "binom", "less", "atmost", "same", "norm"}


def with_plain_bars(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    """``x``, in canonical form, with (y^2 z)^a replaced by |y|^2a z^a where a is no integer, log(y^2 z) by
    2 log|y| + log z, and |y| by y wherever y is surely not negative."""
    return _plain(canonical(x), domains)


def _plain(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    if isinstance(x, Reduce):
        domains = {name: domain for name, domain in domains.items() if name != x.variable}
    x = rebuild(x, tuple(_plain(child, domains) for child in children(x)))
    match x:
        case Power(base, Number(exponent)) if exponent.denominator != 1:
            return _fractional_power(base, exponent, domains)
        case Apply("log", (inner,)):
            root, rest = square_part(inner)
            if root != ONE:
                twice = Multiply((Number(Fraction(2)), Apply("log", (_bars(root, domains),))))
                return Add((twice, Apply("log", (rest,))))
        case Apply("abs", (inner,)):
            return _bars(inner, domains)
    return x


def _fractional_power(base: Expression, exponent: Fraction, domains: Mapping[str, Domain]) -> Expression:
    """``(r^2 s)^a`` is ``|r|^2a s^a``: where it has a value, s is not negative or r is zero."""
    root, rest = square_part(base)
    if root == ONE:
        return Power(base, Number(exponent))
    bars, doubled = _bars(root, domains), 2 * exponent
    whole = doubled.denominator == 1
    outside = Power(bars, Number(doubled)) if whole else _fractional_power(bars, doubled, domains)
    return Multiply((outside, Power(rest, Number(exponent))))


def _bars(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    if nonnegative(x, domains):
        return x
    if nonnegative(minus := _negated(x), domains):
        return minus
    return Apply("abs", (x,))


def _negated(x: Expression) -> Expression:
    """``-x`` with the sign inside of sums and at the numbers of products, where the rules of signs can see it."""
    match x:
        case Number(value):
            return Number(-value)
        case Add(terms):
            return Add(tuple(map(_negated, terms)))
        case Multiply(factors):
            for place, factor in enumerate(factors):
                if isinstance(factor, Number):
                    return Multiply((*factors[:place], Number(-factor.value), *factors[place + 1 :]))
    return negate(x)


def nonnegative(x: Expression, domains: Mapping[str, Domain]) -> bool:
    """Whether ``x`` is at least zero wherever it has a value. False means only that these rules do not show it."""
    match x:
        case Number(value):
            return value >= 0
        case Constant():
            return True
        case Variable(name) | Element(name, _) | Call(name, _, ()):
            return name in domains and domains[name].nonnegative
        case Add(parts) | Multiply(parts):
            return all(nonnegative(part, domains) for part in parts)
        case Power(base, Number(value)) if value.denominator == 1 and value.numerator % 2 == 0:
            return True
        case Power(base, _):
            return nonnegative(base, domains)
        case Apply(function, _):
            return function in _NOT_NEGATIVE
        case Reduce("sum" | "prod", variable, _, _, body):
            return nonnegative(body, {name: domain for name, domain in domains.items() if name != variable})
    return False


def positive(x: Expression, domains: Mapping[str, Domain]) -> bool:
    """Whether ``x`` is above zero wherever it has a value. False means only that these rules do not show it."""
    match x:
        case Number(value):
            return value > 0
        case Variable(name) | Element(name, _) | Call(name, _, ()):
            return name in domains and domains[name].positive
        case Multiply(parts):
            return all(positive(part, domains) for part in parts)
        case Add(parts):
            return all(nonnegative(p, domains) for p in parts) and any(positive(p, domains) for p in parts)
        case Power(base, _):
            return positive(base, domains)
    return isinstance(x, Constant) or (isinstance(x, Apply) and x.function in ("exp", "cosh"))


_SMOOTH = {"exp", "sin", "cos", "sinh", "cosh", "tanh", "arctan", "abs", "sign", "max", "min", "ceil", "floor"}


def always_defined(x: Expression, domains: Mapping[str, Domain]) -> bool:
    """Whether ``x`` surely has a value on the whole domain. False means only that these rules do not show it."""
    match x:
        case Number() | Variable() | Element(_, Number() | Variable()):
            return True
        case Constant(name):
            return name != "infinity"
        case Power(base, Number(value)):
            fine = value >= 0 if value.denominator == 1 else nonnegative(base, domains) and value > 0
            return (fine or positive(base, domains)) and always_defined(base, domains)
        case Apply("log", (inner,)):
            return positive(inner, domains) and always_defined(inner, domains)
        case Add(parts) | Multiply(parts) | Call(_, parts):
            return all(always_defined(part, domains) for part in parts)
        case Apply(function, parts) if function in _SMOOTH:
            return all(always_defined(part, domains) for part in parts)
    return False
