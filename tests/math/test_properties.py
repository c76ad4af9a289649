"""Relations that objects must satisfy: reading, putting objects in, always, sometimes, and no value at all."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest

from grader.errors import Undecided, Unreadable
from grader.math.properties import (
    MAX_CASES,
    Construct,
    Finding,
    Statement,
    always,
    read_statement,
    sometimes,
    with_objects,
    without_value,
)
from grader.math.reader import read_expression
from grader.math.tree import Element, Expression, Number, Reduce, Variable, free_names
from grader.spec import Symbol
from tests.math.common import number

SYMBOLS = {
    "x": Symbol(),
    "y": Symbol(),
    "z": Symbol(),
    "r": Symbol(domain="positive"),
    "D": Symbol(domain="(0, 1)"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer"),
    "i": Symbol(domain="positive integer"),
    "j": Symbol(domain="positive integer"),
    "k": Symbol(family=True, domain="positive"),
    "u": Symbol(shape=("n",)),
    "v": Symbol(shape=("n",)),
    "f": Symbol(arity=1),
    "g": Symbol(arity=2),
    "M": Symbol(shape=("2", "2")),
    "q": Symbol(shape=("3",)),
}


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def statement(text: str, **objects: str | Construct) -> Statement:
    """A relation with objects for some of its names: a formula, or a function of x, or of x and y for g."""
    parameters = {"f": ("x",), "g": ("x", "y")}
    found = {
        name: given if isinstance(given, Construct) else Construct(parameters.get(name, ()), read(given))
        for name, given in objects.items()
    }
    plain = read_statement(text, SYMBOLS)
    return Statement(with_objects(plain.left, found), plain.sign, with_objects(plain.right, found))


def ever(text: str, within: str = "", over: Mapping[str, int] | None = None, **objects: str) -> Finding:
    bound = Fraction(within) if within else None
    return always(statement(text, **objects), over or {}, bound, SYMBOLS, "seed")


def once(text: str, over: Mapping[str, int] | None = None, **objects: str) -> Finding:
    return sometimes(statement(text, **objects), over or {}, SYMBOLS, "seed")


# --- reading ---


@pytest.mark.parametrize(
    ("text", "sign", "turned"),
    [
        ("x = y", "=", False),
        ("x == y", "=", False),
        ("x != y", "!=", False),
        (r"x \ne y", "!=", False),
        ("x < y", "<", False),
        ("x <= y", "<=", False),
        (r"x \le y", "<=", False),
        ("x > y", "<", True),
        ("x >= y", "<=", True),
        ("x ≥ y", "<=", True),
    ],
)
def test_reads_one_relation(text: str, sign: str, turned: bool) -> None:
    x, y = Variable("x"), Variable("y")
    assert read_statement(text, SYMBOLS) == (Statement(y, sign, x) if turned else Statement(x, sign, y))


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("x", 1, "a relation such as"),
        ("x +", 3, "a number, a name"),
        ("x = ", 4, "a number, a name"),
        ("= x", 0, "a number, a name"),
        ("x = y = z", 6, "a single formula without a relation"),
        ("x < y < z", 6, "a single formula without a relation"),
        ("x = y)", 5, "an operator or the end"),
        ("x = w", 4, "no name known"),
        ("", 0, "a number, a name"),
        ("x : y", 2, "a relation such as"),
    ],
)
def test_what_is_no_relation(text: str, position: int, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        read_statement(text, SYMBOLS)
    assert caught.value.position == position


# --- putting objects in ---


@pytest.mark.parametrize(
    ("text", "objects", "expected"),
    [
        ("f(3)", {"f": "x^2"}, "9"),
        ("f(y)", {"f": "x^2 + x"}, "y^2 + y"),
        ("f(x + 1)", {"f": "x^2"}, "(x + 1)^2"),
        ("f(f(y))", {"f": "x^2"}, "y^4"),
        ("f(x)", {"f": "7"}, "7"),
        ("g(1, y)", {"g": "x - y"}, "1 - y"),
        # the parameters are replaced together, not one after the other
        ("g(y, x)", {"g": "x - y"}, "y - x"),
        ("g(y, y)", {"g": "x - y"}, "0"),
        ("g(x + y, x)", {"g": "x/y"}, "(x + y)/x"),
        ("g(f(y), x)", {"g": "x - y", "f": "2 x"}, "2 y - x"),
        ("r f(r)", {"f": "log(x)"}, "r log(r)"),
        ("x + 1", {"x": "y"}, "y + 1"),
        ("u", {"u": "v"}, "v"),
        ("dot(u, v)", {"u": "2 v"}, "2 dot(v, v)"),
        # what the objects bind is theirs
        ("f(i)", {"f": "sum(x k_i, i=1..3)"}, "i (k_1 + k_2 + k_3)"),
        ("f(y)", {"f": "integral(x y, y=0..2)"}, "2 y"),
        ("sum(f(i), i=1..3)", {"f": "sum(x i, i=1..2)"}, "18"),
        ("f(k_i)", {"f": "prod(x + i, i=1..2)"}, "(k_i + 1)(k_i + 2)"),
        # derivatives in an object are carried out before anything is put for their variable
        ("f(3)", {"f": "diff(x^2, x)"}, "6"),
        ("f(y^2)", {"f": "diff(x^3, x)"}, "3 y^4"),
    ],
)
def test_objects_are_put_in(text: str, objects: dict[str, str], expected: str) -> None:
    found = statement(f"{text} = 0", **objects).left
    other = statement(f"{expected} = 0").left
    case = Statement(found, "=", other)
    assert always(case, {}, None, SYMBOLS, "seed").kind == "holds"


def test_nothing_of_an_object_that_was_put_in_is_left() -> None:
    found = statement("g(f(x), f(y)) = x", g="x y", f="x + 1")
    assert free_names(found.left) == {"x", "y"}
    tree = with_objects(read("g(z, z)"), {"g": Construct(("x", "y"), read("x + y"))})
    assert free_names(tree) == {"z"}
    assert with_objects(read("x + f(y)"), {}) == read("x + f(y)")


def test_bound_names_of_objects_can_be_written_by_nobody() -> None:
    found = with_objects(read("f(x)"), {"f": Construct(("x",), read("sum(k_i x, i=1..n)"))})
    (reduced,) = [node for node in (found, *getattr(found, "factors", ())) if isinstance(node, Reduce)]
    assert "#" in reduced.variable


def test_indices_are_put_for_free_names_alone() -> None:
    case = Statement(Element("k", Variable("i")), "=", Reduce("sum", "i", number(1), Variable("i"), Variable("i")))
    changed = case.map({"i": number(4)})
    assert changed.left == Element("k", number(4))
    assert changed.right == Reduce("sum", "i", number(1), number(4), Variable("i"))


# --- always ---

HOLDS = [
    "x = x",
    "(x + y)^2 = x^2 + 2 x y + y^2",
    "exp(log(r)) = r",
    "sin(x)^2 + cos(x)^2 = 1",
    "dot(u, v) = dot(v, u)",
    "norm(u + v)^2 = norm(u)^2 + 2 dot(u, v) + norm(v)^2",
    "u + v = v + u",
    "r > 0",
    "D < 1",
    "D > 0",
    "n >= 1",
    "x^2 >= 0",
    "x^2 + 1 > 0",
    "x^2 > -1",
    "x <= x + 1",
    "x <= x",
    "exp(x) > 0",
    "x < x + 1",
    "abs(x) >= 0",
    "norm(u) >= 0",
    "r + 1/r >= 2",
    "1 < 2",
    "1 <= 1",
    "f(x) = f(x)",
]
FAILS = [
    "x = y",
    "x = -x",
    "x^2 = x",
    "sin(x) = x",
    "r = r + 1",
    "u = v",
    "dot(u, v) = 0",
    "x > 0",
    "x < 0",
    "x >= 0",
    "x <= y",
    "r > 1",
    "r < 10^6",
    "D > 1/2",
    "n > 1",
    "n < 30",
    "x^2 > 100",
    "x + 1 < x",
    "1 < 1",
    "2 <= 1",
    "0 > 0",
    "x^2 >= y^2",
    "x^2 < 10^6",
    "sin(x) > -1/2",
    "f(x) = f(y)",
    "f(x) > 0",
]


@pytest.mark.parametrize("text", HOLDS)
def test_holds(text: str) -> None:
    found = ever(text)
    assert (found.kind, found.witness) == ("holds", None)
    assert found.rung


@pytest.mark.parametrize("text", FAILS)
def test_fails_and_shows_where(text: str) -> None:
    found = ever(text)
    assert found.kind == "fails"
    assert found.values is not None
    assert found.witness is not None
    if found.witness and "f(" not in text and "u" not in text:  # the witness alone is enough to see it
        relation = read_statement(text, SYMBOLS)
        put = {name: Number(Fraction(value)) for name, value in found.witness.items()}
        left, right = relation.map(put).left, relation.map(put).right
        gap = always(Statement(left, relation.sign, right), {}, None, SYMBOLS, "other")
        assert gap.kind == "fails"


@pytest.mark.parametrize("text", ["x^2 > 0", "abs(x) > 0", "[x = 0] <= 0", "[x != 1] >= 1", "1 - 2 [x = 2] > 0"])
def test_an_inequality_that_fails_at_single_points_is_not_failed(text: str) -> None:
    assert ever(text).kind in ("holds", "open")


@pytest.mark.parametrize(
    "text",
    [
        "abs(x) > 1/1000",
        "abs(x - 1) > 10^{-6}",
        "max(x, -x) > 10^{-6}",
        "x sign(x) > 10^{-6}",
        "sqrt(x^2) > 10^{-6}",
        "x^2 > 10^{-9}",
        "(x - 1)^2 > 10^{-9}",
        "cases(x, x > 0, -x) > 10^{-6}",
    ],
)
def test_an_inequality_that_fails_on_a_short_stretch_is_never_called_true(text: str) -> None:
    """Its middle is 0, 1 or -1, where everything is tried; that there is a kink is no excuse."""
    case = statement(text)
    for seed in range(15):
        assert always(case, {}, None, SYMBOLS, str(seed)).kind != "holds", seed


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("log(x) = log(x)", "holds"),
        ("log(x) < x", "open"),  # it has no value on half of the line
        ("sqrt(x) >= 0", "open"),
        ("1/x > x - 10^9", "fails"),
        ("x + 9^9^9^9 > 0", "open"),
        ("9^9^9^9 > 0", "open"),
        ("x = x + exp(-1000)", "open"),
        ("x + [x y > 10^12] >= x + 1", "fails"),
        ("x < x + 1 - 2 [x y > 10^9]", "fails"),
        ("x < x", "open"),
        ("x <= x + exp(-1000)", "open"),
    ],
)
def test_what_is_left_open(text: str, kind: str) -> None:
    found = ever(text)
    assert found.kind == kind
    assert kind != "open" or found.reason


def test_a_side_without_a_value_fails() -> None:
    assert ever("log(x) = log(abs(x))").kind == "fails"
    assert ever("log(-1) = log(-1) + x - x", "0.1").kind in ("fails", "open")
    assert ever("1/0 = 1", "0.1").kind == "fails"


@pytest.mark.parametrize(
    ("text", "within", "kind"),
    [
        ("0.99 = 1", "0.01", "holds"),
        ("1.01 = 1", "0.01", "holds"),
        ("0.989 = 1", "0.01", "fails"),
        ("1.011 = 1", "0.01", "fails"),
        ("0.99999 = 1", "", "fails"),
        ("0.33 + 0.33 + 0.33 = 1", "0.01", "holds"),
        ("0.3 + 0.3 + 0.3 = 1", "0.01", "fails"),
        ("pi = 3.14", "0.01", "holds"),
        ("pi = 3.1", "0.01", "fails"),
        ("-5 = 5", "0.01", "fails"),
        ("5 = -5", "9", "fails"),
        ("5 = -5", "10", "holds"),
        ("1 = 1", "0.01", "holds"),
        # only for numbers: symbols are compared exactly
        ("x = x + 1/1000", "0.01", "fails"),
        # an order has no tolerance
        ("1.005 < 1", "0.01", "fails"),
    ],
)
def test_rounded_numbers(text: str, within: str, kind: str) -> None:
    assert ever(text, within).kind == kind


@pytest.mark.parametrize(
    "text", ["exp(-1) + (1 - exp(-1)) = 1", "sin(1)^2 + cos(1)^2 = 1", "sqrt(2)^2 = 2", "pi - pi = 0"]
)
def test_numbers_that_are_equal_but_irrational_are_within_any_distance(text: str) -> None:
    assert ever(text, "0.01").kind == "holds"


@pytest.mark.parametrize(
    ("text", "over", "kind", "witness"),
    [
        ("i > 0", {"i": 5}, "holds", None),
        ("i < 5", {"i": 5}, "fails", {"i": "5"}),
        ("i < 6", {"i": 5}, "holds", None),
        ("i j <= 6", {"i": 2, "j": 3}, "holds", None),
        ("i j <= 5", {"i": 2, "j": 3}, "fails", {"i": "2", "j": "3"}),
        ("i >= 1", {"i": 0}, "holds", None),
        ("q_i = q_i", {"i": 3}, "holds", None),
        ("M_{i,j} = M_{j,i}", {"i": 2, "j": 2}, "fails", None),
    ],
)
def test_over_indices(text: str, over: dict[str, int], kind: str, witness: dict[str, str] | None) -> None:
    found = ever(text, over=over)
    assert found.kind == kind
    assert witness is None or found.witness == witness
    if kind == "fails":
        assert set(over) <= set(found.witness or {})


def test_too_many_indices_are_not_decided() -> None:
    with pytest.raises(Undecided, match=f"more than {MAX_CASES} indices"):
        ever("i > 0", over={"i": 21, "j": 20})
    assert ever("i > 0", over={"i": 20, "j": 20}).kind == "holds"


# --- sometimes ---

DIFFER = [
    "x != y",
    "x != x^2",
    "x != x + 10^{-9}",
    "f(x) != f(y)",
    "[x > 0] != 0",
    "[x > 0] != [x > 1]",
    "abs(x) != x",
    "max(x, 1) != x",
    "u != v",
    "dot(u, v) != 0",
    "n != m",
    "n != n^2",
    "1 != 2",
    "x != x + [x > 1000]",
    "D != 1/2",
]
ALIKE = [
    "x != x",
    "(x + 1)^2 != x^2 + 2 x + 1",
    "sin(x)^2 != 1 - cos(x)^2",
    "exp(log(r)) != r",
    "1 != 1",
    "u + v != v + u",
]
SINGLE = [
    "[x = 0] != 0",
    "x + [x = 1/7] != x",
    "x != x [x != 3]",
    "0^abs(x) != 0",
    "cases(x, x != 2, 5) != x",
    "x != x + 10^{-30}",
]


@pytest.mark.parametrize("text", DIFFER)
def test_differs_somewhere(text: str) -> None:
    found = once(text)
    assert found.kind == "holds"
    assert found.values is not None
    assert found.values[0] != found.values[1]
    assert found.witness is not None


@pytest.mark.parametrize("text", ALIKE)
def test_differs_nowhere(text: str) -> None:
    found = once(text)
    assert (found.kind, found.reason) == ("fails", "the two sides are equal")


@pytest.mark.parametrize("text", SINGLE)
def test_a_difference_at_single_points_is_none(text: str) -> None:
    found = once(text)
    assert found.kind != "holds"
    assert found.reason


def test_some_index_is_enough() -> None:
    assert once("i != 1", over={"i": 1}).kind == "fails"
    found = once("i != 1", over={"i": 3})
    assert (found.kind, found.witness) == ("holds", {"i": "2"})
    assert once("i != j", over={"i": 1, "j": 1}).kind == "fails"
    assert once("i != j", over={"i": 1, "j": 2}).kind == "holds"


def test_what_is_open_at_one_index_is_open_unless_another_settles_it() -> None:
    assert once("(9^9^9^9) [i = 1] != 0", over={"i": 1}).kind == "open"
    assert once("cases(9^9^9^9, i = 1, 1) != 0", over={"i": 2}).kind == "holds"


# --- no value at all ---


@pytest.mark.parametrize(
    "text", ["log(x)", "sqrt(-r)", "1/0", "log(x - y)", "arcsin(x)", "cases(1, x > 0)", "(u - u)^T u/0", "k_{1/2}"]
)
def test_mostly_without_a_value(text: str) -> None:
    found = without_value(read(text), SYMBOLS, "seed")
    assert found is not None
    assert set(found) <= {*SYMBOLS, *(name for name in found if name[:2] in ("k_", "u"))}


@pytest.mark.parametrize(
    "text", ["x", "1/x", "1/(x - 1)", "log(r)", "log(abs(x))", "x!", "u", "7", "9^9^9^9", "0^abs(x)", "f(x)", "x^x"]
)
def test_mostly_with_a_value(text: str) -> None:
    found = without_value(read(text), SYMBOLS, "seed")
    assert found is None or text == "x^x"


def test_the_point_without_a_value_is_one() -> None:
    found = without_value(read("log(x)"), SYMBOLS, "seed")
    assert found is not None
    assert Fraction(found["x"]) <= 0


# --- what stays the same ---


def test_the_same_seed_finds_the_same() -> None:
    for text in ("x = y", "x > 0"):
        case = statement(text)
        assert always(case, {}, None, SYMBOLS, "one") == always(case, {}, None, SYMBOLS, "one")
    witnesses = {str(always(statement("x > y"), {}, None, SYMBOLS, seed).witness) for seed in "abcdef"}
    assert len(witnesses) > 1


@pytest.mark.parametrize("text", ["x > 0", "x^2 > 0", "x = y", "abs(x) >= 0", "[x > 0] = [x >= 0]", "[x = 1] = 0"])
def test_findings_do_not_depend_on_the_seed(text: str) -> None:
    case = statement(text)
    assert len({always(case, {}, None, SYMBOLS, str(seed)).kind for seed in range(30)}) == 1


def test_a_derivative_is_carried_out_once_and_not_at_every_point(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.math import book, properties

    def again(*_: object) -> object:
        raise AssertionError("a derivative was left to be carried out at a point")

    monkeypatch.setattr(book, "resolved", again)
    tree = read_expression("diff(x^3, x)", {"x": Symbol()})
    assert properties.without_value(tree, {"x": Symbol()}, "seed") is None
