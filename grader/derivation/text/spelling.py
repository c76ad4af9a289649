"""Spellings that the notation of derivations adds, brought to one that the reader of formulas takes.

Every replacement keeps the length of the text, so that a place in the result is the place in what the student wrote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_EXPECTATION = re.compile(
    r"\\(?:operatorname\*?|mathop)\s*\{\s*\\(?:mathbb|mathbf|mathrm|mathcal)\s*\{?\s*E\s*\}?\s*\}|\\mathop\s*\{\s*E\s*\}"
    r"|\\E(?![A-Za-z])|\\Ex?p?ect(?:ation)?(?![A-Za-z])|𝔼"
)
_OPTIMUM = re.compile(
    r"\\(?:operatorname\*?|mathop|mathrm|text|underset)?\s*\{?\s*(?:\\(?:rm|mathrm|operatorname\*?|text)\s*\{?\s*)?"
    r"\\?arg\s*(?:\\[,;:! ]|~|\s)*(?:\\(?:mathrm|operatorname|text)\s*\{)?\\?(min|max)(?![a-z])"
    r"|\barg[ _]?(min|max)(?![a-z])"
)
_CLOSED = re.compile(r"\s*\}")
_STARRED = re.compile(r"\\(?:operatorname|DeclareMathOperator)\*\s*\{\s*([A-Za-z]+)\s*\}")
_ACCENT = re.compile(
    r"\\(?:wide|over)?(hat|tilde|bar|line)\s*"
    r"(?:\{\s*(?:\\(?:math[a-z]+|bm|boldsymbol)\s*\{\s*([A-Za-z])\s*\}|\\math[a-z]+\s+([A-Za-z])|\\?([A-Za-z]+))\s*\}"
    r"|([A-Za-z])(?![A-Za-z])|\s*\\(?!math|bm|bold)([A-Za-z]+))"
)
_VECTOR = re.compile(r"\\(?:vec|overrightarrow)\s*(?:\{\s*([A-Za-z])\s*\}|([A-Za-z])(?![A-Za-z]))")
_BRACE = re.compile(r"\\(?:under|over)brace\s*\{")
_SUBSTACK = re.compile(r"\\substack\s*\{")
_CONTINUED = re.compile(r"((?:\\(?:sim|mid|le|ge|in)|[-+=<>|,∼~])\s*)\\\\")
_OVER = re.compile(r"\{([^{}\\]{1,20})\\over(?![A-Za-z])([^{}\\]{1,20})\}")
_UNDERSET = re.compile(r"\\underset\s*\{")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\(?:stackrel|overset)\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)?\}\s*\{\s*(?:\\sim|∼|~)\s*\}"), "->"),
    (re.compile(r"\\sim(?![A-Za-z])|∼"), "->"),
    (re.compile(r"\\given(?![A-Za-z])"), r"\mid"),
    (re.compile(r"\^\s*(?:\{\s*(?:\*|\\star|\\ast)\s*\}|\\star(?![A-Za-z]))"), "^*"),
    (re.compile(r"\\iint(?![A-Za-z])"), "   ∫∫"),
    (re.compile(r"\\ell(?![A-Za-z])"), " ell"),
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
_COMBINING = re.compile("([A-Za-zα-ωΑ-Ω])([\u0302\u0303\u0304\u0305])")
_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁱʲᵏⁿ", "0123456789ijkn", strict=True))
_RAISED_BRACKET = re.compile(rf"⁽([{''.join(_RAISED)}]+)⁾")
_LETTERS = {"ᵀ": "^T", "ℓ": " ell "}


def respelled(text: str) -> str:
    """``text`` in spellings that the reader takes, each character at its place (but for some of Unicode's)."""
    text = _COMBINING.sub(lambda found: f" {_MARKS[found[2]]}{_letter(found[1])} ", text)
    text = _RAISED_BRACKET.sub(lambda found: f"^{{({''.join(_RAISED[sign] for sign in found[1])})}}", text)
    text = re.sub("[ᵀℓ]", lambda found: _LETTERS[found[0]], text)
    text = _sub(_OVER, lambda found: f"{{({found[1].strip()})/({found[2].strip()})}}", text)
    text = _without_brace_notes(_underset(_substack(text)))
    text = _optimum(_sub(_EXPECTATION, lambda found: "E", text))
    text = _sub(_STARRED, lambda found: f" {found[1]}", text)
    text = _sub(_ACCENT, _accented, text)
    text = _sub(_VECTOR, lambda found: f" {found[1] or found[2]}", text)
    for pattern, word in _WORDS:
        text = _sub(pattern, lambda found, word=word: word, text)  # type: ignore[misc]
    return text


def _letter(sign: str) -> str:
    """A Latin letter, or the name of a Greek one."""
    if sign.isascii():
        return sign
    name = unicodedata.name(sign).split()[-1].lower().replace("lamda", "lambda")
    return name if sign.islower() else name.capitalize()


def _accented(found: re.Match[str]) -> str:
    """``\\hat{p}`` as the one name ``hatp``; what is no single letter stays as it is."""
    letter = next(group for group in found.groups()[1:] if group)
    if len(letter) > 1 and f"\\{letter}" not in found[0]:  # \bar{xy}
        return found[0]
    return f" {'bar' if found[1] == 'line' else found[1]}{letter}"


def _optimum(text: str) -> str:
    """``\\operatorname{arg\\,min}`` as one word, with as many closing braces as were opened."""
    start = 0
    while found := _OPTIMUM.search(text, start):
        end = found.end()
        for _ in range(found[0].count("{") - found[0].count("}")):
            end = closed.end() if (closed := _CLOSED.match(text, end)) else end
        word = f" arg{found[1]}" if found[1] else f"arg{found[2]}"
        text = text[: found.start()] + word.ljust(end - found.start()) + text[end:]
        start = end
    return text


def _substack(text: str) -> str:
    r"""``_{\substack{a \\ b}}`` is ``_{a, b}``."""
    while found := _SUBSTACK.search(text):
        end = group_end(text, found.end() - 1)
        inside = _CONTINUED.sub(lambda mark: mark[1] + "  ", text[found.end() : end - 1]).replace("\\\\", ", ")
        braces = "{}" if text[: found.start()].rstrip().endswith("_") else "  "
        front = " " * (len(found[0]) - 1) + braces[0]
        text = text[: found.start()] + (front + inside + braces[1])[: end - found.start()] + text[end:]
    return text


def _sub(pattern: re.Pattern[str], said: Callable[[re.Match[str]], str], text: str) -> str:
    def padded(found: re.Match[str]) -> str:
        return said(found).ljust(len(found[0]))

    return pattern.sub(padded, text)


def group_end(text: str, opening: int) -> int:
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
        end = group_end(text, found.end() - 1)
        note = re.compile(r"\s*[_^]\s*\{").match(text, end)
        last = group_end(text, note.end() - 1) if note else end
        blank = " " * (len(found[0]) - 1)
        text = text[: found.start()] + blank + text[found.end() - 1 : end] + " " * (last - end) + text[last:]
    return text


def _underset(text: str) -> str:
    r"""``\underset{a}{b}`` is ``b_{a}``."""
    for _ in range(text.count("\\underset")):
        found = _UNDERSET.search(text)
        if not found:
            break
        middle = group_end(text, found.end() - 1)
        opening = text.find("{", middle)
        if opening < 0 or text[middle:opening].strip():
            break
        end = group_end(text, opening)
        below, base = text[found.end() : middle - 1], text[opening + 1 : end - 1]
        text = text[: found.start()] + f"{base}_{{{below}}}".ljust(end - found.start()) + text[end:]
    return text
