"""``construct`` and ``code``: said to be unjudged, and worth their points to a human."""

from __future__ import annotations

import pytest

from tests.checkers.common import agrees, field, judged, key, said

MORE = {"code": {"file": "sample.py", "function": "sample"}}


@pytest.mark.parametrize("kind", ["construct", "code"])
@pytest.mark.parametrize("text", ["I", r"\begin{aligned} a &= b \end{aligned}", "nonsense", "import os"])
def test_is_for_a_human(kind: str, text: str) -> None:
    spec = field(kind, **MORE.get(kind, {}))
    outcome = judged(spec, None, text)
    assert agrees(outcome, "review")
    assert "not judged by machine yet" in said(outcome)
    assert judged(spec, key(kind, **({} if kind == "code" else {"value": "I"})), text) == outcome
