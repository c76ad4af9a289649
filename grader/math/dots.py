"""What ``…`` stands for in ``k_1 k_2 ⋯ k_n`` and ``k_{i-1} ⋯ k_{i-m}``: a product or sum over what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Literal

from flint import fmpq

from grader.errors import GraderError, Unreadable
from grader.math.book import Book
from grader.math.canonical import canonical
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.tree import (
    Add,
    Expression,
    Multiply,
    Number,
    Reduce,
    Variable,
    children,
    free_names,
    negate,
    rebuild,
    substitute,
)
from grader.spec import Symbol

_HOLE = "#"
_SIZES = (5, 500, 50_000)
Operation = Literal["sum", "prod"]


def dotted(
    operation: Operation, parts: Sequence[Expression | None], position: int, symbols: Mapping[str, Symbol]
) -> Expression:
    """Read ``parts`` with one None for the dots. Raises Unreadable where the pattern is not plain."""
    where = parts.index(None)
    before = [part for part in parts[:where] if part is not None]
    after = [part for part in parts[where + 1 :] if part is not None]
    if parts.count(None) != 1 or not before or not after:
        raise Unreadable("expected something before and after a single `…`", position)
    series = _longest(before, after[0], symbols)
    if series is None:
        raise Unreadable("it is not clear what `…` stands for: expected a pattern such as k_1 … k_n", position)
    kept = (*before[: len(before) - series.used], series.tree(operation), *after[1:])
    if len(kept) == 1:
        return kept[0]
    return Add(kept) if operation == "sum" else Multiply(kept)


@dataclass(frozen=True, slots=True)
class _Series:
    """``body`` with its hole filled from ``first`` to ``last``; ``used`` parts before the dots belong to it."""

    body: Expression
    first: Expression
    last: Expression
    step: int
    used: int

    def tree(self, operation: Operation) -> Expression:
        low, high = (self.first, self.last) if self.step > 0 else (self.last, self.first)
        variable = f"{_HOLE}{operation}"
        return Reduce(operation, variable, low, high, substitute(self.body, _HOLE, Variable(variable)))


def _longest(before: Sequence[Expression], last: Expression, symbols: Mapping[str, Symbol]) -> _Series | None:
    """The series from as many parts before the dots as fit the pattern."""
    found = None
    for used in range(1, len(before) + 1):
        shown = before[-used:]
        body, pairs = _common(shown[0], last)
        if len(set(pairs)) != 1:
            break
        first, end = pairs[0]
        step = _direction(first, end, symbols) if used == 1 else _step(body, first, shown)
        if step:
            found = _Series(body, first, end, step, used)
        elif used > 1:
            return None if _other_pattern(body, shown) else found
    return found


def _other_pattern(body: Expression, shown: Sequence[Expression]) -> bool:
    """Whether the parts shown fit ``body`` but do not go one by one, as in 1, 3, …, 2n-1: nothing is guessed then."""
    if body == Variable(_HOLE):
        return all(isinstance(part, Number) for part in shown)
    return _common(shown[0], shown[1])[0] == body


def _step(body: Expression, first: Expression, shown: Sequence[Expression]) -> int:
    """1 or -1 if the parts shown go up or down one by one, else 0."""
    for step in (1, -1):
        expected = [
            substitute(body, _HOLE, Add((first, Number(Fraction(step * place))))) for place in range(len(shown))
        ]
        if all(canonical(a) == canonical(b) for a, b in zip(expected, shown, strict=True)):
            return step
    return 0


def _direction(first: Expression, last: Expression, symbols: Mapping[str, Symbol]) -> int:
    """The sign of ``last - first`` if it is the same whichever of the names in it are large, else 0."""
    gap = Add((last, negate(first)))
    names = sorted(free_names(gap))
    if len(names) > len(_SIZES):
        return 0
    signs = {_sign(gap, dict(zip(names, sizes, strict=False)), symbols) for sizes in permutations(_SIZES, len(names))}
    signs.discard(None)
    return signs.pop() or 0 if len(signs) == 1 else 0


def _sign(gap: Expression, sizes: Mapping[str, int], symbols: Mapping[str, Symbol]) -> int | None:
    """The sign for these sizes; None where they break a declared order, 0 where there is none."""
    for name, size in sizes.items():
        larger = symbols[name].below if name in symbols else None
        if larger is not None and size >= sizes.get(larger, size + 1):
            return None
    try:
        value = evaluate(gap, Point({name: Fraction(size) for name, size in sizes.items()}, "", {}), Book())
    except (GraderError, KeyError):
        return 0
    return (value > 0) - (value < 0) if isinstance(value, fmpq) else 0


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
