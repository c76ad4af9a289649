"""Text that a release put into Markdown for students to read (prompts, hints), and that is no part of a response.

It stands between two lines that Markdown does not show, and the first has a digest of what is between them. Only what
still has that digest is left out, so that nothing a student typed is ever lost: a prompt with an answer written into
it is read like any other text. Space counts for nothing, since editors change it.
"""

from __future__ import annotations

import hashlib
import re

_BEGIN = re.compile(r"<!-- released (?P<digest>[0-9a-f]{16})(?P<closed> -->)?")
_SHOWN_END, _HIDDEN_END = "<!-- end -->", "-->"


def visible(text: str) -> str:
    """The text with the lines around it; Markdown shows it."""
    return f"<!-- released {_digest(text)} -->\n\n{text.strip()}\n\n{_SHOWN_END}"


def hidden(text: str) -> str:
    """The text as a comment, which only those see who edit the file."""
    text = text.replace(_HIDDEN_END, "-- >")
    return f"<!-- released {_digest(text)}\n{text.strip()}\n{_HIDDEN_END}"


def without_released(lines: list[str]) -> list[str]:
    """As many lines, of which those are empty that stand as they were released, and the marks around visible text."""
    kept = list(lines)
    begun: tuple[int, str, str] | None = None
    for i, line in enumerate(lines):
        if begin := _BEGIN.fullmatch(line.rstrip()):
            begun = i, begin["digest"], _SHOWN_END if begin["closed"] else _HIDDEN_END
            kept[i] = "" if begin["closed"] else line
        elif begun and line.strip() == begun[2]:
            start, digest, end = begun
            if _digest("\n".join(lines[start + 1 : i])) == digest:
                kept[start : i + 1] = [""] * (i + 1 - start)
            kept[i] = "" if end == _SHOWN_END else kept[i]
            begun = None
    return kept


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
