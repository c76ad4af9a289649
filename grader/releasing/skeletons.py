r"""Answer files to fill in: every item and field in place, and nothing in them that would be read as a response.

Hints are comments in YAML and LaTeX, and marked as released in Markdown (``loading.work.released``). Items that ask for
code alone have a hint and no place: their response is a file.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from grader.loading.work.released import hidden
from grader.printing import in_one_line
from grader.releasing.prompts import field_line, question_title
from grader.releasing.wording import asked, points
from grader.spec import Assignment, CodeField, Item, Question, Spec

WIDTH = 100
_ONE_LINE = frozenset({"choice", "select", "order", "numeric"})  # what YAML takes without quotes
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def written(item: Item) -> tuple[Spec, ...]:
    """The fields whose responses stand in an answer file."""
    return tuple(spec for spec in item.fields if not isinstance(spec, CodeField))


def hints(item: Item) -> list[str]:
    """A line for each field of the item; a single one where all it asks for is code."""
    if not written(item):
        return [f"{item.id} ({points(item.points)}): nothing to write here, but {', '.join(map(asked, item.fields))}"]
    return [_plain(spec) for spec in item.fields]


def _plain(spec: Spec) -> str:
    """A field's line without markup."""
    return field_line(spec).replace(f"**{spec.name}**", spec.name, 1)


# --- YAML ----------------------------------------------------------------------------------------------------------


def yaml_skeleton(assignment: Assignment) -> str:
    """``answers.yaml``. Below ``|`` nothing needs quotes, whatever a formula or sentence has in it."""
    head = (
        f"{assignment.title}\n\nThe prompts are in {assignment.id}.md. Write short answers behind the colon, and"
        " everything else below the | in lines that begin with two more spaces than the name above. Leave empty"
        " what you do not answer."
    )
    parts = [_comment(head, "# ")]
    for question in assignment.questions:
        parts.append(_comment(question_title(question), "# === "))
        parts += [_yaml_item(item) for item in question.items]
    return "\n\n".join(parts) + "\n"


def _yaml_item(item: Item) -> str:
    fields = written(item)
    if not fields:
        return _comment(hints(item)[0], "# ")
    if [spec.name for spec in item.fields] == ["answer"]:
        return f"{_comment(hints(item)[0], '# ')}\n{_place(item.id, fields[0])}"
    lines = [f"{item.id}:"]
    for spec in item.fields:
        lines.append(_comment(_plain(spec), "  # "))
        lines += [f"  {_place(spec.name, spec)}"] if spec in fields else []
    return "\n".join(lines)


def _place(name: str, spec: Spec) -> str:
    return f"{name}:" if spec.kind in _ONE_LINE else f"{name}: |\n"


def _comment(text: str, mark: str) -> str:
    """Every line as a comment, folded."""
    lines = [line for part in text.split("\n") for line in _folded(part, WIDTH - len(mark))]
    return "\n".join(f"{mark}{line}".rstrip() for line in lines)


def _folded(text: str, width: int) -> list[str]:
    return textwrap.wrap(in_one_line(text), width, break_long_words=False, break_on_hyphens=False) or [""]


# --- Markdown ------------------------------------------------------------------------------------------------------


def markdown_skeleton(assignment: Assignment) -> str:
    """``answers.md``. Hints stand below headings: one that somebody writes into spoils no other item's response."""
    head = f"Write behind the bold names, over as many lines as you like. The prompts are in {assignment.id}.md."
    parts = [hidden(_notes([assignment.title, head]))]
    for question in assignment.questions:
        for item in question.items:
            title = [question_title(question), ""] if item is question.items[0] else []
            parts += [f"## {item.id}", hidden(_notes([*title, *hints(item)])), *_labels(item)]
    return "\n\n".join(parts) + "\n"


def answer_places(item: Item) -> str:
    """An item's heading and a label for each field, in Markdown."""
    return "\n\n".join([f"## {item.id}", *_labels(item)])


def _labels(item: Item) -> list[str]:
    return [f"**{spec.name}:** " for spec in written(item)]


def _notes(texts: list[str]) -> str:
    return "\n".join(line for text in texts for line in _folded(text, WIDTH))


# --- LaTeX ---------------------------------------------------------------------------------------------------------


def latex_skeleton(assignment: Assignment) -> str:
    """``answers.tex``, for pdflatex and its relatives."""
    body = [part for question in assignment.questions for part in _latex_question(question)]
    return "\n\n".join([_preamble(assignment), *body, r"\end{document}"]) + "\n"


def _latex_question(question: Question) -> Iterator[str]:
    yield _latex_comment(question_title(question), "% === ")
    yield from map(_latex_item, question.items)


def _preamble(assignment: Assignment) -> str:
    lines = [
        _latex_comment(f"The prompts are in {assignment.id}.md. Write behind the bold names.", "% "),
        r"\documentclass[11pt]{article}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage[T1]{fontenc}",
        r"\usepackage{amsmath,amssymb}",
        r"\setlength{\parindent}{0pt}",
        rf"\title{{{latex_text(in_one_line(assignment.title))}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
    ]
    return "\n".join(lines)


def _latex_item(item: Item) -> str:
    if not written(item):
        return _latex_comment(hints(item)[0], "% ")
    places = [rf"\textbf{{{latex_text(spec.name)}:}} " for spec in written(item)]
    head = _latex_comment("\n".join(hints(item)), "% ")
    return "\n\n".join([f"{head}\n\\section*{{{latex_text(item.id)}}}", *places])


def _latex_comment(text: str, mark: str) -> str:
    """As comments, of which none reads ``% item: …``."""
    return re.sub(r"(?im)^(%+[ \t=]*item[ \t]*):", r"\1 -", _comment(text, mark))


def latex_text(text: str) -> str:
    """Text in which LaTeX sees no command."""
    return "".join(_SPECIAL.get(char) or (f"\\{char}" if char in "{}$&#_%" else char) for char in text)
