"""The reading that is echoed: readable, and read back as the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from grader.math import printing
from grader.math.canonical import canonical
from grader.math.equality import compare
from grader.math.printing import to_latex
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Derivative,
    Expression,
    Matrix,
    Multiply,
    Power,
    Variable,
    walk,
)
from tests.math.common import SYMBOLS, number, read, reductions, trees
from tests.math.test_reader import SAME


def back(tree: Expression) -> Expression:
    return read(to_latex(tree, SYMBOLS))


def same(a: Expression, b: Expression) -> bool:
    return canonical(a) == canonical(b) or compare(a, b, SYMBOLS, "seed").kind == "equal"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("1/15", r"\frac{1}{15}"),
        ("-1/(1-D)", r"-\frac{1}{1 - D}"),
        ("r*cos(theta)", r"r\,\cos(\theta)"),
        ("p_XY(x, y)", "p_{X,Y}(x, y)"),
        ("sin(theta)^2", r"\sin^{2}(\theta)"),
        ("(x+1)^2", "(x + 1)^{2}"),
        ("sqrt(x)", r"\sqrt{x}"),
        ("2*3", r"2 \cdot 3"),
        ("0.50", "0.50"),
        ("x - (y - r)", "x - (y - r)"),
        ("sum(k_i, i=1..n) - 1", r"\sum_{i=1}^{n} k_{i} - 1"),
        ("prod(k_i - 1, i=1..n)", r"\prod_{i=1}^{n} (k_{i} - 1)"),
        ("mu_y", r"\mu_{y}"),
        ("n!", "n!"),
        ("log_2(x)", r"\log_{2}(x)"),
        ("abs(x)", r"\left|x\right|"),
        ("abs(x)^2", r"\left|x\right|^{2}"),
        ("diff(x^2*y, x)", r"\frac{d}{dx} x^{2}\,y"),
        ("diff(x + y, theta)", r"\frac{d}{d\theta} (x + y)"),
        ("diff(x, x)*y", r"(\frac{d}{dx} x)\,y"),
        ("f'(x)", "f'(x)"),
        ("f''(x)", "f''(x)"),
        ("f^(3)(x)", "f^{(3)}(x)"),
        ("p_XY^(1,0)(x, y)", "p_{X,Y}^{(1,0)}(x, y)"),
        ("integral(x + y, x=0..infinity)", r"\int_{0}^{\infty} (x + y) \,\mathrm{d}x"),
        ("[[x, y], [1, 2]]", r"\begin{pmatrix} x & y \\ 1 & 2 \end{pmatrix}"),
        ("[x, y]", r"\begin{pmatrix} x \\ y \end{pmatrix}"),
        ("[x <= y] + [x = y]", r"[x \le y] + [x = y]"),
        ("cases(x, x < 0, 1)", r"\begin{cases} x & x < 0 \\ 1 & \text{otherwise} \end{cases}"),
        ("cases(0, x < 0 and y < 0 or x != 1)",
         r"\begin{cases} 0 & x < 0 \text{ and } y < 0 \text{ or } x \ne 1 \end{cases}"),
        ("cases(0, [x < 0 or y < 0]*[x = 1])",
         r"\begin{cases} 0 & [x < 0 \text{ or } y < 0] \text{ and } x = 1 \end{cases}"),
        ("det([[x, y], [1, 2]])", r"\det(\begin{pmatrix} x & y \\ 1 & 2 \end{pmatrix})"),
        ("transpose([x, y])", r"\begin{pmatrix} x \\ y \end{pmatrix}^{\top}"),
        ("inverse(diag(x, y))", r"(\operatorname{diag}(x, y))^{-1}"),
        ("trace(identity(n))", r"\operatorname{tr}(I_{n})"),
        ("norm([x, y])^2", r"\left\|\begin{pmatrix} x \\ y \end{pmatrix}\right\|^{2}"),
        ("dot([x, 1], [y, 2])",
         r"\langle \begin{pmatrix} x \\ 1 \end{pmatrix}, \begin{pmatrix} y \\ 2 \end{pmatrix}\rangle"),
        ("matmul(diag(x, y), [x, y])", r"\operatorname{diag}(x, y)\,\begin{pmatrix} x \\ y \end{pmatrix}"),
    ],
)  # fmt: skip
def test_prints_as(text: str, latex: str) -> None:
    assert to_latex(read(text), SYMBOLS) == latex


@pytest.mark.parametrize("text", sorted({text for pair in SAME for text in pair}))
def test_what_was_read_is_read_back(text: str) -> None:
    tree = read(text)
    assert same(back(tree), tree)


@settings(max_examples=800)
@given(trees)
def test_random_trees_are_read_back(tree: Expression) -> None:
    again = back(tree)
    if canonical(again) != canonical(tree):
        assert compare(again, tree, SYMBOLS, "seed").kind != "unequal"
        assert to_latex(again, SYMBOLS) == to_latex(tree, SYMBOLS)


@settings(max_examples=150)
@given(reductions())
def test_sums_and_products_are_read_back(tree: Expression) -> None:
    again = back(tree)
    assert same(again, tree)


@pytest.mark.parametrize(
    "text",
    [
        "prod(k_i*x, i=1..n)",
        "(2*prod(k_i, i=1..n))*x",
        "2*(-(-3))",
        "-(-1)",
        "abs(r*abs(x))",
        "(x*sum(k_i, i=1..n))*y",
        "2*(-3)",
        "2 - (-3)",
        "(-2)^2",
        "(1/2)^2",
        "(x^2)^3",
        "(x!)^2",
        "(-1)^n",
        "1/(1/x)",
        "(sum(k_i, i=1..n))^2",
        "sqrt(x)^3",
        "x*diff(x*y, x)*y",
        "diff(diff(x^3, x), x)",
        "integral(x*y, x=0..1)*y",
        "integral(integral(x*y, x=0..1), y=0..x)",
        "cases(0, x < 0, 1)^2",
        "2^cases(0, x < 0, 1)",
        ".5*.25",
        "norm([x, y])^3",
    ],
)
def test_awkward_trees_are_read_back(text: str) -> None:
    tree = read(text)
    latex = to_latex(tree, SYMBOLS)
    assert same(read(latex), tree)
    assert "--" not in latex


def test_signs_stay_with_their_factors() -> None:
    tree = Multiply((Variable("x"), Multiply((number(-1), Add((Variable("y"), number(1)))))))
    assert canonical(back(tree)) == canonical(tree)


@pytest.mark.parametrize(
    "wrap",
    [
        *(lambda x, name=name: Apply(name, (x,)) for name in ("exp", "log", "sin", "max", "abs", "norm", "inverse")),
        lambda x: Apply("matmul", (x,)),
        lambda x: Power(x, x) if x == Variable("x") else Power(x.base, x),
        lambda x: Derivative("x", x),
        lambda x: Matrix(((x,),)),
        lambda x: Call("f", (x,), (1,)),
    ],
)
def test_each_node_is_printed_once(wrap: Callable[[Expression], Expression], monkeypatch: pytest.MonkeyPatch) -> None:
    tree: Expression = Variable("x")
    for _ in range(8):
        tree = wrap(tree)
    printed = []
    original = printing.LatexPrinter.print
    monkeypatch.setattr(printing.LatexPrinter, "print", lambda self, x: (printed.append(x), original(self, x))[1])
    to_latex(tree, SYMBOLS)
    assert len(printed) == sum(1 for _ in walk(tree))


def test_conditions_are_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = read("cases(x, x < 0 and y < 0 or x != 1, y)")
    printed = []
    original = printing.LatexPrinter.print
    monkeypatch.setattr(printing.LatexPrinter, "print", lambda self, x: (printed.append(x), original(self, x))[1])
    to_latex(tree, SYMBOLS)
    assert len(printed) <= sum(1 for _ in walk(tree))


def test_nested_powers_keep_their_brackets() -> None:
    tree = Power(Power(Variable("x"), number(2)), Power(number(2), Variable("y")))
    assert back(tree) == tree
