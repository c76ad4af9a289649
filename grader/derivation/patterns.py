r"""Milestones of a proof as patterns: expressions that some line has, up to its spelling.

A pattern is a formula of the item's world in which ``any`` stands for one arbitrary part and ``rest`` for any further
terms or factors. It is met where a part of the line matches. At its outermost level a sum or product of the pattern
may be some of the terms or factors of a longer one; inside, it must be all of them, unless it has ``rest``.
"""

from __future__ import annotations

from dataclasses import replace

from grader.derivation.nodes import Argument, Density, Optimum, Total
from grader.derivation.normal import normal, same
from grader.derivation.world import World
from grader.math.tree import Add, Apply, Expression, Multiply, Power, Reduce, Variable, children, rebuild, walk

ANY, REST = "any", "rest"
_ANY, _REST, _INDEX = Variable(ANY), Variable(REST), Variable("#")
MAX_PARTS = 12


def comparable(x: Expression, world: World) -> Expression:
    """A line or a pattern in the form in which one can be looked for in the other."""
    return _blurred(normal(x, world), world)


def meets(line: Expression, pattern: Expression) -> bool:
    """Whether a part of ``line`` has the pattern, both ``comparable``."""
    return any(_matches(part, pattern, True) for part in walk(line))


def _blurred(x: Expression, world: World) -> Expression:
    """``x`` with one name for all indices: a pattern for some t is met under a sum over t as well as outside."""
    if isinstance(x, Variable):
        return _INDEX if x.name.startswith("#") or x.name in world.spec.indices or _is_index(x.name, world) else x
    x = rebuild(x, tuple(_blurred(part, world) for part in children(x)))
    match x:
        case Reduce():
            return replace(x, variable=_INDEX.name)
        case Density(name, targets, given):
            return Density(name, _in_order(targets), _in_order(given))
        case Total(arguments, body):
            return Total(_in_order(arguments), body)
    return x


def _is_index(name: str, world: World) -> bool:
    variable = world.spec.variables.get(name)
    return variable is not None and variable.values is not None


def _in_order(arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    return tuple(sorted(map(_whole, arguments), key=repr))


def _whole(argument: Argument) -> Argument:
    """``y = i`` for some i is y."""
    return Argument(argument.variable) if argument.kind == "value" and argument.first == _INDEX else argument


def _matches(x: Expression, pattern: Expression, outermost: bool = False) -> bool:
    if pattern == _ANY or x == pattern:
        return True
    match pattern:
        case Add(terms):
            return isinstance(x, Add) and _some(list(x.terms), terms, outermost)
        case Multiply(factors):
            return _some(list(x.factors) if isinstance(x, Multiply) else [x], factors, outermost)
        case Power(base, exponent) if isinstance(x, Power) and exponent != _ANY:
            return _matches(x.base, base) and (same(x.exponent, exponent) or _matches(x.exponent, exponent))
        case Optimum(operation, parameter, body):
            return (
                isinstance(x, Optimum)
                and x.parameter == parameter
                and x.operation.removeprefix("arg") == operation.removeprefix("arg")
                and _matches(x.body, body)
            )
    return _same_node(x, pattern)


def _same_node(x: Expression, pattern: Expression) -> bool:
    """The same kind of node with parts that match."""
    mine, theirs = children(x), children(pattern)
    if type(x) is not type(pattern) or len(mine) != len(theirs) or not theirs:
        return False
    if isinstance(x, Reduce) and isinstance(pattern, Reduce):
        alike = x.operation == pattern.operation and x.variable == pattern.variable
    elif isinstance(x, Apply) and isinstance(pattern, Apply):
        alike = x.function == pattern.function
    else:
        alike = rebuild(x, theirs) == pattern
    return alike and all(_matches(a, b) for a, b in zip(mine, theirs, strict=True))


def _some(parts: list[Expression], wanted: tuple[Expression, ...], more_allowed: bool) -> bool:
    """Whether each wanted part is matched by another of ``parts``, and whether what is left over may be there."""
    fixed = [part for part in wanted if part not in (_ANY, _REST)]
    wild = sum(part == _ANY for part in wanted)
    if len(parts) > MAX_PARTS or len(fixed) + wild > len(parts):
        return False
    if not more_allowed and _REST not in wanted and len(fixed) + wild != len(parts):
        return False
    return _paired(parts, fixed)


def _paired(parts: list[Expression], wanted: list[Expression]) -> bool:
    if not wanted:
        return True
    first, *others = wanted
    return any(
        _matches(part, first) and _paired(parts[:place] + parts[place + 1 :], others)
        for place, part in enumerate(parts)
    )
