"""JSON Schemas of the files that instructors write, for editors: they show what may stand where and mark slips.

They are generated (``grade schema``) from the types of ``spec``, ``keys``, ``routes`` and ``worlds``, and lie with the
course. A file names its own in its first line (``first_line``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from grader.keys import KEY_TYPES, MarkingTest, Mistake, Property
from grader.loading.specs.documents import SCHEMAS
from grader.loading.specs.written import BASE, NUMBER, PARTED, TEXT, TEXTS, Schema, definitions, either, mapping
from grader.result import Status
from grader.routes import COUNTS, ROUTES
from grader.scalars import ITEM_ID
from grader.spec import KINDS, AnyField, AssignmentHead, Question

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMES = ("assignment", "question", "key")
_NULL: Schema = {"type": "null"}


def first_line(name: str) -> str:
    """What makes an editor check a file that lies in the folder of an assignment."""
    return f"# yaml-language-server: $schema=../{SCHEMAS}/{name}.json"


def schemas() -> dict[str, Schema]:
    """By the names in ``NAMES``."""
    return {"assignment": _assignment(), "question": _question(), "key": _key()}


def targets(problems: Path, reference: Path | None) -> dict[str, Path]:
    """Where the files of a course look for their schemas."""
    return {
        name: folder / SCHEMAS / f"{name}.json"
        for name, folder in zip(NAMES, (problems, problems, reference), strict=True)
        if folder is not None
    }


def as_text(schema: Schema) -> str:
    """As it stands in its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _document(title: str, root: Schema, defs: Mapping[str, Schema]) -> Schema:
    """With those definitions alone that it comes to."""
    needed: list[str] = []
    rest: list[object] = [root]
    while rest:
        for name in _named(rest.pop()):
            if name not in needed:
                needed.append(name)
                rest.append(defs[name])
    return {"$schema": DIALECT, "title": title, **root, "$defs": {name: defs[name] for name in sorted(needed)}}


def _named(node: object) -> Iterable[str]:
    """The definitions that a schema refers to."""
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str):
            yield ref.rpartition("/")[2]
        for part in node.values():
            yield from _named(part)
    elif isinstance(node, list):
        for part in node:
            yield from _named(part)


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/$defs/{model.__name__}"}


# --- problems --------------------------------------------------------------------------------------------------------


def _assignment() -> Schema:
    defs = BASE | definitions([AssignmentHead])
    return _document("An assignment: assignment.yaml", defs["AssignmentHead"], defs)


def _question() -> Schema:
    fields: dict[str, type[BaseModel]] = {
        get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(AnyField)[0])
    }
    defs = BASE | definitions([Question])
    for model in fields.values():
        defs[model.__name__] = _unnamed(defs[model.__name__])
    defs["Field"] = _field(fields)
    return _document("A question: prompts, fields and kinds", defs["Question"], defs)


def _unnamed(field: Schema) -> Schema:
    """A field's name stands before it, and its points may stand with the item."""
    properties = {name: found for name, found in field["properties"].items() if name != "name"}
    return {**field, "properties": properties, "required": [name for name in field["required"] if name != "points"]}


def _field(fields: Mapping[str, type[BaseModel]]) -> Schema:
    """What a field may have depends on its kind, so that a slip is told of that kind alone."""
    kind: Schema = {
        "enum": list(KINDS),
        "description": "How a response is judged; docs/kinds.md has an example of each.",
    }
    cases = [
        {"if": {"properties": {"kind": {"const": name}}, "required": ["kind"]}, "then": _ref(model)}
        for name, model in fields.items()
    ]
    return {"type": "object", "required": ["kind"], "properties": {"kind": kind}, "allOf": cases}


# --- keys ------------------------------------------------------------------------------------------------------------


def _key() -> Schema:
    defs = BASE | definitions([*KEY_TYPES.values(), Mistake, MarkingTest, Property, *ROUTES.values(), *COUNTS.values()])
    defs |= {"Count": _by_word(COUNTS), "Route": _by_word(ROUTES), "FieldKey": _field_key(defs), "MarkingTest": _test()}
    defs |= {"Routes": either({"$ref": "#/$defs/Route"}, {"type": "array", "items": {"$ref": "#/$defs/Route"}})}
    defs |= {"Prove": _prove(), "ItemKey": _item_key()}
    item = {"$ref": "#/$defs/ItemKey"}
    root = {
        "type": ["object", "null"],
        "propertyNames": {"pattern": ITEM_ID},
        "additionalProperties": item,
        "description": "The keys of a question's items, by item.",
    }
    return _document("Keys: right answers, mistakes, marking tests and second routes; private", root, defs)


def _item_key() -> Schema:
    def listed(model: type[BaseModel], said: str) -> Schema:
        return {**either({"type": "array", "items": _ref(model)}, _NULL), "description": said}

    return {
        "type": "object",
        "properties": {
            "properties": listed(Property, "What constructed objects must do."),
            "mistakes": listed(Mistake, "Wrong answers that you expect: what each earns, and what to say."),
            "tests": listed(
                MarkingTest, "Responses and what they must come to: three right, three wrong, one malformed."
            ),
            "prove": {"$ref": "#/$defs/Prove"},
        },
        "additionalProperties": {"$ref": "#/$defs/FieldKey"},
        "description": "The key of each field, by the field's name (answer), and how it is marked.",
    }


def _field_key(defs: Mapping[str, Schema]) -> Schema:
    """A key file does not say of which kind a field is, so what any kind has is allowed."""
    properties = {
        name: found for model in KEY_TYPES.values() for name, found in defs[model.__name__]["properties"].items()
    }
    properties |= defs["SimulatedNumber"]["properties"]
    properties |= {name: either(TEXT, TEXTS) for name in ("must", "may")}
    written = {
        "type": "object",
        "properties": dict(sorted(properties.items())),
        "additionalProperties": False,
        "patternProperties": PARTED,
    }
    return either(TEXT, {"type": "array"}, written)


def _test() -> Schema:
    status = {"enum": list(get_args(Status)), "description": "What the responses must come out as together."}
    return {
        "type": "object",
        "properties": {"score": NUMBER | {"minimum": 0, "description": "The sum of their scores."}, "status": status},
        "additionalProperties": either(TEXT, TEXTS),
        "patternProperties": PARTED,
        "anyOf": [{"required": ["score"]}, {"required": ["status"]}],
        "minProperties": 2,
        "description": "{answer: 1/15, score: 2, status: correct}: a response by field, and what it must come to.",
    }


def _by_word(models: Mapping[str, type[BaseModel]]) -> Schema:
    """An object that exactly one word makes what it is."""
    cases = [{"if": {"required": [word]}, "then": _ref(model)} for word, model in models.items()]
    return {"type": "object", "anyOf": [{"required": [word]} for word in models], "allOf": cases}


def _prove() -> Schema:
    """A route, a list of routes, or these by field."""
    is_route: Schema = {"anyOf": [{"type": "array"}, *({"required": [word]} for word in ROUTES)]}
    by_field = mapping({"$ref": "#/$defs/Routes"}, patternProperties=PARTED)
    routes = {"$ref": "#/$defs/Routes"}
    said = "A second way to the key, which grade prove goes: docs/proving.md."
    return {"if": is_route, "then": routes, "else": either(by_field, _NULL), "description": said}
