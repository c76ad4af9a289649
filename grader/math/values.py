"""Real values, exact where they stay rational and otherwise balls that surely hold them, and functions of them.

Balls are FLINT's ``arb`` (F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE
Trans. Comput. 66, 2017). Only real values exist here: a logarithm of a negative number is undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import flint
from flint import arb, fmpq, fmpz

from grader.errors import GraderError, Undecided

Value = fmpq | arb
MAX_EXACT_BITS = 8192


class Undefined(GraderError):
    """The expression has no real value at this point, for certain."""


class Unclear(GraderError):
    """A ball is too wide to tell whether the expression is defined; more bits may help."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def ball(x: Value) -> arb:
    return x if isinstance(x, arb) else arb(x)


def least_magnitude(x: Value) -> int:
    """About log2 |x| of what is surely there: very negative where a ball holds zero."""
    if isinstance(x, fmpq) or not x.is_finite():
        return magnitude(x)
    least = x.abs_lower()
    return magnitude(arb(least)) if least > 0 else -(10**9)


def absolute(x: Value) -> Value:
    return -x if sign(x) < 0 else x


def is_zero(x: Value) -> bool:
    return isinstance(x, fmpq) and x == 0


def magnitude(x: Value) -> int:
    """About log2 |x|; very negative for zero, very positive for what has no bound."""
    if isinstance(x, fmpq):
        above = x.p
        return above.bit_length() - x.q.bit_length() if above else -(10**9)
    if not x.is_finite():
        return 10**9
    middle = x.abs_upper()
    if middle == 0:
        return -(10**9)
    mantissa, exponent = middle.man_exp()
    return max(-(10**9), min(10**9, int(exponent) + int(mantissa).bit_length()))


def sign(x: Value) -> int:
    """-1, 0 or 1. Raises Unclear where the ball holds zero without being it."""
    if isinstance(x, fmpq):
        return (x > 0) - (x < 0)
    if x > 0:
        return 1
    if x < 0:
        return -1
    if x.is_exact() and x == 0:
        return 0
    raise Unclear("the sign cannot be told at this precision")


def small_enough(x: Value) -> Value:
    """Exact numbers that have grown too long go on as balls."""
    if isinstance(x, fmpq) and x.p.bit_length() + x.q.bit_length() > MAX_EXACT_BITS:
        return arb(x)
    return x


def power(base: Value, exponent: Value) -> Value:
    """Real powers. Zero to the power zero is 1 (integer exponents); a negative base takes integer exponents only."""
    if isinstance(exponent, fmpq) and exponent.q == 1:
        return _integer_power(base, int(exponent.p))
    side = sign(base)
    if side < 0:
        if isinstance(exponent, arb) and exponent.contains_integer():
            raise Unclear("whether the exponent is an integer cannot be told at this precision")
        raise Undefined("a negative number to a power that is no integer")
    if side == 0:
        if sign(exponent) > 0:
            return fmpq(0)
        raise Undefined("zero to a power that is not positive")
    if isinstance(exponent, fmpq) and exponent.q == 2:
        return _integer_power(ball(base).sqrt(), int(exponent.p))
    return _finite((ball(base).log() * exponent).exp())


def _integer_power(base: Value, exponent: int) -> Value:
    if exponent < 0 and sign(base) == 0:
        raise Undefined("division by zero")
    if isinstance(base, fmpq):
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        if bits * abs(exponent) <= MAX_EXACT_BITS:
            return base ** int(exponent)
    if abs(exponent).bit_length() > 64:
        raise Undecided("a power this large is not evaluated")
    return _finite(ball(base) ** fmpz(exponent))


def _finite(x: arb) -> arb:
    if not x.is_finite():
        raise Undecided("a value beyond all bounds")
    return x


def log(x: Value) -> Value:
    if sign(x) <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    return fmpq(0) if isinstance(x, fmpq) and x == 1 else ball(x).log()


def _logb(base: Value, x: Value) -> Value:
    below = log(base)
    if is_zero(below):
        raise Undefined("a logarithm to base 1")
    return _divide(log(x), below)


def _divide(a: Value, b: Value) -> Value:
    if sign(b) == 0:
        raise Undefined("division by zero")
    return a / b


def _sqrt(x: Value) -> Value:
    side = sign(x)
    if side < 0:
        raise Undefined("the square root of a negative number")
    return fmpq(0) if side == 0 else ball(x).sqrt()


def _exp(x: Value) -> Value:
    return fmpq(1) if is_zero(x) else _finite(ball(x).exp())


def _unit(x: Value, function: Callable[[arb], arb]) -> Value:
    if sign(ball(x) - 1) > 0 or sign(ball(x) + 1) < 0:
        raise Undefined("the inverse of sine or cosine outside of [-1, 1]")
    return function(ball(x))


def _floor(x: Value) -> Value:
    if isinstance(x, fmpq):
        return fmpq(x.p // x.q)
    low, high = x.lower().floor(), x.upper().floor()
    if not (low == high and low.is_exact()):
        raise Unclear("the integer part cannot be told at this precision")
    return fmpq(int(low.unique_fmpz() or 0))


def _factorial(x: Value) -> Value:
    if isinstance(x, fmpq) and x.q == 1:
        n = int(x.p)
        if n < 0:
            raise Undefined("the factorial of a negative integer")
        if n <= 500:
            return fmpq(fmpz.fac_ui(fmpz(n)))
    if sign(x) < 0 or magnitude(x) > 60:
        raise Undecided("a factorial this large is not evaluated")
    return _finite((ball(x) + 1).gamma())


def _binom(n: Value, k: Value) -> Value:
    if not (isinstance(n, fmpq) and isinstance(k, fmpq) and n.q == 1 and k.q == 1) or n < 0:
        raise Undefined("a binomial coefficient of numbers that are no natural numbers")
    top, below = int(n.p), int(k.p)
    if below < 0 or below > top:
        return fmpq(0)
    if top > 2000:
        raise Undecided("a binomial coefficient this large is not evaluated")
    return fmpq(fmpz.bin_uiui(top, below))


KNOWN: dict[str, Callable[..., Value]] = {
    "exp": _exp,
    "log": log,
    "logb": _logb,
    "sqrt": _sqrt,
    "sin": lambda x: ball(x).sin(),
    "cos": lambda x: ball(x).cos(),
    "tan": lambda x: _divide(ball(x).sin(), ball(x).cos()),
    "arcsin": lambda x: _unit(x, arb.asin),
    "arccos": lambda x: _unit(x, arb.acos),
    "arctan": lambda x: ball(x).atan(),
    "sinh": lambda x: _finite(ball(x).sinh()),
    "cosh": lambda x: _finite(ball(x).cosh()),
    "tanh": lambda x: ball(x).tanh(),
    "ceil": lambda x: -_floor(-x),
    "floor": lambda x: _floor(x),
    "factorial": _factorial,
    "binom": _binom,
}
