"""A folder on disk -> what it gives. Its files are reached by descriptors: no link is followed, whatever is swapped."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.loading.work.readers import greatest_size
from grader.loading.work.scope import find_scope
from grader.loading.work.taking import Taking, base, is_ignored, join, normal

MAX_LOOKED = 200_000
# Elsewhere (Windows) paths are used, and looked at before and after: a swap in between is noticed, not impossible.
BY_DESCRIPTOR = {os.open, os.stat} <= os.supports_dir_fd and os.scandir in os.supports_fd
_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = os.O_RDONLY | _SAFE | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | _SAFE | getattr(os, "O_DIRECTORY", 0)
_REPARSE = 0x400  # links and junctions of Windows
_KINDS = (
    (stat.S_ISLNK, "a link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def no_file(mode: int) -> str:
    """What to say of an entry that is no regular file."""
    return f"is {next((word for test, word in _KINDS if test(mode)), 'something else')}, not a file, and was not opened"


def open_file(name: str | Path, folder: int | None = None) -> int:
    """Open what is a regular file, and no link to one. Look first: to open a device may do something."""
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(before.st_mode):
        raise NotAFile(no_file(before.st_mode))
    descriptor = os.open(name, _FILE, dir_fd=folder)
    after = os.fstat(descriptor)
    if stat.S_ISREG(after.st_mode) and (BY_DESCRIPTOR or os.path.samestat(before, after)):
        return descriptor
    os.close(descriptor)
    raise NotAFile("was changed while it was read, and was left out")


class NotAFile(Exception):
    """Not a regular file; says what it is instead."""


def take_folder(root: Path, taking: Taking, assignments: Collection[str]) -> None:
    """Take in the files that count. Folders that are of no use are named, and not entered."""
    walk = _Walk(root, taking)
    for place in find_scope(walk.children, assignments).places:
        if place in taking.folders:
            walk.read(place)


def _no_link(folder: Path) -> Path:
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or getattr(status, "st_file_attributes", 0) & _REPARSE:
        raise NotADirectoryError(20, "Not a directory")
    return folder


class _Place:
    """An open folder; without descriptors, its path."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self._path = path
        self.descriptor = descriptor

    def at(self, name: str) -> str | Path:
        return self._path / name if self.descriptor is None else name

    def enter(self, name: str) -> _Place:
        if self.descriptor is not None:
            return _Place(self._path / name, os.open(name, _FOLDER, dir_fd=self.descriptor))
        return _Place(_no_link(self._path / name), None)

    def entries(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self._path if self.descriptor is None else self.descriptor) as entries:
            yield from entries

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)


class _Walk:
    """Lists and reads folders below ``root``; a folder or file that fails takes nothing else with it."""

    def __init__(self, root: Path, taking: Taking) -> None:
        self._root = root
        self._taking = taking
        self._typed: dict[str, str] = {}
        self._listed: set[str] = set()

    @contextmanager
    def _open(self, folder: str) -> Iterator[_Place]:
        """Go down from the root, each step from the folder before it."""
        place = (
            _Place(self._root, os.open(self._root, _FOLDER)) if BY_DESCRIPTOR else _Place(_no_link(self._root), None)
        )
        try:
            steps = folder.split("/") if folder else []
            for depth in range(len(steps)):
                outer, place = place, place.enter(self._typed["/".join(steps[: depth + 1])])
                outer.close()
            yield place
        finally:
            place.close()

    def children(self, folder: str) -> dict[str, bool]:
        if folder not in self._listed:
            self._listed.add(folder)
            try:
                with self._open(folder) as place:
                    self._list(folder, place)
            except OSError as error:
                self._lost(folder, error)
        return self._taking.children(folder)

    def _list(self, folder: str, place: _Place) -> None:
        for number, entry in enumerate(place.entries()):
            if number >= MAX_LOOKED:
                self._taking.fault(f"there are more than {MAX_LOOKED} files in one folder; not all were looked at")
                return
            path = join(folder, normal(entry.name))
            if is_ignored(entry.name) or not self._taking.claim(path):
                continue
            try:
                self._note(path, entry)
            except OSError as error:
                self._lost(path, error)

    def _note(self, path: str, entry: os.DirEntry[str]) -> None:
        self._typed[path] = entry.name
        if entry.is_dir(follow_symlinks=False):
            self._taking.folder(path)
        elif entry.is_file(follow_symlinks=False):
            self._taking.others.add(path)
        else:
            self._taking.leave(path, "malformed", no_file(entry.stat(follow_symlinks=False).st_mode))

    def read(self, folder: str) -> None:
        """Read the files in a folder that count."""
        names = [name for name, is_folder in self.children(folder).items() if not is_folder]
        wanted = [join(folder, name) for name in sorted(names) if greatest_size(name) is not None]
        wanted = [path for path in wanted if path not in self._taking.left]
        try:
            with self._open(folder) as place:
                for path in wanted:
                    self._read_file(path, place)
        except OSError as error:
            self._lost(folder, error)

    def _read_file(self, path: str, place: _Place) -> None:
        try:
            descriptor = open_file(place.at(self._typed[path]), place.descriptor)
            with os.fdopen(descriptor, "rb") as file:
                self._taking.take(path, os.fstat(descriptor).st_size, file.read)
        except NotAFile as error:
            self._taking.leave(path, "malformed", str(error))
        except OSError as error:
            self._lost(path, error)

    def _lost(self, path: str, error: OSError) -> None:
        why = f"cannot be read: {error.strerror}"
        if not base(path):
            self._taking.unreadable("error", why)
            return
        self._taking.folders.discard(path)
        self._taking.leave(path, "error", why)
