"""The sample submissions and the reference, graded from end to end."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from grader.batch import find_sources, grade_source, select
from grader.checkers import JUDGED
from grader.result import FieldResult, ItemResult, SubmissionResult
from tests.course import ROOT, real_course


@cache
def graded(name: str) -> SubmissionResult:
    (source,) = find_sources([ROOT / name], real_course())
    return grade_source(source, real_course(), select(real_course(), None, []))


def items(result: SubmissionResult) -> dict[str, ItemResult]:
    return {f"{a.id}/{item.id}": item for a in result.assignments for item in a.items}


def field(result: SubmissionResult, path: str) -> FieldResult:
    item, _, name = path.partition(".answer") if path.endswith(".answer") else path.rpartition(".")
    return next(f for f in items(result)[item].fields if f.name == (name or "answer"))


def test_the_reference_gets_full_marks_on_every_field_a_machine_judges() -> None:
    result = graded("reference")
    assert len(items(result)) == 57
    for path, item in items(result).items():
        for found in item.fields:
            if found.kind in JUDGED | {"construct", "derivation"}:
                assert (found.status, found.score) == ("correct", found.points), (path, found)
            else:
                assert (found.status, found.pending) == ("review", found.points), (path, found)


@pytest.mark.parametrize("name", ["submissions/alice", "submissions/bob", "submissions/carol"])
def test_certain_and_pending_points_never_exceed_the_points(name: str) -> None:
    result = graded(name)
    assert len(items(result)) == 57
    assert not Counter(item.status for item in items(result).values())["error"]
    for assignment in result.assignments:
        assert sum(item.score for item in assignment.items) == pytest.approx(assignment.score)
        assert sum(item.pending for item in assignment.items) == pytest.approx(assignment.pending)
    for item in items(result).values():
        assert item.score + item.pending <= item.points
        for found in item.fields:
            assert found.score + found.pending <= found.points


def statuses(name: str) -> Counter[str]:
    fields = [f for item in items(graded(name)).values() for f in item.fields if f.kind in JUDGED]
    return Counter(f.status for f in fields)


def test_alice_slips_three_times() -> None:
    assert statuses("submissions/alice") == Counter(correct=44, incorrect=3)


@pytest.mark.parametrize(
    ("path", "status", "score"),
    [
        ("midterm/4a.answer", "incorrect", 0),
        ("midterm/6b.answer", "partial", 1),
        ("midterm/7c.answer", "incorrect", 0),
        ("midterm/5a.answer", "incorrect", 0),
        ("midterm/4d.jacobian", "correct", 2),
        ("midterm/4d.density", "partial", 0.5),
        ("ps1/3.3.answer", "partial", 6),
        ("ps1/5.2.answer", "correct", 1),
        ("ps1/5.2.proof", "partial", 2),
        ("ps1/6.2.answer", "review", 0),
        ("ps1/6.7a.answer", "incorrect", 0),
        ("ps1/6.7a.p0", "blank", 0),
        ("ps1/6.3.answer", "review", 0),
    ],
)
def test_bob(path: str, status: str, score: float) -> None:
    found = field(graded("submissions/bob"), path)
    assert (found.status, found.score) == (status, score)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("midterm/1e.answer", "malformed"),
        ("midterm/2e.answer", "malformed"),
        ("midterm/3e.answer", "blank"),
        ("midterm/4a.answer", "malformed"),
        ("midterm/6b.answer", "malformed"),
        ("midterm/7c.answer", "malformed"),
        ("midterm/7g.answer", "blank"),
        ("ps1/3.3.answer", "malformed"),
        ("ps1/6.1.answer", "malformed"),
        ("ps1/6.3.answer", "blank"),
        ("midterm/4d.density", "correct"),
        ("midterm/1b.why", "review"),
    ],
)
def test_carol(path: str, status: str) -> None:
    found = field(graded("submissions/carol"), path)
    assert found.status == status
    assert (found.pending > 0) == (status in ("malformed", "review"))


def test_bobs_copied_and_misnamed_cells_are_remarked_on_and_graded() -> None:
    said = {
        path: " ".join(f.text for found in item.fields for f in found.feedback)
        for path, item in items(graded("submissions/bob")).items()
    }
    assert "cell 18" in said["midterm/3b"]
    assert "cell 19" in said["midterm/3b"]
    assert "Question 4 (d)" in said["midterm/4d"]
    assert "5B" in said["midterm/5b"]
