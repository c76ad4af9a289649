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
    """Equal results mean equal expressions; different results mean nothing."""
    return _canonical(x, 0)


def _canonical(x: Expression, depth: int) -> Expression:
    if isinstance(x, Reduce):
        bound = f"#{depth}"
        body = _canonical(substitute(x.body, x.variable, Variable(bound)), depth + 1)
        return Reduce(x.operation, bound, _canonical(x.low, depth), _canonical(x.high, depth), body)
    parts = tuple(_canonical(child, depth) for child in children(x))
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


def _sum(parts: tuple[Expression, ...]) -> Expression:
    number, rest = Fraction(0), list[Expression]()
    for part in parts:
        for term in part.terms if isinstance(part, Add) else (part,):
            if isinstance(term, Number):
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
            if isinstance(factor, Number):
                number *= factor.value
            else:
                rest.append(factor)
    if number != 1 or not rest:
        rest.append(Number(number))
    return rest[0] if len(rest) == 1 else Multiply(tuple(sorted(rest, key=repr)))


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
