"""``choice``: one option, never two, never a guess."""

from __future__ import annotations

import pytest

from grader.errors import SpecError
from tests.checkers.common import agrees, field, judged, key, said

# fmt: off
YES = (
    "yes",
    "Yes",
    "YES",
    "y",
    "Y",
    "true",
    "True",
    "t",
    "T",
    "yes.",
    " yes ",
    "**yes**",
    "*Yes*",
    r"\textbf{Yes}",
    '"yes"',
    "`true`",
)
NO = ("no", "No", "NO", "n", "false", "False", "F", "f", "no!", r"\emph{no}", "No.", r"\text{False}", "$no$")
NEITHER = (
    "maybe",
    "it depends",
    "yes and no",
    "yes/no",
    "both",
    "neither",
    "y/n",
    "yes no",
    "true or false",
    "ja",
    "1",
    "0",
    "-",
    "?",
)
# fmt: on


@pytest.mark.parametrize("options", ["yes/no", "true/false"])
@pytest.mark.parametrize("text", YES)
def test_affirmative(options: str, text: str) -> None:
    yes, no = options.split("/")
    assert agrees(judged(field("choice", options=options), key("choice", value=yes), text), "correct")
    assert agrees(judged(field("choice", options=options), key("choice", value=no), text), "incorrect")


@pytest.mark.parametrize("options", ["yes/no", "true/false"])
@pytest.mark.parametrize("text", NO)
def test_negative(options: str, text: str) -> None:
    yes, no = options.split("/")
    assert agrees(judged(field("choice", options=options), key("choice", value=no), text), "correct")
    assert agrees(judged(field("choice", options=options), key("choice", value=yes), text), "incorrect")


@pytest.mark.parametrize("text", ["_no_", "__no__", "*_no_*"])
def test_emphasis_with_underscores(text: str) -> None:
    assert judged(field("choice", options="yes/no"), key("choice", value="no"), text).status == "correct"


@pytest.mark.parametrize("text", NEITHER)
@pytest.mark.parametrize("value", ["yes", "no"])
def test_neither_is_malformed(text: str, value: str) -> None:
    assert agrees(judged(field("choice", options="yes/no"), key("choice", value=value), text), "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "No, the prior is intractable.",
        "no because z is unknown",
        "No - the sum has exponentially many terms",
        "No: cyclic",
    ],
)
def test_a_reason_behind_the_choice_is_remarked(text: str) -> None:
    outcome = judged(field("choice", options="yes/no"), key("choice", value="no"), text)
    assert outcome.status == "correct"
    assert "reason" in said(outcome)


@pytest.mark.parametrize(
    "text",
    [
        "yes, but only if T < 1",
        "no, unless the prior is known",
        "yes, it is not possible",
        "No; actually yes",
        "yes, or no",
        "yes, no",
        "no, wait, yes",
        "yes if x is known",
        "true, except for GANs",
    ],
)
@pytest.mark.parametrize("value", ["yes", "no"])
def test_a_choice_that_is_taken_back_earns_nothing_by_machine(text: str, value: str) -> None:
    assert judged(field("choice", options="yes/no"), key("choice", value=value), text).status in ("malformed", "review")


FOUR = {
    "mutual independence": ("all independent",),
    "pairwise independence": (),
    "first-order Markov": ("markov chain",),
    "conditional independence given X_1": (),
}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("mutual independence", "correct"),
        ("Mutual Independence.", "correct"),
        ("all independent", "correct"),
        ("mutual  independence", "correct"),
        ("pairwise independence", "incorrect"),
        ("first order Markov", "incorrect"),
        ("markov chain", "incorrect"),
        ("conditional independence given X_1", "incorrect"),
        ("independence", "malformed"),
        ("mutual", "malformed"),
        ("mutual independence and pairwise independence", "malformed"),
        ("yes", "malformed"),
        ("1", "malformed"),
    ],
)
def test_named_options(text: str, status: str) -> None:
    outcome = judged(field("choice", options=FOUR), key("choice", value="mutual independence"), text)
    assert agrees(outcome, status), (outcome.status, said(outcome))


def test_malformed_lists_the_options() -> None:
    assert "yes, no" in said(judged(field("choice", options="yes/no"), key("choice", value="no"), "perhaps"))


def test_the_option_is_echoed() -> None:
    assert judged(field("choice", options="true/false"), key("choice", value="false"), "n").read_as == "false"


def test_a_key_that_is_no_option_is_the_keys_fault() -> None:
    with pytest.raises(SpecError, match="none of the options"):
        judged(field("choice", options="yes/no"), key("choice", value="maybe"), "yes")
