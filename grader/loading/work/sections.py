"""What the readers of formats hand over: sections as typed, before anyone knows what items there are.

A reader knows its format and no assignment; ``loading.work.collect`` knows the assignment and no format.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TypeAlias

from grader.loading.yaml import Node

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. An ``opaque`` one (code, a comment) is kept, and opens nothing."""

    text: str
    source: str
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it.

    ``label`` is None where text goes on without a heading (the start of a file or cell). ``level`` counts from 1, the
    outermost; ``typed`` is the heading as it stands in the file, for headings that belong to a response. ``hidden``:
    the label stands in a comment, so that a heading which follows at once is its title.
    """

    label: str | None
    level: int
    source: str
    typed: str = ""
    hidden: bool = False
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of ``answers.yaml`` with all that was typed below it."""

    label: str
    source: str
    place: str
    node: Node


@dataclass(frozen=True, slots=True)
class Broken:
    """Part of a file that its format could not make sense of; ``label`` is the item it seems to be about.

    ``under`` is the key that it stood below, if any.
    """

    label: str
    source: str
    text: str
    problem: str
    under: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A heading, or first line, where no answer is looked for (a raw cell, a code cell), and what stands below it."""

    label: str
    source: str
    text: str


Found: TypeAlias = Section | Entry | Broken | Aside


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A notebook cell that is the file ``name``."""

    name: str
    text: str
    source: str


@dataclass(slots=True)
class Reading:
    """What one file gave: its sections in order, its code cells, what to remark, and what could not be read.

    ``lost`` could not be read either, but the sections say where it stood.
    """

    found: list[Found] = field(default_factory=list)
    code: list[CodeCell] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class SectionBuilder:
    """Cuts a stream of headings and lines into sections."""

    def __init__(self) -> None:
        self._heads: list[Section] = [Section(None, 0, "")]
        self._lines: list[list[Line]] = [[]]

    def heading(self, section: Section) -> None:
        self._heads.append(section)
        self._lines.append([])

    def line(self, line: Line) -> None:
        self._lines[-1].append(line)

    def sections(self) -> list[Section]:
        """All sections; what stands before the first heading is one without a label."""
        pairs = zip(self._heads, self._lines, strict=True)
        return [
            Section(head.label, head.level, head.source, head.typed, head.hidden, tuple(lines))
            for head, lines in pairs
            if head.label is not None or lines
        ]


def at(place: str, line: int) -> str:
    """``answers.md:12``; cells of a notebook have no lines."""
    return f"{place}:{line}" if line else place


def printable(text: str) -> str:
    """In one line, with nothing that a terminal would act on or that could not be written out."""
    return "".join("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in " ".join(text.split()))


def shown(text: str) -> str:
    """Text of a student's within a message: short and in quotes."""
    clean = printable(text[: 10 * _SHOWN])
    return f"'{clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + '…'}'"
