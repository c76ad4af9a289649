"""YAML as editors read it: plain YAML 1.2, where ``2`` is a number, ``no`` a text and a comma in braces ends a text."""

from __future__ import annotations

import re
from typing import Any

import yaml
from jsonschema import Draft202012Validator


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2."""


Core.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def as_json(node: Any) -> Any:
    """Keys of JSON are texts."""
    if isinstance(node, dict):
        return {str(key): as_json(value) for key, value in node.items()}
    return [as_json(part) for part in node] if isinstance(node, list) else node


def complaints(schema: dict[str, Any], text: str) -> list[tuple[str, str]]:
    """Where an editor marks a slip, and why."""
    data = as_json(yaml.load(text, Core))
    found = [leaf for error in Draft202012Validator(schema).iter_errors(data) for leaf in _leaves(error)]
    return [(".".join(map(str, error.absolute_path)), error.message) for error in found]


def _leaves(error: Any) -> list[Any]:
    return [leaf for inner in error.context for leaf in _leaves(inner)] if error.context else [error]
