"""What stands around a formula: dollars, quotes, a label in front."""

from __future__ import annotations

import pytest

from grader.errors import Unreadable
from grader.math.dress import split_label, undress


@pytest.mark.parametrize(
    "text",
    [
        "1/15",
        " 1/15 ",
        "$1/15$",
        "$$1/15$$",
        r"\(1/15\)",
        r"\[1/15\]",
        "`1/15`",
        '"1/15"',
        "'1/15'",
        "“1/15”",
        "**1/15**",
        "1/15.",
        "$1/15$.",
        "$1/15.$",
        '"$1/15$".',
        r"\[ 1/15. \]",
        "**$1/15$**",
    ],
)
def test_undressed(text: str) -> None:
    assert undress(text) == "1/15"


@pytest.mark.parametrize(
    "text", ["$x$ and $y$", "(1/15)", "[0, 1]", "z_1, …", "1 + ...", "$", "''", "", "x'", "'x", "1.5"]
)
def test_left_alone(text: str) -> None:
    assert undress(text) == text


NAMES = frozenset({"r", "theta", "D", "T"})


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("p_X(1) = 1/15", "p_X(1)", "1/15"),
        ("x = 3", "x", "3"),
        ("J=r", "J", "r"),
        ("|J| = r", "|J|", "r"),
        (r"\det J = r", r"\det J", "r"),
        (r"p_{R,\Theta}(r, \theta) = r", r"p_{R,\Theta}(r, \theta)", "r"),
        (r"\mathcal{L} = 1", r"\mathcal{L}", "1"),
        ("T^* = 1", "T^*", "1"),
        ("f(g(x)) = 1", "f(g(x))", "1"),
        ("dL/dD = -1/D", "dL/dD", "-1/D"),
        (r"\frac{\partial L}{\partial D} = 2", r"\frac{\partial L}{\partial D}", "2"),
        (r"N = |\theta|", "N", r"|\theta|"),
        ("p = sum(k_i, i=1..n)", "p", "sum(k_i, i=1..n)"),
        (r"p = \sum_{i=1}^n k_i", "p", r"\sum_{i=1}^n k_i"),
    ],
)
def test_labels(text: str, label: str, rest: str) -> None:
    assert split_label(text, NAMES) == (label, rest)


@pytest.mark.parametrize(
    "text", ["1/15", "sum(k_i, i=1..n)", r"\sum_{i=1}^n k_i", "x <= 1", "x >= 1", "x != 1", "x ≤ 1", ""]
)
def test_no_label(text: str) -> None:
    assert split_label(text, NAMES) == (None, text)


@pytest.mark.parametrize(
    "text",
    [
        "x = y = 3",
        "1 = x",
        "2x = 3",
        "x + y = 3",
        "the answer = 3",
        r"\log Z = 3",
        "log(Z) = 3",
        "exp(z) = 3",
        "J^{-1} = r",
        "D = 1/2",
        r"\theta = 2",
        "1/J = r",
    ],
)
def test_equations_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        split_label(text, NAMES)


HOSTILE = [
    "$" * 500,
    "(" * 900 + "=",
    "x_" * 400 + "=1",
    r"\frac{d" + "{}" * 400 + "=1",
    "|" * 999 + "=1",
    "{" * 900,
    r"\text{" * 200,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_dress_ends(text: str) -> None:
    undress(text)
    try:
        split_label(text, NAMES)
    except Unreadable:
        return
