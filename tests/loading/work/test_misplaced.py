"""Answers in odd places: in a heading, in another field's text. They are kept and never count as blank."""

from collections.abc import Callable
from typing import Any

import pytest

Read = Callable[..., Any]


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        *[
            ("2c: no", "no"),
            ("2c — no, it folds", "no, it folds"),
            ("2c no", "no"),
            ("2c - no", "no"),
            ("2c. No", "No"),
        ],
        *[("2c) 1", "1"), ("2c = 1", "= 1"), ("2c, no", "no"), ("Question 2 (c): $n$", "$n$"), ("2C: no", "no")],
        *[("**2c: no**", "no"), ("**2c**: no", "no"), ("2c (2 points): no", "no"), (r"\textbf{2c} $-1$", "$-1$")],
        *[("2c -1", "-1"), ("2c: -1/15", "-1/15"), ("2c 1/15", "1/15")],
    ],
)
def test_an_answer_in_the_heading(read: Read, heading: str, text: str) -> None:
    seen = read(md=f"## {heading}\n\n## 3.1\n1\n")
    assert seen.response("2c").text == text.removeprefix("= ")
    assert "stands in the heading; write it below, as the answer" in seen.problem("2c")


def test_an_answer_in_a_heading_of_latex(read: Read) -> None:
    seen = read(tex="\\section*{3.3a: $T<1$}\n% item: 3.1\n\\section*{$1/15$}\n")
    assert seen.texts == {"3.3a": {"answer": "$T<1$"}, "3.1": {"answer": "$1/15$"}}
    assert "'$T<1$' stands in the heading" in seen.problem("3.3a")
    assert "'$1/15$' stands in the heading" in seen.problem("3.1")


def test_a_title_is_no_answer_where_there_is_one(read: Read) -> None:
    seen = read(
        md="## 2c: Invertible?\nno\n## 2d: Polar\njacobian: r\ndensity: s\n## 3.1 (4 points)\n\n## 2b [2 pts]\n"
    )
    assert seen.texts == {"2c": {"answer": "no"}, "2d": {"jacobian": "r", "density": "s"}}
    assert seen.clean


def test_a_reason_below_an_answer_in_the_heading(read: Read) -> None:
    seen = read(md="## 2c no\nWhy: it folds\n## 2b yes\nIt is monotone.\n")
    assert seen.response("2c").text == "no"
    assert "stands in the heading" in seen.problem("2c")
    assert seen.texts["2c"]["why"] == "it folds"
    assert seen.texts["2b"] == {"answer": "It is monotone.", "why": "It is monotone."}


@pytest.mark.parametrize("heading", ["2C Invertible", "2D Gaussians"])
def test_a_heading_that_is_hardly_an_item(read: Read, heading: str) -> None:
    seen = read(md=f"## 3.1\n1\n## {heading}\nno\n")
    assert all(r.problem for r in seen.work.responses[heading[:2].lower()].values())
    assert set(read(md=f"## 3.1\n1\n### {heading}\nno\n").texts) == {"3.1"}


@pytest.mark.parametrize("verdict", ["No", "No.", "**No**", "so\nfalse", "No, it is not.", "N", "No — never"])
def test_a_verdict_within_the_reason(read: Read, verdict: str) -> None:
    seen = read(md=f"## 2c\nWhy: not invertible\n{verdict}\n")
    assert "stands within the text of why; write 'answer:' before it" in seen.problem("2c")
    assert seen.texts["2c"]["why"] == f"not invertible\n{verdict}"
    assert not seen.problem("2c", "why")


@pytest.mark.parametrize("line", ["No one knows", "note", "T < 1", "know", "not so"])
def test_a_reason_without_verdict(read: Read, line: str) -> None:
    assert set(read(md=f"## 2c\nWhy: a\n{line}\n").texts["2c"]) == {"why"}


def test_a_verdict_within_the_reason_in_yaml(read: Read) -> None:
    assert read(yaml="2c: {why: 'No, it folds'}").problem("2c")
    assert not read(yaml="2c: {answer: no, why: 'No, it folds'}").problem("2c")


@pytest.mark.parametrize(
    "text",
    ["p: yes, p_T: no", "p: yes and $p_T$: no", "p: yes p^T: no", "p: yes, **p_T** no", r"p: yes \textbf{p_T} no"],
)
def test_a_field_in_the_middle_of_a_line(read: Read, text: str) -> None:
    seen = read(md=f"## 2e\n{text}\n")
    assert "p_T seems to be given within the text of p" in seen.problem("2e", "p_T")
    assert not seen.problem("2e", "p")


def test_a_reason_goes_with_a_choice_that_cannot_be_read(read: Read) -> None:
    seen = read(md="## 2c\nNo, because \ufffd\n")
    assert seen.problem("2c", "why") == seen.problem("2c") != ""


@pytest.mark.parametrize(
    "text",
    [
        "jacobian: $r$\ndensity = 1",
        "jacobian: $r$, $density = 1$",
        "jacobian: $r$ \\\\ $density=1$",
        "jacobian: $r$\n\n\\[ \\density = 1 \\]",
    ],
)
def test_a_field_behind_an_equals_sign(read: Read, text: str) -> None:
    """As people write formulas: it may be the answer, so the field is not blank."""
    seen = read(md=f"## 2d\n{text}\n")
    assert "density seems to be given within the text of jacobian" in seen.problem("2d", "density")


@pytest.mark.parametrize(
    "text", ["jacobian: the density == 1", "jacobian: $r$ as density = 1", "jacobian: mydensity = 1"]
)
def test_a_name_within_a_sentence_or_another_name_is_no_field(read: Read, text: str) -> None:
    assert "density" not in read(md=f"## 2d\n{text}\n").texts["2d"]
