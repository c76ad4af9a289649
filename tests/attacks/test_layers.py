"""Each wall matters: with one of them left out, some payload has an effect that it does not have otherwise.

The inner ones are taken away one by one, and the outer one, which is the difference between levels A and B.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from grader.harness.lab import Lab
from grader.harness.language import Language
from grader.sandbox import bubblewrap
from grader.sandbox.processes import libraries
from grader.sandbox.walls import LAYERS
from grader.sandbox.warm import Warm
from tests.attacks.arena import Arena, LabAt, LevelLab
from tests.attacks.table import BY_NAME, TABLE


@pytest.fixture
def lacking(arena: Arena, lab_at: LabAt) -> Iterator[Callable[..., Lab]]:
    """Labs of a machine that lacks layers, with or without the outer wall."""
    lab_at("B")
    made: list[Lab] = []

    def make(*without: str, outer: bool = False) -> Lab:
        if outer:
            lab_at("A")
        made.append((OuterLab if outer else LevelLab)(at="C", unsandboxed=True, without=without))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@dataclass
class OuterLab(LevelLab):
    """Within the outer wall, and nobody minds what else is missing."""

    @property
    def language(self) -> Language:
        if self._language is None:
            settings = {
                "models": {self.chosen.name: str(self.chosen.path)},
                "device": "cpu",
                "without": [*self.without],
            }
            warm = OuterWarm("tests.attacks.lacking", settings, libraries(), "C", [str(self.chosen.path)])
            self._language = Language(warm, self.chosen.name)
        return self._language


class OuterWarm(Warm):
    def _outer(self) -> list[str]:
        self.level = "A"
        try:
            return super()._outer()
        finally:
            self.level = "C"


# --- inner walls ---

STANDS_ALONE = {
    "landlock": "looking/key_from_disk",
    "seccomp": "exhausting/anonymous_files",
    "rlimits": "exhausting/more_than_allowed",
}


@pytest.mark.parametrize("layer", STANDS_ALONE)
def test_without_an_inner_wall_something_has_an_effect(
    arena: Arena, lab_at: LabAt, lacking: Callable[..., Lab], layer: str
) -> None:
    payload = BY_NAME[STANDS_ALONE[layer]]
    assert arena.tried(payload, lab_at("B")).effects == []
    assert arena.tried(payload, lacking(layer)).effects


def test_every_inner_wall_has_such_a_test() -> None:
    """That of the user, which shows in files that only root may read, is in ``tests/sandbox/test_layers.py``."""
    assert {*STANDS_ALONE, "user"} == {*LAYERS}


# --- the outer wall ---


@pytest.mark.parametrize("name", [one.name for one in TABLE if one.only_a])
def test_the_outer_wall_hides_what_the_inner_ones_do_not(arena: Arena, lab_at: LabAt, name: str) -> None:
    assert arena.tried(BY_NAME[name], lab_at("A")).effects == []
    assert arena.tried(BY_NAME[name], lab_at("B")).effects


OUTER_ALONE = (
    "looking/key_from_disk", "looking/siblings", "looking/processes", "looking/walk", "looking/cache_of_python",
    "forging/write_results", "forging/remove_results", "forging/swap_files", "escaping/tcp", "escaping/udp",
    "escaping/abstract", "exhausting/daemon",
)  # fmt: skip


def test_the_outer_wall_stands_by_itself(arena: Arena, lacking: Callable[..., Lab]) -> None:
    """Nothing of the machine is read, changed, called or left behind, whatever the inner walls let pass."""
    lab = lacking("landlock", "seccomp", outer=True)
    for name in OUTER_ALONE:
        effects = arena.tried(BY_NAME[name], lab).effects
        assert [effect for effect in effects if not effect.startswith("did ")] == [], name


# --- what a test would say if there were no walls at all ---


def test_no_walls_would_be_noticed(arena: Arena, lacking: Callable[..., Lab]) -> None:
    lab = lacking(*LAYERS)
    for name in ("looking/siblings", "forging/write_results", "escaping/tcp", "exhausting/fork_once"):
        assert arena.tried(BY_NAME[name], lab).effects, name
    arena.restore()


def test_the_command_of_the_outer_wall_is_there(lab_at: LabAt) -> None:
    """So that level A is not a word."""
    warm = lab_at("A").language.warm
    assert warm._outer()[0] == bubblewrap.command([])[0]
