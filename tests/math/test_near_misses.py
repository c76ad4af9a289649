"""Near misses: the slip is named where there is one, and nothing is said that is not so."""

from __future__ import annotations

import pytest

from grader.math import near_misses
from grader.math.equality import Verdict
from grader.math.near_misses import MAX_TRIED, NearMiss, near_miss, number_slips
from grader.math.reader import read_expression
from grader.math.tree import Expression
from grader.spec import Symbol
from tests.math.common import SYMBOLS, number, read, verdict

DENSITY = "r*p_XY(r*cos(theta), r*sin(theta))"
FULL = "prod(k_i, i=1..n) - 1"
MARKOV = "prod(k_i, i=1..m) - 1 + sum((k_i - 1)*prod(k_j, j=i-m..i-1), i=m+1..n)"
LOSS = "-1/(1-D)"


def found(key: str, response: str) -> NearMiss | None:
    assert verdict(response, key) == "unequal"
    return near_miss(read(response), read(key), SYMBOLS, "seed")


@pytest.mark.parametrize(
    ("key", "response", "kind", "about", "said"),
    [
        # signs and reciprocals
        ("r", "-r", "sign", "", "Check the sign"),
        (LOSS, "1/(1-D)", "sign", "", "negative"),
        (FULL, "1 - prod(k_i, i=1..n)", "sign", "", "negative"),
        ("2", "-2", "sign", "", "negative"),
        ("r", "1/r", "reciprocal", "", "reciprocal"),
        (LOSS, "-(1-D)", "reciprocal", "", "reciprocal"),
        (DENSITY, f"1/({DENSITY})", "reciprocal", "", "reciprocal"),
        # factors: too many, then too few
        ("r", "r^2", "factor", "r", "a factor of $r$ too much"),
        ("r", "r^3", "factor", "r^{2}", "a factor of $r^{2}$ too much"),
        ("r", "2r", "factor", "2", "a factor of $2$ too much"),
        ("r", r"\pi r", "factor", r"\pi", r"a factor of $\pi$ too much"),
        ("n", "n*T", "factor", "T", "a factor of $T$ too much"),
        (DENSITY, f"{DENSITY}*theta", "factor", r"\theta", r"a factor of $\theta$ too much"),
        (FULL, f"n*({FULL})", "factor", "n", "a factor of $n$ too much"),
        (DENSITY, "p_XY(r*cos(theta), r*sin(theta))", "factor", "1/r", "missing a factor of $r$"),
        (DENSITY, "p_XY(r*cos(theta), r*sin(theta))/r", "factor", "1/r^{2}", "missing a factor of $r^{2}$"),
        ("log(r)", "log(r)/2", "factor", "1/2", "missing a factor of $2$"),
        ("pi*r^2", "r^2", "factor", r"1/\pi", r"missing a factor of $\pi$"),
        ("2*r*x", "r*x", "factor", "1/2", "missing a factor of $2$"),
        # a constant
        ("r", "r + 1", "constant", "", "by a constant only"),
        ("r", "r - pi", "constant", "", "by a constant only"),
        (FULL, "prod(k_i, i=1..n)", "constant", "", "by a constant only"),
        (MARKOV, MARKOV.replace(" - 1 +", " +"), "constant", "", "by a constant only"),
        (DENSITY, f"{DENSITY} + 3", "constant", "", "by a constant only"),
        # bounds
        (FULL, "prod(k_i, i=1..n-1) - 1", "bound", "high of a product", "a product in this ends one term too early"),
        (FULL, "prod(k_i, i=1..n+1) - 1", "bound", "high of a product", "a product in this ends one term too late"),
        (FULL, "prod(k_i, i=2..n) - 1", "bound", "low of a product", "a product in this starts one term too late"),
        (FULL, "prod(k_i, i=0..n) - 1", "bound", "low of a product", "a product in this starts one term too early"),
        (MARKOV, MARKOV.replace("i=m+1", "i=m"), "bound", "low of a sum", "a sum in this starts one term too early"),
        (MARKOV, MARKOV.replace("j=i-m.", "j=i-m+1."), "bound", "low of a product", "starts one term too late"),
        (MARKOV, MARKOV.replace("i=1..m", "i=0..m"), "bound", "low of a product", "starts one term too early"),
        ("sum(a_i, i=1..n)", "sum(a_i, i=1..n-1)", "bound", "high of a sum", "a sum in this ends one term too early"),
        # logarithms
        ("log(r)", "log_2(r)", "log base", "natural", r"Here $\log$ is the natural one"),
        ("log(r)", "log(r)/log(10)", "log base", "natural", "Check the base"),
        ("log_2(r)", "log(r)", "log base", "", "Check the base of the logarithm."),
        # arguments
        (DENSITY, "r*p_XY(r*sin(theta), r*cos(theta))", "arguments", "p_XY", "order of the arguments of $p_{X,Y}$"),
        # derivatives
        (LOSS, "log(1-D)", "derivative", "D", "The derivative of this with respect to $D$ would be right"),
        ("-1/D", "-log(D)", "derivative", "D", "with respect to $D$"),
        ("r", "r^2/2", "derivative", "r", "with respect to $r$"),
        ("r", "r^2/2 + 7", "derivative", "r", "with respect to $r$"),
    ],
)
def test_the_slip_is_named(key: str, response: str, kind: str, about: str, said: str) -> None:
    miss = found(key, response)
    assert miss is not None
    assert (miss.kind, miss.about) == (kind, about)
    assert said in miss.sentence
    assert miss.evidence == {"near_miss": kind, **({"about": about} if about else {})}


@pytest.mark.parametrize(
    ("key", "response"),
    [
        # constants are multiples of everything by chance
        ("r", "1"),
        ("r", "0"),
        ("r", "2"),
        ("r", "r/r"),
        ("r", "x - x"),
        ("r", "k_1/k_1"),
        ("n", "1"),
        ("2", "4"),
        ("2", "5"),
        (DENSITY, "0"),
        ("0", "1"),
        ("0", "x"),
        # something else altogether
        ("r", "theta"),
        ("r", "r*cos(theta)"),
        ("r", "r + x"),
        ("n", "n + T"),
        (LOSS, "-1/D"),
        (LOSS, "-log(1-D)"),
        (FULL, "prod(k_i - 1, i=1..n)"),
        (FULL, "sum(k_i - 1, i=1..n)"),
        (DENSITY, "r*p_XY(cos(theta), sin(theta))"),
        (DENSITY, "r*p_XY(r, theta)"),
        # integers are not differentiated by
        ("n", "n^2/2"),
    ],
)
def test_nothing_is_said_where_nothing_fits(key: str, response: str) -> None:
    assert found(key, response) is None


def test_swapping_the_arguments_of_a_symmetric_key_is_no_slip() -> None:
    assert found("f(x)*f(y)", "f(y)*f(y)") is None


def test_a_change_that_leaves_the_key_alone_is_never_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a wrong response taken for equal to the key itself, no slip would be made of that."""

    def blind(first: Expression, second: Expression, *_: object) -> Verdict:
        return Verdict("equal", "sampled")

    monkeypatch.setattr(near_misses, "compare", blind)
    assert near_miss(read("x"), read("sum(k_i, i=1..n)"), SYMBOLS, "seed") is None


def test_the_negative_on_a_part_of_the_domain_is_no_slip() -> None:
    assert found("log(x^2)", "-2*log(x)") is None
    assert found("log(r^2)", "-2*log(r)") is not None


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Expression] = []

    def counting(first: Expression, *_: object) -> Verdict:
        asked.append(first)
        return Verdict("unequal", "sampled")

    monkeypatch.setattr(near_misses, "compare", counting)
    names = [f"v{place}" for place in range(9)]
    symbols = {**SYMBOLS, **{name: Symbol() for name in names}}
    key = read_expression(
        "*".join(names) + "*log(x)*p_XY(x, y)*prod(k_i, i=1..n)*sum(k_i, i=1..n)*prod(a_i, i=1..n)", symbols
    )
    assert near_miss(read_expression("*".join(names), symbols), key, symbols, "seed") is None
    assert 20 < len(asked) <= MAX_TRIED


def test_it_is_given_up_where_nothing_can_be_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Expression] = []

    def hard(first: Expression, *_: object) -> Verdict:
        asked.append(first)
        return Verdict("undecided", "sampled", "too hard")

    monkeypatch.setattr(near_misses, "compare", hard)
    assert near_miss(read("x"), read("r"), SYMBOLS, "seed") is None
    assert len(asked) == near_misses.MAX_UNDECIDED + 1


def test_the_same_response_gets_the_same_sentence() -> None:
    assert found("r", "r^2") == found("r", "r^2")


# --- numbers ---


def test_slips_of_a_number() -> None:
    slips = [(miss.kind, miss.about) for miss, _ in number_slips(number(16), whole=True)]
    assert slips == [
        ("sign", ""),
        ("reciprocal", ""),
        *(("factor", factor) for factor in ("2", "2", "10", "10", "100", "100")),
        ("one", ""),
        ("one", ""),
    ]


def test_only_integers_are_off_by_one() -> None:
    assert "one" not in {miss.kind for miss, _ in number_slips(number("1/15"), whole=False)}


def test_a_sentence_about_a_number_does_not_tell_the_direction_or_the_number() -> None:
    said = {miss.sentence for miss, _ in number_slips(number(1234567), whole=True)}
    assert len(said) == 6
    assert not any("1234567" in sentence or "too" in sentence for sentence in said)
