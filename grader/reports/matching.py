"""Whose submission it is: the names of submissions beside the students of a roster. Nobody is found by a guess."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from grader.loading.rosters import IDENTIFIERS, Student
from grader.loading.work.archives import stem
from grader.printing import in_one_line
from grader.reports import cells

# smithalice_12345_67890_answers, smithalice_LATE_12345_67890_answers: name, user and file, as Canvas packs submissions
_DOWNLOAD = re.compile(r"(?P<name>.+?)_(?:late_)?(?P<id>\d+)_\d+(?:_.*)?")
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)  # a name that begins with =, as Canvas exports it


class Directory:
    """The students, to be found by what their submissions are called."""

    def __init__(self, students: Sequence[Student]) -> None:
        self.students = {student.row: student for student in students}
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._names: dict[str, set[int]] = defaultdict(set)
        self._twins: dict[int, set[int]] = defaultdict(set)
        for student in students:
            for value in filter(None, identifiers(student)):
                self._ids[_folded(value)].add(student.row)
            self._names[_name_key(person(student))].add(student.row)
        self.doubled = tuple(self._doubled())

    def find(self, submission: str) -> list[Student]:
        """Everyone whom this may be: by SIS Login ID, SIS User ID, ID and name, the archive's ending aside."""
        called = {submission, PurePosixPath(submission).name}
        called |= {stem(name) for name in called}
        found = {row for name in called for row in (*self._ids[_folded(name)], *self._names[_name_key(name)])}
        found = found or {row for name in called for row in self._downloaded(name)}
        found |= {twin for row in found for twin in self._twins[row]}
        return [self.students[row] for row in sorted(found)]

    def _downloaded(self, name: str) -> Iterable[int]:
        """The student with that ID and that name. The number alone may be that of a file, or of somebody who left."""
        match = _DOWNLOAD.fullmatch(_folded(name))
        rows = [row for row in self._ids[match["id"]] if self.students[row].id == match["id"]] if match else []
        return [row for row in rows if match and _letters(match["name"]) in _spellings(person(self.students[row]))]

    def _doubled(self) -> Iterable[str]:
        """Rows of one student, or of two whom the file does not tell apart, by what they share."""
        for place, column in enumerate(IDENTIFIERS):
            rows: dict[str, list[Student]] = defaultdict(list)
            for student in self.students.values():
                if value := identifiers(student)[place]:
                    rows[_folded(value)].append(student)
            for same in filter(lambda same: len(same) > 1, rows.values()):
                for student in same:
                    self._twins[student.row] |= {other.row for other in same}
                lines = " and ".join(str(student.line) for student in same)
                yield f"lines {lines} have the same {column}, {in_one_line(identifiers(same[0])[place])!r}"


def identifiers(student: Student) -> tuple[str, str, str]:
    """In the order of IDENTIFIERS, each '' where it is not known."""
    return cells.plain(student.login), cells.plain(student.user), cells.plain(student.id)


def person(student: Student) -> str:
    """The name, without what keeps it from being a formula."""
    quoted = _QUOTED.fullmatch(student.name)
    return quoted[1] if quoted else cells.plain(student.name)


def called(student: Student) -> str:
    """For people to read: the name, and what tells it from others."""
    known = next(filter(None, identifiers(student)), "")
    return in_one_line(f"{person(student)} ({known})" if known else person(student))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def _name_key(name: str) -> str:
    """``Smith, Alice`` is ``Alice Smith`` is ``alice_smith``."""
    return " ".join(sorted(filter(None, re.split(r"[\s,_]+", _folded(name)))))


def _letters(text: str) -> str:
    return "".join(char for char in _folded(text) if char.isalnum())


def _spellings(name: str) -> tuple[str, str]:
    """A name without blanks, in both orders."""
    last, _, first = name.partition(",")
    return _letters(last + first), _letters(first + last)
