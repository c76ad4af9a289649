"""From paths to submissions, and from submissions to results, one at a time."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import UsageError
from grader.grading import grade_submission
from grader.harness.lab import Lab
from grader.loading.specs.course import Course, reference_work
from grader.loading.work.answers import read_submission
from grader.result import SubmissionResult
from grader.submission import Submission


@dataclass(frozen=True, slots=True)
class Source:
    """A folder to grade. ``only`` names an assignment where the path was that of one, ``reason`` why it is refused."""

    kind: Literal["submission", "reference", "refused"]
    folder: Path
    only: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to grade: some assignments, and of these some items (all, where ``items`` is empty)."""

    assignments: frozenset[str]
    items: frozenset[str] = frozenset()


def select(course: Course, assignment: str | None, items: Sequence[str]) -> Selection:
    """Check what was asked for against what there is; ``4a`` is every item of that id, ``midterm/4a`` that one.

    Raises UsageError.
    """
    if assignment in course.broken:
        raise UsageError(f"{assignment} cannot be graded: its files are wrong, see above")
    if assignment is not None and assignment not in course.assignments:
        raise UsageError(f"there is no assignment {assignment!r}; there are: {_names(course)}")
    wanted = [a for a in course.assignments.values() if assignment in (None, a.id)]
    known = [f"{a.id}/{item.id}" for a in wanted for item in a.items]
    chosen = [full for item in items for full in _full_ids(item, known)]
    if items:
        return Selection(frozenset(full.partition("/")[0] for full in chosen), frozenset(chosen))
    return Selection(frozenset(a.id for a in wanted))


def _full_ids(item: str, known: Sequence[str]) -> list[str]:
    found = [full for full in known if item in (full, full.partition("/")[2])]
    if found:
        return found
    written = {full.casefold(): full for full in known} | {full.partition("/")[2].casefold(): full for full in known}
    near = difflib.get_close_matches(item.casefold(), list(written), n=1)
    raise UsageError(f"there is no item {item!r}" + (f"; did you mean {written[near[0]]!r}?" if near else ""))


def _names(course: Course) -> str:
    return ", ".join(course.assignments) or "none that can be read"


def find_sources(paths: Sequence[Path], course: Course) -> list[Source]:
    """What each path is: a submission, one assignment of one, the reference, or a folder that holds submissions."""
    found = {(source.folder.resolve(), source.only): source for path in paths for source in _sources(path, course)}
    return list(found.values())


def _sources(path: Path, course: Course) -> Iterator[Source]:
    if not path.exists():
        yield Source("refused", path, reason=f"there is no folder {path}")
        return
    if path.is_file() and not (path.stem.casefold() == "answers" or path.suffix == ".py"):
        yield Source(
            "refused", path, reason=f"{path} is a file: expected a folder, or answers.yaml (.md, .ipynb, .tex)"
        )
        return
    folder = path.parent if path.is_file() else path
    whole = folder.resolve()
    if course.reference is not None and course.reference.resolve() in (whole, whole.parent):
        yield Source("reference", folder, only=whole.name if whole.name in course.assignments else None)
    elif _is_submission(folder, course):
        yield Source("submission", folder)
    elif whole.name in course.names:
        yield Source("submission", whole.parent, only=whole.name)
    elif children := [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith(".")]:
        yield from (Source("submission", child) for child in children)
    else:
        yield Source("refused", folder, reason=f"expected a folder named {' or '.join(course.names)} in it")


def _is_submission(folder: Path, course: Course) -> bool:
    known = {name.casefold() for name in course.names}
    return any(child.is_dir() and child.name.casefold() in known for child in folder.iterdir())


def grade_source(source: Source, course: Course, selection: Selection, lab: Lab | None = None) -> SubmissionResult:
    """Read and judge one submission. One that cannot be read comes back as ``refused``."""
    return grade_submission(_submission(source, course, selection), course, selection.items, lab)


def _submission(source: Source, course: Course, selection: Selection) -> Submission:
    if source.kind == "refused":
        return Submission(name=source.folder.name, refused=source.reason)
    if source.only in course.broken or not course.assignments:
        return Submission(
            name=source.folder.name, refused=f"{' and '.join(course.broken)} cannot be graded: its files are wrong"
        )
    if source.only is not None and source.only not in selection.assignments:
        return Submission(name=source.folder.name, refused=f"this is {source.only}, which was not asked for")
    chosen = {i: a for i, a in course.assignments.items() if i in selection.assignments and source.only in (None, i)}
    if source.kind == "reference":
        works = tuple(reference_work(course, assignment) for assignment in chosen.values())
        return Submission(name="reference", works=works)
    return read_submission(source.folder, chosen)
