"""Pages of results: who sees what, how they are built, where they are written."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from grader.batch import Selection, find_sources, grade_source
from grader.errors import SpecError
from grader.keys import ItemKey
from grader.loading.specs.course import Course
from grader.reports.html import index, page
from grader.reports.html.evidence import lines_of
from grader.result import Feedback, Report, SubmissionResult
from tests.course import ROOT, real_course
from tests.reports.made import HIDDEN, assignment, field, item, refused, report, with_text
from tests.reports.outline import Outline

CANARY = "zqcanary"


@cache
def bob() -> SubmissionResult:
    """A real submission with right, wrong and unreadable answers and proofs; its code is left to a human."""
    wanted = {f"midterm/{name}" for name in ("1c", "2e", "4a", "4d", "5a", "5d", "6b", "7c", "7f")} | {"ps1/2", "ps1/4"}
    [source] = find_sources([ROOT / "submissions" / "bob"], real_course())
    return grade_source(source, real_course(), Selection(frozenset({"midterm", "ps1"}), frozenset(wanted)))


def pages() -> list[str]:
    course = real_course()
    return [
        page(bob(), course, "student"),
        page(bob(), course, "staff"),
        index(report(bob(), refused("x", "gone")), course),
    ]


# --- who sees what -------------------------------------------------------------------------------------------------


def poisoned(course: Course) -> Course:
    """The same course, every text of whose keys is a canary."""
    keys = {
        name: {item: key if isinstance(key, SpecError) else _poisoned(key) for item, key in own.items()}
        for name, own in course.keys.items()
    }
    return replace(course, keys=keys)


def _poisoned(value: Any) -> Any:
    if isinstance(value, str):
        return CANARY
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: _poisoned(getattr(value, name)) for name in type(value).model_fields})
    if isinstance(value, tuple):
        return tuple(_poisoned(one) for one in value)
    if isinstance(value, dict):
        return {name: _poisoned(one) for name, one in value.items()}
    return value


def test_a_students_page_holds_nothing_of_keys_and_private_evidence() -> None:
    course = poisoned(real_course())
    result = with_text("my words", evidence=CANARY)
    assert page(result, course, "staff").count(CANARY) > 25
    assert CANARY not in page(result, course, "student")
    assert CANARY in page(bob(), course, "staff")
    assert CANARY not in page(bob(), course, "student")


def test_evidence_of_any_name_stays_with_staff() -> None:
    odd = {name: {name: [CANARY]} for name in ("rung", "tests", "rows", "pictures", "output", "anything", "limit")}
    result = SubmissionResult(submission="a", assignments=(assignment("midterm", item("4a", field(evidence=odd))),))
    assert CANARY in page(result, real_course(), "staff")
    assert CANARY not in page(result, real_course(), "student")


def test_no_key_stands_on_a_students_page_of_real_results() -> None:
    text = page(bob(), real_course(), "student")
    witness = [
        field.evidence["values"]
        for assignment in bob().assignments
        for item in assignment.items
        for field in item.fields
        if "values" in field.evidence
    ]
    assert witness
    for values in witness:
        assert isinstance(values, dict)
        assert all(str(value) not in text for value in values.values() if len(str(value)) > 6)
    assert "milestone" not in text.casefold()
    assert "sampled" not in text


def test_hidden_tests_are_one_line_without_names_for_students() -> None:
    tests: list[Any] = [
        {"name": "sample-type", "points": 1, "score": 1, "state": "passed", "visibility": "public", "detects": "d"},
        {"name": HIDDEN, "points": 2.5, "score": 2.5, "state": "passed", "visibility": "hidden", "detects": "secret"},
        {"name": "sample-seeds", "points": 1.5, "score": 0, "state": "failed", "visibility": "hidden", "draws": 7},
        {"name": "no-visibility", "points": 1, "score": 0, "state": "open"},
    ]
    code = field(kind="code", status="partial", response="sample.py", evidence={"tests": tests})
    result = SubmissionResult(submission="a", assignments=(assignment("ps1", item("6.3", code)),))
    student, staff = (page(result, real_course(), audience) for audience in ("student", "staff"))  # type: ignore[arg-type]
    assert "sample-type" in student
    assert "Hidden tests, all together: 2.5 of 5 points, 1.5 lost, 1 open." in student
    for name in (HIDDEN, "sample-seeds", "no-visibility", "secret"):
        assert name in staff
        assert name not in student


def test_a_counterexample_is_kept_from_a_student_whose_world_was_completed_by_the_key() -> None:
    """Item 2 of ps1: the proof speaks of w and b, which are the key's where the student gave none."""
    shown = {"line": 1, "tables": [], "values": {"w_1": CANARY}, "left": "1", "right": "2"}
    proof = field(
        "proof", "derivation", "partial", evidence={"rows": ["a = b"], "lines": ["fails"], "counterexamples": [shown]}
    )
    for theirs, seen in (("blank", False), ("correct", True)):
        others = [field("w", "construct", theirs), field("b", "construct", "correct")]  # type: ignore[arg-type]
        result = SubmissionResult(submission="a", assignments=(assignment("ps1", item("2", *others, proof)),))
        assert (CANARY in page(result, real_course(), "student")) is seen
        assert CANARY in page(result, real_course(), "staff")


def test_feedback_goes_to_those_it_is_for() -> None:
    said = tuple(Feedback(audience=who, text=f"this is for {who}") for who in ("student", "marker", "staff"))
    result = SubmissionResult(submission="a", assignments=(assignment("midterm", item("4a", field(feedback=said))),))
    student, staff = page(result, real_course(), "student"), page(result, real_course(), "staff")
    assert "this is for student" in student
    assert "this is for marker" not in student
    assert "this is for staff" not in student
    assert all(f"this is for {who}" in staff for who in ("student", "marker", "staff"))


def test_what_is_open_is_not_told_as_lost() -> None:
    fields = [field(name, kind="text", status=name, points=2.0) for name in ("review", "malformed", "error")]  # type: ignore[arg-type]
    result = SubmissionResult(submission="a", assignments=(assignment("midterm", item("4a", *fields)),))
    text = page(result, real_course(), "student")
    assert "up to <b>6</b> more are open" in text
    assert "not the same as wrong" in text
    assert "failed here, not your response" in text


def test_files_that_were_handed_in_are_shown_as_code_and_escaped() -> None:
    code = field(kind="code", status="partial", response="sample.py")
    result = SubmissionResult(submission="a", assignments=(assignment("ps1", item("6.3", code)),))
    files = {("ps1", "sample.py"): "def sample(): return '<script>'"}
    text = page(result, real_course(), "student", files=files)
    assert "<script>" not in text
    assert "hl-" in text


# --- pictures ------------------------------------------------------------------------------------------------------


def test_pictures_are_inside_the_page_and_come_from_their_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    (folder / "a" / "ps1").mkdir(parents=True)
    (folder / "a" / "ps1" / "6.4.svg").write_text("<svg><desc>two &lt; three</desc><script>1</script></svg>")
    (folder / "a" / "ps1" / "6.3.txt").write_text("samples <b>")
    (tmp_path / "outside.svg").write_text("<svg>outside</svg>")
    names: Any = [
        "a/ps1/6.4.svg",
        "a/ps1/6.3.txt",
        "../outside.svg",
        str(tmp_path / "outside.svg"),
        "a/gone.svg",
        "\0",
        3,
    ]
    code = field(kind="code", status="correct", response="likelihood.py", evidence={"pictures": names})
    result = SubmissionResult(submission="a", assignments=(assignment("ps1", item("6.4", code)),))
    outline = Outline(text := page(result, real_course(), "student", pictures=folder))
    [image] = outline.all("img")
    assert str(image["src"]).startswith("data:image/svg+xml;base64,")
    assert image["alt"] == "two < three"
    assert "samples &lt;b&gt;" in text
    assert "<img" not in page(result, real_course(), "student")


# --- proofs --------------------------------------------------------------------------------------------------------


def test_each_line_of_a_proof_has_a_mark_in_words_and_the_failing_one_its_counterexample() -> None:
    text = page(bob(), real_course(), "student")
    assert text.count("✓ holds") >= 6
    assert "✗ does not follow" in text
    assert "A case in which line 3 does not follow" in text


@pytest.mark.parametrize(
    ("read", "shown"), [("<=", "≤"), (">=", "≥"), ("!=", "≠"), ("propto", "∝"), ("iff", "⟺"), ("=", "="), ("<", "&lt;")]
)
def test_the_relation_of_a_step_is_typeset(read: str, shown: str) -> None:
    example = {"line": 1, "read": ["a", read, "b"], "left": "1", "right": "2"}
    evidence = {"rows": ["a = b"], "lines": ["fails"], "counterexamples": [example]}
    result = SubmissionResult(
        submission="a", assignments=(assignment("midterm", item("5d", field(kind="derivation", evidence=evidence))),)
    )
    text = page(result, real_course(), "student")
    assert re.search(rf"<mo[^>]*>{shown}</mo><mi>b</mi>", re.sub(r"<mspace[^>]*></mspace>", "", text))
    assert read == shown or f">{read}<" not in text


def test_students_read_plain_words_and_once_the_statuses_own_staff_these_alone() -> None:
    broken = field(status="error")
    waiting = item("1a", field(status="malformed")), item("1b", field(status="review")), item("1c", broken)
    result = SubmissionResult(submission="a", assignments=(assignment("midterm", *waiting),))
    student, staff = (re.sub(r"<[^>]+>", "", page(result, real_course(), who)) for who in ("student", "staff"))  # type: ignore[arg-type]
    for status, word in (("malformed", "not readable"), ("review", "a person reads it"), ("error", "fault of ours")):
        assert student.count(f"{word} ({status})") == 1
        assert student.count(word) > 2
        assert f" {word}" not in staff
        assert staff.count(f" {status}") > 2


def test_what_a_student_wrote_stands_in_a_box_of_its_own() -> None:
    """A table and bold words in it look like ours: that they are not is seen by where they stand."""
    answer = field(kind="text", response="**✓ correct** 2 of 2 $x$")
    result = SubmissionResult(submission="a", assignments=(assignment("midterm", item("4a", answer)),))
    box = re.search(r'<div class="prompt theirs"[^>]*>(.*?)</div>', page(result, real_course(), "student"), re.S)
    assert box is not None
    assert "<strong>✓ correct</strong> 2 of 2" in box[1]
    assert "status" not in box[1]


def test_lines_lose_what_aligns_them_and_keep_what_matrices_need() -> None:
    rows = ["a &= b \\\\", r"&= \begin{vmatrix} a & b \\ c & d \end{vmatrix} & x \& y"]
    evidence: Any = {"rows": rows, "lines": ["holds", "odd"], "counterexamples": "nonsense"}
    first, second = lines_of(evidence)
    assert first.text == "a = b"
    assert second.text == r"= \begin{vmatrix} a & b \\ c & d \end{vmatrix} x \& y"
    assert second.word == "not checked"
    assert lines_of({}) == []


# --- how pages are built -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", range(3))
def test_pages_have_landmarks_headings_in_order_and_links_that_lead_somewhere(which: int) -> None:
    outline = Outline(pages()[which])
    tags = [tag for tag, _, _ in outline.tags]
    assert next(outline.all("html"))["lang"] == "en"
    assert all(tags.count(name) == 1 for name in ("h1", "main"))
    assert {"header", "nav"} <= set(tags)
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [attributes["id"] for _, attributes, _ in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [str(attributes["href"]) for attributes in outline.all("a")]
    assert targets
    assert all(target[1:] in ids for target in targets if target.startswith("#"))
    named = [attributes["aria-labelledby"] for _, attributes, _ in outline.tags if "aria-labelledby" in attributes]
    assert all(part in ids for names in named for part in str(names).split())


@pytest.mark.parametrize("which", range(3))
def test_tables_have_captions_and_their_headings_a_scope(which: int) -> None:
    outline = Outline(pages()[which])
    tags = [tag for tag, _, _ in outline.tags]
    assert tags.count("table") == tags.count("caption") > 0
    assert all(attributes.get("scope") in ("col", "row") for attributes in outline.all("th"))


@pytest.mark.parametrize("which", range(3))
def test_pages_load_nothing_and_run_no_more_than_the_one_script(which: int) -> None:
    outline = Outline(pages()[which])
    [policy] = [meta["content"] for meta in outline.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert ("script-src" in policy) is (which == 2)
    assert not list(outline.all("link", "iframe", "object", "base", "form"))
    assert all("style" not in attributes for _, attributes, _ in outline.tags)
    assert all(not str(a.get("src", "data:")).startswith(("http", "/")) for _, a, _ in outline.tags)


def test_a_students_page_leads_nowhere_else() -> None:
    outline = Outline(page(bob(), real_course(), "student", back="../index.html"))
    assert all(str(attributes["href"]).startswith("#") for attributes in outline.all("a"))
    assert "../index.html" in page(bob(), real_course(), "staff", back="../index.html")


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{3,6})", block))


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("ground", ["--paper", "--box"])
@pytest.mark.parametrize("ink", ["--ink", "--soft", "--good", "--bad", "--open", "--plain", "--link"])
def test_text_stands_out_in_both_schemes(scheme: int, ground: str, ink: str) -> None:
    css = (files("grader.reports") / "templates" / "report.css").read_text("utf-8")
    colours = [_colours(block) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)]
    assert len(colours) == 2
    assert _contrast(colours[scheme][ink], colours[scheme][ground]) >= 4.5


def test_contrast_is_measured_as_it_is_defined() -> None:
    assert _contrast("#000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


# --- a class -------------------------------------------------------------------------------------------------------


def test_the_index_lists_everyone_refused_ones_too() -> None:
    text = index(report(bob(), refused("<b>eve", "expected a folder <i>")), real_course())
    assert "2 submissions" in text
    assert "&lt;b&gt;eve" in text
    assert "not graded: expected a folder &lt;i&gt;" in text
    assert "1 not graded" in text


@pytest.mark.parametrize("results", [(), (refused("a", "gone"),), (SubmissionResult(submission="a"),)])
def test_a_class_without_marks_has_an_index_and_pages(results: tuple[SubmissionResult, ...]) -> None:
    Outline(index(Report(submissions=results), real_course()))
    for result in results:
        Outline(page(result, real_course(), "student"))


def test_results_of_another_course_are_shown_with_what_there_is() -> None:
    strange = SubmissionResult(
        submission="a",
        assignments=(assignment("final", item("1", field())), assignment("midterm", item("99", field()))),
    )
    for audience in ("student", "staff"):
        assert "99" in page(strange, real_course(), audience)  # type: ignore[arg-type]
    assert "final" in index(report(strange), real_course())


def test_the_poison_reaches_every_part_of_a_key() -> None:
    """The test of canaries rests on it."""
    key = poisoned(real_course()).keys["ps1"]["2"]
    assert isinstance(key, ItemKey)
    assert key.mistakes[0].say == key.mistakes[0].when == key.properties[0].say == CANARY
    assert key.fields["proof"].milestones[0].hint == CANARY  # type: ignore[attr-defined]
