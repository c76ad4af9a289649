"""Testing keys: whether each can be read and earns full marks, and whether its marking tests come out as expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from grader.checkers import JUDGED, as_written, judge, judge_constructs, judge_derivations, key_of, without_form
from grader.errors import Fault, GraderError, SpecError, Where
from grader.keys import DerivationKey, FieldKey, ItemKey, MarkingTest, Mistake, Property, ValueKey
from grader.loading.specs.course import Course, as_response
from grader.loading.specs.keys import SECRET, load_secret, no_file
from grader.result import Outcome, Status, combined_status, waiting
from grader.spec import CodeField, ConstructField, DerivationField, Item, Spec

NO_SECRET = "is missing: draws can be foreseen; put a line of your own there"


def course_faults(course: Course, step: Callable[[str], None] = lambda name: None) -> list[Fault]:
    """Everything wrong with problems and keys: what loading found, and what only shows when a key is put to use.

    ``step`` is called with each item that was gone through.
    """
    faults = [*course.faults, *course.gaps, *_secret_faults(course)]
    for assignment in course.assignments.values():
        for item in assignment.items:
            key = course.keys.get(assignment.id, {}).get(item.id)
            if isinstance(key, SpecError):
                faults += key.faults
            else:
                faults += _left_to_a_human(course, assignment.id, item, key)
                faults += [*key.misrouted, *_key_faults(item, key)] if key else []
            step(f"{assignment.id}/{item.id}")
    return sorted(dict.fromkeys(faults))


def _secret_faults(course: Course) -> Iterator[Fault]:
    """No reason to stop grading, so only said here; a secret that cannot be read was found in loading."""
    if course.reference is not None and load_secret(course.reference) == ("", []):
        yield Fault(Where(course.reference / SECRET), "", NO_SECRET)


def _left_to_a_human(course: Course, assignment: str, item: Item, key: ItemKey | None) -> Iterator[Fault]:
    """Fields that a machine would judge if their key had what it takes: else nobody hears of it before the class."""
    if course.reference is None:
        return
    folder = course.reference / assignment
    question = next(asked for asked in course.assignments[assignment].questions if item in asked.items)
    file = folder / f"{question.question}.yaml"
    where = key.where if key else Where(file)
    for spec in item.fields:
        for why in _why_a_human(spec, key):
            yield Fault(where, f"{item.id}.{spec.name}", why) if key or file.exists() else no_file(file, question)
        if isinstance(spec, CodeField) and not (folder / spec.file).is_file():
            said = (
                f"there is no such file; put code of your own there that is right by {item.id}: grade reference runs it"
            )
            yield Fault(Where(folder / spec.file), "", said)


def _why_a_human(spec: Spec, key: ItemKey | None) -> Iterator[str]:
    """What the key of a derivation, construct or code field lacks; that of any other kind must be there."""
    found = key.fields.get(spec.name) if key else None
    if isinstance(spec, DerivationField) and spec.world is not None and found is None:
        yield "there is no key, so a human marks it; write a chain of your own that shows the claim, below value: |"
    if isinstance(spec, ConstructField) and not any(spec.name in prop.of for prop in (key.properties if key else ())):
        asked = f"properties: [{{of: [{spec.name}], always: [RELATION]}}]"
        yield f"no property is asked of it, so a human marks it; write what it must do, as in {asked}"
    if isinstance(spec, CodeField) and found is None:
        total = sum(Fraction(str(points)) for points in spec.checks.values())
        if not total:
            yield "there are no tests, so a human marks it; write checks: with their points"
        elif total != Fraction(str(spec.worth)):
            yield f"the points of all tests add up to {float(total):g}, the field has {spec.worth:g}"


def _key_faults(item: Item, key: ItemKey) -> Iterator[Fault]:
    for spec in item.fields:
        field_key = key.fields.get(spec.name)
        label = f"{item.id}.{spec.name}"
        if isinstance(spec, DerivationField) and spec.world is not None and field_key is not None:
            yield from _contained(field_key.where, label, partial(_derivation_faults, item, spec, key, label))
        if spec.kind not in JUDGED:
            continue
        if field_key is None:
            yield Fault(key.where, label, "there is no key for this field")
            continue
        yield from _contained(field_key.where, label, partial(_own_faults, spec, field_key, label))
        for mistake in key.mistakes:
            if mistake.field == spec.name:
                yield from _contained(mistake.where, label, partial(_mistake_faults, spec, key, mistake))
    for prop in key.properties:
        label = f"{item.id}.{'.'.join(prop.of)}"
        yield from _contained(prop.where, label, partial(_property_faults, item, key, prop, label))
    for test in key.tests:
        label = f"{item.id}.{'.'.join(test.responses)}"
        yield from _contained(test.where, label, partial(_test_faults, item, key, test, label))


def _contained(where: Where, label: str, look: Callable[[], Iterator[Fault]]) -> list[Fault]:
    """What ``look`` finds; if it breaks, that is the fault. One key must not hide what is wrong with the others."""
    try:
        return list(look())
    except SpecError as error:
        return error.faults
    except Exception as error:  # the wall between one key and all the others, as in grading
        return [Fault(where, label, f"the checker failed: {type(error).__name__}: {error}")]


def _own_faults(spec: Spec, key: FieldKey, label: str) -> Iterator[Fault]:
    own = judge(spec, key, (), as_response(key))
    if own.status != "correct":
        why = _said(own) or ", ".join(f"{name} {value}" for name, value in own.evidence.items())
        yield Fault(key.where, label, f"the key itself comes out {own.status}: {why}")


def _derivation_faults(item: Item, spec: Spec, key: ItemKey, label: str) -> Iterator[Fault]:
    """The key's own chain must earn every point, with the key's own objects."""
    own = {
        name: as_response(found) for name, found in key.fields.items() if isinstance(found, ValueKey | DerivationKey)
    }
    outcome = judge_derivations(item, key, own).get(spec.name) or judge(spec, key.fields[spec.name], (), own[spec.name])
    if outcome.status != "correct":
        yield Fault(key.fields[spec.name].where, label, f"the key's chain comes out {outcome.status}: {_said(outcome)}")


def _property_faults(item: Item, key: ItemKey, prop: Property, label: str) -> Iterator[Fault]:
    """The key's own objects must have the property that they are asked to have."""
    own = {name: as_response(key.fields[name]) for name in prop.of}
    for name, outcome in judge_constructs(item, key, own).items():
        if outcome.status != "correct":
            yield Fault(prop.where, label, f"the key's own {name} comes out {outcome.status}: {_said(outcome)}")


def _mistake_faults(spec: Spec, key: ItemKey, mistake: Mistake) -> Iterator[Fault]:
    response, field_key, spec = as_written(mistake.when), key.fields[spec.name], without_form(spec)
    if judge(spec, field_key, (), response).status == "correct":
        yield Fault(mistake.where, field_key.label, f"the mistake {response.text!r} is right by the key")
    try:
        itself = judge(spec, key_of(mistake, spec, field_key), (), response)
        trouble = "" if itself.status == "correct" else _said(itself)
    except GraderError as error:
        trouble = error.faults[0].message if isinstance(error, SpecError) else str(error)
    if trouble and not _meant_as_words(spec, key, mistake):
        said = f"only these very words meet the mistake {response.text!r} (a marking test with them says it is meant)"
        yield Fault(mistake.where, field_key.label, f"{said}: {trouble.removeprefix('the key ')}")


def _meant_as_words(spec: Spec, key: ItemKey, mistake: Mistake) -> bool:
    """``it depends`` is no response that can be read, and listed on purpose: a phrase, or there is a marking test."""
    tested = [test.responses.get(spec.name) for test in key.tests]
    return mistake.when in tested or bool(_PHRASE.fullmatch(as_written(mistake.when).text))


_PHRASE = re.compile(r"[^\W\d_]+(?:[\s'’-]+[^\W\d_]+)+[.!?]?")


@dataclass(frozen=True, slots=True)
class Trial:
    """One marking test that was run: what it expects beside what came out, by field."""

    item: str
    expected: MarkingTest
    outcomes: dict[str, Outcome]
    points: float

    @property
    def score(self) -> float:
        return round(sum(outcome.score for outcome in self.outcomes.values()), 6)

    @property
    def status(self) -> Status:
        return combined_status([outcome.status for outcome in self.outcomes.values()], self.score, self.points)

    @property
    def passed(self) -> bool:
        score, status = self.expected.score, self.expected.status
        return (score is None or abs(score - self.score) < 1e-6) and status in (None, self.status)

    @property
    def written(self) -> str:
        """The responses, by field."""
        return ", ".join(f"{name}: {as_written(value).text}" for name, value in self.expected.responses.items())

    def __str__(self) -> str:
        score = "any score" if self.expected.score is None else f"{self.expected.score:g}"
        said = " ".join(_said(outcome) for outcome in self.outcomes.values())
        return (
            f"{self.written!r}: expected {self.expected.status or 'any status'}, {score}; "
            f"got {self.status}, {self.score:g}" + (f" ({said})" if said else "")
        )


SORTS = {"right": 3, "wrong": 3, "malformed": 1}  # and how many of each a field should have


@dataclass(frozen=True, slots=True)
class ItemTrials:
    """An item whose marking tests were run, or the faults for which they cannot be."""

    assignment: str
    item: Item
    trials: tuple[Trial, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.assignment}/{self.item.id}"

    @property
    def failed(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if not trial.passed)

    @property
    def coverage(self) -> dict[str, Counter[str]]:
        """For each field with marks that a machine judges, how many tests of each sort it has."""
        judged = [spec.name for spec in self.item.fields if spec.kind in JUDGED | {"construct"} and spec.worth]
        return {name: Counter(sort(trial) for trial in self.trials if name in trial.outcomes) for name in judged}


def sort(trial: Trial) -> str:
    """Whether a test is of a right, a wrong or a malformed response."""
    score, status = trial.expected.score, trial.expected.status
    if status == "malformed":
        return "malformed"
    is_right = status == "correct" or (status is None and score == trial.points)
    return "right" if is_right else "wrong"


def try_item(course: Course, assignment: str, item: Item) -> ItemTrials:
    """Run the marking tests of an item of the course."""
    key = course.keys.get(assignment, {}).get(item.id)
    if isinstance(key, SpecError):
        return ItemTrials(assignment, item, faults=tuple(key.faults))
    ran = tuple(try_test(item, key, test) for test in key.tests) if key else ()
    return ItemTrials(assignment, item, ran)


def try_test(item: Item, key: ItemKey, test: MarkingTest) -> Trial:
    """Run one marking test. One that breaks has failed, and costs no other."""
    try:
        return _ran(item, key, test)
    except Exception as error:  # the wall between one test and all the others, as in grading
        said = str(error) if isinstance(error, GraderError) else f"the checker failed: {type(error).__name__}: {error}"
        specs = [spec for spec in item.fields if spec.name in test.responses]
        broken = {spec.name: waiting("error", spec.worth, said) for spec in specs}
        return Trial(item.id, test, broken, sum(spec.worth for spec in specs))


def _ran(item: Item, key: ItemKey, test: MarkingTest) -> Trial:
    responses = {name: as_written(value) for name, value in test.responses.items()}
    together = judge_constructs(item, key, responses) | judge_derivations(item, key, responses)
    outcomes: dict[str, Outcome] = {}
    points = 0.0
    for name, value in test.responses.items():
        spec = item.field(name)
        assert spec is not None, name
        points += spec.worth
        mistakes = [mistake for mistake in key.mistakes if mistake.field == name]
        outcomes[name] = together.get(name) or judge(spec, key.fields.get(name), mistakes, as_written(value))
    return Trial(item.id, test, outcomes, points)


def _test_faults(item: Item, key: ItemKey, test: MarkingTest, label: str) -> Iterator[Fault]:
    lacking = {spec.name for spec in item.fields if spec.kind in JUDGED} - key.fields.keys()
    lacking |= {spec.name for spec in item.fields if spec.kind != "code" and any(_why_a_human(spec, key))}
    if test.responses.keys() & lacking:
        return  # which is said already
    trial = _ran(item, key, test)
    if not trial.passed:
        yield Fault(test.where, label, f"a marking test fails: {trial}")


def _said(outcome: Outcome) -> str:
    return " ".join(feedback.text for feedback in outcome.feedback)
