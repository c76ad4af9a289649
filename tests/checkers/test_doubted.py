"""A dash that may be a minus or belong to a list, and empty lines within formulas: never wrong by that alone."""

from __future__ import annotations

import pytest

from grader.batch import Source, grade_source, select
from grader.checkers.reading import BULLET, TORN
from grader.checking import DASH, check
from grader.result import FieldResult
from grader.submission import Response, Submission, Work
from tests.course import real_course

TABLES = "## 6.7a\nanswer: no\n\np0:\n(1/2, 1/2)\n\np1:\n- ((9/10, 1/10), (1/2, 1/2))\n\nT:\n- 1/2\n"
LISTED = "## 4d\njacobian:\n- r\n\ndensity:\n- r p_XY(r cos(theta), r sin(theta))\n"


def graded(tmp_path: object, name: str, text: str, item: str, field: str = "answer") -> FieldResult:
    folder = tmp_path / "who" / item.partition("/")[0]  # type: ignore[operator]
    folder.mkdir(parents=True)
    (folder / name).write_text(text, "utf-8")
    source = Source("submission", folder.parent)
    result = grade_source(source, real_course(), select(real_course(), None, [item]))
    [found] = [one for work in result.assignments for one in work.items[0].fields if one.name == field]
    return found


@pytest.mark.parametrize(
    ("text", "item", "field", "status"),
    [
        ("## 4a\n- 1/15\n", "midterm/4a", "answer", "review"),
        ("## 4a\n- $\\frac{1}{15}$\n", "midterm/4a", "answer", "review"),
        ("## 4a\n-1/15\n", "midterm/4a", "answer", "incorrect"),  # no space: no item of a list
        ("## 4a\n- 1/5\n", "midterm/4a", "answer", "incorrect"),  # wrong either way
        ("## 4a\n1/15\n", "midterm/4a", "answer", "correct"),
        (LISTED, "midterm/4d", "jacobian", "review"),
        (LISTED, "midterm/4d", "density", "review"),
        ("## 6c\n- 1/D\n", "midterm/6c", "answer", "review"),  # right as a minus, wrong in a list
        ("## 6c\n-1/D\n", "midterm/6c", "answer", "correct"),
        ("## 6c\n$- 1/D$\n", "midterm/6c", "answer", "correct"),
        ("## 7c\n- T < 1\n", "midterm/7c", "answer", "review"),
        (TABLES, "ps1/6.7a", "p0", "review"),  # with a temperature that may be negative
        (TABLES, "ps1/6.7a", "p1", "review"),
    ],
)  # fmt: skip
def test_a_dash_in_markdown(tmp_path: object, text: str, item: str, field: str, status: str) -> None:
    found = graded(tmp_path, "answers.md", text, item, field)
    assert found.status == status, found
    if found.status == "review":
        assert BULLET in found.feedback[0].text
        assert (found.score, found.pending) == (0, found.points)


def test_a_dash_elsewhere_is_a_minus(tmp_path: object) -> None:
    assert graded(tmp_path, "answers.yaml", "4a: '- 1/15'\n", "midterm/4a").status == "incorrect"


@pytest.mark.parametrize("name", ["answers.md", "answers.tex"])
def test_an_empty_line_within_a_formula_is_for_a_human(tmp_path: object, name: str) -> None:
    head = "## 4a" if name.endswith("md") else "% item: 4a"
    found = graded(tmp_path, name, f"{head}\n1/15\n\n- 1/15\n", "midterm/4a")
    assert found.status in ("review", "malformed")
    assert found.status == "malformed" or TORN in found.feedback[0].text or BULLET in found.feedback[0].text


def test_a_self_check_tells_of_the_dash() -> None:
    work = Work(assignment="midterm", responses={"4a": {"answer": Response(text="- 1/15", source="answers.md:2")}})
    found = check(Submission(name="who", works=(work,)), real_course(), ["midterm/4a"])
    [field] = found.fields
    assert (field.state, field.plain, field.remarks) == ("ready", "-1/15", (DASH,))
