"""Equal, unequal with a witness, or undecided: never a wrong verdict, always the same one."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path

import flint
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.comparing import Pair, judge_pair, read_pairs
from grader.errors import GraderError, Undecided
from grader.math.domains import domain
from grader.math.equality import compare
from grader.math.evaluate import Book, Point, evaluate
from grader.math.reader import read_expression
from grader.math.tree import Add, Apply, Expression, Multiply, Number, Power, Reduce, Variable, children, rebuild
from grader.math.values import Unclear, Undefined, ball, precision
from grader.spec import Symbol
from tests.math.common import SYMBOLS, any_tree, judged, leaves, number, read, reductions, trees, verdict

# --- the shared pairs ---

PAIRS = read_pairs(Path(__file__).parent.parent / "data" / "expression_pairs.json")
NEEDS_A_PROOF = re.compile(r"\\infty")  # which takes a process with a deadline: see test_decide


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.id}: {pair.key} ~ {pair.response}")
def test_shared_pair(pair: Pair) -> None:
    found = judge_pair(pair).decision
    truth = "equal" if pair.equal else "unequal"
    assert found in ({truth, "undecided"} if NEEDS_A_PROOF.search(pair.key) else {truth})


# --- verdicts ---

EQUAL = [
    ("-1/(1-D)", "1/(D-1)", "exact"),
    ("x + y", "y + x", "identical"),
    ("sum(k_i, i=1..n)", "sum(k_j, j=1..n)", "identical"),
    ("exp(x)", "e^x", "identical"),
    ("sqrt(x)", "x^(1/2)", "identical"),
    ("2*3", "6", "identical"),
    ("(x+y)^2", "x^2 + 2*x*y + y^2", "exact"),
    ("f((x+y)^2)", "f(x^2+2*x*y+y^2)", "exact"),
    ("abs(r)", "r", "exact"),
    ("abs(-r)", "r", "sampled|exact"),
    ("x/x", "1", "exact"),
    ("r*cos(theta)^2 + r*sin(theta)^2", "r", "sampled"),
    ("log(r*T)", "log(r) + log(T)", "sampled"),
    ("exp(log(r))", "r", "sampled"),
    ("2^(n+1)", "2*2^n", "sampled"),
    ("sqrt(x^2)", "abs(x)", "sampled"),
    ("max(x, y)", "(x + y + abs(x - y))/2", "sampled"),
    ("(-1)^(2*n)", "1", "sampled"),
    ("cos(pi*n)", "(-1)^n", "sampled"),
    ("n!", "n*(n-1)!", "sampled"),
    ("binom(n, m)", "n!/(m!*(n-m)!)", "sampled"),
    ("sum(i, i=1..n)", "n*(n+1)/2", "sampled"),
    ("sum(k_i - 1, i=1..n)", "sum(k_i, i=1..n) - n", "sampled"),
    ("prod(k_i, i=1..n) - 1", "k_1*prod(k_i, i=2..n) - 1", "sampled"),
    ("log(prod(k_i, i=1..n))", "sum(log(k_i), i=1..n)", "sampled"),
    ("p(x)/p(y)", "exp(log(p(x)) - log(p(y)))", "sampled"),
    ("r*p_XY(r*cos(theta), r*sin(theta))", "p_XY(cos(theta)*r, r*sin(theta))*r", "identical"),
    ("log(1/4)", "-log(4)", "sampled"),
    ("tanh(x)", "(exp(2*x)-1)/(exp(2*x)+1)", "sampled"),
]
UNEQUAL = [
    ("r", "-r"),
    ("r", "1/r"),
    ("r", "r^2"),
    ("r", "2*r"),
    ("r", "r + 1"),
    ("r", "T"),
    ("log(x)", "log_2(x)"),
    ("log(x)", "log(y)"),
    ("x^2", "x^3"),
    ("abs(x)", "x"),
    ("sqrt(x^2)", "x"),
    ("abs(x - 3)", "3 - x"),
    ("sin(x)", "cos(x)"),
    ("sin(x)", "x"),
    ("(-1)^n", "1"),
    ("2^n", "n^2"),
    ("n!", "n^n"),
    ("n*(n+1)/2", "n*(n-1)/2"),
    ("k_1", "k_2"),
    ("k_n", "k_1"),
    ("f(x)", "f(y)"),
    ("f(x)", "f(-x)"),
    ("f(x)", "p(x)"),
    ("f(x)", "g(x)"),
    ("f(x) - g(x)", "g(x) - f(x)"),
    ("p(x)*p(y)", "p(x+y)"),
    ("p_XY(x, y)", "p_XY(y, x)"),
    ("p_XY(x, y)", "p(x)*p(y)"),
    ("prod(k_i, i=1..n) - 1", "prod(k_i - 1, i=1..n)"),
    ("prod(k_i, i=1..n)", "prod(k_i, i=0..n)"),
    ("prod(k_i, i=1..n)", "prod(k_i, i=1..n-1)"),
    ("prod(k_i, i=1..n)", "sum(k_i, i=1..n)"),
    ("sum(k_i, i=1..n)", "n*k_1"),
    ("sum(k_i, i=1..n)^2", "sum(k_i^2, i=1..n)"),
    ("sum(k_i, i=1..m)", "sum(k_i, i=1..n)"),
    ("m", "n"),
    ("1/(1-D)", "1/(1+D)"),
    ("1/15", "1/16"),
    ("22/7", "pi"),
    ("max(T, 1)", "T"),
]


@pytest.mark.parametrize(("first", "second", "rung"), EQUAL)
def test_equal(first: str, second: str, rung: str) -> None:
    found = judged(first, second)
    assert found.kind == "equal"
    assert found.rung in rung.split("|")
    assert verdict(second, first) == "equal"


@pytest.mark.parametrize(("first", "second"), UNEQUAL)
def test_unequal(first: str, second: str) -> None:
    found = judged(first, second)
    assert found.kind == "unequal"
    assert found.witness is not None
    assert found.values is not None
    assert verdict(second, first) == "unequal"


def test_the_witness_shows_the_difference() -> None:
    found = judged("r^2", "r")
    assert found.witness is not None
    assert found.values is not None
    r = Fraction(found.witness["r"])
    assert float(found.values[0] if "/" not in found.values[0] else Fraction(found.values[0])) == pytest.approx(
        float(r**2)
    )
    assert Fraction(found.values[1]) == r
    assert r**2 != r


def test_a_witness_names_the_elements_it_used() -> None:
    found = judged("sum(k_i, i=1..n)", "n*k_1")
    assert found.witness is not None
    assert {"n", "k_1", "k_2"} <= found.witness.keys()


def test_values_far_too_close_for_floats_are_told_apart() -> None:
    assert verdict("exp(pi*sqrt(163))", "640320^3 + 744") == "unequal"
    assert verdict("e^(10^-30)", "1 + 10^-30") == "unequal"


# --- what may not be called equal ---

HIDDEN = [
    "r + exp(-1000)",
    "r + 10^(-40)",
    "r + 10^(-300)",
    "r*(1 + 2^(-90))",
    "r + exp(-exp(10))",
    "r + r*exp(-10^6)",
    "r*tanh(1000)",
    "r + log(1 + exp(-10000))",
    "r*exp(exp(-1000))",
    "r*cos(exp(-1000))",
    "r + 1/factorial(1000)",
    "r + tanh(r*10^30) - 1",
    "r^(1 + 10^(-30))",
    "exp(log(r)*(1 + 10^(-30)))",
    "sqrt(r^2 + 10^(-60))",
    "max(r, 10^30)",
    "min(r, 10^30)",
    "max(r, 10^(-30))",
    "max(r, exp(20))",
    "r + abs(r-1000) + r - 1000",
    "r + abs(1000-r) - (1000-r)",
    "r + sqrt((7919-r)^2) - (7919-r)",
    "r*sign(1000-r)",
    "r*sqrt((1001-r)^2)/(1001-r)",
    "r + n*(n-1)*(n-2)*(n-3)*(n-4)*(n-5)*(n-6)",
    "r + sum(1, i=50..n)",
    "r + binom(n, 40)",
    "r + 0^abs(n-50)",
    "r + max(n-40, 0)",
    "r + (r/(1+r))^10000",
    "r + sum(exp(-200*i), i=1..n)",
    "r + sin(pi*n)*exp(-1000)",
    "r + 10^350*(sqrt(2)*sqrt(3) - sqrt(6)) + 1",
    "r + D^1000",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_hides_is_never_equal(text: str) -> None:
    assert verdict(text, "r") != "equal"


@pytest.mark.parametrize(("first", "second"), [("f(r + exp(-200))", "f(r)"), ("f(r*(1 + 10^(-40)))", "f(r)")])
def test_a_tiny_change_of_an_argument_is_seen(first: str, second: str) -> None:
    assert verdict(first, second) != "equal"


#: wrong expressions that agree with the right one at many points, with a switch or a kink where nobody looks
DECOYS = "+".join(f"{i}-{i}" for i in range(2, 16))
TRAPS = [
    ("prod(n-i, i=1..100)", "0"),
    ("r + prod(n-i, i=1..60)", "r"),
    ("max(n, 33)", "33"),
    ("r + max(n, 40) - 40", "r"),
    ("r + 0^((n-50)^2)", "r"),
    ("r + sqrt((r-7919)^2) + r - 7919", "r"),
    (f"{DECOYS} + r + sqrt((7919-r)^2) - (7919-r)", "r"),
    ("r + sqrt((exp(8)-r)^2) - (exp(8)-r)", "r"),
    ("r + sum(1, i=5!..n)", "r"),
    ("r*sqrt((50-n)^2)/(50-n)", "r"),
    ("r + binom(n, 5!)", "r"),
    ("r*binom(binom(n, 5!), 0)^2 + 0^binom(n, 5!) - 1", "r"),
    ("sqrt((20-f(x))^2)", "20-f(x)"),
    ("sqrt((20-a_1)^2)", "20-a_1"),
    ("r*cos(2*pi*26771144400/n)", "r"),
    ("r", "r + sum(1, i=50..n)"),
    ("r", "r + sqrt((7919-r)^2) - (7919-r)"),
    ("r + infinity - infinity", "r"),
    ("r*infinity/infinity", "r"),
    ("infinity/infinity", "1"),
    ("log(-1)/log(-1)", "1"),
    ("r*log(-1)/log(-1)", "r"),
    ("r + 0*log(-1)", "r"),
    ("0*infinity", "0"),
    ("1000*arccos(cos(r/1000))", "r"),
    ("1000*arctan(tan(r/1000))", "r"),
    ("1000*arcsin(sin(r/1000))", "r"),
    ("10^9*arcsin(sin(r/10^9))", "r"),
    ("r*(exp(40)-r)/((exp(40)-r)^2)^(1/2)", "r"),
    ("r + ((exp(30)-r)^4)^(1/4) - (exp(30)-r)", "r"),
    (f"{DECOYS} + r + ((10^9-r)^2)^(1/2) - (10^9-r)", "r"),
    (f"{DECOYS} + r + exp(log((10^9-r)^2)/2) - (10^9-r)", "r"),
    (f"r*cos(2*pi*{9973 * 7919 * 6007 * 997 * 42 * 301}*r)", "r"),
]


@pytest.mark.parametrize(("wrong", "right"), TRAPS)
def test_traps(wrong: str, right: str) -> None:
    assert verdict(wrong, right) != "equal"


def test_elements_are_sampled_beyond_twenty() -> None:
    assert verdict("k_1*cos(2*pi*17*prod(i, i=1..19)/k_1)", "k_1") != "equal"


def test_zero_is_always_tried() -> None:
    assert "equal" not in {verdict("sign(x)^2", "1", str(seed)) for seed in range(40)}


@pytest.mark.parametrize(("first", "second"), [("2*log(x)", "log(x^2)"), ("sqrt(x)^2", "x")])
def test_half_of_the_domain_is_no_matter_of_luck(first: str, second: str) -> None:
    found = [judged(first, second, str(seed)) for seed in range(30)]
    assert {(verdict.kind, verdict.mismatch) for verdict in found} == {("equal", "part")}
    assert {verdict(second, first, str(seed)) for seed in range(30)} == {"undecided"}  # a key that has no value


def test_a_bound_variable_has_no_domain() -> None:
    symbols = {"i": Symbol(domain="positive")}
    first, second = (read_expression(t, symbols) for t in ("sum(abs(i), i=-5..5)", "sum(i, i=-5..5)"))
    assert compare(first, second, symbols, "seed").kind == "unequal"


# --- undecided ---


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("log(-r)", "r", "no value"),
        ("log(x^2)", "2*log(x)", "part of the domain"),
        ("x", "sqrt(x)^2", "part of the domain"),
        ("r + exp(-1000)", "r", "too small"),
        ("sum(i, i=1..10^9)", "1", "terms"),
        ("r + 9^9^9^9", "r", "beyond all bounds"),
        ("max(r, 0)", "r + max(-r, 0)", "never reached"),
    ],
)
def test_undecided_says_why(first: str, second: str, reason: str) -> None:
    found = judged(first, second)
    assert found.kind == "undecided"
    assert re.search(reason, found.reason)


def test_where_the_first_has_no_value_is_told() -> None:
    assert judged("2*log(x)", "log(x^2)").undefined_at is not None
    assert judged("log(x^2)", "2*log(x)").undefined_at is None


@pytest.mark.parametrize(("first", "second"), [("r", "r"), ("r^2", "r"), ("2*log(x)", "log(x^2)"), ("max(r,1)", "r")])
@pytest.mark.parametrize("seed", ["a", "b"])
def test_same_seed_same_verdict(first: str, second: str, seed: str) -> None:
    assert judged(first, second, seed) == judged(first, second, seed)


@pytest.mark.parametrize("seed", [str(n) for n in range(25)])
def test_no_seed_makes_a_right_answer_wrong_or_a_wrong_one_right(seed: str) -> None:
    assert verdict("r*cos(theta)^2 + r*sin(theta)^2", "r", seed) == "equal"
    assert verdict("prod(k_i, i=1..m) - 1", "prod(k_i, i=1..n) - 1", seed) == "unequal"
    assert verdict("p_XY(r*sin(theta), r*cos(theta))", "p_XY(r*cos(theta), r*sin(theta))", seed) == "unequal"


def test_the_working_precision_is_left_as_it_was() -> None:
    before = flint.ctx.prec
    judged("r + exp(-1000)", "r")
    assert flint.ctx.prec == before


# --- properties ---


@settings(max_examples=60)
@given(any_tree)
def test_reflexive(tree: Expression) -> None:
    assert compare(tree, tree, SYMBOLS, "seed").kind == "equal"


@settings(max_examples=60)
@given(trees, trees)
def test_symmetric(a: Expression, b: Expression) -> None:
    kinds = {compare(a, b, SYMBOLS, "seed").kind, compare(b, a, SYMBOLS, "seed").kind}
    assert kinds != {"equal", "unequal"}
    assert len(kinds) == 1 or kinds == {"undecided", "unequal"} or kinds == {"undecided", "equal"}


def shuffled(tree: Expression) -> Expression:
    parts = tuple(map(shuffled, children(tree)))
    return rebuild(tree, parts[::-1] if isinstance(tree, Add | Multiply) else parts)


@settings(max_examples=60)
@given(st.one_of(trees, reductions()))
def test_the_order_of_terms_and_factors_is_no_difference(tree: Expression) -> None:
    found = compare(shuffled(tree), tree, SYMBOLS, "seed")
    assert (found.kind, found.rung) == ("equal", "identical")


NAMES = {"exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "sqrt": sympy.sqrt}
NAMES |= {"abs": sympy.Abs, "tanh": sympy.tanh}
PLACE = {"r": Fraction(7, 5), "x": Fraction(-3, 7), "theta": Fraction(11, 9), "D": Fraction(2, 7)}


def to_sympy(x: Expression) -> sympy.Expr:
    match x:
        case Number(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Variable(name):
            return sympy.Rational(PLACE[name].numerator, PLACE[name].denominator)
        case Add(parts):
            return sympy.Add(*map(to_sympy, parts))
        case Multiply(parts):
            return sympy.Mul(*map(to_sympy, parts))
        case Power(base, exponent):
            return to_sympy(base) ** to_sympy(exponent)
        case Apply(name, (argument,)):
            return NAMES[name](to_sympy(argument))
    raise AssertionError(x)


@settings(max_examples=250)
@given(trees)
def test_values_agree_with_sympy(tree: Expression) -> None:
    point = Point(dict(PLACE), "", {name: domain("real") for name in PLACE})
    with precision(256):
        try:
            value = ball(evaluate(tree, point, Book()))
        except (Undefined, Unclear, Undecided):
            assume(False)
    there = sympy.N(to_sympy(tree), 30, maxn=400)
    assume(there.is_comparable and abs(there) < 10**200 and not abs(value) > 10**200)
    assert there.is_real
    assert math.isclose(float(value.mid().str(25, radius=False)), float(there), rel_tol=1e-12, abs_tol=1e-12)


def test_undefined_here_is_not_real_there() -> None:
    for text in ("log(x)", "sqrt(x)", "1/(x-x)", "x^(1/2)", "arcsin(2)", "log(0)", "0^(-1)", "log_1(5)", "(-3)!"):
        point = Point(dict(PLACE), "", {name: domain("real") for name in PLACE})
        with pytest.raises(Undefined):
            evaluate(read(text), point, Book())


def places(tree: Expression) -> list[tuple[int, ...]]:
    return [()] + [(at, *rest) for at, child in enumerate(children(tree)) for rest in places(child)]


def changed(tree: Expression, path: tuple[int, ...], change: object) -> Expression:
    if not path:
        return change(tree)  # type: ignore[operator]
    parts = list(children(tree))
    parts[path[0]] = changed(parts[path[0]], path[1:], change)
    return rebuild(tree, tuple(parts))


CHANGES = {
    "sign": lambda x: Multiply((number(-1), x)),
    "factor": lambda x: Multiply((number(2), x)),
    "term": lambda x: Add((x, number("1/7"))),
    "square": lambda x: Power(x, number(2)),
}
VALUED = {name: SYMBOLS[name] for name in ("r", "x", "theta", "D")}


@settings(max_examples=200)
@given(trees, st.sampled_from(sorted(CHANGES)), st.data())
def test_a_mutation_is_found_unless_it_changes_nothing(tree: Expression, change: str, data: st.DataObject) -> None:
    mutant = changed(tree, data.draw(st.sampled_from(places(tree))), CHANGES[change])
    point = Point(PLACE, "", {name: domain("real") for name in PLACE})
    try:
        with precision(200):
            values = [ball(evaluate(side, point, Book())) for side in (mutant, tree)]
    except GraderError:
        assume(False)
    assume(not (values[0] - values[1]).contains(0))
    found = compare(mutant, tree, VALUED, "seed")
    assert found.kind == "unequal" or (found.kind == "undecided" and "no value" in found.reason)


def reduction_mutants(x: Reduce) -> dict[str, Reduce]:
    more = Add((x.high, number(1)))
    return {
        "bound up": Reduce(x.operation, x.variable, x.low, more, x.body),
        "bound down": Reduce(x.operation, x.variable, x.low, Add((x.high, number(-1))), x.body),
        "lower bound": Reduce(x.operation, x.variable, Add((x.low, number(-1))), x.high, x.body),
        "other operation": Reduce("sum" if x.operation == "prod" else "prod", x.variable, x.low, x.high, x.body),
        "body squared": Reduce(x.operation, x.variable, x.low, x.high, Power(x.body, number(2))),
        "body plus one": Reduce(x.operation, x.variable, x.low, x.high, Add((x.body, number(1)))),
        "body doubled": Reduce(x.operation, x.variable, x.low, x.high, Multiply((number(2), x.body))),
    }


@pytest.mark.parametrize("mutation", sorted(reduction_mutants(read("sum(i, i=1..n)"))))  # type: ignore[arg-type]
@pytest.mark.parametrize(
    "text", ["sum(k_i - 1, i=1..n)", "prod(k_i, i=m+1..n)", "sum((k_i-1)*prod(k_j, j=1..i-1), i=1..n)"]
)
def test_a_mutated_sum_or_product_is_unequal(text: str, mutation: str) -> None:
    tree = read(text)
    assert isinstance(tree, Reduce)
    allowed = {"unequal"} | ({"undecided"} if mutation == "lower bound" else set())  # j=1..-1 means nothing
    assert compare(reduction_mutants(tree)[mutation], tree, SYMBOLS, "seed").kind in allowed


@settings(max_examples=60)
@given(leaves, st.sampled_from(["r*x", "sin(theta)", "exp(x)/r", "log(r) - x", "1/(1-D)"]))
def test_adding_anything_but_zero_is_a_difference(added: Expression, text: str) -> None:
    assume(added != number(0))
    assert compare(Add((read(text), added)), read(text), SYMBOLS, "seed").kind == "unequal"
