"""``region``: the same set inside the declared domain."""

from __future__ import annotations

import pytest

from grader.errors import SpecError
from tests.checkers.common import agrees, field, judged, key, said

SYMBOLS: dict[str, dict[str, dict[str, object]]] = {
    "0 < D < 1/2": {"D": {"domain": "(0, 1)", "aliases": (r"D_\phi(G_\theta(z))",)}},
    "T < 1": {"T": {"domain": "positive"}},
    "x^2 > 4": {"x": {}},
}
HALF, COLD, OUTER = SYMBOLS
# fmt: off
TABLE = [
    *((HALF, "correct", text) for text in ("0 < D < 1/2", "D < 1/2", "D < 0.5", "2D < 1", "(0, 1/2)", "[0, 0.5)",
        "1/2 > D")),
    *((HALF, "correct", text) for text in (r"$D \in (0, \frac12)$", r"\{D : 0 < D < 1/2\}", r"\{D \mid 2D < 1\}",
        "1/D > 2")),
    *((HALF, "correct", text) for text in ("D > 0 and D < 1/2", "D>0, D<1/2", "(0,1/4) ∪ [1/4,1/2)", "1/(1-D) < 1/D",
        "D < 1 - D")),
    *((HALF, "correct", text) for text in (r"0 < D_\phi(G_\theta(z)) < \frac{1}{2}", "(-∞, 1/2)", "D^2 < 1/4",
        "D < 50%", "D < ½.")),
    *((HALF, "incorrect", text) for text in ("D > 1/2", "D <= 1/2", "(0, 1/2]", "0 < D < 1", "D < 1/4", "D = 1/2",
        "D != 1/2")),
    *((HALF, "incorrect", text) for text in ("(1/2, 1)", "(1/2, 0)", "D < 0.4999999", "D < 1/2 + 10^(-30)",
        "D < 1/2, D != 1/4")),
    *((HALF, "review", text) for text in ("log(D) < log(1/2)", "sqrt(D) < 1/sqrt(2)", "2^D < sqrt(2)")),
    *((HALF, "malformed", text) for text in ("D", "1/2", "less than 1/2", "D <", "< 1/2", "(0, 1/2", "(0 1/2)",
        "d < 1/2", "0 to 1/2")),
    *((HALF, "malformed", text) for text in ("D < 1/2 or so", "when D is small", "()", "D << 1/2", "D < 1/2)",
        "x < 1/2", "all")),
    *((COLD, "correct", text) for text in ("T < 1", "0 < T < 1", "T in (0, 1)", "1/T > 1", "T^2 < 1",
        r"\frac{1-T}{T} > 0", "(0,1)")),
    *((COLD, "correct", text) for text in (r"0<T<1", "T<1.0", "|T| < 1", "not_T".replace("not_T", "1 > T > 0"),
        "T < 1 or T < 1/2")),
    *((COLD, "incorrect", text) for text in ("T > 1", "T <= 1", "T >= 1", "T = 1", "T < 2", "T < 1/2", "T < 0.999",
        "T > 0", "T < 0")),
    *((COLD, "malformed", text) for text in ("T", "t < 1", "low temperatures", "T less than 1", "T < 1 < ")),
    *((OUTER, "correct", text) for text in ("x < -2 or x > 2", "|x| > 2", r"(-\infty, -2) \cup (2, \infty)", "x^2 > 4",
        "x^2 - 4 > 0")),
    *((OUTER, "incorrect", text) for text in ("x > 2", "x > 2 and x < -2", "-2 < x < 2", "x^2 >= 4", "x > 2, x < -2",
        "|x| < 2")),
]
# fmt: on


@pytest.mark.parametrize(("value", "status", "text"), TABLE)
def test_status(value: str, status: str, text: str) -> None:
    outcome = judged(field("region", symbols=SYMBOLS[value]), key("region", value=value), text)
    assert agrees(outcome, status), (outcome.status, said(outcome))


@pytest.mark.parametrize("text", ["D <= 1/2", "[0, 1/2]", "0 <= D <= 0.5"])
def test_end_points_by_the_authors_policy(text: str) -> None:
    spec = field("region", symbols=SYMBOLS[HALF])
    assert judged(spec, key("region", value=HALF, endpoints="exact"), text).status == "incorrect"
    assert judged(spec, key("region", value=HALF, endpoints="ignore"), text).status == "correct"


@pytest.mark.parametrize("text", ["D < 0.6", "D > 1/2", "D < 0.49"])
def test_ignoring_end_points_ignores_nothing_else(text: str) -> None:
    spec = field("region", symbols=SYMBOLS[HALF])
    assert judged(spec, key("region", value=HALF, endpoints="ignore"), text).status == "incorrect"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("D > 1/2", "leaves out D = "),
        ("0 < D < 1", "holds D = "),
        ("D <= 1/2", "end point is the only difference"),
    ],
)
def test_the_witness_is_told(text: str, words: str) -> None:
    outcome = judged(field("region", symbols=SYMBOLS[HALF]), key("region", value=HALF), text)
    assert words in said(outcome)
    assert outcome.evidence["witness"]


def test_the_reading_is_echoed() -> None:
    outcome = judged(field("region", symbols=SYMBOLS[HALF]), key("region", value=HALF), "(0, 1/2)")
    assert outcome.read_as == r"0 < D < \frac{1}{2}"


@pytest.mark.parametrize("value", ["D <", "x < 1", "small"])
def test_a_key_that_cannot_be_read_is_the_keys_fault(value: str) -> None:
    with pytest.raises(SpecError, match="key cannot be read"):
        judged(field("region", symbols=SYMBOLS[HALF]), key("region", value=value), "D < 1")


@pytest.mark.parametrize(("symbols", "variable"), [({"a": {}, "b": {}}, None), ({"a": {}}, "b"), ({}, None)])
def test_which_symbol_is_meant_must_be_clear(symbols: dict[str, dict[str, object]], variable: str | None) -> None:
    with pytest.raises(SpecError, match="one declared symbol"):
        judged(field("region", symbols=symbols, variable=variable), key("region", value="a < 1"), "a < 1")


def test_a_variable_can_be_named() -> None:
    spec = field("region", symbols={"a": {}, "b": {}}, variable="b")
    assert judged(spec, key("region", value="b < 1"), "b < 1").status == "correct"
    assert judged(spec, key("region", value="b < 1"), "a < 1").status != "correct"
