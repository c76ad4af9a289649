"""Cells of a table for spreadsheets. No text becomes a formula: where one could begin, an apostrophe stands in front.

A formula begins with = + - or @, also in full width, after blanks or what is not seen; so does a cell that begins with
a tab or a line break, for programs that drop them. It may begin within a text, too: after a semicolon, a tab or a line
break, where a spreadsheet that is set to another separator cuts the cell. What we write as a number is one.
"""

from __future__ import annotations

import re

from grader.printing import in_one_line

# Blanks and what has no width, but for tabs and line breaks.
_UNSEEN = (
    r"[\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]*"
)
_SIGN = "[=+\\-@＝＋－＠]"
# Apostrophes may stand in front already: these get another one, so that ours can be told from theirs.
_FORMULA = rf"(?:\A(?='*{_UNSEEN}(?:{_SIGN}|[\t\r\n]))|(?<=[;\t\r\n])(?='*{_UNSEEN}{_SIGN}))"
_BEGINS = re.compile(_FORMULA)
_DEFUSED = re.compile(_FORMULA + "'")


def text(value: str) -> str:
    """The same text, in which no formula begins. ``plain`` gives it back."""
    return _BEGINS.sub("'", value)


def line(value: str) -> str:
    """A text in one line, without what controls a terminal, in which no formula begins."""
    return text(in_one_line(value))


def plain(cell: str) -> str:
    """The text that ``text`` made a cell of. A cell that holds no apostrophe of ours is its own text."""
    return _DEFUSED.sub("", cell)


def number(value: float) -> str:
    """A number, as short as it can be written with six decimals."""
    written = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if written in ("", "-0") else written
