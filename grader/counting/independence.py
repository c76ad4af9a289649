"""How many free parameters a joint distribution has left under assumptions of independence: a dimension, not a formula.

An assumption "X independent of Y given Z" is a set of equations on the table p of the joint distribution,

    P(x, y, z) P(z) - P(x, z) P(y, z) = 0  for all values x, y, z,

where P is a sum of entries of p. All of them together with sum p = 1 cut a set out of the space of tables. Where their
differentials have constant rank, that set is smooth and its dimension is the number of entries less the rank. We write
the equations down, differentiate them at one distribution in the model, and let linear algebra count. No formula for
the number of parameters occurs here, and none may: this is the second route to keys that have one.

The equations with x or y the value 0 are left out: summed over x (or over y) the left sides vanish identically, so
those equations follow from the others linearly, and so do their differentials.

*Why one point will do.* Let it be a product distribution with positive marginals.

- ``joint``, ``independent``, ``given first`` and ``chain`` say of each variable that, given some of those before it, it
  is independent of the rest before it (the ordered Markov property of a directed acyclic graph: Lauritzen, "Graphical
  Models", 1996, 3.2.2). The conditional probabilities of each variable given all before it are coordinates on the
  interior of the simplex. In them the left side above is P(z) P(y, z) (P(x | y, z) - P(x | z)), where P(x | z) is an
  average of P(x | y, z) over y with positive weights. So the equations say, linearly in these coordinates, that some of
  them are the same, and their differentials are of full rank at every point inside.
- ``pairwise``: with the marginals fixed the equations are linear in p, so the set is made of pieces of affine spaces of
  one dimension, one for each choice of marginals. At the product q, along p = q (1 + h), the differential of
  P(x, y) - P(x) P(y) reads off the part of h that is a pure interaction of these two variables, and the parts of
  different pairs are orthogonal.

The argument is not relied on, either: if all equations that we keep have independent differentials, the set is smooth
there by the theorem of implicit functions, and this is checked in each case (``_dimension``).

*Why modulo a prime.* The marginals are positive rational numbers; we calculate with their remainders, exactly. The
rank of remainders is never above the rank itself, so full rank modulo one prime proves full rank. It can only be lower
where the prime divides all minors, which for random marginals has a probability below (degree of a minor) / (number of
weights to draw from) < 1e-10 (Schwartz, Zippel); that would be seen, and nothing counted.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod

from flint import nmod_mat

from grader.errors import Undecided

PRIMES = (2**61 - 1, 2**62 - 57)
MOST_CELLS = 1024  # of the table; the matrix has as many columns and at most as many rows

Indices = tuple[int, ...]
Event = tuple[int | None, ...]  # a value of each variable, None where it may be any


@dataclass(frozen=True, slots=True)
class Statement:
    """X_``one`` is independent of X_``others``, jointly, given X_``given``. Variables count from 0."""

    one: int
    others: Indices
    given: Indices


Statements = list[Statement]


def dimension(model: str, sizes: Sequence[int], order: int = 0) -> int:
    """The dimension of the set of distributions of X_1, …, X_n that satisfy the assumptions of ``model``.

    X_i takes ``sizes[i - 1]`` values. ``order`` is that of a ``chain``: given the ``order`` variables before it, each
    is independent of all before those; other models have none. Raises ValueError for a model or sizes that do not
    exist, Undecided where there are too many entries to count with.
    """
    if model not in MODELS:
        raise ValueError(f"no model {model!r}: expected one of {', '.join(MODELS)}")
    if not sizes or min(sizes) < 1 or order < 0:
        raise ValueError("expected one variable or more, with one value or more each, and an order of 0 or more")
    if prod(sizes) > MOST_CELLS:
        raise Undecided(f"a table of {prod(sizes)} entries is too large to count with: at most {MOST_CELLS}")
    return _dimension(model, tuple(sizes), min(order, len(sizes) - 1) if model == "chain" else 0)


def small_cases(length: int, values: int) -> Iterator[tuple[int, ...]]:
    """All numbers of values that 1 to ``length`` variables can have, each 1 to ``values``."""
    for n in range(1, length + 1):
        yield from product(range(1, values + 1), repeat=n)


@cache
def _dimension(model: str, sizes: Indices, order: int) -> int:
    """Entries less rank. Raises Undecided where differentials depend on each other, which ought not to happen."""
    equations = [
        equation for statement in MODELS[model](len(sizes), order) for equation in _equations(statement, sizes)
    ]
    ranks = {_rank(equations, sizes, prime) for prime in PRIMES}
    if ranks != {len(equations) + 1}:  # the one more is the sum of all
        raise Undecided(f"the distributions of {model!r} with {sizes} values may not be smooth where we count them")
    return prod(sizes) - ranks.pop()


# --- models: which statements each makes of n variables ---


def _joint(n: int, order: int) -> Statements:
    return []


def _independent(n: int, order: int) -> Statements:
    """Mutually: each of all before it, which multiplied together says that p is the product of its marginals."""
    return [Statement(i, tuple(range(i)), ()) for i in range(1, n)]


def _pairwise(n: int, order: int) -> Statements:
    return [Statement(i, (j,), ()) for i in range(n) for j in range(i)]


def _given_first(n: int, order: int) -> Statements:
    return [Statement(i, tuple(range(1, i)), (0,)) for i in range(2, n)]


def _chain(n: int, order: int) -> Statements:
    return [Statement(i, tuple(range(i - order)), tuple(range(i - order, i))) for i in range(order + 1, n)]


MODELS: Mapping[str, Callable[[int, int], Statements]] = {
    "joint": _joint,
    "independent": _independent,
    "pairwise": _pairwise,
    "given first": _given_first,
    "chain": _chain,
}


# --- equations and their differentials ---


@dataclass(frozen=True, slots=True)
class Equation:
    """P(first) P(second) - P(third) P(fourth) = 0."""

    first: Event
    second: Event
    third: Event
    fourth: Event


def _equations(statement: Statement, sizes: Indices) -> Iterator[Equation]:
    """Those of one statement, less what follows from them linearly (see above)."""
    for x in range(1, sizes[statement.one]):
        for y in _values(statement.others, sizes):
            for z in _values(statement.given, sizes):
                if any(y.values()):
                    events = ({statement.one: x} | y | z, z, {statement.one: x} | z, y | z)
                    yield Equation(*(tuple(map(event.get, range(len(sizes)))) for event in events))


def _values(variables: Indices, sizes: Indices) -> Iterator[dict[int, int]]:
    for values in product(*(range(sizes[i]) for i in variables)):
        yield dict(zip(variables, values, strict=True))


class _Point:
    """A product distribution modulo a prime. The same for every prime but for that."""

    def __init__(self, sizes: Indices, prime: int) -> None:
        self.sizes = sizes
        self.prime = prime
        drawn = random.Random(repr(sizes))
        weights = [[drawn.randint(1, PRIMES[0] // (size + 1)) for _ in range(size)] for size in sizes]
        marginals = [_marginal(of_one, prime) for of_one in weights]
        self.table = [prod(cell) % prime for cell in product(*marginals)]
        self._found: dict[Event, tuple[list[int], int]] = {}

    def cells(self, event: Event) -> tuple[list[int], int]:
        """Which entries of the table (in the order of ``product``) make up an event, and their sum."""
        if event not in self._found:
            cells = [0]
            for value, size in zip(event, self.sizes, strict=True):
                possible = range(size) if value is None else (value,)
                cells = [cell * size + v for cell in cells for v in possible]
            self._found[event] = cells, sum(self.table[cell] for cell in cells) % self.prime
        return self._found[event]

    def differential(self, equation: Equation) -> list[int]:
        """The derivative of the left side by each entry of the table: P(event) has 1 where the event has the entry."""
        row = [0] * len(self.table)
        pairs = ((equation.first, equation.second, 1), (equation.third, equation.fourth, -1))
        for one, other, sign in pairs:
            for event, factor in ((one, other), (other, one)):
                weight = sign * self.cells(factor)[1]
                for cell in self.cells(event)[0]:
                    row[cell] += weight
        return [entry % self.prime for entry in row]


def _marginal(weights: list[int], prime: int) -> list[int]:
    inverse = pow(sum(weights), -1, prime)  # the sum is positive and smaller than any of the primes
    return [weight * inverse % prime for weight in weights]


def _rank(equations: Sequence[Equation], sizes: Indices, prime: int) -> int:
    """Of the differentials of the equations and of sum p = 1, at one product distribution."""
    point = _Point(sizes, prime)
    rows = [[1] * len(point.table), *map(point.differential, equations)]
    entries = [entry for row in rows for entry in row]
    return int(nmod_mat(len(rows), len(point.table), entries, prime).rank())
