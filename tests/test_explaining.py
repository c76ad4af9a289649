"""Why an item came out as it did, as an instructor reads it; without the keys, the reading alone."""

from __future__ import annotations

import shlex
import subprocess
import sys
from io import StringIO

import pytest
from rich.console import Console

from grader.explaining import FieldExplanation, ItemExplanation, explain
from grader.grading import grade_submission
from grader.loading.specs.course import Course, load_course
from grader.reports.explained import print_explanation
from grader.submission import Response, Submission, Work
from tests.course import ROOT, real_course


@pytest.fixture(scope="module")
def keyless() -> Course:
    return load_course(ROOT / "problems", None)


def explained(course: Course, item: str, **fields: str) -> ItemExplanation:
    """Explain one item of a submission that answers it so."""
    assignment, _, name = item.partition("/")
    responses = {field: Response(text=text) for field, text in fields.items()}
    work = Work(assignment=assignment, responses={name: responses})
    (found,) = explain(grade_submission(Submission(name="dave", works=(work,)), course, {item}), course)
    return found


def field(found: ItemExplanation, name: str) -> FieldExplanation:
    return next(field for field in found.fields if field.result.name == name)


def shown(found: ItemExplanation, width: int = 80) -> str:
    console = Console(width=width, record=True, highlight=False, file=StringIO())
    print_explanation(found, "dave", console)
    return console.export_text()


DENSITY = "p_{X,Y}(r\\cos\\theta, r\\sin\\theta)"


def test_a_wrong_formula_is_read_beside_the_key_with_a_witness_and_a_line() -> None:
    found = field(explained(real_course(), "midterm/4d", jacobian="r", density=DENSITY), "density")
    assert found.judged
    assert found.result.status == "partial"
    assert found.reading is not None
    assert found.key_reading is not None
    assert found.reading.plain == "p_XY(r*cos(theta), r*sin(theta))"
    assert found.key_reading.plain == "r*p_XY(r*cos(theta), r*sin(theta))"
    assert found.witness is not None
    assert found.values is not None
    assert set(found.witness) == {"r", "theta"}
    assert found.reproduce is not None
    code = shlex.split(found.reproduce)[2]
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    values = [float(row.split()[1]) for row in done.stdout.splitlines()]
    assert values == pytest.approx([float(value) for value in found.values], rel=1e-9)


def test_a_right_formula_can_be_compared_again() -> None:
    found = field(explained(real_course(), "midterm/4d", jacobian="r", density=f"r {DENSITY}"), "density")
    assert found.result.status == "correct"
    assert found.values is None
    assert found.reproduce is not None
    assert found.reproduce.startswith("grade compare 'r*p_XY(r*cos(theta), r*sin(theta))'")


def test_numbers_show_both_values() -> None:
    found = field(explained(real_course(), "midterm/4a", answer="0.067"), "answer")
    assert found.values == ("1/15", "67/1000")
    assert found.reproduce is not None
    assert "Fraction(67, 1000)" in found.reproduce


def test_a_region_shows_where_it_differs() -> None:
    found = field(explained(real_course(), "midterm/7c", answer="0 < T"), "answer")
    assert found.result.kind == "region"
    assert found.result.status == "incorrect"
    assert found.witness
    assert found.values in (("outside", "inside"), ("inside", "outside"))


def test_other_kinds_tell_what_there_is() -> None:
    text = shown(explained(real_course(), "midterm/1a", answer="false", why="Some orders are cheaper."))
    assert "choice  correct" in text
    assert "Some orders are cheaper." in text
    assert "A human reads this." in text


def test_what_cannot_be_read_says_where() -> None:
    text = shown(explained(real_course(), "midterm/4d", jacobian="r*(cos(theta)"))
    assert "malformed" in text
    assert "expected `)`" in text
    assert "nothing was handed in" in text


def test_without_keys_there_is_the_reading_and_no_verdict(keyless: Course) -> None:
    found = explained(keyless, "midterm/4d", jacobian="$r$", density="r*(2")
    assert not found.judged
    jacobian, density = field(found, "jacobian"), field(found, "density")
    assert jacobian.reading is not None
    assert jacobian.reading.latex == "r"
    assert (jacobian.key, jacobian.key_reading, jacobian.values, jacobian.reproduce) == (None, None, None, None)
    assert density.reading is None
    assert "expected `)`" in density.trouble
    text = shown(found)
    assert "there is no reference/" in text
    assert "error" not in text
    assert "at fault" not in text


def test_without_keys_no_key_is_shown(keyless: Course) -> None:
    assert "1/15" not in shown(explained(keyless, "midterm/4a", answer="1/5"))


def test_every_item_of_the_course_can_be_explained(keyless: Course) -> None:
    for course in (real_course(), keyless):
        for assignment in course.assignments.values():
            for item in assignment.items:
                answers = {spec.name: "x_1 + 1" for spec in item.fields}
                text = shown(explained(course, f"{assignment.id}/{item.id}", **answers))
                assert f"{assignment.id}/{item.id}" in text
                assert "Traceback" not in text


def test_it_fits_80_columns_but_for_the_line_to_copy() -> None:
    text = shown(explained(real_course(), "midterm/4d", jacobian="r^2", density=DENSITY))
    long = [line for line in text.splitlines() if len(line) > 80]
    assert all(line.strip().startswith(("python3 -c", "grade compare")) for line in long)


def test_nothing_a_student_wrote_steers_the_terminal() -> None:
    text = shown(explained(real_course(), "midterm/1a", answer="\x1b[31mfalse", why="[bold]a\x07\nb"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]a" in text
