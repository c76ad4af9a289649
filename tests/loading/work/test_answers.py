from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.loading.work.answers import read_submission
from grader.spec import Assignment

Read = Callable[..., Any]
Reread = Callable[[], Any]


# --- headings and items, as all formats share them


def test_understood_headings_are_remarked_and_exact_ones_are_not(read: Read) -> None:
    seen = read(md="## Question 2 (c)\nno\n## 3.1: Density\n1\n## 2E\np: yes")
    assert seen.texts == {"2c": {"answer": "no"}, "3.1": {"answer": "1"}, "2e": {"p": "yes"}}
    assert seen.remarks("2c") == "read 'Question 2 (c)' (answers.md:1) as item 2c"
    assert seen.remarks("2e") == "read '2E' (answers.md:5) as item 2e"
    assert seen.remarks("3.1") == ""


def test_parts_below_their_question(read: Read) -> None:
    seen = read(md="# Question 2\n## (c)\nno\n## (e)\np: yes\n# Question 3\n## 1\n5\n# 1\na = b\n")
    assert seen.texts == {"2c": {"answer": "no"}, "2e": {"p": "yes"}, "3.1": {"answer": "5"}, "1": {"answer": "a = b"}}


def test_an_unknown_item_makes_the_nearest_malformed_if_that_is_unanswered(read: Read) -> None:
    seen = read(md="## 3.1\n1\n## 2f\np: yes\np_T: no\n## 3.10\n7\n## 9z\nx")
    assert "'2f' (answers.md:3) is no item of quiz; the nearest is 2e" in seen.problem("2e", "p")
    assert seen.texts["2e"] == {"p": "yes", "p_T": "no"}
    assert "the nearest is 3.1" in seen.remarks()
    assert not seen.problem("3.1")
    assert "'9z' (answers.md:8) is no item of quiz" in seen.remarks()


def test_unknown_keys_in_yaml(read: Read) -> None:
    seen = read(yaml="3.I: 1/15\nname: Alice\n2f: no\n")
    assert "'3.I' (answers.yaml:1) is no item of quiz; the nearest is" in seen.remarks()
    assert "'name' (answers.yaml:2) is no item of quiz" in seen.remarks()
    assert any(r.problem for r in seen.work.responses["2e"].values())


def test_titles_close_items_and_their_text_belongs_to_none(read: Read) -> None:
    seen = read(md="# Quiz\nmy name\n## 2c\nno\n## Notes\nnot an answer\n## 3.1\n1\n# Thanks\n")
    assert seen.texts == {"2c": {"answer": "no"}, "3.1": {"answer": "1"}}
    assert seen.remarks() == "the text under 'Notes' (answers.md:5) belongs to no item"


def test_deeper_headings_stay_in_the_response(read: Read) -> None:
    seen = read(md="## 1\na\n### Step one\nb\n### 2. Step two\nc\n### 1a\nd\n#### 3 cases\ne\n## 2c\nno")
    assert seen.texts["1"]["answer"] == "a\n### Step one\nb\n### 2. Step two\nc\n### 1a\nd\n#### 3 cases\ne"
    assert set(seen.texts) == {"1", "2c"}
    assert read(md="## 3.1\n1/15\n### 1. A check\nb\n").texts == {"3.1": {"answer": "1/15\n### 1. A check\nb"}}


def test_deeper_headings_that_are_items_open_them(read: Read) -> None:
    assert set(read(md="# 1\na\n## 2c\nno\n### 3.1\n1\n").texts) == {"1", "2c", "3.1"}


def test_a_heading_named_like_a_field_opens_it(read: Read) -> None:
    seen = read(md="## 3.2\n### mu_2\n|x|\n### Why\nit folds\n## 2c\n### Answer\nno\n")
    assert seen.texts == {"3.2": {"mu_2": "|x|", "why": "it folds"}, "2c": {"answer": "no"}}


def test_text_without_any_item_is_not_blank(read: Read) -> None:
    for form in ("md", "tex"):
        ((status, text),) = read(**{form: "1/15, no, yes"}).troubles
        assert status == "malformed"
        assert f"answers.{form}: no item was found" in text
        read(**{form: ""})


def test_remarks_come_to_an_end(read: Read) -> None:
    seen = read(md="## 3.1\n1\n" + "".join(f"## {n}z\nx\n" for n in range(5000)))
    assert len(seen.work.remarks) == 101
    assert "more to remark" in seen.remarks()


def test_headings_come_to_an_end(read: Read) -> None:
    seen = read(md="## 3.1\n1\n" + "# a\n" * 20_000)
    assert "only the first 10000 headings" in seen.troubles[0][1]


# --- several files


def test_two_answer_files_are_merged_with_a_remark(read: Read) -> None:
    seen = read(md="## 2c\nno\n## 3.1\n1/15", yaml="3.1: 1/15\n2e: {p: yes}\n2c: {answer: yes}\n")
    assert seen.texts == {"2c": {"answer": "yes\nno"}, "2e": {"p": "yes"}, "3.1": {"answer": "1/15"}}
    assert "answers in several files, answers.yaml and answers.md;" in seen.remarks()
    assert seen.problem("2c") == "answered twice, differently: answers.yaml:3 and answers.md:1"
    assert "given twice with the same text (answers.yaml:1 and answers.md:3)" in seen.remarks("3.1")
    assert not seen.problem("3.1")


def test_code_files(read: Read, reread: Reread, tmp_path: Path, notebook: Callable[..., str]) -> None:
    (tmp_path / "submission").mkdir()
    for name, text in {
        "a.py": "1\r\n2",
        "b.py": "x",
        "submission/b.py": "x\n",
        "submission/a.py": "3",
        "notes.txt": "",
    }.items():
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "submission" / "__init__.py").touch()
    seen = read(ipynb=notebook("# file: b.py\ny", "# file: a.py\n1\n2\n", "# file: c.py\nz"))
    assert seen.work.code == {"a.py": "1\n2", "b.py": "x", "__init__.py": "", "c.py": "z"}
    assert "a.py and submission/a.py differ; a.py counts" in seen.remarks()
    assert "b.py and answers.ipynb, cell 1 differ; the file counts" in seen.remarks()
    assert "cell 2" not in seen.remarks()


def test_code_alone_is_fine(reread: Reread, tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text("x")
    assert reread().clean


def test_an_answers_file_in_other_case(reread: Reread, tmp_path: Path) -> None:
    (tmp_path / "Answers.MD").write_text("## 3.1\n1")
    seen = reread()
    assert seen.texts == {"3.1": {"answer": "1"}}
    assert seen.remarks() == "Answers.MD was read as answers.md"


def test_an_answers_file_under_another_name_is_not_blank(reread: Reread, tmp_path: Path) -> None:
    (tmp_path / "midterm.ipynb").write_text("{}")
    ((status, text),) = reread().troubles
    assert status == "malformed"
    assert "found 'midterm.ipynb'" in text


def test_an_empty_folder_is_remarked(reread: Reread, tmp_path: Path) -> None:
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".notes.md").touch()
    seen = reread()
    assert "nothing to grade" in seen.remarks()
    assert not seen.work.troubles


# --- submissions


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    folder = tmp_path / "alice"
    (folder / "quiz").mkdir(parents=True)
    (folder / "quiz" / "answers.md").write_text("## 3.1\n1")
    return folder


def test_a_submission_has_a_work_for_each_assignment_in_it(alice: Path, assignment: Assignment) -> None:
    other = assignment.model_copy(update={"id": "ps1"})
    submission = read_submission(alice, {"quiz": assignment, "ps1": other})
    assert (submission.name, submission.refused) == ("alice", None)
    assert [work.assignment for work in submission.works] == ["quiz"]
    assert submission.works[0].responses["3.1"]["answer"].text == "1"


def test_only_one_assignment(alice: Path, assignment: Assignment) -> None:
    other = assignment.model_copy(update={"id": "ps1"})
    (alice / "ps1").mkdir()
    submission = read_submission(alice, {"quiz": assignment, "ps1": other}, only="ps1")
    assert [work.assignment for work in submission.works] == ["ps1"]


def test_a_folder_in_other_case_is_read_with_a_remark(alice: Path, assignment: Assignment) -> None:
    (alice / "quiz").rename(alice / "QUIZ")
    (work,) = read_submission(alice, {"quiz": assignment}).works
    assert work.responses
    assert work.remarks[0].text == "the folder 'QUIZ' was read as quiz"


def test_of_two_folders_the_exact_one_counts(alice: Path, assignment: Assignment) -> None:
    (alice / "QUIZ").mkdir()
    (work,) = read_submission(alice, {"quiz": assignment}).works
    assert work.responses
    assert work.remarks[0].text == "the folder 'QUIZ' was left out"


def test_a_linked_folder_is_not_followed(alice: Path, assignment: Assignment, tmp_path: Path) -> None:
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "quiz").symlink_to(alice / "quiz")
    (work,) = read_submission(tmp_path / "bob", {"quiz": assignment}).works
    assert not work.responses
    assert work.troubles[0].status == "malformed"


def test_nothing_to_read_is_refused(alice: Path, assignment: Assignment) -> None:
    refused = read_submission(alice / "quiz", {"quiz": assignment, "ps1": assignment}).refused
    assert refused == "expected a folder named quiz or ps1; found 'answers.md'"
    assert "No such file" in (read_submission(alice / "gone", {"quiz": assignment}).refused or "")


def test_names_are_cleaned(tmp_path: Path, assignment: Assignment) -> None:
    (tmp_path / "a\x1b[31m\u202e").mkdir()
    submission = read_submission(tmp_path / "a\x1b[31m\u202e", {"quiz": assignment})
    assert submission.name == "a\ufffd[31m\ufffd"
    submission.model_dump_json().encode()
