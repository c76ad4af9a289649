"""Sets by relations and intervals, compared exactly."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Undecided, Unreadable
from grader.math.domains import domain
from grader.math.regions import compare_regions, read_region, region_to_latex
from grader.spec import Symbol

X = {"x": Symbol()}


def compared(first: str, second: str, inside: str = "real"):
    return compare_regions(read_region(first, "x", X), read_region(second, "x", X), "x", domain(inside))


SAME = [
    ("0 < x < 1", "(0, 1)", "real"),
    ("0 < x < 1", "x > 0 and x < 1", "real"),
    ("0 < x < 1", "x > 0, x < 1", "real"),
    ("0 < x < 1", r"\{x : 0 < x < 1\}", "real"),
    ("0 < x < 1", r"\{x \mid 1 > x > 0\}", "real"),
    ("0 < x < 1", r"x \in (0, 1)", "real"),
    ("0 < x < 1", "1/x > 1", "real"),
    ("0 < x < 1", "x^2 < x", "real"),
    ("0 < x < 1", "(0, 1/2) ∪ [1/2, 1)", "real"),
    ("0 < x < 1", "0 < x < 1/2 or 1/2 <= x < 1", "real"),
    ("0 < x < 1", "x < 1", "positive"),
    ("x < 1", "2x < 2", "real"),
    ("x < 1", r"(-\infty, 1)", "real"),
    ("x < 1", "(-inf, 1)", "real"),
    ("x >= 0", "[0, ∞)", "real"),
    ("x^2 < 2", "x^4 < 4", "real"),
    ("x^2 >= 0", "x = x", "real"),
    ("x < x", "(2, 1)", "real"),
    ("x != 0", "x < 0 or x > 0", "real"),
    ("x != 0", "x = x", "nonzero"),
    ("x = x", "0 < x < 1", "(0, 1)"),
    ("x < 1/2", "1/(1-x) < 1/x", "(0, 1)"),
    ("(x-1)(x-2)(x-3) > 0", "(1,2) cup (3, inf)", "real"),
    ("abs(x) < 1", "-1 < x < 1", "real"),
    ("|x - 1| >= 2", "x <= -1 or x >= 3", "real"),
]
DIFFERENT = [
    ("x < 1", "x <= 1", True),
    ("(0, 1)", "[0, 1)", True),
    ("x^2 < 2", "x^2 <= 2", True),
    ("x < 1", "x > 1", False),
    ("x < 1", "x < 2", False),
    ("x < 1", "x < 1 + 10^(-30)", False),
    ("1/x > 1", "x < 1", False),
    ("x^2 < 4", "x < 2", False),
    ("x > 0 and x < 1", "x > 0 or x < 1", False),
    ("x^2 < 2", "x^2 < 1.99999999", False),
    ("x = x", "x > -10^20", False),
]


@pytest.mark.parametrize(("first", "second", "inside"), SAME)
def test_same(first: str, second: str, inside: str) -> None:
    assert compared(first, second, inside).equal
    assert compared(second, first, inside).equal


@pytest.mark.parametrize(("first", "second", "at_end"), DIFFERENT)
def test_different(first: str, second: str, at_end: bool) -> None:
    found, turned = compared(first, second), compared(second, first)
    assert not found.equal
    assert found.at_end == turned.at_end == at_end
    assert found.in_first != turned.in_first


def test_the_witness_lies_in_one_of_the_two() -> None:
    found = compared("x < 1", "x < 2")
    assert 1 <= Fraction(found.witness) < 2
    assert not found.in_first


def test_the_witness_is_a_number_that_a_person_would_name() -> None:
    assert len(compared("x < 0.999", "x < 1").witness or "") < 12


@pytest.mark.parametrize("text", ["sqrt(x) < 1", "log(x) < 0", "x < sqrt(2)", "x < pi", "x^41 < 1", "2^x < 2"])
def test_what_is_not_rational_is_undecided(text: str) -> None:
    with pytest.raises(Undecided):
        compared(text, "x < 1")


def test_infinity_against_infinity_is_undecided() -> None:
    with pytest.raises(Undecided):
        compared("inf < inf", "x < 1")


def test_integers_are_undecided() -> None:
    with pytest.raises(Undecided):
        compared("x < 1", "x < 2", "positive integer")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1",
        "x <",
        "< 1",
        "(0, 1",
        "(0 1)",
        "0, 1)",
        "]0, 1[",
        "{x}",
        "x in",
        "y < 1",
        "x < 1 or",
        "()",
        "not x < 1",
        "x < 1)",
        "x << 1",
        "(0, 1, 2)",
        "x =< 1",
        "{y : y < 1}",
        "x in (0, 1) (2, 3)",
        "about 1",
        "x < 1 < ",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_region(text, "x", X)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("0<x<=1/2", r"0 < x \le \frac{1}{2}"),
        ("(0, 1]", r"0 < x \le 1"),
        ("x<0 or x>1", r"x < 0 \text{ or } x > 1"),
        ("x != 2", r"x \ne 2"),
        (r"(-\infty, 0)", r"-\infty < x < 0"),
    ],
)
def test_prints(text: str, latex: str) -> None:
    assert region_to_latex(read_region(text, "x", X), X) == latex


def test_the_echo_keeps_the_brackets_of_an_or() -> None:
    text = "(x < 0 or x > 1) and x < 2"
    assert region_to_latex(read_region(text, "x", X), X) != region_to_latex(
        read_region("x<0 or x>1 and x<2", "x", X), X
    )


# --- membership agrees with direct evaluation ---

RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
SIDES = {
    "x": lambda x: x,
    "1": lambda x: Fraction(1),
    "x^2 - 2": lambda x: x * x - 2,
    "1/x": lambda x: 1 / x,
    "(x-1)/(x+2)": lambda x: (x - 1) / (x + 2),
    "2x - 1/2": lambda x: 2 * x - Fraction(1, 2),
    "x^3": lambda x: x**3,
}
relations = st.tuples(
    st.sampled_from(sorted(SIDES)), st.sampled_from(sorted(RELATIONS)), st.sampled_from(sorted(SIDES))
)


def holds(relation: tuple[str, str, str], x: Fraction) -> bool:
    left, sign, right = relation
    try:
        return bool(RELATIONS[sign](SIDES[left](x), SIDES[right](x)))
    except ZeroDivisionError:
        return False


@settings(max_examples=250)
@given(
    st.lists(relations, min_size=1, max_size=3), st.sampled_from(["and", "or"]), st.fractions(-4, 4, max_denominator=9)
)
def test_membership_agrees_with_evaluation(parts: list[tuple[str, str, str]], how: str, x: Fraction) -> None:
    text = f" {how} ".join(" ".join(part) for part in parts)
    inside = (all if how == "and" else any)(holds(part, x) for part in parts)
    alone = f"x = {x}"
    within = read_region(f"({text}) and {alone}", "x", X)
    assert compare_regions(within, read_region(alone, "x", X), "x", domain("real")).equal == inside
    assert compare_regions(within, read_region("x < x", "x", X), "x", domain("real")).equal != inside


@settings(max_examples=150)
@given(relations, relations)
def test_a_reported_witness_separates(first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    found = compared(" ".join(first), " ".join(second))
    places = [Fraction(n, 7) for n in range(-40, 41)]
    if found.equal:
        assert all(holds(first, x) == holds(second, x) for x in places)
    elif not found.at_end and "." not in str(found.witness):  # an irrational root is shown rounded
        x = Fraction(found.witness)
        assert holds(first, x) == found.in_first
        assert holds(second, x) != found.in_first
