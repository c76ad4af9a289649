"""Values that SymPy derives: right keys are proved in whatever style, wrong ones refuted with numbers, and what SymPy
cannot do is undecided."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from grader.errors import Unreadable
from grader.math import decide, deriving
from grader.math.deriving import (
    Always,
    ChangeOfVariables,
    DensityOf,
    DerivativeOf,
    Determinant,
    ExpectationOf,
    Finding,
    Gradient,
    HoldsWhere,
    LimitOf,
    ProbabilityOf,
    Question,
    Relation,
    Sometimes,
    ValueOf,
    Variables,
    VarianceOf,
    close,
    decide_statement,
    derive,
)
from grader.math.distributions import read_law
from grader.math.reader import read_expression
from grader.math.regions import Condition, read_region
from grader.math.tree import Expression
from grader.sandbox.endings import Died, OutOfMemory
from grader.spec import Symbol

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "theta": Symbol(),
    "x": Symbol(),
    "y": Symbol(),
    "D": Symbol(domain="(0, 1)"),
    "a": Symbol(domain="positive"),
    "b": Symbol(domain="positive"),
    "q": Symbol(domain="(0, 1)"),
    "mu": Symbol(),
    "sigma": Symbol(domain="positive"),
    "n": Symbol(domain="positive integer"),
    "k": Symbol(domain="positive integer", family=True),
    "f": Symbol(arity=1),
    "p_XY": Symbol(arity=2, domain="nonnegative", latex="p_{X,Y}"),
    "Z": Symbol(),
    "N": Symbol(),
    "X": Symbol(),
}
CLOSED = {"z": Symbol(domain="[0, 3]")}
WIDE = {"z": Symbol(domain="[-2, 3]")}
REAL = {"z": Symbol()}


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def where(**laws: str) -> Variables:
    return {name: read_law(text, SYMBOLS) or read(text) for name, text in laws.items()}


def region(text: str, variable: str) -> Condition:
    return read_region(text, variable, SYMBOLS)


def asked(question: Question, key: str, deadline: float = 60.0) -> Finding:
    return derive(question, read(key), SYMBOLS, "seed", deadline)


def stated(
    kind: type[Always] | type[Sometimes], left: str, relation: Relation, right: str, symbols: dict[str, Symbol]
) -> Finding:
    sides = read_expression(left, symbols), read_expression(right, symbols)
    return decide_statement(kind(sides[0], relation, sides[1]), symbols, "seed", 20.0)


POLAR = (read("r*cos(theta)"), read("r*sin(theta)"))
JACOBIAN = Determinant(POLAR, ("r", "theta"))
DENSITY = ChangeOfVariables(POLAR, ("r", "theta"), "p_XY")
CUBED = DensityOf(read("Z^3"), read("1"), where(Z="uniform(-2, 3)"))
SLOPES = HoldsWhere(region("abs(diff(-log(D), D)) > abs(diff(log(1-D), D))", "D"), "D")
MIXED = where(Z="normal(0, 1)", N="normal(0, 1)", X="[Z > 0] + N")
NORMAL = where(Z="normal(mu, sigma)")


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_running() -> Iterator[None]:
    yield
    close()
    decide.close()
    assert deriving._worker.pid is None


RIGHT: list[tuple[Question, str]] = [
    (JACOBIAN, "r"),
    (JACOBIAN, "sqrt(r^2)"),
    (JACOBIAN, "r*cos(theta)^2 + r*sin(theta)^2"),
    (DENSITY, "r*p_XY(r*cos(theta), r*sin(theta))"),
    (DENSITY, "abs(r) p_XY(r*cos(theta), sin(theta) r)"),
    (DerivativeOf(read("log(1-D)"), "D"), "-1/(1-D)"),
    (DerivativeOf(read("log(1-D)"), "D"), "1/(D-1)"),
    (DerivativeOf(read("-log(D)"), "D"), "-1/D"),
    (DerivativeOf(read("f(x^2)"), "x"), "2*x*f'(x^2)"),
    (Gradient(read("x^2*y"), ("x", "y")), "(2*x*y, x^2)"),
    (CUBED, "1/15"),
    (DensityOf(read("Z^3 + Z"), read("0"), where(Z="cauchy(0, 1)")), "1/pi"),
    (DensityOf(read("abs(Z)"), read("1"), where(Z="laplace(0, 1)")), "1/e"),
    (DensityOf(read("Z^2"), read("1"), where(Z="uniform(-2, 3)")), "1/5"),
    (DensityOf(read("Z^2"), read("a"), where(Z="normal(0, 1)")), "exp(-a/2)/sqrt(2*pi*a)"),
    (DensityOf(read("exp(Z)"), read("a"), NORMAL), "exp(-(log(a)-mu)^2/(2*sigma^2))/(a*sigma*sqrt(2*pi))"),
    (DensityOf(read("Z^2"), read("q"), where(Z="uniform(0, 1)")), "1/(2*sqrt(q))"),
    (DensityOf(read("-log(Z)"), read("a"), where(Z="uniform(0, 1)")), "exp(-a)"),
    (DensityOf(read("Z^2"), read("-1"), where(Z="normal(0, 1)")), "0"),
    (ExpectationOf(read("(X-1/2)^4"), MIXED), "73/16"),
    (ExpectationOf(read("exp(-Z^2)"), where(Z="normal(0, 1)")), "1/sqrt(3)"),
    (ExpectationOf(read("Z^3"), NORMAL), "mu^3 + 3*mu*sigma^2"),
    (ExpectationOf(read("exp(Z)"), NORMAL), "exp(mu + sigma^2/2)"),
    (ExpectationOf(read("abs(Z)"), where(Z="normal(0, 1)")), "sqrt(2/pi)"),
    (ExpectationOf(read("max(Z, N)"), where(Z="uniform(0, 1)", N="uniform(0, 1)")), "2/3"),
    (ExpectationOf(read("exp(Z*N)"), where(Z="uniform(0, 1)", N="bernoulli(q)")), "1 - q + q*(e-1)"),
    (ProbabilityOf(region("Z^3 < 1", "Z"), where(Z="uniform(-2, 3)")), "3/5"),
    (ProbabilityOf(read("[Z^3 < 1]"), where(Z="uniform(-2, 3)")), "3/5"),
    (ProbabilityOf(region("Z < N", "Z"), where(Z="exponential(a)", N="exponential(b)")), "a/(a+b)"),
    (ProbabilityOf(region("Z < q", "Z"), where(Z="uniform(0, 1)")), "q"),
    (ProbabilityOf(region("Z <= 3 or Z > 5", "Z"), where(Z="poisson(1)")), "1 - 1/(20*e)"),
    (ProbabilityOf(region("Z + N = 7", "Z"), where(Z="integers(1, 6)", N="integers(1, 6)")), "1/6"),
    (ProbabilityOf(region("Z != 3", "Z"), where(Z="geometric(q)")), "1 - q*(1-q)^2"),
    (ValueOf(read("sum(i^2, i=1..n)")), "n*(n+1)*(2*n+1)/6"),
    (ValueOf(read("integral(exp(-a*t), t=0..infinity)")), "1/a"),
    (LimitOf(read("sin(x)/x"), "x", read("0")), "1"),
    (LimitOf(read("(1+1/n)^n"), "n", read("infinity")), "e"),
    (LimitOf(read("log(r)"), "r", read("0")), "-infinity"),
]
VARIANCES = {
    "uniform(mu, mu + b)": "b^2/12",
    "normal(mu, sigma)": "sigma^2",
    "laplace(mu, b)": "2*b^2",
    "exponential(a)": "1/a^2",
    "gamma(a, b)": "a/b^2",
    "beta(2, 3)": "1/25",
    "student(5)": "5/3",
    "bernoulli(q)": "q*(1-q)",
    "binomial(5, q)": "5*q*(1-q)",
    "geometric(q)": "(1-q)/q^2",
    "poisson(a)": "a",
    "integers(1, n)": "(n^2-1)/12",
    "categorical(1/2, 1/4, 1/4)": "11/16",
}
RIGHT += [(VarianceOf(read("Z"), where(Z=law)), key) for law, key in VARIANCES.items()]


@pytest.mark.parametrize(("question", "key"), RIGHT)
def test_right_keys_are_proved(question: Question, key: str) -> None:
    found = asked(question, key)
    assert found.kind == "proved", found
    assert found.derived
    assert found.latex


WRONG: list[tuple[Question, str]] = [
    (JACOBIAN, "-r"),
    (JACOBIAN, "r^2"),
    (DENSITY, "r*p_XY(r*sin(theta), r*cos(theta))"),
    (DENSITY, "p_XY(r*cos(theta), r*sin(theta))"),
    (DerivativeOf(read("log(1-D)"), "D"), "1/(1-D)"),
    (DerivativeOf(read("f(x^2)"), "x"), "2*f'(x^2)"),
    (Gradient(read("x^2*y"), ("x", "y")), "(x^2, 2*x*y)"),
    (Gradient(read("x^2*y"), ("x", "y")), "2*x*y"),
    (CUBED, "1/14"),
    (CUBED, "1/16"),
    (ExpectationOf(read("(X-1/2)^4"), MIXED), "74/16"),
    (ExpectationOf(read("Z^3"), NORMAL), "mu^3"),
    (ProbabilityOf(region("Z^3 < 1", "Z"), where(Z="uniform(-2, 3)")), "2/5"),
    (VarianceOf(read("Z"), where(Z="gamma(a, b)")), "a/b"),
    (ValueOf(read("sum(i^2, i=1..n)")), "n^2"),
    (LimitOf(read("log(r)"), "r", read("0")), "infinity"),
]


@pytest.mark.parametrize(("question", "key"), WRONG)
def test_wrong_keys_are_refuted_with_numbers(question: Question, key: str) -> None:
    found = asked(question, key)
    assert found.kind == "refuted", found
    assert found.witness is not None
    assert found.values is not None
    assert found.values[0] != found.values[1]


def test_a_finding_says_what_was_derived_and_where_the_key_differs() -> None:
    found = asked(CUBED, "1/14")
    assert (found.derived, found.latex, found.values) == ("1/15", r"\frac{1}{15}", ("1/15", "1/14"))
    swapped = asked(DENSITY, "r*p_XY(r*sin(theta), r*cos(theta))")
    assert swapped.derived == "r*p_XY(r*cos(theta), r*sin(theta))"
    assert r"p_{X,Y}" in swapped.latex
    assert set(swapped.witness or {}) == {"r", "theta"}


# --- sets ---


@pytest.mark.parametrize("key", ["0 < D < 1/2", "D < 0.5", "D in (0, 1/2)", "1 - D > D"])
def test_the_set_where_a_relation_holds(key: str) -> None:
    found = derive(SLOPES, region(key, "D"), SYMBOLS, "seed")
    assert (found.kind, found.derived) == ("proved", "(0 < D) & (D < 1/2)")


@pytest.mark.parametrize(("key", "witness"), [("D <= 1/2", "1/2"), ("D > 1/2", None), ("D < 0.4999", None)])
def test_another_set_is_refuted_by_a_number_in_one_of_the_two(key: str, witness: str | None) -> None:
    found = derive(SLOPES, region(key, "D"), SYMBOLS, "seed")
    assert found.kind == "refuted"
    assert found.witness
    assert witness in (None, found.witness["D"])


def test_irrational_ends() -> None:
    question = HoldsWhere(region("x^2 > 2", "x"), "x")
    assert derive(question, region("x > sqrt(2) or x < -sqrt(2)", "x"), SYMBOLS, "seed").kind == "proved"
    assert derive(question, region("x > sqrt(2) or x < -1.41421356", "x"), SYMBOLS, "seed").kind == "refuted"


# --- what SymPy cannot do ---

OPEN: list[tuple[Question, str]] = [
    (DensityOf(read("Z^2"), read("0"), where(Z="normal(0, 1)")), "1"),  # the derivative vanishes
    (DensityOf(read("sin(Z)"), read("1/2"), where(Z="normal(0, 1)")), "1"),  # infinitely many inverse images
    (DensityOf(read("Z + N"), read("0"), where(Z="normal(0, 1)", N="normal(0, 1)")), "1"),
    (DensityOf(read("Z"), read("0"), where(Z="poisson(1)")), "1"),
    (DensityOf(read("Z"), read("3"), where(Z="uniform(-2, 3)")), "1/5"),  # the end of the support
    (DensityOf(read("[Z > 0]"), read("1"), where(Z="normal(0, 1)")), "1/2"),
    (ExpectationOf(read("Z"), where(Z="cauchy(0, 1)")), "0"),
    (ExpectationOf(read("1/Z"), where(Z="normal(0, 1)")), "0"),
    (ExpectationOf(read("1/Z"), where(Z="exponential(1)")), "0"),
    (ExpectationOf(read("log(Z)"), where(Z="normal(0, 1)")), "0"),
    (ExpectationOf(read("Z"), where(Z="normal(0, mu)")), "0"),  # a standard deviation that may be negative
    (ExpectationOf(read("exp(exp(Z))"), where(Z="normal(0, 1)")), "1"),
    (VarianceOf(read("Z"), where(Z="student(2)")), "2"),
    (ExpectationOf(read("Z"), where(N="normal(0, 1)", Z="normal(N, 1)")), "0"),
    (ProbabilityOf(region("Z^2 + N^2 < 1", "Z"), where(Z="uniform(0, 1)", N="uniform(0, 1)")), "pi/4"),
    (DerivativeOf(read("k_n"), "n"), "0"),
    (DerivativeOf(read("log(x)"), "x"), "1/x"),  # equal, but without a value on half of the domain
    (LimitOf(read("sin(x)"), "x", read("infinity")), "0"),
    (ValueOf(read("sum(1/i, i=1..infinity)")), "1"),
    (ChangeOfVariables(POLAR, ("r", "theta"), "q"), "r"),
]


@pytest.mark.parametrize(("question", "key"), OPEN)
def test_what_sympy_cannot_do_is_undecided(question: Question, key: str) -> None:
    found = asked(question, key)
    assert found.kind == "undecided", found
    assert found.reason


def test_a_set_that_is_not_solved_is_undecided() -> None:
    found = derive(HoldsWhere(region("sin(x) > x/2", "x"), "x"), region("x > 0", "x"), SYMBOLS, "seed")
    assert found.kind == "undecided"


IMPOSSIBLE = {
    "uniform(3, -2)": "uniform has no high -2: it must be more than 3",
    "normal(0, -1)": "normal has no standard deviation -1: it must be positive",
    "normal(0, -sigma)": "normal has no standard deviation -sigma: it must be positive",
    "bernoulli(2)": "bernoulli has no probability 2: it must be between 0 and 1",
    "geometric(0)": "geometric has no probability 0: it must be more than 0",
    "integers(1/2, 3)": "integers has no least 1/2: it must be an integer",
    "categorical(1/2, 1/4)": "categorical has no weights 1/2, 1/4: they must add up to 1",
}


@pytest.mark.parametrize("law", IMPOSSIBLE)
def test_impossible_laws_are_said_to_be(law: str) -> None:
    with pytest.raises(Unreadable, match=IMPOSSIBLE[law]):
        asked(ExpectationOf(read("Z"), where(Z=law)), "0")


def test_names_stand_below_what_they_are_made_of() -> None:
    upside_down = where(Z="normal(0, 1)", N="X + 1", X="Z^2")
    with pytest.raises(Unreadable, match="X is used above"):
        asked(ExpectationOf(read("N"), upside_down), "2")


def test_what_takes_too_long_is_undecided() -> None:
    found = asked(ValueOf(read("sum(sum(sum(i*j*l*x^i, i=1..400), j=1..400), l=1..400)")), "1", deadline=0.5)
    assert (found.kind, found.reason) == ("undecided", "SymPy found no answer within 0.5 seconds")
    assert asked(JACOBIAN, "r").kind == "proved"  # by the next worker


@pytest.mark.parametrize("ending", [OutOfMemory("memory"), Died("it died")])
def test_a_worker_that_ends_proves_nothing(ending: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> object:
        raise ending

    monkeypatch.setattr(deriving._worker, "run", run)
    found = asked(JACOBIAN, "r")
    assert found.kind == "undecided"
    assert found.reason


# --- statements ---


@pytest.mark.parametrize(
    ("left", "relation", "right", "symbols"),
    [
        ("sqrt(z^2)", "=", "z", CLOSED),
        ("sin(z)^2 + cos(z)^2", "=", "1", REAL),
        ("z^2", ">=", "0", WIDE),
        ("z^2", "<=", "9", WIDE),
        ("exp(z)", ">", "z", REAL),
        ("log(1 + z^2)", "<=", "z^2", REAL),
        ("z", "!=", "z + 1", REAL),
    ],
)
def test_what_always_holds_is_proved(left: str, relation: Relation, right: str, symbols: dict[str, Symbol]) -> None:
    assert stated(Always, left, relation, right, symbols).kind == "proved"


@pytest.mark.parametrize(
    ("left", "relation", "right", "symbols"),
    [
        ("sqrt(z^2)", "=", "z", WIDE),
        ("z^2", ">", "0", WIDE),
        ("z", "<", "3", CLOSED),
        ("z^2", "!=", "4", REAL),
    ],
)
def test_what_does_not_always_hold_is_refuted(
    left: str, relation: Relation, right: str, symbols: dict[str, Symbol]
) -> None:
    found = stated(Always, left, relation, right, symbols)
    assert found.kind == "refuted"
    assert found.witness
    assert found.values


@pytest.mark.parametrize(
    ("left", "relation", "right"), [("1/z", ">=", "0"), ("1/z^2", ">", "-1"), ("log(z)", "<", "z")]
)
def test_what_has_no_value_everywhere_is_not_proved(left: str, relation: Relation, right: str) -> None:
    assert stated(Always, left, relation, right, REAL).kind != "proved"


def test_what_sometimes_holds_is_proved_by_a_point() -> None:
    found = stated(Sometimes, "sqrt(z^2)", "!=", "z", WIDE)
    assert (found.kind, found.witness) == ("proved", {"z": "-1"})
    assert stated(Sometimes, "sqrt(z^2)", "!=", "z", CLOSED).kind == "undecided"


def test_questions_and_findings_can_be_sent() -> None:
    for question, _ in RIGHT:
        assert pickle.loads(pickle.dumps(question)) == question
    found = Finding("refuted", "1", "1", "", {"x": "1"}, ("1", "2"))
    assert pickle.loads(pickle.dumps(found)) == found
