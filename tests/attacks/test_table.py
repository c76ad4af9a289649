"""The table is whole: every phrase has its payloads, every payload is there and stands for a phrase."""

from __future__ import annotations

import re

import pytest

from tests.attacks.table import BY_NAME, GROUPS, LATER, PAYLOADS, PHRASES, TABLE
from tests.course import ROOT

LEAST = 60


def bare(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("group", GROUPS)
def test_every_phrase_has_a_row(group: str) -> None:
    """What is left of the text without the phrases of the table is nothing but the marks between them."""
    left = bare(GROUPS[group])
    for phrase in sorted(PHRASES, key=len, reverse=True):
        left = left.replace(phrase, "", 1) if phrase in left else left
    assert re.sub(r"[;,.\s]|\band\b", "", left) == ""


def test_there_are_enough() -> None:
    assert len(TABLE) == len(BY_NAME) >= LEAST


def test_a_payload_that_is_there_is_in_the_table() -> None:
    """And one that is in the table is there."""
    there = {
        path.relative_to(PAYLOADS).with_suffix("").as_posix() for path in PAYLOADS.glob("*/*") if "__" not in path.name
    }
    assert there == {*BY_NAME}


def test_every_payload_stands_for_a_phrase_and_every_name_for_something() -> None:
    named = {word for row in PHRASES.values() if not row.startswith(LATER) for word in row.split()}
    assert named >= {*BY_NAME} - {"report/markup"}
    for word in named - {*BY_NAME}:
        file, _, test = word.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), word
