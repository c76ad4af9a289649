r"""The rows of a proof: displays and text taken apart at ``\\`` and at the ends of lines, continued rows joined.

What is dropped from a row (alignment marks, labels, comments, dollars) is blanked in its ``mask``, which is as long as
the row itself, so that places in one are places in the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from grader.derivation.text.atoms import Atom, Token, pairs, read_atoms, side, tokens
from grader.derivation.text.dressing import undressed
from grader.derivation.text.words import english

DISPLAYS = frozenset(
    """equation align aligned alignat alignedat gather gathered multline multlined split eqnarray flalign displaymath
    math dmath""".split()
)
_ARRAYS = frozenset(
    "cases dcases rcases array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix substack subarray".split()
)
_NAME = re.compile(r"\{\s*([A-Za-z]+)")
_OPENER = re.compile(
    r"\\\\|\\[^A-Za-z\[]|(?P<dollars>\$\$)|(?P<square>\\\[)"
    rf"|(?P<environment>\\begin\s*\{{\s*(?:{'|'.join(sorted(DISPLAYS))})\*?\s*\}})"
)
_WRAPPING = rf"\\(?:begin|end)\s*\{{\s*(?:{'|'.join(sorted(DISPLAYS))})\*?\s*\}}(?:\[[a-z]{{1,4}}\]|\{{\d+\}})?"
_FRONT = re.compile(rf"(?:{_WRAPPING}\s*)+")
_BACK = re.compile(rf"(?:{_WRAPPING}\s*)+$")
_BETWEEN = re.compile(rf"\\end\s*\{{\s*(?:{'|'.join(sorted(DISPLAYS))})\*?\s*\}}\s*(?=\\begin)")
_BLANKS = re.compile(r"[\t\v\f\xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]")
_ENDS = re.compile("\r\n?|[\x85\u2028\u2029]")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{\s*([A-Za-z]+)\*?\s*\}(?:\[[a-z]{1,4}\]|\{\d+\})?")
_COLUMN = re.compile(r"&(?=\s*(?:(?:\\left|\\[bB]igg?l?)?\s*[(\[]|\\text))")
_RELATED = re.compile(r"[=<>≤≥∝⇔](?=[^&]*[^&\s])|\\(?:[lg]eq?|propto|iff|neq?|approx|equiv)(?![A-Za-z])(?=[^&]*[^&\s])")
_QUOTE = re.compile(r"\s*>\s+(?=([A-Z][a-z]+)\s)")
_TABLE = re.compile(
    r"(?:\$\$|\\\[|\\begin\s*\{(?:equation|displaymath|gather)\*?\})\s*(?P<array>\\begin\s*\{array\}(?:\[\w\])?"
    r"\s*\{(?:\s*(?:[lcr]|@\{[^{}]*\})){2,4}\s*\})"
)
_ARRAY = re.compile(r"\\(begin|end)\{array\}")
_DROPPED = re.compile(
    r"&|\\(?:label|tag\*?)\s*\{(?P<inner>[^{}]*)\}|\\(?:nonumber|notag|hfill|square|blacksquare|qed|qedhere|Box|noindent"
    r"|item|medskip|smallskip|bigskip|par)(?![A-Za-z])|[∎□■]|\\text\w*\s*\{\s*[Qq]\.?\s?[Ee]\.?\s?[Dd]\.?\s*\}"
    r"|(?<![A-Za-z.])(?:Q\.E\.D\.?|QED|q\.e\.d\.?)(?![A-Za-z])"
)
_COMMENT = re.compile(r"(?<!\\)%([^\n]*)")
_HASH = re.compile(r"(?<=\s)(?:#|//)\s+([^\n]*)")
_MARKER = re.compile(
    r"\s*(?:\(\s*(?:\d{1,2}|[a-z]|i{1,3}|iv|v)\s*\)(?=\s+[^\s+*/=<>^_)-])|(?:\d{1,2}[.)]|[a-z]\)|[•‣·])(?=\s+\S))"
)
_TAG = re.compile(
    r"(?:(?<=quad)\s*|(?<=\s{3}))\(\s*(?:\d{1,2}[a-z]?|\\?star|\*{1,3}|\\ast|†|\\dagger)\s*\)(?=[\s.,;]*\Z)"
)
_BULLET = re.compile(r"\s*([-+*])\s")
_STRAY = re.compile(r"\A\s*[+*](?=\s)")
_FENCE = re.compile(r"\s*(?:```.*|~~~.*|-{3,}|={3,}|\*{3,})\s*$")


@dataclass(frozen=True, slots=True)
class Row:
    """``mask``: ``text`` with everything dropped blanked. ``remarks``: words among what was dropped, with their places.
    ``opens``: nothing that it could continue stands directly before it. ``words``: a remark whatever it holds."""

    text: str
    mask: str
    display: bool
    opens: bool
    remarks: tuple[tuple[int, str], ...] = ()
    words: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """What stands between two breaks. ``hard``: a ``\\\\`` ended it; ``words``: it stood in an ``\\intertext``."""

    text: str
    hard: bool
    words: bool = False


def read_rows(text: str) -> list[Row]:
    """All rows of the text, blank ones left out."""
    found: list[Row] = []
    for block, display in _blocks(_untabled(_ENDS.sub("\n", _BLANKS.sub(" ", text)))):
        parts = [block] if display else re.split(r"\n[ ]*(?=\n)", block)
        for part in parts:
            found += _joined(_rows(part, display), part, display)
    return found


def _untabled(text: str) -> str:
    """An array that is all of a display is an alignment."""
    for found in _TABLE.finditer(text):
        depth, opening = 0, found.start("array")
        for mark in _ARRAY.finditer(text, opening):
            depth += 1 if mark[1] == "begin" else -1
            if not depth:
                front = r"\begin{split}".ljust(found.end() - opening)
                text = text[:opening] + front + text[found.end() : mark.start()] + r"\end{split}" + text[mark.end() :]
                break
    return text


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Text and the insides of displays in turn; the second says which. A display never closed ends with the text."""
    start = place = 0
    while (opener := _OPENER.search(text, place)) is not None:
        place = opener.end()
        if opener.lastgroup is None:
            continue
        yield text[start : opener.start()], False
        stop, start = _closed(text, opener)
        yield text[opener.start() if opener.lastgroup == "environment" else opener.end() : stop], True
        place = start
    yield text[start:], False


_CLOSER = {"dollars": re.compile(r"\\.|(\$\$)", re.S), "square": re.compile(r"\\\\|(\\\])")}


def _closed(text: str, opener: re.Match[str]) -> tuple[int, int]:
    """Where the inside of a display stops, and where the text goes on."""
    kind = opener.lastgroup or ""
    if kind == "environment":
        stop = _environment_end(text, opener.start())
        return stop, stop
    for closer in _CLOSER[kind].finditer(text, opener.end()):
        if closer.group(1):
            return closer.start(), closer.end()
    return len(text), len(text)


def _environment_end(text: str, start: int) -> int:
    depth = 0
    for mark in _ENVIRONMENT.finditer(text, start):
        if mark.group(1) in DISPLAYS:
            depth += 1 if mark.group().startswith("\\begin") else -1
            if depth == 0:
                return mark.end()
    return len(text)


def _rows(block: str, display: bool) -> list[tuple[Row, bool]]:
    """The rows of one display or one paragraph as they stand, and whether a ``\\\\`` ended each."""
    found: list[tuple[Row, bool]] = []
    for cut in _cuts(block, display):
        row = _row(cut, display, opens=not found)
        if row is not None:
            found.append((row, cut.hard))
    return found


def _cuts(block: str, display: bool) -> Iterator[_Cut]:
    """The block cut at ``\\\\`` (and, in text, at the ends of lines) outside of braces and of arrays."""
    block = _BETWEEN.sub(r"\\\\ ", block)
    found = [token for token in tokens(block) if not _transparent(token)]
    hard = [token if side(token)[0] in ("brace", "environment") else replace(token, kind="") for token in found]
    matched = pairs(hard)[0]
    start = place = 0
    while place < len(found):
        token = found[place]
        if token.kind == "break" or (token.kind == "newline" and not display):
            yield _Cut(block[start : token.start], token.kind == "break")
            start = token.end
        elif token.text in ("\\intertext", "\\shortintertext") and place + 1 in matched:
            last = matched[place + 1]
            yield _Cut(block[start : token.start], True)
            yield _Cut(block[found[place + 1].end : found[last].start], True, True)
            start, place = found[last].end, last
        place = matched.get(place, place) + 1
    yield _Cut(block[start:], True)


def _transparent(token: Token) -> bool:
    """Beginnings and ends of environments that hold rows or text, unlike an array's."""
    name = _NAME.search(token.text) if token.kind in ("begin", "end") else None
    return name is not None and name.group(1) not in _ARRAYS


def _row(cut: _Cut, display: bool, opens: bool) -> Row | None:
    text = _stripped(cut.text)
    if not any(letter.isalnum() or letter in "=<>≤≥" for letter in text) or (not display and _FENCE.match(text)):
        return None
    mask, remarks = _masked(text, display)
    if not mask.strip() and not remarks:
        return None
    return Row(text, mask, display, opens, remarks, cut.words)


def _stripped(text: str) -> str:
    """The text without the beginnings and ends of displays around it."""
    text = text.strip()
    front = _FRONT.match(text)
    return _BACK.sub("", text[front.end() :] if front else text).strip()


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _masked(text: str, display: bool) -> tuple[str, tuple[tuple[int, str], ...]]:
    remarks: list[tuple[int, str]] = []

    def drop(match: re.Match[str]) -> str:
        inner = next((group for group in match.groups() if group), "")
        if not match.group().startswith("\\label") and any(letter.isalpha() for letter in inner):
            remarks.append((match.start(), inner.strip()))
        return " " * len(match.group())

    def unwrapped(match: re.Match[str]) -> str:
        return match.group() if match.group(1) in _ARRAYS else " " * len(match.group())

    mask = _ENVIRONMENT.sub(unwrapped, text)
    if display or "\\" in mask or mask.startswith("%"):
        mask = _COMMENT.sub(drop, mask)
    mask = _columned(mask)
    mask = _DROPPED.sub(drop, mask if display else _HASH.sub(drop, mask)).replace("\x00", "&")
    mask = _TAG.sub(lambda match: " " * len(match.group()), mask)
    if display:
        mask = mask.replace("$", " ")
    return undressed(mask), tuple(remarks)


def _columned(mask: str) -> str:
    """Marks that part a reason from a formula as NUL: ``&&``, and a second ``&`` before a bracket or text."""
    mask = mask.replace("&&", "\x00\x00")
    related = _RELATED.search(mask)
    if related is None:
        return mask
    return mask[: related.end()] + _COLUMN.sub("\x00", mask[related.end() :])


@dataclass(slots=True)
class _State:
    """What a row so far would be joined to by the next: how many brackets it has open, and how it ends."""

    row: Row
    hard: bool
    open: int
    atoms: list[Atom] = field(default_factory=list)


def _joined(rows: list[tuple[Row, bool]], block: str, display: bool) -> list[Row]:
    """Rows that go on in the next one, made one; list markers dropped."""
    listed = sum(_BULLET.match(row.mask) is not None for row, _ in rows) > 1 and not display
    broken = not display and any(hard for _, hard in rows[:-1])
    front = display and bool(rows) and rows[0][0].text.startswith("&")
    found: list[_State] = []
    for row, hard in rows:
        if not display:
            row = replace(row, mask=_unmarked(row.mask, listed))
        bare = row.mask.replace("$", " ").replace("`", " ")
        _, left_open, stray = pairs(tokens(bare))
        state = _State(row, hard, left_open, _solid(read_atoms(bare)))
        last = found[-1] if found else None
        within = broken and ("&" in block or all(atom.kind != "relation" for atom in state.atoms))
        if last is not None and (_unfinished(last.row, row) or _continues(last, state, front, within)):
            _extend(last, state, stray)
        else:
            state.row = replace(state.row, mask=_STRAY.sub(" ", state.row.mask))
            found.append(state)
    return [state.row for state in found]


def _solid(atoms: list[Atom]) -> list[Atom]:
    return [atom for atom in atoms if atom.kind not in ("blank", "quad", "mark")]


def _unmarked(mask: str, listed: bool) -> str:
    quote = _QUOTE.match(mask)
    if quote and english(quote[1]):
        mask = _blank(mask, 0, quote.end())
    marker = _MARKER.match(mask) or (_BULLET.match(mask) if listed else None)
    return _blank(mask, 0, marker.end()) if marker else mask


def _extend(last: _State, state: _State, stray: int) -> None:
    shift = len(last.row.text) + 1
    last.row = replace(
        last.row,
        text=f"{last.row.text}\n{state.row.text}",
        mask=f"{last.row.mask}\n{state.row.mask}",
        remarks=last.row.remarks + tuple((place + shift, words) for place, words in state.row.remarks),
    )
    last.open = max(0, last.open - stray) + state.open
    last.atoms += state.atoms
    last.hard = state.hard


def _unfinished(last: Row, row: Row) -> bool:
    """A formula in dollars that goes on in the next line of text."""
    return not last.display and last.mask.count("$") % 2 == 1 and row.mask.count("$") % 2 == 1


def _wordy(state: _State) -> bool:
    """Plainly a row of words: it begins with one, and has no relation."""
    atoms = state.atoms
    return (
        state.row.words
        or not atoms
        or (atoms[0].kind in ("word", "text", "implies") and all(atom.kind != "relation" for atom in atoms))
    )


def _continues(last: _State, state: _State, front: bool, broken: bool) -> bool:
    if state.row.words or _wordy(last) or not state.atoms or state.atoms[0].kind in ("relation", "implies"):
        return False
    if last.open or last.atoms[-1].kind == "operator":
        return True
    if state.atoms[0].kind == "operator":
        if len(state.atoms) > 1 and state.atoms[1].kind in ("word", "text"):
            return False
        return _operates(state, front)
    return broken and not last.hard and not _wordy(state) and not state.row.text.startswith("&")


def _operates(state: _State, front: bool) -> bool:
    """Whether the operator in front goes on with the row before. A minus may begin a statement of its own instead:
    it does where a relation follows, unless the row stands behind an alignment mark or, in text, the minus apart."""
    text = state.row.mask
    place = state.atoms[0].start
    if text[place] not in "-−" or all(atom.kind != "relation" for atom in state.atoms):
        return True
    if state.row.text.startswith("&") and not front:
        return True
    return text[place + 1 : place + 2] == " " and not state.row.display
