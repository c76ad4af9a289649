"""One file per kind, one visible table. The seam is ``check(field, key, response) -> Outcome``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.checkers import choice, construct, derivation, numeric, order, region, select, symbolic, text, unjudged
from grader.checkers.reading import JUDGED_STATUSES, MAX_WORDS, doubted, malformed, without_bullet
from grader.errors import GraderError, Unreadable
from grader.keys import FieldKey, ItemKey, Mistake, SelectKey, ValueKey
from grader.result import Outcome
from grader.spec import ConstructField, DerivationField, FormulaField, Item, SelectField, Spec
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
    "derivation": derivation.check,
    "code": unjudged.check,  # where nothing can be run: ``code.check_code`` judges
}
NAME_SLIPS: dict[str, Callable[[Any, Any, Response, Outcome], Outcome]] = {
    "numeric": numeric.name_slip,
    "symbolic": symbolic.name_slip,
}
UNKEYED = frozenset({"text", "construct", "derivation", "code"})  # reviewed by a human, with or without a key
JUDGED = frozenset(CHECKERS) - UNKEYED
_BY_VALUE = {"numeric": {"simulation": None}}  # a mistake is a value, however the key itself is judged
MOST_TYPED = 20_000  # characters of what is no prose: some texts of that length take four seconds to read
CROSSED_OUT = "something in it is crossed out; write only what counts"
_CROSSED_OUT = re.compile(r"~~[^~]+~~|</?(?:s|del|strike)>|\\(?:sout|st|[bx]?cancel)\s*\{", re.IGNORECASE)


def judge(field: Spec, key: FieldKey | None, mistakes: Sequence[Mistake], response: Response) -> Outcome:
    """What the field's checker says, and the author's sentence where the response is a listed mistake.

    A mistake is recognised by the checker itself: the response is one if it would be right under that key. Where none
    is met, the checker may name the slip. What is right and only breaks a rule of form is neither.
    """
    if field.kind in JUDGED | {"derivation"} and (trouble := unfit(response)):
        return malformed(field, trouble)
    outcome = _judged(field, key, mistakes, response)
    other = without_bullet(response)
    return doubted(field, outcome, response, lambda: _judged(field, key, mistakes, other) if other else None)


def _judged(field: Spec, key: FieldKey | None, mistakes: Sequence[Mistake], response: Response) -> Outcome:
    check = CHECKERS[field.kind]
    outcome = check(field, key, response)
    if key is None or outcome.status not in ("incorrect", "partial", "malformed") or "form" in outcome.evidence:
        return outcome
    for mistake in mistakes:
        if outcome.status == "malformed":
            if _same_words(mistake, response):
                return outcome.saying(mistake.say)
        elif _made(mistake, field, key, response):
            return _as_mistake(field, outcome, mistake)
    name_slip = NAME_SLIPS.get(field.kind)
    return name_slip(field, key, response, outcome) if name_slip and outcome.status == "incorrect" else outcome


def judge_derivations(item: Item, key: ItemKey, responses: Mapping[str, Response]) -> dict[str, Outcome]:
    """Outcomes of the derivations in ``responses`` that speak of what another field asks for (``w_y`` of ``w``): it is
    the student's own, or else the key's. The others are left out."""
    found: dict[str, Outcome] = {}
    for spec in item.fields:
        if isinstance(spec, DerivationField) and spec.name in responses and _asks_for_others(spec):
            response = responses[spec.name]
            others = {name: own.value for name, own in key.fields.items() if isinstance(own, ValueKey)}
            others |= {name: theirs.text for name, theirs in responses.items() if name in others}
            found[spec.name] = _spoilt(spec, response) or derivation.check(
                spec, key.fields.get(spec.name), response, others
            )
    return found


def _spoilt(spec: Spec, response: Response) -> Outcome | None:
    trouble = unfit(response)
    return malformed(spec, trouble) if trouble else None


def unfit(response: Response) -> Unreadable | None:
    """Why a response that is no prose is not even read: it is too long, or something in it is struck through, so that
    nobody can tell what counts."""
    if len(response.text) > MOST_TYPED:
        return Unreadable(f"this has {len(response.text)} characters; at most {MOST_TYPED} are read")
    return Unreadable(CROSSED_OUT) if _CROSSED_OUT.search(response.text) else None


def _asks_for_others(spec: DerivationField) -> bool:
    return spec.world is not None and any(quantity.given_by for quantity in spec.world.quantities.values())


def judge_constructs(item: Item, key: ItemKey, responses: Mapping[str, Response]) -> dict[str, Outcome]:
    """Outcomes of the constructs in ``responses`` of which the key states a property; the others are left out."""
    found = _judged_together(item, key, responses)
    plain = {name: without_bullet(response) for name, response in responses.items()}
    listed = [name for name in found if any(plain.values()) and found[name].status in JUDGED_STATUSES]
    others = {name: plain[name] or response for name, response in responses.items()}
    again = _judged_together(item, key, others) if listed else {}
    specs = {spec.name: spec for spec in item.fields}
    return {name: doubted(specs[name], out, responses[name], partial(again.get, name)) for name, out in found.items()}


def _judged_together(item: Item, key: ItemKey, responses: Mapping[str, Response]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for prop in key.properties:
        fields = {name: spec for name in prop.of if isinstance(spec := item.field(name), ConstructField)}
        theirs = {name: responses[name] for name in prop.of if name in responses}
        spoilt = {name: out for name, response in theirs.items() if (out := _spoilt(fields[name], response))}
        found |= spoilt
        theirs = {name: response for name, response in theirs.items() if name not in spoilt}
        if theirs:
            found |= construct.check_together(prop, fields, key.fields, theirs)
    return {name: _with_mistakes(item.field(name), key, responses[name], out) for name, out in found.items()}


def _with_mistakes(field: Spec | None, key: ItemKey, response: Response, outcome: Outcome) -> Outcome:
    if not isinstance(field, ConstructField) or outcome.status != "incorrect":
        return outcome
    seed = key.fields[field.name].seed
    for mistake in key.mistakes:
        if mistake.field == field.name and construct.same_object(field, seed, response, as_written(mistake.when)):
            return _as_mistake(field, outcome, mistake)
    return outcome


def without_form(field: Spec) -> Spec:
    """The field without its rules of form: a mistake is one however it is written."""
    return field.model_copy(update={"form": {}}) if isinstance(field, FormulaField) else field


def as_written(value: str | tuple[str, ...]) -> Response:
    """What an author wrote in a key, as if a student had written it."""
    return Response(text=value) if isinstance(value, str) else Response(text=", ".join(value), parts=value)


def _same_words(mistake: Mistake, response: Response) -> bool:
    short = len(response.text) <= MAX_WORDS
    return short and choice.normal(response.text) == choice.normal(as_written(mistake.when).text)


def _made(mistake: Mistake, field: Spec, key: FieldKey, response: Response) -> bool:
    """Whether this is the mistake. One that is no possible key (``it depends``, ``1/0``) is met by its words alone."""
    try:
        return CHECKERS[field.kind](without_form(field), key_of(mistake, field, key), response).status == "correct"
    except GraderError:
        return _same_words(mistake, response)


def key_of(mistake: Mistake, field: Spec, key: FieldKey) -> FieldKey:
    """The key that would make the mistake right. Raises Unreadable where there is none."""
    if isinstance(key, SelectKey) and isinstance(field, SelectField):
        chosen = select.read(field, as_written(mistake.when))
        return key.model_copy(update={"must": tuple(chosen), "may": ()})
    return key.model_copy(update={"value": as_written(mistake.when).text, **_BY_VALUE.get(field.kind, {})})


def _as_mistake(field: Spec, outcome: Outcome, mistake: Mistake) -> Outcome:
    if mistake.credit == "review":
        changed = {"status": "review", "score": 0.0, "pending": field.worth}
    else:
        score = max(mistake.credit, outcome.score)
        status = "incorrect" if not score else "partial" if score < field.worth else "correct"
        changed = {"status": status, "score": score}
    return outcome.model_copy(update={**changed, "feedback": ()}).saying(mistake.say)
