r"""Sums and integrals over sample spaces (``\sum_x``, ``\sum_{z_{<t}}``, ``\int p(x, z) dz``), and over an index."""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation.nodes import Argument, Expectation, Total, free_variables, renamed
from grader.derivation.notation.arguments import ArgumentReader
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.lexer import Token
from grader.math.tree import ONE, Add, Expression, Variable, walk
from grader.spec import Symbol


class TotalReader(ArgumentReader):
    """Reads sums over sample spaces; ``integrals`` counts open ones, whose ``dx`` end a product."""

    def __init__(self, text: str, world: World, symbols: Mapping[str, Symbol], free: tuple[str, ...] = ()) -> None:
        super().__init__(text, world, symbols, free)
        self.integrals = 0

    def bare_total(self) -> Expression | None:
        """A sum over all values of random variables, or over all of an index; None where it has bounds."""
        if self.after.text != "_":
            return None
        place = self.at + 2
        inside = self.tokens[place].text == "{"
        end = self.closing(place) if inside else place
        texts = [token.text for token in self.tokens[place : end + 1]]
        follower = self.tokens[place + inside]
        if "^" in (self.tokens[min(end + 1, len(self.tokens) - 1)].text,) or self.has_bounds(texts, inside):
            return None
        name = follower.text
        if name in self.world.spec.indices and name not in self.world.spec.variables:
            return self.total_index(inside)
        operation = self.take().text
        if operation == "prod":
            self.fail("bounds of this product")
        self.take()
        arguments = self.summed(inside)
        start = self.next.start
        return self.without_primes(Total(arguments, self.total_body()), arguments, start)

    def without_primes(self, x: Expression, arguments: tuple[Argument, ...], start: int) -> Expression:
        """A sum or expectation over ``x'`` is one over x, where x itself does not stand in it."""
        for name in {argument.variable for argument in arguments if argument.variable.endswith("'")}:
            base = name.rstrip("'")
            inner = x.parts()[-1] if isinstance(x, Total | Expectation) else x
            if base in free_variables(inner) or Variable(base) in set(walk(inner)):
                raise Unreadable(f"`{base}` and `{name}` stand in one sum, which is not read here", start)
            x = renamed(x, name, base)
        return x

    def has_bounds(self, texts: list[str], inside: bool) -> bool:
        if not inside:
            return False
        first = texts[2] if len(texts) > 2 else ""
        return first == "=" or (first in ("<", "<=") or texts[1].isdigit())

    def total_index(self, inside: bool) -> Expression:
        operation = "prod" if self.take().text == "prod" else "sum"
        self.take()
        if inside:
            self.take()
        name = self.take().text
        if inside:
            self.expect("}")
        self.bound.append(name)
        first, start = self.at, self.next.start
        body = self.product()
        self.bound.pop()
        if operation == "prod" and not (self.tokens[first].text in CLOSING and self.closing(first) == self.at - 1):
            self.check_reach(body, name, start)
        return self.reduced(operation, name, ONE, Variable(self.world.spec.indices[name]), body)

    def summed(self, braces: bool) -> tuple[Argument, ...]:
        r"""The variables under a sum: ``x``, ``{x, y}``, ``{x \in X}``, ``{z_{<t}}``."""
        if not braces:
            return (self.single_argument(),)
        self.expect("{")
        found: tuple[Argument, ...] = ()
        while not found or self.accept(","):
            brackets = self.accept("(")
            found += self.argument_list([])
            if brackets:
                self.expect(")")
            self.skip_set()
        self.expect("}")
        return found

    def skip_set(self) -> None:
        r"""Go past ``\in \mathcal{X}``: the name of a set, and no condition, which would leave values out."""
        if self.next.text != "in":
            return
        self.take()
        self.set_name()
        if not self.sees(",", "}", "=") and self.next.kind != "end":
            self.fail("the name of a sample space alone (conditions on a sum are not read)")

    def set_name(self) -> None:
        r"""``\mathcal{X}``, ``\mathbb{R}^n``, ``X``: its size is that of the whole sample space."""
        if self.next.kind not in ("name", "command"):
            self.fail("the name of a sample space")
        self.take()
        if self.sees("^", "_"):
            self.take()
            self.single()

    def single_argument(self) -> Argument:
        """One variable behind ``_`` without braces: what follows it is no index of it."""
        name = self.variable_name()
        if name is None:
            self.fail("a random variable of this item")
        self.take()
        while self.accept("'"):
            pass
        variable = self.world.spec.variables[name.rstrip("'")]
        return self.whole_sequence(name) if variable.length else Argument(name)

    def total_body(self) -> Expression:
        return self.number_only(self.product(), "what is summed")

    def integral(self) -> Expression:
        r"""``\int f dx``, ``\int_x f dx``, ``\int\int f dx dy``, ``\int dx f``."""
        self.take()
        if self.accept("_"):
            self.skip_region()
        if self.accept("^"):
            self.whole_line()
        self.integrals += 1
        before = self.differential_here()
        body = ONE if self.at_differential() else self.number_only(self.expression(), "what is integrated")
        self.integrals -= 1
        variable = before or self.differential_here()
        if variable is None:
            self.fail("`d` and the variable at the end of the integral")
        if isinstance(body, Add) and before:
            self.fail("brackets around what is integrated")
        return Total((variable,), body)

    def whole_line(self) -> None:
        """An infinite bound: an integral over all values has no other."""
        braces = self.accept("{")
        self.accept("+")
        if self.next.text not in ("infinity", "infty"):
            self.fail("an infinite bound (an integral over a random variable is over all of its values)")
        self.take()
        if braces:
            self.expect("}")

    def skip_region(self) -> None:
        """Go past what stands below an integral: its variable, or the name of the sample space."""
        braces = self.accept("{")
        if self.variable_name() is not None:
            self.argument()
            self.skip_set()
        elif self.accept("-"):
            self.whole_line()
        else:
            self.set_name()
        if braces:
            self.expect("}")

    def at_differential(self) -> bool:
        """Whether ``dx`` or ``d x`` stands here."""
        token, variables = self.next, self.world.spec.variables
        if token.kind not in ("name", "command") or not token.text.startswith("d"):
            return False
        return token.text[1:] in variables or (
            token.text == "d" and self.after.kind in ("name", "command") and self.after.text in variables
        )

    def differential_here(self) -> Argument | None:
        """The variable of a ``dx`` that stands here, which is taken."""
        if not self.at_differential():
            return None
        token = self.next
        if token.text == "d":
            self.take()
        else:
            self.tokens[self.at] = Token("name", token.text[1:], token.start + 1, token.end)
        return self.argument()

    def starts_factor(self) -> bool:
        if self.integrals and self.at_differential():
            return False
        if self.next.kind == "name" and self.next.text in ("sim", "given"):
            return False
        return super().starts_factor()
