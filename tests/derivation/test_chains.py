"""Proofs as students write them, right and wrong, judged whole: every line, every mark."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.derivation.conftest import CHAINS, entries, item_of, judge, title


def student_says(outcome: Any) -> str:
    return " ".join(said.text for said in outcome.feedback if said.audience == "student")


@pytest.mark.parametrize(("item", "entry"), entries("honest"), ids=title)
def test_an_honest_chain_gets_full_marks(item: str, entry: dict[str, Any]) -> None:
    outcome = judge(item, entry["response"])
    assert outcome.status == "correct", student_says(outcome)
    assert outcome.pending == 0
    assert set(outcome.evidence["lines"]) <= {"start", "holds"}
    assert outcome.evidence["first_broken"] is None


@pytest.mark.parametrize(("item", "entry"), entries("broken"), ids=title)
def test_a_broken_chain_is_refuted_at_its_line(item: str, entry: dict[str, Any]) -> None:
    outcome = judge(item, entry["response"])
    assert outcome.evidence["first_broken"] == entry["first_broken"]
    failing = {number for number, mark in enumerate(outcome.evidence["lines"], 1) if mark == "fails"}
    assert failing == {entry["first_broken"], *entry.get("also_broken", ())}
    assert outcome.status in ("incorrect", "partial")
    assert outcome.pending == 0
    assert f"Line {entry['first_broken']} " in student_says(outcome)
    example = next(found for found in outcome.evidence["counterexamples"] if found["line"] == entry["first_broken"])
    assert example["shown"]
    if "objectives" in example:
        assert example["objectives"]["best_left"] != example["objectives"]["best_right"]
    else:
        assert example["left"] != example["right"] or "<" in entry["response"]


@pytest.mark.parametrize(("item", "entry"), entries("not_a_proof"), ids=title)
def test_a_true_statement_is_no_proof(item: str, entry: dict[str, Any]) -> None:
    outcome = judge(item, entry["response"])
    assert outcome.score == 0
    assert not any(outcome.evidence["milestones"])
    assert outcome.status in ("incorrect", "review")


@pytest.mark.parametrize(("item", "entry"), entries("partial"), ids=title)
def test_a_chain_that_stops_short_or_goes_elsewhere_is_not_refuted(item: str, entry: dict[str, Any]) -> None:
    outcome = judge(item, entry["response"])
    assert outcome.evidence["first_broken"] is None
    assert outcome.status in ("partial", "review", "malformed", "correct")


@pytest.mark.parametrize(("item", "entry"), entries("unread"), ids=title)
def test_a_line_that_cannot_be_read_is_named_and_costs_nothing_for_certain(item: str, entry: dict[str, Any]) -> None:
    outcome = judge(item, entry["response"])
    assert outcome.evidence["lines"][entry["line"] - 1] == "unread"
    assert "fails" not in outcome.evidence["lines"]
    assert outcome.status == "malformed"
    assert outcome.score + outcome.pending == pytest.approx(worth(item))
    assert f"Line {entry['line']} could not be read" in student_says(outcome)


def worth(name: str) -> float:
    item, _ = item_of(name)
    return next(spec.worth for spec in item.fields if spec.kind == "derivation")


def every_other(entries: list[dict[str, Any]]) -> list[Any]:
    """All of them, every second one only where there is time."""
    return [pytest.param(entry, marks=[pytest.mark.slow] * (place % 2)) for place, entry in enumerate(entries)]


ODD: list[dict[str, Any]] = yaml.load((CHAINS / "odd.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("entry", every_other([entry for entry in ODD if "today" not in entry]), ids=title)
def test_a_right_proof_written_oddly_gets_full_marks(entry: dict[str, Any]) -> None:
    outcome = judge(entry["item"], entry["response"])
    assert outcome.status == "correct", student_says(outcome)


@pytest.mark.parametrize("entry", [entry for entry in ODD if "today" in entry], ids=title)
def test_a_right_proof_that_is_not_understood_is_left_to_a_human(entry: dict[str, Any]) -> None:
    outcome = judge(entry["item"], entry["response"])
    assert outcome.status in ("malformed", "review", "correct")
    assert outcome.score + outcome.pending == pytest.approx(worth(entry["item"]))
