"""What a compressed file stands for, a piece at a time: no more of it is ever in memory than was asked for."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

MAX_STREAMS = 20_000
MAX_DICTIONARY = 128_000_000  # xz -9 asks for 65 MB; a header may ask for 4 GB
_CHUNK = 65_536

INFLATE: Mapping[str, Callable[[], Any]] = {
    "gz": lambda: zlib.decompressobj(wbits=31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=MAX_DICTIONARY),
}


class Inflating:
    """Reads gzip, bzip2 or xz. Several streams in a row are one file, as their own programs have it."""

    def __init__(self, file: BinaryIO, start: Callable[[], Any]) -> None:
        self._file = file
        self._start = start
        self._stream = start()
        self._streams = 1
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """At least one byte and at most ``size``; nothing at the end. Raises EOFError where the file is cut short."""
        while True:
            if self._stream.eof and not self._next_stream():
                return b""
            starved = not self._waiting and getattr(self._stream, "needs_input", True)
            self._waiting = self._waiting or (self._file.read(_CHUNK) if starved else b"")
            ended = starved and not self._waiting
            piece: bytes = self._stream.decompress(self._waiting, size)
            self._waiting = getattr(self._stream, "unconsumed_tail", b"")  # bzip2 and xz keep their own
            if piece:
                return piece
            if ended and not self._stream.eof:
                raise EOFError("it is cut short")

    def _next_stream(self) -> bool:
        rest = self._stream.unused_data.lstrip(b"\0")  # padding
        while not rest:
            chunk = self._file.read(_CHUNK)
            if not chunk:
                return False
            rest = chunk.lstrip(b"\0")
        self._streams += 1
        if self._streams > MAX_STREAMS:
            raise EOFError(f"it consists of more than {MAX_STREAMS} streams")
        self._stream, self._waiting = self._start(), rest
        return True
