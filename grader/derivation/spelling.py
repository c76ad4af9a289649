"""Spellings that the notation of derivations adds, brought to one that the reader of formulas takes.

Every replacement keeps the length of the text, so that a place in the result is the place in what the student wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_EXPECTATION = re.compile(
    r"\\(?:operatorname\*?|mathop)\s*\{\s*\\(?:mathbb|mathbf|mathrm|mathcal)\s*\{?\s*E\s*\}?\s*\}|\\mathop\s*\{\s*E\s*\}"
    r"|\\E(?![A-Za-z])|\\Ex?p?ect(?:ation)?(?![A-Za-z])|𝔼"
)
_OPTIMUM = re.compile(
    r"\\(?:operatorname\*?|mathop|mathrm|text|underset)?\s*\{?\s*(?:\\(?:rm|mathrm|operatorname\*?|text)\s*\{?\s*)?"
    r"\\?arg\s*(?:\\[,;:! ]|~|\s)*(?:\\(?:mathrm|operatorname|text)\s*\{)?\\?(min|max)(?![a-z])\s*(?:\}\s*)*"
    r"|\barg[ _]?(min|max)(?![a-z])"
)
_STARRED = re.compile(r"\\(?:operatorname|DeclareMathOperator)\*\s*\{\s*([A-Za-z]+)\s*\}")
_ACCENT = re.compile(
    r"\\(?:wide)?(hat|tilde|bar)\s*(?:\{\s*(?:\\math[a-z]+\s*\{?\s*)?([A-Za-z])\s*\}?\s*\}|([A-Za-z])(?![A-Za-z]))"
)
_VECTOR = re.compile(r"\\(?:vec|overrightarrow)\s*(?:\{\s*([A-Za-z])\s*\}|([A-Za-z])(?![A-Za-z]))")
_BRACE = re.compile(r"\\(?:under|over)brace\s*\{")
_UNDERSET = re.compile(r"\\underset\s*\{")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\sim(?![A-Za-z])|∼"), "->"),
    (re.compile(r"\\middle(?![A-Za-z])"), ""),
    (re.compile(r"\\parallel(?![A-Za-z])|∥"), r"\|"),
    (re.compile(r"\\(?:Pr|P)(?![A-Za-z])"), "p"),
    (re.compile(r"\\(?:KL|kl|DKL|dkl|Dkl)(?![A-Za-z])"), "KL"),
    (re.compile(r"\\(?:left|right)\s*\."), ""),
    (re.compile(r"\\(?:d|mathop\{\}\\!d|diff)(?![A-Za-z])"), "d"),
    (re.compile(r"\\colon(?![A-Za-z])"), ":"),
    (re.compile(r"\\(?:lbrace|\{)\s*"), r"\{"),
    (re.compile(r"\\(?:nonumber|notag|hfill|noindent)(?![A-Za-z])"), ""),
)  # fmt: skip
_COMBINING = re.compile("([A-Za-z])([\u0302\u0303\u0304])")
_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}


def respelled(text: str) -> str:
    """``text`` in spellings that the reader takes, each character at its place (but for combining accents)."""
    text = _COMBINING.sub(lambda found: f" {_MARKS[found[2]]}{found[1]} ", text)
    text = _without_brace_notes(_underset(text))
    text = _sub(_EXPECTATION, lambda found: "E", text)
    text = _sub(_OPTIMUM, lambda found: f" arg{found[1]}" if found[1] else f"arg{found[2]}", text)
    text = _sub(_STARRED, lambda found: f" {found[1]}", text)
    text = _sub(_ACCENT, lambda found: f" {found[1]}{found[2] or found[3]}", text)
    text = _sub(_VECTOR, lambda found: f" {found[1] or found[2]}", text)
    for pattern, word in _WORDS:
        text = _sub(pattern, lambda found, word=word: word, text)  # type: ignore[misc]
    return text


def _sub(pattern: re.Pattern[str], said: Callable[[re.Match[str]], str], text: str) -> str:
    def padded(found: re.Match[str]) -> str:
        return said(found).ljust(len(found[0]))

    return pattern.sub(padded, text)


def _group_end(text: str, opening: int) -> int:
    """The place behind the brace that closes the one at ``opening``; the end of the text where none does."""
    depth = 0
    for at in range(opening, len(text)):
        if text[at] in "{}" and (not at or text[at - 1] != "\\"):
            depth += 1 if text[at] == "{" else -1
            if not depth:
                return at + 1
    return len(text)


def _without_brace_notes(text: str) -> str:
    r"""``\underbrace{x}_{\text{note}}`` is ``{x}``."""
    while found := _BRACE.search(text):
        end = _group_end(text, found.end() - 1)
        note = re.compile(r"\s*[_^]\s*\{").match(text, end)
        last = _group_end(text, note.end() - 1) if note else end
        blank = " " * (len(found[0]) - 1)
        text = text[: found.start()] + blank + text[found.end() - 1 : end] + " " * (last - end) + text[last:]
    return text


def _underset(text: str) -> str:
    r"""``\underset{a}{b}`` is ``b_{a}``."""
    for _ in range(text.count("\\underset")):
        found = _UNDERSET.search(text)
        if not found:
            break
        middle = _group_end(text, found.end() - 1)
        opening = text.find("{", middle)
        if opening < 0 or text[middle:opening].strip():
            break
        end = _group_end(text, opening)
        below, base = text[found.end() : middle - 1], text[opening + 1 : end - 1]
        text = text[: found.start()] + f"{base}_{{{below}}}".ljust(end - found.start()) + text[end:]
    return text
