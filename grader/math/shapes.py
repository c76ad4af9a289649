"""Which expressions are numbers, vectors and matrices, and what may be done to them.

A shape is empty for a number and otherwise rows and columns, each a number or the name of a declared size, as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.errors import GraderError
from grader.math.tree import (
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Derivative,
    Element,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    invert,
)
from grader.spec import Symbol

Shape = tuple[str, ...]
_SQUARE = {"det", "inverse", "trace"}
_OF_MATRICES = {"transpose", "det", "inverse", "trace", "norm", "diag", "dot", "matmul"}
_NUMBERS = {"det", "trace", "norm", "dot", "entry"}


class Misfit(GraderError):
    """Shapes that do not go together; the message says which."""


def shape(x: Expression, symbols: Mapping[str, Symbol]) -> Shape:
    """The shape of an expression whose parts fit together (see the functions below, which build only such)."""
    found = _shape(x, symbols)
    return () if found == ("1", "1") else found


def _shape(x: Expression, symbols: Mapping[str, Symbol]) -> Shape:
    match x:
        case Variable(name) | Element(name, _) | Call(name, _):
            return _declared(symbols[name].shape) if name in symbols else ()
        case Matrix(rows):
            return str(len(rows)), str(len(rows[0]))
        case Add(terms):
            return shape(terms[0], symbols)
        case Multiply(parts):
            return next((found for part in parts if (found := shape(part, symbols))), ())
        case Reduce(_, _, _, _, body) | Derivative(_, body):
            return shape(body, symbols)
        case Apply():
            return _of_function(x, symbols)
    return ()


def _declared(sizes: tuple[str, ...]) -> Shape:
    return (sizes[0], sizes[1] if len(sizes) == 2 else "1") if sizes else ()


def _of_function(x: Apply, symbols: Mapping[str, Symbol]) -> Shape:
    if x.function == "identity":
        size = _size(x.arguments[0])
        return size, size
    if x.function not in _OF_MATRICES | {"cases"} or x.function in _NUMBERS:
        return ()
    first = shape(x.arguments[0], symbols)
    if x.function == "diag":
        size = first[0] if first else str(len(x.arguments))
        return size, size
    if x.function == "transpose" and first:
        return first[1], first[0]
    if x.function == "matmul":
        last = shape(x.arguments[-1], symbols)
        both = (first[0], last[1]) if first and last else ()
        return () if both == ("1", "1") else both
    return first


def _size(x: Expression) -> str:
    return x.name if isinstance(x, Variable) else str(x.value) if isinstance(x, Number) else "?"


def described(found: Shape) -> str:
    """In words: a number, a vector with n entries, a 2 x 3 matrix."""
    if len(found) != 2:
        return "a number"
    return f"a vector with {found[0]} entries" if found[1] == "1" else f"a {found[0]} x {found[1]} matrix"


def is_vector(found: Shape) -> bool:
    return found[1:] == ("1",)


# --- building expressions that fit ---


def total(terms: Sequence[Expression], symbols: Mapping[str, Symbol]) -> Expression:
    """A sum. Raises Misfit where the terms have several shapes."""
    if len(terms) == 1:
        return terms[0]
    found = {shape(term, symbols): None for term in terms}
    if len(found) > 1:
        first, other, *_ = found
        raise Misfit(f"{described(first)} and {described(other)} cannot be added")
    return Add(tuple(terms))


def product(factors: Sequence[Expression], dots: Sequence[bool], symbols: Mapping[str, Symbol]) -> Expression:
    """A product of numbers, or of numbers and matrices in their order. Raises Misfit.

    ``dots[i]`` tells that factor i stands behind a centred dot: between two vectors that means their inner product, of
    all that stands side by side before it and behind it.
    """
    if len(factors) == 1:
        return factors[0]
    if not any(shape(factor, symbols) for factor in factors):
        return Multiply(tuple(factors))
    groups: list[list[Expression]] = []
    for factor, dot in zip(factors, dots, strict=True):
        if dot or not groups:
            groups.append([])
        groups[-1].append(factor)
    whole = [_side_by_side(group, symbols) for group in groups]
    found = whole[0]
    for part in whole[1:]:
        vectors = is_vector(shape(found, symbols)) and is_vector(shape(part, symbols))
        found = inner(found, part, symbols) if vectors else _side_by_side([found, part], symbols)
    return found


def _side_by_side(factors: Sequence[Expression], symbols: Mapping[str, Symbol]) -> Expression:
    flat = [part for factor in factors for part in (factor.factors if isinstance(factor, Multiply) else (factor,))]
    numbers = [factor for factor in flat if not shape(factor, symbols)]
    matrices = [factor for factor in flat if shape(factor, symbols)]
    rest = [_chain(matrices, symbols)] if matrices else []
    return Multiply((*numbers, *rest)) if len(numbers) + len(rest) > 1 else (*numbers, *rest)[0]


def _chain(matrices: Sequence[Expression], symbols: Mapping[str, Symbol]) -> Expression:
    """Matrices multiplied from left to right; a row times a column is a number again, and may stand anywhere."""
    groups: list[list[Expression]] = [[]]
    for matrix in matrices:
        group = groups[-1]
        if group:
            left, right = shape(_joined(group), symbols), shape(matrix, symbols)
            if not left:
                groups.append([matrix])
                continue
            if left[1] != right[0]:
                raise Misfit(f"{described(left)} cannot be multiplied by {described(right)}")
        group.append(matrix)
    parts = [_joined(group) for group in groups]
    if sum(bool(shape(part, symbols)) for part in parts) > 1:
        raise Misfit("brackets are needed to tell which matrices are multiplied")
    return Multiply(tuple(parts)) if len(parts) > 1 else parts[0]


def _joined(group: Sequence[Expression]) -> Expression:
    return Apply("matmul", tuple(group)) if len(group) > 1 else group[0]


def inner(left: Expression, right: Expression, symbols: Mapping[str, Symbol]) -> Expression:
    """The inner product of two vectors of one size. Raises Misfit."""
    a, b = shape(left, symbols), shape(right, symbols)
    if not is_vector(a) or a != b:
        raise Misfit(f"there is no inner product of {described(a)} and {described(b)}")
    return Apply("dot", (left, right))


def power(base: Expression, exponent: Expression, symbols: Mapping[str, Symbol]) -> Expression:
    """A power: of a matrix the inverse, or the transpose where T was meant so. Raises Misfit."""
    found = shape(base, symbols)
    if shape(exponent, symbols):
        raise Misfit("an exponent must be a number")
    if not found:
        return Power(base, exponent)
    if exponent == Variable("T"):
        return Apply("transpose", (base,))
    if exponent == MINUS_ONE:
        return function("inverse", (base,), symbols)
    if isinstance(exponent, Number) and exponent.value in (2, 3) and found[0] == found[1]:
        return Apply("matmul", (base,) * int(exponent.value))
    raise Misfit(f"{described(found)} has no such power (a norm? an inner product?)")


def divided(x: Expression, symbols: Mapping[str, Symbol]) -> Expression:
    """1/x. Raises Misfit for what is no number."""
    if found := shape(x, symbols):
        raise Misfit(f"nothing can be divided by {described(found)}")
    return invert(x)


def function(name: str, arguments: tuple[Expression, ...], symbols: Mapping[str, Symbol]) -> Expression:
    """A known function of arguments that fit. Raises Misfit."""
    found = [shape(argument, symbols) for argument in arguments]
    if name == "dot":
        return inner(arguments[0], arguments[1], symbols)
    if name == "abs" and found[0]:
        name = "norm" if "1" in found[0] else "det"
    if name == "norm" and not found[0]:
        name = "abs"
    if name in _SQUARE and found[0] and found[0][0] != found[0][1]:
        raise Misfit(f"there is no `{name}` of {described(found[0])}")
    if name in _SQUARE | {"transpose"} and not found[0]:
        raise Misfit(f"`{name}` is for a matrix, and this is a number")
    if name == "diag" and any(found) and (len(found) > 1 or not is_vector(found[0])):
        raise Misfit("`diag` takes numbers, or one vector")
    if name == "matmul":
        return product(arguments, [False] * len(arguments), symbols)
    if name not in _OF_MATRICES and any(found):
        raise Misfit(f"`{name}` is for numbers, and this is {described(next(f for f in found if f))}")
    return Apply(name, arguments)
