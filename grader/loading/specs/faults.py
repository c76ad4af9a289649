"""Pydantic's complaints, in sentences an instructor can act on, with the line they are about."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from grader import keys, routes, scalars, spec, worlds
from grader.errors import Fault
from grader.loading.yaml import Document, Loc
from grader.scalars import PATTERNS, nearest

_WORDS = sorted(
    {
        name
        for module in (spec, keys, routes, scalars, worlds)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name in model.model_fields
    }
)


def faults_of(error: ValidationError, document: Document, prefix: Loc = ()) -> list[Fault]:
    """One fault for each complaint. ``prefix`` is where in the document the validated data stands."""
    faults = []
    for complaint in _complaints(error):
        missing = complaint["type"] == "missing"
        loc = _as_typed((*prefix, *complaint["loc"]), document.data, missing)
        label = label_of(loc[:-1] if missing else loc, document.data)
        faults.append(Fault(document.where(loc), label, _sentence(complaint)))
    return list(dict.fromkeys(faults))


def _complaints(error: ValidationError) -> list[Any]:
    """All but those that a list is too short because none of its elements could be read."""
    found = error.errors(include_url=False)
    locs = [complaint["loc"] for complaint in found]
    return [
        complaint
        for complaint in found
        if complaint["type"] != "too_short"
        or not any(len(loc) > (depth := len(complaint["loc"])) and loc[:depth] == complaint["loc"] for loc in locs)
    ]


def _as_typed(loc: Loc, data: Any, missing: bool) -> Loc:
    """The location in the file. Fields are numbered after reading, and named (or just ``answer:``) in YAML; what fields
    share is written once; the tags of unions are in no file. What is missing is the last part of ``loc``."""
    out: list[str | int] = []
    here: Any = data
    rest = list(loc)
    while rest:
        if rest[0] == "fields" and isinstance(here, dict) and len(rest) > 1 and isinstance(rest[1], int):
            rest = _in_item(here, rest[1], rest[2:])
        part = rest.pop(0)
        if _has(here, part):
            here = here[part]
            out.append(part)
        elif missing and not rest:
            out.append(part)
        if part == "options" and isinstance(here, str) and _has(data.get("options"), here):
            out, here = ["options", here], data["options"][here]
    return tuple(out)


def _in_item(item: dict[str, Any], place: int, rest: list[str | int]) -> list[str | int]:
    """Where a part of a field is written: with the field, or with the item that gave it to each of its fields."""
    names = item.get("fields")
    path = ["fields", list(names)[place]] if isinstance(names, dict) else ["answer"]
    own = names[path[1]] if isinstance(names, dict) else item.get("answer")
    if rest[-1:] == ["points"] and not _has(own, "points") and (not isinstance(names, dict) or len(names) == 1):
        return ["points"]
    if "symbols" in rest and "symbols" in item:
        tail = rest[rest.index("symbols") :]
        written = own.get("symbols") if isinstance(own, dict) else None
        if written is None or (isinstance(written, dict) and len(tail) > 1 and tail[1] not in written):
            return tail
    return [*path, *rest]


def _has(here: Any, part: Any) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def label_of(loc: Loc, data: Any) -> str:
    """A path in words: items by their id, list entries counted from 1."""
    parts: list[str] = []
    here: Any = data
    for part in loc:
        here = here[part] if _has(here, part) else None
        named = isinstance(part, int) and isinstance(here, dict) and isinstance(here.get("id"), str)
        parts.append(here["id"] if named else str(part + 1) if isinstance(part, int) else part)
    return ".".join(part for part in parts if part not in ("items", "fields"))


def _sentence(complaint: Any) -> str:
    kind, context, given = complaint["type"], complaint.get("ctx", {}), complaint["input"]
    name = str(complaint["loc"][-1]) if complaint["loc"] else ""
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_kind(given.get("kind") if isinstance(given, dict) else None)
    said = {
        "missing": f"{name}: is missing",
        "extra_forbidden": f"unknown key {name!r}{_meant(name)}",
        "value_error": str(context.get("error")),
    }
    if kind == "too_short":
        return f"expected {context['min_length']} or more of them instead of {len(given)}"
    if kind == "literal_error" and isinstance(given, str):
        near = nearest(given, re.findall(r"'([^']+)'", context["expected"]))
        return f"expected {_expected(kind, context)} instead of {_named(given)}{near}"
    return said.get(kind) or f"expected {_expected(kind, context)} instead of {_named(given)}"


def _meant(name: str) -> str:
    """What an unknown key should have been."""
    if " " in name:
        return "; within braces a comma ends a text: put the whole text between single quotes"
    return nearest(name, [word for word in _WORDS if word != name])


def _unknown_kind(kind: object) -> str:
    kinds = f"expected one of {', '.join(spec.KINDS)}"
    if kind is None:
        return f"kind: is missing; {kinds}"
    if not isinstance(kind, str):
        return f"kind: {kinds} instead of {_named(kind)}"
    return f"unknown kind {_named(kind)}{nearest(kind, spec.KINDS)}; {kinds}"


def _expected(kind: str, context: dict[str, Any]) -> str:
    if kind in _KINDS_OF_VALUES:
        return _KINDS_OF_VALUES[kind]
    if kind in _BOUNDS:
        return f"a number {_BOUNDS[kind]} {next(iter(context.values())):g}"
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    return str(context.get("expected") or "something else")


_NUMBER, _MAPPING, _LIST = "a number", "a mapping (name: value)", "a list"
_KINDS_OF_VALUES = {
    "float_parsing": _NUMBER, "float_type": _NUMBER, "finite_number": "a finite number",
    "int_parsing": "a whole number", "int_type": "a whole number", "int_from_float": "a whole number",
    "int_parsing_size": "a smaller number",
    "string_type": "text", "string_too_short": "some text",
    "bool_parsing": "true or false", "bool_type": "true or false",
    "list_type": _LIST, "tuple_type": _LIST,
    "model_type": _MAPPING, "dict_type": _MAPPING, "model_attributes_type": _MAPPING,
}  # fmt: skip
_BOUNDS = {
    "greater_than_equal": "of at least", "greater_than": "greater than",
    "less_than_equal": "of at most", "less_than": "less than",
}  # fmt: skip
_SHOWN = 60


def _named(given: object) -> str:
    if given is None or given == "":
        return "nothing"
    if isinstance(given, dict | list | tuple):
        what = "mapping" if isinstance(given, dict) else "list"
        return f"a {what}" if given else f"an empty {what}"
    text = str(given)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
