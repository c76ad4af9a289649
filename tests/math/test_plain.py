"""Plain notation as it is printed: as a person would type it, and read back as the same."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.math.canonical import canonical
from grader.math.plain import region_to_plain, to_plain
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.math.regions import read_region
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Constant,
    Derivative,
    Element,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    negate,
)
from grader.spec import Symbol
from tests.math.common import SYMBOLS, number, read, reductions, trees

MORE = {
    **SYMBOLS,
    "A": Symbol(shape=("2", "2")),
    "B": Symbol(shape=("2", "2")),
    "u": Symbol(shape=("2",)),
    "v": Symbol(shape=("2",)),
}


def read_more(text: str) -> Expression:
    return read_expression(text, MORE)


PRINTED = [
    ("-1/(1-D)", "-1/(1 - D)"),
    ("r cos(theta)", "r*cos(theta)"),
    (r"r\,p_{X,Y}(r\cos\theta, r\sin\theta)", "r*p_XY(r*cos(theta), r*sin(theta))"),
    (r"\frac{x}{2 y}", "x/(2*y)"),
    (r"\frac{x}{y^2}", "x/y^2"),
    ("x^{n+1}", "x^(n + 1)"),
    ("2^n", "2^n"),
    ("(x^2)^3", "(x^2)^3"),
    ("(-2)^2", "(-2)^2"),
    ("sqrt(x)^3", "sqrt(x)^3"),
    (r"\sin^2 x", "sin(x)^2"),
    ("x - (y - r)", "x - (y - r)"),
    ("2*(-3)", "2*(-3)"),
    ("x*(2/3)", "x*(2/3)"),
    ("0.50", "0.50"),
    (".5", "0.5"),
    ("6.7e-2", "6.7e-2"),
    ("|x|", "abs(x)"),
    ("k_{n-1}", "k_(n - 1)"),
    ("k_n^2", "k_n^2"),
    ("n!", "n!"),
    ("(n+1)!", "(n + 1)!"),
    ("log_2(x)", "log_2(x)"),
    (r"\log_{x+1}(y)", "log_(x + 1)(y)"),
    (r"\sum_{i=1}^n k_i", "sum(k_i, i=1..n)"),
    (r"\prod_{i=1}^{n-1} (k_i - 1)", "prod(k_i - 1, i=1..n - 1)"),
    (r"\int_0^1 x^2 \, dx", "integral(x^2, x=0..1)"),
    (r"\frac{d}{dx} x^2", "diff(x^2, x)"),
    ("f'(x)", "f'(x)"),
    ("f''(x)", "f''(x)"),
    ("f^(3)(x)", "f^(3)(x)"),
    ("p_XY^(1,0)(x, y)", "p_XY^(1,0)(x, y)"),
    ("[x < y]", "[x < y]"),
    ("[x >= y]", "[y <= x]"),
    ("[x = y]", "[x = y]"),
    ("cases(0, x < 0, 1)", "cases(0, [x < 0], 1)"),
    (r"\begin{cases} x & x < 0 \text{ and } y > 1 \\ 2 & x \ne 1 \end{cases}",
     "cases(x, [x < 0]*[1 < y], 2, 1 - [x = 1])"),
    ("[x, y]", "[x, y]"),
    ("[[x, y]]", "[[x, y]]"),
    (r"\begin{pmatrix} x & y \\ 1 & 2 \end{pmatrix}", "[[x, y], [1, 2]]"),
    (r"A^\top u", "matmul(transpose(A), u)"),
    ("A^{-1}", "inverse(A)"),
    (r"\det(A)", "det(A)"),
    (r"\operatorname{tr}(A)", "trace(A)"),
    (r"\|u\|", "norm(u)"),
    (r"\langle u, v \rangle", "dot(u, v)"),
    ("diag(x, y)", "diag(x, y)"),
    ("I_n", "identity(n)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), PRINTED)
def test_prints_as(text: str, plain: str) -> None:
    assert to_plain(read_more(text), MORE) == plain


@pytest.mark.parametrize("text", [text for text, _ in PRINTED])
def test_what_was_read_is_read_back(text: str) -> None:
    tree = read_more(text)
    assert canonical(read_more(to_plain(tree, MORE))) == canonical(tree)
    assert canonical(read_more(to_latex(tree, MORE))) == canonical(tree)


def test_names_that_nobody_gave_are_letters_of_their_own() -> None:
    inner = Reduce("sum", "#1", number(1), Variable("n"), Multiply((Variable("#1"), Variable("#2"), Variable("j"))))
    tree = Reduce("sum", "#2", number(1), Variable("n"), inner)
    symbols = {"n": Symbol(domain="positive integer"), "j": Symbol()}
    for text in (to_plain(tree, symbols), to_latex(tree, symbols)):
        assert "#" not in text
        assert canonical(read_expression(text, symbols)) == canonical(tree)


def test_dots_are_read_back() -> None:
    tree = read(r"k_1 k_2 \cdots k_n")
    assert canonical(read(to_plain(tree, SYMBOLS))) == canonical(tree)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("(0, 1]", "0 < x <= 1"), (r"x < 0 or 1 < x \le 2", "x < 0 or 1 < x <= 2"), ("x != 0", "x != 0")],
)
def test_regions(text: str, plain: str) -> None:
    symbols = {"x": Symbol()}
    region = read_region(text, "x", symbols)
    assert region_to_plain(region, symbols) == plain
    assert read_region(plain, "x", symbols) == region


# --- random trees of all nodes ---

ATOMS = st.one_of(
    st.fractions(min_value=-5, max_value=5, max_denominator=6).map(Number),
    st.sampled_from(["0.5", "2.50", ".25", "3.", "1e3", "6.7e-2"]).map(lambda t: Number(Fraction(t), t, decimal=True)),
    st.sampled_from([Variable(name) for name in ("r", "x", "theta", "D", "n", "mu_y")]),
    st.sampled_from([Constant("pi"), Constant("e"), Element("a", Variable("n")), Element("k", number(2))]),
)
RELATIONS = ("less", "atmost", "same")


def conditions(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    relation = st.builds(lambda name, a, b: Apply(name, (a, b)), st.sampled_from(RELATIONS), inner, inner)
    denied = relation.map(lambda x: Add((number(1), negate(x))))
    one = st.one_of(relation, relation, denied)
    both = st.lists(one, min_size=2, max_size=3).map(tuple)
    joined = st.one_of(one, both.map(Multiply), both.map(lambda parts: Apply("max", parts)))
    nested = st.tuples(joined, joined)
    return st.one_of(joined, nested.map(Multiply), nested.map(lambda parts: Apply("max", parts)))


def matrices(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Two rows and columns."""
    entries = st.tuples(inner, inner)
    plain = st.one_of(st.tuples(entries, entries).map(Matrix), st.sampled_from([Variable("A"), Variable("B")]))
    return st.one_of(
        plain,
        plain.map(lambda m: Apply("transpose", (m,))),
        plain.map(lambda m: Apply("inverse", (m,))),
        entries.map(lambda parts: Apply("diag", parts)),
        st.tuples(plain, plain).map(lambda parts: Apply("matmul", parts)),
        st.tuples(plain, plain).map(Add),
        st.tuples(inner, plain).map(Multiply),
    )


def vectors(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    column = st.tuples(inner, inner).map(lambda pair: Matrix(tuple((entry,) for entry in pair)))
    plain = st.one_of(column, st.sampled_from([Variable("u"), Variable("v")]))
    return st.one_of(plain, st.tuples(plain, plain).map(Add), st.tuples(inner, plain).map(Multiply))


def nodes(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    bounds = st.sampled_from([(number(0), Variable("n")), (Add((Variable("n"), number(-1))), number(9))])
    two = st.sampled_from(["logb", "binom", "max", "min"])
    product = Multiply((Variable("theta"), Element("k", Variable("i"))))
    one = st.sampled_from(["exp", "log", "sin", "tanh", "sqrt", "abs", "sign", "floor", "ceil", "factorial", "arctan"])
    pieces = st.lists(st.tuples(inner, conditions(inner)), min_size=1, max_size=2)
    return st.one_of(
        several.map(Add),
        several.map(Multiply),
        inner.map(negate),
        st.builds(Power, inner, st.one_of(inner, st.sampled_from([number(-1), number(2), number("1/2")]))),
        st.builds(lambda name, x: Apply(name, (x,)), one, inner),
        st.builds(lambda name, a, b: Apply(name, (a, b)), two, inner, inner),
        st.builds(lambda x, orders: Call("f", (x,), orders), inner, st.sampled_from([(), (1,), (2,), (3,)])),
        st.builds(lambda x, y, o: Call("p_XY", (x, y), o), inner, inner, st.sampled_from([(), (1, 0), (1, 2)])),
        st.builds(
            lambda op, ends, x: Reduce(op, "i", *ends, Add((x, Variable("i")))),
            st.sampled_from(["sum", "prod", "integral"]), bounds, inner,
        ),
        st.builds(lambda ends, x: Reduce("prod", "i", *ends, Multiply((x, product))), bounds, inner),
        st.builds(Derivative, st.sampled_from(["x", "theta", "mu_y"]), inner),
        conditions(inner),
        st.builds(
            lambda pairs, rest: Apply("cases", (*(part for pair in pairs for part in pair), *rest)),
            pieces, st.lists(inner, max_size=1),
        ),
        st.builds(lambda name, m: Apply(name, (m,)), st.sampled_from(["det", "trace"]), matrices(inner)),
        st.builds(lambda a, b: Apply("dot", (a, b)), vectors(inner), vectors(inner)),
        vectors(inner).map(lambda v: Apply("norm", (v,))),
    )  # fmt: skip


EVERYTHING = st.recursive(ATOMS, nodes, max_leaves=7)
ANY_SHAPE = st.one_of(EVERYTHING, matrices(EVERYTHING), vectors(EVERYTHING))


@settings(max_examples=300)
@given(ANY_SHAPE)
def test_plain_notation_is_read_back(tree: Expression) -> None:
    text = to_plain(tree, MORE)
    assert canonical(read_more(text)) == canonical(tree), text


@settings(max_examples=300)
@given(ANY_SHAPE)
def test_latex_is_read_back(tree: Expression) -> None:
    text = to_latex(tree, MORE)
    again = read_more(text)
    # one bar stands for several divisions: x / r / r comes back as x / (r r)
    assert canonical(again) == canonical(tree) or to_latex(again, MORE) == text, text


@settings(max_examples=150)
@given(st.one_of(trees, reductions()))
def test_plain_notation_of_common_trees_is_read_back(tree: Expression) -> None:
    text = to_plain(tree, SYMBOLS)
    assert canonical(read(text)) == canonical(tree), text


@settings(max_examples=100)
@given(ANY_SHAPE)
def test_plain_notation_is_plain(tree: Expression) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_ .,+*/^()\[\]=<'!-]*", to_plain(tree, MORE))
