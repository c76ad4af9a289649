r"""LaTeX -> sections.

Sectioning commands and ``% item: 4a`` open sections; comments are dropped; verbatim text is kept and opens nothing.
Nothing else is interpreted: a response is what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.loading.work.sections import Line, Reading, Section, SectionBuilder, at

_LEVELS = {"chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5, "subparagraph": 6}
_HEADING = re.compile(rf"\\(?P<name>{'|'.join(_LEVELS)})(?![a-zA-Z@])\*?\s{{0,9}}(?:\[[^\]]{{0,200}}\]\s{{0,9}})?\{{")
_LABEL = re.compile(r"\s*\\label\s*\{[^{}]*\}")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(?P<comment>%.*)")
_ITEM = re.compile(r"%+\s*item\s*:\s*(?P<label>.*\S)\s*", re.IGNORECASE)
_VERBATIM = re.compile(r"\\begin\s*\{(?P<name>verbatim\*?|lstlisting|minted|comment)\}")
_LONGEST_TITLE = 1_000
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class _Row:
    """A line without its comment; ``item`` is the label where the comment was ``% item: …``."""

    number: int
    text: str
    opaque: bool = False
    item: str | None = None


def read(text: str, place: str) -> Reading:
    reading = Reading()
    rows = list(_body(_rows(text.split("\n"), place, reading)))
    builder = SectionBuilder()
    level = 0
    for row in _with_whole_titles(rows):
        if row.item is not None:
            builder.heading(Section(row.item, level, at(place, row.number), hidden=True))
        elif row.opaque:
            builder.line(Line(row.text, at(place, row.number), opaque=True))
        else:
            level = _read_row(row, place, builder) or level
    reading.found.extend(builder.sections())
    return reading


def _read_row(row: _Row, place: str, builder: SectionBuilder) -> int:
    """Split a line at its headings; the level of the last one, 0 if there is none."""
    text, done, level, source = row.text, 0, 0, at(place, row.number)
    while (found := _HEADING.search(text, done)) and (end := _closing_brace(text, found.end())) is not None:
        if text[done : found.start()].strip():
            builder.line(Line(text[done : found.start()], source))
        level = _LEVELS[found["name"]]
        builder.heading(Section(text[found.end() : end], level, source, text[found.start() : end + 1]))
        label = _LABEL.match(text, end + 1)
        done = label.end() if label else end + 1
    if not level or text[done:].strip():
        builder.line(Line(text[done:], source))
    return level


def _rows(lines: list[str], place: str, reading: Reading) -> Iterator[_Row]:
    """Lines without comments; a line that was nothing but a comment goes, as it does in LaTeX."""
    ends = _last_ends(lines)
    closing: str | None = None
    for number, line in enumerate(lines, start=1):
        if closing is not None:
            closing = None if closing in line else closing
            yield _Row(number, line, opaque=True)
            continue
        text, comment = _split_comment(line)
        opening = _VERBATIM.search(text)
        if opening and (end := f"\\end{{{opening['name']}}}") not in text[opening.end() :]:
            if ends.get(end, 0) > number:
                closing = end
            else:
                reading.remarks.append(f"{at(place, number)}: {opening[0]} is never closed; it was read as text")
        item = _ITEM.fullmatch(comment)
        if text.strip() or not comment:
            yield _Row(number, text, opaque=closing is not None)
        if item:
            yield _Row(number, "", item=item["label"])


def _last_ends(lines: list[str]) -> dict[str, int]:
    """The last line that closes each verbatim environment."""
    return {
        end: number
        for number, line in enumerate(lines, start=1)
        for end in re.findall(r"\\end\{(?:verbatim\*?|lstlisting|minted|comment)\}", line)
    }


def _split_comment(line: str) -> tuple[str, str]:
    found = _COMMENT.search(line)
    return (line[: found.start("comment")], found["comment"]) if found else (line, "")


def _body(rows: Iterable[_Row]) -> list[_Row]:
    r"""What stands between ``\begin{document}`` and ``\end{document}``, or everything where they are missing."""
    body: list[_Row] = []
    for row in rows:
        text = row.text
        if not row.opaque and r"\begin{document}" in text:
            body.clear()
            text = text.partition(r"\begin{document}")[2]
        if not row.opaque and r"\end{document}" in text:
            return [*body, _Row(row.number, text.partition(r"\end{document}")[0])]
        body.append(_Row(row.number, text, row.opaque, row.item))
    return body


def _with_whole_titles(rows: list[_Row]) -> Iterator[_Row]:
    """Lines, joined where the braces of a heading close in a later one."""
    i = 0
    while i < len(rows):
        row, used = rows[i], 1
        while _unfinished_title(row) and used < _MOST_LINES and i + used < len(rows):
            row = _Row(row.number, f"{row.text}\n{rows[i + used].text}")
            used += 1
        if _unfinished_title(row):
            row, used = rows[i], 1
        yield row
        i += used


def _unfinished_title(row: _Row) -> bool:
    if row.opaque or row.item is not None:
        return False
    return any(_closing_brace(row.text, found.end()) is None for found in _HEADING.finditer(row.text))


def _closing_brace(text: str, start: int) -> int | None:
    """Where the brace that was opened before ``start`` is closed."""
    depth = 1
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, start, start + _LONGEST_TITLE):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return None
