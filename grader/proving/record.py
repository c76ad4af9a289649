"""The record of what was proved: ``reference/proved.json``, by which ``grade`` knows a key that changed since."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import SpecError
from grader.keys import ItemKey
from grader.loading.specs.course import Course
from grader.proving.standing import SETTLED, Standing
from grader.routes import InWorld, Python
from grader.spec import Item, Question, Spec

if TYPE_CHECKING:
    from grader.montecarlo.simulation import Run

FILE = "proved.json"
UNMARKED = "text"  # a human marks it: its key is a model answer
# what makes no key right or wrong
_OF_FIELDS = {"prompt", "points", "form"}
_OF_KEYS = {"ends", "steps", "milestones", "leap", "least", "checks"}


def fields_to_prove(item: Item) -> Iterator[Spec]:
    """The fields that a key marks."""
    return (spec for spec in item.fields if spec.kind != UNMARKED)


def unproved(course: Course, items: Collection[str] = ()) -> list[str]:
    """Fields whose keys were never proved as they stand now; with ``items`` (``midterm/4a``), among theirs alone.

    Keys that cannot be read are told elsewhere.
    """
    known = {label: entry.get("digest") for label, entry in read_record(course.reference).items()}
    return [
        label
        for label, digest in _digests(course)
        if (not items or label.rpartition(".")[0] in items) and known.get(label) != digest
    ]


def read_record(reference: Path | None) -> dict[str, Any]:
    """What was recorded, by field; nothing where there is no record, or none that can be read."""
    try:
        found = json.loads((reference / FILE).read_text("utf-8"))["proved"] if reference else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return (
        {label: entry for label, entry in found.items() if isinstance(entry, dict)} if isinstance(found, dict) else {}
    )


def write_record(course: Course, standings: Iterable[Standing], complete: bool) -> Path:
    """Record the keys that are settled, and forget those that are not any more; ``complete``: and all others.

    Raises OSError where it cannot be written.
    """
    assert course.reference is not None
    digests = dict(_digests(course))
    record = {} if complete else {k: entry for k, entry in read_record(course.reference).items() if k in digests}
    for standing in standings:
        record.pop(standing.label, None)
        if standing.status in SETTLED and standing.label in digests:
            record[standing.label] = {"digest": digests[standing.label], **_told(standing)}
    path = course.reference / FILE
    part = path.with_name(f"{FILE}.part")
    part.write_text(
        json.dumps({"schema": 1, "proved": record}, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
    )
    part.replace(path)
    return path


def _told(standing: Standing) -> dict[str, Any]:
    routes = [
        {"route": proof.route.word, "status": proof.found.status, "how": proof.found.how}
        | ({"draws": [_drawn(run) for run in proof.found.runs]} if proof.found.runs else {})
        for proof in standing.proofs
    ]
    return {"status": standing.status, "routes": routes}


def _drawn(run: Run) -> dict[str, Any]:
    """Enough to draw the same again."""
    told = {"claim": run.claim, "seed": run.seed, "draws": run.draws, "alpha": run.alpha, "estimated": run.shown}
    return told | {"low": _finite(run.low), "high": _finite(run.high)}


def _finite(x: float) -> float | None:
    """JSON has no infinity."""
    return x if math.isfinite(x) else None


# --- digests ---


def _digests(course: Course) -> Iterator[tuple[str, str]]:
    for assignment in course.assignments.values():
        for question in assignment.questions:
            for item in question.items:
                key = course.keys.get(assignment.id, {}).get(item.id)
                if key is not None and not isinstance(key, SpecError) and course.reference is not None:
                    folder = course.reference / assignment.id
                    for spec in fields_to_prove(item):
                        yield f"{assignment.id}/{item.id}.{spec.name}", _digest(question, item, spec, key, folder)


def _digest(question: Question, item: Item, spec: Spec, key: ItemKey, folder: Path) -> str:
    """Of everything that makes a key and its proof: what it is, what it means, how it was proved."""
    routes = [route for route in key.prove if spec.name in route.of]
    content = {
        "field": spec.name,
        "keys": {name: _plain(found, _OF_KEYS) for name, found in key.fields.items()},
        "properties": [_plain(prop) for prop in key.properties],
        "fields": [_plain(field, _OF_FIELDS) for field in item.fields],
        "routes": [[route.word, _plain(route), _beside(route, question, folder)] for route in routes],
        "misrouted": [fault.message for fault in key.misrouted],
    }
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]  # in order: variables stand on those above


def _plain(model: Any, but: Collection[str] = ()) -> Any:
    return model.model_dump(mode="json", serialize_as_any=True, exclude=set(but))


def _beside(route: Any, question: Question, folder: Path) -> Any:
    """What a route uses and does not hold: a file, another item's world."""
    if isinstance(route, Python):
        beside = [path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".yaml"]
        return [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in beside]
    if isinstance(route, InWorld) and isinstance(route.world, str):
        return [_plain(field, _OF_FIELDS) for item in question.items if item.id == route.world for field in item.fields]
    return None
