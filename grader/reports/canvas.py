"""Marks as a gradebook that Canvas imports: a column for each assignment, and every other cell as it was.

In a gradebook that was exported from Canvas no cell is touched but those of marks; it is the instructor's own file, and
what it holds goes back as it was read. From a small roster a new file is made, and in that no cell is a formula.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.loading.rosters import POSSIBLE, Cell, Gradebook, Row, Student
from grader.loading.specs.course import Course
from grader.printing import how_many, in_one_line
from grader.reports import cells
from grader.reports.matching import Directory, called, identifiers, person
from grader.result import AssignmentResult, Report, SubmissionResult

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
KEPT = ("ex", "n/a")  # excused, and not assigned: what somebody decided, and no mark

_NUMBERED = re.compile(r"\s*\(\d+\)\s*$")


def render(report: Report, gradebook: Gradebook, course: Course, column: str | None = None) -> tuple[str, list[str]]:
    """The gradebook with the marks in it, and what should be known of them, a sentence each.

    An assignment's column is called like its title or its id, with or without the number that Canvas adds (``Midterm
    (12345)``), or like ``column`` where one assignment was graded. A column that is not there is added. No mark is
    written for anybody by guess, none where the grader is at fault, and none where only some items were graded.
    """
    complaints = list(_not_carried(gradebook))
    table = _Table(gradebook if gradebook.possible is not None else _made(gradebook))
    directory = Directory(table.book.students)
    complaints += directory.doubled
    claims, nobodys = _claims(report.submissions, directory)
    complaints += nobodys
    graded = list(dict.fromkeys(work.id for result in report.submissions for work in result.assignments))
    if column is not None and len(graded) > 1:
        complaints.append(f"{column!r} cannot hold the marks of {' and '.join(graded)}: none is written")
        graded = []
    for assignment in graded:
        names = (course.assignments[assignment].title, assignment) if column is None else (column,)
        complaints += _fill(table, assignment, names, course.assignments[assignment].points, claims)
    return table.text(), complaints


# --- who is who ---


@dataclass(frozen=True, slots=True)
class _Claim:
    """A student, and all submissions that may be theirs."""

    student: Student
    submissions: tuple[SubmissionResult, ...]

    def works(self, assignment: str) -> list[AssignmentResult]:
        return [work for result in self.submissions for work in result.assignments if work.id == assignment]

    def rivals(self, assignment: str) -> list[str]:
        """The submissions that have a claim to the mark. One that could not be read may hold any assignment."""
        found = [r for r in self.submissions if r.refused is not None or assignment in [w.id for w in r.assignments]]
        return [in_one_line(result.submission) for result in found]


def _claims(results: Sequence[SubmissionResult], directory: Directory) -> tuple[list[_Claim], list[str]]:
    """Who claims to be whom, and complaints of submissions that are nobody's, or may be several people's."""
    by_student: dict[int, list[SubmissionResult]] = defaultdict(list)
    complaints = []
    for result in results:
        found, name = directory.find(result.submission), in_one_line(result.submission)
        if not found:
            complaints.append(f"{name}: no student has this SIS Login ID, SIS User ID, ID or name; no mark is written")
        elif len(found) > 1:
            students = " or ".join(f"{called(student)} in line {student.line}" for student in found)
            complaints.append(f"{name}: this may be {students}; no mark is written")
        else:
            by_student[found[0].row].append(result)
            if result.refused is not None:
                complaints.append(f"{name}: it was not graded; no mark is written")
    return [_Claim(directory.students[row], tuple(by_student[row])) for row in sorted(by_student)], complaints


# --- the table ---


class _Table:
    """A gradebook, some cells of which are written anew."""

    def __init__(self, book: Gradebook) -> None:
        self.book = book
        self.names = list(book.header)
        self._rows = [list(row.cells) for row in book.rows]

    def text(self) -> str:
        rows = zip(self._rows, self.book.rows, strict=True)
        return self.book.text([Row(tuple(written), row.end, row.line) for written, row in rows])

    def value(self, row: int, column: int) -> str:
        return self._rows[row][column].value if column < len(self._rows[row]) else ""

    def put(self, row: int, column: int, value: str) -> None:
        self._rows[row] += [Cell("")] * (column + 1 - len(self._rows[row]))
        self._rows[row][column] = self._rows[row][column].saying(value, self.book.delimiter)

    def columns(self, names: Sequence[str]) -> list[int]:
        """The places of columns that are called so, with or without the number that Canvas adds."""
        wanted = {_folded(name) for name in names}
        return [place for place, name in self.book.others if {_folded(name), _folded(_NUMBERED.sub("", name))} & wanted]

    def add(self, name: str, points: float) -> int:
        """The place of a new column, the last."""
        place = len(self.names)
        self.names.append(name)
        for row, cells_ in enumerate(self._rows):
            if any(cell.raw for cell in cells_):  # an empty line stays one
                self.put(row, place, "")
        self.put(0, place, cells.line(name))
        self.put(self.book.possible or 0, place, self.number(points))
        return place

    def number(self, value: float) -> str:
        """A number as this file has them: where a comma is expected, a spreadsheet makes a date of ``1.5``."""
        return cells.number(value).replace(".", self.book.decimal)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(cells.plain(name).split()).casefold())


def _made(roster: Gradebook) -> Gradebook:
    """A gradebook of the students of a roster, in its order; text in it is no formula."""
    with_user = any(student.user for student in roster.students)
    header = [name for name in HEADER if with_user or name != "SIS User ID"]
    rows = [header, [f"    {POSSIBLE}", *[""] * (len(header) - 1)]]
    for student in roster.students:
        login, user, id_ = map(cells.text, identifiers(student))
        section = cells.text(cells.plain(student.section))
        rows.append([cells.text(person(student)), id_, *[user] * with_user, login, section])
    empty = Cell("")
    written = tuple(Row(tuple(empty.saying(v, ",") for v in row), "\n", n + 1) for n, row in enumerate(rows))
    students = tuple(replace(student, row=n + 2) for n, student in enumerate(roster.students))
    columns = {name: place for place, name in enumerate(header)}
    return Gradebook(roster.path, written, columns=columns, possible=1, students=students)


def _not_carried(gradebook: Gradebook) -> Iterator[str]:
    """What of a small roster is not in the file that is made from it, or will not serve Canvas there."""
    if gradebook.possible is not None:
        return
    if names := [repr(in_one_line(name)) for _, name in gradebook.others if name.strip()]:
        said = f"there is no row {POSSIBLE!r}, so that this is a roster and no gradebook"
        yield f"{gradebook.path}: {said}: its columns {', '.join(names)} are not carried over"
    for student in gradebook.students:
        if changed := [value for value in identifiers(student) if cells.text(value) != value]:
            said = f"{in_one_line(changed[0])!r} would be a formula in a spreadsheet and is written with an apostrophe"
            yield f"{gradebook.path}:{student.line}: {said}; Canvas will not know the student by it"


# --- the marks ---


def _fill(
    table: _Table, assignment: str, names: Sequence[str], points: float, claims: Sequence[_Claim]
) -> Iterator[str]:
    """Write one assignment's marks, and say what should be known of them."""
    works = [work for claim in claims for work in claim.works(assignment)]
    if any(work.points != points for work in works):
        yield f"{assignment}: only some of its items were graded, so that there is no mark for it: none is written"
        return
    places = table.columns(names)
    if len(places) > 1:
        found = " and ".join(repr(table.names[place]) for place in places)
        yield f"{assignment}: its marks may belong into {found}: none is written"
        return
    if not places and table.book.others:
        called_ = " or ".join(dict.fromkeys(map(repr, names)))
        yield f"no column is called {called_}: it is added, and Canvas will take it for a new assignment"
    place = places[0] if places else table.add(names[0], points)
    possible = table.value(table.book.possible or 0, place)
    if "read only" in possible.casefold():
        yield f"{assignment}: the column {table.names[place]!r} is read only: no mark is written"
        return
    if not _is_number(possible, points):
        yield f"{table.names[place]!r} is out of {possible or 'nothing'} in Canvas, {assignment} out of {points:g}"
    yield from _write_marks(table, place, assignment, claims)


def _write_marks(table: _Table, place: int, assignment: str, claims: Sequence[_Claim]) -> Iterator[str]:
    marks = [(claim.student, _mark(claim, assignment)) for claim in claims if claim.works(assignment)]
    written = pending = 0
    for student, mark in marks:
        if isinstance(mark, str):
            yield mark
            continue
        old, new = table.value(student.row, place).strip(), table.number(mark.score)
        if old.casefold() in KEPT:
            yield f"{called(student)}: {old} stands in the gradebook and stays; the mark would be {new}"
            continue
        if not _is_number(old, mark.score):
            table.put(student.row, place, new)
            if old:
                yield f"{called(student)}: {in_one_line(old)} is replaced by {new}"
        written += 1
        pending += mark.pending > 0
    yield from _summary(assignment, table.names[place], written, pending, len(table.book.students) - len(marks))


def _mark(claim: _Claim, assignment: str) -> AssignmentResult | str:
    """What holds the mark, or why there is none."""
    rivals, (work, *_) = claim.rivals(assignment), claim.works(assignment)
    if len(rivals) > 1:
        return f"{called(claim.student)}: {' and '.join(rivals)} are both this student's; no mark is written"
    if broken := [item.id for item in work.items if item.status == "error"]:
        return f"{rivals[0]}: the grader or its key is at fault in {', '.join(broken)}; no mark is written"
    if work.unreadable and work.pending:
        said = in_one_line(work.unreadable[0])
        return f"{rivals[0]}: part of it could not be read, and may hold more ({said}); no mark is written"
    return work


def _is_number(cell: str, value: float) -> bool:
    """Whether a cell says this number, to the two decimals that Canvas shows."""
    try:
        return abs(float(cell.strip().replace(",", ".")) - value) < 0.005
    except ValueError:
        return False


def _summary(assignment: str, column: str, written: int, pending: int, missing: int) -> Iterator[str]:
    yield f"{assignment}: {how_many(written, 'mark')} in the column {in_one_line(column)!r}"
    if pending:
        have, their = ("has", "its mark is") if pending == 1 else ("have", "their marks are")
        yield f"{assignment}: {how_many(pending, 'submission')} {have} points pending: {their} what is certain so far"
    if missing:
        have, their = ("has", "the cell stays") if missing == 1 else ("have", "their cells stay")
        yield f"{assignment}: {how_many(missing, 'student')} {have} no submission: {their} as before"
