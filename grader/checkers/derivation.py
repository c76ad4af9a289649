"""``derivation``: a chain of lines, every step of which is checked in many instances of the item's world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from grader.checkers.reading import at_fault, formula
from grader.errors import Unreadable
from grader.keys import DerivationKey, FieldKey
from grader.result import Outcome, waiting
from grader.spec import DerivationField
from grader.submission import Response

if TYPE_CHECKING:
    from grader.derivation.chains import Chains
    from grader.derivation.proof import Assessment, Milestone
    from grader.derivation.routes import Judged
    from grader.derivation.task import Task
    from grader.derivation.world import World

NO_WORLD = "No world is given for this derivation: a human marks it."
LIMITS = (
    "Steps were checked in finite worlds: identities and inequalities of sums, not the exchange of limits, integrals "
    "and derivatives."
)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the parts of a proof earn, in points."""

    ends: Fraction
    steps: Fraction
    milestones: tuple[Fraction, ...]

    @property
    def total(self) -> Fraction:
        return self.ends + self.steps + sum(self.milestones, Fraction(0))


def check(
    field: DerivationField, key: FieldKey | None, response: Response, others: Mapping[str, str] | None = None
) -> Outcome:
    """Judge a chain. ``others`` are the texts of other fields of the item, the student's own or else the key's: the
    world may ask for them. Without a key no points are given, only what each step comes to."""
    if field.world is None:
        return waiting("review", field.worth, NO_WORLD)
    from grader.derivation.engine.steps import Judge  # numpy comes with the steps: only where a derivation is judged
    from grader.derivation.proof import assess

    task, milestones = read_task(field, key)
    try:
        chains = read(task, response)
    except Unreadable as error:
        return waiting("malformed", field.worth, f"This could not be read: {error}.")
    if not chains.rows:
        said = "No line of this could be read as a formula: a human must look."
        return _remarked(waiting("review", field.worth, said), chains)
    try:
        world = completed(chains.world, task, others or {})
    except Unreadable as error:
        said = f"This speaks of what another field asks for, which could not be read: {error}."
        return _remarked(waiting("malformed", field.worth, said), chains)
    chains = replace(chains, world=world)
    judge = Judge(world, key.seed if key else "self-check", task.proportional)
    found = assess(chains, task.claims, task.fixed, milestones, judge)
    outcome = _marked(field, key, found, chains)
    outcome = outcome.model_copy(update={"evidence": _evidence(found, chains)})
    return _remarked(outcome, chains)


def read(task: Task, response: Response) -> Chains:
    """Every line of a chain as it is read; nothing is judged. Raises Unreadable where there are too many."""
    from grader.derivation.chains import read_chains
    from grader.derivation.text.lines import read_lines

    own = frozenset(name for name, quantity in task.world.spec.quantities.items() if quantity.given_by)
    proof = read_lines(response.text)
    return read_chains(proof, task.world, task.symbols, task.fixed, task.claims[0], own)


def read_task(field: DerivationField, key: FieldKey | None) -> tuple[Task, tuple[Milestone, ...]]:
    """The task of a field, and the milestones of its key. Raises SpecError with the key's place."""
    milestones = key.milestones if isinstance(key, DerivationKey) else ()
    try:
        return _task(field.model_dump_json(), tuple(milestone.patterns for milestone in milestones))
    except Unreadable as error:
        if key is None:
            raise
        place = getattr(error, "place", "milestones")
        raise at_fault(field, key, f"{place}: {error}") from error


@lru_cache(maxsize=64)
def _task(field: str, patterns: tuple[tuple[str, ...], ...]) -> tuple[Task, tuple[Milestone, ...]]:
    """The same field of a whole class is read once."""
    from grader.derivation.proof import Milestone
    from grader.derivation.task import build_task, read_pattern

    spec = DerivationField.model_validate_json(field)
    assert spec.world is not None
    task = build_task(spec.world, spec.claim, spec.proportional)
    return task, tuple(Milestone(tuple(read_pattern(task, text) for text in texts)) for texts in patterns)


def completed(world: World, task: Task, others: Mapping[str, str]) -> World:
    """The world with all that students give: by a line of the proof, which is in ``world`` already, else by the text of
    the field that asks for it. Raises Unreadable where such a text is none."""
    from grader.derivation.task import with_given

    for name, quantity in task.world.spec.quantities.items():
        text = others.get(quantity.given_by or "")
        if text is not None and name not in world.definitions:
            world = with_given(replace(task, world=world), name, formula(text, task.symbols)[0])
    return world


# --- marks ---


def _marks(field: DerivationField, key: DerivationKey) -> _Marks:
    ends, steps = Fraction(str(key.ends)), Fraction(str(key.steps))
    milestones = tuple(Fraction(str(milestone.points)) for milestone in key.milestones)
    if not (ends or steps or milestones):
        half = Fraction(str(field.worth)) / 2
        return _Marks(half, half, ())
    return _Marks(ends, steps, milestones)


def _marked(field: DerivationField, key: FieldKey | None, found: Assessment, chains: Chains) -> Outcome:
    if not isinstance(key, DerivationKey):
        return waiting("review", field.worth, "There is no key here, so no points are given.").saying(
            *_said(found, chains)
        )
    marks = _marks(field, key)
    if marks.total != Fraction(str(field.worth)):
        raise at_fault(field, key, f"ends, steps and milestones add up to {float(marks.total):g}, not {field.worth:g}")
    score, pending = _earned(marks, key, found, chains)
    return _outcome(field, key, found, chains, score, pending)


def _earned(marks: _Marks, key: DerivationKey, found: Assessment, chains: Chains) -> tuple[Fraction, Fraction]:
    """Certain and pending points."""
    if found.leapt and "fails" in found.marks:
        passed = (p for p, line in zip(marks.milestones, found.passed, strict=True) if line is not None)
        return Fraction(0), sum(passed, Fraction(0))
    if found.leapt and _doubtful(found, chains):
        return Fraction(0), marks.total
    if found.leapt:
        more = found.steps or found.idle
        return Fraction(0), marks.total if more else marks.ends + marks.steps if found.rewritten else Fraction(0)
    score = sum((p for p, line in zip(marks.milestones, found.passed, strict=True) if line is not None), Fraction(0))
    missed = sum((p for p, line in zip(marks.milestones, found.passed, strict=True) if line is None), Fraction(0))
    broken, doubtful = "fails" in found.marks, _doubtful(found, chains)
    leaps = sum(line is None for line in found.passed)
    score += marks.ends if found.reached else 0
    if doubtful:
        pending = marks.total - score - (marks.steps if broken else 0)
        return score, max(pending, Fraction(0))
    if broken:
        return min(score, marks.total - marks.steps), Fraction(0)
    if not found.reached:
        score += marks.steps if found.steps else 0
        return score, marks.total - score if found.idle else Fraction(0)
    if key.leap is not None and leaps > key.leap:
        return score, missed + marks.steps
    return score + marks.steps, missed


def _doubtful(found: Assessment, chains: Chains) -> bool:
    """Whether what could not be read or has no value may change the marks. A line apart that cannot be read, a rule
    that is recalled, changes nothing where the rest is a proof, or has a step that fails."""
    decided = "fails" in found.marks or (found.reached and not found.leapt)
    apart = {one.line for one in chains.unread if one.apart}
    matters = [mark for line, mark in enumerate(found.marks, 1) if not (decided and line in apart)]
    return bool({"unread", "undefined"} & set(matters)) or bool(chains.dropped and not decided)


def _outcome(
    field: DerivationField, key: DerivationKey, found: Assessment, chains: Chains, score: Fraction, pending: Fraction
) -> Outcome:
    said = _said(found, chains)
    if _doubtful(found, chains):
        status = "malformed" if "unread" in found.marks or chains.dropped else "review"
    elif pending:
        status = "review"
    else:
        status = "correct" if score == Fraction(str(field.worth)) else "partial" if score else "incorrect"
    outcome = Outcome(status=status, score=float(score), pending=float(pending)).saying(*said)  # type: ignore[arg-type]
    missed = [m.hint for m, line in zip(key.milestones, found.passed, strict=True) if line is None]
    if found.reached and missed and not found.leapt and "fails" not in found.marks:
        outcome = outcome.saying(
            "Every step holds, by a route that the key does not have: a human must look at "
            + ("this point: " if len(missed) == 1 else "these points: ")
            + " ".join(missed)
        )
    elif missed and status != "correct":
        outcome = outcome.saying(*missed)
    return outcome


# --- words ---


def _said(found: Assessment, chains: Chains) -> list[str]:
    said = [_unread(one.line, one.reason, one.position) for one in chains.unread]
    for judged in found.judged:
        if judged.mark != "holds":
            said.append(_sentence(judged))
    if found.leapt and (found.rewritten or found.steps or found.idle):
        said.append("All that leads from one side of the claim to the other is one leap: a human must look.")
    elif found.leapt:
        said.append("This restates the claim: a proof says why it holds, in steps of its own.")
    elif not found.reached and not {"fails", "unread", "undefined"} & set(found.marks):
        said.append("Every step that was read holds, but they do not lead from one side of the claim to the other.")
        if found.idle:
            said.append("Lines that hold could not be related to the claim: a human must look.")
    return said


def _unread(line: int, reason: str, position: int | None) -> str:
    place = f" (character {position + 1})" if position is not None else ""
    return f"Line {line} could not be read: {reason}{place}."


def _sentence(judged: Judged) -> str:
    line, mark, reason = judged.step.line, judged.mark, _inner(judged.reason)
    if mark == "fails":
        return f"Line {line} does not follow from what stands before it: {reason}."
    if mark == "undefined":
        return f"Line {line} is undefined somewhere: {reason}."
    return f"Line {line} could not be checked: {reason}."


def _inner(sentence: str) -> str:
    """A sentence as it stands behind a colon."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _remarked(outcome: Outcome, chains: Chains) -> Outcome:
    """Words between the lines go to the marker."""
    remarks = [f"The student's words: {remark}" for remark in chains.remarks]
    return outcome.saying(*remarks, audience="marker")


def _read(judged: Judged, chains: Chains) -> list[str]:
    """How the two sides of a step were read, and the relation between them."""
    from grader.derivation.notation.printing import to_latex

    sides = [chains.expressions[place] for place in judged.sides]
    left, right = (to_latex(side, chains.world, chains.symbols) for side in sides)
    return [left, judged.step.relation, right]


def _evidence(found: Assessment, chains: Chains) -> dict[str, Any]:
    from grader.derivation.engine.witnesses import as_evidence, as_text

    broken = [judged for judged in found.judged if judged.mark in ("fails", "undefined")]
    counterexamples = [
        {
            "line": judged.step.line,
            "read": _read(judged, chains),
            **as_evidence(judged.verdict.witness),
            "shown": as_text(judged.verdict.witness),
        }
        for judged in broken
        if judged.verdict is not None and judged.verdict.witness is not None
    ]
    return {
        "first_broken": found.first_broken,
        "lines": list(found.marks),
        "rows": [row.text for row in chains.rows],
        "reached": found.reached,
        "milestones": list(found.passed),
        "counterexamples": counterexamples,
        "limits": LIMITS,
    }
