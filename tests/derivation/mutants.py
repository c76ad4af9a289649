"""Mistakes made in one line of a chain, one at a time: the tree is changed where a person slips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from grader.derivation.nodes import Density, Divergence, Expectation, Optimum, Total
from grader.derivation.normal import normal
from grader.derivation.world import World
from grader.math.canonical import canonical
from grader.math.tree import (
    ONE,
    Add,
    Apply,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    negate,
    rebuild,
    walk,
)

_TURNED = {"argmin": "argmax", "argmax": "argmin", "min": "max", "max": "min"}


def mutants(x: Expression, world: World) -> Iterator[tuple[str, Expression]]:
    """Every expression that differs from ``x`` by one slip, with the slip's name."""
    for name, changed in _here(x, world):
        if changed != x:
            yield name, changed
    parts = children(x)
    for place, part in enumerate(parts):
        for name, changed in mutants(part, world):
            try:
                yield name, rebuild(x, (*parts[:place], changed, *parts[place + 1 :]))
            except (AssertionError, TypeError):
                continue  # a divergence or expectation takes densities only


def _here(x: Expression, world: World) -> Iterator[tuple[str, Expression]]:
    match x:
        case Add() | Multiply() | Power() | Apply():
            yield from _arithmetic(x)
        case Expectation(weights, body):
            yield "expectation dropped", body
            for other in _others(weights[0], world):
                yield "wrong distribution", Expectation((other, *weights[1:]), body)
        case Density():
            yield from _densities(x, world)
        case _:
            yield from _bound(x)


def _arithmetic(x: Add | Multiply | Power | Apply) -> Iterator[tuple[str, Expression]]:
    match x:
        case Add(terms):
            for place in range(len(terms)):
                yield "wrong sign", Add((*terms[:place], negate(terms[place]), *terms[place + 1 :]))
                rest = (*terms[:place], *terms[place + 1 :])
                yield "dropped term", Add(rest) if len(rest) > 1 else rest[0]
        case Multiply(factors):
            for place, factor in enumerate(factors):
                rest = (*factors[:place], *factors[place + 1 :])
                if factor != ONE:
                    yield "dropped factor", Multiply(rest) if len(rest) > 1 else rest[0]
        case Power(base, exponent):
            yield "inverted", Power(base, negate(exponent))
        case Apply("log" | "exp", (inner,)):
            yield f"dropped {x.function}", inner


def _bound(x: Expression) -> Iterator[tuple[str, Expression]]:
    match x:
        case Optimum(operation, _, _):
            yield "min and max confused", replace(x, operation=_TURNED[operation])
        case Divergence(left, right):
            yield "KL turned round", Divergence(right, left)
            yield "wrong sign", negate(x)
        case Reduce(_, _, low, high, _):
            yield "index off by one", replace(x, low=Add((low, ONE)))
            yield "index off by one", replace(x, high=Add((high, Number(Fraction(-1)))))
            yield "sum and product confused", replace(x, operation="prod" if x.operation == "sum" else "sum")
        case Total(arguments, body):
            yield "sum dropped", body
            if len(arguments) > 1:
                yield "one variable not summed", Total(arguments[1:], body)


def _densities(x: Density, world: World) -> Iterator[tuple[str, Expression]]:
    for place in range(len(x.given)):
        yield "dropped conditional", replace(x, given=(*x.given[:place], *x.given[place + 1 :]))
    if x.given and len(x.given) == len(x.targets) == 1:
        yield "conditional turned round", replace(x, targets=x.given, given=x.targets)
    for place, argument in enumerate(x.given):
        if argument.kind == "slice" and argument.last is not None:
            shorter = argument.at((argument.first or ONE, Add((argument.last, Number(Fraction(-1))))))
            yield "slice off by one", replace(x, given=(*x.given[:place], shorter, *x.given[place + 1 :]))
    yield from (("wrong distribution", other) for other in _others(x, world))


def _others(x: Density, world: World) -> Iterator[Density]:
    """The same density under other distributions of the world that have such variables."""
    asked = {argument.variable for argument in x.targets}
    for name, other in world.distributions.items():
        own = {argument.variable for argument in other.targets}
        known = own | {argument.variable for argument in other.given}
        if name != x.distribution and asked <= own and {a.variable for a in x.given} <= known:
            yield replace(x, distribution=name)


def essence(x: Expression, world: World) -> Expression:
    """What a problem of optimisation comes to: terms that do not depend on the candidate left out."""
    found = normal(x, world)
    return canonical(_without_constants(found, found.parameter, world)) if isinstance(found, Optimum) else found


def _without_constants(x: Expression, parameter: str, world: World) -> Expression:
    x = rebuild(x, tuple(_without_constants(part, parameter, world) for part in children(x)))
    if not isinstance(x, Add):
        return x
    kept = tuple(term for term in x.terms if _depends(term, parameter, world))
    return x if not kept else kept[0] if len(kept) == 1 else Add(kept)


def _depends(x: Expression, parameter: str, world: World) -> bool:
    names = {parameter, *(name for name, q in world.spec.quantities.items() if q.over == parameter)}
    return any(
        parameter in world.distributions[node.distribution].parameters
        if isinstance(node, Density)
        else isinstance(node, Variable) and node.name in names
        for node in walk(x)
    )
