"""What SymPy may know of the values that a symbol takes: by assumptions, and by parameters where it has none."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import sympy

from grader.math.domains import Domain

Real = Any  # a number or matrix of SymPy's, whose own types are of no help here


def number(x: Fraction) -> Real:
    return sympy.Rational(x.numerator, x.denominator)


def assumptions(found: Domain) -> dict[str, bool]:
    """The domain in SymPy's words, as far as it has any: (0, 1) is positive, and that is all it knows."""
    told = {"real": True}
    if found.integer:
        told["integer"] = True
    if found.nonzero:
        told["nonzero"] = True
    if found.positive:
        told["positive"] = True
    elif found.nonnegative:
        told["nonnegative"] = True
    if found.high is not None and (found.high < 0 or (found.high == 0 and found.open_high)):
        told["negative"] = True
    elif found.high == 0:
        told["nonpositive"] = True
    return told


def parametrised(found: Domain) -> Real | None:
    """The values of the domain by a free parameter, so that SymPy sees 1 - D > 0 for D in (0, 1); None where that gains
    nothing. Ends that belong to it are left out, and an interval of integers goes on upwards."""
    if found.low is None:
        return None if found.high is None or found.integer else number(found.high) - step()
    if found.integer:
        return floor(found.low) + sympy.Dummy(integer=True, nonnegative=True)
    low = number(found.low)
    return low + step() if found.high is None else low + (number(found.high) - low) / (1 + step())


def step() -> Real:
    return sympy.Dummy(positive=True)


def leaves_out(found: Domain) -> bool:
    """Whether an end is left out by the parameter."""
    return not found.integer and not (found.open_low and found.open_high)


def running(name: str, low: Real, high: Real, integral: bool) -> tuple[Real, Real | None]:
    """The variable of a sum or an integral, and itself by parameters, from what is known of the ends."""
    rising = high is sympy.oo or (low.is_Rational and high.is_Rational and low < high)
    told = {"real": True} if integral else {"integer": True}
    if (not integral or rising or high.is_nonnegative) and low.is_nonnegative:
        told["positive" if integral or low.is_positive else "nonnegative"] = True  # 0 is a single point of an integral
    symbol = sympy.Symbol(name, **told)
    if low.is_infinite:
        return symbol, None
    if not integral:
        return symbol, low + sympy.Dummy(integer=True, nonnegative=True)
    if not rising:
        return symbol, None
    return symbol, low + (step() if high is sympy.oo else (high - low) / (1 + step()))
