"""Relations that constructed objects must satisfy: objects are put into them, and the ladder of equality decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice, product
from typing import Literal

from flint import fmpq

from grader.errors import Undecided
from grader.math.book import Book
from grader.math.calculus import resolved
from grader.math.canonical import canonical
from grader.math.decide import decide
from grader.math.domains import domain
from grader.math.equality import certainly_apart, difference_at
from grader.math.evaluate import evaluate, evaluate_any
from grader.math.points import Point
from grader.math.reader import Reader
from grader.math.regions import Chain, compare_regions
from grader.math.sampling import named_constants, plain_points, relevant_symbols, sample_points, shown_pair, shown_point
from grader.math.signs import nonnegative, positive
from grader.math.tables import RELATIONS
from grader.math.tree import (
    Add,
    Call,
    Expression,
    Number,
    Variable,
    children,
    free_names,
    negate,
    rebuild,
    substitute,
)
from grader.math.values import Unclear, Undefined, Value, magnitude, precision, sign
from grader.spec import Symbol

MAX_CASES = 400
POINTS = 24
BITS = 256


@dataclass(frozen=True, slots=True)
class Construct:
    """An object that somebody wrote down: ``tree``, a function of the variables ``arguments``."""

    arguments: tuple[str, ...]
    tree: Expression


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a relation ``holds``, ``fails`` or is ``open`` (with the reason), and where that shows."""

    kind: Literal["holds", "fails", "open"]
    rung: str = ""
    reason: str = ""
    witness: dict[str, str] | None = None
    values: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A relation as it was read: ``left sign right``, with ``>`` turned round."""

    left: Expression
    sign: str
    right: Expression

    def map(self, change: Mapping[str, Expression]) -> Statement:
        left, right = self.left, self.right
        for name, value in change.items():
            left, right = substitute(left, name, value), substitute(right, name, value)
        return replace(self, left=left, right=right)


def read_statement(text: str, symbols: Mapping[str, Symbol]) -> Statement:
    """Read one relation. Raises Unreadable."""
    reader = Reader(text, symbols)
    left = reader.expression()
    if not reader.sees(*RELATIONS):
        reader.fail("a relation such as `=`")
    relation = reader.take().text
    right = reader.expression()
    reader.finish()
    if relation in (">", ">="):
        left, relation, right = right, {">": "<", ">=": "<="}[relation], left
    return Statement(left, relation, right)


def with_objects(x: Expression, objects: Mapping[str, Construct]) -> Expression:
    """``x`` with the objects in place of their names. Their bound variables get names that nobody can write."""
    if isinstance(x, Variable) and x.name in objects:
        return canonical(resolved(objects[x.name].tree))
    parts = tuple(with_objects(part, objects) for part in children(x))
    if isinstance(x, Call) and x.name in objects:
        found = objects[x.name]
        body = canonical(resolved(found.tree))
        # first to names of no one, for an argument may be called like a later parameter
        for place, name in enumerate(found.arguments):
            body = substitute(body, name, Variable(f"#{place}#"))
        for place, argument in enumerate(parts):
            body = substitute(body, f"#{place}#", argument)
        return body
    return rebuild(x, parts)


def always(
    statement: Statement, over: Mapping[str, int], within: Fraction | None, symbols: Mapping[str, Symbol], seed: str
) -> Finding:
    """Whether the statement holds for all indices ``over`` and in all instances."""
    last = Finding("holds", "sampled")
    for case, indices in _cases(statement, over):
        found = _holds(case, within, symbols, seed)
        if found.kind != "holds":
            return replace(found, witness={**indices, **(found.witness or {})})
        last = found
    return last


def sometimes(statement: Statement, over: Mapping[str, int], symbols: Mapping[str, Symbol], seed: str) -> Finding:
    """Whether ``left != right`` for some indices ``over`` and around some instance."""
    undecided = None
    for case, indices in _cases(statement, over):
        found = _differs(case, symbols, seed)
        if found.kind == "holds":
            return replace(found, witness={**indices, **(found.witness or {})})
        undecided = undecided or (found if found.kind == "open" else None)
    return undecided or Finding("fails", "exact", "the two sides are equal")


def _cases(statement: Statement, over: Mapping[str, int]) -> Iterator[tuple[Statement, dict[str, str]]]:
    found = product(*(range(1, size + 1) for size in over.values()))
    for place, values in enumerate(found):
        if place == MAX_CASES:
            raise Undecided(f"a relation over more than {MAX_CASES} indices is not decided")
        numbers: dict[str, Expression] = {
            name: Number(Fraction(value)) for name, value in zip(over, values, strict=True)
        }
        yield statement.map(numbers), {name: str(value) for name, value in zip(over, values, strict=True)}


def _holds(case: Statement, within: Fraction | None, symbols: Mapping[str, Symbol], seed: str) -> Finding:
    if case.sign in ("<", "<="):
        return _ordered(case, symbols, seed)
    if within is not None and not free_names(case.left) | free_names(case.right):
        return _close(case, within)
    verdict = decide(case.left, case.right, symbols, seed)
    if verdict.kind == "unequal":
        return Finding("fails", verdict.rung, "", verdict.witness, verdict.values)
    if verdict.kind == "equal" and verdict.mismatch == "part":
        return Finding("fails", verdict.rung, "it has no value there", verdict.undefined_at)
    return Finding("holds", verdict.rung) if verdict.kind == "equal" else Finding("open", "", verdict.reason)


def _close(case: Statement, within: Fraction) -> Finding:
    """Two numbers that may differ by a little, for they may have been rounded."""
    nowhere = Point({}, "", {})
    try:
        with precision(BITS):
            left, right = evaluate(case.left, nowhere, Book()), evaluate(case.right, nowhere, Book())
            gap: Value = abs(left - right)  # type: ignore[assignment]
            near = sign(gap - fmpq(within.numerator, within.denominator)) <= 0
    except Undefined as undefined:
        return Finding("fails", "exact", str(undefined))
    except (Unclear, Undecided) as error:
        return Finding("open", "", str(error))
    shown = shown_pair(left, right)
    return Finding("holds" if near else "fails", "tolerance", "", None, None if near else shown)


def _points(case: Statement, symbols: Mapping[str, Symbol], seed: str) -> Iterator[Point]:
    constants = [*named_constants(case.left)[0], *named_constants(case.right)[0]]
    return sample_points(_free(case, symbols), seed, constants)


def _free(case: Statement, symbols: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """The symbols that the statement is about, and the sizes of its vectors."""
    return relevant_symbols((case.left, case.right), symbols)


def _ordered(case: Statement, symbols: Mapping[str, Symbol], seed: str) -> Finding:
    """``<`` or ``<=``: it fails where it fails around a point; it holds if rules or exact arithmetic show it."""
    left, right = Book(), Book()
    tried = held = 0
    for point in _points(case, symbols, seed):
        tried += 1
        for book in (left, right):
            book.discard()
        try:
            with precision(BITS):
                side = sign(evaluate(case.right, point, right) - evaluate(case.left, point, left))
        except (Undefined, Unclear):
            continue
        except Undecided as error:
            return Finding("open", "", str(error))
        if side > 0 or (side == 0 and case.sign == "<="):
            held += 1
            left.commit()
            right.commit()
        elif (found := _violation(case, point)) is not None:
            return found
    of_numbers = not free_names(case.left) | free_names(case.right)
    if (of_numbers and held == tried) or _always_ordered(case, symbols):
        return Finding("holds", "exact")
    gap = canonical(Add((case.right, negate(case.left))))
    domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
    shown = nonnegative(gap, domains) or positive(gap, domains)
    if shown and not (left.hidden or right.hidden) and 2 * held > tried:
        return Finding("holds", "sampled")
    return Finding("open", "", "it holds where it was tried, but it could not be shown to hold everywhere")


def _always_ordered(case: Statement, symbols: Mapping[str, Symbol]) -> bool:
    """Whether a relation between rational functions of one variable holds everywhere but at single points."""
    names = sorted(free_names(case.left) | free_names(case.right))
    if len(names) > 1:
        return False
    name = names[0] if names else "x"
    where = domain(symbols[name].domain) if name in symbols else domain("real")
    whole = Chain((Variable(name), Variable(name)), ("<=",))
    try:
        found = compare_regions(Chain((case.left, case.right), (case.sign,)), whole, name, where)
    except Undecided:
        return False
    return found.equal or found.single


def _violation(case: Statement, point: Point) -> Finding | None:
    around = replace(point, blurred=True)
    try:
        left, right = evaluate(case.left, around, Book()), evaluate(case.right, around, Book())
        against = sign(left - right)
    except (Undefined, Unclear, Undecided):
        return None
    if against > 0 or (against == 0 and case.sign == "<"):
        return Finding("fails", "sampled", "", shown_point(point), shown_pair(left, right))
    return None


def _differs(case: Statement, symbols: Mapping[str, Symbol], seed: str) -> Finding:
    """Whether the sides differ around a point, which makes it more than a set of measure zero."""
    if not free_names(case.left) | free_names(case.right):
        return _numbers_differ(case)
    verdict = decide(case.left, case.right, symbols, seed)
    if verdict.kind == "equal":
        return Finding("fails", verdict.rung, "the two sides are equal")
    for point in chain(plain_points(_free(case, symbols), seed), _points(case, symbols, seed)):
        with precision(BITS):
            apart = difference_at(case.left, case.right, replace(point, blurred=True))
        if apart is not None:
            return Finding("holds", "sampled", "", shown_point(point), apart)
    return Finding("open", "", verdict.reason or "the two sides differ at single points, but nowhere around them")


def _numbers_differ(case: Statement) -> Finding:
    """Of two numbers. What agrees to hundreds of bits counts as the same."""
    nowhere = Point({}, "", {})
    gap: Value = fmpq(0)
    try:
        for bits in (BITS, 4 * BITS):
            with precision(bits):
                left, right = evaluate(case.left, nowhere, Book()), evaluate(case.right, nowhere, Book())
                gap = left - right
                if certainly_apart(gap):
                    return Finding("holds", "exact", "", None, shown_pair(left, right))
    except Undefined as undefined:
        return Finding("fails", "exact", str(undefined))
    except (Unclear, Undecided) as error:
        return Finding("open", "", str(error))
    if magnitude(gap) > -2 * BITS:
        return Finding("open", "", "the two sides could not be told apart")
    return Finding("fails", "exact", "the two sides are equal")


def without_value(tree: Expression, symbols: Mapping[str, Symbol], seed: str) -> dict[str, str] | None:
    """A point, of many such points, where ``tree`` has no value; None where it mostly has one."""
    try:
        tree = resolved(tree)  # once, and not at every point
    except Undecided:
        return None
    missing: list[Point] = []
    case = Statement(tree, "=", tree)
    tried = 0
    for point in islice(_points(case, symbols, seed), POINTS):
        tried += 1
        try:
            with precision(BITS):
                evaluate_any(tree, point, Book())
        except Undefined:
            missing.append(point)
        except (Unclear, Undecided):
            continue
    return shown_point(missing[0]) if 4 * len(missing) > tried else None
