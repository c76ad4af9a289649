"""Formulas found in prose, before anything else reads it: in ``$``, ``$$``, ``\\(``, ``\\[`` and ``\\begin{align}``.

Code, in backticks or fenced, is passed over. A ``$`` that is money, or stands alone, is a character like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENVIRONMENTS = frozenset(
    "equation align alignat flalign gather multline eqnarray split aligned alignedat gathered cases rcases dcases "
    "array matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix displaymath math subequations".split()
)
_MARK = re.compile(
    r"^ {0,3}(?P<fence>~~~+|```+)|\\begin *\{(?P<name>[A-Za-z]+)(?P<star>\*?)\}|\\[(\[]|\$\$?|\\.|`+", re.M | re.S
)
_MOST_TICKS = 30
_FARTHEST = 12_000  # environments that are longer are not typeset
_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,},? [a-z]{3,}(?![A-Za-z])")
_AMOUNT = re.compile(r"[\d.,]+ +(?!(?:log|exp|sin|cos|tan|max|min|sum|det)\b)[A-Za-z]{3,}\b")
_ARGUMENT = re.compile(r"\{[^{}]*\}")
_MATHEMATICAL = re.compile(r"[\\_^=<>+*/|]|^\W*\w\W*$")


@dataclass(frozen=True, slots=True)
class Formula:
    """``latex`` is what stands inside the delimiters (an environment stands there whole), ``source`` all of it."""

    latex: str
    display: bool
    source: str


def split(text: str) -> list[str | Formula]:
    """The text in pieces, in order: joined again, sources for formulas, they are ``text``. Code stays in the prose."""
    pieces: list[str | Formula] = []
    start = at = 0
    while found := _MARK.search(text, at):
        end = _after_code(text, found)
        piece = None if end else _formula(text, found)
        if piece is None:
            at = end or found.end()
            continue
        pieces += [text[start : found.start()], piece]
        start = at = found.start() + len(piece.source)
    return [piece for piece in (*pieces, text[start:]) if piece]


def bare(text: str) -> Formula:
    """The whole text as one formula, without the delimiters that may stand around it."""
    stripped = text.strip()
    found = _MARK.match(stripped)
    inside = _formula(stripped, found) if found else None
    if inside is None or inside.source != stripped:
        return Formula(stripped, False, text)
    return Formula(inside.latex, inside.display, text)


def _after_code(text: str, found: re.Match[str]) -> int:
    """Where the code ends that starts here; 0 if none does."""
    if len(found[0]) > _MOST_TICKS and found[0][-1] in "`~":
        return found.end()
    if fence := found["fence"]:
        close = re.compile(rf"^ {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*$", re.M).search(text, found.end())
        return close.end() if close else len(text)
    if found[0].startswith("`"):
        ticks = re.compile(rf"(?<!`){found[0]}(?!`)").search(text, found.end())
        return ticks.end() if ticks and not _BLANK_LINE.search(text, found.end(), ticks.start()) else found.end()
    return 0


def _formula(text: str, found: re.Match[str]) -> Formula | None:
    mark = found[0]
    if found["name"]:
        return _environment(text, found) if found["name"] in ENVIRONMENTS else None
    if mark == "$":
        return _inline(text, found.end())
    if mark not in _CLOSING:
        return None
    end = text.find(_CLOSING[mark], found.end())
    inside = text[found.end() : end]
    if end < 0 or not inside.strip() or (mark == "$$" and _BLANK_LINE.search(inside) and _is_prose(inside)):
        return None
    return Formula(inside.strip(), mark != "\\(", text[found.start() : end + 2])


def _inline(text: str, start: int) -> Formula | None:
    r"""As far as the next ``$`` (not ``\$``), if what stands between the two can be a formula."""
    closing = re.compile(r"(?:\\.|[^\\$])*?(\$)", re.S).match(text, start)
    if not closing:
        return None
    inside, after = text[start : closing.start(1)], text[closing.end(1) : closing.end(1) + 1]
    if not inside.strip() or _BLANK_LINE.search(inside) or after.isdigit() or _is_prose(inside):
        return None
    loose = inside[0].isspace() or inside[-1].isspace()
    if loose and not _MATHEMATICAL.search(inside):
        return None
    return Formula(inside.strip(), False, text[start - 1 : closing.end(1)])


def _is_prose(inside: str) -> bool:
    r"""Whether two words stand side by side outside of arguments (``\text{…}``): then the delimiters were none."""
    while inside != (inner := _ARGUMENT.sub(" ", inside)):
        inside = inner
    return bool(_WORDS.search(inside) or _AMOUNT.match(inside))


def _environment(text: str, found: re.Match[str]) -> Formula | None:
    """As far as its own end: environments of the same name may stand inside."""
    name = re.escape(found["name"] + found["star"])
    depth = 0
    for mark in re.finditer(rf"\\(begin|end) *\{{{name}\}}", text[found.start() : found.start() + _FARTHEST]):
        depth += 1 if mark[1] == "begin" else -1
        if depth == 0:
            source = text[found.start() : found.start() + mark.end()]
            return Formula(source, True, source)
    return None
