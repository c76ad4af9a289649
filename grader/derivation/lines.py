r"""From the text of a student's proof to numbered lines, each cut at its top-level relations.

No mathematics is read here: a line is text and brackets, and a reader takes its pieces later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.derivation.cutting import Cut, Piece, cut_row
from grader.derivation.displays import Row, read_rows
from grader.derivation.words import HYPOTHESES, LEADS, LETS, REASONS, english_words, words_of
from grader.errors import Unreadable

__all__ = ["Line", "Piece", "Proof", "read_lines"]

MOST_LINES = 200
_DOLLARS = re.compile(r"\$([^$]*)\$|\\\(((?:[^\\]|\\[^()])*+)\\\)|(?<!`)`([^`]+)`(?!`)", re.S)
_SYMBOLS = re.compile(r"<=>|=>|[=<>≤≥≠∝⇔]|\\(?:leq?|geq?|propto|neq?|iff|equiv)(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Line:
    """A row that holds a formula; ``number`` counts from 1 through the whole proof.

    ``text`` is the row as written, and the pieces stand in it at their ``start``, but for marks and words within
    them, which are blanked. The first piece has a relation where the row goes on with the chain before it; a later one
    without a relation begins another statement. ``naming``: it introduces a name and claims nothing. ``prose``: it
    stood within a sentence, and is a remark if it cannot be read. ``opens``: a new chain may begin here.
    """

    number: int
    text: str
    pieces: tuple[Piece, ...]
    remarks: tuple[str, ...]
    naming: bool
    prose: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """``remarks``: rows without a formula, in their order."""

    lines: tuple[Line, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one formula in a row came to: its cut, and whether it stood within a sentence."""

    cut: Cut
    prose: bool


def read_lines(text: str) -> Proof:
    """All lines of the proof. Unreadable: there are more than can be a proof."""
    lines: list[Line] = []
    remarks: list[str] = []
    pending: tuple[str, int] | None = None
    after_words = True
    for row in read_rows(text):
        readings = _readings(row)
        if not readings:
            remarks.append(_shown(row))
        for reading in readings:
            if not reading.cut.pieces:  # a relation alone in its row belongs to the next
                pending = reading.cut.pending or pending
                continue
            line = _line(row, reading, len(lines) + 1, row.opens or after_words or reading.prose)
            lines.append(_carried(line, pending))
            pending, after_words = reading.cut.pending, False
        after_words = after_words if readings else True
        _check(lines, text)
    return Proof(tuple(_ended(lines, pending)), tuple(remark for remark in remarks if remark))


def _check(lines: list[Line], text: str) -> None:
    if len(lines) > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES} lines", text.find(lines[MOST_LINES].text[:40]))


def _carried(line: Line, pending: tuple[str, int] | None) -> Line:
    """The line with the relation that stood at the end of the row before, if it has none of its own in front."""
    first = line.pieces[0]
    if pending is None or first.relation is not None:
        return line
    return replace(line, pieces=(replace(first, relation=pending[0]), *line.pieces[1:]))


def _ended(lines: list[Line], pending: tuple[str, int] | None) -> list[Line]:
    """A relation after which nothing comes at all is shown as one before an empty formula."""
    if pending is None or not lines:
        return lines
    last = lines[-1]
    return [*lines[:-1], replace(last, pieces=(*last.pieces, Piece(pending[0], "", min(pending[1], len(last.text)))))]


def _line(row: Row, reading: _Reading, number: int, opens: bool) -> Line:
    cut = reading.cut
    remarks = sorted([*cut.remarks, *((place, words_of(words)) for place, words in row.remarks)])
    words = tuple(words for _, words in remarks if words)
    return Line(number, row.text, tuple(cut.pieces), words, cut.naming, reading.prose, opens)


def _shown(row: Row) -> str:
    return words_of(row.text) if row.display else " ".join(row.text.split())


def _readings(row: Row) -> list[_Reading]:
    """The formulas of a row, none where it is a remark."""
    if row.words:
        return []
    if row.display:
        cut = cut_row(row.mask)
        return [_Reading(cut, False)] if _displayed(cut) else []
    spans = _formulas(row.mask)
    if not spans or _SYMBOLS.search(_without(row.mask, spans, " a ")):
        return _plain(_bare(row.mask))
    return _alone(row.mask, spans) or _within(row.mask, spans)


def _displayed(cut: Cut) -> bool:
    """In a display everything is a formula but words alone."""
    if cut.related or cut.marked:
        return True
    return bool(cut.pieces or cut.pending) and not cut.worded


def _plain(mask: str) -> list[_Reading]:
    cut = cut_row(mask)
    return [_Reading(cut, cut.loose)] if _formula(cut) else []


def _formula(cut: Cut) -> bool:
    """Whether a text line without dollars is a formula rather than a sentence."""
    if not cut.pieces:
        return cut.pending is not None and cut.symbol and not cut.loose
    if cut.related and cut.symbol:
        return cut.marked or not (cut.worded or cut.loose)
    if cut.worded or cut.loose:
        return False
    return cut.related or (cut.marked and any(letter.isalpha() for letter in cut.pieces[0].text))


def _formulas(mask: str) -> list[tuple[int, int, int, int]]:
    """Where dollars open and close, and the span of what they hold."""
    return [
        (m.start(), m.end(), m.start(m.lastindex), m.end(m.lastindex)) for m in _DOLLARS.finditer(mask) if m.lastindex
    ]


def _bare(mask: str) -> str:
    """The row with its dollars blanked."""
    return re.sub(r"\\[()]", "  ", mask.replace("$", " ").replace("`", " "))


def _without(mask: str, spans: list[tuple[int, int, int, int]], filler: str) -> str:
    parts, start = [], 0
    for begin, end, _, _ in spans:
        parts += [mask[start:begin], filler]
        start = end
    return "".join([*parts, mask[start:]])


def _alone(mask: str, spans: list[tuple[int, int, int, int]]) -> list[_Reading]:
    """One formula in dollars that is the row, but for words that lead to it and a reason behind it."""
    begin, end, _, _ = spans[0]
    front = set(re.findall(r"[a-z.']+", mask[:begin].lower()))
    if len(spans) > 1 or not front <= LEADS | LETS or not _reason(mask[end:]):
        return []
    cut = cut_row(_bare(mask))
    whole = not front and not mask[end:].strip(" .,;:")
    return [_Reading(cut, False)] if cut.related or (whole and cut.pieces) or cut.pending else []


def _reason(text: str) -> bool:
    """Whether words behind a formula are but its justification."""
    text = text.strip(" .,;:")
    words = re.findall(r"[a-z']+", text.lower())
    return not text or (text[0] + text[-1] in ("()", "[]")) or bool(words and words[0] in REASONS)


def _within(mask: str, spans: list[tuple[int, int, int, int]]) -> list[_Reading]:
    """The formulas with a relation in a sentence; none behind words that only suppose one."""
    found: list[_Reading] = []
    start = 0
    for begin, end, left, right in spans:
        cut = cut_row(mask[left:right])
        if not cut.related:
            continue
        front = mask[start:begin]
        if HYPOTHESES & {word.lower() for word in english_words(_bare(front))}:
            break
        _worded(_shifted(cut, left), front, start)
        cut.naming |= bool(found) and found[-1].cut.naming and front.strip(" ,;") in ("", "and")
        found.append(_Reading(cut, True))
        start = end
    if found and any(letter.isalpha() for letter in mask[start:]):
        found[-1].cut.remarks.append((start, words_of(mask[start:])))
    return found


def _shifted(cut: Cut, by: int) -> Cut:
    """The cut of a part of a row, its places counted in the row."""
    cut.pieces = [replace(piece, start=piece.start + by) for piece in cut.pieces]
    cut.remarks = [(place + by, words) for place, words in cut.remarks]
    cut.pending = (cut.pending[0], cut.pending[1] + by) if cut.pending else None
    return cut


def _worded(cut: Cut, front: str, start: int) -> None:
    """The words before a formula in a sentence are its remarks, and may make it a definition."""
    if any(letter.isalpha() for letter in front):
        cut.remarks.append((start, words_of(front)))
    said = [word.lower() for word in english_words(_bare(front))]
    cut.naming |= cut.named and (bool(LETS & set(said)) or said[-1:] == ["where"])
