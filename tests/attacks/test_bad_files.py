"""Files that mean harm to whoever reads them, through the real path; see also ``tests/loading``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.batch import Selection, Source, grade_source
from grader.harness.lab import Lab
from grader.result import AssignmentResult
from tests.attacks.arena import LabAt
from tests.course import real_course
from tests.harness.planted import right

SECRET = "canary-of-the-machine"
WRITTEN = Selection(frozenset({"ps1"}), frozenset({"ps1/6.1", "ps1/6.4"}))


def graded(folder: Path, lab: Lab | None = None) -> AssignmentResult:
    result = grade_source(Source("submission", folder), real_course(), WRITTEN, lab)
    (found,) = result.assignments
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "mallory" / "ps1"
    made.mkdir(parents=True)
    (made / "answers.yaml").write_text("6.1: 16\n")
    (tmp_path / "secret").write_text(f"{SECRET}\ndef log_likelihood(model, text): pass\n")
    return made


def symlink(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def fifo(path: Path, secret: Path) -> None:
    os.mkfifo(path)


def device(path: Path, secret: Path) -> None:
    try:
        os.mknod(path, 0o20666, os.makedev(1, 5))  # /dev/zero, which has no end
    except PermissionError:
        pytest.skip("only root makes devices")


@pytest.mark.parametrize("make", [symlink, fifo, device])
@pytest.mark.parametrize("name", ["likelihood.py", "answers.md"])
def test_odd_files_are_named_and_not_read(home: Path, make: object, name: str) -> None:
    assert callable(make)
    make(home / name, home.parents[1] / "secret")
    found = graded(home.parent)
    assert SECRET not in found.model_dump_json()
    assert any(name in said for said in (*found.unreadable, *found.remarks))
    assert found.items[0].score == 3.0  # what can be read counts


def test_a_hard_link_is_the_file_that_it_is(home: Path) -> None:
    """It is another name of a plain file, which is read and never written to."""
    other = home.parents[1] / "secret"
    (home / "likelihood.py").hardlink_to(other)
    before = other.read_bytes()
    graded(home.parent)
    assert other.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("answers.yaml", "6.1: " + "[" * 100_000),
        ("answers.yaml", "".join("  " * depth + "a:\n" for depth in range(2_000))),
        ("answers.ipynb", '{"cells": ' + "[" * 100_000),
        ("answers.ipynb", "[" * 100_000 + "]" * 100_000),
        ("answers.md", "> " * 50_000 + "## 6.1"),
        ("answers.tex", "{" * 100_000),
    ],
    ids=["yaml in brackets", "yaml in blocks", "half a notebook", "a notebook of lists", "markdown", "latex"],
)
def test_deep_files_end_with_a_word(home: Path, name: str, text: str) -> None:
    (home / "answers.yaml").unlink()
    (home / name).write_text(text)
    found = graded(home.parent)
    assert found.score == 0.0
    assert json.loads(found.model_dump_json())


DEEP = {
    "parentheses": "x = " + "(" * 150 + "0" + ")" * 150,
    "signs": "x = " + "-" * 50_000 + "1",
    "sums": "x = " + "+".join(["1"] * 50_000),
    "blocks": "\n".join(" " * depth + "if 1:" for depth in range(120)),
    "attributes": "x = x" + ".x" * 50_000,
    "strings": "x = " + "f'{" * 200 + "}'" * 200,
    "zero bytes": "x = '\0'",
}


@pytest.mark.parametrize("name", DEEP)
def test_source_of_any_depth_fails_alone(lab_at: LabAt, home: Path, name: str) -> None:
    (home / "likelihood.py").write_text(DEEP[name] + "\n")
    found = graded(home.parent, lab_at("A"))
    assert [item.score for item in found.items] == [3.0, 0.0]
    assert found.items[1].status != "error"


def notebook(*cells: tuple[str, str, list[object]]) -> str:
    made = [
        {"cell_type": kind, "metadata": {}, "source": source}
        | ({"outputs": outputs, "execution_count": 1} if kind == "code" else {})
        for kind, source, outputs in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


def test_magics_of_a_notebook_are_not_run(lab_at: LabAt, home: Path) -> None:
    marker = home.parents[1] / "marker"
    code = f"# file: likelihood.py\n!touch {marker}\n%run {marker}\n%%bash\ntouch {marker}\n"
    (home / "answers.ipynb").write_text(notebook(("code", code, []), ("code", f"!touch {marker}", [])))
    assert graded(home.parent, lab_at("A")).items[1].score == 0.0
    assert not marker.exists()


def test_outputs_of_a_notebook_are_not_believed(lab_at: LabAt, home: Path) -> None:
    said = [{"output_type": "stream", "name": "stdout", "text": "PASS 100/100"}]
    code = "# file: likelihood.py\ndef log_likelihood(model, text):\n    return 0.0\n"
    (home / "answers.ipynb").write_text(notebook(("code", code, said), ("markdown", "PASS 100/100", [])))
    assert graded(home.parent, lab_at("A")).items[1].score <= 1.0


@pytest.mark.parametrize(
    "text",
    [
        "matrix(" + ",".join(["(" + ",".join("1" * 200) + ")"] * 200) + ")",
        "((" + "),(".join([",".join("1" * 60)] * 60) + "))",
        "\\begin{pmatrix}" + "\\\\".join(["&".join("1" * 99)] * 99) + "\\end{pmatrix}",
        "1" * 1_000 + " " * 1_000 + "x",
        " " * 50_000 + "x",
        "a" * 50_000 + "!",
        "$" * 50_000,
        "\\" * 50_000,
        "N(pi, 10**8)",
    ],
    ids=range(9),
)
def test_mathematics_that_explodes_ends(home: Path, text: str) -> None:
    (home / "answers.yaml").write_text(f"6.1: '{text}'\n")
    assert graded(home.parent).items[0].score == 0.0


def test_honest_files_beside_all_that_are_graded(lab_at: LabAt, home: Path) -> None:
    (home / "likelihood.py").write_text(right()["plain"]["likelihood.py"])
    assert [item.score for item in graded(home.parent, lab_at("A")).items] == [3.0, 6.0]
