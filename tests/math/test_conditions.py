"""Conditions that count as 0 or 1, and pieces of a function: every notation, what is equal, what may stay hidden."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.book import Book, switching
from grader.math.canonical import canonical
from grader.math.decide import close, decide
from grader.math.domains import domain
from grader.math.equality import Verdict, compare
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.reader import read_expression
from grader.math.sampling import named_constants, sample_points
from grader.math.tree import ONE, Add, Apply, Expression, Multiply, Number, Variable, negate
from grader.math.values import Undefined, Value, precision
from grader.spec import Symbol
from tests.math.common import number

SYMBOLS = {
    "x": Symbol(),
    "y": Symbol(),
    "r": Symbol(domain="positive"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer"),
    "D": Symbol(domain="(0, 1)"),
}
SEED = "s"
X, Y = Variable("x"), Variable("y")


@pytest.fixture(scope="module", autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    close()


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def judged(first: str, second: str) -> Verdict:
    return compare(read(first), read(second), SYMBOLS, SEED)


def at(text: str, **values: Fraction | int) -> Value:
    domains = {name: domain(symbol.domain) for name, symbol in SYMBOLS.items()}
    with precision(128):
        return evaluate(read(text), Point({n: Fraction(v) for n, v in values.items()}, "seed", domains), Book())


# --- notation ---

ABOVE = Apply("less", (number(0), X))
INDICATORS = [
    "[x > 0]",
    "[0 < x]",
    "[ x>0 ]",
    r"\left[x > 0\right]",
    r"[x \gt 0]",
    "1[x > 0]*1",
    r"\mathbb{1}[x > 0]",
    r"\mathbb{1}(x > 0)",
    r"\mathbb{1}\{x > 0\}",
    r"\mathbb{1}\left\{x > 0\right\}",
    r"\mathbb{1}_{x > 0}",
    r"\mathbb{1}_{[x > 0]}",
    r"\mathbb{1}_{\{x > 0\}}",
    r"\mathbb{1}_{(x > 0)}",
    r"\mathbb 1_{x>0}",
    r"\mathbbm{1}[x > 0]",
    r"\mathds{1}_{x > 0}",
    r"\mathbf{1}_{\{x>0\}}",
    r"\mathbf{1}[x>0]",
    "𝟙[x > 0]",
    "𝟙_{x > 0}",
    "1_{x > 0}",
    r"1_{\{x > 0\}}",
    r"1\{x > 0\}",
    "I(x > 0)",
    "I[x > 0]",
    r"I\{x > 0\}",
    r"\mathbb{I}(x > 0)",
    r"\mathbb{I}[x > 0]",
    "indicator(x > 0)",
    "indicator[x > 0]",
    r"\operatorname{indicator}(x > 0)",
]
RELATIONS = [
    ("[x < y]", Apply("less", (X, Y))),
    ("[x > y]", Apply("less", (Y, X))),
    ("[x <= y]", Apply("atmost", (X, Y))),
    (r"[x \le y]", Apply("atmost", (X, Y))),
    (r"[x \leq y]", Apply("atmost", (X, Y))),
    (r"[x \leqslant y]", Apply("atmost", (X, Y))),
    ("[x ≤ y]", Apply("atmost", (X, Y))),
    ("[x >= y]", Apply("atmost", (Y, X))),
    (r"[x \ge y]", Apply("atmost", (Y, X))),
    ("[x ≥ y]", Apply("atmost", (Y, X))),
    ("[x = y]", Apply("same", (X, Y))),
    ("[x == y]", Apply("same", (X, Y))),
    ("[x != y]", Add((ONE, negate(Apply("same", (X, Y)))))),
    (r"[x \ne y]", Add((ONE, negate(Apply("same", (X, Y)))))),
    (r"[x \neq y]", Add((ONE, negate(Apply("same", (X, Y)))))),
    ("[x ≠ y]", Add((ONE, negate(Apply("same", (X, Y)))))),
    ("[0 < x < y]", Multiply((ABOVE, Apply("less", (X, Y))))),
    ("[0 < x <= y < 3]", Multiply((ABOVE, Apply("atmost", (X, Y)), Apply("less", (Y, number(3)))))),
    ("[y > x > 0]", Multiply((Apply("less", (X, Y)), ABOVE))),
    ("[x > 0 and y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    (r"[x > 0 \land y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    (r"[x > 0 \wedge y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    (r"[x > 0 \text{ and } y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    ("[x > 0 ∧ y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    ("[x > 0 && y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
    ("[x > 0 or y > x]", Apply("max", (ABOVE, Apply("less", (X, Y))))),
    (r"[x > 0 \lor y > x]", Apply("max", (ABOVE, Apply("less", (X, Y))))),
    ("[x > 0 ∨ y > x]", Apply("max", (ABOVE, Apply("less", (X, Y))))),
]
STEP = Apply("cases", (X, ABOVE, Y))
PIECES = [
    "cases(x, x > 0, y)",
    "cases(x, 0 < x, y)",
    "cases(x, [x > 0], y)",
    "piecewise(x, x > 0, y)",
    "x if x > 0 else y",
    "(x if x > 0 else y)",
    "x if [x > 0] else y".replace("[x > 0]", "x > 0"),
    r"x \text{ if } x > 0 \text{ else } y",
    r"\begin{cases} x & x > 0 \\ y & \text{otherwise} \end{cases}",
    r"\begin{cases} x & \text{if } x > 0 \\ y & \text{otherwise} \end{cases}",
    r"\begin{cases} x & \text{if $x > 0$} \\ y & \text{otherwise} \end{cases}".replace("if $x > 0$}", "if } x > 0"),
    r"\begin{cases} x & \text{for } x > 0 \\ y & \text{else} \end{cases}",
    r"\begin{cases} x & \text{when } x > 0 \\ y & \mathrm{otherwise} \end{cases}",
    r"\begin{cases} x & \text{where } x > 0 \\ y & \textrm{else} \end{cases}",
    r"\begin{cases} x, & x > 0 \\ y, & \text{otherwise} \end{cases}",
    r"\begin{cases} x, & x > 0, \\ y, & \text{otherwise} \end{cases}",
    r"\begin{cases} x & x > 0; \\ y & \text{otherwise} \end{cases}",
    r"\begin{cases} x & x > 0 \\[4pt] y & \text{otherwise} \end{cases}",
    r"\begin{cases} x & x > 0 \\ y & \text{otherwise} \\ \end{cases}",
    r"\begin{cases}x&x>0\\y&\text{otherwise}\end{cases}",
    r"\left(\begin{cases} x & x > 0 \\ y & \text{otherwise} \end{cases}\right)",
]


@pytest.mark.parametrize("text", INDICATORS)
def test_indicator(text: str) -> None:
    assert canonical(read(text)) == ABOVE


@pytest.mark.parametrize(("text", "tree"), RELATIONS)
def test_relation(text: str, tree: Expression) -> None:
    assert read(text) == tree


@pytest.mark.parametrize("text", PIECES)
def test_pieces(text: str) -> None:
    assert read(text) == STEP


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{cases} x, & x > 0, \\ y, & \text{otherwise.} \end{cases}",
        r"\begin{cases} x, & x > 0, \\ y, & \text{otherwise}. \end{cases}",
        r"\begin{cases} x & x > 0 \\ y & \text{else}. \end{cases}",
    ],
)
def test_pieces_that_end_in_a_full_stop(text: str) -> None:
    assert read(text) == STEP


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{cases} x \text{ if } x > 0 \\ y \text{ otherwise} \end{cases}",
        r"\begin{cases} x \text{ if } x > 0, \\ y \text{ else} \end{cases}",
        r"\begin{cases} x, \quad x > 0 \\ y, \quad \text{otherwise} \end{cases}",
    ],
)
def test_pieces_without_columns(text: str) -> None:
    assert read(text) == STEP


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("[[x > 0] and y > x]", Multiply((ABOVE, Apply("less", (X, Y))))),
        ("[[x > 0] or [y > x]]", Apply("max", (ABOVE, Apply("less", (X, Y))))),
        ("[x > 0 and [y > x]]", Multiply((ABOVE, Apply("less", (X, Y))))),
        ("cases(x, [x > 0] and y > x, y)", Apply("cases", (X, Multiply((ABOVE, Apply("less", (X, Y)))), Y))),
    ],
)
def test_conditions_in_brackets_are_joined(text: str, tree: Expression) -> None:
    assert read(text) == tree


def test_and_binds_tighter_than_or() -> None:
    a, b, c = ABOVE, Apply("less", (number(0), Y)), Apply("less", (Y, X))
    assert read("[x > 0 or y > 0 and y < x]") == Apply("max", (a, Multiply((b, c))))
    assert read("[x > 0 and y > 0 or y < x]") == Apply("max", (Multiply((a, b)), c))


def test_more_pieces_keep_their_order() -> None:
    less = [Apply("less", (X, number(n))) for n in (0, 1)]
    tree = Apply("cases", (number(5), less[0], X, less[1], Y))
    assert read("cases(5, x < 0, x, x < 1, y)") == tree
    assert read(r"\begin{cases} 5 & x < 0 \\ x & x < 1 \\ y & \text{else} \end{cases}") == tree
    nested = Apply("cases", (number(5), less[0], Apply("cases", (X, less[1], Y))))
    assert read("5 if x < 0 else x if x < 1 else y") == nested


def test_the_rest_may_be_left_out() -> None:
    assert read("cases(x, x > 0)") == Apply("cases", (X, ABOVE))
    tree = read(r"\begin{cases} x & x > 0 \\ y & x \le 0 \end{cases}")
    assert tree == Apply("cases", (X, ABOVE, Y, Apply("atmost", (X, number(0)))))


def test_an_indicator_stands_among_factors() -> None:
    assert canonical(read("2 x [x > 0] y")) == canonical(Multiply((number(2), X, ABOVE, Y)))
    assert read(r"x \mathbb{1}[x > 0] + y") == Add((Multiply((X, ABOVE)), Y))
    assert read("-[x > 0]^2") == negate(read("[x > 0]^2"))


REFUSED = [
    ("x > 0", 2, "without a relation"),
    ("(x > 0)", 3, "square brackets"),
    ("{x > 0}", 3, "square brackets"),
    ("1(x > 0)", 4, "square brackets"),
    ("[x > ]", 5, "a number, a name"),
    ("[> 0]", 1, "a number, a name"),
    ("[x > 0", 6, r"`\]`"),
    ("[x > 0)", 6, r"`\]`"),
    ("[x > 0 and]", 10, "a number, a name"),
    ("[x > 0 and y]", 12, "a relation"),
    ("[x > 0 or y]", 11, "a relation"),
    ("[x and y]", 3, r"`\]`"),
    ("[x > 0, y > 0]", 6, r"`\]`"),
    ("[not x > 0]", 1, "no name known"),
    ("[x in (0, 1)]", 3, r"`\]`"),
    ("1_x", None, None),
    ("1_{x}", None, None),
    (r"\mathbb{1}", 10, "a condition in brackets"),
    (r"\mathbb{1}[x]", 12, "a relation"),
    (r"\mathbb{1}[x > 0)", 16, r"`\]`"),
    (r"\mathbb{1}_{x > 0]", 17, r"`}`"),
    ("indicator", 9, "a condition in brackets"),
    ("1 if x > 0", 10, "`else` and the other value"),
    ("1 if x else 0", 7, "a relation"),
    ("1 if x > 0 else", 15, "a number, a name"),
    ("if x > 0", 0, "no name known"),
    ("cases(1, x, 0)", 9, "a condition such as"),
    ("cases()", 6, "a number, a name"),
    ("cases(1)", 8, "a value and its condition"),
    ("cases(1, x > 0", 14, r"`\)`"),
    ("cases(1, x > 0, 2, 3)", None, "a condition such as"),
    ("cases(1, x > 0, (1, 2))", None, "one shape"),
    (r"\begin{cases} \end{cases}", None, "a value and its condition"),
    (r"\begin{cases} 1 \end{cases}", None, None),
    (r"\begin{cases} 1 & \text{otherwise} \end{cases}", None, "a value and its condition"),
    (r"\begin{cases} 1 & x \\ 0 & \text{otherwise} \end{cases}", 20, "a relation"),
    (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise}", 47, r"`\\end\{cases\}`"),
    (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \\ 2 & x < 0 \end{cases}", None, r"`\\end\{cases\}`"),
]


@pytest.mark.parametrize(("text", "position", "said"), REFUSED)
def test_refused(text: str, position: int | None, said: str | None) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        read(text)
    assert position is None or caught.value.position == position


# --- values ---

GRID = [Fraction(n, 2) for n in range(-5, 6)]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("[x < y]", lambda x, y: x < y),
        ("[x <= y]", lambda x, y: x <= y),
        ("[x = y]", lambda x, y: x == y),
        ("[x != y]", lambda x, y: x != y),
        ("[x > y]", lambda x, y: x > y),
        ("[x >= y]", lambda x, y: x >= y),
        ("[-1 < x < y]", lambda x, y: -1 < x < y),
        ("[-1 <= x < y <= 2]", lambda x, y: -1 <= x < y <= 2),
        ("[x > 0 and y > 0]", lambda x, y: x > 0 and y > 0),
        ("[x > 0 or y > 0]", lambda x, y: x > 0 or y > 0),
        ("[x > 0 or y > 0 and x > y]", lambda x, y: x > 0 or (y > 0 and x > y)),
        ("[x y = 1]", lambda x, y: x * y == 1),
        ("[x = y = 1]", lambda x, y: x == y == 1),
        ("[x != y != 1]", lambda x, y: x != y != 1),
    ],
)
def test_values_of_conditions(text: str, holds: object) -> None:
    for x in GRID:
        for y in GRID:
            assert at(text, x=x, y=y) == int(holds(x, y)), (x, y)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("cases(x, x > y, y)", max),
        ("cases(x, x <= y, y)", min),
        ("x if x > y else y", max),
        ("cases(1, x > 0, 2, x > 1, 3)", lambda x, y: 1 if x > 0 else 3),
        ("cases(2, x > 1, 1, x > 0, 3)", lambda x, y: 2 if x > 1 else 1 if x > 0 else 3),
        ("cases(1/x, x != 0, y)", lambda x, y: 1 / x if x else y),
        (
            "cases(cases(1, y > 0, 2), x > 0, cases(3, y > 0, 4))",
            lambda x, y: (2 if x <= 0 else 0) + (1 if y > 0 else 2),
        ),
    ],
)
def test_values_of_pieces(text: str, right: object) -> None:
    for x in GRID:
        for y in GRID:
            wanted = Fraction(right(x, y))  # type: ignore[operator]
            found = at(text, x=x, y=y)
            assert Fraction(int(found.p), int(found.q)) == wanted, (x, y)  # type: ignore[union-attr]


def test_where_no_case_holds_there_is_no_value() -> None:
    assert at("cases(7, x > 0)", x=1) == 7
    with pytest.raises(Undefined, match="no case"):
        at("cases(7, x > 0)", x=0)


def test_only_the_case_that_holds_is_evaluated() -> None:
    assert at("cases(log(x), x > 0, 5)", x=-1) == 5
    with pytest.raises(Undefined):
        at("[x > 0] log(x)", x=-1)


# --- equal and unequal ---

EQUAL = [
    ("max(0, x)", "x [x > 0]"),
    ("max(0, x)", "x [x >= 0]"),
    ("max(0, x)", "(x + abs(x))/2"),
    ("max(0, x)", "cases(x, x > 0, 0)"),
    ("max(x, y)", "cases(x, x > y, y)"),
    ("max(x, y)", "(x + y + abs(x - y))/2"),
    ("min(x, y)", "x if x < y else y"),
    ("min(x, 1)", "1 - max(0, 1 - x)"),
    ("min(x, y)", "-max(-x, -y)"),
    ("abs(x)", "cases(x, x > 0, -x)"),
    ("abs(x)", "x [x > 0] - x [x < 0]"),
    ("abs(x)", "x (2 [x > 0] - 1)"),
    ("abs(x)", "x sign(x)"),
    ("abs(x)", "max(x, -x)"),
    ("sign(x)", "[x > 0] - [x < 0]"),
    ("sign(x)", "cases(1, x > 0, -1, x < 0, 0)"),
    ("[x > 0]", "1 - [x <= 0]"),
    ("[x > 0]", "1 if x > 0 else 0"),
    ("[x > 0]", "[0 < 2 x]"),
    ("[x > 1/3]", "[3 x - 1 > 0]"),
    ("[x > 0][y > 0]", "[x > 0 and y > 0]"),
    ("[x < 0 < y]", "[x < 0][y > 0]"),
    ("[0 < x < 1]", "[x > 0] - [x >= 1]"),
    ("[x = 0]", "[x >= 0][x <= 0]"),
    ("[x != 0]", "1 - [x = 0]"),
    ("[x < y]", "[y > x]"),
    ("[x > 0]^2", "[x > 0]"),
    ("2^[x > 0]", "1 + [x > 0]"),
    ("[n > 3]", "[n >= 4]"),
    ("cases(x, x != 5, 5)", "x"),
    ("cases(2, x > 1, 1, x > 0, 3)", "cases(1, 0 < x <= 1, 2, x > 1, 3)"),
    ("cases(0, x < 0, 1)", "cases(1, x >= 0, 0)"),
    (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", r"\mathbb{1}\{x > 0\}"),
    ("cases(log(x), x > 0, 0)", "cases(0, x <= 0, log(x))"),
]
UNEQUAL = [
    ("[x > 0]", "[x >= 0]"),
    ("[x > 0]", "[x < 0]"),
    ("[x > 0]", "[x > 1]"),
    ("[x > 1]", "[x > 1.0001]"),
    ("[x > 1/7]", "[x > 1/8]"),
    ("[x > 1000]", "[x > 1001]"),
    ("[x > 0]", "[y > 0]"),
    ("[x < y]", "[x <= y + 1]"),
    ("[x < y]", "[y < x]"),
    ("[x > 0 and y > 0]", "[x > 0 or y > 0]"),
    ("[x > 0 or y > 0]", "[x > 0] + [y > 0]"),
    ("[0 < x < 1]", "[0 < x <= 1]"),
    ("[0 < x < 1]", "[x > 0] - [x > 1]"),
    ("[0 < x < 1]", "[x > 0]"),
    ("[x != 0]", "1"),
    ("[x = 0]", "0"),
    ("[x = 1/7]", "0"),
    ("[x != 12345]", "1"),
    ("[x > 0]", "0.5 + x/(2 abs(x)) + [x = 3]"),
    ("max(0, x)", "x"),
    ("max(0, x)", "abs(x)"),
    ("max(0, x)", "x [x > 1]"),
    ("max(x, 1)", "min(x, 1)"),
    ("max(x, y)", "cases(y, x > y, x)"),
    ("max(x, y, 2)", "max(x, y)"),
    ("abs(x)", "x [x > 0] + x [x < 0]"),
    ("abs(x - 3)", "cases(x - 3, x > 0, 3 - x)"),
    ("sign(x)", "2 [x > 0] - 1"),
    ("cases(1, x > 0, 2, x > 1, 3)", "cases(2, x > 1, 1, x > 0, 3)"),
    ("cases(1, x > 0, 0)", "cases(0, x > 0, 1)"),
    ("cases(x, x != 5, 7)", "x"),
    ("cases(x, x < 100, x + 1, x < 200, x)", "x"),
    ("[n > 3]", "[n >= 3]"),
    ("[n > 3]", "[n > 4]"),
    ("[x > 0]^x", "[x > 0]"),
    ("floor(x)", "x"),
    ("exp(-[x > 50])", "1"),
]


@pytest.mark.parametrize(("first", "second"), EQUAL)
def test_equal(first: str, second: str) -> None:
    assert judged(first, second).kind == "equal"
    assert judged(second, first).kind == "equal"


@pytest.mark.parametrize(("first", "second"), UNEQUAL)
def test_unequal(first: str, second: str) -> None:
    for found in (judged(first, second), judged(second, first)):
        assert found.kind == "unequal"
        assert found.values is not None
        assert found.values[0] != found.values[1]


@pytest.mark.parametrize("threshold", ["10^30", "10^40", "2^200"])
def test_a_witness_beyond_a_far_threshold_shows_two_values(threshold: str) -> None:
    found = judged(f"x + [x > {threshold}]", "x")
    if found.kind == "undecided":
        return
    assert found.kind == "unequal"
    assert found.values is not None
    assert found.values[0] != found.values[1]


# a threshold that no sample passes, however it is hidden
HIDDEN = [
    ("x + [x + y > 10^7]", "x"),
    ("x + [x y > 10^12]", "x"),
    ("x + [x = 12345][y = 54321]", "x"),
    ("x + [x > 12345][x < 12346][y > 54321][y < 54322]", "x"),
    ("x + [x = y]", "x"),
    ("x + [x - y = 1/99991]", "x"),
    ("x + [x^3 + y^3 = 7/3]", "x"),
    ("x + [exp(x) > 10^90 y^2 + 1]", "x"),
    ("x + [x > 10^8 + y^2]", "x"),
    ("x + [1000 < x + y < 1000.001]", "x"),
    ("x + [sin(x) > 0.99999999]", "x"),
    ("x [x^2 > -1]", "x"),
    ("x + max(0, x y - 10^12)", "x"),
    ("x + abs(x + y - 10^9) - (10^9 - x - y)", "x"),
    ("cases(x, x y < 10^12, 0)", "x"),
    ("x cases(1, x + y < 10^9, 2)", "x"),
    ("n + [n > m + 100]", "n"),
    ("n + [n m = 10007]", "n"),
    ("n + floor(n/1000)", "n"),
    ("n + 0^abs(n - m - 57)", "n"),
    ("x + sign(x y - 10^13) + 1", "x"),
    ("x + [x > 7 and y > 10^9 + x^2]", "x"),
    ("x + [x < -3][x + y > 10^9]", "x"),
    ("x + cases(0, x < 10^6 + y^2, 1)", "x"),
    ("x if x + y < 10^9 else y", "x"),
]


@pytest.mark.parametrize(("first", "second"), HIDDEN)
def test_a_hidden_threshold_is_never_called_equal(first: str, second: str) -> None:
    for seed in ("one", "two"):
        assert compare(read(first), read(second), SYMBOLS, seed).kind != "equal"
        assert compare(read(second), read(first), SYMBOLS, seed).kind != "equal"


# both sides of each are seen, but not what lies between the two thresholds
OTHER_THRESHOLDS = [
    ("[x < y]", "[x < 2 y]"),
    ("[x < y]", "[x < y + 1/10]"),
    ("max(x, y)", "cases(x, x > 2 y, y)"),
    ("[r > x]", "[r > x + 1/2]"),
    ("[n > m]", "[n >= m]"),
    ("[n > m]", "[n > m + 1]"),
    ("[x + y > 1]", "[x + y > 0]"),
    ("[x + y > 1]", "[x + y > 1.1]"),
    ("[x y > 1]", "[x y > 1.5]"),
    ("[x^2 + y^2 < 1]", "[x^2 + y^2 < 2]"),
    ("[x^2 < 2]", "[x^2 < 2.1]"),
    ("[D^2 < 1/2]", "[D^2 < 1/2.1]"),
    ("[exp(x) < 2]", "[exp(x) < 2.1]"),
    ("[x > pi]", "[x > 3.2]"),
    ("sign(x - y)", "sign(x - 1.5 y)"),
    ("abs(x - y)", "cases(x - y, x > 1.1 y, y - x)"),
]


@pytest.mark.parametrize(("first", "second"), OTHER_THRESHOLDS)
def test_another_threshold_is_never_called_equal(first: str, second: str) -> None:
    trees = read(first), read(second)
    for seed in range(15):
        assert compare(*trees, SYMBOLS, f"{seed}").kind != "equal", seed


@pytest.mark.parametrize("second", ["[x > 0]", "[x > 0 or x < -5] - [x < -5]"])
def test_conditions_that_cover_everything_are_not_unequal(second: str) -> None:
    """That no case holds nowhere cannot be seen; it is no reason to call a right response wrong."""
    assert judged("cases(1, x > 0, 0, x <= 0)", second).kind != "unequal"


def test_a_rest_that_is_left_out_is_part_of_the_domain() -> None:
    found = judged("cases(1, x > 0)", "1")
    assert found.kind in ("equal", "undecided")
    assert found.mismatch == "part"
    assert found.undefined_at is not None
    assert Fraction(found.undefined_at["x"]) <= 0
    assert judged("1", "cases(1, x > 0)").kind == "undecided"
    points = judged("cases(1, x > 0, 0, x < 0)", "[x > 0]")
    assert points.kind in ("equal", "undecided")
    assert points.mismatch == "points"


@pytest.mark.parametrize(
    ("first", "second"), [("[r > 0]", "1"), ("[x^2 >= 0]", "1"), ("[n >= 1]", "1"), ("cases(1, D < 1, 0)", "1")]
)
def test_what_always_holds_is_proved_or_left_open(first: str, second: str) -> None:
    """Samples never see the other side: only a proof may say that there is none."""
    assert judged(first, second).kind == "undecided"
    found = decide(read(first), read(second), SYMBOLS, "seed")
    assert (found.kind, found.rung) in (("equal", "proved"), ("undecided", "sampled"))


# --- where a branch changes ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x > 3]", ("x", 3)),
        ("[2 x < 3]", ("x", Fraction(3, 2))),
        ("[x/4 - 1 <= 2 x]", ("x", Fraction(-4, 7))),
        ("[3 = x]", ("x", 3)),
        ("abs(x - 5)", ("x", 5)),
        ("abs(2 (x - 1) + 3 (x + 2))", ("x", Fraction(-4, 5))),
        ("sign(7 - 2 x)", ("x", Fraction(7, 2))),
        ("[x > y]", None),
        ("[x^2 > 3]", None),
        ("[x x > 3]", None),
        ("[x > x + 1]", None),
        ("[1 > 0]", None),
        ("[exp(x) > 3]", None),
        ("[x > pi]", None),
        ("max(x, 1)", None),
        ("cases(1, x > 3, 0)", None),
    ],
)
def test_where_a_branch_changes(text: str, expected: tuple[str, Fraction] | None) -> None:
    tree = read(text)
    assert isinstance(tree, Apply)
    assert switching(tree) == expected


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("[x > 3]", [3]),
        ("[2 x > 7]", [Fraction(7, 2)]),
        ("x + 5", [5]),
        ("[3 x - 1 > 0]", [Fraction(1, 3)]),
        ("x^2 + exp(2)", [2, Fraction("7.389056")]),
    ],
)
def test_thresholds_are_among_the_constants(text: str, constants: list[Fraction]) -> None:
    found, every = named_constants(read(text))
    assert every
    assert all(any(abs(value - constant) < 1e-6 for value in found) for constant in constants)


def test_too_many_constants_are_said_to_be_too_many() -> None:
    found, every = named_constants(read(" + ".join(f"x^{n}" for n in range(2, 40))))
    assert not every
    assert len(found) == 12


@given(st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=1000))
@settings(max_examples=40)
def test_both_sides_of_every_threshold_are_among_the_samples(threshold: Fraction) -> None:
    only = {"x": SYMBOLS["x"]}
    constants = [threshold] if abs(threshold) not in (0, 1) else []
    values = {point.variables["x"] for point in sample_points(only, "seed", constants)}
    assert any(value < threshold for value in values)
    assert any(value > threshold for value in values)
    if constants:
        assert threshold in values
        assert -threshold in values


@given(st.integers(-400, 400).filter(lambda n: n != 0), st.integers(1, 9), st.sampled_from(["<", "<=", ">", ">="]))
@settings(max_examples=60)
def test_any_other_threshold_is_found_unequal(shift: int, below: int, sign: str) -> None:
    """A threshold that is off by a little is never called equal, whatever it is."""
    threshold = Fraction(37, 11)
    other = threshold + Fraction(shift, 10**below)
    texts = [f"[x {sign} {value.numerator}/{value.denominator}]" for value in (threshold, other)]
    assert judged(*texts).kind == "unequal"


@pytest.mark.parametrize("threshold", ["0", "1", "-1", "2", "1/2", "37/11"])
@pytest.mark.parametrize(("first", "second"), [("[x < {}]", "[x <= {}]"), ("[x > {}]", "[x >= {}]")])
def test_the_point_at_a_threshold_is_tried_whatever_the_seed(first: str, second: str, threshold: str) -> None:
    trees = [read(text.format(threshold)) for text in (first, second)]
    for seed in range(20):
        assert compare(*trees, SYMBOLS, f"{seed}").kind == "unequal", seed


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("sign(x)", "[x > 0] - [x < 0]", "equal"),
        ("sign(x)", "2 [x > 0] - 1", "unequal"),
        ("x + [x = 0]", "x", "unequal"),
        ("x + [x = 1]", "x", "unequal"),
    ],
)
def test_single_points_do_not_depend_on_the_seed(first: str, second: str, kind: str) -> None:
    trees = read(first), read(second)
    assert {compare(*trees, SYMBOLS, f"{seed}").kind for seed in range(20)} == {kind}


@pytest.mark.parametrize("texts", [("x < y", "x <= y"), ("x + y < 7/3", "x + y <= 7/3"), ("2 y > x", "x <= 2 y")])
def test_the_strict_and_the_weak_relation_are_not_called_equal(texts: tuple[str, str]) -> None:
    kinds = {compare(*(read(f"[{text}]") for text in texts), SYMBOLS, f"{seed}").kind for seed in range(20)}
    assert "equal" not in kinds


def test_pieces_of_random_order_differ_where_they_overlap() -> None:
    for a, b in ((1, 2), (Fraction(1, 3), 5), (-7, 7)):
        one = f"cases(x, x < {a}, 2, x < {b}, 3)"
        two = f"cases(2, x < {b}, x, x < {a}, 3)"
        assert judged(one, two).kind == "unequal"
        # that the second condition cannot fail on its left side is never seen
        assert judged(one, f"cases(x, x < {a}, 2, {a} <= x < {b}, 3)").kind != "unequal"
        assert judged(one, f"cases(3, x >= {b}, 2, x >= {a}, x)").kind == "equal"


def test_zero_to_the_power_zero_is_a_switch() -> None:
    assert judged("x + 0^abs(x - 137)", "x").kind == "unequal"
    assert judged("n + 0^(n - 1)", "n + [n = 1]").kind == "equal"


def test_a_fixed_condition_is_no_hidden_one() -> None:
    assert judged("x + [1 > 2]", "x").kind in ("equal", "undecided")
    assert judged("x [2 > 1]", "x").kind in ("equal", "undecided")
    assert isinstance(read("[1 > 2]"), Apply)
    assert Number(Fraction(0)) != read("[1 > 2]")
