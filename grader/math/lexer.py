"""Text to tokens, for plain notation, LaTeX and mixtures of the two.

What only changes the look is dropped here (``\\left``, spacing, fonts), and what has several spellings gets one: ``θ``,
``theta`` and ``\\theta`` are the name ``theta``; ``·``, ``×``, ``\\cdot`` are ``*``; ``**`` is ``^``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grader.errors import Unreadable

MAX_LENGTH = 2000
MAX_TOKENS = 800
MAX_DIGITS = 400

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
).split()
_GREEK_LETTERS = {
    **{unicodedata.lookup(f"GREEK SMALL LETTER {'LAMDA' if n == 'lambda' else n.upper()}"): n for n in GREEK[:24]},
    **{unicodedata.lookup(f"GREEK CAPITAL LETTER {'LAMDA' if n == 'Lambda' else n.upper()}"): n for n in GREEK[24:]},
    "ϕ": "phi", "ϵ": "epsilon", "ϑ": "theta", "ς": "sigma", "µ": "mu",
}  # fmt: skip
_SIGNS = {
    "−": "-", "–": "-", "·": "*", "⋅": "*", "∙": "*", "×": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/",
    "≤": "<=", "≥": ">=", "≠": "!=", "∪": "cup", "∩": "cap", "∈": "in", "…": "...", "⋯": "...", "′": "'",
    "∧": "and", "∨": "or", "→": "->", "⇒": "->", "‖": "||", "∣": "|", "⩽": "<=", "⩾": ">=",
    "⟨": "<(", "⟩": ">)", "⊤": "top", "⌊": "floor(", "⌋": "floor)", "⌈": "ceil(", "⌉": "ceil)",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_FRACTIONS = {"½": "1/2", "⅓": "1/3", "¼": "1/4", "¾": "3/4", "⅔": "2/3", "⅕": "1/5"}
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)) | dict(zip("ᵢⱼₖₘₙₜ", "ijkmnt", strict=True))
_WORDS = {"√": "sqrt", "∞": "infinity", "∑": "sum", "∏": "prod", "∫": "integral", "∂": "partial", "𝟙": "indicator"}

_DROPPED = {" ", ">", "/"} | set(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm displaystyle textstyle limits "
    "nolimits quad qquad mathstrut , ; : ! space thinspace negthinspace".split()
)
_OPENING = {"left", "bigl", "Bigl", "biggl", "Biggl"}
_CLOSING = {"right", "bigr", "Bigr", "biggr", "Biggr"}
_BAR = re.compile(r"\s*(?:\||\\[lr]?vert(?![A-Za-z]))")
_FONTS = set(
    "mathbf mathrm mathit mathsf mathtt mathcal mathbb mathfrak boldsymbol bm pmb operatorname text textrm textit "
    "textbf mathnormal mathbbm mathds".split()
)
_OF_ONES = {"mathbb", "mathbf", "mathbbm", "mathds", "bm", "boldsymbol", "bf"}
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "leqslant": "<=", "ge": ">=",
    "geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "cup": "cup", "cap": "cap",
    "in": "in", "land": "and", "wedge": "and", "lor": "or", "vee": "or", "ldots": "...", "dots": "...", "cdots": "...",
    "dotsc": "...", "dotsm": "...", "dotsb": "...",
    "lvert": "lbar", "rvert": "rbar", "vert": "|", "mid": "|", "lVert": "||", "rVert": "||",
    "Vert": "||", "|": "||", "{": "{{", "}": "}}", "lbrace": "{{", "rbrace": "}}", "%": "%", "_": "_", "prime": "'",
    "to": "->", "rightarrow": "->", "Rightarrow": "->", "longrightarrow": "->",
    "lceil": "ceil(", "rceil": "ceil)", "lfloor": "floor(", "rfloor": "floor)", "lbrack": "[", "rbrack": "]",
    "langle": "<(", "rangle": ">)", "top": "top", "intercal": "top", "\\": "\\", "cr": "\\",
}  # fmt: skip
_NAMES = {
    "infty": "infinity", "varphi": "phi", "varepsilon": "epsilon", "vartheta": "theta", "dfrac": "frac",
    "tfrac": "frac", "cfrac": "frac",
    "nicefrac": "frac", "sfrac": "frac", "dbinom": "binom", "tbinom": "binom", "ln": "log", "sgn": "sign",
    "int": "integral", "tr": "trace", "Tr": "trace", "indicator": "indicator",
}  # fmt: skip
_KNOWN = set(GREEK) | set(
    "frac sqrt binom sum prod log exp sin cos tan arcsin arccos arctan sinh cosh tanh max min infinity sign ceil "
    "floor integral partial det trace indicator".split()
)

_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_GAP = r"(?:,|\{,\}|\\,|[ ~\u00a0\u2009\u202f])"
_THOUSANDS = re.compile(rf"[1-9]\d{{0,2}}(?:{_GAP}\d{{3}})+(?!\d|{_GAP}\d)(?:\.\d+)?", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]+")
_SYMBOLS = re.compile(r"\.\.\.|\.\.|\*\*|<=|>=|!=|==|->|&&|[-+*/^_()\[\]{}|,;:=<>!%'&.]")
_ENVIRONMENT = re.compile(r"\s*\{\s*([A-Za-z]+)\s*\}(?:\s*\{[lcr|\s]*\})?")
_GAP_BETWEEN_ROWS = re.compile(r"\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\])?")
_FONT = re.compile(
    r"\*?\s*(?:\{\s*(?P<group>\\?[A-Za-z]+(?:,\s*[A-Za-z]+)*)\s*[,.]?\s*\}|(?P<bare>\\[A-Za-z]+|[A-Za-z])|\{?\s*(?P<one>1)\s*\}?)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is ``number``, ``name`` (letters), ``command`` (a name typed with a backslash), ``sign`` or ``end``."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Tokens of ``text``, closed by an ``end`` token. Raises Unreadable at the first thing it does not know."""
    if len(text) > MAX_LENGTH:
        raise Unreadable(f"the formula has {len(text)} characters; at most {MAX_LENGTH} are read", MAX_LENGTH)
    tokens: list[Token] = []
    depth = at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in "~$":
            at += 1
            continue
        found, at = _next(text, at, depth)
        for token in found:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        tokens.extend(found)
        if len(tokens) > MAX_TOKENS:
            raise Unreadable(f"the formula has more than {MAX_TOKENS} symbols", at)
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


def _next(text: str, at: int, depth: int) -> tuple[list[Token], int]:
    char = text[at]
    if char == "\\":
        return _command(text, at)
    if _NUMBER.match(text, at):
        return _number(text, at, depth)
    if found := _LETTERS.match(text, at):
        return [Token("name", found[0], at, found.end())], found.end()
    if found := _SYMBOLS.match(text, at):
        sign = {"**": "^", "==": "=", "&&": "and"}.get(found[0], found[0])
        return [Token("sign", sign, at, found.end())], found.end()
    return _unicode(text, at)


def _number(text: str, at: int, depth: int) -> tuple[list[Token], int]:
    # Inside brackets a comma separates arguments; outside it can only group thousands.
    found = (None if depth else _THOUSANDS.match(text, at)) or _NUMBER.match(text, at)
    assert found is not None
    digits = re.sub(_GAP, "", found[0])
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise Unreadable(f"a number with more than {MAX_DIGITS} digits", at)
    return [Token("number", digits, at, found.end())], found.end()


def _command(text: str, at: int) -> tuple[list[Token], int]:
    found = _LETTERS.match(text, at + 1)
    name = found[0] if found else text[at + 1 : at + 2]
    end = at + 1 + len(name)
    if name in _OPENING | _CLOSING and (bar := _BAR.match(text, end)):
        return [Token("sign", "lbar" if name in _OPENING else "rbar", at, bar.end())], bar.end()
    if name in _DROPPED:
        return [], end
    if name in _FONTS:
        return _font(text, name, end)
    if name in ("begin", "end"):
        return _environment(text, name, at, end)
    if name == "\\":
        end = _GAP_BETWEEN_ROWS.match(text, end).end()  # type: ignore[union-attr]
    if name in _COMMANDS:
        return [Token("sign", _COMMANDS[name], at, end)], end
    name = _NAMES.get(name, name)
    if name not in _KNOWN:
        raise Unreadable(f"`\\{name}` is not understood here" if name else "a backslash with nothing after it", at)
    return [Token("command", name, at, end)], end


def _environment(text: str, name: str, at: int, end: int) -> tuple[list[Token], int]:
    r"""``\begin{pmatrix}`` and its end, each as one sign; the columns of an array do not matter."""
    found = _ENVIRONMENT.match(text, end)
    if not found:
        raise Unreadable(f"expected the name of an environment in braces after `\\{name}`", at)
    return [Token("sign", f"{name}:{found[1]}", at, found.end())], found.end()


def _font(text: str, name: str, at: int) -> tuple[list[Token], int]:
    r"""``\mathbf{z}`` is z, ``\operatorname{sign}`` is sign, ``\mathbb{1}`` an indicator: one word inside."""
    found = _FONT.match(text, at)
    if not found or (found["one"] and name not in _OF_ONES):
        raise Unreadable(f"`\\{name}` here should hold a single name; words do not belong in a formula", at)
    if found["one"]:
        return [Token("command", "indicator", found.start("one"), found.end("one"))], found.end()
    group = "group" if found["group"] else "bare"
    word = re.sub(r"[\\,\s]", "", found[group])
    return [Token("name", word, found.start(group), found.end(group))], found.end()


def _unicode(text: str, at: int) -> tuple[list[Token], int]:
    char = text[at]
    if char in _GREEK_LETTERS or char in _WORDS:
        return [Token("command", _GREEK_LETTERS.get(char) or _WORDS[char], at, at + 1)], at + 1
    if char in _SIGNS:
        return [Token("sign", _SIGNS[char], at, at + 1)], at + 1
    if char in _FRACTIONS and not text[at - 1 : at].isdigit():
        above, below = _FRACTIONS[char].split("/")
        texts = ("(", above, "/", below, ")")
        return [Token("number" if text.isdigit() else "sign", text, at, at + 1) for text in texts], at + 1
    for table, sign, kind in ((_SUPERSCRIPTS, "^", "number"), (_SUBSCRIPTS, "_", "name")):
        end = at
        while end < len(text) and text[end] in table:
            end += 1
        if end > at:
            word = "".join(table[c] for c in text[at:end])
            if not re.fullmatch(r"-?[0-9]+|[a-z]+", word):
                raise Unreadable(f"`{text[at:end]}` is no number or name", at)
            kind = "number" if word.lstrip("-").isdigit() else kind
            minus = [Token("sign", "-", at, at)] * word.startswith("-")
            return [Token("sign", sign, at, at), *minus, Token(kind, word.lstrip("-"), at, end)], end
    raise Unreadable(f"{_describe(char)} does not belong in a formula", at)


def _describe(char: str) -> str:
    name = unicodedata.name(char, "an unnamed character").lower()
    return f"`{char}` ({name})" if char.isprintable() else f"an invisible character ({name}, U+{ord(char):04X})"
