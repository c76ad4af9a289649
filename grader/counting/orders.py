"""Orders of variables: in which of them one can sample, and what tables each of them costs.

Dependences between the variables of a sequence are read as an instructor writes them, ``z_t: [x_<t, z_<t]``, and
spelled out for one length. Topological orders are then found by trying. The tables of a network are judged by its joint
distribution alone: which variables matter is tested on the numbers, not read off the graph (d-separation would be the
formula that a key may have used).
"""

from __future__ import annotations

import operator
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import combinations, islice, permutations, product

from grader.errors import Undecided, Unreadable

Graph = Mapping[str, Sequence[str]]  # of each variable, its parents
Order = tuple[str, ...]

# --- sampling orders ---

RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "": operator.eq, "=": operator.eq,
    "<": operator.lt, r"\lt": operator.lt,
    "<=": operator.le, "≤": operator.le, r"\le": operator.le, r"\leq": operator.le,
    ">": operator.gt, r"\gt": operator.gt,
    ">=": operator.ge, "≥": operator.ge, r"\ge": operator.ge, r"\geq": operator.ge,
}  # fmt: skip
INDEX = r"(?P<relation><=?|>=?|=|≤|≥|\\[a-z]+)?\s*(?P<index>[A-Za-z])\s*(?P<shift>[+\-−]\s*\d{1,3})?"
ELEMENTS = re.compile(rf"\s*(?P<name>\\?[A-Za-z][A-Za-z0-9]*)\s*_\s*(?P<brace>\{{)?\s*{INDEX}\s*(?(brace)\}})\s*")

Elements = tuple[str, str, str, int]  # name, relation, letter of the index, shift: x_{<t+1} is ("x", "<", "t", 1)


def sampling_orders(parents: Mapping[str, Sequence[str]], length: int, most: int = 2) -> list[Order]:
    r"""Up to ``most`` orders in which the variables can be sampled, each after all its parents; none if there is a
    cycle.

    ``parents`` are those of the variable at time t for all times: ``{"z_t": ["x_<t", "z_<t"], "x_t": ["z_<=t"]}``; also
    ``z_{t-1}``, ``x_{\le t}``, ``z_{>t}``, and any other letter for t. Times are 1 to ``length``; what lies outside
    does not exist. Variables are called ``z_1``, ``x_1``, …. Raises Unreadable with the text that is no such thing.
    """
    if length < 1:
        raise ValueError(f"a sequence of length {length} has no variables: expected 1 or more")
    heads = _heads(parents)
    elements = {name: [_parent(text, heads) for text in parents[head]] for name, (head, _) in heads.items()}
    times = range(1, length + 1)
    graph = {
        _called(name, time): [_called(other, at) for other, at in _existing(elements[name], time, times)]
        for time in times
        for name in heads
    }
    if _cyclic(graph):
        return []
    return list(islice(_orders({name: frozenset(of) for name, of in graph.items()}), most))


def _heads(parents: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Of each variable's name, the text it stands in and the letter of its index. Raises Unreadable."""
    if not parents:
        raise Unreadable("there are no variables to sample: expected at least one, with its parents")
    heads: dict[str, tuple[str, str]] = {}
    for text in parents:
        name, relation, index, shift = _elements(text)
        if relation or shift:
            raise Unreadable(f"{text!r} is not one variable at one time: expected one like {name}_{index}")
        if name in heads:
            raise Unreadable(f"{text!r} is given parents a second time, after {heads[name][0]!r}")
        heads[name] = (text, index)
    if len({index for _, index in heads.values()}) > 1:
        raise Unreadable(f"the variables {', '.join(map(repr, parents))} have different letters for their index")
    return heads


def _parent(text: str, heads: Mapping[str, tuple[str, str]]) -> Elements:
    """Raises Unreadable where it is not about a variable, and the index, of the heads."""
    name, _, index, _ = elements = _elements(text)
    if name not in heads:
        raise Unreadable(f"{text!r} names the variable {name}, which is not declared: there are {', '.join(heads)}")
    if index != heads[name][1]:
        raise Unreadable(f"{text!r} has the index {index}: expected {heads[name][1]}, as in {heads[name][0]!r}")
    return elements


def _elements(text: str) -> Elements:
    match = ELEMENTS.fullmatch(text)
    relation = match["relation"] or "" if match else ""
    if match is None or relation not in RELATIONS:
        raise Unreadable(f"{text!r} cannot be read: expected a variable with its index, like x_t, x_<t or z_{{t-1}}")
    if relation.startswith("\\") and text[match.end("relation")] == match["index"]:
        raise Unreadable(f"{text!r} cannot be read: a space is missing after {relation}")
    shift = "".join((match["shift"] or "0").replace("−", "-").split())
    return match["name"], relation, match["index"], int(shift)


def _existing(elements: Sequence[Elements], time: int, times: range) -> Iterator[tuple[str, int]]:
    for name, relation, _, shift in elements:
        yield from ((name, at) for at in times if RELATIONS[relation](at, time + shift))


def _called(name: str, time: int) -> str:
    return f"{name}_{time}"


def _cyclic(graph: Graph) -> bool:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False


def _orders(graph: Mapping[str, frozenset[str]]) -> Iterator[Order]:
    """All topological orders. Without a cycle, every choice of a first variable leads to one."""
    if not graph:
        yield ()
    for first in [name for name, parents in graph.items() if not parents]:
        rest = {name: parents - {first} for name, parents in graph.items() if name != first}
        yield from ((first, *order) for order in _orders(rest))


# --- tables ---

PRIME = 2**61 - 1
MOST_VARIABLES = 5
MOST_CELLS = 10_000  # of the joint table

Assignment = tuple[int, ...]


def table_sizes(parents: Graph, values: int) -> dict[Order, int]:
    """For every order of a network's variables, the fewest parameters of exact conditional tables in that order.

    ``parents`` is the network, all its variables take ``values`` values, and its own tables are random: special ones
    may need less. In an order, each variable needs a table given the smallest set S of those before it that makes it
    independent of the rest before it: (values - 1) values^|S| numbers. Independence is tested in the joint table, for
    all values, by calculation modulo a prime with the remainders of rational numbers: what differs there differs; what
    agrees could differ only with a probability below 1e-10 (Schwartz, Zippel).

    Raises Unreadable for a cycle or a parent that is no variable, Undecided for more variables or values than can be
    gone through.
    """
    _check(parents, values)
    joint = _Joint(parents, values)

    @cache
    def needed(variable: str, before: frozenset[str]) -> int:
        """How large the smallest S is."""
        return next(
            size
            for size in range(len(before) + 1)
            for given in combinations(sorted(before), size)
            if joint.independent(variable, before - set(given), given)
        )

    def parameters(order: Order) -> int:
        return sum((values - 1) * values ** needed(name, frozenset(order[:i])) for i, name in enumerate(order))

    return {order: parameters(order) for order in permutations(parents)}


def _check(parents: Graph, values: int) -> None:
    for name, of in parents.items():
        for parent in of:
            if parent not in parents:
                raise Unreadable(f"{parent!r}, a parent of {name!r}, is not declared: there are {', '.join(parents)}")
    if _cyclic(parents):
        raise Unreadable(f"the variables {', '.join(parents)} depend on each other in a circle: that is no network")
    if values < 1:
        raise ValueError(f"a variable of {values} values has no distribution: expected 1 or more")
    if len(parents) > MOST_VARIABLES or values ** len(parents) > MOST_CELLS:
        raise Undecided(f"{len(parents)} variables of {values} values are too many to go through all orders")


class _Joint:
    """The joint distribution of a network with random tables, modulo a prime."""

    def __init__(self, parents: Graph, values: int) -> None:
        self.names = list(parents)
        self.values = values
        tables = {name: _random_table(name, len(set(of)), values) for name, of in parents.items()}
        self.table: dict[Assignment, int] = {}
        for cell in product(range(values), repeat=len(self.names)):
            at = dict(zip(self.names, cell, strict=True))
            probability = 1
            for name, of in parents.items():
                probability = probability * tables[name][*(at[parent] for parent in sorted(set(of))), at[name]] % PRIME
            self.table[cell] = probability
        self._marginals: dict[Order, dict[Assignment, int]] = {}

    def independent(self, one: str, others: frozenset[str], given: Sequence[str]) -> bool:
        """Whether P(x, y, z) P(z) = P(x, z) P(y, z) for all values."""
        if not others:
            return True
        x, y, z = [one], sorted(others), list(given)
        whole, alone, first, second = (self._marginal(names) for names in (x + y + z, z, x + z, y + z))
        for cell, probability in whole.items():
            a, c = cell[:1], cell[1 + len(y) :]
            if (probability * alone[c] - first[a + c] * second[cell[1:]]) % PRIME:
                return False
        return True

    def _marginal(self, names: Sequence[str]) -> dict[Assignment, int]:
        """Of some variables, in this order."""
        if (key := tuple(names)) not in self._marginals:
            places = [self.names.index(name) for name in names]
            sums: dict[Assignment, int] = {}
            for cell, probability in self.table.items():
                part = tuple(cell[place] for place in places)
                sums[part] = (sums.get(part, 0) + probability) % PRIME
            self._marginals[key] = sums
        return self._marginals[key]


def _random_table(name: str, parents: int, values: int) -> dict[Assignment, int]:
    """P(value | values of the parents): positive random weights divided by their sum, which is below the prime."""
    drawn = random.Random(f"{name} {parents} {values}")
    table: dict[Assignment, int] = {}
    for above in product(range(values), repeat=parents):
        weights = [drawn.randint(1, PRIME // (values + 1)) for _ in range(values)]
        inverse = pow(sum(weights), -1, PRIME)
        table |= {(*above, value): weight * inverse % PRIME for value, weight in enumerate(weights)}
    return table
