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


def with_plain_bars(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    """``x`` with sqrt(y^2 z) replaced by |y| sqrt(z), and |y| by y wherever y is surely not negative."""
    if isinstance(x, Reduce):
        domains = {name: domain for name, domain in domains.items() if name != x.variable}
    x = rebuild(x, tuple(with_plain_bars(child, domains) for child in children(x)))
    match x:
        case Apply("sqrt", (inner,)):
            return _root(inner, domains)
        case Power(inner, Number(value)) if value.denominator == 2 and value > 0:
            return Power(_root(inner, domains), Number(Fraction(value.numerator)))
        case Apply("abs", (inner,)):
            return _bars(inner, domains)
    return x


def _bars(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    if nonnegative(x, domains):
        return x
    if nonnegative(minus := canonical(negate(x)), domains):
        return minus
    return Apply("abs", (x,))


def _root(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    root, rest = square_part(x)
    inside = Apply("sqrt", (rest,))
    return inside if root == ONE else Multiply((_bars(root, domains), inside))


def nonnegative(x: Expression, domains: Mapping[str, Domain]) -> bool:
    """Whether ``x`` is at least zero wherever it has a value. False means only that these rules do not show it."""
    match x:
        case Number(value):
            return value >= 0
        case Constant():
            return True
        case Variable(name) | Element(name, _) | Call(name, _):
            return name in domains and domains[name].nonnegative
        case Add(parts) | Multiply(parts):
            return all(nonnegative(part, domains) for part in parts)
        case Power(base, Number(value)) if value.denominator == 1 and value.numerator % 2 == 0:
            return True
        case Power(base, _):
            return nonnegative(base, domains)
        case Apply(function, _):
            return function in ("exp", "sqrt", "abs", "cosh", "factorial", "binom")
        case Reduce(_, variable, _, _, body):
            return nonnegative(body, {name: domain for name, domain in domains.items() if name != variable})
