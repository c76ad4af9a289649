"""Domains and the points drawn from them."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from grader.errors import Unreadable
from grader.math.domains import domain, marked_points, random_point
from grader.math.sampling import sample_points
from tests.math.common import SYMBOLS

WORDS = ["real", "positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer", "positive integer"]
WORDS += [
    "nonnegative integer",
    "(0, 1)",
    "[0, 1]",
    "(-1, 1]",
    "[2, inf)",
    "(-infinity, -3)",
    "integer [0, 5]",
    "(1/3, 0.5)",
]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("real", ["0", "-7/3", "10"], []),
        ("positive", ["1/1000", "8"], ["0", "-1"]),
        ("nonnegative", ["0", "1/2"], ["-1/1000"]),
        ("negative", ["-1/2"], ["0", "1"]),
        ("nonpositive", ["0", "-1"], ["1/9"]),
        ("nonzero", ["1", "-1"], ["0"]),
        ("integer", ["0", "-4"], ["1/2"]),
        ("positive integer", ["1", "7"], ["0", "3/2"]),
        ("nonnegative integer", ["0", "7"], ["-1", "3/2"]),
        ("(0, 1)", ["1/2"], ["0", "1", "2"]),
        ("[0,1]", ["0", "1"], ["-1/9", "10/9"]),
        ("( 0 , 1 ]", ["1"], ["0"]),
        ("[2, inf)", ["2", "99"], ["1"]),
        ("integer [0, 5]", ["0", "5"], ["6", "1/2"]),
        ("(0.5, 3/4)", ["2/3"], ["1/2", "3/4"]),
    ],
)
def test_membership(text: str, inside: list[str], outside: list[str]) -> None:
    found = domain(text)
    assert all(Fraction(x) in found for x in inside)
    assert not any(Fraction(x) in found for x in outside)


@pytest.mark.parametrize(
    "text", ["", "Real", "posit", "(1, 0)", "(1, 1)", "(0 1)", "(a, b)", "[0, 1", "real positive", "(0,1)²"]
)
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"domain|order"):
        domain(text)


@pytest.mark.parametrize("text", WORDS)
def test_every_point_lies_inside(text: str) -> None:
    found, rng = domain(text), random.Random(1)
    points = [random_point(found, rng) for _ in range(200)] + marked_points(found)
    assert all(point in found for point in points)
    assert len(set(points)) >= (6 if found.integer else 150)


@pytest.mark.parametrize(("text", "near"), [("(0, 1)", [0, 1]), ("positive", [0]), ("[2, inf)", [2]), ("nonzero", [0])])
def test_marked_points_come_near_the_ends(text: str, near: list[int]) -> None:
    points = marked_points(domain(text))
    assert all(any(abs(point - end) <= 1 for point in points) for end in near)


@pytest.mark.parametrize("text", ["real", "positive", "negative", "[2, inf)"])
def test_random_points_lie_near_and_far(text: str) -> None:
    rng = random.Random(1)
    sizes = [abs(random_point(domain(text), rng)) for _ in range(200)]
    assert min(sizes) < 3
    assert max(sizes) > 1000


def test_marked_integers_are_consecutive() -> None:
    assert marked_points(domain("positive integer")) == [1, 2, 3, 4, 5, 6, 7]
    assert {0, -1, 1, 2} <= set(marked_points(domain("integer")))


def test_signs() -> None:
    assert domain("positive").positive
    assert domain("(0, 1)").positive
    assert domain("positive integer").positive
    assert not domain("nonnegative").positive
    assert domain("nonnegative").nonnegative
    assert not domain("real").nonnegative


def test_points_depend_on_the_seed_alone() -> None:
    first = [point.variables for point in sample_points(SYMBOLS, "a", [])]
    assert first == [point.variables for point in sample_points(SYMBOLS, "a", [])]
    assert first != [point.variables for point in sample_points(SYMBOLS, "b", [])]


def test_points_keep_their_order_and_their_domains() -> None:
    domains = {name: domain(symbol.domain) for name, symbol in SYMBOLS.items()}
    for point in sample_points(SYMBOLS, "seed", [Fraction(5), Fraction(-2)]):
        assert point.variables["m"] < point.variables["n"]
        assert all(value in domains[name] for name, value in point.variables.items())


def test_both_sides_of_a_named_constant_are_sampled() -> None:
    drawn = {point.variables["r"] for point in sample_points({"r": SYMBOLS["r"]}, "seed", [Fraction(50)])}
    assert any(49 < r < 50 for r in drawn)
    assert Fraction(50) in drawn
    assert any(50 < r < 51 for r in drawn)


def test_both_sides_of_a_named_integer_are_sampled() -> None:
    drawn = {point.variables["n"] for point in sample_points({"n": SYMBOLS["n"]}, "seed", [Fraction(-50)])}
    assert {49, 50, 51} <= drawn


def test_large_integers_are_sampled_too() -> None:
    drawn = {point.variables["n"] for point in sample_points({"n": SYMBOLS["n"]}, "seed", [])}
    assert min(drawn) < 4
    assert max(drawn) > 7
