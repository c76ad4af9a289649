"""Who is in the course: a small roster (Student, ID, SIS Login ID, Section), or a gradebook exported from Canvas.

A gradebook is kept as it was written, cell by cell with its quotation marks, so that all of it that nobody changes goes
back byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import UsageError

MAX_BYTES = 2**26
BOM = "\ufeff"
NAMES = ("Student", "LastName", "FirstName")
IDENTIFIERS = ("SIS Login ID", "SIS User ID", "ID")  # what tells students apart; the first is tried first
OTHERS = ("Integration ID", "Root Account", "Section")
POSSIBLE = "Points Possible"
EXPECTED = "expected the columns Student and ID, SIS Login ID or SIS User ID, as in a gradebook exported from Canvas"
MAX_FAULTS = 10

_DECIMAL = re.compile(r"\s*-?\d+([.,])\d+\s*")


@dataclass(frozen=True, slots=True)
class Cell:
    """As it stands in the file; ``value`` is what it says."""

    raw: str

    @property
    def value(self) -> str:
        if not self.raw.startswith('"'):
            return self.raw
        inner, _, rest = self.raw[1:].replace('""', "\0").partition('"')
        return inner.replace("\0", '"') + rest.replace("\0", '""')

    def saying(self, value: str, delimiter: str) -> Cell:
        """A cell that says something else, in quotation marks if this one is or where it must."""
        quoted = (
            self.raw.startswith('"') or value != value.strip() or any(char in value for char in f'"\r\n{delimiter}')
        )
        return Cell('"' + value.replace('"', '""') + '"' if quoted else value)


@dataclass(frozen=True, slots=True)
class Row:
    """``end`` is its line break, '' at the end of a file without one. ``line`` counts from 1."""

    cells: tuple[Cell, ...]
    end: str
    line: int

    def value(self, column: int | None) -> str:
        """What a cell says; '' where the row ends before that column (spreadsheets leave out empty cells)."""
        return self.cells[column].value if column is not None and column < len(self.cells) else ""

    def raw(self, delimiter: str) -> str:
        return delimiter.join(cell.raw for cell in self.cells) + self.end


@dataclass(frozen=True, slots=True)
class Student:
    """``row`` is the place of the student's row. What the file does not say is ''."""

    row: int
    line: int
    name: str
    login: str
    user: str
    id: str
    section: str


@dataclass(frozen=True)
class Gradebook:
    """A file of students. ``rows`` are all of it, the first the header; ``columns`` are those that tell of students, by
    name. ``possible`` is the place of the row Points Possible, None in a small roster."""

    path: Path
    rows: tuple[Row, ...]
    delimiter: str = ","
    bom: bool = False
    columns: Mapping[str, int] = field(default_factory=dict)
    possible: int | None = None
    students: tuple[Student, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(cell.value for cell in self.rows[0].cells)

    @property
    def others(self) -> tuple[tuple[int, str], ...]:
        """Places and names of the columns that do not tell who a student is: in a gradebook, assignments and totals."""
        known = set(self.columns.values())
        return tuple((place, name) for place, name in enumerate(self.header) if place not in known)

    @property
    def decimal(self) -> str:
        """The sign in its numbers: a comma where cells are cut at semicolons and no number says otherwise."""
        if self.delimiter == ",":
            return "."
        found = {mark[1] for row in self.rows for cell in row.cells if (mark := _DECIMAL.fullmatch(cell.value))}
        return "," if found == {","} else "."

    def text(self, rows: Sequence[Row] | None = None) -> str:
        """The file, or one with these rows in their place."""
        written = (row.raw(self.delimiter) for row in (self.rows if rows is None else rows))
        return BOM * self.bom + "".join(written)


def read_gradebook(path: Path) -> Gradebook:
    """Read a roster or a gradebook. Raises UsageError that names file, line, what was read and what was expected."""
    text = _decoded(path)
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM)
    if not text.strip():
        raise UsageError(f"{path} is empty: {EXPECTED}")
    delimiter = max(",;", key=lambda char: len(next(_rows(text, char, path)).cells))
    rows = tuple(_rows(text, delimiter, path))
    columns = _columns(rows[0], path)
    _check_lengths(rows, path)
    found = [
        place for place, row in enumerate(rows) if place and row.value(0).strip().casefold() == POSSIBLE.casefold()
    ]
    if len(found) > 1:
        raise UsageError(f"{path}:{rows[found[1]].line}: a second row {POSSIBLE}; expected one, below the header")
    students = tuple(
        _student(place, row, columns) for place, row in enumerate(rows) if _is_student(place, row, found, columns)
    )
    if not students:
        raise UsageError(f"{path}: no students: expected a row for each below the header")
    return Gradebook(path, rows, delimiter, bom, columns, found[0] if found else None, students)


def _decoded(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MiB; expected a CSV file of students")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        read = f"byte {data[error.start]:#04x}"
        raise UsageError(f"{path}:{line}: read {read}, which is not UTF-8; save the file as 'CSV UTF-8'") from None
    if "\0" in text:
        raise UsageError(
            f"{path}:{text[: text.index(chr(0))].count(chr(10)) + 1}: read a zero byte; expected a CSV file"
        )
    return text


def _rows(text: str, delimiter: str, path: Path) -> Iterator[Row]:
    """The rows of a text. A cell that opens with a quotation mark goes on to the one that closes it, over lines."""
    pattern = re.compile(rf'("(?:[^"]|"")*+"[^{delimiter}\r\n]*|[^{delimiter}\r\n]*)({delimiter}|\r\n|\r|\n|\Z)')
    cells: list[Cell] = []
    place, line, start = 0, 1, 1
    while place < len(text) or cells:
        match = pattern.match(text, place)
        assert match is not None
        raw, end = match.groups()
        if raw.startswith('"') and raw.count('"') % 2:
            raise UsageError(f"{path}:{line}: read {raw[:40]}, a quotation mark that is not closed")
        cells.append(Cell(raw))
        line += len(re.findall(r"\r\n|\r|\n", raw))
        place = match.end()
        if end != delimiter:
            yield Row(tuple(cells), end, start)
            cells, line = [], line + 1
            start = line


def _columns(header: Row, path: Path) -> dict[str, int]:
    """The place of every column that tells of students."""
    known = {name.casefold(): name for name in (*NAMES, *IDENTIFIERS, *OTHERS)}
    columns: dict[str, int] = {}
    for place, cell in enumerate(header.cells):
        name = known.get(" ".join(cell.value.split()).casefold())
        if name in columns:
            raise UsageError(f"{path}:{header.line}: two columns are named {name!r}; expected one")
        if name is not None:
            columns[name] = place
    named = "Student" in columns or {"LastName", "FirstName"} <= columns.keys()
    if not named or not columns.keys() & set(IDENTIFIERS):
        found = ", ".join(repr(cell.value[:30]) for cell in header.cells[:8])
        raise UsageError(f"{path}:{header.line}: read the columns {found}; {EXPECTED}")
    return columns


def _check_lengths(rows: Sequence[Row], path: Path) -> None:
    width = len(rows[0].cells)
    long = [row for row in rows if len(row.cells) > width and any(cell.value.strip() for cell in row.cells)]
    if long:
        said = [f"{path}:{row.line}: read {len(row.cells)} cells, expected {width} as in the header" for row in long]
        more = [f"and {len(said) - MAX_FAULTS} rows more"] if len(said) > MAX_FAULTS else []
        raise UsageError("\n".join([*said[:MAX_FAULTS], *more]))


def _is_student(place: int, row: Row, possible: Sequence[int], columns: Mapping[str, int]) -> bool:
    """Not the header, not Points Possible, and with a name or a number: neither an empty line nor what Canvas says of
    hidden marks, in whatever language."""
    told = any(row.value(column).strip() for name, column in columns.items() if name in (*NAMES, *IDENTIFIERS))
    return place > 0 and place not in possible and told


def _student(place: int, row: Row, columns: Mapping[str, int]) -> Student:
    def value(name: str) -> str:
        return row.value(columns.get(name)).strip()

    name = value("Student") or ", ".join(filter(None, (value("LastName"), value("FirstName"))))
    return Student(place, row.line, name, value("SIS Login ID"), value("SIS User ID"), value("ID"), value("Section"))
