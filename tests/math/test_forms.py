"""Form rules: what keeps them and what breaks them, whatever the value is."""

from __future__ import annotations

import pytest

from grader.errors import Undecided
from grader.math.forms import RULES, violation
from grader.math.reader import read_expression
from grader.math.tree import Call, Derivative, Expression, Matrix, Number, Power, Reduce, Variable
from grader.scalars import FORM_RULES
from grader.spec import Symbol
from tests.math.common import number

SYMBOLS = {
    **{name: Symbol() for name in "abcxyrD"},
    "n": Symbol(domain="positive integer"),
    "k": Symbol(family=True),
    "f": Symbol(arity=1),
}
X = Variable("x")

# rule: what keeps it; what breaks it
TABLE: dict[str, tuple[list[str], list[str]]] = {
    "no-sum": (["x + y", "prod(k_i, i=1..n)"],
               ["sum(k_i, i=1..n)", "1 + x*sum(i, i=1..n)", r"k_1 + k_2 + \cdots + k_n"]),
    "no-product": (["x*y*x", "sum(k_i, i=1..n)"],
                   ["prod(k_i, i=1..n)", "exp(prod(k_i, i=1..n))", r"k_1 k_2 \cdots k_n"]),
    "single-fraction": (
        ["x/y", "(x+1)/x", "-1/x", "1/(x+1)", "x^{-1}", "x + 1", r"\frac{1}{2}x", "exp(1/x)/y", "5%", "0.5", "7",
         "x^2 + 1", "x^2/(x+1)^2"],
        ["1/x + 1", "1/x + 1/y", "x/2 + 1", r"\frac{1}{x}\frac{1}{y}", "x/y/a", "1/(1 + 1/x)", "(a/b)^2", "1/2 + 1/3"],
    ),
    "lowest-terms": (
        ["1/15", "-2/3", "x/y", "(x+1)/2", "-1/(1-D)", "1/x", "(a+b)/c", "x^2 + 1", "0.5", "7", r"\frac{1}{2}x", "5/1"],
        ["2/30", "(r^2)/r", "4/2", r"\frac{2a}{2b}", "(2x+2)/4", "(x^2-1)/(x-1)", "x + 2/4", "exp(2x/4)", "0/5",
         "(x/2+1)/(x+2)", "3*(1/15)", "x^2/(x*y)", "x^{-2}*x"],
    ),
    "factored": (
        ["(x-1)(x+1)", "2(x-1)(x+1)", "(x-1)^2", "x", "6", "x^2 + 1", "(2x)^2", "(x+1)/x", "exp(x)(x+1)", "(x+1)^{-2}"],
        ["x^2-1", "x^2-2x+1", "x*y + x", "(x^2-1)/x", "1/(x^2-1)", "(x^2-1)^2", "1 + 1/x", "sin(x)^2 - 1", "1 - x^2"],
    ),
    "expanded": (
        ["x^2-1", "x^2-2x+1", "-2x", "2x*y + 3", "(x+1)/2", "x/(x+1)", "exp((x+1)^2)", "1/(x^2+1)", r"\frac{-1}{1-D}"],
        ["(x-1)(x+1)", "2(x-1)", "(x-1)^2", "-(x+1)", "1/(x(x+1))", "(2x)^2", "1/(x+1)^2", "x(1+1/x)", "1 + x(x+1)"],
    ),
    "value": (
        ["1/15", "-2", r"\frac{1}{15}", "0.0667", "14,974,991", r"-\frac{1}{15}", "-1/15", "6.67e-2", "6.67%", "2/30",
         r"6.67 \cdot 10^{-2}", "10^6", "-(-2)", "5%"],
        ["1/3*1/5", "1+1", "2^4", "1/(3*5)", r"\frac{1/2}{3}", "0.5/3", "sqrt(4)", "log(2)", "pi", "3!", "x", "1 - 2",
         r"-\frac{1}{3}\cdot\frac{1}{5}"],
    ),
    "exact": (["1/2", "5%", "pi", "x/3", "14,974,991"], ["0.5", "x + 0.5", "1e3", "3*0.1", "exp(0.5*x)", "16.0"]),
}  # fmt: skip
KEPT = [(rule, text) for rule, (kept, _) in TABLE.items() for text in kept]
BROKEN = [(rule, text) for rule, (_, broken) in TABLE.items() for text in broken]


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


@pytest.mark.parametrize(("rule", "text"), KEPT)
def test_kept(rule: str, text: str) -> None:
    assert violation(read(text), rule) is None


@pytest.mark.parametrize(("rule", "text"), BROKEN)
def test_broken(rule: str, text: str) -> None:
    said = violation(read(text), rule)
    assert said is not None
    assert said.startswith("The value is right, but ")
    assert said.endswith(".")


INTEGRAL = Reduce("integral", "t", number(0), number(1), Power(Variable("t"), number(2)))


@pytest.mark.parametrize("tree", [Derivative("x", Power(X, number(2))), Call("f", (X,), (1,)), -1])
def test_no_derivative(tree: Expression | int) -> None:
    expected = "The value is right, but a derivative is left to be taken."
    if isinstance(tree, int):
        tree = Power(Derivative("x", X), number(tree))
    assert violation(tree, "no-derivative") == expected


@pytest.mark.parametrize("tree", [X, Call("f", (X,)), INTEGRAL])
def test_nothing_to_differentiate(tree: Expression) -> None:
    assert violation(tree, "no-derivative") is None


def test_no_integral() -> None:
    assert violation(INTEGRAL, "no-integral") == "The value is right, but an integral is left to be evaluated."
    assert violation(Power(INTEGRAL, number(-1)), "no-integral") is not None
    assert violation(read("sum(i, i=1..n)"), "no-integral") is None
    assert violation(INTEGRAL, "no-sum") is None
    assert violation(INTEGRAL, "no-product") is None


@pytest.mark.parametrize(("text", "nodes"), [("x", 1), ("x + y", 3), ("x + y + a*b", 6), ("x/y", 5)])
def test_size_counts_nodes(text: str, nodes: int) -> None:
    assert violation(read(text), "size", nodes) is None
    assert violation(read(text), "size", nodes - 1) == "The value is right, but it can be written more briefly."


@pytest.mark.parametrize(("rule", "bad"), [("lowest-terms", "2/4"), ("expanded", "x*(x+1)"), ("value", "1+1")])
def test_every_entry_of_a_matrix_keeps_the_rule(rule: str, bad: str) -> None:
    one: Number = number(1)
    assert violation(Matrix(((one, one), (one, one))), rule) is None
    assert violation(Matrix(((one, one), (one, read(bad)))), rule) is not None


def test_every_rule_that_may_be_named_is_judged() -> None:
    assert {*RULES, "size"} == set(FORM_RULES)


@pytest.mark.parametrize(("rule", "text"), [("lowest-terms", "(x + y)^65/x"), ("factored", "x^40*y + y^40 + 1")])
def test_what_is_too_long_to_tell_is_not_told(rule: str, text: str) -> None:
    with pytest.raises(Undecided):
        violation(read(text), rule)
