"""JSON Schemas (draft 2020-12) of the types of instructors' files, in the form in which these are written.

The types say what is meant; a file may say it shorter (``options: yes/no``), and an editor reads ``2``, ``true`` and
``no`` as YAML 1.2 does, where our reader takes the text that was typed. So every validator that runs before a type has
its written form here, and one without is an error: a new shorthand cannot be forgotten. A schema judges structure:
names of keys, and what kind of thing stands where. What formulas mean, and whether points add up, is lint's matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from grader.scalars import FORM_RULES, PRESETS
from grader.shorthand import RESERVED

Schema: TypeAlias = dict[str, Any]

# Plain YAML 1.2: what is typed without quotes may come as any of these, and is text to us.
TEXT: Schema = {"$ref": "#/$defs/text"}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBER: Schema = {"$ref": "#/$defs/number"}
TRUTH: Schema = {"enum": [True, False, "true", "false", "yes", "no", "on", "off"]}
BASE: dict[str, Schema] = {
    "text": {"type": ["string", "number", "boolean"]},
    "number": {"type": ["number", "string"], "pattern": r"^\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*$"},
}
# ``{Z: uniform(-2, 3)}``: to an editor the comma ends the value, and ``3)`` is a key with nothing behind it.
PARTED: Schema = {r"^[^(]*\)": {"type": "null"}}
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def either(*schemas: Schema) -> Schema:
    """What one of them allows."""
    return {"anyOf": list(schemas)}


def mapping(values: Schema, **more: Any) -> Schema:
    """Names that nobody knows before, each with such a value."""
    return {"type": "object", "additionalProperties": values, **more}


# --- what may be written shorter, by the validator that writes it out ------------------------------------------------


def _one_or_list(inner: Schema) -> Schema:
    return either(inner["items"], inner)


def _options(inner: Schema) -> Schema:
    named = {"type": "string", "examples": list(PRESETS)}
    return either(named, {**TEXTS, "minItems": 2}, mapping(either(TEXTS, {"type": "null"}), minProperties=2))


def _form(inner: Schema) -> Schema:
    rule = {"enum": list(FORM_RULES)}
    costs = either(NUMBER, {"const": "all"}, inner["additionalProperties"])
    return either(rule, {"type": "array", "items": rule}, mapping(costs, propertyNames=rule))


def _item(inner: Schema) -> Schema:
    """``answer:`` or ``fields:`` by name. An only field needs no points, and an item's symbols are its fields'."""
    field = {"$ref": "#/$defs/Field"}
    named = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": {"enum": sorted(RESERVED)}},
        "additionalProperties": field,
        "anyOf": [{"maxProperties": 1}, {"additionalProperties": {"required": ["points"]}}],
        "description": "Several fields, by name: each with its kind and points.",
    }
    answer = field | {"description": "One field, worth all the points: {kind: numeric}."}
    symbols = mapping({"$ref": "#/$defs/Symbol"}, description="Names that formulas in responses may use.")
    properties = inner["properties"] | {"answer": answer, "fields": named, "symbols": symbols}
    required = [name for name in inner["required"] if name != "fields"]
    one = [{"required": ["answer"]}, {"required": ["fields"]}]
    return {**inner, "properties": properties, "required": required, "oneOf": one}


def _simulated_key(inner: Schema) -> Schema:
    """What belongs to ``check: simulation`` stands beside ``value``."""
    properties = {name: found for name, found in inner["properties"].items() if name != "simulation"}
    return {**inner, "properties": {**properties, "check": {"const": "simulation"}}}


def _as_it_is(inner: Schema) -> Schema:
    return inner


def _bare(inner: Schema) -> Schema:
    return either(TEXT, inner)


WRITTEN: dict[str, Callable[[Schema], Schema]] = {
    "_number": _as_it_is,
    "_listed": _one_or_list,
    "_options": _options,
    "_written": lambda inner: either(TEXT, TEXTS),
    "_credit": _as_it_is,
    "_costs": _as_it_is,
    "_tolerance": _as_it_is,
    "_ends": _as_it_is,
    "_form": _form,
    "Item._spread": _item,
    "Question._name_sets": _as_it_is,
    "NumericKey._gathered": _simulated_key,
    "Relation._bare": _bare,
    "WorldDistribution._bare": _bare,
    "WorldDefinition._bare": _bare,
}


class _Generator(GenerateJsonSchema):
    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Schema:
        name = schema["function"]["function"].__qualname__
        if name not in WRITTEN:
            raise NotImplementedError(f"{name} has no written form in {__name__}.WRITTEN")
        return WRITTEN[name](self.generate_inner(schema["schema"]))

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def definitions(models: Iterable[type[BaseModel]]) -> dict[str, Schema]:
    """The written form of each model and of all that they consist of, by name; they refer to ``#/$defs/…``."""
    mode: JsonSchemaMode = "validation"
    known = {model.__name__: model for root in models for model in _within(root)}
    _, made = models_json_schema([(model, mode) for model in known.values()], schema_generator=_Generator)
    return {name: _told(_written(found), known.get(name)) for name, found in made["$defs"].items()}


def _within(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and those that its fields name, so that each has its docstring at hand."""
    found, rest = [], [model]
    while rest:
        one = rest.pop()
        if one not in found:
            found.append(one)
            rest += [inner for field in one.model_fields.values() for inner in _models_in(field.annotation)]
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


# --- single values ---------------------------------------------------------------------------------------------------


def _written(node: Any) -> Any:
    """A schema of typed values as one of what stands in a file."""
    if isinstance(node, list):
        return [_written(part) for part in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("type") if isinstance(node.get("type"), str) else None
    out = {
        _BOUNDS.get(name, name): part if name in ("enum", "const") else _written(part) for name, part in node.items()
    }
    if "oneOf" in node:
        out.pop("discriminator", None)
    if "const" in node or "enum" in node:
        return {name: part for name, part in out.items() if name != "type"}
    if kind in _SCALARS:
        return {name: part for name, part in out.items() if name != "type"} | _SCALARS[kind]
    if "anyOf" in out and "minLength" in out:  # one or a list of them
        out["minItems"] = out["minProperties"] = out.pop("minLength")
    return out


_SCALARS = {"string": TEXT, "number": NUMBER, "integer": NUMBER, "boolean": TRUTH}


# --- what editors show -----------------------------------------------------------------------------------------------


def _told(schema: Schema, model: type[BaseModel] | None) -> Schema:
    """The schema with the docstring's words for each key, and open to what a comma within brackets parts off."""
    inner = next((part for part in schema.get("anyOf", []) if "properties" in part), schema)
    if "properties" not in inner:
        return schema
    inner = {**inner, "patternProperties": PARTED}
    if model is not None:
        told = {name: _with_help(name, part, model) for name, part in inner["properties"].items()}
        inner["properties"] = told
    if model is not None and model.__doc__:
        inner["description"] = _plain(model.__doc__)
    if "anyOf" in schema and "properties" not in schema:
        return {"anyOf": [inner if "properties" in part else part for part in schema["anyOf"]]}
    return inner


def _with_help(name: str, part: Schema, model: type[BaseModel]) -> Schema:
    said = part.get("description") or _sentence_on(name, model) or HELP.get(name)
    return {**part, "description": said} if said else part


def _sentence_on(name: str, model: type[BaseModel]) -> str:
    """The sentences of the docstrings that name the key."""
    for parent in model.__mro__:
        doc = parent.__doc__ if issubclass(parent, BaseModel) and parent is not BaseModel else None
        sentences = re.split(r"(?<=[.:])\s+(?=[`A-Z])", " ".join((doc or "").split()))
        found = [sentence for sentence in sentences if f"``{name}``" in sentence]
        if found:
            return _plain(" ".join(found))
    return ""


def _plain(doc: str) -> str:
    return " ".join(doc.replace("``", "`").split())


HELP = {
    "id": "Students name the item by it: 4a, 6.7b. It stands once in the assignment.",
    "points": "What it is worth.",
    "prompt": "What students read, in Markdown with $formulas$. After '|' it goes on in indented lines.",
    "kind": "How a response is judged; docs/kinds.md has an example of each.",
    "title": "What students read above it.",
    "question": "Its number, as in the file's name.",
    "questions": "The names of the question files, in order.",
    "items": "The graded units.",
    "options": "yes/no, true/false, a list of names, or names with other words for them: {AR: [autoregressive]}.",
    "policies": "What holds unless a field says otherwise.",
    "symbols": "Names that formulas in responses may use.",
    "form": "Rules on how a right response is written, and what breaking each costs.",
    "policy": "How a selection is marked, where the assignment's policy does not hold.",
    "say": "A sentence for the student that helps and does not give the key away.",
    "when": "The response that is met, compared as mathematics and not as text.",
    "credit": "What it earns: points, or review to let a human decide. 0 unless given.",
    "score": "The points that the responses must come to.",
    "status": "What the responses must come out as.",
    "value": "The right response.",
    "elements": "What the sequence consists of: [x_i, z_i].",
    "size": "The number that the sequence's length depends on: T.",
    "hint": "For the student whose chain does not pass it.",
    "always": "Relations that must hold for all values of the symbols.",
}
