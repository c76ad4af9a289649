"""Agreement counts where it is close enough for what the expressions name; what is not that close is left open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.math.canonical import canonical
from grader.math.decide import close, decide
from grader.math.equality import Verdict, compare
from grader.math.properties import _numbers_differ, read_statement
from grader.math.reader import read_expression
from grader.math.sampling import bits_of_long_numbers
from grader.spec import Symbol

SYMBOLS = {"x": Symbol(), "r": Symbol(domain="positive"), "n": Symbol(domain="positive integer")}
ENOUGH = 2_000_000


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    close()


def judged(first: str, second: str, seed: str = "seed") -> Verdict:
    return compare(read_expression(first, SYMBOLS), read_expression(second, SYMBOLS), SYMBOLS, seed, ENOUGH)


# by less than 2^-80, which 128 bits of a quadrature do not show
TINY_IN_INTEGRALS = [
    (r"\int_0^1 t^{1 + 10^{-40}} dt", "1/2"),
    (r"\int_0^1 t^{1 + 10^{-40}} dt", "0.5"),
    (r"x^2 \int_0^1 t^{1 + 10^{-40}} dt", "x^2/2"),
    (r"\int_0^1 t^{r + 10^{-40}} dt", "1/(r + 1)"),
    (r"\int_0^1 t^{\cos(10^{-15})} dt", "1/2"),
    (r"\int_0^1 t^{\cos(\exp(-41))} dt", "1/2"),
    (r"\int_0^{1 + 10^{-40}} \sqrt{t} \, dt", "2/3"),
]


@pytest.mark.parametrize(("first", "second"), TINY_IN_INTEGRALS)
def test_tiny_numbers_in_integrals_are_seen(first: str, second: str) -> None:
    assert judged(first, second).kind == "unequal"
    assert judged(second, first).kind == "unequal"


# by less than the last bits
BEYOND_ALL_BITS = [
    ("r^{1 + 10^{-400}}", "r"),
    ("r^{1 + 10^{-4000}}", "r"),
    ("exp(x (1 + 10^{-400}))", "exp(x)"),
    ("sin(x) (1 + 10^{-400})", "sin(x)"),
    ("cos(x)^2 + sin(x)^2 - (1 + 10^{-400})", "0"),
    ("(r^{1 + 10^{-250}})^{1 - 10^{-250}}", "r"),
    (r"\int_0^1 t^{1 + 10^{-80}} dt", "1/2"),
    (r"\int_0^1 t^{1 + 10^{-400}} dt", "1/2"),
]


@pytest.mark.parametrize(("first", "second"), BEYOND_ALL_BITS)
def test_what_no_precision_shows_is_undecided(first: str, second: str) -> None:
    for pair in ((first, second), (second, first)):
        found = judged(*pair)
        assert found.kind == "undecided"
        assert found.reason
    assert decide(*(read_expression(t, SYMBOLS) for t in (first, second)), SYMBOLS, "seed").kind == "undecided"


@pytest.mark.parametrize("seed", ["457", "1200", "1592"])
def test_some_point_with_a_value_is_looked_at_closely_whatever_the_seed(seed: str) -> None:
    """With these seeds, those that would be all have n = 1, where there is no value."""
    assert judged(r"\frac{r^{1 + 10^{-40}}}{\log n}", r"\frac{r}{\log n}", seed).kind == "unequal"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"\int_0^1 \sqrt{t} \, dt", "2/3"),
        (r"\int_0^1 t^{1/3} dt", "3/4"),
        (r"\int_0^1 t^{\sqrt 2} dt", r"1/(1 + \sqrt 2)"),
        (r"\int_{-1}^1 \sqrt{1 - t^2} \, dt", r"\pi/2"),
        (r"\int_0^1 t^{5/2} dt", "2/7"),
        (r"\int_{-1}^1 \sqrt{t^2} dt", "1"),
        (r"\int_{-1}^2 |t^2 - 1| dt", "8/3"),
        (r"\int_0^1 t^r dt", "1/(r + 1)"),
        (r"\int_0^{10} 0.1 e^{-0.1 t} dt", "1 - e^{-1}"),
        ("0.333333333333 sin(2 x)", "0.666666666666 sin(x) cos(x)"),
        ("10^{100} sin(2 x)", "2 * 10^{100} sin(x) cos(x)"),
        ("(1 + 10^{-100}) (cos(x)^2 + sin(x)^2)", "1 + 10^{-100}"),
    ],
)
def test_what_is_equal_stays_so(first: str, second: str) -> None:
    assert judged(first, second).kind == "equal"
    assert judged(second, first).kind == "equal"


@pytest.mark.parametrize(
    ("text", "bits"), [("x + 3/7", 0), ("x + 10^9", 0), ("x^{1/2^{40}} + 5", 41), ("(2^{40} x + y)/3^{40}", 41 + 64)]
)
def test_bits_of_long_numbers(text: str, bits: int) -> None:
    tree = canonical(read_expression(text, {**SYMBOLS, "y": Symbol()}))
    assert bits_of_long_numbers([tree]) == bits
    assert bits_of_long_numbers([tree, tree]) == 2 * bits


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (r"\int_0^1 \sqrt{t} \, dt != 2/3", "open"),
        (r"\int_0^1 \sqrt{t} \, dt != 3/4", "holds"),
        (r"\int_0^1 t \, dt != 1/2", "fails"),
        ("sqrt(8) != 2 sqrt(2)", "fails"),
    ],
)
def test_numbers_count_as_the_same_where_they_are_known_closely(text: str, kind: str) -> None:
    assert _numbers_differ(read_statement(text, SYMBOLS)).kind == kind
