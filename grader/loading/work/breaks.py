r"""Where a line may be cut: at ``\\``, ``;`` and ``\item``, but not within mathematics. And layout around a text."""

from __future__ import annotations

import re

from grader.loading.work.openers import LISTS

MOST = 50  # cuts looked at in one line
_TEXT = re.compile(rf"{LISTS}|quote|flushleft|document|proof|solution|answer|minipage")
_TOKEN = re.compile(
    r"\\begin\s*\{(?P<begin>[a-zA-Z]+\*?)\}|\\end\s*\{(?P<end>[a-zA-Z]+\*?)\}|(?P<display>\$\$|\\[\[\]])|(?P<inline>\$)"
    r"|(?P<cut>\\\\(?:\[[^\]]{0,20}\])?|\\newline(?![a-zA-Z])|;(?=\s))|(?P<item>\\item(?![a-zA-Z]))|\\."
)
_TAIL = re.compile(rf"\s*(?:\\\\(?:\[[^\]]{{0,20}}\])?|\\newline|\\begin\s*\{{{LISTS}\}}(?:\[[^\]]{{0,80}}\])?)\s*\Z")
_END = re.compile(rf"\s*\\end\s*\{{(?P<name>{LISTS})\}}\s*\Z")


class Breaks:
    """Finds the breaks of one line after another; a display may go over several."""

    def __init__(self) -> None:
        self._environments = 0
        self._display = False

    @property
    def in_mathematics(self) -> bool:
        """Whether the line looked at last ends within a display."""
        return self._display or self._environments > 0

    def find(self, line: str) -> list[tuple[int, int]]:
        """Where a part ends and where the next begins."""
        found: list[tuple[int, int]] = []
        inline = False
        for token in _TOKEN.finditer(line):
            inline ^= token["inline"] is not None
            self._follow(token)
            if inline or self._display or self._environments or len(found) == MOST:
                continue
            if token["cut"]:
                found.append(token.span())
            elif token["item"] or (token["end"] and _TEXT.fullmatch(token["end"])):
                found.append((token.end(), token.end()) if token["end"] else (token.start(), token.start()))
        return found

    def _follow(self, token: re.Match[str]) -> None:
        """Note where mathematics begins and ends."""
        if token["begin"] and not _TEXT.fullmatch(token["begin"]):
            self._environments += 1
        elif token["end"] and not _TEXT.fullmatch(token["end"]):
            self._environments = max(0, self._environments - 1)
        elif token["display"]:
            self._display = token["display"] == r"\[" or (token["display"] == "$$" and not self._display)


def without_layout(text: str) -> str:
    r"""A text without the ``\\`` behind it, and without the ends of lists that it does not begin."""
    text = text.strip()
    for _ in range(MOST):
        end = _END.search(text[-80:])
        if end and f"\\begin{{{end['name']}}}" not in text:
            text = text[: len(text[:-80]) + end.start()]
        elif tail := _TAIL.search(text[-200:]):
            text = text[: len(text[:-200]) + tail.start()]
        else:
            break
    return text
