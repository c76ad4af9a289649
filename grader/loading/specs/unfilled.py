"""What its author must still fill in or close: texts and names that begin with TODO, as ``grade new`` leaves them,
and sentences that YAML cuts off.

A key with one of these marks nobody (its item is ``error``). Among mistakes, marking tests and routes, which a key can
do without, what has one is left out, and in what students read it keeps nothing from being loaded. ``grade lint`` names
every one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.errors import Fault
from grader.loading.specs.faults import label_of
from grader.loading.yaml import Document, Loc
from grader.loading.yaml_words import QUOTE

_SHOWN = 40
_TODO = re.compile(r"\s*TODO\b[\s:]*")


def unfilled(data: object) -> bool:
    """Whether there is a gap anywhere in it."""
    return any(True for _ in _gaps(data, ()))


def gaps(document: Document, loc: Loc = ()) -> list[Fault]:
    """One fault for each gap below ``loc``, in the words that stand there."""
    data = value_at(document.data, loc)
    return [
        Fault(document.where(where), label_of(where, document.data), f"still to be filled in{': ' * bool(said)}{said}")
        for where, said in _gaps(data, loc)
    ]


def _gaps(data: object, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(data, str):
        if found := _TODO.match(data):
            said = " ".join(data[found.end() :].split())
            yield loc, said if said[:1] != "." else "the name of a file"
    elif isinstance(data, dict):
        for name, value in data.items():
            if _TODO.match(name):
                yield (*loc, name), "a name"
            yield from _gaps(value, (*loc, name))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _gaps(value, (*loc, place))


_READ = frozenset({"prompt", "say", "hint"})  # by people, where an end is a sentence's
_ENDS = (".", "?", "!", ":")


def cut_off(document: Document, loc: Loc = ()) -> list[Fault]:
    """One fault for each sentence below ``loc`` that stops where a ``#`` begins a comment.

    Nothing is said of a comment that stands apart (after two blanks) or follows the end of a sentence.
    """
    return [
        Fault(document.where(where), label_of(where, document.data), f"{_stopped(text, document.cut[where])}; {QUOTE}")
        for where in document.cut
        if where[: len(loc)] == loc and where[-1] in _READ
        if isinstance(text := value_at(document.data, where), str) and not text.endswith(_ENDS)
    ]


def _stopped(text: str, comment: str) -> str:
    return f"the text ends at {text[-_SHOWN:]!r}, for ' #' begins a comment: {comment[:_SHOWN]!r} is dropped"


def value_at(data: object, loc: Loc) -> object:
    """What stands at ``loc``, which must be there."""
    for part in loc:
        data = data[part]  # type: ignore[index]
    return data
