"""The table of items, and cells in which no formula begins."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports import cells
from grader.reports.csv import HEADER, render
from grader.result import Report, SubmissionResult
from tests.reports.given import field, item, report, said, work

SPREADSHEET = st.text(alphabet="'=+-@＝＋－＠\t\r\n;| a1\u200b\xa0\"", max_size=12)


def table(given: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(given))))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)",
     "\t=1", "\r=1", "\tx", " =1", "\xa0=1", "\u200b=1", "\ufeff=1", "＝1", "＋1", "－1", "＠x",
     "x;=1", "x\t=1", "x\n=1", "x\r\n =1", "'=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")'],
)  # fmt: skip
def test_no_formula_begins(text: str) -> None:
    cell = cells.text(text)
    assert cells.plain(cell) == text
    assert not any(re.match(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]", part) for part in re.split(r"[;\t\r\n]", cell))
    assert cell[0] not in "\t\r\n"


@pytest.mark.parametrize("text", ["", "Alice", "O'Neil", "'quoted'", "1/15", "a = b", "x-1", "e@mail", "71.5", "p; q"])
def test_other_text_stays(text: str) -> None:
    assert cells.text(text) == cells.plain(text) == text


@given(SPREADSHEET)
def test_every_text_comes_back(text: str) -> None:
    assert cells.plain(cells.text(text)) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [(71.5, "71.5"), (0.0, "0"), (-0.0, "0"), (-1.0, "-1"), (2 / 3, "0.666667"), (1e7, "10000000")],
)
def test_numbers_are_numbers(value: float, written: str) -> None:
    assert cells.number(value) == written


def test_a_row_for_each_item() -> None:
    jacobian = field("jacobian", response="r", feedback=(said("Good."), said("Look here.", "marker")))
    density = field("density", status="incorrect", response="-r\n+ 1", feedback=(said("=No"), said("key: r", "staff")))
    alice = SubmissionResult(
        submission="alice",
        assignments=(
            work(item(jacobian, density, id="4d"), item(field(status="review", points=1.5), id="4e")),
            work(item(field(response="=1+1"), id="1"), id="ps1"),
        ),
    )
    first, second, third = table(report(alice))
    assert first == {
        "submission": "alice", "assignment": "midterm", "item": "4d", "points": "4", "score": "2", "pending": "0",
        "status": "partial", "fields": "jacobian: correct 2 / 2 | density: incorrect 0 / 2",
        "responses": "jacobian: r | density: -r + 1", "feedback": "jacobian: Good. | density: =No",
    }  # fmt: skip
    assert (second["status"], second["score"], second["pending"], second["fields"]) == ("review", "0", "1.5", "")
    assert (third["assignment"], third["responses"]) == ("ps1", "'=1+1")


def test_a_refused_submission_has_a_row_without_numbers() -> None:
    (row,) = table(report(SubmissionResult(submission="=bob", refused="=cannot be read")))
    assert row == dict.fromkeys(HEADER, "") | {
        "submission": "'=bob", "status": "refused", "feedback": "'=cannot be read",
    }  # fmt: skip


@given(SPREADSHEET, SPREADSHEET, SPREADSHEET)
def test_whatever_students_write_stays_in_its_cell(name: str, response: str, feedback: str) -> None:
    one = field(response=response, feedback=(said(feedback),))
    rows = list(
        csv.reader(
            io.StringIO(
                render(report(SubmissionResult(submission=name, assignments=(work(item(one, field("why", 1.0))),)))),
                newline="",
            )
        )
    )
    assert [len(row) for row in rows] == [len(HEADER)] * 2
    assert all(re.fullmatch(r"[\d.]+|[^=+\-@＝＋－＠\t\r\n].*|", cell) for cell in rows[1])


def test_terminals_are_not_driven() -> None:
    text = render(report(SubmissionResult(submission="a\x1b]0;title\x07\x1b[31m", refused="\x9b2J")))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
