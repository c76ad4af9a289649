"""Exact comparison on the rational fragment: quotients of polynomials over Q.

Whatever is no sum, product or integer power (a function, a symbolic power, a sum with bounds) is taken as an
indeterminate, after its own arguments were put in normal form. So equality here is proof; inequality is not.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpq_poly

from grader.errors import Undecided
from grader.math.canonical import canonical
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Add,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    children,
    rebuild,
)

MAX_EXPONENT = 64
MAX_TERMS = 4000
MAX_DEGREE = 200
MAX_BITS = 20_000
MAX_FACTORED = 60  # degree and terms of what is factored

Quotient = tuple[fmpq_mpoly, fmpq_mpoly]


class _TooLarge(Exception):
    """The normal form would be too large to be worth it."""


def same_rational(a: Expression, b: Expression) -> bool:
    """Whether ``a`` and ``b`` are provably equal as rational functions. False proves nothing."""
    try:
        a, b = _normalised(canonical(a)), _normalised(canonical(b))
        names = sorted({repr(node) for tree in (a, b) for node in _indeterminates(tree)})
        ring = _Ring(names)
        (p, q), (r, s) = ring.quotient(a), ring.quotient(b)
        return bool(ring.product(p, s) == ring.product(r, q))
    except (_TooLarge, ZeroDivisionError, RecursionError):
        return False


def _rational_power(x: Expression) -> int | None:
    """The exponent, where ``x`` is a power with an integer exponent."""
    if not isinstance(x, Power) or not isinstance(x.exponent, Number) or x.exponent.value.denominator != 1:
        return None
    exponent = int(x.exponent.value)
    if abs(exponent) > MAX_EXPONENT:
        raise _TooLarge
    return exponent


def _indeterminates(x: Expression) -> list[Expression]:
    match x:
        case Number():
            return []
        case Add() | Multiply():
            return [name for child in children(x) for name in _indeterminates(child)]
        case Power(base, _) if _rational_power(x) is not None:
            return _indeterminates(base)
    return [x]


def _normalised(x: Expression) -> Expression:
    """``x`` with the arguments of its indeterminates in a normal form, so that f((a+b)^2) meets f(a^2+2ab+b^2)."""
    match x:
        case Add() | Multiply():
            return rebuild(x, tuple(map(_normalised, children(x))))
        case Power(base, exponent) if _rational_power(x) is not None:
            return Power(_normalised(base), exponent)
    return rebuild(x, tuple(_normal_form(child) for child in children(x)))


def _normal_form(x: Expression) -> Expression:
    """A tree that is the same for all provably equal rational functions (up to what normalising finds)."""
    x = _normalised(x)
    if not isinstance(x, Add | Multiply) and _rational_power(x) is None:
        return x
    named = {repr(node): node for node in _indeterminates(x)}
    names = sorted(named)
    ring = _Ring(names)
    top, bottom = ring.quotient(x)
    if len(top) * len(bottom) > MAX_TERMS:
        raise _TooLarge
    common = top.gcd(bottom)
    top, bottom = top / common, bottom / common
    lead = bottom.leading_coefficient()
    atoms = [named[name] for name in names]
    return Multiply((_tree(top / lead, atoms), Power(_tree(bottom / lead, atoms), Number(Fraction(-1)))))


def _tree(poly: fmpq_mpoly, atoms: list[Expression]) -> Expression:
    terms: list[Expression] = []
    for exponents, coefficient in sorted(poly.to_dict().items()):
        powers = [Power(a, Number(Fraction(int(e)))) for a, e in zip(atoms, exponents, strict=False) if e]
        terms.append(Multiply((Number(Fraction(int(coefficient.p), int(coefficient.q))), *powers)))
    return Add(tuple(terms))


class _Ring:
    """Polynomials over Q in indeterminates with the given names."""

    def __init__(self, names: list[str]) -> None:
        self.place = {name: place for place, name in enumerate(names)}
        self.context = fmpq_mpoly_ctx.get([f"x{place}" for place in range(max(1, len(names)))], Ordering.lex)
        self.one = self.context.from_dict({(0,) * self.context.nvars(): 1})

    def quotient(self, x: Expression) -> Quotient:
        match x:
            case Number(value):
                return self.one * fmpq(value.numerator, value.denominator), self.one
            case Add(terms):
                return self.fold(terms, self.sum)
            case Multiply(factors):
                return self.fold(factors, lambda a, b: (self.product(a[0], b[0]), self.product(a[1], b[1])))
            case Power(base, _) if (exponent := _rational_power(x)) is not None:
                return self.power(self.quotient(base), exponent)
        return self.context.gens()[self.place[repr(x)]], self.one

    def fold(self, parts: tuple[Expression, ...], join: object) -> Quotient:
        total = self.quotient(parts[0])
        for part in parts[1:]:
            total = join(total, self.quotient(part))  # type: ignore[operator]
        return total

    def sum(self, a: Quotient, b: Quotient) -> Quotient:
        if a[1] == b[1]:
            return a[0] + b[0], a[1]
        return self.product(a[0], b[1]) + self.product(b[0], a[1]), self.product(a[1], b[1])

    def product(self, a: fmpq_mpoly, b: fmpq_mpoly) -> fmpq_mpoly:
        if len(a) * len(b) > MAX_TERMS or sum(a.degrees()) + sum(b.degrees()) > MAX_DEGREE:
            raise _TooLarge
        product = a * b
        if any(c.p.bit_length() + c.q.bit_length() > MAX_BITS for c in product.coeffs()):
            raise _TooLarge
        return product

    def power(self, base: Quotient, exponent: int) -> Quotient:
        top, bottom = base if exponent >= 0 else (base[1], base[0])
        if not bottom:
            raise ZeroDivisionError
        raised: Quotient = (self.one, self.one)
        for _ in range(abs(exponent)):
            raised = self.product(raised[0], top), self.product(raised[1], bottom)
        return raised


def square_part(x: Expression) -> tuple[Expression, Expression]:
    """Trees r and s with x = r^2 s, where r holds every square factor found (1 where there is none)."""
    try:
        tree = _normalised(canonical(x))
        named = {repr(node): node for node in _indeterminates(tree)}
        ring = _Ring(sorted(named))
        top, bottom = ring.quotient(tree)
        atoms = [named[name] for name in sorted(named)]
        whole = ring.product(top, bottom)
        if not whole or len(whole) > MAX_FACTORED or sum(whole.degrees()) > MAX_FACTORED:
            return ONE, x
        lead, factors = whole.factor()
    except (_TooLarge, ZeroDivisionError, RecursionError):
        return ONE, x
    roots = [Power(_tree(f, atoms), Number(Fraction(int(e) // 2))) for f, e in factors if e >= 2]
    if not roots:
        return ONE, x
    root = Multiply((*roots, Power(_tree(bottom, atoms), MINUS_ONE)))
    single = [Power(_tree(f, atoms), Number(Fraction(int(e) % 2))) for f, e in factors if e % 2]
    return root, Multiply((Number(Fraction(int(lead.p), int(lead.q))), *single))


def quotient_in(variable: str, left: Expression, right: Expression) -> tuple[fmpq_poly, fmpq_poly] | None:
    """Numerator and denominator of ``left - right`` as polynomials in one variable; None where it is no such quotient.

    Common factors stay, so that a pole of either side remains a root of the denominator.
    """
    try:
        trees = canonical(left), canonical(right)
        if {repr(x) for tree in trees for x in _indeterminates(tree)} - {repr(Variable(variable))}:
            return None
        ring = _Ring([repr(Variable(variable))])
        (p, q), (r, s) = (ring.quotient(tree) for tree in trees)
        return _univariate(ring.product(p, s) - ring.product(r, q)), _univariate(ring.product(q, s))
    except (_TooLarge, ZeroDivisionError):
        return None


def _univariate(poly: fmpq_mpoly) -> fmpq_poly:
    found = {int(exponents[0]): coefficient for exponents, coefficient in poly.to_dict().items()}
    return fmpq_poly([found.get(degree, fmpq(0)) for degree in range(max(found, default=0) + 1)])


# --- for the rules of form: factors that are there, not only equality ----------------------------------------------


def share_factor(top: Expression, bottom: Expression) -> bool:
    """Whether a whole number or a polynomial divides both; then ``top / bottom`` can be reduced.

    Raises Undecided where they are too long to tell.
    """
    (p, q), (r, s) = _quotients(top, bottom)
    if p.gcd(r).total_degree() > 0:
        return True
    return gcd((_content(p) / _content(q)).numerator, (_content(r) / _content(s)).numerator) > 1


def count_factors(x: Expression) -> int | None:
    """How many irreducible factors over Q ``x`` has beside numbers, each as often as it divides; None where ``x`` is no
    polynomial in its indeterminates, or zero. Raises Undecided where it is too long to tell."""
    ((top, bottom),) = _quotients(x)
    if not top or bottom.total_degree() > 0:
        return None
    if len(top) > MAX_FACTORED or sum(top.degrees()) > MAX_FACTORED:
        raise Undecided("the expression is too long to be factored")
    return sum(int(exponent) for _, exponent in top.factor()[1])


def _quotients(*trees: Expression) -> list[Quotient]:
    """Numerators and denominators, in one ring."""
    try:
        trees = tuple(_normalised(canonical(tree)) for tree in trees)
        ring = _Ring(sorted({repr(node) for tree in trees for node in _indeterminates(tree)}))
        return [ring.quotient(tree) for tree in trees]
    except (_TooLarge, ZeroDivisionError, RecursionError) as error:
        raise Undecided("the expression is too long, or has no value, so that its form cannot be told") from error


def _content(poly: fmpq_mpoly) -> Fraction:
    """The number that can be taken out of all coefficients at once; 0 for zero."""
    coefficients = [Fraction(int(c.p), int(c.q)) for c in poly.coeffs()]
    return Fraction(gcd(*(c.numerator for c in coefficients)), lcm(*(c.denominator for c in coefficients)))
