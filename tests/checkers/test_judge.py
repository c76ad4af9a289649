"""The seam: the checker of the kind, and the author's listed mistakes."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from grader.checkers import CHECKERS, JUDGED, UNKEYED, judge
from grader.checking.readings import READERS
from grader.keys import Mistake
from grader.releasing import wording
from grader.spec import KINDS
from grader.submission import Response
from grader.writing import templates
from tests.checkers.common import MODELS, POINTS, a_field_of, field, judged, key, said


def mistake(when: str | tuple[str, ...], say: str = "Look again.", credit: float | str = 0) -> Mistake:
    return Mistake(when=when, say=say, credit=credit)  # type: ignore[arg-type]


def test_every_kind_has_a_checker() -> None:
    assert set(CHECKERS) == set(KINDS)
    assert set(KINDS) == JUDGED | UNKEYED
    assert not JUDGED & UNKEYED


@pytest.mark.parametrize(
    "table", [READERS.keys() | {"derivation", "code"}, wording._KINDS, templates.PUBLIC, templates._KEY]
)
def test_every_kind_is_in_every_table(table: Collection[str]) -> None:
    """How it is read without a key, what is asked for, what ``grade new`` writes."""
    assert set(table) == set(KINDS)


NUMERIC = field("numeric"), key("numeric", value="1/15")
FORGOT = mistake("1/5", "The derivative is missing.")
UPSIDE = mistake("3/5", "Its reciprocal is needed.", credit=1)
UNSTATED = mistake("7/15", "Which assumption?", credit="review")


@pytest.mark.parametrize("text", ["1/5", "0.2", "3/15", r"\frac{1}{5}", "p_X(1) = 1/5", "20%"])
def test_a_mistake_is_known_by_its_value(text: str) -> None:
    outcome = judged(*NUMERIC, text, FORGOT, UPSIDE)
    assert outcome.status == "incorrect"
    assert said(outcome) == "The derivative is missing."


def test_a_mistake_may_earn_credit() -> None:
    outcome = judged(*NUMERIC, "0.6", FORGOT, UPSIDE)
    assert (outcome.status, outcome.score, outcome.pending) == ("partial", 1, 0)
    assert said(outcome) == "Its reciprocal is needed."


def test_a_mistake_may_earn_everything() -> None:
    outcome = judged(*NUMERIC, "1/5", mistake("1/5", credit=POINTS))
    assert (outcome.status, outcome.score) == ("correct", POINTS)


def test_a_mistake_may_go_to_a_human() -> None:
    outcome = judged(*NUMERIC, "7/15", UNSTATED)
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 0, POINTS)


def test_the_first_mistake_that_fits_counts() -> None:
    assert said(judged(*NUMERIC, "1/5", mistake("2/10", "first"), mistake("1/5", "second"))) == "first"


def test_other_wrong_responses_are_no_mistake_of_the_list() -> None:
    assert "derivative" not in said(judged(*NUMERIC, "1/4", FORGOT, UPSIDE))


def test_a_right_response_is_no_mistake_even_if_it_is_listed() -> None:
    outcome = judged(*NUMERIC, "2/30", mistake("1/15"))
    assert outcome.status == "correct"
    assert "Look again." not in said(outcome)


def test_what_waits_for_a_human_is_left_to_them() -> None:
    spec, field_key = field("symbolic", symbols={"r": {"domain": "positive"}}), key("symbolic", value="r")
    outcome = judged(spec, field_key, "r + exp(-1000)", mistake("r + exp(-1000)"))
    assert outcome.status == "review"


def test_a_listed_mistake_wins_over_a_slip_of_our_own() -> None:
    listed = judged(*NUMERIC, "-1/15", mistake("-1/15", "A density cannot be negative."))
    assert said(listed) == "A density cannot be negative."
    assert "near_miss" not in listed.evidence
    assert said(judged(*NUMERIC, "-1/15", FORGOT)) == "Check the sign."


def test_a_slip_changes_no_score() -> None:
    outcome = judged(*NUMERIC, "-1/15")
    assert (outcome.status, outcome.score, outcome.pending) == ("incorrect", 0, 0)


IN_FORM = field("numeric", form={"value": "1"}), key("numeric", value="1/15")


def test_what_only_breaks_a_rule_of_form_is_no_mistake_and_no_slip() -> None:
    outcome = judged(*IN_FORM, "1/3*1/5", mistake("1/15", "wrong", credit=0.5), mistake("1/3*1/5", "wrong"))
    assert (outcome.status, outcome.score) == ("partial", 1)
    assert "wrong" not in said(outcome)
    assert "near_miss" not in outcome.evidence


@pytest.mark.parametrize("when", ["1/5", "2/5 * 1/2", "1/10 + 1/10"])
@pytest.mark.parametrize("text", ["1/5", "1/5 * 1", "3/5 - 2/5"])
def test_a_mistake_is_met_in_any_form(when: str, text: str) -> None:
    assert said(judged(*IN_FORM, text, mistake(when))) == "Look again."


@pytest.mark.parametrize(
    ("kind", "text", "listed"),
    [
        ("choice", "y", "yes"),
        ("select", "Flow, GAN", ("GAN", "Flow")),
        ("select", "all", ("AR", "VAE", "Flow", "GAN", "EBM")),
        ("order", "x_1, z_1, …, x_T, z_T", "x_1, z_1, x_2, z_2, …, x_T, z_T"),
        ("symbolic", r"p_{X,Y}(r\cos\theta, r\sin\theta)", "p_XY(r*cos(theta), r*sin(theta))"),
        ("region", "(1/2, 1)", "D > 1/2"),
        ("region", "2D > 1", "D > 1/2"),
    ],
)
def test_mistakes_of_every_kind(kind: str, text: str, listed: str | tuple[str, ...]) -> None:
    outcome = judged(*a_field_of(kind), text, mistake(listed, credit=0.5))
    assert outcome.score == 0.5
    assert outcome.status == "partial"
    assert said(outcome) == "Look again."


@pytest.mark.parametrize("text", ["it depends", "It depends.", "**it depends**"])
def test_a_malformed_response_that_is_listed_is_explained_and_still_malformed(text: str) -> None:
    outcome = judged(*a_field_of("choice"), text, mistake("it depends", "Decide."))
    assert outcome.status == "malformed"
    assert "Decide." in said(outcome)
    assert outcome.pending == POINTS


def test_a_mistake_takes_nothing_from_what_the_policy_gives() -> None:
    spec = field("select", options=MODELS, policy="per-option")
    outcome = judged(spec, key("select", must=("AR", "VAE")), "AR", mistake("AR", "One is missing."))
    assert outcome.score == pytest.approx(POINTS * 4 / 5)
    assert said(outcome) == "One is missing."


@pytest.mark.parametrize("kind", sorted(JUDGED))
def test_the_key_is_right_and_never_quoted(kind: str) -> None:
    spec, field_key = a_field_of(kind)
    text = ", ".join(field_key.must) if hasattr(field_key, "must") else field_key.value  # type: ignore[attr-defined]
    assert judge(spec, field_key, (), Response(text=text)).status == "correct"


WRONG = {"choice": "yes", "select": "GAN", "order": "x_1, z_1", "numeric": "2/15", "symbolic": "r", "region": "D > 1/3"}


@pytest.mark.parametrize("kind", sorted(JUDGED - {"choice", "select"}))
def test_a_wrong_response_does_not_learn_the_key(kind: str) -> None:
    spec, field_key = a_field_of(kind)
    outcome = judge(spec, field_key, (), Response(text=WRONG[kind]))
    assert outcome.status == "incorrect"
    assert field_key.value not in said(outcome)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", sorted(JUDGED))
def test_a_very_long_response_is_no_fault_of_ours(kind: str) -> None:
    outcome = judge(*a_field_of(kind), (Mistake(when="it depends", say="…"),), Response(text="no " + "x" * 20_000))
    assert outcome.status in ("malformed", "review", "incorrect")
