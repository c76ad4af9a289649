"""Nothing in a skeleton is a response, and what is filled in is read as it was written."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.loading.specs.course import load_course, reference_work
from grader.loading.work.answers import read_submission
from grader.releasing.writing import write_release
from grader.spec import Spec
from grader.submission import Response, Work
from tests.course import ROOT, real_course
from tests.releasing.common import ASSIGNMENTS, FORMATS, clean, public, read, release, skeleton, text

# --- unfilled ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASSIGNMENTS)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_in_a_skeleton_is_read_as_a_response(tmp_path: Path, name: str, form: str) -> None:
    work = read(tmp_path, name, **{f"answers_{form}": skeleton(name, form)})
    assert work.responses == {}
    assert clean(work), work


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_release_as_it_stands_is_a_submission_with_nothing_in_it(tmp_path: Path, name: str) -> None:
    write_release(release(name), tmp_path / "out")
    write_release(release(name), tmp_path / "out.zip")
    for path in (tmp_path / "out", tmp_path / "out.zip"):
        (work,) = read_submission(path, load_course(tmp_path / "out" / "problems", None).assignments).works
        assert work.responses == {}
        assert clean(work), work
        assert len(work.code) == (3 if name == "ps1" else 0)


def test_a_released_folder_has_this_assignment_alone_and_loads_without_faults(tmp_path: Path) -> None:
    write_release(release("ps1"), tmp_path / "out")
    course = load_course(tmp_path / "out" / "problems", None)
    assert course.names == ("ps1",)
    assert course.faults == ()
    assert course.assignments["ps1"] == public().assignments["ps1"]


# --- filled in -----------------------------------------------------------------------------------------------------


def fill_yaml(skeleton: str, item: str, field: str, response: Response, alone: bool) -> str:
    start = re.search(rf"^{re.escape(item)}:", skeleton, re.MULTILINE)
    assert start, item
    indent, name = ("", item) if alone else ("  ", field)
    line = re.compile(rf"^{indent}{re.escape(name)}:(?P<block> \|)?$", re.MULTILINE)
    place = line.search(skeleton, start.start())
    assert place, (item, field)
    if place["block"]:
        written = "\n" + textwrap.indent(response.text, f"{indent}  ")
    else:
        quoted = response.text.replace("'", "''")
        written = f" [{', '.join(response.parts)}]" if response.parts else f" '{quoted}'"
    return skeleton[: place.end()] + written + skeleton[place.end() :]


def fill_marked(skeleton: str, heading: str, label: str, response: Response) -> str:
    start = skeleton.index(heading)
    end = skeleton.index(label, start) + len(label)
    return skeleton[:end] + response.text + skeleton[end:]


def fill_notebook(skeleton: str, item: str, field: str, response: Response) -> str:
    book = json.loads(skeleton)
    (cell,) = (cell for cell in book["cells"] if "".join(cell["source"]).startswith(f"## {item}\n"))
    cell["source"] = fill_marked("".join(cell["source"]), "## ", f"**{field}:** ", response)
    return json.dumps(book)


def fill(form: str, skeleton: str, item: str, field: str, response: Response, alone: bool) -> str:
    if form == "yaml":
        return fill_yaml(skeleton, item, field, response, alone)
    if form == "ipynb":
        return fill_notebook(skeleton, item, field, response)
    if form == "md":
        return fill_marked(skeleton, f"\n## {item}\n", f"**{field}:** ", response)
    escaped = field.replace("_", r"\_")
    return fill_marked(skeleton, rf"\section*{{{item}}}", rf"\textbf{{{escaped}:}} ", response)


def handed_in(who: str, name: str) -> Work:
    if who == "reference":
        return reference_work(real_course(), real_course().assignments[name])
    (work,) = read_submission(ROOT / "submissions" / who, {name: public().assignments[name]}).works
    return work


def as_text(work: Work) -> dict[str, dict[str, str]]:
    texts = {item: {name: r.text.strip() for name, r in fields.items()} for item, fields in work.responses.items()}
    return {item: fields for item, fields in texts.items() if fields}


@pytest.mark.parametrize("name", ASSIGNMENTS)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("who", ["reference", "alice"])
def test_what_is_filled_in_is_read_as_it_was_written(tmp_path: Path, who: str, form: str, name: str) -> None:
    work, filled = handed_in(who, name), skeleton(name, form)
    assert len(work.responses) >= 11
    for item in public().assignments[name].items:
        for field, response in work.responses.get(item.id, {}).items():
            filled = fill(form, filled, item.id, field, response, [spec.name for spec in item.fields] == ["answer"])
    found = read(tmp_path, name, **{f"answers_{form}": filled})
    assert as_text(found) == as_text(work)
    assert not any(response.problem for fields in found.responses.values() for response in fields.values())
    assert clean(found), found.remarks
    if form == "yaml":
        assert {response.parts for fields in found.responses.values() for response in fields.values()} >= {
            response.parts for fields in work.responses.values() for response in fields.values()
        }


def test_every_field_that_is_written_has_its_place_once() -> None:
    for name in ASSIGNMENTS:
        for item in public().assignments[name].items:
            written = any(spec.kind != "code" for spec in item.fields)
            headings = {
                "yaml": rf"^{re.escape(item.id)}:", "md": rf"^## {re.escape(item.id)}$",
                "tex": rf"^\\section\*\{{{re.escape(item.id)}\}}$",
            }  # fmt: skip
            for form, heading in headings.items():
                found = re.findall(heading, skeleton(name, form), re.MULTILINE)
                assert len(found) == (written or form == "md"), (name, item.id, form)


# --- prompts that were written into --------------------------------------------------------------------------------


def edited(name: str, edit: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """The notebook with one of its prompts edited, for some of them."""
    plain = skeleton(name, "ipynb")
    for place, cell in enumerate(json.loads(plain)["cells"]):
        if cell["id"].startswith("prompt-") and place % 3 == 0:  # to save time
            book = json.loads(plain)
            book["cells"][place]["source"] = edit("".join(cell["source"]))
            yield cell["id"], json.dumps(book)


def test_an_answer_within_a_prompt_is_never_blank(tmp_path: Path) -> None:
    """Nobody can tell it from the prompt; a human can."""
    for id_, book in edited("ps1", lambda source: source.replace("<!-- end -->", "My answer is here: $x = 1/15$.")):
        work = read(tmp_path, "ps1", answers_ipynb=book)
        ((item, responses),) = work.responses.items()
        assert id_.endswith(f"-{item.replace('.', '-')}")
        assert set(responses) == {spec.name for spec in fields_of("ps1", item)}
        for response in responses.values():
            assert "1/15" in response.text
            assert f"the prompt of {item}" in (response.problem or "")


@pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
def test_a_cell_below_a_prompt_belongs_to_its_item(tmp_path: Path, kind: str) -> None:
    """And not to the one before, even where the places for answers were taken out."""
    book = json.loads(skeleton("midterm", "ipynb"))
    ids = [cell["id"] for cell in book["cells"]]
    mine = {"cell_type": kind, "id": "mine", "metadata": {}, "source": "1/15"}
    mine |= {"outputs": [], "execution_count": None} if kind == "code" else {}
    place = next(i for i, id_ in enumerate(ids) if id_.startswith("answer-") and id_.endswith("-4a"))
    for taken_out in (0, 1):
        cells = [*book["cells"][:place], mine, *book["cells"][place + taken_out :]]
        work = read(tmp_path, "midterm", answers_ipynb=json.dumps({**book, "cells": cells}))
        assert set(work.responses) == {"4a"}
        assert work.responses["4a"]["answer"].text == "1/15"
        assert work.responses["4a"]["answer"].problem


def test_a_prompt_ends_an_item_whatever_the_level_of_its_heading(tmp_path: Path) -> None:
    book = json.loads(skeleton("midterm", "ipynb"))
    for cell in book["cells"]:
        if cell["id"].startswith("answer-"):
            cell["source"] = re.sub(
                r"^\*\*(\w+):\*\* ", r"**\1:** one", "".join(cell["source"])[1:], flags=re.MULTILINE
            )
    work = read(tmp_path, "midterm", answers_ipynb=json.dumps(book))
    assert {(one.text, one.problem) for given in work.responses.values() for one in given.values()} == {("one", None)}


@pytest.mark.parametrize("place", range(4))
def test_what_stands_above_a_prompt_in_its_cell_is_meant_for_its_item(tmp_path: Path, place: int) -> None:
    def above(source: str) -> str:
        lines = source.split("\n")
        return "\n".join([*lines[:place], "1/15", *lines[place:]])

    for id_, book in edited("midterm", above):
        work = read(tmp_path, "midterm", answers_ipynb=book)
        ((item, responses),) = work.responses.items()
        assert id_.endswith(f"-{item}")
        assert all("1/15" in one.text and one.problem for one in responses.values())


@pytest.mark.parametrize("form", ["md", "tex", "ipynb"])
def test_a_prompt_that_was_copied_above_empty_fields_is_no_response(tmp_path: Path, form: str) -> None:
    (item,) = (item for item in public().assignments["midterm"].items if item.id == "4a")
    text = f"## 4a\n{item.prompt}\n\n**answer:** \n"
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    book = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    files = {"md": text, "tex": text.replace("## 4a", r"\section*{4a}").replace("**", ""), "ipynb": book}
    assert read(tmp_path, "midterm", **{f"answers_{form}": files[form]}).responses == {}


def test_a_prompt_that_was_touched_spoils_no_answer(tmp_path: Path) -> None:
    for id_, book in edited("midterm", lambda source: source.replace("<!-- end -->", "note to self\n\n<!-- end -->")):
        cells = json.loads(book)
        (answer,) = (cell for cell in cells["cells"] if cell["id"] == id_.replace("prompt", "answer"))
        answer["source"] = re.sub(r"^\*\*(\w+):\*\* ", r"**\1:** one", "".join(answer["source"]), flags=re.MULTILINE)
        work = read(tmp_path, "midterm", answers_ipynb=json.dumps(cells))
        ((item, responses),) = work.responses.items()
        assert {(one.text, one.problem) for one in responses.values()} == {("one", None)}, item
        assert [remark.item for remark in work.remarks] == [item]


def fields_of(name: str, item: str) -> tuple[Spec, ...]:
    return next(one.fields for one in public().assignments[name].items if one.id == item)


def test_a_hint_that_was_touched_spoils_no_item(tmp_path: Path) -> None:
    """An answer that may stand within it makes no field blank; one that stands where it should counts alone."""
    plain, items = skeleton("midterm", "md"), public().assignments["midterm"].items
    hints = list(re.finditer(r"^<!-- released .*\n", plain, re.MULTILINE))
    assert len(hints) == len(items) + 1
    for found in hints[::2]:
        touched = f"{plain[: found.end()]}my note\n{plain[found.end() :]}"
        own = re.findall(r"^## (.+)", plain[: found.start()], re.MULTILINE)[-1:]
        work = read(tmp_path, "midterm", answers_md=touched)
        assert set(work.responses) == set(own)
        assert all("my note" in one.text and one.problem for given in work.responses.values() for one in given.values())
        filled = re.sub(r"^\*\*(\w+):\*\* ", r"**\1:** one", touched, flags=re.MULTILINE)
        work = read(tmp_path, "midterm", answers_md=filled)
        assert set(work.responses) == {item.id for item in items}
        assert {(o.text, o.problem) for given in work.responses.values() for o in given.values()} == {("one", None)}, (
            own
        )


def test_a_hint_without_its_end_hides_nothing(tmp_path: Path) -> None:
    """Even where another one was touched further below, at whose end the comment would end too."""
    plain = skeleton("ps1", "md")
    first, last = plain.index("-->", plain.index("## 3.1")), plain.index("-->", plain.index("## 6.1"))
    broken = plain[:first] + plain[first + 3 : last] + "my note\n" + plain[last:]
    filled = re.sub(r"^\*\*(\w+):\*\* ", r"**\1:** one", broken, flags=re.MULTILINE)
    work = read(tmp_path, "ps1", answers_md=filled)
    expected = {item.id for item in public().assignments["ps1"].items if any(s.kind != "code" for s in item.fields)}
    assert set(work.responses) == expected
    assert {one.text for given in work.responses.values() for one in given.values()} == {"one"}


# --- starter files -------------------------------------------------------------------------------------------------

WRITTEN = "def log_likelihood(model, text):\n    return 1.0\n"


def with_cell(code: str) -> str:
    """The notebook with this in the cell of likelihood.py."""
    book = json.loads(skeleton("ps1", "ipynb"))
    (cell,) = (cell for cell in book["cells"] if cell["id"] == "file-likelihood-py")
    cell["source"] = f"# file: likelihood.py\n{code}"
    return json.dumps(book)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "  \n"])
def test_a_starter_that_nobody_wrote_into_yields_to_a_cell(tmp_path: Path, ends: str) -> None:
    starter = text("ps1", "formats/yaml/likelihood.py").replace("\n", ends)
    (tmp_path / "likelihood.py").write_bytes(starter.encode())
    work = read(tmp_path, "ps1", answers_ipynb=with_cell(WRITTEN))
    assert work.code["likelihood.py"] == WRITTEN
    assert [remark.text for remark in work.remarks] == [
        "likelihood.py is as it was released; answers.ipynb, cell 32 counts"
    ]


def test_an_empty_file_yields_to_a_cell(tmp_path: Path) -> None:
    (tmp_path / "likelihood.py").write_text(" \n", "utf-8")
    work = read(tmp_path, "ps1", answers_ipynb=with_cell(WRITTEN))
    assert work.code["likelihood.py"] == WRITTEN
    assert [remark.text for remark in work.remarks] == ["likelihood.py is empty; answers.ipynb, cell 32 counts"]


def test_code_in_a_cell_without_its_first_line_is_not_blank(tmp_path: Path) -> None:
    book = json.loads(skeleton("ps1", "ipynb"))
    place = next(i for i, cell in enumerate(book["cells"]) if cell["id"] == "file-likelihood-py")
    mine = {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "source": WRITTEN,
        "outputs": [],
        "execution_count": None,
    }
    book["cells"].insert(place + 1, mine)
    work = read(tmp_path, "ps1", answers_ipynb=json.dumps(book))
    ((responses),) = work.responses.values()
    assert all("'# file: likelihood.py'" in (one.problem or "") for one in responses.values())


@pytest.mark.parametrize(
    "edit",
    [
        lambda starter: starter.replace("    raise NotImplementedError", "    return 2.0  # NotImplementedError"),
        lambda starter: starter.replace("    raise NotImplementedError", "        raise NotImplementedError"),
        lambda starter: starter.partition("\n")[2],
        lambda starter: f"{starter}\nx = 1\n",
    ],
)
def test_a_starter_that_was_written_into_counts(tmp_path: Path, edit: Callable[[str], str]) -> None:
    mine = edit(text("ps1", "formats/yaml/likelihood.py"))
    (tmp_path / "likelihood.py").write_text(mine, "utf-8")
    work = read(tmp_path, "ps1", answers_ipynb=with_cell(WRITTEN))
    assert work.code["likelihood.py"] == mine
    assert "the file counts" in work.remarks[0].text
    work = read(tmp_path, "ps1", answers_ipynb=skeleton("ps1", "ipynb"))
    assert work.code["likelihood.py"] == mine
    assert clean(work)


def test_of_two_cells_and_of_two_files_the_written_one_counts(tmp_path: Path) -> None:
    book = json.loads(with_cell(WRITTEN))
    book["cells"].append(
        {**book["cells"][31], "id": "copy", "source": json.loads(skeleton("ps1", "ipynb"))["cells"][31]["source"]}
    )
    work = read(tmp_path, "ps1", answers_ipynb=json.dumps(book))
    assert work.code["likelihood.py"] == WRITTEN
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "likelihood.py").write_text(WRITTEN, "utf-8")
    (tmp_path / "likelihood.py").write_text(text("ps1", "formats/yaml/likelihood.py"), "utf-8")
    work = read(tmp_path, "ps1", answers_ipynb=skeleton("ps1", "ipynb"))
    assert work.code["likelihood.py"] == WRITTEN


@given(st.text(alphabet=st.sampled_from(list("ab1:|#%-[]{}*`\\$\n ")), max_size=40))
@example(f"{'x' * 90} item: 3.2")
@example("item: 3.1\nitem: 3.2\n% item: 3.3\n-->\n## 3.2\n<!-- end -->")
def test_titles_and_prompts_can_say_anything(said: str) -> None:
    """Whatever an instructor writes, no skeleton has a response in it."""
    from grader.loading.work import latex, markdown, yaml_answers
    from grader.releasing.skeletons import latex_skeleton, markdown_skeleton, yaml_skeleton

    given_ = public().assignments["ps1"].questions[2]
    spec = given_.items[0].fields[0].model_copy(update={"prompt": said})
    item = given_.items[0].model_copy(update={"prompt": said or "?", "fields": (spec,)})
    question = given_.model_copy(update={"title": said, "items": (item,)})
    assignment = public().assignments["ps1"].model_copy(update={"title": said, "questions": (question,)})
    for write, reader, place in (
        (markdown_skeleton, markdown.read, "answers.md"),
        (latex_skeleton, latex.read, "answers.tex"),
        (yaml_skeleton, yaml_answers.read, "answers.yaml"),
    ):
        found = reader(write(assignment), place)
        assert not [*found.lost, *found.unreadable]
        labels = [part.label for part in found.found if getattr(part, "label", None)]
        assert labels == ["3.1"], (place, labels)
