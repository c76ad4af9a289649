"""The worked example of docs/derivations.md, as a reader would add it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

DOCS = Path(__file__).parents[2] / "docs" / "derivations.md"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = re.findall(r"`([\w/]+\.yaml)`[^`]*?:\n\n```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 4
    for name, text in found:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "reference" / "secret").write_text("tests")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_is_wrong_with_the_example(folder: Path) -> None:
    result = CliRunner().invoke(main, ["lint"])
    assert result.exit_code == 0, result.output


def test_its_own_chain_earns_full_marks(folder: Path) -> None:
    assert "6 / 6" in CliRunner().invoke(main, ["reference"]).output


def test_the_student_is_shown_a_counterexample(folder: Path) -> None:
    output = CliRunner().invoke(main, ["submissions/dana"]).output
    assert "2 / 6" in output
    assert "Line 3 does not follow" in output
    assert "p(x, z)" in output
    assert "left side" in output
