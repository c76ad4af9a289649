"""Derivatives carried out, by the rules; what has no rule here is undecided, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from grader.errors import Undecided
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    ZERO,
    Add,
    Apply,
    Call,
    Derivative,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    free_names,
    invert,
    negate,
    rebuild,
    substitute,
    walk,
)

MAX_SIZE = 5_000
MAX_ORDER = 3

TWO = Number(Fraction(2))
_LINEAR = {"transpose", "trace"}


def resolved(x: Expression) -> Expression:
    """``x`` with every derivative in it carried out. Raises Undecided where there is no rule for it."""
    parts = children(x)
    if not parts:
        return x
    x = rebuild(x, tuple(map(resolved, parts)))
    if not isinstance(x, Derivative):
        return x
    found = differentiate(x.body, x.variable)
    if sum(1 for _ in islice(walk(found), MAX_SIZE + 1)) > MAX_SIZE:
        raise Undecided("the derivative is too long to be written out")
    return found


def differentiate(x: Expression, variable: str) -> Expression:
    """The derivative by the free variable ``variable``, right wherever ``x`` is differentiable.

    ``x`` holds no derivatives that are still to be taken. Raises Undecided where there is no rule here.
    """
    if variable not in free_names(x):
        return ZERO
    match x:
        case Variable():
            return ONE
        case Add(terms):
            return _sum([differentiate(term, variable) for term in terms])
        case Multiply(factors):
            return _product_rule(factors, variable)
        case Matrix():
            return rebuild(x, tuple(differentiate(entry, variable) for entry in children(x)))
        case Power():
            return _power(x, variable)
        case Apply():
            return _apply(x, variable)
        case Call():
            return _call(x, variable)
        case Reduce():
            return _reduce(x, variable)
    raise Undecided("a derivative by an index is not defined")


def _sum(terms: list[Expression]) -> Expression:
    left = tuple(term for term in terms if term != ZERO)
    return Add(left) if len(left) > 1 else left[0] if left else ZERO


def _product(*factors: Expression) -> Expression:
    if ZERO in factors:
        return ZERO
    left = tuple(factor for factor in factors if factor != ONE)
    return Multiply(left) if len(left) > 1 else left[0] if left else ONE


def _product_rule(factors: tuple[Expression, ...], variable: str) -> Expression:
    terms = []
    for place, factor in enumerate(factors):
        terms.append(_product(*factors[:place], differentiate(factor, variable), *factors[place + 1 :]))
    return _sum(terms)


def _power(x: Power, variable: str) -> Expression:
    base, exponent = x.base, x.exponent
    by_base = _product(exponent, Power(base, Add((exponent, MINUS_ONE))), differentiate(base, variable))
    if isinstance(exponent, Number):
        lowered = Number(exponent.value - 1)
        by_base = _product(exponent, Power(base, lowered) if lowered != ONE else base, differentiate(base, variable))
    return _sum([by_base, _product(x, Apply("log", (base,)), differentiate(exponent, variable))])


def _apply(x: Apply, variable: str) -> Expression:
    if x.function in _LINEAR:
        return Apply(x.function, (differentiate(x.arguments[0], variable),))
    if x.function in ("dot", "matmul"):
        return _sum(
            [
                Apply(x.function, (*x.arguments[:place], inner, *x.arguments[place + 1 :]))
                for place, argument in enumerate(x.arguments)
                if (inner := differentiate(argument, variable)) != ZERO
            ]
        )
    if x.function == "cases":
        return _cases(x, variable)
    if x.function in ("max", "min"):
        return differentiate(_as_cases(x), variable)
    if x.function == "logb":
        base, inner = x.arguments
        return differentiate(_product(Apply("log", (inner,)), invert(Apply("log", (base,)))), variable)
    if x.function not in _OUTER:
        raise Undecided(f"there is no rule here for the derivative of `{x.function}`")
    (inner,) = x.arguments
    return _product(_OUTER[x.function](inner, Power(inner, TWO)), differentiate(inner, variable))


def _one_minus(x: Expression) -> Expression:
    return Add((ONE, negate(x)))


# the derivative of a known function by its argument u, given u and its square
_OUTER: dict[str, Callable[[Expression, Expression], Expression]] = {
    "exp": lambda u, _: Apply("exp", (u,)),
    "log": lambda u, _: invert(u),
    "sqrt": lambda u, _: invert(Multiply((TWO, Apply("sqrt", (u,))))),
    # at the kink 0/0: no value, as it should be
    "abs": lambda u, _: Multiply((u, invert(Apply("abs", (u,))))),
    "sin": lambda u, _: Apply("cos", (u,)),
    "cos": lambda u, _: negate(Apply("sin", (u,))),
    "tan": lambda u, _: Power(Apply("cos", (u,)), Number(Fraction(-2))),
    "arcsin": lambda u, square: invert(Apply("sqrt", (_one_minus(square),))),
    "arccos": lambda u, square: negate(invert(Apply("sqrt", (_one_minus(square),)))),
    "arctan": lambda u, square: invert(Add((ONE, square))),
    "sinh": lambda u, _: Apply("cosh", (u,)),
    "cosh": lambda u, _: Apply("sinh", (u,)),
    "tanh": lambda u, _: _one_minus(Power(Apply("tanh", (u,)), TWO)),
}


def _cases(x: Apply, variable: str) -> Expression:
    """The derivative inside of the pieces, and no value at their borders, where it need not exist."""
    conditions = range(1, len(x.arguments), 2)
    parts = (part if n in conditions else differentiate(part, variable) for n, part in enumerate(x.arguments))
    borders = [
        node
        for n in conditions
        for node in walk(x.arguments[n])
        if isinstance(node, Apply) and node.function in _BORDERS
    ]
    gaps = [Add((node.arguments[0], negate(node.arguments[1]))) for node in borders]
    return Multiply((Apply("cases", tuple(parts)), *(part for gap in gaps for part in (gap, invert(gap)))))


_BORDERS = {"less", "atmost", "same"}


def _as_cases(x: Apply) -> Expression:
    """A maximum or minimum; neither side is chosen where both are equal."""
    first, *rest = x.arguments
    if not rest:
        return first
    other = Apply(x.function, tuple(rest)) if len(rest) > 1 else rest[0]
    below, above = Apply("less", (first, other)), Apply("less", (other, first))
    return Apply("cases", (first, below, other, above) if x.function == "min" else (other, below, first, above))


def _call(x: Call, variable: str) -> Expression:
    """The chain rule with partial derivatives of the unknown function."""
    orders = x.orders or (0,) * len(x.arguments)
    terms = []
    for place, argument in enumerate(x.arguments):
        raised = (*orders[:place], orders[place] + 1, *orders[place + 1 :])
        if sum(raised) > MAX_ORDER:
            raise Undecided(f"derivatives of unknown functions are taken {MAX_ORDER} times at most")
        terms.append(_product(replace(x, orders=raised), differentiate(argument, variable)))
    return _sum(terms)


def _product_with_bounds(x: Reduce, inner: Expression) -> Expression:
    """One factor differentiated, times those before it and those behind it."""
    if inner == ZERO:
        return ZERO
    here, other = Variable(x.variable), f"{x.variable}'"
    body = substitute(x.body, x.variable, Variable(other))
    before = Reduce("prod", other, x.low, Add((here, MINUS_ONE)), body)
    behind = Reduce("prod", other, Add((here, ONE)), x.high, body)
    return Reduce("sum", x.variable, x.low, x.high, Multiply((inner, before, behind)))


def _reduce(x: Reduce, variable: str) -> Expression:
    if x.operation != "integral" and variable in free_names(x.low) | free_names(x.high):
        raise Undecided("a derivative by a bound of a sum or product is not defined")
    inner = differentiate(x.body, variable) if x.variable != variable else ZERO
    if x.operation == "prod":
        return _product_with_bounds(x, inner)
    under = replace(x, body=inner) if inner != ZERO else ZERO
    if x.operation == "sum":
        return under
    # Leibniz: the ends move too
    ends = free_names(x.low) | free_names(x.high)
    if any(isinstance(node, Reduce) and node.variable in ends for node in walk(x.body)):
        raise Undecided("one name stands for two things here")  # putting the ends in would capture it
    upper = _product(substitute(x.body, x.variable, x.high), differentiate(x.high, variable))
    lower = _product(substitute(x.body, x.variable, x.low), differentiate(x.low, variable))
    return _sum([under, upper, negate(lower) if lower != ZERO else ZERO])
