"""What a student wrote in an odd place is read, or waits for a human: it never counts as blank, for certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.grading import grade_work
from grader.loading.work.answers import read_work
from grader.loading.work.snapshot import take_in
from grader.result import ItemResult
from tests.course import real_course


def graded(folder: Path, text: str, name: str = "answers.md", assignment: str = "midterm") -> dict[str, ItemResult]:
    (folder / name).write_text(text, "utf-8")
    work = read_work(take_in(folder, ()), real_course().assignments[assignment])
    return {item.id: item for item in grade_work(work, real_course()).items}


def statuses(items: dict[str, ItemResult], *fields: str) -> list[str]:
    found = []
    for path in fields:
        item, _, name = path.partition(":")
        found += [field.status for field in items[item].fields if field.name == (name or "answer")]
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("answers.md", "## 1c\nFalse\n\n**Question 4**\n\n(a) 1/15\n\n(b) No\n"),
        ("answers.md", "## 1c\nFalse\n\nProblem 4:\na) 1/15\nb) No\n"),
        ("answers.tex", "\\section*{1c}\nFalse\n\n\\textbf{Problem 4}\n\n(a) $1/15$\n\n(b) No\n"),
        ("answers.md", "**1c** False\n\n**Question 4**\n(a) 1/15\n(b) No\n"),
    ],
)
def test_a_question_title_without_a_mark(tmp_path: Path, name: str, text: str) -> None:
    assert statuses(graded(tmp_path, text, name), "1c", "4a", "4b") == ["correct"] * 3


@pytest.mark.parametrize(
    ("name", "text", "waiting"),
    [
        (
            "answers.tex",
            "\\section*{Question 4}\n\\begin{enumerate}\n\\item $1/15$\n\\item No\n\\end{enumerate}\n"
            "\\subsection*{(d)}\nJacobian: $r$\n",
            ["4a", "4b", "4c"],
        ),
        ("answers.md", "## Question 4\n1/15; No; Yes\n\n### 4d\nJacobian: $r$\n", ["4a", "4b", "4c"]),
        ("answers.md", "## Question 7\n$Z(1)=1$\n\nNo, exponential.\n\nc) T < 1\n", ["7a", "7b"]),
    ],
)
def test_answers_that_do_not_say_to_what(tmp_path: Path, name: str, text: str, waiting: list[str]) -> None:
    assert set(statuses(graded(tmp_path, text, name), *waiting)) == {"malformed"}


@pytest.mark.parametrize(
    ("assignment", "text", "kept"),
    [
        (
            "midterm",
            "## Question 4\n(a) 1/15\n(b) No\n(c) Yes\n(d) Density: $r p_{XY}(r\\cos\\theta, r\\sin\\theta)$\n"
            "(a) polar coordinates\nJacobian: $r$\n",
            {"4a": "correct", "4d:jacobian": "correct"},
        ),
        ("midterm", "## Question 6\n(d) D < 1/2\na) foo\nwhy: larger\n", {"6d:why": "review"}),
        (
            "ps1",
            "## Problem 5\n1. Proof:\n   1. step $a=b$\n   2. step $b=c$\n"
            "2. No.\n   Proof:\n   1. Jensen\n   2. strict\n",
            {"5.1": "review", "5.2:answer": "correct", "5.2:proof": "review"},
        ),
        ("midterm", "## Question 5\n(d) Proof.\n(a) write the ratio\n(b) then sum\n", {"5d": "review"}),
        ("midterm", "## 5d\nStart from E_q.\n$$a=b$$\nAnswer: $$b=c$$\n", {"5d": "malformed"}),
    ],
)
def test_labels_in_a_text_do_not_reopen_items(tmp_path: Path, assignment: str, text: str, kept: dict[str, str]) -> None:
    items = graded(tmp_path, text, assignment=assignment)
    assert {path: statuses(items, path)[0] for path in kept} == kept


def test_a_proof_keeps_what_stands_before_its_answer(tmp_path: Path) -> None:
    proof = graded(tmp_path, "## 5d\nStart from E_q.\n$$a=b$$\nAnswer: $$b=c$$\n")["5d"].fields[0].response
    assert proof is not None
    assert "a=b" in proof
    assert "b=c" in proof


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("2a", "~~GAN~~ AR, VAE, EBM"),
        ("2a", "<s>GAN</s> AR, VAE, EBM"),
        ("4b", "~~No~~"),
        ("4a", "~~1/15~~"),
        ("4a", "\\cancel{1/5} 1/15"),
        ("7c", "~~T<1~~"),
    ],
)
def test_what_is_crossed_out_is_not_judged(tmp_path: Path, item: str, text: str) -> None:
    assert statuses(graded(tmp_path, f"## {item}\n{text}\n"), item) == ["malformed"]
