"""Attempts to have a wrong expression called equal, a right one unequal, or to stop the grader; each once succeeded."""

from __future__ import annotations

import pytest

from grader.checkers import judge
from grader.errors import Unreadable
from grader.keys import ItemKey
from grader.math.equality import compare
from grader.math.reader import read_expression
from grader.spec import Symbol
from grader.submission import Response
from tests.course import real_course

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "theta": Symbol(domain="real"),
    "D": Symbol(domain="(0, 1)"),
    "N": Symbol(domain="positive integer"),
    "T": Symbol(domain="positive integer"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer", below="n"),
    "k": Symbol(domain="positive integer", family=True),
}


def verdict(first: str, second: str, seed: str = "seed") -> str:
    return compare(read_expression(first, SYMBOLS), read_expression(second, SYMBOLS), SYMBOLS, seed, 200_000).kind


Y = "(T-7(N+5)^3)"
NOT_EQUAL = [
    # variable capture between canonical forms
    (r"|-\sum_{j=1}^{n} |-\sum_{l=1}^{m} k_{j+l}||", r"\sum_{j=1}^n\sum_{l=1}^m k_{2l}"),
    # kinks behind powers, logarithms and inverse functions
    (f"N + ({Y}^2)^{{1/2}} + {Y}", "N"),
    (rf"N + \sqrt[2]{{{Y}^2}} + {Y}", "N"),
    (f"N + ({Y}^4)^{{1/4}} + {Y}", "N"),
    (f"N + exp(1/2*log({Y}^2)) + {Y}", "N"),
    (f"N ((-{Y})^2)^{{-0.5}}(-{Y})", "N"),
    (rf"N\frac{{2}}{{\pi}}(\arctan(-{Y})+\arctan(-1/{Y}))", "N"),
    ("r + ((r-e^{20})^2)^{1/2} + r - e^{20}", "r"),
    ("-1/(1-D)*((D-e^{-12})^2)^{1/2}/(D-e^{-12})", "-1/(1-D)"),
    (r"\prod_{i=1}^n k_i + ((n-7(k_1+5)^3)^2)^{1/2}+(n-7(k_1+5)^3)", r"\prod_{i=1}^n k_i"),
    ("r + sqrt((theta-7)^2) + theta - 7", "r"),
    ("r + sqrt(theta^2-14theta+49) + theta - 7", "r"),
    ("1000*arccos(cos(r/1000))", "r"),
    # branches that are taken, but never together
    ("N max(sign(T-e), sign(2*pi+2-N))", "N"),
    ("N max(sign(T-e), sign(100-N))", "N"),
    # more constants than are tried
    ("r + 0*(2+3+4+5+6+7+8+9+10+11+12+13) + ((r-10^9)^2)^{1/2} + r - 10^9", "r"),
    # what saturates, cancels or is far below the resolution
    (r"N\sinh(1000)/\cosh(1000)", "N"),
    (r"N+(\cosh(500)-\sinh(500))", "N"),
    ("r + exp(-1000)", "r"),
    ("r*tanh(1000)", "r"),
    # thresholds in sums, products and powers of zero
    (r"\prod_{i=1}^n k_i + \sum_{j=1}^{n-200} 1", r"\prod_{i=1}^n k_i"),
    (r"\prod_{i=1}^n k_i + \prod_{j=1}^{18}(k_1-j)", r"\prod_{i=1}^n k_i"),
    (r"N + \prod_{i=1}^{30}(T-i)", "N"),
    ("N + 0^{(T-77)^2}", "N"),
    # dots that do not go one by one
    (r"1+2+\cdots+n", "n^2"),
]


@pytest.mark.parametrize(("first", "second"), NOT_EQUAL, ids=[first for first, _ in NOT_EQUAL])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_never_called_equal(first: str, second: str, seed: str) -> None:
    assert verdict(first, second, seed) != "equal"


EQUAL = [
    (r"|-\sum_{j=1}^{n} |-\sum_{l=1}^{m} k_{j+l}||", r"\sum_{j=1}^n\sum_{l=1}^m k_{j+l}"),
    (r"\sqrt{(\sum_{j=1}^n \sqrt{(\sum_{l=1}^m k_{j+l})^2})^2}", r"\sum_{j=1}^n\sum_{l=1}^m k_{j+l}"),
    (r"|-r\sin^2\theta - r\cos^2\theta|", "r"),
    (r"r\frac{\theta}{\theta}", "r"),
    (r"\prod_{1\le i\le n} k_i", r"\prod_{i=1}^n k_i"),
    (r"\prod_{0 < i < n+1} k_i", r"\prod_{i=1}^n k_i"),
    (r"k_n k_{n-1} \cdots k_1", r"\prod_{i=1}^n k_i"),
    (r"\sqrt{r^2}", "r"),
    ("(r^4)^{1/4}", "r"),
    ("exp(1/2*log(r^2))", "r"),
    (r"\sqrt{4 r^2}/2", "r"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL, ids=[first for first, _ in EQUAL])
@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_called_equal(first: str, second: str, seed: str) -> None:
    assert verdict(first, second, seed) == "equal"


@pytest.mark.parametrize(
    "text",
    [
        r"1+3+5+\cdots+(2n-1)", r"2+4+\cdots+2n", r"1+4+9+\cdots+n^2", r"k_1 k_3\cdots k_{2n-1}",
        r"k_1 + k_2 - \cdots + k_n",
        "2^{3}!", "3½", r"\prod^{n k_i - 1", r"\prod^(n", "prod^", "r⁻", "r²⁻³", r"\prod_{i \ge 1} k_i",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_expression(text, SYMBOLS)


@pytest.mark.parametrize(
    "text",
    [
        r"e^{0^0}", r"\cos(0^0)", r"r^{e^{0^0}-e}", "10^1000*10^1000*10^1000*10^1000*10^1000*r",
        "r + " + "9e400*" * 12 + "1",
        "((10^400)^64)^64", "r+(((3^64)^64)^64)^64", r"\sqrt{((r^64)^64)^64-1}", r"\cos((((r^64)^64)^64-1)/(r-1))",
        r"\sqrt{(r^64)^64-1}", r"\sum_{i=1}^{400} 1/(2^{900}+i)^9", r"\sum_{i=1}^{300}\sum_{j=1}^{80} 1/(i+j)",
        r"\sum_{i=1}^{400}\sum_{j=1}^{n}(k_i/k_j)^{1/3}", r"\sum_{i=1}^{400} (i/7)!", "(-1)^{sqrt(4)}",
    ],
)  # fmt: skip
def test_heavy_ones_end_without_being_equal(text: str) -> None:
    assert verdict(text, "r") != "equal"


@pytest.mark.parametrize(
    ("item", "text", "statuses"),
    [
        ("7c", "(((T^64)^64)^64)^64 < 1", {"review"}),
        ("7c", "{0, 1)", {"malformed"}),
        ("7c", "T<1 T>0", {"malformed"}),
        ("4a", "0,067", {"malformed"}),
        ("4a", "20/3%", {"malformed"}),
        ("4a", "1/1500%", {"malformed"}),
        ("4a", "(20/3)%", {"correct"}),
        ("4a", r"\frac{20}{3}\%", {"correct"}),
        ("4a", "1/(1500%)", {"correct"}),
        ("4a", "2" + r"\\" * 900, {"malformed", "incorrect"}),
        ("4a", "a" + "," * 1900, {"malformed"}),
        ("4b", "no" + " " * 900 + "," * 900, {"correct"}),
        ("5b", "z_1, z_{T-46}, " + "(z_1,x_1)," * 80 + " …, z_T", {"malformed", "incorrect"}),
    ],
)
def test_in_the_items_of_the_midterm(item: str, text: str, statuses: set[str]) -> None:
    assert judged("midterm", item, text) in statuses


@pytest.mark.parametrize(
    "text",
    [r"\det(J) = r", r"|\det(J)| = r", "det(J)=r", r"\mathrm{det}(J) = r", r"\det\left(J\right)=r"],
)
def test_a_determinant_is_a_label(text: str) -> None:
    assert judged("midterm", "4d", text, "jacobian") == "correct"


@pytest.mark.parametrize("text", [r"\sin(J) = r", r"\log J = r", "J^{-1} = r", r"\frac{d" + " " * 1800 + "x^2} {} = r"])
def test_what_was_done_to_a_name_is_no_label(text: str) -> None:
    assert judged("midterm", "4d", text, "jacobian") == "malformed"


def judged(assignment: str, item: str, text: str, field: str = "answer") -> str:
    course = real_course()
    found = next(i for i in course.assignments[assignment].items if i.id == item)
    key = course.keys[assignment][item]
    spec = found.field(field)
    assert isinstance(key, ItemKey)
    assert spec is not None
    mistakes = [mistake for mistake in key.mistakes if mistake.field == field]
    return judge(spec, key.fields[field], mistakes, Response(text=text)).status
