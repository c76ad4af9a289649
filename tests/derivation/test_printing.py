"""What is echoed to a student reads back as the same expression."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checkers.derivation import read_task
from grader.derivation.chains import read_chains
from grader.derivation.normal import plain
from grader.derivation.notation.printing import to_latex
from grader.derivation.notation.reader import read_line
from grader.derivation.text.lines import read_lines
from grader.spec import DerivationField
from tests.derivation.conftest import entries, item_of, title


@pytest.mark.parametrize(("item", "entry"), entries("honest"), ids=title)
def test_the_echo_reads_back(item: str, entry: dict[str, Any]) -> None:
    found, key = item_of(item)
    spec = next(spec for spec in found.fields if isinstance(spec, DerivationField))
    task, _ = read_task(spec, key.fields[spec.name])
    own = frozenset(name for name, quantity in task.world.spec.quantities.items() if quantity.given_by)
    chains = read_chains(read_lines(entry["response"]), task.world, task.symbols, task.fixed, task.claims[0], own)
    indices = tuple(task.world.spec.indices)
    for x in chains.expressions:
        echo = to_latex(x, chains.world, chains.symbols)
        assert plain(read_line(echo, chains.world, chains.symbols, task.fixed, indices)) == plain(x), echo
