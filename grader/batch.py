"""From paths to submissions, and from submissions to results, one at a time."""

from __future__ import annotations

import contextlib
import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from grader.errors import UsageError
from grader.grading import grade_submission
from grader.harness.lab import Lab
from grader.loading.specs.course import Course, reference_work
from grader.loading.work.answers import read_submission
from grader.loading.work.archives import is_archive, is_packed, looks_like_archive, stem
from grader.loading.work.code import PACKAGE
from grader.loading.work.readers import greatest_size
from grader.result import SubmissionResult
from grader.scalars import nearest
from grader.submission import Submission

MOST_NAMED, MOST_TRIED = 5, 500  # submissions in a message; folders looked into for the one that is one's own


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or archive to grade.

    ``only`` names an assignment where the path was that of one, ``reason`` says why it is refused, ``name`` is what the
    submission is called where that is not what the file is called.
    """

    kind: Literal["submission", "reference", "refused"]
    folder: Path
    only: str | None = None
    reason: str = ""
    name: str = ""


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
        near = nearest(assignment, course.assignments)
        raise UsageError(f"there is no assignment {assignment!r}{near}; there are: {_names(course)}")
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
    return _told_apart(list(found.values()))


def _told_apart(sources: list[Source]) -> list[Source]:
    """Where ``alice.zip`` lies beside ``alice``, both are graded: the archive keeps its whole name. Two of one name in
    different folders are called as their paths are written."""
    count = Counter(_called(source) for source in sources)
    named = [
        replace(source, name=source.folder.name)
        if source.name == stem(source.folder.name) != source.folder.name and count[_called(source)] > 1
        else source
        for source in sources
    ]
    count = Counter(called for called, _ in {(_called(source), source.folder.resolve()) for source in named})
    return [replace(source, name=str(source.folder)) if count[_called(source)] > 1 else source for source in named]


def _called(source: Source) -> str:
    return unicodedata.normalize("NFC", source.name or source.folder.resolve().name).casefold()


def _sources(path: Path, course: Course) -> Iterator[Source]:
    try:
        yield from _sources_of_file(path, course) if path.is_file() else _sources_in(path, course)
    except OSError as error:
        yield Source("refused", path, reason=f"{path} cannot be read: {error.strerror}")


def _sources_of_file(path: Path, course: Course) -> Iterator[Source]:
    """A file that somebody named: an archive, or one that stands for the folder it lies in."""
    if is_archive(path.name):
        yield _packed(path, course)
    elif path.stem.casefold() == "answers" or path.suffix == ".py":
        yield from _sources_in(path.parent, course)
    elif is_packed(path.resolve()):
        yield _packed(path, course)
    else:
        yield Source(
            "refused",
            path,
            reason=f"{path} is a file: expected a folder, a zip or tar archive, or answers.yaml (.md, .ipynb, .tex)",
        )


def _packed(path: Path, course: Course, only: str | None = None) -> Source:
    """An archive: a submission, or one assignment of it where it is called like that, as ``alice/midterm.zip``."""
    name = stem(path.name)
    if only is None and name in course.names:
        return Source("submission", _target(path), only=name, name=path.absolute().parent.name)
    return Source("submission", _target(path), only=only, name=name)


def _target(path: Path) -> Path:
    """Where a link leads that somebody named on purpose. What is found in folders is not followed."""
    return path.resolve() if path.is_symlink() else path


def _sources_in(folder: Path, course: Course) -> Iterator[Source]:
    if not folder.exists():
        yield Source("refused", folder, reason=f"there is no folder {folder}")
        return
    whole = folder.resolve()
    if course.reference is not None and course.reference.resolve() in (whole, whole.parent):
        yield Source("reference", folder, only=whole.name if whole.name in course.assignments else None)
    elif _is_submission(folder, course):
        yield Source("submission", _target(folder), name=folder.name if folder.is_symlink() else whole.name)
    elif whole.name in course.names and not _is_class(folder):
        yield Source("submission", whole.parent, only=whole.name)
    elif children := [child for child in sorted(folder.iterdir()) if _may_be_submission(child, course)]:
        only = whole.name if whole.name in course.names else None
        yield from (_child(child, course, only) for child in children)
    else:
        yield Source("refused", folder, reason=f"expected a folder named {' or '.join(course.names)} in it")


def _is_submission(folder: Path, course: Course) -> bool:
    known = {name.casefold() for name in course.names}
    return any(child.is_dir() and child.name.casefold() in known for child in folder.iterdir())


def _is_class(folder: Path) -> bool:
    """Whether a folder that is named like an assignment holds everybody's archives, and not somebody's answers."""
    names = [child.name for child in folder.iterdir()]
    return any(map(is_archive, names)) and all(greatest_size(name) is None and name != PACKAGE for name in names)


def _may_be_submission(child: Path, course: Course) -> bool:
    if child.resolve() in (course.problems.resolve(), course.reference and course.reference.resolve()):
        return False
    return not child.name.startswith(".") and (child.is_dir() or looks_like_archive(child.name))


def _child(child: Path, course: Course, only: str | None) -> Source:
    """A folder or an archive among others; ``only`` where they lie in a folder that is named like an assignment."""
    if child.is_symlink():
        return Source("refused", child, reason="it is a link, and not followed; name the folder or archive itself")
    if child.is_dir():
        return Source("submission", child, only=only)
    if is_archive(child.name):
        return _packed(child, course, only)
    return Source("refused", child, reason="archives of this kind are not read; pack it as a zip or a tar")


def grade_source(source: Source, course: Course, selection: Selection, lab: Lab | None = None) -> SubmissionResult:
    """Read and judge one submission. One that cannot be read comes back as ``refused``."""
    return grade_submission(read_source(source, course, selection), course, selection.items, lab)


def read_source(source: Source, course: Course, selection: Selection) -> Submission:
    """What was handed in there, of what is selected. One that cannot be read comes back as ``refused``."""
    name = source.name or source.folder.name
    if source.kind == "refused":
        return Submission(name=name, refused=source.reason)
    if source.only in course.broken or not course.assignments:
        return Submission(name=name, refused=f"{' and '.join(course.broken)} cannot be graded: its files are wrong")
    if source.only is not None and source.only not in selection.assignments:
        return Submission(name=name, refused=f"this is {source.only}, which was not asked for")
    chosen = {i: a for i, a in course.assignments.items() if i in selection.assignments and source.only in (None, i)}
    if source.kind == "reference":
        works = tuple(reference_work(course, assignment) for assignment in chosen.values())
        return Submission(name="reference", works=works)
    return read_submission(source.folder, chosen, names=course.names, name=source.name)


def read_code(source: Source, course: Course, selection: Selection, digest: str | None) -> dict[tuple[str, str], str]:
    """The Python files that were handed in, by assignment and name; none where they are no longer those of ``digest``,
    which the result has."""
    submission = read_source(source, course, selection)
    if submission.digest != digest:
        return {}
    return {(work.assignment, name): text for work in submission.works for name, text in work.code.items()}


# --- one's own work, for a self-check -------------------------------------------------------------------------------


def read_own(path: Path, course: Course, selection: Selection) -> Submission:
    """The one submission that ``path`` is or holds, at most two folders down. ``reference/`` is never looked into, nor
    are problems taken for work. Raises UsageError where there is none, or several."""
    closed = _closed(course)
    if any(folder in (path.resolve(), *path.resolve().parents) for folder in closed):
        raise UsageError(f"{path} is no submission: it belongs to the course; a self-check reads a student's work")
    sources = _open_sources(path, course, closed)
    found = _readable(sources, course, selection)
    if not found:
        deeper = [
            inside
            for s in sources
            if not s.only and s.folder.is_dir()
            for inside in _open_sources(s.folder, course, closed)
        ]
        found = _readable(deeper, course, selection)
    if len(found) > 1:
        names = ", ".join(submission.name for _, submission in found[:MOST_NAMED])
        more = ", ..." if len(found) > MOST_NAMED else ""
        example = found[0][0].folder
        raise UsageError(f"{path} holds {len(found)} submissions ({names}{more}); name yours, such as {example}")
    if found:
        return found[0][1]
    if len(sources) == 1:
        raise UsageError(f"{path}: nothing to check: {read_source(sources[0], course, selection).refused}")
    raise UsageError(f"{path}: nothing to check: expected a folder named {' or '.join(course.names)} in it")


def _closed(course: Course) -> list[Path]:
    """Folders of the course that are nobody's work."""
    problems = course.problems.resolve()
    return [problems, problems.parent / "reference"]


def _open_sources(path: Path, course: Course, closed: Sequence[Path]) -> list[Source]:
    """Also a folder that only holds answers: it may be that of the one assignment there is."""
    with contextlib.suppress(OSError):  # which ``find_sources`` tells of
        named = path.resolve().name in course.names
        if path.is_dir() and not named and not _is_submission(path, course) and _holds_answers(path):
            return [Source("submission", path, name=path.resolve().name)]
    return [source for source in find_sources((path,), course) if source.folder.resolve() not in closed]


def _holds_answers(folder: Path) -> bool:
    return any(child.stem.casefold() == "answers" and greatest_size(child.name) for child in folder.iterdir())


def _readable(sources: Sequence[Source], course: Course, selection: Selection) -> list[tuple[Source, Submission]]:
    read = [(source, read_source(source, course, selection)) for source in sources[:MOST_TRIED]]
    return [(source, submission) for source, submission in read if submission.refused is None]
