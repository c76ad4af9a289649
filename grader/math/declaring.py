r"""Symbols from words, for the shell and for files of pairs: ``r: positive, p_{X,Y}: function of 2 arguments``.

A declaration begins at a name and a colon; what follows, up to the next one, says what the name stands for. Names may
be typed in LaTeX: ``\theta`` is the symbol ``theta``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from grader.errors import Unreadable
from grader.math.domains import domain
from grader.math.printing import to_latex
from grader.math.tree import FUNCTIONS, Variable
from grader.spec import Symbol

_NAME = r"\\?[A-Za-z]+[0-9]*(?:_\s*(?:\{[^{}:;]*\}|\\?[A-Za-z0-9]+))?"
_START = re.compile(rf"(?:^|[,;\n])\s*(?P<name>{_NAME}|\\math[a-z]+\{{[A-Za-z]+\}})\s*:")
_FONT = re.compile(r"\\math[a-z]+\{([A-Za-z]+)\}")
_FUNCTION = re.compile(r"(?:function of )?(\d+) (?:real )?arguments?|function")
_SHAPED = re.compile(r"(?:(.*)\s)?(?:vector\s+of\s+(\w+)|matrix\s+(\w+)\s*(?:x|×|by)\s*(\w+))")
_FROM_TO = re.compile(r"(integer\s+)?(-?\d+)\s*(?:\.\.|…)\s*(-?\d+|[A-Za-z]\w*)")
_ORDER = re.compile(r"(below|less than|at most|up to)\s+(\w+)")
_TAKEN = {*FUNCTIONS, "sum", "prod", "integral", "diff", "pi", "e", "infinity"}
_SUGGESTED = [
    "real", "positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer", "positive integer",
    "nonnegative integer", "function of 1 argument", "family", "positive integer family", "real family",
]  # fmt: skip
_EXPECTED = (
    "a domain such as real, positive, (0, 1) or integer 0..n; or 2 arguments, positive integer family, vector of n, "
    "matrix n x m, below n"
)


def read_symbols(text: str) -> dict[str, Symbol]:
    """The symbols that ``text`` declares, in order. Raises Unreadable, naming what was read and what is expected."""
    starts = list(_START.finditer(text))
    before = text[: starts[0].start()] if starts else text
    if not text.strip():
        return {}
    if not starts or before.strip(" ,;\n"):
        raise Unreadable(f"{before.strip()!r} is no declaration; expected a name, a colon and {_EXPECTED}", 0)
    ends = [found.start() for found in starts[1:]] + [len(text)]
    words: dict[str, str] = {}
    for found, end in zip(starts, ends, strict=True):
        if found["name"] in words:
            raise Unreadable(f"`{found['name']}` is declared twice", found.start("name"))
        words[found["name"]] = text[found.end() : end]
    return declared(words)


def declared(words: Mapping[str, str]) -> dict[str, Symbol]:
    """Symbols from the words for each name, as in a file of pairs. Raises Unreadable."""
    symbols: dict[str, Symbol] = {}
    for written, said in words.items():
        name = plain_name(written)
        if name in symbols:
            raise Unreadable(f"`{name}` is declared twice")
        if name in _TAKEN or not re.fullmatch(r"[A-Za-z]\w*", name):
            raise Unreadable(f"`{written}` is no name that can be declared")
        symbols[name] = _symbol(written, name, said)
    for name, symbol in symbols.items():
        _see_to_names(name, symbol, symbols)
    return symbols


def plain_name(written: str) -> str:
    r"""The name of a symbol that was typed in LaTeX: ``p_{X,Y}`` is ``p_XY``."""
    return re.sub(r"[\\{},\s]", "", _FONT.sub(r"\1", written))


def _symbol(written: str, name: str, said: str) -> Symbol:
    given: dict[str, Any] = {}
    for part in _parts(said):
        found = _meaning(part, written)
        if doubled := found.keys() & given.keys():
            raise Unreadable(f"`{written}: {said.strip()}` tells the {sorted(doubled)[0]} of `{written}` twice")
        given |= found
    if not given:
        raise Unreadable(f"nothing stands behind `{written}:`; expected {_EXPECTED}")
    if "\\math" not in written and written not in (name, to_latex(Variable(name), {})):
        given["latex"] = written
    return Symbol(**given)


def _parts(said: str) -> list[str]:
    """What stands between commas outside of brackets."""
    parts, depth = [""], 0
    for char in said:
        depth += (char in "([") - (char in ")]")
        if char in ",;\n" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part for part in (" ".join(part.split()) for part in parts) if part]


def _meaning(part: str, written: str) -> dict[str, Any]:
    """What one part of a declaration says, as keys of Symbol."""
    if found := _FUNCTION.fullmatch(part):
        return {"arity": _arity(found[1] or "1", written)}
    if found := _ORDER.fullmatch(part):
        return {"below" if found[1] in ("below", "less than") else "up_to": plain_name(found[2])}
    if part == "family" or part.endswith(" family"):
        return {"family": True} | _nothing_or(part.removesuffix("family").strip(), written)
    if found := _SHAPED.fullmatch(part):
        return {"shape": (found[2],) if found[2] else (found[3], found[4])} | _nothing_or(found[1], written)
    if found := _FROM_TO.fullmatch(part):
        return _from_to(int(found[2]), found[3])
    return {"domain": _domain(part, written)}


def _nothing_or(part: str | None, written: str) -> dict[str, Any]:
    return _meaning(part, written) if part else {}


def _arity(count: str, written: str) -> int:
    if not 1 <= int(count) <= 8:
        raise Unreadable(f"`{written}: {count} arguments`: a function has 1 to 8 arguments here")
    return int(count)


def _from_to(low: int, high: str) -> dict[str, Any]:
    """``integer 0..n`` or ``1..6``: the upper end is a number or another symbol."""
    if re.fullmatch(r"-?\d+", high):
        return {"domain": f"integer [{low}, {high}]"}
    words = {0: "nonnegative integer", 1: "positive integer"}
    return {"domain": words.get(low, f"integer [{low}, inf)"), "up_to": high}


def _domain(part: str, written: str) -> str:
    try:
        domain(part)
    except Unreadable as error:
        near = difflib.get_close_matches(part, _SUGGESTED, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise Unreadable(f"`{written}: {part}` is not understood{hint}; expected {_EXPECTED}") from error
    return part


def _see_to_names(name: str, symbol: Symbol, symbols: Mapping[str, Symbol]) -> None:
    """Every other symbol that this one names must be declared, too."""
    sizes = [size for size in symbol.shape if not size.isdigit()]
    for other in (symbol.below, symbol.up_to, *sizes):
        if other is not None and (other not in symbols or other == name):
            raise Unreadable(f"`{name}` names `{other}`, which is not declared: add `{other}: positive integer`")
    for size in sizes:
        if not domain(symbols[size].domain).integer:
            raise Unreadable(f"`{size}` is a size of `{name}`, so expected `{size}: positive integer`")


def to_words(symbols: Mapping[str, Symbol]) -> str:
    """The declaration that ``read_symbols`` reads as these symbols (without their aliases)."""
    return ", ".join(f"{_written(name, symbol)}: {_said(symbol)}" for name, symbol in symbols.items())


def _written(name: str, symbol: Symbol) -> str:
    latex = symbol.latex
    return latex if latex is not None and plain_name(latex) == name and latex != to_latex(Variable(name), {}) else name


def _said(symbol: Symbol) -> str:
    base = f"{symbol.domain} family" if symbol.family else symbol.domain
    kind = f"{symbol.arity} argument{'s' * (symbol.arity != 1)}" if symbol.arity else ""
    if symbol.shape:
        kind = f"vector of {symbol.shape[0]}" if len(symbol.shape) == 1 else f"matrix {' x '.join(symbol.shape)}"
    order = f"below {symbol.below}" if symbol.below else f"at most {symbol.up_to}" if symbol.up_to else ""
    return ", ".join(filter(None, (kind, "" if kind and base == "real" else base, order)))
