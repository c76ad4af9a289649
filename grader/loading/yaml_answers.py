"""``answers.yaml`` -> entries, and the fields of an entry.

Where the file is not YAML, what can be read of it is read: it is cut before every line that begins in the outermost
column, and each part is tried alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from grader.errors import SpecError
from grader.loading.fields import Piece, everywhere, main, names, unnamed
from grader.loading.labels import match_field, nearest
from grader.loading.sections import Broken, Entry, Reading, at, shown
from grader.loading.yaml import Map, Node, Scalar, Sequence, read_tree
from grader.spec import FORMULA_KINDS, Item

MAX_CHUNKS = 5_000
_QUOTE = "put the text between single quotes"
_NO_KEY = ("{", "[", "- ", "-\t")
_CONTINUES = (" ", "\t", "#", "]", "}", "- ", "-\t")
_LABEL = re.compile(r"['\"]?(?P<label>[^:'\"\n]{1,80})['\"]?\s*:\s?(?P<text>.*)", re.DOTALL)


def read(text: str, place: str) -> Reading:
    reading = Reading()
    try:
        _add_entries(read_tree(text, Path(place)), place, reading)
    except SpecError as error:
        reading.remarks.append(f"{error.faults[0]}; the rest of the file was read")
        chunks = _chunks(text)
        for line, chunk in islice(chunks, MAX_CHUNKS):
            _read_chunk(line, chunk, place, reading)
        for line, _ in islice(chunks, 1):
            reading.unreadable.insert(0, f"{at(place, line)}: reading stopped here; the file has too many parts")
    return reading


def _add_entries(tree: Node, place: str, reading: Reading) -> None:
    if isinstance(tree, Map):
        reading.found.extend(Entry(key.text or "", at(place, key.line), place, node) for key, node in tree.pairs)
    elif not (isinstance(tree, Scalar) and tree.text is None):
        reading.unreadable.append(f"{at(place, tree.line)}: expected lines of the form 'item: answer'")


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a file that begin in the outermost column, with the number of their first line."""
    lines = text.split("\n")
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" ")), default=0)
    start, chunk = 1, list[str]()
    for number, line in enumerate(lines, start=1):
        if line.startswith(("---", "...", "%")):
            line = ""  # of documents there is one
        if line.strip() and not line[margin:].startswith(_CONTINUES):
            yield start, "\n".join(chunk)
            start, chunk = number, []
        chunk.append(line)
    yield start, "\n".join(chunk)


def _read_chunk(line: int, chunk: str, place: str, reading: Reading) -> None:
    try:
        _add_entries(read_tree(chunk, Path(place), line), place, reading)
    except SpecError as error:
        found = _LABEL.match(chunk.lstrip(" "))
        if found and not chunk.lstrip(" ").startswith(_NO_KEY):
            problem = str(error.faults[0])
            reading.found.append(Broken(found["label"], at(place, line), found["text"].strip(), problem))
        else:
            reading.unreadable.append(str(error.faults[0]))


class EntryFields:
    """Sorts what was typed below one key into the fields of an item."""

    def __init__(self, entry: Entry, item: Item) -> None:
        self._entry = entry
        self._item = item
        self.remarks: list[str] = []

    def pieces(self) -> list[Piece]:
        node = self._entry.node
        if isinstance(node, Map):
            return self._fields(node)
        name = main(self._item)
        if name is not None:
            return self._field(name, node)
        text = _source(node)
        return unnamed(self._item, text, self._entry.source) if text else []

    def _fields(self, node: Map) -> list[Piece]:
        if node.pairs and not any(self._name(key) for key, _ in node.pairs):
            return self._no_fields(node)
        pieces: list[Piece] = []
        for key, value in self._rejoined(node):
            name = self._name(key)
            pieces += self._field(name, value) if name else self._unknown(key, value)
        return pieces

    def _name(self, key: Scalar) -> str | None:
        return match_field(key.text or "", names(self._item), main(self._item))

    def _rejoined(self, node: Map) -> list[tuple[Scalar, Node]]:
        """Within braces a comma ends a text: to YAML, ``{why: it folds, so no}`` has a key ``so no`` with no value."""
        pairs: list[tuple[Scalar, Node]] = []
        for key, value in node.pairs:
            before = pairs[-1][1] if pairs else None
            if self._name(key) or _source(value) or not (isinstance(before, Scalar) and before.text and node.source):
                pairs.append((key, value))
                continue
            pairs[-1] = pairs[-1][0], Scalar(f"{before.text}, {key.text}", before.line)
            where = at(self._entry.place, key.line)
            self.remarks.append(f"{shown(key.text or '')} ({where}) was read with the text before its comma; {_QUOTE}")
        return pairs

    def _no_fields(self, node: Map) -> list[Piece]:
        """Braces that were meant as mathematics, or names that are no field's."""
        typed = shown(node.source or ", ".join(f"{key.text}:" for key, _ in node.pairs))
        fields = ", ".join(names(self._item))
        problem = f"{typed} names no field of {self._item.id} (its fields: {fields}); {_QUOTE} if it is one"
        return everywhere(self._item, _source(node), self._entry.source, problem)

    def _unknown(self, key: Scalar, value: Node) -> list[Piece]:
        label, source = key.text or "", at(self._entry.place, key.line)
        suggestion = nearest(label, names(self._item))
        advice = f"the nearest is {suggestion}" if suggestion else f"its fields: {', '.join(names(self._item))}"
        problem = f"{shown(label)} ({source}) is no field of {self._item.id}; {advice}"
        self.remarks.append(problem)
        if not suggestion or not _source(value):
            return []
        return [Piece(suggestion, _source(value), source, problem=problem, guess=True)]

    def _field(self, name: str, node: Node) -> list[Piece]:
        source = at(self._entry.place, node.line)
        if isinstance(node, Map):
            typed = shown(node.source or "a mapping")
            return [Piece(name, _source(node), source, problem=f"expected text, found {typed}; {_QUOTE}")]
        if isinstance(node, Sequence):
            return self._list(name, node, source)
        if node.comment:
            self.remarks.append(f"{shown(node.comment)} ({source}) is a comment in YAML; {_QUOTE} if it belongs to it")
        text = (node.text or "").strip()
        return [Piece(name, text, source)] if text else []

    def _list(self, name: str, node: Sequence, source: str) -> list[Piece]:
        """Where a formula is expected the bracket is part of it; elsewhere it is a list of texts."""
        formulas = {spec.name for spec in self._item.fields if spec.kind in FORMULA_KINDS}
        parts = tuple(text for text in map(_source, node.elements) if text)
        if not parts:
            return []
        if name in formulas:
            return [Piece(name, node.source or (parts[0] if len(parts) == 1 else _source(node)), source)]
        return [Piece(name, ", ".join(parts), source, parts=parts)]


def _source(node: Node) -> str:
    """What was typed, as text."""
    if isinstance(node, Scalar):
        return (node.text or "").strip()
    if node.source is not None:
        return node.source.strip()
    if isinstance(node, Sequence):
        return f"[{', '.join(map(_source, node.elements))}]"
    return "\n".join(f"{key.text}: {_source(value)}" for key, value in node.pairs)
