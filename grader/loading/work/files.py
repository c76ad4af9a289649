"""The bytes of a file -> its text."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from grader.loading.work.sections import shown

MAX_FILES = 100
_LINES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, what had to be done for that, and what was lost by it."""

    text: str
    remarks: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def decode(content: bytes, name: str) -> Decoded:
    """The text of a file, with LF line ends, whatever its bytes are."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", "replace")
        return Decoded(_line_ends(text), (f"{shown(name)} is UTF-16 and was read as such; save it as UTF-8",))
    try:
        return Decoded(_line_ends(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        text = _line_ends(content.decode("utf-8-sig", "replace"))
        return Decoded(text, lost=(f"{shown(name)} is not UTF-8: characters in {_bad_lines(text)} could not be read",))


def _bad_lines(text: str) -> str:
    numbers = [str(number) for number, line in enumerate(text.split("\n"), start=1) if "\ufffd" in line]
    more = ", …" if len(numbers) > _LINES_NAMED else ""
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(numbers[:_LINES_NAMED])}{more}"


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
