"""Problems and keys, from YAML to types. All that is wrong is found at once, each with its file, line and field.

An assignment whose public files are wrong cannot be graded at all and is left out; a wrong key makes only its own item
fail (as ``error``), so that one slip in ``reference/`` does not stop a class.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from grader.errors import Fault, SpecError, Unreadable, UsageError, Where
from grader.loading.spec_faults import faults_of, nearest
from grader.loading.yaml import Document, Loc, read_yaml
from grader.math.domains import domain
from grader.math.lexer import tokenize
from grader.spec import (
    KEY_TYPES,
    RESERVED,
    Assignment,
    AssignmentHead,
    FieldKey,
    Item,
    ItemKey,
    MarkingTest,
    Mistake,
    Question,
    SelectField,
    Spec,
)
from grader.submission import Response, Work

Model = TypeVar("Model", bound=BaseModel)
SECRET = "secret"


@dataclass(frozen=True)
class Course:
    """``keys`` is by assignment, then item: a key, or why there is none. ``faults`` concern files as a whole."""

    assignments: dict[str, Assignment]
    keys: dict[str, dict[str, ItemKey | SpecError]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    reference: Path | None = None


def find_folder(name: str, start: Path) -> Path | None:
    """``name`` beside ``start`` or its nearest parent that has it, as a person at ``start`` would write it."""
    found = next((folder / name for folder in (start, *start.parents) if (folder / name).is_dir()), None)
    return found and Path(os.path.relpath(found, start))


def load_course(problems: Path, reference: Path | None) -> Course:
    """Load every assignment under ``problems``, with its keys where ``reference`` is given."""
    assignments: dict[str, Assignment] = {}
    keys: dict[str, dict[str, ItemKey | SpecError]] = {}
    faults: list[Fault] = []
    folders = sorted(path.parent for path in problems.glob("*/assignment.yaml"))
    if not folders:
        raise UsageError(f"{problems} holds no assignment: expected <assignment>/assignment.yaml in it")
    for folder in folders:
        assignment, questions, found = _load_assignment(folder)
        faults += found
        if reference is not None:
            read, found = _load_keys(folder.name, questions, reference)
            faults += found
            if assignment is None:
                faults += [fault for key in read.values() if isinstance(key, SpecError) for fault in key.faults]
            else:
                keys[assignment.id] = read
        if assignment is not None:
            assignments[assignment.id] = assignment
    return Course(assignments, keys, tuple(dict.fromkeys(faults)), reference)


def _secret(reference: Path) -> str:
    try:
        return (reference / SECRET).read_text("utf-8").strip()
    except OSError:
        return ""


def _read(path: Path) -> Document:
    try:
        return read_yaml(path.read_text("utf-8-sig"), path)
    except FileNotFoundError as error:
        raise SpecError([Fault(Where(path), "", "there is no such file")]) from error
    except OSError as error:
        raise SpecError([Fault(Where(path), "", f"cannot be opened ({error.strerror})")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SpecError([Fault(Where(path, line), "", "is not UTF-8 text here")]) from error


def _typed(model: type[Model], document: Document) -> Model:
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise SpecError(faults_of(error, document)) from error


# --- problems ------------------------------------------------------------------------------------------------------


def _load_assignment(folder: Path) -> tuple[Assignment | None, list[Question], list[Fault]]:
    """One folder under ``problems/``: the assignment if nothing is wrong with it, the questions that could be read, and
    every fault in any of its files."""
    try:
        document = _read(folder / "assignment.yaml")
        head = _typed(AssignmentHead, document)
    except SpecError as error:
        return None, [], error.faults
    faults: list[Fault] = []
    questions: list[Question] = []
    for name in head.questions:
        try:
            questions.append(_load_question(folder / f"{name}.yaml", name))
        except SpecError as error:
            faults += error.faults
    faults += _strays(folder, head)
    if not faults:
        faults += _doubled(questions, folder) + _wrong_total(head, questions, document)
    if faults:
        return None, questions, faults
    settled = tuple(_with_policy(question, head) for question in questions)
    return Assignment(id=folder.name, title=head.title, points=head.points, questions=settled), questions, []


def _load_question(path: Path, name: str) -> Question:
    document = _read(path)
    question = _typed(Question, document)
    faults = [fault for place, item in enumerate(question.items) for fault in _item_faults(item, place, document)]
    if question.question != name:
        message = f"the file is {path.name}, so expected question: {name} instead of {question.question}"
        faults.append(Fault(document.where(("question",)), "question", message))
    if faults:
        raise SpecError(faults)
    return question


def _item_faults(item: Item, place: int, document: Document) -> Iterator[Fault]:
    """What the types cannot see: whether domains and aliases can be read, and names that symbols refer to."""
    names = {name for spec in item.fields for name in spec.symbols}
    for name, symbol in {name: s for spec in item.fields for name, s in spec.symbols.items()}.items():
        where = document.where(("items", place, "symbols", name))
        try:
            domain(symbol.domain)
            for alias in symbol.aliases:
                tokenize(alias)
        except Unreadable as error:
            yield Fault(where, f"{item.id}.symbols.{name}", str(error))
        if symbol.below is not None and symbol.below not in names:
            yield Fault(where, f"{item.id}.symbols.{name}", f"below: names {symbol.below!r}, which is not declared")


def _strays(folder: Path, head: AssignmentHead) -> list[Fault]:
    known = {"assignment", *head.questions}
    return [
        Fault(Where(path), "", f"is not among the questions of assignment.yaml ({', '.join(head.questions)})")
        for path in sorted(folder.glob("*.yaml"))
        if path.stem not in known
    ]


def _doubled(questions: list[Question], folder: Path) -> list[Fault]:
    ids = [(item.id, question.question) for question in questions for item in question.items]
    seen: dict[str, str] = {}
    faults = []
    for item, question in ids:
        if item in seen:
            where = Where(folder / f"{question}.yaml")
            faults.append(Fault(where, item, f"the item stands twice: here and in question {seen[item]}"))
        seen[item] = question
    return faults


def _wrong_total(head: AssignmentHead, questions: list[Question], document: Document) -> list[Fault]:
    total = sum((Fraction(str(item.points)) for question in questions for item in question.items), Fraction(0))
    if total == Fraction(str(head.points)):
        return []
    message = f"the items' points add up to {float(total):g}, the assignment says {head.points:g}"
    return [Fault(document.where(("points",)), "points", message)]


def _with_policy(question: Question, head: AssignmentHead) -> Question:
    """Write the assignment's policy into the fields that name none."""

    def settled(spec: Spec) -> Spec:
        if isinstance(spec, SelectField) and spec.policy is None:
            return spec.model_copy(update={"policy": head.policies.selection})
        return spec

    items = [item.model_copy(update={"fields": tuple(map(settled, item.fields))}) for item in question.items]
    return question.model_copy(update={"items": tuple(items)})


# --- keys ----------------------------------------------------------------------------------------------------------


def _load_keys(
    assignment: str, questions: list[Question], reference: Path
) -> tuple[dict[str, ItemKey | SpecError], list[Fault]]:
    """Keys by item, and faults that concern no single item. An item without a usable key has the reason instead."""
    keys: dict[str, ItemKey | SpecError] = {}
    faults: list[Fault] = []
    seed = f"{_secret(reference)}/{assignment}"
    for question in questions:
        try:
            document = _read(reference / assignment / f"{question.question}.yaml")
        except SpecError as error:
            keys |= {item.id: error for item in question.items}
            continue
        data = document.data if isinstance(document.data, dict) else {}
        known = [item.id for item in question.items]
        for item in question.items:
            keys[item.id] = _item_key(item, document, data, seed)
        for name in data.keys() - set(known):
            message = f"question {question.question} has no item {name!r}{nearest(name, known)}"
            faults.append(Fault(document.where((name,)), name, message))
    return keys, faults


def _item_key(item: Item, document: Document, data: Mapping[str, object], seed: str) -> ItemKey | SpecError:
    raw = data.get(item.id)
    if raw is None:
        return SpecError([Fault(document.where(()), item.id, f"there is no key for item {item.id}")])
    if not isinstance(raw, dict):
        return SpecError([Fault(document.where((item.id,)), item.id, "expected a mapping from fields to their keys")])
    return _KeyReader(item, document, raw, seed).read()


class _KeyReader:
    """Reads the key of one item, collecting faults."""

    def __init__(self, item: Item, document: Document, raw: Mapping[str, object], seed: str) -> None:
        self.item, self.document, self.raw, self.seed = item, document, raw, seed
        self.faults: list[Fault] = []

    def read(self) -> ItemKey | SpecError:
        names = [spec.name for spec in self.item.fields]
        for name in self.raw.keys() - {*names, *RESERVED}:
            expected = nearest(name, [*names, "mistakes", "tests", "prove"])
            self.fault((name,), f"item {self.item.id} has no field {name!r}{expected}")
        fields = {spec.name: key for spec in self.item.fields if (key := self.field_key(spec)) is not None}
        mistakes = self.listed("mistakes", self.mistake)
        tests = self.listed("tests", self.test)
        if self.faults:
            return SpecError(self.faults)
        return ItemKey(fields=fields, mistakes=mistakes, tests=tests, prove=self.raw.get("prove"))

    def fault(self, loc: Loc, message: str) -> None:
        label = ".".join(str(part + 1 if isinstance(part, int) else part) for part in (self.item.id, *loc))
        self.faults.append(Fault(self.document.where((self.item.id, *loc)), label, message))

    def typed(self, model: type[Model], data: object, loc: Loc) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults += faults_of(error, self.document, (self.item.id, *loc))
            return None

    def field_key(self, spec: Spec) -> FieldKey | None:
        value = self.raw.get(spec.name)
        if value is None:
            return None
        model = KEY_TYPES[spec.kind]
        data = value
        if isinstance(value, list):
            data = {"must": value} if "must" in model.model_fields else {"value": self.source(spec.name)}
        elif not isinstance(value, dict):
            data = {"must": [value] if value != "none" else []} if "must" in model.model_fields else {"value": value}
        key = self.typed(model, data, (spec.name,))
        where = self.document.where((self.item.id, spec.name))
        return key and key.placed(where, f"{self.seed}/{self.item.id}/{spec.name}")

    def source(self, name: str) -> str:
        return self.document.sources.get((self.item.id, name), "")

    def listed(self, name: str, read: Callable[[object, Loc], Model | None]) -> tuple[Model, ...]:
        value = self.raw.get(name) or []
        if not isinstance(value, list):
            self.fault((name,), "expected a list")
            return ()
        found = [read(entry, (name, place)) for place, entry in enumerate(value)]
        return tuple(entry for entry in found if entry is not None)

    def mistake(self, entry: object, loc: Loc) -> Mistake | None:
        found = self.typed(Mistake, entry, loc)
        if found is None:
            return None
        spec = self.item.field(found.field) if found.field else self.item.main
        if spec is None:
            names = ", ".join(s.name for s in self.item.fields)
            self.fault(loc, f"expected field: with one of {names}")
            return None
        if found.credit != "review" and found.credit > spec.worth:
            self.fault((*loc, "credit"), f"{found.credit:g} is more than the {spec.worth:g} points of {spec.name}")
        return found.model_copy(update={"field": spec.name})

    def test(self, entry: object, loc: Loc) -> MarkingTest | None:
        if not isinstance(entry, dict):
            self.fault(loc, "expected a mapping such as {answer: 1/15, score: 2, status: correct}")
            return None
        expected = {name: entry[name] for name in ("score", "status") if name in entry}
        responses = {name: value for name, value in entry.items() if name not in expected}
        for name in responses:
            if self.item.field(name) is None:
                known = [*(s.name for s in self.item.fields), "score", "status"]
                self.fault((*loc, name), f"item {self.item.id} has no field {name!r}{nearest(name, known)}")
        return self.typed(MarkingTest, {"responses": responses, **expected}, loc)


# --- the reference as a submission ---------------------------------------------------------------------------------


def reference_work(course: Course, assignment: Assignment) -> Work:
    """The keys of an assignment as if a student had handed them in."""
    assert course.reference is not None
    responses: dict[str, dict[str, Response]] = {}
    for item in assignment.items:
        key = course.keys[assignment.id].get(item.id)
        if isinstance(key, ItemKey):
            found = {name: as_response(field_key) for name, field_key in key.fields.items()}
            responses[item.id] = {name: response for name, response in found.items() if response.text}
    code = {path.name: path.read_text("utf-8") for path in sorted((course.reference / assignment.id).glob("*.py"))}
    return Work(assignment=assignment.id, responses=responses, code=code)


def as_response(key: FieldKey) -> Response:
    """The key as a student would have written it."""
    if hasattr(key, "must"):
        return Response(text=", ".join(key.must) or "none", parts=key.must or None)
    return Response(text=getattr(key, "value", ""))
