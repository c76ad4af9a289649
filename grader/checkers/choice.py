"""``choice``: one option, by its name or another word for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.checkers.reading import at_fault, malformed, plain_words, undecided
from grader.errors import Unreadable
from grader.keys import ValueKey
from grader.result import Outcome, correct, incorrect
from grader.scalars import TRUE_FALSE, YES_NO
from grader.spec import ChoiceField
from grader.submission import Response

MAX_HEAD = 200
AFFIRMATIVE = {"yes", "y", "true", "t"}
NEGATIVE = {"no", "n", "false", "f"}
_PREFIX = re.compile(
    r"(?:answer|ans|a|response|verdict)\s*[:=]\s*|(?:this|that|it|the (?:statement|claim|answer))\s+is\s+", re.I
)
# What may stand between the option and a reason written behind it.
_REASON = re.compile(
    r"\s*(?:[.,;:!\n]|—|–|\s-+\s)\s*|\s+(?=\()|\s+(?=(?:because|since|as|it|this|that|they|we|the)\b)", re.I
)
_CLAUSE = re.compile(r"[.,;:!?()\n]|—|–|\s-+\s|\b(?:and|or|but)\b")
_FILLER = re.compile(r"\b(?:actually|really|rather|maybe|also|then|well|so|hence|in fact)\b")
# A reason that takes the verdict back or ties it to a condition: for a human.
_DOUBT = re.compile(
    r"(?:but|however|unless|except|if|when|only|sometimes|maybe|perhaps|although|though|usually|mostly|depends|"
    r"it depends)\b|.*\b(?:on second thoughts?|i mean|actually|or rather|never ?mind|wait)\b"
)
_SUBJECT = r"(?:(?:it|this|that|they|we|the \w+)\s+)?(?:(?:is|are|was|does|do|can|has|have|would|will)\s*(?:be\s+)?)?"
_AGAINST = {
    "yes": re.compile(rf"{_SUBJECT}(?:not|n['’]t|cannot|\w+n['’]t|incorrect|wrong|invalid|false|impossible)\b"),
    "no": re.compile(rf"{_SUBJECT}(?:correct|right|valid|true|possible)\b"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The option chosen; ``reason`` was written behind it, ``doubtful`` where it may say something else."""

    option: str
    reason: bool = False
    doubtful: bool = False


def check(field: ChoiceField, key: ValueKey, response: Response) -> Outcome:
    """Equality of options. Two verdicts at once and "it depends" are malformed, never wrong."""
    known = words(field)
    expected = known.get(normal(key.value))
    if expected is None:
        raise at_fault(field, key, f"{key.value!r} is none of the options {', '.join(field.options)}")
    try:
        reading = read(field, response)
    except Unreadable as error:
        return malformed(field, error)
    if reading.doubtful:
        return undecided(
            field, "the reason behind the choice may take it back or tie it to a condition", reading.option
        )
    outcome = correct(field.worth) if reading.option == expected else incorrect()
    outcome = outcome.model_copy(update={"read_as": reading.option})
    if not reading.reason:
        return outcome
    return outcome.saying(f"Read as `{reading.option}`; the words behind it are a reason and not part of the choice.")


def read(field: ChoiceField, response: Response) -> Reading:
    """The option that a response names. Raises Unreadable."""
    return _read(response.text, words(field), field)


def normal(text: str) -> str:
    """Lower case, single spaces, no markup, no hyphens, no punctuation around it."""
    text = plain_words(text).casefold().replace("-", " ")
    return " ".join(text.split()).strip(".,;:! ")


def words(field: ChoiceField) -> dict[str, str]:
    """Every word that is understood, and the option it names."""
    known = {normal(word): name for name, also in field.options.items() for word in (name, *also)}
    if tuple(field.options) in (YES_NO, TRUE_FALSE):
        yes, no = field.options
        known |= dict.fromkeys(AFFIRMATIVE, yes) | dict.fromkeys(NEGATIVE, no)
    return known


def _read(text: str, known: dict[str, str], field: ChoiceField) -> Reading:
    if (whole := normal(text)) in known:
        return Reading(known[whole])
    plain = plain_words(text).strip()
    if prefix := _PREFIX.match(plain):
        plain = plain[prefix.end() :]
    if (whole := normal(plain)) in known:
        return Reading(known[whole])
    for found in _REASON.finditer(plain[:MAX_HEAD]):
        head, reason = normal(plain[: found.start()]), plain[found.end() :]
        if head in known:
            return _with_reason(known[head], head, reason, known, field, text)
    raise Unreadable(f"expected one of {', '.join(field.options)} instead of `{_short(text)}`")


def _with_reason(option: str, head: str, reason: str, known: dict[str, str], field: ChoiceField, text: str) -> Reading:
    clauses = [_FILLER.sub("", normal(clause)).strip() for clause in _CLAUSE.split(reason)]
    if any(known.get(clause, option) != option for clause in clauses):
        options = ", ".join(field.options)
        raise Unreadable(f"expected one of {options} alone; `{_short(text)}` could be taken for more than one")
    start = " ".join(reason.casefold().split())
    if start in ("it depends", "depends"):
        raise Unreadable(f"expected one of {', '.join(field.options)}; `{_short(text)}` does not decide")
    side = "yes" if head in AFFIRMATIVE else "no"
    against = head in AFFIRMATIVE | NEGATIVE and _AGAINST[side].match(start)
    others = _mentions_other(start, option, known)
    return Reading(option, reason=True, doubtful=bool(_DOUBT.match(start) or against or others))


def _mentions_other(reason: str, option: str, known: dict[str, str]) -> bool:
    others = [word for word, name in known.items() if name != option and len(word) > 1]
    if set(known.values()) <= {*YES_NO, *TRUE_FALSE}:
        return bool(
            re.search(
                rf"\b(?:is|are|be|say|think|answer|so|hence|therefore)\s+(?:{'|'.join(others)})(?=\s*(?:$|[.,;:!?)]))",
                reason,
            )
        )
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", reason.replace("-", " ")) for word in others)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
