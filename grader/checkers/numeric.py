"""``numeric``: a number or a constant expression.

An exact response (integers, fractions, closed forms) must equal the key exactly. A response with a decimal in it may
lie within the key's tolerance (see ``spec.Tolerance``). A key that is an integer is exact unless it says otherwise.

Significant digits are those of the key's value, and a decimal is right if it is off by at most half a unit in the last
of them: rounded to so many digits or to more, or so that it lies no farther away than rounding can bring it. Cut off is
not rounded: 0.0666 is not 1/15 to three digits. Zeros at the end are not asked for: 0.5 is 1/2 to three digits.

A key with ``check: simulation`` says what the number must make true of random variables, and draws decide.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flint import fmpq
from pydantic import JsonValue

from grader.checkers.reading import (
    at_fault,
    check_form_of_key,
    formula,
    in_form,
    malformed,
    of_key,
    undecided,
    with_slip,
)
from grader.errors import Undecided, Unreadable
from grader.keys import NumericKey, Tolerance
from grader.math.book import Book
from grader.math.decide import decide
from grader.math.equality import compare
from grader.math.evaluate import evaluate
from grader.math.near_misses import NearMiss, number_slips
from grader.math.points import Point
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.math.shapes import shape
from grader.math.tree import Expression, Number, substitute, walk
from grader.math.values import Unclear, Undefined, Value, absolute, precision, sign
from grader.result import Outcome, correct, incorrect
from grader.spec import NumericField, Symbol
from grader.submission import Response

MAX_PLACE = 400
NEAR, NEAR_AN_INTERVAL = 20, 3  # close, in half widths of what is right
DEFAULT = Tolerance(relative=1e-3)


def check(field: NumericField, key: NumericKey, response: Response) -> Outcome:
    """Exact where both are exact, else by the declared tolerance; see the module's docstring."""
    expected = _expected(field, key)
    right = _value_of_key(expected, field, key)
    check_form_of_key(field, key, expected)
    _check_interval(field, key, right)
    try:
        found, remarks = read(response)
    except Unreadable as error:
        return malformed(field, error)
    judged = _judged if key.simulation is None else _simulated
    outcome = judged(field, key, found, expected, right).model_copy(update={"read_as": to_latex(found, {})})
    return in_form(field, found, outcome).saying(*remarks)


def name_slip(field: NumericField, key: NumericKey, response: Response, outcome: Outcome) -> Outcome:
    """The outcome of a wrong response, with the slip that explains it where there is one to name."""
    expected = _expected(field, key)
    found, _ = read(response)
    try:
        return with_slip(outcome, _slip(found, expected, _value_of_key(expected, field, key), key.seed))
    except (Undefined, Undecided, Unclear):
        return outcome


def _expected(field: NumericField, key: NumericKey) -> Expression:
    return of_key(lambda: read_expression(key.value, {}), field, key)


def read(response: Response) -> tuple[Expression, list[str]]:
    """The number and remarks on what stood around it. Raises Unreadable, also for several numbers."""
    text, remarks = formula(response.text, {})
    found = read_expression(text, {})
    if shape(found, {}):
        raise Unreadable("one number was expected here, and not a vector or matrix")
    return found, remarks


def _judged(field: NumericField, key: NumericKey, found: Expression, expected: Expression, right: Value) -> Outcome:
    verdict = decide(found, expected, {}, key.seed)
    if verdict.kind == "equal":
        return correct(field.worth, evidence={"rung": verdict.rung})
    tolerance = _tolerance(key, expected, right)
    outcome = None
    try:
        if isinstance(tolerance, Tolerance) and (_is_rounded(found, tolerance, right) or _decimal(expected)):
            outcome = _within(field, found, right, tolerance)
        else:
            if tolerance == "exact" and _decimal(found):
                outcome = _inexact(field, found, right)
            if outcome is None and verdict.kind == "undecided" and not _without_value(found):
                outcome = undecided(field, verdict.reason)
    except (Undecided, Unclear) as error:
        return undecided(field, str(error))
    return outcome or incorrect(evidence={"rung": verdict.rung})


def _simulated(field: NumericField, key: NumericKey, found: Expression, expected: Expression, right: Value) -> Outcome:
    """Put in for the field's name, the response must make the key's claim true, in a simulation (DESIGN §7)."""
    from grader.montecarlo.interpreting import middle  # numpy comes with it: only where something is simulated
    from grader.montecarlo.stated import Stated, usual_margin

    assert key.simulation is not None
    try:
        if _without_value(found):
            return incorrect(evidence={"rung": "simulated"})
    except (Undecided, Unclear) as error:
        return undecided(field, str(error))
    names = {field.name: Symbol()}
    stated = Stated(key.simulation, (key.simulation.claim,), names, lambda x: substitute(x, field.name, found))
    try:
        stated.check(field.name)
    except Unreadable as error:
        raise at_fault(field, key, str(error)) from error
    try:
        runs = stated.judge(f"{key.seed}/{to_latex(found, {})}", usual_margin(stated.claims, middle(right)), True)
    except Unreadable as error:  # the key's own value can be simulated, which linting tries; this one cannot
        return undecided(field, str(error))
    last = runs[-1]
    evidence: dict[str, JsonValue] = {
        "rung": "simulated", "statistic": last.shown, "interval": [_finite(last.low), _finite(last.high)],
        "claimed": last.target, "draws": last.draws, "alpha": last.alpha, "seed": last.seed,
    }  # fmt: skip
    if last.kind == "refuted":
        return incorrect(evidence=evidence)
    if all(run.kind == "supported" for run in runs):
        return correct(field.worth, evidence=evidence)
    outcome = undecided(field, next(run.reason for run in runs if run.kind == "undecided"))
    return outcome.model_copy(update={"evidence": {**outcome.evidence, **evidence}})


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _is_rounded(found: Expression, tolerance: Tolerance, right: Value) -> bool:
    """Whether a response may be a rounded value: a decimal, or an integer where so few digits are asked for that the
    last of them stands left of the decimal point."""
    if _decimal(found) or tolerance.digits is None:
        return _decimal(found)
    return isinstance(found, Number) and _unit(tolerance.digits, right) >= 1


def _decimal(x: Expression) -> bool:
    return any(isinstance(node, Number) and node.decimal for node in walk(x))


def _tolerance(key: NumericKey, expected: Expression, right: Value) -> Tolerance | str:
    if key.tolerance is not None:
        return key.tolerance
    return "exact" if isinstance(right, fmpq) and right.q == 1 and not _decimal(expected) else DEFAULT


def _value(x: Expression) -> Value:
    with precision(256):
        return evaluate(x, Point({}, "", {}), Book())


def _value_of_key(x: Expression, field: NumericField, key: NumericKey) -> Value:
    try:
        return _value(x)
    except (Undefined, Undecided, Unclear) as error:
        raise at_fault(field, key, f"the key has no value: {error}") from error


def _without_value(x: Expression) -> bool:
    """Infinity, a division by zero: for certain no number, so for certain not the key's."""
    try:
        _value(x)
    except Undefined:
        return True
    return False


def _within(field: NumericField, found: Expression, right: Value, tolerance: Tolerance) -> Outcome | None:
    try:
        value = _value(found)
    except Undefined:
        return None
    with precision(256):
        low, high = _bounds(tolerance, right)
        gap, allowed = absolute(value - (low + high) / 2), (high - low) / 2
        close = sign(gap - allowed) <= 0
        near = sign(gap - allowed * (NEAR_AN_INTERVAL if tolerance.interval else NEAR)) <= 0
    evidence = {"rung": "tolerance", "tolerance": tolerance.model_dump(mode="json", exclude_none=True)}
    if close:
        return correct(field.worth, evidence=evidence)
    said = ["This is close, but not close enough: give more digits, or the exact value."] if near else []
    return incorrect(evidence=evidence).saying(*said)


def _bounds(tolerance: Tolerance, right: Value) -> tuple[Value, Value]:
    """The least and the greatest value that are right."""
    if tolerance.interval is not None:
        return _exact(tolerance.interval[0]), _exact(tolerance.interval[1])
    allowed = _allowed(tolerance, right)
    return right - allowed, right + allowed


def _check_interval(field: NumericField, key: NumericKey, right: Value) -> None:
    """Raise SpecError where the right value lies outside of the interval that is to hold it."""
    if not isinstance(key.tolerance, Tolerance) or key.tolerance.interval is None:
        return
    with precision(256):
        low, high = _bounds(key.tolerance, right)
        if sign(right - low) < 0 or sign(high - right) < 0:
            raise at_fault(field, key, "the key's value lies outside of the interval that it is to lie in")


def _allowed(tolerance: Tolerance, right: Value) -> Value:
    if tolerance.relative is not None:
        return absolute(right) * _exact(tolerance.relative)
    if tolerance.absolute is not None:
        return _exact(tolerance.absolute)
    assert tolerance.digits is not None
    return _unit(tolerance.digits, right) / 2


def _unit(digits: int, right: Value) -> fmpq:
    """What the last of so many significant digits counts: 1/10000 for three digits of 1/15."""
    return fmpq(10) ** (_leading_place(right) + 1 - digits)


def _leading_place(x: Value) -> int:
    """The place of the first significant digit: 0 for 7.5, 2 for 100, -2 for 0.07."""
    place = 0
    while sign(absolute(x) - fmpq(10) ** (place + 1)) >= 0:
        place += 1
    while sign(absolute(x) - fmpq(10) ** place) < 0:
        place -= 1
        if place < -MAX_PLACE:
            raise Undecided("zero has no significant digits")
    return place


def _exact(x: float) -> fmpq:
    """The decimal a person typed, not the nearest binary number."""
    fraction = Fraction(str(x))
    return fmpq(fraction.numerator, fraction.denominator)


def _inexact(field: NumericField, found: Expression, right: Value) -> Outcome | None:
    """Where an exact value is asked for, its own rounding is not plainly wrong: a human decides."""
    if not isinstance(found, Number):
        return _nearly(field, found, right)
    if not found.source or not found.value:
        return None
    mantissa, _, exponent = found.source.lower().lstrip("-").partition("e")
    unit = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    if isinstance(right, fmpq) and abs(found.value - Fraction(int(right.p), int(right.q))) <= unit / 2:
        return undecided(field, "this is a rounded value where an exact one is asked for")
    return None


def _nearly(field: NumericField, found: Expression, right: Value) -> Outcome | None:
    try:
        value = _value(found)
    except Undefined:
        return None
    with precision(256):
        close = sign(absolute(value - right) - absolute(right) / 100) <= 0
    return undecided(field, "this is an approximate value where an exact one is asked for") if close else None


# --- near misses ---------------------------------------------------------------------------------------------------


def _slip(found: Expression, expected: Expression, right: Value, seed: str) -> NearMiss | None:
    whole = isinstance(right, fmpq) and right.q == 1
    for miss, changed in number_slips(expected, whole):
        if _is_meant(found, changed, right, seed) and compare(changed, expected, {}, seed).kind == "unequal":
            return miss
    return None


def _is_meant(found: Expression, changed: Expression, right: Value, seed: str) -> bool:
    """Whether a response is the changed key: exactly, or for a decimal by far nearer to it than to the key itself."""
    if not _decimal(found):
        return compare(found, changed, {}, seed).kind == "equal"
    try:
        value, other = _value(found), _value(changed)
    except Undefined:
        return False
    with precision(256):
        gap = absolute(value - other)
        return sign(gap * 1000 - absolute(other)) <= 0 and sign(gap * 10 - absolute(value - right)) <= 0
