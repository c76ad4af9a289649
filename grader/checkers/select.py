"""``select``: a set of options, marked by the author's policy."""

from __future__ import annotations

import re

from grader.checkers.reading import malformed
from grader.errors import Fault, SpecError, Unreadable
from grader.math.dress import undress
from grader.result import Outcome, correct, incorrect
from grader.spec import Policy, SelectField, SelectKey
from grader.submission import Response

_ALL = re.compile(
    r"(?:all|any|every|each|everything)(?: (?:of )?(?:them|these|the above|the models?|five|models?|options?))*"
)
_NONE = re.compile(r"none(?: of (?:them|these|the above|the models?))?|nothing|no (?:models?|options?)")
_SEPARATOR = re.compile(r"\s*(?:[,;\n&+/]|\band\b|\\&|•)\s*")
_NOISE = re.compile(
    r"\\(?:text|textbf|textit|textrm|emph|mathrm|item)\b|[{}\[\]()*_`$\\]|^\s*[-•]\s|\bmodels?\b|\bonly\b|\bthe\b"
)


def check(field: SelectField, key: SelectKey, response: Response) -> Outcome:
    """Options in ``key.may`` count neither for nor against; the policy says what a near miss earns."""
    unknown = [option for option in (*key.must, *key.may) if option not in field.options]
    if unknown:
        raise SpecError(
            [Fault(key.where, field.name, f"{unknown[0]!r} is none of the options {', '.join(field.options)}")]
        )
    try:
        chosen = read(field, response)
    except Unreadable as error:
        return malformed(field, error)
    share = _share(field.policy or "all-or-nothing", field, key, chosen)
    read_as = ", ".join(option for option in field.options if option in chosen) or "none"
    if share == 1:
        return correct(field.worth, read_as=read_as)
    if share == 0:
        return incorrect(read_as=read_as)
    return Outcome(status="partial", score=field.worth * share, read_as=read_as)


def _share(policy: Policy, field: SelectField, key: SelectKey, chosen: frozenset[str]) -> float:
    must, counted = set(key.must), set(field.options) - set(key.may)
    right, wrong = len(chosen & must), len((chosen & counted) - must)
    if right == len(must) and not wrong:
        return 1
    if policy == "per-option":
        return (len(counted) - (len(must) - right) - wrong) / len(counted)
    if policy == "per-option-with-penalty" and must:
        return max(0, right - wrong) / len(must)
    return 0


def normal(text: str) -> str:
    """Lower case without markup, hyphens and plural endings, so that "normalizing flows" meets "Normalizing-Flow"."""
    text = " ".join(_NOISE.sub(" ", undress(text).casefold()).replace("-", " ").split()).rstrip(".:! ")
    return " ".join(word if len(word) < 4 else word.removesuffix("s") for word in text.split())


def read(field: SelectField, response: Response) -> frozenset[str]:
    """The options chosen. Raises Unreadable at the first word that is none."""
    words = {normal(word): name for name, also in field.options.items() for word in (name, *also)}
    plain = " ".join(undress(response.text).casefold().split()).strip(".![]{}() ")
    if _ALL.fullmatch(plain):
        return frozenset(field.options)
    if _NONE.fullmatch(plain):
        return frozenset()
    parts = response.parts if response.parts is not None else _SEPARATOR.split(undress(response.text))
    chosen = []
    for part in parts:
        if not (word := normal(part)):
            continue
        if word not in words:
            raise Unreadable(
                f"`{' '.join(part.split())}` is none of the options {', '.join(field.options)} (or `all`, `none`)"
            )
        chosen.append(words[word])
    if not chosen:
        raise Unreadable(f"expected some of the options {', '.join(field.options)} (or `all`, `none`)")
    return frozenset(chosen)
