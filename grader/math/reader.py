"""Text to expression tree.

One reader takes plain notation (``r*p_XY(r*cos(theta), …)``), LaTeX, and what people mix of them. The declared symbols
settle what is ambiguous: ``p(x)`` is a call where p is a function and a product where it is a number; ``ab`` is a
product where a and b are declared. What stays ambiguous to a reader (``1/2x``, ``\\sin x y``) is refused, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NoReturn

from grader.errors import Unreadable
from grader.math.dots import dotted
from grader.math.functions import FunctionReader
from grader.math.lexer import Token
from grader.math.names import SPELLINGS
from grader.math.shapes import Misfit, Shape, divided, function, power, product, shape, total
from grader.math.tables import RELATIONS
from grader.math.tree import (
    FUNCTIONS,
    MINUS_ONE,
    Apply,
    Constant,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    free_names,
    negate,
)
from grader.spec import Symbol

_TYPED_OTHERWISE = {"less", "atmost", "same", "cases", "identity", "entry"}


def read_expression(text: str, symbols: Mapping[str, Symbol]) -> Expression:
    """Read all of ``text``. Raises Unreadable with the position where reading stopped and what was expected."""
    reader = Reader(text, symbols)
    if reader.next.kind == "end":
        raise Unreadable("there is no formula here", 0)
    tree = reader.expression()
    reader.finish()
    return tree


class Reader(FunctionReader):
    """Reads formulas. ``expression`` reads one and stops at what cannot continue it."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.operators: dict[str, Callable[[], Expression]] = {
            "sum": lambda: self.reduction("sum"),
            "prod": lambda: self.reduction("prod"),
            "integral": self.integral,
            "partial": self.partial,
            "diff": self.plain_derivative,
            "frac": self.fraction,
            "cases": self.plain_cases,
            "indicator": self.indicator,
        }

    def expression(self) -> Expression:
        with self.deeper():
            found = self.sum()
            return self.conditional(found) if self.next.kind == "name" and self.next.text == "if" else found

    def fitting(self, build: Callable[[], Expression], start: int) -> Expression:
        """Build an expression whose parts must fit together. Raises Unreadable where numbers and matrices do not."""
        try:
            return build()
        except Misfit as misfit:
            raise Unreadable(str(misfit), start) from misfit

    def shape(self, x: Expression) -> Shape:
        return shape(x, self.symbols)

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
        return self.fitting(lambda: total(whole, self.symbols), start)

    def leading_sign(self) -> int:
        sign = 1
        while self.sees("+", "-"):
            sign = -sign if self.take().text == "-" else sign
        return sign

    def term(self, sign: int = 1) -> Expression:
        found = self.product()
        return negate(found) if sign < 0 else found

    def operand(self) -> Expression:
        return self.product()

    def product(self) -> Expression:
        """Factors joined by ``*``, ``/`` or by standing side by side."""
        start = self.next.start
        factors: list[Expression | None] = [self.factor()]
        dots = [False]
        slash: Token | None = None
        while True:
            if self.sees("*"):
                dot = self.text[self.next.start : self.next.end] in ("\\cdot", "·", "⋅", "∙")
                self.take()
                factors.append(None if self.accept("...") else self.signed_factor())
                slash = None
            elif self.sees("/"):
                dot, slash = False, self.take()
                factors.append(self.reciprocal(self.signed_factor(), slash.start))
                if self.tokens[self.at - 1].text == "%":
                    self.fail("brackets that tell whether the quotient or its divisor is in percent")
            elif self.sees("...") and not self.in_bounds:
                dot = False
                self.take()
                factors.append(None)
                self.accept("*")
                slash = None
            elif self.starts_factor():
                dot = False
                self.check_juxtaposition(factors, slash)
                factors.append(self.factor())
            else:
                break
            dots.append(dot)
        if None in factors:
            return dotted("prod", factors, start, self.symbols)
        whole = [f for f in factors if f is not None]
        return self.fitting(lambda: product(whole, dots, self.symbols), start)

    def reciprocal(self, divisor: Expression, start: int) -> Expression:
        return self.fitting(lambda: divided(divisor, self.symbols), start)

    def signed_factor(self) -> Expression:
        sign = self.leading_sign()
        factor = self.factor()
        return negate(factor) if sign < 0 else factor

    def starts_factor(self) -> bool:
        if self.next.kind in ("name", "command"):
            return self.next.text not in ("or", "and", "in", "U", "if", "else", "otherwise", "for", "when", "where")
        return (
            self.next.kind in ("number", "symbol")
            or self.sees("(", "[", "{", "{{", "ceil(", "floor(", "lbar", "<(")
            or (self.sees("|") and not self.bars)
            or (self.sees("||") and not self.norms)
            or (self.next.kind == "sign" and self.next.text.startswith("begin:"))
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
            base = Apply("factorial", (self.number_only(base, "its factorial"),))
        elif self.accept("%"):
            base = Multiply((base, Number(Fraction(1, 100))))
        return self.powered(base)

    def powered(self, base: Expression) -> Expression:
        start = self.next.start
        if self.sees("'"):
            self.fail("an operator (a prime stands only at a declared function)")
        if not self.accept("^"):
            return base
        if self.transposition():
            return self.fitting(lambda: function("transpose", (base,), self.symbols), start)
        exponent = self.exponent()
        if self.sees("!", "%"):
            self.fail("brackets that tell whether the power or its exponent is meant")
        return self.fitting(lambda: power(base, exponent, self.symbols), start)

    def transposition(self) -> bool:
        r"""Take ``\top`` or a T that is not declared, with or without braces, behind ``^``."""
        braces = self.sees("{")
        place = self.at + braces
        token = self.tokens[place]
        if token.kind == "name" and token.text[0] == "T" and not braces and self.may_split(token):
            first = Token("name", "T", token.start, token.start + 1)
            self.tokens[place : place + 1] = [first, Token("name", token.text[1:], token.start + 1, token.end)]
            token = first
        mark = token.text == "top" or (token.kind == "name" and token.text == "T" and "T" not in self.symbols)
        if not mark or (braces and self.tokens[place + 1].text != "}"):
            return False
        self.at += 3 if braces else 1
        return True

    def may_split(self, token: Token) -> bool:
        """Whether ``Ty`` is a transposition and the vector y, for neither T nor Ty is declared."""
        rest = token.text[1:]
        return bool(rest) and not {"T", token.text} & self.symbols.keys() and rest in self.symbols

    def exponent(self) -> Expression:
        with self.deeper():
            sign = self.leading_sign()
            value = self.powered(self.atom())
        return negate(value) if sign < 0 else value

    def atom(self) -> Expression:
        token = self.next
        if token.kind == "number":
            return self.indicator() if self.at_indicator() else self.number()
        if token.kind == "symbol":
            self.take()
            return Variable(token.text)
        if token.kind in ("name", "command"):
            return self.named()
        if self.sees("(", "[", "{", "{{"):
            return self.bracketed()
        return self.enclosed()

    def at_indicator(self) -> bool:
        r"""Whether ``1_{x > 0}`` or ``1\{x > 0\}`` stands here: the number is an indicator's name."""
        if self.next.text != "1" or self.after.kind != "sign" or self.after.text not in ("_", "{{"):
            return False
        opening = self.at + (2 if self.after.text == "_" else 1)
        inside = self.tokens[opening : self.closing(opening)]
        return any(token.kind == "sign" and token.text in RELATIONS for token in inside)

    def number(self) -> Expression:
        text = self.take().text
        return Number(Fraction(text), text, decimal="." in text or "e" in text.lower())

    def named(self) -> Expression:
        token = self.next
        name = SPELLINGS.get(token.text, token.text)
        if (known := self.declared()) is not None:
            return known
        if self.at_derivative():
            return self.derivative()
        if name in self.operators:
            return self.operators[name]()
        if name in FUNCTIONS and name not in _TYPED_OTHERWISE:
            return self.application(name)
        if name in ("pi", "e", "infinity"):
            self.take()
            return Constant(name)  # type: ignore[arg-type]
        if self.at_identity():
            return self.identity()
        if self.split_letters():
            return self.named()
        if name in ("Sigma", "Pi") and self.after.text == "_":
            return self.reduction("sum" if name == "Sigma" else "prod")
        return self.unknown(token)

    def unknown(self, token: Token) -> NoReturn:
        if token.text in self.symbols:
            raise Unreadable(f"`{token.text}` needs an index or arguments here, as in {token.text}_i", token.start)
        declared = ", ".join(f"`{n}`" for n in self.symbols if n != "#") or "none"
        raise Unreadable(
            f"`{self.text[token.start : token.end]}` is no name known here (declared: {declared})", token.start
        )

    def fraction(self) -> Expression:
        start = self.take().start
        above, below = self.single(), self.single()
        return self.fitting(lambda: product((above, divided(below, self.symbols)), (False, False), self.symbols), start)

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
        if self.next.kind in ("sign", "end") and not self.sees("(", "|", "lbar", "||"):
            self.fail("an argument in `{…}`")
        with self.deeper():
            return self.atom()


def _is_inverse_number(x: Expression | None) -> bool:
    return isinstance(x, Power) and isinstance(x.base, Number) and x.exponent == MINUS_ONE
