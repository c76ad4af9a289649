"""The zip for Gradescope, unpacked and run as Gradescope does it."""

from __future__ import annotations

import functools
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.errors import SpecError, UsageError
from grader.loading.specs.course import load_course
from grader.packing import pack
from tests.course import ROOT, real_course
from tests.reports.test_gradescope import documented

ANSWERS = "4a: 1/15\n1a: {answer: false, why: 'Some orderings have independence.'}\n4b: '1/('\n"


@functools.cache
def midterm() -> bytes:
    return pack(real_course(), "midterm")


@pytest.fixture
def small(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grader of one file in the place of ours, which takes longer to pack."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "grader" / "__pycache__").mkdir(parents=True)
    (folder / "grader" / "__pycache__" / "grading.pyc").write_bytes(b"")
    (folder / "grader" / "grading.py").write_text("# graded\n", "utf-8")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    monkeypatch.setattr("grader.packing.PACKAGE", folder / "grader")
    return folder


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- the zip ---


def test_what_is_in_it() -> None:
    found = members(midterm())
    assert {"setup.sh", "run_autograder", "requirements.txt", "constraints.txt"} <= found.keys()
    assert found["constraints.txt"] == (ROOT / "constraints.txt").read_bytes()
    assert found["grader/grading.py"] == (ROOT / "grader" / "grading.py").read_bytes()
    assert "grader/harness/tiny/config.json" in found
    course = {name.split("/", 1)[1] for name in found if name.startswith("course/")}
    assert {"problems/midterm/4.yaml", "reference/midterm/4.yaml", "reference/secret"} <= course
    assert not any("ps1" in name or "submissions" in name or "proved" in name for name in course)
    assert not any("__pycache__" in name or name.startswith(("/", ".")) or ".." in name for name in found)


def test_scripts_can_be_run_on_unix(small: Path) -> None:
    content = pack(real_course(), "midterm")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            assert stat.S_ISREG(mode)
            assert bool(mode & 0o111) == (entry.filename in ("setup.sh", "run_autograder"))
            assert entry.create_system == 3
    for name in ("setup.sh", "run_autograder"):
        script = members(content)[name]
        assert script.startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in script
        assert subprocess.run(["bash", "-n"], input=script, check=False).returncode == 0


def test_the_same_course_is_the_same_zip(small: Path) -> None:
    before = pack(real_course(), "midterm")
    os.utime(small / "grader" / "grading.py", (10**9, 10**9))
    (small / "grader" / "grading.py").chmod(0o700)
    assert pack(real_course(), "midterm") == before


def test_torch_is_installed_where_code_is_run(small: Path) -> None:
    with_code, without = (members(pack(real_course(), name)) for name in ("ps1", "midterm"))
    assert b"torch" in with_code["requirements.txt"]
    assert b"whl/cpu" in with_code["setup.sh"]
    assert b"torch" not in without["requirements.txt"] + without["setup.sh"]
    assert {b"sympy", b"jinja2", b"click"} <= {line.split(b">")[0] for line in without["requirements.txt"].split()}
    assert all(b"bubblewrap" in found["setup.sh"] for found in (with_code, without))


def test_a_grader_that_was_installed_without_its_repository(small: Path) -> None:
    """What it needs was recorded when it was installed; the versions are those that are here."""
    for name in ("pyproject.toml", "constraints.txt"):
        (small / name).unlink()
    found = members(pack(real_course(), "midterm"))
    assert b"click" in found["requirements.txt"]
    assert b"torch" not in found["requirements.txt"]
    assert f"pydantic=={metadata.version('pydantic')}\n".encode() in found["constraints.txt"]
    assert b"+" not in found["constraints.txt"]


def test_walls_are_left_out_on_demand_alone(small: Path) -> None:
    assert b"--allow-unsandboxed" not in members(pack(real_course(), "midterm"))["run_autograder"]
    assert b"midterm --allow-unsandboxed" in members(pack(real_course(), "midterm", True))["run_autograder"]


def test_what_cannot_be_packed() -> None:
    with pytest.raises(UsageError, match="there is no assignment 'final'; there are: midterm, ps1"):
        pack(real_course(), "final")
    with pytest.raises(UsageError, match="midterm cannot be graded"):
        pack(replace(real_course(), broken=("midterm",)), "midterm")
    keys = {**real_course().keys, "midterm": {"4a": SpecError([])}}
    with pytest.raises(SpecError):
        pack(replace(real_course(), keys=keys), "midterm")


# --- the command ---


def packed(*arguments: str, out: Path) -> Result:
    from grader.cli.autograder import autograder

    where = ["--problems", str(ROOT / "problems"), "--reference", str(ROOT / "reference")]
    return CliRunner().invoke(autograder, [*arguments, "--out", str(out), *where])


def test_the_command(small: Path, tmp_path: Path) -> None:
    done = packed("midterm", out=tmp_path / "autograder.zip")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "41 items, 95 points, with its keys" in done.stderr
    assert (tmp_path / "autograder.zip").read_bytes() == pack(real_course(), "midterm")
    assert [path.name for path in tmp_path.iterdir()] == ["autograder.zip"]


def test_the_command_warns_of_code_without_walls(small: Path, tmp_path: Path) -> None:
    done = packed("ps1", "--allow-unsandboxed", out=tmp_path / "autograder.zip")
    assert "can then read the keys" in done.stderr
    assert "memory" in done.stderr


@pytest.mark.parametrize(
    ("assignment", "out", "said"),
    [
        ("final", "a.zip", "there is no assignment 'final'"),
        ("midterm", "none/a.zip", "expected a file in a folder that exists"),
        ("midterm", "", "expected a file in a folder"),
    ],
)
def test_bad_usage(tmp_path: Path, assignment: str, out: str, said: str) -> None:
    done = packed(assignment, out=tmp_path / out)
    assert (done.exit_code, said in done.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


# --- running it ---


def unpack(content: bytes, root: Path) -> Path:
    """The folders that Gradescope makes, in ``root``."""
    for name in ("source", "submission", "results"):
        (root / name).mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, root / "source"))
            path.chmod(entry.external_attr >> 16 & 0o777)
    shutil.copy2(root / "source" / "run_autograder", root / "run_autograder")
    (root / "submission_metadata.json").write_text('{"users": [{"name": "CANARY Student"}]}', "utf-8")
    return root


def at_its_place(root: Path) -> list[str]:
    """The command that sees ``root`` as /autograder, where bubblewrap can do that; otherwise none."""
    seen = [f"/{name}" for name in os.listdir("/") if name not in ("autograder", "dev", "proc", "tmp")]
    binds = [word for path in seen for word in ("--ro-bind", path, path)]
    system = ["--dev-bind", "/dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    python = ["--ro-bind", sys.prefix, sys.prefix]  # which may lie below /tmp
    command = ["bwrap", "--cap-add", "ALL", *binds, *system, *python, "--bind", str(root), "/autograder", "--"]
    try:
        works = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return []
    return command if works else []


def run(root: Path, outer: list[str] | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    place = {} if outer else {"AUTOGRADER_ROOT": str(root)}
    script = "/autograder/run_autograder" if outer else str(root / "run_autograder")
    given = {"PATH": os.environ["PATH"], "AUTOGRADER_PYTHON": sys.executable, **place, **environment}
    return subprocess.run(
        [*(outer or []), script], env=given, cwd="/", capture_output=True, text=True, check=False, timeout=100
    )


def results(root: Path) -> dict[str, Any]:
    return documented((root / "results" / "results.json").read_text("utf-8"))


def test_a_submission_is_graded_as_on_gradescope(tmp_path: Path) -> None:
    """Loose files, at the real paths where they can be had; and once more after a run that left something there."""
    root = unpack(midterm(), tmp_path / "autograder")
    (root / "submission" / "answers.yaml").write_text(ANSWERS, "utf-8")
    (root / "results" / "results.json").write_text("stale")
    done = run(root, at_its_place(root))
    assert done.returncode == 0, done.stdout + done.stderr
    data = results(root)
    tests = {test["number"]: test for test in data["tests"] if test["visibility"] == "visible"}
    assert len(tests) == sum(len(item.fields) for item in real_course().assignments["midterm"].items)
    assert data["score"] == tests["4a"]["score"] + tests["1a answer"]["score"] == 3
    assert tests["4a"]["status"] == "passed"
    assert "status" not in tests["1a why"]
    assert (tests["4c answer"]["status"], tests["4c answer"]["output"]) == ("failed", "blank: 0 of 1 points")
    assert "CANARY" not in json.dumps(data)
    assert "no folder" not in data["output"]
    assert stat.S_IMODE((root / "source" / "course" / "reference" / "midterm" / "4.yaml").stat().st_mode) == 0o600


def test_where_the_grader_is_at_fault_there_are_no_results(tmp_path: Path) -> None:
    """Not even those of the run before: Gradescope then reports that the autograder failed, and no mark is made."""
    root = unpack(midterm(), tmp_path)
    (root / "submission" / "answers.yaml").write_text(ANSWERS, "utf-8")
    (root / "results" / "results.json").write_text("stale")
    (root / "source" / "course" / "problems" / "midterm" / "4.yaml").write_text("]", "utf-8")
    done = run(root)
    assert done.returncode == 2
    assert "midterm cannot be graded" in done.stdout
    assert done.stderr == ""
    assert not list((root / "results").iterdir())
    assert run(root, AUTOGRADER_PYTHON="/bin/false").returncode != 0
    (root / "source" / "grader" / "__init__.py").write_text("raise SystemExit('the grader of the zip')", "utf-8")
    assert "the grader of the zip" in run(root).stdout
    assert not list((root / "results").iterdir())


def test_the_layouts_that_students_hand_in(tmp_path: Path) -> None:
    """Loose files, files in a folder of the assignment's name, and nothing that can be read."""
    from grader.cli.gradescope import run as on_gradescope

    root = unpack(midterm(), tmp_path)
    scores = {}
    for name in ("answers.yaml", "midterm/answers.yaml", "essay.pdf"):
        shutil.rmtree(root / "submission")
        (root / "submission" / name).parent.mkdir(parents=True)
        (root / "submission" / name).write_text(ANSWERS, "utf-8")
        (root / "submission" / "submission").mkdir()
        done = CliRunner().invoke(on_gradescope, [str(root), "midterm"])
        assert done.exit_code == 0, done.output
        scores[name] = results(root)["score"]
    assert scores == {"answers.yaml": 3, "midterm/answers.yaml": 3, "essay.pdf": 0}
    assert "Nothing could be graded: found 'essay.pdf'" in results(root)["output"]


@pytest.mark.slow
def test_code_is_graded_there_and_does_not_see_the_keys(tmp_path: Path) -> None:
    root = unpack(pack(load_course(ROOT / "problems", ROOT / "reference"), "ps1"), tmp_path / "autograder")
    for name in ("sample.py", "classifier.py"):
        shutil.copy(ROOT / "reference" / "ps1" / name, root / "submission")
    (root / "submission" / "likelihood.py").write_text(
        "import glob\n"
        "def log_likelihood(model, text):\n"
        "    found = []\n"
        "    for place in ('/autograder', ROOT):\n"
        "        for path in glob.glob(place + '/**/*.yaml', recursive=True) + [place + '/source/setup.sh']:\n"
        "            try:\n"
        "                found.append(open(path).read())\n"
        "            except OSError:\n"
        "                pass\n"
        "    raise (KeyError if found else RuntimeError)()\n".replace("ROOT", repr(str(root))),
        "utf-8",
    )
    done = run(root, at_its_place(root))
    assert done.returncode == 0, done.stdout
    tests = {test["number"]: test for test in results(root)["tests"] if test["visibility"] == "visible"}
    assert tests["6.3"]["status"] == "passed"
    assert "stopped with RuntimeError (" in tests["6.4"]["output"]
