r"""From the text of a student's proof to numbered lines, each cut at its top-level relations.

No mathematics is read here: a line is text and brackets, and a reader takes its pieces later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.derivation.text.cutting import Cut, Piece, cut_row
from grader.derivation.text.displays import Row, read_rows
from grader.derivation.text.macros import unfolded
from grader.derivation.text.words import HYPOTHESES, LEADS, LETS, REASONS, english_words, gives_reason, words_of
from grader.errors import Unreadable

__all__ = ["Line", "Piece", "Proof", "Statement", "read_lines"]

MOST_LINES, MOST_PIECES = 200, 400
_DOLLARS = re.compile(r"\$([^$]*)\$|\\\(((?:[^\\]|\\[^()])*+)\\\)|(?<!`)`([^`]+)`(?!`)", re.S)
_SYMBOLS = re.compile(r"<=>|=>|[=<>≤≥≠∝⇔]|\\(?:leq?|geq?|propto|neq?|iff|equiv)(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Statement:
    """A chain of pieces, or a part of one. The first has a relation where it goes on with what stands before.

    ``naming``: it introduces a name and claims nothing; ``where``: it explains a name that may stand before it.
    ``aside``: it gives a reason within a sentence, and the chain goes on from before it. ``prose``: it stood within a
    sentence, and is a remark if it cannot be read.
    """

    pieces: tuple[Piece, ...]
    naming: bool = False
    where: bool = False
    aside: bool = False
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row that holds a formula; ``number`` counts from 1 through the whole proof.

    ``text`` is the row as written, and the pieces stand in it at their ``start``, but for marks and words within
    them, which are blanked. ``opens``: a new chain may begin here.
    """

    number: int
    text: str
    statements: tuple[Statement, ...]
    remarks: tuple[str, ...]
    opens: bool

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for statement in self.statements for piece in statement.pieces)


@dataclass(frozen=True, slots=True)
class Proof:
    """``remarks``: rows without a formula, in their order."""

    lines: tuple[Line, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one formula in a row came to: its cut, whether it stood within a sentence, and there as a reason."""

    cut: Cut
    prose: bool
    aside: bool = False


def read_lines(text: str) -> Proof:
    """All lines of the proof. Unreadable: there are more than can be a proof."""
    lines: list[Line] = []
    remarks: list[str] = []
    pending: tuple[str, int] | None = None
    after_words = True
    size = 0
    for row in read_rows(unfolded(text)):
        readings = _readings(row)
        if not readings:
            remarks.append(_shown(row))
        statements: list[Statement] = []
        for reading in readings:
            if reading.cut.pieces:
                statements += _statements(reading, pending)
            # a relation alone in its row belongs to the next
            pending = reading.cut.pending or (None if reading.cut.pieces else pending)
        if statements:
            opens = row.opens or after_words or readings[0].prose
            lines.append(Line(len(lines) + 1, row.text, tuple(statements), _remarks(row, readings), opens))
            size += len(lines[-1].pieces)
        after_words = not statements and (after_words or not readings)
        _check(lines, size, text)
    return Proof(tuple(_ended(lines, pending)), tuple(remark for remark in remarks if remark))


def _check(lines: list[Line], size: int, text: str) -> None:
    if len(lines) > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES} lines", text.find(lines[MOST_LINES].text[:40]))
    if size > MOST_PIECES:
        raise Unreadable(f"more than {MOST_PIECES} formulas", text.find(lines[-1].text[:40]))


def _statements(reading: _Reading, pending: tuple[str, int] | None) -> Iterator[Statement]:
    """The statements of a formula, the first with the relation that stood at the end of what came before."""
    pieces = list(reading.cut.pieces)
    if pending is not None and pieces[0].relation is None:
        pieces[0] = replace(pieces[0], relation=pending[0])
    starts = [place for place, piece in enumerate(pieces) if piece.relation is None or not place]
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        naming = reading.cut.naming and pieces[start].relation is None
        where = naming and reading.cut.where
        yield Statement(tuple(pieces[start:end]), naming, where, reading.aside, reading.prose)


def _ended(lines: list[Line], pending: tuple[str, int] | None) -> list[Line]:
    """A relation after which nothing comes at all is shown as one before an empty formula."""
    if pending is None or not lines:
        return lines
    line = lines[-1]
    *front, last = line.statements
    last = replace(last, pieces=(*last.pieces, Piece(pending[0], "", min(pending[1], len(line.text)))))
    return [*lines[:-1], replace(line, statements=(*front, last))]


def _remarks(row: Row, readings: list[_Reading]) -> tuple[str, ...]:
    found = [remark for reading in readings for remark in reading.cut.remarks]
    remarks = sorted([*found, *((place, words_of(words)) for place, words in row.remarks)])
    return tuple(words for _, words in remarks if words)


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
        return _plain(_bare(row.mask), row.text)
    return _alone(row.mask, spans) or _within(row.mask, spans)


def _displayed(cut: Cut) -> bool:
    """In a display everything is a formula but words alone."""
    if cut.related or cut.marked:
        return True
    return bool(cut.pieces or cut.pending) and not cut.worded


def _plain(mask: str, text: str) -> list[_Reading]:
    cut = cut_row(mask, text)
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
        joined = bool(found) and front.strip(" ,;") in ("", "and")
        cut.naming |= joined and found[-1].cut.naming
        aside = gives_reason(_bare(front)) or (joined and "and" in front and found[-1].aside)
        found.append(_Reading(cut, True, aside and cut.pieces[0].relation is None))
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
    cut.where |= said[-1:] in (["where"], ["with"])
    cut.naming |= cut.named and (bool(LETS & set(said)) or cut.where)
