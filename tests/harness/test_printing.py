"""Text from outside, made fit to be shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.printing import in_one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 学 − ✓\tand\nmore", "plain é 学 − ✓\tand\nmore"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://a\x1b\\\\link", "\\link"),
        ("\x9d0;title\x9ctext", "text"),
        ("\x1b]0;never ends", "]0;never ends"),
        ("\x1b\x1b[0m[31mtwice", "[31mtwice"),
        ("a\x00b\x07c\x08d\x7fe\x84f", "abcdef"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\u202eb\u2066c\u200bd\u200de\ufefff\u00adg", "abcdefg"),
        ("half \ud800", "half "),
    ],
    ids=ascii,
)
def test_what_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(
    st.text() | st.lists(st.sampled_from(["\x1b", "[", "31m", "]", "\x07", "\x9b", "\r", "a", "\u202e"])).map("".join)
)
def test_nothing_that_controls_anything_is_left(text: str) -> None:
    found = printable(text)
    assert not [char for char in found if unicodedata.category(char)[0] == "C" and char not in "\n\t"]
    assert printable(found) == found
    assert in_one_line(text).isprintable()
    assert found.encode().decode() == found
