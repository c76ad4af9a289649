"""How many bits it takes to tell things apart."""

from __future__ import annotations


def bits_for(things: int) -> int:
    """The least b such that there are words of b bits for all of ``things``, each its own. One thing needs none.

    Counted by doubling, as each further bit gives two words for one, so no logarithm is rounded. Raises ValueError
    where there is nothing to tell apart.
    """
    if things < 1:
        raise ValueError(f"{things} things cannot be told apart: expected one or more")
    bits, words = 0, 1
    while words < things:
        bits, words = bits + 1, 2 * words
    return bits
