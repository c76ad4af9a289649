"""A position in the tokens of one text: looking, taking, and saying what was expected where reading stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from grader.errors import Unreadable
from grader.math.lexer import Token, tokenize
from grader.spec import Symbol

MAX_DEPTH = 60
CLOSING = {"(": ")", "[": "]", "{": "}", "{{": "}}", "<(": ">)"}


class Cursor:
    """Tokens of ``text``, the declared symbols' aliases already replaced by the symbols themselves."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        self.text = text
        self.tokens = _with_aliases(tokenize(text), symbols)
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def sees(self, *signs: str) -> bool:
        return self.next.kind == "sign" and self.next.text in signs

    def take(self) -> Token:
        token = self.next
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, *signs: str) -> bool:
        if self.sees(*signs):
            self.at += 1
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            self.fail(f"`{_shown(sign)}`")

    def fail(self, expected: str) -> NoReturn:
        """Raise Unreadable: what was read so far, what stands here, what was expected."""
        token = self.next
        before = self.text[: token.start].strip()
        after = f" after `{_tail(before)}`" if before else ""
        what = "the formula ends" if token.kind == "end" else f"`{self.text[token.start : token.end]}` stands there"
        raise Unreadable(f"expected {expected}{after}, but {what}", token.start)

    def finish(self) -> None:
        if self.next.kind == "end":
            return
        if self.sees("=", "<", ">", "<=", ">=", "!="):
            self.fail("a single formula without a relation")
        self.fail("an operator or the end")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Bounds the nesting of the tree, and with it the recursion of everything that walks it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("the formula is nested too deeply", self.next.start)
        yield
        self.depth -= 1

    def closing(self, opening: int) -> int:
        """The place of the bracket that closes the one at ``opening`` (or that place, where no bracket opens)."""
        depth = 0
        for place in range(opening, len(self.tokens)):
            text = self.tokens[place].text if self.tokens[place].kind == "sign" else ""
            depth += (text in CLOSING) - (text in CLOSING.values())
            if not depth:
                return place
        return len(self.tokens) - 1


def _shown(sign: str) -> str:
    if sign.startswith("end:"):
        return f"\\end{{{sign[4:]}}}"
    return _TYPED.get(sign, sign)


_TYPED = {
    "{{": "\\{", "}}": "\\}", "rbar": "\\right|", "ceil)": "\\rceil", "floor)": "\\rfloor",
    "||": "\\|", ">)": "\\rangle",
}  # fmt: skip


def _tail(text: str) -> str:
    return text if len(text) <= 40 else "…" + text[-40:]


def _with_aliases(tokens: list[Token], symbols: Mapping[str, Symbol]) -> list[Token]:
    """Put the declared symbol in place of its aliases, the longest alias first."""
    patterns = sorted(
        ((_plain(tokenize(alias)[:-1]), name) for name, symbol in symbols.items() for alias in symbol.aliases),
        key=lambda pattern: -len(pattern[0]),
    )
    if not patterns:
        return tokens
    tokens = _unwrapped(tokens)
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        for pattern, name in patterns:
            window = tokens[at : at + len(pattern)]
            if pattern and _plain(window) == pattern and not _goes_on(tokens, at + len(pattern)):
                out.append(Token("symbol", name, window[0].start, window[-1].end))
                at += len(pattern)
                break
        else:
            out.append(tokens[at])
            at += 1
    return out


def _goes_on(tokens: list[Token], at: int) -> bool:
    """Whether a subscript follows, which makes another name of it: x is no alias within x_2 or x2."""
    glued = tokens[at].kind == "number" and tokens[at].start == tokens[at - 1].end
    return tokens[at].text == "_" or (glued and tokens[at - 1].kind != "sign")


def _plain(tokens: list[Token]) -> list[str]:
    return [{"lbar": "|", "rbar": "|"}.get(token.text, token.text) for token in _unwrapped(tokens)]


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Without braces around a single name in a subscript: ``D_{\\phi}`` is ``D_\\phi``."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        group = [t.text for t in tokens[at : at + 4]]
        if (
            len(group) == 4
            and group[0] == "_"
            and group[1] == "{"
            and group[3] == "}"
            and tokens[at + 2].kind != "sign"
        ):
            out += [tokens[at], tokens[at + 2]]
            at += 4
        else:
            out.append(tokens[at])
            at += 1
    return out
