"""What may stand around a formula and does not belong to it (ITEMS.md, reading rules)."""

from __future__ import annotations

import re

_PAIRS = (
    ("$$", "$$"),
    ("$", "$"),
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    ("`", "`"),
    ('"', '"'),
    ("'", "'"),
    ("“", "”"),
    ("**", "**"),
)
_CALL = r"(?:\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\}|\\left\(.*?\\right\))"
_NAME = re.compile(
    rf"""\|?\s*(?:\\det\s*|\\log\s+)?                                   # |J|, det J, log p
         (?:\\?[A-Za-zα-ωΑ-Ω]+|\\[a-z]+\{{[A-Za-z]+\}})                   # J, \theta, \mathcal{{L}}
         (?:[_^]\s*(?:\{{[^{{}}]*\}}|\\?[A-Za-z0-9]+|\\?\*))*\s*'?\s*     # subscripts, primes
         {_CALL}?\s*\|?""",
    re.VERBOSE,
)
_DERIVATIVE = re.compile(
    r"\\[dt]?frac\s*\{\s*(?:\\partial|d|\\mathrm\{d\}|∂)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\s*\{.*\}|(?:d|∂)\S*\s*/\s*(?:d|∂).*"
)


def undress(text: str) -> str:
    """``text`` without dollars, display brackets, quotes and a final full stop around it."""
    before = None
    text = text.strip()
    while text != before:
        before = text
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1].rstrip()
        for opening, closing in _PAIRS:
            inner = text[len(opening) : -len(closing)]
            if (
                len(text) > len(opening) + len(closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and opening not in inner
                and closing not in inner
            ):
                text = inner.strip()
    return text


def split_label(text: str) -> tuple[str | None, str]:
    """``p_X(1) = 1/15`` as the label ``p_X(1)`` and the rest; no label where there is none or more than one ``=``."""
    if text.count("=") != 1 or re.search(r"[<>!:≤≥]=|=[<>]", text):
        return None, text
    if _inside_brackets(text, text.index("=")):
        return None, text
    label, _, rest = (part.strip() for part in text.partition("="))
    label = label.removesuffix("&").rstrip()
    if not rest or not (_NAME.fullmatch(label) or _DERIVATIVE.fullmatch(label)):
        return None, text
    return label, rest


def _inside_brackets(text: str, place: int) -> bool:
    """Whether the bounds of a sum, as in sum(k_i, i=1..n), are what the sign belongs to."""
    before = text[:place]
    return sum(before.count(c) for c in "([{") > sum(before.count(c) for c in ")]}")
