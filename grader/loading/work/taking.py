"""What is gathered of a folder or an archive while it is read, once, and the bounds of that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grader.loading.work.readers import greatest_size
from grader.loading.work.sections import shown

MAX_BYTES = 128_000_000
MAX_ENTRIES = 20_000
MAX_WRAPPERS = 2
MAX_DEPTH = MAX_WRAPPERS + 3  # an assignment, the package in it, a file
MAX_NAME = 255
MAX_PATH = 1_000
MAX_SAID = 100
_IGNORED = ("__MACOSX", "__pycache__")
_DRIVE = re.compile(r"[A-Za-z]:")

Status = Literal["malformed", "error"]


class Misnamed(Exception):
    """A member of an archive whose name is no plain path within it; says what is wrong with the name."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not taken in. ``why`` goes on where its name ends; ``status`` is that of a Trouble."""

    path: str
    status: Status
    why: str

    @property
    def text(self) -> str:
        return f"{shown(base(self.path))} {self.why}"

    @property
    def in_full(self) -> str:
        return f"{shown(self.path)} {self.why}"


def base(path: str) -> str:
    """The last name of a path."""
    return path.rpartition("/")[2]


def parent(path: str) -> str:
    """The folder that a path lies in."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def normal(name: str) -> str:
    """A name as it is compared: letters composed, so that it does not matter which system packed it."""
    return unicodedata.normalize("NFC", name)


def is_ignored(name: str) -> bool:
    """Hidden files and what systems leave lying about are no part of a submission."""
    return name.startswith(".") or name in _IGNORED


def placed(name: str) -> list[str]:
    """The parts of the name of a member of an archive. Raises Misnamed where it is more than a path downwards."""
    name = normal(name)
    for found, why in (
        ("\0" in name, "holds a NUL"),
        ("\\" in name, "holds a backslash"),
        (name.startswith("/"), "is absolute"),
        (_DRIVE.match(name) is not None, "begins with a drive letter"),
        (".." in name.split("/"), "leads out of the archive"),
        (len(name) > MAX_PATH or any(len(part) > MAX_NAME for part in name.split("/")), "is too long"),
    ):
        if found:
            raise Misnamed(why)
    return [part for part in name.split("/") if part not in ("", ".")]


class Taking:
    """Filled by ``folders``, ``zips`` or ``tars``, emptied by ``snapshot``.

    ``others`` are files that nobody reads: their names are kept for messages. ``faults`` are about the whole, so that
    more may have been there than was found; ``said`` is worth telling, and nothing more.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: set[str] = {""}
        self.others: set[str] = set()
        self.left: dict[str, Left] = {}
        self.faults: dict[Left, None] = {}
        self.said: dict[str, None] = {}
        self._claimed: set[str] = set()
        self._room = MAX_BYTES

    def place(self, name: str) -> str | None:
        """Where a member of an archive goes; None if it is of no interest or has no place."""
        try:
            parts = placed(name)
        except Misnamed as error:
            self._misnamed(name, f"was not read: its name {error}")
            return None
        if not parts or any(map(is_ignored, parts)):
            return None
        if len(parts) > MAX_DEPTH:
            self.folder("/".join(parts[:MAX_DEPTH]))
            return None
        return "/".join(parts)

    def _misnamed(self, name: str, why: str) -> None:
        if greatest_size(re.split(r"[/\\:]", name)[-1]) is None:
            self.say(f"{shown(name)} {why}")
        else:
            self.fault(f"{shown(name)} {why}")

    def claim(self, path: str) -> bool:
        """Whether a file may take this place. Of two of one name none is read: nobody can tell which was meant."""
        if path in self._claimed:
            self.leave(path, "malformed", "is there twice, or under two names that look alike; neither was read")
            return False
        if len(self._claimed) >= MAX_ENTRIES:
            self._too_many()
            return False
        self._claimed.add(path)
        self.folder(parent(path))
        return True

    def folder(self, path: str) -> None:
        """A folder, and those that it lies in."""
        while path not in self.folders:
            if len(self.folders) >= MAX_ENTRIES:
                self._too_many()
                return
            self.folders.add(path)
            path = parent(path)

    def _too_many(self) -> None:
        self.fault(f"there are more than {MAX_ENTRIES} files; the rest was not looked at")

    def take(self, path: str, size: int, read: Callable[[int], bytes]) -> None:
        """Keep a file that says it has ``size`` bytes; ``read`` gives so many of them, and is not asked for more."""
        cap = greatest_size(base(path)) or 0
        limit = min(cap, self._room)
        if size <= limit:
            content = read(limit + 1)
            self._room -= min(len(content), limit)  # also what is then thrown away: it took its time
            if len(content) <= limit:
                self.others.discard(path)
                self.files[path] = content
                return
        whole = f"was not read: all files together are larger than {MAX_BYTES / 1e6:g} MB"
        self.leave(path, "malformed", f"is larger than {cap / 1e6:g} MB and was not read" if limit == cap else whole)

    def leave(self, path: str, status: Status, why: str) -> None:
        self.files.pop(path, None)
        self.others.discard(path)
        self.left[path] = Left(path, status, why)

    def fault(self, text: str, status: Status = "malformed") -> None:
        if len(self.faults) < MAX_SAID:
            self.faults[Left("", status, text)] = None

    def say(self, text: str) -> None:
        if len(self.said) < MAX_SAID:
            self.said[text] = None

    def unreadable(self, status: Status, why: str) -> None:
        """Nothing of it could be read."""
        self.folders.clear()
        self.files.clear()
        self.leave("", status, why)

    def children(self, folder: str) -> dict[str, bool]:
        """The names in a folder, and which are folders themselves."""
        here = (*self.files, *self.others, *self.left)
        found = {base(path): False for path in here if path and parent(path) == folder}
        return found | {base(path): True for path in self.folders if path and parent(path) == folder}
