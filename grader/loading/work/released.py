"""Text that a release put into files for students to read (prompts, hints) or to begin with (starter files).

In Markdown it stands between two lines that are not shown, and the first has a digest of what is between them. Only
what still has that digest is no part of a response, so that nothing a student typed is ever lost: a prompt with an
answer written into it is read like any other text. Space counts for nothing, since editors change it. The first line of
a starter file has a digest of all below it, by which one that nobody wrote into is known.
"""

from __future__ import annotations

import hashlib
import re

_BEGIN = re.compile(r"<!-- released (?P<digest>[0-9a-f]{16})(?P<closed> -->)?")
_SHOWN_END, _HIDDEN_END = "<!-- end -->", "-->"
_PROMPT = re.compile(r"## Prompt of \S.*")
_STARTER = re.compile(r"# released (?P<digest>[0-9a-f]{16})(?: .*)?")


def visible(text: str) -> str:
    """The text with the lines around it; Markdown shows it."""
    return f"<!-- released {_digest(text)} -->\n\n{text.strip()}\n\n{_SHOWN_END}"


def hidden(text: str) -> str:
    """The text as a comment, which only those see who edit the file."""
    text = text.replace(_HIDDEN_END, "-- >")
    return f"<!-- released {_digest(text)}\n{text.strip()}\n{_HIDDEN_END}"


def starter(text: str) -> str:
    """A file for students to begin with, marked; it is as good without the mark."""
    return f"# released {_digest_of_code(text)} (by this line an untouched file is known)\n{text}"


def is_untouched(text: str) -> bool:
    """Whether a file is a starter as it was released; line ends and space at the ends of lines count for nothing."""
    first, _, rest = text.lstrip().partition("\n")
    mark = _STARTER.fullmatch(first.rstrip())
    return mark is not None and mark["digest"] == _digest_of_code(rest)


def has_mark(text: str) -> bool:
    """Whether released text begins somewhere in this."""
    return any(_BEGIN.fullmatch(line.rstrip()) for line in text.split("\n"))


def heading_first(cell: str) -> str:
    """A cell with a prompt, of which the heading is repeated above what was typed above it: that is not meant for the
    item before. Where a heading stands above it, as in cells that were merged, it may be."""
    lines = cell.split("\n")
    place = next((i for i, line in enumerate(lines) if _PROMPT.fullmatch(line)), 0)
    above = [line for line in lines[:place] if line.strip() and not _BEGIN.fullmatch(line.rstrip())]
    if not above or not has_mark(cell) or any(line.lstrip().startswith("#") for line in above):
        return cell
    return f"{lines[place]}\n{cell}"


def without_released(lines: list[str]) -> list[str]:
    """As many lines, of which those are empty that stand as they were released, and the marks around visible text.
    The heading of a prompt stays: the item before ends there, so that an answer right below the prompt is not its.

    A comment that was released and lost its end would hide what follows, up to the end of the next: it is text.
    """
    kept = list(lines)
    begun: tuple[int, str, str] | None = None
    for i, line in enumerate(lines):
        if begin := _BEGIN.fullmatch(line.rstrip()):
            if begun and not any(_HIDDEN_END in between for between in lines[begun[0] : i]):
                kept[begun[0]] = ""
            begun = i, begin["digest"], _SHOWN_END if begin["closed"] else _HIDDEN_END
            kept[i] = "" if begin["closed"] else line
        elif begun and line.strip() == begun[2]:
            start, digest, end = begun
            if _digest("\n".join(lines[start + 1 : i])) == digest:
                kept[start : i + 1] = [line if _PROMPT.fullmatch(line) else "" for line in lines[start : i + 1]]
            kept[i] = "" if end == _SHOWN_END else kept[i]
            begun = None
    return kept


def _digest(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _digest_of_code(text: str) -> str:
    """Unlike prose, code changes with the space at the beginning of its lines."""
    lines = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()[:16]
