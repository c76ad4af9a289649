"""The two kinds of page: one submission for one audience, and the class for staff."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.loading.specs.course import Course
from grader.reports.html.classes import class_view
from grader.reports.html.environment import render
from grader.reports.html.views import Audience, Files, Sight, views
from grader.result import Report, SubmissionResult


def page(
    result: SubmissionResult,
    course: Course,
    audience: Audience,
    *,
    pictures: Path | None = None,
    files: Files | None = None,
    back: str = "",
) -> str:
    """One submission as ``audience`` may see it.

    ``pictures`` is the folder that ``--pictures`` wrote; ``files`` holds the code that was handed in, by assignment and
    file name, and where it is left out no code is shown. ``back`` leads to the index, on staff pages alone.
    """
    sight = Sight(audience, course, files or {}, pictures)
    return render(
        "submission.html.j2",
        result=result,
        assignments=views(result, sight),
        staff=audience == "staff",
        used={field.status for a in result.assignments for item in a.items for field in item.fields},
        back=back if audience == "staff" else "",
    )


def index(report: Report, course: Course, *, links: Mapping[int, tuple[str, str]] | None = None) -> str:
    """The class, for staff: marks to sort, scores, items, common mistakes.

    ``links`` has the addresses of the staff's and the student's page, by place in the report.
    """
    return render("index.html.j2", script="sorting.js", view=class_view(report, course, links or {}))
