"""What went wrong, as a student reads it, and what staff alone may read."""

from __future__ import annotations

import pytest

from grader.harness import wording
from grader.harness.session import TOLD, Failure
from grader.harness.wording import in_words

FILES = {"sample.py": "import torch\n\ndef sample():\n    x = `hidden`  # odd\n\tlast", "other.py": ""}
SECRET = "tensor([[3, 1, 4]])"  # of a hidden input, which a message may repeat

PLACE = "(sample.py, line 3: `def sample():`)"
KINDS = {
    "exception": f"`sample` stopped with ValueError {PLACE}.",
    "syntax": f"Python cannot read the file: told {PLACE}.",
    "import": f"An import failed: told {PLACE}.",
    "missing": "There is no function `sample` in sample.py, line 3: `def sample():`.",
    "unwritten": f"`sample` is not written yet: it raises NotImplementedError {PLACE}.",
    "exit": f"The code ended the whole process instead of returning {PLACE}.",
    "forbidden": f"`sample` did something that is not allowed here, going by its error {PLACE}. Out of reach are the "
    "network, other processes, threads, and all files but Python's own and, where there is such a folder, those in the "
    "current one.",
    "files": f"`sample` made larger or more files than it may, or holds too many open {PLACE}.",
    "absent": f"`sample` stopped with ValueError {PLACE}. Only the Python files of a submission are passed on: the "
    "code has to work without any other file.",
    "memory": f"`sample` needs more memory than it may have {PLACE}.",
    "time": f"`sample` did not come to an end in time {PLACE}. Is there an endless loop? It was not called again.",
    "cpu": f"`sample` used up its processor time {PLACE}. Is there an endless loop? It was not called again.",
    "output": f"`sample` returned more than can be taken in {PLACE}. It was not called again.",
    "killed": f"The Python process of `sample` was killed, and once more when it was tried again {PLACE}, most likely "
    "because the machine ran out of memory; a human looks.",
    "crash": "The Python process of `sample` crashed (told; sample.py, line 3: `def sample():`).",
    "garbled": f"What came back from `sample` cannot be read {PLACE}.",
    "odd": f"What `sample` did cannot be described by the grader {PLACE}; a human looks.",
}


def said(failure: Failure, file: str = "sample.py") -> tuple[str, str]:
    return in_words(failure, "sample", file, FILES)


def test_there_is_a_sentence_for_everything_that_a_process_tells() -> None:
    assert TOLD < KINDS.keys() == wording._SENTENCES.keys() | {"exception"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_failure(kind: str) -> None:
    """What may repeat hidden inputs is for staff alone."""
    say, staff = said(Failure(kind, "ValueError", SECRET, "sample.py", 3, "told"))
    assert say == KINDS[kind]
    assert staff == ("" if kind in ("time", "cpu", "output") else SECRET)


def test_failures_of_which_nothing_can_be_told() -> None:
    assert said(Failure("syntax"))[0] == "Python cannot read the file: invalid syntax (sample.py)."
    assert said(Failure("import"))[0] == "An import failed: a module or a name in it is not there (sample.py)."
    assert said(Failure("crash"))[0] == "The Python process of `sample` crashed (no reason known; sample.py)."


def test_braces_are_no_places_to_fill() -> None:
    say, _ = said(Failure("import", said="no {function} in {0}"))
    assert say == "An import failed: no {function} in {0} (sample.py)."


@pytest.mark.parametrize("line", [0, -1, 6, 10**30, None])
def test_a_line_that_is_not_there_is_not_shown(line: int | None) -> None:
    say, _ = said(Failure("exit", file="sample.py", line=line))
    assert say.endswith("(sample.py).")


@pytest.mark.parametrize("file", [None, "", "../reference/ps1.yaml", "/etc/passwd", "likelihood.py"])
def test_a_file_that_is_not_theirs_is_not_named(file: str | None) -> None:
    say, _ = said(Failure("exit", file=file, line=1))
    assert say.endswith("(sample.py).")


def test_a_line_of_another_file_of_theirs_is() -> None:
    assert "(sample.py, line 1: `import torch`)" in said(Failure("exit", file="sample.py", line=1), "other.py")[0]


def test_code_is_shown_in_one_line_without_quotes_in_it() -> None:
    assert "line 4: `x = 'hidden' # odd`" in said(Failure("exit", file="sample.py", line=4))[0]
    assert "line 5: `last`" in said(Failure("exit", file="sample.py", line=5))[0]
    assert said(Failure("exit", file="sample.py", line=2))[0].endswith("(sample.py, line 2).")
    long = in_words(Failure("exit", file="a.py", line=1), "f", "a.py", {"a.py": "x" * 10_000})[0]
    assert len(long) < 300


def test_a_kind_that_is_made_up_is_an_exception() -> None:
    """A forged answer may say anything."""
    assert said(Failure("mine", "", ""))[0] == "`sample` stopped with an exception (sample.py)."


def test_a_line_counts_as_python_counts_it() -> None:
    """``splitlines`` would also split at form feeds and the like, inside of strings too."""
    files = {"sample.py": "x = 'a\u2028b'\ny = 1 / 0\n\x0cz = 2\n"}
    assert "line 2: `y = 1 / 0`" in in_words(Failure("exit", file="sample.py", line=2), "f", "sample.py", files)[0]
    assert "line 3: `z = 2`" in in_words(Failure("exit", file="sample.py", line=3), "f", "sample.py", files)[0]


def test_control_characters_in_a_line_of_theirs_are_not_shown() -> None:
    files = {"sample.py": "x = '\x1b[31m\u202eab\u200b\tc'\n"}
    assert "line 1: `x = 'ab c'`" in in_words(Failure("exit", file="sample.py", line=1), "f", "sample.py", files)[0]
