"""Marks in a gradebook: nothing else in it changes, nobody gets another's mark, and nothing is dropped unsaid."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.rosters import Gradebook, read_gradebook
from grader.reports.canvas import render
from grader.reports.matching import Directory, person
from grader.result import SubmissionResult
from tests.reports.given import COURSE, field, item, marked, report, work

# Marks of every type; odd quotation marks; names with commas, quotes, breaks, other scripts; one that Canvas defused.
EXPORT = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,"Midterm Exam (118)",Essay (119),Final Score\r\n'
    ",,,,,Manual Posting,,\r\n"
    '"    Points Possible",,,,,95.00,10.00,(read only)\r\n'
    '"Smith, Alice",1001,s-1,alice,DGM 01,,EX,82.1\r\n'
    '"Ng, ""Bo""",1002,"s-2",bo,"DGM 01, DGM 02","60",incomplete,"12,5%"\r\n'
    '"=""=1+1, Eve""",1003,s-3,eve,=2+2,N/A,B-,\r\n'
    '"Müller,\nJörg",1004,s-4,joerg,DGM 01,ex,0,\r\n'
    "佐藤 花子,1005,s-5,hanako@example.org,DGM 01,71.50,-1,@x\r\n"
    '"Student, Test",1006,,,DGM 01,,,\r\n'
)
ROSTER = (
    "Student,ID,SIS Login ID,Section\n"
    '"Smith, Alice",1001,alice,DGM 01\n'
    '"=HYPERLINK(""http://x""), Eve",1003,eve,@DGM\n'
    '"O\'Neil, Zoë",1007,zoe,DGM 02\n'
)


def book(folder: Path, text: str) -> Gradebook:
    (folder / "gradebook.csv").write_bytes(text.encode())
    return read_gradebook(folder / "gradebook.csv")


def filled(folder: Path, text: str, *results: SubmissionResult, **more: Any) -> tuple[str, str]:
    """The gradebook with the marks of these submissions, and all complaints."""
    written, complaints = render(report(*results), book(folder, text), COURSE, **more)
    return written, "\n".join(complaints)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def column(text: str, name: str) -> dict[str, str]:
    """A column by the students' logins."""
    header, *others = rows(text)
    return {row[header.index("SIS Login ID")]: row[header.index(name)] for row in others}


# --- an existing gradebook ---


def test_a_mark_goes_in_and_nothing_else_changes(tmp_path: Path) -> None:
    written, said = filled(tmp_path, EXPORT, marked("alice", 71.5))
    assert written == EXPORT.replace("alice,DGM 01,,EX", "alice,DGM 01,71.5,EX")
    assert said == (
        "midterm: 1 mark in the column 'Midterm Exam (118)'\n"
        "midterm: 5 students have no submission: their cells stay as before"
    )


def test_without_submissions_every_byte_is_the_same(tmp_path: Path) -> None:
    assert filled(tmp_path, EXPORT)[0] == EXPORT


def test_a_mark_that_is_replaced_is_told(tmp_path: Path) -> None:
    written, said = filled(tmp_path, EXPORT, marked("bo", 71.25))
    assert written == EXPORT.replace('"60"', '"71.25"')
    assert 'Ng, "Bo" (bo): 60 is replaced by 71.25' in said


@pytest.mark.parametrize(("cell", "score"), [("71.50", 71.5), ("71,5", 71.5), ("71.5", 71.504)])
def test_the_same_mark_is_left_as_it_is_written(tmp_path: Path, cell: str, score: float) -> None:
    text = EXPORT.replace(",71.50,-1", f',"{cell}",-1')
    written, said = filled(tmp_path, text, marked("hanako@example.org", score))
    assert written == text
    assert "replaced" not in said


@pytest.mark.parametrize(("login", "cell"), [("eve", "N/A"), ("joerg", "ex")])
def test_excused_and_not_assigned_stay(tmp_path: Path, login: str, cell: str) -> None:
    written, said = filled(tmp_path, EXPORT, marked(login, 50.0))
    assert written == EXPORT
    assert f"{cell} stands in the gradebook and stays; the mark would be 50" in said


@pytest.mark.parametrize("name", ["Midterm Exam", "midterm  exam (7)", "midterm", "MIDTERM (118)"])
def test_a_column_by_title_or_id(tmp_path: Path, name: str) -> None:
    written, _ = filled(tmp_path, EXPORT.replace("Midterm Exam (118)", name), marked("alice", 3.0))
    assert column(written, name)["alice"] == "3"


def test_a_column_that_is_named(tmp_path: Path) -> None:
    written, said = filled(tmp_path, EXPORT, marked("joerg", 9.5), column="essay")
    assert written == EXPORT.replace("ex,0,", "ex,9.5,")
    assert "0 is replaced by 9.5" in said
    assert "'Essay (119)' is out of 10.00 in Canvas, midterm out of 95" in said


def test_a_new_column(tmp_path: Path) -> None:
    written, said = filled(tmp_path, EXPORT, marked("alice", 12.0, id="ps1"), marked("bo", 0.0, id="ps1"))
    table = rows(written)
    assert [row[:8] for row in table] == rows(EXPORT)
    assert [row[8] for row in table] == ["Problem set 1", "", "100", "12", "0", "", "", "", ""]
    assert "no column is called 'Problem set 1' or 'ps1': it is added" in said


def test_a_new_column_leaves_empty_lines_empty(tmp_path: Path) -> None:
    text = "Student,ID,SIS Login ID,Section,Essay\nPoints Possible,,,,95\n\nA,1,a,S,\n"
    written, _ = filled(tmp_path, text, marked("a", 5.0))
    assert written.splitlines()[1:] == ["Points Possible,,,,95,95", "", "A,1,a,S,,5"]


def test_two_assignments_into_two_columns(tmp_path: Path) -> None:
    works = (*marked("", 1.0).assignments, *marked("", 2.0, id="ps1").assignments)
    both = SubmissionResult(submission="bo", assignments=works)
    written, _ = filled(tmp_path, EXPORT.replace("Essay", "ps1"), both)
    assert (column(written, "Midterm Exam (118)")["bo"], column(written, "ps1 (119)")["bo"]) == ("1", "2")
    same, said = filled(tmp_path, EXPORT, both, column="Essay")
    assert (same, "'Essay' cannot hold the marks of midterm and ps1: none is written" in said) == (EXPORT, True)


def test_columns_that_cannot_take_it(tmp_path: Path) -> None:
    twice = EXPORT.replace("Essay (119)", "Midterm Exam (119)")
    same, said = filled(tmp_path, twice, marked("alice", 3.0))
    assert (same, "'Midterm Exam (118)' and 'Midterm Exam (119)': none is written" in said) == (twice, True)
    same, said = filled(tmp_path, EXPORT, marked("alice", 3.0), column="Final Score")
    assert (same, "is read only: no mark is written" in said) == (EXPORT, True)


def test_some_items_make_no_mark(tmp_path: Path) -> None:
    part = SubmissionResult(submission="alice", assignments=(work(item(field()), points=2.0),))
    same, said = filled(tmp_path, EXPORT, part)
    assert (same, "only some of its items were graded" in said) == (EXPORT, True)


def test_a_short_row_and_another_separator(tmp_path: Path) -> None:
    text = "Student;ID;SIS Login ID;Section;midterm\nPoints Possible;;;;95\nA;1;a\n\nB;2;b;S;7,5\n"
    written, _ = filled(tmp_path, text, marked("a", 71.5), marked("b", 8.0))
    assert written == text.replace("A;1;a", "A;1;a;;71,5").replace("7,5", "8")
    dotted = text.replace("7,5", "7.5")
    assert filled(tmp_path, dotted, marked("a", 71.5))[0] == dotted.replace("A;1;a", "A;1;a;;71.5")


@pytest.mark.parametrize(
    "note", [",,Manual Posting,", "    ,,Manuelle Veröffentlichung,(read only)", '"",,Muted,', ",,,"]
)
def test_what_canvas_says_of_hidden_marks_is_no_student(tmp_path: Path, note: str) -> None:
    head, possible = "Student,ID,midterm,Final Score\n", "    Points Possible,,95,(read only)\n"
    for lines in (f"{note}\n{possible}", f"{possible}{note}\n"):
        text = f'{head}{lines}"Points Possible, Paul",1,,9\n'
        written, complaints = filled(tmp_path, text, marked("1", 71.5))
        assert written == text.replace("1,,9", "1,71.5,9")
        assert complaints == "midterm: 1 mark in the column 'midterm'"


# --- whose it is ---


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("alice", "alice"), ("ALICE", "alice"), ("s-1", "alice"), ("1001", "alice"), ("class/alice.zip", "alice"),
        ("Alice Smith", "alice"), ("smith, alice", "alice"), ("Smith_Alice", "alice"), ("alice_smith.tar.gz", "alice"),
        ("Jo\u0308rg Mu\u0308ller", "joerg"), ("hanako@example.org", "hanako@example.org"),
        ("花子 佐藤", "hanako@example.org"),
        ("Eve =1+1", "eve"),
        ("smithalice_1001_67890_answers", "alice"), ("smithalice_LATE_1001_67890_answers", "alice"),
        ("müllerjörg_1004_1001_hw", "joerg"),
    ],
)  # fmt: skip
def test_submissions_are_matched(tmp_path: Path, name: str, student: str) -> None:
    (found,) = Directory(book(tmp_path, EXPORT).students).find(name)
    assert found.login == student


@pytest.mark.parametrize(
    "name",
    ["mallory", "", "alic", "Smith", "1", "100", "answers_1001",
     "ngbo_1001_67890_x", "smithalice_9_1001_x", "1001_1002",
     "smithalice_1006_1_x", "reference"],
)  # fmt: skip
def test_nobody_is_matched_by_a_guess(tmp_path: Path, name: str) -> None:
    assert Directory(book(tmp_path, EXPORT).students).find(name) == []
    written, said = filled(tmp_path, EXPORT, marked(name, 3.0))
    assert written == EXPORT
    assert f"{name}: no student has this SIS Login ID, SIS User ID, ID or name; no mark is written" in said


def test_only_the_id_counts_in_what_canvas_calls_a_download(tmp_path: Path) -> None:
    students = book(tmp_path, EXPORT.replace("s-1", "2002")).students
    assert Directory(students).find("smithalice_2002_67890_answers") == []
    assert Directory(students).find("smithalice_1001_67890_answers") != []


def test_two_submissions_of_one_student(tmp_path: Path) -> None:
    written, said = filled(tmp_path, EXPORT, marked("alice", 3.0), marked("Alice Smith", 90.0), marked("bo", 5.0))
    assert written == EXPORT.replace('"60"', '"5"')
    assert "Smith, Alice (alice): alice and Alice Smith are both this student's; no mark is written" in said
    refused = SubmissionResult(submission="1001", refused="it cannot be read")
    assert filled(tmp_path, EXPORT, marked("alice", 3.0), refused)[0] == EXPORT


def test_one_submission_of_two_students(tmp_path: Path) -> None:
    """One's login is the other's number, or they have the same name."""
    mixed = EXPORT.replace(",bo,", ",1001,")
    written, said = filled(tmp_path, mixed, marked("1001", 3.0))
    assert (written, '1001: this may be Smith, Alice (alice) in line 4 or Ng, "Bo" (1001) in line 5' in said) == (
        mixed,
        True,
    )
    login = EXPORT.replace(",bo,", ",Smith_Alice,")
    assert "Smith_Alice: this may be Smith, Alice (alice)" in filled(tmp_path, login, marked("Smith_Alice", 3.0))[1]
    same = EXPORT.replace("佐藤 花子", "alice smith")
    assert filled(tmp_path, same, marked("Smith, Alice", 3.0))[0] == same
    assert column(filled(tmp_path, same, marked("alice", 3.0))[0], "Midterm Exam (118)")["alice"] == "3"


def test_a_student_who_is_listed_twice(tmp_path: Path) -> None:
    twice = EXPORT.replace('"s-2",bo', '"s-2",Alice')
    written, said = filled(tmp_path, twice, marked("1001", 3.0))
    assert written == twice
    assert "lines 4 and 5 have the same SIS Login ID, 'alice'" in said


# --- no mark made of a fault ---


def test_what_could_be_read_in_part_makes_no_mark_while_points_are_open(tmp_path: Path) -> None:
    """A file that stops in the middle may hold all that seems blank."""
    half = marked("alice", 0.0, 95.0, "malformed")
    half = half.model_copy(
        update={"assignments": (half.assignments[0].model_copy(update={"unreadable": ("answers.yaml:2: a tab",)}),)}
    )
    written, said = filled(tmp_path, EXPORT, half)
    assert written == EXPORT
    assert "alice: part of it could not be read, and may hold more (answers.yaml:2: a tab); no mark is written" in said


def test_errors_and_refusals_make_no_mark(tmp_path: Path) -> None:
    error = marked("alice", 40.0, 2.0, "error")
    refused = SubmissionResult(submission="bo", refused="it cannot be read")
    written, said = filled(tmp_path, EXPORT, error, refused)
    assert written == EXPORT
    assert "alice: the grader or its key is at fault in 4a; no mark is written" in said
    assert "bo: it was not graded; no mark is written" in said


def test_pending_points_are_told(tmp_path: Path) -> None:
    results = marked("alice", 40.0, 2.0, "review"), marked("bo", 60.0, 1.0), marked("hanako@example.org", 71.5)
    written, said = filled(tmp_path, EXPORT, *results)
    assert written == EXPORT.replace("alice,DGM 01,,EX", "alice,DGM 01,40,EX")
    assert "midterm: 2 submissions have points pending: their marks are what is certain so far" in said


def test_complaints_do_not_drive_a_terminal(tmp_path: Path) -> None:
    said = filled(tmp_path, EXPORT, marked("x\x1b[31m\ny", 3.0))[1]
    assert "\x1b" not in said
    assert "x y: no student" in said


# --- from a small roster ---


def test_a_gradebook_made_from_a_roster(tmp_path: Path) -> None:
    written, said = filled(tmp_path, ROSTER, marked("zoe", 71.5))
    assert rows(written) == [
        ["Student", "ID", "SIS Login ID", "Section", "Midterm Exam"],
        ["    Points Possible", "", "", "", "95"],
        ["Smith, Alice", "1001", "alice", "DGM 01", ""],
        ['\'=HYPERLINK("http://x"), Eve', "1003", "eve", "'@DGM", ""],
        ["O'Neil, Zoë", "1007", "zoe", "DGM 02", "71.5"],
    ]
    assert said.startswith("midterm: 1 mark in the column 'Midterm Exam'")


def test_what_of_a_roster_does_not_reach_canvas_is_told(tmp_path: Path) -> None:
    text = ROSTER.replace("Section", "Section,E-mail", 1).replace(",alice,", ",@alice,")
    written, said = filled(tmp_path, text, marked("@alice", 5.0))
    assert "E-mail" not in written
    assert "its columns 'E-mail' are not carried over" in said
    assert "gradebook.csv:2: '@alice' would be a formula" in said
    assert column(written, "Midterm Exam")["'@alice"] == "5"


NAMES = st.text(alphabet=st.sampled_from("ab É,;=+-@＝'\"\n\t佐\u200d"), min_size=1, max_size=8).filter(str.strip)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_names_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    """Roster to gradebook, and that gradebook filled in again: the same names, and no formula."""
    folder = tmp_path_factory.mktemp("canvas")
    out = io.StringIO()
    lines = [[name, str(number), f"u{number}", ""] for number, name in enumerate(names)]
    csv.writer(out).writerows([["Student", "ID", "SIS Login ID", "Section"], *lines])
    roster = book(folder, out.getvalue())
    made, _ = render(report(marked("u0", 1.0)), roster, COURSE)
    again = book(folder, made)
    assert [person(student) for student in again.students] == [person(student) for student in roster.students]
    assert all(row[0][0] not in "=+-@＝\t\n" for row in rows(made))
    refilled, _ = render(report(marked("u0", 2.0)), again, COURSE)
    assert [row[:4] for row in rows(refilled)] == [row[:4] for row in rows(made)]


MARKS = st.sampled_from(["71.5", "0", "EX", "incomplete", "82%", "B+", "", "-1", "=1", "N/A", '"7"', "a,b", "x\ny"])


@given(st.lists(st.lists(MARKS, min_size=3, max_size=3), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_other_columns_come_back(tmp_path_factory: pytest.TempPathFactory, marks: list[list[str]], end: str) -> None:
    out = io.StringIO()
    header = ["Student", "ID", "SIS Login ID", "Section", "Quiz", "Midterm Exam (1)", "Total"]
    people = [[f"S{n}", str(n), f"u{n}", "", *row] for n, row in enumerate(marks)]
    csv.writer(out, lineterminator=end).writerows([header, ["Points Possible", *[""] * 4, "95", ""], *people])
    before = book(tmp_path_factory.mktemp("canvas"), out.getvalue())
    after, _ = render(report(*(marked(f"u{n}", 33.0) for n in range(len(marks)))), before, COURSE)
    kept = {"EX", "N/A"}
    expected = [[*row[:5], row[5] if row[5] in kept else "33", row[6]] for row in people]
    assert rows(after)[2:] == expected
