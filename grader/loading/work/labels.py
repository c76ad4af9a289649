"""Which item or field a student's heading names.

People write ``4d`` in many ways. What is understood is a matter of this file alone: the readers of formats hand over
headings as typed, and know no assignment.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Tokens = tuple[str, ...]

_LONGEST = 200
_CLOSE_ENOUGH = 0.5

# The grammar of headings, on folded text: [question|problem|…] [(] number [part] [)] [stop] [title].
# A title stands behind a colon (full-width ones too), a dash, or points in brackets; or loosely behind a space.
_WORD = r"(?:(?:question|problem|exercise|item|task|part|prob|ex|q|p)(?![a-z])|[qp](?=[0-9(])|number\b)\.?\s*"
_PREFIX = rf"(?:(?:solution|answer)s?\s+(?:to|for|of)\s+)?(?P<word>{_WORD})?(?:(?:no\.?|number|\#)\s*(?=[0-9(]))?"
_POINTS = r"[(\[]\s*[0-9.]+\s*(?:points?|pts?|marks?|p)\.?\s*[)\]]"
_TITLE = rf"(?:\s*[:\uff1a\u2013\u2014].*|\s+-+\s.*|\s*{_POINTS}.*)"
_LOOSE = r"\s+\S.*|\s*[,;=].*"
_NUMBER = r"[0-9]+(?:\.\s?[0-9]+)*"
_PART = (
    r"\s*[.\-]?\s*\(\s*(?:[a-z]|[0-9]+)\s*\)"  # 4 (d), 3(1)
    r"|[.\-]?[a-z](?![a-z0-9])"  # 4d, 4.d
    r"|\s+[a-z](?=\s*(?:$|[:.)\]\u2013\u2014(\[]))"  # 6.7 a, but not: 4 a better way
)
_NAMED = re.compile(
    rf"{_PREFIX}\(?\s*(?P<core>{_NUMBER}(?:{_PART})?)(?P<stop>\s*[.)\]]+)?(?:(?P<title>{_TITLE})|(?P<loose>{_LOOSE}))?"
)
_RELATIVE = re.compile(
    rf"(?:part\s*)?(?:(?:\(\s*(?P<closed>[a-z]|[0-9]+)\s*\)[.:]?|(?P<stopped>[a-z]|[0-9]+)[.)])(?:{_TITLE}|\s+.*)?"
    rf"|(?P<bare>[a-z]|[0-9]+)(?:{_TITLE})?)"
)
_LIKE_AN_ITEM = re.compile(rf"{_PREFIX}(?P<core>[0-9]+[0-9a-z.()\-]{{1,10}})(?:{_TITLE})?")
_STRICT_SUFFIX = re.compile(_TITLE)
_LOOSE_SUFFIX = re.compile(_LOOSE)
_WORD_SUFFIX = re.compile(r"\s+[^\W\d_].+")
_SEPARATOR = re.compile(
    r"\A(?:[*_`})\]]|\s+[})\]])*\s*(?:[.:\uff1a\u2013\u2014,;=]|-+(?=\s))?(?:\s*(?:\*\*|__|\})(?=\s|$))?\s*"
)
_MARKUP = re.compile(r"\\(?:text(?:bf|it|sc|rm|tt)|emph|underline|bf|it)\b\s*|[*`${}~\\]|^_+|_+$")


@dataclass(frozen=True, slots=True)
class Match:
    """How a heading was understood.

    ``exact``: typed as the item's id, at most with a title behind it. ``weak``: only a bare number, or a title with
    nothing but a space before it, so that below another item's heading it is rather a heading of the student's own.
    ``heads``: it names a question whose parts are items. Where it names nothing known but looks like an item, ``core``
    is what looks so, and ``suggestion`` the nearest item.
    """

    item: str | None = None
    exact: bool = False
    suggestion: str | None = None
    looks_like_item: bool = False
    weak: bool = False
    heads: bool = False
    core: str = ""


def match_item(label: str, ids: Sequence[str], *, names: Iterable[str] = (), under: str = "") -> Match:
    """Which of ``ids`` the heading names.

    ``names`` are what the assignment is called (``midterm/4d``, ``Midterm 4d``); ``under`` is the heading of the
    question that encloses it (``Question 4``), which makes ``(d)`` item 4d.
    """
    known = tuple(ids)
    typed = plain(label)
    folded = _without_names(typed.casefold(), names)
    return (
        _relative(folded, known, under)
        or _as_typed(typed, known)
        or _parsed(folded, known)
        or _loosely_titled(typed, known)
        or _unknown(folded, known)
    )


def plain(label: str) -> str:
    """A heading without markup, invisible characters and surplus space."""
    text = unicodedata.normalize("NFKC", label[:_LONGEST])
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    text = re.sub(r"\s+", " ", _MARKUP.sub(" ", text))
    return re.sub(r"(?<=\() | (?=[.:)])", "", text).strip()


def _relative(folded: str, ids: Tokens, under: str) -> Match | None:
    """``(d)`` below ``Question 4``."""
    found, head = _RELATIVE.fullmatch(folded), _NAMED.fullmatch(plain(under).casefold())
    if not (found and head):
        return None
    part = found["closed"] or found["stopped"] or found["bare"]
    item = _by_tokens(ids).get((*_tokens(head["core"]), part))
    return Match(item, looks_like_item=True) if item else None


def _as_typed(text: str, ids: Tokens) -> Match | None:
    """The id itself, alone or with a title behind a colon, a dash or points."""
    for known in _longest_first(ids):
        if text == known or (text.startswith(known) and _STRICT_SUFFIX.fullmatch(text[len(known) :])):
            return Match(known, exact=True, looks_like_item=True, weak=text != known and known.isdigit())
    return None


def _parsed(folded: str, ids: Tokens) -> Match | None:
    """A known item in other words, or the question above some; None where the heading needs a closer look."""
    alike = [known for known in ids if known.casefold() == folded]
    if len(alike) == 1:
        return Match(alike[0], looks_like_item=True)
    found = _NAMED.fullmatch(folded)
    if not found:
        return None
    tokens = _tokens(found["core"])
    item = _by_tokens(ids).get(tokens)
    if item and (found["word"] or found["stop"] or not found["loose"]):
        loose = bool(found["loose"]) and not found["stop"]
        return Match(item, looks_like_item=True, weak=loose or (len(tokens) == 1 and not found["word"]))
    heads = not item and any(other[: len(tokens)] == tokens for other in _by_tokens(ids))
    return Match(heads=True) if heads else None


def _loosely_titled(text: str, ids: Tokens) -> Match | None:
    """The id as typed with a title behind it and only a space between; behind a mere number it must be words."""
    for known in _longest_first(ids):
        suffix = _WORD_SUFFIX if known.isdigit() else _LOOSE_SUFFIX
        if text.startswith(known) and suffix.fullmatch(text[len(known) :]) and not _names_a_part(text):
            return Match(known, exact=True, looks_like_item=True, weak=known.isdigit())
    return None


def title_behind(label: str, item: str) -> str:
    """What stands behind the item's id in a heading, as typed; points in brackets are no part of it."""
    *front, last = map(re.escape, _tokens(item))
    outer = r"[\W_]*".join([*front, ""])
    found = re.search(rf"(?<![^\W_])(?:{outer})?{last}(?![^\W_])", label[:_LONGEST], re.IGNORECASE)
    if not found:
        return ""
    title = re.sub(rf"\s*{_POINTS}", "", label[found.end() :], count=1, flags=re.IGNORECASE)
    return _without_closing(_SEPARATOR.sub("", title, count=1))


def _without_closing(title: str) -> str:
    """Without the end of an emphasis that began before the title."""
    title = title.strip()
    for opening, closing in (("{", "}"), ("**", "**"), ("__", "__")):
        unopened = title.count(closing) % 2 if opening == closing else title.count(closing) > title.count(opening)
        if title.endswith(closing) and unopened:
            title = title.removesuffix(closing).strip()
    return title


def parts_of(label: str, ids: Sequence[str], names: Iterable[str] = ()) -> list[str]:
    """The items of the question that a heading names."""
    found = _NAMED.fullmatch(_without_names(plain(label).casefold(), names))
    tokens = _tokens(found["core"]) if found else ()
    return [known for own, known in _by_tokens(tuple(ids)).items() if tokens and own[: len(tokens)] == tokens]


def _names_a_part(text: str) -> bool:
    """``4 a)`` is a part of 4, not 4 with the title ``a)``."""
    found = _NAMED.fullmatch(text.casefold())
    return found is not None and not found["loose"]


def _unknown(folded: str, ids: Tokens) -> Match:
    """No known item: is it meant as one, and which is nearest?"""
    found = _NAMED.fullmatch(folded)
    if found and found["loose"] and (item := _by_tokens(ids).get(_tokens(found["core"]))):
        return Match(suggestion=item, looks_like_item=True, weak=True, core=found["core"])
    if not found or found["loose"]:
        found = _LIKE_AN_ITEM.fullmatch(folded)
    if not found:
        return Match()
    single = len(_tokens(found["core"])) == 1
    if single and not any(known.isdigit() for known in ids):
        return Match()
    core = re.sub(r"[\s()]", "", found["core"])
    return Match(suggestion=nearest(core, ids), looks_like_item=True, weak=single, core=core)


def _without_names(folded: str, names: Iterable[str]) -> str:
    """Without the assignment's name in front."""
    for name in sorted(names, key=len, reverse=True):
        pattern = r"\s*".join(map(re.escape, re.findall(r"[^\W\d_]+|\d+|[^\w\s]|_", name.casefold())))
        found = re.match(rf"{pattern}(?:\s*[/:,.\u2013\u2014-]\s*|\s+)(?=\S)", folded)
        if found and pattern:
            return folded[found.end() :]
    return folded


def _tokens(text: str) -> Tokens:
    """``6.7(a)`` as ("6", "7", "a"): what stays the same however an id is punctuated."""
    return tuple(re.findall(r"[0-9]+|[^\W\d_]+", text.casefold()))


@lru_cache(maxsize=32)
def _by_tokens(ids: Tokens) -> dict[Tokens, str]:
    """Items by their tokens, without those that punctuation alone tells apart."""
    tokens = [_tokens(known) for known in ids]
    return {own: known for own, known in zip(tokens, ids, strict=True) if tokens.count(own) == 1}


@lru_cache(maxsize=32)
def _longest_first(ids: Tokens) -> list[str]:
    return sorted(ids, key=len, reverse=True)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name most like ``name``; of equally near ones that with the same first letter, then the last."""

    def likeness(other: str) -> tuple[float, bool]:
        ratio = difflib.SequenceMatcher(None, name.casefold(), other.casefold()).ratio()
        return ratio, name[:1].casefold() == other[:1].casefold()

    best = max(reversed(known), key=likeness, default=None)
    return best if best is not None and likeness(best)[0] >= _CLOSE_ENOUGH else None


def match_field(label: str, names: Sequence[str], main: str | None) -> str | None:
    r"""The field that a label names: as typed, or as LaTeX (``\mu_2``, ``$p^T$``), in any case unless case matters.

    ``Answer`` also names the main field.
    """
    bare = re.sub(r"[\\${}\s*`]", "", label[:_LONGEST]).rstrip(":").replace("^", "_")
    alike = [name for name in names if name.casefold() == bare.casefold()]
    if bare in alike:
        return bare
    if len(alike) == 1:
        return alike[0]
    return main if bare.casefold() == "answer" and not alike else None
