"""Rosters and gradebooks: read as a spreadsheet reads them, kept as they were written."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.loading.rosters import Gradebook, read_gradebook

# As Canvas exports it: hidden marks above Points Possible, blanks before that, totals that are read only.
EXPORT = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Midterm Exam (118),Essay (119),Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,95.00,10.00,(read only)\n"
    '"Smith, Alice",1001,s-1,alice,DGM 01,71.50,EX,82.1\n'
    '"Ng, Bo",1002,s-2,bo,"DGM 01, DGM 02",,incomplete,"12,5%"\n'
    '"=""=1+1, Eve""",1003,s-3,eve,DGM 01,N/A,B-,\n'
    '"Student, Test",1004,,,DGM 01,,,\n'
)


def read(folder: Path, text: str | bytes, name: str = "roster.csv") -> Gradebook:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_gradebook(folder / name)


def fault(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as found:
        read(folder, text)
    return str(found.value).replace(str(folder), "")


def test_an_export_of_canvas(tmp_path: Path) -> None:
    book = read(tmp_path, EXPORT)
    assert [(s.name, s.id, s.user, s.login, s.line) for s in book.students] == [
        ("Smith, Alice", "1001", "s-1", "alice", 4),
        ("Ng, Bo", "1002", "s-2", "bo", 5),
        ('="=1+1, Eve"', "1003", "s-3", "eve", 6),
        ("Student, Test", "1004", "", "", 7),
    ]
    assert book.possible == 2
    assert book.others == ((5, "Midterm Exam (118)"), (6, "Essay (119)"), (7, "Final Score"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_every_byte_is_kept(tmp_path: Path, end: str, bom: str, delimiter: str) -> None:
    """Of quotation marks that nobody needs, breaks within cells, empty lines and a missing last line break, too."""
    lines = [
        'Student|"ID"|SIS Login ID|Section|"Mid ""term"""',
        "    Points Possible||||95",
        '"Ø, ""A"""|1|al|"S 1"|"71.5"',
        "",
        f'"two{end}lines"|"2"|bo||',
        "short|3",
    ]
    text = bom + end.join(lines).replace("|", delimiter)
    book = read(tmp_path, text)
    assert book.text() == text
    assert [student.name for student in book.students] == ['Ø, "A"', f"two{end}lines", "short"]
    assert [student.line for student in book.students] == [3, 5, 7]
    assert book.header[-1] == 'Mid "term"'


CELLS = st.text(alphabet="ab\"=,; \r\n\t'é", max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4), st.sampled_from([1, 0]))
def test_cells_say_what_the_csv_module_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list, quoting: int
) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows([["Student", "ID", "Section"], ["x", "y", "z"], *rows])
    book = read(tmp_path_factory.mktemp("rosters"), out.getvalue())
    assert book.text() == out.getvalue()
    assert [[cell.value for cell in row.cells] for row in book.rows[2:]] == rows


def test_columns_in_any_order_and_names_in_two(tmp_path: Path) -> None:
    (student,) = read(tmp_path, "SIS Login ID,firstname,LastName\nalice, Alice ,Smith\n").students
    assert (student.name, student.login, student.id) == ("Smith, Alice", "alice", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "/roster.csv is empty: expected the columns Student and"),
        ("Name,Mark\nA,1\n", "/roster.csv:1: read the columns 'Name', 'Mark'; expected the columns Student and"),
        ("Student,Section\nA,1\n", "/roster.csv:1: read the columns 'Student', 'Section'; expected"),
        ("Student,ID,ID\nA,1,2\n", "/roster.csv:1: two columns are named 'ID'; expected one"),
        ("Student,ID\n", "no students: expected a row for each below the header"),
        ("Student,ID\nA,1\nSmith, Bo,2\n", "/roster.csv:3: read 3 cells, expected 2 as in the header"),
        ('Student,ID\nA,1\n"Bo,2\nC,3\n', '/roster.csv:3: read "Bo, a quotation mark that is not closed'),
        ("Student,ID\nPoints Possible,\nA,1\nPoints Possible,\n", "/roster.csv:4: a second row Points Possible"),
        (b"Student,ID\nA,1\nJ\xf6rg,2\n", "/roster.csv:3: read byte 0xf6, which is not UTF-8"),
        (b"Student,ID\nA,1\nB\x00,2\n", "/roster.csv:3: read a zero byte"),
        (
            "Student,ID\n" + "a,b,c\n" * 30,
            "/roster.csv:11: read 3 cells, expected 2 as in the header\nand 20 rows more",
        ),
    ],
)
def test_faults_name_file_and_line(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert expected in fault(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_gradebook(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_gradebook(tmp_path)


def test_a_quotation_mark_that_is_never_closed_is_found_at_once(tmp_path: Path) -> None:
    assert "not closed" in fault(tmp_path, "Student,ID\n" + '"' + '""a,' * 100_000)
