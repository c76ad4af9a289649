r"""A row of a proof as a flat list of atoms: what stands outside of every bracket, script and environment.

No mathematics is read. An atom is a relation, an operator, a bracketed group as one thing, a word of English, a
``\text{…}``, a comma or a blank; everything else is an operand (``math``). Linear in the length of the row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from grader.derivation.text.words import CONSEQUENCES, TEXTS, english, english_words

Kind = Literal[
    "math", "operator", "relation", "implies", "text", "word", "bracket", "group", "script", "comma", "stop",
    "quad", "blank", "mark", "because", "member",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Atom:
    """``value``: the relation meant, the word, or the words within ``\\text``. ``remark``: what was written over a
    relation. ``naming``: the relation defines its left side."""

    kind: Kind
    start: int
    end: int
    value: str = ""
    remark: str = ""
    naming: bool = False


RELATIONS = {
    "=": "=", "==": "=", ":=": "=", "=:": "=", "≡": "=", "≜": "=", "≔": "=",
    "<=": "<=", "=<": "<=", "≤": "<=", "⩽": "<=", ">=": ">=", "≥": ">=", "⩾": ">=", "<": "<", ">": ">",
    "!=": "!=", "≠": "!=", "∝": "propto", "<=>": "iff", "<==>": "iff", "⇔": "iff", "⟺": "iff",
}  # fmt: skip
COMMANDS = {
    "equiv": "=", "triangleq": "=", "coloneqq": "=", "coloneq": "=", "eqqcolon": "=", "eqdef": "=", "doteq": "=",
    "xlongequal": "=", "le": "<=", "leq": "<=", "leqslant": "<=", "leqq": "<=", "ge": ">=", "geq": ">=",
    "geqslant": ">=", "geqq": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=", "propto": "propto", "iff": "iff",
    "Leftrightarrow": "iff", "Longleftrightarrow": "iff",
}  # fmt: skip
NAMING = frozenset([":=", "=:", "≜", "≔", *map("\\".__add__, "triangleq coloneqq coloneq eqqcolon eqdef".split())])
ARROWS = frozenset(
    ["=>", "==>", "⇒", "⟹", "∴", *map("\\".__add__, "implies Rightarrow Longrightarrow therefore".split())]
)
_SPACES = frozenset("\\, \\; \\: \\! \\> \\hfill \\displaystyle \\nobreak \\allowbreak \\nonumber \\notag".split()) | {
    "\\ ",
    "\\\n",
}
_OPERATORS = frozenset("+-−*/·×±∓÷") | frozenset(map("\\".__add__, "cdot times pm mp div ast cdotp".split()))
_OPEN = frozenset("lbrace lbrack langle lfloor lceil lVert lvert".split())
_CLOSE = frozenset("rbrace rbrack rangle rfloor rceil rVert rvert".split())
_PHRASES = (
    (re.compile(r"equivalent|iff|only|same", re.I), "iff"),
    (re.compile(r"proportional", re.I), "propto"),
    (re.compile(r"equal", re.I), "="),
)
_PHRASE = (
    r"(?i:if\s+and\s+only\s+if|(?:is\s+|are\s+)?equivalent\s+to|equivalently|iff"
    r"|(?:is\s+)?proportional\s+to|is\s+the\s+same\s+problem\s+as|equals|is\s+equal\s+to)(?![A-Za-z])"
)
_TOKEN = re.compile(
    rf"""
    (?P<newline>\n)
  | (?P<space>[^\S\n]+)
  | (?P<break>\\\\\*?(?:\[\s*-?[\d.]+\s*\\?[a-z]+\s*\])?|\\newline(?![A-Za-z])|\\cr(?![A-Za-z]))
  | (?P<begin>\\begin\s*\{{\s*[A-Za-z]+\*?\s*\}})
  | (?P<end>\\end\s*\{{\s*[A-Za-z]+\*?\s*\}})
  | (?P<left>\\left(?![A-Za-z])\s*(?:\\(?:[A-Za-z]+|.)|.))
  | (?P<right>\\right(?![A-Za-z])\s*(?:\\(?:[A-Za-z]+|.)|.))
  | (?P<middle>\\middle(?![A-Za-z])\s*(?:\\(?:[A-Za-z]+|.)|.))
  | (?P<negated>\\not\s*(?:=|\\equiv(?![A-Za-z])))
  | (?P<command>\\(?:(?:operatorname|tag|hspace|vspace)\*|[A-Za-z]+|.|$))
  | (?P<arrow>-{{1,3}}>|<-{{1,3}}>|==>|<<+|>>+|~=|=>)
  | (?P<relation><==?>|<=|=<|>=|!=|:=|=:|==|[=<>≤≥≠∝≡≜≔⩽⩾⇔⟺])
  | (?P<amp>&+)
  | (?P<phrase>(?<![A-Za-z\\]){_PHRASE})
  | (?P<word>[A-Za-z]{{3,}}(?:-[A-Za-z]{{2,}})+|[A-Za-z]+(?:['’](?:s|t|re|ve|ll)(?![A-Za-z]))?)
  | (?P<dots>\.\.+|…)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<other>.)
    """,
    re.X | re.S,
)


def tokens(text: str) -> list[Token]:
    return [Token(m.lastgroup or "other", m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def side(token: Token) -> tuple[str, int]:
    """The family of a bracket and whether it opens (1) or closes (-1); 0 for everything else."""
    kind, text = token.kind, token.text
    if kind in ("begin", "end"):
        return "environment", 1 if kind == "begin" else -1
    if kind in ("left", "right"):
        return "left", 1 if kind == "left" else -1
    if kind == "other" and text in "{}":
        return "brace", 1 if text == "{" else -1
    if kind == "other" and text in "()[]":
        return "soft", 1 if text in "([" else -1
    if kind == "command":
        name = text[1:]
        return "soft", (name == "{" or name in _OPEN) - (name == "}" or name in _CLOSE)
    return "", 0


def pairs(found: list[Token]) -> tuple[dict[int, int], int, int]:
    """Which token closes which, by their places; then how many brackets are left open, and how many closed nothing.

    A brace, an environment and a ``\\right`` close over what was left open within them, a round or square bracket
    does not.
    """
    matched: dict[int, int] = {}
    stack: list[tuple[int, str]] = []
    counts = {"environment": 0, "left": 0, "brace": 0, "soft": 0, "": 0}
    stray = 0
    for place, token in enumerate(found):
        family, step = side(token)
        if step > 0:
            stack.append((place, family))
            counts[family] += 1
        elif step < 0:
            if not counts[family] or (family == "soft" and stack[-1][1] != "soft"):
                stray += family != "brace"
                continue
            matched[_popped(stack, counts, family)] = place
    return matched, len(stack), stray


def _popped(stack: list[tuple[int, str]], counts: dict[str, int], family: str) -> int:
    while True:
        place, found = stack.pop()
        counts[found] -= 1
        if found == family:
            return place


class Reader:
    """Reads the atoms of one row from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.matched, self.left_open, self.stray = pairs(self.tokens)
        self.atoms: list[Atom] = []
        self.place = 0

    def read(self) -> list[Atom]:
        while self.place < len(self.tokens):
            self._one(self.tokens[self.place])
        return self.atoms

    def _one(self, token: Token) -> None:
        method = getattr(self, f"_read_{token.kind}", None)
        if method is not None:
            method(token)
        elif side(token)[1] > 0:
            self._bracket(token)
        else:
            self._add(_plain_kind(token), token)

    def _add(self, kind: Kind, token: Token, value: str = "", remark: str = "", naming: bool = False) -> None:
        self._close(kind, token.start, self.place, value, remark, naming)

    def _close(
        self, kind: Kind, start: int, last: int, value: str = "", remark: str = "", naming: bool = False
    ) -> None:
        """An atom from ``start`` through the token ``last``, and on behind it."""
        last = min(last, len(self.tokens) - 1)
        self.atoms.append(Atom(kind, start, self.tokens[last].end, value, remark, naming))
        self.place = last + 1

    def _bracket(self, token: Token) -> None:
        kind: Kind = "bracket" if token.text in ("(", "[") else "group"
        self._close(kind, token.start, self.matched.get(self.place, len(self.tokens)))

    def _group(self, place: int) -> tuple[str, int] | None:
        """What stands in the braces that follow the token at ``place``, and the place of the closing one."""
        place += 1
        while place < len(self.tokens) and self.tokens[place].kind in ("space", "newline"):
            place += 1
        if place not in self.matched or self.tokens[place].text != "{":
            return None
        last = self.matched[place]
        return self.text[self.tokens[place].end : self.tokens[last].start], last

    def _read_relation(self, token: Token) -> None:
        self._relation(token.start, self.place, RELATIONS[token.text], "", token.text in NAMING)

    def _read_negated(self, token: Token) -> None:
        self._relation(token.start, self.place, "!=", "", False)

    def _read_phrase(self, token: Token) -> None:
        self._add("relation", token, phrase(token.text), remark=" ".join(token.text.split()))

    def _read_arrow(self, token: Token) -> None:
        self._add("implies" if token.text in ARROWS else "math", token)

    def _relation(self, start: int, last: int, value: str, remark: str, naming: bool) -> None:
        """A relation with what is written over it: ``=^{(a)}`` too."""
        after = last + 1
        if after < len(self.tokens) and self.tokens[after].text in ("^", "_"):
            over = self._group(after)
            if over is not None:
                remark, last = over
        self._close("relation", start, last, value, remark, naming or _defining(remark))

    def _read_word(self, token: Token) -> None:
        following = self.text[token.end : token.end + 1]
        prose = english(token.text) and (not following or following not in "_^([")
        if token.text.lower() in CONSEQUENCES and prose:
            self._add("implies", token, token.text.lower())
        elif prose or (token.text.lower() == "and" and following in ("", " ")):
            self._add("word", token, token.text.lower())
        else:
            self._add("math", token, token.text)

    def _read_command(self, token: Token) -> None:
        name = token.text[1:]
        if side(token)[1] > 0:
            self._bracket(token)
        elif name in COMMANDS:
            self._commanded(token, name)
        elif name in ("overset", "underset", "stackrel"):
            self._stacked(token)
        elif name in ("underbrace", "overbrace") and (relation := self._braced()) is not None:
            self._relation(token.start, relation[1], relation[0], "", False)
        elif name in TEXTS or name == "mathrm":
            self._worded(token, name)
        elif name in ("hspace", "vspace", "hspace*", "phantom", "hphantom", "vphantom", "mspace"):
            found = self._group(self.place)
            self._close("blank", token.start, found[1] if found else self.place)
        else:
            self._add(_plain_kind(token), token)

    def _commanded(self, token: Token, name: str) -> None:
        found = self._group(self.place) if name == "xlongequal" else None
        remark, last = found or ("", self.place)
        self._relation(token.start, last, COMMANDS[name], remark, token.text in NAMING)

    def _stacked(self, token: Token) -> None:
        """``\\overset{words}{relation}``; over anything else it is a part of the formula."""
        first = self._group(self.place)
        second = self._group(first[1]) if first else None
        inner = second[0].strip() if second else ""
        value = _relation_of(inner)
        if second is not None and inner in ("\\sim", "∼", "~"):
            self._close("member", token.start, second[1])
        elif first is None or second is None or value is None:
            self._add("math", token)
        else:
            self._relation(token.start, second[1], value, first[0], inner in NAMING or _defining(first[0]))

    def _braced(self) -> tuple[str, int] | None:
        """The relation that stands alone under a brace, and the place behind which its note follows."""
        found = self._group(self.place)
        inner = found[0].strip() if found else ""
        value = _relation_of(inner)
        return (value, found[1]) if found and value else None

    def _worded(self, token: Token, name: str) -> None:
        found = self._group(self.place)
        if found is None:
            self._add("math", token)
            return
        words, last = found
        following = self.text[self.tokens[last].end : self.tokens[last].end + 1]
        bare = " ".join(words.replace("~", " ").split()).strip(" ,;:.").lower()
        if re.fullmatch(_PHRASE, bare):
            self._close("relation", token.start, last, phrase(bare), bare)
        elif (following and following in "([_^") or not _spoken(words, name):
            self._close("math", token.start, last)
        elif bare in CONSEQUENCES:
            self._close("implies", token.start, last, bare)
        else:
            self._close("text", token.start, last, bare)

    def _read_other(self, token: Token) -> None:
        if token.text in ("_", "^"):
            self._script(token)
        elif side(token)[1] > 0:
            self._bracket(token)
        else:
            self._add(_plain_kind(token), token)

    def _script(self, token: Token) -> None:
        """A sub- or superscript with all that belongs to it: ``_{…}``, ``_<t``, ``_\\text{data}``, ``^*``."""
        place = self.place + 1
        while place < len(self.tokens) and self.tokens[place].kind in ("space", "newline"):
            place += 1
        if place >= len(self.tokens):
            self._add("script", token)
            return
        last = self.matched.get(place, place)
        if side(self.tokens[place])[1] > 0 and place not in self.matched:
            last = len(self.tokens) - 1
        if self.tokens[place].kind == "command" and place + 1 in self.matched and self.tokens[place + 1].text == "{":
            last = self.matched[place + 1]
        self._close("script", token.start, last)


def _relation_of(inner: str) -> str | None:
    return RELATIONS.get(inner) or COMMANDS.get(inner[1:] if inner.startswith("\\") else "")


def phrase(words: str) -> str:
    """The relation that words state."""
    return next(relation for pattern, relation in _PHRASES if pattern.search(words))


def _spoken(words: str, command: str) -> bool:
    """Whether these are words of prose: no name, and nothing that goes on with a formula (``\\text{ + const}``)."""
    words = words.strip()
    if words[:1] in ("+", "-", "*", "/", "=") or (command == "mathrm" and " " not in words):
        return False
    return bool(english_words(words))


def _defining(remark: str) -> bool:
    return re.sub(r"\\(?:text|mathrm|textrm)|[{}.\s]", "", remark).lower() in (
        "def",
        "\\delta",
        "\\triangle",
        "δ",
        "△",
        "define",
    )


_ONE: dict[str, Kind] = {
    ",": "comma", ";": "comma", ".": "stop", ":": "stop", "!": "math", "?": "stop", "∵": "because", "∀": "because",
    "∈": "member", "∼": "member", "~": "member", "\\in": "member", "\\sim": "member", "\\because": "because",
    "\\forall": "because", "\\quad": "quad", "\\qquad": "quad", "—": "quad", "–": "quad",
}  # fmt: skip


def _plain_kind(token: Token) -> Kind:
    if token.kind in ("space", "newline", "break") or token.text in _SPACES:
        return "blank"
    if token.kind == "amp":
        return "mark"
    if token.text in _OPERATORS:
        return "operator"
    if token.text in ARROWS:
        return "implies"
    return _ONE.get(token.text, "math")


def read_atoms(text: str) -> list[Atom]:
    return Reader(text).read()


_SHAPES = {"math": "a", "group": "g", "script": "s", "bracket": "p", "blank": ""}
_NAME = re.compile(r"a[ag]{0,2}s*p?s*")


def is_name(atoms: list[Atom]) -> bool:
    """Whether this is a name and no more: ``A``, ``w_y``, ``\\mathcal{L}(\\theta)``."""
    return _NAME.fullmatch("".join(_SHAPES.get(atom.kind, "x") for atom in atoms)) is not None
