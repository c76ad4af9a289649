"""``results.json``: what Gradescope documents, what students see of it and what they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.errors import UsageError
from grader.reports.gradescope import MAX_OUTPUT, render
from grader.result import SubmissionResult
from tests.reports.given import COURSE, field, item, said, work

VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
# As of Gradescope's "Autograder Specifications".
TOP = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": str,
    "test_output_format": str, "test_name_format": str, "visibility": str, "stdout_visibility": str,
    "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": (int, float), "max_score": (int, float), "status": str, "name": str, "name_format": str, "number": str,
    "output": str, "output_format": str, "tags": list, "visibility": str, "extra_data": dict,
}  # fmt: skip


def documented(text: str) -> dict[str, Any]:
    """Parsed, and checked against the shape that Gradescope documents."""
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    for shape, given in ((TOP, data), *((TEST, test) for test in data["tests"])):
        assert given.keys() <= shape.keys()
        assert all(isinstance(value, shape[key]) for key, value in given.items())
        assert given["visibility"] in VISIBILITIES
        assert {value for key, value in given.items() if key.endswith("format")} <= FORMATS
        assert given.get("status", "passed") in ("passed", "failed")
    assert data["score"] == pytest.approx(sum(test["score"] for test in data["tests"]))
    return data


def results(*fields: Any, **more: Any) -> dict[str, Any]:
    result = SubmissionResult(submission="alice", assignments=(work(item(*fields), **more),))
    return documented(render(result, COURSE))


def shown(data: dict[str, Any]) -> str:
    """All that a student may see."""
    visible = [test for test in data["tests"] if test["visibility"] != "hidden"]
    return json.dumps({**data, "tests": visible}, ensure_ascii=False)


def test_a_test_for_each_field() -> None:
    data = results(
        field("jacobian", read_as="r", feedback=(said("Well done."),)),
        field("density", status="incorrect", feedback=(said("The arguments are right."),)),
    )
    jacobian, density = data["tests"]
    assert data["score"] == 2.0
    assert jacobian == {
        "number": "4a jacobian", "name": "Flows", "score": 2.0, "max_score": 2.0, "status": "passed",
        "output": "correct: 2 of 2 points\nRead as: r\nWell done.", "visibility": "visible",
    }  # fmt: skip
    assert (density["status"], density["score"], density["max_score"]) == ("failed", 0.0, 2.0)
    assert results(field())["tests"][0]["number"] == "4a"


@pytest.mark.parametrize("status", ["review", "malformed", "partial"])
def test_what_waits_is_no_failure(status: str) -> None:
    data = results(field(points=3.0, status=status, score=1.0, pending=2.0), field("why", 1.0))
    waiting = data["tests"][0]
    assert "status" not in waiting
    assert waiting["name"] == "Flows (2 pending)"
    assert "2 points are pending" in waiting["output"]
    assert "Pending: 2 points" in data["output"]
    assert data["score"] == 2.0


def test_a_correct_field_with_points_open_has_not_passed() -> None:
    assert "status" not in results(field(points=3.0, score=1.0, pending=2.0))["tests"][0]


def test_what_is_private_is_hidden() -> None:
    tests = [
        {"name": "sample-type", "visibility": "public", "state": "passed", "detects": "CANARY one"},
        {"name": "sample-support", "visibility": "hidden", "state": "failed", "detects": "CANARY two"},
    ]
    private = (said("CANARY three", "marker"), said("CANARY four", "staff"), said("Look at top-k."))
    data = results(
        field(status="incorrect", feedback=private, evidence={"tests": tests, "witness": {"r": "CANARY five"}})
    )
    public, hidden = data["tests"]
    assert "CANARY" not in shown(data)
    assert "Look at top-k." in public["output"]
    assert hidden["visibility"] == "hidden"
    assert hidden["score"] == hidden["max_score"] == 0
    assert all(f"CANARY {word}" in hidden["output"] for word in ("one", "two", "three", "four"))
    assert data["stdout_visibility"] == "hidden"
    assert "extra_data" not in json.dumps(data)


def test_nothing_becomes_markup() -> None:
    hostile = "<script>alert(1)</script> **bold** \x1b[31mred"
    data = results(field(status="malformed", read_as=hostile, feedback=(said(hostile),)), remarks=(hostile,))
    assert data["output_format"] == data["test_output_format"] == data["test_name_format"] == "text"
    assert not {"output_format", "name_format"} & {key for test in data["tests"] for key in test}
    assert "\x1b" not in json.loads(json.dumps(data))["tests"][0]["output"] + data["output"]


def test_one_error_is_told_and_costs_nothing() -> None:
    fault = field("a", status="error", feedback=(said("key broken", "staff"),), evidence={"traceback": "line 7"})
    ok = item(field(), id="4b")
    result = SubmissionResult(submission="alice", assignments=(work(item(fault), ok),))
    data = documented(render(result, COURSE))
    assert "The grader or its key is at fault in 4a." in data["output"]
    assert "status" not in data["tests"][0]
    assert data["tests"][1]["output"] == "[staff] key broken\nline 7"
    assert data["score"] == 2.0


def test_where_all_is_our_fault_there_are_no_results() -> None:
    """A file with a score of 0 would be a zero that is made of our fault; without one Gradescope reports a failure."""
    broken = SubmissionResult(submission="alice", assignments=(work(item(field(status="error"))),))
    with pytest.raises(UsageError, match="alice: there are no results: every item is in error"):
        render(broken, COURSE)
    refused = SubmissionResult(submission="alice", refused="midterm cannot be graded: its files are wrong")
    with pytest.raises(UsageError, match="midterm cannot be graded"):
        render(refused, type(COURSE)({}, broken=("midterm",)))
    with pytest.raises(UsageError, match="no item to judge"):
        render(SubmissionResult(submission="alice"), COURSE)


def test_a_refused_submission_is_explained() -> None:
    data = documented(render(SubmissionResult(submission="a", refused="expected answers; found\nessay.pdf"), COURSE))
    assert data["score"] == 0
    assert data["tests"] == []
    assert "Nothing could be graded: expected answers; found essay.pdf." in data["output"]
    assert "answers.yaml" in data["output"]


def test_notes_on_files() -> None:
    loose = "there is no folder midterm; the files were read as midterm"
    data = results(field(), remarks=(loose, "b.txt was left out"), unreadable=("answers.md:\n\x1b[1mx",))
    assert data["output"].splitlines() == [
        "Certain so far: 2 of 95 points.", "Not readable:", "- answers.md: x", "Note: b.txt was left out",
    ]  # fmt: skip


def test_several_assignments_are_told_apart() -> None:
    works = (work(item(field())), work(item(field(), id="1"), id="ps1"))
    data = documented(render(SubmissionResult(submission="a", assignments=works), COURSE))
    assert [test["number"] for test in data["tests"]] == ["midterm/4a", "ps1/1"]


def test_endless_feedback_is_cut() -> None:
    output = results(field(feedback=(said("x" * (MAX_OUTPUT + 5)),)))["tests"][0]["output"]
    assert len(output) < MAX_OUTPUT + 50
    assert output.endswith("characters more)")
