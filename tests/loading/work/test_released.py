"""Text that was released is no response, and only as long as it stands as it was released."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.work.released import hidden, visible, without_released

LINES = st.lists(st.text(alphabet=st.sampled_from(list("ab#$-<>! ")), max_size=12), min_size=1, max_size=5)


def left(text: str) -> str:
    lines = text.split("\n")
    kept = without_released(lines)
    assert len(kept) == len(lines)
    return "\n".join(kept).strip()


@pytest.mark.parametrize("mark", [visible, hidden])
def test_what_was_released_is_left_out_and_the_rest_is_kept(mark: object) -> None:
    assert callable(mark)
    block = mark("# Prompt of 4d\n\nGive $x$.")
    assert left(block) == ""
    assert left(f"before\n{block}\nafter").split() == ["before", "after"]
    assert left(f"{block}\n{block}\nafter") == "after"
    assert left(block.replace("\n", "  \n")) == ""


@pytest.mark.parametrize("mark", [visible, hidden])
def test_what_was_written_into_it_is_kept(mark: object) -> None:
    assert callable(mark)
    block = mark("Give $x$.")
    for edited in (block.replace("Give", "1/15 Give"), block.replace("$x$.", "$x$.\n\n1/15")):
        assert "1/15" in left(edited)
    assert "1/15" in left(f"{block.rpartition(chr(10))[0]}\n1/15")
    assert "1/15" in left(block.replace("released ", "released 0", 1) + "\n1/15")


@given(LINES)
def test_a_comment_of_a_students_own_is_kept(lines: list[str]) -> None:
    assert without_released(["<!-- released 0123456789abcdef -->", *lines, "<!-- end -->"]) == ["", *lines, ""]
    hidden_text = ["<!-- released 0123456789abcdef", *lines, "-->"]
    assert without_released(hidden_text) == hidden_text


@given(LINES, LINES)
def test_whatever_stands_around_a_block_is_kept(before: list[str], after: list[str]) -> None:
    block = visible("Give $x$.").split("\n")
    assert without_released([*before, *block, *after]) == [*before, *[""] * len(block), *after]
