"""Values of vectors and matrices: numbers in rows, each exact or a ball."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import arb_mat, fmpq, fmpq_mat

from grader.errors import Undecided
from grader.math.values import Undefined, Value, ball, sign, small_enough

MAX_ROWS = 12


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix of values by its rows, at least one of them. Raises Undefined where two of them do not fit."""

    rows: tuple[tuple[Value, ...], ...]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def __iter__(self) -> Iterator[Value]:
        return (entry for row in self.rows for entry in row)

    def plus(self, other: Grid) -> Grid:
        self._meet(self.size == other.size)
        pairs = zip(self.rows, other.rows, strict=True)
        return Grid(tuple(tuple(small_enough(a + b) for a, b in zip(x, y, strict=True)) for x, y in pairs))

    def scaled(self, factor: Value) -> Grid:
        return Grid(tuple(tuple(small_enough(entry * factor) for entry in row) for row in self.rows))

    def times(self, other: Grid) -> Grid:
        self._meet(self.size[1] == other.size[0])
        columns = tuple(zip(*other.rows, strict=True))
        return Grid(tuple(tuple(_inner(row, column) for column in columns) for row in self.rows))

    def transposed(self) -> Grid:
        return Grid(tuple(zip(*self.rows, strict=True)))

    def inner(self, other: Grid) -> Value:
        self._meet(self.size == other.size)
        return _inner(tuple(self), tuple(other))

    def trace(self) -> Value:
        self._meet(self.size[0] == self.size[1])
        return sum((self.rows[place][place] for place in range(len(self.rows))), fmpq(0))

    def determinant(self) -> Value:
        self._meet(self.size[0] == self.size[1])
        found: Value = self._flint().det()
        return found

    def inverse(self) -> Grid:
        if sign(self.determinant()) == 0:
            raise Undefined("this matrix has no inverse")
        return Grid(tuple(map(tuple, self._flint().inv().tolist())))

    def _flint(self) -> fmpq_mat | arb_mat:
        if len(self.rows) > MAX_ROWS:
            raise Undecided(f"a matrix with more than {MAX_ROWS} rows is not evaluated")
        exact = [entry for entry in self if isinstance(entry, fmpq)]
        if len(exact) == len(list(self)):
            return fmpq_mat(*self.size, exact)
        return arb_mat(*self.size, [ball(entry) for entry in self])

    def _meet(self, fits: bool) -> None:
        if not fits:
            raise Undefined("matrices of these sizes do not fit together")


def diagonal(entries: Sequence[Value]) -> Grid:
    return Grid(tuple(tuple(a if i == j else fmpq(0) for j in range(len(entries))) for i, a in enumerate(entries)))


def _inner(left: Sequence[Value], right: Sequence[Value]) -> Value:
    total: Value = fmpq(0)
    for a, b in zip(left, right, strict=True):
        total = small_enough(total + a * b)
    return total
