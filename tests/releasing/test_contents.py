"""What students read: the notebook, starter files, wording, instructions. And what they must not get."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from grader.errors import SpecError, UsageError
from grader.loading.specs.course import Course, load_course
from grader.math.reader import read_expression
from grader.releasing import wording
from grader.releasing.contents import make_release
from grader.releasing.sources import public_files, telling_comments
from grader.releasing.starters import signature
from grader.releasing.wording import asked, symbols
from grader.releasing.writing import write_release
from grader.spec import CodeField, Symbol
from tests.course import ROOT, real_course
from tests.releasing.common import ASSIGNMENTS, public, release, skeleton, text

# --- the notebook and starter files --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_notebook_is_valid_and_always_the_same(name: str) -> None:
    book = nbformat.reads(skeleton(name, "ipynb"), as_version=4)
    nbformat.validate(book)
    assert (book.nbformat, book.metadata.kernelspec.name) == (4, "python3")
    ids = [cell.id for cell in book.cells]
    assert len(set(ids)) == len(ids)
    assert make_release(public(), name).files == release(name).files


def test_code_cells_begin_with_their_file_and_can_use_one_another() -> None:
    cells = [cell for cell in json.loads(skeleton("ps1", "ipynb"))["cells"] if cell["cell_type"] == "code"]
    together, *files = ["".join(cell["source"]) for cell in cells]
    assert [file.split("\n")[0] for file in files] == [
        "# file: sample.py", "# file: likelihood.py", "# file: classifier.py"
    ]  # fmt: skip
    assert "submission.likelihood" in together
    assert all(text("ps1", f"formats/{form}/sample.py") in files[0] + "\n" for form in ("yaml", "md", "tex"))


@pytest.mark.parametrize("file", ["sample.py", "likelihood.py", "classifier.py"])
def test_a_starter_has_the_parameters_of_the_reference_and_says_that_it_is_not_written(file: str) -> None:
    starter = ast.parse(text("ps1", f"formats/yaml/{file}"))
    reference = ast.parse((ROOT / "reference" / "ps1" / file).read_text("utf-8"))
    known = {node.name: ast.unparse(node.args) for node in reference.body if isinstance(node, ast.FunctionDef)}
    functions = [node for node in starter.body if isinstance(node, ast.FunctionDef)]
    assert functions
    for node in functions:
        assert ast.unparse(node.args) == known[node.name]
        assert ast.get_docstring(node)
        assert isinstance(node.body[-1], ast.Raise)
        assert "NotImplementedError" in ast.unparse(node.body[-1])


def test_a_signature_is_read_from_the_prompt() -> None:
    prompt = "Write\n\n  ```python\n  def f(x, *, y: int = 1) -> float:\n  ```\nand\n```python\ndef g(\n```\n"
    assert signature(prompt, "f") == "(x, *, y: int=1) -> float"
    assert signature(prompt, "g") is None
    assert signature("```python\ndef h(a):\n    return a\n```", "h") == "(a)"


# --- wording -------------------------------------------------------------------------------------------------------


def test_every_field_says_what_it_asks_for_and_every_test_its_points() -> None:
    for name in ASSIGNMENTS:
        shown = text(name, f"{name}.md")
        for item in public().assignments[name].items:
            for spec in item.fields:
                assert asked(spec)[1:] in shown
            for line in symbols(item):
                assert line in shown
    sample = next(spec for item in public().assignments["ps1"].items for spec in item.fields if item.id == "6.3")
    assert isinstance(sample, CodeField)
    assert [line.split(" fails")[0] for line in wording.tests(sample)] == [
        "`sample-type` (1 point)", "`sample-start` (1 point)", "hidden tests: 8 points"
    ]  # fmt: skip


def test_symbols_are_shown_as_they_are_typed() -> None:
    item = next(item for item in public().assignments["midterm"].items if item.id == "4d")
    assert symbols(item) == [
        "`r`: a positive number",
        r"`theta` (or `\theta`): a real number",
        "`p_XY(…, …)` (or `p_{X,Y}(…, …)`): a function of 2 numbers; its value is a number ≥ 0",
    ]


def test_the_formulas_of_the_instructions_can_be_read() -> None:
    declared = {"n": Symbol(domain="positive integer"), "a": Symbol(family=True), "x": Symbol(), "y": Symbol()}
    table = text("ps1", "README.md").partition("| plain | LaTeX |")[2].partition("\n\n")[0]
    formulas = re.findall(r"`([^`]+)`", table)
    assert len(formulas) >= 16
    for formula in formulas:
        read_expression(formula, declared)


def test_the_instructions_fit_the_assignment() -> None:
    assert "sample.py" in text("ps1", "README.md")
    assert ".py" not in text("midterm", "README.md")
    assert "hidden tests" not in text("midterm", "README.md")
    with_install = make_release(public(), "midterm", "pip install 'https://example.org/grade.zip'")
    assert b"\npip install 'https://example.org/grade.zip'\n" in with_install.files["README.md"]


# --- nothing of the reference --------------------------------------------------------------------------------------

CANARY = "canary"


def write_course(root: Path) -> Course:
    """A small course with a word in everything that students must not get."""
    problems, reference = root / "problems", root / "reference"
    shutil.copytree(ROOT / "problems" / "ps1", problems / "ps1")
    shutil.copytree(ROOT / "problems" / "midterm", problems / "other")
    (problems / "other" / "1.yaml").write_text(f"# {CANARY} of another assignment\n", "utf-8")
    for stray in ("6.yaml~", ".6.yaml.swp", "notes.txt", "#6.yaml#", "6.yaml.orig", "key.py"):
        (problems / "ps1" / stray).write_text(f"{CANARY} {stray}", "utf-8")
    (problems / "ps1" / "drafts").mkdir()
    (problems / "ps1" / "drafts" / "7.yaml").write_text(CANARY, "utf-8")
    (problems / "schemas").mkdir()
    (problems / "schemas" / "question.json").write_text("{}", "utf-8")
    (problems / "schemas" / "notes.txt").write_text(CANARY, "utf-8")
    (reference / "ps1").mkdir(parents=True)
    for file in ("secret", "proved.json", "ps1/1.yaml", "ps1/6.yaml", "ps1/sample.py", "ps1/assignment.yaml"):
        (reference / file).write_text(f"# {CANARY} {file}", "utf-8")
    return load_course(problems, None)


def test_nothing_private_gets_into_a_release(tmp_path: Path) -> None:
    made = make_release(write_course(tmp_path), "ps1")
    write_release(made, tmp_path / "out")
    write_release(made, tmp_path / "out.zip")
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(written) == len(made.files) + 1
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path
        assert CANARY not in str(path.relative_to(tmp_path))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert not any(CANARY.encode() in archive.read(name) for name in archive.namelist())
    copied = {name for name in made.files if name.startswith("problems/")}
    assert copied == {f"problems/ps1/{n}.yaml" for n in ("assignment", *"123456")} | {"problems/schemas/question.json"}


def test_no_key_of_this_course_is_in_its_release() -> None:
    for name in ASSIGNMENTS:
        everything = b"\n".join(release(name).files.values())
        for path in sorted((ROOT / "reference").rglob("*")):
            if path.is_file() and path.suffix in (".py", ".yaml", ".json", ""):
                lines = [line.strip() for line in path.read_bytes().split(b"\n")]
                private = [line for line in lines if len(line) > 60 and b"say:" in line]
                assert not [line for line in private if line in everything], path


def test_a_course_loaded_with_its_keys_is_not_released() -> None:
    with pytest.raises(AssertionError):
        make_release(real_course(), "ps1")


@pytest.mark.parametrize("linked", ["ps1/6.yaml", "ps1", "schemas/question.json", "schemas"])
@pytest.mark.parametrize("where", ["elsewhere", "problems/.elsewhere"])
def test_links_are_refused(tmp_path: Path, linked: str, where: str) -> None:
    write_course(tmp_path)
    path = tmp_path / "problems" / linked
    path.rename(tmp_path / where)
    path.symlink_to(tmp_path / where)
    with pytest.raises(UsageError, match=r"\.(yaml|json) is a link"):
        make_release(load_course(tmp_path / "problems", None), "ps1")


def test_comments_that_sound_private_are_pointed_out(tmp_path: Path) -> None:
    problems = write_course(tmp_path).problems
    path = problems / "ps1" / "1.yaml"
    path.write_text("# TODO: the solution is y\n" + path.read_text("utf-8"), "utf-8")
    made = make_release(load_course(problems, None), "ps1")
    assert made.warnings == ("problems/ps1/1.yaml:1: students will read this comment, which says 'TODO'",)
    assert not list(telling_comments(public_files(ROOT / "problems", public().assignments["midterm"])))


# --- what is not released ------------------------------------------------------------------------------------------


def test_an_assignment_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    problems = write_course(tmp_path).problems
    for file in ("1.yaml", "4.yaml"):
        path = problems / "ps1" / file
        path.write_text(path.read_text("utf-8").replace("points:", "point:", 1), "utf-8")
    with pytest.raises(SpecError) as refused:
        make_release(load_course(problems, None), "ps1")
    assert {fault.where.file.name for fault in refused.value.faults} == {"1.yaml", "4.yaml"}


def test_faults_of_another_assignment_hinder_nobody_and_a_wrong_name_is_told(tmp_path: Path) -> None:
    course = write_course(tmp_path)
    assert "other" in course.broken
    assert make_release(course, "ps1").files
    with pytest.raises(UsageError, match=r"no assignment 'ps2' \(did you mean 'ps1'\?\); there are: other, ps1"):
        make_release(course, "ps2")


def test_cells_import_one_another_in_a_kernel() -> None:
    together = "".join(json.loads(skeleton("ps1", "ipynb"))["cells"][1]["source"])
    first, second = "def log_likelihood(): return 1", "from submission.likelihood import log_likelihood as found"
    command = [sys.executable, "-I", "-c", f"{together}\n{first}\n{second}\nprint(found())"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("1\n", "")
