"""Results made by hand, as grading would have made them."""

from __future__ import annotations

from typing import Any

from grader.loading.specs.course import Course
from grader.result import AssignmentResult, Feedback, FieldResult, ItemResult, Report, SubmissionResult, combined_status
from grader.spec import Assignment


def _assignment(id_: str, title: str, points: float) -> Assignment:
    item = {"id": "4a", "points": points, "prompt": "?", "answer": {"kind": "text"}}
    questions = [{"question": "4", "title": "Flows", "items": [item]}]
    return Assignment.model_validate({"id": id_, "title": title, "points": points, "questions": questions})


COURSE = Course(
    {
        known.id: known
        for known in (_assignment("midterm", "Midterm Exam", 95), _assignment("ps1", "Problem set 1", 100))
    }
)


def field(name: str = "answer", points: float = 2.0, status: Any = "correct", **more: Any) -> FieldResult:
    open_ = status in ("review", "malformed", "error")
    given = {"score": points if status == "correct" else 0.0, "pending": points if open_ else 0.0}
    empty = {"kind": "numeric", "response": None, "read_as": None, "feedback": (), "evidence": {}}
    return FieldResult(name=name, points=points, status=status, **(empty | given | more))


def said(text: str, audience: Any = "student") -> Feedback:
    return Feedback(text=text, audience=audience)


def item(*fields: FieldResult, id: str = "4a") -> ItemResult:
    points, score = sum(f.points for f in fields), sum(f.score for f in fields)
    status = combined_status([f.status for f in fields], score, points)
    pending = sum(f.pending for f in fields)
    return ItemResult(id=id, points=points, score=score, pending=pending, status=status, fields=fields)


def work(*items: ItemResult, id: str = "midterm", points: float | None = None, **more: Any) -> AssignmentResult:
    """Of an assignment that is worth so many points, by default those of the course above."""
    total = COURSE.assignments[id].points if points is None else points
    score, pending = sum(i.score for i in items), sum(i.pending for i in items)
    return AssignmentResult(id=id, points=total, score=score, pending=pending, items=items, **more)


def marked(
    name: str, score: float, pending: float = 0.0, status: Any = "partial", id: str = "midterm"
) -> SubmissionResult:
    """A submission with this mark."""
    one = field(points=COURSE.assignments[id].points, status=status, score=score, pending=pending)
    return SubmissionResult(submission=name, assignments=(work(item(one), id=id),))


def report(*submissions: SubmissionResult) -> Report:
    return Report(submissions=submissions)
