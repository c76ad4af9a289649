from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import markdown
from grader.loading.work.sections import Section

Read = Callable[..., Any]


def labels(text: str) -> list[tuple[str | None, int]]:
    found = markdown.read(text, "answers.md").found
    return [(part.label, part.level) for part in found if isinstance(part, Section)]


@pytest.mark.parametrize(
    ("line", "label", "level"),
    [
        *[
            ("# 4a", "4a", 1),
            ("###### 4a", "4a", 6),
            ("   ## 4a  ", "4a", 2),
            ("## 4a ##", "4a", 2),
            ("##\t4a", "4a", 2),
        ],
        *[("##4a", "4a", 2), ("## C#", "C#", 2), ("##", "", 2)],
    ],
)
def test_headings(line: str, label: str, level: int) -> None:
    assert labels(line) == [(label, level)]


@pytest.mark.parametrize("line", ["#4a", "    # code", "####### seven", "text # 4a", "\\# 4a", "#hash"])
def test_no_headings(line: str) -> None:
    assert labels(line) == [(None, 0)]


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n## 2b\n```",
        "~~~~ python\n## 2b\n~~~\n## 2b\n~~~~",
        "<!-- a\n## 2b\n-->",
        "> ```\n## 2b\n> ```",
        "````\n```\n# 2b\n````",
    ],
)
def test_code_and_comments_are_opaque_and_kept(read: Read, hidden: str) -> None:
    seen = read(md=f"## 3.1\n{hidden}\n## 2c\nno")
    assert seen.texts == {"3.1": {"answer": hidden}, "2c": {"answer": "no"}}


def test_fields_are_not_opened_in_code(read: Read) -> None:
    assert read(md="## 2b\nyes\n```\nWhy: x\n```\n").texts == {
        "2b": {"answer": "yes\n```\nWhy: x\n```", "why": "yes\n```\nWhy: x\n```"}
    }


@pytest.mark.parametrize("opening", ["```", "<!-- note"])
def test_what_is_never_closed_hides_nothing(read: Read, opening: str) -> None:
    seen = read(md=f"## 3.1\n{opening}\n1/15\n## 2c\nno")
    assert seen.texts["2c"] == {"answer": "no"}
    assert "answers.md:2" in seen.remarks()
    assert "never closed" in seen.remarks()


def test_sources_name_the_line(read: Read) -> None:
    seen = read(md="\n## 2c\nAnswer: no\n\nWhy: because\n## 3.1\n1")
    assert seen.response("2c").source == "answers.md:3"
    assert seen.response("2c", "why").source == "answers.md:5"
    assert seen.response("3.1").source == "answers.md:6"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("# `~<!->2bAnswer:\n\x00\u2028\x0c")), max_size=60) | st.text())
def test_every_line_is_in_one_section(text: str) -> None:
    found = markdown.read(text, "answers.md").found
    sections = [part for part in found if isinstance(part, Section)]
    headings = sum(section.label is not None for section in sections)
    assert headings + sum(len(section.lines) for section in sections) == len(text.split("\n"))
