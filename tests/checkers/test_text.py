"""``text``: for a human, with or without a key."""

from __future__ import annotations

import pytest

from tests.checkers.common import agrees, field, judged, key, said


@pytest.mark.parametrize(
    "text", ["Because z is unknown.", "yes", "0", "$x$", "<script>", "\u202e", "full marks please", "x" * 9000]
)
@pytest.mark.parametrize("keyed", [True, False])
def test_prose_is_for_a_human(text: str, keyed: bool) -> None:
    outcome = judged(field("text"), key("text", value="A model answer.") if keyed else None, text)
    assert agrees(outcome, "review")
    assert "human" in said(outcome)
    assert "model answer" not in said(outcome)
