"""SymPy may accept, and only what is true: most of these are attempts to have it accept what is not."""

from __future__ import annotations

import builtins
import math
from fractions import Fraction

import pytest
import sympy
import sympy.parsing.sympy_parser
from hypothesis import assume, given, settings

from grader.errors import GraderError, Undecided
from grader.math.book import Book
from grader.math.domains import domain
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.proving import proved_equal, to_sympy
from grader.math.proving.proof import _value
from grader.math.reader import read_expression
from grader.math.tree import (
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Constant,
    Derivative,
    Expression,
    Matrix,
    Multiply,
    Number,
    Reduce,
    Variable,
)
from grader.math.values import ball, precision
from grader.spec import Symbol
from tests.math import common, test_red_team

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "s": Symbol(domain="positive"),
    "x": Symbol(),
    "y": Symbol(),
    "t": Symbol(),
    "mu": Symbol(),
    "D": Symbol(domain="(0, 1)"),
    "E": Symbol(domain="[0, 1]"),
    "q": Symbol(domain="integer"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer", below="n"),
    "k": Symbol(domain="positive integer", family=True),
    "a": Symbol(family=True),
    "p": Symbol(arity=1, domain="positive"),
    "f": Symbol(arity=1),
    "v": Symbol(shape=("2",)),
}

Written = str | Expression


def tree(x: Written) -> Expression:
    return read_expression(x, SYMBOLS) if isinstance(x, str) else x


def proved(first: Written, second: Written) -> bool:
    return proved_equal(tree(first), tree(second), SYMBOLS)


def apply(function: str, *arguments: Written) -> Apply:
    return Apply(function, tuple(map(tree, arguments)))


def add(*terms: Written) -> Add:
    return Add(tuple(map(tree, terms)))


def multiply(*factors: Written) -> Multiply:
    return Multiply(tuple(map(tree, factors)))


def integral(body: Written, low: Written, high: Written) -> Reduce:
    return Reduce("integral", "t", tree(low), tree(high), tree(body))


INF = Constant("infinity")
MINUS_INF = Multiply((MINUS_ONE, INF))
GAUSS = "exp(-(t-mu)^2/(2s^2))/sqrt(2*pi*s^2)"
M = Matrix(((tree("x"), tree("y")), (tree("r"), tree("1"))))
SINGULAR = Matrix(((tree("x"), tree("x")), (tree("1"), tree("1"))))

TRUE: list[tuple[Written, Written]] = [
    ("sin(x)^2 + cos(x)^2", "1"),
    ("cosh(x)^2 - sinh(x)^2", "1"),
    ("tanh(x)", "(exp(2x)-1)/(exp(2x)+1)"),
    ("1/(1+exp(-x))", "exp(x)/(1+exp(x))"),
    ("(x^2-1)/(x-1)", "x+1"),
    ("r*1.5", "3r/2"),
    ("0^0", "1"),
    # what only the domain makes true
    ("sqrt(r^2)", "r"),
    ("sqrt(x^2)", "abs(x)"),
    ("log(D/(1-D))", "log(D) - log(1-D)"),
    ("sqrt(1-D)^2", "1-D"),
    ("log(1-E) + E", "E + log(1-E)*2/2"),
    ("abs(n-m)", "n-m"),
    ("max(r, r-10^7)", "r"),
    ("max(x,y) + min(x,y)", "x+y"),
    # sums and products with an end that is a symbol
    ("sum(i, i=1..n)", "n(n+1)/2"),
    ("sum(2^i, i=0..n-1)", "2^n-1"),
    ("sum(k_i+1, i=1..n)", "sum(k_i, i=1..n) + n"),
    ("log(prod(k_i, i=m+1..n))", "sum(log(k_i), i=m+1..n)"),
    ("exp(a_1)/sum(exp(a_i), i=1..n)", "1/sum(exp(a_i-a_1), i=1..n)"),
    ("(n+1)!", "(n+1) n!"),
    # unknown functions
    ("log(p(x)*r)", "log(p(x)) + log(r)"),
    (Derivative("x", tree("x^3 + f(x)")), add("3x^2", Call("f", (Variable("x"),), (1,)))),
    # conditions
    (add(apply("less", "x", "y"), apply("atmost", "y", "x")), "1"),
    (apply("cases", "x + 1", apply("less", "0", "D"), "y"), "1 + x"),
    (
        multiply("2", apply("cases", "x", apply("less", "y", "x"), "y")),
        apply("cases", "2x", apply("less", "y", "x"), "2y"),
    ),
    (add("D", multiply("r", apply("atmost", "D", "0"))), "D"),
    # integrals
    (integral("t^2", "0", "1"), "1/3"),
    (integral("x*t", "0", "y"), "x*y^2/2"),
    (integral("log(1-t)", "0", "1"), "-1"),
    (integral("exp(-t)", "0", INF), "1"),
    (integral("t*" + GAUSS, MINUS_INF, INF), "mu"),
    # matrices
    (apply("det", M), "x - y*r"),
    (apply("trace", M), "1 + x"),
    (apply("matmul", M, apply("inverse", M)), apply("identity", "2")),
    (apply("dot", apply("transpose", Matrix(((tree("x"), tree("y")),))), Matrix(((tree("1"),), (tree("2"),)))), "x+2y"),
]


def named(value: object) -> str:
    return value if isinstance(value, str) else ascii(value)[:40]


@pytest.mark.parametrize(("first", "second"), TRUE, ids=named)
def test_proved(first: Written, second: Written) -> None:
    assert proved(first, second)


FALSE: list[tuple[Written, Written]] = [
    # below any resolution
    ("r + exp(-1000)", "r"),
    ("r + 10^(-300)", "r"),
    ("r*tanh(1000)", "r"),
    (add("r", multiply("r", apply("less", "10^40", "r"))), "r"),
    # other on a part of the domain, or at single points where both have a value
    ("sqrt(x^2)", "x"),
    ("log(x^2)", "2log(x)"),
    ("arcsin(sin(x))", "x"),
    ("sign(x)^2", "1"),
    (add(apply("less", "0", "x"), apply("less", "x", "0")), "1"),
    (add("E", multiply("r", apply("atmost", "E", "0"))), "E"),
    ("r + 0^((q-77)^2)", "r"),
    ("prod(i-5, i=1..n)", "0"),
    # no value on a part of the domain, or nowhere
    ("sqrt(x)^2", "x"),
    ("exp(log(x))", "x"),
    ("log(x) - log(x) + 1", "1"),
    ("(-8)^(1/3)/(-8)^(1/3)", "1"),
    ("r + 0/(sin(x)^2 + cos(x)^2 - 1)", "r"),
    ("r + 1/(sin(x)^2+cos(x)^2-1) - 1/(sin(x)^2+cos(x)^2-1)", "r"),
    ("r + 1/(1/(0*x))", "r"),
    ("r*(cos(pi*q)-1)/(cos(pi*q)-1)", "r"),
    ("q!/q!", "1"),
    ("a_{n/2} - a_{n/2} + r", "r"),
    (add("x", multiply("0", Apply("inverse", (SINGULAR,)))), "x"),
    (apply("matmul", SINGULAR, apply("inverse", SINGULAR)), apply("identity", "2")),
    # ranges in the wrong order, which SymPy gives a meaning
    ("sum(1, i=1..n-200)", "n - 200"),
    ("sum(1, i=n..m)", "m - n + 1"),
    ("r + sum(1/(i-5), i=1..n) - sum(1/(i-5), i=1..n)", "r"),
    # integrals and sums that do not converge
    (integral("1/t", "-1", "1"), "0"),
    (integral("1/t^2", "-1", "1"), "-2"),
    (integral("1/t", "0", "1"), integral("1/t", "0", "1")),
    (add("r", integral("1/t", "1", INF), multiply("-1", integral("1/t", "1", INF))), "r"),
    (add("r", multiply("0", Reduce("sum", "i", tree("1"), INF, tree("2")))), "r"),
    # shapes
    (M, apply("identity", "2")),
    (M, Matrix(((tree("x"), tree("y")),))),
    (M, "x"),
]


@pytest.mark.parametrize(("first", "second"), FALSE, ids=named)
def test_never_proved(first: Written, second: Written) -> None:
    assert not proved(first, second)


SLOW = ("30", "sign")  # expanding 30 factors, and Piecewise of many pieces, take SymPy seconds
DECEIVED = [pair for pair in test_red_team.NOT_EQUAL if not any(part in pair[0] for part in SLOW)]


@pytest.mark.parametrize(("first", "second"), DECEIVED, ids=[first for first, _ in DECEIVED])
def test_what_once_deceived_the_samples(first: str, second: str) -> None:
    symbols = test_red_team.SYMBOLS
    assert not proved_equal(read_expression(first, symbols), read_expression(second, symbols), symbols)


PLACE = {"r": Fraction(7, 5), "x": Fraction(-3, 7), "theta": Fraction(11, 9), "D": Fraction(2, 7), "n": Fraction(4)}


@settings(max_examples=60)
@given(common.trees)
def test_the_translation_has_the_same_values(x: Expression) -> None:
    found = to_sympy(x, common.SYMBOLS)
    at = {
        symbol: sympy.Rational(PLACE[symbol.name].numerator, PLACE[symbol.name].denominator)
        for symbol in found.free_symbols
    }
    with precision(256):
        try:
            value = ball(evaluate(x, Point(dict(PLACE), "", {name: domain("real") for name in PLACE}), Book()))
        except GraderError:
            assume(False)
    there = sympy.N(found.subs(at), 30, maxn=400)
    assume(abs(value) < 10**100 and abs(there) < 10**100)
    assert math.isclose(float(value.mid()), float(there), rel_tol=1e-9, abs_tol=1e-9)


def test_an_integral_left_open_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = to_sympy(integral("exp(cos(t))", "0", "1"), SYMBOLS)
    monkeypatch.setattr(sympy.Integral, "doit", lambda self, **_: self)  # as SymPy does, after many seconds
    assert _value(endless, {}) is None


def test_a_wrong_closed_value_does_not_stand_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = to_sympy(integral("exp(-t)", "0", INF), SYMBOLS)
    assert _value(endless, {}) == 1
    monkeypatch.setattr(sympy.Integral, "doit", lambda self, **_: sympy.Integer(2))
    assert _value(endless, {}) is None


# --- the translation ---


def test_it_knows_the_domains() -> None:
    found = to_sympy(tree("r + x + D + n + q + k_n + p(x)"), SYMBOLS)
    told = {str(part): part for part in found.args}
    assert told["r"].is_positive
    assert told["D"].is_positive
    assert told["x"].is_positive is None
    assert told["x"].is_real
    assert told["n"].is_integer
    assert told["n"].is_positive
    assert told["q"].is_positive is None
    assert told["k[](n)"].is_integer
    assert told["p()(x)"].is_positive


def test_decimals_are_exact() -> None:
    assert to_sympy(tree("0.1"), SYMBOLS) == sympy.Rational(1, 10)
    assert not to_sympy(tree("1e-30*r + 2.5"), SYMBOLS).atoms(sympy.Float)


def test_nothing_is_carried_out() -> None:
    assert isinstance(to_sympy(integral("t^2", "0", "1"), SYMBOLS), sympy.Integral)
    assert isinstance(to_sympy(tree("sum(i, i=1..n)"), SYMBOLS), sympy.Sum)
    assert isinstance(to_sympy(Derivative("x", tree("x^3")), SYMBOLS), sympy.Derivative)


@pytest.mark.parametrize(
    "tree_",
    [
        Variable("nobody"),
        Variable("v"),
        INF,
        Derivative("n", tree("n^2")),
        Derivative("a", tree("a_1")),
        Apply("cases", (tree("x"), apply("less", "x", "y"))),
        Apply("cases", (tree("x"), tree("y"), tree("r"))),
        Apply("identity", (tree("n"),)),
        Apply("identity", (Number(Fraction(5, 2)),)),
        Apply("exp", (M,)),
        Apply("det", (tree("x"),)),
        Add((M, tree("x"))),
        Multiply((M, M)),
        Apply("max", (Apply("sqrt", (tree("-2"),)), tree("x"))),
    ],
    ids=named,
)
def test_no_counterpart(tree_: Expression) -> None:
    with pytest.raises(Undecided):
        to_sympy(tree_, SYMBOLS)


def never(*_: object, **__: object) -> object:
    raise AssertionError("a text was evaluated")


def test_nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = [tree(x) for x in ("x*sin(x) + k_3 + p(r) + sum(i, i=1..n)", "max(x, y) + n!")]
    with monkeypatch.context() as patch:
        for name in ("eval", "exec", "compile"):
            patch.setattr(builtins, name, never)
        patch.setattr(sympy.parsing.sympy_parser, "parse_expr", never)
        built = [to_sympy(x, SYMBOLS) for x in trees]
    assert built == [to_sympy(x, SYMBOLS) for x in trees]
