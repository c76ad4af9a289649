"""``choice``: one option, by its name or another word for it."""

from __future__ import annotations

import re

from grader.checkers.reading import malformed
from grader.errors import Fault, SpecError, Unreadable
from grader.math.dress import undress
from grader.result import Outcome, correct, incorrect
from grader.spec import TRUE_FALSE, YES_NO, ChoiceField, ValueKey
from grader.submission import Response

AFFIRMATIVE = {"yes", "y", "true", "t"}
NEGATIVE = {"no", "n", "false", "f"}
_MARKUP = re.compile(r"\\(?:text|textbf|textit|textrm|emph|mathrm|underline)\s*\{([^{}]*)\}|[*_`]+")
_REASON = re.compile(r"\s*(?:[.,;:!\n]|—|–|\s-\s|\s(?=because\b|since\b))\s*")
_HEDGES = re.compile(
    r"\b(?:depends?|unless|except|however|but|though|although|sometimes|maybe|perhaps|either|both|or|if|when|only|wait|actually)\b"
)


def check(field: ChoiceField, key: ValueKey, response: Response) -> Outcome:
    """Equality of options. Two verdicts at once and "it depends" are malformed, never wrong."""
    known = words(field)
    expected = known.get(normal(key.value))
    if expected is None:
        raise SpecError(
            [Fault(key.where, field.name, f"{key.value!r} is none of the options {', '.join(field.options)}")]
        )
    try:
        chosen, remark = _read(response.text, known, field)
    except Unreadable as error:
        return malformed(field, error)
    outcome = correct(field.worth) if chosen == expected else incorrect()
    outcome = outcome.model_copy(update={"read_as": chosen})
    return outcome.saying(remark) if remark else outcome


def normal(text: str) -> str:
    """Lower case, single spaces, no markup, no punctuation at the end."""
    text = undress(_MARKUP.sub(lambda found: found[1] or "", text))
    return " ".join(text.casefold().split()).rstrip(".,;:! ")


def words(field: ChoiceField) -> dict[str, str]:
    """Every word that is understood, and the option it names."""
    known = {normal(word): name for name, also in field.options.items() for word in (name, *also)}
    if tuple(field.options) in (YES_NO, TRUE_FALSE):
        yes, no = field.options
        known |= dict.fromkeys(AFFIRMATIVE, yes) | dict.fromkeys(NEGATIVE, no)
    return known


def _read(text: str, known: dict[str, str], field: ChoiceField) -> tuple[str, str]:
    """The option, and a remark where a reason was written behind it."""
    whole = normal(text)
    if whole in known:
        return known[whole], ""
    parts = _REASON.split(_MARKUP.sub(lambda found: found[1] or "", text).strip(), maxsplit=1)
    head, rest = normal(parts[0]), normal(parts[1]) if len(parts) > 1 else ""
    options = ", ".join(field.options)
    if head not in known or not rest:
        raise Unreadable(f"expected one of {options} instead of `{_short(text)}`")
    chosen = known[head]
    others = {word for word, name in known.items() if name != chosen and len(word) > 1}
    if _HEDGES.search(rest) or any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", rest) for word in others):
        raise Unreadable(f"expected one of {options} alone; `{_short(text)}` could be taken for more than one")
    return chosen, f"Read as `{chosen}`; the words behind it are a reason and not part of the choice."


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"
