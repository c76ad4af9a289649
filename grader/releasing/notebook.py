"""The notebook: prompts and the cells to answer in, one below the other. The same assignment gives the same bytes.

Prompts are marked as released (``loading.work.released``), so they are no part of a response as long as they stand as
they are. Code is written in cells that begin ``# file: …``; they are handed in with the notebook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.loading.work.code import PACKAGE
from grader.loading.work.released import visible
from grader.releasing.prompts import item_text, question_title
from grader.releasing.skeletons import answer_places, written
from grader.releasing.wording import points
from grader.spec import Assignment, CodeField, Item

Cell = dict[str, Any]
_HEAD = (
    "Double-click the cell with an item's answers, write behind the bold names, and leave the prompts as they are."
    " Cells that you add are read as well if they are Markdown."
)
_CODE = (
    " Code goes into the cells that begin with `# file:`, each of which stands for that file; code in other cells"
    " is for you alone."
)
_TOGETHER = """# Run this once: cells below may then say `from {package}.likelihood import …`, as files do.
import sys

for name in {names}:
    sys.modules[name] = sys.modules["__main__"]
"""


def notebook(assignment: Assignment, starters: Mapping[str, str]) -> str:
    """``answers.ipynb``; ``starters`` are the files that code items begin with, by name."""
    cells = list(_cells(assignment, starters))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    data = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cells(assignment: Assignment, starters: Mapping[str, str]) -> Iterator[Cell]:
    said = f"# {assignment.title}\n\n{points(assignment.points)}. {_HEAD}{_CODE if starters else ''}"
    yield _markdown("head", visible(said), released=True)
    if starters:
        names = (PACKAGE, *(f"{PACKAGE}.{name.removesuffix('.py')}" for name in starters))
        yield _code("together", _TOGETHER.format(package=PACKAGE, names=json.dumps(names)))
    begun: set[str] = set()
    for number, question in enumerate(assignment.questions, start=1):
        yield _markdown(f"question-{number}", visible(f"# {question_title(question)}"), released=True)
        for place, item in enumerate(question.items, start=1):
            yield from _item(f"{number}-{place}-{_slug(item.id)}", item, starters, begun)


def _item(id_: str, item: Item, starters: Mapping[str, str], begun: set[str]) -> Iterator[Cell]:
    files = dict.fromkeys(spec.file for spec in item.fields if isinstance(spec, CodeField))
    again = [f"Write into the cell `# file: {name}` above." for name in files if name in begun]
    text = "\n\n".join([f"## Prompt of {item.id} ({points(item.points)})", item_text(item), *again])
    yield _markdown(f"prompt-{id_}", visible(text), released=True)
    if written(item):
        yield _markdown(f"answer-{id_}", answer_places(item))
    for name in files:
        if name not in begun:
            yield _code(f"file-{_slug(name)}", f"# file: {name}\n{starters[name]}")
            begun.add(name)


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text)[:40]


def _markdown(id_: str, source: str, released: bool = False) -> Cell:
    """What is released cannot be edited or deleted in Jupyter by mistake."""
    metadata = {"deletable": False, "editable": False} if released else {}
    return {"cell_type": "markdown", "id": id_, "metadata": metadata, "source": _lines(source)}


def _code(id_: str, source: str) -> Cell:
    lines = _lines(source.rstrip("\n"))
    return {"cell_type": "code", "execution_count": None, "id": id_, "metadata": {}, "outputs": [], "source": lines}


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)
