"""Testing keys: whether each can be read and earns full marks, and whether its marking tests come out as expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.checkers import JUDGED, judge
from grader.errors import Fault, SpecError, Unreadable, Where
from grader.loading.course import Course, as_response
from grader.result import Outcome
from grader.spec import FieldKey, Item, ItemKey, MarkingTest, Spec
from grader.submission import Response


def course_faults(course: Course) -> list[Fault]:
    """Everything wrong with problems and keys: what loading found, and what only shows when a key is put to use."""
    faults = list(course.faults)
    for assignment in course.assignments.values():
        for item in assignment.items:
            key = course.keys.get(assignment.id, {}).get(item.id)
            if isinstance(key, SpecError):
                faults += [fault for fault in key.faults if fault not in faults]
            elif key is not None:
                faults += _key_faults(item, key)
    return sorted(faults)


def _key_faults(item: Item, key: ItemKey) -> Iterator[Fault]:
    for spec in item.fields:
        if spec.kind not in JUDGED:
            continue
        field_key = key.fields.get(spec.name)
        if field_key is None:
            where = next((k.where for k in key.fields.values()), Where(None))  # type: ignore[arg-type]
            yield Fault(where, f"{item.id}.{spec.name}", "there is no key for this field")
        else:
            yield from _field_faults(item, key, spec, field_key)


def _field_faults(item: Item, key: ItemKey, spec: Spec, field_key: FieldKey) -> Iterator[Fault]:
    label = f"{item.id}.{spec.name}"
    try:
        own = judge(spec, field_key, (), as_response(field_key))
        if own.status != "correct":
            yield Fault(field_key.where, label, f"the key itself comes out {own.status}: {_said(own)}")
        for mistake in key.mistakes:
            if mistake.field != spec.name:
                continue
            parts = None if isinstance(mistake.when, str) else mistake.when
            text = mistake.when if isinstance(mistake.when, str) else ", ".join(mistake.when)
            if judge(spec, field_key, (), Response(text=text, parts=parts)).status == "correct":
                yield Fault(field_key.where, label, f"the mistake {text!r} is right by the key")
            judge(spec, field_key, (mistake,), _WRONG)
    except SpecError as error:
        yield from error.faults
    except Unreadable as error:
        yield Fault(field_key.where, label, str(error))


_WRONG = Response(text="0 = 1")


@dataclass(frozen=True, slots=True)
class Trial:
    """One marking test that was run: what it expects beside what came out."""

    item: str
    field: str
    response: str
    expected: MarkingTest
    outcome: Outcome

    @property
    def passed(self) -> bool:
        score, status = self.expected.score, self.expected.status
        return (score is None or abs(score - self.outcome.score) < 1e-9) and status in (None, self.outcome.status)

    def __str__(self) -> str:
        score = "any score" if self.expected.score is None else f"{self.expected.score:g}"
        return (
            f"{self.item}.{self.field} {self.response!r}: expected {self.expected.status or 'any status'}, {score}; "
            f"got {self.outcome.status}, {self.outcome.score:g} ({_said(self.outcome)})"
        )


def trials(item: Item, key: ItemKey) -> Iterator[Trial]:
    """Run the marking tests of one item."""
    for test in key.tests:
        for name, value in test.responses.items():
            spec = item.field(name)
            assert spec is not None, name
            parts = None if isinstance(value, str) else value
            response = Response(text=value if isinstance(value, str) else ", ".join(value), parts=parts)
            mistakes = [mistake for mistake in key.mistakes if mistake.field == name]
            yield Trial(item.id, name, response.text, test, judge(spec, key.fields.get(name), mistakes, response))


def _said(outcome: Outcome) -> str:
    return " ".join(feedback.text for feedback in outcome.feedback)
