"""What the notation of derivations adds to the expression tree: densities, expectations, divergences, optimisation.

Nothing here has a value by itself; ``evaluate`` gives it one in a concrete instance of a world.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from grader.math.tree import Expression, Extension, Reduce, Variable, children, rebuild

Operation = Literal["argmin", "argmax", "min", "max"]


@dataclass(frozen=True, slots=True)
class Argument:
    r"""Random variables named in a density, an expectation or a sum.

    ``whole``: ``x`` itself. ``element``: ``x_t``, at ``first``. ``slice``: ``x_{<t}``, from ``first`` to ``last``,
    empty where ``last < first``. ``sample``: ``z^{(i)}``, the draw ``first`` from the distribution of ``z``;
    ``samples``: those from ``first`` to ``last``. ``value``: a variable held at the value ``first``, counted from 1, as
    in ``y = i``.
    """

    variable: str
    kind: Literal["whole", "element", "slice", "sample", "samples", "value"] = "whole"
    first: Expression | None = None
    last: Expression | None = None

    def indices(self) -> tuple[Expression, ...]:
        return tuple(index for index in (self.first, self.last) if index is not None)

    def at(self, indices: tuple[Expression, ...]) -> Argument:
        """The same with other indices, as many as it has."""
        return replace(
            self,
            first=indices[0] if indices else None,
            last=indices[1] if len(indices) > 1 else None,
        )


def _spread(arguments: tuple[Argument, ...], parts: Iterator[Expression]) -> tuple[Argument, ...]:
    return tuple(argument.at(tuple(next(parts) for _ in argument.indices())) for argument in arguments)


def _indices(arguments: tuple[Argument, ...]) -> tuple[Expression, ...]:
    return tuple(index for argument in arguments for index in argument.indices())


@dataclass(frozen=True, slots=True)
class Density(Extension):
    """The density or probability of ``targets`` given ``given`` under a distribution of the world, by its name."""

    distribution: str
    targets: tuple[Argument, ...]
    given: tuple[Argument, ...] = ()

    def parts(self) -> tuple[Expression, ...]:
        return _indices(self.targets) + _indices(self.given)

    def over(self, parts: tuple[Expression, ...]) -> Density:
        found = iter(parts)
        return replace(self, targets=_spread(self.targets, found), given=_spread(self.given, found))


@dataclass(frozen=True, slots=True)
class Expectation(Extension):
    """The expectation of ``body`` over the targets of the densities ``weights``, which are independent of one another
    unless one is given what another draws."""

    weights: tuple[Density, ...]
    body: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (*self.weights, self.body)

    def over(self, parts: tuple[Expression, ...]) -> Expectation:
        weights = tuple(part for part in parts[:-1] if isinstance(part, Density))
        return Expectation(weights, parts[-1])


@dataclass(frozen=True, slots=True)
class Divergence(Extension):
    """The Kullback-Leibler divergence of ``left`` from ``right``, over the targets of both, which are the same."""

    left: Density
    right: Density

    def parts(self) -> tuple[Expression, ...]:
        return (self.left, self.right)

    def over(self, parts: tuple[Expression, ...]) -> Divergence:
        left, right = parts
        assert isinstance(left, Density)
        assert isinstance(right, Density)
        return Divergence(left, right)


@dataclass(frozen=True, slots=True)
class Total(Extension):
    """The sum of ``body`` over all values of ``arguments`` (or the integral, for finite sample spaces the same)."""

    arguments: tuple[Argument, ...]
    body: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (*_indices(self.arguments), self.body)

    def over(self, parts: tuple[Expression, ...]) -> Total:
        return Total(_spread(self.arguments, iter(parts[:-1])), parts[-1])


@dataclass(frozen=True, slots=True)
class Optimum(Extension):
    """An optimisation problem over the members of the family ``parameter``. Two are equal if they have the same
    optimisers; ``min`` and ``max`` are read so as well."""

    operation: Operation
    parameter: str
    body: Expression

    @property
    def sense(self) -> int:
        """1 where the body is minimised, -1 where it is maximised."""
        return 1 if self.operation.endswith("min") else -1

    def parts(self) -> tuple[Expression, ...]:
        return (self.body,)

    def over(self, parts: tuple[Expression, ...]) -> Optimum:
        return replace(self, body=parts[0])


@dataclass(frozen=True, slots=True)
class Gaussian(Extension):
    """The density at ``point`` of a normal distribution with ``mean`` and covariance ``variance`` times identity."""

    point: Expression
    mean: Expression
    variance: Expression

    def parts(self) -> tuple[Expression, ...]:
        return (self.point, self.mean, self.variance)

    def over(self, parts: tuple[Expression, ...]) -> Gaussian:
        return Gaussian(*parts)


def free_variables(x: Expression) -> frozenset[str]:
    """The random variables in ``x`` that no expectation, divergence or sum in it runs over."""
    match x:
        case Density(_, targets, given):
            return _names(targets) | _names(given)
        case Expectation(weights, body):
            bound = frozenset[str]().union(*(_names(weight.targets) for weight in weights))
            known = frozenset[str]().union(*(_names(weight.given) for weight in weights))
            return (free_variables(body) | known) - bound
        case Divergence(left, right):
            return (_names(left.given) | _names(right.given)) - _names(left.targets)
        case Total(arguments, body):
            return free_variables(body) - _names(arguments)
    found = frozenset[str]().union(*map(free_variables, children(x)))
    return found - {x.variable} if isinstance(x, Reduce) else found


def _names(arguments: tuple[Argument, ...]) -> frozenset[str]:
    return frozenset(argument.variable for argument in arguments if argument.kind != "value")


def renamed(x: Expression, old: str, new: str) -> Expression:
    """``x`` with the variable ``new`` wherever it has ``old``."""
    if isinstance(x, Variable):
        return Variable(new) if x.name == old else x
    x = rebuild(x, tuple(renamed(part, old, new) for part in children(x)))
    match x:
        case Density(_, targets, given):
            return replace(x, targets=_renamed(targets, old, new), given=_renamed(given, old, new))
        case Total(arguments, _):
            return replace(x, arguments=_renamed(arguments, old, new))
    return x


def _renamed(arguments: tuple[Argument, ...], old: str, new: str) -> tuple[Argument, ...]:
    return tuple(replace(a, variable=new) if a.variable == old else a for a in arguments)
