"""What only shows when a key is put to use: the key on itself, its mistakes, its marking tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import checkers
from grader.errors import Fault
from grader.keys import ItemKey
from grader.loading.specs.course import load_course
from grader.marking import NO_SECRET, course_faults, try_test
from tests.loading.specs.test_course import change, load, write

KEYS = "reference/quiz/1.yaml"
MISTAKE = "{when: 8, credit: 1, say: One too many.}"
TEST = "{answer: '7', score: 2, status: correct}"


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    write(tmp_path)
    (tmp_path / "reference/secret").write_text("of our own\n")
    return tmp_path


def lint(folder: Path) -> list[Fault]:
    return course_faults(load(folder))


def only(folder: Path) -> Fault:
    (fault,) = lint(folder)
    return fault


def test_nothing_is_wrong_with_the_quiz(quiz: Path) -> None:
    assert lint(quiz) == []


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_without_a_secret_draws_can_be_foreseen(quiz: Path, text: str | None) -> None:
    secret = quiz / "reference/secret"
    secret.unlink()
    if text is not None:
        secret.write_text(text)
    assert load(quiz).faults == ()
    assert (only(quiz).where.file, only(quiz).message) == (secret, NO_SECRET)


WORLD = "world: {variables: {x: {}}, distributions: ['p(x)']}, claim: 'E_{p(x)}[1] = 1'"
A_HUMAN = [
    ("kind: construct", "", "8a.answer: no property is asked of it, so a human marks it; write what it must do"),
    (f"kind: derivation, {WORLD}", "", "8a.answer: there is no key, so a human marks it; write a chain of your own"),
    ("kind: derivation", "", ""),
    ("kind: code, file: a.py, function: f", "", "8a.answer: there are no tests, so a human marks it"),
    ("kind: code, file: a.py, function: f, checks: {sample-type: 1}", "", "add up to 1, the field has 2"),
    ("kind: code, file: a.py, function: f, checks: {sample-type: 2}", "", ""),
    ("kind: construct", "8a: {tests: [{answer: x, score: 2}]}\n", "8a.answer: no property is asked of it"),
    ("kind: construct", None, "no such file; it holds the keys of question 8: 8a"),
    ("kind: text", None, ""),
    ("kind: code, file: b.py, function: f, checks: {sample-type: 2}", "", "b.py: there is no such file; put code"),
]


@pytest.mark.parametrize(("field", "key", "said"), A_HUMAN)
def test_what_a_human_would_have_to_mark_for_want_of_a_key_is_said_once(
    quiz: Path, field: str, key: str | None, said: str
) -> None:
    change(quiz, "problems/quiz/assignment.yaml", "points: 8", "points: 10")
    change(quiz, "problems/quiz/assignment.yaml", "[1, 2]", "[1, 2, 8]")
    item = f"{{id: 8a, points: 2, prompt: What?, answer: {{{field}}}}}"
    (quiz / "problems/quiz/8.yaml").write_text(f"question: 8\ntitle: New\nitems:\n  - {item}\n")
    (quiz / "reference/quiz/a.py").write_text("def f(): ...\n")
    if key is not None:
        (quiz / "reference/quiz/8.yaml").write_text(key)
    found = [str(fault) for fault in lint(quiz)]
    assert [said in text for text in found] == [True] * bool(said), found


def test_without_keys_nothing_is_said_of_a_secret(quiz: Path) -> None:
    assert course_faults(load_course(quiz / "problems", None)) == []


def test_a_secret_that_cannot_be_read_is_said_once(quiz: Path) -> None:
    (quiz / "reference/secret").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in only(quiz).message


@pytest.mark.parametrize(
    ("key", "said"),
    [("1/0", "division by zero"), ("infinity", "infinity is not a number"), ("7)", "cannot be read")],
)
def test_a_key_without_a_value_is_said_once_with_item_and_line(quiz: Path, key: str, said: str) -> None:
    change(quiz, KEYS, "answer: 7", f"answer: {key}")
    assert said in only(quiz).message
    assert (only(quiz).field, only(quiz).where.line) == ("1a.answer", 2)


def test_a_field_without_a_key_is_named_where_the_item_stands(quiz: Path) -> None:
    change(quiz, KEYS, "  left: r\n", "")
    assert str(only(quiz)) == f"{quiz / KEYS}:7: 1b.left: there is no key for this field"


def test_a_checker_that_breaks_hides_no_other_fault(quiz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.setitem(checkers.CHECKERS, "symbolic", broken)
    change(quiz, KEYS, "answer: 7", "answer: 1/0")
    said = [(fault.field, fault.message) for fault in lint(quiz)]
    assert [field for field, _ in said] == ["1a.answer", "1b.left", "1b.right"]
    assert "ZeroDivisionError: by design" in said[1][1]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("1/5)", "cannot be read"),
        ("maybe", "no name known here"),
        ("7", "right by the key"),
        ("14/2", "right by the key"),
        ("1/0", "division by zero"),
    ],
)
def test_a_mistake_that_never_fits_is_found_in_its_line(quiz: Path, when: str, said: str) -> None:
    change(quiz, KEYS, MISTAKE, f"{{when: 9, say: a}}\n    - {{when: '{when}', say: b}}")
    assert said in only(quiz).message
    assert (only(quiz).where.line, only(quiz).field) == (5, "1a.answer")


@pytest.mark.parametrize("when", ["it depends", "There is none."])
def test_a_phrase_is_listed_on_purpose(quiz: Path, when: str) -> None:
    change(quiz, KEYS, "when: 8", f"when: {when}")
    assert lint(quiz) == []


@pytest.mark.parametrize(
    ("when", "test"), [("maybe", "{answer: maybe, score: 0, status: malformed}"), ("1/0", "{answer: 1/0, score: 1}")]
)
def test_a_marking_test_says_that_words_are_meant(quiz: Path, when: str, test: str) -> None:
    change(quiz, KEYS, "when: 8", f"when: {when}")
    change(quiz, KEYS, TEST, test)
    assert lint(quiz) == []


def test_a_key_that_breaks_its_own_form_rule_is_found(quiz: Path) -> None:
    change(quiz, "problems/quiz/1.yaml", "{kind: numeric}", "{kind: numeric, form: value}")
    assert lint(quiz) == []
    change(quiz, KEYS, "answer: 7", "answer: 6 + 1")
    messages = {fault.message for fault in lint(quiz)}
    assert "the key breaks the field's own form rule value" in messages


def test_a_mistake_may_be_written_in_any_form_but_not_be_right(quiz: Path) -> None:
    change(quiz, "problems/quiz/1.yaml", "{kind: numeric}", "{kind: numeric, form: value}")
    change(quiz, KEYS, "when: 8", "when: 4 + 4")
    assert lint(quiz) == []
    change(quiz, KEYS, "when: 4 + 4", "when: 3 + 4")
    assert "right by the key" in only(quiz).message


def test_an_interval_that_does_not_hold_the_key_is_found(quiz: Path) -> None:
    change(quiz, KEYS, "answer: 7", "answer: {value: 7, tolerance: {interval: [8, 9]}}")
    assert "outside of the interval" in lint(quiz)[0].message


def test_marking_tests_are_run(quiz: Path) -> None:
    change(quiz, KEYS, TEST, f"{TEST}\n    - {{answer: '8', score: 2, status: correct}}")
    assert (only(quiz).where.line, only(quiz).field) == (7, "1a.answer")
    for part in ("'answer: 8'", "expected correct, 2", "got partial, 1", "One too many."):
        assert part in only(quiz).message


def test_a_marking_test_of_several_fields_adds_up(quiz: Path) -> None:
    with (quiz / KEYS).open("a") as file:
        file.write("  tests:\n    - {left: r, right: p(r), score: 2, status: partial}\n")
    assert lint(quiz) == []
    item = load(quiz).assignments["quiz"].items[1]
    key = load(quiz).keys["quiz"]["1b"]
    assert isinstance(key, ItemKey)
    trial = try_test(item, key, key.tests[0])
    assert (trial.score, trial.status, trial.points) == (2, "partial", 4)


def test_a_wrong_response_beside_an_unreadable_mistake_is_wrong(quiz: Path) -> None:
    change(quiz, KEYS, "when: 8", "when: it depends")
    change(
        quiz, KEYS, TEST, "{answer: '9', score: 0, status: incorrect}\n    - {answer: It depends., status: malformed}"
    )
    assert lint(quiz) == []


def test_a_region_without_a_variable_names_its_item(quiz: Path) -> None:
    change(quiz, "problems/quiz/1.yaml", "kind: numeric", "kind: region")
    assert "one declared symbol" in only(quiz).message
    assert only(quiz).field == "1a.answer"
