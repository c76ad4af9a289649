r"""Macros that a student defines, without arguments, written out: ``\newcommand{\post}{p(z|x)}``."""

from __future__ import annotations

import re

from grader.derivation.text.spelling import group_end

_DEFINITION = re.compile(
    r"[ \t]*\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|def)\*?"
    r"\s*(?:\{\s*\\([A-Za-z]+)\s*\}|\\([A-Za-z]+))\s*(?=\{)"
)
MOST, LONGEST = 40, 40_000


def unfolded(text: str) -> str:
    """The text without its definitions, and what they abbreviate in their places, once. A macro with arguments stays
    what it is, and so does all that uses it."""
    bodies: dict[str, str] = {}
    while (found := _DEFINITION.search(text)) is not None and len(bodies) < MOST:
        end = group_end(text, found.end())
        body = text[found.end() + 1 : end - 1]
        name = found[1] or found[2]
        if name in bodies:  # it means one thing here and another there
            return text
        bodies[name] = rf"\operatorname{{{body}}}" if "Operator" in found[0] else body
        text = text[: found.start()] + text[end:].removeprefix("\n")
    if not bodies:
        return text
    names = "|".join(sorted(bodies, key=len, reverse=True))
    uses = re.compile(rf"\\({names})(?![A-Za-z])")
    if len(text) + sum(len(bodies[found[1]]) for found in uses.finditer(text)) > LONGEST:
        return text
    return uses.sub(lambda found: bodies[found[1]] + " ", text)
