"""The files of a folder that a student controls: only regular files, only so large, whatever their names and bytes."""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.loading.work.sections import shown

MAX_FILES = 100
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_LINES_NAMED = 5


class Refused(Exception):
    """A file that is not read, and why; the student can mend it. OSError is for what they cannot."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, what had to be done for that, and what was lost by it."""

    text: str
    remarks: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def list_folder(folder: Path) -> list[str]:
    """The names in a folder, sorted; those that start with a dot are no part of a submission."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith("."))


def is_folder(path: Path) -> bool:
    """Whether this is a folder itself, and not a link to one."""
    return stat.S_ISDIR(os.lstat(path).st_mode)


def read_text(path: Path, cap: int) -> Decoded:
    """Read a regular file of at most ``cap`` bytes as text with LF line ends."""
    return _decode(_read_bytes(path, cap), path.name)


def _read_bytes(path: Path, cap: int) -> bytes:
    """Look before opening (a FIFO would hang) and again after it (the file may have been swapped in between)."""
    _require_regular(os.lstat(path), path)
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        _require_regular(os.fstat(descriptor), path)
        content = file.read(cap + 1)
    if len(content) > cap:
        raise Refused(f"{shown(path.name)} is larger than {cap / 1e6:g} MB and was not read")
    return content


def _require_regular(status: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        what = next((word for test, word in _KINDS if test(status.st_mode)), "something else")
        raise Refused(f"{shown(path.name)} is {what}, not a file, and was not opened")


_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _decode(content: bytes, name: str) -> Decoded:
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
