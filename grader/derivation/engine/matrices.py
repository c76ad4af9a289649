"""Vectors and matrices among the values: a vector has one column, and what has a single entry is a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np

from grader.derivation.engine.arithmetic import Array
from grader.derivation.engine.values import COLUMN, ROW, Algebra, Marks, Undetermined, Value, deepest, worst

MAX_DET = 4


def as_grid(v: Value) -> Value:
    if v.is_grid:
        return v
    bad = None if v.bad is None else v.bad[..., None, None]
    return Value((*v.axes, ROW, COLUMN), v.data[..., None, None], bad, v.hidden)


def as_number(v: Value) -> Value:
    """A matrix with a single entry as the number it holds; anything else as it is."""
    if not v.is_grid or v.data.shape[-2:] != (1, 1):
        return v
    return Value(v.axes[:-2], v.data[..., 0, 0], None if v.bad is None else v.bad[..., 0, 0], v.hidden)


def size(v: Value) -> tuple[int, int]:
    return (v.data.shape[-2], v.data.shape[-1]) if v.is_grid else (1, 1)


def alike(values: Sequence[Value]) -> None:
    """Refuses a sum of vectors, matrices and numbers of different sizes."""
    if len({size(v) for v in values}) > 1:
        raise Undetermined("numbers, vectors or matrices of different sizes are added or compared here")


def _whole(bad: Marks | None) -> Marks | None:
    # an entry of a product has a value only where all entries of the factors have one
    return None if bad is None else bad.max(axis=(-2, -1), keepdims=True)


def matmul(algebra: Algebra, values: Sequence[Value]) -> Value:
    """The matrix product in order; numbers scale."""
    return as_number(reduce(lambda a, b: _product(algebra, a, b), values))


def _product(algebra: Algebra, a: Value, b: Value) -> Value:
    if not (a.is_grid and b.is_grid):
        return algebra.multiply([a, b])
    if size(a)[1] != size(b)[0]:
        raise Undetermined("vectors or matrices are multiplied here whose sizes do not fit; is a transpose missing?")
    inner = size(a)[1]
    axes = tuple(sorted({*a.axes, *b.axes}))
    left, right = algebra.spread(a, axes), algebra.spread(b, axes)
    columns = [
        algebra.multiply([_slice(left, slice(None), slice(k, k + 1)), _slice(right, slice(k, k + 1), slice(None))])
        for k in range(inner)
    ]
    return as_number(algebra.add(columns))


def _slice(v: Value, rows: slice, columns: slice) -> Value:
    return Value(v.axes, v.data[..., rows, columns], None if v.bad is None else v.bad[..., rows, columns], v.hidden)


def transpose(v: Value) -> Value:
    if not v.is_grid:
        return v
    return Value(v.axes, v.data.swapaxes(-1, -2), None if v.bad is None else v.bad.swapaxes(-1, -2), v.hidden)


def dot(algebra: Algebra, a: Value, b: Value) -> Value:
    """The sum of the products of the entries of two vectors, standing or lying."""
    flat = [transpose(v) if size(v)[0] == 1 else v for v in (a, b)]
    alike(flat)
    return _summed(algebra, algebra.multiply(flat))


def _summed(algebra: Algebra, v: Value) -> Value:
    return algebra.sum(v, [ROW, COLUMN]) if v.is_grid else v


def square_norm(algebra: Algebra, v: Value) -> Value:
    return _summed(algebra, algebra.multiply([v, v]))


def identity(algebra: Algebra, n: int) -> Value:
    ones = np.broadcast_to(algebra.one, (1, n, n))
    return as_number(Value((ROW, COLUMN), np.where(np.eye(n, dtype=bool)[None], ones, 0 * algebra.one)))


def build(algebra: Algebra, rows: Sequence[Sequence[Value]]) -> Value:
    """A matrix by its entries, which are numbers."""
    flat = [v for row in rows for v in row]
    if any(v.is_grid for v in flat):
        raise Undetermined("a matrix of vectors or matrices is not evaluated in derivations")
    aligned = algebra.align(flat)
    shape = (*np.broadcast_shapes(*(v.data.shape for v in aligned)), len(rows), len(rows[0]))
    stacked = np.stack([np.broadcast_to(v.data, shape[:-2]) for v in aligned], axis=-1).reshape(shape)
    bad = worst(aligned)
    bad = None if bad is None else _repeat(bad, shape)
    return as_number(Value((*aligned[0].axes, ROW, COLUMN), stacked, bad, deepest(aligned)))


def _repeat(bad: Marks, shape: tuple[int, ...]) -> Marks:
    return np.broadcast_to(bad[..., None, None], shape)


def _square(v: Value) -> int:
    rows, columns = size(v)
    if rows != columns or rows > MAX_DET:
        raise Undetermined(f"determinants, traces and inverses are for square matrices up to {MAX_DET} × {MAX_DET}")
    return rows


def entry(v: Value, row: int, column: int) -> Value:
    rows, columns = size(v)
    if not (1 <= row <= rows and 1 <= column <= columns):
        raise Undetermined(f"a matrix of {rows} × {columns} has no entry {row}, {column}")
    return as_number(_slice(as_grid(v), slice(row - 1, row), slice(column - 1, column)))


def trace(algebra: Algebra, v: Value) -> Value:
    return algebra.add([entry(v, k, k) for k in range(1, _square(v) + 1)])


def det(algebra: Algebra, v: Value) -> Value:
    rows = list(range(_square(v)))
    return _minor(algebra, as_grid(v), rows, rows)


def _minor(algebra: Algebra, v: Value, rows: list[int], columns: list[int]) -> Value:
    """The determinant of the rows and columns named, by its first row."""
    if not rows:
        return algebra.number(1)
    terms = []
    for k, column in enumerate(columns):
        rest = _minor(algebra, v, rows[1:], columns[:k] + columns[k + 1 :])
        terms.append(algebra.multiply([algebra.number((-1) ** k), entry(v, rows[0] + 1, column + 1), rest]))
    return algebra.add(terms)


def inverse(algebra: Algebra, v: Value) -> Value:
    n = _square(v)
    over = algebra.reciprocal(det(algebra, v))
    grid = as_grid(v)

    def cofactor(i: int, j: int) -> Value:
        rows, columns = ([k for k in range(n) if k != skipped] for skipped in (j, i))
        return algebra.multiply([algebra.number((-1) ** (i + j)), over, _minor(algebra, grid, rows, columns)])

    return build(algebra, [[cofactor(i, j) for j in range(n)] for i in range(n)])


def diagonal(algebra: Algebra, values: Sequence[Value]) -> Value:
    zero = algebra.number(Fraction(0))
    places = range(len(values))
    return build(algebra, [[values[i] if i == j else zero for j in places] for i in places])


def fold(function: Callable[[Array, Array], Array], algebra: Algebra, values: Sequence[Value]) -> Value:
    """``function`` over numbers, refused for anything else."""
    if any(v.is_grid for v in values):
        raise Undetermined("max and min are taken of numbers")
    return algebra.pairwise(function, values)
