"""A submission as it was at one moment: a folder, a zip or a tar is taken in once, and the disk not asked again.

Only what somebody reads is taken in: answers and Python files in folders that are named like assignments. Of all else
the name is kept, for messages. Everything is bounded, and what was left out for that, or for being no plain file, is
named in ``refused``.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from grader.loading.work.archives import take_archive
from grader.loading.work.folders import take_folder
from grader.loading.work.scope import find_scope
from grader.loading.work.sections import printable
from grader.loading.work.taking import Left, Taking, base, parent


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Paths are relative, normalised, with ``/``; below a folder that was wrapped around the submission.

    ``others`` are files that nobody reads. ``left`` could not be taken in, by path; the whole has the path "".
    ``faults`` are about the whole too, but part of it was read. ``digest`` is of ``files``: the same content has the
    same digest, in whatever it came.
    """

    name: str
    files: Mapping[str, bytes]
    folders: frozenset[str]
    others: frozenset[str]
    left: Mapping[str, Left]
    faults: tuple[Left, ...]
    said: tuple[str, ...]
    digest: str

    @property
    def refused(self) -> tuple[str, ...]:
        """A sentence for everything that was left out."""
        left = (fault.in_full if path else f"{self.name} {fault.why}" for path, fault in sorted(self.left.items()))
        return (*(fault.why for fault in self.faults), *self.said, *left)

    def names(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        paths = {*self.files, *self.others, *self.left, *self.folders} - {""}
        return sorted(base(path) for path in paths if parent(path) == folder)


def take_in(path: Path, assignments: Collection[str]) -> Snapshot:
    """Read a folder, a zip or a tar, once; ``assignments`` are the names of folders that count."""
    taking = Taking()
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        taking.unreadable("error", f"cannot be read: {error.strerror}")
    else:
        if stat.S_ISDIR(mode):
            take_folder(path, taking, assignments)
        else:
            take_archive(path, taking)
    return _snapshot(printable(path.name or path.resolve().name), taking, assignments)


def _snapshot(name: str, taking: Taking, assignments: Collection[str]) -> Snapshot:
    for path in taking.files.keys() & taking.folders:
        taking.leave(path, "malformed", "is both a file and a folder; the file was not read")
    scope = find_scope(taking.children, assignments)
    counted = {path for path in taking.files if parent(path) in scope.places}
    cut = len(scope.root) + 1 if scope.root else 0
    files = {path[cut:]: taking.files[path] for path in sorted(counted)}
    left = {path[cut:]: Left(path[cut:], found.status, found.why) for path, found in taking.left.items()}
    return Snapshot(
        name=name,
        files=MappingProxyType(files),
        folders=frozenset(path[cut:] for path in taking.folders),
        others=frozenset(path[cut:] for path in (taking.others | taking.files.keys()) - counted),
        left=MappingProxyType(left),
        faults=tuple(taking.faults),
        said=tuple(taking.said),
        digest=_digest(files),
    )


def _digest(files: Mapping[str, bytes]) -> str:
    """Lengths stand before what they measure, so that no two sets of files are written alike."""
    digest = hashlib.sha256(b"submission 1\n")
    for path, content in sorted(files.items()):
        name = path.encode("utf-8", "surrogateescape")
        digest.update(b"%d %d\n" % (len(name), len(content)) + name)
        digest.update(content)
    return digest.hexdigest()
