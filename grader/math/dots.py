"""What ``…`` stands for in ``k_1 k_2 ⋯ k_n`` and ``k_1 + … + k_n``: a product or sum over what changes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from grader.errors import Unreadable
from grader.math.tree import (
    Add,
    Expression,
    Multiply,
    Number,
    Reduce,
    Variable,
    children,
    rebuild,
    substitute,
)

_HOLE = "#"


def dotted(operation: Literal["sum", "prod"], parts: Sequence[Expression | None], position: int) -> Expression:
    """Read ``parts`` with one None for the dots. Raises Unreadable where the pattern is not plain."""
    where = parts.index(None)
    before, after = list(parts[:where]), list(parts[where + 1 :])
    if parts.count(None) != 1 or not before or not after:
        raise Unreadable("expected something before and after a single `…`", position)
    found = _series(operation, [p for p in before if p is not None], after[0])
    if found is None:
        raise Unreadable("it is not clear what `…` stands for: expected a pattern such as k_1 … k_n", position)
    series, used = found
    whole = [*before[: len(before) - used], series, *after[1:]]
    kept = tuple(p for p in whole if p is not None)
    if len(kept) == 1:
        return kept[0]
    return Add(kept) if operation == "sum" else Multiply(kept)


def _series(
    operation: Literal["sum", "prod"], before: list[Expression], last: Expression | None
) -> tuple[Expression, int] | None:
    """The sum or product from as many parts before the dots as fit the pattern, and how many these are."""
    if last is None:
        return None
    found: tuple[Expression, int] | None = None
    for used in range(1, len(before) + 1):
        shown = before[-used:]
        body, pairs = _common(shown[0], last)
        if len(set(pairs)) != 1:
            break
        low, high = pairs[0]
        steps = [substitute(body, _HOLE, _plus(low, step)) for step in range(used)]
        if not isinstance(low, Number) or low.value.denominator != 1 or not all(map(_same, steps, shown)):
            break
        variable = f"{_HOLE}{operation}"
        found = Reduce(operation, variable, low, high, substitute(body, _HOLE, Variable(variable))), used
    return found


def _common(first: Expression, last: Expression) -> tuple[Expression, list[tuple[Expression, Expression]]]:
    """What ``first`` and ``last`` share, with a hole where they differ, and the pairs that fill the hole."""
    if first == last:
        return first, []
    mine, theirs = children(first), children(last)
    if not mine or type(first) is not type(last) or len(mine) != len(theirs) or rebuild(first, theirs) != last:
        return Variable(_HOLE), [(first, last)]
    if isinstance(first, Reduce):
        return Variable(_HOLE), [(first, last), (last, first)]  # a hole under a binder is no plain pattern
    parts, pairs = [], []
    for a, b in zip(mine, theirs, strict=True):
        part, found = _common(a, b)
        parts.append(part)
        pairs += found
    return rebuild(first, tuple(parts)), pairs


def _plus(low: Expression, step: int) -> Expression:
    return Number(low.value + step) if isinstance(low, Number) else Add((low, Number(Fraction(step))))


def _same(a: Expression, b: Expression) -> bool:
    return a == b
