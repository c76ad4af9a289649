"""Two texts of one kind and what is to be said of them: an expression, a region or a finite set.

Region and set are read as the checkers read them. Two finite sets are equal if each element of one is, at every point,
some element of the other: the product of the differences is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grader.errors import Undecided, Unreadable
from grader.math.decide import decide
from grader.math.domains import domain
from grader.math.dress import split_label, undress
from grader.math.equality import Verdict
from grader.math.plain import region_to_plain, to_plain
from grader.math.printing import to_latex
from grader.math.reader import Reader, read_expression
from grader.math.regions import Condition, compare_regions, read_region, region_to_latex
from grader.math.tree import ZERO, Add, Expression, Multiply, negate
from grader.spec import Symbol

Kind = Literal["expression", "region", "set"]
Side = Literal["key", "response"]
Decision = Literal["equal", "unequal", "undecided", "malformed"]
Symbols = Mapping[str, Symbol]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided, by which rung, and why. ``values`` are those of key and response at the ``witness``.

    Where a text is malformed, ``side`` tells which, ``text`` what of it was to be read, ``position`` where it stopped.
    """

    decision: Decision
    rung: str = ""
    reason: str = ""
    witness: dict[str, str] | None = None
    values: tuple[str, str] | None = None
    side: Side | None = None
    text: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was read: as LaTeX, and in plain notation."""

    latex: str
    plain: str


def judge_texts(key: str, response: str, symbols: Symbols, kind: Kind, seed: str) -> Judgement:
    """Read both and decide; ``seed`` fixes every draw. A text that cannot be read is a judgement, too."""
    way = _WAYS[kind]
    side: Side = "key"
    text = bare(key)
    try:
        right = way.read(text, symbols)
        side, text = "response", bare(response)
        text = without_label(text, symbols)
        found = way.read(text, symbols)
    except Unreadable as error:
        return Judgement("malformed", "", str(error), side=side, text=text, position=error.position)
    try:
        return way.judge(found, right, symbols, seed)
    except Undecided as error:
        return Judgement("undecided", "", str(error))


def read_text(text: str, symbols: Symbols, kind: Kind) -> Reading:
    """How a key or a response is read. Raises Unreadable."""
    way = _WAYS[kind]
    found = way.read(without_label(bare(text), symbols), symbols)
    return Reading(way.latex(found, symbols), way.plain(found, symbols))


def bare(text: str) -> str:
    """``text`` without what may stand around a formula."""
    return undress(text)


def without_label(text: str, symbols: Symbols) -> str:
    """A response may name what it gives, as in ``J = r``. Raises Unreadable at a second ``=``."""
    label, rest = split_label(text, frozenset(name for name, symbol in symbols.items() if not symbol.arity))
    return text if label is None else undress(rest)


def variable(symbols: Symbols) -> str:
    """The symbol that regions are sets of: the first that is a plain number."""
    return next((name for name, s in symbols.items() if not (s.arity or s.family or s.shape)), "x")


# --- expressions ---


def _judge_expressions(found: Expression, right: Expression, symbols: Symbols, seed: str) -> Judgement:
    """Equal but for a part of the domain where the response has no value is left to a human, as in grading."""
    verdict = decide(found, right, symbols, seed)
    values = verdict.values and (verdict.values[1], verdict.values[0])
    decision: Decision = "undecided" if verdict.kind == "equal" and verdict.mismatch == "part" else verdict.kind
    return Judgement(decision, verdict.rung, _reason(verdict), verdict.witness, values)


def _reason(verdict: Verdict) -> str:
    if verdict.kind != "equal" or not verdict.undefined_at:
        return verdict.reason
    where = ", ".join(f"{name} = {value}" for name, value in verdict.undefined_at.items())
    return f"the same wherever both have a value; the key has one where {where}, and the response has none"


# --- regions ---


def _read_region(text: str, symbols: Symbols) -> Condition:
    return read_region(text, variable(symbols), symbols)


def _judge_regions(found: Condition, right: Condition, symbols: Symbols, seed: str) -> Judgement:
    name = variable(symbols)
    verdict = compare_regions(found, right, name, domain(symbols[name].domain))
    if verdict.equal:
        return Judgement("equal", "exact")
    values = ("outside", "inside") if verdict.in_first else ("inside", "outside")
    reason = "they differ in end points only" if verdict.at_end else ""
    return Judgement("unequal", "exact", reason, {name: verdict.witness or ""}, values)


# --- finite sets ---


def _read_set(text: str, symbols: Symbols) -> tuple[Expression, ...]:
    """Expressions between braces. One typed with a backslash is a brace, too, so that a comma in it parts elements."""
    reader = Reader(text.replace("\\{", " {").replace("\\}", " }"), symbols)
    if not reader.accept("{"):
        reader.fail("`{` and the elements of a set")
    found: list[Expression] = []
    while not reader.sees("}"):
        found.append(reader.expression())
        if not reader.accept(","):
            break
    reader.expect("}")
    reader.finish()
    return tuple(found)


def _judge_sets(found: tuple[Expression, ...], right: tuple[Expression, ...], symbols: Symbols, seed: str) -> Judgement:
    """Unequal where it is certain for some element; else undecided where it is open for some."""
    sides = (("the response", "the key", found, right), ("the key", "the response", right, found))
    judged = [
        (_belongs(x, others, symbols, seed), f"`{to_plain(x, symbols)}` stands in {mine} and not in {theirs}")
        for mine, theirs, elements, others in sides
        for x in elements
    ]
    for verdict, said in judged:
        if verdict.kind == "unequal":
            return Judgement("unequal", verdict.rung, said, verdict.witness)
    still_open = next((verdict for verdict, _ in judged if verdict.kind == "undecided"), None)
    if still_open:
        return Judgement("undecided", still_open.rung, still_open.reason)
    rungs = ("sampled", "proved", "exact")
    return Judgement("equal", next((r for r in rungs if any(v.rung == r for v, _ in judged)), "identical"))


def _belongs(x: Expression, others: tuple[Expression, ...], symbols: Symbols, seed: str) -> Verdict:
    """Whether ``x`` is one of ``others``, which may be another one at every point."""
    for other in others:
        verdict = decide(x, other, symbols, seed)
        if verdict.kind == "equal" and verdict.mismatch != "part":
            return verdict
    if not others:
        return Verdict("unequal", "identical")
    gaps = tuple(Add((x, negate(other))) for other in others)
    return decide(Multiply(gaps) if len(gaps) > 1 else gaps[0], ZERO, symbols, seed)


def _listed(print_one: Callable[[Expression, Symbols], str], braces: str) -> Callable[[Any, Symbols], str]:
    opening, closing = braces.split("|")
    return lambda found, symbols: f"{opening}{', '.join(print_one(x, symbols) for x in found)}{closing}"


@dataclass(frozen=True, slots=True)
class _Way:
    """How texts of one kind are read, judged (response first) and printed."""

    read: Callable[[str, Symbols], Any]
    judge: Callable[[Any, Any, Symbols, str], Judgement]
    latex: Callable[[Any, Symbols], str]
    plain: Callable[[Any, Symbols], str]


_WAYS: dict[Kind, _Way] = {
    "expression": _Way(read_expression, _judge_expressions, to_latex, to_plain),
    "region": _Way(_read_region, _judge_regions, region_to_latex, region_to_plain),
    "set": _Way(_read_set, _judge_sets, _listed(to_latex, r"\{|\}"), _listed(to_plain, "{|}")),
}
