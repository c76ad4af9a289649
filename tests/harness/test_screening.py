"""Of what a process says, a student reads words that everybody knows, and words of their own files."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.harness.protocol import Garbled, returned
from grader.harness.screening import KNOWN, MOST_FILES, MOST_LINES, MOST_NAMES, Screen
from grader.harness.session import Failure, Session
from grader.harness.wording import _SENTENCES, _UNSAID, in_words
from grader.printing import printable

FILES = {
    "sample.py": "import torch\nfrom likelihood import total\nclass Mine(ValueError): pass\n\ndef f(x):\n  return x\n",
    "likelihood.py": "def total(x):\n    from .sample import (\n        f)  # x\n    return 2.5\n",
}
OURS = " ".join((*_SENTENCES.values(), *_UNSAID.values(), "stopped with an exception line py there is no module here"))
PLAIN = frozenset(
    re.findall(r"\w+", " ".join((OURS, *FILES, *FILES.values(), "in the files import each other circle")))
)
SESSION = Session(None, FILES)  # type: ignore[arg-type]

NAMES = st.sampled_from(["KeyError", "Mine", "Tensor", "float32", "torch", "x", "", "total"])
TEXTS = NAMES | st.text(max_size=30) | st.from_regex(r"[A-Za-z]{3,9}([._][0-9]{1,4}){0,3}", fullmatch=True)
KINDS = st.sampled_from(sorted({*_SENTENCES, "exception"} - {"syntax"})) | TEXTS
IMPORTS = st.builds("No module named '{}'".format, TEXTS) | st.builds(
    "cannot import name '{}' from {}'{}' (/usr/lib/{})".format,
    TEXTS, st.sampled_from(["", "partially initialized module "]), TEXTS, TEXTS,
)  # fmt: skip


def told(kind: str, name: str, text: str, file: str | None, line: int | None) -> tuple[Failure, str]:
    failure = SESSION._error(Failure(kind, name, text, file, line))
    return failure, in_words(failure, "f", "sample.py", FILES)[0]


@settings(max_examples=300, deadline=None)
@given(
    kind=KINDS,
    name=TEXTS,
    text=TEXTS | IMPORTS,
    file=st.none() | st.sampled_from([*FILES, "../key.py"]) | st.text(max_size=20),
    line=st.none() | st.integers(-2, 9) | st.integers(),
)
def test_no_forged_error_says_a_word_that_is_not_known(
    kind: str, name: str, text: str, file: str | None, line: int | None
) -> None:
    failure, say = told(kind, name, text, file, line)
    words = [word for word in re.findall(r"\w+", say) if word not in PLAIN | KNOWN]
    assert all(word.isdecimal() and int(word) <= 6 for word in words), say  # a line that is there
    assert say.isprintable()
    assert printable(failure.text) == failure.text
    assert failure.file in (*FILES, None)
    assert failure.kind in _SENTENCES or failure.kind == "exception"


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from("tensor array numpy float int bool none other".split()),
    name=TEXTS,
    dtype=TEXTS | st.sampled_from(["bfloat16", "float31415", "str96"]),
    shape=st.lists(st.integers(-1, 300) | st.integers(), max_size=7),
)
def test_no_forged_value_says_a_word_that_is_not_known(kind: str, name: str, dtype: str, shape: list[int]) -> None:
    said = {"kind": kind, "type": name, "dtype": dtype, "shape": shape, "array": None}
    try:
        value = str(SESSION._value({"value": said, "changed": []}, []).value)
    except Garbled:
        return
    ours = set("a tensor NumPy array scalar value of type another dtype shape with dimension dimensions None".split())
    words = [word for word in re.findall(r"\w+", value) if word not in PLAIN | KNOWN | ours | {"bfloat16"}]
    assert all(word.isdecimal() and int(word) <= 256 for word in words), value
    assert sum(word != "1" for word in words) <= 1


def returned_of(shape: tuple[int, ...], **more: Any) -> str:
    array = np.zeros(shape, np.float32)
    said = {"kind": "tensor", "type": "Tensor", "dtype": "float32", "shape": list(shape), "array": 0} | more
    return str(returned(said, [array]))


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((), "with shape ()"),
        ((7,), "with shape (7,)"),
        ((1, 8), "with shape (1, 8)"),
        ((1, 0), "with shape (1, 0)"),
        ((1, 1, 256), "with shape (1, 1, 256)"),
        ((1, 257), "with 2 dimensions"),
        ((300,), "with 1 dimension"),
        ((5, 8), "with 2 dimensions"),
        ((1, 3, 8), "with 3 dimensions"),
        ((1, 1, 1, 1, 5), "of another shape"),
    ],
)
def test_a_shape_is_told_as_far_as_it_helps(shape: tuple[int, ...], said: str) -> None:
    assert returned_of(shape) == f"a tensor of float32 {said}"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("KeyError", True),
        ("LinAlgError", True),
        ("Tensor", True),
        ("function", True),
        ("Mine", True),
        ("total", False),
        ("Other", False),
        ("3", False),
        ("Mine ", False),
        ("return x", False),
        ("", False),
    ],
)
def test_names_of_types(name: str, known: bool) -> None:
    assert Screen(FILES).name(name) == (name if known else "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No module named 'torch'", "there is no module 'torch' here"),
        ("No module named 'submission.likelihood'", "there is no module 'likelihood' here"),
        ("No module named 'likelihood.total'; 'likelihood' is not a package", ""),
        ("No module named 'scipy'", ""),
        ("No module named 'torch.total'", ""),
        ("No module named 'torch' 3 1 4", ""),
        ("cannot import name 'total' from 'likelihood' (/opt/likelihood.py)", "there is no 'total' in 'likelihood'"),
        (
            "cannot import name 'f' from partially initialized module 'submission.sample' (most likely …)",
            "there is no 'f' in 'sample'; the files import each other in a circle",
        ),
        ("cannot import name 'x314' from 'likelihood'", ""),
        ("cannot import name 'total' from 'x314'", ""),
        ("DLL load failed", ""),
    ],
)
def test_imports_that_failed(text: str, said: str) -> None:
    assert Screen(FILES).failed_import(text) == said


@pytest.mark.parametrize(
    ("file", "line", "place"),
    [
        ("sample.py", 6, ("sample.py", 6)),
        ("sample.py", 7, ("sample.py", None)),
        ("sample.py", 4, ("sample.py", None)),
        ("sample.py", 0, ("sample.py", None)),
        ("sample.py", None, ("sample.py", None)),
        ("other.py", 1, (None, None)),
        (None, 1, (None, None)),
    ],
)
def test_places(file: str | None, line: int | None, place: tuple[str | None, int | None]) -> None:
    assert Screen(FILES).place(file, line) == place


# --- a file is as long as its author likes: what can be chosen from it is kept little ---


def told_of(text: str, name: str = "", line: int | None = None, **more: str) -> tuple[str, int | None]:
    screen = Screen({"sample.py": text} | more)
    return screen.name(name), screen.place("sample.py", line)[1]


def test_no_name_in_a_comment_is_told() -> None:
    names = " ".join(f"n{number}" for number in range(2**15))
    assert told_of(f"# {names}\nx = ['{names}']\n", "n31415") == ("", None)


def test_few_names_of_classes_are_told() -> None:
    many = "".join(f"class N{number}: pass\n" for number in range(2**15))
    screen = Screen({"a.py": many, "b.py": "class Other: pass\n"})
    assert sum(screen.name(f"N{number}") != "" for number in range(2**15)) == MOST_NAMES
    assert screen.name("Other") == ""


def test_few_names_of_imports_are_told() -> None:
    many = "".join(f"import n{number}\n" for number in range(2**15))
    screen = Screen({"sample.py": many})
    told = [screen.failed_import(f"No module named 'n{number}'") for number in range(2**15)]
    assert 0 < sum(bool(say) for say in told) <= MOST_NAMES


@pytest.mark.parametrize("line", ["", "   ", "# a comment", "   # and one", "\f"])
def test_a_line_without_code_is_not_told(line: str) -> None:
    assert told_of(f"x = 1\n{line}\n", line=1)[1] == 1
    assert told_of(f"x = 1\n{line}\n", line=2)[1] is None


def test_no_line_is_told_where_there_are_very_many() -> None:
    assert told_of("x\n" * MOST_LINES, line=7)[1] == 7
    assert told_of("x\n" * (MOST_LINES + 1), line=7)[1] is None
    assert told_of("x\n", line=1, **{"other.py": "x\n" * MOST_LINES})[1] is None


def test_no_file_is_told_where_there_are_very_many() -> None:
    files = {f"f{number}.py": "x\n" for number in range(MOST_FILES)}
    assert Screen(files).place("f7.py", 1) == ("f7.py", 1)
    assert Screen(files | {"one.py": ""}).place("f7.py", 1) == (None, None)


@pytest.mark.parametrize(
    "text", ["from " + "." * 10**6, "import (" * 10**5, ";" * 10**6, " " * 10**6, "from a." * 10**5]
)
def test_no_file_takes_long_to_look_through(text: str) -> None:
    assert told_of(text, "Nothing")[0] == ""
    assert Screen({"sample.py": text}).failed_import("No module named 'nothing'") == ""
