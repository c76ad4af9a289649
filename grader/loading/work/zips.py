"""A zip -> what it gives. Nothing of it is unpacked; sizes are those that are met, not those that it says it has."""

from __future__ import annotations

import itertools
import stat
import struct
import zipfile
import zlib
from typing import BinaryIO

from grader.loading.work.folders import no_file
from grader.loading.work.readers import greatest_size
from grader.loading.work.sections import printable
from grader.loading.work.taking import Taking, base

MAX_DIRECTORY = 8_000_000  # the table of contents, which zipfile reads whole
MAX_MEMBERS = 50_000
_HEADER = 30
_ENCRYPTED = 0x1 | 0x40
# Of bzip2 and LZMA, zipfile inflates at once whatever a piece of the file gives, which may be gigabytes.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (zipfile.BadZipFile, EOFError, NotImplementedError, OverflowError, ValueError, struct.error, zlib.error)


class _Bounded:
    """The file as ``zipfile`` sees it: it never gives more at once than a table of contents may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tell = file.tell
        self.seekable = file.seekable

    def seek(self, position: int, whence: int = 0) -> int:
        try:
            return self._file.seek(position, whence)
        except OSError as error:  # the position came from the archive
            raise zipfile.BadZipFile("it points out of itself") from error

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY:
            raise zipfile.BadZipFile("its table of contents is too long")
        return self._file.read(MAX_DIRECTORY if size < 0 else size)


def take_zip(file: BinaryIO, taking: Taking) -> None:
    """Take in the members that count."""
    try:
        with zipfile.ZipFile(_Bounded(file)) as archive:
            members = archive.infolist()
            if _overlap(members):
                raise zipfile.BadZipFile("its members overlap")
            for member in members[:MAX_MEMBERS]:
                _take(member, archive, taking)
            if len(members) > MAX_MEMBERS:
                taking.fault(f"the archive has more than {MAX_MEMBERS} members; the rest was not looked at")
    except _DAMAGE as error:
        taking.unreadable("malformed", f"could not be read as an archive: it is damaged or cut short ({_short(error)})")


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Whether some bytes are part of two members: a small file can stand for much that way."""
    spans = sorted((member.header_offset, member.header_offset + _HEADER + member.compress_size) for member in members)
    return any(end > start for (_, end), (start, _) in itertools.pairwise(spans))


def _take(member: zipfile.ZipInfo, archive: zipfile.ZipFile, taking: Taking) -> None:
    path = taking.place(member.orig_filename)
    mode = member.external_attr >> 16
    if path is None:
        return
    if member.orig_filename.endswith("/") or stat.S_ISDIR(mode):
        taking.folder(path)
    elif not taking.claim(path):
        return
    elif stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        taking.leave(path, "malformed", no_file(mode))
    elif greatest_size(base(path)) is None:
        taking.others.add(path)
    elif member.flag_bits & _ENCRYPTED:
        taking.leave(path, "malformed", "is encrypted and was not read")
    elif member.compress_type not in _METHODS:
        taking.leave(path, "malformed", "is packed in an unusual way and was not read; make it a plain zip")
    else:
        _read(path, member, archive, taking)


def _read(path: str, member: zipfile.ZipInfo, archive: zipfile.ZipFile, taking: Taking) -> None:
    try:
        with archive.open(member) as content:
            taking.take(path, member.file_size, content.read)
        if path in taking.files and len(taking.files[path]) != member.file_size:
            raise zipfile.BadZipFile("its size is not what the archive says")
    except _DAMAGE as error:
        taking.leave(path, "malformed", f"is damaged and was not read ({_short(error)})")


def _short(error: Exception) -> str:
    return printable(str(error))[:100]
