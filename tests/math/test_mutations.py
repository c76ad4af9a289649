"""A changed expression is never called equal to the one it was, unless another evaluation finds them equal, too."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import Any

import mpmath
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.math import equality
from grader.math.canonical import canonical
from grader.math.domains import domain, random_point
from grader.math.equality import compare
from grader.math.reader import read_expression
from grader.math.tree import (
    Add,
    Apply,
    Constant,
    Derivative,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    free_names,
    negate,
    rebuild,
    walk,
)
from grader.math.values import precision
from grader.spec import Symbol
from tests.math.common import SYMBOLS, number, read
from tests.math.test_calculus import in_sympy

HERE = {name: SYMBOLS[name] for name in ("x", "r", "theta", "D")}
DIGITS = 60
POINTS = 8

# --- random expressions ---

plain = st.sampled_from([Variable("x"), Variable("r"), Variable("theta"), Variable("D")])
numbers = st.fractions(min_value=-4, max_value=4, max_denominator=4).map(Number)
ONE_ARGUMENT = ["exp", "log", "sin", "cos", "sqrt", "abs", "tanh", "arctan", "sign"]


def _node(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Add),
        several.map(Multiply),
        st.builds(Power, inner, st.sampled_from([-2, -1, 2, 3]).map(number)),
        st.builds(lambda name, x: Apply(name, (x,)), st.sampled_from(ONE_ARGUMENT), inner),
        st.builds(lambda name, parts: Apply(name, parts), st.sampled_from(["max", "min"]), several),
        st.builds(lambda a, b, c: Apply("cases", (a, Apply("less", (b, number(1))), c)), inner, plain, inner),
        st.builds(
            lambda op, high, body: Reduce(op, "i", number(1), number(high), Add((body, Variable("i")))),
            st.sampled_from(["sum", "prod"]),
            st.integers(2, 4),
            inner,
        ),
        st.builds(lambda x: Derivative("x", Multiply((Variable("x"), x))), inner),
    )


expressions = st.recursive(st.one_of(numbers, plain, plain), _node, max_leaves=6)

# --- mutations: of one node, to another that means something else as a rule ---


def of_number(x: Number, rng: random.Random) -> Expression:
    return Number(x.value + rng.choice((1, -1, Fraction(1, 1000), 10)) if rng.random() < 0.7 else 2 * x.value + 1)


def of_sum(x: Add, rng: random.Random) -> Expression:
    at = rng.randrange(len(x.terms))
    if rng.random() < 0.5:
        return Add(tuple(negate(t) if n == at else t for n, t in enumerate(x.terms)))  # a sign
    left = tuple(t for n, t in enumerate(x.terms) if n != at)  # a term less
    return Add(left) if len(left) > 1 else left[0]


def of_product(x: Multiply, rng: random.Random) -> Expression:
    at = rng.randrange(len(x.factors))
    if rng.random() < 0.3:
        return Add(x.factors)
    left = tuple(f for n, f in enumerate(x.factors) if n != at)
    return Multiply(left) if len(left) > 1 else left[0]


def of_power(x: Power, rng: random.Random) -> Expression:
    return Power(x.base, Add((x.exponent, number(rng.choice((1, -1)))))) if rng.random() < 0.6 else x.base


def of_function(x: Apply, rng: random.Random) -> Expression:
    if x.function == "cases":
        value, condition, other = x.arguments
        return Apply("cases", rng.choice([(other, condition, value), (value, _moved(condition), other)]))
    if x.function in ("max", "min"):
        return Apply("min" if x.function == "max" else "max", x.arguments)
    if x.function == "less":
        return _moved(x)
    if rng.random() < 0.3:
        return x.arguments[0]
    return Apply(rng.choice([name for name in ONE_ARGUMENT if name != x.function]), x.arguments)


def _moved(condition: Expression) -> Expression:
    """Another threshold, or the other side of it."""
    assert isinstance(condition, Apply)
    left, right = condition.arguments
    return Apply("less", (left, Add((right, number("1/2")))))


def of_reduction(x: Reduce, rng: random.Random) -> Expression:
    moved = {
        "low": Reduce(x.operation, x.variable, Add((x.low, number(1))), x.high, x.body),
        "high": Reduce(x.operation, x.variable, x.low, Add((x.high, number(1))), x.body),
        "less": Reduce(x.operation, x.variable, x.low, Add((x.high, number(-1))), x.body),
        "kind": Reduce("prod" if x.operation == "sum" else "sum", x.variable, x.low, x.high, x.body),
    }
    return moved[rng.choice(sorted(moved))]


def of_derivative(x: Derivative, rng: random.Random) -> Expression:
    return rng.choice([x.body, Derivative("r", x.body), Derivative("x", x)])


def of_variable(x: Variable, rng: random.Random) -> Expression:
    if x.name not in HERE:
        return Add((x, number(1)))
    return Variable(rng.choice([name for name in HERE if name != x.name]))


CHANGES: dict[type, Callable[[Any, random.Random], Expression]] = {
    Number: of_number,
    Add: of_sum,
    Multiply: of_product,
    Power: of_power,
    Apply: of_function,
    Reduce: of_reduction,
    Derivative: of_derivative,
    Variable: of_variable,
}


def mutant(x: Expression, rng: random.Random) -> Expression:
    """``x`` with one of its nodes changed."""
    target = rng.randrange(sum(1 for _ in walk(x)))
    places = count()

    def changed(node: Expression) -> Expression:
        if next(places) == target:
            return CHANGES[type(node)](node, rng) if type(node) in CHANGES else node
        return rebuild(node, tuple(map(changed, children(node))))

    return changed(x)


# --- the other evaluation: SymPy's derivatives, mpmath's numbers ---


def evaluated(x: Any, values: dict[str, Fraction]) -> Any:
    """The real value to many digits; None where there is none."""
    names = [sympy.Symbol(name, real=True) for name in values]
    with mpmath.workdps(DIGITS):
        put = [mpmath.mpf(value.numerator) / value.denominator for value in values.values()]
        try:
            found = mpmath.mpmathify(sympy.lambdify(names, x, "mpmath")(*put))
        except (ZeroDivisionError, ValueError, OverflowError, TypeError, NameError, KeyError):
            return None
        if not mpmath.isfinite(found) or abs(mpmath.im(found)) > mpmath.mpf(10) ** -(DIGITS // 2):
            return None
        return mpmath.re(found)


def compared(first: Expression, second: Expression, rng: random.Random) -> list[bool | None]:
    """At random points, whether the two have the same value there; None where one has none."""
    try:
        trees = [in_sympy(first), in_sympy(second)]
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return []
    domains = {name: domain(HERE[name].domain) for name in HERE}
    found: list[bool | None] = []
    for _ in range(POINTS):
        values = {name: random_point(inside, rng) for name, inside in domains.items()}
        left, right = (evaluated(tree, values) for tree in trees)
        if left is None or right is None:
            found.append(None)
            continue
        with mpmath.workdps(DIGITS):
            found.append(bool(abs(left - right) <= mpmath.mpf(10) ** -25 * (1 + abs(left) + abs(right))))
    return found


tally = {"equal": 0, "unequal": 0, "undecided": 0}


@settings(max_examples=200)
@given(expressions, st.integers(0, 10**9))
def test_a_mutant_is_equal_only_where_another_evaluation_agrees(x: Expression, seed: int) -> None:
    rng = random.Random(seed)
    changed = mutant(x, rng)
    verdict = compare(changed, x, HERE, "seed")
    tally[verdict.kind] += 1
    if verdict.kind == "equal":
        assert False not in compared(changed, x, rng)
    if verdict.kind == "unequal":
        assert canonical(changed) != canonical(x)
        assert verdict.witness is not None
        assert verdict.values is not None


def test_most_mutants_are_told_from_what_they_were() -> None:
    if sum(tally.values()):
        assert tally["unequal"] > sum(tally.values()) / 2
        assert tally["undecided"] < sum(tally.values()) / 4


@settings(max_examples=50)
@given(expressions, st.integers(0, 10**9))
def test_the_witness_of_a_mutant_is_one(x: Expression, seed: int) -> None:
    """Where the verdict says that the two differ, the other evaluation finds them different, too."""
    changed = mutant(x, random.Random(seed))
    verdict = compare(changed, x, HERE, "seed")
    if verdict.kind != "unequal" or verdict.witness is None:
        return
    values = {name: Fraction(value) for name, value in verdict.witness.items()}
    try:
        left, right = (evaluated(in_sympy(tree), values) for tree in (changed, x))
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        return
    if left is None or right is None or on_a_kink(x, changed):
        return
    with mpmath.workdps(DIGITS):
        assert abs(left - right) > mpmath.mpf(10) ** -(DIGITS - 15) * (abs(left) + abs(right))


def on_a_kink(*trees: Expression) -> bool:
    """SymPy gives derivatives a value at kinks, where there is none."""
    return any(isinstance(node, Derivative) for tree in trees for node in walk(tree))


def test_balls_agree_only_where_they_are_narrow() -> None:
    """Agreement means 80 bits of the larger value, not that two wide balls meet."""
    with precision(128):
        for size in (-40, 0, 40):
            assert equality._closeness(arb(0, arb(2) ** (size - 60)), size) <= equality.AGREEMENT_BITS
            assert equality._closeness(arb(2) ** (size - 70), size) <= equality.AGREEMENT_BITS
            assert 85 < equality._closeness(arb(0, arb(2) ** (size - 90)), size) <= 90
        for size in (0, -(10**9)):
            assert equality._closeness(fmpq(0), size) > equality.SHARP_BITS
    with precision(1024):
        assert equality._closeness(arb(0, arb(2) ** -600), -600) > equality.SHARP_BITS
        assert equality._closeness(arb(0, arb(2) ** -500), -500) <= equality.AGREEMENT_BITS


# --- reflexive and symmetric ---


@settings(max_examples=60)
@given(expressions)
def test_everything_is_equal_to_itself(x: Expression) -> None:
    assert compare(x, x, HERE, "seed").kind == "equal" or undecidable(x)


def undecidable(x: Expression) -> bool:
    """A derivative without a rule is nothing to compare."""
    return any(isinstance(node, Derivative) for node in walk(x))


@settings(max_examples=90)
@given(expressions, st.integers(0, 10**9))
def test_the_two_orders_never_contradict_each_other(x: Expression, seed: int) -> None:
    changed = mutant(x, random.Random(seed))
    kinds = {compare(changed, x, HERE, "seed").kind, compare(x, changed, HERE, "seed").kind}
    assert kinds != {"equal", "unequal"}


@settings(max_examples=60)
@given(expressions, st.randoms(use_true_random=False))
def test_another_order_of_terms_is_never_unequal(x: Expression, rng: random.Random) -> None:
    def shuffled(node: Expression) -> Expression:
        parts = [shuffled(part) for part in children(node)]
        if isinstance(node, Add | Multiply):
            rng.shuffle(parts)
        return rebuild(node, tuple(parts))

    assert compare(shuffled(x), x, HERE, "seed").kind != "unequal"


@settings(max_examples=35)
@given(expressions, st.integers(0, 10**9))
def test_no_seed_contradicts_another(x: Expression, seed: int) -> None:
    changed = mutant(x, random.Random(seed))
    kinds = {compare(changed, x, HERE, str(other)).kind for other in range(4)}
    assert not {"equal", "unequal"} <= kinds


# --- vectors, matrices, families ---

WIDE = SYMBOLS | {
    "A": Symbol(shape=("n", "n")),
    "B": Symbol(shape=("n", "n")),
    "u": Symbol(shape=("n",)),
    "v": Symbol(shape=("n",)),
}
TEXTS = [
    "dot(u, v) + x norm(u)^2",
    "u^T A B v",
    "tr(A B) + det(A)",
    "(A B)^T u",
    "A^{-1} u + v",
    "norm(u - v)^2 - 2 dot(u, v)",
    "sum(u_i v_i, i=1..n)",
    "diag(u) v",
    "sum(k_i - 1, i=1..n) prod(k_i, i=1..m)",
    "prod(k_i, i=1..n) - 1",
    "sum((k_i - 1) prod(k_j, j=1..i-1), i=1..n)",
    "r p_XY(r cos(theta), r sin(theta))",
    "f(x) p(x + y) - p(x)/f(y)",
    "diff(f(x^2), x) + f'(x)",
    "integral(x t^2, t=0..r)",
    "(x, y, r)^T (y, x, 1)",
    "[[x, y], [1, r]] (x, y)",
    "x [x > 1] + y [x <= y]",
]


def changed_text(x: Expression, rng: random.Random) -> Expression | None:
    """A mutant of a tree with matrices, with two arguments or factors swapped, or a number or sign changed."""
    target = rng.randrange(sum(1 for _ in walk(x)))
    places = count()

    def changed(node: Expression) -> Expression:
        parts = children(node)
        if next(places) == target:
            if isinstance(node, Number):
                return Number(node.value + rng.choice((1, -1, 2)))
            if isinstance(node, Apply) and node.function == "transpose":
                return node
            if len(parts) > 1 and not isinstance(node, Reduce | Power):
                return rebuild(node, (*parts[1:], parts[0]))
            if isinstance(node, Reduce):
                return Reduce(node.operation, node.variable, node.low, Add((node.high, number(1))), node.body)
            if isinstance(node, Variable | Constant):
                return Multiply((number(rng.choice((-1, 2))), node)) if node not in sizes else node
        return rebuild(node, tuple(map(changed, parts)))

    sizes = {Variable(name) for name in ("n", "m", "i", "j")}
    return changed(x)


@pytest.mark.parametrize("text", TEXTS)
def test_mutants_of_wider_expressions_never_contradict(text: str) -> None:
    """No oracle here: but two orders, two seeds and the way back must agree, and a changed tree is seldom the same."""
    tree = read_expression(text, WIDE)
    rng = random.Random(text)
    kinds = []
    for _ in range(12):
        changed = changed_text(tree, rng)
        assert changed is not None
        both = [compare(changed, tree, WIDE, "one").kind, compare(tree, changed, WIDE, "one").kind]
        other = compare(changed, tree, WIDE, "two").kind
        assert not {"equal", "unequal"} <= {*both, other}
        if canonical(changed) == canonical(tree):
            assert both[0] == "equal"
        else:
            kinds.append(both[0])
    assert "unequal" in kinds
    assert compare(tree, tree, WIDE, "one").kind == "equal"
    assert free_names(tree) <= {*WIDE, "i", "j", "t"}


def test_the_oracle_can_tell() -> None:
    """The other evaluation itself: it agrees with identities and sees what differs."""
    rng = random.Random(1)
    same = compared(read("sin(x)^2 + cos(x)^2"), read("1"), rng)
    assert same == [True] * POINTS
    assert False in compared(read("sin(x)"), read("cos(x)"), rng)
    assert set(compared(read("log(x - 10^9)"), read("1"), rng)) == {None}
