"""Names in formulas: declared symbols with subscripts and arguments, elements of families, letters side by side."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from grader.math.calculus import MAX_ORDER
from grader.math.cursor import CLOSING, Cursor
from grader.math.lexer import Token
from grader.math.shapes import described, shape
from grader.math.tree import FUNCTIONS, Apply, Call, Element, Expression, Variable
from grader.spec import Symbol

SPELLINGS = {
    "ln": "log", "product": "prod", "sgn": "sign", "inf": "infinity", "oo": "infinity", "infty": "infinity",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "Sum": "sum", "Prod": "prod", "binomial": "binom",
    "tr": "trace", "Tr": "trace", "inv": "inverse", "int": "integral", "integrate": "integral", "Id": "identity",
    "inner": "dot", "piecewise": "cases", "eye": "identity", "id": "identity", "Identity": "identity",
    "fact": "factorial",
}  # fmt: skip


class NameReader(Cursor, ABC):
    """Reads names; ``bound`` holds the variables of sums and products around this place, ``bars`` counts open ``|``."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.symbols = symbols
        self.bound: list[str] = []
        self.bars = 0

    @abstractmethod
    def expression(self) -> Expression:
        """One whole formula."""

    @abstractmethod
    def single(self) -> Expression:
        """One argument in the manner of TeX."""

    @abstractmethod
    def number(self) -> Expression:
        """The number at this place."""

    def number_only(self, x: Expression, what: str) -> Expression:
        """``x``, which must not be a vector or matrix."""
        if found := shape(x, self.symbols):
            self.fail(f"a number for {what}, not {described(found)}")
        return x

    def declared(self) -> Expression | None:
        """A declared or bound name at this place, its subscript and arguments included; else None, nothing taken."""
        start = self.at
        base = self.take().text
        for name, end in self.subscripted(base):
            symbol = self.symbols.get(name)
            if name in self.bound or (symbol and not symbol.arity and not symbol.family):
                self.at = end
                indexed = symbol and symbol.shape and name not in self.bound and self.accept("_")
                return self.entry(name, len(symbol.shape)) if indexed and symbol else Variable(name)
            if symbol and symbol.arity:
                self.at = end
                return self.call(name, symbol.arity)
        element = self.element(base)
        if element is None:
            self.at = start
        return element

    def element(self, base: str) -> Expression | None:
        """An element of a family: ``k_{i-1}``, also typed ``k1`` or ``kn`` (a family is no factor, so nothing else)."""
        symbol, after = self.symbols.get(base), self.next
        if symbol and symbol.family:
            if self.accept("_"):
                return Element(base, self.number_only(self.single(), "an index"))
            if self.sees("^") and self.at_upper_index():
                return Element(base, self.upper_index())
            glued = after.kind == "number" and after.start == self.tokens[self.at - 1].end
            return Element(base, self.number()) if glued else None
        family, index = self.symbols.get(base[:-1]), base[-1:]
        if family and family.family and (index in self.bound or _is_number(self.symbols.get(index))):
            return Element(base[:-1], Variable(index))
        return None

    def subscripted(self, base: str) -> list[tuple[str, int]]:
        """Names that begin here, longest first, each with the place where it ends: ``p_XY``, then ``p``."""
        found = [(base, self.at)]
        if self.tokens[self.at].kind == "number" and self.tokens[self.at].start == self.tokens[self.at - 1].end:
            digits = self.tokens[self.at].text
            found[:0] = [(base + digits, self.at + 1), (f"{base}_{digits}", self.at + 1)]  # x1 is x_1 too
        if self.sees("_"):
            word, end = self.flat_subscript(self.at + 1)
            if word:
                found.insert(0, (f"{base}_{word}", end))
        return found

    def flat_subscript(self, at: int) -> tuple[str, int]:
        """The letters and digits of a subscript, ``{X,Y}`` as ``XY``; empty where it holds anything else."""
        if self.tokens[at].kind in ("name", "command", "number"):
            word, end = self.tokens[at].text, at + 1
            follower = self.tokens[end]
            if follower.kind == "number" and follower.start == self.tokens[at].end:
                return word + follower.text, end + 1
            return word, end
        if self.tokens[at].text != "{":
            return "", at
        end = at + 1
        while self.tokens[end].kind in ("name", "command", "number") or self.tokens[end].text == ",":
            end += 1
        if self.tokens[end].text != "}":
            return "", at
        return "".join(t.text for t in self.tokens[at + 1 : end] if t.text != ","), end + 1

    def split_letters(self) -> bool:
        """Replace a run of letters such as ``ab`` by its factors if that can be done in one way."""
        token = self.next
        if token.kind != "name" or len(token.text) < 2:
            return False
        known = {*self.symbols, *self.bound, *FUNCTIONS, "pi", "e", "sum", "prod", "ln", *_bases(self.symbols)}
        ways = _splits(token.text, frozenset(known - {token.text}))
        fewest = [way for way in ways if len(way) == min(map(len, ways))]
        if len(fewest) != 1:
            return False
        at, parts = token.start, []
        for word in fewest[0]:
            parts.append(Token("name", word, at, at + len(word)))
            at += len(word)
        self.tokens[self.at : self.at + 1] = parts
        return True

    def entry(self, name: str, indices: int) -> Expression:
        """An entry of a vector or matrix that is a symbol: ``x_i``, ``p_{i,j}``."""
        braces = self.accept("{")
        found = [self.number_only(self.expression() if braces else self.single(), "an index")]
        while braces and self.accept(","):
            found.append(self.number_only(self.expression(), "an index"))
        if len(found) != indices:
            self.fail(f"{indices} {'index' if indices == 1 else 'indices'} at `{name}`")
        if braces:
            self.expect("}")
        return Apply("entry", (Variable(name), *found))

    def at_upper_index(self) -> bool:
        """Whether an index in brackets follows ``^``; what else does is a power (of the constant π, for one)."""
        inner = self.tokens[min(self.at + 2, len(self.tokens) - 1)]
        return self.after.text == "(" or (self.after.text == "{" and inner.text == "(")

    def upper_index(self) -> Expression:
        """The index in ``z^{(i)}``; without its brackets it would be a power."""
        self.expect("^")
        braces = self.accept("{")
        self.expect("(")
        index = self.number_only(self.expression(), "an index")
        self.expect(")")
        if braces:
            self.expect("}")
        return index

    def call(self, name: str, arity: int) -> Expression:
        orders = self.orders(arity)
        arguments = self.arguments(name)
        if len(arguments) != arity:
            self.fail(f"{arity} argument{'s' * (arity != 1)} for `{name}` instead of {len(arguments)}")
        return Call(name, arguments, orders)

    def orders(self, arity: int) -> tuple[int, ...]:
        """How often an unknown function is differentiated by each argument: ``f'``, ``f^{(3)}``, ``p^{(1, 0)}``."""
        primes, start = 0, self.at
        while self.accept("'"):
            primes += 1
        if not primes and self.sees("^"):
            self.take()
            braces = self.accept("{")
            while self.accept("'"):
                primes += 1
            found = () if primes or not self.accept("(") else self.integers()
            if not (primes or found) or (braces and not self.accept("}")):
                self.at = start
                self.fail("the arguments (a power of a function stands behind them)")
            if sum(found) > MAX_ORDER:
                self.at = start
                self.fail(f"derivatives of order {MAX_ORDER} at most")
            if found and len(found) != arity:
                self.at = start
                self.fail(f"the order of the derivative by each of the {arity} arguments")
            return found or (primes,)
        if primes > MAX_ORDER:
            self.fail(f"derivatives of order {MAX_ORDER} at most")
        if primes and arity != 1:
            self.fail(f"the order by each of the {arity} arguments, as in ^{{(1, 0)}}, instead of a prime")
        return (primes,) if primes else ()

    def integers(self) -> tuple[int, ...]:
        """Small numbers up to the closing bracket."""
        found: list[int] = []
        while self.next.kind == "number" and self.next.text.isdigit() and len(self.next.text) == 1:
            found.append(int(self.take().text))
            self.accept(",")
        self.expect(")")
        return tuple(found)

    def arguments(self, name: str) -> tuple[Expression, ...]:
        opening = self.next.text
        if not self.accept("(", "[", "{{"):
            self.fail(f"`(` with the arguments of `{name}`")
        bars, self.bars = self.bars, 0
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        self.expect(CLOSING[opening])
        self.bars = bars
        return tuple(found)


def _is_number(symbol: Symbol | None) -> bool:
    return symbol is not None and not (symbol.arity or symbol.family or symbol.shape)


def _bases(symbols: Mapping[str, Symbol]) -> set[str]:
    return {name.partition("_")[0] for name in symbols}


def _splits(word: str, known: frozenset[str]) -> list[tuple[str, ...]]:
    """Every way to cut ``word`` into known names (at most a few letters long, so few ways)."""
    if len(word) > 24:
        return []
    ways: list[list[tuple[str, ...]]] = [[()]]
    for end in range(1, len(word) + 1):
        here = [(*way, word[start:end]) for start in range(end) if word[start:end] in known for way in ways[start]]
        ways.append(sorted(here, key=len)[:8])
    return ways[-1]
