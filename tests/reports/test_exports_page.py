"""The commands of docs/exports.md, one after the other, on a course of one question."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.documents import DOCS, ROOT, blocks


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: the course with question 4 of the midterm, and alice."""
    for part in ("problems", "reference"):
        (tmp_path / part / "midterm").mkdir(parents=True)
        shutil.copy(ROOT / part / "midterm" / "4.yaml", tmp_path / part / "midterm")
    head = "title: 'Midterm Exam'\npoints: 10\nquestions: ['4']\n"
    (tmp_path / "problems" / "midterm" / "assignment.yaml").write_text(head, "utf-8")
    shutil.copy(ROOT / "reference" / "secret", tmp_path / "reference")
    shutil.copytree(ROOT / "submissions" / "alice" / "midterm", tmp_path / "submissions" / "alice" / "midterm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_of_the_page(course: Path) -> None:
    said = ""
    for block in blocks(DOCS / "exports.md"):
        if block.language == "csv":
            (course / "roster.csv").write_text(block.text, "utf-8")
            continue
        for line in block.text.splitlines():
            done = CliRunner().invoke(main, line.removeprefix("grade ").split())
            assert done.exit_code == 0, f"{line}\n{done.output}"
            assert done.stdout == ""
            said += done.stderr
    assert "alice,midterm,4d,4,4,0,correct," in (course / "items.csv").read_text("utf-8")
    students = (course / "gradebook.csv").read_text("utf-8").splitlines()[2:]
    assert re.fullmatch(r'"Ames, Alice",1001,alice,DGM 01,\d+(\.\d+)?', students[0])
    assert students[1] == '"Björk, Bob",1002,bob,DGM 01,'
    assert "gradebook.csv: midterm: 1 student has no submission: the cell stays as before" in said
    assert json.loads((course / "results.json").read_text("utf-8"))["tests"]
    assert "run_autograder" in zipfile.ZipFile(course / "autograder.zip").namelist()


def test_a_gradescope_result_of_our_fault_is_not_written(course: Path) -> None:
    (course / "reference" / "midterm" / "4.yaml").write_text("4a: {answer: ')'}\n", "utf-8")
    done = CliRunner().invoke(main, ["submissions/alice", "--quiet", "--gradescope", "results.json"])
    assert done.exit_code != 0
    assert "every item is in error" in done.stderr
    assert not (course / "results.json").exists()


def test_standard_output_is_data_alone(course: Path) -> None:
    (course / "roster.csv").write_text("Student,ID\nAlice,1\n", "utf-8")
    arguments = ["submissions/alice", "--quiet", "--roster", "roster.csv", "--canvas", "-"]
    done = CliRunner().invoke(main, arguments)
    assert done.stdout.startswith("Student,ID,SIS Login ID,Section,Midterm Exam\n")
    assert "alice: no student has this" not in done.stdout
    assert "mark in the column" in done.stderr
