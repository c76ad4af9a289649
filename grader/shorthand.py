"""What instructors may write short in a problem, written out before the types of ``spec`` see it.

What is wrong is passed on as it stands, so that the types report it where it was written.
"""

from __future__ import annotations

from typing import Any

KEY_WORDS = ("properties", "mistakes", "tests", "prove")
RESERVED = frozenset({*KEY_WORDS, "score", "status", "pending", "field"})


def spread_item(data: dict[str, Any]) -> dict[str, Any]:
    """Write ``answer:`` out as a field, and give fields their names, the points of an only field and the symbols."""
    data = dict(data)
    if ("answer" in data) == ("fields" in data):
        raise ValueError("expected either answer: (one field) or fields: (several)")
    fields = {"answer": data.pop("answer")} if "answer" in data else data["fields"]
    if not isinstance(fields, dict):
        raise ValueError("expected fields: as a mapping from a field's name to its description")
    if taken := sorted(RESERVED & fields.keys()):
        raise ValueError(f"a field cannot be called {taken[0]!r}: keys use that word")
    shared = {"points": data["points"]} if len(fields) == 1 and "points" in data else {}
    symbols = data.pop("symbols", None)
    data["fields"] = [
        {**shared, **field, "name": name, "symbols": _joined(symbols, field.get("symbols"))}
        if isinstance(field, dict)
        else field
        for name, field in fields.items()
    ]
    return data


def _joined(shared: Any, own: Any) -> Any:
    for symbols in (own, shared):
        if symbols is not None and not isinstance(symbols, dict):
            return symbols
    return {**(shared or {}), **(own or {})}


def resolve_options(data: Any) -> Any:
    """Put a question's named sets of options where its fields name them."""
    if not isinstance(data, dict) or not isinstance(data.get("options"), dict):
        return data
    return _resolved(data, data["options"])


def _resolved(node: Any, named: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(child, named) for child in node]
    if not isinstance(node, dict):
        return node
    out = {key: _resolved(child, named) for key, child in node.items()}
    if isinstance(node.get("options"), str) and node["options"] in named:
        out["options"] = named[node["options"]]
    return out
