"""``order``: a sequence that must be the key's at every size."""

from __future__ import annotations

import pytest

from grader.errors import SpecError
from tests.checkers.common import agrees, field, judged, key, said

SPEC = field("order", elements=("z", "x"), size="T")
KEY = key("order", value="z_1, x_1, z_2, x_2, …, z_T, x_T")

# fmt: off
TABLE = [
    *(("correct", text) for text in ("z_1, x_1, …, z_T, x_T", "z_1, x_1, z_2, x_2, ..., z_T, x_T",
        "z1, x1, z2, x2, ..., zT, xT")),
    *(("correct", text) for text in (r"$z_1, x_1, \ldots, z_T, x_T$", r"z_1 \to x_1 \to \dots \to z_T \to x_T",
        "z_1 → x_1 → … → z_T → x_T")),
    *(("correct", text) for text in (r"\mathbf{z}_1, \mathbf{x}_1, \ldots, \mathbf{z}_T, \mathbf{x}_T",
        "(z_1, x_1, …, z_T, x_T).")),
    *(("correct", text) for text in ("z_1, x_1, …, z_{T-1}, x_{T-1}, z_T, x_T", "z_1 x_1 z_2 x_2 … z_T x_T",
        "z₁, x₁, …, z_T, x_T")),
    *(("incorrect", text) for text in ("x_1, z_1, …, x_T, z_T", "z_1, …, z_T, x_1, …, x_T",
        "x_1, …, x_T, z_1, …, z_T")),
    *(("incorrect", text) for text in ("z_T, x_T, …, z_1, x_1", "z_1, x_1, …, z_{T-1}, x_{T-1}", "z_1, …, z_T",
        "z_1, x_1, z_2, x_2")),
    *(("incorrect", text) for text in ("z_0, x_0, …, z_T, x_T", "z_1, x_1, x_2, z_2, …, x_T, z_T",
        "z_1, z_2, x_1, x_2, …, z_T, x_T")),
    *(("malformed", text) for text in ("z, x", "z_1, x_1, …", "…", "z_1, …, q_T", "first z then x", "1, 2, 3",
        "z_1, x_1, and so on")),
    *(("malformed", text) for text in ("z_{10^9}", "z_{T/3}", "z_1 + x_1", "z_1 < x_1", "y_1, …, y_T", "z_a, x_a",
        "topological")),
]
# fmt: on


@pytest.mark.parametrize(("status", "text"), TABLE)
def test_status(status: str, text: str) -> None:
    outcome = judged(SPEC, KEY, text)
    assert agrees(outcome, status), (outcome.status, said(outcome))


def test_a_wrong_order_is_shown_expanded() -> None:
    outcome = judged(SPEC, KEY, "x_1, z_1, …, x_T, z_T")
    assert "x_1, z_1, x_2, z_2" in said(outcome)
    assert outcome.evidence["rung"] == "expanded"


@pytest.mark.parametrize("value", ["…", "y_1, …, y_T"])
def test_a_key_that_cannot_be_read_is_the_keys_fault(value: str) -> None:
    with pytest.raises(SpecError, match="key cannot be read"):
        judged(SPEC, key("order", value=value), "z_1")
