"""Definite integrals of piecewise analytic integrands, as balls that surely hold them.

FLINT integrates by adaptive Gauss-Legendre quadrature with rigorous bounds from the complex plane (F. Johansson,
"Numerical integration in arbitrary-precision ball arithmetic", ICMS 2018). So integrands are
evaluated at complex balls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import flint
from flint import acb, arb

from grader.errors import Undecided
from grader.math.tree import Add, Apply, Expression, Multiply, Power, Variable, free_names, walk
from grader.math.values import Undefined, Value, ball

MAX_EVALUATIONS = 3000
# a singular end takes about a tenth of the square of the bits: with more bits than these it is not tried
FEW_BITS = 256
MAX_EXPONENT = 10_000
SPARED_BITS = 32

_NAN = acb("nan")
_ENTIRE: dict[str, Callable[[acb], acb]] = {
    "exp": acb.exp, "sin": acb.sin, "cos": acb.cos, "tan": acb.tan,
    "sinh": acb.sinh, "cosh": acb.cosh, "tanh": acb.tanh,
}  # fmt: skip


def integrate(
    body: Expression,
    variable: str,
    low: Value,
    high: Value,
    outside: Callable[[Expression], Value],
    spend: Callable[[int], None],
) -> arb:
    """The integral of ``body`` from ``low`` to ``high``, as a ball that may be wide where the integrand is hard.

    ``outside`` evaluates what does not depend on ``variable``; ``spend`` is told how many nodes were evaluated. Raises
    Undecided for integrands that are not piecewise analytic, or that have no bound.
    """
    integrand = _Integrand(variable, outside)
    integrand.prepare(body)
    size = sum(1 for _ in walk(body))
    troubles: list[Exception] = []

    def at(z: acb, analytic: bool) -> acb:
        if troubles:
            return _NAN
        try:
            spend(size)
            return integrand.value(body, z, analytic)
        except Exception as trouble:  # FLINT must get a value back; what was raised is raised again outside
            troubles.append(trouble)
            return _NAN

    close = arb(2) ** (SPARED_BITS - flint.ctx.prec)
    limit = flint.ctx.prec**2 // 4 if flint.ctx.prec <= FEW_BITS else MAX_EVALUATIONS
    found = acb.integral(at, acb(low), acb(high), rel_tol=close, abs_tol=close, eval_limit=limit)
    if troubles:
        raise troubles[0]
    if not found.is_finite():
        raise Undecided("this integral is not evaluated: its integrand or its range has no bound")
    if not found.imag.contains(0):
        raise Undefined("the integrand has no real value on a part of the range")
    if found.imag.abs_upper() > 16 * found.real.rad() + found.real.abs_upper() * arb(2) ** -60:
        raise Undecided("it cannot be told that the integrand has real values on the whole range")
    return found.real


class _Integrand:
    def __init__(self, variable: str, outside: Callable[[Expression], Value]) -> None:
        self.variable = variable
        self.outside = outside
        self.known: dict[int, acb] = {}

    def prepare(self, x: Expression) -> None:
        """Evaluate what does not depend on the variable, once; see that the rest can be evaluated here."""
        if self.variable not in free_names(x):
            self.known[id(x)] = acb(ball(self.outside(x)))
            return
        match x:
            case Variable():
                return
            case Add(parts) | Multiply(parts):
                pass
            case Power(base, exponent):
                parts = (base, exponent)
            case Apply(function, parts) if function in _ENTIRE or function in _ANALYTIC or function in _KINKED:
                pass
            case _:
                raise Undecided("an integrand of this form is not integrated here")
        for part in parts:
            self.prepare(part)

    def value(self, x: Expression, z: acb, analytic: bool) -> acb:
        if id(x) in self.known:
            return self.known[id(x)]
        match x:
            case Add(parts):
                return sum((self.value(part, z, analytic) for part in parts[1:]), self.value(parts[0], z, analytic))
            case Multiply(parts):
                total = self.value(parts[0], z, analytic)
                for part in parts[1:]:
                    total = total * self.value(part, z, analytic)
                return total
            case Power(base, exponent):
                return self.power(self.value(base, z, analytic), exponent, z, analytic)
            case Apply(function, parts):
                return _known(function, [self.value(part, z, analytic) for part in parts], analytic, bool(z.imag == 0))
        return z

    def power(self, base: acb, exponent: Expression, z: acb, analytic: bool) -> acb:
        raised = self.value(exponent, z, analytic)
        whole = raised.real.unique_fmpz() if raised.is_exact() and raised.imag == 0 else None
        if whole is not None and abs(whole) < MAX_EXPONENT:
            return base ** int(whole)
        if analytic:
            return base.pow(raised, analytic=True)
        if base.contains(0) and raised.imag == 0 and raised.real > 0:
            # near a branch point only the size is known: enough for the quadrature to close in on it
            size = (abs(base).upper() ** raised.real).upper()
            return acb(arb(0, size), arb(0, size))
        return base.pow(raised)


def _known(function: str, values: list[acb], analytic: bool, real: bool) -> acb:
    """A known function of ``values``, which are ``real`` where the integrand must be."""
    if function in _ENTIRE:
        return _ENTIRE[function](values[0])
    if function in _ANALYTIC:
        return _ANALYTIC[function](*values, analytic)
    if real and not all(value.imag.contains(0) for value in values):
        return _NAN  # complex values have no kinks: that they are complex must not be lost here
    return _KINKED[function](values, analytic)


def _arctan(x: acb, analytic: bool) -> acb:
    return _NAN if analytic and _may_cut(x) else x.atan()


def _may_cut(x: acb) -> bool:
    """The cuts of the inverse tangent lie on the imaginary axis, beyond ±i."""
    return bool(x.real.contains(0)) and not bool(abs(x.imag) < 1)


# analytic but on their cuts, and but where they have their kinks
_ANALYTIC: dict[str, Callable[..., acb]] = {
    "log": lambda x, analytic: x.log(analytic=analytic),
    "logb": lambda base, x, analytic: x.log(analytic=analytic) / base.log(analytic=analytic),
    "sqrt": lambda x, analytic: x.sqrt(analytic=analytic),
    "arctan": _arctan,
}
_KINKED: dict[str, Callable[[list[acb], bool], acb]] = {
    "abs": lambda values, analytic: values[0].real_abs(analytic=analytic),
    "max": lambda values, analytic: reduce(lambda x, y: x.real_max(y, analytic=analytic), values),
    "min": lambda values, analytic: reduce(lambda x, y: x.real_min(y, analytic=analytic), values),
}
