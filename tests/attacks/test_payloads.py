"""Every payload, by what it brings about: nothing behind the walls, and something where there are none.

Before, between and after them an honest submission is graded in the same warm process: its result stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from grader.harness.lab import Lab
from tests.attacks.arena import Arena, LabAt, Trial
from tests.attacks.table import CONSTANT, TABLE, Payload

DANGEROUS = ("forging", "exhausting")  # to those who come after
ALIKE = ("report", "values")
EVERY = 10  # one in so many of the others is followed by honest work; of these one in four


def parameters(payloads: Iterable[Payload]) -> list[object]:
    """With their names; those that take long are marked, and every second one of the many that are alike."""
    return [
        pytest.param(one, id=one.name, marks=[pytest.mark.slow] * (one.slow or (one.group in ALIKE and place % 2)))
        for place, one in enumerate(payloads)
    ]


def survived(arena: Arena, payload: Payload, lab: Lab) -> Trial:
    """The payload, and an honest submission after it."""
    arena.first_honest(lab)
    trial = arena.tried(payload, lab)
    assert trial.effects == [], trial.shown
    assert trial.status in ("correct", "partial", "incorrect", "review", "error"), trial
    if TABLE.index(payload) % (4 if payload.group in DANGEROUS else EVERY) == 0:
        assert arena.still_honest(lab)
    return trial


@pytest.mark.parametrize("payload", parameters(TABLE))
def test_nothing_comes_of_it(arena: Arena, lab_at: LabAt, payload: Payload) -> None:
    survived(arena, payload, lab_at("A"))


@pytest.mark.parametrize("payload", parameters(one for one in TABLE if not one.only_a))
@pytest.mark.slow
def test_nothing_comes_of_it_with_the_inner_walls_alone(arena: Arena, lab_at: LabAt, payload: Payload) -> None:
    survived(arena, payload, lab_at("B"))


SEEN = [one for one in TABLE if not one.unseen]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(one, id=one.name, marks=[pytest.mark.slow] * (place % 16 != 0 or one.wide))
        for place, one in enumerate(SEEN)
    ],
)
def test_it_really_does_something(arena: Arena, payload: Payload) -> None:
    assert arena.believed(payload).effects


def test_the_naive_grader_is_fine_with_honest_code(arena: Arena) -> None:
    """So that it is the payloads that it suffers from."""
    assert arena.believed(Payload("honest", 6.0, given={"likelihood.py": arena.honest["likelihood.py"]})).effects == []


def test_a_constant_earns_what_it_is_said_to(arena: Arena, lab_at: LabAt) -> None:
    constant = Payload("constant", given={"likelihood.py": "def log_likelihood(model, text):\n    return -1.5\n"})
    assert arena.tried(constant, lab_at("A")).score == CONSTANT


@pytest.mark.parametrize("name", ["forging/frames_of_faults", "forging/exit_like_a_fault"])
def test_what_looks_like_a_fault_of_ours_gains_nothing_for_certain(arena: Arena, lab_at: LabAt, name: str) -> None:
    """It may wait for a human; it is never a mark."""
    payload = next(one for one in TABLE if one.name == name)
    assert arena.tried(payload, lab_at("A")).score == 0.0
