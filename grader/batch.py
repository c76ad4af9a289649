"""From paths to submissions, and from submissions to results, one at a time."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import UsageError
from grader.grading import grade_submission
from grader.loading.answers import read_submission
from grader.loading.course import Course, reference_work
from grader.result import SubmissionResult
from grader.submission import Submission


@dataclass(frozen=True, slots=True)
class Source:
    """A folder to grade. ``work`` is one assignment's folder, graded alone; ``reference`` is the key itself."""

    kind: Literal["submission", "work", "reference", "refused"]
    folder: Path
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to grade: one assignment or all (None), some items or all (empty)."""

    assignment: str | None = None
    items: tuple[str, ...] = ()


def select(course: Course, assignment: str | None, items: Sequence[str]) -> Selection:
    """Check what was asked for against what there is; ``midterm/4a`` also names the assignment. Raises UsageError."""
    named = {item.partition("/")[0] for item in items if "/" in item} | ({assignment} if assignment else set())
    if len(named) > 1:
        raise UsageError(f"one assignment at a time: {', '.join(sorted(named))} were named")
    chosen = next(iter(named), None)
    if chosen is not None and chosen not in course.assignments:
        raise UsageError(f"there is no assignment {chosen!r}; there are: {_names(course)}")
    known = [item.id for a in course.assignments.values() if chosen in (None, a.id) for item in a.items]
    ids = tuple(item.rpartition("/")[2] for item in items)
    for item in ids:
        if item not in known:
            near = difflib.get_close_matches(item, known, n=1)
            where = f"there is no item {item!r} in {chosen or _names(course)}"
            raise UsageError(where + (f"; did you mean {near[0]!r}?" if near else ""))
    return Selection(chosen, ids)


def _names(course: Course) -> str:
    """The assignments there are, for a message."""
    return ", ".join(course.assignments) + ("" if course.assignments else "none that can be read")


def find_sources(paths: Sequence[Path], course: Course) -> list[Source]:
    """What each path is: a submission, one assignment of one, the reference, or a folder that holds submissions."""
    return [source for path in paths for source in _sources(path, course)]


def _sources(path: Path, course: Course) -> Iterator[Source]:
    if not path.exists():
        yield Source("refused", path, f"there is no folder {path}")
        return
    folder = path.parent if path.is_file() else path
    if course.reference is not None and folder.resolve() == course.reference.resolve():
        yield Source("reference", folder)
    elif _is_submission(folder, course):
        yield Source("submission", folder)
    elif folder.resolve().name in course.assignments:
        yield Source("work", folder)
    elif children := [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith(".")]:
        yield from (Source("submission", child) for child in children)
    else:
        expected = ", ".join(course.assignments)
        yield Source("refused", folder, f"{folder} is no submission: expected a folder named {expected} in it")


def _is_submission(folder: Path, course: Course) -> bool:
    known = {name.casefold() for name in course.assignments}
    return any(child.is_dir() and child.name.casefold() in known for child in folder.iterdir())


def grade_source(source: Source, course: Course, selection: Selection) -> SubmissionResult:
    """Read and judge one submission. One that cannot be read comes back as ``refused``."""
    return grade_submission(_submission(source, course, selection), course, selection.items)


def _submission(source: Source, course: Course, selection: Selection) -> Submission:
    if source.kind == "refused":
        return Submission(name=source.folder.name, refused=source.reason)
    assignments = {i: a for i, a in course.assignments.items() if selection.assignment in (None, i)}
    if source.kind == "reference":
        works = tuple(reference_work(course, assignment) for assignment in assignments.values())
        return Submission(name="reference", works=works)
    if source.kind == "work":
        folder = source.folder.resolve()
        return read_submission(folder.parent, assignments, only=folder.name)
    return read_submission(source.folder, assignments, only=selection.assignment)
