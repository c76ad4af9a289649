"""``code``: Python files, judged by tests of what their functions do (``harness``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import JsonValue

from grader.harness.checks.table import CHECKS, PUBLIC
from grader.harness.lab import Desk
from grader.keys import CodeKey
from grader.result import Feedback, Outcome, Status, waiting
from grader.sandbox.endings import Stopped
from grader.spec import CodeField

if TYPE_CHECKING:
    from grader.harness.checks.bench import Bench, Finding

NO_TESTS = "There are no tests for this: a human marks it."
NO_LAB = "Course code was not run here: a human marks it."
PRINTED = "The public tests made it print: "
SHOWN, STAFF_SHOWN = 1000, 4000  # characters of what it printed
ALL = 2**16  # as many are kept
_PATH = re.compile(r"(?<![\w.:/])(?:[A-Za-z]:[/\\]|/)(?:[^\s/\\'\"<>|]{1,255}[/\\]){1,64}")


def check_code(field: CodeField, key: CodeKey | None, desk: Desk | None) -> Outcome:
    """Run the public tests of the field and the hidden ones of the key. The points are those of the tests that pass."""
    points = dict(field.checks) | dict(key.checks if key else {})
    if not points or desk is None:
        return waiting("review", field.worth, NO_LAB if points else NO_TESTS)
    if refusal := desk.lab.refusal():
        return waiting("review", field.worth, refusal)
    from grader.harness.checks.suite import run_checks  # here, for it needs NumPy, and most that is graded is written

    try:
        bench = desk.bench(field.file, _secret(field, key), field.model)
        bench.session.output = ""  # of the item before
        found = run_checks(bench, points)
        outcome = _outcome(field, points, found)
    except Stopped as stopped:
        return _at_fault(field, stopped)
    return _with_output(outcome, field, bench)


def run_public(field: CodeField, desk: Desk) -> tuple[dict[str, Finding], str]:
    """What each public test of the field found, and what they made the code print; no hidden input is near.

    Look at ``desk.lab.refusal()`` first. Raises Stopped where the fault is ours.
    """
    from grader.harness.checks.suite import run_checks

    bench = desk.bench(field.file, _secret(field, None), field.model)
    bench.session.output = ""
    found = run_checks(bench, field.checks)
    return found, _beginning(_without_folders(bench.session.output).strip(), SHOWN)


def show_code(field: CodeField, key: CodeKey | None, desk: Desk | None, item: str) -> list[str]:
    """Draw what the function does; the files, relative to the folder of pictures. Nothing of it is judged.

    Its process has seen no hidden input, nor does this one see any: pictures may be given to students.
    Raises OSError where a file cannot be written, and Stopped where the fault is ours in another way.
    """
    if desk is None or desk.album is None or desk.lab.refusal():
        return []
    from grader.harness.showing import show

    shown = desk.bench(field.file, _secret(field, key), field.model).in_public()
    with shown.session:
        return show(shown, field.function, desk.album, item if field.name == "answer" else f"{item}-{field.name}")


def _secret(field: CodeField, key: CodeKey | None) -> str:
    """The same for all items of a file, so that what was drawn for one serves the others."""
    return f"{key.seed.rsplit('/', 2)[0] if key else PUBLIC}/{field.file}"


def _at_fault(field: CodeField, stopped: Stopped) -> Outcome:
    outcome = waiting("error", field.worth, "The grader is at fault here, not your code; no mark is lost.")
    return outcome.saying("\n".join([str(stopped), *getattr(stopped, "__notes__", ())]), audience="staff")


def _outcome(field: CodeField, points: Mapping[str, float], found: Mapping[str, Finding]) -> Outcome:
    shut = any(CHECKS[name].gate and finding.state == "failed" for name, finding in found.items())
    score = 0.0 if shut else round(sum(points[name] for name in found if found[name].state == "passed"), 6)
    undecided = [points[name] for name in found if found[name].state == "open"]
    pending = 0.0 if shut else round(sum(undecided) + field.worth - sum(points.values()), 6)  # tests that were not run
    return Outcome(
        status=_status(score, pending, field.worth),
        score=score,
        pending=pending,
        feedback=tuple(_feedback(found)),
        evidence={"tests": [_as_evidence(name, points[name], name in field.checks, f) for name, f in found.items()]},
    )


# --- what it printed ---


def _with_output(outcome: Outcome, field: CodeField, bench: Bench) -> Outcome:
    """Staff see it in the evidence; students what was printed where no hidden input was near."""
    printed = bench.session.output
    if not printed:
        return outcome
    evidence = outcome.evidence | {"output": _beginning(printed, STAFF_SHOWN)}
    with_evidence = outcome.model_copy(update={"evidence": evidence})
    theirs = _without_folders(printed if bench.is_public else _in_public(field, bench)).strip()
    return with_evidence.saying(PRINTED + _beginning(theirs, SHOWN)) if theirs else with_evidence


def _in_public(field: CodeField, bench: Bench) -> str:
    """What the field's own tests make it print."""
    from grader.harness.checks.suite import printed_in_public

    try:
        return printed_in_public(bench, field.checks)
    except Stopped:  # no mark hangs on this
        return ""


def _without_folders(text: str) -> str:
    """Paths without the folders, which are the grading machine's."""
    return _PATH.sub("…/", text)


def _beginning(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}\n[the first {most} of {'at least ' * (len(text) >= ALL)}{len(text)} characters]"


def _status(score: float, pending: float, worth: float) -> Status:
    if pending:
        return "review"
    return "correct" if score == worth else "partial" if score else "incorrect"


def _feedback(found: Mapping[str, Finding]) -> list[Feedback]:
    """Each sentence once: one mistake can fail several tests."""
    shown = [finding for finding in found.values() if finding.say and (finding.state != "passed" or finding.remark)]
    said = dict.fromkeys(finding.say for finding in shown)
    staff = dict.fromkeys(finding.staff for finding in shown if finding.staff)
    return [Feedback(text=text) for text in said] + [Feedback(audience="staff", text=text) for text in staff]


def _as_evidence(name: str, points: float, public: bool, finding: Finding) -> dict[str, JsonValue]:
    return {
        "name": name,
        "points": points,
        "score": points if finding.state == "passed" else 0.0,
        "state": finding.state,
        "visibility": "public" if public else "hidden",
        "detects": CHECKS[name].detects,
        **finding.evidence,
    }
