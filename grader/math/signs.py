"""What the declared domains alone tell about signs: enough to drop the bars of |r| where r is positive."""

from __future__ import annotations

from collections.abc import Mapping

from grader.math.domains import Domain
from grader.math.tree import (
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
    rebuild,
)


def without_needless_bars(x: Expression, domains: Mapping[str, Domain]) -> Expression:
    """``x`` with |y| replaced by y wherever y is surely not negative."""
    x = rebuild(x, tuple(without_needless_bars(child, domains) for child in children(x)))
    if isinstance(x, Apply) and x.function == "abs" and nonnegative(x.arguments[0], domains):
        return x.arguments[0]
    return x


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
        case Reduce(_, _, _, _, body):
            return nonnegative(body, domains)
