"""The fields within an item's text: ``Answer:``, ``**Why:**``, ``\\textbf{Jacobian}:`` … open one, up to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.loading.labels import match_field
from grader.loading.sections import Line
from grader.spec import Item

_LEAD = re.compile(
    r"\s*(?:>\s*)?(?:(?:[-*+]|[0-9]+[.)])\s+)?(?:\\(?:noindent|item|par|quad|smallskip|medskip|bigskip)(?![a-zA-Z])\s*)*"
)
_COLON = re.compile("[:\uff1a]")  # a full-width one is typed by some
_LONGEST_LABEL = 120
_WRAPPINGS = (
    *((rf"\{name}{{", "}") for name in ("textbf", "textit", "emph", "underline", "texttt", "textsc", "text")),
    *((mark, mark) for mark in ("**", "__", "*", "_", "`", "$")),
    ("{", "}"),
    (r"\(", r"\)"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One attempt at a field; there may be several, of which ``loading.merge`` makes one response.

    A ``guess`` stands under a name that is no field's (or item's): it counts only where nothing better was given.
    """

    field: str
    text: str
    source: str
    parts: tuple[str, ...] | None = None
    problem: str | None = None
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Lines below one opening; ``field`` is None for those before any. Lines are added while the item is read."""

    field: str | None
    source: str
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


class FieldText:
    """Sorts the lines of one item into its fields."""

    def __init__(self, item: Item, source: str) -> None:
        self.item = item
        self.remarks: list[str] = []
        self._names = names(item)
        self._main = main(item)
        self._runs = [Run(None, source, [])]

    @property
    def empty(self) -> bool:
        return len(self._runs) == 1 and not self._runs[0].text

    def names_field(self, label: str) -> bool:
        return match_field(label, self._names, self._main) is not None

    def open(self, label: str, source: str) -> None:
        """A sub-heading that is the name of a field."""
        self._runs.append(Run(match_field(label, self._names, self._main), source, []))

    def keep(self, heading: str) -> None:
        """A heading of the student's own, part of the response."""
        self._runs[-1].lines.append(heading)

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            opened = None if line.opaque else self._opened(line.text)
            if opened:
                self._runs.append(Run(opened[0], line.source, [opened[1]]))
            else:
                self._runs[-1].lines.append(line.text)

    def _opened(self, line: str) -> tuple[str, str] | None:
        colon = _COLON.search(line, 0, _LONGEST_LABEL)
        if not colon:
            return None
        label, text = _unwrap(_LEAD.sub("", line[: colon.start()], count=1).strip(), line[colon.end() :])
        name = match_field(label, self._names, self._main)
        return (name, text) if name else None

    def pieces(self) -> list[Piece]:
        """What was written, field by field in the order typed; empty texts are none."""
        unlabelled, *opened = self._runs
        given = [Piece(run.field, run.text, run.source) for run in opened if run.field and run.text]
        return [*self._unlabelled(unlabelled, opened), *given]

    def _unlabelled(self, run: Run, opened: list[Run]) -> list[Piece]:
        if not run.text:
            return []
        if self._main is None and not opened:
            return unnamed(self.item, run.text, run.source)
        if self._main is None or any(other.field == self._main for other in opened):
            self.remarks.append(f"the text before {opened[0].field}: was left out ({run.source})")
            return []
        return [Piece(self._main, run.text, run.source)]


def names(item: Item) -> Sequence[str]:
    return [spec.name for spec in item.fields]


def main(item: Item) -> str | None:
    return item.main.name if item.main else None


def unnamed(item: Item, text: str, source: str) -> list[Piece]:
    """Text of which nobody can tell which field it answers."""
    wanted = ", ".join(f"{name}:" for name in names(item))
    return everywhere(item, text, source, f"it is not said which field this answers; name the fields: {wanted}")


def everywhere(item: Item, text: str, source: str, problem: str) -> list[Piece]:
    """The same problem with every field of an item."""
    return [Piece(name, text, source, problem=problem) for name in names(item)]


def _unwrap(label: str, text: str) -> tuple[str, str]:
    """Take emphasis off a label, and its end off the text where it closes only there (``**Answer:** 1/15``)."""
    for _ in range(4):
        opening, closing = next((pair for pair in _WRAPPINGS if label.startswith(pair[0])), ("", ""))
        if not opening:
            break
        label = label[len(opening) :].strip()
        if label.endswith(closing):
            label = label.removesuffix(closing).strip()
        elif text.startswith(closing):
            text = text.removeprefix(closing)
        elif text.rstrip().endswith(closing) and _closes_once(text, closing):
            text = text.rstrip().removesuffix(closing)
    return label, text


def _closes_once(text: str, closing: str) -> bool:
    """The end of the line closes what the label opened, and nothing of the text's own."""
    return text.count(closing) == 1 + (text.count("{") if closing == "}" else 0)
