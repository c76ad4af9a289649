"""Results for other programs: the format of DESIGN §10, strict JSON."""

from __future__ import annotations

from grader.result import Report


def render(report: Report) -> str:
    """The report as JSON text."""
    return report.model_dump_json(indent=1) + "\n"
