"""What the index of a class shows: a row for each submission, numbers for each assignment, common mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from grader.loading.specs.course import Course
from grader.reports.html.charts import histogram
from grader.reports.statistics import (
    ENOUGH,
    CommonMistake,
    Distribution,
    ItemNumbers,
    common_mistakes,
    distribution,
    is_reference,
    item_numbers,
)
from grader.reports.terminal import ended_badly
from grader.result import AssignmentResult, Report, SubmissionResult


@dataclass(frozen=True, slots=True)
class Row:
    """A submission; ``marks`` has None where there is nothing of that assignment."""

    name: str
    staff: str
    student: str
    marks: tuple[AssignmentResult | None, ...]
    attention: tuple[str, ...]
    refused: str | None


@dataclass(frozen=True, slots=True)
class AssignmentNumbers:
    """An assignment in a class. ``pending`` counts submissions that have something pending."""

    id: str
    title: str
    scores: Distribution
    pending: int
    chart: Markup
    items: tuple[ItemNumbers, ...]


@dataclass(frozen=True, slots=True)
class ClassView:
    """``enough``: fewer submissions tell nothing about how well an item discriminates."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    refused: int
    waiting: int
    assignments: tuple[AssignmentNumbers, ...]
    mistakes: tuple[CommonMistake, ...]
    enough: int = ENOUGH


def class_view(report: Report, course: Course, links: Mapping[int, tuple[str, str]]) -> ClassView:
    """``links`` as in ``pages.index``."""
    found = {a.id for result in report.submissions for a in result.assignments}
    names = tuple(name for name in (*course.assignments, *sorted(found - course.assignments.keys())) if name in found)
    rows = tuple(_row(result, names, links.get(place, ("", ""))) for place, result in enumerate(report.submissions))
    return ClassView(
        names=names,
        rows=rows,
        refused=sum(row.refused is not None for row in rows),
        waiting=sum(any(mark and mark.pending for mark in row.marks) for row in rows),
        assignments=tuple(numbers for name in names if (numbers := _numbers(name, report, course))),
        mistakes=tuple(common_mistakes(report)),
    )


def _row(result: SubmissionResult, names: tuple[str, ...], links: tuple[str, str]) -> Row:
    marks = {assignment.id: assignment for assignment in result.assignments}
    return Row(
        name=result.submission,
        staff=links[0],
        student=links[1],
        marks=tuple(marks.get(name) for name in names),
        attention=tuple(_attention(result)),
        refused=result.refused,
    )


def _attention(result: SubmissionResult) -> list[str]:
    """Why somebody should look at this one before the others."""
    statuses = [item.status for assignment in result.assignments for item in assignment.items]
    unreadable = sum(len(assignment.unreadable) for assignment in result.assignments)
    counts = {
        "malformed": statuses.count("malformed"),
        "in error": statuses.count("error"),
        "parts of files unreadable": unreadable,
        "left out": len(result.left_out),
    }
    return [f"{count} {what}" for what, count in counts.items() if count] + ended_badly(result)


def _numbers(name: str, report: Report, course: Course) -> AssignmentNumbers | None:
    students = [result for result in report.submissions if not is_reference(result)]
    results = [a for result in students for a in result.assignments if a.id == name]
    scores = distribution([result.score for result in results], results[0].points if results else 0.0)
    if scores is None:
        return None
    title = course.assignments[name].title if name in course.assignments else name
    return AssignmentNumbers(
        id=name,
        title=title,
        scores=scores,
        pending=sum(result.pending > 0 for result in results),
        chart=histogram(scores, f"scores-{name}"),
        items=tuple(item_numbers(results)),
    )
