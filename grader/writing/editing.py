"""Insertions into YAML texts that leave every other character where it is.

Nothing is parsed and printed again: the parser says where things stand, and text goes in between. What comes out is
read again and must hold the old data and the new, or the edit is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.errors import UsageError
from grader.loading.specs.documents import read_instructor_text
from grader.loading.yaml import Loader, read_yaml

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it stands. ``text`` keeps its own line ends; ``data`` is what it says."""

    path: Path
    text: str
    mark: str
    data: Any

    @property
    def node(self) -> Any:
        return yaml_node(self.text)

    def encoded(self, text: str) -> bytes:
        return (self.mark + text).encode()


def yaml_node(text: str) -> Any:
    """The parser's tree, which knows where everything stands; None for a text that says nothing."""
    return yaml.compose(text, Loader)


def read_source(path: Path) -> Source:
    """Raise SpecError where it cannot be read as YAML."""
    data = read_yaml(read_instructor_text(path), path).data
    text = path.read_bytes().decode()
    mark = _BOM if text.startswith(_BOM) else ""
    return Source(path, text.removeprefix(_BOM), mark, data)


def checked(source: Source, text: str, expected: object) -> bytes:
    """The new text; raise UsageError where it does not say what is expected."""
    if read_yaml(text, source.path).data != expected:
        raise UsageError(f"{source.path} is written in a way that cannot be added to by machine; add the entry by hand")
    return source.encoded(text)


def value_of(node: Any, name: str) -> Any:
    """The node of a key of a mapping."""
    return next(value for key, value in node.value if key.value == name)


def replaced(text: str, node: Any, new: str) -> str:
    """The text with ``new`` in place of a node."""
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def with_element(text: str, node: Any, word: str) -> str:
    """The list with one more element, quoted as the last one is, in brackets or with a dash as they are."""
    last = node.value[-1]
    word = f"{last.style}{word}{last.style}" if last.style in ("'", '"') else word
    if node.flow_style:
        return text[: last.end_mark.index] + f", {word}" + text[last.end_mark.index :]
    return with_lines(text, node, [f"{' ' * node.start_mark.column}- {word}"])


def with_lines(text: str, node: Any, lines: Sequence[str], apart: bool = False) -> str:
    """Lines after all that belongs to ``node``, with an empty line in front if ``apart``."""
    end = _line_after(text, _last_of(node).end_mark.index)
    return inserted(text, end, ["", *lines] if apart else lines)


def inserted(text: str, at: int, lines: Sequence[str]) -> str:
    """Lines in front of the line that begins ``at``, with the text's own line ends."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text[:at]
    if before and not before.endswith("\n"):
        before += end
    return before + "".join(line + end for line in lines) + text[at:]


def _last_of(node: Any) -> Any:
    """The last scalar of a node: where blocks end, the parser counts what follows them in."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return node
    last = node.value[-1]
    return _last_of(last[1] if isinstance(last, tuple) else last)


def _line_after(text: str, end: int) -> int:
    """Where the line begins that follows a text which ends at ``end``; comments right below it belong to it."""
    end = len(text[:end].rstrip())
    at = _next_line(text, end)
    while text[at:].partition("\n")[0].lstrip().startswith("#"):
        at = _next_line(text, at)
    return at


def _next_line(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1
