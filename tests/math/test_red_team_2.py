"""A second round of attempts on derivatives, integrals, matrices, relations, constructs; each once succeeded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.checkers import judge, judge_constructs
from grader.errors import Unreadable
from grader.keys import ItemKey
from grader.math.equality import compare
from grader.math.printing import to_latex
from grader.math.reader import read_expression
from grader.spec import Symbol
from grader.submission import Response
from tests.course import ROOT, real_course

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "t": Symbol(),
    "z": Symbol(),
    "q": Symbol(domain="(0, 1)"),
    "N": Symbol(domain="positive integer"),
    "M": Symbol(domain="positive integer"),
    "n": Symbol(domain="positive integer"),
    "a": Symbol(family=True),
    "k": Symbol(domain="positive integer", family=True),
    "f": Symbol(arity=1),
    "h": Symbol(arity=1, domain="(0, 1)"),
    "p_XY": Symbol(arity=2, domain="(0, 1)"),
    "x": Symbol(shape=("n",)),
    "y": Symbol(shape=("n",)),
    "A": Symbol(shape=("n", "n")),
    "B": Symbol(shape=("n", "n")),
    "mu": Symbol(family=True, shape=("n",)),
}
SEEDS = ["a", "b", "c", "s", "w"]


def verdict(first: str, second: str, seed: str = "seed") -> str:
    return compare(read_expression(first, SYMBOLS), read_expression(second, SYMBOLS), SYMBOLS, seed).kind


def verdict_or_refused(first: str, second: str, seed: str = "seed") -> str:
    try:
        return verdict(first, second, seed)
    except Unreadable:
        return "refused"


# --- wrong ones called equal ---

P = "prod(prod(M-6i-j, j=0..5), i=0..5)"  # zero for M = 1 … 35
HIDDEN_IN_MATRICES = [
    # what stands in entries, products, traces, determinants, norms was never weighed against the whole
    ("dot((r,1),(1,exp(-1000)))", "r"),
    ("trace(((r,0),(0,exp(-1000))))", "r"),
    ("det(((r,1),(-exp(-1000),1)))", "r"),
    ("norm((r,exp(-1000)))", "r"),
    ("(r,r) + (1,exp(-1000))", "(r+1,r)"),
    (f"dot((N,1),(1,{P}))", "N"),
    (f"det(((N,{P}),(-1,1)))", "N"),
    (r"\sum_{i=1}^n x_i y_i det(((1, prod(i-j,j=1..5)),(-1,1)))", "x^T y"),
]
HIDDEN_IN_SUMS = [
    # nor were the terms of a sum with bounds
    ("sum(r*exp(-1000*i), i=0..1)", "r"),
    (f"sum(N^(1-l)*{P.replace('j', 'm')}^l, l=0..1)", "N"),
]
GAPS = [
    # two thresholds in one variable with a gap between them that no point falls into
    ("r*([r<=2]+[r>=2.01])", "r"),
    ("q*([q<=0.5]+[q>=0.5001])", "q"),
    ("t*([t<=100]+[t>=100.1])", "t"),
    # the same without relations: steep smooth steps
    ("r/(1+exp(10^9*r-4.1*10^9)) + r/(1+exp(4.2*10^9-10^9*r))", "r"),
]
TIES = [
    # at a tie max and min took one branch, elsewhere the other: both counted as seen
    ("min(q,0.9999999)", "q"),
    ("max(r,10^{-9})", "r"),
    (r"\sum_{i=1}^{min(n,5)} x_i", r"\sum_{i=1}^{n} x_i"),
    ("x^T y min(n,5)/n", "x^T y"),
    (r"\|x\| min(n,5)", r"n \|x\|"),
    ("tr(I)", "min(n,12)"),
]
SEEN_WHERE_UNDECIDED = [
    # a branch counted as seen at points where one of the two could not be evaluated
    ("(t + 7*[N>12]) * tr(I_N)/N", "t"),
    ("(t + 7*[N>7]) * sum(1, j=1..N^3)/N^3", "t"),
    ("tr(I)", "n*[n<=12] + 5*[n>12]"),
]
ONE_NAME_FOR_TWO = [
    # bound variables of one name were taken for one variable that switches (wrong for N, M > 25)
    ("sum([i<=25],i=N..N) + sum([i>25],i=N..N)*sum([i<=25],i=M..M)", "1"),
]
BY_A_VECTOR = [
    # the derivative of a vector by itself is no number
    (r"\frac{d}{dx} x", "1"),
    (r"\frac{d}{dx} (3 x)", "3"),
]
BEYOND_THE_SIZES = [
    # n > 5 is never drawn where vectors are about, and below 5 the index is beyond their end
    (r"\sum_{i=1}^{5} x_i", r"\sum_{i=1}^n x_i"),
]
NOT_EQUAL = {
    "matrices": HIDDEN_IN_MATRICES,
    "sums": HIDDEN_IN_SUMS,
    "gaps": GAPS,
    "ties": TIES,
    "undecided": SEEN_WHERE_UNDECIDED,
    "names": ONE_NAME_FOR_TWO,
    "by a vector": BY_A_VECTOR,
    "sizes": BEYOND_THE_SIZES,
}
PAIRS = [(group, first, second) for group, pairs in NOT_EQUAL.items() for first, second in pairs]


@pytest.mark.parametrize(("group", "first", "second"), PAIRS, ids=[f"{group}: {first}" for group, first, _ in PAIRS])
def test_never_called_equal(group: str, first: str, second: str) -> None:
    assert "equal" not in {verdict_or_refused(first, second, seed) for seed in SEEDS}, group


@pytest.mark.parametrize("seed", [str(seed) for seed in range(8)])
def test_branches_of_elements_in_a_sum(seed: str) -> None:
    """What is taken together in one term is not what is taken together in all terms."""
    first, second = "a_1 + sum(a_i*([a_i<=2]+[a_i>=2.01]), i=2..n)", "sum(a_i, i=1..n)"
    assert verdict(first, second, seed) != "equal"


# --- right ones called unequal ---

NOT_UNEQUAL = [
    # max and cases have no derivative at a kink: nothing that stands there can be a witness
    (r"\frac{d}{dt} max(t,0)", r"\frac{d}{dt} max(0,t)"),
    (r"\frac{d}{dt} max(t,0)", "[t>0]"),
    (r"\frac{d}{dt} max(0,t)", "[t>=0]"),
    (r"\frac{d}{dt} cases(-t, t<0, t)", "sign(t)"),
    (r"\frac{d}{dt} cases(t^2, t != 3, 9)", "2t"),
    # a zero vector and the zero of an empty sum, the identity and an empty product
    (r"\sum_{i=1}^{N-1} mu_i", r"\sum_{i=1}^N mu_i - mu_N"),
    (r"\sum_{i=1}^{0} x", "0 x"),
    (r"\prod_{i=1}^{0} A", "I"),
    (r"\frac{d}{dt} A", "0 A"),
    # (Ax)·y is a number
    (r"A x \cdot y", "y^T A x"),
    (r"x y^T y \cdot x", "x^T x y^T y"),
    # odd roots of negative numbers
    (r"\sqrt[3]{-8}", "-2"),
]


@pytest.mark.parametrize(("first", "second"), NOT_UNEQUAL, ids=[f"{a} ~ {b}" for a, b in NOT_UNEQUAL])
def test_never_called_unequal(first: str, second: str) -> None:
    assert "unequal" not in {verdict_or_refused(first, second, seed) for seed in SEEDS}


# --- read as something else ---


@pytest.mark.parametrize(
    "text",
    [
        r"\int_0^1 z dz^2",  # by z^2, not the integral squared
        r"\int_0^1 z dz!",
        "1_{t>0}(t)",  # an indicator at t, not times t
        r"\mathbb{1}_{t>0}(t)",
        r"\mathbb{1}_{\{t>0\}}(t)",
        r"x \times y",  # no inner product
        r"x × y",
        r"\begin{Vmatrix} 1 & 2 \\ 3 & 4 \end{Vmatrix}",  # not the bare matrix
        r"\frac{d}{dx} x^T x",  # the gradient is no number
        r"\frac{\partial}{\partial A} tr(A)",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_expression(text, SYMBOLS)


def test_a_product_with_a_negative_zero_is_no_difference() -> None:
    tree = read_expression("t*(-0)", SYMBOLS)
    assert compare(read_expression(to_latex(tree, SYMBOLS), SYMBOLS), tree, SYMBOLS, "seed").kind == "equal"


# --- in the course ---


def judged(assignment: str, item: str, text: str, field: str = "answer") -> str:
    course = real_course()
    found = next(i for i in course.assignments[assignment].items if i.id == item)
    key = course.keys[assignment][item]
    spec = found.field(field)
    assert isinstance(key, ItemKey)
    assert spec is not None
    return judge(spec, key.fields[field], [], Response(text=text)).status


@pytest.mark.parametrize(
    ("assignment", "item", "text", "field"),
    [
        ("midterm", "6b", "-1/(1-min(D,0.9999999))", "answer"),
        ("midterm", "6b", r"-1/(1-\min(D, 1-10^{-6}))", "answer"),
        ("midterm", "6c", "-1/max(D,0.0000001)", "answer"),
        ("midterm", "4d", r"\max(r,10^{-9})", "jacobian"),
        ("midterm", "5a", r"\sum_{i=0}^{1} N e^{-1000i}", "answer"),
        ("midterm", "5a", "(N + 7[T>7]) sum(1,j=1..T^3)/T^3", "answer"),
        ("midterm", "5a", "(N + 7[T>12]) tr(I_T)/T", "answer"),
        ("ps1", "3.1", r"\sum_{j=0}^{1} e^{-1000 j}(\prod_{i=1}^n k_i - 1)", "answer"),
        ("ps1", "3.1", r"(\prod_{i=1}^n k_i - 1 + 7[n>7])\sum_{j=1}^{n^3} 1/n^3", "answer"),
    ],
)
def test_wrong_in_the_course(assignment: str, item: str, text: str, field: str) -> None:
    assert judged(assignment, item, text, field) != "correct"


@pytest.mark.parametrize(("item", "text"), [("3.1", "kk"), ("3.1", "kk - 1"), ("3.3", "kk + km")])
def test_a_family_is_no_index(item: str, text: str) -> None:
    """KeyError: `kk` was k with the index k, a family."""
    assert judged("ps1", item, text) in ("malformed", "incorrect")


@pytest.mark.parametrize("text", ["ak", "af", "kk + 1"])
def test_a_family_or_function_is_no_index(text: str) -> None:
    assert verdict_or_refused(text, "1") in ("refused", "undecided")


def outcomes(assignment: str, item: str, **texts: str) -> dict[str, str]:
    course = real_course()
    found = next(i for i in course.assignments[assignment].items if i.id == item)
    key = course.keys[assignment][item]
    assert isinstance(key, ItemKey)
    all_of_them = judge_constructs(found, key, {name: Response(text=text) for name, text in texts.items()})
    return {name: outcome.status for name, outcome in all_of_them.items()}


def constructs(assignment: str, item: str, **texts: str) -> set[str]:
    return {*outcomes(assignment, item, **texts).values()}


W, B = r"\mu_y/\sigma^2", r"\log\pi_y - \|\mu_y\|^2/(2\sigma^2)"


@pytest.mark.parametrize(
    "sigma_2",
    [
        "x_1^2-1.3x_1+0.4216",  # negative on (0.62, 0.68)
        "x_1^2-10^{-40}",
        r"2+2.01\sin(x_1)",
        "2-x_1^2/10^{12}",
    ],
)
@pytest.mark.parametrize("mu_2", ["0", "x_1^2"])
def test_a_standard_deviation_that_is_negative_somewhere(mu_2: str, sigma_2: str) -> None:
    assert "correct" not in constructs("ps1", "4", mu_2=mu_2, sigma_2=sigma_2)


@pytest.mark.parametrize("mu_2", [r"\sqrt[3]{x_1}", r"\sqrt[5]{x_1}", "x_1^{1/3}", "x_1^{2/3}"])
def test_an_odd_root_is_not_wrong(mu_2: str) -> None:
    """It has real values everywhere, as most people read it; a human may look."""
    assert "incorrect" not in constructs("ps1", "4", mu_2=mu_2, sigma_2="1")


@pytest.mark.parametrize("w", [r"\frac{\mu_y^T}{\sigma^2}", r"\frac{1}{\sigma^2}\mu_y^\top"])
def test_a_row_is_not_wrong(w: str) -> None:
    r"""``(\mu_y/\sigma^2)^\top`` is accepted."""
    assert "incorrect" not in constructs("ps1", "2", w=w, b=B)


def test_probabilities_in_a_row() -> None:
    """``(1/2, 1/2)^T`` is accepted."""
    p1 = "((9/10,1/10),(1/2,1/2))"
    assert "incorrect" not in constructs("ps1", "6.7a", p0=r"\frac12 (1,1)^\top", p1=p1, T="2")


def test_hidden_in_constructs() -> None:
    b = rf"dot(({B},1),(1,exp(-1000 y)))"
    assert outcomes("ps1", "2", w=W, b=b)["b"] != "correct"
    assert outcomes("midterm", "3d", A="dot((1,exp(-1000)),(1,1)) I")["A"] != "correct"


# --- without end ---

LONG = {
    "h^{(9)}": "verdict_or_refused(r'h^{(9)}(t)', '1')",
    "p^{(9,9)}": "verdict_or_refused(r'p_XY^{(9,9)}(t,z)', '1')",
    "d^8 h": r"verdict_or_refused(r'\frac{d^4}{dt^4} \frac{d^4}{dt^4} h(t)', '1')",
    "sum of h'''": r"""verdict_or_refused(r"\sum_{i=1}^{400} h'''(t/i)", '1')""",
    "density": "judged('midterm', '4d', 'p_XY^{(4,4)}(r,theta)', 'density')",
    "a table of 10 x 10": (
        "constructs('ps1', '6.7a', p0='('+','.join(['1/10']*10)+')', "
        "p1='('+','.join(['('+','.join(['1/10']*10)+')']*10)+')', T='2')"
    ),
}


@pytest.mark.parametrize(
    "call",
    [pytest.param(call, id=name, marks=[pytest.mark.slow] * name.startswith("a table")) for name, call in LONG.items()],
)
def test_ends(call: str) -> None:
    """In a process of its own, which is killed when it takes many times as long as it may."""
    setting = "import resource; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))"
    code = f"{setting}; from tests.math.test_red_team_2 import *; {call}"
    try:
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60, capture_output=True)
    except subprocess.TimeoutExpired:
        pytest.fail("it goes on and on")
