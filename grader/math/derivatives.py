"""Derivatives and integrals as they are typed: ``\frac{d}{dx} f``, ``\\partial_\theta f``, ``\\int_a^b f \\, dx``."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable

from grader.errors import Unreadable
from grader.math.lexer import Token
from grader.math.reductions import ReductionReader
from grader.math.shapes import Shape
from grader.math.tree import ONE, Derivative, Expression, Variable

MAX_ORDER = 4


class DerivativeReader(ReductionReader):
    """Reads derivatives and integrals. A ``d`` is no name of its own unless it is declared."""

    @abstractmethod
    def fitting(self, build: Callable[[], Expression], start: int) -> Expression:
        """Build an expression whose parts must fit together."""

    @abstractmethod
    def shape(self, x: Expression) -> Shape:
        """Whether an expression is a number, a vector or a matrix."""

    @abstractmethod
    def operand(self) -> Expression:
        """What an operator in front reaches: factors side by side."""

    def is_d(self, token: Token, glued: bool = False) -> bool:
        """Whether this is d or ∂; with ``glued`` also a name that begins with d, as in ``dx``."""
        if token.kind == "command" and token.text == "partial":
            return True
        if token.kind != "name" or "d" in self.symbols or "d" in self.bound or token.text in self.symbols:
            return False
        return token.text == "d" or (glued and len(token.text) > 1 and token.text[0] == "d")

    def at_derivative(self) -> bool:
        r"""Whether ``\frac{d…}{d…}`` or ``d/dx`` stands here."""
        if self.next.text == "frac":
            closing = self.closing(self.at + 1)
            inside = self.tokens[self.at + 2 : closing + 3]
            above = self.after.text == "{" and bool(inside) and self.is_d(inside[0], glued=True)
            return above and len(inside) >= 3 and inside[-2].text == "{" and self.is_d(inside[-1], glued=True)
        if not self.is_d(self.next) or self.after.text != "/":
            return False
        return self.is_d(self.tokens[min(self.at + 2, len(self.tokens) - 1)], glued=True)

    def derivative(self) -> Expression:
        if self.next.text == "frac":
            return self.fraction_derivative()
        self.take()
        self.expect("/")
        self.take_d()
        name = self.variable("to differentiate by")
        if self.sees("^"):
            self.fail("a fraction such as \\frac{d^2}{dx^2} for a derivative of a higher order")
        return Derivative(name, self.operand())

    def fraction_derivative(self) -> Expression:
        start = self.take().start
        self.expect("{")
        self.take_d()
        order = self.order()
        body = None if self.sees("}") else self.expression()
        self.expect("}")
        self.expect("{")
        variables = self.differentials()
        self.expect("}")
        if len(variables) != order:
            raise Unreadable(f"a derivative of order {order} by {len(variables)} variables", start)
        return _nested(body if body is not None else self.operand(), variables)

    def take_d(self) -> None:
        """Take a d; of ``dx`` only the first letter."""
        token = self.next
        if not self.is_d(token, glued=True):
            self.fail("`d` or `∂`")
        if token.text not in ("d", "partial"):
            first = Token("name", "d", token.start, token.start + 1)
            self.tokens[self.at : self.at + 1] = [first, Token("name", token.text[1:], token.start + 1, token.end)]
        self.take()

    def order(self) -> int:
        """The power at a ``d``, 1 where there is none."""
        if not self.accept("^"):
            return 1
        braces = self.accept("{")
        token = self.take()
        if token.kind != "number" or not re.fullmatch(r"[1-9]", token.text) or int(token.text) > MAX_ORDER:
            self.at -= 1
            self.fail(f"the order of the derivative, at most {MAX_ORDER}")
        if braces:
            self.expect("}")
        return int(token.text)

    def differentials(self) -> list[str]:
        r"""The variables of ``dx``, ``dx^2`` or ``\partial x \partial y``, each as often as it is differentiated by."""
        found: list[str] = []
        while self.is_d(self.next, glued=True) and len(found) < MAX_ORDER:
            self.take_d()
            name = self.variable("to differentiate by")
            found += [name] * self.order()
        return found

    def variable(self, purpose: str) -> str:
        at = self.at
        found = Variable(self.take().text) if self.next.kind == "symbol" else None
        if self.next.kind in ("name", "command") and found is None:
            found = self.declared()  # type: ignore[assignment]
        if not isinstance(found, Variable) or self.shape(found):
            self.at = at
            self.fail(f"a declared variable {purpose}, a number")
        return found.name

    def partial(self) -> Expression:
        r"""``\partial_x f``."""
        self.take()
        if not self.accept("_"):
            self.fail(r"a fraction such as \frac{\partial}{\partial x}, or an index with the variable")
        braces = self.accept("{")
        name = self.variable("to differentiate by")
        if braces:
            self.expect("}")
        return Derivative(name, self.operand())

    def plain_derivative(self) -> Expression:
        """``diff(body, x)``."""
        self.take()
        self.expect("(")
        body = self.expression()
        self.expect(",")
        name = self.variable("to differentiate by")
        self.expect(")")
        return Derivative(name, body)

    # --- integrals ---

    def integral(self) -> Expression:
        self.take()
        if self.sees("("):
            return self.plain_reduction("integral")
        bounds: dict[str, Expression] = {}
        while len(bounds) < 2 and self.sees("_", "^"):
            sign = self.take().text
            bounds[sign] = self.single()
        if len(bounds) < 2:
            self.fail("the bounds of the integral, as in \\int_{a}^{b}")
        end = self.differential()
        variable = self.bind_differential(end)
        self.bound.append(variable)
        body = ONE if self.next.kind == "differential" else self.expression()
        self.bound.pop()
        if self.next.kind != "differential":
            self.fail(f"`d{variable}` at the end of the integral")
        self.take()
        if self.sees("^", "!", "%", "'"):
            self.fail(f"nothing behind `d{variable}` that could belong to it (put the integral in brackets)")
        if variable in self.symbols or variable in self.bound:
            self.check_behind(variable)
        return self.reduced("integral", variable, bounds["_"], bounds["^"], body)

    def differential(self) -> int:
        """The place of the ``dx`` that closes the integral whose body begins here."""
        place = self.closing_d(self.at, len(self.tokens))
        if place is None:
            self.at = len(self.tokens) - 1
            self.fail("`dx` at the end of the integral")
        above = self.d_above(place)
        return place if above is None else self.behind_fraction(place, above)

    def closing_d(self, start: int, end: int) -> int | None:
        """The place of the ``dx`` that closes the integral whose body begins at ``start``, or of the fraction that has
        it above its bar."""
        depth = nested = 0
        for place in range(start, end):
            token = self.tokens[place]
            if token.kind == "sign":
                depth += (token.text in _OPENING) - (token.text in _CLOSING)
            nested += token.text == "integral" and not depth
            if depth < 0:
                break
            if not depth and (self.is_differential(token) or self.d_above(place) is not None):
                if not nested:
                    return place
                nested -= 1
        return None

    def is_differential(self, token: Token) -> bool:
        return self.is_d(token, glued=True) and token.text != "partial"

    def d_above(self, place: int) -> int | None:
        r"""The place of the ``dt`` in ``\frac{dt}{t + 1}``, where the fraction stands; a derivative has none."""
        if self.tokens[place].text != "frac" or self.tokens[place + 1].text != "{":
            return None
        bar = self.closing(place + 1)
        below = self.tokens[min(bar + 2, len(self.tokens) - 1)]
        found = None if self.is_d(below, glued=True) else self.closing_d(place + 2, bar)
        return found if found is not None and self.is_differential(self.tokens[found]) else None

    def behind_fraction(self, place: int, above: int) -> int:
        r"""Make ``\frac{1}{t + 1} dt`` of ``\frac{dt}{t + 1}``; the place of its ``dt``."""
        before = self.at
        while before < place:
            if before > self.at and self.tokens[before].text in ("+", "-"):
                self.at = before
                self.fail("brackets (is the whole sum to be integrated?)")
            before = self.closing(before) + 1
        self.bind_differential(above)
        if self.tokens[above + 1].text != "}":
            self.at = above + 1
            self.fail("the end of the numerator")
        moved = self.tokens.pop(above)
        if above == place + 2:
            self.tokens.insert(above, Token("number", "1", moved.start, moved.end))
        end = self.closing(self.closing(place + 1) + 1) + 1
        self.tokens.insert(end, moved)
        return end

    def check_behind(self, variable: str) -> None:
        """Refuse ``dx/(x + 1)`` and ``dx x``, where what follows may be meant to be integrated too."""
        name, place = variable.partition("_")[0], self.at
        while self.tokens[place].kind != "end" and self.tokens[place].text not in _ENDING:
            end = self.closing(place)
            for token in self.tokens[place : end + 1]:
                letters = token.kind == "name" and all(letter in self.symbols for letter in token.text)
                if token.text == name or (letters and name in token.text):
                    self.fail(f"brackets around the integral, or `d{variable}` at its end (`{variable}` follows)")
            place = end + 1

    def bind_differential(self, place: int) -> str:
        """Make one token of ``d x``, so that the body ends there; its variable."""
        token, end = self.tokens[place], place + 1
        if token.kind == "differential":
            return token.text
        name = token.text[1:]
        if not name:
            after = self.tokens[place + 1]
            if after.kind not in ("name", "command", "symbol"):
                self.at = place + 1
                self.fail("the variable of the integral behind `d`")
            name, end = after.text, place + 2
        word, after_word = self.flat_subscript(end + 1) if self.tokens[end].text == "_" else ("", end)
        if word:
            name, end = f"{name}_{word}", after_word
        self.tokens[place:end] = [Token("differential", name, token.start, self.tokens[end - 1].end)]
        return name


_OPENING = {"(", "[", "{", "{{", "lbar", "ceil(", "floor(", "<("}
_CLOSING = {")", "]", "}", "}}", "rbar", "ceil)", "floor)", ">)"}
_ENDING = _CLOSING | {"+", "-", ",", "|", "integral", "=", "!=", "<", "<=", ">", ">="}


def _nested(body: Expression, variables: list[str]) -> Expression:
    for name in reversed(variables):
        body = Derivative(name, body)
    return body
