"""Problems and keys that are wrong: every fault is found, placed and worded; nothing else is touched by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import Fault, SpecError, UsageError
from grader.keys import ItemKey
from grader.loading.specs.course import Course, find_folder, load_course, reference_work
from grader.spec import NumericField, SelectField

HEAD = """\
title: Quiz
points: 8
questions: [1, 2]
policies: {selection: per-option}
"""
ONE = """\
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
"""
TWO = """\
question: 2
title: Sets
options: {models: {AR: [autoregressive], VAE: [], GAN: []}}
items:
  - id: 2a
    points: 2
    prompt: Which?
    answer: {kind: select, options: models}
"""
KEY_ONE = """\
1a:
  answer: 7
  mistakes:
    - {when: 8, credit: 1, say: One too many.}
  tests:
    - {answer: '7', score: 2, status: correct}
1b:
  left: r
  right: r * p(r)
"""
KEY_TWO = """\
2a: {answer: [AR, VAE]}
"""
FILES = {
    "problems/quiz/assignment.yaml": HEAD,
    "problems/quiz/1.yaml": ONE,
    "problems/quiz/2.yaml": TWO,
    "reference/quiz/1.yaml": KEY_ONE,
    "reference/quiz/2.yaml": KEY_TWO,
}


def write(folder: Path, **changes: str) -> None:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def load(folder: Path) -> Course:
    return load_course(folder / "problems", folder / "reference")


@pytest.fixture
def quiz(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text, (name, old)
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def faults_of(course: Course) -> list[Fault]:
    found = list(course.faults)
    for keys in course.keys.values():
        for key in keys.values():
            found += key.faults if isinstance(key, SpecError) else []
    return found


def test_the_quiz_is_right(quiz: Path) -> None:
    course = load(quiz)
    assert faults_of(course) == []
    assert [item.id for item in course.assignments["quiz"].items] == ["1a", "1b", "2a"]


def test_a_policy_of_the_assignment_holds_where_a_field_names_none(quiz: Path) -> None:
    field = load(quiz).assignments["quiz"].questions[1].items[0].fields[0]
    assert isinstance(field, SelectField)
    assert field.policy == "per-option"
    assert field.options == {"AR": ("autoregressive",), "VAE": (), "GAN": ()}


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "said"),
    [
        ("problems/quiz/1.yaml", "points: 2", "pionts: 2", 5, "did you mean 'points'"),
        ("problems/quiz/1.yaml", "kind: numeric", "kind: construct, arguments: [x]", 7, "'x' is no symbol of the item"),
        ("problems/quiz/1.yaml", "kind: numeric", "kind: region, variable: t", 7, "symbols: {t: {domain: real}}"),
        ("problems/quiz/1.yaml", "kind: numeric", "kind: numerc", 7, "did you mean 'numeric'"),
        ("problems/quiz/1.yaml", "points: 2", "points: two", 5, "expected a number instead of 'two'"),
        ("problems/quiz/1.yaml", "points: 2", "points: -2", 5, "expected a number of at least 0 instead of '-2'"),
        ("problems/quiz/1.yaml", "points: 2", "points: nan", 5, "expected a number of at least 0 instead of 'nan'"),
        ("problems/quiz/1.yaml", "points: 2", "points: 3", 0, "add up to 9, the assignment says 8"),
        ("problems/quiz/1.yaml", "points: 4", "points: 5", 0, "the fields' points add up to 4, the item has 5"),
        ("problems/quiz/1.yaml", "domain: positive", "domain: postive", 12, "'postive' is no domain"),
        ("problems/quiz/1.yaml", "arity: 1", "arity: one", 13, "expected a whole number instead of 'one'"),
        ("problems/quiz/1.yaml", "id: 1b", "id: 1a", 8, "1.yaml:4"),
        ("problems/quiz/1.yaml", "question: 1", "question: 3", 1, "expected question: 1 instead of 3"),
        ("problems/quiz/1.yaml", "    prompt: How many?\n", "", 4, "prompt: is missing"),
        ("problems/quiz/1.yaml", "answer: {kind: numeric}", "answer: numeric", 7, "expected a mapping"),
        ("problems/quiz/1.yaml", "answer: {kind: numeric}", "answr: {kind: numeric}", 4, "either answer:"),
        ("problems/quiz/1.yaml", "left: {", "prove: {", 0, "cannot be called 'prove'"),
        ("problems/quiz/1.yaml", "    points: 2\n", "    points: 2\n    points: 2\n", 6, "given twice"),
        ("problems/quiz/1.yaml", "title: Numbers", "title: [Numbers", 0, "quotes"),
        ("problems/quiz/1.yaml", "title: Numbers", "title: *numbers", 2, "alias"),
        ("problems/quiz/2.yaml", "options: models}", "options: modles}", 8, "'modles' names no set of options"),
        ("problems/quiz/2.yaml", "kind: select, ", "kind: select, policy: strict, ", 8, "'all-or-nothing'"),
        ("problems/quiz/assignment.yaml", "questions: [1, 2]", "questions: [1, 2, 3]", 0, "there is no such file"),
        ("problems/quiz/assignment.yaml", "questions: [1, 2]", "questions: [1]", 0, "is not among the questions"),
        ("problems/quiz/assignment.yaml", "points: 8", "points: 9", 2, "add up to 8, the assignment says 9"),
        ("problems/quiz/assignment.yaml", "points: 8\n", "", 1, "points: is missing"),
        ("problems/quiz/assignment.yaml", "[1, 2]", "\n  - 1\n  - 2\n  - 1", 6, "'1' stands twice: here and in line 4"),
        ("problems/quiz/1.yaml", "points: 2", "points: 1_0", 5, "expected a number instead of '1_0'"),
        ("problems/quiz/1.yaml", "points: 2", "points: " + 90 * "x", 5, f"'{60 * 'x'}…'"),
        (
            "problems/quiz/1.yaml",
            "left: {kind: symbolic, points: 2}",
            "left: {kind: symbolic}",
            15,
            "points: is missing",
        ),
        ("problems/quiz/1.yaml", "{kind: numeric}", "{kind: numeric, symbols: [x]}", 7, "expected a mapping"),
        ("problems/quiz/1.yaml", "kind: numeric", "kind: ~", 7, "kind: is missing"),
        ("problems/quiz/1.yaml", "kind: numeric", "kind: [a]", 7, "instead of a list"),
        ("problems/quiz/1.yaml", "id: 1b", "id: 1 b", 8, "expected an id of letters"),
        ("problems/quiz/1.yaml", "id: 1b", "id: 1A", 8, "stands twice: here and as 1a"),
        ("problems/quiz/1.yaml", "id: 1b", "id:", 8, "expected text instead of nothing"),
        ("problems/quiz/1.yaml", "      r: {", "      2r: {", 12, "'2r' is no name"),
        ("problems/quiz/1.yaml", "      r: {", "      log: {", 12, "has a meaning in every formula"),
        ("problems/quiz/1.yaml", "      r: {", "      r: {below: q, ", 12, "below: names 'q'"),
        ("problems/quiz/1.yaml", "      r: {", "      r: {below: r, ", 12, "in a circle: r < r"),
        ("problems/quiz/1.yaml", "domain: positive", "domain: '(0, 1/0)'", 12, "'(0, 1/0)' is no domain"),
        (
            "problems/quiz/1.yaml",
            "{kind: numeric}",
            "{kind: order, elements: [], size: T}",
            7,
            "1 or more of them instead of 0",
        ),
        ("problems/quiz/2.yaml", "options: models}", "options: [[a], [b]]}", 8, "expected a list of names"),
        ("problems/quiz/2.yaml", "options: models}", "options: [{a: b}, c]}", 8, "expected a list of names"),
        ("problems/quiz/2.yaml", "options: models}", "options: [a, a]}", 8, "'a' stands twice"),
        ("problems/quiz/2.yaml", "options: models}", "options: [a, ' A']}", 8, "names two options: 'a' and"),
        ("problems/quiz/2.yaml", "VAE: []", "VAE: [Autoregressive]", 3, "names two options: 'AR' and 'VAE'"),
        ("problems/quiz/2.yaml", "options: models}", "options: [a]}", 8, "2 or more of them instead of 1"),
        *(
            ("problems/quiz/1.yaml", "{kind: numeric}", f"{{kind: numeric, form: {form}}}", 7, said)
            for form, said in [
                ("no-summ", "unknown form rule 'no-summ' (did you mean 'no-sum'?); expected no-sum, no-product"),
                ("[exact, vlaue]", "(did you mean 'value'?)"),
                ("{exact: 3}", "exact costs 3, which is more than the field's 2 points"),
                ("{exact: half}", "expected a number of points or all instead of 'half'"),
                ("{exact: -1}", "expected a number of points or all instead of '-1'"),
                ("[exact, exact]", "the rule 'exact' stands twice"),
                ("size", "the rule size needs a limit: size: {at_most: 40}"),
                ("{size: 40}", "the rule size needs a limit"),
                ("{exact: {at_most: 4}}", "at_most: is for the rule size, not for exact"),
                ("{size: {at_most: 0}}", "expected a number of at least 1 instead of '0'"),
                ("{size: {at_most: 4, cost: 1}}", "unknown key 'cost' (did you mean 'costs'?)"),
                ("~", "expected the name of a form rule, a list of names, or"),
                ("[[exact]]", "expected the name of a form rule, a list of names, or"),
            ]
        ),
        ("problems/quiz/2.yaml", "options: models}", "options: models, form: exact}", 8, "unknown key 'form'"),
    ],
)
def test_a_fault_in_a_public_file(quiz: Path, file: str, old: str, new: str, line: int, said: str) -> None:
    change(quiz, file, old, new)
    course = load(quiz)
    assert course.assignments == {}
    assert any(said in fault.message for fault in course.faults), [str(f) for f in course.faults]
    assert len(course.faults) == len({(fault.where.line, fault.message) for fault in course.faults})
    if line:
        found = next(fault for fault in course.faults if said in fault.message)
        assert (found.where.file, found.where.line) == (quiz / file, line), str(found)


@pytest.mark.parametrize(
    ("file", "old", "new", "item", "said"),
    [
        ("reference/quiz/1.yaml", "  answer: 7\n", "  answr: 7\n", "1a", "did you mean 'answer'"),
        ("reference/quiz/1.yaml", "credit: 1", "credit: 3", "1a", "more than the 2 points"),
        (
            "reference/quiz/1.yaml",
            "credit: 1",
            "credit: all",
            "1a",
            "expected a number of points or review instead of 'all'",
        ),
        (
            "reference/quiz/1.yaml",
            "answer: 7",
            "answer: {value: 7, tolerance: '0.01'}",
            "1a",
            "expected exact, or one of",
        ),
        ("reference/quiz/1.yaml", "when: 8", "when: ~", "1a", "expected text, or a list of texts"),
        ("reference/quiz/1.yaml", "score: 2", "score: 3", "1a", "more than the 2 points"),
        ("reference/quiz/1.yaml", ", score: 2, status: correct", "", "1a", "expected score: or status:"),
        ("reference/quiz/1.yaml", "answer: '7', score", "score", "1a", "expected a response"),
        ("reference/quiz/1.yaml", "1a:\n", "1a:\n  score: 2\n", "1a", "no field 'score'"),
        ("reference/quiz/1.yaml", "1a:\n", "1a:\n  field: answer\n", "1a", "no field 'field'"),
        ("reference/quiz/2.yaml", "[AR, VAE]", "{must: [AR], may: [AR]}", "2a", "in both must: and may:"),
        ("reference/quiz/2.yaml", "[AR, VAE]", "'AR, foo'", "2a", "`foo` is none of the options"),
        ("reference/quiz/2.yaml", "{answer: [AR, VAE]}", "", "2a", "there is no key for item 2a"),
        ("reference/quiz/1.yaml", "say: One too many.", "sya: One too many.", "1a", "did you mean 'say'"),
        (
            "reference/quiz/1.yaml",
            "{when: 8, credit: 1, ",
            "{field: lft, when: 8, ",
            "1a",
            "expected field: with one of",
        ),
        ("reference/quiz/1.yaml", "status: correct", "status: right", "1a", "'correct'"),
        ("reference/quiz/1.yaml", "{answer: '7', ", "{anser: '7', ", "1a", "did you mean 'answer'"),
        ("reference/quiz/1.yaml", "  tests:\n    -", "  tests:\n     ", "1a", "expected a list"),
        ("reference/quiz/1.yaml", "answer: 7", "answer: {value: 7, tolerance: {relative: 2}}", "1a", "less than 1"),
        ("reference/quiz/1.yaml", "answer: 7", "answer: {value: 7, tolerance: {}}", "1a", "exactly one of"),
        *(
            ("reference/quiz/1.yaml", "answer: 7", f"answer: {{value: 7, tolerance: {given}}}", "1a", said)
            for given, said in [
                ("{interval: [8, 6]}", "expected the lower end first instead of [8, 6]"),
                ("{interval: 7}", "expected the two ends of an interval, such as [0.06, 0.07]"),
                ("{interval: [6, high]}", "expected a number instead of 'high'"),
                ("{interval: [6, 8], digits: 2}", "exactly one of relative, absolute, digits, interval"),
                ("{intervall: [6, 8]}", "did you mean 'interval'"),
            ]
        ),
        ("reference/quiz/1.yaml", "  left: r\n", "  left: {value: r, domain: deny}\n", "1b", "'accept', 'remark' or"),
        ("reference/quiz/1.yaml", "  left: r\n", "  left: {value: r, domian: remark}\n", "1b", "mean 'domain'"),
        ("reference/quiz/1.yaml", "1a:", "1aa:", "1a", "there is no key for item 1a"),
        ("reference/quiz/1.yaml", "  left: r\n", "  left: {value: r, points: 2}\n", "1b", "unknown key 'points'"),
        ("reference/quiz/2.yaml", "{answer: [AR, VAE]}", "[AR, VAE]", "2a", "expected a mapping"),
    ],
)
def test_a_fault_in_a_key_is_of_its_item_alone(quiz: Path, file: str, old: str, new: str, item: str, said: str) -> None:
    change(quiz, file, old, new)
    keys = load(quiz).keys["quiz"]
    broken = keys.pop(item)
    assert isinstance(broken, SpecError)
    assert any(said in fault.message for fault in broken.faults), str(broken)
    assert all(fault.where.file == quiz / file for fault in broken.faults)
    assert all(isinstance(key, ItemKey) for key in keys.values())


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("value", {"value": ("all", None)}),
        ("[value, exact]", {"value": ("all", None), "exact": ("all", None)}),
        ("{value: 1, exact: all}", {"value": (1.0, None), "exact": ("all", None)}),
        ("{exact: {costs: 0.5}}", {"exact": (0.5, None)}),
        ("{size: {at_most: 40}}", {"size": ("all", 40)}),
        ("{size: {at_most: 40, costs: 1}}", {"size": (1.0, 40)}),
        ("{}", {}),
    ],
)
def test_form_rules_may_be_written_short(
    quiz: Path, written: str, rules: dict[str, tuple[float | str, int | None]]
) -> None:
    change(quiz, "problems/quiz/1.yaml", "{kind: numeric}", f"{{kind: numeric, form: {written}}}")
    field = load(quiz).assignments["quiz"].items[0].fields[0]
    assert isinstance(field, NumericField)
    assert {name: (rule.costs, rule.at_most) for name, rule in field.form.items()} == rules


def test_a_policy_for_domains_and_an_interval_are_read(quiz: Path) -> None:
    change(quiz, "reference/quiz/1.yaml", "  left: r\n", "  left: {value: r, domain: remark}\n")
    change(quiz, "reference/quiz/1.yaml", "answer: 7", "answer: {value: 7, tolerance: {interval: [6.5, 7.5]}}")
    keys = load(quiz).keys["quiz"]
    assert isinstance(keys["1a"], ItemKey)
    assert isinstance(keys["1b"], ItemKey)
    assert keys["1b"].fields["left"].domain == "remark"  # type: ignore[attr-defined]
    assert keys["1a"].fields["answer"].tolerance.interval == (6.5, 7.5)  # type: ignore[attr-defined]


def test_all_faults_of_all_files_are_found_at_once(quiz: Path) -> None:
    change(quiz, "problems/quiz/1.yaml", "kind: numeric", "kind: numerc")
    change(quiz, "problems/quiz/1.yaml", "domain: positive", "domain: postive")
    change(quiz, "problems/quiz/2.yaml", "title: Sets", "titel: Sets")
    change(quiz, "reference/quiz/1.yaml", "answer: 7", "answr: 7")
    change(quiz, "reference/quiz/2.yaml", "answer: [AR, VAE]", "answer: [AR, VAE")
    (quiz / "problems/quiz/9.yaml").write_text("question: 9\n")
    said = "\n".join(map(str, load(quiz).faults))
    for part in ("1.yaml:7", "titel", "9.yaml"):
        assert part in said, said


def test_a_fault_of_the_head_hides_none_of_the_questions(quiz: Path) -> None:
    change(quiz, "problems/quiz/assignment.yaml", "title: Quiz", "titel: Quiz")
    change(quiz, "problems/quiz/1.yaml", "kind: numeric", "kind: numerc")
    change(quiz, "problems/quiz/1.yaml", "domain: positive", "domain: postive")
    change(quiz, "reference/quiz/2.yaml", "[AR, VAE]", "'AR, foo'")
    said = "\n".join(map(str, load(quiz).faults))
    for part in ("'titel'", "'numerc'", "'postive'", "`foo`"):
        assert part in said, said


def test_what_fields_share_is_reported_once_and_where_it_stands(quiz: Path) -> None:
    change(quiz, "problems/quiz/1.yaml", "domain: positive", "domian: positive")
    change(quiz, "problems/quiz/1.yaml", "points: 2", "points: two")
    found = [(fault.where.line, fault.field) for fault in load(quiz).faults]
    assert found == [(5, "1a.points"), (12, "1b.symbols.r.domian")]


def test_symbols_of_a_field_are_reported_in_its_line(quiz: Path) -> None:
    own = "left: {kind: symbolic, points: 2, symbols: {q: {domian: real}}}"
    change(quiz, "problems/quiz/1.yaml", "left: {kind: symbolic, points: 2}", own)
    assert [(fault.where.line, fault.field) for fault in load(quiz).faults] == [(15, "1b.left.symbols.q.domian")]


def test_a_named_set_of_options_is_reported_once_and_where_it_stands(quiz: Path) -> None:
    change(quiz, "problems/quiz/2.yaml", "GAN: []", "GAN: no")
    assert [(fault.where.line, fault.field) for fault in load(quiz).faults] == [(3, "options.models.GAN")]


@pytest.mark.parametrize(
    ("written", "must"),
    [("'VAE, AR'", ("AR", "VAE")), ("all", ("AR", "VAE", "GAN")), ("none", ()), ("GAN", ("GAN",)), ("[]", ())],
)
@pytest.mark.parametrize("form", ["{}", "{{must: {}}}"])
def test_a_key_of_options_is_read_like_a_response(quiz: Path, written: str, must: tuple[str, ...], form: str) -> None:
    change(quiz, "reference/quiz/2.yaml", "[AR, VAE]", form.format(written))
    key = load(quiz).keys["quiz"]["2a"]
    assert isinstance(key, ItemKey)
    assert key.fields["answer"].must == must  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [None, "", "{}\n"])
def test_what_only_a_human_reads_needs_no_key(quiz: Path, text: str | None) -> None:
    change(quiz, "problems/quiz/2.yaml", "{kind: select, options: models}", "{kind: text}")
    (quiz / "reference/quiz/2.yaml").unlink()
    if text is not None:
        (quiz / "reference/quiz/2.yaml").write_text(text)
    assert faults_of(load(quiz)) == []


def test_files_that_nobody_reads_are_named_and_stop_nothing(quiz: Path) -> None:
    for name in ("reference/quiz/3.yaml", "reference/quizz/1.yaml", "problems/quiz/4.yml", "problems/more/1.yaml"):
        (quiz / name).parent.mkdir(exist_ok=True)
        (quiz / name).write_text("a: 1\n")
    course = load(quiz)
    found = [str(fault.where.file.relative_to(quiz)) for fault in course.faults]
    assert sorted(found) == ["problems/more", "problems/quiz/4.yml", "reference/quiz/3.yaml", "reference/quizz"]
    assert list(course.assignments) == ["quiz"]


def test_a_secret_that_cannot_be_read_is_a_fault_and_stops_nothing(quiz: Path) -> None:
    secret = quiz / "reference" / "secret"
    secret.write_bytes(b"\xff\xfe")
    assert [fault.where.file for fault in load(quiz).faults] == [secret]
    secret.unlink()
    secret.mkdir()
    course = load(quiz)
    assert [fault.where.file for fault in course.faults] == [secret]
    assert list(course.assignments) == ["quiz"]


def test_reference_code_that_is_not_utf8_is_read_all_the_same(quiz: Path) -> None:
    (quiz / "reference/quiz/sample.py").write_bytes(b"# caf\xe9\n")
    (quiz / "reference/quiz/folder.py").mkdir()
    course = load(quiz)
    assert reference_work(course, course.assignments["quiz"]).code == {"sample.py": "# caf\ufffd\n"}


def test_keys_mistakes_and_tests_know_their_lines(quiz: Path) -> None:
    key = load(quiz).keys["quiz"]["1a"]
    assert isinstance(key, ItemKey)
    placed = (key, key.fields["answer"], *key.mistakes, *key.tests)
    assert [entry.where.line for entry in placed] == [1, 2, 4, 6]
    assert key.fields["answer"].label == "1a.answer"


def test_a_key_for_an_item_that_is_not_there_is_named(quiz: Path) -> None:
    with (quiz / "reference/quiz/1.yaml").open("a") as file:
        file.write("1z: {answer: 3}\n")
    (fault,) = load(quiz).faults
    assert "no item '1z'" in fault.message


def test_no_problems_is_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no assignment"):
        load_course(tmp_path, None)


def test_folders_are_found_upwards(quiz: Path) -> None:
    below = quiz / "a" / "b"
    below.mkdir(parents=True)
    found = find_folder("problems", below)
    assert found is not None
    assert (below / found).resolve() == (quiz / "problems").resolve()
    assert find_folder("nowhere-at-all", below) is None
