"""The seven derivations of the course, and chains for each of them, honest and broken."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from grader.checkers import derivation
from grader.keys import ItemKey, ValueKey
from grader.loading.specs.course import Course, load_course
from grader.result import Outcome
from grader.spec import DerivationField, Item
from grader.submission import Response

ROOT = Path(__file__).parents[2]
CHAINS = Path(__file__).parent / "chains"


@cache
def course() -> Course:
    return load_course(ROOT / "problems", ROOT / "reference")


def item_of(name: str) -> tuple[Item, ItemKey]:
    assignment, _, item = name.partition("/")
    found = next(found for found in course().assignments[assignment].items if found.id == item)
    key = course().keys[assignment][item]
    assert isinstance(key, ItemKey), key
    return found, key


def judge(name: str, response: str, **others: str) -> Outcome:
    """The outcome of a response to the derivation of an item; ``others`` are the student's texts for other fields."""
    item, key = item_of(name)
    spec = next(spec for spec in item.fields if isinstance(spec, DerivationField))
    given = {other: found.value for other, found in key.fields.items() if isinstance(found, ValueKey)}
    return derivation.check(spec, key.fields[spec.name], Response(text=response), given | others)


def entries(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Item and entry for every chain of that kind in the files beside this one."""
    return list(_entries(kind))


def _entries(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(CHAINS.glob("*.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if isinstance(data, dict) and data["item"] != "ps1/6.7a":
            yield from ((data["item"], entry) for entry in data.get(kind, ()))


def title(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("style") or value.get("mistake") or value.get("why"))
    return str(value)
