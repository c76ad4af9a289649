"""One file per kind, one visible table. The seam is ``check(field, key, response) -> Outcome``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from grader.checkers import choice, numeric, order, region, select, symbolic, text, unjudged
from grader.result import Outcome
from grader.spec import ChoiceField, FieldKey, Mistake, SelectField, SelectKey, Spec
from grader.submission import Response

CHECKERS: dict[str, Callable[[Any, Any, Response], Outcome]] = {
    "choice": choice.check,
    "select": select.check,
    "order": order.check,
    "numeric": numeric.check,
    "symbolic": symbolic.check,
    "region": region.check,
    "text": text.check,
    "construct": unjudged.check,
    "derivation": unjudged.check,
    "code": unjudged.check,
}
UNKEYED = frozenset({"text", "construct", "derivation", "code"})  # reviewed by a human, with or without a key
JUDGED = frozenset(CHECKERS) - UNKEYED


def judge(field: Spec, key: FieldKey | None, mistakes: Sequence[Mistake], response: Response) -> Outcome:
    """What the field's checker says, and the author's sentence where the response is a listed mistake.

    A mistake is recognised by the checker itself: the response is one if it would be right under that key.
    """
    check = CHECKERS[field.kind]
    outcome = check(field, key, response)
    if key is None or outcome.status not in ("incorrect", "partial", "malformed"):
        return outcome
    for mistake in mistakes:
        if outcome.status == "malformed":
            if choice.normal(response.text) == choice.normal(_text(mistake)):
                return outcome.saying(mistake.say)
        elif _could_be(field, mistake) and check(field, _key_of(field, mistake, key), response).status == "correct":
            return _as_mistake(field, outcome, mistake)
    return outcome


def _text(mistake: Mistake) -> str:
    return mistake.when if isinstance(mistake.when, str) else ", ".join(mistake.when)


def _could_be(field: Spec, mistake: Mistake) -> bool:
    """Whether the mistake is a possible response; ``it depends`` is no option of any choice."""
    return not isinstance(field, ChoiceField) or choice.normal(_text(mistake)) in choice.words(field)


def _key_of(field: Spec, mistake: Mistake, key: FieldKey) -> FieldKey:
    """The key that would make the mistake right."""
    if isinstance(key, SelectKey) and isinstance(field, SelectField):
        parts = None if isinstance(mistake.when, str) else mistake.when
        chosen = select.read(field, Response(text=_text(mistake), parts=parts))
        return key.model_copy(update={"must": tuple(chosen), "may": ()})
    return key.model_copy(update={"value": _text(mistake)})


def _as_mistake(field: Spec, outcome: Outcome, mistake: Mistake) -> Outcome:
    if mistake.credit == "review":
        changed = {"status": "review", "score": 0.0, "pending": field.worth}
    else:
        score = max(mistake.credit, outcome.score)
        status = "incorrect" if not score else "partial" if score < field.worth else "correct"
        changed = {"status": status, "score": score}
    return outcome.model_copy(update={**changed, "feedback": ()}).saying(mistake.say)
