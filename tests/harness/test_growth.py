"""The parameters of GPT-2, counted on the module, and how they grow with the vocabulary."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.errors import Undecided
from grader.harness import growing
from grader.harness.growing import gpt2_growth
from grader.harness.growth import growth, handle, parameters

RELEASED = 124_439_808
TOKENS, MORE = 50257, 60000
GROWTHS = [
    (True, False, 7_482_624),
    (False, False, 14_965_248),
    (False, True, 14_974_991),
    (True, True, 7_492_367),
]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    gpt2_growth.cache_clear()


def test_the_released_model() -> None:
    assert parameters(TOKENS, tied=True, bias=False) == RELEASED
    assert parameters(TOKENS, tied=True, bias=True) == RELEASED + TOKENS
    assert parameters(TOKENS, tied=False, bias=False) == RELEASED + 768 * TOKENS
    assert parameters(TOKENS, tied=False, bias=True) == RELEASED + 769 * TOKENS


@pytest.mark.parametrize(("tied", "bias", "expected"), GROWTHS)
def test_growth(tied: bool, bias: bool, expected: int) -> None:
    assert growth(TOKENS, MORE, tied, bias) == handle((TOKENS, MORE, tied, bias)) == expected
    assert growth(MORE, TOKENS, tied, bias) == -expected


def test_a_child_counts_and_the_parent_imports_no_torch() -> None:
    program = (
        "import sys; from grader.harness.growing import gpt2_growth; "
        f"print(gpt2_growth({TOKENS}, {MORE}, False, True), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["14974991", "False"]


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "find_spec", lambda name: None)
    with pytest.raises(Undecided, match="torch is not installed"):
        gpt2_growth(TOKENS, MORE, True, False)


def test_a_child_that_fails() -> None:
    with pytest.raises(Undecided, match="could not be counted: the worker failed with RuntimeError"):
        gpt2_growth(-1, 5, True, False)


def test_a_child_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "DEADLINE", 0.01)
    with pytest.raises(Undecided, match="could not be counted: the worker did not start"):
        gpt2_growth(1, 5, True, False)
