"""The command as a person types it: paths, options, exit status, what goes where."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader import checkers
from grader.cli import main
from tests.course import ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the whole course that a test may break; the working directory."""
    for name in ("problems", "reference", "submissions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.harness.lab.NEEDED", ("no_such_module",))  # code is run in tests of its own
    return tmp_path


ONE = ("--item", "midterm/4a")  # a whole class takes long


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def results(*arguments: str, status: int = 0) -> list[dict]:
    done = grade(*arguments, "--json", "-")
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)["submissions"]


def hand_in(course: Path, text: str, who: str = "dave", assignment: str = "midterm") -> str:
    folder = course / "submissions" / who / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answers.yaml").write_text(text, "utf-8")
    return f"submissions/{who}"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text, (file, old)
    file.write_text(text.replace(old, new, 1), "utf-8")


def items(submission: dict) -> dict[str, dict]:
    return {item["id"]: item for assignment in submission["assignments"] for item in assignment["items"]}


# --- the contract of results ---


def test_json_has_the_shape_that_other_programs_read(course: Path) -> None:
    (alice,) = results("submissions/alice")
    assert alice["submission"] == "alice"
    assert alice["isolation"] is None
    assert "refused" not in alice
    midterm = alice["assignments"][0]
    assert (midterm["id"], midterm["points"]) == ("midterm", 95)
    item = next(item for item in midterm["items"] if item["id"] == "4d")
    assert {key: item[key] for key in ("id", "points", "score", "pending", "status")} == {
        "id": "4d", "points": 4, "score": 4, "pending": 0, "status": "correct",
    }  # fmt: skip
    assert set(item["fields"][0]) == {
        "name", "kind", "points", "score", "pending", "status", "response", "read_as", "feedback", "evidence",
    }  # fmt: skip
    assert item["fields"][1]["evidence"] == {"rung": "identical"}


def test_feedback_has_an_audience_and_a_text(course: Path) -> None:
    (bob,) = results("submissions/bob", "--item", "4a")
    (said,) = items(bob)["4a"]["fields"][0]["feedback"]
    assert said["audience"] == "student"
    assert "derivative" in said["text"]


def test_json_to_a_file_and_the_report_to_the_terminal(course: Path) -> None:
    done = grade("submissions/alice", "--json", "out.json")
    assert done.exit_code == 0
    assert "certain so far" in done.stdout
    assert json.loads((course / "out.json").read_text())["schema"] == 1
    assert not list(course.glob("*.part"))


def test_json_where_it_cannot_be_written_is_refused_before_grading(course: Path) -> None:
    assert grade("submissions/alice", "--json", "nowhere/out.json").exit_code == 2
    assert grade("submissions/alice", "--json", "submissions").exit_code == 2


def test_quiet_says_nothing(course: Path) -> None:
    assert grade("submissions/alice", "--quiet").stdout == ""


# --- what to grade ---


def test_options_may_stand_before_the_path(course: Path) -> None:
    done = grade("--item", "4a", "--json", "-", "submissions/alice")
    assert list(items(json.loads(done.stdout)["submissions"][0])) == ["4a"]


def test_items_of_an_assignment(course: Path) -> None:
    (alice,) = results("submissions/alice", "--item", "midterm/4a", "--item", "midterm/7c")
    assert [a["id"] for a in alice["assignments"]] == ["midterm"]
    assert list(items(alice)) == ["4a", "7c"]
    assert alice["assignments"][0]["points"] == 4


def test_one_assignment(course: Path) -> None:
    (alice,) = results("submissions/alice", "--assignment", "ps1")
    assert [a["id"] for a in alice["assignments"]] == ["ps1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submissions/alice", "--item", "4z"], "did you mean"),
        (["submissions/alice", "--assignment", "final"], "midterm, ps1"),
        (["submissions/alice", "--item", "midterm/4a", "--assignment", "ps1"], "no item 'midterm/4a'"),
        (["submissions/alice", "--item", "4A"], "did you mean 'midterm/4a'"),
        (["submissions/alice", "--problems", "nowhere"], "nowhere"),
        ([], "Usage"),
    ],
)
def test_bad_usage_is_status_2_with_a_sentence(course: Path, arguments: list[str], said: str) -> None:
    done = grade(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_an_assignment_folder_and_an_answers_file_are_understood(course: Path) -> None:
    (folder,) = results("submissions/alice/midterm")
    (file,) = results("submissions/alice/midterm/answers.yaml")
    assert folder == file
    assert folder["submission"] == "alice"
    assert [a["id"] for a in folder["assignments"]] == ["midterm"]


def test_a_class_is_a_table_and_every_submission_is_in_the_results(course: Path) -> None:
    done = grade("submissions", "--assignment", "midterm", "--json", "out.json")
    assert done.exit_code == 0
    for name in ("alice", "bob", "carol"):
        assert name in done.stdout
    found = json.loads((course / "out.json").read_text())["submissions"]
    assert [s["submission"] for s in found] == ["alice", "bob", "carol"]


def test_what_is_no_submission_is_refused_and_the_rest_is_graded(course: Path) -> None:
    (course / "submissions" / "eve" / "homework").mkdir(parents=True)
    found = results("submissions", "nobody", *ONE, status=2)
    refused = {s["submission"]: s["refused"] for s in found if "refused" in s}
    assert set(refused) == {"eve", "nobody"}
    assert "midterm" in refused["eve"]
    assert all(not s["assignments"] for s in found if "refused" in s)
    assert len(found) == 5


def test_the_reference_is_a_submission(course: Path) -> None:
    (reference,) = results("reference")
    assert reference["submission"] == "reference"
    assert items(reference)["4a"]["status"] == "correct"


def test_problems_and_reference_are_found_from_below(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course / "submissions" / "alice")
    assert results(".")[0]["submission"] == "alice"


def test_without_keys_the_command_says_so(course: Path) -> None:
    shutil.rmtree(course / "reference")
    done = grade("submissions/alice")
    assert done.exit_code == 2
    assert "--reference" in done.output


def test_items_of_two_assignments(course: Path) -> None:
    (alice,) = results("submissions/alice", "--item", "midterm/4a", "--item", "ps1/3.1")
    assert list(items(alice)) == ["4a", "3.1"]


def test_one_assignment_of_the_reference(course: Path) -> None:
    (reference,) = results("reference/midterm")
    assert [a["id"] for a in reference["assignments"]] == ["midterm"]


def test_a_submission_named_twice_is_graded_once(course: Path) -> None:
    assert [s["submission"] for s in results("submissions", "submissions/bob", *ONE)] == ["alice", "bob", "carol"]


def test_a_file_that_is_no_answers_file_is_refused(course: Path) -> None:
    (course / "notes.txt").write_text("4a: 1/15")
    (found,) = results("notes.txt", status=2)
    assert "answers.yaml" in found["refused"]


def test_the_other_assignment_is_refused_with_a_sentence(course: Path) -> None:
    (found,) = results("submissions/alice/midterm", "--assignment", "ps1", status=2)
    assert "this is midterm" in found["refused"]


def test_a_pipe_is_written_into_and_not_replaced(course: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "submissions/alice", "--item", "4a", "--quiet", "--json", "/dev/stdout"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["schema"] == 1


def test_a_link_to_results_stays_a_link(course: Path) -> None:
    (course / "real.json").write_text("{}")
    (course / "link.json").symlink_to(course / "real.json")
    assert grade("submissions/alice", "--quiet", "--json", "link.json").exit_code == 0
    assert (course / "link.json").is_symlink()
    assert json.loads((course / "real.json").read_text())["schema"] == 1


# --- contained faults ---


def test_the_reference_without_a_key_is_an_error(course: Path) -> None:
    edit(course / "reference/midterm/4.yaml", "4a:", "4aa:")
    (reference,) = results("reference", "--item", "4a", status=3)
    assert items(reference)["4a"]["status"] == "error"


def test_a_wrong_key_is_an_error_of_that_item_alone_and_never_a_zero(course: Path) -> None:
    edit(course / "reference/midterm/4.yaml", "answer: 1/15", "answer: 1/15)")
    (alice,) = results("submissions/alice", status=3)
    broken = items(alice)["4a"]
    assert (broken["status"], broken["score"], broken["pending"]) == ("error", 0, 2)
    staff = [f["text"] for f in broken["fields"][0]["feedback"] if f["audience"] == "staff"]
    assert any("reference/midterm/4.yaml:4" in text for text in staff)
    assert items(alice)["4d"]["status"] == "correct"


def test_an_unreadable_file_of_keys_is_an_error_of_its_question_alone(course: Path) -> None:
    (course / "reference/midterm/4.yaml").write_text("4a: [1/15\n")
    (alice,) = results("submissions/alice", status=3)
    found = items(alice)
    assert {found[i]["status"] for i in ("4a", "4b", "4c", "4d")} == {"error"}
    assert found["5a"]["status"] == "correct"
    assert found["4b"]["fields"][1]["status"] == "review"  # a human needs no key


def test_a_missing_key_is_an_error_and_the_misspelt_one_is_named(course: Path) -> None:
    edit(course / "reference/midterm/4.yaml", "4a:", "4aa:")
    done = grade("submissions/alice", "--json", "-")
    assert done.exit_code == 3
    assert items(json.loads(done.stdout)["submissions"][0])["4a"]["status"] == "error"
    assert "'4aa'" in done.stderr
    assert "4a" in done.stderr


def test_a_checker_that_raises_is_an_error_naming_it(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.setitem(checkers.CHECKERS, "symbolic", broken)
    (alice,) = results("submissions/alice", status=3)
    field = items(alice)["4d"]["fields"][0]
    assert (field["status"], field["score"], field["pending"]) == ("error", 0, 2)
    assert any("symbolic" in f["text"] and "by design" in f["text"] for f in field["feedback"])
    assert items(alice)["5b"]["status"] == "correct"


def test_a_file_that_vanishes_is_an_error_and_no_blank(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = hand_in(course, "4a: 1/15\n")
    real = os.open

    def vanishing(path: object, *rest: object, **more: object) -> int:
        if str(path).endswith("answers.yaml"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", vanishing)
    (dave,) = results(who, status=3)
    (midterm,) = dave["assignments"]
    assert {item["status"] for item in midterm["items"]} == {"error"}
    assert midterm["pending"] == 95
    assert "answers.yaml" in midterm["unreadable"][0]


def test_a_broken_yaml_file_costs_its_item_alone_and_is_status_2(course: Path) -> None:
    who = hand_in(course, "4a: 1/15\n4b: {answer: no\n4c: yes\n")
    (dave,) = results(who, status=2)
    found = items(dave)
    assert (found["4a"]["status"], found["4b"]["status"]) == ("correct", "malformed")
    assert found["4c"]["fields"][0]["status"] == "correct"
    assert found["7a"]["status"] == "blank"
    assert "answers.yaml:2" in dave["assignments"][0]["unreadable"][0]


def test_bytes_that_are_no_text_are_status_2_and_the_rest_is_graded(course: Path) -> None:
    who = hand_in(course, "4a: 1/15\n")
    with (course / who / "midterm" / "answers.yaml").open("ab") as file:
        file.write(b"7a: \xff1\n")
    (dave,) = results(who, status=2)
    assert (items(dave)["4a"]["status"], items(dave)["7a"]["status"]) == ("correct", "malformed")


def test_a_folder_within_the_folder_is_no_empty_submission(course: Path) -> None:
    who = hand_in(course, "4a: 1/15\n", assignment="midterm/midterm")
    (dave,) = results(who, status=2)
    assert {item["status"] for item in items(dave).values()} == {"malformed"}
    assert "found 'midterm'" in dave["assignments"][0]["unreadable"][0]


def test_an_assignment_that_cannot_be_loaded_is_named(course: Path) -> None:
    edit(course / "problems/midterm/4.yaml", "points: 2", "points: two")
    (alice,) = results("submissions/alice/midterm", status=2)
    assert "midterm cannot be graded" in alice["refused"]
    done = grade("submissions/alice", "--assignment", "midterm")
    assert done.exit_code == 2
    assert "its files are wrong" in done.stderr


# --- wrong specs ---


def test_every_fault_in_every_file_is_reported_at_once_with_its_line(course: Path) -> None:
    edit(course / "problems/midterm/4.yaml", "answer: {kind: numeric,", "answer: {kind: numerc,")
    edit(course / "problems/midterm/7.yaml", "points: 2", "pionts: 2")
    edit(course / "problems/ps1/3.yaml", "domain: positive integer", "domain: positive intger")
    edit(course / "reference/ps1/6.yaml", "credit: review", "credit: reveiw")
    done = grade("lint")
    assert done.exit_code == 2
    lines = [line for line in done.stderr.splitlines() if ".yaml:" in line]
    assert any("problems/midterm/4.yaml:" in line and "did you mean 'numeric'" in line for line in lines)
    assert any("problems/midterm/7.yaml:" in line and "did you mean 'points'" in line for line in lines)
    assert any("problems/ps1/3.yaml:" in line and "intger" in line for line in lines)


def test_an_assignment_with_a_wrong_spec_is_left_out_and_the_other_is_graded(course: Path) -> None:
    edit(course / "problems/midterm/4.yaml", "points: 2", "points: 3")
    done = grade("submissions/alice", "--json", "-")
    assert done.exit_code == 2
    assert [a["id"] for a in json.loads(done.stdout)["submissions"][0]["assignments"]] == ["ps1"]
    assert "problems/midterm/" in done.stderr
    assert "96" in done.stderr


@pytest.mark.slow  # what it finds is tested for all of the course elsewhere
def test_lint_of_the_course_as_it_is(course: Path) -> None:
    done = grade("lint")
    assert done.exit_code == 0
    assert "57 items" in done.stdout


def test_lint_finds_a_mistake_that_is_right_and_a_key_that_cannot_be_read(course: Path) -> None:
    shutil.rmtree(course / "problems/ps1")
    shutil.rmtree(course / "reference/ps1")
    edit(course / "reference/midterm/4.yaml", "when: 1/5", "when: 2/30")
    edit(course / "reference/midterm/6.yaml", "answer: -1/(1-D)", "answer: -1/(1-E)")
    done = grade("lint")
    assert done.exit_code == 2
    assert "2/30" in done.stderr
    assert "cannot be read" in done.stderr


# --- what people see ---


def test_the_report_is_plain_and_narrow_when_piped(course: Path) -> None:
    out = grade("submissions/carol").stdout
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    for word in ("malformed", "blank", "certain so far", "pending review"):
        assert word in out


def test_nothing_a_student_wrote_steers_the_terminal(course: Path) -> None:
    who = hand_in(course, '4a: "\\e[31m1/5\\e]0;owned\\a [bold]x[/bold]"\n')
    out = grade(who).stdout
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "[bold]" in out


def test_no_color_is_honoured(course: Path) -> None:
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "", "TERM": "xterm-256color"}
    out = CliRunner().invoke(main, ["submissions/carol"], env=environment, color=True).stdout
    assert "\x1b[3" not in out


def test_an_interrupt_delivers_what_was_graded(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader import parallel

    whole = parallel.grade_class

    def interrupted(*given: Any) -> Iterator[Any]:
        yield next(whole(*given))
        raise KeyboardInterrupt

    monkeypatch.setattr(parallel, "grade_class", interrupted)
    done = grade("submissions", *ONE, "--json", "out.json")
    assert done.exit_code == 130
    assert "1 of 3" in done.stderr
    graded = [s["submission"] for s in json.loads((course / "out.json").read_text())["submissions"]]
    assert len(graded) == 1
    assert graded[0] in ("alice", "bob", "carol")


def run(*arguments: str, folder: Path, stdout: Any = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a shell starts it."""
    command = [sys.executable, "-m", "grader", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    return subprocess.run(
        command, cwd=folder, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
def test_results_are_written_whatever_becomes_of_the_report(course: Path) -> None:
    with open("/dev/full", "w") as full:
        done = run("submissions/bob", *ONE, "--json", "out.json", folder=course, stdout=full)
    assert "Traceback" not in done.stderr
    assert len(json.loads((course / "out.json").read_text())["submissions"]) == 1


def test_what_is_graded_is_not_imported(course: Path) -> None:
    """A submission may be called like a module of ours, in the very folder that the command is run in."""
    (course / "yaml").mkdir()
    (course / "yaml/__init__.py").write_text("print('imported')")
    done = run("submissions/bob", *ONE, folder=course)
    assert done.returncode == 0, done.stderr
    assert "imported" not in done.stdout + done.stderr


def test_two_of_one_name_are_told_apart(course: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(course / "submissions/bob", course / name / "bob")
    found = results("one/bob", "two/bob", "submissions/bob", *ONE)
    assert [s["submission"] for s in found] == ["one/bob", "two/bob", "submissions/bob"]
    assert [s["submission"] for s in results("one/bob/midterm", "one/bob/ps1", *ONE, status=2)] == ["bob", "bob"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'sympy', 'numpy', 'flint', 'pydantic', 'rich', 'yaml', 'nbformat'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "Usage: grade PATH..." in done.stdout
    assert "lint" in done.stdout


def test_grading_written_answers_imports_neither_torch_nor_sympy(course: Path) -> None:
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(['submissions/carol', '--quiet'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'sympy', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['numpy']"  # worlds are drawn with it


def test_grading_formulas_imports_no_numpy_either(course: Path) -> None:
    code = (
        "import sys\nfrom grader.cli import main\n"
        "try:\n    main(['submissions/carol', '--quiet', '--item', 'midterm/4d'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'sympy', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
