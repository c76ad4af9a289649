"""What ``grade new`` writes: an item more, in files of which no other byte changes."""

from __future__ import annotations

import os
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SpecError, UsageError
from grader.grading import grade_submission
from grader.keys import ItemKey
from grader.loading.specs.course import load_course
from grader.loading.specs.schemas import first_line, schemas
from grader.marking import course_faults
from grader.spec import KINDS
from grader.submission import Response, Submission, Work
from grader.writing.planning import _shares, plan, question_of
from grader.writing.saving import save
from tests.course import real_course
from tests.loading.specs.editors import complaints
from tests.loading.specs.test_course import FILES, change, load, write


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    write(tmp_path)
    (tmp_path / "reference/secret").write_text("of our own\n")
    return tmp_path


def add(
    folder: Path, name: str, *kinds: str, points: str = "2", title: str | None = None, begun: str | None = None
) -> tuple[str, ...]:
    course = load_course(folder / "problems", folder / "reference", may_be_empty=True)
    planned = plan(course, name, kinds or ("numeric",), points, title, begun)
    save(planned.changes)
    return planned.said


def texts(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.yaml")}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quiz with a new question that has an item of every kind, 3a to 3j, and an old one that has them too."""
    folder = tmp_path_factory.mktemp("grown")
    write(folder)
    (folder / "reference/secret").write_text("of our own\n")
    for letter, kind in zip("abcdefghij", KINDS, strict=True):
        add(folder, f"quiz/3{letter}", kind)
        add(folder, f"quiz/2-{letter}", kind)
    return folder


# --- what is written ---


def test_every_kind_can_be_loaded_right_away(grown: Path) -> None:
    course = load(grown)
    assert course.faults == ()
    for question, name in ((1, "2-"), (2, "3")):
        items = course.assignments["quiz"].questions[question].items[-len(KINDS) :]
        assert [item.id for item in items] == [f"{name}{letter}" for letter in "abcdefghij"]
        assert [(item.main.name, item.fields[0].kind, item.points) for item in items if item.main] == [
            ("answer", kind, 2) for kind in KINDS
        ]


@pytest.mark.parametrize(("folder", "schema"), [("problems", "question"), ("reference", "key")])
def test_editors_find_nothing_wrong_with_any_kind(grown: Path, folder: str, schema: str) -> None:
    for number in (2, 3):
        text = (grown / folder / f"quiz/{number}.yaml").read_text()
        assert complaints(schemas()[schema], text) == []
        assert (text.split("\n")[0] == first_line(schema)) == (number == 3)


def test_lint_says_of_every_kind_what_is_to_be_filled_in_and_nothing_else(grown: Path) -> None:
    faults = course_faults(load(grown))
    assert {fault.message.partition(":")[0] for fault in faults} == {"still to be filled in"}
    for name in ("problems/quiz/3.yaml", "reference/quiz/3.yaml"):
        lines = (grown / name).read_text().split("\n")
        marked = {number for number, line in enumerate(lines, 1) if "TODO" in line}
        named = {fault.where.line for fault in faults if fault.where.file == grown / name}
        assert {number + lines[number - 1].endswith("|") for number in named} == marked, name


def test_several_fields_share_the_points(quiz: Path) -> None:
    add(quiz, "quiz/3a", "left=symbolic", "right=construct", "why=text", points="4")
    (item,) = load(quiz).assignments["quiz"].questions[2].items
    assert [(field.name, field.kind, field.worth) for field in item.fields] == [
        ("left", "symbolic", 2), ("right", "construct", 1), ("why", "text", 1),
    ]  # fmt: skip
    assert load(quiz).faults == ()


@given(st.fractions(0, 20, max_denominator=1).flatmap(lambda n: st.sampled_from([n, n / 2, n / 4])), st.integers(1, 6))
def test_shares_add_up(points: Fraction, count: int) -> None:
    shares = _shares(points, count)
    assert len(shares) == count
    assert sum(map(Fraction, shares)) == points


def test_what_was_there_stays_byte_for_byte(quiz: Path) -> None:
    before = texts(quiz)
    said = add(quiz, "quiz/1c", "choice", "why=text", points="1.5")
    after = texts(quiz)
    assert after.keys() == before.keys()
    for name in ("problems/quiz/1.yaml", "reference/quiz/1.yaml"):
        assert after[name].startswith(before[name])
    assert after["problems/quiz/assignment.yaml"] == before["problems/quiz/assignment.yaml"].replace(": 8", ": 9.5")
    assert "9.5 points instead of 8" in said[1]
    assert [after[n] == before[n] for n in ("problems/quiz/2.yaml", "reference/quiz/2.yaml")] == [True, True]


def test_points_are_not_rounded(quiz: Path) -> None:
    change(quiz, "problems/quiz/assignment.yaml", "points: 8", "points: 8.00")
    add(quiz, "quiz/1c", points="99999.125")
    assert load(quiz).assignments["quiz"].points == 100007.125


def test_places_are_those_of_the_entries(quiz: Path) -> None:
    said = add(quiz, "quiz/1c")
    for line, begins in zip(said, ("  - id: 1c", "points: 10", "1c:"), strict=True):
        file, number = line.split(": ")[0].rsplit(":", 1)
        assert Path(file).read_text().split("\n")[int(number) - 1].startswith(begins)


ODD = """\
# a comment that goes first

question:   1   # the first
items:
- id: 1a   # no indentation
  points: 2
  prompt: |+
    How many?

  answer: {kind: numeric,
           form: value}
  # what is still to come

# the title comes last
title: "Zahlen: 'eins'"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("tail", ["", "# done", "\n\n# done\n\n"])
def test_an_item_goes_into_the_middle_of_an_odd_file(quiz: Path, end: str, mark: str, tail: str) -> None:
    change(quiz, "problems/quiz/assignment.yaml", "points: 8", "points:   4.0 # in all")
    (quiz / "reference/quiz/1.yaml").write_bytes(f"{mark}1a: {{answer: 7}}{end}{tail}".encode())
    odd = (mark + (ODD + tail).replace("\n", end)).encode()
    (quiz / "problems/quiz/1.yaml").write_bytes(odd)
    add(quiz, "quiz/1b")
    now = (quiz / "problems/quiz/1.yaml").read_bytes()
    cut = now.index(b"- id: 1b") - len(end)
    entry = len(now) - len(odd)
    assert now[:cut] + now[cut + entry :] == odd
    assert now[cut + entry :].lstrip().startswith(b"# the title comes last")
    assert (quiz / "problems/quiz/assignment.yaml").read_text().split("\n")[1] == "points:   6 # in all"
    assert load(quiz).faults == ()
    assert [item.id for item in load(quiz).assignments["quiz"].questions[0].items] == ["1a", "1b"]
    assert b"\n" not in now.replace(end.encode(), b"")


@pytest.mark.parametrize(
    ("listed", "then"),
    [
        ("['1', '2']", "['1', '2', '3']"),
        ("[1, 2,]", "[1, 2, 3,]"),
        ("\n- 1\n- 2 # sets", "\n- 1\n- 2 # sets\n- 3"),
        ('\n  - "1"\n  - "2"', '\n  - "1"\n  - "2"\n  - "3"'),
    ],
)
def test_a_question_is_listed_as_the_others_are(quiz: Path, listed: str, then: str) -> None:
    change(quiz, "problems/quiz/assignment.yaml", "questions: [1, 2]", f"questions: {listed}")
    before = (quiz / "problems/quiz/assignment.yaml").read_text()
    add(quiz, "quiz/3a", title="It's new: #1")
    now = (quiz / "problems/quiz/assignment.yaml").read_text()
    assert now == before.replace(listed, then).replace("points: 8", "points: 10")
    assert load(quiz).assignments["quiz"].questions[2].title == "It's new: #1"


def test_keys_that_are_empty_or_missing_are_begun(quiz: Path) -> None:
    (quiz / "reference/quiz/2.yaml").write_text("# none yet")
    add(quiz, "quiz/2b")
    assert (quiz / "reference/quiz/2.yaml").read_text().startswith("# none yet\n2b:")
    shutil.rmtree(quiz / "reference/quiz")
    add(quiz, "quiz/2c")
    assert (quiz / "reference/quiz/2.yaml").read_text().startswith(first_line("key") + "\n2c:")


def test_every_question_of_the_course_takes_one_more() -> None:
    for assignment in real_course().assignments.values():
        for question in assignment.questions:
            name = f"{assignment.id}/{question.question}zz"
            for path, now in plan(real_course(), name, ["symbolic", "why=text"], "2", None).changes.items():
                assert path.name == "assignment.yaml" or now.startswith(path.read_bytes().rstrip())


# --- a key with gaps marks nobody ---


@pytest.mark.parametrize("text", ["TODO", "TODO the number", "7", "yes", "x < 1"])
def test_a_key_with_gaps_costs_no_student_a_point(grown: Path, text: str) -> None:
    responses = {f"3{letter}": {"answer": Response(text=text)} for letter in "abcdefghij"}
    work = Work(assignment="quiz", responses=responses)
    (result,) = grade_submission(Submission(name="dave", works=(work,)), load(grown)).assignments
    found = {item.id: item for item in result.items if item.id in responses}
    assert found.keys() == responses.keys()
    for item in found.values():
        assert item.status in ("error", "review")
        assert (item.score, item.pending) == (0, 2)


@pytest.mark.parametrize("part", ["mistakes", "tests", "prove"])
def test_a_gap_beside_the_key_keeps_nobody_from_marking(quiz: Path, part: str) -> None:
    key = {
        "prove": "answer: 7\n  prove: {reason: TODO}",
        "mistakes": "answer: 7\n  mistakes: [{when: 8, say: TODO}]",
        "tests": "answer: 7\n  tests: [{answer: TODO, score: 2}]",
    }
    (quiz / "reference/quiz/1.yaml").write_text(f"1a:\n  {key[part]}\n1b: {{left: r, right: r}}\n")
    (fault,) = course_faults(load(quiz))
    assert (fault.field.partition(".")[0], fault.message) == ("1a", "still to be filled in")
    key = load(quiz).keys["quiz"]["1a"]
    assert isinstance(key, ItemKey)
    assert (key.mistakes, key.tests, key.prove, key.misrouted) == ((), (), (), ())


def test_routes_of_other_fields_are_gone(quiz: Path) -> None:
    prove = "right: r * p(r)\n  prove: {left: {reason: TODO}, right: {value_of: r * p(r)}}"
    change(quiz, "reference/quiz/1.yaml", "right: r * p(r)", prove)
    key = load(quiz).keys["quiz"]["1b"]
    assert isinstance(key, ItemKey)
    assert [route.of for route in key.prove] == [("right",)]


def test_other_faults_are_told_beside_gaps(quiz: Path) -> None:
    change(quiz, "reference/quiz/1.yaml", "answer: 7", "answer: TODO")
    change(quiz, "reference/quiz/1.yaml", "credit: 1", "credit: some")
    change(quiz, "problems/quiz/2.yaml", "prompt: Which?", "prompt: TODO\n    promt: x")
    fields = {fault.field for fault in course_faults(load(quiz))}
    assert {"1a.answer", "1a.mistakes.1.credit", "2a.prompt", "2a.promt"} <= fields


# --- what is refused ---


@pytest.mark.parametrize(
    ("name", "kinds", "more", "said"),
    [
        ("quiz/1a", (), {}, "has an item 1a already"),
        ("quiz/1A", (), {}, "has an item 1a already, however written"),
        ("quizz/1c", (), {}, "did you mean 'quiz'"),
        ("1c", (), {}, "expected ASSIGNMENT/ITEM, such as quiz/8a"),
        ("quiz/", (), {}, "cannot be an item's id"),
        ("quiz/../x", (), {}, "expected ASSIGNMENT/ITEM"),
        ("quiz/..", (), {}, "cannot be an item's id"),
        ("quiz/1 c", (), {}, "cannot be an item's id"),
        ("quiz/1c\n", (), {}, "cannot be an item's id"),
        ("quiz/assignment1", (), {}, "a question cannot be called 'assignment'"),
        ("quiz/1c", ("numerc",), {}, "did you mean 'numeric'"),
        ("quiz/1c", ("numeric", "text"), {}, "two fields are called answer"),
        ("quiz/1c", ("tests=text",), {}, "a field cannot be called 'tests'"),
        ("quiz/1c", ("a b=text",), {}, "a field cannot be called 'a b'"),
        ("quiz/1c", (), {"points": "-1"}, "--points: expected a number"),
        ("quiz/1c", (), {"points": "1e3"}, "--points: expected a number"),
        ("quiz/1c", (), {"points": "nan"}, "--points: expected a number"),
        ("quiz/1c", (), {"title": "New"}, "question 1 has a title already"),
        ("ps2/1", (), {}, "there is no assignment 'ps2'; there are: quiz; to begin ps2, give it a title"),
        ("quiz/1c", (), {"begun": "Quiz"}, "--assignment-title is for a new assignment, and quiz is there already"),
        ("Quiz/1c", (), {"begun": "Quiz"}, "there is an assignment quiz already, however written"),
        ("schemas/1", (), {"begun": "Quiz"}, "an assignment cannot be called 'schemas'"),
        ("../1", (), {"begun": "Quiz"}, "an assignment cannot be called '..'"),
        ("_x/1", (), {"begun": "Quiz"}, "an assignment cannot be called '_x'"),
        ("ps2/1", (), {"begun": " "}, "--assignment-title: expected"),
    ],
)
def test_bad_requests_are_refused_and_change_nothing(quiz: Path, name: str, kinds, more, said: str) -> None:  # type: ignore[no-untyped-def]
    before = texts(quiz)
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        add(quiz, name, *kinds, **more)
    assert texts(quiz) == before


BRACKETS = "question: 2\ntitle: A\nitems: [{id: 2a, points: 2, prompt: b, answer: {kind: text}}]\n"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("problems/quiz/1.yaml", FILES["problems/quiz/1.yaml"].replace("question: 1", "question: 7"), "mend first"),
        ("problems/quiz/2.yaml", BRACKETS, "written in brackets"),
        ("reference/quiz/2.yaml", "{2a: {answer: [AR, VAE]}}\n", "written in braces"),
        ("reference/quiz/2.yaml", "2b: {answer: 7}\n", "has a key of 2b already"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_added_to_are_left_alone(quiz: Path, file: str, text: str, said: str) -> None:
    (quiz / file).write_text(text)
    before = texts(quiz)
    with pytest.raises(UsageError, match=said):
        add(quiz, "quiz/2b")
    assert texts(quiz) == before


@pytest.mark.parametrize("there", [True, False])
def test_an_assignment_begins_with_its_first_item(quiz: Path, there: bool) -> None:
    if not there:  # a new course: two empty folders
        for part in ("problems/quiz", "reference/quiz"):
            shutil.rmtree(quiz / part)
    before = texts(quiz)
    said = add(quiz, "ps2/1a", "numeric", "why=text", points="3", title="It's new", begun="Bob's\n'set': 2")
    assert [line.split(":")[0].removeprefix(f"{quiz}/") for line in said] == [
        "problems/ps2/1.yaml", "problems/ps2/assignment.yaml", "reference/ps2/1.yaml",
    ]  # fmt: skip
    assert before.items() <= texts(quiz).items()
    course = load(quiz)
    assert course.faults == ()
    begun = course.assignments["ps2"]
    assert (begun.title, begun.points, [item.id for item in begun.items]) == ("Bob's 'set': 2", 3, ["1a"])
    add(quiz, "ps2/2", "choice")
    assert load(quiz).assignments["ps2"].points == 5
    assert complaints(schemas()["assignment"], (quiz / "problems/ps2/assignment.yaml").read_text()) == []


def test_nothing_is_begun_beside_a_question_that_is_there(quiz: Path) -> None:
    (quiz / "problems/ps2").mkdir()
    (quiz / "problems/ps2/1.yaml").write_text("question: 1\n")
    with pytest.raises(UsageError, match="is there already"):
        add(quiz, "ps2/1a", begun="New")
    assert not (quiz / "reference/ps2").exists()


def test_a_file_that_is_there_but_not_listed_is_left_alone(quiz: Path) -> None:
    course = load(quiz)
    (quiz / "problems/quiz/3.yaml").write_text("question: 3\n")
    with pytest.raises(UsageError, match="is there already"):
        plan(course, "quiz/3a", ["numeric"], "2", None)


@pytest.mark.parametrize(
    ("item", "question"),
    [("8a", "8"), ("10a", "10"), ("1.2", "1"), ("6.7c", "6"), ("1", "1"), ("bonus2", "bonus"), ("warmup", "warmup")],
)
def test_an_item_belongs_to_the_question_that_it_begins_with(item: str, question: str) -> None:
    assert question_of(item, ["1", "6", "warm"]) == question


# --- all files or none ---


def test_a_file_that_cannot_be_replaced_leaves_all_as_they_were(quiz: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, replace, count = texts(quiz), Path.replace, [0]

    def failing(self: Path, target: Path) -> Path:
        count[0] += 1
        if count[0] == 3:
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(UsageError, match=r"No space left on device; nothing was changed"):
        add(quiz, "quiz/3a")
    assert texts(quiz) == before
    assert list(quiz.rglob("*.part")) == []


def test_a_folder_that_cannot_be_made_leaves_all_as_it_was(quiz: Path) -> None:
    shutil.rmtree(quiz / "reference/quiz")
    (quiz / "reference/quiz").write_text("no folder")
    before = texts(quiz)
    with pytest.raises((UsageError, SpecError)):
        add(quiz, "quiz/3a")
    assert texts(quiz) == before


def test_permissions_stay(quiz: Path) -> None:
    os.chmod(quiz / "reference/quiz/1.yaml", 0o600)
    add(quiz, "quiz/1c")
    assert (quiz / "reference/quiz/1.yaml").stat().st_mode & 0o777 == 0o600


def test_nothing_is_read_where_there_is_no_key_folder(quiz: Path) -> None:
    course = load_course(quiz / "problems", quiz / "reference")
    assert plan(course, "quiz/3a", ["numeric"], "2", None).changes.keys() == {
        quiz / "problems/quiz/3.yaml", quiz / "problems/quiz/assignment.yaml", quiz / "reference/quiz/3.yaml",
    }  # fmt: skip
