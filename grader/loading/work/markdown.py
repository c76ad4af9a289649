"""Markdown -> sections. Only headings matter here: fenced code and comments are kept as they are and open nothing."""

from __future__ import annotations

import re

from grader.loading.work.released import without_released
from grader.loading.work.sections import Line, Reading, Section, SectionBuilder, at

# ``##4d`` without a space is no heading to CommonMark, but one to the student.
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})(?:(?=[ \t]|$)|(?<=##)(?=[0-9]))")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*)?(?P<mark>`{3,}|~{3,})(?P<info>.*)")


def read(text: str, place: str, *, numbered: bool = True) -> Reading:
    """Read a file, or a cell (not ``numbered``: its lines mean nothing to anyone)."""
    reading = Reading()
    builder = SectionBuilder()
    lines = without_released(text.split("\n"))
    opaque = _Opaque(lines)
    for i, line in enumerate(lines):
        source = at(place, i + 1 if numbered else 0)
        if opaque.covers(i):
            builder.line(Line(line, source, opaque=True))
        elif heading := _HEADING.match(line):
            builder.heading(Section(_title(line[heading.end() :]), len(heading["marks"]), source, line))
        else:
            builder.line(Line(line, source))
    reading.found.extend(builder.sections())
    reading.remarks.extend(f"{at(place, i + 1 if numbered else 0)}: {what}" for i, what in opaque.unclosed)
    return reading


def _title(rest: str) -> str:
    """A heading's text, without the marks that may close it."""
    title = rest.strip()
    bare = title.rstrip("#")
    return bare.strip() if not bare or bare[-1].isspace() else title


class _Opaque:
    """Tells which lines stand in fenced code or in a comment.

    A fence or comment that is never closed would hide the rest of the file, so it is taken as text and noted.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._fences = _longest_fences(lines)
        self._last_comment_end = max((i for i, line in enumerate(lines) if "-->" in line), default=-1)
        self._closing: str | None = None
        self.unclosed: list[tuple[int, str]] = []

    def covers(self, i: int) -> bool:
        """To be asked of every line in order."""
        line = self._lines[i]
        if self._closing is not None:
            if self._closes(line):
                self._closing = None
            return True
        fence = _FENCE.fullmatch(line)
        if fence and not (fence["mark"][0] == "`" and "`" in fence["info"]):
            return self._open_fence(i, fence["mark"])
        return "<!--" in line and "-->" not in line.rpartition("<!--")[2] and self._open_comment(i)

    def _open_fence(self, i: int, mark: str) -> bool:
        if self._fences[mark[0]][i + 1] < len(mark):
            self.unclosed.append((i, f"the code opened by {mark} is never closed; it was read as text"))
            return False
        self._closing = mark
        return True

    def _open_comment(self, i: int) -> bool:
        if self._last_comment_end <= i:
            self.unclosed.append((i, "the comment opened by <!-- is never closed; it was read as text"))
            return False
        self._closing = "-->"
        return not _HEADING.match(self._lines[i])

    def _closes(self, line: str) -> bool:
        if self._closing == "-->":
            return "-->" in line
        fence = _FENCE.fullmatch(line)
        return fence is not None and fence["mark"].startswith(self._closing or "") and not fence["info"].strip()


def _longest_fences(lines: list[str]) -> dict[str, list[int]]:
    """For each kind of fence and line: how long a closing fence there is in that line or later."""
    longest = {"`": [0] * (len(lines) + 1), "~": [0] * (len(lines) + 1)}
    for i in reversed(range(len(lines))):
        fence = _FENCE.fullmatch(lines[i])
        for mark, lengths in longest.items():
            closes = fence is not None and fence["mark"][0] == mark and not fence["info"].strip()
            lengths[i] = max(lengths[i + 1], len(fence["mark"]) if fence is not None and closes else 0)
    return longest
