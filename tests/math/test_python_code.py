"""The line of Python shows the values that were certified, and is not given where it would not."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from fractions import Fraction
from itertools import islice

import pytest

from grader.math.book import Book
from grader.math.domains import domain
from grader.math.equality import compare
from grader.math.evaluate import evaluate
from grader.math.points import Point
from grader.math.python_code import drawn_function, python_line
from grader.math.python_point import find_point
from grader.math.reader import read_expression
from grader.math.sampling import sample_points
from grader.math.tree import free_names
from grader.math.values import ball, precision
from grader.spec import Symbol
from tests.math.common import SYMBOLS

MORE = {
    **SYMBOLS,
    "lambda": Symbol(domain="positive"),
    "gamma": Symbol(),
    "h": Symbol(arity=1, domain="(2, 5)"),
    "q": Symbol(arity=1, domain="negative"),
    "u": Symbol(shape=("2",)),
}


def points(text: str, count: int = 3) -> list[Point]:
    used = free_names(read_expression(text, MORE))
    return list(islice(sample_points({n: s for n, s in MORE.items() if n in used}, "seed", []), count))


def printed(line: str) -> list[str]:
    """What the line prints behind its labels."""
    command, option, code = shlex.split(line)
    assert (command, option) == ("python3", "-c")
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return [row.split()[1] for row in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "r*cos(theta) - pi*e^x",
        "1/3 + 1/7",
        "x^(1/3*n) + D^n",
        "sum(k_i*x, i=1..n) + k_n",
        "prod(a_i - 1/2, i=0..3)",
        "r*p_XY(x, y)/p(x) + f(x)",
        "h(x) + q(y)",
        "f''(x) + p_XY^(1,0)(x, y)",
        "diff(x^3*p(2*x), x)",
        "cases(0, x < 0, 1, x = 0, x^2)",
        "[x < y] - [x = 1/3] + [2 <= x]",
        "cases(1, [x < 0 or 3 < x and y < 2], 2)",
        "log_2(r) + log(r)",
        "n!/3 + binom(n, m)",
        "sign(x)*|x| + max(x, y, 1) + min(x)",
        "floor(x) + ceil(y/3)",
        "arctan(x) + arcsin(D) + tanh(x)",
        "lambda*gamma",
        "0.25*x - 2.5e-1",
        r"k_1 k_2 \cdots k_n",
    ],
)
def test_the_line_prints_the_value(text: str) -> None:
    tree = read_expression(text, MORE)
    shown = 0
    for point in points(text):
        line = python_line({"key": tree}, point)
        if line is None:
            continue
        with precision(200):
            value = ball(evaluate(tree, point, Book()))
        (found,) = printed(line)
        assert abs(float(value.mid()) - float(Fraction(found))) <= 1e-7 * abs(float(value.mid()))
        shown += 1
    assert shown


def test_short_fractions_are_printed_exactly() -> None:
    point = Point({"x": Fraction(2, 7)}, "seed", {"x": domain("real")})
    line = python_line({"key": read_expression("x/3", MORE), "response": read_expression("3x", MORE)}, point)
    assert line is not None
    assert printed(line) == ["2/21", "6/7"]


@pytest.mark.parametrize(
    "text",
    ["integral(x^2, x=0..1)", "[x, y]", "norm(u)", "infinity", "1/2004!", "exp(10^4)/exp(10^4)", "cases(0, 1 < 0)"],
)
def test_no_line_for_what_python_alone_cannot_show(text: str) -> None:
    (point,) = points(text, 1)
    assert python_line({"key": read_expression(text, MORE)}, point) is None


@pytest.mark.parametrize(
    ("key", "response"),
    [("sqrt(2)*x", "sqrt(2)*x*(1 + 10^-20)"), ("sqrt(x^2 + 10^-30) - x", "0"), ("sin(10^30)", "0.09")],
)
def test_no_line_where_doubles_would_mislead(key: str, response: str) -> None:
    point = Point({"x": Fraction(7, 3)}, "seed", {"x": domain("positive")})
    assert python_line({"key": read_expression(key, MORE), "response": read_expression(response, MORE)}, point) is None


def test_nothing_in_it_steers_a_shell() -> None:
    texts = ("r*p_XY(x, y)", "sum(k_i, i=1..n)", "cases(0, x != 0, 1)", "n!")
    lines = [python_line({"key": read_expression(t, MORE)}, points(t, 1)[0]) for t in texts]
    for line in lines:
        assert line is not None
        inside = line.removeprefix('python3 -c "').removesuffix('"')
        assert not re.search(r'["$`\\!\n]', inside)


@pytest.mark.parametrize(("name", "arity"), [("p_XY", 2), ("f", 1), ("h", 1), ("q", 1)])
def test_a_drawn_function_is_the_one_of_the_point(name: str, arity: int) -> None:
    point = Point({}, "some seed", {key: domain(symbol.domain) for key, symbol in MORE.items()})
    code = f"from math import *; g = {drawn_function(point, name, arity)}; print('v', g({', '.join(['0.75'] * arity)}))"
    (found,) = printed(f'python3 -c "{code}"')
    with precision(100):
        expected = point.call(name, [ball_of("0.75")] * arity)
    assert abs(float(expected.mid()) - float(found)) < 1e-12


def ball_of(text: str):  # type: ignore[no-untyped-def]
    return ball(evaluate(read_expression(text, {}), Point({}, "", {}), Book()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("r*p_XY(x, y)", "r*p_XY(y, x)"),
        ("prod(k_i, i=1..n)", "prod(k_i, i=1..n) - 1"),
        ("x^2", "x^3"),
        ("1/15", "1/16"),
        ("f(1)", "f(2)"),
    ],
)
def test_the_point_of_a_witness_is_found_again(first: str, second: str) -> None:
    trees = [read_expression(text, MORE) for text in (first, second)]
    verdict = compare(*trees, MORE, "seed")
    assert verdict.witness is not None
    assert verdict.values is not None
    point = find_point(trees, verdict.values, verdict.witness, MORE, "seed")
    assert point is not None
    line = python_line({"first": trees[0], "second": trees[1]}, point)
    assert line is not None
    for found, certified in zip(printed(line), verdict.values, strict=True):
        assert float(Fraction(found)) == pytest.approx(float(Fraction(certified)), rel=1e-9)


def test_no_point_for_values_of_another_seed() -> None:
    trees = [read_expression(text, MORE) for text in ("f(x)", "p(x)")]
    verdict = compare(*trees, MORE, "seed")
    assert verdict.witness is not None
    assert verdict.values is not None
    assert find_point(trees, verdict.values, verdict.witness, MORE, "another") is None
