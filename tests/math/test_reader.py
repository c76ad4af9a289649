"""What is written, and the tree it becomes; what is refused, and where reading stopped."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.canonical import canonical
from grader.math.reader import read_expression
from grader.math.tree import Apply, Call, Element, Multiply, Number, Power, Reduce, Variable
from tests.math.common import SYMBOLS, number, read

SAME = [
    # powers
    ("x**2", "x^2"),
    ("x²", "x^2"),
    ("x^{2}", "x^2"),
    ("-x^2", "-(x^2)"),
    ("x^y^2", "x^(y^2)"),
    ("x^-1", "x^(-1)"),
    ("2^{-x}", "2^(-x)"),
    ("e^x", "exp(x)"),
    (r"\mathrm{e}^{x}", "exp(x)"),
    ("x^{1/2}", "sqrt(x)"),
    # quotients
    (r"\frac12", "1/2"),
    (r"\frac{1}{2}", "1/2"),
    (r"\frac1{15}", "1/15"),
    (r"\dfrac{x}{y}", "x/y"),
    (r"\tfrac x y", "x/y"),
    ("x/y/r", "(x/y)/r"),
    ("x/y*r", "(x*r)/y"),
    ("1/2 x", "(1/2)*x"),
    ("x÷y", "x/y"),
    # products
    ("2x", "2*x"),
    ("xy", "x*y"),
    ("rθ", "r*theta"),
    (r"r\theta", "r*theta"),
    ("rcos(theta)", "r*cos(theta)"),
    ("rcosθ", "r*cos(theta)"),
    (r"x \cdot y", "x*y"),
    (r"x \times y", "x*y"),
    ("x·y", "x*y"),
    ("n(n-1)", "n*(n-1)"),
    ("(x)(y)", "x*y"),
    ("2 pi r", "2*pi*r"),
    ("2πr", "2*pi*r"),
    ("xe^x", "x*exp(x)"),
    # signs and numbers
    ("−x", "-x"),
    ("--x", "x"),
    ("x - -y", "x + y"),
    ("x*-y", "-(x*y)"),
    ("0.5", "1/2"),
    (".5", "1/2"),
    ("6.7e-2", "67/1000"),
    ("14,974,991", "14974991"),
    ("14{,}974{,}991", "14974991"),
    ("10%", "1/10"),
    (r"10\%", "1/10"),
    # functions
    ("ln x", "log(x)"),
    (r"\log x^2", "log(x^2)"),
    (r"\log(x)^2", "(log(x))^2"),
    (r"\log p(x)", "log(p(x))"),
    (r"\sin^2\theta", "(sin(theta))^2"),
    (r"\sin\theta\cos\theta", "sin(theta)*cos(theta)"),
    ("cos 2θ", "cos(2*theta)"),
    (r"r \cos \theta", "r*cos(theta)"),
    (r"\log_2 8", "log_2(8)"),
    (r"\log_{10}(x)", "log_{10} x"),
    (r"\exp\left(x\right)", "exp(x)"),
    (r"\exp\{x\}", "exp(x)"),
    (r"\sqrt x", "sqrt(x)"),
    (r"\sqrt[3]{x}", "x^(1/3)"),
    ("√2", "sqrt(2)"),
    ("|x|", "abs(x)"),
    (r"\left|x\right|", "abs(x)"),
    (r"\lvert x \rvert", "abs(x)"),
    (r"\max\{x, y\}", "max(x, y)"),
    (r"\operatorname{sign}(x)", "sign(x)"),
    ("arctan x", "atan(x)"),
    ("n!", "factorial(n)"),
    (r"\binom{n}{m}", "binom(n, m)"),
    # names
    ("μ_y", "mu_y"),
    (r"\mu_y", "mu_y"),
    (r"\mu_{y}", "mu_y"),
    (r"p_{X,Y}(x, y)", "p_XY(x, y)"),
    (r"p_{XY}\left(x, y\right)", "p_XY(x,y)"),
    (r"\mathbf{x}", "x"),
    ("k_12", "k_{12}"),
    ("a_1a_2", "a_1*a_2"),
    (r"D_\phi(G_\theta(z))", "D"),
    (r"D_{\phi}(G_{\theta}(z))", "D"),
    (r"D_{\boldsymbol{\phi}}(G_\theta(\mathbf{z}))", "D"),
    # sums and products
    (r"\sum_{i=1}^{n} k_i", "sum(k_i, i=1..n)"),
    (r"\sum_{i=1}^n k_i - 1", "sum(k_i, i=1..n) - 1"),
    (r"\prod_{i=1}^{i=n} k_i", "prod(k_i, i=1..n)"),
    ("∏_{i=1}^{n} k_i", "prod(k_j, j=1..n)"),
    (r"k_1 k_2 \cdots k_n", "prod(k_i, i=1..n)"),
    ("k_1 + … + k_n", "sum(k_i, i=1..n)"),
    ("1 + 2 + ... + n", "sum(i, i=1..n)"),
    (r"\sum_{i=m+1}^{n} (k_i-1)\prod_{j=i-m}^{i-1} k_j", "sum((k_i-1)*prod(k_j, j=i-m..i-1), i=m+1..n)"),
]


@pytest.mark.parametrize(("written", "meant"), SAME)
def test_reads_as(written: str, meant: str) -> None:
    assert canonical(read(written)) == canonical(read(meant))


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("f(x)", Call("f", (Variable("x"),))),
        ("x(y)", Multiply((Variable("x"), Variable("y")))),
        ("k_{n-1}", Element("k", read("n-1"))),
        ("log(x)", Apply("log", (Variable("x"),))),
        ("x^2", Power(Variable("x"), number(2))),
        ("sum(i, i=1..n)", Reduce("sum", "i", number(1), Variable("n"), Variable("i"))),
    ],
)
def test_declarations_tell_calls_from_products(written: str, tree: object) -> None:
    assert read(written) == tree


def test_case_matters() -> None:
    assert read("T") != read("D")
    with pytest.raises(Unreadable, match="no name known"):
        read("t")


def test_decimals_are_exact_and_marked() -> None:
    tree = read("0.1")
    assert isinstance(tree, Number)
    assert tree.decimal
    assert tree == number("1/10")
    assert not read("1/10").factors[0].decimal  # type: ignore[union-attr]


MALFORMED = [
    ("", 0, "no formula"),
    ("   ", 0, "no formula"),
    ("1/15)", 4, "an operator or the end"),
    ("(x", 2, r"`\)`"),
    ("x +", 3, "a number, a name"),
    ("x y)", 3, "an operator or the end"),
    ("q + 1", 0, "no name known"),
    ("x = y", 2, "without a relation"),
    ("x < y", 2, "without a relation"),
    ("x, y", 1, "an operator or the end"),
    ("f(x, y)", None, "1 argument for `f` instead of 2"),
    ("x'", 1, "prime"),
    ("f", 1, "the arguments of `f`"),
    ("p_X(x)", 1, None),
    ("1/2x", 3, "brackets"),
    ("x/yr", 3, "brackets"),
    ("x 2", 2, "an operator"),
    ("1.2.3", 3, "an operator"),
    (r"\sin x y", 7, "brackets"),
    (r"\tan^{-1} x", None, "arctan"),
    (r"\frac{1}", 8, "an argument"),
    (r"\int x dx", 5, "bounds"),
    (r"\prod_{i=1}^n k_i x", None, "how far the product reaches"),
    ("x for all y", 2, "operator or the end"),
    ("2 metres", 2, "no name known"),
    (r"x \text{ when it rains}", None, "single name|no name"),
    ("x²³y_", None, None),
    ("k", 0, "needs an index"),
    ("k_i", 2, "no name known"),
    ("1, 2, …", 1, None),
    ("k_1 … ", None, "before and after"),
    ("k_1 + x + … + k_n", None, None),
    ("sum(k_i, i)", None, None),
    ("sum(k_i)", None, "bounds"),
    (r"\sum_{i=1} k_i", None, r"`\^`"),
]


@pytest.mark.parametrize(("text", "position", "said"), MALFORMED)
def test_refused(text: str, position: int | None, said: str | None) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        read(text)
    if position is not None:
        assert caught.value.position == position


def test_says_what_was_read_and_what_stands_there() -> None:
    with pytest.raises(Unreadable) as caught:
        read("r*(x + y]")
    assert "`)`" in str(caught.value)
    assert "`r*(x + y`" in str(caught.value)
    assert "`]` stands there" in str(caught.value)


@pytest.mark.parametrize("text", ["sin(x)^-1*2 3", r"\log\log", "||", "x_", "^", "_", "{}", "()", r"\left(", "%", "!"])
def test_fragments_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


@pytest.mark.parametrize(("written", "meant"), [("log2(8)", "log_2(8)"), ("log10(x)", "log_{10}(x)")])
def test_a_base_at_the_name_is_a_base_or_refused(written: str, meant: str) -> None:
    try:
        tree = read(written)
    except Unreadable:
        return
    assert tree == read(meant)


@pytest.mark.parametrize("text", [r"\boldsymbol\theta", r"\mathbf\theta", r"D_{\boldsymbol\phi}(G_\theta(z))"])
def test_bold_greek_without_braces(text: str) -> None:
    read(text)


def test_sqrt_of_two_arguments_is_refused() -> None:
    with pytest.raises(Unreadable):
        read("sqrt(x, y)")


def test_three_dots_between_bounds() -> None:
    assert read("sum(k_i, i=1...n)") == read("sum(k_i, i=1..n)")


def test_two_absolute_values_side_by_side() -> None:
    assert read("|x||y|") == read("|x|*|y|")


@pytest.mark.parametrize("text", [".²", ".₁", "1.2.³"])
def test_a_full_stop_before_a_raised_digit(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


@pytest.mark.parametrize("text", ["1٣", "1１", "2.५"])
def test_digits_of_other_scripts_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


# --- any text at all ---

PIECES = [written for pair in SAME for written in pair] + [text for text, _, _ in MALFORMED]
SCRAPS = st.sampled_from(
    [
        *r"+-*/^_()[]{}|!%,;:=<>.'\&~$#@",
        " ",
        "1",
        "2.",
        "e",
        "x",
        "k",
        "f",
        "sum",
        "prod",
        "log",
        "sqrt",
        "...",
        "…",
        r"\frac",
        r"\sqrt",
        r"\left",
        r"\sum",
        r"\log",
        r"\mathbf",
        r"\binom",
        "i=1..n",
        "θ",
        "²",
        "₁",
        "∞",
        "\u202e",
        "\x00",
        "й",
    ]
)


def reads_or_refuses(text: str) -> None:
    try:
        read_expression(text, SYMBOLS)
    except Unreadable as error:
        position = error.position
    else:
        return
    assert position is None or 0 <= position <= len(text)


@settings(max_examples=1500)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    reads_or_refuses(text)


@settings(max_examples=2500)
@given(st.lists(SCRAPS, max_size=25).map("".join))
@example("sum(")
@example("sum(,i=1..n)")
@example(r"\prod_{")
def test_any_heap_of_scraps_is_read_or_refused(text: str) -> None:
    reads_or_refuses(text)


@settings(max_examples=2500)
@given(st.sampled_from(PIECES), st.data())
def test_any_mutated_formula_is_read_or_refused(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 3))
        text = text[:at] + data.draw(st.one_of(st.just(""), SCRAPS)) + text[at + cut :]
    reads_or_refuses(text)
