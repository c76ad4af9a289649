"""The reading that is echoed: readable, and read back as the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from grader.math import printing
from grader.math.canonical import canonical
from grader.math.equality import compare
from grader.math.printing import to_latex
from grader.math.tree import Add, Apply, Expression, Multiply, Power, Variable
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
    ],
)
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


@pytest.mark.parametrize("function", ["exp", "log", "sin", "max"])
def test_each_node_is_printed_once(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tree: Expression = Variable("x")
    for _ in range(8):
        tree = Apply(function, (tree,))
    printed = []
    original = printing._Printer.print
    monkeypatch.setattr(printing._Printer, "print", lambda self, x: (printed.append(x), original(self, x))[1])
    to_latex(tree, SYMBOLS)
    assert len(printed) == 9


def test_nested_powers_keep_their_brackets() -> None:
    tree = Power(Power(Variable("x"), number(2)), Power(number(2), Variable("y")))
    assert back(tree) == tree
