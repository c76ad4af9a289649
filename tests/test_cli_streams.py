"""What every command has in common: data on one stream, messages on the other, and Ctrl-C ends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.cli.grade import DEFAULT

GRADE = [sys.executable, "-m", "grader"]
LONG = {  # every command, with arguments that make it work; it is interrupted at the first thing that it loads
    DEFAULT: ["submissions/alice"],
    "autograder": ["midterm", "--out", "x.zip"],
    "check": ["submissions/alice"],
    "compare": ["1", "1"],
    "doctor": [],
    "explain": ["submissions/alice", "4a"],
    "lint": [],
    "models": [],
    "new": ["midterm/8a", "--kind", "numeric"],
    "prove": [],
    "release": ["midterm", "--out", "x"],
    "schema": [],
    "test": [],
}


def test_every_command_is_tried_below() -> None:
    assert {*LONG} == {*main.commands}


@pytest.mark.parametrize("name", LONG)
def test_an_interrupt_ends_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    command = main.commands[name]
    assert command.callback is not None
    monkeypatch.setattr(command, "callback", interrupted)
    arguments = [*([] if name == DEFAULT else [name]), *LONG[name]]
    found = CliRunner().invoke(main, arguments)
    assert (found.exit_code, found.stdout, found.stderr) == (130, "", "interrupted\n")


def test_results_on_standard_output_are_nothing_else() -> None:
    found = subprocess.run(
        [*GRADE, "submissions/alice", "--item", "midterm/4a", "--json", "-"], capture_output=True, text=True, check=True
    )
    assert json.loads(found.stdout)["submissions"][0]["assignments"][0]["items"][0]["id"] == "4a"


def test_progress_goes_to_a_terminal_and_results_do_not_see_it() -> None:
    ours, theirs = os.openpty()
    try:
        command = [*GRADE, "submissions", "--assignment", "midterm", "--item", "4a", "--jobs", "1"]
        found = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, stdin=subprocess.DEVNULL, check=True)
        shown = os.read(ours, 1 << 16).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "grading" in shown
    assert "3/3" in shown
    assert "carol" in found.stdout.decode()
    assert "grading" not in found.stdout.decode()
    assert "\x1b" not in found.stdout.decode()


def test_nothing_is_shown_where_nobody_looks() -> None:
    command = [*GRADE, "submissions", "--assignment", "midterm", "--item", "4a", "--jobs", "1"]
    assert "grading" not in subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_usage_errors_are_no_data() -> None:
    found = CliRunner().invoke(main, ["no-such-folder", "--item", "no-such-item"])
    assert found.exit_code == 2
    assert found.stdout == ""
    assert "no-such-item" in found.stderr


@pytest.mark.parametrize(("word", "meant"), [("nwe", "new"), ("chekc", "check"), ("relase", "release")])
def test_a_slip_in_a_command_is_no_folder(
    word: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(main, [word, "x"])
    assert found.exit_code == 2
    assert f"did you mean {meant!r}?" in found.stderr
    (tmp_path / word).mkdir()
    assert "did you mean" not in CliRunner().invoke(main, [word]).stderr


def test_the_help_of_every_option_is_a_sentence() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.name}"
                assert option.help[0].isupper(), f"{name} {option.name}: {option.help}"
                assert option.help.rstrip("]")[-1] in ".)", f"{name} {option.name}: {option.help}"
