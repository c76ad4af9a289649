"""What the checkers of formulas share: undressing a response, reading a key, wording what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from grader.errors import Fault, SpecError, Undecided, Unreadable
from grader.keys import FieldKey
from grader.math.dress import split_label, undress
from grader.math.forms import violation
from grader.math.near_misses import NearMiss
from grader.math.tree import Expression
from grader.result import Outcome, waiting
from grader.spec import FORMULA_KINDS, FormulaField, Spec, Symbol
from grader.submission import Response

T = TypeVar("T")


MAX_WORDS = 2000
JUDGED_STATUSES = ("correct", "partial", "incorrect")
BULLET = "in Markdown a dash and a space begin an item of a list, so that this may be no minus"
TORN = "there is an empty line in it, and a sign behind that; these may be two formulas"
_BULLET = re.compile(r"\s*[-+]\s+(?=\S)")
_TORN = re.compile(r"\S[^\S\n]*\n[^\S\n]*\n\s*[-+]")
_MARKUP = re.compile(
    r"\\(?:text\w*|emph|mathrm|underline|boxed)\s*\{([^{}]*)\}|\{\\(?:bf|it|em|sc|tt|bfseries|itshape)\s+([^{}]*)\}|"
    r"</?[A-Za-z]+>|``|''|[*`]+|(?<![\w\\])_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)|\\(?:medskip|bigskip|smallskip|noindent)\b|\\\\\s*$"
)


def formula(text: str, symbols: Mapping[str, Symbol]) -> tuple[str, list[str]]:
    """The formula in a response, and remarks on what was dropped around it. Raises Unreadable at a second ``=``."""
    label, rest = split_label(undress(text), frozenset(name for name, s in symbols.items() if not s.arity))
    if label is None:
        return rest, []
    return undress(rest), [f"The `{label} =` in front was dropped."]


def plain_words(text: str) -> str:
    """Words without the markup of LaTeX, Markdown or HTML around them, runs of blanks closed up.

    Raises Unreadable for what is too long to be the few words that are expected.
    """
    if len(text) > MAX_WORDS:
        raise Unreadable(f"this has {len(text)} characters; a few words were expected")
    text = undress(re.sub(r"[^\S\n]+", " ", text.replace("~", " ")))
    while (bare := _MARKUP.sub(lambda found: found[1] or found[2] or "", text)) != text:
        text = bare
    return undress(text)


def of_key(read: Callable[[], T], field: Spec, key: FieldKey) -> T:
    """Read a formula of the key. Raises SpecError with the key's place where it cannot be read."""
    try:
        return read()
    except Unreadable as error:
        raise at_fault(field, key, f"the key cannot be read: {error}") from error


def at_fault(field: Spec, key: FieldKey, message: str) -> SpecError:
    """What is wrong with the key of a field, with its place and item."""
    return SpecError([Fault(key.where, key.label or field.name, message)])


def malformed(field: Spec, error: Unreadable) -> Outcome:
    """Not the same as wrong: the student is told where reading stopped, and no point is lost for certain."""
    place = f" (character {error.position + 1})" if error.position is not None else ""
    outcome = waiting("malformed", field.worth, f"This could not be read: {error}{place}.")
    return outcome.model_copy(update={"evidence": {"position": error.position}})


def undecided(field: Spec, error: Undecided | str, read_as: str | None = None) -> Outcome:
    outcome = waiting("review", field.worth, f"A human must look at this: {error}.")
    return outcome.model_copy(update={"read_as": read_as, "evidence": {"undecided": str(error)}})


# --- rules of form -------------------------------------------------------------------------------------------------


def check_form_of_key(field: FormulaField, key: FieldKey, expected: Expression) -> None:
    """Raise SpecError where the key is not written as the field asks for: nobody could earn its points."""
    try:
        broken = broken_rules(field, expected)
    except Undecided as error:
        raise at_fault(field, key, f"the key's form cannot be judged: {error}") from error
    for name in broken:
        raise at_fault(field, key, f"the key breaks the field's own form rule {name}")


def in_form(field: FormulaField, found: Expression, outcome: Outcome) -> Outcome:
    """The outcome for a response that is right, less what the rules cost that it breaks."""
    if outcome.status != "correct":
        return outcome
    try:
        broken = broken_rules(field, found)
    except Undecided as error:
        return undecided(field, error, outcome.read_as)
    if not broken:
        return outcome
    costs = sum(field.worth if (rule := field.form[name]).costs == "all" else rule.costs for name in broken)
    score = max(0.0, outcome.score - costs)
    status = "correct" if score == outcome.score else "partial" if score else "incorrect"
    evidence = {**outcome.evidence, "form": list(broken)}
    return outcome.model_copy(update={"status": status, "score": score, "evidence": evidence}).saying(*broken.values())


def broken_rules(field: FormulaField, x: Expression) -> dict[str, str]:
    """The rules of form that ``x`` breaks, with what to say of each. Raises Undecided."""
    said = {name: violation(x, name, rule.at_most) for name, rule in field.form.items()}
    return {name: sentence for name, sentence in said.items() if sentence is not None}


def without_bullet(response: Response) -> Response | None:
    """The response without the dash before it, where that may be an item of a list in Markdown, and no minus."""
    found = _BULLET.match(response.text) if response.in_markdown else None
    return response.model_copy(update={"text": response.text[found.end() :]}) if found else None


def doubted(field: Spec, outcome: Outcome, response: Response, again: Callable[[], Outcome | None]) -> Outcome:
    """Left to a human where the marks hang on whether a dash is a minus or one of a list, or where a formula is wrong
    if what stands on both sides of an empty line is one. ``again`` judges without such dashes; None if there are none.
    """
    if field.kind not in FORMULA_KINDS or outcome.status not in JUDGED_STATUSES:
        return outcome
    other = again()
    if other is not None and other.score != outcome.score:
        return undecided(field, BULLET, outcome.read_as)
    torn = outcome.status != "correct" and _TORN.search(response.text)
    return undecided(field, TORN, outcome.read_as) if torn else outcome


def with_slip(outcome: Outcome, miss: NearMiss | None) -> Outcome:
    """The same outcome, with the sentence on a near miss for the student and its kind for the staff."""
    if miss is None:
        return outcome
    return outcome.model_copy(update={"evidence": {**outcome.evidence, **miss.evidence}}).saying(miss.sentence)
