"""What an evaluation notes of what samples can and cannot notice: terms, arguments and branches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from grader.math.book import Book, switching
from grader.math.grids import NOTHING, Grid, Watch
from grader.math.points import Point, Quantity
from grader.math.tree import Add, Apply, Expression, Multiply, Power, Reduce
from grader.math.values import Value, is_zero, least_magnitude, magnitude

TIE = -2  # no branch of a node
ENDS = 2  # terms of a long sum that are told apart, from either end; and rows and columns of a matrix


class Noticing(ABC):
    """An evaluation at one point, with the book that it keeps."""

    def __init__(self, point: Point, book: Book, bound: dict[str, Value] | None = None) -> None:
        self.point = point
        self.book = book
        self.bound = bound if bound is not None else {}
        self.taken: list[tuple[int, int]] = []
        self.within_condition = False
        self.reductions = 0  # sums and products around this place

    @abstractmethod
    def value(self, x: Expression) -> Value:
        """The value of what must be a number."""

    def noticed(self, x: Expression, argument: Expression) -> Value:
        """An argument; one that is zero, tiny or huge everywhere can hide what it does."""
        value = self.value(argument)
        self.book.notice(x, id(argument), -60 < magnitude(value) < 60 or self.is_plain_zero(argument, value))
        return value

    def is_plain_zero(self, x: Expression, value: Value) -> bool:
        """A zero that is written down or made by a running index; one that depends on symbols may be none elsewhere."""
        if not is_zero(value):
            return False
        parts = x.factors if isinstance(x, Multiply) else (x,)
        return any(
            self.book.is_constant(part) or (self.bound.keys() >= self.book.names(part) and is_zero(self.value(part)))
            for part in parts
        )

    def accumulated(
        self, x: Expression, places: Sequence[object], terms: Sequence[Value], plain: Sequence[bool]
    ) -> None:
        """Notice the terms of a sum that count in it: those within sight of the largest. One that stands alone, with
        all others out of sight though not zero, is not seen to be added to them."""
        live = [place for place, written in enumerate(plain) if not written]
        largest = max((magnitude(terms[place]) for place in live), default=0)
        visible = {place for place in live if least_magnitude(terms[place]) > largest - 60}
        others = [place for place in live if place not in visible]
        if len(visible) == 1 and any(not is_zero(terms[place]) for place in others):
            visible = set()
        for place, name in enumerate(places):
            self.book.notice(x, name, place in visible or plain[place])

    def watch_grids(self, x: Add, values: Sequence[Quantity]) -> None:
        """The sum of matrices, entry by entry."""
        grids = [(place, value) for place, value in enumerate(values) if isinstance(value, Grid)]
        for row in range(grids[0][1].size[0]):
            for column in range(grids[0][1].size[1]):
                entries = [(place, grid.rows[row][column]) for place, grid in grids]
                there = [(place, entry) for place, entry in entries if entry is not NOTHING]
                names = [(place, min(row, ENDS), min(column, ENDS)) for place, _ in there]
                self.accumulated(x, names, [entry for _, entry in there], [False] * len(there))

    def watch(self, x: Apply, number: int = 0) -> Watch:
        """What notices the sums that a function of matrices forms; ``number`` tells several such steps apart."""

        def formed(place: object, terms: list[Value]) -> None:
            near = tuple(min(n, ENDS) for n in place) if isinstance(place, tuple) else place
            names = [(number, near, min(n, ENDS)) for n in range(len(terms))]
            self.accumulated(x, names, terms, [False] * len(terms))

        return formed

    def watch_terms(self, x: Reduce, terms: Sequence[tuple[Quantity, bool]]) -> None:
        """The terms of a sum with bounds, told apart near both of its ends."""
        numbers = [(value, plain) for value, plain in terms if not isinstance(value, Grid)]
        if len(numbers) == len(terms):
            last = len(terms) - 1
            values, plain = [value for value, _ in numbers], [written for _, written in numbers]
            self.accumulated(x, [("first", min(place, ENDS)) for place in range(len(terms))], values, plain)
            self.accumulated(x, [("last", min(last - place, ENDS)) for place in range(len(terms))], values, plain)

    def branches(self, x: Apply | Power, every: tuple[int, ...], taken: int) -> None:
        for branch in every:
            self.book.notice(x, ("branch", branch), branch == taken)
        if self.within_condition or self.book.is_constant(x):
            return  # the cases of which a condition tells are counted themselves
        self.book.sides[id(x)] = len(every)
        self.book.repeated = self.book.repeated or self.reductions > 0
        if (switch := switching(x)) is not None and switch[0] not in self.bound:
            self.book.switches[id(x)] = switch[0]
        self.taken.append((id(x), taken))
