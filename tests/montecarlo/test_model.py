"""Descriptions of random variables: constants, families, formulas; whatever cannot be is told, by its name."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from grader.errors import Unreadable
from grader.math.distributions import Law
from grader.math.reader import read_expression
from grader.math.tree import Expression, Variable, substitute
from grader.montecarlo.claims import read_statistic
from grader.montecarlo.model import MAX_VARIABLES, Misdescribed, Model, build_model
from grader.montecarlo.stated import Stated, usual_margin
from grader.montecarlo.vectors import Array
from grader.routes import Simulation
from grader.spec import Symbol

Described = dict[str, str | tuple[str, str]]


def model_of(**described: str | tuple[str, str]) -> Model:
    return build_model(described, {})


def drawn(model: Model, text: str, n: int = 5000, seed: int = 3) -> Array:
    vectors = model.draw(np.random.default_rng(seed), n)
    return np.broadcast_to(vectors.of(model.prepared(read_expression(text, model.symbols))), n)


def test_constants_are_no_random_variables() -> None:
    model = model_of(k="3", half="k/6", p="integral(exp(-t^2), t=0..1)", X="uniform(0, k*half)", c="sqrt(k + p)")
    assert [v.name for v in model.variables] == ["X"]
    assert set(model.constants) == {"k", "half", "p", "c"}
    assert (model.width(), model.drawn()) == (1, 1)
    low, high = model.ranges["X"]
    assert (low, high) == pytest.approx((0, 1.5))
    assert drawn(model, "p")[0] == pytest.approx(math.sqrt(math.pi) / 2 * math.erf(1), rel=1e-15)
    assert drawn(model, "c^2 - p")[0] == pytest.approx(3)


def test_formulas_may_use_all_that_stands_above() -> None:
    model = model_of(k="2", X="uniform(-1, 1)", Y="X^k", W="normal(10*Y, 1/1000)", V="W - 10*Y + k")
    assert (model.width(), model.drawn()) == (4, 2)
    assert np.array_equal(drawn(model, "Y"), drawn(model, "X") ** 2)
    assert np.abs(drawn(model, "V") - 2).max() < 0.01
    low, high = model.ranges["Y"]
    assert low <= 0 < 0.9999 < 1 <= high < 1.0001
    assert model.ranges["W"] == (-math.inf, math.inf)


def test_families_are_independent_draws() -> None:
    model = model_of(k="4", Z=("k", "uniform(0, 1)"), A="sum(Z_i, i=1..k)/k", B="max(Z_1, Z_k) - Z_(k-1)")
    assert (model.width(), model.drawn()) == (6, 4)
    columns = [drawn(model, f"Z_{i}") for i in range(1, 5)]
    correlations = np.corrcoef(columns) - np.eye(4)
    assert np.abs(correlations).max() < 6 / math.sqrt(5000)
    assert np.allclose(drawn(model, "A"), np.mean(columns, axis=0))
    assert np.array_equal(drawn(model, "B"), np.maximum(columns[0], columns[3]) - columns[2])
    low, high = model.ranges["A"]
    assert -1e-12 < low <= 0 < 1 <= high < 1 + 1e-12


def test_a_family_may_depend_on_a_variable() -> None:
    model = model_of(M="integers(0, 1)", Z=("3", "normal(100 M, 1)"))
    assert np.abs(drawn(model, "Z_1 + Z_2 - 2 Z_3")).max() < 20
    assert len(set(drawn(model, "floor(Z_1/50 + 1/2)").tolist())) == 2


def test_the_largest_family() -> None:
    model = model_of(Z=(str(MAX_VARIABLES), "bernoulli(1/2)"), S=f"sum(Z_i, i=1..{MAX_VARIABLES})")
    assert model.width() == MAX_VARIABLES + 1
    assert abs(drawn(model, "S", 1000).mean() - 150) < 6 * math.sqrt(75 / 1000)


def test_the_same_seed_gives_the_same_draws() -> None:
    model = model_of(X="normal(0, 1)", Z=("2", "gamma(2, 1)"))
    for text in ("X", "Z_1", "Z_2"):
        assert np.array_equal(drawn(model, text, seed=5), drawn(model, text, seed=5))
        assert not np.array_equal(drawn(model, text, seed=5), drawn(model, text, seed=6))


@pytest.mark.parametrize(("described", "name", "sentence"), [
    ({"X": "uniform(3, -2)"}, "X", "the ends are in the wrong order"),
    ({"X": "uniform(0, 1)", "Y": "normal(0, 0)"}, "Y", "the standard deviation is a positive number, not 0"),
    ({"k": "5/2", "X": "binomial(k, 1/2)"}, "X", "the trials is a whole number, not 2.5"),
    ({"X": "uniform(0)"}, "X", "uniform takes low, high, not 1 parameters"),
    ({"X": "unifrom(0, 1)"}, "X", "did you mean 'uniform'?"),
    ({"X": "uniform(0, 1"}, "X", "expected `)`"),
    ({"X": "uniform(0, 1)", "Y": "X +"}, "Y", "the formula ends"),
    ({"X": "uniform(0, 1)", "Y": ""}, "Y", "there is no formula"),
    ({"X": "uniform(0, 1)", "Y": "X < 1"}, "Y", "expected"),
    ({"X": "Z^2", "Z": "uniform(0, 1)"}, "X", "`Z` is no name known here"),
    ({"X": "uniform(0, Y)", "Y": "uniform(1, 2)"}, "X", "`Y` is no name known here"),
    ({"X": "X + 1", "Y": "uniform(0, 1)"}, "X", "`X` is no name known here"),
    ({"Z": ("k", "uniform(0, 1)"), "k": "3"}, "Z", "`k` is no name known here"),
    *(({name: "uniform(0, 1)"}, name, "has a meaning of its own") for name in
      ("E", "P", "Var", "density", "bias", "e", "pi")),
    ({"k": "3"}, "k", "nothing is random"),
    ({"k": "3", "c": "k^2"}, "k", "nothing is random"),
    ({"Z": ("0", "uniform(0, 1)")}, "Z", "a number from 1 to 300, not 0"),
    ({"Z": ("-1", "uniform(0, 1)")}, "Z", "a number from 1 to 300, not -1"),
    ({"Z": ("301", "uniform(0, 1)")}, "Z", "a number from 1 to 300, not 301"),
    ({"Z": ("10^12", "uniform(0, 1)")}, "Z", "a number from 1 to 300, not"),
    ({"Z": ("5/2", "uniform(0, 1)")}, "Z", "must be a whole number"),
    ({"Z": ("pi", "uniform(0, 1)")}, "Z", "must be a whole number"),
    ({"Z": ("1/0", "uniform(0, 1)")}, "Z", "has no value"),
    ({"N": "integers(1, 3)", "Z": ("N", "uniform(0, 1)")}, "Z", "`N` is no constant"),
    ({"Z": ("3", "1/2")}, "Z", "expected a distribution under from: instead of '1/2'"),
    ({"X": "uniform(0, 1)", "Z": ("3", "X^2")}, "Z", "expected a distribution under from:"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "Z_4"}, "X", "the elements 1 to 3, not 4"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "Z_0"}, "X", "the elements 1 to 3, not 0"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "sum(Z_i, i=1..4)"}, "X", "the elements 1 to 3, not 4"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "Z_(3/2)"}, "X", "an index must be a whole number"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "Z + 1"}, "X", "`Z` needs an index"),
    ({"Z": ("3", "uniform(0, 1)"), "X": "normal(Z_4, 1)"}, "X", "the elements 1 to 3, not 4"),
    ({"N": "integers(1, 3)", "Z": ("3", "uniform(0, 1)"), "X": "Z_N"}, "X", "`N` is no constant"),
    ({"N": "integers(1, 3)", "X": "sum(i, i=1..N)"}, "X", "`N` is no constant"),
    ({"X": "uniform(0, 1)", "Y": "sum(X, i=1..1/2)"}, "Y", "a bound of a sum or product must be a whole number"),
    ({"X": "uniform(0, 1)", "Y": "sum(X, i=1..5000)"}, "Y", "at most 1000 terms"),
    ({"X": "uniform(0, 1)", "Y": "integral(X*t, t=0..1)"}, "Y", "no formula in numbers"),
    ({"X": "uniform(0, 1)", "Y": "[X, 1]"}, "Y", "no formula in numbers"),
    ({"X": "uniform(0, 1)", "c": "[1, 2]"}, "c", "has no value"),
    ({"X": "uniform(0, 1)", "c": "1/0"}, "c", "has no value"),
    ({"X": "uniform(0, 1)", "c": "infinity"}, "c", "has no value"),
    ({"X": "uniform(-2, -1)", "Y": "log(X)"}, "Y", "no value anywhere"),
])  # fmt: skip
def test_what_cannot_be_is_told_with_its_name(described: Described, name: str, sentence: str) -> None:
    with pytest.raises(Misdescribed) as caught:
        build_model(described, {})
    assert caught.value.name == name
    assert sentence in str(caught.value)


def test_a_function_that_cannot_be_carried_out_is_told_when_drawn() -> None:
    with pytest.raises(Misdescribed, match="`binom` is not carried out") as caught:
        drawn(model_of(X="uniform(0, 1)", Y="binom(X, 2)"), "Y")
    assert caught.value.name == "Y"


def test_formulas_with_other_names_are_put_in() -> None:
    def put_in(x: Expression) -> Expression:
        return substitute(x, "answer", read_expression("1/4", {}))

    model = build_model({"X": "uniform(answer, 2*answer)", "c": "answer"}, {"answer": Symbol()}, put_in)
    assert model.ranges["X"] == (0.25, 0.5)
    assert drawn(model, "4 c + 4 answer")[0] == 2
    assert model.prepared(Variable("answer")) == read_expression("1/4", {})


def test_constants_do_not_reach_into_sums() -> None:
    model = model_of(i="7", Z=("3", "uniform(i, i + 1)"))
    assert drawn(model, "sum(0*Z_i + i, i=1..3) + i")[0] == 13


def test_laws_keep_their_parameters_written_out() -> None:
    (variable,) = model_of(k="2", X="normal(sum(i, i=1..k), k)").variables
    assert isinstance(variable.what, Law)
    assert not any("k" in str(parameter) for parameter in variable.what.parameters)


# --- as instructors state it ---


def stated(claims: list[str], put_in: str = "", **simulation: object) -> Stated:
    """``put_in`` is what ``answer`` stands for."""
    names = {"answer": Symbol()} if put_in else {}
    return Stated(
        Simulation.model_validate(simulation), claims, names,
        lambda x: substitute(x, "answer", read_expression(put_in, {})) if put_in else x,
    )  # fmt: skip


FAMILY = {"Z": {"draws": "k", "from": "uniform(0, 1)"}, "A": "sum(Z_i, i=1..k)/k"}


def test_repeated_constants_are_runs_of_their_own() -> None:
    found = stated(["E[A] = 1/2", "Var[A] = 1/(12 k)"], simulate=FAMILY, **{"for": {"k": ["1", "2"]}}, margin=0.05)
    runs = found.judge("seed")
    assert [run.claim for run in runs] == [
        "E[A] = 1/2, k = 1", "Var[A] = 1/(12 k), k = 1", "E[A] = 1/2, k = 2", "Var[A] = 1/(12 k), k = 2",
    ]  # fmt: skip
    assert {run.kind for run in runs} == {"supported"}
    assert [run.target for run in runs] == pytest.approx([1 / 2, 1 / 12, 1 / 2, 1 / 24])
    assert len({run.seed for run in runs}) == 2
    assert found.judge("seed") == runs
    assert found.judge("other")[0].estimate != runs[0].estimate


def test_every_combination_is_judged_up_to_the_first_refuted() -> None:
    both = {"for": {"a": ["0", "1"], "b": ["2", "3"]}}
    claims = ["E[X] > a", "E[X] <= (a + b)/2 + 1/100"]
    runs = stated(claims, simulate={"X": "uniform(a, b)"}, **both).judge("seed")
    assert [run.claim.split(",", 1)[1].strip() for run in runs[::2]] == [
        f"a = {a}, b = {b}" for a in "01" for b in "23"
    ]
    runs = stated(["E[X] < 5/4"], simulate={"X": "uniform(a, b)"}, **both).judge("seed")
    assert [run.kind for run in runs] == ["supported", "refuted"]


def test_what_is_put_in() -> None:
    assert stated(["E[X] = answer"], "1/2", simulate={"X": "uniform(0, 1)"}).judge("s")[0].kind == "supported"
    assert stated(["E[X] = answer"], "0.53", simulate={"X": "uniform(0, 1)"}).judge("s")[0].kind == "refuted"
    (claim,) = stated(["E[X] = answer"], "1/2", simulate={"X": "uniform(0, 1)"}).read()
    assert (claim.left, claim.right) == (read_statistic("E[X]", {"X": Symbol()}), Variable("answer"))


def test_a_described_name_hides_what_is_put_in() -> None:
    runs = stated(["E[answer] = 1/2"], "7", simulate={"answer": "uniform(0, 1)"}).judge("s")
    assert runs[0].kind == "supported"
    runs = stated(["E[X] = answer/2"], "7", simulate={"answer": "1", "X": "uniform(0, answer)"}).judge("s")
    assert runs[0].kind == "supported"


def test_a_name_twice() -> None:
    with pytest.raises(Misdescribed, match="described twice") as caught:
        stated(["E[X] = 1/2"], simulate={"k": "2", "X": "uniform(0, 1)"}, **{"for": {"k": ["1"]}}).judge("s")
    assert caught.value.name == "k"


def test_rules_as_stated() -> None:
    normal = {"X": "normal(1, 2)"}
    assert stated(["E[X] = 1"], simulate=normal, variance={"X": "2^2"}, margin=0.1).judge("s")[0].kind == "supported"
    run = stated(["Var[X] = 4"], simulate=normal, variance={"Var[X]": "40"}, margin=0.5, alpha=0.01).judge("s")[0]
    assert (run.kind, run.alpha, run.margin) == ("supported", 0.01, 0.5)
    run = stated(["P(X < 1) = 1/2"], simulate=normal, draws=5000, margin=1e-6).judge("s", 0.3)[0]
    assert (run.kind, run.draws, run.margin) == ("undecided", 5000, 1e-6)
    assert stated(["P(X < 1) = 1/2"], simulate=normal).judge("s", 0.3)[0].margin == 0.3


@pytest.mark.parametrize(("claims", "more", "sentence"), [
    (["E[X = 1"], {}, "the claim 'E[X = 1' cannot be read: expected `]`"),
    (["E[X] = 1/2"], {"variance": {"X": "0"}}, "the bound for X is a positive number, not 0"),
    (["E[X] = 1/2"], {"variance": {"X": "-1"}}, "the bound for X is a positive number, not -1"),
    (["E[X] = 1/2"], {"variance": {"X +": "1"}}, "the formula ends"),
    (["E[X] = 1/2"], {"variance": {"X": "X"}}, "`X` is no constant"),
])  # fmt: skip
def test_what_is_stated_wrongly(claims: list[str], more: dict[str, object], sentence: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(sentence)):
        stated(claims, simulate={"X": "uniform(0, 1)"}, **more).judge("s")


def test_what_a_description_depends_on() -> None:
    """Symbols of the course in its laws, constants and formulas, and those whose names it takes for its own."""
    symbols = {name: Symbol() for name in ("a", "b", "c", "A", "i", "k")}
    simulation = Simulation.model_validate({"simulate": FAMILY | {"B": "b*A + 1"}, "for": {"k": ["1", "2"]}})
    found = Stated(simulation, ["B = c"], symbols, lambda x: substitute(x, "b", read_expression("3", {})))
    assert found.described() == {"A", "b", "k"}


def test_the_usual_margin_is_a_share_of_the_right_value() -> None:
    assert usual_margin(["E[X] = answer"], -2.0) == pytest.approx(0.02)
    assert usual_margin(["density(X, 1) = answer"], 2.0) == pytest.approx(0.1)
    assert usual_margin(["E[X] = answer"], 0.0) is None
