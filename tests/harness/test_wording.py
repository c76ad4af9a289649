"""What went wrong, as a student reads it, and what staff alone may read."""

from __future__ import annotations

import pytest

from grader.harness.session import Failure
from grader.harness.wording import in_words

FILES = {"sample.py": "import torch\n\ndef sample():\n    x = `hidden`  # odd\n\tlast", "other.py": ""}
SECRET = "tensor([[3, 1, 4]])"  # of a hidden input, which a message may repeat

KINDS = {
    "exception": "`sample` stopped with ValueError (sample.py, line 3: `def sample():`).",
    "syntax": f"Python cannot read the file: {SECRET} (sample.py, line 3: `def sample():`).",
    "import": f"An import failed: {SECRET} (sample.py, line 3: `def sample():`).",
    "missing": "There is no function `sample` in sample.py, line 3: `def sample():`.",
    "unwritten": "`sample` is not written yet: it raises NotImplementedError (sample.py, line 3: `def sample():`).",
    "exit": "The code ended the whole process instead of returning (sample.py, line 3: `def sample():`).",
    "memory": "`sample` needs more memory than it may have (sample.py, line 3: `def sample():`).",
    "time": "`sample` did not come to an end in time (sample.py, line 3: `def sample():`). "
    "Is there an endless loop? It was not called again.",
    "crash": "The Python process of `sample` crashed (no reason known; sample.py, line 3: `def sample():`).",
    "garbled": "What came back from `sample` cannot be read (sample.py, line 3: `def sample():`).",
    "odd": "What `sample` did cannot be described by the grader (sample.py, line 3: `def sample():`); a human looks.",
}


def said(failure: Failure, file: str = "sample.py") -> tuple[str, str]:
    return in_words(failure, "sample", file, FILES)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_failure(kind: str) -> None:
    say, _ = said(Failure(kind, "ValueError", SECRET, "sample.py", 3))
    assert say == KINDS[kind]


def test_failures_without_a_message() -> None:
    assert said(Failure("syntax"))[0] == "Python cannot read the file: invalid syntax (sample.py)."
    assert said(Failure("import", "ImportError"))[0] == "An import failed: ImportError (sample.py)."


def test_braces_are_no_places_to_fill() -> None:
    say, _ = said(Failure("import", text="no {function} in {0}"))
    assert say == "An import failed: no {function} in {0} (sample.py)."


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_repeat_hidden_inputs_is_for_staff_alone(kind: str) -> None:
    """Where a file is read or imported there is no input yet."""
    say, staff = said(Failure(kind, "ValueError", SECRET, "sample.py", 3))
    if kind in ("exception", "unwritten", "memory"):
        assert staff == SECRET
    assert (SECRET in say) == (kind in ("syntax", "import"))


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
    assert "line 4: `x = 'hidden'  # odd`" in said(Failure("exit", file="sample.py", line=4))[0]
    assert "line 5: `last`" in said(Failure("exit", file="sample.py", line=5))[0]
    assert said(Failure("exit", file="sample.py", line=2))[0].endswith("(sample.py, line 2).")
    long = in_words(Failure("exit", file="a.py", line=1), "f", "a.py", {"a.py": "x" * 10_000})[0]
    assert len(long) < 300


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("the process ended with signal 11", "Segmentation fault"),
        ("the process ended with signal 6", "Aborted"),
        ("the process ended with signal 10000", "no reason known"),
        ("9" * 900, "no reason known"),
        ("²", "no reason known"),
        ("", "no reason known"),
    ],
    ids=lambda text: text[:40],
)
def test_a_crash_has_a_reason(text: str, reason: str) -> None:
    assert reason in said(Failure("crash", text=text))[0]


def test_a_kind_that_is_made_up_is_an_exception() -> None:
    """A forged answer may say anything."""
    assert said(Failure("mine", "", ""))[0] == "`sample` stopped with an exception (sample.py)."


def test_a_line_counts_as_python_counts_it() -> None:
    """``splitlines`` would also split at form feeds and the like, inside of strings too."""
    files = {"sample.py": "x = 'a\u2028b'\ny = 1 / 0\n\x0cz = 2\n"}
    assert "line 2: `y = 1 / 0`" in in_words(Failure("exit", file="sample.py", line=2), "f", "sample.py", files)[0]
    assert "line 3: `z = 2`" in in_words(Failure("exit", file="sample.py", line=3), "f", "sample.py", files)[0]
