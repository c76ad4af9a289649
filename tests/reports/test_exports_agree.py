"""Whatever was found, every export says the same of it: no point is lost between them, and no fault becomes a zero."""

from __future__ import annotations

import csv as csv_module
import io
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.loading.rosters import read_gradebook
from grader.reports import canvas, cells, csv, gradescope
from grader.reports.html import page
from grader.reports.terminal import amount
from grader.result import FieldResult, ItemResult, Report, SubmissionResult
from tests.reports.given import COURSE, field, item, work

NAMES = ("ann", "ben", "cid")
POINTS = st.sampled_from([0.0, 0.1, 0.2, 0.5, 1 / 3, 1.0, 2.5, 4.0])
STATUSES = ["correct", "partial", "incorrect", "blank", "malformed", "review", "error"]


@st.composite
def fields(draw: st.DrawFn) -> FieldResult:
    points, status = draw(POINTS), draw(st.sampled_from(STATUSES))
    part = points * draw(st.sampled_from([0.1, 0.5, 2 / 3]))
    score = {"correct": points, "partial": part, "review": part}.get(status, 0.0)
    pending = points - score if status in ("malformed", "review", "error") else 0.0
    return field(draw(st.sampled_from(["answer", "why"])), points, status, score=score, pending=pending)


@st.composite
def items(draw: st.DrawFn) -> tuple[ItemResult, ...]:
    made = draw(st.lists(st.lists(fields(), min_size=1, max_size=3), min_size=1, max_size=5))
    return tuple(item(*own, id=f"{place}a") for place, own in enumerate(made, 1))


@st.composite
def submissions(draw: st.DrawFn) -> SubmissionResult:
    name = draw(st.sampled_from(NAMES))
    if draw(st.integers(0, 5)) == 0:
        return SubmissionResult(submission=name, refused="it is no folder")
    return SubmissionResult(submission=name, assignments=(work(*draw(items())),))


def close(one: float, other: float) -> bool:
    return math.isclose(one, other, abs_tol=1e-4)


def in_csv(report: Report) -> None:
    rows = list(csv_module.DictReader(io.StringIO(csv.render(report))))
    for name in NAMES:
        works = [w for r in report.submissions if r.submission == name for w in r.assignments]
        own = [row for row in rows if row["submission"] == name]
        for what in ("score", "pending"):
            assert close(sum(float(row[what] or 0) for row in own), sum(getattr(w, what) for w in works))
        refused = sum(r.refused is not None for r in report.submissions if r.submission == name)
        assert sum(row["score"] == "" for row in own) == refused


def in_canvas(report: Report, folder: Path) -> None:
    roster = folder / "roster.csv"
    roster.write_text("Student,ID\n" + "".join(f"{name},{place}\n" for place, name in enumerate(NAMES)), "utf-8")
    text, complaints = canvas.render(report, read_gradebook(roster), COURSE)
    written = {row["Student"]: row.get("Midterm Exam", "") for row in csv_module.DictReader(io.StringIO(text))}
    for name in NAMES:
        own = [result for result in report.submissions if result.submission == name]
        works = [w for result in own for w in result.assignments]
        marked = len(own) == 1 and works and not any(one.status == "error" for one in works[0].items)
        assert written[name] == (cells.number(works[0].score) if marked else "")
        assert marked or not own or any(name in said for said in complaints)


def in_gradescope(result: SubmissionResult) -> None:
    works = result.assignments
    if works and all(one.status == "error" for one in works[0].items):
        with pytest.raises(UsageError, match="every item is in error"):
            gradescope.render(result, COURSE)
        return
    data = json.loads(gradescope.render(result, COURSE))
    assert close(data["score"], sum(w.score for w in works))
    assert close(sum(test["max_score"] for test in data["tests"]), sum(one.points for w in works for one in w.items))
    waiting = sum(one.pending > 0 for w in works for whole in w.items for one in whole.fields)
    assert sum("pending)" in test["name"] for test in data["tests"]) == waiting
    assert ("Pending:" in data["output"]) is any(w.pending for w in works)
    assert ("is at fault" in data["output"]) is any(one.status == "error" for w in works for one in w.items)


def on_the_page(result: SubmissionResult) -> None:
    text = page(result, COURSE, "student")
    for one in result.assignments:
        assert f"<b>{amount(one.score)}</b> of {amount(one.points)} points are certain" in text
        assert (f"up to <b>{amount(one.pending)}</b> more are open" in text) is (one.pending > 0)


@given(st.lists(submissions(), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_every_export_says_the_same(tmp_path_factory: pytest.TempPathFactory, results: list[SubmissionResult]) -> None:
    report = Report(submissions=tuple(results))
    in_csv(report)
    in_canvas(report, tmp_path_factory.getbasetemp())
    for result in results:
        in_gradescope(result)
    on_the_page(results[0])
