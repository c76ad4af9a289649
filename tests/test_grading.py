"""Grading one piece of work: absent responses, troubles, remarks, totals."""

from __future__ import annotations

import pytest

from grader.grading import grade_submission, grade_work
from grader.loading.work.released import starter
from grader.result import AssignmentResult, ItemResult, combined_status
from grader.submission import Remark, Response, Submission, Trouble, Work
from tests.course import real_course


def graded(**more: object) -> AssignmentResult:
    return grade_work(Work.model_validate({"assignment": "midterm", **more}), real_course())


def item(result: AssignmentResult, name: str) -> ItemResult:
    return next(item for item in result.items if item.id == name)


def test_nothing_handed_in_is_blank_and_certain() -> None:
    result = graded()
    assert {item.status for item in result.items} == {"blank"}
    assert (result.score, result.pending, result.points) == (0, 0, 95)


@pytest.mark.parametrize("status", ["malformed", "error"])
def test_what_could_not_be_read_leaves_nothing_blank(status: str) -> None:
    answered = {"4a": {"answer": Response(text="1/15")}}
    result = graded(responses=answered, troubles=(Trouble(status=status, text="answers.md: gone"),))  # type: ignore[arg-type]
    assert item(result, "4a").status == "correct"
    assert {i.status for i in result.items if i.id != "4a"} == {status}
    assert (result.score, result.pending) == (2, 93)
    assert result.unreadable == ("answers.md: gone",)


def test_an_error_weighs_more_than_what_a_student_can_mend() -> None:
    both = (Trouble(status="malformed", text="a"), Trouble(status="error", text="b"))
    assert item(graded(troubles=both), "4a").status == "error"


def test_a_response_with_a_problem_is_malformed_and_says_it() -> None:
    odd = {"4a": {"answer": Response(text="1/15", problem="answered twice, differently")}}
    field = item(graded(responses=odd), "4a").fields[0]
    assert (field.status, field.score, field.pending, field.response) == ("malformed", 0, 2, "1/15")
    assert "answered twice" in field.feedback[0].text


def test_a_remark_that_a_field_says_already_is_not_said_twice() -> None:
    odd = {"4a": {"answer": Response(text="1/15", problem="in a code cell")}}
    remarks = (Remark(item="4a", text="in a code cell"), Remark(item="4a", text="and more"))
    field = item(graded(responses=odd, remarks=remarks), "4a").fields[0]
    assert [said.text for said in field.feedback] == ["and more", "in a code cell"]


def test_a_starter_file_that_nobody_wrote_into_is_blank() -> None:
    untouched, written = starter("def sample(*a):\n    raise NotImplementedError\n"), "def sample(*a): return 1\n"
    for text, status in ((untouched, "blank"), (untouched.replace("Not", ""), "review"), (written, "review")):
        work = Work(assignment="ps1", code={"sample.py": text})
        assert item(grade_work(work, real_course()), "6.3").status == status


def test_remarks_stand_with_their_item_or_with_the_assignment() -> None:
    result = graded(
        responses={"4a": {"answer": Response(text="1/15")}},
        remarks=(Remark(item="4a", text="a copied cell"), Remark(text="two files"), Remark(item="9z", text="no item")),
    )
    assert item(result, "4a").fields[0].feedback[0].text == "a copied cell"
    assert result.remarks == ("two files", "no item")


def test_single_items_have_their_own_points() -> None:
    work = Work(assignment="midterm", responses={"4a": {"answer": Response(text="1/15")}})
    result = grade_work(work, real_course(), ["midterm/4a", "midterm/4d"])
    assert (result.points, result.score) == (6, 2)


def test_a_refused_submission_has_no_assignments() -> None:
    result = grade_submission(Submission(name="eve", refused="no folder"), real_course())
    assert (result.refused, result.assignments) == ("no folder", ())


@pytest.mark.parametrize(
    ("statuses", "score", "expected"),
    [
        (["correct", "correct"], 2, "correct"),
        (["correct", "incorrect"], 1, "partial"),
        (["blank", "blank"], 0, "blank"),
        (["blank", "incorrect"], 0, "incorrect"),
        (["correct", "review"], 1, "review"),
        (["review", "malformed"], 0, "malformed"),
        (["malformed", "error"], 0, "error"),
        (["partial"], 1, "partial"),
    ],
)
def test_the_status_of_an_item(statuses: list[str], score: float, expected: str) -> None:
    assert combined_status(statuses, score, 2) == expected  # type: ignore[arg-type]
