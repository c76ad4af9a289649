"""Sequences with dots, such as z_1, x_1, …, z_T, x_T, expanded at several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from grader.errors import Undecided, Unreadable
from grader.math.domains import domain
from grader.math.evaluate import Book, Point, Unclear, Undefined, evaluate
from grader.math.lexer import Token
from grader.math.reader import Reader
from grader.math.tree import Element, Expression, Number, walk
from grader.spec import Symbol

MAX_INDEX = 50
Term = tuple[str, int]
_DOTS = "…"


@dataclass(frozen=True, slots=True)
class Series:
    """The elements as written; None stands for dots."""

    parts: tuple[Element | None, ...]
    size: str

    @property
    def least(self) -> int:
        """The least size at which every element written out with a number lies before the last ones."""
        numbers = [int(n.value) for part in self.parts if part for n in walk(part.index) if isinstance(n, Number)]
        return min(MAX_INDEX - 4, max([1, *numbers]) + 2)

    def expand(self, size: int) -> tuple[Term, ...]:
        """The whole sequence for one value of the size. Raises Unreadable where the dots cannot be filled."""
        out: list[Term] = []
        run: list[Term] = []
        dots = False
        for part in self.parts:
            if part is None:
                dots = True
                continue
            term = part.family, self._index(part.index, size)
            filled = _between(run, term) if dots else []
            run = [term] if dots else [*run, term]
            out += [*filled, term]
            dots = False
        return tuple(out)

    def _index(self, index: Expression, size: int) -> int:
        point = Point({self.size: Fraction(size)}, "", {self.size: domain("positive integer")})
        try:
            value = evaluate(index, point, Book())
        except (Undefined, Unclear, Undecided) as error:
            raise Unreadable(f"an index in the sequence has no value: {error}") from error
        if not isinstance(value, fmpq) or value.q != 1:
            raise Unreadable("an index in the sequence is no integer")
        if abs(value) > MAX_INDEX:
            raise Unreadable(f"an index in the sequence is larger than {MAX_INDEX}")
        return int(value.p)


def read_series(text: str, elements: Sequence[str], size: str) -> Series:
    """Read a sequence of indexed ``elements``. Raises Unreadable with the position."""
    symbols = {name: Symbol(family=True) for name in elements} | {size: Symbol(domain="positive integer")}
    reader = Reader(text, symbols)
    reader.tokens = _underscored(reader.tokens, elements, size)
    parts: list[Element | None] = []
    while reader.next.kind != "end":
        if reader.accept(",", ";", "->", "(", ")", "[", "]"):
            continue
        parts.append(None if reader.accept("...", "..") else _element(reader))
    if not any(parts):
        raise Unreadable("there is no sequence here", 0)
    if parts[0] is None or parts[-1] is None:
        raise Unreadable("the sequence must say how it begins and ends: dots stand between two elements", len(text))
    series = Series(tuple(parts), size)
    series.expand(series.least)
    return series


def common_sizes(first: Series, second: Series) -> tuple[int, ...]:
    """Sizes at which two sequences are worth comparing."""
    least = max(first.least, second.least)
    return least, least + 1, least + 3


def _element(reader: Reader) -> Element:
    start = reader.next.start
    found = reader.declared() if reader.next.kind in ("name", "command") else None
    if not isinstance(found, Element):
        names = ", ".join(f"{name}_1" for name, symbol in reader.symbols.items() if symbol.family)
        raise Unreadable(f"expected an element such as {names} at `{reader.text[start : start + 20]}`", start)
    return found


def _underscored(tokens: list[Token], elements: Sequence[str], size: str) -> list[Token]:
    """Write z1 and zT as z_1 and z_T."""
    out: list[Token] = []
    for token in tokens:
        before = out[-1] if out else None
        if token.kind == "number" and before and before.text in elements and before.end == token.start:
            out.append(Token("sign", "_", token.start, token.start))
        if token.kind == "name" and token.text[:1] in elements and token.text[1:] == size:
            middle = token.start + 1
            out += [Token("name", token.text[0], token.start, middle), Token("sign", "_", middle, middle)]
            token = Token("name", size, middle, token.end)
        out.append(token)
    return out


def _between(run: Sequence[Term], last: Term) -> list[Term]:
    """What the dots between ``run`` and ``last`` stand for.

    A block at the end of ``run`` is repeated, its indices one higher (or lower) each time, until it comes to ``last``.
    Blocks that what is shown repeats itself are tried first, short ones before long ones.
    """
    lengths = range(1, len(run) + 1)
    for length in [*(n for n in lengths if _repeats(run, n)), *lengths]:
        for step in (1, -1):
            filled = _fill(run[-length:], last, step)
            if filled is not None:
                return filled
    raise Unreadable(f"the dots before {last[0]}_{last[1]} cannot be filled: expected a block that repeats")


def _fill(block: Sequence[Term], last: Term, step: int) -> list[Term] | None:
    filled: list[Term] = []
    for shift in range(step, step * (MAX_INDEX + 2), step):
        for name, index in block:
            if (name, index + shift) == last:
                return filled
            if (index + shift - last[1]) * step > 0:
                return None
            filled.append((name, index + shift))
    return None


def _repeats(run: Sequence[Term], length: int) -> bool:
    """Whether each element shown is the one ``length`` places before it, its index one further (or all are new)."""
    if length == 1 and len({name for name, _ in run}) > 1:
        return False
    pairs = list(zip(run, run[length:], strict=False))
    return any(all(b == (a[0], a[1] + step) for a, b in pairs) for step in (1, -1))
