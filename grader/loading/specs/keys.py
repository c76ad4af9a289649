"""The private files of an assignment: the key of every item, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from grader.checkers import JUDGED
from grader.checkers.select import read as read_selection
from grader.derivation.building import Misbuilt
from grader.derivation.task import build_task, read_pattern
from grader.errors import Fault, SpecError, Unreadable, Where
from grader.harness.checks.table import CHECKS
from grader.keys import (
    KEY_TYPES,
    CodeKey,
    DerivationKey,
    FieldKey,
    ItemKey,
    MarkingTest,
    Mistake,
    Property,
    SelectKey,
)
from grader.loading.specs.documents import read_document, read_instructor_text
from grader.loading.specs.faults import faults_of
from grader.loading.specs.routes import read_routes
from grader.loading.specs.unfilled import cut_off, gaps, unfilled
from grader.loading.yaml import Document, Loc
from grader.routes import ROUTES, Route
from grader.scalars import nearest
from grader.shorthand import KEY_WORDS
from grader.spec import CodeField, DerivationField, Item, Placed, Question, SelectField, Spec
from grader.submission import Response

Model = TypeVar("Model", bound=BaseModel)
Entry = TypeVar("Entry", bound=Placed)
Keys: TypeAlias = "dict[str, ItemKey | SpecError]"
SECRET = "secret"
_BESIDE = ("mistakes", "tests", "prove")  # a key marks without them


def load_secret(reference: Path) -> tuple[str, list[Fault]]:
    """The course's own line that seeds every draw; empty where there is none or it cannot be read."""
    path = reference / SECRET
    try:
        return (read_instructor_text(path).strip() if path.exists() else ""), []
    except SpecError as error:
        return "", error.faults


@dataclass(frozen=True, slots=True)
class KeysRead:
    """``keys`` is by item; one without a usable key has the reason instead. ``faults`` concern no single item, and
    ``gaps`` are in mistakes, marking tests and routes, without which a key marks all the same."""

    keys: Keys = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    gaps: list[Fault] = field(default_factory=list)


def load_keys(assignment: str, questions: Sequence[Question], reference: Path, secret: str) -> KeysRead:
    """The keys of all items of these questions."""
    found = KeysRead()
    for question in questions:
        path = reference / assignment / f"{question.question}.yaml"
        try:
            document = read_document(path)
            data = _by_item(document)
        except SpecError as error:
            reason = error if path.exists() else SpecError([no_file(path, question)])
            found.keys.update({item.id: reason for item in question.items if path.exists() or _needs_key(item)})
            continue
        first = {item.id: item for item in reversed(question.items)}  # of those that stand twice
        for item in first.values():
            if data.get(item.id) is not None or _needs_key(item):
                found.keys[item.id] = _item_key(item, document, data, f"{secret}/{assignment}", found.gaps)
        found.faults.extend(_unknown_items(question, document, data))
    return found


def no_file(path: Path, question: Question) -> Fault:
    """What to say where the keys of a question are missing altogether."""
    ids = ", ".join(item.id for item in question.items)
    said = f"there is no such file; it holds the keys of question {question.question}: {ids}"
    return Fault(Where(path), "", said)


def _by_item(document: Document) -> Mapping[str, object]:
    if document.data is None or isinstance(document.data, dict):
        return document.data or {}
    raise SpecError([Fault(document.where(), "", "expected a mapping from items to their keys")])


def _needs_key(item: Item) -> bool:
    return any(spec.kind in JUDGED for spec in item.fields)


def _unknown_items(question: Question, document: Document, data: Mapping[str, object]) -> list[Fault]:
    known = [item.id for item in question.items]
    return [
        Fault(document.where((name,)), name, f"question {question.question} has no item {name!r}{nearest(name, known)}")
        for name in data
        if name not in known
    ]


def _item_key(
    item: Item, document: Document, data: Mapping[str, object], seed: str, left: list[Fault]
) -> ItemKey | SpecError:
    raw = data.get(item.id)
    where = document.where((item.id,))
    if raw is None:
        return SpecError([Fault(where, item.id, f"there is no key for item {item.id}")])
    if not isinstance(raw, dict):
        return SpecError([Fault(where, item.id, "expected a mapping from fields to their keys")])
    left += [gap for name in raw if name in _BESIDE for gap in gaps(document, (item.id, name))]
    left += cut_off(document, (item.id,))
    return _KeyReader(item, document, raw, seed).read()


class _KeyReader:
    """Reads the key of one item, collecting faults."""

    def __init__(self, item: Item, document: Document, raw: Mapping[str, object], seed: str) -> None:
        self.item, self.document, self.raw, self.seed = item, document, raw, seed
        self.faults: list[Fault] = []

    def read(self) -> ItemKey | SpecError:
        names = [spec.name for spec in self.item.fields]
        for name in self.raw:
            if name not in (*names, *KEY_WORDS):
                self.fault((name,), f"item {self.item.id} has no field {name!r}{nearest(name, [*names, *KEY_WORDS])}")
        fields = {spec.name: key for spec in self.item.fields if (key := self.field_key(spec)) is not None}
        properties = self.listed("properties", self.property)
        mistakes = self.listed("mistakes", self.mistake)
        tests = self.listed("tests", self.test)
        for name in self.raw:
            self.faults += gaps(self.document, (self.item.id, name)) if name not in _BESIDE else []
        if self.faults:
            return SpecError([*self.faults, *self.routes()[1]])
        routes, misrouted = self.routes()
        found = ItemKey(
            fields=fields, properties=properties, mistakes=mistakes, tests=tests, prove=routes, misrouted=misrouted
        )
        return found.placed(self.document.where((self.item.id,)))

    def routes(self) -> tuple[tuple[Route, ...], tuple[Fault, ...]]:
        raw = self.raw.get("prove")
        if isinstance(raw, dict) and not ROUTES.keys() & raw.keys():  # by field
            raw = {name: found for name, found in raw.items() if not unfilled(found)}
        return read_routes(self.item, None if unfilled(raw) else raw, self.document)

    def fault(self, loc: Loc, message: str) -> None:
        label = ".".join(str(part + 1 if isinstance(part, int) else part) for part in (self.item.id, *loc))
        self.faults.append(Fault(self.document.where((self.item.id, *loc)), label, message))

    def typed(self, model: type[Model], data: object, loc: Loc) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults += faults_of(error, self.document, (self.item.id, *loc))
            return None

    # --- keys of fields ---

    def field_key(self, spec: Spec) -> FieldKey | None:
        value = self.raw.get(spec.name)
        if value is None or unfilled(value):
            return None
        data = self.selected(spec, value) if isinstance(spec, SelectField) else self.plain(spec, value)
        key = data and self.typed(KEY_TYPES[spec.kind], data, (spec.name,))
        if isinstance(spec, CodeField) and isinstance(key, CodeKey):
            self.check_points(spec, key)
        if isinstance(spec, DerivationField) and isinstance(key, DerivationKey):
            self.check_proof(spec, key)
        label = f"{self.item.id}.{spec.name}"
        where = self.document.where((self.item.id, spec.name))
        return key.placed(where, f"{self.seed}/{self.item.id}/{spec.name}", label) if key else None

    def plain(self, spec: Spec, value: object) -> dict[str, object]:
        """``answer: 1/15`` is short for ``answer: {value: 1/15}``; a bracket is the text that was typed."""
        if isinstance(value, dict):
            return value
        return {"value": self.source(spec.name) if isinstance(value, list) else value}

    def selected(self, spec: SelectField, value: object) -> dict[str, object] | None:
        """``answer: [AR, VAE]`` is short for ``answer: {must: [AR, VAE]}``; a text is read like a student's."""
        data = dict(value) if isinstance(value, dict) else {"must": value}
        for name in SelectKey.model_fields.keys() & data.keys():
            if isinstance(text := data[name], str):
                try:
                    chosen = read_selection(spec, Response(text=text))
                except Unreadable as error:
                    self.fault((spec.name, name) if isinstance(value, dict) else (spec.name,), str(error))
                    return None
                data[name] = [option for option in spec.options if option in chosen]
        return data

    def check_points(self, spec: CodeField, key: CodeKey) -> None:
        """The tests of a function are known, each is public or hidden, and their points are those of the field."""
        loc: Loc = (spec.name, "checks")
        for name in key.checks:
            if name not in CHECKS:
                self.fault((*loc, name), f"there is no test {name!r}{nearest(name, CHECKS)}")
            elif name in spec.checks:
                self.fault((*loc, name), f"{name!r} is among the public tests already")
        total = sum(Fraction(str(points)) for points in (*spec.checks.values(), *key.checks.values()))
        if total != Fraction(str(spec.worth)):
            self.fault(loc, f"the points of all tests add up to {float(total):g}, the field has {spec.worth:g}")

    def check_proof(self, spec: DerivationField, key: DerivationKey) -> None:
        """The points of a proof are those of the field, and the patterns of its milestones can be read."""
        parts = [key.ends, key.steps, *(milestone.points for milestone in key.milestones)]
        total = sum(Fraction(str(points)) for points in parts)
        if total and total != Fraction(str(spec.worth)):
            said = f"ends, steps and milestones add up to {float(total):g}, the field has {spec.worth:g}"
            self.fault((spec.name,), said)
        if spec.world is None:
            return
        try:
            task = build_task(spec.world, spec.claim, spec.proportional)
        except Misbuilt:
            return  # said of the problem's own file
        for place, milestone in enumerate(key.milestones):
            for index, text in enumerate(milestone.patterns):
                try:
                    read_pattern(task, text)
                except Unreadable as error:
                    self.fault((spec.name, "milestones", place, "patterns", index), str(error))

    def source(self, name: str) -> str:
        return self.document.sources.get((self.item.id, name), "")

    # --- mistakes and tests ---

    def listed(self, name: str, read: Callable[[object, Loc], Entry | None]) -> tuple[Entry, ...]:
        value = self.raw.get(name) or []
        if not isinstance(value, list):
            self.fault((name,), "expected a list")
            return ()
        found = []
        for place, raw in enumerate(value):
            if unfilled(raw):
                continue
            entry = read(raw, (name, place))
            if entry is not None:
                found.append(entry.placed(self.document.where((self.item.id, name, place))))
        return tuple(found)

    def property(self, entry: object, loc: Loc) -> Property | None:
        found = self.typed(Property, entry, loc)
        constructs = [spec.name for spec in self.item.fields if spec.kind == "construct"]
        for name in found.of if found else ():
            if name not in constructs:
                self.fault((*loc, "of"), f"{name!r} is no construct of item {self.item.id}{nearest(name, constructs)}")
            elif self.raw.get(name) is None:
                self.fault((*loc, "of"), f"there is no key for {name}")
        return found

    def mistake(self, entry: object, loc: Loc) -> Mistake | None:
        found = self.typed(Mistake, entry, loc)
        if found is None:
            return None
        spec = self.item.field(found.field) if found.field else self.item.main
        if spec is None:
            names = [field.name for field in self.item.fields]
            read = f" instead of {found.field!r}{nearest(found.field, names)}" if found.field else ""
            self.fault(loc, f"expected field: with one of {', '.join(names)}{read}")
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
        known = [*(s.name for s in self.item.fields), "score", "status"]
        strange = [name for name in responses if self.item.field(name) is None]
        for name in strange:
            self.fault((*loc, name), f"item {self.item.id} has no field {name!r}{nearest(name, known)}")
        found = None if strange else self.typed(MarkingTest, {"responses": responses, **expected}, loc)
        if found is not None and found.score is not None:
            self.check_score(found.score, [spec.worth for spec in self.item.fields if spec.name in responses], loc)
        return found

    def check_score(self, score: float, worths: list[float], loc: Loc) -> None:
        if score > sum(worths) + 1e-9:
            self.fault((*loc, "score"), f"{score:g} is more than the {sum(worths):g} points of what is answered")
