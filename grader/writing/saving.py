"""Several files at once: all of them, or none."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from grader.errors import UsageError


def save(changes: Mapping[Path, bytes]) -> None:
    """Write the files; raise UsageError, with everything as it was, where one of them cannot be written."""
    made: list[Path] = []
    parts: dict[Path, Path] = {}
    try:
        for path, content in changes.items():
            made += _made_folders(path.parent)
            target = path.resolve()
            parts[target] = target.with_name(f"{target.name}.part")
            parts[target].write_bytes(content)
            if target.exists():
                shutil.copymode(target, parts[target])
        _replace(parts)
    except OSError as error:
        for part in parts.values():
            part.unlink(missing_ok=True)
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        place = str(error.filename or path).removesuffix(".part")
        raise UsageError(f"{place} could not be written: {error.strerror}; nothing was changed") from error


def _made_folders(folder: Path) -> list[Path]:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _replace(parts: Mapping[Path, Path]) -> None:
    """Put every part in its place, and back what was there if one cannot be."""
    before = {target: target.read_bytes() if target.exists() else None for target in parts}
    done: list[Path] = []
    try:
        for target, part in parts.items():
            part.replace(target)
            done.append(target)
    except OSError:
        for target in done:
            was = before[target]
            target.write_bytes(was) if was is not None else target.unlink()
        raise
