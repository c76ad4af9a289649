"""Results as Gradescope reads them: ``results.json`` of one submission, a test for each field.

Students see what is meant for them. What markers and staff may read stands in tests of its own, whose visibility is
``hidden``; ``extra_data``, of which Gradescope does not say who sees it, is not used. Everything is shown as ``text``,
which Gradescope escapes: nothing that a student wrote becomes markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.errors import UsageError
from grader.loading.specs.course import Course
from grader.loading.work.readers import EXPECTED
from grader.printing import in_one_line, printable
from grader.result import AssignmentResult, FieldResult, ItemResult, SubmissionResult

PASSED = {"correct": "passed", "incorrect": "failed", "blank": "failed"}  # of nothing else is it said
MAX_OUTPUT = 20_000  # characters of a text
DUST = 1e-6
FOLDER = "expected a folder named "  # files lie in none on Gradescope, as they should
LOOSE = "there is no folder "


def render(result: SubmissionResult, course: Course) -> str:
    """``results.json``: the score is what is certain, and what is pending is named.

    Raises UsageError where nothing could be judged through a fault of ours: a file with a score would be a mark made of
    that fault. Without one, Gradescope reports to student and instructor that the autograder failed.
    """
    if trouble := _our_fault(result, course):
        raise UsageError(f"{in_one_line(result.submission)}: there are no results: {trouble}")
    tests = [test for work in result.assignments for item in work.items for test in _tests(result, work, item, course)]
    score = round(float(sum(test["score"] for test in tests)), 6)
    certain = sum(work.score for work in result.assignments)
    assert abs(score - certain) < DUST, f"the tests add up to {score}, the result to {certain}"
    data = {
        "score": score,
        "output": _cut("\n".join(_overview(result))),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _our_fault(result: SubmissionResult, course: Course) -> str:
    """Why nothing was judged, where that is no fault of the student's; else ''."""
    if result.refused is not None:
        return f"{', '.join(course.broken)} cannot be graded: its files are wrong" if course.broken else ""
    items = [item for work in result.assignments for item in work.items]
    judged = [item for item in items if item.status != "error"]
    return "" if judged else "every item is in error" if items else "there is no item to judge"


def _overview(result: SubmissionResult) -> Iterator[str]:
    """What concerns the submission as a whole."""
    if result.refused is not None:
        why = result.refused.partition("; ")[2] if result.refused.startswith(FOLDER) else result.refused
        yield f"Nothing could be graded: {in_one_line(why or result.refused)}."
        yield f"The 0 is no judgement of your answers. Hand in {EXPECTED}, and Python files where they are asked for."
    for work in result.assignments:
        yield f"Certain so far: {work.score:g} of {work.points:g} points."
        if work.pending:
            yield f"Pending: {work.pending:g} points, which a person may still add; nothing is lost on them yet."
        if broken := _in_error(work):
            yield f"The grader or its key is at fault in {broken}. No mark is lost by that; course staff can see it."
        if work.unreadable:
            yield "Not readable:"
        yield from (f"- {in_one_line(text)}" for text in work.unreadable)
        yield from (f"Note: {in_one_line(text)}" for text in work.remarks if not text.startswith(LOOSE))
    yield from (f"Left out: {in_one_line(text)}" for text in result.left_out)


def _in_error(work: AssignmentResult) -> str:
    return ", ".join(item.id for item in work.items if item.status == "error")


# --- tests ---


def _tests(
    result: SubmissionResult, work: AssignmentResult, item: ItemResult, course: Course
) -> Iterator[dict[str, Any]]:
    """For each field one that its student sees, and one for staff where there is something to say to them."""
    label = f"{work.id}/{item.id}" if len(result.assignments) > 1 else item.id
    title = _title(work, item, course)
    for field in item.fields:
        number = label if len(item.fields) == 1 else f"{label} {field.name}"
        yield _test(number, title, field)
        if private := _cut("\n".join(_private(field))):
            named = {"number": number, "name": f"{title} (staff only)"}
            yield {**named, "score": 0.0, "max_score": 0.0, "output": private, "visibility": "hidden"}


def _title(work: AssignmentResult, item: ItemResult, course: Course) -> str:
    """That of the question which the item belongs to."""
    assignment = course.assignments.get(work.id)
    questions = assignment.questions if assignment else ()
    titles = (question.title for question in questions if item.id in [known.id for known in question.items])
    return in_one_line(next(titles, work.id))


def _test(number: str, title: str, field: FieldResult) -> dict[str, Any]:
    test = {
        "number": number,
        "name": f"{title} ({field.pending:g} pending)" if field.pending else title,
        "score": field.score,
        "max_score": field.points,
    }
    if field.status in PASSED and not field.pending:
        test["status"] = PASSED[field.status]
    return test | {"output": _cut("\n".join(_public(field))), "visibility": "visible"}


def _public(field: FieldResult) -> Iterator[str]:
    """What the student may read: how it was read, what came of it, what is open."""
    yield f"{field.status}: {field.score:g} of {field.points:g} points"
    if field.pending:
        yield f"{field.pending:g} points are pending: a person may still add them."
    if field.read_as:
        yield f"Read as: {printable(field.read_as)}"
    yield from (printable(said.text) for said in field.feedback if said.audience == "student")


def _private(field: FieldResult) -> Iterator[str]:
    """What it was judged by: words for markers and staff, every test of code with its result, a trace of our fault."""
    for said in field.feedback:
        if said.audience != "student":
            yield f"[{said.audience}] {printable(said.text)}"
    tests = field.evidence.get("tests")
    for test in tests if isinstance(tests, list) else ():
        if isinstance(test, dict):
            yield in_one_line(", ".join(f"{name}: {value}" for name, value in test.items()))
    if trace := field.evidence.get("traceback"):
        yield printable(str(trace))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_OUTPUT else f"{text[:MAX_OUTPUT]}\n… ({len(text) - MAX_OUTPUT} characters more)"
