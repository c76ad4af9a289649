"""7b: what Z(2) costs, counted: of how many conditionals of an autoregressive model over n bits it depends.

Whoever computes it has to ask the model for every conditional that it depends on: one for each prefix.
"""

import itertools
import math

LONGEST = 7


def _model(n):
    """The probability of a one after each prefix of fewer than n bits, all different."""
    prefixes = [bits for length in range(n) for bits in itertools.product((0, 1), repeat=length)]
    return {bits: 1 / (2 + math.sin(1 + number)) for number, bits in enumerate(prefixes)}


def _partition(model, n, temperature):
    total = 0.0
    for bits in itertools.product((0, 1), repeat=n):
        ones = [(model[bits[:place]], bit) for place, bit in enumerate(bits)]
        total += math.prod(one if bit else 1 - one for one, bit in ones) ** (1 / temperature)
    return total


def needed(n, temperature):
    """How many conditionals change the partition function if they alone change."""
    model = _model(n)
    before = _partition(model, n, temperature)
    changed = (_partition({**model, prefix: one * 0.9}, n, temperature) for prefix, one in model.items())
    return sum(abs(after - before) > 1e-9 for after in changed)


def tractable():
    """Whether Z(2) needs fewer than all of the 2^n - 1 conditionals for some n (Z(1) needs none)."""
    assert all(needed(n, 1) == 0 for n in range(1, LONGEST))
    return any(needed(n, 2) < 2**n - 1 for n in range(1, LONGEST + 1))
