"""What instructors type: ``grade lint``, ``grade new``, ``grade test``, ``grade schema``, and what they read then."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.loading.specs.course import load_course
from grader.loading.specs.schemas import schemas
from grader.marking import course_faults
from tests.loading.specs.test_course import change, write

HEAD = "title: Quiz\npoints: 14\nquestions: ['1']\n"
PROBLEM = """\
question: 1
title: Numbers
items:
  - id: 1a
    points: 2
    prompt: How many?
    answer: {kind: numeric}
  - id: 1b
    points: 4
    prompt: Which function?
    symbols:
      r: {domain: positive}
      p: {arity: 1, domain: nonnegative}
    fields:
      left: {kind: symbolic, points: 2}
      right: {kind: symbolic, points: 2}
  - id: 1c
    points: 2
    prompt: Which models?
    answer: {kind: select, options: [AR, VAE, GAN]}
  - id: 1d
    points: 2
    prompt: Show it.
    answer:
      kind: derivation
      world:
        variables: {x: {}, z: {}}
        distributions: ['p(x, z)']
      claim: '\\sum_z p(x, z) = p(x)'
  - id: 1e
    points: 2
    prompt: Write it.
    answer: {kind: code, file: sample.py, function: sample, checks: {sample-type: 1}}
  - id: 1f
    points: 2
    prompt: Yes?
    answer: {kind: choice, options: yes/no}
"""
KEY = """\
1a:
  answer: 7
  prove: {value_of: 3 + 4}
  mistakes:
    - {when: 8, credit: 1, say: One too many.}
  tests:
    - {answer: '7', score: 2, status: correct}
1b:
  left: r
  right: r * p(r)
  prove:
    left: {derivative_of: r^2/2, with_respect_to: r}
1c:
  answer: [AR, VAE]
1d:
  answer:
    value: '\\sum_z p(x, z) = \\sum_z p(x) p(z | x) = p(x)'
1e:
  answer: {checks: {sample-support: 1}}
1f:
  answer: yes
"""
P, K, H = "problems/quiz/1.yaml", "reference/quiz/1.yaml", "problems/quiz/assignment.yaml"


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def quiz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small course with many kinds; the working directory."""
    beside = (("reference/secret", "of our own\n"), ("reference/quiz/sample.py", "def sample(): ...\n"))
    for name, text in ((P, PROBLEM), (K, KEY), (H, HEAD), *beside):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- grade lint ---

SLIPS = [
    (P, "points: 2", "pionts: 2", 5, ("unknown key 'pionts'", "'points'")),
    (P, "points: 2", "points: two", 5, ("expected a number instead of 'two'",)),
    (P, "    points: 2\n    prompt: How", "   points: 2\n    prompt: How", 5, ("mixed at one level",)),
    (P, "    points: 2", "\tpoints: 2", 5, ("indented with a tab",)),
    (P, "    points: 2\n", "    points: 2\n    points: 3\n", 6, ("given twice: here and in line 5",)),
    (P, "kind: numeric", "kind: number", 7, ("unknown kind 'number'", "'numeric'")),
    (P, "kind: numeric}", "form: value}", 7, ("kind: is missing",)),
    (P, "left: {kind: symbolic, points: 2}", "left: {kind: symbolic, points: 1}", 8, ("add up to 3, the item has 4",)),
    (P, "left: {kind: symbolic, points: 2}", "left: {kind: symbolic}", 15, ("points: is missing",)),
    (H, "14", "15", 2, ("add up to 14, the assignment says 15",)),
    (H, "['1']", "['1', '1']", 3, ("'1' stands twice",)),
    (H, "['1']", "1", 3, ("expected a list instead of '1'",)),
    (P, "r: {domain", "log: {domain", 12, ("'log' has a meaning in every formula",)),
    (P, "domain: positive", "domain: postive", 12, ("'postive' is no domain (did you mean 'positive'?)",)),
    (P, "claim: '\\sum_z p", "claim: '\\sum_z q", 29, ("`q` is no name known here",)),
    (P, "variables: {x: {}", "variables: {x: {size: [2]}", 27, ("unknown key 'size'", "'sizes'")),
    (P, "sample-type", "sample-typ", 33, ("there is no test 'sample-typ'", "'sample-type'")),
    (P, "sample.py", "sample", 33, ("expected the name of a Python file",)),
    (P, "GAN]", "GAN], policy: peroption", 20, ("instead of 'peroption' (did you mean 'per-option'?)",)),
    (P, "{kind: numeric}", "{kind: numeric", 7, ("brace that is not closed",)),
    (P, "{kind: numeric}", "{kind: numeric}}", 7, ("text after a closing quote or bracket",)),
    (P, "id: 1b", "id: 1a", 8, ("the item stands twice",)),
    (P, "id: 1b", "id: 1A", 8, ("the item stands twice: here and as 1a",)),
    (P, "prompt: How many?", "prompt: Hint: how many?", 6, ("a ': ' inside a text",)),
    (P, "prompt: How many?", "prompt: 'How many?", 6, ("a quote",)),
    (P, "prompt: How many?", "prompt: `f` is what?", 6, ("cannot begin with",)),
    (P, "    prompt: How many?\n", "", 4, ("prompt: is missing",)),
    (P, "{kind: numeric}", "numeric", 7, ("expected a mapping (name: value) instead of 'numeric'",)),
    (P, "{kind: numeric}", "{kind: numeric, form: lowest-term}", 7, ("did you mean 'lowest-terms'",)),
    (P, "options: yes/no", "options: yes-no", 37, ("'yes-no' names no set of options",)),
    (P, "question: 1", "question: 2", 1, ("expected question: 1 instead of 2",)),
    (K, "left: r", 'left: "\\frac{1}{r}"', 9, ("in double quotes", "single quotes")),
    (K, "1c:\n  answer: [AR, VAE]\n", "", 1, ("there is no key for item 1c",)),
    (K, "  left: r\n", "", 8, ("there is no key for this field",)),
    (K, "left: r", "lefft: r", 9, ("item 1b has no field 'lefft'", "'left'")),
    (K, "1c:", "1cc:", 13, ("question 1 has no item '1cc'", "'1c'")),
    (K, "when: 8", "when: 14/2", 5, ("the mistake '14/2' is right by the key",)),
    (K, "when: 8", "when: 8)", 5, ("cannot be read", "only these very words")),
    (K, "when: 8", "wen: 8", 5, ("unknown key 'wen'", "'when'")),
    (K, "credit: 1", "credit: 3", 5, ("3 is more than the 2 points of answer",)),
    (K, "say: One too many.", "say: Sorry, one too many.", 5, ("a comma ends a text", "single quotes")),
    (K, "say: One too many.", "say: 'Don't.'", 5, ("a quote",)),
    (K, "when: 8, ", "when: 8 ", 5, ("a comma that is missing",)),
    (K, "{answer: '7', score: 2", "{answer: '6', score: 2", 7, ("expected correct, 2; got incorrect, 0",)),
    (K, ", score: 2, status: correct", "", 7, ("expected score: or status:",)),
    (K, "status: correct", "status: corect", 7, ("instead of 'corect' (did you mean 'correct'?)",)),
    (K, "{answer: '7'", "{anwser: '7'", 7, ("no field 'anwser'", "'answer'")),
    (K, "mistakes:", "mistake:", 4, ("did you mean 'mistakes'",)),
    (K, "right: r * p(r)", "right: s * p(r)", 10, ("`s` is no name known here",)),
    (K, "value_of: 3", "valu_of: 3", 3, ("no route", "'value_of'")),
    (K, "    left: {deriv", "    lft: {deriv", 12, ("no field of item 1b", "'left'")),
    (K, "[AR, VAE]", "[AR, VAE", 14, ("bracket or brace that is not closed",)),
    (K, "[AR, VAE]", "[AR, VEA]", 14, ("'VEA' is none of the options AR, VAE, GAN",)),
    (K, "answer: yes", "answer: maybe", 21, ("none of the options yes, no",)),
    (K, "answer: 7", "answer: {value: 7, tolerance: 0.1}", 2, ("{digits: 3}", "instead of '0.1'")),
    (K, "sample-support: 1", "sample-support: 2", 19, ("add up to 3, the field has 2",)),
    (
        P,
        "prompt: How many?",
        "prompt: How many # of them?",
        6,
        ("ends at 'How many'", "'# of them?' is dropped", "quotes"),
    ),
    (K, "say: One too many.}", "say: One # too many\n      }", 5, ("ends at 'One'", "'# too many' is dropped")),
    (K, "when: 8", "field: anwser, when: 8", 5, ("one of answer instead of 'anwser' (did you mean 'answer'?)",)),
    (P, "  - id: 1f", "    id: 1f", 34, ("given twice", "or begin another element of the list with '- '")),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "said"), SLIPS, ids=lambda part: str(part)[:24])
def test_a_slip_is_named_with_its_place_and_what_was_meant(
    quiz: Path, file: str, old: str, new: str, line: int, said: tuple[str, ...]
) -> None:
    change(quiz, file, old, new)
    found = [str(fault) for fault in course_faults(load_course(Path("problems"), Path("reference")))]
    assert any(text.startswith(f"{file}:{line}: ") and all(part in text for part in said) for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("quiz/1.yaml", "quiz/1.yml", ("problems/quiz/1.yaml: there is no such file", "problem files end in .yaml")),
        ("../reference/quiz/1.yaml", "../reference/quiz/9.yaml", ("belongs to no question of quiz",)),
        ("../reference/quiz", "../reference/quizz", ("belongs to no assignment (did you mean 'quiz'?)",)),
    ],
)
def test_files_in_wrong_places_are_named(quiz: Path, old: str, new: str, said: tuple[str, ...]) -> None:
    (quiz / "problems" / old).rename(quiz / "problems" / new)
    done = grade("lint")
    assert done.exit_code == 2
    assert all(part in done.stderr for part in said), done.stderr


def test_everything_is_said_at_once_in_order_and_counted(quiz: Path) -> None:
    assert grade("lint").stdout == "1 assignment, 6 items: nothing wrong found\n"
    for file, old, new in [(P, "arity: 1", "arity: x"), (K, "when: 8", "wen: 8"), (H, "title: Quiz", "titel: Quiz")]:
        change(quiz, file, old, new)
    done = grade("lint")
    assert done.exit_code == 2
    *lines, count = done.stderr.splitlines()
    assert len(set(lines)) == len(lines)
    places = [(line.split(":")[0], int(line.split(":")[1])) for line in lines]
    assert places == sorted(places)
    assert count == f"{len(lines)} faults"
    assert [any(line.startswith(f) for line in lines) for f in (P, H)] == [True, True]


# --- grade new ---


def test_an_item_is_written_filled_in_and_tested(quiz: Path) -> None:
    done = grade("new", "quiz/2a", "--kind", "numeric", "--title", "Sums")
    assert done.exit_code == 0, done.output
    assert [line.split(": ")[0] for line in done.stdout.splitlines()] == [
        "problems/quiz/2.yaml:5", "problems/quiz/assignment.yaml:2", "reference/quiz/2.yaml:2",
    ]  # fmt: skip
    assert "grade schema" in done.stderr
    done = grade("lint")
    assert done.exit_code == 2
    assert "problems/quiz/2.yaml:7: 2a.prompt: still to be filled in" in done.stderr
    assert grade("test", "2a").exit_code == 2
    fill(quiz)
    assert grade("lint").exit_code == 0
    done = grade("test", "quiz/2a")
    assert done.exit_code == 0
    assert "7 passed" in done.stdout


def fill(folder: Path) -> None:
    """As a person would, line by line."""
    with_prompt = (folder / "problems/quiz/2.yaml").read_text().replace("TODO", "How much is 2 + 2?")
    (folder / "problems/quiz/2.yaml").write_text(with_prompt)
    key = (folder / "reference/quiz/2.yaml").read_text()
    responses = iter(["4", "2^2", "8/2", "5", "3", "0", "four"])
    key = re.sub(r"answer: TODO (a|one|another) [^,]*", lambda _: f"answer: '{next(responses)}'", key)
    key = key.replace("TODO the number", "4").replace("{reason: TODO", "{value_of: 2 + 2} # {")
    key = key.replace("when: TODO a wrong answer", "when: 22").replace("TODO what helps", "What helps")
    (folder / "reference/quiz/2.yaml").write_text(key)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("quiz/1a", "--kind", "numeric"), "grade: quiz has an item 1a already"),
        (("quiz/2a", "--kind", "numerc"), "did you mean 'numeric'"),
        (("quiz/2a",), "Missing option '--kind'"),
    ],
)
def test_what_cannot_be_new_is_told_in_a_sentence(quiz: Path, arguments: tuple[str, ...], said: str) -> None:
    done = grade("new", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


# --- grade test ---


def test_marking_tests_are_compared_and_counted(quiz: Path) -> None:
    change(quiz, K, "    - {answer: '7'", "    - {answer: '8', score: 2}\n    - {answer: '7'")
    done = grade("test", "1a")
    assert done.exit_code == 1
    for part in ("1 passed, 1 failed", "expected  any status 2", "partial", "One too many.", f"{K}:7"):
        assert part in done.stdout, done.stdout
    assert "answer: 7" not in done.stdout
    assert "answer: 7" in grade("test", "1a", "--verbose").stdout
    assert grade("test", "1c").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("9z",), "there is no item '9z'"), (("--assignment", "x"), "there is no assignment 'x'; there are: quiz")],
)
def test_what_is_not_there_cannot_be_tested(quiz: Path, arguments: tuple[str, ...], said: str) -> None:
    done = grade("test", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_an_interrupted_run_says_how_far_it_came(quiz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader import marking

    try_item = marking.try_item

    def slow(course: object, assignment: str, item: object) -> object:
        if getattr(item, "id", "") == "1c":
            raise KeyboardInterrupt
        return try_item(course, assignment, item)  # type: ignore[arg-type]

    monkeypatch.setattr(marking, "try_item", slow)
    done = grade("test")
    assert done.exit_code == 130
    assert "interrupted: 2 of 6 items were tested" in done.stderr
    assert "1 marking test of 1 item: all passed" in done.stdout


# --- grade schema ---


def test_schemas_are_written_where_files_look_for_them(quiz: Path) -> None:
    done = grade("schema")
    assert done.exit_code == 0
    assert done.stdout.split() == [
        "problems/schemas/assignment.json", "problems/schemas/question.json", "reference/schemas/key.json",
    ]  # fmt: skip
    assert json.loads((quiz / "reference/schemas/key.json").read_text()) == schemas()["key"]
    assert grade("lint").exit_code == 0


def test_a_schema_is_printed_or_written_elsewhere(quiz: Path) -> None:
    assert json.loads(grade("schema", "question").stdout) == schemas()["question"]
    assert grade("schema", "--out", "elsewhere").exit_code == 0
    assert {path.name for path in (quiz / "elsewhere").iterdir()} == {"assignment.json", "question.json", "key.json"}
    done = grade("schema", "answers")
    assert done.exit_code == 2
    assert "expected one of assignment, question, key" in done.stderr
    assert not (quiz / "problems/schemas").exists()


def test_only_public_schemas_where_there_are_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    (tmp_path / "reference").rename(tmp_path / "private")
    monkeypatch.chdir(tmp_path)
    assert grade("schema").exit_code == 0
    assert not (tmp_path / "reference").exists()


def test_a_fault_in_a_question_hides_none_in_the_keys_of_its_other_items(quiz: Path) -> None:
    change(quiz, P, "kind: numeric", "kind: numerc")
    change(quiz, K, "left: r", "lefft: r")
    said = grade("lint").stderr
    assert f"{P}:7: 1a.answer: unknown kind" in said
    assert f"{K}:9: 1b.lefft: item 1b has no field" in said
    assert "question 1 has no item" not in said
