"""What all attacks share: one arena and one warm process for each level, so that poison would be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from grader.harness.lab import Lab
from grader.sandbox.levels import Level, level
from tests.attacks.arena import Arena, LevelLab, listening


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    with pytest.MonkeyPatch.context() as patch, Arena() as made, listening(made, patch):
        yield made


@pytest.fixture(scope="session")
def lab_at(arena: Arena) -> Iterator[Callable[[Level], Lab]]:
    """The lab of a level; a test that asks for one that is not to be had here is skipped."""
    labs: dict[Level, Lab] = {}

    def get(wanted: Level) -> Lab:
        if level() > wanted:
            pytest.skip(f"this machine has level {level()}")
        if wanted not in labs:
            labs[wanted] = LevelLab(at=wanted)
            if refusal := labs[wanted].refusal():
                pytest.skip(refusal)
        return labs[wanted]

    yield get
    for lab in labs.values():
        lab.close()
