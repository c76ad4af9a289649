"""``symbolic``: equal to the key over the declared domains."""

from __future__ import annotations

import pytest

from grader.checkers import symbolic
from grader.errors import SpecError
from grader.math.equality import Verdict
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
    *((LOSS, "correct", text) for text in (r"\frac{d}{dD}\log(1-D)",)),
    *((LOSS, "malformed", text) for text in ("-1/1-D)", "-1/(1-d)", r"\frac{-1}{1-D", "-1/(1-D) for D < 1")),
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


# --- form: right, but not written as asked for ---


@pytest.mark.parametrize("text", [r"\frac{d}{dD}\log(1-D)", r"\frac{\partial}{\partial D} \log(1 - D)"])
@pytest.mark.parametrize(
    ("form", "status", "score"),
    [
        ("no-derivative", "incorrect", 0),
        ({"no-derivative": "0.5"}, "partial", 1.5),
        ({"no-derivative": "all"}, "incorrect", 0),
        ({"no-derivative": "0"}, "correct", 2),
        (["no-derivative", "exact"], "incorrect", 0),
        ({"no-derivative": "1.5", "size": {"at_most": "11", "costs": "1.5"}}, "partial", 0.5),
    ],
)
def test_a_rule_that_is_broken_costs_its_points(text: str, form: object, status: str, score: float) -> None:
    outcome = judged(field("symbolic", symbols=SYMBOLS[LOSS], form=form), key("symbolic", value=LOSS), text)
    assert (outcome.status, outcome.score, outcome.pending) == (status, score, 0)
    assert outcome.evidence["form"] == ["no-derivative"]
    assert said(outcome) == "The value is right, but a derivative is left to be taken."


@pytest.mark.parametrize("text", ["-1/(1-D)", "1/(D-1)", r"-\frac{1}{1-D}", "-(1-D)^{-1}"])
def test_a_rule_that_is_kept_costs_nothing(text: str) -> None:
    spec = field("symbolic", symbols=SYMBOLS[LOSS], form=["no-derivative", "single-fraction", "lowest-terms"])
    outcome = judged(spec, key("symbolic", value=LOSS), text)
    assert agrees(outcome, "correct")
    assert "form" not in outcome.evidence
    assert said(outcome) == ""


def test_costs_add_up_and_stop_at_nothing() -> None:
    spec = field(
        "symbolic", symbols={"x": {}}, form={"factored": "1.5", "single-fraction": "1", "size": {"at_most": "40"}}
    )
    outcome = judged(spec, key("symbolic", value="x + 1"), "x^2/x + 1")
    assert (outcome.status, outcome.score) == ("incorrect", 0)
    assert outcome.evidence["form"] == ["factored", "single-fraction"]
    assert said(outcome).count("The value is right, but") == 2


@pytest.mark.parametrize("text", [r"\frac{d}{dD}\log(D)", r"\frac{d}{dD}\log(1-D) + 1"])
def test_a_wrong_response_is_not_told_of_its_form(text: str) -> None:
    outcome = judged(field("symbolic", symbols=SYMBOLS[LOSS], form="no-derivative"), key("symbolic", value=LOSS), text)
    assert agrees(outcome, "incorrect")
    assert "form" not in outcome.evidence
    assert "The value is right" not in said(outcome)


def test_a_key_that_breaks_its_own_rule_is_at_fault() -> None:
    spec = field("symbolic", symbols=SYMBOLS[LOSS], form="no-derivative")
    with pytest.raises(SpecError, match=r"key\.yaml:7.*breaks the field's own form rule no-derivative"):
        judged(spec, key("symbolic", value=r"\frac{d}{dD}\log(1-D)"), LOSS)


def test_a_form_that_cannot_be_told_is_for_a_human() -> None:
    spec = field("symbolic", symbols={"x": {}}, form="lowest-terms")
    outcome = judged(spec, key("symbolic", value="x"), "x^80/x^79")
    assert agrees(outcome, "review")


# --- domains: right wherever it has a value ---

LOGS = "log(x^2)", "2 log(x)"


@pytest.mark.parametrize(
    ("domain", "status"), [(None, "review"), ("accept", "correct"), ("remark", "correct"), ("reject", "incorrect")]
)
@pytest.mark.parametrize(("value", "text"), [LOGS, ("|x|", r"\sqrt{x}^2")])
def test_no_value_on_a_part_of_the_domain(value: str, text: str, domain: str | None, status: str) -> None:
    outcome = judged(field("symbolic", symbols={"x": {}}), key("symbolic", value=value, domain=domain), text)
    assert agrees(outcome, status), said(outcome)
    assert outcome.evidence["mismatch"] == "part"
    point = outcome.evidence["undefined_at"]
    assert isinstance(point, dict)
    assert (f"x = {point['x']}" in said(outcome)) == (domain != "accept")
    assert str(point["x"]).startswith("-")
    assert ("human" in said(outcome)) == (domain is None)


@pytest.mark.parametrize("domain", [None, "accept", "remark", "reject"])
def test_a_response_with_a_value_where_the_key_has_none(domain: str | None) -> None:
    """Not a matter of the policy: what it says there may be anything, so that a human decides."""
    value, text = reversed(LOGS)
    outcome = judged(field("symbolic", symbols={"x": {}}), key("symbolic", value=value, domain=domain), text)
    assert agrees(outcome, "review")


@pytest.mark.parametrize("domain", [None, "accept", "remark", "reject"])
@pytest.mark.parametrize(("value", "text"), [LOGS, LOGS[::-1]])
def test_inside_of_the_domain_there_is_no_mismatch(value: str, text: str, domain: str | None) -> None:
    spec = field("symbolic", symbols={"x": {"domain": "positive"}})
    outcome = judged(spec, key("symbolic", value=value, domain=domain), text)
    assert agrees(outcome, "correct")
    assert said(outcome) == ""


@pytest.mark.parametrize(
    ("domain", "status", "words"),
    [
        (None, "correct", "but it has none where x = 0"),
        ("remark", "correct", "but it has none where x = 0"),
        ("accept", "correct", ""),
        ("reject", "incorrect", "no value where x = 0"),
    ],
)
def test_no_value_at_single_points(
    domain: str | None, status: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = Verdict("equal", "exact", mismatch="points", undefined_at={"x": "0"})
    monkeypatch.setattr(symbolic, "decide", lambda *_: verdict)
    outcome = judged(field("symbolic", symbols={"x": {}}), key("symbolic", value="x", domain=domain), "x^2/x")
    assert agrees(outcome, status)
    assert outcome.evidence == {"rung": "exact", "mismatch": "points", "undefined_at": {"x": "0"}}
    assert words in said(outcome)
    assert bool(words) == bool(said(outcome))


# --- near misses ---


@pytest.mark.parametrize(
    ("value", "text", "slip", "words"),
    [
        (LOSS, "1/(1-D)", {"near_miss": "sign"}, "Check the sign"),
        (R, "r^2", {"near_miss": "factor", "about": "r"}, "a factor of $r$ too much"),
        (
            FULL,
            r"\prod_{i=1}^{n-1} k_i - 1",
            {"near_miss": "bound", "about": "high of a product"},
            "one term too early",
        ),
        (LOSS, "J = log(1-D)", {"near_miss": "derivative", "about": "D"}, "with respect to $D$"),
    ],
)
def test_a_slip_is_named_beside_the_witness(value: str, text: str, slip: dict[str, str], words: str) -> None:
    outcome = judged(field("symbolic", symbols=SYMBOLS[value]), key("symbolic", value=value), text)
    assert agrees(outcome, "incorrect")
    assert {name: outcome.evidence.get(name) for name in slip} == slip
    assert "witness" in outcome.evidence
    assert words in said(outcome)
    assert len(value) == 1 or value not in said(outcome)


@pytest.mark.parametrize(("value", "text"), [(R, "1"), (R, "0"), (R, "theta"), (N, "2"), (LOSS, "-1/D")])
def test_no_slip_is_made_up(value: str, text: str) -> None:
    outcome = judged(field("symbolic", symbols=SYMBOLS[value]), key("symbolic", value=value), text)
    assert agrees(outcome, "incorrect")
    assert "near_miss" not in outcome.evidence


def test_where_only_the_domain_is_wrong_no_slip_is_sought() -> None:
    spec, field_key = field("symbolic", symbols={"x": {}}), key("symbolic", value=LOGS[0], domain="reject")
    assert "near_miss" not in judged(spec, field_key, LOGS[1]).evidence
