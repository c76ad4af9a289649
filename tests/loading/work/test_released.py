"""Text that was released is no response, and only as long as it stands as it was released."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.loading.work.released import has_mark, hidden, is_untouched, starter, visible, without_released

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


@given(LINES, LINES)
def test_a_comment_that_lost_its_end_is_text(mine: list[str], more: list[str]) -> None:
    """Else it would hide all up to the end of a later one; where it has an end of its own it is a comment still."""
    lost = hidden("Give $x$.").split("\n")[:-1]
    kept = without_released([*lost, *mine, *hidden("Give $y$.").split("\n"), *more])
    ended = any("-->" in line for line in mine)
    assert kept == [lost[0] if ended else "", lost[1], *mine, "", "", "", *more]


def test_a_mark_is_found_whatever_became_of_its_text() -> None:
    assert has_mark(hidden("Give $x$.").replace("Give", "Take"))
    assert has_mark(f"1/15\n{visible('Give $x$.')}")
    assert not has_mark("<!-- note -->\n1/15")


CODE = "def f(x):\n    if x:\n        return 1\n    raise NotImplementedError\n"


@pytest.mark.parametrize("text", [starter(CODE), starter(CODE).replace("\n", "  \n"), f"\n{starter(CODE).rstrip()}"])
def test_a_starter_is_known(text: str) -> None:
    assert is_untouched(text)


@given(st.integers(0, len(CODE)), st.sampled_from([" ", "x", "#", "\n    ", "\t"]))
def test_whatever_is_written_into_a_starter_is_seen(at: int, typed: str) -> None:
    """Also a space more at the beginning of a line; only one at its end, or below all of them, means nothing."""
    text = starter(CODE)
    start = len(text) - len(CODE)
    edited = text[: start + at] + typed + text[start + at :]
    ends = "\n".join(line.rstrip() for line in edited.split("\n"))
    assert is_untouched(edited) == (ends.rstrip("\n") == text.rstrip("\n"))


def test_code_without_a_mark_is_somebodys() -> None:
    for text in (CODE, "", "# released\n", f"# released {'0' * 16}\n{CODE}", starter(CODE).partition("\n")[2]):
        assert not is_untouched(text)
