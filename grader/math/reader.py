"""Text to expression tree.

One reader takes plain notation (``r*p_XY(r*cos(theta), …)``), LaTeX, and what people mix of them. The declared symbols
settle what is ambiguous: ``p(x)`` is a call where p is a function and a product where it is a number; ``ab`` is a
product where a and b are declared. What stays ambiguous to a reader (``1/2x``, ``\\sin x y``) is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.dots import dotted
from grader.math.lexer import Token
from grader.math.names import SPELLINGS
from grader.math.reductions import ReductionReader
from grader.math.tree import (
    FUNCTIONS,
    MINUS_ONE,
    Add,
    Apply,
    Constant,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    free_names,
    invert,
    negate,
)
from grader.spec import Symbol


def read_expression(text: str, symbols: Mapping[str, Symbol]) -> Expression:
    """Read all of ``text``. Raises Unreadable with the position where reading stopped and what was expected."""
    reader = Reader(text, symbols)
    if reader.next.kind == "end":
        raise Unreadable("there is no formula here", 0)
    tree = reader.expression()
    reader.finish()
    return tree


class Reader(ReductionReader):
    """Reads formulas. ``expression`` reads one and stops at what cannot continue it."""

    def expression(self) -> Expression:
        with self.deeper():
            return self.sum()

    def sum(self) -> Expression:
        start = self.next.start
        terms: list[Expression | None] = [self.term(self.leading_sign())]
        while self.sees("+", "-"):
            sign = -1 if self.take().text == "-" else 1
            if self.accept("..."):
                if self.next.text != ("-" if sign < 0 else "+"):
                    self.fail("the same sign behind the dots as before them")
                terms.append(None)
            else:
                terms.append(self.term(sign * self.leading_sign()))
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

    def product(self) -> Expression:
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
                if self.tokens[self.at - 1].text == "%":
                    self.fail("brackets that tell whether the quotient or its divisor is in percent")
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
        follower = self.after
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
        power = Power(base, self.exponent())
        if self.sees("!", "%"):
            self.fail("brackets that tell whether the power or its exponent is meant")
        return power

    def exponent(self) -> Expression:
        with self.deeper():
            sign = self.leading_sign()
            value = self.powered(self.atom())
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
        return self.fail("a number, a name or an opening bracket")

    def number(self) -> Expression:
        text = self.take().text
        return Number(Fraction(text), text, decimal="." in text or "e" in text.lower())

    def bracketed(self) -> Expression:
        opening = self.take().text
        bars, self.bars = self.bars, 0
        inner = self.expression()
        if self.sees("<", ">", "<=", ">=", "="):
            self.fail("the closing bracket (relations inside a formula are not read here)")
        self.expect(CLOSING[opening])
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

    # --- names and known functions ---

    def named(self) -> Expression:
        token = self.next
        name = SPELLINGS.get(token.text, token.text)
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
        if name in ("Sigma", "Pi") and self.after.text == "_":
            return self.reduction("sum" if name == "Sigma" else "prod")
        if token.text in self.symbols:
            raise Unreadable(f"`{token.text}` needs an index or arguments here, as in {token.text}_i", token.start)
        declared = ", ".join(f"`{n}`" for n in self.symbols) or "none"
        raise Unreadable(
            f"`{self.text[token.start : token.end]}` is no name known here (declared: {declared})", token.start
        )

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
        if glued and self.after.text in ("(", "{", "["):
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
        return SPELLINGS.get(self.next.text, self.next.text) in {*FUNCTIONS, "sum", "prod", "frac"} and (
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


def _is_inverse_number(x: Expression | None) -> bool:
    return isinstance(x, Power) and isinstance(x.base, Number) and x.exponent == MINUS_ONE
