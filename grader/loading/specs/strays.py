"""Files that nobody reads where they lie: worth a word, and no reason to stop grading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.errors import Fault, Where
from grader.loading.specs.documents import SCHEMAS
from grader.loading.specs.keys import SECRET
from grader.loading.specs.problems import HEAD
from grader.scalars import nearest


def strays_of_problems(problems: Path) -> Iterator[Fault]:
    """YAML files under another ending, and folders with YAML files that no assignment owns."""
    for folder in _folders(problems):
        for path in sorted(folder.glob("*.yml")):
            yield Fault(Where(path), "", "is not read: the names of problem files end in .yaml")
        if any(folder.glob("*.yaml")) and not (folder / HEAD).is_file():
            yield Fault(Where(folder), "", f"is not read: it holds YAML files but no {HEAD}")


def strays_of_reference(reference: Path, names: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Keys of no assignment, and files of keys of no question; ``names`` has the questions of each assignment."""
    for folder in _folders(reference):
        if folder.name in (SECRET, SCHEMAS):
            continue  # a secret is a file by rights, and reported where it is read
        if folder.name not in names:
            said = f"belongs to no assignment{nearest(folder.name, names)}; there are: {', '.join(names)}"
            yield Fault(Where(folder), "", said)
            continue
        for path in sorted(folder.glob("*.y*ml")):
            if path.suffix != ".yaml":
                yield Fault(Where(path), "", "is not read: the names of key files end in .yaml")
            elif path.stem not in names[folder.name]:
                said = f"belongs to no question of {folder.name}{nearest(path.stem, names[folder.name])}"
                yield Fault(Where(path), "", said)


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir() and path.name[0] not in "._")
