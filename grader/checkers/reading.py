"""What the checkers of formulas share: undressing a response, reading a key, wording what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from grader.errors import Fault, SpecError, Undecided, Unreadable
from grader.math.dress import split_label, undress
from grader.result import Outcome, waiting
from grader.spec import FieldKey, Spec, Symbol

T = TypeVar("T")


MAX_WORDS = 2000
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
