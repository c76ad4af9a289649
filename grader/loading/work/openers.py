r"""Lines that may open an item without a heading: ``4a: 1/15``, ``**4c** yes``, ``\item[4a] $1/15$``, ``(4c) yes``.

Only the forms are known here; which labels are items, and which form is enough where, is for ``loading.work.collect``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Form = Literal["label", "colon", "stopped", "bare"]

LISTS = r"(?:enumerate|itemize|description|center)"
_LEAD = re.compile(
    r"\s*(?:>\s*)?(?:[-*+]\s+)?(?:\\(?:noindent|par|smallskip|medskip|bigskip|item(?!\s*\[))(?![a-zA-Z])\s*"
    rf"|\\(?:begin|end)\s*\{{{LISTS}\}}(?:\[[^\]]{{0,80}}\])?\s*)*"
)
_DASH = r"\s+[\u2013\u2014-]+(?=\s)"
_STOP = rf"(?:\s*[:\uff1a.)]|{_DASH})?"
_WORD = r"(?:[A-Za-z]{1,10}\.?\s?)?"
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("label", re.compile(rf"\\item\s*\[(?P<label>[^\]\n]{{1,60}})\]{_STOP}")),
    ("label", re.compile(rf"(?:\*\*|__)(?P<label>[^*\n]{{1,60}}?)(?:\*\*|__){_STOP}")),
    ("label", re.compile(rf"\\(?:textbf|textit|emph|underline)\s*\{{(?P<label>[^{{}}\n]{{1,60}})\}}{_STOP}")),
    ("colon", re.compile(r"(?P<label>[^:\uff1a\n]{0,29}?[^:\uff1a\s])\s*(?:(?<!\d):|:(?!\d)|\uff1a)")),
    ("stopped", re.compile(rf"(?P<label>{_WORD}[(\[]?[0-9A-Za-z][0-9A-Za-z.()\[\] ]{{0,10}}?[.)\]])(?=\s+\S)")),
    ("bare", re.compile(rf"(?P<label>[0-9]+(?:\.[0-9]+)*[a-z]?)(?=\s+\S|\s*=|\s*$)(?:\s*=(?!=)|{_DASH})?")),
)


@dataclass(frozen=True, slots=True)
class Opener:
    """``label``: in bold or the label of a list; ``colon``: with one behind it; ``stopped``: a stop or brackets."""

    form: Form
    label: str
    rest: str


def openers(line: str) -> Iterator[Opener]:
    """All that the beginning of a line might be, the surest form first."""
    lead = _LEAD.match(line)
    start = lead.end() if lead else 0
    for form, pattern in _FORMS:
        if (found := pattern.match(line, start)) and _may_be_a_label(found["label"]):
            yield Opener(form, found["label"].strip(), line[found.end() :].strip())


def _may_be_a_label(label: str) -> bool:
    """Labels have a number, or are the letter of a part: most lines need no closer look."""
    return any(c.isdigit() for c in label) or len(label.strip("()[]. \t")) == 1


def strength(form: Form, item: str, *, inside: bool) -> Literal["opens", "mentions"] | None:
    """What a line in that form is worth: ``4c`` is an item wherever it stands, ``4.`` may count the steps of a proof.

    ``inside`` the text of another item it takes more.
    """
    lettered = any(c.isalpha() for c in item)
    if form in ("label", "colon"):
        return "mentions" if inside and item.isdigit() else "opens"
    if item.isdigit():
        return None if inside or form == "bare" else "mentions"
    if inside:
        return "mentions" if lettered or form == "stopped" else None
    return "opens" if lettered or form == "stopped" else "mentions"
