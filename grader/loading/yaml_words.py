"""The YAML parser's complaints, worded for people, with advice for the usual causes."""

from __future__ import annotations

import re
from contextlib import suppress

import yaml

QUOTE = "put the whole text between single quotes"
SINGLE = "put the text between single quotes, or after '|' on lines of its own"
_SHOWN = 60

# Tried in order on the parser's own words; both of its implementations are covered.
_CAUSES = (
    ("unknown escape", f"in double quotes a backslash has a meaning of its own; {SINGLE}"),
    ("quoted scalar", "a quote is opened here and not closed; a quote inside single quotes is written twice ('')"),
    ("block scalar", f"after '|' or '>' the text begins in the next line; or {QUOTE}"),
    ("alias", f"a text cannot begin with '*'; {QUOTE}"),
    ("anchor", f"a text cannot begin with '&'; {QUOTE}"),
    ("tag", f"a text cannot begin with '!'; {QUOTE}"),
    ("mapping values", f"a ': ' inside a text, or a line indented more than the one before; {QUOTE}"),
    ("could not find expected ':'", "expected 'name: value'; a text that goes on must be indented, below 'name: |'"),
    (
        "flow",
        "a bracket or brace that is not closed, a comma that is missing, or a text within them that has a quote, ': ' "
        f"or ' #' in it; {QUOTE}",
    ),
    ("cannot start any token", f"a text cannot begin with a tab or one of @ ` %; {QUOTE}"),
    ("expected key", f"text after a closing quote or bracket, or a line indented unlike its neighbours; {QUOTE}"),
    ("block end", f"text after a closing quote or bracket, or a line indented unlike its neighbours; {QUOTE}"),
    ("'-' indicator", "a list and 'name: value' lines are mixed at one level"),
    ("sequence entries", f"a list with '- ' begins on a line of its own; or {QUOTE}"),
    ("document start", "lines of one level must begin in the same column"),
    ("mapping keys", f"a text cannot begin with '? '; {QUOTE}"),
    ("directive", f"a line cannot begin with '%'; {QUOTE}"),
    ("node content", f"a bracket is closed that was not opened; {QUOTE}"),
)
_ENDED = (
    "text after a closing quote: a quote is missing, or stands inside single quotes, where it is written twice ('')"
)
_OPENED_EARLIER = ("quoted scalar", "could not find expected ':'", "flow")
_ESCAPE = re.compile(r"\\(n[a-z]*|.)", re.DOTALL)
_FINE_ESCAPES = frozenset('"\\/ \nxuU')
_COMMANDS_IN_N = frozenset({"nabla", "nu", "ne", "neq", "neg", "not", "ni", "nmid", "newline", "nonumber", "noindent"})


class TooDeep(yaml.YAMLError):
    """Lists or mappings are nested deeper than anyone means; reading stops at ``line`` (from 0)."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


def explain(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line (from 0) that an error of the parser is about, and what to say of it."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return _explain_marked(error, text)
    if isinstance(error, TooDeep):
        return error.line, f"lists, brackets or mappings are nested too deeply here; {QUOTE}"
    position = getattr(error, "position", 0)
    line = text.count("\n", 0, position)
    return line, f"the character U+{ord(text[position : position + 1] or ' '):04X} is not allowed in a text file"


def _explain_marked(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    complaint = f"{error.context or ''}: {error.problem or ''}"
    mark = error.problem_mark
    assert mark is not None
    ended = _ended_before(text, mark.index)
    if ended is not None:
        return ended, f"{_line(text, ended).strip()[:_SHOWN]!r}: {_ENDED}"
    if error.context_mark is not None and any(words in complaint for words in _OPENED_EARLIER):
        mark = error.context_mark
    line = _line(text, mark.line)
    if line[: len(line) - len(line.lstrip())].count("\t"):
        return mark.line, f"{line.strip()[:_SHOWN]!r} is indented with a tab; use spaces"
    advice = next((say for words, say in _CAUSES if words in complaint), f"not YAML: {complaint.strip(': ')}")
    return mark.line, f"{line.strip()[:_SHOWN]!r}: {advice}"


def _ended_before(text: str, index: int) -> int | None:
    """The line of a text in quotes that ends right before the place of an error, where more text follows it: the quote
    that ended it was another one's first, or stands within it."""
    if text[index : index + 1] in ("", "\n", "\r", "#", "'", '"', ":", *",]}"):
        return None
    found: int | None = None
    with suppress(yaml.YAMLError):
        for token in yaml.scan(text, yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
            if token.start_mark.index >= index:
                break
            quoted = isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
            found = token.start_mark.line if quoted and not text[token.end_mark.index : index].strip() else None
    return found


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number] if number < len(lines) else ""


def strange_escape(quoted: str) -> str | None:
    r"""An escape in a double-quoted text that its author surely meant as LaTeX: YAML reads ``"\theta"`` as a tab."""
    for found in _ESCAPE.finditer(quoted):
        letters = found[1]
        if letters in _COMMANDS_IN_N or not (letters in _FINE_ESCAPES or letters.startswith("n")):
            return found[0]
    return None
