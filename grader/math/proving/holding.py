"""Where a relation holds: the set of its solutions compared with a key's, and statements for all values of symbols."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

from grader.errors import Undecided
from grader.math.deriving import Always, Finding, HoldsWhere
from grader.math.domains import domain
from grader.math.proving.laws import known
from grader.math.proving.proof import proved_equal
from grader.math.proving.ranges import Real
from grader.math.proving.reading import RELATIONS, Reading
from grader.math.proving.sets import edges_of, interval, sign_of, solved, spots, truth, within
from grader.math.regions import Condition
from grader.spec import Symbol

SIGNS = {"!=": "nonzero", "<": "negative", "<=": "nonpositive", ">": "positive", ">=": "nonnegative"}
KINKED = (sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Piecewise, sympy.floor, sympy.ceiling, sympy.DiracDelta)
UNFIT_ENDS = (sympy.nan, sympy.zoo, sympy.AccumBounds, -sympy.oo)
UNPROVED = "SymPy does not prove it"


def holds_where(question: HoldsWhere, key: Condition, symbols: Mapping[str, Symbol]) -> Finding:
    """The ends of the two sets and numbers between them are looked at: between two ends nothing changes."""
    reading = Reading(dict(symbols))
    x, inside = reading.symbol(question.variable), interval(domain(symbols[question.variable].domain))
    if x.is_integer:
        raise Undecided("sets of integers are not compared")
    conditions = reading.condition(question.condition), reading.condition(key)
    if not reading.has_value():
        raise Undecided("it could not be shown that both sides have a value wherever the relation is asked for")
    derived, theirs = (solved(condition, x, inside) for condition in conditions)
    for gap in _gaps(reading, x, inside):
        if within(gap, derived):
            raise Undecided(f"the relation has no value at {question.variable} = {gap}, which SymPy's solution holds")
    text, latex = str(derived.as_relational(sympy.Symbol(str(x), real=True))), sympy.latex(derived)
    for place in spots([derived, theirs, inside]):
        if within(place, inside) and within(place, derived) != within(place, theirs):
            sides = [truth(condition, x, place) for condition in conditions]
            if sides[0] == sides[1]:
                raise Undecided("the sets that SymPy finds do not stand up to a look at single numbers")
            shown = ["it holds" if side else "it does not hold" for side in sides]
            return Finding("refuted", text, latex, witness={question.variable: str(place)}, values=(shown[0], shown[1]))
    return Finding("proved", text, latex)


def _gaps(reading: Reading, x: Real, inside: Real) -> list[Real]:
    """Points of the interval at which something is divided by zero; SymPy cancels before it looks."""
    found: list[Real] = []
    for need in reading.translation.needs:
        if need.what == "is_nonzero" and need.of.has(x):
            zeros = sympy.solveset(need.of, x, inside)
            if not isinstance(zeros, sympy.FiniteSet) and zeros is not sympy.S.EmptySet:
                raise Undecided("it could not be shown where the relation has a value")
            found += list(zeros)
    return found


def always(statement: Always, symbols: Mapping[str, Symbol]) -> Finding:
    """Proved, or undecided: points that speak against it were looked for before."""
    if statement.relation == "=":
        proved = proved_equal(statement.left, statement.right, symbols)
    else:
        proved = _always_related(statement, symbols)
    return Finding("proved") if proved else Finding("undecided", reason=UNPROVED)


def _always_related(statement: Always, symbols: Mapping[str, Symbol]) -> bool:
    reading = Reading(dict(symbols))
    left, right = reading.all([statement.left, statement.right])
    if not reading.has_value():
        raise Undecided("it could not be shown that both sides have a value for all values of the symbols")
    if _by_sign(left - right, f"is_{SIGNS[statement.relation]}", reading.translation.exact_places()):
        return True
    free = (left - right).free_symbols
    if len(free) != 1 or next(iter(free)).is_integer:
        return False
    (x,) = free
    inside = interval(domain(symbols[str(x)].domain))
    try:
        if solved(RELATIONS[statement.relation](left, right), x, inside) == inside:
            return True
    except Undecided:
        pass  # the relation itself is not solved, but its derivative may be
    gap = right - left if statement.relation in ("<", "<=") else left - right
    never_divided = statement.relation != "!=" and reading.has_value(frozenset(free))
    return never_divided and _at_least(gap, x, inside, strictly="=" not in statement.relation)


def _at_least(gap: Real, x: Real, inside: Real, strictly: bool) -> bool:
    """Whether ``gap``, smooth all over the interval, is at least 0 or above it there: it is least where its derivative
    changes its sign, or comes as low towards an end."""
    if not inside.is_Interval or gap.has(*KINKED):
        return False
    turns = edges_of([solved(sympy.diff(gap, x) >= 0, x, inside)])
    least = [gap.xreplace({x: turn}) for turn in turns if within(turn, inside)]
    for end, side, is_open in ((inside.start, "+", inside.left_open), (inside.end, "-", inside.right_open)):
        low = sympy.limit(gap, x, end, side)
        if low.has(*UNFIT_ENDS) or (low.is_finite and sign_of(low) < 0):
            return False
        least += [] if is_open else [low]  # an open end is not reached
    return all(sign_of(value) >= strictly for value in least)


def _by_sign(gap: Real, what: str, places: Mapping[Real, Real]) -> bool:
    return bool(known(gap, what, places) or known(sympy.simplify(gap), what, places))
