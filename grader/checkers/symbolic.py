"""``symbolic``: an expression in the declared symbols, equal to the key's over their domains."""

from __future__ import annotations

from pydantic import JsonValue

from grader.checkers.reading import check_form_of_key, formula, in_form, malformed, of_key, undecided, with_slip
from grader.errors import Unreadable
from grader.keys import SymbolicKey
from grader.math.decide import decide
from grader.math.equality import Verdict
from grader.math.near_misses import near_miss
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.math.tree import Expression
from grader.result import Outcome, correct, incorrect
from grader.spec import SymbolicField
from grader.submission import Response

_SHOWN = 4
_POLICIES = {"": "accept", "points": "remark", "part": "review"}


def check(field: SymbolicField, key: SymbolicKey, response: Response) -> Outcome:
    """See ``math.decide`` and ``math.equality`` for the ladder; what it leaves undecided is for a human."""
    expected = _expected(field, key)
    check_form_of_key(field, key, expected)
    try:
        text, found, remarks = read(field, response)
    except Unreadable as error:
        return malformed(field, error)
    verdict = decide(found, expected, field.symbols, f"{key.seed}/{text}")
    outcome = _judged(field, key, verdict).model_copy(update={"read_as": to_latex(found, field.symbols)})
    return in_form(field, found, outcome).saying(*remarks)


def read(field: SymbolicField, response: Response) -> tuple[str, Expression, list[str]]:
    """The formula as text and as it is read, and remarks on what was dropped around it. Raises Unreadable."""
    text, remarks = formula(response.text, field.symbols)
    return text, read_expression(text, field.symbols), remarks


def name_slip(field: SymbolicField, key: SymbolicKey, response: Response, outcome: Outcome) -> Outcome:
    """The outcome of a wrong response, with the slip that explains it where there is one to name."""
    if "witness" not in outcome.evidence:
        return outcome
    text, found, _ = read(field, response)
    return with_slip(outcome, near_miss(found, _expected(field, key), field.symbols, f"{key.seed}/{text}"))


def _expected(field: SymbolicField, key: SymbolicKey) -> Expression:
    return of_key(lambda: read_expression(key.value, field.symbols), field, key)


def _judged(field: SymbolicField, key: SymbolicKey, verdict: Verdict) -> Outcome:
    evidence = _evidence(verdict)
    if verdict.kind == "undecided":
        return undecided(field, verdict.reason)
    if verdict.kind == "equal":
        outcome = _where_it_has_a_value(field, key, verdict)
        return outcome.model_copy(update={"evidence": {**evidence, **outcome.evidence}})
    where = f", for instance where {_listed(verdict.witness)}" if verdict.witness else ""
    return incorrect(evidence=evidence).saying(f"This is not equal to the right expression{where}.")


def _where_it_has_a_value(field: SymbolicField, key: SymbolicKey, verdict: Verdict) -> Outcome:
    """Equal, perhaps with gaps: points where the response has no value although the key has one. The author's policy
    says what becomes of these."""
    policy = key.domain or _POLICIES[verdict.mismatch]
    if not verdict.mismatch or policy == "accept":
        return correct(field.worth)
    at = f" where {_listed(verdict.undefined_at)}" if verdict.undefined_at else " somewhere"
    if policy == "reject":
        return incorrect().saying(f"This has no value{at}, although the right expression has one there.")
    if policy == "review":
        return undecided(field, f"this is right wherever it has a value, but it has none{at}")
    return correct(field.worth).saying(f"This is right wherever it has a value, but it has none{at}.")


def _evidence(verdict: Verdict) -> dict[str, JsonValue]:
    evidence: dict[str, JsonValue] = {"rung": verdict.rung}
    if verdict.witness is not None and verdict.values is not None:
        evidence["witness"] = dict(verdict.witness)
        evidence["values"] = {"response": verdict.values[0], "key": verdict.values[1]}
    if verdict.mismatch:
        evidence["mismatch"] = verdict.mismatch
        evidence["undefined_at"] = dict(verdict.undefined_at or {})
    return evidence


def _listed(point: dict[str, str]) -> str:
    shown = [f"{name} = {value}" for name, value in list(point.items())[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(point) > _SHOWN else "")
