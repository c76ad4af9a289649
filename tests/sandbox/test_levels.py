"""What runs at which level: others' code, one's own, and what is said of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.harness import lab as lab_module
from grader.harness.lab import EXPOSED, NO_WALLS, NOT_ISOLATED, Lab
from grader.harness.models import TINY, Chosen
from grader.sandbox import bubblewrap, levels
from grader.sandbox.levels import Layer, level, level_of
from grader.sandbox.processes import libraries

ROOT = Path(__file__).parents[2]
LIKELIHOOD = ROOT / "reference/ps1/likelihood.py"


@pytest.fixture
def without_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_module, "level", lambda: "C")


def test_others_code_is_refused_without_walls(without_walls: None) -> None:
    assert Lab().refusal() == NO_WALLS
    assert Lab(unsandboxed=True).refusal() == Lab(own=True).refusal() == ""


def test_keys_among_pythons_libraries_are_seen_at_level_b(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Path(libraries()[0])
    for at, hidden, refused in (("B", inside, True), ("B", tmp_path, False), ("A", inside, False)):
        monkeypatch.setattr(lab_module, "level", lambda at=at: at)
        assert Lab(hidden=[hidden]).refusal() == (EXPOSED.format(folder=inside) if refused else "")


def student_tree(folder: Path) -> Path:
    """Problems and one's own work, and no keys."""
    shutil.copytree(ROOT / "problems", folder / "problems")
    (folder / "me/ps1").mkdir(parents=True)
    shutil.copy(LIKELIHOOD, folder / "me/ps1/likelihood.py")
    return folder


def test_ones_own_code_runs_without_walls_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_walls: None
) -> None:
    monkeypatch.chdir(student_tree(tmp_path))
    done = CliRunner().invoke(main, ["explain", "me", "ps1/6.4"])
    assert done.exit_code == 0, done.output
    assert NOT_ISOLATED in done.output
    assert "1.5 / 6, 4.5 pending" in done.output  # the public tests alone


def test_it_says_nothing_of_the_sort_behind_walls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if level() == "C":
        pytest.skip("there are no walls here")
    monkeypatch.chdir(student_tree(tmp_path))
    assert NOT_ISOLATED not in CliRunner().invoke(main, ["explain", "me", "ps1/6.4"]).output


def test_a_model_whose_files_are_links_is_seen(tmp_path: Path) -> None:
    """As in the cache of a hub, where a folder of names leads to the files."""
    (tmp_path / "names").mkdir()
    shutil.copytree(TINY, tmp_path / "files")
    for file in (tmp_path / "files").iterdir():
        (tmp_path / "names" / file.name).symlink_to(Path("../files") / file.name)
    with Lab(Chosen("tiny", tmp_path / "names"), unsandboxed=True) as lab:
        assert lab.trial() == ""


# --- grade doctor ---


def diagnosis(monkeypatch: pytest.MonkeyPatch, *missing: str) -> tuple[str, int]:
    """What is printed on a machine on which some layers are missing."""
    names = ("bubblewrap", "landlock", "seccomp", "rlimits", "user")
    found = [Layer(name, "does something", "it is gone" if name in missing else "", "mend it") for name in names]
    monkeypatch.setattr(levels, "survey", lambda: found)
    monkeypatch.setattr(Lab, "trial", lambda self: "")
    done = CliRunner().invoke(main, ["doctor"])
    return done.output, done.exit_code


@pytest.mark.parametrize(
    ("missing", "said", "status"),
    [
        ((), "Level A. ", 0),
        (("bubblewrap",), "Level B. ", 0),
        (("landlock",), "Level C: NOT ISOLATED", 1),
        (("bubblewrap", "seccomp"), "Level C: NOT ISOLATED", 1),
    ],
)
def test_doctor_names_the_level_and_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...], said: str, status: int
) -> None:
    out, code = diagnosis(monkeypatch, *missing)
    assert code == status
    assert said in out
    assert out.count("it is gone") == out.count("To mend it: mend it.") == len(missing)


def test_doctor_tries_what_there_is() -> None:
    done = CliRunner().invoke(main, ["doctor"])
    assert f"Level {level()}" in done.output
    assert "course code" in done.output


# --- bubblewrap ---


def outer() -> None:
    if trouble := bubblewrap.probe():
        pytest.skip(trouble)


def inside(code: str, visible: list[str], hidden: list[str]) -> str:
    command = bubblewrap.command([*libraries(), *visible], hidden)
    python = str(Path(sys.executable).resolve())
    return subprocess.run([*command, python, "-S", "-c", code], capture_output=True, text=True, check=True).stdout


def test_what_is_hidden_is_not_seen_within_what_is_shown(tmp_path: Path) -> None:
    outer()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/key").write_text("canary")
    (tmp_path / "work.zip").write_text("canary")
    code = f"import os; print(sorted(os.listdir({str(tmp_path)!r})), os.listdir({str(tmp_path / 'keys')!r}))"
    code += f"\ntry:\n    print(open({str(tmp_path / 'work.zip')!r}).read())\nexcept PermissionError:\n    pass"
    assert "canary" not in inside(code, [str(tmp_path)], [str(tmp_path / "keys"), str(tmp_path / "work.zip")])
    assert "['key']" in inside(code, [str(tmp_path)], [])


def test_a_wall_that_hides_nothing_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    outer()
    whole = [str(bubblewrap.shutil.which("bwrap")), "--dev-bind", "/", "/", "--"]
    monkeypatch.setattr(bubblewrap, "command", lambda *_: whole)
    trouble = bubblewrap.probe()
    assert all(word in trouble for word in ("sees files outside", "reaches the network", "sees other processes"))


def test_one_that_is_not_installed_or_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda _: None)
    assert bubblewrap.probe() == bubblewrap.MISSING
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda _: "/bin/false")
    assert "it does not start" in bubblewrap.probe()
    found = levels.survey()
    assert level_of(found) in ("B", "C")
    assert levels.INSTALL not in found[0].remedy
