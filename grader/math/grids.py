"""Values of vectors and matrices: numbers in rows, each exact or a ball."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from flint import arb_mat, fmpq, fmpq_mat

from grader.errors import Undecided
from grader.math.values import Undefined, Value, ball, sign, small_enough

MAX_ROWS = 12
MAX_EXPANDED = 4


NOTHING = fmpq(0)  # this very object is a zero that is written down: off the diagonal of I, say
Watch = Callable[[object, list[Value]], None]


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix of values by its rows, at least one of them. Raises Undefined where two of them do not fit.

    ``watch`` is told of each sum that is formed, by its place and terms.
    """

    rows: tuple[tuple[Value, ...], ...]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def __iter__(self) -> Iterator[Value]:
        return (entry for row in self.rows for entry in row)

    def plus(self, other: Grid) -> Grid:
        self._meet(self.size == other.size)
        pairs = zip(self.rows, other.rows, strict=True)
        return Grid(tuple(tuple(_plus(a, b) for a, b in zip(x, y, strict=True)) for x, y in pairs))

    def scaled(self, factor: Value) -> Grid:
        return Grid(tuple(tuple(_times(entry, factor) for entry in row) for row in self.rows))

    def times(self, other: Grid, watch: Watch) -> Grid:
        self._meet(self.size[1] == other.size[0])
        columns = tuple(zip(*other.rows, strict=True))
        return Grid(
            tuple(
                tuple(_inner(row, column, watch, (i, j)) for j, column in enumerate(columns))
                for i, row in enumerate(self.rows)
            )
        )

    def transposed(self) -> Grid:
        return Grid(tuple(zip(*self.rows, strict=True)))

    def inner(self, other: Grid, watch: Watch) -> Value:
        self._meet(self.size == other.size)
        return _inner(tuple(self), tuple(other), watch, "dot")

    def trace(self, watch: Watch) -> Value:
        self._meet(self.size[0] == self.size[1])
        return _sum([self.rows[place][place] for place in range(len(self.rows))], watch, "trace")

    def determinant(self, watch: Watch, place: object = "det") -> Value:
        """By the sum over permutations where there are few, to see its terms."""
        self._meet(self.size[0] == self.size[1])
        rows = range(len(self.rows))
        if len(rows) > MAX_EXPANDED:
            large: Value = self._flint().det()
            return large
        terms: list[Value] = []
        for columns in permutations(rows):
            term: Value = fmpq(_parity(columns))
            for row in rows:
                term = _times(self.rows[row][columns[row]], term)
            terms.append(term)
        return _sum(terms, watch, place)

    def inverse(self, watch: Watch) -> Grid:
        whole = self.determinant(watch)
        if sign(whole) == 0:
            raise Undefined("this matrix has no inverse")
        rows = range(len(self.rows))
        if all(self.rows[i][j] is NOTHING for i in rows for j in rows if i != j):
            return diagonal([1 / self.rows[i][i] for i in rows])
        if len(rows) > MAX_EXPANDED:
            return Grid(tuple(map(tuple, self._flint().inv().tolist())))
        minors = [[self._without(j, i).determinant(watch, (j, i)) for j in rows] for i in rows]
        shares = (tuple(_times(minors[i][j], fmpq((-1) ** (i + j)) / whole) for j in rows) for i in rows)
        return Grid(tuple(shares))

    def _without(self, row: int, column: int) -> Grid:
        kept = [line for place, line in enumerate(self.rows) if place != row]
        return Grid(tuple(line[:column] + line[column + 1 :] for line in kept)) if kept else Grid(((fmpq(1),),))

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
    return Grid(tuple(tuple(a if i == j else NOTHING for j in range(len(entries))) for i, a in enumerate(entries)))


def _parity(order: Sequence[int]) -> int:
    swaps = sum(a > b for place, a in enumerate(order) for b in order[place + 1 :])
    return -1 if swaps % 2 else 1


def _plus(a: Value, b: Value) -> Value:
    return b if a is NOTHING else a if b is NOTHING else small_enough(a + b)


def _times(a: Value, b: Value) -> Value:
    return NOTHING if a is NOTHING or b is NOTHING else small_enough(a * b)


def _sum(terms: Sequence[Value], watch: Watch, place: object) -> Value:
    there = [term for term in terms if term is not NOTHING]
    watch(place, there)
    total: Value = NOTHING
    for term in there:
        total = _plus(total, term)
    return total


def _inner(left: Sequence[Value], right: Sequence[Value], watch: Watch, place: object) -> Value:
    return _sum([_times(a, b) for a, b in zip(left, right, strict=True)], watch, place)
