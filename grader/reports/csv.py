"""Results as a table: a row for each item of each submission, for spreadsheets and statistics.

What students wrote, and what it is called, are cells that hold no formula; numbers are numbers. Nothing that markers or
staff alone may read is in it, so that a row may be passed on to its student.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from grader.reports import cells
from grader.result import FieldResult, ItemResult, Report

HEADER = ("submission", "assignment", "item", "points", "score", "pending", "status", "fields", "responses", "feedback")
REFUSED = "refused"  # where an item's status would stand


def render(report: Report) -> str:
    """The table as CSV, with a header. A submission that was refused has one row, without an item or a number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(report))
    return out.getvalue()


def _rows(report: Report) -> Iterator[list[str]]:
    for result in report.submissions:
        name = cells.line(result.submission)
        if result.refused is not None:
            yield [name, *[""] * 5, REFUSED, "", "", cells.line(result.refused)]
        for assignment in result.assignments:
            yield from ([name, cells.line(assignment.id), *_item(item)] for item in assignment.items)


def _item(item: ItemResult) -> list[str]:
    numbers = [cells.number(value) for value in (item.points, item.score, item.pending)]
    named = len(item.fields) > 1
    fields = " | ".join(_standing(field) for field in item.fields) if named else ""
    responses = [_labelled(field, field.response, named) for field in item.fields if field.response is not None]
    said = [(field, one.text) for field in item.fields for one in field.feedback if one.audience == "student"]
    feedback = [_labelled(field, text, named) for field, text in said]
    texts = (fields, " | ".join(responses), " | ".join(feedback))
    return [cells.line(item.id), *numbers, item.status, *map(cells.line, texts)]


def _standing(field: FieldResult) -> str:
    return f"{field.name}: {field.status} {cells.number(field.score)} / {cells.number(field.points)}"


def _labelled(field: FieldResult, text: str, named: bool) -> str:
    return f"{field.name}: {text}" if named else text
