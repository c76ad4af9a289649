"""Pictures of what functions do: honest, safe to open, and without any say in a mark."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import grading
from grader.grading import grade_submission
from grader.harness.checks.bench import Bench
from grader.harness.drawing import BINS, Row, axis_of, counts, histograms, printable, summary
from grader.harness.lab import Lab
from grader.harness.protocol import Returned
from grader.harness.session import Call, Failure, Value
from grader.harness.showing import SOURCES, TEXTS, Album, album, component, show
from grader.loading.specs.course import load_course
from grader.result import Outcome
from grader.submission import Submission, Work

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
EXACT = (-450.0, -430.0, -420.5, -160.0, -150.0, -100.0)


def rows(*theirs: float) -> list[Row]:
    return [Row("Random letters", theirs, EXACT), Row("Shakespeare", theirs, EXACT)]


def bars(svg: str) -> list[dict[str, str]]:
    return [rect.attrib for rect in ET.fromstring(svg).iter(f"{SVG}rect") if rect.get("class") != "ground"]


# --- the picture ---


def test_it_is_one_file_that_says_in_words_what_it_shows() -> None:
    root = ET.fromstring(histograms("Log-likelihoods: alice", rows(*EXACT), notes=["A note."]))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Log-likelihoods: alice"
    assert desc.text is not None
    assert f"Random letters: submitted function {summary(EXACT)}; exact {summary(EXACT)}." in desc.text
    assert "A note." in desc.text
    assert {element.tag for element in root.iter()} == {
        SVG + name for name in ("svg", "title", "desc", "style", "rect", "text", "tspan", "line")
    }
    assert not re.search(r"href|url\(|@import|@font-face", ET.tostring(root, "unicode"))


def test_equal_values_give_equal_halves() -> None:
    found = bars(histograms("", rows(*EXACT)))
    theirs, exact = [bar for bar in found if float(bar["x"]) < 480], [bar for bar in found if float(bar["x"]) > 480]
    across = {round(float(one["x"]) - float(other["x"]), 1) for one, other in zip(exact, theirs, strict=True)}
    assert len(across) == 1
    assert [bar["height"] for bar in theirs] == [bar["height"] for bar in exact]


def test_markup_and_control_characters_stay_text() -> None:
    nasty = '</title><script>alert(1)</script>&"\x00\x1b\u202e\udc80'
    svg = histograms(nasty, rows(), trouble=nasty, notes=[nasty])
    svg.encode()
    assert "<script" not in svg
    assert "\u202e" not in svg
    title = ET.fromstring(svg).find(f"{SVG}title")
    assert title is not None
    assert title.text == '</title><script>alert(1)</script>&"'


def test_a_function_that_failed_has_words_for_its_half() -> None:
    svg = histograms("", rows(), trouble="`log_likelihood` is not written yet (likelihood.py, line 4).")
    assert "`log_likelihood` is not written yet" in svg
    assert all(float(bar["x"]) > 480 for bar in bars(svg))


@pytest.mark.parametrize("far", [1e30, -1e308, 12_000.0])
def test_values_far_out_leave_the_others_to_be_seen(far: float) -> None:
    axis = axis_of(rows(far, -100.0))
    assert axis.low <= min(EXACT)
    assert max(EXACT) <= axis.high <= 0
    assert "1 of 2 values lie beyond the axis" in histograms("", rows(far, -100.0))


@pytest.mark.parametrize("values", [(450.0, 150.0), (-4.5, -1.0), (-650.0, -140.0)])
def test_values_that_are_wrong_by_less_are_on_the_axis(values: tuple[float, ...]) -> None:
    axis = axis_of(rows(*values))
    assert counts(values, axis)[1] == 0
    assert counts(EXACT, axis)[1] == 0


@pytest.mark.parametrize("seed", range(20))
def test_every_value_is_in_a_bin_or_beyond(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = (random.standard_cauchy(200) * 10.0 ** random.integers(-3, 4)).tolist()
    exact = tuple((random.normal(0, 1, 50) * 10.0 ** random.integers(-3, 4)).tolist())
    axis = axis_of([Row("", tuple(values), exact)])
    found, beyond = counts(values, axis)
    assert len(found) == BINS
    assert sum(found) + beyond == len(values)
    assert counts(exact, axis)[1] == 0
    assert 2 <= len(axis.ticks) <= 40


def test_nothing_and_nonsense_can_be_drawn() -> None:
    for theirs in ((), (math.nan,), (math.inf, -math.inf), (1.7e308, 1.7e308), (0.0,)):
        ET.fromstring(histograms("", rows(*theirs)))
    ET.fromstring(histograms("", [Row("", (), ())]))


# --- where it is put ---

NAMES = [
    "",
    ".",
    "..",
    "...",
    "../up",
    "a/b",
    "a\\b",
    "/etc",
    "a\nb",
    "a\0b",
    "a:b",
    " a ",
    "a.",
    "é" * 200,
    "学生",
    "\udc80",
]


def test_any_name_becomes_one_safe_part_of_a_path(tmp_path: Path) -> None:
    parts = [component(name) for name in NAMES]
    assert len(set(parts)) == len(NAMES)
    for part in parts:
        assert part not in ("", ".", "..")
        assert not set(part) & set("/\\\0\n:")
        (tmp_path / part).mkdir()
    assert sorted(path.parent for path in tmp_path.iterdir()) == [tmp_path] * len(NAMES)


@pytest.mark.parametrize("name", ["alice", "Müller, A.-B", "学生", "a_b@c.d+e", "6.4"])
def test_a_usual_name_stays(name: str) -> None:
    assert component(name) == name


def test_two_folders_of_the_same_name_do_not_share_an_album(tmp_path: Path) -> None:
    first = album(tmp_path, "alice", "ps1")
    second = album(tmp_path, "Alice", "ps1", [first])
    assert [first.place, second.place] == ["alice/ps1", "Alice/ps1-2"]


# --- what is shown ---


class Language:
    """Tokens are bytes, and every one gives −1.5."""

    name = "tiny"
    sizes = {"vocab_size": 256, "n_ctx": 256, "top_k": 40, "seed": 0}  # noqa: RUF012

    def encoded(self, texts: Sequence[str]) -> list[Any]:
        return [np.frombuffer(text.encode(), np.uint8).astype(np.int64) for text in texts]

    def decoded(self, tokens: Sequence[Any]) -> list[str]:
        return [bytes(text.tolist()).decode("utf-8", "replace") for text in tokens]

    def scores(self, tokens: Sequence[Any]) -> list[float]:
        return [-1.5 * (len(text) - 1) for text in tokens]

    def continued(self, start: Any, ways: Sequence[tuple[int, int, float | None, int]]) -> list[Any]:
        return [np.append(start, [ord("~")] * length) for length, *_ in ways]


@dataclass
class Student:
    """Answers every call with one of ``values`` after the other."""

    values: Sequence[Returned | Failure]
    files: dict[str, str] = field(default_factory=lambda: {"f.py": "x = 1\ny = 2\n"})
    asked: list[Call] = field(default_factory=list)

    def call(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        found = [self.values[(len(self.asked) + place) % len(self.values)] for place in range(len(calls))]
        self.asked += calls
        for one in found:
            if isinstance(one, Failure):
                raise one
        return [Value(one) for one in found if isinstance(one, Returned)]


class Slow(Student):
    def call(self, file: str, function: str, calls: Sequence[Call], seconds: float) -> list[Value]:
        return super().call(file, function, calls[:50], seconds)


def a_float(value: float) -> Returned:
    return Returned("float", "float", np.asarray(value), "float64")


def tokens(*values: int) -> Returned:
    return Returned("tensor", "Tensor", np.array([values]), "int64", (1, len(values)))


def shown(student: Student, function: str, folder: Path) -> str:
    bench = Bench(student, "f.py", "secret", "draws", Language())  # type: ignore[arg-type]
    (name,) = show(bench, function, Album(folder, "alice/ps1", "alice, ps1"), "6.3")
    return (folder / name).read_text("utf-8")


def test_right_values_agree_with_the_reference(tmp_path: Path) -> None:
    svg = shown(Student([a_float(-1.5 * 99)]), "log_likelihood", tmp_path)
    assert "Log-likelihoods of strings of 100 characters: alice, ps1/6.3" in svg
    assert "The largest difference on one string is below 0.001 nats." in svg
    assert svg.count("mean −148, from −148 to −148") == 4 * len(SOURCES)  # in words and in the picture, on both sides


def test_a_difference_is_said(tmp_path: Path) -> None:
    svg = shown(Student([a_float(-1.5 * 100)]), "log_likelihood", tmp_path)
    assert "The largest difference on one string is 1.5 nats." in svg


def test_values_that_are_no_numbers_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    values = [a_float(-100.0), a_float(math.nan), Returned("none", "NoneType")]
    said = f"{2 * TEXTS} of {3 * TEXTS} values are no finite numbers; they are left out."
    assert said in shown(Student(values), "log_likelihood", tmp_path)


def test_a_slow_function_is_shown_as_far_as_it_came(tmp_path: Path) -> None:
    svg = shown(Slow([a_float(-100.0)]), "log_likelihood", tmp_path)
    assert "the submitted function came as far as 50 of 120 strings" in svg
    assert "no values" not in svg  # each source had its turn


def test_samples_stand_beside_ours(tmp_path: Path) -> None:
    student = Student([tokens(*b"The king is\x1b[2J dead\nNo temperature: reference\n")])
    text = shown(student, "sample", tmp_path)
    assert text.count("  | The king is[2J dead\n  | No temperature: reference\n") == 3
    assert text.count("  | The king~~~") == 3
    assert re.findall(r"^(.*): submitted function$", text, re.M) == [
        "No temperature",
        "Temperature 0.5",
        "Temperature 2",
    ]
    assert [len(call.arguments) for call in student.asked] == [4, 6, 6]


@pytest.mark.parametrize(
    "value",
    [tokens(), tokens(256), tokens(-1), a_float(1.0), Returned("none", "NoneType")],
)
def test_what_is_no_text_is_said_to_be_none(value: Returned, tmp_path: Path) -> None:
    assert f"  | (It returned {value}, which is no text of this model.)" in shown(Student([value]), "sample", tmp_path)


@pytest.mark.parametrize("function", ["sample", "log_likelihood"])
def test_a_failure_is_told_in_words(function: str, tmp_path: Path) -> None:
    failure = Failure("exception", "ValueError", "hidden input", "f.py", 2)
    text = shown(Student([failure]), function, tmp_path)
    assert f"`{function}` stopped with ValueError (f.py, line 2: `y = 2`)." in text
    assert "hidden input" not in text


def test_what_cannot_end_is_not_called_again(tmp_path: Path) -> None:
    student = Student([Failure("time")])
    assert shown(student, "sample", tmp_path).count("`sample` did not come to an end in time") == 3
    assert len(student.asked) == 1


def test_other_functions_have_no_picture(tmp_path: Path) -> None:
    bench = Bench(Student([]), "f.py", "secret", "draws", Language())  # type: ignore[arg-type]
    assert show(bench, "temperature_scale", Album(tmp_path, "a/b", ""), "6.6") == []
    assert not list(tmp_path.iterdir())


def test_printable_keeps_what_can_be_read() -> None:
    assert printable("a−é 学\t\x07\u200b\n", keep="\n") == "a−é 学\n"


# --- in a run ---


def test_a_picture_that_fails_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise OSError("No space left on device")

    monkeypatch.setattr(grading, "show_code", fail)
    before = Outcome(status="correct", score=2.0)
    item = load_course(ROOT / "problems", None).assignments["ps1"].items[0]
    after = grading._with_pictures(before, item.fields[0], None, item, None)  # type: ignore[arg-type]
    assert (after.status, after.score, after.pending) == ("correct", 2.0, 0.0)
    assert [(said.audience, said.text) for said in after.feedback] == [
        ("staff", "No picture was drawn: OSError: No space left on device")
    ]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab(unsandboxed=True, pictures=tmp_path / "pictures") as lab:
        yield lab


def test_a_run_draws_and_says_where(lab: Lab, tmp_path: Path) -> None:
    planted = ROOT / "tests/harness/planted/right/plain/likelihood.py"
    work = Work(assignment="ps1", code={"likelihood.py": planted.read_text("utf-8")})
    course = load_course(ROOT / "problems", ROOT / "reference")
    result = grade_submission(Submission(name="../eve", works=(work,)), course, ("ps1/6.4",), lab)
    (found,) = result.assignments[0].items[0].fields
    (name,) = found.evidence["pictures"]  # type: ignore[misc]
    assert (tmp_path / "pictures" / str(name)).resolve().is_relative_to(tmp_path / "pictures")
    svg = (tmp_path / "pictures" / str(name)).read_text("utf-8")
    assert "The largest difference on one string is below 0.001 nats." in svg
