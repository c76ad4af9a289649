"""``grade models``: what there is, how it measures, and whether weights are the ones they should be.

Torch is needed, and slow to import: one process of its own answers all that is asked here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from grader.harness.models import TABLE, TINY, Chosen, choose
from grader.harness.probes import Probe, Sizes, draw_probe

ASK = """
import json, sys
from pathlib import Path
from click.testing import CliRunner
from grader.cli import main
from grader.harness import models, verifying

table, asked = sys.argv[1], json.loads(sys.argv[2])
models.TABLE, models.COUNT = Path(table), 5
answers = []
for fetched, *arguments in asked:
    verifying.fetched = lambda: Path(fetched) if fetched else None
    result = CliRunner().invoke(main, ["models", *arguments])
    answers.append([result.exit_code, result.output])
print(json.dumps(answers))
"""
TEXTS = ["To be, or not to be: that is the question.", "ab", "xQzPWk", "A model of 12 tokens — or more.", "the the the"]
SIZES = Sizes(vocab_size=256, n_ctx=48, n_embd=16)


def save(folder: Path, probe: Probe) -> Path:
    folder.mkdir()
    sizes = {**probe.sizes.config, "model_type": "gpt2"}
    (folder / "config.json").write_text(json.dumps(sizes), "utf-8")
    save_file(probe.weights, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Exit status and output of each way to ask. The model plays the part of the real one."""
    folder = tmp_path_factory.mktemp("models")
    real = draw_probe("real", SIZES, np.random.default_rng(1))
    known = [(text, real.log_likelihood(np.frombuffer(text.encode(), np.uint8).astype(np.int64))) for text in TEXTS]
    said: list[dict[str, Any]] = [{"text": text, "log_likelihood": round(value, 3)} for text, value in known]
    table = folder / "table.json"
    table.write_text(json.dumps({"about": "", "summary": {}, "random": said[:2], "shakespeare": said[2:]}), "utf-8")
    right = save(folder / "right", real)
    other = save(folder / "other", draw_probe("other", SIZES, np.random.default_rng(2)))
    short = save(folder / "short", draw_probe("short", Sizes(vocab_size=256), np.random.default_rng(1)))
    words = save(folder / "words", draw_probe("words", Sizes(vocab_size=300), np.random.default_rng(1)))
    cut = save(folder / "cut", real) / "model.safetensors"
    cut.write_bytes(cut.read_bytes()[:-100])
    asked = {
        "right": ["", str(right)],
        "other": ["", str(other)],
        "short": ["", str(short)],
        "words": ["", str(words)],
        "cut": ["", str(cut)],
        "nothing": ["", str(folder / "nothing.bin")],
        "list": [""],
        "list with real weights": [str(right)],
        "tiny": ["", "tiny"],
    }
    command = [sys.executable, "-c", ASK, str(table), json.dumps(list(asked.values()))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = [(status, output) for status, output in json.loads(done.stdout)]
    return dict(zip(asked, found, strict=True))


def test_the_right_weights_are_known_by_their_log_likelihoods(answers: dict[str, tuple[int, str]]) -> None:
    status, output = answers["right"]
    assert status == 0
    assert "5 of 5 texts have the log-likelihood that GPT-2 small gives them" in output
    assert "These are its weights." in output
    assert "tiny" not in output


def test_others_are_not(answers: dict[str, tuple[int, str]]) -> None:
    status, output = answers["other"]
    assert status == 1
    assert "0 of 5 texts" in output
    assert "These are not its weights, or not with its tokenizer." in output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("short", "takes 16 tokens at most; a text to score has 42"),
        ("words", "holds no tokenizer: expected tokenizer.json, or vocab.json and merges.txt"),
        ("cut", "is no safetensors file, or not the whole of one"),
        ("nothing", "there is no file or folder"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_why(
    name: str, said: str, answers: dict[str, tuple[int, str]]
) -> None:
    status, output = answers[name]
    assert status == 2
    assert said in output
    assert "Traceback" not in output


def test_the_list_says_how_to_get_what_is_not_here(answers: dict[str, tuple[int, str]]) -> None:
    status, output = answers["list"]
    assert status == 0
    for said in (str(TINY), "MiB", "seed 0", "gpt2", "not here", "--model PATH", "model.safetensors", "tokenizer.json"):
        assert said in output


@pytest.mark.parametrize("name", ["list", "tiny"])
def test_the_tiny_model_is_measured(name: str, answers: dict[str, tuple[int, str]]) -> None:
    _, output = answers[name]
    for source in ("random letters", "Shakespeare", "technical prose"):
        (line,) = [line for line in output.splitlines() if line.strip().startswith(source)]
        mean, low, high = (float(number.replace("−", "-")) for number in line.split()[-3:])
        assert low <= mean <= high < 0


def test_weights_that_were_fetched_before_are_found_and_checked(answers: dict[str, tuple[int, str]]) -> None:
    status, output = answers["list with real weights"]
    assert status == 0
    assert "tiny" in output
    assert "5 of 5 texts" in output


def test_the_table_of_the_real_one_is_shipped() -> None:
    table = json.loads(TABLE.read_text("utf-8"))
    assert [len(table[source]) for source in ("random", "shakespeare")] == [100, 100]
    assert all(len(one["text"]) == 100 and one["log_likelihood"] < 0 for one in table["random"])


def test_tiny_needs_no_torch_to_be_chosen() -> None:
    assert choose("tiny", "cpu") == Chosen("tiny", TINY, "cpu")
