"""A whole class, as an instructor grades it: the hostile are marked, the honest keep their marks, nobody waits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.sandbox import bubblewrap
from grader.sandbox.levels import level
from grader.sandbox.processes import libraries
from tests.attacks.arena import Arena, hand_in
from tests.attacks.table import BY_NAME

HOSTILE = (
    "forging/poison_caches",
    "exhausting/kill_parent",
    "exhausting/segfault",
    "looking/key_from_disk",
    "values/nan",
)


def test_a_class_with_hostile_submissions(arena: Arena, tmp_path: Path) -> None:
    if level() == "C":
        pytest.skip("nothing isolates code here")
    folder = tmp_path / "class"
    for number, name in enumerate(HOSTILE):
        own = folder / f"student-{2 * number + 1}"
        hand_in(own, BY_NAME[name].files() | arena.beside(own, arena.targets))
        hand_in(folder / f"student-{2 * number}", arena.honest)
    hand_in(folder / "student-99", arena.honest)
    before = arena.state()
    found = graded(arena, folder, tmp_path / "results.json")
    honest = [found[f"student-{number}"] for number in (*range(0, 2 * len(HOSTILE), 2), 99)]
    assert [one[0]["score"] for one in honest] == [6.0] * len(honest)
    assert all(one == honest[0] for one in honest)
    assert len(found) == 2 * len(HOSTILE) + 1
    assert arena.effects((tmp_path / "results.json").read_text(), before) == []


def graded(arena: Arena, folder: Path, results: Path) -> dict[str, list[dict[str, object]]]:
    where = ["--problems", str(arena.place / "problems"), "--reference", str(arena.place / "reference")]
    arguments = [str(folder), *where, "--item", "ps1/6.4", "--json", str(results)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code in (0, 2), done.output
    assert not [char for char in done.output if char != "\n" and not char.isprintable()]
    told = json.loads(results.read_text("utf-8"))["submissions"]
    return {one["submission"]: one["assignments"][0]["items"] for one in told}


def test_what_is_needed_is_seen_wherever_it_lies(tmp_path: Path) -> None:
    """The outer wall has a folder /tmp of its own: it must not cover a checkout, a Python or a model that lie there."""
    if level() != "A":
        pytest.skip("there is no outer wall here")
    needed = tmp_path / "needed"
    needed.mkdir()
    assert tmp_path.resolve().is_relative_to("/tmp")
    (needed / "file").write_text("here")
    command = [*bubblewrap.command([*libraries(), str(needed), "/usr/bin", "/bin"]), "/bin/cat", str(needed / "file")]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "here"
