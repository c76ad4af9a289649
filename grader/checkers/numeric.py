"""``numeric``: a number or a constant expression.

An exact response (integers, fractions, closed forms) must equal the key exactly. A response with a decimal in it may
lie within the key's tolerance. A key that is an integer is exact unless it says otherwise.
"""

from __future__ import annotations

from fractions import Fraction

from flint import fmpq

from grader.checkers.reading import at_fault, formula, malformed, of_key, undecided
from grader.errors import Undecided, Unreadable
from grader.math.equality import compare
from grader.math.evaluate import Book, Point, evaluate
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.math.tree import Expression, Number, walk
from grader.math.values import Unclear, Undefined, Value, absolute, precision, sign
from grader.result import Outcome, correct, incorrect
from grader.spec import NumericField, NumericKey, Tolerance
from grader.submission import Response

MAX_PLACE = 400
DEFAULT = Tolerance(relative=1e-3)


def check(field: NumericField, key: NumericKey, response: Response) -> Outcome:
    """Exact where both are exact, else by the declared tolerance; see the module's docstring."""
    expected = of_key(lambda: read_expression(key.value, {}), field, key)
    right = _value_of_key(expected, field, key)
    try:
        text, remarks = formula(response.text, {})
        found = read_expression(text, {})
    except Unreadable as error:
        return malformed(field, error)
    read_as = to_latex(found, {})
    verdict = compare(found, expected, {}, key.seed)
    if verdict.kind == "equal":
        return correct(field.worth, read_as=read_as, evidence={"rung": verdict.rung}).saying(*remarks)
    tolerance = _tolerance(key, expected, right)
    try:
        if tolerance == "exact" or not (_decimal(found) or _decimal(expected)):
            outcome = _inexact(field, found, right, read_as) if tolerance == "exact" and _decimal(found) else None
            if outcome is None and verdict.kind == "undecided" and not _without_value(found):
                outcome = undecided(field, verdict.reason, read_as)
        else:
            outcome = _within(field, found, right, tolerance, read_as)
    except (Undecided, Unclear) as error:
        return undecided(field, str(error), read_as).saying(*remarks)
    return (outcome or incorrect(read_as=read_as, evidence={"rung": verdict.rung})).saying(*remarks)


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


def _within(field: NumericField, found: Expression, right: Value, tolerance: object, read_as: str) -> Outcome | None:
    assert isinstance(tolerance, Tolerance)
    try:
        value = _value(found)
    except Undefined:
        return None
    with precision(256):
        gap, allowed = absolute(value - right), _allowed(tolerance, right)
        close = sign(gap - allowed) <= 0
    evidence = {"rung": "tolerance", "tolerance": tolerance.model_dump(exclude_none=True)}
    if close:
        return correct(field.worth, read_as=read_as, evidence=evidence)
    near = sign(gap - allowed * 20) <= 0
    said = ["This is close, but not close enough: give more digits, or the exact value."] if near else []
    return incorrect(read_as=read_as, evidence=evidence).saying(*said)


def _allowed(tolerance: Tolerance, right: Value) -> Value:
    if tolerance.relative is not None:
        return absolute(right) * _exact(tolerance.relative)
    if tolerance.absolute is not None:
        return _exact(tolerance.absolute)
    assert tolerance.digits is not None
    return fmpq(10) ** (_leading_place(right) + 1 - tolerance.digits) / 2


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


def _inexact(field: NumericField, found: Expression, right: Value, read_as: str) -> Outcome | None:
    """Where an exact value is asked for, its own rounding is not plainly wrong: a human decides."""
    if not isinstance(found, Number):
        return _nearly(field, found, right, read_as)
    if not found.source or not found.value:
        return None
    mantissa, _, exponent = found.source.lower().lstrip("-").partition("e")
    unit = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    if isinstance(right, fmpq) and abs(found.value - Fraction(int(right.p), int(right.q))) <= unit / 2:
        return undecided(field, "this is a rounded value where an exact one is asked for", read_as)
    return None


def _nearly(field: NumericField, found: Expression, right: Value, read_as: str) -> Outcome | None:
    try:
        value = _value(found)
    except Undefined:
        return None
    with precision(256):
        close = sign(absolute(value - right) - absolute(right) / 100) <= 0
    return undecided(field, "this is an approximate value where an exact one is asked for", read_as) if close else None
