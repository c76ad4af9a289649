"""What each audience may see of a submission. A student's view is built from what is named here, never by leaving out.

A student sees the prompt, the response, how it was read, the verdict, feedback for students, the lines of a proof with
counterexamples (worlds are public), public tests, and of the hidden ones the points. All else is in ``Behind``, which a
student's view does not have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from grader.checkers.code import PRINTED
from grader.checkers.text import READ_BY_HUMAN
from grader.checkers.unjudged import NOT_YET
from grader.checking.readings import hint
from grader.errors import SpecError
from grader.explaining import written
from grader.keys import DerivationKey, ItemKey
from grader.loading.specs.course import Course
from grader.reports.html.environment import LONGEST
from grader.reports.html.evidence import CodeTest, Hidden, Line, hidden_of, lines_of, listed
from grader.reports.html.pictures import Picture, pictures_of
from grader.result import AssignmentResult, FieldResult, ItemResult, Status, SubmissionResult
from grader.spec import CodeField, DerivationField, Item, Spec

Audience = Literal["student", "staff"]
_SHOWN_ELSEWHERE = frozenset({"rows", "lines", "limits", "counterexamples", "tests", "pictures", "output", "traceback"})
_SAID_BY_STATUS = (READ_BY_HUMAN, NOT_YET)
_READ_AS_WORDS = frozenset({"choice", "select", "text", "code"})
Files = Mapping[tuple[str, str], str]  # what was handed in as code, by assignment and file name


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a proof was expected to pass, and the line where it did."""

    hint: str
    points: float
    line: int | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a verdict, for staff alone. ``notes`` have their audience in front."""

    key: str | None
    notes: tuple[tuple[str, str], ...]
    milestones: tuple[Milestone, ...]
    evidence: tuple[tuple[str, str], ...]
    output: str
    traceback: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. ``cut`` is how long the response was, where only its beginning is shown."""

    name: str
    kind: str
    prompt: str
    status: Status
    points: float
    score: float
    pending: float
    response: str | None
    cut: int
    reading: str
    feedback: tuple[str, ...]
    hint: str
    printed: str
    lines: tuple[Line, ...]
    limits: str
    tests: tuple[CodeTest, ...]
    hidden: Hidden | None
    pictures: tuple[Picture, ...]
    source: str
    behind: Behind | None

    @property
    def is_formula(self) -> bool:
        return self.kind not in _READ_AS_WORDS


@dataclass(frozen=True, slots=True)
class ItemView:
    id: str
    anchor: str
    prompt: str
    status: Status
    points: float
    score: float
    pending: float
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class QuestionView:
    number: str
    title: str
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class AssignmentView:
    id: str
    title: str
    points: float
    score: float
    pending: float
    notes: tuple[str, ...]
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks, and what lies beside the results: the course, files that were handed in, a folder of pictures."""

    audience: Audience
    course: Course
    files: Files = field(default_factory=dict)
    pictures: Path | None = None

    def key(self, assignment: str, item: str) -> ItemKey | None:
        found = self.course.keys.get(assignment, {}).get(item)
        return None if found is None or isinstance(found, SpecError) else found


def views(result: SubmissionResult, sight: Sight) -> list[AssignmentView]:
    """What ``sight`` lets be seen of a submission, by assignment."""
    return [_assignment(assignment, sight) for assignment in result.assignments]


def _assignment(result: AssignmentResult, sight: Sight) -> AssignmentView:
    spec = sight.course.assignments.get(result.id)
    return AssignmentView(
        id=result.id,
        title=spec.title if spec else result.id,
        points=result.points,
        score=result.score,
        pending=result.pending,
        notes=(*result.unreadable, *result.remarks),
        questions=tuple(_questions(result, sight)),
    )


def _questions(result: AssignmentResult, sight: Sight) -> Iterator[QuestionView]:
    """In the order of the assignment; at the end, under no question, items that the course does not have."""
    left = {item.id: item for item in result.items}
    spec = sight.course.assignments.get(result.id)
    for question in spec.questions if spec else ():
        found = [(item, left.pop(item.id)) for item in question.items if item.id in left]
        if found:
            items = tuple(_item(result.id, own, item, sight) for item, own in found)
            yield QuestionView(question.question, question.title, items)
    if left:
        yield QuestionView("", "Other items", tuple(_item(result.id, own, None, sight) for own in left.values()))


def _item(assignment: str, result: ItemResult, item: Item | None, sight: Sight) -> ItemView:
    return ItemView(
        id=result.id,
        anchor=f"item-{assignment}-{result.id}",
        prompt=item.prompt if item else "",
        status=result.status,
        points=result.points,
        score=result.score,
        pending=result.pending,
        fields=tuple(_field(assignment, result, one, item, sight) for one in result.fields),
    )


def _field(assignment: str, whole: ItemResult, result: FieldResult, item: Item | None, sight: Sight) -> FieldView:
    spec = item.field(result.name) if item else None
    response = result.response
    said = tuple(one.text for one in result.feedback if one.audience == "student")
    tests = listed(CodeTest, result.evidence.get("tests"))
    staff = sight.audience == "staff"
    return FieldView(
        name=result.name,
        kind=result.kind,
        prompt=(spec.prompt or "") if spec else "",
        status=result.status,
        points=result.points,
        score=result.score,
        pending=result.pending,
        response=response[:LONGEST] if response else response,
        cut=len(response) if response and len(response) > LONGEST else 0,
        reading=_reading(result),
        feedback=tuple(text for text in said if text not in _SAID_BY_STATUS and not text.startswith(PRINTED)),
        hint=hint(spec) if spec and response and result.status == "malformed" else "",
        printed="\n".join(text.removeprefix(PRINTED) for text in said if text.startswith(PRINTED)),
        lines=tuple(lines_of(result.evidence, with_examples=staff or _all_theirs(spec, whole))),
        limits=str(result.evidence.get("limits") or ""),
        tests=tuple(test for test in tests if staff or test.visibility == "public"),
        hidden=hidden_of(tests),
        pictures=tuple(pictures_of(result.evidence.get("pictures"), sight.pictures)),
        source=sight.files.get((assignment, spec.file), "") if isinstance(spec, CodeField) else "",
        behind=_behind(assignment, whole, result, sight) if staff else None,
    )


def _reading(result: FieldResult) -> str:
    """How the response was read, where that is not just what was written."""
    reading, response = result.read_as or "", (result.response or "").strip()
    return "" if result.kind in _READ_AS_WORDS and reading.casefold() == response.casefold() else reading


def _all_theirs(spec: Spec | None, item: ItemResult) -> bool:
    """Whether the world of a proof holds nothing of the key, which stands in for another field that was left blank."""
    if not isinstance(spec, DerivationField) or spec.world is None:
        return False
    given = {quantity.given_by for quantity in spec.world.quantities.values()} - {None}
    return given <= {one.name for one in item.fields if one.response is not None}


# --- for staff ---


def _behind(assignment: str, item: ItemResult, result: FieldResult, sight: Sight) -> Behind:
    key = sight.key(assignment, item.id)
    own = key.fields.get(result.name) if key else None
    notes = [(one.audience, one.text) for one in result.feedback if one.audience != "student"]
    evidence = [(name, _plain(value)) for name, value in result.evidence.items() if name not in _SHOWN_ELSEWHERE]
    more = [(str(test.get("name")), _more(test)) for test in _mappings(result.evidence.get("tests"))]
    evidence += [(f"test {name}", _plain(found)) for name, found in more if found]
    return Behind(
        key=written(own),
        notes=tuple(notes),
        milestones=tuple(_milestones(own, result)) if isinstance(own, DerivationKey) else (),
        evidence=tuple(evidence),
        output=str(result.evidence.get("output") or ""),
        traceback=str(result.evidence.get("traceback") or ""),
    )


def _mappings(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _more(test: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What a test recorded besides its result."""
    return {name: value for name, value in test.items() if name not in CodeTest.model_fields}


def _milestones(key: DerivationKey, result: FieldResult) -> Iterator[Milestone]:
    passed = result.evidence.get("milestones")
    for one, line in zip(key.milestones, passed if isinstance(passed, list) else [], strict=False):
        yield Milestone(one.hint, one.points, line if isinstance(line, int) else None)


def _plain(value: JsonValue) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name} = {_short(one)}" for name, one in value.items())
    return _short(value)


def _short(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
