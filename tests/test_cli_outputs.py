"""Where ``grade`` puts results: what was asked for is tried before grading, and written whatever else fails."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.batch import Selection, Source, read_code, read_source
from grader.cli import main
from tests.course import ROOT, real_course

ROSTER = 'Student,ID,SIS Login ID,Section,Office\n"Grey, Carol",1003,carol,DGM 01,E 12\n'
BOOK = (
    'Student,ID,SIS Login ID,Section,Quiz,Exam (77)\n    Points Possible,,,,10,95\n"Grey, Carol",1003,carol,DGM 01,7,\n'
)
SELECTION = Selection(frozenset({"midterm", "ps1"}))


def grade(*arguments: object) -> Result:
    fixed = ["submissions/carol", "--assignment", "midterm", "--quiet"]
    return CliRunner().invoke(main, [*fixed, *map(str, arguments)], catch_exceptions=False)


def read(path: Path) -> list[dict[str, str]]:
    return [*csv.DictReader(path.read_text("utf-8-sig").splitlines())]


def test_all_of_them_at_once(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK)
    found = grade(
        "--json", tmp_path / "r.json", "--csv", tmp_path / "r.csv", "--gradescope", tmp_path / "g.json",
        "--canvas", tmp_path / "book.csv", "--column", "Exam", "--html", tmp_path / "pages",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.stdout == ""
    score = json.loads((tmp_path / "r.json").read_text())["submissions"][0]["assignments"][0]["score"]
    assert json.loads((tmp_path / "g.json").read_text())["score"] == score
    rows = read(tmp_path / "r.csv")
    assert sum(float(row["score"]) for row in rows) == score
    book = read(tmp_path / "book.csv")
    assert float(book[1]["Exam (77)"]) == score
    assert book[1]["Quiz"] == "7"
    assert (tmp_path / "pages/index.html").exists()
    assert "and 2 more pages" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--roster", "book.csv"], "--roster goes with --canvas"),
        (["--column", "Exam"], "--column goes with --canvas"),
        (["--json", "-", "--csv", "-"], "would be written to -"),
        (["--canvas", "new.csv"], "there is no such gradebook yet"),
        (["--canvas", "roster.csv"], "Name it with --roster"),
        (["--csv", "no/such/folder.csv"], "a folder that exists"),
    ],
)
def test_what_cannot_be_written_is_told_before_an_hour_of_grading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    (tmp_path / "roster.csv").write_text(ROSTER)
    (tmp_path / "book.csv").write_text(BOOK)
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(main, [str(ROOT / "submissions/carol"), *arguments], catch_exceptions=False)
    assert found.exit_code == 2
    assert said in found.stderr
    assert (tmp_path / "roster.csv").read_text() == ROSTER
    assert (tmp_path / "book.csv").read_text() == BOOK


def test_results_for_gradescope_are_of_one_submission(tmp_path: Path) -> None:
    found = CliRunner().invoke(main, ["submissions", "--gradescope", str(tmp_path / "g.json")])
    assert found.exit_code == 2
    assert "there are 3" in found.stderr


def test_code_is_shown_as_it_was_graded_or_not_at_all() -> None:
    source = Source("submission", ROOT / "submissions/alice", name="alice")
    digest = read_source(source, real_course(), SELECTION).digest
    found = read_code(source, real_course(), SELECTION, digest)
    assert "def log_likelihood" in found["ps1", "likelihood.py"]
    assert read_code(source, real_course(), SELECTION, "another") == {}
