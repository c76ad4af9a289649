"""``select``: a set of options, marked by the author's policy."""

from __future__ import annotations

import re

from grader.checkers.reading import at_fault, malformed, plain_words
from grader.errors import Unreadable
from grader.keys import SelectKey
from grader.result import Outcome, correct, incorrect
from grader.spec import Policy, SelectField
from grader.submission import Response

_WHOLE = r"(?: (?:of|them|these|those|the|above|five|models?|famil(?:y|ies)|types?|kinds?|options?|can|do))*"
_ALL = re.compile(rf"(?:all|any|every|each|everything){_WHOLE}")
_NONE = re.compile(rf"(?:none|nothing|no (?:models?|famil(?:y|ies)|options?)){_WHOLE}")
_ALL_BECAUSE = re.compile(rf"(?:all|any|every|each|everything){_WHOLE}(?:\s*[,.;:—–]\s*|\s+(?=\())(.+)", re.S)
_TAKEN_BACK = re.compile(r"\b(?:except|but|besides|apart|not|cannot|without|only|unless)\b|n['’]t\b")
_EXCEPT = re.compile(
    r"all(?: (?:of|the|them|these|models?|famil(?:y|ies)))*,? (?:except|but|besides|apart from)(?: for)? (.+)", re.S
)
_SEPARATOR = re.compile(r"\s*(?:[,;\n&+/•]|\band\b|\bor\b|\\&|\\item\b|\\\\)\s*", re.I)
_NOISE = re.compile(r"[{}\[\]*_`$\\]|^\s*(?:[-•*]|\(?\d{1,2}[.)])\s|\b(?:models?|only|just|the|both|families|family)\b")
_ASIDE = re.compile(r"\s*\(([^()]*)\)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{(?:itemize|enumerate)\}")


def check(field: SelectField, key: SelectKey, response: Response) -> Outcome:
    """Options in ``key.may`` count neither for nor against; the policy says what a near miss earns."""
    unknown = [option for option in (*key.must, *key.may) if option not in field.options]
    if unknown:
        raise at_fault(field, key, f"{unknown[0]!r} is none of the options {', '.join(field.options)}")
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


def read(field: SelectField, response: Response) -> frozenset[str]:
    """The options chosen. Raises Unreadable at the first word that is none."""
    known = {_normal(word): name for name, also in field.options.items() for word in (name, *also)}
    text = plain_words(_ENVIRONMENT.sub(" ", response.text)).strip()
    plain = " ".join(text.casefold().split()).strip(".![]{}() ")
    if _ALL.fullmatch(plain) or _all_with_reason(plain, known):
        return frozenset(field.options)
    if _NONE.fullmatch(plain):
        return frozenset()
    if found := _EXCEPT.fullmatch(plain):
        return frozenset(field.options) - _listed([found[1]], known, field)
    return _listed(response.parts if response.parts is not None else [text], known, field)


def _all_with_reason(plain: str, known: dict[str, str]) -> bool:
    """``all, since …`` or ``all (AR, VAE, …)``, if the rest takes nothing back and names all options or none."""
    found = _ALL_BECAUSE.fullmatch(plain)
    if not found or _TAKEN_BACK.search(found[1]):
        return False
    named = {known[word] for word in map(_normal, re.split(r"[\s,;()]+", found[1])) if word in known}
    return not named or named == set(known.values())


def _listed(texts: tuple[str, ...] | list[str], known: dict[str, str], field: SelectField) -> frozenset[str]:
    chosen: set[str] = set()
    for text in texts:
        for part in _SEPARATOR.split(_without_asides(text, known)):
            chosen.update(_options(part, known, field))
    if not chosen:
        raise Unreadable(f"expected some of the options {', '.join(field.options)} (or `all`, `none`)")
    return frozenset(chosen)


def _without_asides(text: str, known: dict[str, str]) -> str:
    """Without ``(BiGAN)`` behind an option; an aside that names another option stays, and is not understood."""
    return _ASIDE.sub(lambda aside: "" if _is_aside(text[: aside.start()], aside[1], known) else aside[0], text)


def _is_aside(before: str, aside: str, known: dict[str, str]) -> bool:
    named = known.get(_normal(_SEPARATOR.split(before)[-1]))
    mentioned = {known[word] for word in map(_normal, _SEPARATOR.split(aside)) if word in known}
    return named is not None and mentioned <= {named}


def _options(part: str, known: dict[str, str], field: SelectField) -> list[str]:
    word = _normal(part)
    if not word:
        return []
    if word in known:
        return [known[word]]
    if all(single in known for single in word.split()):
        return [known[single] for single in word.split()]
    shown = " ".join(part.split())
    raise Unreadable(f"`{shown}` is none of the options {', '.join(field.options)} (or `all`, `none`)")


def _normal(text: str) -> str:
    """Lower case without markup, hyphens and plural endings, so that "normalizing flows" meets "Normalizing-Flow"."""
    text = _NOISE.sub(" ", plain_words(text).casefold().strip())
    text = " ".join(text.replace("-", " ").replace("(", " ").replace(")", " ").split()).strip(".:;,! ")
    return " ".join(word if len(word) < 4 else word.removesuffix("s") for word in text.split())
