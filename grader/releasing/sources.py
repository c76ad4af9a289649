"""The public files that a release copies: those of the assignment that are read, and schemas for editors. Nothing else.

What else lies beside them (backups of editors, notes, pictures, other assignments) is not copied, and a link is not
followed: what students get is named here, file by file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.loading.specs.documents import SCHEMAS
from grader.loading.specs.problems import HEAD
from grader.spec import Assignment

_COMMENT = re.compile(r"(?:^|\s)#(?P<text>.*)")
_TELLING = re.compile(r"\b(?:private|secret|confidential|solutions?|answer key|todo|fixme|xxx)\b", re.IGNORECASE)


def public_files(problems: Path, assignment: Assignment) -> dict[str, bytes]:
    """The content of each public file by its name in the release. Raises UsageError where one is no ordinary file."""
    folder = problems / assignment.id
    names = [HEAD, *(f"{question.question}.yaml" for question in assignment.questions)]
    schemas = problems / SCHEMAS
    listed = [folder / name for name in names]
    listed += sorted(path for path in schemas.glob("*.json") if path.name[0] != ".") if schemas.is_dir() else []
    return {f"problems/{path.parent.name}/{path.name}": _content(path, problems) for path in listed}


def _content(path: Path, problems: Path) -> bytes:
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        raise UsageError(f"{path} is a link or no ordinary file; expected a file of its own, so nothing was released")
    if not path.resolve().is_relative_to(problems.resolve()):
        raise UsageError(f"{path} lies outside {problems}, so nothing was released")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be opened ({error.strerror})") from error


def telling_comments(files: Mapping[str, bytes]) -> Iterator[str]:
    """Comments in YAML files that sound as if they were not meant for students, who get them all the same."""
    for name, content in files.items():
        for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
            found = _COMMENT.search(line) if name.endswith(".yaml") else None
            if found and (word := _TELLING.search(found["text"])):
                yield f"{name}:{number}: students will read this comment, which says {word[0]!r}"
