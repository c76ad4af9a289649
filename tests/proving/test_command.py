"""``grade prove``, as an instructor sees it, and the warning of ``grade``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from tests.proving.common import write

ROOT = Path(__file__).parents[2]
RIGHT = "answer: 2\nprove: {enumerate: {bits_for: 4}}"
WRONG = "answer: 3\nprove: {enumerate: {bits_for: 4}}"
DRAWN = "answer: 1/2\nprove: {simulate: {X: bernoulli(1/2)}, claim: 'E[X] = answer'}"
FALSE = "answer: 1/2\nprove: {simulate: {X: bernoulli(0.6)}, claim: 'E[X] = answer'}"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def prove(folder: Path, key: str, *options: str) -> Result:
    write(folder, key)
    return CliRunner().invoke(main, ["prove", *options])


@pytest.mark.parametrize(
    ("key", "status", "strict", "words"),
    [
        (RIGHT, 0, 0, "proved"),
        (DRAWN, 0, 0, "supported"),
        (WRONG, 1, 1, "refuted"),
        (FALSE, 1, 1, "E[X] = answer fails"),
        ("answer: 2", 0, 1, "no second route given"),
        ("answer: 2\nprove: {reason: A matter of taste.}", 0, 0, "no route can exist"),
        ("answer: 2\nprove: {bits_for: 4}", 2, 2, "belongs under enumerate:"),
        ("answer: 2\nprove: {python: none.py}", 2, 2, "there is no file"),
    ],
)
def test_statuses(tmp_path: Path, key: str, status: int, strict: int, words: str) -> None:
    plain = prove(tmp_path, key)
    assert (plain.exit_code, words in " ".join(plain.output.split())) == (status, True), plain.output
    assert prove(tmp_path, key, "--strict").exit_code == strict


def test_a_claim_is_shown_with_its_bound_and_picture(tmp_path: Path) -> None:
    output = " ".join(prove(tmp_path, DRAWN).output.split())
    assert "E[X] in [0.4" in output
    assert "claimed 0.5 ± 0.005" in output
    assert "draws, α 1e-09" in output
    assert "├" in output


def test_a_refuted_key_is_named_at_the_end_with_its_place(tmp_path: Path) -> None:
    output = prove(tmp_path, WRONG).output
    assert "quiz/1a.answer: refuted" in output
    assert f"reference{os.sep}quiz{os.sep}1.yaml:3" in output


def test_the_page_has_the_picture(tmp_path: Path) -> None:
    assert prove(tmp_path, DRAWN, "--html", "page.html").exit_code == 0
    page = (tmp_path / "page.html").read_text()
    assert "<svg" in page
    assert "E[X] = answer" in page


def test_a_page_that_cannot_be_written_is_told_before_anything_is_proved(tmp_path: Path) -> None:
    found = prove(tmp_path, DRAWN, "--html", "none/page.html")
    assert found.exit_code == 2
    assert "--html none/page.html: expected a file in a folder that exists" in found.output
    assert "supported" not in found.output


def test_keys_may_be_named_as_a_path_or_an_option_but_once(tmp_path: Path) -> None:
    assert prove(tmp_path, RIGHT, "reference").exit_code == 0
    assert prove(tmp_path, RIGHT, "--reference", "reference", "--problems", "problems").exit_code == 0
    assert prove(tmp_path, RIGHT, "reference", "--reference", "reference").exit_code == 2


def test_one_item(tmp_path: Path) -> None:
    assert prove(tmp_path, RIGHT, "--item", "1a").exit_code == 0
    wrong = prove(tmp_path, RIGHT, "--item", "1b")
    assert wrong.exit_code == 2
    assert "there is no item '1b'" in wrong.output


def test_a_record_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.proving.record.write_record", full)
    found = prove(tmp_path, RIGHT)
    assert found.exit_code == 0
    assert "could not be recorded" in found.output


def graded(folder: Path) -> str:
    (folder / "submissions/ann/quiz").mkdir(parents=True, exist_ok=True)
    (folder / "submissions/ann/quiz/answers.yaml").write_text("1a: 2\n")
    return CliRunner().invoke(main, ["submissions/ann", "--quiet", "--jobs", "1"]).output


def test_grade_warns_of_keys_that_were_never_proved_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, RIGHT)
    assert "a key was never proved as it stands now: quiz/1a.answer; see grade prove" in graded(tmp_path)
    assert prove(tmp_path, RIGHT).exit_code == 0
    assert graded(tmp_path) == ""
    write(tmp_path, WRONG)
    assert "never proved" in graded(tmp_path)
    assert prove(tmp_path, WRONG).exit_code == 1
    assert "never proved" in graded(tmp_path)


def test_a_terminal_without_greek_letters_gets_through(tmp_path: Path) -> None:
    write(tmp_path, DRAWN)
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "grader", "prove"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert b"+-" in done.stdout
    assert b"recorded in" in done.stderr
