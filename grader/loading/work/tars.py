"""A tar, compressed or not -> what it gives. It is read from front to back, once, and nothing of it is unpacked."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from typing import BinaryIO

from grader.loading.work.inflating import INFLATE, Inflating
from grader.loading.work.readers import greatest_size
from grader.loading.work.sections import printable, shown
from grader.loading.work.taking import Status, Taking, base

MAX_INFLATED = 1_000_000_000
MAX_MEMBERS = 50_000
MAX_HEADER = 32_768  # of one member, with long names and everything else that programs put there
MAX_HEADERS = 100_000_000
MAX_GLOBALS = 100
_BLOCK = 512
_PIECE = 65_536
_DIGITS = re.compile(rb"\d{100}")  # older versions of tarfile take quadratic time over them
_KINDS = {
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
}


class Stopped(Exception):
    """Reading went as far as it may, or as it can; says why."""


class _Tape:
    """The file as ``tarfile`` sees it: forward only, with an allowance for headers and an end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._at = 0
        self._allowance = 0
        self._headers = 0
        self.last = b""

    def allow(self, size: int) -> None:
        """``tarfile`` reads headers whole, of whatever size they say they are: they have so much for the next one."""
        self._allowance = size

    def tell(self) -> int:
        return self._at

    def seek(self, position: int) -> int:
        if position < self._at:
            raise Stopped("its headers contradict each other")
        while self._at < position and self.content(min(_PIECE, position - self._at)):
            pass
        return self._at

    def read(self, size: int) -> bytes:
        """What ``tarfile`` calls for its headers."""
        self._allowance -= size
        self._headers += size
        if self._allowance < 0 or self._headers > MAX_HEADERS:
            raise Stopped("it has a header that no program would write")
        self.last = self.content(size)
        if size > _BLOCK and _DIGITS.search(self.last):
            raise Stopped("it has a header that no program would write")
        return self.last

    def content(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        pieces = []
        while size > 0 and (piece := self._read(min(size, _PIECE))):
            pieces.append(piece)
            size -= len(piece)
            self._at += len(piece)
            if self._at > MAX_INFLATED:
                raise Stopped(f"it holds more than {MAX_INFLATED / 1e6:g} MB")
        return b"".join(pieces)


def take_tar(file: BinaryIO, packing: str, taking: Taking) -> None:
    """Take in the members that count. Where the archive breaks off, what was read up to there stays."""
    tape = _Tape(Inflating(file, INFLATE[packing]).read if packing in INFLATE else file.read)
    reader = _TarReader(tape, taking)
    try:
        reader.read()
    except Exception as error:  # tarfile raises whatever it stumbles over in a broken header, beside its own errors
        disk = isinstance(error, OSError) and error.errno is not None
        why = str(error) if isinstance(error, Stopped | EOFError) else f"it is damaged ({type(error).__name__})"
        reader.broken_off("error" if disk else "malformed", f"cannot be read: {error}" if disk else why)


class _TarReader:
    def __init__(self, tape: _Tape, taking: Taking) -> None:
        self._tape = tape
        self._taking = taking
        self._last = ""
        self._reading = ""

    def read(self) -> None:
        self._tape.allow(MAX_HEADER)
        with tarfile.TarFile(fileobj=self._tape, encoding="utf-8", errors="surrogateescape") as tar:  # type: ignore[arg-type]
            for _ in range(MAX_MEMBERS):
                member = tar.next()
                if member is None:
                    return self._finish()
                tar.members.clear()  # type: ignore[attr-defined]  # or it would keep them all
                if len(tar.pax_headers) > MAX_GLOBALS:
                    raise Stopped("it has a header that no program would write")
                self._last = member.name
                self._take(member)
                self._tape.allow(MAX_HEADER)
        raise Stopped(f"it has more than {MAX_MEMBERS} members")

    def _finish(self) -> None:
        """``tarfile`` takes a broken header for the end. Read on: what compressed it put its checksum last."""
        if len(self._tape.last) != _BLOCK or any(self._tape.last):
            raise EOFError("it is cut short or damaged")
        while self._tape.content(_PIECE):
            pass

    def _take(self, member: tarfile.TarInfo) -> None:
        path = self._taking.place(member.name)
        if path is None:
            return
        if member.isdir():
            self._taking.folder(path)
        elif not self._taking.claim(path):
            return
        elif not member.isreg() or member.issparse():
            kind = "a sparse file" if member.issparse() else _KINDS.get(member.type, "something else")
            self._taking.leave(path, "malformed", f"is {kind}, not a plain file, and was not opened")
        elif greatest_size(base(path)) is None:
            self._taking.others.add(path)
        else:
            self._read_file(path, member)

    def _read_file(self, path: str, member: tarfile.TarInfo) -> None:
        self._reading = path
        self._tape.seek(member.offset_data)
        self._taking.take(path, member.size, lambda most: self._content(min(most, member.size)))
        self._reading = ""

    def _content(self, size: int) -> bytes:
        content = self._tape.content(size)
        if len(content) < size:
            raise EOFError("it is cut short")
        return content

    def broken_off(self, status: Status, why: str) -> None:
        """Say how far reading came."""
        if not self._last:
            self._taking.unreadable(status, f"could not be read as an archive: {why}")
            return
        if self._reading:
            self._taking.leave(self._reading, status, "could not be read to its end")
        self._taking.fault(f"the archive could be read only as far as {shown(printable(self._last))}: {why}", status)
