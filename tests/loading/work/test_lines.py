"""Items that a line opens, not a heading; and text that belongs to none."""

from collections.abc import Callable
from typing import Any

import pytest

from grader.loading.work import markdown
from grader.loading.work.collect import Collector
from grader.loading.work.collected import Collected
from grader.loading.work.openers import openers, strength
from grader.loading.work.remarks import Remarks
from grader.spec import Assignment

Read = Callable[..., Any]


@pytest.mark.parametrize(
    "line",
    [
        *["2c: no", "2c : no", "2c) no", "2c. no", "(2c) no", "2c no", "2c - no", "2c = no", "2c\nno", "2c:no"],
        *["**2c** no", "**2c:** no", "**2c**: no", "**2c: no**", "__2c__ no", "- 2c: no", "> 2c: no"],
        *["Question 2c: no", "**Problem 2 (c)** no", "2(c) no", "2C: no"],
    ],
)
def test_lines_outside_items_that_open_one(read: Read, line: str) -> None:
    seen = read(md=f"# Quiz\n\n{line}\n\n## 3.1\n1\n")
    assert seen.texts == {"2c": {"answer": "no"}, "3.1": {"answer": "1"}}
    assert "as item 2c" in seen.remarks("2c")
    assert not seen.remarks()


@pytest.mark.parametrize(
    "line",
    [
        *[r"\item[2c] no", r"\item [(2c)] no", r"\item[\textbf{2c}] no", r"\begin{enumerate}\item[2c] no"],
        *[r"\textbf{2c} no", r"\textbf{2c:} no", r"\noindent\textbf{2c}: no", r"\end{enumerate} \textbf{2c} no"],
        *[r"\item \textbf{2c} no", r"\begin{description} \item[2c:] no \end{description}"],
    ],
)
def test_lines_of_latex_that_open_an_item(read: Read, line: str) -> None:
    assert read(tex=f"{line}\n\\section{{3.1}}\n1\n").texts == {"2c": {"answer": "no"}, "3.1": {"answer": "1"}}


@pytest.mark.parametrize(
    "line",
    [
        r"\item[2c] no \item[3.1] $1;\item[2b] 2$",
        r"2c: no; 3.1: $1;\item[2b] 2$",
        r"2c: no\\[2mm] 3.1: $1;\item[2b] 2$\\",
    ],
)
def test_several_items_in_one_line(read: Read, line: str) -> None:
    assert read(tex=line).texts == {"2c": {"answer": "no"}, "3.1": {"answer": r"$1;\item[2b] 2$"}}


def test_items_by_lines_have_fields_and_further_lines(read: Read) -> None:
    seen = read(md="2c: no\nWhy: a\n\nb\n### Details\nc\n2d\njacobian: r\ndensity: s\n3.1: 1\n# Thanks\nto all\n")
    assert seen.texts == {
        "2c": {"answer": "no", "why": "a\n\nb\n### Details\nc"},
        "2d": {"jacobian": "r", "density": "s"},
        "3.1": {"answer": "1"},
    }
    assert "'Thanks'" in seen.remarks()


def test_parts_of_a_question_by_lines(read: Read) -> None:
    seen = read(md="## Question 2\nb) yes\nc) no\n(d) jacobian: r\n## 3.1\n1\n(b) no\n")
    assert seen.texts == {
        "2b": {"answer": "yes"},
        "2c": {"answer": "no"},
        "2d": {"jacobian": "r"},
        "3.1": {"answer": "1\n(b) no"},
    }


@pytest.mark.parametrize(
    "line", ["2c: no", "**2c** no", "**2c: no**", r"\item[2c] no", r"\textbf{2c} no", "**2c**\nno"]
)
def test_within_an_item_only_what_is_plainly_meant_opens_another(read: Read, line: str) -> None:
    seen = read(md=f"## 3.3a\nT < 1\n\n{line}\n")
    assert seen.texts == {"3.3a": {"answer": "T < 1"}, "2c": {"answer": "no"}}
    assert "read the line that begins '2c" in seen.remarks("2c").replace("\\item[2c]", "2c")
    assert "its text ends before" in seen.remarks("3.3a")


@pytest.mark.parametrize("line", ["2c) no", "(2c) no", "2c. no", "2c no", "2c = 3"])
def test_within_an_item_what_may_be_another_stays_and_does_not_count_as_blank(read: Read, line: str) -> None:
    seen = read(md=f"## 3.3a\nT < 1\n{line}\n")
    assert seen.texts["3.3a"] == {"answer": f"T < 1\n{line}"}
    assert f"'{line}' (answers.md:3) may be meant for this" in seen.problem("2c")
    assert not seen.problem("3.3a")
    assert not seen.work.remarks


@pytest.mark.parametrize(
    "line", ["1. step", "1) step", "(1) step", "1 = 2", "1 step", "3.1", "a: b", "x = 2c: y", "2 = c"]
)
def test_within_an_item_numbers_and_formulas_stay(read: Read, line: str) -> None:
    seen = read(md=f"## 3.3a\nT < 1\n{line}\n")
    assert seen.texts == {"3.3a": {"answer": f"T < 1\n{line}"}}
    assert seen.clean


@pytest.mark.parametrize("line", ["1: a = b", "**1** a = b"])
def test_a_number_that_looks_like_an_item_stays_and_does_not_count_as_blank(read: Read, line: str) -> None:
    seen = read(md=f"## 2c\nno\nWhy: steps\n{line}\n")
    assert seen.texts["2c"] == {"answer": "no", "why": f"steps\n{line}"}
    assert "may be meant for this" in seen.problem("1")


def test_an_item_with_a_heading_is_opened_by_no_line(read: Read) -> None:
    seen = read(md="## 2c\nno\n2b: as there\n## 2b\nyes\n## 3.1\n\n## 3.3a\nT < 1\n3.1: 5\n")
    assert seen.texts["2b"] == {"answer": "yes"}
    assert seen.texts["2c"]["answer"] == "no\n2b: as there"
    assert "may be meant" in seen.problem("3.1")


def test_the_id_once_more_is_no_answer(read: Read) -> None:
    assert read(md="## 2c\n\n**2c** no\n## 3.1\n3.1: 1/15\n").texts == {
        "2c": {"answer": "no"},
        "3.1": {"answer": "1/15"},
    }
    assert read(md="## 3.1\n1\n3.1: 2\n").texts == {"3.1": {"answer": "1\n3.1: 2"}}


def test_fields_come_before_items(read: Read) -> None:
    assert read(md="## Question 2\ne) p: yes\np_T: no\n## Question 3\n## 3.3b\nT: 2\nt: 3\n").texts == {
        "2e": {"p": "yes", "p_T": "no"},
        "3.3b": {"T": "2", "t": "3"},
    }


def test_fields_come_before_parts_of_the_question() -> None:
    yes_no = {"kind": "choice", "options": "yes/no", "points": 1}
    items = [{"id": f"3{x}", "points": 1, "prompt": "…", "fields": {"A": yes_no}} for x in "ad"]
    question = {"question": "3", "title": "", "items": items}
    quiz = Assignment.model_validate({"id": "q", "title": "", "points": 2, "questions": [question]})
    collected = Collected(quiz, Remarks())
    found = markdown.read("## Question 3\nd) A: no\nA: yes\n", "answers.md").found
    Collector(collected).take(found, "answers.md")
    assert [(piece.field, piece.text) for piece in collected.pieces["3d"]] == [("A", "no"), ("A", "yes")]


def test_parts_within_an_item_are_cases_of_its_own(read: Read) -> None:
    seen = read(md="## Question 2\n### 2b\nyes\n(c) a case\nc: another\n")
    assert seen.texts == {"2b": {"answer": "yes\n(c) a case\nc: another", "why": "yes\n(c) a case\nc: another"}}


def test_code_opens_nothing(read: Read) -> None:
    assert read(md="## 3.1\n```\n2c: no\n```\n").texts == {"3.1": {"answer": "```\n2c: no\n```"}}


@pytest.mark.parametrize(
    "line", ["4:30 pm", "2024: a year", "Answer: no", "Note: 2c is hard: yes", "2f: no", "f(2c): x"]
)
def test_lines_that_open_none(read: Read, line: str) -> None:
    assert read(md=f"{line}\n## 3.1\n1\n").texts == {"3.1": {"answer": "1"}}


# --- text that belongs to no item


@pytest.mark.parametrize("text", ["It is $x$.", "a = b", "word " * 60])
def test_text_before_the_first_item_is_remarked(read: Read, text: str) -> None:
    seen = read(md=f"# Quiz\n\n{text}\n## 3.1\n1\n")
    assert "(answers.md:3) belongs to no item" in seen.remarks()


@pytest.mark.parametrize("text", ["by Alice", "2024-10-17\nAlice", r"\maketitle"])
def test_a_name_before_the_first_item_is_not(read: Read, text: str) -> None:
    assert read(md=f"# Quiz\n\n{text}\n## 3.1\n1\n").clean


def test_text_below_a_question_counts_for_its_items_where_none_is_answered(read: Read) -> None:
    tex = "\\section{Question 3}\n\\begin{enumerate}\n\\item 1/15\n\\item |x|\n\\end{enumerate}\n"
    seen = read(tex=f"{tex}\\section{{2c}}\nno\n")
    assert "'Question 3' (answers.tex:1) does not say which item it answers" in seen.problem("3.1")
    assert "\\item 1/15" in seen.response("3.2", "mu_2").text
    assert seen.texts["2c"] == {"answer": "no"}


def test_text_below_a_question_is_a_preface_where_one_is_answered(read: Read) -> None:
    assert read(md="## Question 3\nLet x be real.\n## 3.1\n1\n").texts == {"3.1": {"answer": "1"}}


def test_endless_lines_come_to_an_end(read: Read) -> None:
    seen = read(md="2c: no\n" * 60_000)
    assert "only the first 50000 lines" in seen.troubles[0][1]


def test_forms() -> None:
    assert [(o.form, o.label, o.rest) for o in openers("  - (2c) yes")] == [("stopped", "(2c)", "yes")]
    assert [o.form for o in openers("no number here: x")] == []
    assert strength("colon", "2", inside=True) == "mentions"
    assert strength("stopped", "2", inside=True) is None
