"""Answers that stand within another field's text: the field that they seem meant for must not count as blank."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.work.labels import plain
from grader.loading.work.pieces import main
from grader.loading.work.sections import shown
from grader.spec import ChoiceField, Item
from grader.submission import Response

MOST_LINES = 2_000
_VERDICTS = {"yes", "y", "true", "t", "no", "n", "false", "f"}
_VERDICT = re.compile(r"(?P<word>[^\n.,;:!]{1,80}?)\s*(?:[.,;:!].*|\s[\u2013\u2014-]+\s.*)?")


def find_misplaced(item: Item, responses: Mapping[str, Response]) -> dict[str, Response]:
    """For fields without a response: what stands elsewhere under their name, or is a verdict within the reason."""
    missing = [spec.name for spec in item.fields if spec.name not in responses]
    found = {name: _find(item, name, responses) for name in missing}
    return {name: response for name, response in found.items() if response is not None}


def _find(item: Item, name: str, responses: Mapping[str, Response]) -> Response | None:
    for other, response in responses.items():
        problem = _named_within(item, name, other, response.text) or _verdict_within(item, name, other, response.text)
        if problem:
            return Response(text=response.text, problem=problem, source=response.source)
    return None


def _named_within(item: Item, name: str, other: str, text: str) -> str | None:
    """``p: yes, p_T: no`` has the name of a field that nobody looks for in the middle of a line."""
    words = [name, "answer"] if name == main(item) else [name]
    if not any(_pattern(word).search(text) for word in words):
        return None
    return f"{name} seems to be given within the text of {other}; begin a new line with '{name}:'"


def _pattern(name: str) -> re.Pattern[str]:
    """The name with a colon behind it, or in bold; but not ``That is why: …``. Where a line or a formula begins, ``=``
    does as well."""
    typed = re.escape(name).replace("_", r"\\?[_^]\{?")
    flags = re.IGNORECASE if len(name) > 2 else 0
    with_colon = rf"(?<![A-Za-z0-9_])(?<!is ){typed}\}}?[$*_`}}\s]{{0,9}}[:\uff1a]"
    equated = rf"(?:^|[$,;]|\\\\|\\[(\[])[\s$*_`>-]{{0,9}}\\?{typed}\}}?[$*_`}}\s]{{0,9}}=(?!=)"
    return re.compile(rf"{with_colon}|{equated}|(?:\*\*|\\textbf\{{){typed}(?:\*\*|\}})", flags | re.MULTILINE)


def _verdict_within(item: Item, name: str, other: str, text: str) -> str | None:
    """``not invertible`` and below it ``No``: the reason holds the verdict that is missing."""
    spec = item.main
    if not isinstance(spec, ChoiceField) or spec.name != name:
        return None
    known = _words(spec)
    for line in text.split("\n")[:MOST_LINES]:
        found = _VERDICT.fullmatch(plain(line))
        if found and found["word"].casefold() in known:
            return f"{shown(line.strip())} stands within the text of {other}; write '{name}:' before it"
    return None


def _words(spec: ChoiceField) -> set[str]:
    words = {word.casefold() for option, more in spec.options.items() for word in (option, *more)}
    return words | _VERDICTS if set(spec.options) <= _VERDICTS else words
