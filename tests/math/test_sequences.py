"""Sequences with dots."""

from __future__ import annotations

import pytest

from grader.errors import Unreadable
from grader.math.sequences import common_sizes, read_series


def expanded(text: str, size: int, elements: str = "z x") -> str:
    terms = read_series(text, elements.split(), "T").expand(size)
    return " ".join(f"{name}{index}" for name, index in terms)


@pytest.mark.parametrize(
    "text",
    [
        "z_1, x_1, z_2, x_2, …, z_T, x_T",
        "z_1, x_1, ..., z_T, x_T",
        "z_1, x_1, z_2, x_2, z_3, x_3, ..., z_T, x_T",
        r"z_1, x_1, z_2, x_2, \ldots, z_T, x_T",
        r"z_1, x_1, \dots, z_{T}, x_{T}",
        "z1, x1, z2, x2, ..., zT, xT",
        "z₁, x₁, …, z_T, x_T",
        "z_1 -> x_1 -> … -> z_T -> x_T",
        r"z_1 \to x_1 \to \cdots \to z_T \to x_T",
        "(z_1, x_1, …, z_T, x_T)",
        r"\mathbf{z}_1, \mathbf{x}_1, \ldots, \mathbf{z}_T, \mathbf{x}_T",
        "z_1; x_1; …; z_T; x_T",
        "z_1, x_1, …, z_{T-1}, x_{T-1}, z_T, x_T",
        "z_1, x_1, …, x_T",
    ],
)
@pytest.mark.parametrize("size", [5, 6, 8])
def test_alternating(text: str, size: int) -> None:
    assert expanded(text, size) == " ".join(f"z{i} x{i}" for i in range(1, size + 1))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x_1, …, x_T, z_1, …, z_T", "x1 x2 x3 x4 z1 z2 z3 z4"),
        ("z_T, …, z_1", "z4 z3 z2 z1"),
        ("z_T, x_T, …, z_1, x_1", "z4 x4 z3 x3 z2 x2 z1 x1"),
        ("x_1, z_1, …, x_T, z_T", "x1 z1 x2 z2 x3 z3 x4 z4"),
        ("z_1, z_2, z_3, z_4", "z1 z2 z3 z4"),
        ("z_1, …, z_{T-1}, x_T", "z1 z2 z3 x4"),
        ("z_1, x_1", "z1 x1"),
    ],
)
def test_other_orders_are_other_sequences(text: str, meant: str) -> None:
    assert expanded(text, 4) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "z_1, …",
        "…, z_T",
        "w_1, …, w_T",
        "z, x",
        "z_1 x_1 and so on",
        "z_q",
        "z_{1/2}",
        "z_{T/3}, x_1",
        "z_1, …, x_T",
        "z_{10^9}",
        "z_{9^9^9^9}",
        "z_1 + x_1",
        "first z_1, then x_1",
        "z_{sqrt(2)}",
        "z_{1/0}",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_series(text, ["z", "x"], "T")


def test_sizes_lie_beyond_what_is_written_out() -> None:
    short, long = read_series("z_1, …, z_T", ["z"], "T"), read_series("z_1, z_2, z_3, …, z_T", ["z"], "T")
    assert common_sizes(short, long) == (5, 6, 8)
    assert common_sizes(long, short) == (5, 6, 8)


def test_a_sequence_written_for_one_size_only_is_told_from_the_general_one() -> None:
    short, key = (
        read_series("z_1, x_1, z_2, x_2", ["z", "x"], "T"),
        read_series("z_1, x_1, …, z_T, x_T", ["z", "x"], "T"),
    )
    assert any(short.expand(size) != key.expand(size) for size in common_sizes(short, key))
