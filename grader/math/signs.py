"""What the declared domains alone tell about signs: enough to drop the bars of |r| where r is positive.

Squares come out of roots as bars first, so that a kink in ``sqrt((r - 7)^2)`` is a branch that samples must visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.math.canonical import canonical
from grader.math.domains import Domain, domain
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
    parts = children(x)
    places = [domains] * len(parts)
    if isinstance(x, Reduce):
        places[-1] = _within(x, domains)  # the bounds lie outside
    x = rebuild(x, tuple(map(_plain, parts, places)))
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


def _within(x: Reduce, domains: Mapping[str, Domain]) -> dict[str, Domain]:
    """The domains inside a sum, product or integral, where its variable lies between the bounds of an integral."""
    inner = {name: domain for name, domain in domains.items() if name != x.variable}
    if x.operation == "integral" and all(nonnegative(end, domains) for end in (x.low, x.high)):
        inner[x.variable] = domain("nonnegative")
    return inner


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
        case Add(parts):
            return all(nonnegative(part, domains) for part in parts) or _outweighed(parts, domains, False)
        case Multiply(parts):
            return all(nonnegative(part, domains) for part in parts)
        case Power(base, exponent):
            even = (
                isinstance(exponent, Number) and exponent.value.denominator == 1 and exponent.value.numerator % 2 == 0
            )
            return even or nonnegative(base, domains)
        case Apply():
            return _of_function(x, domains)
        case Reduce("sum" | "prod", variable, _, _, body):
            return nonnegative(body, {name: domain for name, domain in domains.items() if name != variable})
    return False


def _of_function(x: Apply, domains: Mapping[str, Domain]) -> bool:
    match x:
        case Apply("log", (Add(parts),)):
            return _beyond_one(parts, domains)
        case Apply("cases", parts):
            return all(nonnegative(part, domains) for part in _values(parts))
    return x.function in _NOT_NEGATIVE


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
            some = all(nonnegative(p, domains) for p in parts) and any(positive(p, domains) for p in parts)
            return some or _outweighed(parts, domains, True)
        case Power(base, _):
            return positive(base, domains)
        case Apply("log", (Add(parts),)):
            return _beyond_one(parts, domains) and any(positive(p, domains) for p in parts if not isinstance(p, Number))
        case Apply("cases", parts):
            return all(positive(part, domains) for part in _values(parts))
    return isinstance(x, Constant) or (isinstance(x, Apply) and x.function in ("exp", "cosh"))


def _values(parts: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The values of ``cases``, without their conditions."""
    return (*parts[0:-1:2], parts[-1]) if len(parts) % 2 else parts[::2]


def _beyond_one(parts: tuple[Expression, ...], domains: Mapping[str, Domain]) -> bool:
    """Whether a sum is at least one: a number that is, and terms that are not negative."""
    number = sum((part.value for part in parts if isinstance(part, Number)), Fraction(0))
    return number >= 1 and all(nonnegative(part, domains) for part in parts)


def _outweighed(parts: tuple[Expression, ...], domains: Mapping[str, Domain], strictly: bool) -> bool:
    """Whether a sum is (``strictly``) above zero, for its terms have such bounds: 2 + sin(x), n - 1."""
    least, strict = Fraction(0), False
    for part in parts:
        below = _least(part, domains)
        if below is None:
            return False
        least += below[0]
        strict = strict or below[1]
    return least > 0 or (least == 0 and (strict or not strictly))


def _least(x: Expression, domains: Mapping[str, Domain]) -> tuple[Fraction, bool] | None:
    """A bound from below, and whether it is never reached; None where these rules show none."""
    match x:
        case Number(value):
            return value, False
        case Apply("sin" | "cos" | "tanh" as name, _):
            return Fraction(-1), name == "tanh"
        case Multiply((Number(value), Apply("sin" | "cos" | "tanh" as name, _))) | Multiply(
            (Apply("sin" | "cos" | "tanh" as name, _), Number(value))
        ):
            return -abs(value), name == "tanh"
    if isinstance(x, Variable) and x.name in domains and (low := domains[x.name].low) is not None:
        return low, domains[x.name].open_low
    return (Fraction(0), positive(x, domains)) if nonnegative(x, domains) else None


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
