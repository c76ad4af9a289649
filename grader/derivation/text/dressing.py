r"""What dresses a row and says nothing, blanked before the row is cut: colours, boxes, phantoms, empty groups.

``\theta^* \in`` before an argmin goes as well: that the same ones are optimal says that the problems are the same.

Every replacement keeps the length of the row, so that places in it stay what they are.
"""

from __future__ import annotations

import re

from grader.derivation.text.spelling import group_end

_PHANTOM = re.compile(r"\\[hv]?phantom\s*\{")
_BOXED = re.compile(r"\\(?:boxed|fbox|underline|textcolor\s*\{[^{}]*\})\s*\{")
_COLOR = re.compile(r"(?P<group>\{\s*)?\\color\s*\{[^{}]*\}")
_CANCEL = re.compile(r"\\[bx]?cancel(?=\s*\{)")
_EMPTY = re.compile(r"(?<![\w}\]^*])(?<![\w}\]^*] )\{\s*\}(?!\s*[_^])")
_TRIANGLE = re.compile(r"\\(?:var)?triangleright(?![A-Za-z])|[▷▹]")
_OPTIMAL = re.compile(
    r"(?<![A-Za-z\\{(])(?:\\(?:wide)?(?:hat|tilde)\s*)?\\?[A-Za-z]+(?:[_^](?:\{[^{}]*\}|\*|\\?\w+))*\s*(?:\\in(?![A-Za-z])|∈)"
    r"\s*(?=\\?(?:operatorname\*?\s*\{|mathop\s*\{|underset\s*\{[^{}]*\}\s*\{)?\s*(?:\\rm\s*)?\\?arg)"
)
_TIE = re.compile(r"(?:(?<=\A)|(?<=[\s$(]))~(?=\s*(?:[=<>&~]|\\[lg]eq?(?![A-Za-z])))|(?<=[=&])~")
_OVER = re.compile(
    r"(?<![A-Za-z])(\\?arg *\\?(?:min|max)|\\?(?:min|max|sum|prod))"
    r"\s+over\s+(?:all\s+)?(\\?[A-Za-z]+(?:_\\?[A-Za-z]+)?)\s+of(?![A-Za-z])"
)
_MOST = 200


def undressed(row: str) -> str:
    row = _without_groups(row, _PHANTOM, inside=True)
    row = _without_groups(row, _BOXED, inside=False)
    row = _without_color(row)
    row = _TIE.sub(" ", row)
    for pattern in (_CANCEL, _EMPTY, _TRIANGLE, _OPTIMAL):
        row = pattern.sub(lambda found: " " * len(found[0]), row)
    return _OVER.sub(lambda found: f"{found[1]}_{{{found[2]}}}".ljust(len(found[0])), row)


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _without_groups(row: str, pattern: re.Pattern[str], inside: bool) -> str:
    """Commands with their braces blanked, and with what is ``inside``."""
    for _ in range(_MOST):
        found = pattern.search(row)
        if found is None:
            break
        end = group_end(row, found.end() - 1)
        row = _blanked(row, found.start(), end if inside else found.end())
        row = row if inside or row[end - 1] != "}" else _blanked(row, end - 1, end)
    return row


def _without_color(row: str) -> str:
    r"""``{\color{red} x}`` is ``x``."""
    for _ in range(_MOST):
        found = _COLOR.search(row)
        if found is None:
            break
        if found["group"] and not row[: found.start()].rstrip().endswith(("_", "^")):
            end = group_end(row, found.start())
            row = _blanked(row, end - 1, end) if row[end - 1] == "}" else row
            row = _blanked(row, found.start(), found.end())
        else:
            row = _blanked(row, found.start() + len(found["group"] or ""), found.end())
    return row
