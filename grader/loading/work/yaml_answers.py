"""``answers.yaml`` -> entries, and the fields of an entry.

Where the file is not YAML, what can be read of it is read: it is cut before every line that begins in the outermost
column, and each part is tried alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from grader.errors import SpecError
from grader.loading.work.labels import match_field, nearest
from grader.loading.work.pieces import Piece, everywhere, main, names, unnamed
from grader.loading.work.sections import Broken, Entry, Reading, at, shown
from grader.loading.yaml import Map, Node, Scalar, Sequence, read_tree
from grader.spec import FORMULA_KINDS, Item

MAX_CHUNKS = 5_000
_QUOTE = "put the text between single quotes"
_NO_KEY = ("{", "[", "- ", "-\t")
_CONTINUES = (" ", "\t", "#", "]", "}", "- ", "-\t")
# A line that is nothing but a key, and below it further in a key that begins with a digit, as items do.
_WRAPPER = re.compile(
    r"(?P<header>\s*['\"]?(?P<label>[^:'\"\n#]{1,80})['\"]?[ ]*:[ ]*(?:\#[^\n]*)?\n)"
    r"(?=(?:[ ]*(?:\#[^\n]*)?\n)*[ ]+['\"]?[0-9])"
)
_LABEL = re.compile(r"['\"]?(?P<label>[^:'\"\n]{1,80})['\"]?\s*:\s?(?P<text>.*)", re.DOTALL)


def read(text: str, place: str) -> Reading:
    reading = Reading()
    try:
        _add_entries(read_tree(text, Path(place)), place, reading)
    except SpecError as error:
        reading.lost.append(f"{error.faults[0]}; the rest of the file was read")
        chunks = _chunks(text)
        for line, chunk in islice(chunks, MAX_CHUNKS):
            _read_chunk(line, chunk, place, reading)
        for line, _ in islice(chunks, 1):
            reading.unreadable.insert(0, f"{at(place, line)}: reading stopped here; the file has too many parts")
    return reading


def _add_entries(tree: Node, place: str, reading: Reading) -> None:
    if isinstance(tree, Map) and tree.source is not None:
        reading.found.append(Entry("", at(place, tree.line), place, tree))
    elif isinstance(tree, Map):
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
        wrapper = _WRAPPER.match(chunk)
        if wrapper:
            _read_within(line, chunk, wrapper, place, reading)
        else:
            _add_broken(line, chunk, error, place, reading)


def _read_within(line: int, chunk: str, wrapper: re.Match[str], place: str, reading: Reading) -> None:
    """A key with others below it: each of those is tried alone, as if it were the only one."""
    header = wrapper["header"]
    first = line + header.count("\n")
    for number, part in islice(_chunks(chunk[wrapper.end("header") :]), MAX_CHUNKS):
        if not part.strip():
            continue
        here = first + number - 1
        try:
            _add_entries(read_tree(f"{header}{part}", Path(place), here - header.count("\n")), place, reading)
        except SpecError as error:
            _add_broken(here, part, error, place, reading, under=wrapper["label"])


def _add_broken(line: int, chunk: str, error: SpecError, place: str, reading: Reading, under: str = "") -> None:
    found = _LABEL.match(chunk.lstrip(" "))
    problem = str(error.faults[0])
    if found and not chunk.lstrip(" ").startswith(_NO_KEY):
        reading.found.append(Broken(found["label"], at(place, line), found["text"].strip(), problem, under))
    else:
        reading.unreadable.append(problem)


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
        text = source_of(node)
        return unnamed(self._item, text, self._entry.source) if text else []

    def _fields(self, node: Map) -> list[Piece]:
        if node.pairs and not any(self._name(key) for key, _ in node.pairs):
            return self._no_fields(node)
        pieces: list[Piece] = []
        for key, value, joined in rejoined(node, lambda key: self._name(key) is not None):
            name = self._name(key)
            pieces += self._field(name, value) if name else self._unknown(key, value)
            if joined:
                typed = f"{shown(source_of(value))} ({at(self._entry.place, key.line)})"
                self.remarks.append(f"{typed} was read as one text, with its commas; {_QUOTE}")
        return pieces

    def _name(self, key: Scalar | str) -> str | None:
        label = key if isinstance(key, str) else key.text or ""
        return match_field(label, names(self._item), main(self._item))

    def _no_fields(self, node: Map) -> list[Piece]:
        """Braces that were meant as mathematics, or names that are no field's."""
        typed = shown(node.source or ", ".join(f"{key.text}:" for key, _ in node.pairs))
        fields = ", ".join(names(self._item))
        problem = f"{typed} names no field of {self._item.id} (its fields: {fields}); {_QUOTE} if it is one"
        return everywhere(self._item, source_of(node), self._entry.source, problem)

    def _unknown(self, key: Scalar, value: Node) -> list[Piece]:
        label, source = key.text or "", at(self._entry.place, key.line)
        suggestion = nearest(label, names(self._item))
        advice = f"the nearest is {suggestion}" if suggestion else f"its fields: {', '.join(names(self._item))}"
        problem = f"{shown(label)} ({source}) is no field of {self._item.id}; {advice}"
        self.remarks.append(problem)
        if not source_of(value):
            return []
        pieces = everywhere(self._item, source_of(value), source, problem)
        return [replace(piece, guess=True) for piece in pieces if piece.field == (suggestion or piece.field)]

    def _field(self, name: str, node: Node) -> list[Piece]:
        source = at(self._entry.place, node.line)
        if isinstance(node, Map):
            typed = shown(node.source or "a mapping")
            return [Piece(name, source_of(node), source, problem=f"expected text, found {typed}; {_QUOTE}")]
        if isinstance(node, Sequence):
            return self._list(name, node, source)
        if node.comment:
            self.remarks.append(f"{shown(node.comment)} ({source}) is a comment in YAML; {_QUOTE} if it belongs to it")
        text = (node.text or "").strip()
        return [Piece(name, text, source)] if text else []

    def _list(self, name: str, node: Sequence, source: str) -> list[Piece]:
        """Where a formula is expected the bracket is part of it; elsewhere it is a list of texts."""
        formulas = {spec.name for spec in self._item.fields if spec.kind in FORMULA_KINDS}
        parts = tuple(text for text in map(source_of, node.elements) if text)
        if not parts:
            return []
        if name in formulas:
            return [Piece(name, node.source or (parts[0] if len(parts) == 1 else source_of(node)), source)]
        return [Piece(name, ", ".join(parts), source, parts=parts)]


def rejoined(node: Map, known: Callable[[str], bool]) -> Iterator[tuple[Scalar, Node, bool]]:
    """The pairs, with texts put together that commas tore apart, and whether that was so.

    Within braces a comma ends a text: to YAML, ``{why: it folds, so no}`` has a key ``so no`` with no value.
    """
    groups: list[list[tuple[Scalar, Node]]] = []
    for key, value in node.pairs:
        if groups and not known(key.text or "") and _is_torn_off(groups[-1][0][1], key, value, node):
            groups[-1].append((key, value))
        else:
            groups.append([(key, value)])
    for (key, value), *torn in groups:
        yield key, _as_one(value, torn[-1][0], node) if torn else value, bool(torn)


def _is_torn_off(before: Node, key: Scalar, value: Node, node: Map) -> bool:
    """Whether what looks like a key is text behind a comma: there is no colon behind it."""
    if node.source is None or source_of(value) or not (isinstance(before, Scalar) and before.text):
        return False
    behind = key.end - node.start
    return not node.source[behind : behind + 100].lstrip().startswith(":")


def _as_one(value: Node, last: Scalar, node: Map) -> Node:
    """A text and all that was typed behind it, up to the end of ``last``."""
    assert isinstance(value, Scalar)
    rest = (node.source or "")[value.end - node.start : last.end - node.start]
    return replace(value, text=f"{value.text}{' '.join(rest.split())}" if "\n" in rest else f"{value.text}{rest}")


def source_of(node: Node) -> str:
    """What was typed, as text."""
    if isinstance(node, Scalar):
        return (node.text or "").strip()
    if node.source is not None:
        return node.source.strip()
    if isinstance(node, Sequence):
        return f"[{', '.join(map(source_of, node.elements))}]"
    return "\n".join(f"{key.text}: {source_of(value)}" for key, value in node.pairs)
