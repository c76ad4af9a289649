"""``grade check`` as a student types it: no key is needed, and none is looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.checking.found import Check
from grader.cli import main
from grader.reports.checked import render
from tests.course import ROOT

CANARY = "CANARY-7351"
WATCH = """
import sys
touched = []
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "os.chdir") and arguments:
        if "reference" in str(arguments[0]).replace("\\\\", "/").split("/"):
            touched.append((event, str(arguments[0])))
sys.addaudithook(watch)
from grader.cli import main
try:
    main(sys.argv[1:])
finally:
    print("TOUCHED", touched, file=sys.stderr)
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Problems and submissions, as if somebody had them all, and no keys; the working directory."""
    for name in ("problems", "submissions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.harness.lab.NEEDED", ("no_such_module",))  # code is run in tests of its own
    return tmp_path


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def release(course: Path) -> Path:
    """What students of ps1 get, as it stands: skeletons in all formats, nothing filled in."""
    folder = course / "ps1-release"
    (folder / "ps1").mkdir(parents=True)
    shutil.move(course / "problems", folder / "problems")
    shutil.rmtree(folder / "problems" / "midterm")
    shutil.rmtree(course / "submissions")
    (folder / "ps1" / "answers.yaml").write_text("6.1:\n6.2: {answer: , why: }\n", "utf-8")
    (folder / "ps1" / "answers.md").write_text("## 6.1\n\n## 6.2\nAnswer:\n\nWhy:\n", "utf-8")
    (folder / "ps1" / "answers.tex").write_text("\\section*{6.1}\n\n\\section*{6.2}\nAnswer:\n\nWhy:\n", "utf-8")
    (folder / "ps1" / "sample.py").write_text("def sample(*a):\n    raise NotImplementedError\n", "utf-8")
    return folder


# --- without keys ---


@pytest.mark.parametrize(("who", "status"), [("alice", 0), ("bob", 1), ("carol", 1)])
def test_no_key_is_needed(course: Path, who: str, status: int) -> None:
    done = grade(f"submissions/{who}")
    assert done.exit_code == status, done.output
    assert done.stdout.startswith(who)
    assert "all together" in done.stdout
    assert " error" not in done.stdout
    assert not (course / "reference").exists()


def test_keys_that_are_there_are_not_looked_at(course: Path) -> None:
    """Also where they lie beside it, and would be faults if somebody read them."""
    for name in ("midterm", "ps1"):
        folder = course / "reference" / name
        folder.mkdir(parents=True)
        (folder / "4.yaml").write_text(f"{CANARY}: [", "utf-8")
        (folder / "sample.py").write_text(f"{CANARY} = (", "utf-8")
    (course / "reference" / "secret").write_text(CANARY, "utf-8")
    for path in ("submissions/alice", "submissions/alice/midterm", "."):
        command = [sys.executable, "-c", WATCH, "check", path, "--no-code", "--item", "midterm/4d"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == (2 if path == "." else 0), done.stderr
        assert "TOUCHED []" in done.stderr
        assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("path", ["reference", "reference/midterm", "problems", "problems/midterm"])
def test_folders_of_the_course_are_nobody_s_work(course: Path, path: str) -> None:
    (course / "reference" / "midterm").mkdir(parents=True)
    (course / "reference" / "midterm" / "answers.yaml").write_text(CANARY, "utf-8")
    done = grade(path)
    assert done.exit_code == 2
    assert "belongs to the course" in done.stderr
    assert CANARY not in done.output


def test_with_keys_beside_it_the_same_is_said(course: Path) -> None:
    without = grade("submissions/carol")
    shutil.copytree(ROOT / "reference", course / "reference")
    assert grade("submissions/carol").output == without.output


# --- where one's work lies ---


ONE = ("--item", "ps1/6.1")


@pytest.mark.parametrize("here", [".", "ps1", "problems/.."])
def test_within_what_students_get(course: Path, monkeypatch: pytest.MonkeyPatch, here: str) -> None:
    folder = release(course)
    monkeypatch.chdir(folder / here)
    done = grade()
    assert done.exit_code == 0, done.output
    assert "not readable:" not in done.stdout
    assert "sample is not written yet" in done.stdout
    total = next(line for line in done.stdout.splitlines() if "all together" in line)
    assert total.split()[2] == "26"  # blank, every field


def test_a_filled_one_among_skeletons_counts(course: Path) -> None:
    folder = release(course)
    (folder / "ps1" / "answers.md").write_text("## 6.1\n16\n\n## 6.2\nAnswer: 5 * (2)\n", "utf-8")
    done = grade(str(folder), "--item", "6.1", "--item", "6.2")
    assert done.exit_code == 0, done.output
    assert any(line.split() == ["✓", "6.1", "16"] for line in done.stdout.splitlines())
    assert "answer files" not in done.stdout  # the others have nothing in them


def test_a_zip_that_is_about_to_be_handed_in(course: Path) -> None:
    shutil.make_archive("hand", "zip", "submissions/alice")
    done = grade("hand.zip", *ONE)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("hand ")


def test_a_zip_that_lies_beside_the_work_is_no_failure(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = release(course)
    shutil.make_archive(str(folder / "ps1"), "zip", folder, "ps1")
    monkeypatch.chdir(folder)
    done = grade(*ONE)
    assert done.exit_code == 0, done.output
    assert "'ps1.zip' is an archive and was not looked into; to check it, name it" in " ".join(done.stdout.split())


def test_from_beside_what_students_get_the_way_is_told(course: Path) -> None:
    release(course)
    done = grade()
    assert done.exit_code == 2
    assert "did you mean: grade check ps1-release" in done.stderr


def test_loose_answers_where_one_assignment_can_be_meant(course: Path) -> None:
    (course / "loose").mkdir()
    shutil.copy("submissions/alice/ps1/answers.yaml", "loose")
    assert "the files were read as ps1" in grade("loose", *ONE).stdout
    done = grade("loose")
    assert done.exit_code == 2
    assert "expected a folder named midterm or ps1" in done.stderr


def test_from_afar_problems_lie_beside_the_work(course: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        assert grade(str(course / "submissions" / "alice" / "ps1"), *ONE).exit_code == 0
        done = grade(".")
    assert done.exit_code == 2
    assert "there is no problems/" in done.stderr


@pytest.mark.parametrize("path", [".", "submissions"])
def test_of_several_one_must_be_named(course: Path, path: str) -> None:
    done = grade(path)
    assert done.exit_code == 2
    assert "holds 3 submissions (alice, bob, carol); name yours, such as submissions/alice" in done.stderr
    shutil.rmtree("submissions/bob")
    shutil.rmtree("submissions/carol")
    assert grade(path, *ONE).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no folder nowhere"),
        (("submissions/alice", "--item", "4z"), "there is no item '4z'"),
        (("submissions/alice", "--assignment", "final"), "there is no assignment 'final'"),
        (("submissions/alice", "--json", "no/such/file"), "expected a file in a folder that exists"),
        (("submissions/alice/ps1", "--assignment", "midterm"), "this is ps1, which was not asked for"),
    ],
)
def test_bad_usage(course: Path, arguments: tuple[str, ...], said: str) -> None:
    done = grade(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


# --- what is said ---


def test_a_fault_of_the_course_is_not_the_student_s(course: Path) -> None:
    (course / "problems" / "ps1" / "6.yaml").write_text("question: [", "utf-8")
    done = grade("submissions/alice", "--assignment", "midterm", "--item", "4a")
    assert done.exit_code == 2
    assert "They are not yours; tell your instructor" in done.stderr
    assert "ps1 cannot be checked" in done.stderr
    assert "midterm/4a" in done.stdout


def test_json_goes_to_a_file_or_to_standard_output(course: Path) -> None:
    done = grade("submissions/alice", *ONE, "--json", "-")
    data = json.loads(done.stdout)
    assert data["assignments"][0]["items"][0]["fields"][0]["plain"]
    assert grade("submissions/alice", *ONE, "--json", "out.json").stdout.startswith("alice")
    assert Path("out.json").read_text("utf-8") == done.stdout
    assert render(Check.model_validate(data)) == done.stdout


def test_without_torch_everything_else_is_checked(course: Path) -> None:
    done = grade("submissions/alice", "--item", "ps1/6.3", "--item", "ps1/6.1")
    assert done.exit_code == 0
    assert "torch is not installed" in " ".join(done.stdout.split())
    assert "8 points not run" in done.stdout


def test_ctrl_c(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.checking.look", interrupted)
    done = grade("submissions/alice", "--item", "ps1/6.3")
    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "interrupted\n")


@pytest.mark.slow
def test_real_code_of_the_samples_in_a_tree_without_keys(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(course)
    for who in ("alice", "bob"):
        done = grade(f"submissions/{who}", "--assignment", "ps1")
        total = next(line for line in done.stdout.splitlines() if "all together" in line)
        assert "8 of 8 passed" in total
        assert "24.75 points not run" in total
