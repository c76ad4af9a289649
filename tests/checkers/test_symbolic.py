"""``symbolic``: equal to the key over the declared domains."""

from __future__ import annotations

import pytest

from grader.errors import SpecError
from tests.checkers.common import POLAR, agrees, field, judged, key, said

SYMBOLS: dict[str, dict[str, dict[str, object]]] = {
    "r": POLAR,
    "r*p_XY(r*cos(theta), r*sin(theta))": POLAR,
    "N": {"N": {"domain": "positive integer", "aliases": (r"|\theta|",)}, "T": {"domain": "positive integer"}},
    "-1/(1-D)": {"D": {"domain": "(0, 1)", "aliases": (r"D_\phi(G_\theta(z))", r"D_\phi(x)")}},
    "prod(k_i, i=1..n) - 1": {
        "n": {"domain": "positive integer"},
        "k": {"domain": "positive integer", "family": True},
    },
    "prod(k_i, i=1..m) - 1 + sum((k_i - 1)*prod(k_j, j=i-m..i-1), i=m+1..n)": {
        "n": {"domain": "positive integer"},
        "m": {"domain": "positive integer", "below": "n"},
        "k": {"domain": "positive integer", "family": True},
    },
}
R, DENSITY, N, LOSS, FULL, MARKOV = SYMBOLS

# fmt: off
TABLE = [
    *((R, "correct", text) for text in ("r", "|r|", "J = r", r"|J| = r", "r*1", "r^2/r", "r(cos²θ + sin²θ)",
        r"$\sqrt{r^2}$")),
    *((R, "correct", text) for text in (r"r \cos^2\theta + r \sin^2\theta", r"\left|r\right|", "-(-r)",
        "exp(log(r))")),
    *((R, "incorrect", text) for text in ("-r", "1/r", "r^2", "2r", "1", "0", "theta", "r cos(theta)",
        "r + 10^(-40)")),
    *((R, "review", text) for text in ("r + exp(-1000)", "r*tanh(1000)", "r + log(-1)", "r + 9^9^9^9")),
    *((R, "malformed", text) for text in ("r r)", "R", "x", "r = r = r", "the radius r", "r, theta", "det(J)",
        "r where r > 0")),
    *((DENSITY, "correct", text) for text in (r"r\,p_{X,Y}(r\cos\theta, r\sin\theta)", "r·p_XY(r cosθ, r sinθ)")),
    *((DENSITY, "correct", text) for text in ("p_XY(r*cos(theta), r*sin(theta))*|r|",
        r"p_{XY}(r\cos(\theta),r\sin(\theta))\cdot r")),
    *((DENSITY, "correct", text) for text in (r"p_{R,\Theta}(r,\theta) = r p_{X,Y}(r\cos\theta, r\sin\theta)",)),
    *((DENSITY, "incorrect", text) for text in ("p_XY(r*cos(theta), r*sin(theta))",
        "r*p_XY(r*sin(theta), r*cos(theta))")),
    *((DENSITY, "incorrect", text) for text in ("p_XY(r*cos(theta), r*sin(theta))/r", "r*p_XY(r, theta)",
        "r*p_XY(cos(theta), sin(theta))")),
    *((DENSITY, "malformed", text) for text in ("r*p_XY(r*cos(theta))", "r*p_XY", "r*p_X(r*cos(theta))*p_Y(r)",
        "r*p_XY(x, y)")),
    *((N, "correct", text) for text in ("N", r"|\theta|", r"$N = |\theta|$", "N*T/T", r"N \cdot 1", r"\frac{NT}{T}")),
    *((N, "incorrect", text) for text in ("N*T", "NT", "N + T", "N^T", "T", "N/T", "2N", "N+1")),
    *((N, "malformed", text) for text in ("O(N)", "n", "constant", "N parameters", "N = constant in T", "θ")),
    *((LOSS, "correct", text) for text in ("-1/(1-D)", "1/(D-1)", r"-\frac{1}{1-D}",
        r"\frac{-1}{1-D_\phi(G_\theta(z))}", "-(1-D)^{-1}")),
    *((LOSS, "correct", text) for text in (r"-\frac{1}{1-D_{\phi}(G_{\theta}(z))}", "−1/(1−D)", "-D/(D-D^2)")),
    *((LOSS, "incorrect", text) for text in ("1/(1-D)", "-1/D", "log(1-D)", "-1/(1+D)", "1-D", "-(1-D)", "D",
        "-log(1-D)")),
    *((LOSS, "malformed", text) for text in ("-1/1-D)", "-1/(1-d)", r"\frac{d}{dD}\log(1-D)", r"\frac{-1}{1-D",
        "-1/(1-D) for D < 1")),
    *((FULL, "correct", text) for text in (r"\prod_{i=1}^n k_i - 1", "prod(k_j, j=1..n) - 1",
        r"k_1 k_2 \cdots k_n - 1", "∏_{i=1}^{n} k_i - 1")),
    *((FULL, "correct", text) for text in (r"-1 + \prod_{j=1}^{n} k_j", "k_1*...*k_n - 1",
        r"k_1 \prod_{i=2}^{n} k_i - 1")),
    *((FULL, "incorrect", text) for text in (r"\prod_{i=1}^n k_i", r"\prod_{i=1}^n (k_i - 1)",
        r"\sum_{i=1}^n (k_i - 1)", "2^n - 1")),
    *((FULL, "incorrect", text) for text in (r"\prod_{i=1}^{n-1} k_i - 1", "k_n - 1", "n", r"\prod_{i=1}^n k_i - n",
        "k_1^n - 1")),
    *((FULL, "malformed", text) for text in (r"\prod_i k_i - 1", "k^n - 1", r"\prod_{i=1}^n k_i - 1)",
        r"\prod_{i=1}^n k_j - 1", "k_i - 1")),
    *((MARKOV, "correct", text) for text in (
        r"\prod_{i=1}^m k_i - 1 + \sum_{i=m+1}^n (k_i-1) \prod_{j=i-m}^{i-1} k_j",)),
    *((MARKOV, "correct", text) for text in (
        r"\sum_{j=m+1}^{n}(k_j - 1)\prod_{l=1}^{m} k_{j-l} + \prod_{i=1}^m k_i - 1",)),
    *((MARKOV, "correct", text) for text in (
        r"\prod_{i=1}^m k_i - 1 + \sum_{i=m+1}^n (k_i-1) k_{i-m} \cdots k_{i-1}",)),
    *((MARKOV, "correct", text) for text in (
        r"\sum_{i=1}^{m}(k_i-1)\prod_{j=1}^{i-1}k_j + \sum_{i=m+1}^n (k_i-1)\prod_{j=i-m}^{i-1}k_j",)),
    *((MARKOV, "incorrect", text) for text in (r"\sum_{i=1}^n (k_i-1)",
        r"\prod_{i=1}^m k_i - 1 + \sum_{i=m+1}^n (k_i-1)")),
    *((MARKOV, "incorrect", text) for text in (
        r"\prod_{i=1}^m k_i - 1 + \sum_{i=m+1}^n (k_i-1)\prod_{j=i-m+1}^{i-1} k_j", "m")),
    *((MARKOV, "incorrect", text) for text in (r"\prod_{i=1}^m k_i + \sum_{i=m+1}^n (k_i-1)\prod_{j=i-m}^{i-1} k_j",)),
    *((MARKOV, "incorrect", text) for text in (r"\prod_{i=1}^m k_i - 1 + \sum_{i=m+1}^n k_i\prod_{j=i-m}^{i-1} k_j",)),
]
# fmt: on


@pytest.mark.parametrize(("value", "status", "text"), TABLE)
def test_status(value: str, status: str, text: str) -> None:
    outcome = judged(field("symbolic", symbols=SYMBOLS[value]), key("symbolic", value=value), text)
    assert agrees(outcome, status), (outcome.status, said(outcome))


@pytest.mark.parametrize("value", SYMBOLS)
def test_the_key_and_its_own_echo_are_right(value: str) -> None:
    spec, field_key = field("symbolic", symbols=SYMBOLS[value]), key("symbolic", value=value)
    outcome = judged(spec, field_key, value)
    assert outcome.status == "correct"
    assert outcome.read_as is not None
    assert judged(spec, field_key, outcome.read_as).status == "correct"


def test_a_wrong_response_comes_with_a_witness_and_not_with_the_key() -> None:
    outcome = judged(field("symbolic", symbols=POLAR), key("symbolic", value="r"), "r^2")
    assert outcome.evidence["rung"] == "sampled"
    assert outcome.evidence["witness"].keys() == {"r"}  # type: ignore[union-attr]
    assert outcome.evidence["values"].keys() == {"response", "key"}  # type: ignore[union-attr]
    assert "r = " in said(outcome)


def test_one_symbol_does_not_stand_for_another() -> None:
    spec = field("symbolic", symbols={"x": {}, "X": {}})
    assert judged(spec, key("symbolic", value="x"), "X").status == "incorrect"


def test_the_same_response_gets_the_same_outcome() -> None:
    spec, field_key = field("symbolic", symbols=POLAR), key("symbolic", value="r")
    assert judged(spec, field_key, "2*r") == judged(spec, field_key, "2*r")


def test_another_secret_draws_other_points() -> None:
    spec = field("symbolic", symbols=POLAR)
    draws = {str(judged(spec, key("symbolic", seed=s, value="r"), "2*r").evidence["witness"]) for s in "abcdef"}
    assert len(draws) > 1


def test_undecided_is_for_a_human() -> None:
    outcome = judged(field("symbolic", symbols=POLAR), key("symbolic", value="r"), "r + exp(-1000)")
    assert agrees(outcome, "review")
    assert "human" in said(outcome)
    assert outcome.read_as == r"r + \exp(-1000)"


def test_where_the_response_has_no_value_is_remarked() -> None:
    spec = field("symbolic", symbols={"x": {}})
    outcome = judged(spec, key("symbolic", value="1"), "x/x")
    assert outcome.status == "correct"


@pytest.mark.parametrize("value", ["q", "r +", "p_XY(r)"])
def test_a_key_that_cannot_be_read_is_the_keys_fault(value: str) -> None:
    with pytest.raises(SpecError, match="key cannot be read"):
        judged(field("symbolic", symbols=POLAR), key("symbolic", value=value), "r")
