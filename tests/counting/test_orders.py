"""Orders in which one can sample, the tables that orders cost, and the words of bits."""

from __future__ import annotations

from itertools import permutations, product
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.counting.orders import sampling_orders, table_sizes
from grader.counting.words import bits_for
from grader.errors import Undecided, Unreadable

VRNN = {"z_t": ["x_<t", "z_<t"], "x_t": ["z_<=t", "x_<t"]}
SEES_THE_FUTURE = {"z_t": ["x_<t", "z_<t", "z_>t"], "x_t": ["z_<=t", "x_<t"]}
NAMES = ("a", "b", "c", "d")


# --- sampling orders ---


@pytest.mark.parametrize("length", [1, 2, 3, 4, 6])
def test_a_vrnn_is_sampled_in_one_order(length: int) -> None:
    expected = tuple(f"{name}_{t}" for t in range(1, length + 1) for name in "zx")
    assert sampling_orders(VRNN, length) == [expected]


def test_what_depends_on_its_future_is_sampled_in_none() -> None:
    assert sampling_orders(SEES_THE_FUTURE, 1) == [("z_1", "x_1")]
    assert [sampling_orders(SEES_THE_FUTURE, length) for length in (2, 3, 4)] == [[], [], []]


def test_no_more_orders_than_asked_for() -> None:
    free = {"x_t": ()}
    assert [len(sampling_orders(free, 3, most)) for most in (1, 2, 5, 6, 100)] == [1, 2, 5, 6, 6]
    assert sorted(sampling_orders(free, 3, 6)) == sorted(permutations(("x_1", "x_2", "x_3")))


@pytest.mark.parametrize(
    "parent",
    ["x_<t", "x_{<t}", "x_{< t}", r"x_{\lt t}", "x_{<=t-1}", r"x_{\le t-1}", r"x_{\leq t - 1}", "x_{≤t−1}", "x_{t-1}"],
)
def test_ways_to_write_the_past(parent: str) -> None:
    assert sampling_orders({"x_t": [parent]}, 3) == [("x_1", "x_2", "x_3")]


@pytest.mark.parametrize(
    "parent", ["x_>t", "x_{>t}", "x_{>=t+1}", r"x_{\ge t+1}", r"x_{\geq t+1}", "x_{≥t+1}", " x_{t+1} ", r"x_{\gt t}"]
)
def test_ways_to_write_the_future(parent: str) -> None:
    assert sampling_orders({"x_{t}": [parent]}, 3) == [("x_3", "x_2", "x_1")]


@pytest.mark.parametrize("parent", ["x_t", "x_{t}", "x_{=t}", "x_<=t", r"x_{\leq t}", "x_>=t", "x_{t+0}"])
def test_nothing_is_its_own_parent(parent: str) -> None:
    assert sampling_orders({"x_t": [parent]}, 1) == []


def test_times_outside_do_not_exist() -> None:
    assert len(sampling_orders({"x_t": ["x_{t-5}", "x_{t+7}"]}, 3, 100)) == 6


def test_other_letters_and_names() -> None:
    parents = {r"\theta_{i}": [r"\theta_{<i}", "h1_{< i}"], "h1_i": [r"\theta_i"]}
    assert sampling_orders(parents, 2) == [(r"\theta_1", "h1_1", r"\theta_2", "h1_2")]


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        ({}, "no variables"),
        ({"x_t": ["y_t"]}, "'y_t' names the variable y, which is not declared: there are x"),
        ({"x_t": ["x_<s"]}, "'x_<s' has the index s: expected t"),
        ({"x_t": [], "z_i": []}, "'x_t', 'z_i' have different letters"),
        ({"x_<t": []}, "'x_<t' is not one variable at one time: expected one like x_t"),
        ({"x_{t-1}": []}, "'x_{t-1}' is not one variable"),
        ({"x_t": [], "x_{t}": []}, "'x_{t}' is given parents a second time, after 'x_t'"),
        ({"x": []}, "'x' cannot be read"),
        ({"x_1": []}, "'x_1' cannot be read"),
        ({"x_t": ["x_{<t"]}, "'x_{<t' cannot be read"),
        ({"x_t": ["x_<t}"]}, "'x_<t}' cannot be read"),
        ({"x_t": [r"x_{\let}"]}, r"a space is missing after \\le"),
        ({"x_t": [r"x_{\neq t}"]}, "cannot be read"),
        ({"x_t": [r"x_{\tau}"]}, "cannot be read"),
        ({"x_t": ["x_{1:t}"]}, "'x_{1:t}' cannot be read"),
        ({"x_t": [""]}, "'' cannot be read"),
    ],
)
def test_what_cannot_be_read(parents: dict[str, list[str]], message: str) -> None:
    with pytest.raises(Unreadable) as refused:
        sampling_orders(parents, 2)
    assert message.replace("\\\\", "\\") in str(refused.value)


def test_a_sequence_has_a_length() -> None:
    with pytest.raises(ValueError, match="length 0"):
        sampling_orders(VRNN, 0)


pieces = st.sampled_from(["x", "z", "_", "{", "}", "<", "=", ">", r"\le", r"\leq", "t", "-", "1", " ", "−", "٣"])


@given(st.lists(pieces, max_size=9).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        orders = sampling_orders({"x_t": [text], "z_t": []}, 2)
    except Unreadable as refused:
        said = str(refused)
    else:
        said = repr(text)
        assert all(sorted(order) == ["x_1", "x_2", "z_1", "z_2"] for order in orders)
    assert repr(text) in said


# --- tables ---


def networks(count: int) -> st.SearchStrategy[dict[str, list[str]]]:
    """Every variable has parents among those before it, by name."""
    names = NAMES[:count]
    parents = [st.lists(st.sampled_from(names[:i]), unique=True) if i else st.just([]) for i in range(count)]
    return st.tuples(*parents).map(lambda of: dict(zip(names, map(list, of), strict=True)))


def test_a_common_cause_costs_more_where_it_comes_last() -> None:
    sizes = table_sizes({"x_1": [], "x_2": ["x_1"], "x_3": ["x_1"]}, 2)
    assert sizes["x_1", "x_2", "x_3"] == 1 + 2 + 2
    assert sizes["x_2", "x_3", "x_1"] == 1 + 2 + 4
    assert set(sizes) == set(permutations(("x_1", "x_2", "x_3")))


def test_a_common_effect_costs_more_where_it_comes_first() -> None:
    sizes = table_sizes({"x": [], "y": [], "z": ["x", "y"]}, 3)
    assert sizes["x", "y", "z"] == 2 + 2 + 18
    assert sizes["z", "x", "y"] == 2 + 6 + 18


def test_a_chain_costs_the_same_from_both_ends() -> None:
    sizes = table_sizes({"a": [], "b": ["a"], "c": ["b"], "d": ["c"], "e": ["d"]}, 2)
    assert sizes["a", "b", "c", "d", "e"] == sizes["e", "d", "c", "b", "a"] == 1 + 4 * 2
    assert sizes["a", "c", "e", "b", "d"] == 1 + 2 + 2 + 4 + 4
    assert len(sizes) == 120


@given(networks(4), st.integers(2, 3))
def test_no_order_costs_less_than_the_network_and_none_more_than_all(
    parents: dict[str, list[str]], values: int
) -> None:
    sizes = table_sizes(parents, values)
    own = sum((values - 1) * values ** len(of) for of in parents.values())
    assert sizes[NAMES] == own == min(sizes.values())
    assert max(sizes.values()) <= values**4 - 1


def separated(parents: dict[str, list[str]], one: str, others: set[str], given: set[str]) -> bool:
    """By paths in the moral graph of ancestors (Lauritzen, "Graphical Models", 1996, 3.25)."""
    kept = {one} | others | given
    while more := {parent for name in kept for parent in parents[name]} - kept:
        kept |= more
    families = [{name, *parents[name]} for name in kept]
    reached = {one}
    while further := {n for f in families if f & reached for n in f} - reached - given:
        reached |= further
    return not reached & others


@given(networks(4))
def test_the_smallest_tables_are_those_of_d_separation(parents: dict[str, list[str]]) -> None:
    expected = {}
    for order in permutations(parents):
        total = 0
        for i, name in enumerate(order):
            before = order[:i]
            subsets = [
                {n for n, yes in zip(before, chosen, strict=True) if yes} for chosen in product((0, 1), repeat=i)
            ]
            total += 2 ** min(len(s) for s in subsets if separated(parents, name, set(before) - s, s))
        expected[order] = total
    assert table_sizes(parents, 2) == expected


def test_a_parent_named_twice_is_one_parent() -> None:
    assert table_sizes({"a": [], "b": ["a", "a"]}, 2) == {("a", "b"): 3, ("b", "a"): 3}


def test_variables_of_one_value_cost_nothing() -> None:
    assert set(table_sizes({"a": [], "b": ["a"]}, 1).values()) == {0}


def test_what_is_no_network() -> None:
    with pytest.raises(Unreadable, match="'c', a parent of 'b', is not declared: there are a, b"):
        table_sizes({"a": [], "b": ["c"]}, 2)
    with pytest.raises(Unreadable, match="depend on each other in a circle"):
        table_sizes({"a": ["b"], "b": ["a"]}, 2)
    with pytest.raises(ValueError, match="0 values"):
        table_sizes({"a": []}, 0)
    with pytest.raises(Undecided, match="6 variables of 2 values are too many"):
        table_sizes({name: [] for name in "abcdef"}, 2)


# --- words of bits ---


@given(st.integers(1, 10**6))
def test_words_of_so_many_bits_suffice_and_of_fewer_do_not(things: int) -> None:
    bits = bits_for(things)
    assert 2**bits >= things
    assert bits == 0 or 2 ** (bits - 1) < things


def test_known_numbers_of_bits() -> None:
    assert [bits_for(n) for n in (1, 2, 3, 4, 5, 8, 9, 256, 257)] == [0, 1, 2, 2, 3, 3, 4, 8, 9]
    assert bits_for(50257) == ceil(log2(50257)) == 16
    assert bits_for(2**29 + 1) == bits_for(10**9) == 30


@pytest.mark.parametrize("things", [0, -3])
def test_nothing_cannot_be_told_apart(things: int) -> None:
    with pytest.raises(ValueError, match="expected one or more"):
        bits_for(things)
