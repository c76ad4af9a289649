"""``grade release``: data on standard output, words on standard error, and nothing half done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from tests.course import ROOT


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["release", *map(str, arguments)])


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The problems of ps1, with a reference beside them that nobody can read."""
    shutil.copytree(ROOT / "problems" / "ps1", tmp_path / "course" / "problems" / "ps1")
    (tmp_path / "course" / "reference" / "ps1").mkdir(parents=True)
    (tmp_path / "course" / "reference" / "ps1" / "1.yaml").write_bytes(b"\xff\xfe: [")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path


def test_the_path_is_the_only_data(course: Path) -> None:
    result = run("ps1", "--out", "../out")
    assert (result.exit_code, result.stdout) == (0, "../out\n")
    assert "ps1: 16 items, 100 points, 3 starter files; 22 files" in result.stderr
    assert "--install" in result.stderr
    assert "grade check" in result.stderr
    assert (course / "out" / "ps1" / "answers.ipynb").is_file()


def test_a_zip_and_how_to_install(course: Path) -> None:
    result = run("ps1", "--out", "../out.ZIP", "--install", "pip install\n'grade'\x1b[31m")
    assert result.exit_code == 0
    assert "--install" not in result.stderr
    shutil.unpack_archive(course / "out.ZIP", course / "unpacked", "zip")
    instructions = (course / "unpacked" / "ps1-release" / "README.md").read_text("utf-8")
    assert "\npip install 'grade'\n" in instructions


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ps1",), "Missing option '--out'"),
        (("ps2", "--out", "../out"), "there is no assignment 'ps2' (did you mean 'ps1'?)"),
        (("../ps1", "--out", "../out"), "there is no assignment '../ps1'"),
        (("ps1", "--out", "problems/out"), "where the course itself is"),
        (("ps1", "--out", "reference/out.zip"), "where the course itself is"),
        (("ps1", "--out", "."), "what no release wrote"),
        (("ps1", "--out", "../nowhere/out"), "expected a folder that exists around it"),
        (("ps1", "--out", "problems/ps1/1.yaml"), "where the course itself is"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    course: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = sorted(course.rglob("*"))
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert sorted(course.rglob("*")) == before


def test_the_reference_of_problems_that_are_named_is_guarded_too(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    result = run("ps1", "--problems", "course/problems", "--out", "course/reference/out")
    assert result.exit_code == 2
    assert "where the course itself is" in result.stderr


def test_faults_are_listed_with_their_lines(course: Path) -> None:
    path = course / "course" / "problems" / "ps1" / "3.yaml"
    before, _, after = path.read_text("utf-8").partition("kind: symbolic")
    path.write_text(f"{before}kind: symbolik{after}", "utf-8")
    result = run("ps1", "--out", "../out")
    assert result.exit_code == 2
    assert f"3.yaml:{before.count(chr(10)) + 1}: " in result.stderr
    assert "symbolik" in result.stderr
    assert "was not released" in result.stderr
    assert not (course / "out").exists()


def test_a_release_is_checked_as_it_stands_without_a_reference(
    course: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = tmp_path_factory.mktemp("student")
    assert run("ps1", "--out", alone / "ps1-release").exit_code == 0
    monkeypatch.chdir(alone / "ps1-release")
    result = CliRunner().invoke(main, ["check", "--no-code", "--json", "-"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    fields = [field for a in found["assignments"] for item in a["items"] for field in item["fields"]]
    assert len(fields) == 26
    assert {field["state"] for field in fields if field["kind"] != "code"} == {"blank"}
    assert not [field["trouble"] for field in fields if field["trouble"]]
