"""Entries of YAML -> pieces of items: keys that are items, questions, an item's field, or wrap the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from grader.loading.work.collected import Collected
from grader.loading.work.labels import Match, match_field, nearest
from grader.loading.work.pieces import Piece, everywhere, main, names
from grader.loading.work.sections import Broken, Entry, at, shown
from grader.loading.work.yaml_answers import EntryFields, rejoined, source_of
from grader.loading.yaml import Map, Scalar
from grader.spec import Item

MOST_SWALLOWED = 10_000


class Entries:
    """Takes entries one by one and puts what they give where it belongs."""

    def __init__(self, collected: Collected) -> None:
        self._collected = collected

    def take(self, entry: Entry | Broken, under: str = "") -> None:
        under = under or (entry.under if isinstance(entry, Broken) else "")
        match = self._collected.match(entry.label, under)
        if isinstance(entry, Entry) and isinstance(entry.node, Map) and self._wraps(match, entry.label, entry.node):
            self._unwrap(entry, entry.node, match)
        elif not match.item and (dotted := self._dotted(entry.label)):
            self._take_field(entry, *dotted)
        else:
            self._take_item(entry, match)
        if isinstance(entry, Broken):
            self._swallowed(entry)

    def _wraps(self, match: Match, label: str, node: Map) -> bool:
        """Whether a key stands for a question, or for the whole assignment by whatever name, or is a file in braces."""
        if match.item:
            return False
        known = any(key.text in self._collected.items for key, _ in node.pairs)
        return match.heads or known or not label or self._names_assignment(label)

    def _names_assignment(self, label: str) -> bool:
        return label.strip().casefold() in {name.casefold() for name in self._collected.names}

    def _unwrap(self, entry: Entry, node: Map, match: Match) -> None:
        under = entry.label if match.heads else ""
        if entry.label and not match.heads:
            self._collected.remarks.add(f"the items within {shown(entry.label)} were read as if they stood outside it")
        for key, value, _ in rejoined(node, known=lambda _: False):
            self.take(Entry(key.text or "", at(entry.place, key.line), entry.place, value), under)

    def _dotted(self, label: str) -> tuple[Item, str] | None:
        """``1a.answer``: an item and a field of it."""
        for item in self._collected.items.values():
            if label.startswith(f"{item.id}."):
                name = match_field(label[len(item.id) + 1 :], names(item), main(item))
                if name:
                    return item, name
        return None

    def _take_field(self, entry: Entry | Broken, item: Item, name: str) -> None:
        self._collected.seen = True
        self._collected.remarks.add(f"read {shown(entry.label)} ({entry.source}) as {name} of item {item.id}", item.id)
        if isinstance(entry, Entry):
            key = Scalar(name, entry.node.line)
            entry = replace(entry, label=item.id, node=Map(((key, entry.node),), entry.node.line, None))
        self._collected.put(item, [piece for piece in self._pieces(entry, item) if piece.field == name])

    def _take_item(self, entry: Entry | Broken, match: Match) -> None:
        if not match.item and isinstance(entry, Entry) and self._names_assignment(entry.label):
            self._lose(entry)
            return
        if not (match.item or match.heads):
            match = replace(match, suggestion=nearest(entry.label, self._collected.ids))
        item, problem = self._collected.meant(match, entry.label, entry.source)
        if item:
            self._collected.put(item, self._pieces(entry, item), problem)
        elif isinstance(entry, Broken):
            self._collected.lost.append(entry.problem)

    def _lose(self, entry: Entry) -> None:
        self._collected.seen = True
        if source_of(entry.node):
            self._collected.lost.append(f"{entry.source}: below {entry.label}, expected lines 'item: answer'")

    def _pieces(self, entry: Entry | Broken, item: Item) -> list[Piece]:
        if isinstance(entry, Broken):
            return everywhere(item, entry.text, entry.source, entry.problem)
        fields = EntryFields(entry, item)
        pieces = fields.pieces()
        self._collected.note(fields.remarks, item)
        return pieces

    def _swallowed(self, broken: Broken) -> None:
        """Items whose lines a broken part took with it: unless they are answered elsewhere, they are broken too."""
        for item, line in self._items_named(broken.text.split("\n")[:MOST_SWALLOWED]):
            pieces = everywhere(item, line.strip(), broken.source, broken.problem)
            self._collected.put(item, pieces, broken.problem)

    def _items_named(self, lines: Iterable[str]) -> Iterable[tuple[Item, str]]:
        for line in lines:
            item = self._collected.items.get(line.partition(":")[0].strip(" \t'\"")) if ":" in line else None
            if item:
                yield item, line
