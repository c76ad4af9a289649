"""Sums and products with bounds: ``\\sum_{i=1}^{n} k_i``, ``prod(k_i, i=1..n)`` and what lies between."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.names import NameReader
from grader.math.tree import MINUS_ONE, ONE, Add, Expression, Multiply, Reduce, free_names
from grader.spec import Symbol


class ReductionReader(NameReader):
    """Reads sums and products; ``in_bounds`` while a lower bound is read, where dots lead to the upper one."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.in_bounds = False

    @abstractmethod
    def product(self) -> Expression:
        """Factors that stand side by side: what a sum or product reaches."""

    def reduction(self, operation: str) -> Expression:
        self.take()
        if self.sees("("):
            return self.plain_reduction(operation)
        above = self.at if self.sees("^") else None
        if above is not None:
            self.skip_script()
        self.expect("_")
        self.expect("{")
        variable, low, high = self.bounds_below()
        self.expect("}")
        if above is not None:
            after, self.at = self.at, above
            high = self.upper_bound(variable)
            self.at = after
        elif high is None:
            high = self.upper_bound(variable)
        self.bound.append(variable)
        first, start = self.at, self.next.start
        body = self.product()
        self.bound.pop()
        whole = self.tokens[first].text in CLOSING and self.closing(first) == self.at - 1
        if operation == "prod" and not whole:
            self.check_reach(body, variable, start)
        return self.reduced(operation, variable, low, high, body)

    def reduced(self, operation: str, variable: str, low: Expression, high: Expression, body: Expression) -> Expression:
        symbol = self.symbols.get(variable)
        if symbol and (symbol.family or symbol.arity or symbol.shape):
            self.fail(f"another name for the variable that runs (`{variable}` is declared as something else)")
        for bound in (low, high):
            self.number_only(bound, "a bound")
        if operation != "sum":
            self.number_only(body, "what is multiplied or integrated")
        return Reduce(operation, variable, low, high, body)  # type: ignore[arg-type]

    def bounds_below(self) -> tuple[str, Expression, Expression | None]:
        """``i=1``, ``i=1..n`` or ``1 \\le i \\le n``: the variable, the lower bound, the upper one if it is there."""
        if self.after.text == "=":
            variable, low = self.binding()
            return variable, low, self.expression() if self.accept("..", "...") else None
        low = self.expression()
        if not self.sees("<", "<="):
            self.fail("the variable that runs, as in i=1")
        low = Add((low, ONE)) if self.take().text == "<" else low
        variable = self.take().text
        if not self.sees("<", "<=") or not variable.isalpha():
            self.fail("bounds on both sides, as in 1 <= i <= n")
        strict = self.take().text == "<"
        high = self.expression()
        return variable, low, Add((high, MINUS_ONE)) if strict else high

    def skip_script(self) -> None:
        """Go past ``^{…}`` or ``^n``; it is read when the variable is known."""
        self.expect("^")
        self.at = min(self.closing(self.at) + 1, len(self.tokens) - 1)

    def upper_bound(self, variable: str) -> Expression:
        self.expect("^")
        if self.accept("{"):
            if self.next.text == variable and self.after.text == "=":
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
        return self.reduced(operation, variable, low, high, body)

    def last_comma(self, opening: int) -> tuple[int, int]:
        """Places of the last comma inside the bracket at ``opening`` and of the bracket that closes it."""
        closing = self.closing(opening)
        if self.tokens[closing].kind == "end":
            self.at = closing
            self.fail("`)`")
        depth, comma = 0, -1
        for place in range(opening, closing):
            text = self.tokens[place].text if self.tokens[place].kind == "sign" else ""
            depth += (text in CLOSING) - (text in CLOSING.values())
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
