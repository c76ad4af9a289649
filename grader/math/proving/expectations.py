"""Expectations in closed form, by SymPy.

What has cases is taken apart by them, and then term by term: an expectation is linear, and of a product of independent
factors it is the product. What is left is integrated or summed one variable at a time, and each integral and sum is
confirmed numerically, for SymPy's have been wrong before. Where a term has no expectation, or none is found, that is
Undecided.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sympy

from grader.errors import Undecided
from grader.math.proving.laws import Variate, known
from grader.math.proving.proof import OPEN, UNFIT, stands_up
from grader.math.proving.ranges import Real
from grader.math.proving.sets import pieces_of, solved

MAX_CASES = 64
MAX_TERMS = 400
BRANCHING = (sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Piecewise)
NO_SIGN = "SymPy cannot tell which of the cases holds for all values of the symbols"
Conditions = tuple[Real, ...]
Range = tuple[Real, Real, Conditions]


@dataclass(frozen=True, slots=True)
class Expectations:
    """Over independent ``variates``; ``places`` gives symbols by parameters that know their ranges."""

    variates: Mapping[Real, Variate]  # by the symbols of their standard laws
    places: Mapping[Real, Real]
    found: dict[Real, Real] = field(default_factory=dict)

    def of(self, x: Real, conditions: Conditions = ()) -> Real:
        """The expectation of ``x`` where the conditions hold, and 0 elsewhere."""
        total = sympy.Integer(0)
        for place, (value, holds) in enumerate(self.cases(x)):
            if place == MAX_CASES:
                raise Undecided(f"more than {MAX_CASES} cases are not taken apart")
            terms = sympy.Add.make_args(sympy.expand(value))
            if len(terms) > MAX_TERMS:
                raise Undecided(f"more than {MAX_TERMS} terms are not integrated")
            total += sum(self.term(term, (*conditions, *holds)) for term in terms)
        return total

    # --- cases ---

    def cases(self, x: Real) -> Iterator[tuple[Real, Conditions]]:
        """``x`` without cases, with the conditions under which it is that, which exclude each other."""
        node = next((n for n in sympy.postorder_traversal(x) if isinstance(n, BRANCHING) and self.random(n)), None)
        if node is None:
            yield x, ()
            return
        for value, condition in _alternatives(node):
            if condition != sympy.false:
                for rest, holds in self.cases(x.xreplace({node: value})):
                    yield rest, (*sympy.And.make_args(condition), *holds)

    def random(self, x: Real) -> set[Real]:
        found: set[Real] = x.free_symbols & self.variates.keys()
        return found

    # --- one term ---

    def term(self, x: Real, conditions: Conditions) -> Real:
        """Factors and conditions that have no variable in common are independent."""
        result = sympy.Integer(1)
        for factors, holds in self.independent(sympy.Mul.make_args(x), conditions):
            result *= self.factor(sympy.Mul(*factors), holds)
        return result

    def independent(self, factors: Iterable[Real], conditions: Conditions) -> Iterator[tuple[list[Real], Conditions]]:
        groups: list[tuple[set[Real], list[Real], Conditions]] = []
        parts: list[tuple[list[Real], Conditions]] = [([x], ()) for x in factors]
        parts += [([], (condition,)) for condition in conditions]
        for mine, holds in parts:
            names = self.random(sympy.Tuple(*mine, *holds))
            for group in [group for group in groups if group[0] & names]:
                names, mine, holds = names | group[0], [*group[1], *mine], (*group[2], *holds)
                groups.remove(group)
            groups.append((names, mine, holds))
        return ((mine, holds) for _, mine, holds in groups)

    def factor(self, x: Real, conditions: Conditions) -> Real:
        """The expectation of ``x``, one variable at a time: written out, or else summed or integrated."""
        names = self.random(x).union(*map(self.random, conditions))
        if not names:
            return x if all(map(self.holds, conditions)) else sympy.Integer(0)
        key = sympy.Tuple(x, *conditions)
        if key not in self.found:
            ordered = [variate for symbol, variate in self.variates.items() if symbol in names]
            chosen = max(ordered, key=lambda variate: bool(variate.atoms))
            self.found[key] = (
                self.written_out(x, conditions, chosen) if chosen.atoms else self.over(x, conditions, chosen)
            )
        return self.found[key]

    def written_out(self, x: Real, conditions: Conditions, variate: Variate) -> Real:
        total = sympy.Integer(0)
        for value, probability in variate.atoms:
            holds = [condition.xreplace({variate.symbol: value}) for condition in conditions]
            if sympy.false not in holds:
                kept = tuple(condition for condition in holds if condition != sympy.true)
                total += probability * self.of(x.xreplace({variate.symbol: value}), kept)
        return total

    def over(self, x: Real, conditions: Conditions, variate: Variate) -> Real:
        u = variate.symbol
        mine = [condition for condition in conditions if condition.has(u)]
        others = tuple(condition for condition in conditions if not condition.has(u))
        total = sympy.Integer(0)
        for low, high, density in variate.pieces:
            for start, end, more in self.ranges(variate, (low, high, ()), mine):
                inner = self.integral(x * density, variate, start, end)
                total += self.of(inner, (*others, *more))
        return total

    # --- where to integrate ---

    def ranges(self, variate: Variate, whole: Range, conditions: Sequence[Real]) -> list[Range]:
        """The parts of ``whole`` where the conditions hold, each with conditions on other variables."""
        alone = [condition for condition in conditions if condition.free_symbols == {variate.symbol}]
        ranges = [whole]
        if alone:
            ranges = list(_intervals(variate, whole, sympy.And(*alone)))
        for condition in conditions:
            if condition not in alone:
                if variate.discrete:
                    raise Undecided("a sum over a part that depends on other symbols is not written out")
                ranges = [part for found in ranges for part in self.clipped(found, condition, variate.symbol)]
        return ranges

    def clipped(self, found: Range, condition: Real, u: Real) -> Iterator[Range]:
        """A range with a further bound on ``u``, told apart by where the bound lies."""
        low, high, holds = found
        if isinstance(condition, sympy.Eq | sympy.Ne):  # of single points
            if isinstance(condition, sympy.Ne):
                yield found
            return
        bound, above = self.bound(condition, u)
        beyond, inside = (bound >= high, bound > low) if above else (bound <= low, bound < high)
        crossing = bound < high if above else bound > low
        yield from _holding(low, high, (*holds, beyond))
        yield from _holding(*((low, bound) if above else (bound, high)), (*holds, inside, crossing))

    def bound(self, condition: Real, u: Real) -> tuple[Real, bool]:
        """The number that ``u`` lies below (True) or above where the condition holds."""
        if not isinstance(condition, sympy.core.relational.Relational):
            raise Undecided("a condition on several variables that is no relation")
        gap = sympy.Poly(condition.lhs - condition.rhs, u)
        if gap.degree() != 1:
            raise Undecided("a relation between several variables that is not linear")
        slope, start = gap.all_coeffs()
        positive = known(slope, "is_positive", self.places)
        if positive is None or not known(slope, "is_nonzero", self.places):
            raise Undecided(NO_SIGN)
        return -start / slope, positive == isinstance(condition, sympy.Lt | sympy.Le)

    def holds(self, condition: Real) -> bool:
        """Whether a condition without random variables holds for all values of the symbols, or for none."""
        if condition in (sympy.true, sympy.false):
            return bool(condition)
        if not isinstance(condition, sympy.core.relational.Relational):
            raise Undecided(NO_SIGN)
        gap = condition.lhs - condition.rhs
        what = {sympy.Lt: "negative", sympy.Le: "nonpositive", sympy.Gt: "positive", sympy.Ge: "nonnegative"}
        found = known(gap, f"is_{what.get(type(condition), 'zero')}", self.places)
        if found is None:
            raise Undecided(NO_SIGN)
        return found != isinstance(condition, sympy.Ne)

    # --- integrals and sums ---

    def integral(self, x: Real, variate: Variate, low: Real, high: Real) -> Real:
        kind = sympy.Sum if variate.discrete else sympy.Integral
        whole = kind(sympy.powsimp(x), (variate.symbol, low, high))
        if whole not in self.found:
            self.found[whole] = self.closed(whole)
        return self.found[whole]

    def closed(self, whole: Real) -> Real:
        """The closed value, confirmed in numbers."""
        name = "sum" if isinstance(whole, sympy.Sum) else "integral"
        shown = str(whole.function).replace("_", "")
        places = {symbol: place for symbol, place in self.places.items() if symbol not in whole.variables}
        value = self.settled(whole.doit())
        if value.has(*UNFIT):
            raise Undecided(f"SymPy finds no finite value of the {name} of {shown}")
        if value.has(*OPEN):
            raise Undecided(f"SymPy finds no closed form of the {name} of {shown}")
        if not stands_up(whole, value, places, random.Random("integral")):
            raise Undecided(f"the closed form that SymPy finds of the {name} of {shown} was not confirmed")
        return value

    def settled(self, x: Real) -> Real:
        """``x`` without cases whose conditions hold for all values of the symbols."""
        for node in x.atoms(sympy.Piecewise):
            for value, condition in node.args:
                if condition.xreplace(dict(self.places)) == sympy.true:
                    x = x.xreplace({node: value})
                    break
        return x


def _alternatives(node: Real) -> Iterator[tuple[Real, Real]]:
    arguments = node.args
    match node:
        case sympy.Abs():
            yield arguments[0], arguments[0] >= 0
            yield -arguments[0], arguments[0] < 0
        case sympy.sign():
            yield sympy.Integer(1), arguments[0] > 0
            yield sympy.Integer(-1), arguments[0] < 0
            yield sympy.Integer(0), sympy.Eq(arguments[0], 0)
        case sympy.Max() | sympy.Min():
            turn = 1 if isinstance(node, sympy.Max) else -1
            for place, x in enumerate(arguments):
                before = [turn * (x - other) > 0 for other in arguments[:place]]
                after = [turn * (x - other) >= 0 for other in arguments[place + 1 :]]
                yield x, sympy.And(*before, *after)
        case sympy.Piecewise():
            earlier: list[Real] = []
            for value, condition in arguments:
                yield value, sympy.And(condition, *(sympy.Not(other) for other in earlier))
                earlier.append(condition)


def _holding(low: Real, high: Real, conditions: Conditions) -> Iterator[Range]:
    if sympy.false not in conditions:
        yield low, high, tuple(condition for condition in conditions if condition != sympy.true)


def _intervals(variate: Variate, whole: Range, condition: Real) -> Iterator[Range]:
    """The intervals of ``whole`` where a condition on the variable alone holds, or their integers."""
    low, high, others = whole
    for piece in pieces_of(solved(condition, variate.symbol, sympy.Interval(low, high))):
        if variate.discrete:
            yield from ((*ends, others) for ends in _integers(piece))
        elif piece.is_Interval:
            yield piece.start, piece.end, others


def _integers(piece: Real) -> Iterator[tuple[Real, Real]]:
    """First and last integer of an interval, or each of the integers in a finite set."""
    if piece.is_FiniteSet:
        yield from ((x, x) for x in piece.args if x.is_integer)
        return
    first = sympy.floor(piece.start) + 1 if piece.left_open else sympy.ceiling(piece.start)
    last = sympy.ceiling(piece.end) - 1 if piece.right_open else sympy.floor(piece.end)
    if first <= last:
        yield first, last
