"""Ranges hold whatever draws give, for formulas of every shape; what has no value is never taken for one."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.reader import read_expression
from grader.math.tree import Add, Apply, Expression, Multiply, Number, Power, Variable, negate, walk
from grader.montecarlo.interpreting import prepared
from grader.montecarlo.model import build_model
from grader.montecarlo.ranges import WHOLE, Range, Ranges, minus, outward, plus, times
from grader.montecarlo.vectors import Vectors
from grader.spec import Symbol

INF = math.inf
NAMES = ("X", "Y", "Z")
SYMBOLS = {name: Symbol() for name in NAMES}
WAYS = ["less", "atmost", "same"]

ends = st.integers(-6, 6).map(lambda n: n / 2)
positive = st.integers(1, 8).map(lambda n: n / 2)
shares = st.integers(0, 8).map(lambda n: n / 8)


@st.composite
def laws(draw: st.DrawFn) -> str:
    """A distribution as typed, of any kind."""
    low, size, share, whole = draw(ends), draw(positive), draw(shares), draw(st.integers(-3, 3))
    first = draw(st.sampled_from(["uniform", "integers", "binomial", "categorical", "beta", "gamma", "student", "one"]))
    return {
        "uniform": f"uniform({low}, {low} + {size})",
        "integers": f"integers({whole}, {whole} + {draw(st.integers(0, 3))})",
        "binomial": f"binomial({draw(st.integers(0, 5))}, {share})",
        "categorical": f"categorical({share}, 1 - {share})",
        "beta": f"beta({size}, {draw(positive)})",
        "gamma": f"gamma({size}, {draw(positive)})",
        "student": f"student({size})",
        "one": draw(
            st.sampled_from(
                [f"{name}({low}, {size})" for name in ("normal", "laplace", "logistic", "cauchy")]
                + [f"exponential({size})", f"poisson({size})", f"geometric(1/8 + 7/8*{share})", f"bernoulli({share})"]
            )
        ),
    }[first]


def numbers() -> st.SearchStrategy[Expression]:
    return st.fractions(-3, 3, max_denominator=4).map(Number)


def conditions(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.builds(lambda f, x, y: Apply(f, (x, y)), st.sampled_from(WAYS), inner, inner)


def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    exponents = st.sampled_from([Fraction(n, d) for n in (-9, -3, -2, -1, 1, 2, 3, 7, 8, 9, 12) for d in (1, 2, 3)])
    functions = st.sampled_from(
        "exp log sqrt abs sign sin cos tan arcsin arccos arctan sinh cosh tanh ceil floor factorial".split()
    )
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Add),
        several.map(Multiply),
        inner.map(negate),
        st.builds(lambda x, n: Power(x, Number(n)), inner, exponents),
        st.builds(Power, inner, inner),
        st.builds(lambda f, x: Apply(f, (x,)), functions, inner),
        st.builds(lambda f, x: Apply(f, x), st.sampled_from(["max", "min"]), several),
        conditions(inner),
        st.builds(lambda a, c, b: Apply("cases", (a, c, b)), inner, conditions(inner), inner),
    )


trees = st.recursive(st.sampled_from(NAMES).map(Variable) | numbers(), larger, max_leaves=8)


@settings(max_examples=200)
@given(st.tuples(laws(), laws(), laws()), trees, st.integers(0, 2**32))
def test_whatever_is_drawn_lies_in_the_range(chosen: tuple[str, str, str], tree: Expression, seed: int) -> None:
    model = build_model(dict(zip(NAMES, chosen, strict=True)), {})
    with np.errstate(all="ignore"):
        try:
            found = np.atleast_1d(model.draw(np.random.default_rng(seed), 64).of(tree))
        except Unreadable:  # a part that is constant has no value
            return
        try:
            low, high = model.range(tree)
        except Unreadable:  # some part has no value for any draw
            if not any(isinstance(node, Apply) and node.function == "cases" for node in walk(tree)):
                assert not np.isfinite(found).any()
            return
    assert low <= high
    values = found[np.isfinite(found)]
    dust = 1e-9 * np.abs(values)
    assert np.all(values >= low - dust)
    assert np.all(values <= high + dust)


def of(text: str, **known: Range) -> Range:
    return Ranges(known, {}).of(prepared(read_expression(text, SYMBOLS), {}))


def close(found: Range, low: float, high: float) -> bool:
    """Whether a range is this one, widened outwards by no more than dust."""
    sides = zip(found, (low, high), (1, -1), strict=True)
    return all(a == b or (sign * (b - a) >= 0 and abs(b - a) <= 1e-13 * (1 + abs(b))) for a, b, sign in sides)


@pytest.mark.parametrize(
    ("text", "x", "low", "high"),
    [
        ("1/X", (2, 4), 0.25, 0.5),
        ("1/X", (-4, -2), -0.5, -0.25),
        ("1/X", (0, 4), 0.25, INF),
        ("1/X", (-4, 0), -INF, -0.25),
        ("1/X", (-1, 4), -INF, INF),
        ("1/X", (0, 0), -INF, INF),
        ("1/X", (2, INF), 0, 0.5),
        ("1/X", (-INF, -2), -0.5, 0),
        ("X^2", (-2, 3), 0, 9),
        ("X^2", (-3, -2), 4, 9),
        ("X^2", (2, 3), 4, 9),
        ("X^2", (-3, 0), 0, 9),
        ("X^2", (-INF, 1), 0, INF),
        ("X^3", (-2, 3), -8, 27),
        ("X^3", (-INF, INF), -INF, INF),
        ("X^0", (-INF, INF), 1, 1),
        ("X^(-2)", (2, 4), 1 / 16, 0.25),
        ("X^(-3)", (-2, -1), -1, -1 / 8),
        ("X^(1/2)", (-2, 4), 0, 2),
        ("X^(3/2)", (4, INF), 8, INF),
        ("X^(-1/2)", (4, INF), 0, 0.5),
        ("X^1000", (-10, 10), 0, INF),
        ("X^1001", (-10, 10), -INF, INF),
        ("X^X", (1, 2), 1, 4),
        ("X^X", (0, 2), -INF, INF),
        ("2^X", (-1, 3), 0.5, 8),
        ("exp(X)", (-INF, 0), 0, 1),
        ("exp(X)", (0, 1000), 1, INF),
        ("exp(X)", (-INF, INF), 0, INF),
        ("log(X)", (0, 1), -INF, 0),
        ("log(X)", (-1, 1), -INF, 0),
        ("log(X)", (1, INF), 0, INF),
        ("sqrt(X)", (-1, 4), 0, 2),
        ("sqrt(X)", (0, INF), 0, INF),
        ("abs(X)", (-3, 2), 0, 3),
        ("abs(X)", (-3, -2), 2, 3),
        ("abs(X)", (2, 3), 2, 3),
        ("abs(X)", (-INF, 2), 0, INF),
        ("sin(X)", (-INF, INF), -1, 1),
        ("tan(X)", (0, 1), -INF, INF),
        ("tanh(X)", (-INF, INF), -1, 1),
        ("sinh(X)", (-1000, 0), -INF, 0),
        ("cosh(X)", (-1, 1), 1, math.cosh(1)),
        ("cosh(X)", (-1000, 1), 1, INF),
        ("arctan(X)", (-INF, INF), -math.pi / 2, math.pi / 2),
        ("ceil(X)", (-1.5, 1.5), -1, 2),
        ("floor(X)", (-1.5, 1.5), -2, 1),
        ("floor(X)", (-INF, 1.5), -INF, 1),
        ("max(X, 1, 2)", (-1, INF), 2, INF),
        ("min(X, 1, 2)", (-1, INF), -1, 1),
        ("X - X", (1, 2), -1, 1),
        ("X - X", (-INF, INF), -INF, INF),
        ("0 * X", (-INF, INF), 0, 0),
        ("X * X", (-2, 3), -6, 9),
        ("-3 X", (-2, INF), -INF, 6),
        ("[X < 1]", (0, 0.5), 1, 1),
        ("[X < 1]", (2, 3), 0, 0),
        ("[X < 1]", (0, 1), 0, 1),
        ("[X <= 1]", (1, 1), 0, 1),
        ("[X = 1]", (1, 1), 0, 1),
        ("X if X < 1 else 5", (-2, 0), -2, 0),
        ("X if X < 1 else 5", (2, 3), 5, 5),
        ("X if X < 1 else 5", (-2, 3), -2, 5),
        ("X if X < 1 else 5 if X < 2 else 9", (-2, 3), -2, 9),
    ],
)
def test_ranges_of_single_steps(text: str, x: Range, low: float, high: float) -> None:
    assert close(of(text, X=(float(x[0]), float(x[1]))), low, high)


def test_constants_have_both_ends() -> None:
    low, high = of("pi")
    assert low <= math.pi <= high
    assert math.nextafter(low, high) >= high  # as narrow as two floats can be
    third = of("1/3")
    assert Fraction(third[0]) < Fraction(1, 3) < Fraction(third[1])
    assert of("3") == (3, 3)
    assert of("10^30 + 1")[0] <= 10**30 + 1 <= of("10^30 + 1")[1]


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.integers(1, 5))
def test_outward_is_outward(a: float, b: float, units: int) -> None:
    low, high = outward(a, b, units)
    assert low < a or a == -INF
    assert high > b or b == INF


pairs = st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)).map(lambda pair: (min(pair), max(pair)))


@given(pairs, pairs)
def test_arithmetic_holds_the_exact_values_of_ends(a: Range, b: Range) -> None:
    """Rounding never loses an end, compared with exact arithmetic, and no end is ever nan."""
    found = {"+": plus(a, b), "-": minus(a, b), "*": times(a, b)}
    assert not any(math.isnan(end) for low_high in found.values() for end in low_high)
    for x in filter(math.isfinite, a):
        for y in filter(math.isfinite, b):
            left, right = Fraction(x), Fraction(y)
            for sign, exact in (("+", left + right), ("-", left - right), ("*", left * right)):
                low, high = found[sign]
                assert low == -INF or Fraction(low) <= exact if low != INF else False
                assert high == INF or Fraction(high) >= exact if high != -INF else False


@given(pairs, st.integers(-9, 9))
def test_powers_hold_the_exact_values_of_ends(x: Range, n: int) -> None:
    low, high = Ranges({}, {}).to_the(x, Fraction(n))
    assert not math.isnan(low)
    assert not math.isnan(high)
    for end in filter(math.isfinite, x):
        if end or n >= 0:
            exact = Fraction(end) ** n
            assert low == -INF or Fraction(low) <= exact
            assert high == INF or Fraction(high) >= exact


def test_reciprocals_are_rounded_outwards() -> None:
    low, high = of("1/X", X=(3.0, 7.0))
    assert Fraction(low) < Fraction(1, 7) < Fraction(1, 3) < Fraction(high)


def test_infinity_less_infinity_is_everything() -> None:
    assert plus((-INF, INF), (INF, INF)) == WHOLE
    assert outward(math.nan, 1.0) == WHOLE


@pytest.mark.parametrize("text", ["log(X)", "sqrt(X)", "X^(1/2)", "X^(-1/2)", "1 + log(X)"])
def test_what_has_no_value_anywhere_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="no value anywhere"):
        of(text, X=(-2.0, -1.0))


def drawn(text: str, *values: float) -> list[float]:
    with np.errstate(all="ignore"):
        found = Vectors({"X": np.array(values)}, {}).of(prepared(read_expression(text, SYMBOLS), {}))
    return [float(x) for x in np.broadcast_to(found, len(values))]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("X^3", (-2, 3), (-8, 27)),
        ("X^9 - X", (-2, 2), (-510, 510)),
        ("1/X + X^(-2)", (2, -1), (0.75, 0)),
        ("X - 2*X/4", (2, 3), (1, 1.5)),
        ("sqrt(X) + X^(1/3) + X^(3/2)", (64,), (8 + 4 + 512,)),
        ("2^X * X^X", (2, 1), (16, 2)),
        ("log_2(X) + ln(X)", (8, 1), (3 + math.log(8), 0)),
        ("X!", (0, 1, 5, 0.5), (1, 1, 120, math.gamma(1.5))),
        ("max(X, 1) + 10 min(X, 1)", (0, 3), (1, 13)),
        ("sign(X) + |X|", (-2, 0, 3), (1, 0, 4)),
        ("ceil(X) + 10 floor(X)", (1.5, -1.5), (12, -21)),
        ("[X < 2] + 10 [X <= 2] + 100 [X = 2]", (1, 2, 3), (11, 110, 0)),
        ("[X > 2] + 10 [X >= 2] + 100 [X != 2]", (1, 2, 3), (100, 10, 111)),
        ("[X > 1 and X < 3] + 10 [X < 1 or X > 3]", (0, 2, 4), (10, 1, 10)),
        ("5 if X < 1 else 6 if X < 2 else 7", (0, 1, 2), (5, 6, 7)),
        ("cases(5, X < 1, 6, X < 2, 8, X < 3, 7)", (0, 1, 2, 3), (5, 6, 8, 7)),
        ("0 if X <= 0 else log(X)", (-1, 0, 1), (0, 0, 0)),
        ("sum(X^i, i=0..3)", (2, 10), (15, 1111)),
        ("prod(X + i, i=1..3)", (1, 0), (24, 6)),
        ("sum(X, i=3..2) + prod(X, i=3..2)", (7,), (1,)),
        ("sum(sum(X*i*j, j=1..i), i=1..3)", (1, 2), (25, 50)),
        ("arctan(X) + tanh(X) + sinh(X) + cosh(X)", (0,), (1,)),
        ("pi*e*X^0", (5,), (math.pi * math.e,)),
    ],
)
def test_formulas_over_draws(text: str, values: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert drawn(text, *values) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "1/X", "X^(-3)", "X^(-1/2)", "X^(X - 1)", "log(X)", "log_2(X)", "1/(1/X)", "exp(-1/X^2)", "tanh(log(X))",
        "[1/X < 1]", "[log(X) < 1]", "[1/X = 1/X]", "1 if 1/X > 3 else 2", "max(1/X, 1)", "0*log(X)",
        "[X > 0 and log(X) < 1]", "1/log_X(2)", "(X - 1)!", "sqrt(X - 1)", "(X - 1)^(1/3)", "arcsin(X + 2)",
    ],
)  # fmt: skip
def test_what_has_no_value_at_zero_has_none(text: str) -> None:
    """Not even where infinity would come to a finite end, as in 1/(1/0) and exp(-1/0)."""
    assert not math.isfinite(drawn(text, 0.0, 2.0)[0])
    assert "log_X" in text or text == "arcsin(X + 2)" or math.isfinite(drawn(text, 0.0, 2.0)[1])


def test_overflow_is_no_value() -> None:
    assert drawn("exp(X)", 1000)[0] == INF
    assert drawn("X!", 171)[0] == INF
    assert math.isnan(drawn("[exp(X) < 1]", 1000)[0])
    assert of("X!", X=(0.0, INF)) == WHOLE


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("integral(X t, t=0..1)", "no formula in numbers"),
        ("[X, 1]", "no formula in numbers"),
        ("binom(X, 2)", "`binom` is not carried out"),
        ("cases(1, X < 2)", "otherwise"),
        ("sum(i X, i=1..1001)", "at most 1000 terms"),
        ("sum(i X, i=1..1/2)", "must be a whole number"),
        ("sum(i, i=1..X)", "`X` is no constant"),
        ("X + 1/0", "has no value"),
        ("X + infinity", "has no value"),
        ("X + log(-1)", "has no value"),
    ],
)
def test_what_cannot_be_carried_out_is_told(text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        drawn(text, 1.0)


def test_a_sum_of_a_thousand_terms_is_fine() -> None:
    assert drawn("sum(X, i=1..1000)", 2.0) == [2000]
