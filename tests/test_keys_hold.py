"""The keys of the two papers, each found a second time by another way than the grader's own mathematics."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
import sympy

from grader.keys import ItemKey, SelectKey
from tests.course import real_course


def key(assignment: str, item: str, field: str = "answer") -> str:
    found = real_course().keys[assignment][item]
    assert isinstance(found, ItemKey)
    field_key = found.fields[field]
    return ", ".join(field_key.must) if isinstance(field_key, SelectKey) else field_key.value


def test_4a_is_the_derivative_of_the_distribution_function() -> None:
    x = sympy.Symbol("x", positive=True)
    distribution = (sympy.cbrt(x) + 2) / 5  # P(Z^3 <= x) for x in (0, 27)
    assert Fraction(key("midterm", "4a")) == Fraction(str(sympy.diff(distribution, x).subs(x, 1)))


def test_4d_is_the_polar_jacobian() -> None:
    r, theta = sympy.symbols("r theta", positive=True)
    matrix = sympy.Matrix([r * sympy.cos(theta), r * sympy.sin(theta)]).jacobian([r, theta])
    assert key("midterm", "4d", "jacobian") == str(sympy.simplify(matrix.det()))


@pytest.mark.parametrize(("item", "loss"), [("6b", lambda d: sympy.log(1 - d)), ("6c", lambda d: -sympy.log(d))])
def test_6b_and_6c_are_the_gradients(item: str, loss: object) -> None:
    d = sympy.Symbol("D", positive=True)
    stated = sympy.Rational(-1) / ((1 - d) if item == "6b" else d)
    assert sympy.simplify(sympy.diff(loss(d), d) - stated) == 0  # type: ignore[operator]
    assert key("midterm", item).replace(" ", "") == {"6b": "-1/(1-D)", "6c": "-1/D"}[item]


def test_6d_is_where_the_second_gradient_is_the_larger() -> None:
    d = sympy.Symbol("D", real=True)
    inside = sympy.Interval.open(0, 1)
    where = sympy.solveset(1 / d > 1 / (1 - d), d, domain=inside)
    assert where == sympy.Interval.open(0, sympy.Rational(1, 2))
    assert key("midterm", "6d", "range") == "0 < D < 1/2"


def test_7a_the_partition_function_at_one_is_the_sum_of_all_probabilities() -> None:
    table = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    assert sum(table) == Fraction(key("midterm", "7a"))


def free_parameters(sizes: tuple[int, ...], order: int) -> int:
    """Rows of the conditional tables of an order-m chain, counted one by one: a row over k outcomes has k - 1."""
    total = 0
    for place, size in enumerate(sizes):
        parents = sizes[max(0, place - order) : place]
        total += sum(size - 1 for _ in itertools.product(*map(range, parents)))
    return total


@pytest.mark.parametrize("sizes", [(2, 2, 2), (2, 3, 5), (3, 2, 4, 2), (5, 3, 2, 2, 3)])
def test_3_1_and_3_3_by_counting_rows(sizes: tuple[int, ...]) -> None:
    n = len(sizes)
    k = dict(enumerate(sizes, 1))
    assert math.prod(sizes) - 1 == free_parameters(sizes, n)
    for m in range(1, n):
        head = math.prod(k[i] for i in range(1, m + 1)) - 1
        tail = sum((k[i] - 1) * math.prod(k[j] for j in range(i - m, i)) for i in range(m + 1, n + 1))
        assert head + tail == free_parameters(sizes, m)


def test_3_1_and_3_3_say_that() -> None:
    assert key("ps1", "3.1").replace(" ", "") == "prod(k_i,i=1..n)-1"
    assert key("ps1", "3.3").replace(" ", "") == ("prod(k_i,i=1..m)-1+sum((k_i-1)*prod(k_j,j=i-m..i-1),i=m+1..n)")


def test_6_1_is_the_least_number_of_bits() -> None:
    bits = int(key("ps1", "6.1"))
    assert 2 ** (bits - 1) < 50257 <= 2**bits


def test_6_2_counts_both_embeddings_and_the_bias() -> None:
    new = 60000 - 50257
    assert int(key("ps1", "6.2")) == new * 768 + new * 768 + new
    mistakes = real_course().keys["ps1"]["6.2"].mistakes  # type: ignore[union-attr]
    other = {mistake.when for mistake in mistakes if mistake.credit == "review"}
    assert {str(new * 768 * 2), str(new * 768)} <= other


def test_6_7a_joint_and_token_wise_scaling_differ_on_the_keys_own_tables() -> None:
    """The source paper says yes; these tables refute it."""
    assert key("ps1", "6.7a") == "no"
    p0, p1, temperature = (sympy.sympify(key("ps1", "6.7a", name)) for name in ("p0", "p1", "T"))
    power = 1 / temperature
    joint = [[(p0[i] * p1[i][j]) ** power for j in range(len(p1[i]))] for i in range(len(p0))]
    total = sum(sum(row) for row in joint)
    first = [p**power for p in p0]
    rows = [[p**power for p in row] for row in p1]
    token = [
        [first[i] / sum(first) * rows[i][j] / sum(rows[i]) for j in range(len(rows[i]))] for i in range(len(first))
    ]
    assert sympy.simplify(joint[0][0] / total - token[0][0]) != 0
