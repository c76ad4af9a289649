"""A submission against its assignments. Faults are contained here: whatever breaks costs its own field alone."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Collection, Iterable, Sequence

from grader.checkers import UNKEYED, judge, judge_constructs, judge_derivations
from grader.checkers.code import check_code, show_code
from grader.errors import Fault, GraderError, SpecError, Where
from grader.harness.lab import Desk, Lab
from grader.keys import CodeKey, ItemKey
from grader.loading.specs.course import Course
from grader.loading.work.code import is_written
from grader.result import (
    AssignmentResult,
    Feedback,
    FieldResult,
    ItemResult,
    Outcome,
    SubmissionResult,
    combined_status,
    waiting,
)
from grader.spec import Assignment, CodeField, Item, Spec
from grader.submission import Remark, Response, Submission, Work


def grade_submission(
    submission: Submission, course: Course, items: Collection[str] = (), lab: Lab | None = None
) -> SubmissionResult:
    """Judge everything in ``submission``; with ``items`` (``midterm/4a``), these alone, and points are theirs.

    Course code runs in ``lab``; without one a human marks it.
    """
    results = []
    ran = False
    for work in submission.works:
        with contextlib.nullcontext() if lab is None else lab.desk(work.code, submission.name, work.assignment) as desk:
            results.append(grade_work(work, course, items, desk))
            ran |= desk is not None and desk.ran
    return SubmissionResult(
        submission=submission.name,
        digest=submission.digest,
        isolation=lab.level if lab is not None and ran else None,
        refused=submission.refused,
        left_out=submission.left_out,
        assignments=tuple(result for result in results if result.items),
    )


def grade_work(work: Work, course: Course, items: Collection[str] = (), desk: Desk | None = None) -> AssignmentResult:
    """One student's work on one assignment, item by item in the assignment's order."""
    assignment = course.assignments[work.assignment]
    chosen = [item for item in assignment.items if not items or f"{assignment.id}/{item.id}" in items]
    results = tuple(_grade_item(item, work, course, desk) for item in chosen)
    return AssignmentResult(
        id=assignment.id,
        points=sum(item.points for item in chosen) if items else assignment.points,
        score=_total(result.score for result in results),
        pending=_total(result.pending for result in results),
        remarks=_remarks(work, assignment),
        unreadable=(*(trouble.text for trouble in work.troubles), *work.lost),
        items=results,
    )


def _total(amounts: Iterable[float]) -> float:
    """A sum of marks without the dust of binary fractions."""
    return round(sum(amounts), 6)


def _remarks(work: Work, assignment: Assignment) -> tuple[str, ...]:
    """Remarks on files; those on single items stand with the item."""
    known = {item.id for item in assignment.items}
    return tuple(remark.text for remark in work.remarks if remark.item not in known)


def _grade_item(item: Item, work: Work, course: Course, desk: Desk | None) -> ItemResult:
    key = course.keys.get(work.assignment, {}).get(item.id)
    if key is None:
        key = SpecError([Fault(Where(course.reference or "reference"), item.id, "there is no key")])  # type: ignore[arg-type]
    judged = _together(key, work, item)
    if course.reference is None or not isinstance(key, SpecError):
        judged |= _code(None if isinstance(key, SpecError) else key, work, item, desk)
    fields = [_grade_field(spec, key, work, item, judged.get(spec.name)) for spec in item.fields]
    said = {feedback.text for field in fields for feedback in field.feedback}
    remarks = [remark for remark in work.remarks if remark.item == item.id and remark.text not in said]
    if remarks:
        fields = [_with_remarks(fields[0], remarks), *fields[1:]]
    score = _total(field.score for field in fields)
    return ItemResult(
        id=item.id,
        points=item.points,
        score=score,
        pending=_total(field.pending for field in fields),
        status=combined_status(
            [field.status for field in fields if field.points or len(fields) == 1], score, item.points
        ),
        fields=tuple(fields),
    )


def _with_remarks(field: FieldResult, remarks: Sequence[Remark]) -> FieldResult:
    said = tuple(Feedback(text=remark.text) for remark in remarks)
    return field.model_copy(update={"feedback": said + field.feedback})


def _together(key: ItemKey | SpecError, work: Work, item: Item) -> dict[str, Outcome]:
    """Outcomes of the fields that are judged with others: a fault costs those of one kind alone."""
    if isinstance(key, SpecError):
        return {}
    found = {spec.name: _response(spec, work, item) for spec in item.fields}
    responses = {name: response for name, response in found.items() if response and response.problem is None}
    outcomes: dict[str, Outcome] = {}
    for kind, judge_all in (("construct", judge_constructs), ("derivation", judge_derivations)):
        try:
            outcomes |= judge_all(item, key, responses)
        except Exception as error:  # the same wall as around a single field
            asked = {spec.name: spec for spec in item.fields if spec.kind == kind and spec.name in responses}
            outcomes |= {name: _broken(spec, error) for name, spec in asked.items()}
    return outcomes


def _code(key: ItemKey | None, work: Work, item: Item, desk: Desk | None) -> dict[str, Outcome]:
    """Outcomes of the functions that were handed in; without a key (a self-check) the public tests are run."""
    found = {}
    for spec in item.fields:
        if isinstance(spec, CodeField) and is_written(spec.file, work.code):
            field_key = key.fields.get(spec.name) if key else None
            assert field_key is None or isinstance(field_key, CodeKey)
            try:
                found[spec.name] = _with_pictures(check_code(spec, field_key, desk), spec, field_key, item, desk)
            except Exception as error:  # the same wall as around a single field
                found[spec.name] = _broken(spec, error)
    return found


def _with_pictures(outcome: Outcome, spec: CodeField, key: CodeKey | None, item: Item, desk: Desk | None) -> Outcome:
    """The same outcome, whatever becomes of its pictures."""
    if outcome.status == "error":
        return outcome
    try:
        names = show_code(spec, key, desk, item.id)
    except Exception as error:  # a wall of its own: no mark may hang on a picture
        return outcome.saying(f"No picture was drawn: {type(error).__name__}: {error}", audience="staff")
    evidence = outcome.evidence | ({"pictures": names} if names else {})
    return outcome.model_copy(update={"evidence": evidence})


def _grade_field(
    spec: Spec, key: ItemKey | SpecError, work: Work, item: Item, judged: Outcome | None = None
) -> FieldResult:
    """``judged`` where the field was judged already: with others, or by running it."""
    response = _response(spec, work, item)
    outcome = judged or _outcome(spec, key, work, item, response)
    return FieldResult(
        name=spec.name,
        kind=spec.kind,
        points=spec.worth,
        score=outcome.score,
        pending=outcome.pending,
        status=outcome.status,
        response=response.text if response else None,
        read_as=outcome.read_as,
        feedback=outcome.feedback,
        evidence=outcome.evidence,
    )


def _response(spec: Spec, work: Work, item: Item) -> Response | None:
    if isinstance(spec, CodeField) and is_written(spec.file, work.code):
        return Response(text=spec.file, source=spec.file)
    response = work.responses.get(item.id, {}).get(spec.name)
    return None if response is None or response.blank else response


def _outcome(spec: Spec, key: ItemKey | SpecError, work: Work, item: Item, response: Response | None) -> Outcome:
    if response is None:
        return _without_key(spec, key) if work.is_key else _absent(spec, work)
    if response.problem is not None:
        return waiting("malformed", spec.worth, response.problem)
    if isinstance(key, SpecError) and spec.kind not in UNKEYED:
        return _at_fault(spec, "; ".join(map(str, key.faults)))
    try:
        return _judged(spec, key, item, response)
    except Exception as error:  # the wall between one field and all the others: see DESIGN §11
        return _broken(spec, error)


def _broken(spec: Spec, error: Exception) -> Outcome:
    """What comes of a checker that failed, called where its exception was caught."""
    if isinstance(error, SpecError):
        return _at_fault(spec, "; ".join(map(str, error.faults)))
    culprit = f"the checker of kind {spec.kind} failed: {type(error).__name__}: {error}"
    trace = "" if isinstance(error, GraderError) else traceback.format_exc(limit=-4)
    return _at_fault(spec, culprit).model_copy(update={"evidence": {"traceback": trace}})


def _judged(spec: Spec, key: ItemKey | SpecError, item: Item, response: Response) -> Outcome:
    if isinstance(key, SpecError):
        return judge(spec, None, (), response)
    field_key = key.fields.get(spec.name)
    if field_key is None and spec.kind not in UNKEYED:
        return _at_fault(spec, f"item {item.id} has no key for its field {spec.name}")
    mistakes = [mistake for mistake in key.mistakes if mistake.field == spec.name]
    return judge(spec, field_key, mistakes, response)


def _absent(spec: Spec, work: Work) -> Outcome:
    """No response: blank, unless part of the submission could not be read, for then it may stand there."""
    for trouble in sorted(work.troubles, key=lambda trouble: trouble.status != "error"):
        said = "Nothing was found for this, but part of what was handed in could not be read; see the notes."
        outcome = waiting(trouble.status, spec.worth, said)
        return outcome.model_copy(update={"evidence": {"unread": trouble.text}})
    return Outcome(status="blank")


def _without_key(spec: Spec, key: ItemKey | SpecError) -> Outcome:
    """The reference itself has nothing for this field: fine where no machine judges it, else a fault of ours."""
    if spec.kind in UNKEYED:
        return Outcome(status="blank")
    return _at_fault(spec, "; ".join(map(str, key.faults)) if isinstance(key, SpecError) else "there is no key")


def _at_fault(spec: Spec, culprit: str) -> Outcome:
    """A fault of ours: the student reads that it is not theirs, the staff read whose it is. Never a zero."""
    said = waiting("error", spec.worth, "The grader or its key is at fault here, not your response; no mark is lost.")
    return said.saying(culprit, audience="staff")
