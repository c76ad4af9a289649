"""Symbols from words: what authors type in a shell and in files of pairs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.declaring import declared, plain_name, read_symbols, to_words
from grader.math.domains import domain
from grader.spec import Symbol

PAIRS = json.loads((Path(__file__).parent.parent / "data" / "expression_pairs.json").read_text())["pairs"]


def read(text: str) -> dict[str, dict[str, Any]]:
    return {name: symbol.model_dump(exclude_defaults=True) for name, symbol in read_symbols(text).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("r: positive, p_XY: 2 arguments", {"r": {"domain": "positive"}, "p_XY": {"arity": 2}}),
        ("D: (0,1)", {"D": {"domain": "(0,1)"}}),
        ("D: (0, 1), E: [0, inf)", {"D": {"domain": "(0, 1)"}, "E": {"domain": "[0, inf)"}}),
        ("k: positive integer family", {"k": {"domain": "positive integer", "family": True}}),
        ("k: family", {"k": {"family": True}}),
        ("p: function of 1 argument, positive", {"p": {"arity": 1, "domain": "positive"}}),
        ("p: function", {"p": {"arity": 1}}),
        ("f: function of 2 arguments, (0, 1), x: real", {"f": {"arity": 2, "domain": "(0, 1)"}, "x": {}}),
        (
            "n: nonnegative integer; k: integer 0..n",
            {"n": {"domain": "nonnegative integer"}, "k": {"domain": "nonnegative integer", "up_to": "n"}},
        ),
        ("i: 1..6", {"i": {"domain": "integer [1, 6]"}}),
        (
            "m: positive integer, below n, n: positive integer",
            {"m": {"domain": "positive integer", "below": "n"}, "n": {"domain": "positive integer"}},
        ),
        ("x: vector of 3, y: real", {"x": {"shape": ("3",)}, "y": {}}),
        ("y: positive vector of 2", {"y": {"domain": "positive", "shape": ("2",)}}),
        ("A: positive matrix 2 x 3", {"A": {"domain": "positive", "shape": ("2", "3")}}),
        ("n: positive integer\nA: matrix n by n", {"n": {"domain": "positive integer"}, "A": {"shape": ("n", "n")}}),
        (r"\theta: real", {"theta": {}}),
        (r"p_{X,Y}: 2 arguments, positive", {"p_XY": {"arity": 2, "domain": "positive", "latex": "p_{X,Y}"}}),
        (r"\mu_y: real, \mathbf{z}: positive", {"mu_y": {"latex": r"\mu_y"}, "z": {"domain": "positive"}}),
        ("  r :  positive  ", {"r": {"domain": "positive"}}),
    ],
)  # fmt: skip
def test_words(text: str, expected: dict[str, dict[str, Any]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("r", "'r' is no declaration; expected a name, a colon"),
        ("positive r: real", "'positive r' is no declaration|no declaration"),
        ("r: positve", "did you mean 'positive'"),
        ("r: real, r: positive", "`r` is declared twice"),
        (r"theta: real, \theta: positive", "`theta` is declared twice"),
        ("r: real, positive", "tells the domain of `r` twice"),
        ("r:", "nothing stands behind `r:`"),
        ("r: , x: real", "nothing stands behind `r:`"),
        ("p: 9 arguments", "1 to 8 arguments"),
        ("p: 0 arguments", "1 to 8 arguments"),
        ("k: integer 0..n", "`k` names `n`, which is not declared"),
        ("A: matrix n x n", "`A` names `n`, which is not declared"),
        ("n: real, A: vector of n", "expected `n: positive integer`"),
        ("m: integer, below m", "`m` names `m`"),
        ("log: real", "`log` is no name that can be declared"),
        ("x: (3, 1)", "`x: (3, 1)` is not understood"),
        ("x: matrix 2", "is not understood"),
        ("import os: real", "no declaration"),
    ],
)
def test_bad_words_are_named(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_symbols(text)
    assert any(part in str(caught.value) for part in said.split("|"))


@pytest.mark.parametrize(
    "text",
    [
        "r: positive, p_XY: 2 arguments, theta: real",
        "p_{X,Y}: 2 arguments, (0, 1), k: positive integer family",
        "n: positive integer, m: positive integer, below n, k: nonnegative integer, at most n",
        "n: positive integer, x: vector of n, A: matrix n x 2, z: vector of 3, positive family",
        "i: integer [1, 6], D: [0, 1)",
    ],
)
def test_the_words_of_symbols_are_read_back(text: str) -> None:
    symbols = read_symbols(text)
    assert read_symbols(to_words(symbols)) == symbols


def test_files_of_pairs_are_understood() -> None:
    assert PAIRS
    for pair in PAIRS:
        for name, symbol in declared(pair["symbols"]).items():
            assert isinstance(symbol, Symbol)
            assert name.replace("_", "").isalnum()
            assert domain(symbol.domain)


def test_up_to_is_at_most_and_not_below() -> None:
    symbol = declared({"k": "integer 0..n", "n": "nonnegative integer"})["k"]
    assert (symbol.up_to, symbol.below) == ("n", None)


@pytest.mark.parametrize(
    ("written", "name"),
    [(r"\theta", "theta"), ("p_{X,Y}", "p_XY"), (r"\mathbf{z}", "z"), ("x_1", "x_1"), (r"\mu_{y}", "mu_y")],
)
def test_names_in_latex(written: str, name: str) -> None:
    assert plain_name(written) == name


@given(st.text(alphabet="rxn_:;,. \\{}()[]01positive integer family arguments\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Unreadable):
        read_symbols(text)
