"""Dimensions found by linear algebra are those of the known formulas, and not those of formulas that look right."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import prod

import pytest
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from grader.counting import independence
from grader.counting.independence import MODELS, Statement, dimension, small_cases
from grader.errors import Undecided

CASES = list(small_cases(4, 3))
sizes = st.lists(st.integers(1, 3), min_size=1, max_size=4)

Sizes = tuple[int, ...]


def joint(k: Sizes) -> int:
    return prod(k) - 1


def independent(k: Sizes) -> int:
    return sum(size - 1 for size in k)


def pairwise(k: Sizes) -> int:
    return joint(k) - sum((a - 1) * (b - 1) for a, b in combinations(k, 2))


def given_first(k: Sizes) -> int:
    return k[0] - 1 + k[0] * sum(size - 1 for size in k[1:])


def chain(k: Sizes, m: int) -> int:
    return prod(k[:m]) - 1 + sum((k[i] - 1) * prod(k[i - m : i]) for i in range(m, len(k)))


FORMULAS = {"joint": joint, "independent": independent, "pairwise": pairwise, "given first": given_first}
WRONG: list[tuple[str, Callable[[Sizes], int]]] = [
    ("joint", lambda k: prod(k)),  # that they sum to one is forgotten
    ("joint", lambda k: prod(size - 1 for size in k)),
    ("joint", lambda k: sum(k) - 1),
    ("independent", lambda k: sum(k)),
    ("independent", lambda k: sum(k) - 1),
    ("independent", lambda k: prod(size - 1 for size in k)),
    ("pairwise", independent),
    ("pairwise", joint),
    ("given first", lambda k: k[0] * sum(size - 1 for size in k[1:])),
    ("given first", lambda k: k[0] - 1 + sum(size - 1 for size in k[1:])),
    ("given first", lambda k: k[0] - 1 + (k[0] - 1) * sum(size - 1 for size in k[1:])),
]
WRONG_CHAINS: list[Callable[[Sizes, int], int]] = [
    lambda k, m: prod(k[:m]) + sum((k[i] - 1) * prod(k[i - m : i]) for i in range(m, len(k))),
    lambda k, m: prod(k[:m]) - 1 + sum(k[i] * prod(k[i - m : i]) for i in range(m, len(k))),
    lambda k, m: sum((k[i] - 1) * prod(k[i - m : i]) for i in range(m, len(k))),  # the first m are forgotten
    lambda k, m: sum(size - 1 for size in k[:m]) + sum((k[i] - 1) * prod(k[i - m : i]) for i in range(m, len(k))),
    lambda k, m: prod(k[:m]) - 1 + sum((k[i] - 1) * prod(k[i - m + 1 : i]) for i in range(m, len(k))),  # one too few
    lambda k, m: prod(k[:m]) - 1 + (len(k) - m) * (k[0] - 1) * k[0] ** m,  # as if all had as many values as the first
    lambda k, m: joint(k),
]


# --- right and wrong formulas ---


def test_there_are_as_many_small_cases_as_there_should_be() -> None:
    assert len(CASES) == len(set(CASES)) == 3 + 9 + 27 + 81
    assert list(small_cases(2, 2)) == [(1,), (2,), (1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize("model", FORMULAS)
def test_known_formulas(model: str) -> None:
    assert [dimension(model, k) for k in CASES] == [FORMULAS[model](k) for k in CASES]


def test_the_known_formula_of_chains() -> None:
    for k in CASES:
        assert [dimension("chain", k, m) for m in range(1, len(k))] == [chain(k, m) for m in range(1, len(k))]


@pytest.mark.parametrize(("model", "wrong"), WRONG)
def test_a_wrong_formula_fails_in_some_small_case(model: str, wrong: Callable[[Sizes], int]) -> None:
    assert any(dimension(model, k) != wrong(k) for k in CASES)


@pytest.mark.parametrize("wrong", WRONG_CHAINS)
def test_a_wrong_formula_of_chains_fails_in_some_small_case(wrong: Callable[[Sizes, int], int]) -> None:
    assert any(dimension("chain", k, m) != wrong(k, m) for k in CASES for m in range(1, len(k)))


def test_pairs_say_less_than_all_together() -> None:
    assert dimension("pairwise", (2, 2, 2)) == 4
    assert dimension("independent", (2, 2, 2)) == 3
    assert all(dimension("pairwise", k) == dimension("independent", k) for k in CASES if len(k) < 3)


# --- models against each other ---


@given(sizes)
def test_a_chain_that_looks_back_on_everything_assumes_nothing(k: list[int]) -> None:
    assert dimension("chain", k, len(k) - 1) == dimension("chain", k, len(k) + 3) == dimension("joint", k)


@given(sizes)
def test_a_chain_that_looks_back_on_nothing_is_independent(k: list[int]) -> None:
    assert dimension("chain", k, 0) == dimension("chain", k) == dimension("independent", k)


@given(sizes, st.randoms(use_true_random=False), st.sampled_from(["joint", "independent", "pairwise"]))
def test_the_order_of_variables_matters_to_no_symmetric_model(k: list[int], chance: random.Random, model: str) -> None:
    assert dimension(model, chance.sample(k, len(k))) == dimension(model, k)


@given(sizes, st.integers(0, 4))
def test_a_chain_backwards_is_a_chain(k: list[int], m: int) -> None:
    assert dimension("chain", k[::-1], m) == dimension("chain", k, m)


@given(sizes, st.integers(0, 3))
def test_more_memory_never_costs_freedom(k: list[int], m: int) -> None:
    assert dimension("chain", k, m) <= dimension("chain", k, m + 1)


@given(sizes, st.integers(0, 4), st.sampled_from(sorted(MODELS)))
def test_a_variable_of_one_value_at_the_end_adds_nothing(k: list[int], m: int, model: str) -> None:
    if model == "chain" and m >= len(k):
        return
    assert dimension(model, [*k, 1], m) == dimension(model, k, m)


# --- the method ---


def full_rank(statements: Sequence[Statement], k: Sizes) -> int:
    """Of all equations for all values, in rational numbers, at a product distribution, and written differently."""
    drawn = random.Random(1)
    marginals = [[Fraction(w, sum(ws)) for w in ws] for ws in ([drawn.randint(1, 9) for _ in range(n)] for n in k)]
    cells = list(product(*map(range, k)))
    p = {cell: prod((marginals[i][v] for i, v in enumerate(cell)), start=Fraction(1)) for cell in cells}
    rows = [[Fraction(1)] * len(cells)]
    for s in statements:
        parts = [(s.one, *s.others, *s.given), s.given, (s.one, *s.given), (*s.others, *s.given)]
        for at in cells:
            inside = [[all(cell[i] == at[i] for i in part) for cell in cells] for part in parts]
            mass = [sum(p[cell] for cell, yes in zip(cells, row, strict=True) if yes) for row in inside]
            a, b, c, d = inside
            rows.append([a[j] * mass[1] + mass[0] * b[j] - c[j] * mass[3] - mass[2] * d[j] for j in range(len(cells))])
    return int(fmpq_mat([[fmpq(x.numerator, x.denominator) for x in map(Fraction, row)] for row in rows]).rank())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("k", [(2,), (3, 2), (2, 2, 2), (2, 3, 2), (2, 2, 2, 2)])
def test_equations_left_out_follow_from_the_others(model: str, k: Sizes) -> None:
    for order in range(len(k) if model == "chain" else 1):
        assert prod(k) - dimension(model, k, order) == full_rank(MODELS[model](len(k), order), k)


def test_where_differentials_depend_on_each_other_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "twice", lambda n, order: [Statement(1, (0,), ())] * 2)  # type: ignore[arg-type]
    with pytest.raises(Undecided, match=r"'twice'.* may not be smooth"):
        dimension("twice", (2, 2))


def test_the_primes_are_primes_and_different() -> None:
    assert len(set(independence.PRIMES)) == 2
    assert all(pow(base, prime - 1, prime) == 1 for prime in independence.PRIMES for base in range(2, 50))


# --- what cannot be counted ---


@pytest.mark.parametrize(("k", "order"), [((), 0), ((2, 0), 0), ((2, -1), 0), ((2, 2), -1)])
def test_sizes_and_orders_that_do_not_exist(k: Sizes, order: int) -> None:
    with pytest.raises(ValueError, match="expected one variable or more"):
        dimension("chain", k, order)


def test_an_unknown_model() -> None:
    with pytest.raises(
        ValueError, match="no model 'markov': expected one of joint, independent, pairwise, given first"
    ):
        dimension("markov", (2, 2))


def test_a_table_that_is_too_large() -> None:
    with pytest.raises(Undecided, match="46656 entries is too large"):
        dimension("joint", (6,) * 6)
