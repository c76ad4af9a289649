"""Responses that are not even read: too long, or struck through."""

from __future__ import annotations

import pytest

from grader.checkers import MOST_TYPED, judge_constructs
from grader.grading import grade_work
from grader.keys import ItemKey
from grader.result import FieldResult
from grader.submission import Response, Work
from tests.course import real_course


def graded(assignment: str, item: str, field: str, text: str) -> FieldResult:
    work = Work(assignment=assignment, responses={item: {field: Response(text=text)}})
    [found] = grade_work(work, real_course(), [f"{assignment}/{item}"]).items
    return next(one for one in found.fields if one.name == field)


@pytest.mark.parametrize(
    ("assignment", "item", "field"),
    [
        ("midterm", "1a", "answer"),
        ("midterm", "2a", "answer"),
        ("midterm", "4a", "answer"),
        ("midterm", "4d", "density"),
        ("midterm", "7c", "answer"),
        ("midterm", "7f", "answer"),
        ("ps1", "4", "mu_2"),
    ],
)
def test_what_is_too_long_is_malformed_at_once(assignment: str, item: str, field: str) -> None:
    """``x^x^…`` of this length would take a proof's reader minutes."""
    found = graded(assignment, item, field, "x^" * MOST_TYPED)
    assert (found.status, found.score, found.pending) == ("malformed", 0, found.points)
    assert "characters" in found.feedback[-1].text


def test_prose_may_be_long() -> None:
    found = graded("midterm", "1a", "why", "word " * MOST_TYPED)
    assert found.status == "review"


def test_an_object_that_is_too_long_is_not_compared() -> None:
    item = next(item for item in real_course().assignments["ps1"].items if item.id == "4")
    key = real_course().keys["ps1"]["4"]
    assert isinstance(key, ItemKey)
    found = judge_constructs(item, key, {"mu_2": Response(text="1+" * MOST_TYPED)})
    assert found["mu_2"].status == "malformed"
