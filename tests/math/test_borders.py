"""Borders between cases that no rational point lies on: what is told of them from both sides, and what is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.math.decide import close, decide
from grader.math.equality import Verdict, compare
from grader.math.reader import read_expression
from grader.spec import Symbol

SYMBOLS = {
    "x": Symbol(),
    "y": Symbol(),
    "r": Symbol(domain="positive"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer"),
    "D": Symbol(domain="(0, 1)"),
}
NOT_SURE = "not on every border"


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    close()


def judged(first: str, second: str, seed: str = "seed") -> Verdict:
    return compare(read_expression(first, SYMBOLS), read_expression(second, SYMBOLS), SYMBOLS, seed, 2_000_000)


# they differ on the border alone
ON_THE_BORDER = [
    ("[x < sqrt(2)]", "[x <= sqrt(2)]"),
    ("[x > pi]", "[x >= pi]"),
    ("[x^2 < 2]", "[x^2 <= 2]"),
    ("[x^2 < 2]", "[abs(x) <= sqrt(2)]"),
    ("[x^2 + y^2 < 1]", "[x^2 + y^2 <= 1]"),
    ("[x + y < sqrt(2)]", "[x + y <= sqrt(2)]"),
    ("[x < y sqrt(2)]", "[x <= y sqrt(2)]"),
    ("[exp(x) < y]", "[exp(x) <= y]"),
    ("cases(x^2, x > pi, x)", "cases(x^2, x >= pi, x)"),
    # however little they differ there
    ("10^{-30} [x < pi]", "10^{-30} [x <= pi]"),
    ("10^17 x + [x < pi]", "10^17 x + [x <= pi]"),
]


@pytest.mark.parametrize(("first", "second"), ON_THE_BORDER)
def test_what_differs_on_an_irrational_border_alone_is_undecided(first: str, second: str) -> None:
    for seed in ("one", "two"):
        for pair in ((first, second), (second, first)):
            found = judged(*pair, seed)
            assert (found.kind, NOT_SURE in found.reason) == ("undecided", True)


@pytest.mark.parametrize(("first", "second"), ON_THE_BORDER[:3])
def test_nor_is_it_proved(first: str, second: str) -> None:
    assert decide(*(read_expression(text, SYMBOLS) for text in (first, second)), SYMBOLS, "seed").kind == "undecided"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x + [x = sqrt(2)]", "x"),
        ("[x < pi] + [x = pi]", "[x < pi]"),
        ("sign(x^2 - 2)", "2 [x^2 > 2] - 1"),
        # on the border both conditions are other than on either side of it
        ("[x^2 <= 2] - [x < sqrt(2)]", "2 ([x^2 <= 2] - [x < sqrt(2)])"),
        ("cases(1, x < sqrt(2), 5, x <= sqrt(2), 0)", "[x < sqrt(2)]"),
        ("cases(1, x < sqrt(2), 5, x <= sqrt(2), 0)", "[x <= sqrt(2)]"),
        ("[x^2 < 2]", "[-sqrt(2) < x <= sqrt(2)]"),
        # both conditions were seen together before, elsewhere
        ("cases(5, x^2 <= 2 y^2 and x >= sqrt(2) y, 0)", "cases(5, x^2 <= 2 y^2 and x >= sqrt(2) y and y < 0, 0)"),
        # another part of the border was met exactly
        ("[(x - 1) (x^2 - 2) = 0]", "[x = 1]"),
    ],
)
def test_other_differences_there_are_never_called_equal(first: str, second: str) -> None:
    assert judged(first, second).kind != "equal"
    assert judged(second, first).kind != "equal"


EQUAL = [
    # the border is on the same side for both
    ("[x < sqrt(2)]", "1 - [x >= sqrt(2)]"),
    ("[x < sqrt(2)] x", "cases(x, x < sqrt(2), 0)"),
    ("[x < pi] exp(x)", "exp(x) - exp(x) [x >= pi]"),
    ("cases(pi, x < pi, x^2)", "cases(x^2, x >= pi, pi)"),
    ("[x^2 < 2]", "[abs(x) < sqrt(2)]"),
    ("[x^2 + y^2 < 1]", "1 - [1 <= x^2 + y^2]"),
    # or there is no jump
    ("max(x, pi)", "cases(x, x > pi, pi)"),
    ("max(x, pi)", "cases(x, x >= pi, pi)"),
    ("cases(x, x > pi, pi)", "cases(x, x >= pi, pi)"),
    ("cases(x^2 - 2, x^2 > 2, 0)", "cases(x^2 - 2, x^2 >= 2, 0)"),
    ("cases(y, y > x^2, x^2)", "cases(y, y >= x^2, x^2)"),
    ("abs(x^2 - 2)", "cases(x^2 - 2, x^2 > 2, 2 - x^2)"),
    ("10^{-30} max(x, pi)", "10^{-30} cases(x, x > pi, pi)"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL)
def test_what_is_equal_stays_so(first: str, second: str) -> None:
    assert judged(first, second).kind == "equal"
    assert judged(second, first).kind == "equal"


@pytest.mark.parametrize(
    "digits", ["1.414213562373095", "1.4142135623730951", "1.41421356237309504880168872420969807856967"]
)
def test_a_rounded_border_is_another_one(digits: str) -> None:
    found = judged("[x < sqrt(2)]", f"[x < {digits}]")
    assert found.kind == "unequal"
    assert found.values is not None
    assert found.values[0] != found.values[1]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (r"\int_{-1}^1 |t| dt", "1", "equal"),
        (r"\int_0^1 |t - D| dt", "D^2 - D + 1/2", "undecided"),
        # right for n up to m + 100 only, beyond which no sample is
        (r"\int_0^{m + 100} |t - n| dt", "(n^2 + (m + 100 - n)^2)/2", "undecided"),
        (r"\sum_{i=1}^n |i - m|", r"\sum_{i=1}^n |m - i|", "equal"),
        # of two conditions one is about a running index
        (
            "sum(cases(i, i < 3 or x < sqrt(2), 1), i=1..n)",
            "sum(cases(1, i >= 3 and x >= sqrt(2), i), i=1..n)",
            "undecided",
        ),
    ],
)
def test_borders_within_integrals_and_sums(first: str, second: str, kind: str) -> None:
    assert judged(first, second).kind == kind
