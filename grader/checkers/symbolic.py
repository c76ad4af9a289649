"""``symbolic``: an expression in the declared symbols, equal to the key's over their domains."""

from __future__ import annotations

from pydantic import JsonValue

from grader.checkers.reading import formula, malformed, of_key, undecided
from grader.errors import Unreadable
from grader.math.equality import Verdict, compare
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.result import Outcome, correct, incorrect
from grader.spec import SymbolicField, ValueKey
from grader.submission import Response

_SHOWN = 4


def check(field: SymbolicField, key: ValueKey, response: Response) -> Outcome:
    """See ``math.equality`` for the ladder; what it leaves undecided is for a human."""
    expected = of_key(lambda: read_expression(key.value, field.symbols), field, key)
    try:
        text, remarks = formula(response.text, field.symbols)
        found = read_expression(text, field.symbols)
    except Unreadable as error:
        return malformed(field, error)
    read_as = to_latex(found, field.symbols)
    verdict = compare(found, expected, field.symbols, f"{key.seed}/{text}")
    if verdict.kind == "undecided":
        return undecided(field, verdict.reason, read_as).saying(*remarks)
    if verdict.undefined_at and verdict.kind == "equal":
        remarks.append(f"Where {_listed(verdict.undefined_at)} your expression has no value.")
    if verdict.kind == "equal":
        return correct(field.worth, read_as=read_as, evidence=_evidence(verdict)).saying(*remarks)
    outcome = incorrect(read_as=read_as, evidence=_evidence(verdict)).saying(*remarks)
    where = f", for instance where {_listed(verdict.witness)}" if verdict.witness else ""
    return outcome.saying(f"This is not equal to the right expression{where}.")


def _evidence(verdict: Verdict) -> dict[str, JsonValue]:
    evidence: dict[str, JsonValue] = {"rung": verdict.rung}
    if verdict.witness is not None and verdict.values is not None:
        evidence["witness"] = dict(verdict.witness)
        evidence["values"] = {"response": verdict.values[0], "key": verdict.values[1]}
    return evidence


def _listed(point: dict[str, str]) -> str:
    shown = [f"{name} = {value}" for name, value in list(point.items())[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(point) > _SHOWN else "")
