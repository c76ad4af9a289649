"""A student's work as it can be read without any key: what ``grade check`` says of it.

Nothing is decided here of whether a response is right. Formulas are read, proofs line by line; code is looked at, and
its public tests are run with draws that anybody can foresee. Only problems are asked for, never keys.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from grader.checkers.code import run_public
from grader.checkers.reading import without_bullet
from grader.checking.found import AssignmentCheck, Check, FieldCheck, ItemCheck, PublicTest
from grader.checking.functions import look
from grader.checking.readings import MOST_WRITTEN, Faulty, beginning, read_field
from grader.harness.lab import Desk, Lab
from grader.loading.specs.course import Course
from grader.loading.work.answers import PACKED
from grader.loading.work.code import is_written
from grader.sandbox.endings import Stopped
from grader.spec import FORMULA_KINDS, Assignment, CodeField, Item, Spec
from grader.submission import Response, Submission, Work

NAME_IT = "is an archive and was not looked into; to check it, name it behind 'grade check'"
NOT_ASKED = "Code was not run, as was asked for."
NOTHING_FOUND = "nothing was found for this, but part of what was handed in could not be read; see the notes"
DASH = "the dash in front is read as a minus; without one, leave it away"
NO_FILE = "this stands in no Python file"
NO_PUBLIC_TESTS = "there are no public tests for this"
OUR_FAULT = "the course or the grader is at fault here, not you; tell your instructor"
OTHER_MODEL = "the problem's model is {}, and this was run with another one"


def check(
    submission: Submission,
    course: Course,
    items: Collection[str] = (),
    lab: Lab | None = None,
    running: Callable[[str], object] = lambda name: None,
) -> Check:
    """Read everything in ``submission``; with ``items`` (``midterm/4a``), these alone. ``running`` hears the name of an
    item before its code is run in ``lab``; without one nothing is run."""
    found = []
    ran = False
    packed = [text for text in submission.left_out if text.endswith(PACKED)]  # about to be handed in, most likely
    for work in submission.works:
        assignment = course.assignments[work.assignment]
        chosen = [item for item in assignment.items if not items or f"{assignment.id}/{item.id}" in items]
        with _desk(lab, work, chosen) as desk:
            found.append(_Looking(assignment, work, desk, running).found(chosen))
            ran |= desk is not None and desk.ran
    return Check(
        submission=submission.name,
        digest=submission.digest,
        isolation=lab.level if lab is not None and ran else None,
        remarks=tuple(f"{text.removesuffix(PACKED)}{NAME_IT}" for text in packed),
        left_out=tuple(text for text in submission.left_out if text not in packed),
        assignments=tuple(one for one in found if one.items),
    )


def _desk(lab: Lab | None, work: Work, items: Collection[Item]) -> contextlib.AbstractContextManager[Desk | None]:
    """Only where there is a function to run: the process for it takes seconds to start."""
    code = any(
        isinstance(spec, CodeField) and is_written(spec.file, work.code) for item in items for spec in item.fields
    )
    return lab.desk(work.code) if lab is not None and code else contextlib.nullcontext()


@dataclass(frozen=True, slots=True)
class _Looking:
    """One work on one assignment, looked through field by field; a fault costs its own field alone."""

    assignment: Assignment
    work: Work
    desk: Desk | None
    running: Callable[[str], object]

    def found(self, items: Collection[Item]) -> AssignmentCheck:
        known = {item.id for item in self.assignment.items}
        return AssignmentCheck(
            id=self.assignment.id,
            remarks=tuple(remark.text for remark in self.work.remarks if remark.item not in known),
            unreadable=(*(trouble.text for trouble in self.work.troubles), *self.work.lost),
            items=tuple(map(self.item, items)),
        )

    def item(self, item: Item) -> ItemCheck:
        fields = tuple(self.field(spec, item) for spec in item.fields)
        said = {field.trouble for field in fields}
        remarks = (remark.text for remark in self.work.remarks if remark.item == item.id and remark.text not in said)
        return ItemCheck(id=item.id, points=item.points, remarks=tuple(remarks), fields=fields)

    def field(self, spec: Spec, item: Item) -> FieldCheck:
        bare = FieldCheck(name=spec.name, kind=spec.kind, points=spec.worth, hidden=_hidden(spec))
        try:
            if isinstance(spec, CodeField) and is_written(spec.file, self.work.code):
                return self.code(bare, spec, item)
            response = self.work.responses.get(item.id, {}).get(spec.name)
            if response is None or response.blank:
                return self.absent(bare, spec)
            return _response(bare, spec, response, _readable(self.work.responses[item.id]))
        except Faulty as error:
            return bare.model_copy(update={"state": "error", "trouble": f"{OUR_FAULT}: {error}"})
        except Exception as error:  # the wall between one field and all the others, as in grading
            said = f"{OUR_FAULT}: {type(error).__name__}: {error}"
            return bare.model_copy(update={"state": "error", "trouble": said})

    def absent(self, bare: FieldCheck, spec: Spec) -> FieldCheck:
        """Blank, unless part of the submission could not be read, for then it may stand there."""
        if self.work.troubles:
            return bare.model_copy(update={"state": "malformed", "trouble": NOTHING_FOUND})
        if isinstance(spec, CodeField):
            begun = spec.file in self.work.code
            said = f"{spec.function} is not written yet" if begun else f"there is no file {spec.file}"
            return bare.model_copy(update={"remarks": (said,)})
        return bare

    def code(self, bare: FieldCheck, spec: CodeField, item: Item) -> FieldCheck:
        """A function: looked at, and run where it can be."""
        specs = [spec for other in self.assignment.items for spec in other.fields]
        asked = {other.function for other in specs if isinstance(other, CodeField) and other.file == spec.file}
        seen = look(spec, item, self.work.code[spec.file], asked)
        said = (seen.remark,) if seen.remark else ()
        name = spec.file
        there = bare.model_copy(update={"written": name, "source": name, "plain": seen.signature, "remarks": said})
        if seen.trouble:
            return there.model_copy(update={"state": "failed", "trouble": seen.trouble})  # as all tests then do
        if seen.unwritten:
            return there.model_copy(update={"remarks": (seen.unwritten,)})
        if not spec.checks:
            return there.model_copy(update={"state": "ready", "remarks": (*said, NO_PUBLIC_TESTS)})
        refusal = NOT_ASKED if self.desk is None else self.desk.lab.refusal()
        if self.desk is None or refusal:
            return there.model_copy(update={"state": "not run", "remarks": (*said, refusal)})
        self.running(f"{self.assignment.id}/{item.id}")
        return _run(there, spec, self.desk)


def _hidden(spec: Spec) -> float:
    """Points of tests that need the key."""
    return round(spec.worth - sum(spec.checks.values()), 6) if isinstance(spec, CodeField) else 0.0


def _readable(responses: Mapping[str, Response]) -> dict[str, str]:
    return {name: one.text for name, one in responses.items() if one.problem is None and not one.blank}


def _response(bare: FieldCheck, spec: Spec, response: Response, others: Mapping[str, str]) -> FieldCheck:
    """A response that is text: read, or why it cannot be."""
    written = beginning(response.text, MOST_WRITTEN)
    there = bare.model_copy(update={"written": written, "source": response.source})
    if isinstance(spec, CodeField):
        told = f"put it into {spec.file}, or into a code cell that begins '# file: {spec.file}'"
        there = there.model_copy(update={"state": "not run", "trouble": NO_FILE, "hint": told})
    if response.problem is not None:
        return there.model_copy(update={"state": "malformed", "trouble": response.problem})
    if isinstance(spec, CodeField):
        return there
    found = there.model_copy(update=read_field(spec, response, others))
    if spec.kind in FORMULA_KINDS and without_bullet(response) is not None:
        return found.model_copy(update={"remarks": (*found.remarks, DASH)})
    return found


def _run(there: FieldCheck, spec: CodeField, desk: Desk) -> FieldCheck:
    """With what its public tests come to."""
    try:
        found, printed = run_public(spec, desk)
    except Stopped as stopped:
        return there.model_copy(update={"state": "error", "trouble": f"{OUR_FAULT}: {stopped}"})
    tests = tuple(
        PublicTest(name=name, points=spec.checks[name], state=one.state, said=one.say) for name, one in found.items()
    )
    states = {test.state for test in tests}
    state = "failed" if "failed" in states else "not run" if "open" in states else "ready"
    home = desk.lab.chosen.name == spec.model
    said = there.remarks if home else (*there.remarks, OTHER_MODEL.format(spec.model))
    return there.model_copy(update={"state": state, "tests": tests, "printed": printed, "remarks": said})
