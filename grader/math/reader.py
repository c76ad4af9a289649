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
from grader.math.lexer import Token
from grader.math.names import SPELLINGS
from grader.math.shapes import Misfit, Shape, divided, function, inner, power, product, shape, total
from grader.math.tables import RELATIONS, TableReader
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
    invert,
    negate,
)
from grader.spec import Symbol

MAX_ROWS = 30
_TYPED_OTHERWISE = {"less", "atmost", "same", "cases", "identity", "entry"}


def read_expression(text: str, symbols: Mapping[str, Symbol]) -> Expression:
    """Read all of ``text``. Raises Unreadable with the position where reading stopped and what was expected."""
    reader = Reader(text, symbols)
    if reader.next.kind == "end":
        raise Unreadable("there is no formula here", 0)
    tree = reader.expression()
    reader.finish()
    return tree


class Reader(TableReader):
    """Reads formulas. ``expression`` reads one and stops at what cannot continue it."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.norms = 0  # open ‖
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
                dot = self.text[self.next.start] != "*"
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
            base = Apply("factorial", (base,))
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
        token = self.tokens[self.at + 1] if braces else self.next
        mark = token.text == "top" or (token.kind == "name" and token.text == "T" and "T" not in self.symbols)
        if not mark or (braces and self.tokens[self.at + 2].text != "}"):
            return False
        self.at += 3 if braces else 1
        return True

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

    def enclosed(self) -> Expression:
        """What stands between signs that come in pairs of their own."""
        if self.sees("|", "lbar"):
            return self.absolute()
        if self.sees("||"):
            return self.norm()
        if self.sees("ceil(", "floor("):
            return self.integer_part()
        if self.sees("<("):
            return self.inner_product()
        if self.next.kind == "sign" and self.next.text.startswith("begin:"):
            return self.environment()
        return self.fail("a number, a name or an opening bracket")

    def at_indicator(self) -> bool:
        r"""Whether ``1_{x > 0}`` or ``1\{x > 0\}`` stands here: the number is an indicator's name."""
        return self.next.text == "1" and self.after.kind == "sign" and self.after.text in ("_", "{{")

    def number(self) -> Expression:
        text = self.take().text
        return Number(Fraction(text), text, decimal="." in text or "e" in text.lower())

    def absolute(self) -> Expression:
        """``|x|``: typed with left and right bars it nests; a plain bar closes the plain bar before it."""
        plain = self.take().text == "|"
        bars, self.bars = self.bars, self.bars + 1 if plain else 0
        inner = self.expression()
        self.bars = bars
        self.expect("|" if plain else "rbar")
        return self.fitting(lambda: function("abs", (inner,), self.symbols), self.next.start)

    def norm(self) -> Expression:
        r"""``\|x\|``, with or without the index 2."""
        self.take()
        bars, norms, self.bars, self.norms = self.bars, self.norms, 0, self.norms + 1
        found = self.expression()
        self.bars, self.norms = bars, norms
        self.expect("||")
        if self.accept("_"):
            index = self.single()
            if index != Number(Fraction(2)):
                self.fail("the index 2 at a norm, or none")
        return self.fitting(lambda: function("norm", (found,), self.symbols), self.next.start)

    def inner_product(self) -> Expression:
        start = self.take().start
        left = self.expression()
        if not self.accept("|"):
            self.expect(",")
        right = self.expression()
        self.expect(">)")
        return self.fitting(lambda: inner(left, right, self.symbols), start)

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

    def at_identity(self) -> bool:
        """Whether this is the identity matrix, or an indicator that is called I."""
        return self.next.text in ("I", "identity", "Id", "Identity", "eye", "id")

    def identity(self) -> Expression:
        """The identity matrix: its size is an index or argument, else the only one that the item declares."""
        if self.next.text == "I" and self.after.text in ("(", "[", "{{") and self.holds_relation():
            return self.indicator()
        start = self.take().start
        if self.accept("_"):
            return self.sized(self.single(), start)
        if self.sees("(") and self.tokens[self.at - 1].text != "I":
            (size, *more) = self.arguments("identity")
            if more:
                self.fail("one size for the identity matrix")
            return self.sized(size, start)
        if self.next.kind == "name" and self.next.text == "matrix":
            self.take()
        sizes = {size: None for symbol in self.symbols.values() for size in symbol.shape}
        if len(sizes) != 1:
            raise Unreadable("the size of this identity matrix is not known: write it as an index, I_n", start)
        (size_name,) = sizes
        return self.sized(Number(Fraction(size_name)) if size_name.isdigit() else Variable(size_name), start)

    def sized(self, size: Expression, start: int) -> Expression:
        r"""An identity matrix of a size that is a number or a declared name, or twice the same (``n \\times n``)."""
        if isinstance(size, Multiply) and len(set(size.factors)) == 1:
            size = size.factors[0]
        whole = isinstance(size, Number) and size.value.denominator == 1 and 0 < size.value <= MAX_ROWS
        if not (whole or isinstance(size, Variable)):
            raise Unreadable("the size of an identity matrix is a number or a declared name", start)
        return Apply("identity", (size,))

    def holds_relation(self) -> bool:
        inside = self.tokens[self.at + 1 : self.closing(self.at + 1)]
        return any(token.kind == "sign" and token.text in RELATIONS for token in inside)

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
        value = self.fitting(
            lambda: (
                function("logb", (base, *arguments), self.symbols) if base else function(name, arguments, self.symbols)
            ),
            self.next.start,
        )
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
        if self.shape(inner):
            self.fail("a number under the root, not a vector or matrix")
        return Power(inner, invert(degree)) if degree else Apply("sqrt", (inner,))

    def function_arguments(self, name: str) -> tuple[Expression, ...]:
        if name == "binom" and not self.sees("("):
            return (self.single(), self.single())
        if name in ("norm", "det", "trace", "transpose", "inverse", "diag") and self.holds_list():
            return (self.bracketed(),)
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

    def holds_list(self) -> bool:
        """Whether a matrix in square brackets stands here, the argument itself and not a bracket around it."""
        return self.sees("[") and self.after.text == "["

    def at_function(self) -> bool:
        return SPELLINGS.get(self.next.text, self.next.text) in {*FUNCTIONS, "sum", "prod", "integral", "frac"} and (
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
        if self.next.kind in ("sign", "end") and not self.sees("(", "|", "lbar", "||"):
            self.fail("an argument in `{…}`")
        with self.deeper():
            return self.atom()


def _is_inverse_number(x: Expression | None) -> bool:
    return isinstance(x, Power) and isinstance(x.base, Number) and x.exponent == MINUS_ONE
