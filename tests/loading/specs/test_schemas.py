"""The schemas that editors check with: they hold for every file of the course, and slips are marked where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, BeforeValidator

from grader.loading.specs.schemas import as_text, first_line, schemas, targets
from grader.loading.specs.strays import strays_of_problems, strays_of_reference
from grader.loading.specs.written import definitions
from grader.spec import KINDS
from tests.course import ROOT
from tests.loading.specs.editors import complaints
from tests.loading.specs.test_course import HEAD, KEY_ONE, ONE, TWO

SCHEMAS = schemas()
WRITTEN = sorted([*(ROOT / "problems").glob("**/*.yaml"), *(ROOT / "reference").glob("**/*.yaml")])


def name_of(path: Path) -> str:
    if path.is_relative_to(ROOT / "reference"):
        return "key"
    return "assignment" if path.name == "assignment.yaml" else "question"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_is_the_one_that_lies_with_the_course(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    path = targets(ROOT / "problems", ROOT / "reference")[name]
    assert path.read_text("utf-8") == as_text(SCHEMAS[name]), "run: grade schema"


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_names_its_schema_and_meets_it(path: Path) -> None:
    text = path.read_text("utf-8")
    line, name = text.split("\n")[0], name_of(path)
    assert line == first_line(name)
    named = path.parent / line.partition("$schema=")[2]
    assert json.loads(named.read_text("utf-8")) == SCHEMAS[name]
    assert complaints(SCHEMAS[name], text) == []


def test_there_are_files() -> None:
    assert len(WRITTEN) > 25


def test_schemas_are_no_strays() -> None:
    assert list(strays_of_problems(ROOT / "problems")) == []
    names = {
        path.name: [p.stem for p in path.glob("*.yaml")] for path in (ROOT / "reference").iterdir() if path.is_dir()
    }
    names.pop("schemas")
    assert list(strays_of_reference(ROOT / "reference", names)) == []


FORMS = """\
question: no
title: 4
options: {models: {AR: [autoregressive], VAE: , 3: []}}
items:
  - {id: 1, points: '2', prompt: yes, answer: {kind: choice, options: true/false}}
  - {id: 1e5, points: 2, prompt: a, answer: {kind: select, options: [1, no, true]}}
  - {id: 1b, points: 2.5, prompt: a, fields: {why: {kind: text}}}
  - {id: 1c, points: 2, prompt: a, answer: {kind: numeric, form: {size: {at_most: 4, costs: 1}, exact: all}}}
  - id: 1d
    points: 2
    prompt: a
    symbols: {r: {}, y: {domain: (0, 1)}}
    answer: {kind: symbolic, form: [value, exact]}
  - id: 1f
    points: 2
    prompt: a
    answer: {kind: derivation, world: {distributions: [p(x), {of: q(x), is: 1}]}, claim: [a = b, c = d]}
"""
KEY_FORMS = """\
1a: {answer: 7, prove: {simulate: {Z: uniform(-2, 3), n: 3}, claim: density(X, 1) = 1/15}, mistakes: , tests: []}
1b:
  answer: {value: 2, tolerance: {interval: [1, 2]}}
  why: no
  prove: {answer: [{reason: because}, {value_of: 2}]}
1c: {answer: [AR, no, 3]}
1d: {answer: {must: none, may: [EBM]}}
2: {answer: true, prove: [{enumerate: {bits_for: 3}}, {world: 2, claim: 1 = 1}]}
"""


@pytest.mark.parametrize(
    ("name", "text"), [("question", FORMS), ("key", KEY_FORMS), ("key", "# nothing yet\n"), ("assignment", HEAD)]
)
def test_every_short_form_is_valid(name: str, text: str) -> None:
    assert complaints(SCHEMAS[name], text) == []


BROKEN = [
    ("assignment", HEAD, "points: 8", "pionts: 8", "", "pionts"),
    ("assignment", HEAD, "points: 8", "points: eight", "points", "eight"),
    ("assignment", HEAD, "selection: per-option", "selection: some", "policies.selection", "some"),
    ("question", ONE, "title: Numbers\n", "", "", "'title' is a required property"),
    ("question", ONE, "prompt: How many?", "promt: How many?", "items.0", "promt"),
    ("question", ONE, "    prompt: How many?\n", "", "items.0", "'prompt' is a required property"),
    ("question", ONE, "kind: numeric", "kind: numerc", "items.0.answer.kind", "numerc"),
    ("question", ONE, "{kind: numeric}", "numeric", "items.0.answer", "numeric"),
    ("question", ONE, "{kind: numeric}", "{kind: numeric, options: yes/no}", "items.0.answer", "options"),
    ("question", ONE, "    answer: {kind: numeric}\n", "", "items.0", "'answer' is a required property"),
    ("question", ONE, "points: 2", "points: -2", "items.0.points", "minimum"),
    ("question", ONE, "id: 1a", "id: ../1a", "items.0.id", "does not match"),
    ("question", ONE, "arity: 1", "arity: one", "items.1.symbols.p.arity", "one"),
    ("question", ONE, "arity: 1", "arty: 1", "items.1.symbols.p", "arty"),
    ("question", ONE, "      left:", "      tests:", "items.1.fields", "tests"),
    ("question", ONE, "left: {kind: symbolic, points: 2}", "left: {kind: symbolic}", "items.1.fields.left", "points"),
    ("question", TWO, "options: models}", "}", "items.0.answer", "'options' is a required property"),
    ("key", KEY_ONE, "when: 8", "wen: 8", "1a.mistakes.0", "wen"),
    ("key", KEY_ONE, "credit: 1", "credit: some", "1a.mistakes.0.credit", "some"),
    ("key", KEY_ONE, "status: correct", "status: corect", "1a.tests.0.status", "corect"),
    ("key", KEY_ONE, ", score: 2, status: correct", "", "1a.tests.0", "score"),
    ("key", KEY_ONE, "answer: 7", "answer: {valeu: 7}", "1a.answer", "valeu"),
    ("key", KEY_ONE, "answer: 7", "answer: {value: 7, tolerance: {digit: 3}}", "1a.answer.tolerance", "digit"),
    ("key", KEY_ONE, "answer: 7", "prove: {value_of: 2, equal: 3}", "1a.prove", "equal"),
    ("key", KEY_ONE, "answer: 7", "prove: {enumerate: {bits_for: many}}", "1a.prove.enumerate.bits_for", "many"),
    ("key", KEY_ONE, "answer: 7", "prove: {answer: {valu_of: 2}}", "1a.prove.answer", "value_of"),
    ("key", KEY_ONE, "1a:\n", "1a:\n  properties: [{of: [w], alwys: [a = b]}]\n", "1a.properties.0", "alwys"),
]


@pytest.mark.parametrize(("name", "text", "old", "new", "where", "said"), BROKEN, ids=lambda part: str(part)[:24])
def test_a_slip_is_marked_where_it_is(name: str, text: str, old: str, new: str, where: str, said: str) -> None:
    assert complaints(SCHEMAS[name], text) == []
    assert old in text
    found = complaints(SCHEMAS[name], text.replace(old, new, 1))
    assert any(place == where and said in message for place, message in found), found


def test_every_kind_and_every_key_is_told_in_words() -> None:
    defs: dict[str, Any] = SCHEMAS["question"]["$defs"]
    assert defs["Field"]["properties"]["kind"]["enum"] == list(KINDS)
    assert "typeset" in defs["Symbol"]["properties"]["latex"]["description"]
    silent = [
        f"{model}.{name}"
        for schema in SCHEMAS.values()
        for model, found in schema["$defs"].items()
        for name, part in found.get("properties", {}).items()
        if "description" not in part and model.endswith(("Field", "Item", "Question", "Mistake", "Property"))
    ]
    assert silent == []


def test_a_shorthand_without_a_written_form_is_an_error() -> None:
    def _new(value: object) -> object:
        return value

    class Model(BaseModel):
        short: Annotated[str, BeforeValidator(_new)]

    with pytest.raises(NotImplementedError, match="_new"):
        definitions([Model])
