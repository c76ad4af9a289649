"""Counterexamples as people read them: the numbers of one instance in which a step fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 100
MAX_ROWS = 16

Entries = tuple[Any, ...]  # nested as deep as there are axes, numbers as texts inside


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the instance. ``axes`` has a name for every level of ``entries``, counted from 1 along each."""

    title: str
    axes: tuple[str, ...]
    entries: Entries


@dataclass(frozen=True, slots=True)
class Objectives:
    """What each candidate, from 1, comes to in two optimisation problems, and which are best; at a tie several."""

    parameter: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    best_left: tuple[int, ...]
    best_right: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """An instance in which a step fails, surely.

    ``tables`` and ``values`` are what the two sides depend on, no more. ``at`` says for which values of what stands
    free in them. ``left`` and ``right`` are decimal numbers, or say why there is none; ``labels`` what they are. For
    optimisation problems ``objectives`` stand instead. ``readable`` tells round numbers from arbitrary ones.
    """

    tables: tuple[Table, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    at: tuple[tuple[str, str], ...] = ()
    left: str = ""
    right: str = ""
    labels: tuple[str, str] = ("left side", "right side")
    objectives: Objectives | None = None
    readable: bool = True


def as_evidence(witness: Witness) -> dict[str, Any]:
    """The witness as JSON has it."""
    found: dict[str, Any] = {
        "tables": [{"title": t.title, "axes": list(t.axes), "entries": _listed(t.entries)} for t in witness.tables],
        "values": dict(witness.values),
        "at": dict(witness.at),
        "readable": witness.readable,
    }
    if (o := witness.objectives) is None:
        return found | {"left": witness.left, "right": witness.right, "labels": list(witness.labels)}
    objectives = {
        "parameter": o.parameter,
        "left": list(o.left),
        "right": list(o.right),
        "best_left": list(o.best_left),
        "best_right": list(o.best_right),
    }
    return found | {"objectives": objectives}


def _listed(entries: Any) -> Any:
    return [_listed(entry) for entry in entries] if isinstance(entries, tuple) else entries


def as_text(witness: Witness) -> list[str]:
    """The witness as lines of a terminal."""
    lines = [line for table in witness.tables for line in (*_table(table), "")]
    if witness.values:
        lines.append(_equations(witness.values))
    if witness.at:
        lines.append(f"at {_equations(witness.at)}:")
    if witness.objectives is not None:
        return [*lines, *_objectives(witness.objectives)]
    width = max(map(len, witness.labels))
    sides = zip(witness.labels, (witness.left, witness.right), strict=True)
    return [*lines, *(f"  {label:<{width}} = {value}" for label, value in sides)]


def _equations(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in pairs)


def _table(table: Table) -> Iterator[str]:
    """The last axis runs to the right, the others down."""
    if not table.axes:
        yield f"{table.title} = {table.entries[0]}"
        return
    *down, across = table.axes
    rows = list(_rows(table.entries, len(down)))
    cells = [[table.title, *(f"{across} = {k + 1}" for k in range(len(rows[0][1])))]]
    for index, values in rows[:MAX_ROWS]:
        label = _equations([(name, str(k + 1)) for name, k in zip(down, index, strict=True)])
        cells.append([f"  {label}", *values])
    yield from _aligned(cells)
    if len(rows) > MAX_ROWS:
        yield f"  … and {len(rows) - MAX_ROWS} more rows"


def _rows(entries: Entries, depth: int) -> Iterator[tuple[tuple[int, ...], Entries]]:
    if not depth:
        yield (), entries
        return
    for k, inner in enumerate(entries):
        for index, values in _rows(inner, depth - 1):
            yield (k, *index), values


def _aligned(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    wide = itertools.accumulate(width + 3 for width in widths)
    fit = max(2, sum(end <= WIDTH for end in wide))
    for row in cells:
        shown = [f"{cell:<{width}}" for cell, width in zip(row[:fit], widths, strict=False)]
        yield "   ".join(shown + ["…"] * (fit < len(row))).rstrip()


def _objectives(o: Objectives) -> Iterator[str]:
    cells = [[o.parameter, "left side", "right side"]]
    for k, (left, right) in enumerate(zip(o.left, o.right, strict=True), start=1):
        marks = ["  best" if k in best else "" for best in (o.best_left, o.best_right)]
        cells.append([str(k), left + marks[0], right + marks[1]])
    yield from _aligned(cells)
