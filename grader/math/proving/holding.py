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
from grader.math.proving.sets import interval, sign_of, solved, spots, truth, within
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
    text, latex = str(derived.as_relational(x)), sympy.latex(derived)
    for place in spots([derived, theirs, inside]):
        if within(place, inside) and within(place, derived) != within(place, theirs):
            sides = [truth(condition, x, place) for condition in conditions]
            if sides[0] == sides[1]:
                raise Undecided("the sets that SymPy finds do not stand up to a look at single numbers")
            shown = ["it holds" if side else "it does not hold" for side in sides]
            return Finding("refuted", text, latex, witness={question.variable: str(place)}, values=(shown[0], shown[1]))
    return Finding("proved", text, latex)


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
    if statement.relation in ("<", "<="):
        left, right = right, left
    if statement.relation != "!=" and _at_least(left - right, x, inside, strictly="=" not in statement.relation):
        return True
    return bool(solved(RELATIONS[statement.relation](left, right), x, inside) == inside)


def _at_least(gap: Real, x: Real, inside: Real, strictly: bool) -> bool:
    """Whether ``gap``, of which the derivative is known everywhere, is at least 0 or above it: between two places where
    the derivative changes its sign it is least at one of them, or comes as low at an end of the interval."""
    slope = sympy.diff(gap, x)
    if not inside.is_Interval or gap.has(*KINKED) or slope.has(*KINKED):
        return False
    try:
        turns = [x for x in spots([solved(slope >= 0, x, inside)], between=False) if within(x, inside)]
    except Undecided:
        return False
    low = [sympy.limit(gap, x, end, side) for end, side in ((inside.start, "+"), (inside.end, "-"))]
    closed = [gap.xreplace({x: turn}) for turn in turns]
    return all(not y.has(*UNFIT_ENDS) and (y == sympy.oo or sign_of(y) >= 0) for y in low) and all(
        sign_of(y) >= (1 if strictly else 0) for y in closed
    )


def _by_sign(gap: Real, what: str, places: Mapping[Real, Real]) -> bool:
    return bool(known(gap, what, places) or known(sympy.simplify(gap), what, places))
