"""The record of what was proved: which changes make it void, and that nothing else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.loading.specs.course import Course
from grader.proving.course import prove
from grader.proving.record import FILE, read_record, unproved, write_record
from tests.proving.common import NUMBER, load, write

KEY = """
answer: 2
prove: {enumerate: {bits_for: 4}}
mistakes:
  - {when: 3, say: Too many.}
tests:
  - {answer: 2, score: 2}
"""
OWN = "def route():\n    return 2\n"


def proved(folder: Path, key: str = KEY) -> Course:
    course = load(write(folder, key))
    write_record(course, list(prove(course)), complete=True)
    return course


def test_a_key_is_unproved_until_it_was_proved(tmp_path: Path) -> None:
    assert unproved(load(write(tmp_path, KEY))) == ["quiz/1a.answer"]
    assert unproved(proved(tmp_path)) == []
    assert unproved(load(tmp_path), ["quiz/1a"]) == []
    assert unproved(load(write(tmp_path, KEY.replace("answer: 2\n", "answer: 3\n", 1))), ["quiz/other"]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("answer: 2\n", "answer: 3\n"),
        ("answer: 2\n", "answer: {value: 2, tolerance: {absolute: 1}}\n"),
        ("bits_for: 4", "bits_for: 3"),
        ("prove: {enumerate: {bits_for: 4}}", "prove: {value_of: 2}"),
        ("prove: {enumerate: {bits_for: 4}}", "prove: [{enumerate: {bits_for: 4}}, {value_of: 2}]"),
        ("prove: {enumerate: {bits_for: 4}}", "prove: [{enumerate: {bits_for: 4}}, {value_off: 2}]"),
        ("prove: {enumerate: {bits_for: 4}}", ""),
    ],
)
def test_what_makes_the_record_void(tmp_path: Path, old: str, new: str) -> None:
    proved(tmp_path)
    assert old in KEY
    assert unproved(load(write(tmp_path, KEY.replace(old, new, 1)))) == ["quiz/1a.answer"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Too many.", "Fewer."), ("when: 3", "when: 5"), ("{answer: 2, score: 2}", "{answer: 3, score: 0}")],
)
def test_what_does_not(tmp_path: Path, old: str, new: str) -> None:
    proved(tmp_path)
    assert unproved(load(write(tmp_path, KEY.replace(old, new)))) == []


def test_a_changed_prompt_does_not_and_a_changed_domain_does(tmp_path: Path) -> None:
    symbolic, symbols = "    answer: {kind: symbolic}\n", "    symbols: {x: {domain: positive}}\n"
    key = "answer: 2 x\nprove: {derivative_of: x^2, with_respect_to: x}"
    course = load(write(tmp_path, key, symbolic, symbols))
    write_record(course, list(prove(course)), complete=True)
    problem = tmp_path / "problems/quiz/1.yaml"
    problem.write_text(problem.read_text().replace("What?", "Which?"))
    assert unproved(load(tmp_path)) == []
    assert unproved(load(write(tmp_path, key, symbolic, symbols.replace("positive", "real")))) == ["quiz/1a.answer"]


def test_a_changed_file_of_a_python_route_does(tmp_path: Path) -> None:
    key = "answer: 2\nprove: {python: own.py}"
    write(tmp_path, key)
    own = tmp_path / "reference/quiz/own.py"
    own.write_text(OWN)
    assert unproved(proved(tmp_path, key)) == []
    own.write_text(OWN.replace("2", "1 + 1"))
    assert unproved(load(tmp_path)) == ["quiz/1a.answer"]


def test_only_what_is_settled_is_recorded(tmp_path: Path) -> None:
    proved(tmp_path)
    course = load(write(tmp_path, KEY.replace("answer: 2\n", "answer: 3\n", 1)))
    write_record(course, list(prove(course)), complete=False)
    assert read_record(course.reference) == {}


def test_a_part_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    course = proved(tmp_path)
    before = (tmp_path / "reference" / FILE).read_text()
    write_record(course, [], complete=False)
    assert (tmp_path / "reference" / FILE).read_text() == before
    write_record(course, [], complete=True)
    assert read_record(course.reference) == {}


def test_seeds_and_bounds_of_draws_are_recorded_and_the_same_each_time(tmp_path: Path) -> None:
    key = "answer: 1/2\nprove: {simulate: {X: bernoulli(1/2)}, claim: 'E[X] = answer'}"
    course = proved(tmp_path, key)
    first = (tmp_path / "reference" / FILE).read_text()
    (drawn,) = json.loads(first)["proved"]["quiz/1a.answer"]["routes"][0]["draws"]
    assert set(drawn) == {"claim", "seed", "draws", "alpha", "estimated", "low", "high"}
    assert drawn["low"] <= 0.5 <= drawn["high"]
    proved(tmp_path, key)
    assert (tmp_path / "reference" / FILE).read_text() == first
    (tmp_path / "reference/secret").write_text("another")
    write_record(course, list(prove(load(tmp_path))), complete=True)
    (other,) = read_record(course.reference)["quiz/1a.answer"]["routes"][0]["draws"]
    assert other["seed"] != drawn["seed"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"proved": []}', '{"proved": {"quiz/1a.answer": 3}}', "null"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    write(tmp_path, KEY, NUMBER)
    (tmp_path / "reference" / FILE).write_text(text)
    assert unproved(load(tmp_path)) == ["quiz/1a.answer"]
