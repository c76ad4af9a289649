r"""Light normal forms: spellings of one expression made alike, for the ends of a chain and the patterns of milestones.

``normal`` writes expectations as sums, logarithms of products as sums of logarithms, ``e^{c \log a}`` as a power, and
takes signs and numbers out of sums. It proves nothing and cancels nothing: two lines of a proof that differ by more
than their spelling stay different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Optimum, Total, free_variables
from grader.derivation.world import World
from grader.math.canonical import canonical
from grader.math.rational import same_rational
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
    free_names,
    rebuild,
    substitute,
)

MAX_EXPANSIONS = 6
MAX_EXPANDED = 5000


def plain(x: Expression) -> Expression:
    """``x`` with its terms, factors and arguments in order and its numbers worked out: the same line, typed anew."""
    return canonical(_ordered(x))


def normal(x: Expression, world: World) -> Expression:
    """The light normal form of ``x``, definitions of the world put in their places."""
    return canonical(_normal(_ordered(expanded(x, world))))


def expanded(x: Expression, world: World) -> Expression:
    """``x`` with what the world defines put in place of names; names within names as far as there is room."""
    return _expanded(x, world, 0, iter(range(MAX_EXPANDED)))


def _expanded(x: Expression, world: World, depth: int, room: Iterator[int]) -> Expression:
    if depth > MAX_EXPANSIONS or next(room, None) is None:
        return x
    body = _definition(x, world)
    if body is not None:
        return _expanded(body, world, depth + 1, room)
    return rebuild(x, tuple(_expanded(part, world, depth, room) for part in children(x)))


def _definition(x: Expression, world: World) -> Expression | None:
    match x:
        case Variable(name):
            arguments: tuple[Expression, ...] = ()
        case Element(name, index):
            arguments = (index,)
        case Call(name, arguments, ()):
            pass
        case _:
            return None
    found = world.definitions.get(name)
    if found is None or len(found.parameters) != len(arguments):
        return None
    body = found.body
    for parameter, argument in zip(found.parameters, arguments, strict=True):
        body = substitute(body, parameter, argument)
    return body


def written_out(x: Expression, world: World) -> Expression:
    """The formula of a density that has one and is asked for as it is declared, as of the softmax; else ``x``."""
    if not isinstance(x, Density):
        return x
    found = world.distributions[x.distribution]
    same_arguments = set(x.targets) == set(found.targets) and set(x.given) == set(found.given)
    return found.formula if found.formula is not None and same_arguments else x


def by_value(x: Expression, world: World, fixed: frozenset[str]) -> Expression:
    """``p(y = i | x)`` for a free i as ``p(y | x)``, where the claim is for every y: both are for every value."""
    found = [index for index in world.spec.indices if index in free_names(x)]
    if len(found) != 1:
        return x
    count = world.spec.indices[found[0]]
    names = [name for name, variable in world.spec.variables.items() if variable.values == count and name in fixed]
    if len(names) != 1 or names[0] in free_variables(x) | free_names(x):
        return x
    return _with_value(x, found[0], names[0])


def _with_value(x: Expression, index: str, name: str) -> Expression:
    x = rebuild(x, tuple(_with_value(part, index, name) for part in children(x))) if not _binds(x, index) else x
    match x:
        case Variable(found) if found == index:
            return Variable(name)
        case Density(_, targets, given):
            return replace(x, targets=tuple(map(_whole, targets)), given=tuple(map(_whole, given)))
    return x


def _binds(x: Expression, index: str) -> bool:
    return isinstance(x, Reduce) and x.variable == index


def _whole(argument: Argument) -> Argument:
    """``y = y`` is y."""
    held = argument.kind == "value" and argument.first == Variable(argument.variable)
    return Argument(argument.variable) if held else argument


# --- order ---


def _key(argument: Argument) -> str:
    return repr(argument)


def _sorted(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    return tuple(sorted(arguments, key=_key))


def _ordered(x: Expression) -> Expression:
    """Arguments of densities and sums in one order, their indices in canonical form."""
    x = rebuild(x, tuple(map(_ordered, children(x))))
    match x:
        case Density(name, targets, given):
            return Density(name, _sorted(tuple(map(_index, targets))), _sorted(tuple(map(_index, given))))
        case Total(arguments, body):
            return Total(_sorted(tuple(map(_index, arguments))), body)
    return x


def _index(argument: Argument) -> Argument:
    argument = argument.at(tuple(map(canonical, argument.indices())))
    if argument.kind in ("slice", "samples") and argument.first == argument.last:
        return replace(argument, kind="element" if argument.kind == "slice" else "sample", last=None)
    return argument


# --- spelling ---


def _normal(x: Expression) -> Expression:
    x = rebuild(x, tuple(map(_normal, children(x))))
    match x:
        case Expectation(weights, body):
            arguments = _sorted(tuple(target for weight in weights for target in weight.targets))
            return _outside(Total(arguments, _product((*weights, body))))
        case Total():
            return _outside(x)
        case Reduce("sum", _, _, _, _):
            return _outside_sum(x)
        case Multiply(factors):
            return _product(factors)
        case Add(terms):
            return _sum(terms)
        case Power(Constant("e"), exponent):
            return _exponential(exponent)
        case Apply():
            return _function(x)
    return x


def _function(x: Apply) -> Expression:
    match x:
        case Apply("log", (inner,)):
            return _logarithm(inner)
        case Apply("exp", (exponent,)):
            return _exponential(exponent)
        case Apply("norm", (vector,)):
            return Power(Apply("matmul", (Apply("transpose", (vector,)), vector)), Number(_HALF))
        case Apply("dot", (left, right)):
            return Apply("matmul", (Apply("transpose", (left,)), right))
    return x


_HALF = ONE.value / 2


def _sum(terms: tuple[Expression, ...]) -> Expression:
    flat: list[Expression] = []
    for term in terms:
        flat.extend(term.terms if isinstance(term, Add) else (term,))
    return Add(tuple(flat))


def _product(factors: tuple[Expression, ...]) -> Expression:
    """Factors side by side; a number before a sum goes to each of its terms."""
    flat: list[Expression] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Multiply) else (factor,))
    sums = [factor for factor in flat if isinstance(factor, Add)]
    rest = [factor for factor in flat if not isinstance(factor, Add)]
    if len(sums) == 1 and rest and all(isinstance(factor, Number) for factor in rest):
        return Add(tuple(_product((*rest, term)) for term in sums[0].terms))
    return Multiply(tuple(flat))


def _outside(x: Total) -> Expression:
    numbers, rest = _numbers(x.body)
    return _product((*numbers, Total(x.arguments, rest))) if numbers else x


def _outside_sum(x: Reduce) -> Expression:
    numbers, rest = _numbers(x.body)
    return _product((*numbers, replace(x, body=rest))) if numbers else x


def _numbers(x: Expression) -> tuple[tuple[Expression, ...], Expression]:
    if not isinstance(x, Multiply):
        return (), x
    numbers = tuple(f for f in x.factors if isinstance(f, Number))
    rest = tuple(f for f in x.factors if not isinstance(f, Number))
    return (numbers, rest[0] if len(rest) == 1 else Multiply(rest)) if rest else ((), x)


def _logarithm(inner: Expression) -> Expression:
    match inner:
        case Multiply(factors) if not any(isinstance(f, Number) and f.value < 0 for f in factors):
            return _sum(tuple(_logarithm(factor) for factor in factors if factor != ONE))
        case Power(base, exponent) if isinstance(exponent, Number):
            return _product((exponent, _logarithm(base)))
        case Reduce("prod", _, _, _, body):
            return replace(inner, operation="sum", body=_logarithm(body))
    return Apply("log", (inner,))


def _exponential(exponent: Expression) -> Expression:
    """``e^{c log a}`` is ``a^c``."""
    factors = exponent.factors if isinstance(exponent, Multiply) else (exponent,)
    logs = [factor for factor in factors if isinstance(factor, Apply) and factor.function == "log"]
    if len(logs) == 1:
        rest = tuple(factor for factor in factors if factor is not logs[0])
        return Power(logs[0].arguments[0], Multiply(rest) if rest else ONE)
    return Apply("exp", (exponent,))


def replaced(x: Expression, old: Expression, new: Expression) -> Expression:
    """The normal form ``x`` with ``new`` for every part of it that is ``old``, in normal form again."""
    return canonical(_normal(_replaced(x, old, new)))


def _replaced(x: Expression, old: Expression, new: Expression) -> Expression:
    if x == old:
        return new
    parts = children(x)
    if isinstance(x, Density | Divergence) or not parts:  # a divergence is of densities alone
        return x
    return rebuild(x, tuple(_replaced(part, old, new) for part in parts))


# --- sameness ---


def same(a: Expression, b: Expression) -> bool:
    """Whether two normal forms are one expression, up to the arithmetic of exponents."""
    if a == b:
        return True
    match a, b:
        case Add(), Add():
            return _same_parts(a.terms, b.terms)
        case Multiply(), Multiply():
            return _same_parts(a.factors, b.factors)
        case Power(), Power():
            return same(a.base, b.base) and _same_exponent(a.exponent, b.exponent)
        case Apply("exp", (left,)), Apply("exp", (right,)):
            return _same_exponent(left, right)
        case Optimum(), Optimum():
            return (a.sense, a.parameter) == (b.sense, b.parameter) and same(a.body, b.body)
    if type(a) is not type(b) or len(children(a)) != len(children(b)) or rebuild(a, children(b)) != b:
        return False
    return all(same(left, right) for left, right in zip(children(a), children(b), strict=True))


def trivially_same(a: Expression, b: Expression) -> bool:
    """Whether two normal forms differ by arithmetic alone: terms that cancel, numbers that are added to or multiplied
    with what is optimised, a minimum written as a maximum."""
    a, b = _bare_problem(a), _bare_problem(b)
    if isinstance(a, Optimum) and isinstance(b, Optimum):
        return a.parameter == b.parameter and same_rational(a.body, b.body)
    return not isinstance(a, Optimum) and not isinstance(b, Optimum) and same_rational(a, b)


def augments(x: Expression, end: Expression) -> bool:
    """Whether the normal form ``x`` is ``end`` with further terms or factors beside it."""
    if isinstance(x, Optimum) and isinstance(end, Optimum):
        if x.parameter != end.parameter:
            return False
        x, end = _bare_problem(x), _bare_problem(end)
        return isinstance(x, Optimum) and isinstance(end, Optimum) and augments(x.body, end.body)
    for kind in (Add, Multiply):
        if isinstance(x, kind):
            parts = x.terms if isinstance(x, Add) else x.factors
            mine = (end.terms if isinstance(end, Add) else end.factors) if isinstance(end, kind) else (end,)
            return len(parts) > len(mine) and all(any(_has(part, one) for part in parts) for one in mine)
    return isinstance(x, Power) and _has(x, end)


def _has(part: Expression, wanted: Expression) -> bool:
    return part == wanted or (isinstance(part, Power) and part.base == wanted and isinstance(part.exponent, Number))


def _bare_problem(x: Expression) -> Expression:
    """A problem as a minimum, without numbers that change nothing."""
    if not isinstance(x, Optimum):
        return x
    body = canonical(_product((Number(ONE.value * x.sense), x.body)))
    while True:
        match body:
            case Add(terms):
                rest = tuple(term for term in terms if not isinstance(term, Number))
            case Multiply(factors):
                signs = [f for f in factors if isinstance(f, Number) and f.value < 0]
                body = Multiply(
                    (*(Number(-ONE.value) for _ in signs), *(f for f in factors if not isinstance(f, Number)))
                )
                return Optimum("min", x.parameter, canonical(body))
            case _:
                return Optimum("min", x.parameter, body)
        if len(rest) == len(body.terms) or not rest:
            return Optimum("min", x.parameter, body)
        body = canonical(Add(rest))


def _same_exponent(a: Expression, b: Expression) -> bool:
    return same_rational(a, b)


def _same_parts(left: tuple[Expression, ...], right: tuple[Expression, ...]) -> bool:
    """Whether the parts can be paired, each with one that is the same."""
    rest = list(right)
    if len(left) != len(rest):
        return False
    for part in left:
        place = next((i for i, other in enumerate(rest) if same(part, other)), None)
        if place is None:
            return False
        del rest[place]
    return True
