"""Puts a release into a folder or a zip, whole or not at all, and takes away nothing that a person made.

A folder that is there already is replaced only if it is an earlier release, as it was written: ``release.json`` in it
lists every file with its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from grader.errors import UsageError
from grader.files import replace_file
from grader.releasing.contents import MANIFEST, Release

_SHOWN = 3
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can have: the same release is the same bytes
_MODE = 0o100644


def check_target(out: Path, forbidden: list[Path]) -> None:
    """Raise UsageError where a release must not be written, before any of it is made."""
    place = out.resolve()
    for folder in forbidden:
        if place.is_relative_to(folder.resolve()):
            raise UsageError(f"--out {out}: lies in {folder}, where the course itself is; expected another place")
    if not place.parent.is_dir():
        raise UsageError(f"--out {out}: expected a folder that exists around it")
    if _is_zip(out):
        if place.is_dir():
            raise UsageError(f"--out {out}: is a folder; expected the name of a zip file, or of a folder")
    elif place.exists() and not place.is_dir():
        raise UsageError(f"--out {out}: is a file; expected the name of a folder, or of a zip that ends in .zip")
    elif place.is_dir() and (others := _not_released(place)):
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        named = ", ".join(others[:_SHOWN])
        raise UsageError(
            f"--out {out}: has in it what no release wrote ({named}{more}); expected an empty or new folder"
        )


def write_release(release: Release, out: Path) -> None:
    """Write it. Raises UsageError where ``check_target`` would, or something cannot be written."""
    check_target(out, [])
    try:
        if _is_zip(out):
            replace_file(out.resolve(), zipped(release))
        else:
            _replace_folder(out.resolve(), {**release.files, MANIFEST: _manifest(release)})
    except OSError as error:
        raise UsageError(f"--out {out}: could not be written ({error.strerror})") from error


def zipped(release: Release) -> bytes:
    """The same bytes for the same files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(release.files):
            entry = zipfile.ZipInfo(f"{release.folder}/{name}", _TIME)
            entry.external_attr = _MODE << 16
            entry.create_system = 3
            archive.writestr(entry, release.files[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _is_zip(out: Path) -> bool:
    return out.suffix.casefold() == ".zip"


def _manifest(release: Release) -> bytes:
    digests = {name: _digest(content) for name, content in release.files.items()}
    data = {"assignment": release.assignment.id, "files": dict(sorted(digests.items()))}
    return (json.dumps(data, indent=1) + "\n").encode("utf-8")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _not_released(folder: Path) -> list[str]:
    """What a folder has in it beside a release as it was written; a file of the release that was changed counts."""
    known = _released(folder)
    others = []
    for place, folders, files in os.walk(folder):
        paths = [Path(place, name) for name in files if not (known and Path(place, name) == folder / MANIFEST)]
        names = {path: path.relative_to(folder).as_posix() for path in paths}
        others += [name for path, name in names.items() if not _unchanged(path, known.get(name))]
        links = [Path(place, name) for name in folders if Path(place, name).is_symlink()]
        others += [link.relative_to(folder).as_posix() for link in links]
    return sorted(others)


def _released(folder: Path) -> Mapping[str, str]:
    """Digests by name, as the folder's own list has them; empty where there is none that can be read."""
    try:
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return files if isinstance(files, dict) else {}


def _unchanged(path: Path, digest: str | None) -> bool:
    return digest is not None and not path.is_symlink() and path.is_file() and _digest(path.read_bytes()) == digest


def _replace_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write all into a folder beside it, then change the two; what was there is gone only when that is done."""
    around = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        fresh = around / "new"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if target.exists():
            target.rename(around / "old")
        try:
            fresh.rename(target)
        except OSError:
            if (around / "old").exists():
                (around / "old").rename(target)
            raise
    finally:
        shutil.rmtree(around, ignore_errors=True)
