import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import notebook as reader
from grader.loading.work.collect import Collector
from grader.loading.work.collected import Collected
from grader.loading.work.remarks import Remarks
from grader.loading.work.sections import Aside
from grader.spec import Assignment

Read = Callable[..., Any]
Notebook = Callable[..., str]


def test_cells_are_one_text_in_order(read: Read, notebook: Notebook) -> None:
    cells = ["# Quiz\nby me", "## 2c", "no", "import torch", "Why: a", "and b", "## 3.1\n1/15"]
    seen = read(ipynb=notebook(*cells))
    assert seen.texts == {"2c": {"answer": "no", "why": "a\nand b"}, "3.1": {"answer": "1/15"}}
    assert seen.clean
    assert seen.response("2c", "why").source == "answers.ipynb, cell 5"


def test_reordered_cells_mean_the_same(read: Read, notebook: Notebook) -> None:
    cells = ["## 3.1\n1", "## 2c\nno", "## 2e\np: yes"]
    assert read(ipynb=notebook(*cells)).texts == read(ipynb=notebook(*reversed(cells))).texts


def test_a_copied_cell_counts_once(read: Read, notebook: Notebook) -> None:
    seen = read(ipynb=notebook("## 3.1\n1/15", "## 2c\nno", "## 3.1\n1/15 "))
    assert seen.texts["3.1"] == {"answer": "1/15"}
    assert not seen.problem("3.1")
    assert "answers.ipynb, cell 1 and answers.ipynb, cell 3" in seen.remarks("3.1")


def test_a_copied_and_edited_cell_is_a_problem(read: Read, notebook: Notebook) -> None:
    seen = read(ipynb=notebook("## 3.1\n1/15", "## 3.1\n1/5", "## 2c\nno"))
    assert seen.response("3.1").text == "1/15\n1/5"
    assert seen.problem("3.1") == "answered twice, differently: answers.ipynb, cell 1 and answers.ipynb, cell 2"
    assert seen.remarks("3.1") == ""
    assert not seen.problem("2c")


def test_fields_in_different_cells_are_merged(read: Read, notebook: Notebook) -> None:
    seen = read(ipynb=notebook("## 2c\nAnswer: no", "## 3.1\n1", "## 2c\nWhy: a"))
    assert seen.texts["2c"] == {"answer": "no", "why": "a"}
    assert seen.clean


def test_an_unclosed_fence_ends_with_its_cell(read: Read, notebook: Notebook) -> None:
    assert read(ipynb=notebook("## 3.1\n```\n1", "## 2c\nno")).texts["2c"] == {"answer": "no"}


def test_code_cells_are_files(read: Read, notebook: Notebook) -> None:
    seen = read(
        ipynb=notebook("# file: a.py\nx = 1\n", "import os", "# file: submission/b.py\ny", "# file: ../c.py\nz")
    )
    assert seen.work.code == {"a.py": "x = 1\n", "b.py": "y"}
    assert "'../c.py' is no name of a Python file" in seen.remarks()
    assert not seen.work.troubles


def cell(kind: str, source: str) -> dict[str, Any]:
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, **extra}


@pytest.mark.parametrize("kind", ["raw", "code"])
@pytest.mark.parametrize(
    "source", ["## 3.1\n1/15", "# 3.1: 1/15", "# Question 3 (1)\n1/15", "3.1: 1/15", "**3.1** 1/15"]
)
def test_answers_in_other_cells_are_not_blank(read: Read, notebook: Notebook, kind: str, source: str) -> None:
    content = json.loads(notebook("## 2c\nno"))
    content["cells"].append(cell(kind, source))
    seen = read(ipynb=json.dumps(content))
    said = "answers.ipynb, cell 2 was not read as an answer to 3.1: answers belong in Markdown cells"
    assert seen.problem("3.1") == seen.remarks("3.1") == said
    assert "1/15" in seen.response("3.1").text
    assert seen.texts["2c"] == {"answer": "no"}


def test_other_cells_change_no_answer(read: Read, notebook: Notebook) -> None:
    content = json.loads(notebook("## 3.1\n1/15", "and more"))
    content["cells"].insert(1, cell("code", "# 3.1\nprint(1 / 15)\n# 1. load\n# 2024 data\nx: int = 3"))
    seen = read(ipynb=json.dumps(content))
    assert seen.texts == {"3.1": {"answer": "1/15\nand more"}}
    assert "was not read" in seen.remarks("3.1")


def test_code_below_an_items_heading_is_told_its_first_line() -> None:
    field = {"kind": "code", "file": "a.py", "function": "f"}
    item = {"id": "9a", "points": 1, "prompt": "…", "answer": field}
    quiz = {"id": "q", "title": "", "points": 1, "questions": [{"question": "9", "title": "", "items": [item]}]}
    remarks = Remarks()
    collector = Collector(Collected(Assignment.model_validate(quiz), remarks))
    collector.take([Aside("9a", "cell 1", "def f(): pass")], "answers.ipynb")
    assert [r.text for r in remarks.all()] == [
        "cell 1 was not read as an answer to 9a: the first line of its cell must be '# file: a.py'"
    ]


def test_several_cells_for_one_file(read: Read, notebook: Notebook) -> None:
    seen = read(ipynb=notebook("# file: a.py\n1", "# file: a.py\n2", "# file: b.py\n1", "# file: b.py\n1"))
    assert seen.work.code == {"a.py": "2", "b.py": "1"}
    assert "a.py is given twice" in seen.remarks()
    assert "differ; answers.ipynb, cell 2 counts" in seen.remarks()
    assert "answers.ipynb, cell 3 and answers.ipynb, cell 4 are alike" in seen.remarks()


def test_cells_without_headings_are_not_blank(read: Read, notebook: Notebook) -> None:
    ((status, text),) = read(ipynb=notebook("the answer is 1/15", "no")).troubles
    assert status == "malformed"
    assert "no item was found" in text


def test_an_explained_notebook_of_code_needs_no_items(read: Read, notebook: Notebook) -> None:
    assert not read(ipynb=notebook("here is my code", "# file: a.py\n1")).work.troubles


@pytest.mark.parametrize(
    "content",
    [
        *["{}", "[]", "3", "not json", '{"cells": 3}', '{"nbformat": 9, "cells": []}', "[" * 5000, '{"a":' * 5000],
        *['{"nbformat": 4, "nbformat_minor": ' + "9" * 5000 + ', "cells": []}', '{"worksheets": [3], "nbformat": 3}'],
    ],
)
def test_what_is_not_a_notebook(read: Read, content: str) -> None:
    ((status, text),) = read(ipynb=content, yaml="2c: no\n").troubles
    assert status == "malformed"
    assert text.startswith("answers.ipynb cannot be read as a Jupyter notebook")


def test_other_files_are_read_all_the_same(read: Read) -> None:
    assert read(ipynb="{", yaml="2c: no\n").texts == {"2c": {"answer": "no"}}


def test_broken_cells_are_left_out(read: Read, notebook: Notebook) -> None:
    content = json.loads(notebook("## 2c\nno"))
    content["cells"] += [{"cell_type": "markdown", "metadata": {}}, {"cell_type": "odd", "source": "x", "metadata": {}}]
    seen = read(ipynb=json.dumps(content))
    assert seen.texts == {"2c": {"answer": "no"}} or seen.troubles[0][0] == "malformed"


def test_old_notebooks(read: Read) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "metadata": {}, "source": "2c"},
        {"cell_type": "markdown", "metadata": {}, "source": ["no\n", "Why: a"]},
        {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": "# file: a.py\nx"},
    ]
    seen = read(
        ipynb=json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})
    )
    assert seen.texts == {"2c": {"answer": "no", "why": "a"}}
    assert seen.work.code == {"a.py": "x"}


def test_thousands_of_cells_and_giant_outputs(read: Read, notebook: Notebook) -> None:
    content = json.loads(notebook("## 3.1\n1", *["text"] * 5000, "## 2c\nno", "import torch"))
    content["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "## 2b\nyes\n" * 200_000}]
    seen = read(ipynb=json.dumps(content))
    assert seen.texts["2c"] == {"answer": "no"}
    assert "2b" not in seen.texts
    assert seen.clean


def test_half_a_surrogate_pair_is_not_passed_on(read: Read, notebook: Notebook) -> None:
    seen = read(ipynb=notebook("## 3.1\n1\ud800", "## 2c\nno"))
    assert "could not be read" in seen.problem("3.1")
    seen.work.model_dump_json().encode()


@pytest.mark.filterwarnings("error")
def test_nothing_is_said_on_the_terminal(read: Read, notebook: Notebook, caplog: pytest.LogCaptureFixture) -> None:
    content = json.loads(notebook("## 2c\nno"))
    content["metadata"]["kernelspec"] = 3
    assert read(ipynb=json.dumps(content)).clean
    assert not caplog.records
    assert not logging.getLogger("traitlets").disabled


def test_nbformat_is_imported_only_for_a_notebook() -> None:
    code = "import sys, grader.loading.work.answers; sys.exit('nbformat' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@settings(max_examples=100, deadline=None)
@given(
    st.text() | st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5).map(json.dumps)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    assert reader.read(text, "answers.ipynb").unreadable


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "cell_type": st.sampled_from(["markdown", "code", "raw", "x", 3, None]),
                "source": st.text(max_size=9) | st.integers() | st.lists(st.text(max_size=3), max_size=3) | st.none(),
                "metadata": st.sampled_from([{}, None, 3]),
            },
        )
        | st.integers()
        | st.none(),
        max_size=3,
    )
)
def test_any_cells_are_read_or_refused(cells: list[Any]) -> None:
    reader.read(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}), "answers.ipynb")
