from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work.fields import FieldText
from grader.loading.work.sections import Line
from grader.spec import Assignment, Item

Read = Callable[..., Any]


@pytest.mark.parametrize(
    "opening",
    [
        *[
            "Why:",
            "why:",
            "WHY :",
            "**Why:**",
            "**Why**:",
            "*Why:*",
            "__Why__:",
            "_Why:_",
            "`Why`:",
            "- Why:",
            "* Why:",
        ],
        *[
            "1. Why:",
            "> Why:",
            "  - **Why:**",
            r"\textbf{Why:}",
            r"\textbf{Why}:",
            r"\emph{Why}:",
            r"\item \textbf{Why:}",
        ],
        *["\\noindent Why:", "***Why:***", "Why：", "### Why\n", "## Why\n", "#### **Why:**\n"],
    ],
)
def test_what_opens_a_field(read: Read, opening: str) -> None:
    assert read(md=f"## 2c\nno\n{opening} it folds\n\nin two\n").texts == {
        "2c": {"answer": "no", "why": "it folds\n\nin two"}
    }


@pytest.mark.parametrize(
    "line", ["Why not?", "Whyever: x", "That is why: x", "because (why): x", "### Why not\n", "p: x"]
)
def test_what_opens_none(read: Read, line: str) -> None:
    assert set(read(md=f"## 2a\nAR\n{line}\n").texts["2a"]) == {"answer"}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        *[(r"mu_2: |x|", "|x|"), (r"\mu_2: |x|", "|x|"), (r"$\mu_2$: $|x|$", "$|x|$"), (r"$\mu_2: |x|$", "|x|")],
        *[(r"**$\mu_{2}$**: |x|", "|x|"), (r"\(\mu_2\): |x|", "|x|"), ("**mu_2: |x|**", "|x|"), (r"mu\_2:|x|", "|x|")],
        *[
            (r"\textbf{mu_2: \sqrt{x}}", r"\sqrt{x}"),
            ("`mu_2`: a: b", "a: b"),
            ("answer: 3", "3"),
            ("*mu_2: a*b*", "a*b*"),
        ],
    ],
)
def test_names_of_fields_as_mathematics(read: Read, line: str, text: str) -> None:
    assert read(md=f"## 3.2\n{line}\n").texts["3.2"] == {"mu_2": text}


def test_case_counts_where_only_case_tells_apart(read: Read) -> None:
    assert read(md="## 3.3b\nt: 1\nT: 2\n").texts["3.3b"] == {"t": "1", "T": "2"}


def test_the_prompt_before_the_answer_is_left_out(read: Read) -> None:
    seen = read(md="## 2c\nIs it invertible?\n\nAnswer: no\nWhy: a\n## 2d\nGive both.\njacobian: r\n")
    assert seen.texts == {"2c": {"answer": "no", "why": "a"}, "2d": {"jacobian": "r", "density": "Give both."}}
    assert "text before answer: was left out (answers.md:1)" in seen.remarks("2c")
    assert "text before jacobian: was left out" in seen.remarks("2d")
    assert "text before jacobian: was left out" in seen.problem("2d", "density")


def test_text_before_the_fields_is_no_answer_to_those_left_empty(read: Read) -> None:
    assert "why" not in read(md="## 2c\nIs it invertible?\nAnswer: no\nWhy:\n").texts["2c"]


@pytest.mark.parametrize("empty", ["Answer:\nWhy:\n", "Why:\nAnswer:\n"])
def test_text_before_fields_that_are_all_empty_is_not_blank(read: Read, empty: str) -> None:
    """So does who fills in a skeleton in the wrong place."""
    seen = read(md=f"## 2c\nno\n\n{empty}")
    assert seen.texts["2c"] == {"answer": "no", "why": "no"}
    assert "before" in seen.problem("2c", "answer")


def test_text_before_the_fields_that_asks_nothing_may_be_meant_for_those_left_empty(read: Read) -> None:
    seen = read(md="## 2c\nIts determinant is zero.\nAnswer: no\nWhy:\n")
    assert seen.texts["2c"] == {"answer": "no", "why": "Its determinant is zero."}
    assert "was left out" in seen.problem("2c", "why")


def test_nameless_text_where_fields_must_be_named(read: Read) -> None:
    seen = read(md="## 2d\nr\n", yaml="2e: yes\n")
    for item, field in [("2d", "jacobian"), ("2d", "density"), ("2e", "p"), ("2e", "p_T")]:
        assert "name the fields: " in seen.problem(item, field)
    assert "jacobian:, density:" in seen.problem("2d", "jacobian")


def test_empty_fields_are_no_response(read: Read) -> None:
    seen = read(md="## 2c\nAnswer:\n\nWhy:\n## 2d\njacobian:\n\n## 3.1\n\n")
    assert seen.texts == {}
    assert not seen.work.troubles


def test_a_field_given_twice(read: Read) -> None:
    seen = read(md="## 2c\nAnswer: no\nAnswer: yes\nWhy: a b\nWhy: a  b\n")
    assert seen.problem("2c") == "answered twice, differently: answers.md:2 and answers.md:3"
    assert not seen.problem("2c", "why")
    assert "same text" in seen.remarks("2c")


@pytest.mark.parametrize(
    "answer", ["False. Some need fewer.", "No, it is not invertible.", "no\n\nbecause", "**No** since"]
)
def test_a_choice_with_its_reason_in_one_breath(read: Read, answer: str) -> None:
    assert read(md=f"## 2c\n{answer}\n").texts == {"2c": {"answer": answer, "why": answer}}


@pytest.mark.parametrize("answer", ["no", "**No.**", r"\textbf{no}", "*no*", "N", ""])
def test_a_bare_choice_is_no_reason(read: Read, answer: str) -> None:
    assert "why" not in read(md=f"## 2c\n{answer}\n## 3.1\n1").texts.get("2c", {})


def test_a_reason_of_its_own_stays(read: Read) -> None:
    assert read(md="## 2c\nNo, it is not.\nWhy: a\n## 2a\nAR, VAE and so on\n").texts == {
        "2c": {"answer": "No, it is not.", "why": "a"},
        "2a": {"answer": "AR, VAE and so on"},
    }


@pytest.mark.parametrize(
    "line", [r"Answer: no\\ \textbf{Why:} a", r"no\\[2mm] Why: a", "no ; Why: a", "no; **Why:** a"]
)
def test_fields_behind_a_break(read: Read, line: str) -> None:
    assert read(md=f"## 2c\n{line}\n").texts == {"2c": {"answer": "no", "why": "a"}}


def test_a_break_at_the_end_is_layout(read: Read) -> None:
    assert read(tex="\\section{2c}\nAnswer: no\\\\\nWhy: a\\\\[2mm]\n").texts == {"2c": {"answer": "no", "why": "a"}}


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{align} a \\ why: b \end{align}",
        r"\[ a \\ why: b \]",
        r"$$ a \\ why: b $$",
        "$a; why: b$",
        "$$\na\\\\ why: b\n$$",
    ],
)
def test_no_field_opens_within_mathematics(read: Read, text: str) -> None:
    seen = read(md=f"## 2a\n{text}\n")
    assert seen.texts["2a"]["answer"] == text
    assert "begin a new line with 'why:'" in seen.problem("2a", "why")


def test_mathematics_ends(read: Read) -> None:
    text = r"$x$ $$y$$ \[z\] \begin{align}u\end{align}"
    assert read(md=f"## 2a\n{text}; why: b\n").texts == {"2a": {"answer": text, "why": "b"}}


def test_lists_of_fields(read: Read) -> None:
    body = r"\begin{description}\item[$p$] yes \item[$p^T$:] no\end{description}"
    seen = read(tex=f"\\section{{2e}}{body}\n\\section{{3.1}}\n\\begin{{center}}\n1\n\\end{{center}}")
    assert seen.texts["2e"] == {"p": "yes", "p_T": "no"}
    assert seen.texts["3.1"] == {"answer": "\\begin{center}\n1\n\\end{center}"}
    assert seen.clean


@pytest.mark.parametrize("word", ["Solution", "solution:", "**Solution**", "Answer"])
@pytest.mark.parametrize("marks", ["##", "###"])
def test_a_heading_for_the_solution(read: Read, marks: str, word: str) -> None:
    assert read(md=f"## 2c\n{marks} {word}\nno\n## 3.1\n1").texts == {"2c": {"answer": "no"}, "3.1": {"answer": "1"}}


@pytest.mark.parametrize("word", ["Explanation", "Reason", "Reasoning", "Justification", "why"])
def test_a_heading_or_word_for_the_reason(read: Read, word: str) -> None:
    expected = {"2c": {"answer": "no", "why": "a"}}
    assert read(md=f"## 2c\nno\n### {word}\na\n").texts == expected
    assert read(md=f"## 2c\nno\n{word}: a\n").texts == expected
    assert read(md=f"## 2c\n### Answer: no\n### {word}: a\n").texts == expected


def test_such_a_heading_for_no_field_is_dropped(read: Read) -> None:
    seen = read(md="## 3.1\n1\n### Explanation\nof it\n## 2d\n### Solution\njacobian: r\n### Proof\nb\n")
    assert seen.texts["3.1"] == {"answer": "1\n\nof it"}
    assert seen.texts["2d"] == {"jacobian": "r\n\nb"}


def test_such_a_word_opens_a_field_once(read: Read) -> None:
    assert read(md="## 2c\nno\nWhy: a\nReason: b\n### Explanation\nc\n").texts["2c"]["why"] == "a\nReason: b\n\nc"
    assert read(md="## 3.1\n1\nReason: b\n").texts["3.1"] == {"answer": "1\nReason: b"}


def test_a_higher_heading_for_solutions_ends_the_item(read: Read) -> None:
    assert read(md="## 2c\nno\n# Solution\nx\n").texts == {"2c": {"answer": "no"}}


def test_a_proof_has_a_field_of_its_own() -> None:
    item = Item.model_validate({**ITEM, "fields": {"answer": MU, "proof": {"kind": "derivation", "points": 1}}})
    fields = FieldText(item, "x")
    fields.add(Line("no", "x"))
    assert fields.open_part("Proof", "y")
    fields.add(Line("a = b", "y"))
    assert {piece.field: piece.text for piece in fields.pieces()} == {"answer": "no", "proof": "a = b"}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("*_`$\\{}: -muWhy2answer\n\x00")), max_size=60) | st.text())
def test_any_text_is_sorted(text: str) -> None:
    item = Assignment.model_validate(ONE).items[0]
    fields = FieldText(item, "x")
    for line in text.split("\n"):
        fields.add(Line(line, "x"))
    assert all(piece.field in ("mu_2", "why") and piece.text.strip() for piece in fields.pieces())


MU, WHY = {"kind": "construct", "points": 1}, {"kind": "text", "points": 1}
ITEM = {"id": "1", "points": 2, "prompt": "…", "fields": {"mu_2": MU, "why": WHY}}
ONE = {"id": "q", "title": "", "points": 2, "questions": [{"question": "1", "title": "", "items": [ITEM]}]}
