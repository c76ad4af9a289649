"""Problem set 1, 6.7a as an extra item: temperature token by token is not temperature of the joint distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.checkers import derivation
from grader.keys import DerivationKey
from grader.result import Outcome
from grader.spec import DerivationField
from grader.submission import Response
from tests.derivation.conftest import CHAINS, title

WORLD = {
    "variables": {"x": {"length": "M", "first": 0, "sizes": [2, 3]}},
    "counts": {"M": [1]},
    "indices": {"i": "M"},
    "quantities": {"T": {"domain": "positive"}},
    "distributions": [
        "p(x)",
        {"of": "p_T(x)", "is": r"\prod_{i=0}^M (p(x_i | x_{<i})^{1/T} / \sum_{x_i} p(x_i | x_{<i})^{1/T})"},
        {"of": "p_T^{joint}(x)", "is": r"p(x)^{1/T} / \sum_x p(x)^{1/T}"},
    ],
}
FIELD = DerivationField.model_validate(
    {
        "kind": "derivation",
        "points": 2,
        "world": WORLD,
        "claim": r"\prod_{i=0}^M p_T(x_i | x_{<i}) = p_T^{joint}(x)",
        "proportional": ["x"],
    }
)
KEY = DerivationKey(value="there is none: the claim is false").placed(Path("key"), "a seed")
DATA: dict[str, Any] = yaml.safe_load((CHAINS / "ps1_6_7a.yaml").read_text(encoding="utf-8"))


def judged(response: str) -> Outcome:
    return derivation.check(FIELD, KEY, Response(text=response))


@pytest.mark.parametrize("entry", DATA["honest"], ids=title)
def test_what_is_true_of_either_holds(entry: dict[str, Any]) -> None:
    assert set(judged(entry["response"]).evidence["lines"]) <= {"start", "holds"}


@pytest.mark.parametrize("entry", DATA["broken"], ids=title)
def test_the_false_claim_is_refuted_by_tables_of_two_tokens(entry: dict[str, Any]) -> None:
    outcome = judged(entry["response"])
    failing = [number for number, mark in enumerate(outcome.evidence["lines"], 1) if mark == "fails"]
    assert failing == [entry["first_broken"], *entry.get("also_broken", ())]
    example = outcome.evidence["counterexamples"][0]
    joint = next(table for table in example["tables"] if table["title"] == "p(x_0, x_1)")
    assert len(joint["entries"]) == 2
    assert sum(float(entry) for row in joint["entries"] for entry in row) == pytest.approx(1)
    assert "T" in example["values"]


def test_the_claim_itself_fails() -> None:
    outcome = judged(r"\prod_{i=0}^M p_T(x_i | x_{<i}) = p_T^{joint}(x)")
    assert outcome.evidence["lines"] == ["fails"]
    assert (outcome.status, outcome.score) == ("incorrect", 0)
