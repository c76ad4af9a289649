"""The self-check on the terminal and as JSON: what stands there, at any width, and what must never stand there."""

from __future__ import annotations

import io
import json
import re

import pytest
from pydantic import ValidationError
from rich.console import Console

from grader.checking import check
from grader.checking.found import Check, PublicTest
from grader.loading.specs.course import load_course
from grader.reports.checked import READ_IS_NOT_RIGHT, Printer, render
from grader.submission import Remark, Response, Submission, Work
from tests.course import ROOT

COURSE = load_course(ROOT / "problems", None)
EVIL = "\x1b]0;owned\x07\x1b[31mred\u202e[bold]x[/bold]\u009b2J"


def found(assignment: str, items: set[str], remarks: tuple[Remark, ...] = (), **answers: str) -> Check:
    """``answers`` are called ``i4a`` or ``i4d_jacobian``."""
    responses: dict[str, dict[str, Response]] = {}
    for name, text in answers.items():
        item, _, field = name[1:].partition("_")
        responses.setdefault(item, {})[field or "answer"] = Response(text=text, source="answers.md:3")
    work = Work(assignment=assignment, responses=responses, remarks=remarks)
    return check(Submission(name="dave", works=(work,)), COURSE, {f"{assignment}/{item}" for item in items})


def shown(check: Check, width: int = 80, encoding: str = "utf-8", **more: object) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace", newline="")
    Printer(COURSE.assignments, Console(file=out, width=width, highlight=False, **more)).check(check)  # type: ignore[arg-type]
    out.flush()
    return out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def test_readings_side_by_side_and_a_mark_below_the_place() -> None:
    text = shown(found("midterm", {"4a", "4d"}, i4a="1/15)", i4d_jacobian=r"r\cdot\theta^2", i4d_density="r/2"))
    lines = [line.rstrip() for line in text.splitlines()]
    place = next(place for place, line in enumerate(lines) if line.strip() == "1/15)")
    assert lines[place + 1].index("^") == lines[place].index(")")
    assert r"r\cdot\theta^2 → r*theta^2" in text
    assert r"\frac{r}{2}" in text
    assert "not readable (answers.md:3)" in text
    assert " 4. Normalizing flow models" in text


def test_a_table_with_totals_ends_it() -> None:
    text = shown(found("midterm", {"4a", "4b", "4d"}, i4a="1/15)", i4b_answer="no", i4b_why="z"))
    table = text[text.rindex("item") :]
    row = next(line for line in table.splitlines() if "midterm/4b" in line)
    assert row.split() == ["✓", "midterm/4b", "2"]
    total = next(line for line in table.splitlines() if "all together" in line)
    assert total.split() == ["all", "together", "2", "1", "2"]
    assert "5 fields: 2 ready, 1 not readable (malformed), 2 blank" in table
    assert READ_IS_NOT_RIGHT.split(":")[0] in table


def with_tests(state: str) -> Check:
    work = Work(assignment="ps1", code={"sample.py": "def sample(*a): return 1"})
    bare = check(Submission(name="dave", works=(work,)), COURSE, {"ps1/6.3"})
    tests = (PublicTest(name="sample-type", points=1, state="passed"),)
    tests += (PublicTest(name="sample-start", points=1, state=state, said=EVIL),)  # type: ignore[arg-type]
    (assignment,) = bare.assignments
    (item,) = assignment.items
    field = item.fields[0].model_copy(
        update={"tests": tests, "state": "ready" if state == "passed" else "failed", "remarks": ()}
    )
    item = item.model_copy(update={"fields": (field,)})
    return bare.model_copy(update={"assignments": (assignment.model_copy(update={"items": (item,)}),)})


@pytest.mark.parametrize(("state", "count"), [("passed", "2 of 2 passed"), ("failed", "1 of 2 passed")])
def test_hidden_tests_stand_beside_public_ones(state: str, count: str) -> None:
    text = shown(with_tests(state))
    row = next(line for line in text.splitlines() if "ps1/6.3" in line)
    assert count in row
    assert "8 points not run" in row
    assert "public seed" in text


def test_nothing_could_be_taken_for_a_verdict() -> None:
    for one in (with_tests("passed"), found("midterm", {"4a", "7f"}, i4a="1/15", i7f="= 7")):
        text = shown(one)
        for word in ("all tests", "correct", "right", "incorrect", "wrong", "score", "full marks"):
            assert word not in text.replace("need not be right", ""), word
    assert "need not be right" in text


def test_nothing_that_was_typed_steers_the_terminal() -> None:
    everything = {item.id: {field.name: Response(text=EVIL, source=EVIL) for field in item.fields}
                  for item in COURSE.assignments["midterm"].items}  # fmt: skip
    remarks = (Remark(text=EVIL), Remark(item="4a", text=EVIL))
    work = Work(assignment="midterm", responses=everything, remarks=remarks)
    hostile = check(Submission(name=EVIL, works=(work,), left_out=(EVIL,)), COURSE)
    for text in (shown(hostile), shown(with_tests("failed")), render(hostile)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "[bold]x[/bold]" in shown(hostile)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    proof = r"= \min_{q_\theta} " + "7+" * 90 + "7"
    long = {"i1a_why": "w" * 500, "i4a": "1" * 300 + ")", "i4d_density": "r*" * 200 + "r", "i7f": proof}
    one = found("midterm", {"1a", "4a", "4d", "7f"}, **long)
    lines = shown(one, width).splitlines()
    table = next(place for place, line in enumerate(lines) if "public tests" in line or "  item" in line)
    assert max(len(line.rstrip()) for line in lines[:table]) <= width


def test_without_unicode_plain_signs_stand_there() -> None:
    text = shown(found("midterm", {"1a", "4a", "4d"}, i4a="1/15)", i1a="T", i4d_jacobian="(r)"), encoding="ascii")
    assert "\\u" not in text
    assert " + " in text
    assert "T -> true" in text


def test_thousands_of_lines_and_notes_are_cut() -> None:
    proof = " \\\\ ".join(f"= {i}" for i in range(190))
    notes = tuple(Remark(text=f"note {i}") for i in range(5000))
    text = shown(found("midterm", {"7f"}, notes, i7f=proof))
    assert len(text.splitlines()) < 250
    assert "and 4980 more notes" in text
    assert "more lines; --json has them" in text


def test_json_is_strict_and_says_what_was_read() -> None:
    data = json.loads(render(found("midterm", {"4a"}, i4a="1/15")))
    assert (data["schema"], data["submission"], data["counts"]) == (1, "dave", {"ready": 1})
    (item,) = data["assignments"][0]["items"]
    assert (item["id"], item["state"]) == ("4a", "ready")
    assert item["fields"][0]["latex"] == r"\frac{1}{15}"
    assert "score" not in json.dumps(data)


def test_json_can_be_read_back() -> None:
    check = found("midterm", {"4a", "4b", "7f"}, i4a="1/15)", i4b_answer="no", i7f=r"a &= \frac{} \\ &= 1")
    text = render(check)
    assert Check.model_validate_json(text) == check
    assert render(Check.model_validate_json(text)) == text
    with pytest.raises(ValidationError):
        Check.model_validate({**json.loads(text), "score": 1})
