"""YAML as people mean it: every scalar is the text that was typed, and every complaint names a line.

``no``, ``3.10``, ``1e-9`` and ``2023-10-17`` stay text; what they mean is decided by the types they are read into.
Only a plain empty value, ``~`` and ``null`` are None. What YAML offers beyond plain data (anchors, aliases, tags, merge
keys, several documents) is refused: nobody means it in these files, and it is how small files become large ones.

A comma within round brackets ends nothing: ``{Z: uniform(-2, 3)}`` has one key, as everybody means it who writes it.

``read_tree`` keeps what was typed (repeated keys, the source of a bracket); ``read_yaml`` makes plain data of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from grader.errors import Fault, SpecError, Where
from grader.loading import yaml_words

MAX_DEPTH = 30
_COMMENT = re.compile(r"[^\S\n]*(?P<comment>#[^\n]*)")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Data: TypeAlias = "dict[str, Data] | list[Data] | str | None"
Loc: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """``text`` as typed, None for nothing. ``comment`` is what follows it on its line and YAML drops, after ``gap``
    blanks.

    ``end`` is where it ends in the text that was read.
    """

    text: str | None
    line: int
    comment: str = ""
    end: int = 0
    quoted: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Sequence:
    """``source`` is the bracket as typed, None for a list written with dashes."""

    elements: tuple[Node, ...]
    line: int
    source: str | None


@dataclass(frozen=True, slots=True)
class Map:
    """Pairs in the order typed, repeated keys included. ``source`` is the brace as typed, None for block style.

    ``start`` is where it begins in the text that was read.
    """

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    source: str | None
    start: int = 0


Node: TypeAlias = Scalar | Sequence | Map


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data with the line of every key and element, and the brackets of lists as they were typed.

    ``cut`` has the comments that follow a plain text after a single blank: often a ``#`` that was meant to belong to
    it.
    """

    file: Path
    data: Data
    lines: Mapping[Loc, int]
    sources: Mapping[Loc, str]
    cut: Mapping[Loc, str]

    def where(self, loc: Loc = ()) -> Where:
        """The place of the longest part of ``loc`` that was typed; elements that the data does not have are skipped."""
        path: Loc = ()
        for part in loc:
            if (*path, part) in self.lines:
                path = (*path, part)
        return Where(self.file, self.lines[path])


def read_yaml(text: str, file: Path) -> Document:
    """Read one document; raise SpecError with all that is wrong in it."""
    plain = _Plain(file)
    data = plain.build(read_tree(text, file), ())
    if plain.faults:
        raise SpecError(plain.faults)
    return Document(file, data, plain.lines, plain.sources, plain.cut)


def read_tree(text: str, file: Path, first_line: int = 1) -> Node:
    """Read one document as a tree; ``first_line`` is the number of the first line of ``text`` in ``file``."""
    reader = _TreeReader(text.removeprefix("\ufeff"), file, first_line)
    try:
        tree = reader.document()
    except yaml.YAMLError as error:
        line, message = yaml_words.explain(error, reader.text)
        reader.fault(line, message)
    if reader.faults:
        raise SpecError(reader.faults)
    return tree


@dataclass(slots=True)
class _Plain:
    """Makes plain data of a tree, noting lines, sources and repeated keys on the way."""

    file: Path
    faults: list[Fault] = field(default_factory=list)
    lines: dict[Loc, int] = field(default_factory=dict)
    sources: dict[Loc, str] = field(default_factory=dict)
    cut: dict[Loc, str] = field(default_factory=dict)

    def build(self, node: Node, path: Loc) -> Data:
        self.lines.setdefault(path, node.line)
        if isinstance(node, Scalar):
            if node.comment and node.gap == 1:
                self.cut[path] = node.comment
            return node.text
        if isinstance(node, Map):
            return self._mapping(node, path)
        if node.source is not None:
            self.sources[path] = node.source
        elements = _whole_elements(node.elements) if node.source else node.elements
        return [self.build(element, (*path, i)) for i, element in enumerate(elements)]

    def _mapping(self, node: Map, path: Loc) -> Data:
        data: dict[str, Data] = {}
        for key, value in _whole_pairs(node.pairs) if node.source else node.pairs:
            name = key.text or ""
            here = (*path, name)
            if name in data:
                message = f"given twice: here and in line {self.lines[here]}; remove one of them"
                if path and isinstance(path[-1], int) and not node.source:
                    message += ", or begin another element of the list with '- '"
                self.faults.append(Fault(Where(self.file, key.line), name, message))
                continue
            self.lines[here] = key.line
            data[name] = self.build(value, here)
        return data


def _whole_elements(elements: tuple[Node, ...]) -> list[Node]:
    """The elements of a list in brackets; those that a comma within round brackets parted are one."""
    found: list[Node] = []
    for element in elements:
        before = found[-1] if found else None
        if _open(before) and isinstance(element, Scalar) and not element.quoted and isinstance(before, Scalar):
            found[-1] = replace(before, text=f"{before.text}, {element.text or ''}", end=element.end)
        else:
            found.append(element)
    return found if not any(map(_open, found)) else list(elements)


def _whole_pairs(pairs: tuple[tuple[Scalar, Node], ...]) -> list[tuple[Scalar, Node]]:
    """The pairs of a mapping in braces, likewise: what a comma parted off stands there as a key without a value."""
    found: list[tuple[Scalar, Node]] = []
    for key, value in pairs:
        name, before = found[-1] if found else (None, None)
        bare = isinstance(value, Scalar) and value.text is None and not key.quoted
        if name and bare and _open(before) and isinstance(before, Scalar):
            found[-1] = (name, replace(before, text=f"{before.text}, {key.text}", end=key.end))
        else:
            found.append((key, value))
    return found if not any(_open(value) for _, value in found) else list(pairs)


def _open(node: Node | None) -> bool:
    """Whether a plain text has a round bracket that it does not close."""
    if not isinstance(node, Scalar) or node.quoted or node.text is None:
        return False
    return node.text.count("(") > node.text.count(")")


class _TreeReader:
    """Walks the parser's events, so that nothing is constructed and depth is bounded before it is built."""

    def __init__(self, text: str, file: Path, first_line: int) -> None:
        self.text = text
        self.file = file
        self.first_line = first_line
        self.faults: list[Fault] = []
        self._events: Iterator[Any] = iter(())

    def fault(self, line: int, message: str) -> None:
        """Note a fault in ``line``, counted from 0 in the text."""
        self.faults.append(Fault(Where(self.file, line + self.first_line), "", message))

    def document(self) -> Node:
        """The first document; a second one is a fault."""
        events: Iterator[Any] = yaml.parse(self.text, Loader)
        self._events = (e for e in events if not isinstance(e, yaml.StreamStartEvent))
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            return Scalar(None, self.first_line)
        tree = self._node(next(self._events), 0)
        more: list[Any] = [event for event in self._events if isinstance(event, yaml.DocumentStartEvent)]
        if more:
            self.fault(more[0].start_mark.line, "'---' begins a second document; one file holds one")
        return tree

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line
        self._refuse_extras(event, line)
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent) and depth == MAX_DEPTH:
            raise yaml_words.TooDeep(line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._map(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._scalar(event, line)

    def _refuse_extras(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.fault(line, f"'*{event.anchor}' is an alias, which is not allowed; {yaml_words.QUOTE}")
        elif event.anchor is not None:
            self.fault(line, f"'&{event.anchor}' is an anchor, which is not allowed; {yaml_words.QUOTE}")
        elif event.tag is not None:
            self.fault(line, f"'!' begins a tag ({event.tag}), which is not allowed; {yaml_words.QUOTE}")

    def _scalar(self, event: Any, line: int) -> Scalar:
        if isinstance(event, yaml.AliasEvent):
            return Scalar(None, line + self.first_line)
        plain = not event.style
        if event.style == '"':
            escape = yaml_words.strange_escape(self._slice(event, event))
            if escape:
                self.fault(line, f"in double quotes {escape} is not a backslash and a letter; {yaml_words.SINGLE}")
        text = None if plain and event.value in NULLS else event.value
        comment, gap = self._comment(event) if plain else ("", 0)
        return Scalar(text, line + self.first_line, comment, event.end_mark.index, not plain, gap)

    def _comment(self, event: Any) -> tuple[str, int]:
        """A comment behind a plain text, and how many blanks part them."""
        found = _COMMENT.match(self.text, event.end_mark.index)
        if not found or not event.value:
            return "", 0
        return found["comment"].strip(), found.start("comment") - found.start()

    def _sequence(self, start: Any, depth: int) -> Sequence:
        elements: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            elements.append(self._node(event, depth + 1))
        source = self._slice(start, event) if start.flow_style else None
        return Sequence(tuple(elements), start.start_mark.line + self.first_line, source)

    def _map(self, start: Any, depth: int) -> Map:
        pairs: list[tuple[Scalar, Node]] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            pairs.append((key, self._node(next(self._events), depth + 1)))
        source = self._slice(start, event) if start.flow_style else None
        return Map(tuple(pairs), start.start_mark.line + self.first_line, source, start.start_mark.index)

    def _key(self, event: Any, depth: int) -> Scalar:
        line, end = event.start_mark.line, event.end_mark.index
        node = self._node(event, depth + 1)
        if not isinstance(event, yaml.ScalarEvent):
            self.fault(line, f"a key must be a word or text, not a list, mapping or alias; {yaml_words.QUOTE}")
            return Scalar("", node.line)
        if not event.value:
            self.fault(line, "there is no key before ':'")
        if event.value == "<<" and not event.style:
            self.fault(line, "'<<' (merging) is not allowed; write the keys out")
        return Scalar(event.value, node.line, end=end)

    def _slice(self, start: Any, end: Any) -> str:
        return self.text[start.start_mark.index : end.end_mark.index]
