"""Pydantic's complaints, in sentences an instructor can act on, with the line they are about."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from grader import spec
from grader.errors import Fault
from grader.loading.yaml import Document, Loc

_WORDS = sorted(
    {
        name
        for model in vars(spec).values()
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name in model.model_fields
    }
)


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean 'points'?)``, or nothing where no known word is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""


def faults_of(error: ValidationError, document: Document, prefix: Loc = ()) -> list[Fault]:
    """One fault for each complaint. ``prefix`` is where in the document the validated data stands."""
    faults = []
    for complaint in error.errors(include_url=False):
        loc = _as_typed((*prefix, *complaint["loc"]), document.data)
        faults.append(Fault(document.where(loc), _label(loc, document.data), _sentence(complaint)))
    return list(dict.fromkeys(faults))


def _as_typed(loc: Loc, data: Any) -> Loc:
    """The location in the file: fields are numbered after reading, and named (or just ``answer:``) in YAML; the tags of
    unions are in no file."""
    out: list[str | int] = []
    here: Any = data
    rest = list(loc)
    while rest:
        part = rest.pop(0)
        if part == "fields" and isinstance(here, dict) and rest and isinstance(rest[0], int):
            steps = _field_steps(here, int(rest.pop(0)))
            if "symbols" in rest and "symbols" in here:  # written once for the item, given to each of its fields
                steps, rest = ["symbols"], rest[rest.index("symbols") + 1 :]
        else:
            steps = [part]
        for step in steps:
            if _has(here, step) or not rest:
                out.append(step)
            if _has(here, step):
                here = here[step]
    return tuple(out)


def _field_steps(item: dict[str, Any], place: int) -> list[str | int]:
    names = item.get("fields")
    return ["fields", list(names)[place]] if isinstance(names, dict) and place < len(names) else ["answer"]


def _has(here: Any, part: Any) -> bool:
    if isinstance(here, dict):
        return part in here
    return isinstance(here, list) and isinstance(part, int) and part < len(here)


def _label(loc: Loc, data: Any) -> str:
    """The path in words: items by their id, list entries counted from 1."""
    parts: list[str] = []
    here: Any = data
    for part in loc:
        here = here[part] if _has(here, part) else None
        named = isinstance(part, int) and isinstance(here, dict) and "id" in here
        parts.append(str(here["id"]) if named else str(part + 1) if isinstance(part, int) else part)
    return ".".join(part for part in parts if part not in ("items", "fields"))


def _sentence(complaint: Any) -> str:
    kind, context, given = complaint["type"], complaint.get("ctx", {}), complaint["input"]
    name = str(complaint["loc"][-1]) if complaint["loc"] else ""
    kinds = f"expected one of {', '.join(spec.KINDS)}"
    if kind == "union_tag_invalid":
        return f"unknown kind {context['tag']!r}{nearest(str(context['tag']), spec.KINDS)}; {kinds}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]} instead of {_named(given)}"
    return {
        "missing": f"{name}: is missing",
        "extra_forbidden": f"unknown key {name!r}{nearest(name, _WORDS)}",
        "union_tag_not_found": f"kind: is missing; {kinds}",
        "literal_error": f"expected {context.get('expected')} instead of {_named(given)}",
        "value_error": str(context.get("error")),
    }.get(kind, f"{complaint['msg']} (read {_named(given)})")


_NUMBER, _MAPPING, _LIST = "a number", "a mapping (name: value)", "a list"
_EXPECTED = {
    "float_parsing": _NUMBER, "float_type": _NUMBER, "int_parsing": _NUMBER, "int_type": _NUMBER,
    "string_type": "text", "bool_parsing": "true or false", "list_type": _LIST, "tuple_type": _LIST,
    "model_type": _MAPPING, "dict_type": _MAPPING, "model_attributes_type": _MAPPING,
}  # fmt: skip


def _named(given: object) -> str:
    if given is None:
        return "nothing"
    return "a mapping" if isinstance(given, dict) else "a list" if isinstance(given, list) else repr(given)
