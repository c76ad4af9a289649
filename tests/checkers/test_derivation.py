"""Marks of a proof: ends, steps, milestones, and what is left to a human."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.checkers import derivation, judge
from grader.keys import DerivationKey
from grader.result import Outcome
from grader.spec import DerivationField
from grader.submission import Response

START, FACTORED, GOAL = (
    "E_{q(z|x)}[log p(x, z) - log q(z|x)]",
    "E_{q(z|x)}[log p(x) + log(p(z|x) / q(z|x))]",
    "log p(x) - KL(q(z|x) || p(z|x))",
)
PROOF = f"{START}\n= {FACTORED}\n= log p(x) + E_{{q(z|x)}}[log(p(z|x) / q(z|x))]\n= {GOAL}"


def field(**world: Any) -> DerivationField:
    described = {"variables": {"x": {}, "z": {}}, "distributions": ["p(x, z)", "q(z | x)"], **world}
    return DerivationField.model_validate(
        {"kind": "derivation", "points": 6, "world": described, "claim": f"{START} = {GOAL}"}
    )


def key(**more: Any) -> DerivationKey:
    milestone = {"points": 2, "patterns": [r"\log p(z|x)"], "hint": "Factorize."}
    data = {"value": PROOF, "ends": 1, "steps": 3, "milestones": [milestone], **more}
    return DerivationKey.model_validate(data).placed(Path("key.yaml"), "a seed", "1a.answer")


def judged(response: str, the_key: DerivationKey | None = None, the_field: DerivationField | None = None) -> Outcome:
    return derivation.check(the_field or field(), the_key or key(), Response(text=response))


def texts(outcome: Outcome, audience: str = "student") -> str:
    return " ".join(said.text for said in outcome.feedback if said.audience == audience)


def test_a_proof_earns_everything() -> None:
    outcome = judged(PROOF)
    assert (outcome.status, outcome.score, outcome.pending) == ("correct", 6, 0)
    assert outcome.evidence["lines"] == ["start", "holds", "holds", "holds"]
    assert "finite worlds" in str(outcome.evidence["limits"])


def test_it_may_run_from_right_to_left() -> None:
    backwards = "\n= ".join(reversed(PROOF.split("\n= ")))
    assert judged(backwards).status == "correct"


def test_another_route_leaves_the_milestone_to_a_human() -> None:
    other = f"{START} = E_{{q(z|x)}}[log p(x)] - KL(q(z|x) || p(z|x)) = {GOAL}"
    outcome = judged(other)
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 4, 2)
    assert "Factorize." in texts(outcome)


def test_a_leap_over_more_milestones_than_allowed_leaves_the_steps_open_too() -> None:
    other = f"{START} = E_{{q(z|x)}}[log p(x)] - KL(q(z|x) || p(z|x)) = {GOAL}"
    outcome = judged(other, key(leap=0))
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 1, 5)


def test_a_broken_step_keeps_the_milestone_before_it() -> None:
    outcome = judged(f"{START} = {FACTORED}\n= log p(x) + KL(q(z|x) || p(z|x))")
    assert (outcome.status, outcome.score, outcome.pending) == ("partial", 2, 0)
    assert outcome.evidence["first_broken"] == 2
    assert "Line 2 does not follow" in texts(outcome)


def test_a_milestone_behind_a_broken_step_earns_nothing() -> None:
    outcome = judged(f"{START}\n= E_{{q(z|x)}}[log p(x) - log q(z|x)]\n= {FACTORED}\n= {GOAL}")
    assert (outcome.status, outcome.score) == ("incorrect", 0)


def test_a_chain_that_stops_short_is_partial() -> None:
    outcome = judged(f"{START} = {FACTORED}")
    assert (outcome.status, outcome.score, outcome.pending) == ("partial", 5, 0)
    assert "do not lead from one side" in texts(outcome)


def test_what_cannot_be_read_is_pending() -> None:
    outcome = judged(f"{START} \\\\ = {FACTORED} \\\\ = E_q[log frobnicate] \\\\ = {GOAL}")
    assert outcome.evidence["lines"] == ["start", "holds", "unread", "holds"]
    assert outcome.status == "malformed"
    assert outcome.score + outcome.pending == 6
    assert "Line 3 could not be read" in texts(outcome)


def test_a_line_behind_one_that_cannot_be_read_is_not_held_to_be_wrong() -> None:
    outcome = judged(f"{START} \\\\ = E_q[log frobnicate] \\\\ = 3")
    assert outcome.evidence["lines"] == ["start", "unread", "unread"]
    assert outcome.score + outcome.pending == 6


def test_remarks_go_to_the_marker_and_cost_nothing() -> None:
    outcome = judged(f"First I factorize.\n{PROOF}  by definition")
    assert outcome.status == "correct"
    assert "First I factorize" in texts(outcome, "marker")
    assert "by definition" in texts(outcome, "marker")


def test_only_words_are_for_a_human() -> None:
    outcome = judged("This follows from the definition of the divergence.")
    assert (outcome.status, outcome.pending) == ("review", 6)


def test_without_marks_ends_and_steps_earn_half_each() -> None:
    plain = DerivationKey(value=PROOF).placed(Path("key.yaml"), "a seed")
    assert judged(PROOF, plain).score == 6
    assert judged(f"{START} = {FACTORED}", plain).score == 3


def test_without_a_key_the_steps_are_checked_and_no_points_given() -> None:
    outcome = derivation.check(field(), None, Response(text=f"{START} = {FACTORED} = 3"))
    assert (outcome.status, outcome.pending) == ("review", 6)
    assert outcome.evidence["lines"] == ["fails"]


def test_without_a_world_a_human_marks_it() -> None:
    bare = DerivationField(kind="derivation", points=4)
    assert (outcome := derivation.check(bare, None, Response(text=PROOF))).status == "review"
    assert outcome.pending == 4


def test_what_is_undefined_is_left_to_a_human() -> None:
    spread = field(distributions=[{"of": "p(x, z)", "zeros": True}, {"of": "q(z | x)"}])
    outcome = judged(f"{START} = {FACTORED} = {GOAL}", the_field=spread)
    assert "undefined" in outcome.evidence["lines"]
    assert outcome.status == "review"
    assert outcome.score + outcome.pending == 6


def test_crossed_out_lines_are_not_read() -> None:
    outcome = judge(field(), key(), (), Response(text=f"{START} = ~~3~~ {GOAL}"))
    assert (outcome.status, outcome.pending) == ("malformed", 6)


def test_the_same_seed_gives_the_same_evidence() -> None:
    wrong = f"{START} = {FACTORED} = log p(x)"
    assert judged(wrong) == judged(wrong)


@pytest.mark.parametrize("count", [201, 2000])
def test_too_many_lines_are_refused(count: int) -> None:
    outcome = judged("\n".join(["p(x) = p(x)"] * count))
    assert (outcome.status, outcome.pending) == ("malformed", 6)
