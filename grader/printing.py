"""Text that came from outside, made fit to be shown: on a terminal, in a report, in a file."""

from __future__ import annotations

import re
import unicodedata

# Whole sequences that a terminal acts on, after ESC [ or ESC ] or their one-character forms; only what is well formed.
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)")
_BREAK = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


def printable(text: str) -> str:
    """The same text, of which only line breaks and tabs control anything.

    Gone are control characters and whole escape sequences, marks of direction (U+202A to U+202E, U+2066 to U+2069),
    characters without width, half characters, and those that mean nothing. Every line break is ``\\n``.
    """
    lines = _BREAK.sub("\n", _SEQUENCE.sub("", text))
    return "".join(char for char in lines if char in "\n\t" or unicodedata.category(char)[0] != "C")


def in_one_line(text: str) -> str:
    """The same in one line, with single spaces."""
    return " ".join(printable(text).split())


def in_place(text: str) -> str:
    """The same with a blank for every character that cannot be shown: what stands below a place still does."""
    return "".join(char if char.isprintable() else " " for char in text)


def how_many(number: int, what: str) -> str:
    """``1 item``, ``2 items``."""
    return f"{number} {what}{'s' * (number != 1)}"
