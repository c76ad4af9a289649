"""What the documentation says is so: examples, commands, links, and the help that is generated."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import get_args

import click
import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from grader.cli import SECTIONS, main
from grader.cli.grade import DEFAULT
from grader.comparing import compare_texts
from grader.keys import ItemKey, MarkingTest
from grader.loading.specs.course import Course, load_course
from grader.marking import course_faults, try_test
from grader.math.declaring import read_symbols
from grader.math.forms import RULES
from grader.reports.html.environment import SIGNS, WORDS
from grader.result import (
    AssignmentResult,
    Audience,
    Feedback,
    FieldResult,
    ItemResult,
    Report,
    Status,
    SubmissionResult,
)
from grader.spec import KINDS
from tests.documents import DOCS, GENERATED, PAGES, REGENERATE, ROOT, Block, anchors, blocks, links, parts, regenerated

# --- the kinds ---

PASSAGES = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", (DOCS / "kinds.md").read_text("utf-8"), re.M | re.S))
EXAMPLES = {kind: re.findall(r"```yaml\n(.*?)```", PASSAGES.get(kind, ""), re.S) for kind in KINDS}
_ROW = re.compile(r"^\| `(?P<response>.+)` \| (?P<status>[a-z]+)(?:, (?P<score>[\d.]+))? \|$", re.M)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Each example of docs/kinds.md as an assignment."""
    folder = tmp_path_factory.mktemp("kinds")
    for kind, (problem, key) in EXAMPLES.items():
        for part in ("problems", "reference"):
            (folder / part / kind).mkdir(parents=True)
        items = "".join(f"  {line}\n" for line in problem.splitlines())
        (folder / "problems" / kind / "assignment.yaml").write_text(f"title: {kind}\npoints: 2\nquestions: [1]\n")
        (folder / "problems" / kind / "1.yaml").write_text(f"question: 1\ntitle: {kind}\nitems:\n{items}")
        (folder / "reference" / kind / "1.yaml").write_text(key)
    (folder / "reference/secret").write_text("of the documentation\n")
    (folder / "reference/code/likelihood.py").write_text("def log_likelihood(model, text): ...\n")
    return load_course(folder / "problems", folder / "reference")


def rows(kind: str) -> list[tuple[str, str, str | None]]:
    found = [match.group("response", "status", "score") for match in _ROW.finditer(PASSAGES[kind])]
    return [(response.replace(r"\|", "|"), status, score) for response, status, score in found]


RESPONSES = [(kind, *row) for kind in KINDS for row in rows(kind)]


def test_every_kind_has_an_example_with_two_right_responses(kinds: Course) -> None:
    assert set(kinds.assignments) == set(KINDS)
    good = {kind: sum(status in ("correct", "review") for _, status, _ in rows(kind)) for kind in KINDS}
    assert [kind for kind in KINDS if good[kind] < 2] == ["code"], "code is judged in tests/harness"
    for kind in KINDS:
        assert PASSAGES[kind].count("\n| `") == len(rows(kind)), kind


def test_nothing_is_wrong_with_the_examples(kinds: Course) -> None:
    assert [str(fault) for fault in course_faults(kinds)] == []


@pytest.mark.parametrize(("kind", "response", "status", "score"), RESPONSES)
def test_responses_come_out_as_stated(kinds: Course, kind: str, response: str, status: str, score: str | None) -> None:
    (item,) = kinds.assignments[kind].items
    key = kinds.keys[kind]["1a"]
    assert isinstance(key, ItemKey), key
    expected = MarkingTest(responses={item.fields[0].name: response}, status=status, score=float(score or 0))
    trial = try_test(item, key, expected)
    assert trial.passed, str(trial)
    told = (DOCS / "results.md").read_text("utf-8")
    evidence = next(iter(trial.outcomes.values())).evidence
    assert [name for name in evidence if f"`{name}`" not in told] == [], "docs/results.md does not tell of it"


def test_every_rule_of_form_is_told() -> None:
    told = (DOCS / "kinds.md").read_text("utf-8")
    assert [rule for rule in RULES if f"`{rule}`" not in told] == []


# --- commands ---

_STATUS = re.compile(r"# exit status (\d+)")
_EDIT = re.compile(r"[Ii]n `(?P<file>[\w./]+)`, write `(?P<new>[^`]+)` in place of `(?P<old>[^`]+)`")
_ENTRY = re.compile(r"In `(?P<file>[\w./]+)` the entry becomes$")
QUESTION = "4"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The course with one question of the midterm alone, so that looking at all of it is quick; the current folder."""
    for part in ("problems", "reference"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=_other_than_question)
    head = tmp_path / "problems/midterm/assignment.yaml"
    text = re.sub(r"^questions: .*$", f"questions: ['{QUESTION}']", head.read_text("utf-8"), flags=re.M)
    head.write_text(re.sub(r"^points: .*$", "points: 10", text, flags=re.M), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _other_than_question(_: str, names: list[str]) -> list[str]:
    kept = (f"{QUESTION}.yaml", "assignment.yaml")
    return [name for name in names if name in ("ps1", "proved.json") or name.endswith(".py") or _is_other(name, kept)]


def _is_other(name: str, kept: tuple[str, ...]) -> bool:
    return name.endswith(".yaml") and name not in kept


def run(block: Block) -> str:
    """What the commands of a block print. Each must end as the comment behind it says, or with 0."""
    output = ""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        assert words[0] == "grade", f"{block.page}:{block.line}: {line!r} is no command of ours: say why it is not run"
        done = CliRunner().invoke(main, words[1:])
        expected = _STATUS.search(line)
        assert done.exit_code == int(expected[1] if expected else 0), f"{block.page}: {line}\n{done.output}"
        output += done.output
    return output


def assert_said(block: Block, output: str) -> None:
    """Every line of the block stands in the output, apart from numbers of lines and from spaces."""
    plain = " ".join(re.sub(r"(\.yaml):\d+", r"\1", output).split())
    for line in block.text.splitlines():
        assert " ".join(line.split()) in plain, f"{block.page}:{block.line}: {line!r} is not in\n{output}"


def edit(found: re.Match[str]) -> None:
    path = Path(found["file"])
    text = path.read_text("utf-8")
    at = text.rindex(found["old"], 0, text.rindex("mistakes:"))
    path.write_text(text[:at] + found["new"] + text[at + len(found["old"]) :], "utf-8")


def replace_entry(path: Path, entry: str) -> None:
    """The last entry of a file, which ``grade new`` wrote, becomes this one."""
    text = path.read_text("utf-8")
    path.write_text(text[: text.index(entry.splitlines()[0])] + entry, "utf-8")


def test_the_tutorial_can_be_walked(course: Path) -> None:
    output = ""
    for part in parts(DOCS / "problems.md"):
        if isinstance(part, str):
            for found in _EDIT.finditer(part):
                edit(found)
        elif part.language == "sh":
            output = run(part)
        elif part.language == "text":
            assert_said(part, output)
        else:
            place = _ENTRY.search(part.above)
            assert place, part
            replace_entry(Path(place["file"]), part.text)
    assert not list((course / "released").rglob("proved.json"))


# --- students ---

_ROW_OF_SPELLINGS = re.compile(r"^\| [\w, ]+ \| (`.+`) \|$", re.M)
SYMBOLS = "x: real, y: positive, theta: real, n: positive integer, p_XY: 2 arguments"
STUDENTS = DOCS / "students.md"


def spellings() -> list[tuple[str, str]]:
    found = (
        re.findall(r"`([^`]+)`", row.replace(r"\|", "|"))
        for row in _ROW_OF_SPELLINGS.findall(STUDENTS.read_text("utf-8"))
    )
    return [(first, other) for first, *others in found for other in others]


def test_there_are_many_spellings() -> None:
    assert len(spellings()) >= 20


@pytest.mark.parametrize(("one", "other"), spellings())
def test_what_is_said_to_mean_the_same_does(one: str, other: str) -> None:
    found = compare_texts(one, other, read_symbols(SYMBOLS)).judgement
    assert found.decision == "equal", found


@pytest.mark.parametrize("text", ["1/2x", "log x y", "1,5"])
def test_what_is_said_to_be_unclear_is_not_read(text: str) -> None:
    assert compare_texts("x", text, read_symbols(SYMBOLS)).judgement.decision == "malformed"


def test_the_formats_mean_the_same_and_the_commands_run(course: Path) -> None:
    made = {"yaml": "answers.yaml", "markdown": "answers.md", "latex": "answers.tex"}
    (course / "work/midterm").mkdir(parents=True)
    for block in blocks(STUDENTS):
        if block.language == "sh":
            os.chdir(course / "work")
            assert "ready" in run(block)
            continue
        file = course / "work/midterm" / made[block.language]
        file.write_text(block.text, "utf-8")
        done = CliRunner().invoke(main, ["work", "--json", "-"])
        (items,) = (a["items"] for a in json.loads(done.stdout)["submissions"][0]["assignments"])
        assert {i["id"]: (i["status"], i["score"]) for i in items if i["status"] != "blank"} == {
            "4a": ("correct", 2), "4b": ("review", 1), "4d": ("correct", 4),
        }  # fmt: skip
        if block.language != "latex":
            file.unlink()


def test_the_words_for_a_status_are_told() -> None:
    told = re.findall(r"^\| (.) \| (\w+) \| ([\w ]+) \| .+\|$", STUDENTS.read_text("utf-8"), re.M)
    assert told == [(SIGNS[status], status, WORDS[status]) for status in get_args(Status)]


# --- results ---


def test_every_field_status_and_audience_of_results_is_told() -> None:
    told = (DOCS / "results.md").read_text("utf-8")
    types = (Report, SubmissionResult, AssignmentResult, ItemResult, FieldResult, Feedback)
    names = {info.alias or name for one in types for name, info in one.model_fields.items()}
    words = set(get_args(Status)) | set(get_args(Audience))
    assert sorted(word for word in names | words if f"`{word}`" not in told) == []


def test_the_example_of_results_is_one() -> None:
    (example,) = (block.text for block in blocks(DOCS / "results.md") if block.language == "json")
    report = Report.model_validate_json(example)
    assert json.loads(report.model_dump_json()) == json.loads(example)


# --- commands ---

WALKED = {
    "docs/derivations.md": "tests/derivation/test_docs.py",
    "docs/exports.md": "tests/reports/test_exports_page.py",
    "docs/problems.md": "tests/test_docs.py",
    "docs/students.md": "tests/test_docs.py",
}
_INLINE = re.compile(r"`(?:\$ )?grade ([^`]+)`|^(?:\$ )?grade (.+)$", re.M)


def test_every_command_of_the_documentation_is_run_but_few() -> None:
    shell = [block for page in PAGES for block in blocks(page) if block.language == "sh"]
    left = [f"{block.page}:{block.line}" for block in shell if block.page not in WALKED and block.not_run is None]
    assert left == [], "neither run by a test nor said why not"
    assert [page for page, file in WALKED.items() if Path(page).name not in (ROOT / file).read_text("utf-8")] == []
    assert sum(block.not_run is not None for block in shell) <= 4


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_that_are_named_exist(page: Path) -> None:
    context = click.Context(main)
    for found in _INLINE.finditer(page.read_text("utf-8")):
        words = re.split(r"[\s=]+", (found[1] or found[2]).partition("#")[0])
        command = main.commands.get(words[0], main.commands[DEFAULT])
        known = {
            name for parameter in command.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)
        }
        unknown = {word for word in words if word.startswith("--")} - known - {"--version"}
        assert not unknown, f"{page.name}: {found[0]}"


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_generated_help_is_that_of_the_commands(page: Path) -> None:
    assert page.read_text("utf-8") == regenerated(page), f"run {REGENERATE}"


def test_the_readme_begins_with_its_two_commands() -> None:
    first = blocks(ROOT / "README.md")[0]
    assert [line.split()[0] for line in first.text.splitlines()] == ["python3", "python3"], "see .ci/run"


# --- links ---


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, name = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not name or name in anchors(target), link


_FILE = re.compile(r"`((?:docs|grader|tests|benchmarks|problems|reference|submissions|\.ci)/[\w./-]*)`")
MADE_UP = {
    "grader/checkers/mykind.py",
    "tests/checkers/test_mykind.py",
    "reference/proved.json",
    "problems/practice",
    "reference/practice",
    "submissions/dana",
    "submissions/dana/practice",
}


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = set(_FILE.findall(page.read_text("utf-8")))
    made = tuple(MADE_UP)
    assert sorted(name for name in named if not (ROOT / name).exists() and not name.startswith(made)) == []


def test_pictures_are_small_and_load_nothing() -> None:
    svg = (DOCS / "pictures/terminal.svg").read_text("utf-8")
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "@font-face" not in svg
    assert (DOCS / "pictures/report.png").stat().st_size < 150_000


# --- completion and help ---


def completed(*words: str) -> list[str]:
    shell = BashComplete(main, {}, "grade", "_GRADE_COMPLETE")
    return [f"{item.type} {item.value}" for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_completion_offers_commands_and_files(course: Path) -> None:
    assert {"plain check", "plain prove", "plain problems/"} <= set(completed(""))
    assert completed("pro") == ["plain prove", "plain problems/"]
    assert completed("prob") == ["file prob"], "the shell itself completes paths"
    assert "plain --json" in completed("--js")
    assert completed("submissions/alice", "--it") == ["plain --item"]
    assert completed("submissions/alice", "") == ["file "]
    assert completed("compare", "--kind", "r") == ["plain region"]


def test_bash_is_given_a_script() -> None:
    done = CliRunner().invoke(main, [], prog_name="grade", env={"_GRADE_COMPLETE": "bash_source"})
    assert "complete -o nosort -F _grade_completion grade" in done.output


@pytest.mark.parametrize("words", [["--bogus"], ["submissions", "--bogus"], ["submissions", "--help"]])
def test_the_name_of_the_unnamed_command_is_never_shown(words: list[str]) -> None:
    done = CliRunner().invoke(main, words, prog_name="grade")
    assert DEFAULT not in done.output
    assert "Usage: grade " in done.output
    assert done.exit_code == (0 if "--help" in words else 2)


def test_help_names_every_command_once() -> None:
    named = [name for names in SECTIONS.values() for name in names]
    assert sorted(named) == sorted(name for name, command in main.commands.items() if not command.hidden)


@pytest.mark.parametrize("name", [name for names in SECTIONS.values() for name in names])
def test_help_says_what_a_command_is_for_and_how_it_ends(name: str) -> None:
    said = CliRunner().invoke(main, [name, "--help"]).output
    assert re.search(r"Exit\s+status", said), name
    assert len(main.commands[name].get_short_help_str(400)) > 20
