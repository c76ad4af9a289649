"""Sequences with dots, such as z_1, x_1, …, z_T, x_T, expanded at several sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from grader.errors import Unreadable
from grader.math.canonical import canonical
from grader.math.lexer import Token
from grader.math.reader import Reader
from grader.math.tree import Add, Element, Expression, Multiply, Number, Variable, negate
from grader.spec import Symbol

MAX_INDEX = 50
Term = tuple[str, int]
_JOINTS = (",", ";", "->", "(", ")", "[", "]", "{", "}", "{{", "}}")
_GENERIC = ("t", "i", "j", "s")


@dataclass(frozen=True, slots=True)
class Index:
    """``scale · size + shift``: with scale 0 a number, with scale 1 counted from the size."""

    scale: int
    shift: int


@dataclass(frozen=True, slots=True)
class Series:
    """Elements with their indices as written; None stands for dots."""

    parts: tuple[tuple[str, Index] | None, ...]

    @property
    def least(self) -> int:
        """The least size at which every element written out with a number lies before the last ones."""
        numbers = [abs(part[1].shift) for part in self.parts if part]
        return max([1, *numbers]) + 2

    def expand(self, size: int) -> tuple[Term, ...]:
        """The whole sequence for one value of the size. Raises Unreadable where the dots cannot be filled."""
        out: list[Term] = []
        run: list[Term] = []
        dots = False
        for part in self.parts:
            if part is None:
                dots = True
                continue
            term = part[0], part[1].scale * size + part[1].shift
            filled = _between(run, term) if dots else []
            run = [term] if dots else [*run, term]
            out += [*filled, term]
            dots = False
        return tuple(out)


def read_series(text: str, elements: Sequence[str], size: str) -> Series:
    """Read a sequence of indexed ``elements``. Raises Unreadable with the position."""
    symbols = {name: Symbol(family=True) for name in elements} | {size: Symbol(domain="positive integer")}
    generic = {name: Symbol(domain="integer") for name in _GENERIC if name not in symbols}
    reader = Reader(text, symbols | generic)
    reader.tokens = _underscored(reader.tokens, elements, size)
    parts: list[Element | None] = []
    while reader.next.kind != "end":
        if reader.accept(*_JOINTS) or (reader.next.text in ("then", "and") and reader.take()):
            continue
        parts.append(None if reader.accept("...", "..") else _element(reader, elements))
    if not any(parts):
        raise Unreadable("there is no sequence here", 0)
    if parts[0] is None or parts[-1] is None:
        raise Unreadable("the sequence must say how it begins and ends: dots stand between two elements", len(text))
    specific = _without_generic(parts, size)
    series = Series(tuple((part.family, _index(part.index, size)) if part else None for part in specific))
    series.expand(series.least)
    return series


def _index(x: Expression, size: str) -> Index:
    """A number, or the size plus or minus a number: nothing else has a place in a sequence that can be checked."""
    x = canonical(x)
    for scale in (0, 1):
        rest = canonical(Add((x, negate(Variable(size))))) if scale else x
        rest = _normal(rest)
        if isinstance(rest, Number) and rest.value.denominator == 1 and abs(rest.value) <= MAX_INDEX:
            return Index(scale, int(rest.value))
    raise Unreadable(f"an index must be a number up to {MAX_INDEX}, or {size} plus or minus a number")


def _normal(x: Expression) -> Expression:
    """``T - T + 1`` as 1: terms that cancel."""
    if not isinstance(x, Add):
        return Number(Fraction(0)) if isinstance(x, Multiply) and Number(Fraction(0)) in x.factors else x
    terms = list(x.terms)
    for term in x.terms:
        opposite = canonical(negate(term))
        if term != opposite and term in terms and opposite in terms:
            terms.remove(term)
            terms.remove(opposite)
    return canonical(Add((*terms, Number(Fraction(0)))))


def _without_generic(parts: Sequence[Element | None], size: str) -> list[Element | None]:
    """Without a general block between two dots, such as z_t, x_t in z_1, x_1, …, z_t, x_t, …, z_T, x_T.

    It must be the block that ends the sequence, with one index that is no size: then it says nothing new.
    """
    places = [place for place, part in enumerate(parts) if part is None]
    for first, second in pairwise(places):
        middle, last = parts[first + 1 : second], parts[second + 1 :]
        block = [(part.family, part.index) for part in middle if part]
        general = len({index for _, index in block}) == 1 and isinstance(block[0][1], Variable)
        if general and block[0][1] != Variable(size) and [name for name, _ in block] == [p.family for p in last if p]:
            return [*parts[:first], *parts[second:]]
    return list(parts)


def common_sizes(first: Series, second: Series) -> tuple[int, ...]:
    """Sizes at which two sequences are worth comparing."""
    least = max(first.least, second.least)
    return least, least + 1, least + 3


def _element(reader: Reader, elements: Sequence[str]) -> Element:
    start = reader.next.start
    found = reader.declared() if reader.next.kind in ("name", "command") else None
    if not isinstance(found, Element):
        names = ", ".join(f"{name}_1" for name in elements)
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
