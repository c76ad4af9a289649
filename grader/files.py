"""Files are replaced as a whole: half of one must not stand where a whole one was."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write beside it, then change the two. Raises OSError, and then all is as it was."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:  # Ctrl-C too: no part of a file stays behind
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
