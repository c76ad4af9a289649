"""Claims about random variables: ``density(X, 1) = 1/15``, ``E[log(A)] < log(p)``, ``P(0 < X < 2) >= 1/3``.

Read in the notation of answers, with a few words more, each of which is a number that draws can estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.notation import ATOM, Printed
from grader.math.plain import PlainPrinter
from grader.math.reader import Reader
from grader.math.tree import Add, Expression, Extension, Multiply, children, negate
from grader.spec import Symbol

Kind = Literal["E", "P", "Var", "density"]
RELATIONS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Statistic(Extension):
    """A number that belongs to the distribution of ``body``: its expectation ``E``, its variance ``Var``, the
    probability ``P`` that it, a condition, holds, or its density at ``point``."""

    kind: Kind
    body: Expression
    point: Expression | None = None

    def parts(self) -> tuple[Expression, ...]:
        return (self.body,) if self.point is None else (self.body, self.point)

    def over(self, parts: tuple[Expression, ...]) -> Statistic:
        return Statistic(self.kind, parts[0], parts[1] if len(parts) > 1 else None)


@dataclass(frozen=True, slots=True)
class Claim:
    """``left relation right``, as written in ``text``; ``sides`` are its sides as written."""

    left: Expression
    relation: str
    right: Expression
    text: str
    sides: tuple[str, str]

    def statistics(self) -> tuple[Statistic, ...]:
        """Those of both sides, each once, in their order."""
        return tuple(dict.fromkeys((*statistics_of(self.left), *statistics_of(self.right))))


def statistics_of(x: Expression) -> Iterator[Statistic]:
    if isinstance(x, Statistic):
        yield x
    else:
        for part in children(x):
            yield from statistics_of(part)


def read_claim(text: str, symbols: Mapping[str, Symbol]) -> Claim:
    """Read one relation between two numbers. Raises Unreadable with the place where reading stopped."""
    reader = ClaimReader(text, symbols)
    left = reader.expression()
    if not reader.sees(*RELATIONS):
        reader.fail("a relation such as `=` or `<`")
    sign = reader.take()
    right = reader.expression()
    if reader.sees(*RELATIONS):
        raise Unreadable("one relation is a claim; write two claims for a chain of two", reader.next.start)
    reader.finish()
    sides = " ".join(text[: sign.start].split()), " ".join(text[sign.end :].split())
    return Claim(left, sign.text, right, " ".join(text.split()), sides)


def read_statistic(text: str, symbols: Mapping[str, Symbol]) -> Expression:
    """A formula that may be, or contain, statistics."""
    reader = ClaimReader(text, symbols)
    found = reader.expression()
    reader.finish()
    return found


class ClaimReader(Reader):
    """Reads formulas in which ``E[…]``, ``P(…)``, ``Var[…]``, ``density(…, …)`` and ``bias(…, …)`` are known."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.within = False
        words: dict[str, Callable[[], Expression]] = {
            "E": lambda: self.statistic("E"),
            "Var": lambda: self.statistic("Var"),
            "P": lambda: self.statistic("P"),
            "density": lambda: self.statistic("density"),
            "bias": self.bias,
        }
        self.operators |= words | {"Pr": words["P"], "mean": words["E"], "V": words["Var"], "var": words["Var"]}

    def statistic(self, kind: Kind) -> Expression:
        opening = self.opened()
        body = self.expression()
        if kind == "P":
            body = self.condition(body)
        point = None
        if kind == "density":
            self.expect(",")
            point = self.expression()
        self.closed(opening)
        return Statistic(kind, body, point)

    def bias(self) -> Expression:
        """``bias(A, p)``: the expectation of the estimator less what it estimates."""
        opening = self.opened()
        estimator = self.expression()
        self.expect(",")
        self.within = False
        estimated = self.expression()
        self.closed(opening)
        return Add((Statistic("E", estimator), negate(estimated)))

    def opened(self) -> str:
        start = self.take()
        if self.within:
            raise Unreadable("an expectation or a probability within another is not estimated", start.start)
        self.within = True
        opening = self.next.text
        if not self.accept("[", "(", "{", "{{"):
            self.fail("a bracket, as in E[X], P(X > 1), density(X, 1)")
        return opening

    def closed(self, opening: str) -> None:
        self.expect(CLOSING[opening])
        self.within = False


class ClaimPrinter(PlainPrinter):
    """Plain notation with statistics in it."""

    def extension(self, x: Extension) -> Printed:
        assert isinstance(x, Statistic)
        if x.kind == "P":
            return f"P({self.condition(x.body)})", ATOM
        parts = ", ".join(self.text(part) for part in x.parts())
        return (f"{x.kind}[{parts}]" if x.kind in ("E", "Var") else f"{x.kind}({parts})"), ATOM

    def condition(self, x: Expression) -> str:
        """A condition without brackets around the whole."""
        if isinstance(x, Multiply):
            return " and ".join(map(self.condition, x.factors))
        text = self.text(x)
        return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def in_words(x: Expression, symbols: Mapping[str, Symbol]) -> str:
    """A formula with statistics, in plain notation."""
    return ClaimPrinter(x, symbols).text(x)
