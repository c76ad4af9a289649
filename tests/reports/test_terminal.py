"""The report on the terminal: what stands there, at any width, with and without colour."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from grader.batch import Source, grade_source, select
from grader.reports.terminal import print_class, print_submission, printable
from grader.result import Report, SubmissionResult
from tests.course import ROOT, real_course


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


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x07b", "a\u202eb", "a\x9b31mb", "a\r\nb"])
def test_nothing_steers_the_terminal(text: str) -> None:
    assert printable(text).isprintable()
