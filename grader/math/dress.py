"""What may stand around a formula and does not belong to it (ITEMS.md, reading rules)."""

from __future__ import annotations

import re

from grader.errors import Unreadable
from grader.math.tree import FUNCTIONS

_PAIRS = (
    ("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("```", "```"), ("`", "`"), ('"', '"'), ("'", "'"),
    ("“", "”"), ("**", "**"), ("*", "*"),
)  # fmt: skip
_ENVIRONMENT = re.compile(
    r"\\begin\{(equation|align|aligned|gather|displaymath|math|center)(\*?)\}(.*)\\end\{\1\2\}", re.DOTALL
)
_WRAPPER = re.compile(r"\\(?:boxed|textbf|mathbf|fbox|displaystyle|text)\s*\{(.*)\}", re.DOTALL)
_BEFORE = ("\\medskip", "\\bigskip", "\\smallskip", "\\noindent", "\\displaystyle", "&", "> ")
_AFTER = ("\\\\", "\\medskip", "\\bigskip", "\\smallskip", "\\qed", "\\,", "\\&", "&", ",", ";", "\\")
_LABEL = re.compile(r"\\label\{[^{}]*\}")
MAX_LENGTH = 4000
MAX_LABEL = 200

_LOOKS = re.compile(
    r"\\(?:left|right|bigl|bigr|displaystyle|quad)(?![A-Za-z])|\\[,;:!]|[&$~]|"
    r"\\(?:text|mathrm|operatorname|mathbf|mathcal|boldsymbol)(?=\s*\{)"
)
_CALL = r"(?:\((?:[^()]|\([^()]*\))*\))"
_NAME = re.compile(
    rf"\\?\#?\s*\{{?(?P<root>\\?[A-Za-zα-ωΑ-Ω]+)\d{{0,2}}\}}?(?:_\s*(?:\{{[^{{}}]*\}}|\\?[A-Za-z0-9]+)|\^\s*(?:\{{?(?:\\?\*|\\prime|T|\\top)\}}?)|'|\*)*\s*{_CALL}?"
)
_FUNCTIONS = {*FUNCTIONS, "ln", "frac"} - {"max", "min"}
_D = r"(?:\\partial|∂|d)"
_DERIVATIVE = re.compile(
    rf"(?:\\[dt]?frac\s*\{{\s*{_D}\s*(?P<above>[^^]*?)\s*\}}\s*\{{\s*{_D}[^^]*\}}.*|{_D}\s*(?P<plain>[^\s/^]*)\s*/\s*{_D}[^^]*|"
    r"\\nabla(?:_\{?[^{}=]*\}?)?.*)",
    re.DOTALL,
)


def undress(text: str) -> str:
    """``text`` without dollars, display brackets, quotes, emphasis and a final full stop around it."""
    before = None
    text = _LABEL.sub("", text.strip()) if len(text) <= MAX_LENGTH else text.strip()
    while text != before and len(text) <= MAX_LENGTH:
        before = text
        text = _without_edges(text)
        for shell in (_ENVIRONMENT, _WRAPPER):
            found = shell.fullmatch(text)
            if found and _balanced(found[found.re.groups]):
                text = found[found.re.groups].strip()
        text = _without_pair(text)
    return text


def _without_edges(text: str) -> str:
    """Without commands that only move things, punctuation, and a full stop at the ends."""
    for edge in _BEFORE:
        if text.startswith(edge) and not text[len(edge) : len(edge) + 1].isalpha():
            text = text[len(edge) :].lstrip()
    before = None
    while text != before:
        before = text
        for edge in _AFTER:
            text = text.removesuffix(edge).rstrip()
        if text.endswith(".") and not text.endswith(".."):
            text = text[:-1].rstrip()
    return text


def _without_pair(text: str) -> str:
    for opening, closing in _PAIRS:
        inner = text[len(opening) : -len(closing)]
        around = text.startswith(opening) and text.endswith(closing) and len(text) > len(opening) + len(closing)
        if around and opening not in inner and closing not in inner:
            return inner.strip()
    return text


def _balanced(text: str) -> bool:
    depth = 0
    for found in re.finditer(r"\\.|[{}]", text):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth < 0:
            return False
    return depth == 0


def split_label(text: str, variables: frozenset[str]) -> tuple[str | None, str]:
    """``p_X(1) = 1/15`` as the label ``p_X(1)`` and the rest; no label where there is no ``=``.

    A label names what is asked for. A declared variable in its place, or anything done to a name (``\\log Z``,
    ``J^{-1}``), makes it an equation, and a second ``=`` makes it two answers: both raise Unreadable.
    """
    places = _equals(text)
    if not places:
        return None, text
    if len(places) > 1:
        raise Unreadable("there are two `=` here: give the last value only", places[1])
    label, rest = text[: places[0]].strip().removesuffix(":").strip(), text[places[0] + 1 :].strip()
    if not label or _is_label(label, rest, variables):
        return label, rest
    raise Unreadable(f"is `{label} = …` an equation? Give the answer alone, or behind a plain name", places[0])


def _equals(text: str) -> list[int]:
    """Places of ``=`` outside of all brackets, where it is no part of another relation."""
    depth, found = 0, []
    for token in re.finditer(r"\\(?:begin|end)(?![A-Za-z])|\\[{}]|[<>!]=|=[<>=]|[(\[{}\])=]", text):
        depth += (token[0] in ("(", "[", "{", r"\{", r"\begin")) - (token[0] in (")", "]", "}", r"\}", r"\end"))
        if token[0] == "=" and depth <= 0:
            found.append(token.start())
    return found


def _is_label(label: str, rest: str, variables: frozenset[str]) -> bool:
    label = " ".join(label.split())
    if len(label) > MAX_LABEL:
        return False
    bare = re.sub(r"\\[lr]?vert", "|", _LOOKS.sub(" ", label)).strip()
    bare = re.sub(r"^\|(.*)\|$", r"\1", bare).strip()
    bare, determinant = re.subn(r"^(?:\\?det|\{\s*det\s*\})\s*(?=[\\A-Za-z{(])", "", bare)
    bare = bare.strip()
    bare = re.sub(r"\{\s*([A-Za-z,]+)\s*\}", r"{\1}", bare)
    if determinant:
        bare = re.sub(r"^\((.*)\)$", r"\1", bare)
    if derivative := _DERIVATIVE.fullmatch(bare):
        above = derivative.groupdict().get("above") or derivative.groupdict().get("plain") or ""
        return above.strip("\\{} ") not in variables
    found = _NAME.fullmatch(bare)
    if not found or found["root"].lstrip("\\") in _FUNCTIONS:
        return False
    # N = |\theta| says the same twice; D = 1/2 is a statement about D.
    whole = bare.strip("\\{} ")
    return whole not in variables or rest.strip().startswith(("|", r"\lvert", r"\left|"))
