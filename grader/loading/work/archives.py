"""Archives: what they are called, what they begin with, and how they are opened."""

from __future__ import annotations

import os
from pathlib import Path

from grader.loading.work.folders import NotAFile, open_file
from grader.loading.work.taking import Taking
from grader.loading.work.tars import take_tar
from grader.loading.work.zips import take_zip

MAX_ARCHIVE = 1_000_000_000
SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip")
OTHERS = (".7z", ".rar", ".tar.zst", ".tar.lz", ".tar.z")
_MAGIC = ((b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\x1f\x8b", "gz"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "xz"))
_HEAD = 512


def stem(name: str) -> str:
    """The name of an archive without what tells that it is one."""
    suffix = next((suffix for suffix in SUFFIXES if name.casefold().endswith(suffix)), "")
    return name[: len(name) - len(suffix)] or name


def is_archive(name: str) -> bool:
    """Whether a file of this name is an archive that can be read."""
    return name.casefold().endswith(SUFFIXES)


def looks_like_archive(name: str) -> bool:
    """Whether a file of this name is an archive of any kind."""
    return name.casefold().endswith(SUFFIXES + OTHERS)


def is_packed(path: Path) -> bool:
    """Whether a file is an archive by its content, whatever it is called."""
    try:
        with os.fdopen(open_file(path), "rb") as file:
            return _packing(file.read(_HEAD)) is not None
    except (OSError, NotAFile):
        return False


def _packing(head: bytes) -> str | None:
    if head[257:262] == b"ustar":
        return "tar"
    return next((packing for magic, packing in _MAGIC if head.startswith(magic)), None)


def _packing_by_name(name: str) -> str | None:
    """What begins unlike any archive may still be one: an old tar, a zip that unpacks itself."""
    return next((packing for packing in ("zip", "tar") if name.casefold().endswith(f".{packing}")), None)


def take_archive(path: Path, taking: Taking) -> None:
    """Take in an archive of any kind. What cannot be read of it is told by ``taking``."""
    try:
        with os.fdopen(open_file(path), "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_ARCHIVE:
                taking.unreadable("malformed", f"is larger than {MAX_ARCHIVE / 1e6:g} MB and was not read")
                return
            packing = _packing(file.read(_HEAD)) or _packing_by_name(path.name)
            file.seek(0)
            if packing is None:
                taking.unreadable("malformed", "is neither a zip nor a tar archive")
            elif packing == "zip":
                take_zip(file, taking)
            else:
                take_tar(file, packing, taking)
    except NotAFile as error:
        taking.unreadable("malformed", str(error))
    except OSError as error:
        taking.unreadable("error", f"cannot be read: {error.strerror}")
