"""Distributions by name: which are read, in which spellings, and what is a formula that only looks like one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.distributions import LAWS, Law, read_law
from grader.math.reader import read_expression
from grader.math.tree import Number, Variable
from grader.spec import Symbol

SYMBOLS = {"k": Symbol(), "mu": Symbol(), "Z": Symbol(family=True)}


def law(text: str) -> Law | None:
    return read_law(text, SYMBOLS)


def number(value: int) -> Number:
    return Number(Fraction(value))


@pytest.mark.parametrize("name", [name for name, parameters in LAWS.items() if parameters])
@pytest.mark.parametrize("style", ["{}({})", "{} ( {} )", "  {}({})  ", "{}(\n{})"])
def test_every_law_takes_its_parameters_in_order(name: str, style: str) -> None:
    wanted = LAWS[name]
    assert wanted
    values = [str(n) for n in range(1, len(wanted) + 1)]
    expected = Law(name, tuple(map(number, range(1, len(wanted) + 1))))
    for spelling in (name, name.title(), name.upper()):
        assert law(style.format(spelling, ", ".join(values))) == expected
    for wrong in (values[:-1], [*values, "9"]):
        if wrong:
            with pytest.raises(Unreadable) as caught:
                law(style.format(name, ", ".join(wrong)))
            assert f"{name} takes {', '.join(wanted)}, not {len(wrong)} parameters" in str(caught.value)
            assert caught.value.position == style.index("{")


def test_the_documented_order() -> None:
    assert LAWS["normal"] == ("mean", "standard deviation")
    assert LAWS["gamma"] == ("shape", "rate")
    assert LAWS["exponential"] == ("rate",)
    assert LAWS["integers"] == ("least", "greatest")
    assert LAWS["binomial"] == ("trials", "probability")


@pytest.mark.parametrize(("text", "name"), [
    ("gaussian(0, 1)", "normal"), ("Expo(1)", "exponential"), ("t(3)", "student"), ("Normal(0, 1)", "normal"),
    ("categorical(1)", "categorical"), ("categorical(1/2, 1/4, 1/4)", "categorical"),
])  # fmt: skip
def test_other_names(text: str, name: str) -> None:
    found = law(text)
    assert found
    assert found.name == name


def test_parameters_are_formulas() -> None:
    found = law(r"normal(2 mu - max(k, 1), \frac{k}{2})")
    assert found
    assert found.parameters == (
        read_expression("2 mu - max(k, 1)", SYMBOLS),
        read_expression("k/2", SYMBOLS),
    )
    assert law("uniform(-2, 3)") == Law("uniform", (number(-2), number(3)))
    assert law("uniform((1), Z_1)")


@pytest.mark.parametrize("text", [
    "k", "2", "k(3)", "exp(k)", "sum(Z_i, i=1..2)", "max(k, 1)", "min(k, 1)", "log(k)", "ln(k)", "cos(k)", "abs(k)",
    "integral(x, x=0..1)", "gamma(3, 1) + 1", "uniform(0, 1)^2", "2 uniform(0, 1)", "-normal(0, 1)", "(uniform(0, 1))",
    "uniform", "normal 0 1", "", " ", "3(k)", "binom(k, 2)", "factorial(k)", "tan(k)", "beta(1, 2) k",
])  # fmt: skip
def test_other_formulas_are_none(text: str) -> None:
    assert law(text) is None


def test_a_declared_name_is_no_distribution() -> None:
    assert read_law("t(3)", {"t": Symbol()}) is None
    assert read_law("beta(2, 3)", {"beta": Symbol(arity=2)}) is None
    assert read_law("unifrom(2, 3)", {"unifrom": Symbol(arity=2)}) is None


@pytest.mark.parametrize(("text", "meant"), [
    ("unifrom(0, 1)", "uniform"), ("nromal(0, 1)", "normal"), ("bernouli(1/2)", "bernoulli"), ("Possion(3)", "poisson"),
    ("exponental(1)", "exponential"), ("catagorical(1)", "categorical"), ("gausian(0, 1)", "gaussian"),
    ("integer(1, 3)", "integers"), ("  unifrm(0, 1)", "uniform"),
])  # fmt: skip
def test_misspelt_names_are_told(text: str, meant: str) -> None:
    with pytest.raises(Unreadable) as caught:
        law(text)
    assert f"did you mean '{meant}'?" in str(caught.value)
    assert caught.value.position == len(text) - len(text.lstrip())


@pytest.mark.parametrize("text", [
    "uniform()", "uniform(0, 1", "uniform(0,, 1)", "uniform(0 1)", "uniform(0; 1)", "uniform(a, 1)", "uniform(0, 1]",
    "uniform(,)", "normal(0, 1,)", "uniform(0..1)",
])  # fmt: skip
def test_parameters_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Unreadable):
        law(text)


@given(st.text(alphabet="uniformgatbe()01,+-* k^/[]{}\\", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = law(text)
    except Unreadable:
        return
    assert found is None or LAWS[found.name] is None or len(found.parameters) == len(LAWS[found.name] or ())


@given(st.sampled_from(sorted(LAWS)), st.lists(st.integers(-99, 99), min_size=1, max_size=4))
def test_whatever_is_written_is_read(name: str, values: list[int]) -> None:
    text = f"{name}({', '.join(map(str, values))})"
    if LAWS[name] is None or len(LAWS[name] or ()) == len(values):
        assert law(text) == Law(name, tuple(map(number, values)))
    else:
        with pytest.raises(Unreadable, match="parameters"):
            law(text)


def test_names_within_parameters_keep_their_meaning() -> None:
    found = law("normal(mu, k)")
    assert found == Law("normal", (Variable("mu"), Variable("k")))
