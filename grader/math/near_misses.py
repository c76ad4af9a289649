"""What a wrong response got almost right: whether it equals the key after one small change.

Each change makes another key, which counts only if it is certified different from the key. The sentence for the student
says which change it is and never what the key is. The work is bounded: few candidates, most of them refuted at the
first sample, and few steps of evaluation for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from grader.errors import Undecided
from grader.math.calculus import differentiate, resolved
from grader.math.domains import domain
from grader.math.equality import Verdict, compare
from grader.math.printing import to_latex
from grader.math.shapes import shape
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    free_names,
    invert,
    negate,
    rebuild,
    walk,
)
from grader.spec import Symbol

MAX_TRIED = 40
MAX_SYMBOLS = 4
MAX_UNDECIDED = 3
MAX_SWAPS, MAX_REDUCTIONS = 2, 3
BUDGET = 6000
TWO, TEN = Number(Fraction(2)), Number(Fraction(10))

Symbols = Mapping[str, Symbol]
Change = Callable[[Expression], Expression]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The kind of slip, what it is about (a factor, a function) for the staff, and a sentence for the student."""

    kind: str
    about: str
    sentence: str

    @property
    def evidence(self) -> dict[str, str]:
        return {"near_miss": self.kind, **({"about": self.about} if self.about else {})}


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A near miss that it is if ``response`` and ``key``, of which one was changed, are equal.

    ``changes_key`` tells that it was the key, which must then be another one. ``of_a_variable`` tells that the miss
    means nothing where the response is a constant: any of these is some multiple of any other.
    """

    miss: NearMiss
    response: Expression
    key: Expression
    changes_key: bool = True
    of_a_variable: bool = False


def near_miss(found: Expression, key: Expression, symbols: Symbols, seed: str) -> NearMiss | None:
    """The slip that explains ``found``, which is known to be unequal to ``key``; None where there is none to name."""
    try:
        search = _Search(resolved(found), resolved(key), symbols, seed)
        return next((s.miss for s in islice(_suspects(search), MAX_TRIED) if search.convicts(s)), None)
    except (_GivenUp, Undecided):
        return None


class _GivenUp(Exception):
    """The expressions are too hard to compare so often."""


class _Search:
    """Comparisons with one response and key, as long as they are cheap.

    ``elsewhere`` is the response with all that it depends on renamed: its value at another point.
    """

    def __init__(self, found: Expression, key: Expression, symbols: Symbols, seed: str) -> None:
        self.found, self.key, self.symbols, self.seed = found, key, symbols, seed
        self.scalar = not shape(found, symbols) and not shape(key, symbols)
        self.renamed = _renamed(symbols)
        self.known = {**symbols, **_declared_anew(symbols, self.renamed)}
        self.undecided = 0

    def elsewhere(self, x: Expression) -> Expression:
        return _with_names(x, self.renamed)

    def convicts(self, suspect: _Suspect) -> bool:
        """Whether response and key are equal after the change, and that means something."""
        if not self.equal(suspect.response, suspect.key):
            return False
        if suspect.changes_key and self.verdict(suspect.key, self.key).kind != "unequal":
            return False
        return not suspect.of_a_variable or self.varies()

    def equal(self, first: Expression, second: Expression) -> bool:
        verdict = self.verdict(first, second)
        return verdict.kind == "equal" and verdict.mismatch != "part"

    def varies(self) -> bool:
        """Whether the response is certified to be no constant."""
        return self.verdict(self.elsewhere(self.found), self.found).kind == "unequal"

    def verdict(self, first: Expression, second: Expression) -> Verdict:
        found = compare(first, second, self.known, f"{self.seed}/near", BUDGET)
        self.undecided += found.kind == "undecided"
        if self.undecided > MAX_UNDECIDED:
            raise _GivenUp
        return found


# --- the same expression at another point --------------------------------------------------------------------------


def _renamed(symbols: Symbols) -> dict[str, str]:
    """A second name for every symbol but those that are sizes of vectors, which must stay what they are."""
    sizes = {size for symbol in symbols.values() for size in symbol.shape}
    return {name: f"{name}'" for name in symbols if name not in sizes}


def _declared_anew(symbols: Symbols, renamed: Mapping[str, str]) -> dict[str, Symbol]:
    return {
        new: symbols[old].model_copy(
            update={"below": _new(symbols[old].below, renamed), "up_to": _new(symbols[old].up_to, renamed)}
        )
        for old, new in renamed.items()
    }


def _new(name: str | None, renamed: Mapping[str, str]) -> str | None:
    return name and renamed.get(name, name)


def _with_names(x: Expression, renamed: Mapping[str, str]) -> Expression:
    """``x`` with its free names replaced."""
    if isinstance(x, Reduce):
        inner = {old: new for old, new in renamed.items() if old != x.variable}
        low, high = _with_names(x.low, renamed), _with_names(x.high, renamed)
        return replace(x, low=low, high=high, body=_with_names(x.body, inner))
    x = rebuild(x, tuple(_with_names(child, renamed) for child in children(x)))
    match x:
        case Variable(name) | Call(name, _):
            return replace(x, name=renamed.get(name, name))
        case Element(family, _):
            return replace(x, family=renamed.get(family, family))
    return x


# --- suspects ------------------------------------------------------------------------------------------------------


def _suspects(search: _Search) -> Iterator[_Suspect]:
    """What may have gone wrong, the likelier and the more telling first."""
    found, key = search.found, search.key
    minus = NearMiss("sign", "", "Check the sign: this is the negative of the right expression.")
    yield _Suspect(minus, found, negate(key))
    if search.scalar:
        over = NearMiss("reciprocal", "", "This is the reciprocal of the right expression.")
        yield _Suspect(over, found, invert(key))
        yield from _other_bases(found, key)
        yield from _swapped(found, key, search.symbols)
        yield from _other_bounds(found, key)
        yield from _underived(found, key, search.symbols)
        apart = Add((found, negate(key)))
        only = NearMiss("constant", "", "This differs from the right expression by a constant only.")
        yield _Suspect(only, apart, search.elsewhere(apart), changes_key=False, of_a_variable=True)
    yield from _multiples(found, key, search.symbols)


def _changed(x: Expression, change: Change) -> Expression:
    """``x`` with ``change`` made at every node, from the leaves up."""
    return change(rebuild(x, tuple(_changed(child, change) for child in children(x))))


def _other_bases(found: Expression, key: Expression) -> Iterator[_Suspect]:
    functions = {node.function for node in walk(key) if isinstance(node, Apply)}
    said = "Check the base of the logarithm."
    if "log" in functions:
        natural = NearMiss("log base", "natural", rf"{said} Here $\log$ is the natural one.")
        for base in (TWO, TEN):
            yield _Suspect(natural, found, _changed(key, lambda x, base=base: _to_base(x, base)))  # type: ignore[misc]
    if "logb" in functions:
        yield _Suspect(NearMiss("log base", "", said), found, _changed(key, _to_natural))


def _to_base(x: Expression, base: Expression) -> Expression:
    return Apply("logb", (base, *x.arguments)) if isinstance(x, Apply) and x.function == "log" else x


def _to_natural(x: Expression) -> Expression:
    return Apply("log", x.arguments[1:]) if isinstance(x, Apply) and x.function == "logb" else x


def _swapped(found: Expression, key: Expression, symbols: Symbols) -> Iterator[_Suspect]:
    """Two neighbouring arguments of a declared function, in all of its calls."""
    called = {node.name: len(node.arguments) for node in walk(key) if isinstance(node, Call)}
    for name in sorted(called):
        miss = NearMiss(
            "arguments", name, f"Check the order of the arguments of ${_typeset(Variable(name), symbols)}$."
        )
        for place in range(min(called[name] - 1, MAX_SWAPS)):
            yield _Suspect(miss, found, _changed(key, lambda x, n=name, p=place: _exchanged(x, n, p)))  # type: ignore[misc]


def _exchanged(x: Expression, name: str, place: int) -> Expression:
    if not isinstance(x, Call) or x.name != name:
        return x
    before, (first, second), after = x.arguments[:place], x.arguments[place : place + 2], x.arguments[place + 2 :]
    return replace(x, arguments=(*before, second, first, *after))


def _other_bounds(found: Expression, key: Expression) -> Iterator[_Suspect]:
    for node, end, step, changed in islice(_with_moved_bounds(key), 4 * MAX_REDUCTIONS):
        operation = "sum" if node.operation == "sum" else "product"
        when = "late" if step == ONE else "early"
        verb = "starts" if end == "low" else "ends"
        said = f"Check the bounds: a {operation} in this {verb} one term too {when}."
        yield _Suspect(NearMiss("bound", f"{end} of a {operation}", said), found, changed)


def _with_moved_bounds(x: Expression) -> Iterator[tuple[Reduce, str, Number, Expression]]:
    """Each sum or product in ``x``, which of its bounds is moved, by what, and all of ``x`` after that."""
    if isinstance(x, Reduce) and x.operation != "integral":
        for step in (MINUS_ONE, ONE):
            yield x, "low", step, replace(x, low=Add((x.low, step)))
            yield x, "high", step, replace(x, high=Add((x.high, step)))
    parts = children(x)
    for place, child in enumerate(parts):
        for node, end, step, inner in _with_moved_bounds(child):
            yield node, end, step, rebuild(x, (*parts[:place], inner, *parts[place + 1 :]))


def _underived(found: Expression, key: Expression, symbols: Symbols) -> Iterator[_Suspect]:
    for name in _numbers(symbols, free_names(found) & free_names(key)):
        if domain(symbols[name].domain).integer:
            continue
        try:
            derived = differentiate(found, name)
        except Undecided:
            continue
        by = _typeset(Variable(name), symbols)
        said = f"The derivative of this with respect to ${by}$ would be right: is it still to be taken?"
        yield _Suspect(NearMiss("derivative", name, said), derived, key, changes_key=False)


def _multiples(found: Expression, key: Expression, symbols: Symbols) -> Iterator[_Suspect]:
    """A missing factor is tried as one of the response, so that it may be zero somewhere."""
    names = _numbers(symbols, free_names(found) | free_names(key))
    factors: list[Expression] = [Variable(name) for name in names]
    factors += [TWO, Constant("pi"), *(Power(factor, TWO) for factor in factors)]
    for factor in factors:
        shown = _typeset(factor, symbols)
        more = NearMiss("factor", shown, f"This has a factor of ${shown}$ too much.")
        yield _Suspect(more, found, Multiply((factor, key)), of_a_variable=True)
        less = NearMiss("factor", f"1/{shown}", f"This is missing a factor of ${shown}$.")
        yield _Suspect(less, Multiply((factor, found)), key, changes_key=False, of_a_variable=True)


def _numbers(symbols: Symbols, names: frozenset[str]) -> list[str]:
    """Those of the names that stand for numbers."""
    plain = [name for name, s in symbols.items() if name in names and not (s.arity or s.family or s.shape)]
    return plain[:MAX_SYMBOLS]


def _typeset(x: Expression, symbols: Symbols) -> str:
    return to_latex(x, symbols)


# --- numbers -------------------------------------------------------------------------------------------------------


def number_slips(key: Expression, whole: bool) -> Iterator[tuple[NearMiss, Expression]]:
    """What a number may be instead of ``key``, with little said of it; ``whole`` tells that the key is an integer."""
    yield NearMiss("sign", "", "Check the sign."), negate(key)
    yield NearMiss("reciprocal", "", "This is the reciprocal of the right number."), invert(key)
    for factor, more in ((2, ""), (10, ""), (100, " Is it a percentage?")):
        miss = NearMiss("factor", str(factor), f"This is off by a factor of {factor}.{more}")
        yield miss, Multiply((Number(Fraction(factor)), key))
        yield miss, Multiply((Number(Fraction(1, factor)), key))
    if whole:
        for step in (MINUS_ONE, ONE):
            yield NearMiss("one", "", "This is off by one."), Add((key, step))
