"""What ``grade new`` left to its author: texts and names that begin with TODO.

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

_TODO = re.compile(r"\s*TODO\b[\s:]*")


def unfilled(data: object) -> bool:
    """Whether there is a gap anywhere in it."""
    return any(True for _ in _gaps(data, ()))


def gaps(document: Document, loc: Loc = ()) -> list[Fault]:
    """One fault for each gap below ``loc``, in the words that stand there."""
    data: object = document.data
    for part in loc:
        data = data[part]  # type: ignore[index]
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
