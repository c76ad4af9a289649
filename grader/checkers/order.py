"""``order``: a sequence of indexed elements, with dots, that must be the key's at every size."""

from __future__ import annotations

from grader.checkers.reading import formula, malformed, of_key
from grader.errors import Unreadable
from grader.keys import ValueKey
from grader.math.sequences import Series, common_sizes, read_series
from grader.result import Outcome, correct, incorrect
from grader.spec import OrderField
from grader.submission import Response


def check(field: OrderField, key: ValueKey, response: Response) -> Outcome:
    """Both sequences are expanded at several sizes and compared element by element."""
    expected = of_key(lambda: read_series(key.value, field.elements, field.size), field, key)
    try:
        found, remarks = read(field, response)
        sizes = common_sizes(found, expected)
        expansions = {size: found.expand(size) for size in sizes}
    except Unreadable as error:
        return malformed(field, error)
    smallest = expansions[sizes[0]]
    read_as = ", ".join(f"{name}_{{{index}}}" for name, index in smallest)
    evidence = {"rung": "expanded", "sizes": list(sizes)}
    if all(expansions[size] == expected.expand(size) for size in sizes):
        return correct(field.worth, read_as=read_as, evidence=evidence).saying(*remarks)
    shown = ", ".join(f"{name}_{index}" for name, index in smallest)
    outcome = incorrect(read_as=read_as, evidence=evidence).saying(*remarks)
    return outcome.saying(f"For {field.size} = {sizes[0]} this reads {shown}.")


def read(field: OrderField, response: Response) -> tuple[Series, list[str]]:
    """The sequence, and remarks on what was dropped around it. Raises Unreadable."""
    text, remarks = formula(response.text, {})
    return read_series(text, field.elements, field.size), remarks
