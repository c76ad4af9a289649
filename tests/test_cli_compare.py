"""``grade compare`` and ``grade explain`` as a person types them: what is said, exit status, what goes where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from tests.course import ROOT

PAIRS = Path(__file__).parent / "data" / "expression_pairs.json"


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def compare(*arguments: str) -> Result:
    return grade("compare", *arguments)


# --- compare ---


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["r", "r^2/r", "--symbols", "r: positive"], 0, "equal"),
        (["r", "-r", "--symbols", "r: positive"], 1, "unequal"),
        (["-1/(1-D)", r"\frac{1}{D-1}", "--symbols", "D: (0,1)"], 0, "equal"),
        (["-x", "--symbols", "x: real", "-2*x/2"], 0, "equal"),
        (["r", "r*(2", "--symbols", "r: positive"], 2, "malformed"),
        (["r", "q", "--symbols", "r: positive"], 2, "`q` is no name known here"),
        (["x < 1", "sin(x) < sin(1)", "--kind", "region"], 2, "undecided"),
        (["(0,1)", "(0,1]", "--kind", "region"], 1, "x = 1"),
        ([r"\{1,3\}", "{3,1}", "--kind", "set"], 0, "equal"),
    ],
)
def test_exit_status_tells_the_verdict(arguments: list[str], status: int, said: str) -> None:
    done = compare(*arguments)
    assert done.exit_code == status, done.output
    assert said in done.output


def test_readings_witness_values_and_a_line() -> None:
    done = compare("r*p_XY(r, 1)", r"\frac{p_{X,Y}(r,1)}{r}", "--symbols", r"r: positive, p_{X,Y}: 2 arguments")
    for said in (r"r\,p_{X,Y}(r, 1)", r"\frac{p_{X,Y}(r, 1)}{r}", "p_XY(r, 1)/r", "sampled", "where", "key is"):
        assert said in done.stdout
    assert "response is" in done.stdout
    assert 'python3 -c "from math import *; ' in done.stdout


def test_a_mark_stands_where_reading_stopped() -> None:
    lines = compare("r", "r + (2", "--symbols", "r: positive").stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if line.strip() == "^")
    assert lines[place - 1] == "  r + (2"
    assert lines[place].index("^") == len("  r + (2")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "takes a key and a response"),
        (["r"], "takes a key and a response"),
        (["r", "r", "--pairs", str(PAIRS)], "takes a key and a response"),
        (["r", "r", "--json", "-", "--symbols", "r: real"], "takes a key and a response"),
        (["r", "r", "r"], "unexpected extra argument"),
        (["r", "r", "--symbols", "r: positve"], "did you mean 'positive'"),
        (["r", "r", "--kind", "poem"], "poem"),
        (["--pairs", "nowhere.json"], "nowhere.json"),
        (["--pairs", str(PAIRS), "--json", "nowhere/out.json"], "nowhere"),
    ],
)
def test_bad_usage(arguments: list[str], said: str) -> None:
    done = compare(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def small_pairs(folder: Path) -> Path:
    pairs = json.loads(PAIRS.read_text())["pairs"][:6]
    file = folder / "pairs.json"
    file.write_text(json.dumps({"pairs": pairs}))
    return file


def test_pairs_to_standard_output_and_to_a_file(tmp_path: Path) -> None:
    file = small_pairs(tmp_path)
    done = compare("--pairs", str(file))
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    written = compare("--pairs", str(file), "--json", str(tmp_path / "out.json"))
    assert (written.exit_code, written.stdout) == (0, "")
    again = json.loads((tmp_path / "out.json").read_text())
    assert [pair["verdict"] for pair in again["pairs"]] == [pair["verdict"] for pair in report["pairs"]]
    assert set(report["pairs"][0]) == {"id", "verdict", "ms", "rung", "reason"}


def test_help_tells_the_exit_status() -> None:
    done = compare("--help")
    assert "0 equal" in done.output
    assert "--symbols" in done.output


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from grader.cli import main\n"
        "for arguments in (['--help'], ['compare', '--help'], ['explain', '--help']):\n"
        "    assert CliRunner().invoke(main, arguments).exit_code == 0\n"
        "print(sorted({'flint', 'sympy', 'pydantic', 'rich', 'nbformat', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- explain ---


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("who", ["alice", "bob", "carol"])
def test_explain(here: None, who: str) -> None:
    done = grade("explain", f"submissions/{who}", "midterm/4d")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{who}  midterm/4d")
    for said in ("jacobian", "density", "response", "key", "decided by", "grade compare"):
        assert said in done.stdout


def test_explain_without_keys(here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems, alice = ROOT / "problems", ROOT / "submissions" / "alice"
    monkeypatch.chdir(tmp_path)
    done = grade("explain", str(alice), "midterm/4d", "--problems", str(problems))
    assert done.exit_code == 0, done.output
    assert "No verdict" in done.stdout
    assert "key" not in done.stdout.replace("(the keys)", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submissions/alice", "midterm/4z"], "did you mean 'midterm/4d'"),
        (["submissions/zoe", "midterm/4d"], "there is no folder"),
        (["submissions", "midterm/4d"], "name one of them"),
        (["submissions/alice"], "Missing argument"),
    ],
)
def test_explain_says_what_is_wrong(here: None, arguments: list[str], said: str) -> None:
    done = grade("explain", *arguments)
    assert done.exit_code == 2
    assert said in done.output
