"""Pieces: single attempts at a field, before ``loading.work.merge`` makes one response of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.spec import Item


@dataclass(frozen=True, slots=True)
class Piece:
    """One attempt at a field; there may be several, of which ``loading.work.merge`` makes one response.

    A ``guess`` stands under a name that is no field's, or in an odd place: it counts only where nothing better was
    given.
    """

    field: str
    text: str
    source: str
    parts: tuple[str, ...] | None = None
    problem: str | None = None
    guess: bool = False


def names(item: Item) -> Sequence[str]:
    return [spec.name for spec in item.fields]


def main(item: Item) -> str | None:
    return item.main.name if item.main else None


def unnamed(item: Item, text: str, source: str) -> list[Piece]:
    """Text of which nobody can tell which field it answers."""
    wanted = ", ".join(f"{name}:" for name in names(item))
    return everywhere(item, text, source, f"it is not said which field this answers; name the fields: {wanted}")


def everywhere(item: Item, text: str, source: str, problem: str) -> list[Piece]:
    """The same problem with every field of an item."""
    return [Piece(name, text, source, problem=problem) for name in names(item)]


def astray(item: Item, text: str, source: str, problem: str) -> list[Piece]:
    """Text in an odd place: a guess for the main field, or for every field where none is the main one."""
    pieces = everywhere(item, text, source, problem)
    return [replace(piece, guess=True) for piece in pieces if piece.field == (main(item) or piece.field)]
