"""Text to expression tree.

One reader takes plain notation (``r*p_XY(r*cos(theta), …)``), LaTeX, and what people mix of them. The declared symbols
settle what is ambiguous: ``p(x)`` is a call where p is a function and a product where it is a number; ``ab`` is a
product where a and b are declared. What stays ambiguous to a reader (``1/2x``, ``\\sin x y``) is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction

from grader.errors import Unreadable
from grader.math.dots import dotted
from grader.math.lexer import Token, tokenize
from grader.math.tree import (
    FUNCTIONS,
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    free_names,
    invert,
    negate,
)
from grader.spec import Symbol

MAX_DEPTH = 60
_CLOSING = {"(": ")", "[": "]", "{": "}", "{{": "}}"}
_SPELLINGS = {
    "ln": "log", "product": "prod", "sgn": "sign", "inf": "infinity", "oo": "infinity", "infty": "infinity",
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "Sum": "sum", "Prod": "prod", "binomial": "binom",
}  # fmt: skip


def read_expression(text: str, symbols: Mapping[str, Symbol]) -> Expression:
    """Read all of ``text``. Raises Unreadable with the position where reading stopped and what was expected."""
    reader = Reader(text, symbols)
    if reader.next.kind == "end":
        raise Unreadable("there is no formula here", 0)
    tree = reader.expression()
    reader.finish()
    return tree


class Reader:
    """A position in the tokens of one text. ``expression`` reads one formula and stops at what cannot continue it."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        self.text = text
        self.symbols = symbols
        self.tokens = _with_aliases(tokenize(text), symbols)
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.bound: list[str] = []
        self.in_bounds = False

    # --- tokens ---

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

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

    def fail(self, expected: str) -> None:
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

    # --- grammar ---

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Bounds the nesting of the tree, and with it the recursion of everything that walks it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable("the formula is nested too deeply", self.next.start)
        yield
        self.depth -= 1

    def expression(self) -> Expression:
        with self.deeper():
            return self.sum()

    def sum(self) -> Expression:
        start = self.next.start
        terms: list[Expression | None] = [self.term(self.leading_sign())]
        while self.sees("+", "-"):
            sign = -1 if self.take().text == "-" else 1
            terms.append(None if self.accept("...") else self.term(sign * self.leading_sign()))
        if None in terms:
            return dotted("sum", terms, start, self.symbols)
        whole = [t for t in terms if t is not None]
        return whole[0] if len(whole) == 1 else Add(tuple(whole))

    def leading_sign(self) -> int:
        sign = 1
        while self.sees("+", "-"):
            sign = -sign if self.take().text == "-" else sign
        return sign

    def term(self, sign: int = 1) -> Expression:
        product = self.product()
        return negate(product) if sign < 0 else product

    def product(self, stop_at_functions: bool = False) -> Expression:
        """Factors joined by ``*``, ``/`` or by standing side by side."""
        start = self.next.start
        factors: list[Expression | None] = [self.factor()]
        slash: Token | None = None
        while True:
            if self.accept("*"):
                factors.append(None if self.accept("...") else self.signed_factor())
                slash = None
            elif self.sees("/"):
                slash = self.take()
                factors.append(invert(self.signed_factor()))
            elif self.sees("...") and not self.in_bounds:
                self.take()
                factors.append(None)
                self.accept("*")
                slash = None
            elif self.starts_factor():
                self.check_juxtaposition(factors, slash)
                factors.append(self.factor())
            else:
                break
        if None in factors:
            return dotted("prod", factors, start, self.symbols)
        whole = [f for f in factors if f is not None]
        return whole[0] if len(whole) == 1 else Multiply(tuple(whole))

    def signed_factor(self) -> Expression:
        sign = self.leading_sign()
        factor = self.factor()
        return negate(factor) if sign < 0 else factor

    def starts_factor(self) -> bool:
        if self.next.kind in ("name", "command"):
            return self.next.text not in ("or", "and", "in", "U")
        return (
            self.next.kind in ("number", "symbol")
            or self.sees("(", "[", "{", "{{", "ceil(", "floor(", "lbar")
            or (self.sees("|") and not self.bars)
        )

    def check_juxtaposition(self, factors: list[Expression | None], slash: Token | None) -> None:
        if self.next.kind == "number" and factors[-1] is not None:
            self.fail("an operator between two factors")
        follower = self.tokens[self.at + 1]
        if self.sees("{") and follower.kind == "sign" and follower.text in "+-":
            self.fail("an operator (the braces begin with a sign)")
        if self.sees("(") and self.next.start > self.tokens[self.at - 1].end and self.restates(factors):
            self.fail("an operator (is the number in brackets meant as a factor?)")
        if slash is None:
            return
        half = isinstance(factors[-2], Number) and _is_inverse_number(factors[-1]) and len(factors) == 2
        spaced = self.next.start > self.tokens[self.at - 1].end or self.sees("(")
        if not (half and spaced):
            self.fail("brackets or `*` that tell what is divided (does the bar reach further?)")

    def restates(self, factors: list[Expression | None]) -> bool:
        """Whether numbers alone are followed by a bracket with numbers alone: 1/15 (0.0667) is no product."""
        closing = self.closing(self.at)
        inside = self.tokens[self.at + 1 : closing]
        numbers = all(token.kind == "number" or token.text in "+-*/^()" for token in inside)
        return numbers and all(factor is not None and not free_names(factor) for factor in factors)

    def closing(self, opening: int) -> int:
        """The place of the bracket that closes the one at ``opening`` (or that place, where no bracket opens)."""
        depth = 0
        for place in range(opening, len(self.tokens)):
            text = self.tokens[place].text if self.tokens[place].kind == "sign" else ""
            depth += (text in _CLOSING) - (text in _CLOSING.values())
            if not depth:
                return place
        return len(self.tokens) - 1

    def factor(self) -> Expression:
        with self.deeper():
            base = self.atom()
        if self.accept("!"):
            base = Apply("factorial", (base,))
        elif self.accept("%"):
            base = Multiply((base, Number(Fraction(1, 100))))
        return self.powered(base)

    def powered(self, base: Expression) -> Expression:
        if self.sees("'"):
            self.fail("an operator (derivatives are not read here)")
        if not self.accept("^"):
            return base
        return Power(base, self.exponent())

    def exponent(self) -> Expression:
        with self.deeper():
            sign = self.leading_sign()
            value = self.factor()
        return negate(value) if sign < 0 else value

    def atom(self) -> Expression:
        token = self.next
        if token.kind == "number":
            return self.number()
        if token.kind == "symbol":
            self.take()
            return Variable(token.text)
        if token.kind in ("name", "command"):
            return self.named()
        if self.sees("(", "[", "{", "{{"):
            return self.bracketed()
        if self.sees("|", "lbar"):
            return self.absolute()
        if self.sees("ceil(", "floor("):
            return self.integer_part()
        self.fail("a number, a name or an opening bracket")
        raise AssertionError

    def number(self) -> Expression:
        text = self.take().text
        return Number(Fraction(text), text, decimal="." in text or "e" in text.lower())

    def bracketed(self) -> Expression:
        opening = self.take().text
        bars, self.bars = self.bars, 0
        inner = self.expression()
        if self.sees("<", ">", "<=", ">=", "="):
            self.fail("the closing bracket (relations inside a formula are not read here)")
        self.expect(_CLOSING[opening])
        self.bars = bars
        return inner

    def absolute(self) -> Expression:
        """``|x|``: typed with left and right bars it nests; a plain bar closes the plain bar before it."""
        plain = self.take().text == "|"
        bars, self.bars = self.bars, self.bars + 1 if plain else 0
        inner = self.expression()
        self.bars = bars
        self.expect("|" if plain else "rbar")
        return Apply("abs", (inner,))

    def integer_part(self) -> Expression:
        name = self.take().text.removesuffix("(")
        inner = self.expression()
        self.expect(f"{name})")
        return Apply(name, (inner,))

    # --- names ---

    def named(self) -> Expression:
        token = self.next
        name = _SPELLINGS.get(token.text, token.text)
        if (known := self.declared()) is not None:
            return known
        if name in ("sum", "prod"):
            return self.reduction(name)
        if name == "frac":
            self.take()
            return Multiply((self.single(), invert(self.single())))
        if name in FUNCTIONS:
            return self.application(name)
        if name in ("pi", "e", "infinity"):
            self.take()
            return Constant(name)  # type: ignore[arg-type]
        if self.split_letters():
            return self.named()
        if name in ("Sigma", "Pi") and self.tokens[self.at + 1].text == "_":
            return self.reduction("sum" if name == "Sigma" else "prod")
        declared = ", ".join(f"`{n}`" for n in self.symbols) or "none"
        raise Unreadable(
            f"`{self.text[token.start : token.end]}` is no name known here (declared: {declared})", token.start
        )

    def declared(self) -> Expression | None:
        """A declared or bound name at this place, its subscript and arguments included; else None, nothing taken."""
        start = self.at
        base = self.take().text
        for name, end in self.subscripted(base):
            symbol = self.symbols.get(name)
            if name in self.bound or (symbol and not symbol.arity and not symbol.family):
                self.at = end
                return Variable(name)
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
                return Element(base, self.single())
            glued = after.kind == "number" and after.start == self.tokens[self.at - 1].end
            return Element(base, self.number()) if glued else None
        family, index = self.symbols.get(base[:-1]), base[-1:]
        if family and family.family and (index in self.bound or index in self.symbols):
            return Element(base[:-1], Variable(index))
        return None

    def subscripted(self, base: str) -> list[tuple[str, int]]:
        """Names that begin here, longest first, each with the place where it ends: ``p_XY``, then ``p``."""
        found = [(base, self.at)]
        if self.tokens[self.at].kind == "number" and self.tokens[self.at].start == self.tokens[self.at - 1].end:
            found.insert(0, (base + self.tokens[self.at].text, self.at + 1))
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

    def call(self, name: str, arity: int) -> Expression:
        arguments = self.arguments(name)
        if len(arguments) != arity:
            self.fail(f"{arity} argument{'s' * (arity != 1)} for `{name}` instead of {len(arguments)}")
        return Call(name, arguments)

    def arguments(self, name: str) -> tuple[Expression, ...]:
        opening = self.next.text
        if not self.accept("(", "[", "{{"):
            self.fail(f"`(` with the arguments of `{name}`")
        bars, self.bars = self.bars, 0
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        self.expect(_CLOSING[opening])
        self.bars = bars
        return tuple(found)

    # --- known functions ---

    def application(self, name: str) -> Expression:
        self.take()
        if name == "sqrt":
            return self.root()
        base = self.log_base() if name == "log" else None
        power = self.exponent() if self.accept("^") else None
        arguments = self.function_arguments(name)
        expected = FUNCTIONS[name]
        if expected is not None and len(arguments) != expected:
            self.fail(f"{expected} argument{'s' * (expected != 1)} for `{name}` instead of {len(arguments)}")
        value: Expression = Apply("logb", (base, *arguments)) if base else Apply(name, arguments)
        if power == MINUS_ONE and name in ("sin", "cos", "tan"):
            self.fail(f"`arc{name}` or `1/{name}(…)` instead of a power of -1, which can mean both")
        return self.powered(Power(value, power) if power is not None else value)

    def log_base(self) -> Expression | None:
        if self.accept("_"):
            return self.single()
        glued = self.next.text in ("2", "10") and self.next.start == self.tokens[self.at - 1].end
        if glued and self.tokens[self.at + 1].text in ("(", "{", "["):
            return self.number()
        return None

    def root(self) -> Expression:
        degree: Expression | None = None
        if self.sees("["):
            degree = self.bracketed()
        if not self.sees("("):
            inner = self.single()
        else:
            inner, *more = self.arguments("sqrt")
            if more:
                self.fail("one argument for `sqrt`")
        return Power(inner, invert(degree)) if degree else Apply("sqrt", (inner,))

    def function_arguments(self, name: str) -> tuple[Expression, ...]:
        if name == "binom" and self.sees("{"):
            return (self.single(), self.single())
        if self.sees("(", "[", "{{"):
            return self.arguments(name)
        if self.sees("{"):
            return (self.bracketed(),)
        return (self.bare_argument(name),)

    def bare_argument(self, name: str) -> Expression:
        r"""The argument in ``\cos 2\theta`` or ``\log p(x)``: numbers, then one factor."""
        numbers: list[Expression] = []
        while self.next.kind == "number":
            numbers.append(self.factor())
            if not self.starts_factor():
                break
        factors = numbers
        if not numbers or (self.starts_factor() and not self.at_function()):
            factors = [*numbers, self.factor()]
        if self.starts_factor() and not self.at_function():
            self.fail(f"brackets that tell how far the argument of `{name}` reaches")
        return factors[0] if len(factors) == 1 else Multiply(tuple(factors))

    def at_function(self) -> bool:
        return _SPELLINGS.get(self.next.text, self.next.text) in {*FUNCTIONS, "sum", "prod", "frac"} and (
            self.next.kind in ("name", "command")
        )

    def single(self) -> Expression:
        r"""One argument in the manner of TeX: a group, or the one thing that follows (``\frac12`` is 1/2)."""
        token = self.next
        if (
            token.kind == "number"
            and len(token.text) > 1
            and token.text.isdigit()
            and self.tokens[self.at - 1].text == "frac"
        ):
            first = Token("number", token.text[0], token.start, token.start + 1)
            rest = Token("number", token.text[1:], token.start + 1, token.end)
            self.tokens[self.at : self.at + 1] = [first, rest]
        if self.sees("{"):
            return self.bracketed()
        if self.next.kind in ("sign", "end") and not self.sees("(", "|", "lbar"):
            self.fail("an argument in `{…}`")
        with self.deeper():
            return self.atom()

    # --- sums and products ---

    def reduction(self, operation: str) -> Expression:
        self.take()
        if self.sees("("):
            return self.plain_reduction(operation)
        above = self.at if self.sees("^") else None
        if above is not None:
            self.skip_script()
        self.expect("_")
        self.expect("{")
        variable, low = self.binding()
        high = self.expression() if self.accept("..", "...") else None
        self.expect("}")
        if above is not None:
            after, self.at = self.at, above
            high = self.upper_bound(variable)
            self.at = after
        elif high is None:
            high = self.upper_bound(variable)
        self.bound.append(variable)
        start = self.next.start
        body = self.product()
        self.bound.pop()
        if operation == "prod":
            self.check_reach(body, variable, start)
        return Reduce(operation, variable, low, high, body)  # type: ignore[arg-type]

    def skip_script(self) -> None:
        """Go past ``^{…}`` or ``^n``; it is read when the variable is known."""
        self.expect("^")
        self.at = self.closing(self.at) + 1

    def upper_bound(self, variable: str) -> Expression:
        self.expect("^")
        if self.accept("{"):
            if self.next.text == variable and self.tokens[self.at + 1].text == "=":
                self.at += 2
            high = self.expression()
            self.expect("}")
            return high
        return self.single()

    def check_reach(self, body: Expression, variable: str, start: int) -> None:
        """A factor behind the last one with the bound variable may be meant to stand outside of the product."""
        factors = body.factors if isinstance(body, Multiply) else (body,)
        if len(factors) > 1 and variable not in free_names(factors[-1]):
            raise Unreadable("it is not clear how far the product reaches: put its body in brackets", start)

    def plain_reduction(self, operation: str) -> Expression:
        """``sum(body, i=1..n)``: the bounds are read first, for the body needs the variable."""
        opening = self.at
        comma, closing = self.last_comma(opening)
        self.at = comma + 1
        variable, low = self.binding()
        if not self.accept("..", "..."):
            self.fail("`..` and the upper bound, as in i=1..n")
        high = self.expression()
        if self.at != closing:
            self.fail("`)`")
        self.at = opening + 1
        self.bound.append(variable)
        body = self.expression()
        self.bound.pop()
        if not self.sees(",") or self.text[self.next.start] != ",":
            self.fail("`,` and the bounds, as in i=1..n")
        # Splitting letters in the body moves later tokens: find the end of the bounds anew.
        self.at = self.last_comma(opening)[1] + 1
        return Reduce(operation, variable, low, high, body)  # type: ignore[arg-type]

    def last_comma(self, opening: int) -> tuple[int, int]:
        """Places of the last comma inside the bracket at ``opening`` and of the bracket that closes it."""
        closing = self.closing(opening)
        if self.tokens[closing].kind == "end":
            self.at = closing
            self.fail("`)`")
        depth, comma = 0, -1
        for place in range(opening, closing):
            text = self.tokens[place].text if self.tokens[place].kind == "sign" else ""
            depth += (text in _CLOSING) - (text in _CLOSING.values())
            if text == "," and depth == 1:
                comma = place
        if comma < 0:
            raise Unreadable("expected bounds, as in sum(body, i=1..n)", self.tokens[closing].start)
        return comma, closing

    def binding(self) -> tuple[str, Expression]:
        token = self.take()
        if token.kind not in ("name", "command", "symbol") or not token.text.isalpha():
            self.at -= 1
            self.fail("the variable that runs, as in i=1")
        self.expect("=")
        self.in_bounds = True
        low = self.expression()
        self.in_bounds = False
        return token.text, low


def _is_inverse_number(x: Expression | None) -> bool:
    return isinstance(x, Power) and isinstance(x.base, Number) and x.exponent == MINUS_ONE


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


def _shown(sign: str) -> str:
    return {"{{": "\\{", "}}": "\\}", "rbar": "\\right|", "ceil)": "\\rceil", "floor)": "\\rfloor"}.get(sign, sign)


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
            if pattern and _plain(window) == pattern:
                out.append(Token("symbol", name, window[0].start, window[-1].end))
                at += len(pattern)
                break
        else:
            out.append(tokens[at])
            at += 1
    return out


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
