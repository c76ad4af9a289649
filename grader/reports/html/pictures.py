"""What was drawn of a student's functions, from the folder of pictures into a page."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import JsonValue

LARGEST = 2**20  # bytes
_DESCRIBED = re.compile(r"<desc\b[^>]*>([^<]*)</desc>")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as an address that holds it, in which nothing can run, with what it shows; or a page of samples."""

    name: str
    address: str = ""
    shows: str = ""
    text: str = ""


def pictures_of(names: JsonValue, folder: Path | None) -> Iterator[Picture]:
    """Those of ``names`` that lie in ``folder`` and are what the harness writes. What is missing is left out: no mark
    hangs on a picture."""
    if folder is None or not isinstance(names, list):
        return
    for name in map(str, names):
        found = _read(name, folder)
        if found is None:
            continue
        if name.endswith(".svg") and found.startswith(b"<svg"):
            shows = _DESCRIBED.search(found.decode("utf-8", "replace"))
            address = f"data:image/svg+xml;base64,{base64.b64encode(found).decode()}"
            yield Picture(name, address=address, shows=html.unescape(shows[1]) if shows else "")
        elif name.endswith(".txt"):
            yield Picture(name, text=found.decode("utf-8", "replace"))


def _read(name: str, folder: Path) -> bytes | None:
    """A file below ``folder``, and nowhere else."""
    try:
        path = (folder / PurePosixPath(name)).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        return path.read_bytes()
    except (OSError, ValueError):
        return None
