"""One spelling for trees that differ only in order, brackets, arithmetic on numbers or names of bound variables."""

from __future__ import annotations

from fractions import Fraction

from grader.math.tree import (
    ONE,
    ZERO,
    Add,
    Apply,
    Constant,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    rebuild,
    substitute,
)

MAX_EXACT_BITS = 4096
_COMMUTATIVE = {"max", "min"}


def canonical(x: Expression) -> Expression:
    """Equal results mean equal expressions; different results mean nothing.

    Bound variables are numbered from the inside out, so that the name of an outer one is free in all that it reaches
    into, also where canonical trees were put together to a new one.
    """
    if isinstance(x, Reduce):
        bound = Variable(f"#{_height(x)}")
        body = canonical(substitute(x.body, x.variable, bound))
        return Reduce(x.operation, bound.name, canonical(x.low), canonical(x.high), body)
    parts = tuple(map(canonical, children(x)))
    match x:
        case Number(value):
            return Number(value)
        case Add():
            return _sum(parts)
        case Multiply():
            return _product(parts)
        case Power():
            return _power(*parts)
        case Apply("sqrt", _):
            return _power(parts[0], Number(Fraction(1, 2)))
        case Apply(function, _) if function in _COMMUTATIVE:
            return Apply(function, tuple(sorted(parts, key=repr)))
    return rebuild(x, parts)


def _height(x: Expression) -> int:
    """How many sums and products are nested in ``x``, itself included."""
    return max(map(_height, children(x)), default=0) + isinstance(x, Reduce)


def _sum(parts: tuple[Expression, ...]) -> Expression:
    number, rest = Fraction(0), list[Expression]()
    for part in parts:
        for term in part.terms if isinstance(part, Add) else (part,):
            if isinstance(term, Number) and _is_short(number + term.value):
                number += term.value
            else:
                rest.append(term)
    if number or not rest:
        rest.append(Number(number))
    return rest[0] if len(rest) == 1 else Add(tuple(sorted(rest, key=repr)))


def _product(parts: tuple[Expression, ...]) -> Expression:
    number, rest = Fraction(1), list[Expression]()
    for part in parts:
        for factor in part.factors if isinstance(part, Multiply) else (part,):
            if isinstance(factor, Number) and _is_short(number * factor.value):
                number *= factor.value
            else:
                rest.append(factor)
    if number != 1 or not rest:
        rest.append(Number(number))
    return rest[0] if len(rest) == 1 else Multiply(tuple(sorted(rest, key=repr)))


def _is_short(x: Fraction) -> bool:
    return x.numerator.bit_length() + x.denominator.bit_length() <= MAX_EXACT_BITS


def _power(base: Expression, exponent: Expression) -> Expression:
    if base == Constant("e"):
        return Apply("exp", (exponent,))
    if exponent == ONE:
        return base
    if (
        isinstance(base, Number)
        and isinstance(exponent, Number)
        and (value := _number_power(base, exponent)) is not None
    ):
        return Number(value)
    return Power(base, exponent)


def _number_power(base: Number, exponent: Number) -> Fraction | None:
    """The exact power where it exists and is small enough to write down."""
    if exponent.value.denominator != 1 or (base == ZERO and exponent.value <= 0):
        return None
    size = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    if size * abs(exponent.value) > MAX_EXACT_BITS:
        return None
    return base.value ** int(exponent.value)
