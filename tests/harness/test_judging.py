"""Course code within a whole submission: statuses, points, who is told what, and faults that are not the student's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.batch import Selection, Source, grade_source
from grader.checkers.code import PRINTED, check_code, show_code
from grader.cli import main
from grader.harness import lab as labs
from grader.harness.checks import bench, classifying
from grader.harness.checks.bench import Bench
from grader.harness.checks.suite import printed_in_public
from grader.harness.checks.table import CHECKS
from grader.harness.lab import Lab
from grader.harness.session import Call, Failure
from grader.harness.showing import Album
from grader.harness.texts import SOURCES
from grader.keys import CodeKey, ItemKey
from grader.loading.specs.course import Course, load_course
from grader.result import ItemResult, SubmissionResult
from grader.spec import CodeField
from tests.course import ROOT, real_course
from tests.harness.planted import right

ALL = Selection(frozenset({"ps1"}))
CODE = ("6.3", "6.4", "6.5", "6.6", "6.7b")
PLAIN = right()["plain"]
SAMPLE_ALONE = Selection(frozenset({"ps1"}), frozenset({"ps1/6.6"}))


def handed_in(folder: Path, files: dict[str, str]) -> Source:
    """A submission ``dave`` with these files in its problem set."""
    home = folder / "dave" / "ps1"
    home.mkdir(parents=True, exist_ok=True)
    (home / "answers.yaml").write_text("6.1: 16\n", "utf-8")
    for name, text in files.items():
        (home / name).write_text(text, "utf-8")
    return Source("submission", folder / "dave")


def items(result: SubmissionResult) -> dict[str, ItemResult]:
    return {item.id: item for assignment in result.assignments for item in assignment.items}


def student(item: ItemResult) -> str:
    return " ".join(said.text for field in item.fields for said in field.feedback if said.audience == "student")


def staff(item: ItemResult) -> str:
    return " ".join(said.text for field in item.fields for said in field.feedback if said.audience == "staff")


def test_a_crash_and_a_missing_file_leave_the_other_items_alone(lab: Lab, tmp_path: Path) -> None:
    broken = 'def classification(model, text):\n    raise RuntimeError(f"tokens were {text.tolist()}")\n'
    files = {"sample.py": PLAIN["sample.py"], "classifier.py": broken}
    result = grade_source(handed_in(tmp_path, files), real_course(), ALL, lab)
    found = items(result)
    assert result.isolation == lab.level
    assert [found[name].status for name in CODE] == ["correct", "blank", "incorrect", "correct", "correct"]
    assert found["6.1"].score == 3
    assert "classifier.py, line 2" in student(found["6.5"])
    assert "tokens were [" not in student(found["6.5"])  # hidden inputs stay hidden
    assert "tokens were [" in staff(found["6.5"])


def test_the_same_submission_gets_the_same_result(lab: Lab, tmp_path: Path) -> None:
    results = [grade_source(handed_in(tmp_path, PLAIN), real_course(), SAMPLE_ALONE, lab) for _ in range(2)]
    assert results[0] == results[1]


def test_evidence_tells_every_test(lab: Lab) -> None:
    spec, key = code_item("6.6")
    with lab.desk(PLAIN) as desk:
        outcome = check_code(spec, key, desk)
    tests = outcome.evidence["tests"]
    assert isinstance(tests, list)
    assert {test["name"]: test["visibility"] for test in tests if isinstance(test, dict)} == {
        "scale-none": "public", "scale-type": "public", "scale-values": "hidden", "scale-extremes": "hidden",
        "scale-arguments": "hidden", "sample-temperature": "hidden",
    }  # fmt: skip
    drawn = next(test for test in tests if isinstance(test, dict) and test["name"] == "sample-temperature")
    assert isinstance(drawn["draws"], int)
    assert drawn["draws"] > 0
    assert drawn["bound"] == 1e-7


def code_item(name: str) -> tuple[CodeField, CodeKey]:
    item = next(item for item in real_course().assignments["ps1"].items if item.id == name)
    key = real_course().keys["ps1"][name]
    assert isinstance(key, ItemKey)
    spec, field_key = item.fields[0], key.fields["answer"]
    assert isinstance(spec, CodeField)
    assert isinstance(field_key, CodeKey)
    return spec, field_key


# --- what it prints ---

HEAD = "def log_likelihood(model, text):\n"
KEEPING = "    SEEN.append(text.tolist())\n    print(SEEN, '\\x1b[31m/opt/grader/x.py')\n"
CHATTY = PLAIN["likelihood.py"].replace(HEAD, f"SEEN = []\n{HEAD}{KEEPING}")


def printed(lab: Lab, text: str, with_key: bool = True) -> tuple[str, str]:
    """What students and what staff see of it."""
    spec, key = code_item("6.4")
    with lab.desk(PLAIN | {"likelihood.py": text}) as desk:
        outcome = check_code(spec, key if with_key else None, desk)
    said = [said.text for said in outcome.feedback if said.audience == "student" and said.text.startswith(PRINTED)]
    return "".join(said), str(outcome.evidence.get("output", ""))


def test_students_see_what_is_printed_where_nothing_is_hidden(lab: Lab) -> None:
    """It keeps all inputs that it saw, and prints them in every test: no hidden one is among what students read."""
    assert "SEEN" in CHATTY
    shown, staff = printed(lab, CHATTY)
    at_home, _ = printed(lab, CHATTY, with_key=False)
    assert shown == at_home
    assert shown.startswith(f"{PRINTED}[[[")
    hidden = staff[: staff.index("\n")]
    assert hidden.startswith("[[[")
    assert hidden[:40] not in shown


def test_neither_paths_nor_control_characters_are_among_it(lab: Lab) -> None:
    code = CHATTY.replace("print(SEEN, ", "print(")
    shown, staff = printed(lab, code)
    assert shown.startswith(f"{PRINTED}…/x.py\n…/x.py\n")
    assert staff.startswith("/opt/grader/x.py\n")


def test_floods_are_cut(lab: Lab) -> None:
    shown, staff = printed(lab, CHATTY.replace("print(SEEN, ", "print('x' * 10**5, "))
    assert len(shown) < 1200
    assert len(staff) < 4200
    assert "[the first 4000 of at least 65536 characters]" in staff
    assert "[the first 1000 of at least 65536 characters]" in shown


def test_code_that_prints_nothing_has_none(lab: Lab) -> None:
    assert printed(lab, PLAIN["likelihood.py"]) == ("", "")


def test_what_is_printed_before_an_error_is_there(lab: Lab) -> None:
    shown, staff = printed(lab, "print('loading')\ndef log_likelihood(model, text):\n    raise ValueError\n")
    assert shown == f"{PRINTED}loading"
    assert staff == "loading\n"


def test_what_never_ended_is_not_run_again_to_see_it(lab: Lab) -> None:
    spec, _ = code_item("6.4")
    with lab.desk(PLAIN | {"likelihood.py": CHATTY}) as desk:
        hidden = desk.bench("likelihood.py", "secret", "tiny")
        hidden.hopeless["log_likelihood"] = Failure("time")
        assert printed_in_public(hidden, spec.checks) == ""


def test_what_is_shown_is_drawn_where_no_hidden_input_was(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures too, which may be given to students."""
    shown: list[Bench] = []

    def show(bench: Bench, *_: object) -> list[str]:
        assert bench.session.call(bench.file, "total", [Call(())], 1.0)[0].value.array == 0
        shown.append(bench)
        return ["a picture"]

    monkeypatch.setattr("grader.harness.showing.show", show)
    spec, key = code_item("6.4")
    code = CHATTY.replace("    print(SEEN", "    (SEEN") + "\ndef total():\n    return len(SEEN)\n"
    with lab.desk(PLAIN | {"likelihood.py": code}) as desk:
        desk.album = Album(Path(), "", "")
        assert check_code(spec, key, desk).status == "correct"
        assert show_code(spec, key, desk, "6.4") == ["a picture"]
        hidden = desk.bench("likelihood.py", "", "tiny")
    (one,) = shown
    assert (one.is_public, hidden.is_public) == (True, False)
    assert one.draws.startswith(one.secret)
    assert one.session._spent is hidden.session._spent
    assert one.session._child is None


# --- what may be no fault of theirs ---


def test_a_process_that_is_killed_is_left_to_a_human(lab: Lab) -> None:
    spec, key = code_item("6.4")
    code = "import os\ndef log_likelihood(model, text):\n    os.kill(os.getpid(), 9)\n"
    with lab.desk({"likelihood.py": code}) as desk:
        outcome = check_code(spec, key, desk)
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 0.0, 6.0)


def test_far_too_large_results_fail(lab: Lab) -> None:
    for name, function in (("6.4", "log_likelihood(model, text)"), ("6.6", "temperature_scale(*_)")):
        spec, key = code_item(name)
        with lab.desk({spec.file: f"import torch\ndef {function}:\n    return torch.zeros(2**13)\n"}) as desk:
            outcome = check_code(spec, key, desk)
        assert outcome.pending == 0
        assert outcome.score < 1.5


# --- a constant bounded chance: the bounds of an item's tests ---


def test_the_bounds_of_an_item_add_up_to_one_in_a_million() -> None:
    drawing = [name for name in CHECKS if name in ("sample-distribution", "sample-temperature", "sample-horizon")]
    assert len(drawing) * bench.BOUND <= 1e-6
    assert len(SOURCES) * classifying.BOUND <= 1e-6


# --- where code cannot be run, nobody loses anything ---


def test_without_walls_code_is_left_to_a_human_unless_allowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(labs, "level", lambda: "C")
    with Lab() as lab:
        result = grade_source(handed_in(tmp_path, PLAIN), real_course(), ALL, lab)
    assert result.isolation is None
    assert {items(result)[name].status for name in CODE} == {"review"}
    assert "--allow-unsandboxed" in student(items(result)["6.3"])
    with Lab(unsandboxed=True) as lab:
        result = grade_source(handed_in(tmp_path, PLAIN), real_course(), SAMPLE_ALONE, lab)
    assert (result.isolation, items(result)["6.6"].status) == ("C", "correct")


def test_without_torch_code_is_left_to_a_human(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(labs, "NEEDED", ("no_such_module",))
    with Lab() as lab:
        result = grade_source(handed_in(tmp_path, PLAIN), real_course(), ALL, lab)
    assert {items(result)[name].status for name in CODE} == {"review"}
    assert "torch" in student(items(result)["6.3"])


def test_a_warm_process_that_cannot_start_is_our_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(labs, "WORKER", "grader.no_such_worker")
    with Lab(unsandboxed=True) as lab:
        result = grade_source(handed_in(tmp_path, PLAIN), real_course(), SAMPLE_ALONE, lab)
    item = items(result)["6.6"]
    assert (item.status, item.score, item.pending) == ("error", 0.0, 4.0)
    assert "no mark is lost" in student(item)
    assert "no_such_worker" in staff(item)


def test_a_device_that_is_not_there_is_said_before_anything_is_graded() -> None:
    done = CliRunner().invoke(main, ["submissions/alice", "--device", "cuda", "--quiet"])
    if "cuda" not in done.output:
        pytest.skip("there is a GPU here")
    assert done.exit_code == 2
    assert "there is no device cuda" in done.output


def test_without_hidden_tests_their_points_are_open(lab: Lab) -> None:
    spec, _ = code_item("6.6")
    with lab.desk(PLAIN) as desk:
        outcome = check_code(spec, None, desk)
    assert (outcome.status, outcome.score, outcome.pending) == ("review", 0.75, 3.25)


def test_another_model_sends_a_classifier_that_fails_to_a_human(lab: Lab) -> None:
    spec, key = code_item("6.5")
    other = spec.model_copy(update={"model": "gpt2"})
    strict = PLAIN | {"classifier.py": PLAIN["classifier.py"].replace("THRESHOLD = -310.0", "THRESHOLD = -135.0")}
    constant = PLAIN | {"classifier.py": "def classification(model, text):\n    return True\n"}
    found = []
    for files in (strict, constant):
        with lab.desk(files) as desk:
            found.append(check_code(other, key, desk))
    assert (found[0].status, found[0].pending > 0) == ("review", True)
    assert (found[1].status, found[1].score) == ("incorrect", 0.0)


# --- what authors write ---


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name in ("problems", "reference"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def faults(course: Path, file: str, old: str, new: str) -> str:
    path = course / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    found: Course = load_course(course / "problems", course / "reference")
    keys = [key for keys in found.keys.values() for key in keys.values() if not isinstance(key, ItemKey)]
    return "\n".join([*map(str, found.faults), *(str(fault) for key in keys for fault in key.faults)])


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("reference/ps1/6.yaml", "sample-seeds: 1", "sample-seed: 1", "there is no test 'sample-seed' (did you mean"),
        ("reference/ps1/6.yaml", "sample-seeds: 1", "sample-seeds: 2", "add up to 11, the field has 10"),
        ("reference/ps1/6.yaml", "sample-seeds: 1", "sample-type: 1", "among the public tests already"),
        ("problems/ps1/6.yaml", "classifier-type: 0.5", "classifier-typ: 0.5", "there is no test 'classifier-typ'"),
    ],
)
def test_slips_in_tests_are_located(course: Path, file: str, old: str, new: str, said: str) -> None:
    found = faults(course, file, old, new)
    assert said in found
    assert f"{Path(file).name}:" in found
