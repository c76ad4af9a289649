"""What the files of one folder gave, item by item: filled by ``loading.work.entries`` and ``loading.work.collect``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from grader.loading.work.labels import Match, match_item
from grader.loading.work.pieces import Piece
from grader.loading.work.remarks import Remarks
from grader.loading.work.sections import shown
from grader.spec import Assignment, Item


class Collected:
    """``pieces`` are by item; ``guesses`` stand under labels that are no item's and count where the nearest item has
    nothing else; ``lost`` are parts of files of which nobody can tell the item. ``seen``: the file that is being read
    names items.
    """

    def __init__(self, assignment: Assignment, remarks: Remarks) -> None:
        self.items = {item.id: item for item in assignment.items}
        self.ids = tuple(self.items)
        self.names = (assignment.id, assignment.title)
        self.remarks = remarks
        self.pieces: dict[str, list[Piece]] = {}
        self.guesses: dict[str, list[Piece]] = {}
        self.lost: list[str] = []
        self.seen = False
        self.match = lru_cache(maxsize=4_096)(self._match)

    def _match(self, label: str, under: str = "") -> Match:
        return match_item(label, self.ids, names=self.names, under=under)

    def meant(self, match: Match, label: str, source: str) -> tuple[Item | None, str | None]:
        """The item that a label names, or the nearest one and what is wrong with the label."""
        self.seen = True
        if match.item:
            if not match.exact:
                self.remarks.add(f"read {shown(label)} ({source}) as item {match.item}", match.item)
            return self.items[match.item], None
        nearest_one = f"; the nearest is {match.suggestion}" if match.suggestion else ""
        problem = f"{shown(label)} ({source}) is no item of {self.names[0]}{nearest_one}"
        self.remarks.add(problem)
        return self.items.get(match.suggestion or ""), problem

    def put(self, item: Item, pieces: Iterable[Piece], problem: str | None = None) -> None:
        """Keep the pieces of an item; with a ``problem``, as guesses."""
        if problem:
            self.guesses.setdefault(item.id, []).extend(replace(piece, problem=problem) for piece in pieces)
        else:
            self.pieces.setdefault(item.id, []).extend(pieces)

    @property
    def count(self) -> int:
        """How many pieces there are, guesses included."""
        return sum(map(len, (*self.pieces.values(), *self.guesses.values())))

    def note(self, texts: Iterable[str], item: Item) -> None:
        for text in texts:
            self.remarks.add(text, item.id)
