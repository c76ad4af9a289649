"""The report on the terminal: what stands there, at any width, with and without colour."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.batch import Source, grade_source, select
from grader.checkers.code import PRINTED
from grader.printing import in_one_line
from grader.reports.terminal import print_class, print_submission
from grader.result import AssignmentResult, Feedback, FieldResult, ItemResult, Report, Status, SubmissionResult
from tests.course import ROOT, real_course
from tests.reports import given


def shown(result: SubmissionResult, width: int = 80, **more: object) -> str:
    out = io.StringIO()
    print_submission(result, real_course().assignments, Console(file=out, width=width, **more))  # type: ignore[arg-type]
    return out.getvalue()


@pytest.fixture(scope="module")
def carol() -> SubmissionResult:
    return grade_source(
        Source("submission", ROOT / "submissions" / "carol"), real_course(), select(real_course(), None, [])
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(carol: SubmissionResult, width: int) -> None:
    assert max(map(len, shown(carol, width).splitlines())) <= width


def test_every_item_has_a_line_with_mark_and_symbol(carol: SubmissionResult) -> None:
    lines = shown(carol).splitlines()
    for assignment in carol.assignments:
        for item in assignment.items:
            assert any(f" {item.id} " in line and "/" in line for line in lines), item.id
    text = "\n".join(lines)
    for part in (
        "✓ 4d",
        "✗ 5b",
        "! 4a",
        "– 3e",
        "? 1b",
        "certain so far",
        "pending review",
        "3 ✗ &=",
        "left side",
    ):
        assert part in text, part


def test_colour_only_where_there_is_a_terminal(carol: SubmissionResult) -> None:
    assert "\x1b" not in shown(carol)
    assert "\x1b[" in shown(carol, force_terminal=True, color_system="standard")
    plain = shown(carol, force_terminal=True, color_system="standard", no_color=True)
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7])m", plain)


def test_symbols_have_plain_stand_ins(carol: SubmissionResult) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii", errors="replace")
    print_submission(carol, real_course().assignments, Console(file=out, width=80))
    out.flush()
    assert "  + 4d" in raw.getvalue().decode("ascii")


def test_a_class_names_what_was_not_graded(carol: SubmissionResult) -> None:
    out = io.StringIO()
    refused = SubmissionResult(submission="eve", refused="no folder midterm")
    print_class(Report(submissions=(carol, refused)), Console(file=out, width=80))
    assert "carol" in out.getvalue()
    assert "7 malformed" in out.getvalue()
    assert "not graded: no folder midterm" in out.getvalue()


HOSTILE = "[bold red]a[/] [link=file:///x]b[/link] :smile: \x1b[31mc\x1b[0m \u202ed\u200b\x9b2Je [/nothing]"


def hostile(status: Status = "incorrect") -> SubmissionResult:
    """Everything that a student's process or files may have said is hostile."""
    said = (Feedback(text=HOSTILE), Feedback(audience="staff", text=HOSTILE), Feedback(text=PRINTED + HOSTILE))
    found = FieldResult(
        name="answer", kind="code", points=6, score=0, pending=0, status=status, response="likelihood.py", read_as=None,
        feedback=said, evidence={"tests": [], "output": HOSTILE * 20},
    )  # fmt: skip
    item = ItemResult(id="6.4", points=6, score=0, pending=0, status=status, fields=(found,))
    graded = AssignmentResult(id="ps1", points=6, score=0, pending=0, remarks=(HOSTILE,), items=(item,))
    return SubmissionResult(submission=HOSTILE, assignments=(graded,))


def test_what_students_wrote_is_neither_markup_nor_steers_the_terminal() -> None:
    text = shown(hostile(), width=400)
    assert text.count("[bold red]a[/] [link=file:///x]b[/link] :smile: c de [/nothing]") >= 4
    assert text.replace("\n", "").isprintable()
    out = io.StringIO()
    print_class(Report(submissions=(hostile(),)), Console(file=out, width=400))
    assert "[bold red]a[/]" in out.getvalue()
    assert out.getvalue().replace("\n", "").isprintable()


def test_what_code_printed_is_said_once_and_briefly_where_it_lost_points() -> None:
    text = shown(hostile(), width=400)
    assert PRINTED not in text
    (line,) = [line for line in text.splitlines() if "printed:" in line]
    assert len(line.strip()) <= 220
    assert "printed:" not in shown(hostile("correct"))


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x07b", "a\u202eb", "a\x9b31mb", "a\r\nb"])
def test_nothing_steers_the_terminal(text: str) -> None:
    assert in_one_line(text).isprintable()


def test_below_the_table_of_a_class_stands_what_could_not_be_read_and_what_is_at_fault_of_ours() -> None:
    faulty = given.field(
        status="error", feedback=(given.said("never mind"), given.said("4.yaml:4: 4a.answr: no such field", "staff"))
    )
    results = [
        SubmissionResult(submission="ann", assignments=(given.work(given.item(faulty)),)),
        SubmissionResult(
            submission="ben", assignments=(given.work(given.item(faulty), unreadable=("answers.yaml:2: a tab",)),)
        ),
    ]
    out = io.StringIO()
    print_class(Report(submissions=tuple(results)), Console(file=out, width=200))
    assert "note: ben: midterm: answers.yaml:2: a tab" in out.getvalue()
    assert out.getvalue().count("midterm/4a is in error: 4.yaml:4: 4a.answr: no such field (2 submissions)") == 1
