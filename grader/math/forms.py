"""Form rules: how an expression is written, judged on the tree and apart from equality.

A rule looks at the expression as it was read, before any simplification: ``2/30`` and ``1/15`` are equal and not
written alike. What a rule says of sums, products and quotients it says of these alone: functions, sums with bounds and
the like are taken as letters, as in ``rational``. Each entry of a matrix must keep the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from grader.math.rational import count_factors, share_factor
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Derivative,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    children,
    walk,
)

TEN = Number(Fraction(10))
PERCENT = Number(Fraction(1, 100))


def violation(x: Expression, rule: str, at_most: int | None = None) -> str | None:
    """A sentence for the student where ``x``, which is right, breaks ``rule``; ``at_most`` is the limit of ``size``.

    Raises Undecided where it cannot be told.
    """
    if rule == "size":
        assert at_most is not None
        found = sum(1 for _ in walk(x))
        return None if found <= at_most else f"{_RIGHT} it can be written more briefly."
    keeps, said = RULES[rule]
    return None if all(map(keeps, _entries(x))) else f"{_RIGHT} {said}."


def _entries(x: Expression) -> tuple[Expression, ...]:
    return children(x) if isinstance(x, Matrix) else (x,)


def _without(operation: str) -> Callable[[Expression], bool]:
    return lambda x: not any(isinstance(node, Reduce) and node.operation == operation for node in walk(x))


def _differentiated(x: Expression) -> bool:
    return not any(isinstance(node, Derivative) or (isinstance(node, Call) and node.orders) for node in walk(x))


def _exact(x: Expression) -> bool:
    return not any(isinstance(node, Number) and node.decimal for node in walk(x))


# --- fractions -----------------------------------------------------------------------------------------------------


def _factors(x: Expression) -> Iterator[Expression]:
    """The factors of a product, and those of a factor that is a product itself."""
    for factor in x.factors if isinstance(x, Multiply) else ():
        yield from _factors(factor)
    if not isinstance(x, Multiply):
        yield x


def _sides(x: Expression) -> tuple[list[Expression], list[Expression]]:
    """What stands above and below the bar of a quotient, factor by factor."""
    above, below = list[Expression](), list[Expression]()
    for factor in _factors(x):
        if not _is_below(factor):
            above.append(factor)
            continue
        assert isinstance(factor, Power)
        assert isinstance(factor.exponent, Number)
        positive = Number(-factor.exponent.value)
        below += _factors(factor.base) if positive == ONE else [Power(factor.base, positive)]
    return above, below


def _is_below(x: Expression) -> bool:
    return isinstance(x, Power) and isinstance(x.exponent, Number) and x.exponent.value < 0


def _bars(x: Expression) -> int:
    """How many fractions there are in ``x``, in those of its parts that sums, products and powers reach."""
    if isinstance(x, Power):
        return _bars(x.base) + _is_below(x)
    return sum(map(_bars, children(x))) if isinstance(x, Add | Multiply) else 0


def _is_one_fraction(x: Expression) -> bool:
    """At most one bar, and that one around everything."""
    return _bars(x) <= sum(map(_is_below, _factors(x))) <= 1


def _is_reduced(x: Expression) -> bool:
    """No fraction anywhere in ``x`` whose sides share a number or polynomial."""
    for node in walk(x):
        if isinstance(node, Multiply | Power):
            above, below = _sides(node)
            if below and share_factor(Multiply((ONE, *above)), Multiply((ONE, *below))):
                return False
    return True


# --- products ------------------------------------------------------------------------------------------------------


def _is_factored(x: Expression) -> bool:
    """Numbers and irreducible factors, in a product or quotient; each may be raised to a power."""
    return all(map(_is_irreducible, (factor for side in _sides(x) for factor in side)))


def _is_irreducible(x: Expression) -> bool:
    if isinstance(x, Power) and isinstance(x.exponent, Number):
        return _is_factored(x.base)
    return isinstance(x, Number) or count_factors(x) in (0, 1)


def _is_expanded(x: Expression) -> bool:
    """No product with a sum in it and no power of a sum or product is left, above or below a bar."""
    if isinstance(x, Add):
        return all(map(_is_expanded, x.terms))
    return all(map(_is_multiplied_out, _sides(x)))


def _is_multiplied_out(factors: list[Expression]) -> bool:
    factors = [factor for factor in factors if factor != ONE]
    if len(factors) > 1 and any(isinstance(factor, Add) for factor in factors):
        return False
    return all(_is_expanded(f) if isinstance(f, Add) else not _is_power_of_several(f) for f in factors)


def _is_power_of_several(x: Expression) -> bool:
    match x:
        case Power(Add() | Multiply(), Number(exponent)):
            return exponent.denominator == 1
    return False


# --- numbers -------------------------------------------------------------------------------------------------------


def _is_a_value(x: Expression) -> bool:
    """A number as it is written down at the end: ``-2``, ``1/15``, ``0.0667``, ``6.67%``, ``6.67 * 10^-2``."""
    match x:
        case Number():
            return True
        case Multiply((sign, rest)) if sign == MINUS_ONE:
            return _is_a_value(rest)
        case Multiply((Number() as first, last)):
            return last == PERCENT or _is_power_of_ten(last) or (_is_whole(first) and _is_reciprocal(last))
    return _is_reciprocal(x) or _is_power_of_ten(x)


def _is_reciprocal(x: Expression) -> bool:
    return isinstance(x, Power) and isinstance(x.base, Number) and _is_whole(x.base) and x.exponent == MINUS_ONE


def _is_power_of_ten(x: Expression) -> bool:
    return isinstance(x, Power) and x.base == TEN and isinstance(x.exponent, Number) and _is_whole(x.exponent)


def _is_whole(x: Number) -> bool:
    return x.value.denominator == 1 and not x.decimal


_RIGHT = "The value is right, but"
RULES: dict[str, tuple[Callable[[Expression], bool], str]] = {
    "no-sum": (_without("sum"), "a sum is left to be carried out"),
    "no-product": (_without("prod"), "a product over an index is left to be carried out"),
    "no-integral": (_without("integral"), "an integral is left to be evaluated"),
    "no-derivative": (_differentiated, "a derivative is left to be taken"),
    "single-fraction": (_is_one_fraction, "it is to be written as a single fraction"),
    "lowest-terms": (_is_reduced, "a fraction in it can be reduced"),
    "factored": (_is_factored, "it is to be written as a product of factors that cannot be factored further"),
    "expanded": (_is_expanded, "a product or power is left to be multiplied out"),
    "value": (_is_a_value, "some arithmetic is left to be done: give one number, as a fraction or a decimal"),
    "exact": (_exact, "it is to be given exactly, without decimals"),
}
"""What keeps a rule, and what a student is told who broke it. ``size`` has a limit and is judged above."""
