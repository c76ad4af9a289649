"""Vectors and matrices: how they are written, what fits together, their values against SymPy, and what is equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Undecided, Unreadable
from grader.math.book import Book
from grader.math.domains import domain
from grader.math.equality import compare
from grader.math.evaluate import evaluate_any
from grader.math.grids import MAX_ROWS, Grid, diagonal
from grader.math.points import Point, Quantity
from grader.math.reader import read_expression
from grader.math.sampling import sample_points, shown_value
from grader.math.shapes import Misfit, described, shape, total
from grader.math.tree import Apply, Expression, Matrix, Number, Variable
from grader.math.values import Undefined, ball, precision
from grader.spec import Symbol
from tests.math.common import number

SYMBOLS = {
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer"),
    "i": Symbol(domain="positive integer", up_to="n"),
    "j": Symbol(domain="positive integer", up_to="n"),
    "x": Symbol(),
    "y": Symbol(),
    "r": Symbol(domain="positive"),
    "A": Symbol(shape=("n", "n")),
    "B": Symbol(shape=("n", "n")),
    "C": Symbol(shape=("n", "n")),
    "P": Symbol(shape=("n", "m")),
    "Q": Symbol(shape=("m", "n")),
    "M": Symbol(shape=("3", "3")),
    "N": Symbol(shape=("2", "3")),
    "u": Symbol(shape=("n",)),
    "v": Symbol(shape=("n",)),
    "w": Symbol(shape=("m",)),
    "c": Symbol(shape=("3",)),
    "mu": Symbol(shape=("n",), family=True, latex=r"\mu"),
    "f": Symbol(arity=1),
}
NAMES = ", ".join(SYMBOLS)


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def verdict(first: str, second: str) -> str:
    return compare(read(first), read(second), SYMBOLS, "seed").kind


# --- reading ---

TWO_BY_TWO = [
    "[[1, 2], [3, x]]",
    "((1, 2), (3, x))",
    "[(1, 2), (3, x)]",
    "([1, 2], [3, x])",
    "[1, 2; 3, x]",
    "(1, 2; 3, x)",
    "[ [1,2] , [3,x] ]",
    "(((1), (2)), ((3), (x)))",
    r"\begin{pmatrix} 1 & 2 \\ 3 & x \end{pmatrix}",
    r"\begin{bmatrix} 1 & 2 \\ 3 & x \end{bmatrix}",
    r"\begin{Bmatrix} 1 & 2 \\ 3 & x \end{Bmatrix}",
    r"\begin{matrix} 1 & 2 \\ 3 & x \end{matrix}",
    r"\begin{smallmatrix}1&2\\3&x\end{smallmatrix}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & x \\ \end{pmatrix}",
    r"\begin{pmatrix} 1 & 2 \\[2pt] 3 & x \end{pmatrix}",
    r"\begin{pmatrix} 1 & 2 \cr 3 & x \end{pmatrix}",
    r"\left[\begin{array}{cc} 1 & 2 \\ 3 & x \end{array}\right]",
    r"\left(\begin{array}{c|c} 1 & 2 \\ 3 & x \end{array}\right)",
    r"\left( \begin{matrix} 1 & 2 \\ 3 & x \end{matrix} \right)",
    r"\begin {pmatrix} 1 & 2 \\ 3 & x \end {pmatrix}",
]
COLUMN = [
    "(1, 2, x)",
    "[1, 2, x]",
    "[1; 2; x]",
    "(1; 2; x)",
    "((1, 2, x))",
    "[[1], [2], [x]]",
    "((1), (2), (x))",
    "[[1, 2, x]]^T",
    "((1, 2, x)^T)^T",
    r"\left(1, 2, x\right)",
    r"\begin{pmatrix} 1 \\ 2 \\ x \end{pmatrix}",
    r"\begin{bmatrix} 1 \\ 2 \\ x \end{bmatrix}",
    r"\begin{bmatrix} 1 & 2 & x \end{bmatrix}^\top",
]
ROW = [
    "[[1, 2, x]]",
    "(1, 2, x)^T",
    "[1, 2, x]^T",
    "transpose((1, 2, x))",
    r"\begin{pmatrix} 1 & 2 & x \end{pmatrix}",
    r"(1, 2, x)^\top",
    r"(1, 2, x)^{\top}",
    r"(1, 2, x)^{T}",
    "(1, 2, x)^⊤",
]


def grid_of(text: str, **variables: int) -> Grid:
    found = value(read(text), variables)
    assert isinstance(found, Grid)
    return found


def value(x: Expression, variables: dict[str, Any] | None = None, **grids: Grid) -> Quantity:
    domains = {name: domain(symbol.domain) for name, symbol in SYMBOLS.items()}
    shapes = {name: symbol.shape for name, symbol in SYMBOLS.items() if symbol.shape}
    fractions = {name: Fraction(given) for name, given in (variables or {}).items()}
    with precision(200):
        return evaluate_any(x, Point(fractions, "seed", domains, shapes, grids=dict(grids)), Book())


@pytest.mark.parametrize("text", TWO_BY_TWO)
def test_two_by_two(text: str) -> None:
    assert shape(read(text), SYMBOLS) == ("2", "2")
    assert grid_of(text, x=7).rows == ((1, 2), (3, 7))


@pytest.mark.parametrize("text", COLUMN)
def test_column(text: str) -> None:
    assert shape(read(text), SYMBOLS) == ("3", "1")
    assert grid_of(text, x=7).rows == ((1,), (2,), (7,))


@pytest.mark.parametrize("text", ROW)
def test_row(text: str) -> None:
    assert shape(read(text), SYMBOLS) == ("1", "3")
    assert grid_of(text, x=7).rows == ((1, 2, 7),)


@pytest.mark.parametrize(
    "text", ["(x)", "[x]", "[[x]]", "((x))", "[(x)]", r"\begin{pmatrix} x \end{pmatrix}", r"\left[x\right]", "{x}"]
)
def test_a_single_entry_is_a_number(text: str) -> None:
    assert read(text) == Variable("x")


def test_rectangles_keep_their_rows() -> None:
    assert grid_of("[[1, 2, 3], [4, 5, 6]]").rows == ((1, 2, 3), (4, 5, 6))
    assert grid_of("((1, 2), (3, 4), (5, 6))").rows == ((1, 2), (3, 4), (5, 6))
    assert shape(read("[[1, 2, 3], [4, 5, 6]]"), SYMBOLS) == ("2", "3")


def test_entries_are_whole_formulas() -> None:
    text = r"\begin{pmatrix} x^2 + 1 & \frac{1}{2} \\ -x & |x - 9| \end{pmatrix}"
    assert grid_of(text, x=3).rows == ((10, fmpq(1, 2)), (-3, 6))


A, B, U, V = (Variable(name) for name in "ABuv")
TREES = [
    ("u^T v", Apply("matmul", (Apply("transpose", (U,)), V))),
    (r"u^\top v", Apply("matmul", (Apply("transpose", (U,)), V))),
    (r"u^{\top} v", Apply("matmul", (Apply("transpose", (U,)), V))),
    (r"\mathbf{u}^T\mathbf{v}", Apply("matmul", (Apply("transpose", (U,)), V))),
    ("dot(u, v)", Apply("dot", (U, V))),
    ("inner(u, v)", Apply("dot", (U, V))),
    (r"u \cdot v", Apply("dot", (U, V))),
    ("u·v", Apply("dot", (U, V))),
    (r"\langle u, v \rangle", Apply("dot", (U, V))),
    ("⟨u, v⟩", Apply("dot", (U, V))),
    ("A B", Apply("matmul", (A, B))),
    ("AB", Apply("matmul", (A, B))),
    ("A*B", Apply("matmul", (A, B))),
    (r"A \cdot B", Apply("matmul", (A, B))),
    (r"A \times B", Apply("matmul", (A, B))),
    ("matmul(A, B)", Apply("matmul", (A, B))),
    ("A^2", Apply("matmul", (A, A))),
    ("A^3", Apply("matmul", (A, A, A))),
    ("A^{-1}", Apply("inverse", (A,))),
    ("A^-1", Apply("inverse", (A,))),
    ("inv(A)", Apply("inverse", (A,))),
    ("inverse(A)", Apply("inverse", (A,))),
    ("det(A)", Apply("det", (A,))),
    (r"\det A", Apply("det", (A,))),
    (r"\det(A)", Apply("det", (A,))),
    ("|A|", Apply("det", (A,))),
    (r"\left|A\right|", Apply("det", (A,))),
    ("tr(A)", Apply("trace", (A,))),
    (r"\operatorname{tr}(A)", Apply("trace", (A,))),
    (r"\mathrm{Tr}(A)", Apply("trace", (A,))),
    (r"\tr A", Apply("trace", (A,))),
    ("norm(u)", Apply("norm", (U,))),
    (r"\|u\|", Apply("norm", (U,))),
    (r"\|u\|_2", Apply("norm", (U,))),
    (r"\lVert u \rVert", Apply("norm", (U,))),
    (r"\left\|u\right\|", Apply("norm", (U,))),
    ("‖u‖", Apply("norm", (U,))),
    ("|u|", Apply("norm", (U,))),
    ("norm(x)", Apply("abs", (Variable("x"),))),
    ("diag(u)", Apply("diag", (U,))),
    (r"\operatorname{diag}(u)", Apply("diag", (U,))),
    (r"\mathrm{diag}(1, x)", Apply("diag", (number(1), Variable("x")))),
    ("I_n", Apply("identity", (Variable("n"),))),
    (r"\mathbf{I}_n", Apply("identity", (Variable("n"),))),
    (r"I_{n \times n}", Apply("identity", (Variable("n"),))),
    ("identity(n)", Apply("identity", (Variable("n"),))),
    ("eye(3)", Apply("identity", (number(3),))),
    ("I_3", Apply("identity", (number(3),))),
    ("u_i", Apply("entry", (U, Variable("i")))),
    ("u_1", Apply("entry", (U, number(1)))),
    (r"u_{i}", Apply("entry", (U, Variable("i")))),
    ("A_{i,j}", Apply("entry", (A, Variable("i"), Variable("j")))),
    ("A_{1,2}", Apply("entry", (A, number(1), number(2)))),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_reads_as(text: str, tree: Expression) -> None:
    assert read(text) == tree


@pytest.mark.parametrize("text", [r"\langle u | v \rangle", r"\langle u \mid v \rangle", "⟨u|v⟩"])
def test_an_inner_product_with_a_bar(text: str) -> None:
    assert read(text) == Apply("dot", (U, V))


def test_an_identity_without_a_size_has_the_only_one_declared() -> None:
    symbols = {"n": SYMBOLS["n"], "A": SYMBOLS["A"]}
    assert read_expression("A + 2 I", symbols) == read_expression("A + 2 I_n", symbols)
    fixed = {"A": Symbol(shape=("2", "2"))}
    assert read_expression("I", fixed) == Apply("identity", (number(2),))
    with pytest.raises(Unreadable, match="size of this identity matrix is not known"):
        read("A + I")


def test_a_declared_transposes_no_longer() -> None:
    """T is a transpose only where it is no symbol."""
    symbols = {**SYMBOLS, "T": Symbol(domain="positive")}
    assert read_expression("x^T", symbols) != read_expression("x", symbols)
    assert read_expression(r"u^\top v", symbols) == read(r"u^\top v")


# --- shapes ---

SHAPES = [
    ("A", ("n", "n")),
    ("P", ("n", "m")),
    ("P^T", ("m", "n")),
    ("P Q", ("n", "n")),
    ("Q P", ("m", "m")),
    ("P w", ("n", "1")),
    ("Q u", ("m", "1")),
    ("u^T P", ("1", "m")),
    ("u^T P w", ()),
    ("u^T v", ()),
    ("u v^T", ("n", "n")),
    ("u w^T", ("n", "m")),
    ("u w^T w", ("n", "1")),
    ("u^T u v", ("n", "1")),
    ("u^T v u^T", ("1", "n")),
    ("u^T A v w", ("m", "1")),
    ("u^T v A u", ("n", "1")),
    ("2 A", ("n", "n")),
    ("A/2", ("n", "n")),
    ("x A + y B", ("n", "n")),
    ("-u", ("n", "1")),
    ("(u + v)/2", ("n", "1")),
    (r"\frac{u}{\sigma^2}".replace(r"\sigma", "r"), ("n", "1")),
    ("u/norm(u)", ("n", "1")),
    ("A^{-1}", ("n", "n")),
    ("diag(u)", ("n", "n")),
    ("diag(1, 2, 3)", ("3", "3")),
    ("I_n", ("n", "n")),
    ("I_3", ("3", "3")),
    ("M c", ("3", "1")),
    ("N c", ("2", "1")),
    ("N M", ("2", "3")),
    ("mu_i", ("n", "1")),
    ("mu_i - mu_1", ("n", "1")),
    ("sum(mu_i, i=1..n)", ("n", "1")),
    (r"\sum_{i=1}^n \mu_i \mu_i^\top", ("n", "n")),
    ("sum(u_i, i=1..n)", ()),
    ("u_1", ()),
    ("u_1 v", ("n", "1")),
    ("A_{1,1} B", ("n", "n")),
    ("det(A) B", ("n", "n")),
    ("norm(u) v", ("n", "1")),
    ("tr(A) det(B)", ()),
    ("cases(u, x > 0, v)", ("n", "1")),
    ("u if x > 0 else v", ("n", "1")),
    ("[x > 0] u", ("n", "1")),
    ("diff(x u, x)", ("n", "1")),
    ("f(x) u", ("n", "1")),
    ("50% u", ("n", "1")),
    ("(x, y)", ("2", "1")),
    ("((x, y), (1, 2)) (x, y)", ("2", "1")),
    ("x", ()),
]


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_shape(text: str, expected: tuple[str, ...]) -> None:
    assert shape(read(text), SYMBOLS) == expected


MISFITS = [
    ("x + A", 0, "a number and a n x n matrix cannot be added"),
    ("A + u", 0, "a n x n matrix and a vector with n entries cannot be added"),
    ("u + w", 0, "a vector with n entries and a vector with m entries cannot be added"),
    ("P + Q", 0, "a n x m matrix and a m x n matrix cannot be added"),
    ("u + u^T", 0, "a vector with n entries and a 1 x n matrix cannot be added"),
    ("(1, 2) + (1, 2, 3)", 0, "2 entries and a vector with 3 entries cannot be added"),
    ("1 + (u + 1)", 5, "a vector with n entries and a number cannot be added"),
    ("A + 1", 0, "a n x n matrix and a number cannot be added"),
    ("u v", 0, "a vector with n entries cannot be multiplied by a vector with n entries"),
    ("u * v", 0, "a vector with n entries cannot be multiplied by a vector with n entries"),
    ("P P", 0, "a n x m matrix cannot be multiplied by a n x m matrix"),
    ("A w", 0, "a n x n matrix cannot be multiplied by a vector with m entries"),
    ("u A", 0, "a vector with n entries cannot be multiplied by a n x n matrix"),
    ("u^T w", 0, "a 1 x n matrix cannot be multiplied by a vector with m entries"),
    ("N N", 0, "a 2 x 3 matrix cannot be multiplied by a 2 x 3 matrix"),
    ("x u v", 0, "cannot be multiplied"),
    ("dot(u, w)", None, "no inner product of a vector with n entries and a vector with m entries"),
    ("dot(A, B)", None, "no inner product of a n x n matrix"),
    ("dot(x, y)", None, "no inner product of a number and a number"),
    (r"\langle u, w \rangle", 0, "no inner product"),
    (r"u \cdot w", 0, "no inner product"),
    ("1/u", 1, "nothing can be divided by a vector with n entries"),
    ("1/A", 1, "nothing can be divided by a n x n matrix"),
    (r"\frac{x}{A}", 0, "nothing can be divided by a n x n matrix"),
    ("A/B", 1, "nothing can be divided by a n x n matrix"),
    ("u^2", 1, "a vector with n entries has no such power"),
    ("A^4", 1, "a n x n matrix has no such power"),
    ("A^{-2}", 1, "no such power"),
    ("A^x", 1, "no such power"),
    ("A^{1/2}", 1, "no such power"),
    ("P^2", 1, "a n x m matrix has no such power"),
    ("P^{-1}", 1, "no `inverse` of a n x m matrix"),
    ("u^{-1}", 1, "no `inverse` of a vector with n entries"),
    ("x^u", 1, "an exponent must be a number"),
    ("2^A", 1, "an exponent must be a number"),
    ("e^A", 1, "an exponent must be a number"),
    ("det(P)", None, "no `det` of a n x m matrix"),
    ("det(u)", None, "no `det` of a vector with n entries"),
    ("|P|", None, "no `det` of a n x m matrix"),
    ("tr(P)", None, "no `trace` of a n x m matrix"),
    ("inv(P)", None, "no `inverse` of a n x m matrix"),
    ("det(x)", None, "`det` is for a matrix, and this is a number"),
    ("tr(x)", None, "`trace` is for a matrix, and this is a number"),
    ("transpose(x)", None, "`transpose` is for a matrix, and this is a number"),
    ("diag(A)", None, "`diag` takes numbers, or one vector"),
    ("diag(u, v)", None, "`diag` takes numbers, or one vector"),
    ("diag(u, 1)", None, "`diag` takes numbers, or one vector"),
    ("exp(A)", None, "`exp` is for numbers, and this is a n x n matrix"),
    (r"\log u", None, "`log` is for numbers, and this is a vector with n entries"),
    (r"\sin(u)", None, "`sin` is for numbers"),
    ("max(1, u)", None, "`max` is for numbers, and this is a vector with n entries"),
    ("sign(u)", None, "`sign` is for numbers"),
    ("sqrt(A)", None, "a number (under the|for what stands under a) root"),
    (r"\sqrt[3]{u}", None, "a number (under the|for what stands under a) root"),
    ("log_u(2)", None, "is for numbers"),
    ("[u > 0]", None, "numbers on both sides of the relation"),
    ("[u = v]", None, "numbers on both sides of the relation"),
    ("cases(u, x > 0, 1)", None, "values of one shape"),
    ("(u, v)", None, "an entry of this matrix is a matrix itself"),
    ("[A, B]", None, "an entry of this matrix is a matrix itself"),
    ("[[1, 2], [3]]", None, "rows of this matrix have different lengths|matrix itself"),
    ("[1, 2; 3]", None, "rows of this matrix have different lengths"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}", 0, "rows of this matrix have different lengths"),
    (r"\begin{pmatrix} 1 & 2", None, r"`\\end{pmatrix}`"),
    (r"\begin{pmatrix} 1 & 2 \end{bmatrix}", None, r"`\\end{pmatrix}`"),
    (r"\begin{tabular} 1 & 2 \end{tabular}", 0, "no environment that can stand in a formula"),
    (r"\begin pmatrix", 0, "name of an environment in braces"),
    ("A_1", 3, "2 indices at `A`"),
    ("A_{ij}", 5, "2 indices at `A`"),
    ("u_{i,j}", None, "1 index at `u`"),
    ("I_0", 0, "the size of an identity matrix"),
    ("I_{1/2}", 0, "the size of an identity matrix"),
    ("I_{n+1}", 0, "the size of an identity matrix"),
    ("I_{999}", 0, "the size of an identity matrix"),
    ("identity(2, 3)", None, "one size"),
    (r"\|u\|_1", None, "the index 2 at a norm"),
    (r"\|u\|_\infty", None, "the index 2 at a norm"),
    (r"\|u", None, r"expected `\\\|`"),
    (r"\langle u, v", None, r"`\\rangle`"),
    (r"\langle u \rangle", None, "`,`"),
    ("(1, 2", None, r"`\)`"),
    ("(1, , 2)", None, "a number, a name"),
    ("()", 1, "a number, a name"),
]


@pytest.mark.parametrize(("text", "position", "said"), MISFITS)
def test_misfit(text: str, position: int | None, said: str | None) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        read(text)
    assert caught.value.position is not None
    if position is not None:
        assert caught.value.position == position
    assert 0 <= caught.value.position <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "A!",
        "u!",
        r"\lceil A \rceil",
        r"\lfloor u \rfloor",
        r"\sin^{A} x",
        r"\sqrt[A]{x}",
        "mu_u",
        "u_u",
        "sum(i, i=1..u)",
        r"\sum_{i=A}^{n} i",
        r"\int_0^u x \, dx",
        "prod(mu_i, i=1..3)",
        "prod(A, i=1..u)",
        "I_A",
        "n^{u}",
    ],
)
def test_what_takes_numbers_takes_no_vector_or_matrix(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_misfits_are_no_readers_errors_where_trees_are_built_by_hand() -> None:
    with pytest.raises(Misfit, match="cannot be added"):
        total([A, Variable("x")], SYMBOLS)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((), "a number"),
        (("n", "1"), "a vector with n entries"),
        (("2", "3"), "a 2 x 3 matrix"),
        (("1", "n"), "a 1 x n matrix"),
    ],
)
def test_shapes_in_words(found: tuple[str, ...], words: str) -> None:
    assert described(found) == words


# --- values against SymPy ---

entries = st.fractions(min_value=-6, max_value=6, max_denominator=4)


def matrices(rows: int, columns: int) -> st.SearchStrategy[sympy.Matrix]:
    flat = st.lists(entries, min_size=rows * columns, max_size=rows * columns)
    return flat.map(lambda given: sympy.Matrix(rows, columns, [sympy.Rational(*e.as_integer_ratio()) for e in given]))


def as_grid(x: sympy.Matrix) -> Grid:
    return Grid(tuple(tuple(fmpq(int(e.p), int(e.q)) for e in x.row(row)) for row in range(x.rows)))


def same(found: Quantity, expected: Any) -> bool:
    """The same numbers exactly, or, where there are roots, to many digits; and the same shape."""
    if isinstance(expected, sympy.MatrixBase) and expected.shape != (1, 1):
        return isinstance(found, Grid) and found == as_grid(expected)
    if isinstance(found, Grid):
        return False
    wanted = expected[0] if isinstance(expected, sympy.MatrixBase) else expected
    if isinstance(found, fmpq):
        return bool(found == fmpq(int(wanted.p), int(wanted.q)))
    with precision(200):
        return bool(abs(ball(found) - arb(str(wanted.evalf(50)))) < arb(10) ** -40)


SQUARE: list[tuple[str, Callable[..., Any]]] = [
    ("A", lambda a, b, u, v: a),
    ("A^T", lambda a, b, u, v: a.T),
    ("A + B", lambda a, b, u, v: a + b),
    ("A - 2 B", lambda a, b, u, v: a - 2 * b),
    ("A/3", lambda a, b, u, v: a / 3),
    ("A B", lambda a, b, u, v: a * b),
    ("A B^T A", lambda a, b, u, v: a * b.T * a),
    ("A^2", lambda a, b, u, v: a**2),
    ("A^3", lambda a, b, u, v: a**3),
    ("det(A)", lambda a, b, u, v: a.det()),
    ("det(A B - B A)", lambda a, b, u, v: (a * b - b * a).det()),
    ("tr(A)", lambda a, b, u, v: a.trace()),
    ("tr(A B)", lambda a, b, u, v: (a * b).trace()),
    ("A u", lambda a, b, u, v: a * u),
    ("u^T A", lambda a, b, u, v: u.T * a),
    ("u^T A v", lambda a, b, u, v: u.T * a * v),
    ("u v^T", lambda a, b, u, v: u * v.T),
    ("u^T v", lambda a, b, u, v: u.T * v),
    ("dot(u, v)", lambda a, b, u, v: u.dot(v)),
    ("norm(u)", lambda a, b, u, v: u.norm()),
    ("norm(u)^2", lambda a, b, u, v: u.dot(u)),
    ("norm(A)^2", lambda a, b, u, v: sum(e**2 for e in a)),
    ("diag(u)", lambda a, b, u, v: sympy.diag(*u)),
    ("A + I_n", lambda a, b, u, v: a + sympy.eye(a.rows)),
    ("tr(I_n)", lambda a, b, u, v: sympy.Integer(a.rows)),
    ("n A", lambda a, b, u, v: a.rows * a),
    ("A_{n,1}", lambda a, b, u, v: a[a.rows - 1, 0]),
    ("A_{1,n}", lambda a, b, u, v: a[0, a.rows - 1]),
    ("u_n", lambda a, b, u, v: u[u.rows - 1]),
    ("sum(u_i v_i, i=1..n)", lambda a, b, u, v: u.dot(v)),
    ("sum(A_{i,n+1-i}, i=1..n)", lambda a, b, u, v: sum(a[i, a.rows - 1 - i] for i in range(a.rows))),
    ("prod(u_i, i=1..n)", lambda a, b, u, v: sympy.prod(u)),
]


@settings(max_examples=3)
@given(st.integers(1, 3), st.data())
@pytest.mark.parametrize(("text", "oracle"), SQUARE, ids=[text for text, _ in SQUARE])
def test_square_values(text: str, oracle: Callable[..., Any], size: int, data: st.DataObject) -> None:
    a, b = (data.draw(matrices(size, size)) for _ in range(2))
    u, v = (data.draw(matrices(size, 1)) for _ in range(2))
    found = value(read(text), {"n": size}, A=as_grid(a), B=as_grid(b), u=as_grid(u), v=as_grid(v))
    assert same(found, oracle(a, b, u, v))


@settings(max_examples=15)
@given(st.integers(1, 3).flatmap(lambda size: matrices(size, size)))
def test_inverse(a: sympy.Matrix) -> None:
    if a.det() == 0:
        with pytest.raises(Undefined, match="no inverse"):
            value(read("A^{-1}"), {"n": a.rows}, A=as_grid(a))
        return
    assert same(value(read("A^{-1}"), {"n": a.rows}, A=as_grid(a)), a.inv())
    assert same(value(read("A A^{-1}"), {"n": a.rows}, A=as_grid(a)), sympy.eye(a.rows))


@settings(max_examples=10)
@given(st.integers(1, 3), st.integers(1, 4), st.data())
def test_rectangles(n: int, m: int, data: st.DataObject) -> None:
    p, q, w = data.draw(matrices(n, m)), data.draw(matrices(m, n)), data.draw(matrices(m, 1))
    given_ = {"P": as_grid(p), "Q": as_grid(q), "w": as_grid(w)}
    for text, expected in [
        ("P Q", p * q),
        ("Q P", q * p),
        ("P^T", p.T),
        ("P w", p * w),
        ("w^T Q", w.T * q),
        ("Q P w", q * p * w),
        ("P_{n,m}", p[n - 1, m - 1]),
        ("P + Q^T", p + q.T),
    ]:
        assert same(value(read(text), {"n": n, "m": m}, **given_), expected)


def test_matrices_of_irrational_numbers() -> None:
    """What is not exact goes on in balls: the determinant of a rotation is 1, its inverse its transpose."""
    text = "[[cos(x), -sin(x)], [sin(x), cos(x)]]"
    with precision(200):
        assert bool(abs(ball(value(read(f"det({text})"), {"x": 2})) - 1) < arb(10) ** -50)
        gap = value(read(f"{text}^{{-1}} - {text}^T"), {"x": 2})
        assert isinstance(gap, Grid)
        assert all(bool(abs(ball(entry)) < arb(10) ** -50) for entry in gap)
    assert verdict(f"det({text})", "1") == "equal"


@pytest.mark.parametrize(
    "text",
    [
        "u_{n+1}",
        "u_0",
        "u_{-1}",
        "A_{1,n+1}",
        "A_{0,1}",
        "u_{1/2}",
        "u_{n+2}",
    ],
)
def test_entries_beyond_the_end_have_no_value(text: str) -> None:
    eye = diagonal([fmpq(1)] * 2)
    with pytest.raises(Undefined):
        value(read(text), {"n": 2}, A=eye, u=Grid(((fmpq(1),), (fmpq(2),))))


def test_sizes_that_do_not_fit_have_no_value() -> None:
    """Trees that no reader builds: the sum of two sizes, a trace of a rectangle, a determinant of one."""
    two, three = Matrix(((number(1),), (number(2),))), Matrix(((number(1),), (number(2),), (number(3),)))
    for tree in (
        Apply("dot", (two, three)),
        Apply("matmul", (two, three)),
        Apply("trace", (two,)),
        Apply("det", (two,)),
        Apply("inverse", (two,)),
    ):
        with pytest.raises(Undefined):
            value(tree)


def test_large_matrices_are_undecided() -> None:
    with pytest.raises(Undecided, match=f"1 to {MAX_ROWS} rows"):
        value(read("det(I_n)"), {"n": MAX_ROWS + 1})
    with pytest.raises(Undecided, match=f"1 to {MAX_ROWS} rows"):
        value(read("norm(u)"), {"n": MAX_ROWS + 1})
    assert value(read("tr(I_n)"), {"n": MAX_ROWS}) == MAX_ROWS


# --- drawn matrices ---


def test_drawn_matrices_have_the_declared_shapes_and_many_sizes() -> None:
    sizes = set()
    used = {name: SYMBOLS[name] for name in ("n", "m", "P", "u")}
    for point in sample_points(used, "seed", []):
        n, m = (int(point.variables[name]) for name in "nm")
        grids = [point.grid(name) for name in ("P", "u")]
        found = [grid.size if isinstance(grid, Grid) else None for grid in grids]
        assert found == [(n, m), (n, 1)]
        sizes.add((n, m))
        assert point.grid("P") is grids[0]
    assert {n for n, _ in sizes} >= {1, 2, 3}
    assert any(n != m for n, m in sizes)


def test_drawn_entries_keep_to_the_domain_and_differ() -> None:
    symbols = {"n": SYMBOLS["n"], "s": Symbol(domain="(0, 1)", shape=("n", "n"))}
    for point in sample_points(symbols, "seed", []):
        drawn = list(point.grid("s"))  # type: ignore[arg-type]
        assert all(0 < entry < 1 for entry in drawn)
        assert len(set(map(str, drawn))) == len(drawn)


def test_another_seed_draws_other_matrices() -> None:
    symbols = {"n": SYMBOLS["n"], "A": SYMBOLS["A"]}
    drawn = [str(next(sample_points(symbols, seed, [])).grid("A")) for seed in ("one", "two", "one")]
    assert drawn[0] != drawn[1]
    assert drawn[0] == drawn[2]


def test_how_values_are_shown() -> None:
    assert shown_value(grid_of("(1, 1/2)")) == "[1, 1/2]"
    assert shown_value(grid_of("[[1, 2], [3, 4]]")) == "[[1, 2], [3, 4]]"
    assert shown_value(grid_of("[[1, 2]]")) == "[[1, 2]]"


# --- equalities ---

EQUAL = [
    (r"\|u - v\|^2", r"u^\top u - 2 u^\top v + v^\top v"),
    ("norm(u + v)^2", "norm(u)^2 + 2 dot(u, v) + norm(v)^2"),
    ("norm(u - v)^2", "(u - v)^T (u - v)"),
    ("norm(x u)", "|x| norm(u)"),
    ("norm(u)^2", "sum(u_i^2, i=1..n)"),
    ("norm(u)^2", "tr(u u^T)"),
    ("det(A B)", "det(A) det(B)"),
    ("det(A^T)", "det(A)"),
    ("det(A^{-1})", "1/det(A)"),
    ("det(x A)", "x^n det(A)"),
    ("det(I_n + P Q)", "det(I_m + Q P)"),
    ("det(diag(u))", "prod(u_i, i=1..n)"),
    ("det([[x, y], [1, 2]])", "2 x - y"),
    ("(A B)^T", "B^T A^T"),
    ("(A B)^{-1}", "B^{-1} A^{-1}"),
    ("(A^T)^{-1}", "(A^{-1})^T"),
    ("A A^{-1}", "I_n"),
    ("tr(A B C)", "tr(C A B)"),
    ("tr(A B C)", "tr(B C A)"),
    ("tr(P Q)", "tr(Q P)"),
    ("tr(A)", "sum(A_{i,i}, i=1..n)"),
    ("tr(A + B)", "tr(A) + tr(B)"),
    ("tr(u v^T)", "u^T v"),
    ("tr(I_n)", "n"),
    ("(A + B)^2", "A^2 + A B + B A + B^2"),
    ("(u v^T) u", "(v^T u) u"),
    ("u^T v", "v^T u"),
    ("u^T A v", "v^T A^T u"),
    ("u^T A v", "sum(sum(u_i A_{i,j} v_j, j=1..n), i=1..n)"),
    ("diag(u) v", "diag(v) u"),
    ("I_n A", "A"),
    ("x I_n u", "x u"),
    ("A u + A v", "A (u + v)"),
    ("(A/2 + A/2) u", "A u"),
    ("mu_i^T mu_j", "mu_j^T mu_i"),
    ("norm(mu_i - mu_j)^2", "norm(mu_i)^2 - 2 mu_i^T mu_j + norm(mu_j)^2"),
    (r"\frac{1}{2}(\|u\|^2 + \|v\|^2 - \|u-v\|^2)", r"u \cdot v"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}^{-1}", "[[-2, 1], [3/2, -1/2]]"),
    ("[[1, 2], [3, 4]] (x, y)", "(x + 2 y, 3 x + 4 y)"),
    ("(x, y)^T (y, x)", "2 x y"),
    ("norm((x, y))", "sqrt(x^2 + y^2)"),
    ("diag(x, y)", "[[x, 0], [0, y]]"),
    ("sum(mu_i, i=1..3)", "mu_1 + mu_2 + mu_3"),
    ("M c - M c", "0 c"),
    ("[[x]]", "x"),
    ("I_1", "1"),
    ("diag(x)", "x"),
    ("cases(u, x > 0, v)", "[x > 0] u + [x <= 0] v"),
]
UNEQUAL = [
    ("A B", "B A"),
    ("A^T", "A"),
    ("(A B)^T", "A^T B^T"),
    ("(A B)^{-1}", "A^{-1} B^{-1}"),
    ("(A + B)^2", "A^2 + 2 A B + B^2"),
    ("det(A + B)", "det(A) + det(B)"),
    ("det(2 A)", "2 det(A)"),
    ("tr(A B)", "tr(A) tr(B)"),
    ("tr(A B C)", "tr(C B A)"),
    ("tr(A^T B)", "tr(A B)"),
    ("u v^T", "v u^T"),
    ("(u v^T) u", "(u^T u) v"),
    (r"\|u - v\|^2", r"\|u\|^2 - u^\top v + \|v\|^2"),
    (r"\|u - v\|^2", r"\|u\|^2 - 2 u^\top v - \|v\|^2"),
    (r"\|u - v\|^2", r"\|u\|^2 + \|v\|^2"),
    ("norm(u)", "norm(u)^2"),
    ("norm(u + v)", "norm(u) + norm(v)"),
    ("norm(x u)", "x norm(u)"),
    ("norm(u)", "sum(u_i, i=1..n)"),
    ("det(P Q)", "det(Q P)"),
    ("A^{-1}", "A^T"),
    ("u", "v"),
    ("u", "-u"),
    ("u", "u/2"),
    ("mu_1", "mu_2"),
    ("u_1", "u_2"),
    ("A_{1,2}", "A_{2,1}"),
    ("A u", "A^T u"),
    ("u^T A v", "v^T A u"),
    ("diag(u)", "u u^T"),
    ("diag(u) v", "u^T v u"),
    ("I_n", "0 I_n"),
    ("tr(I_n)", "1"),
    ("det(I_n)", "n"),
    ("(x, y)", "(y, x)"),
    ("(x, y)", "(x, y, 0)"),
    ("(x, y)", "[[x, y]]"),
    ("(x, y)", "x"),
    ("[[1, 2], [3, 4]]^{-1}", "[[-2, 1], [3/2, 1/2]]"),
    ("[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]"),
    ("sum(mu_i, i=1..n)", "n mu_1"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL)
def test_equal(first: str, second: str) -> None:
    assert verdict(first, second) == "equal"
    assert verdict(second, first) == "equal"


@pytest.mark.parametrize(("first", "second"), UNEQUAL)
def test_unequal(first: str, second: str) -> None:
    found = compare(read(first), read(second), SYMBOLS, "seed")
    assert found.kind == "unequal"
    assert found.values is not None
    assert found.values[0] != found.values[1]
    assert verdict(second, first) == "unequal"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("norm(u)^2 + max(0, n - 5) x", "norm(u)^2"),
        ("norm(u)^2 + binom(n, 6)", "norm(u)^2"),
        ("norm(u)^2 + [n > 100]", "norm(u)^2"),
        ("norm(u)^2 + exp(-1000) u_1", "norm(u)^2"),
        ("u + [u_1 > 10^7] v", "u"),
        ("u + 10^(-60) v", "u"),
        ("A + prod(n - l, l=1..5) B", "A"),
    ],
)
def test_what_no_sample_shows_is_never_called_equal(first: str, second: str) -> None:
    assert verdict(first, second) != "equal"
    assert verdict(second, first) != "equal"


@pytest.mark.parametrize("text", ["[[1, 2], [2, 4]]^{-1}", "(u u^T)^{-1} u", "(A - A)^{-1}"])
def test_a_singular_matrix_has_no_inverse_to_be_equal_to(text: str) -> None:
    assert verdict(text, "[[1, 0], [0, 1]]" if text[0] == "[" else text.replace("^{-1}", "")) != "equal"


def test_dimension_one_is_not_taken_for_all() -> None:
    """What holds for numbers alone does not hold."""
    assert verdict("A B - B A", "0 A") == "unequal"
    assert verdict("det(A)", "tr(A)") == "unequal"
    one = {**SYMBOLS, "A": Symbol(shape=("1", "1")), "B": Symbol(shape=("1", "1"))}
    trees = [read_expression(text, one) for text in ("A B", "B A")]
    assert compare(*trees, one, "seed").kind == "equal"


def test_a_number_is_no_vector_even_where_both_are_zero() -> None:
    assert compare(Number(Fraction(0)), read("0 u"), SYMBOLS, "seed").kind == "unequal"
