"""The files of a submission that somebody reads: the readers of answers by name, and how large a file may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.loading.work import latex, markdown, notebook, yaml_answers
from grader.loading.work.sections import Reading

Reader = Callable[[str, str], Reading]

READERS: Mapping[str, Reader] = {
    "answers.yaml": yaml_answers.read,
    "answers.yml": yaml_answers.read,
    "answers.md": markdown.read,
    "answers.ipynb": notebook.read,
    "answers.tex": latex.read,
}
EXPECTED = "answers.yaml, answers.md, answers.ipynb or answers.tex"
MAX_ANSWERS = 2_000_000
MAX_NOTEBOOK = 32_000_000
MAX_CODE = 1_000_000


def greatest_size(name: str) -> int | None:
    """How many bytes a file of this name may have; None where nobody reads such a file."""
    if name.casefold() in READERS:
        return MAX_NOTEBOOK if name.casefold().endswith(".ipynb") else MAX_ANSWERS
    return MAX_CODE if name.endswith(".py") else None
