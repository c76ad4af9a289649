"""Every line of every honest chain with a slip in it: the step before it or behind it must fail.

The slips that survive are listed with the reason: each makes another true line.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from grader.checkers.derivation import completed, read_task
from grader.derivation.chains import Chains, read_chains
from grader.derivation.engine.evaluate import Undetermined
from grader.derivation.engine.steps import Judge
from grader.derivation.text.lines import read_lines
from grader.keys import ValueKey
from grader.math.tree import Expression
from grader.spec import DerivationField
from tests.derivation.conftest import entries, item_of
from tests.derivation.mutants import essence, mutants

SAMPLED = 40  # one mutant in so many is tried in every run, all of them under ``-m slow``

TRUE_ALL_THE_SAME = {
    ("midterm/5d", "dropped term"): (7, "q(z_<t | x_<t) and q(z_<t | x_<=t) are the same for a causal encoder"),
    ("midterm/5d", "expectation dropped"): (6, "an inner expectation over z_t, which the outer one runs over as well"),
    ("midterm/5d", "slice off by one"): (2, "x_T conditions z_T alone, which what is averaged does not mention"),
    ("midterm/6a", "dropped log"): (28, "the logarithm is increasing: the optimisers stay"),
    ("midterm/7f", "dropped log"): (4, "a term without theta"),
    ("midterm/7f", "dropped factor"): (25, "a positive factor without theta, as Z(T)"),
    ("midterm/7f", "dropped term"): (10, "a term without theta, or one in an exponent that makes such a factor"),
    ("midterm/7f", "inverted"): (7, "a positive factor without theta, as Z(T)"),
    ("midterm/7f", "wrong sign"): (4, "log Z(T) in an exponent: a positive factor without theta"),
    ("ps1/1", "dropped factor"): (2, "a term without theta within the logarithm"),
    ("ps1/1", "dropped term"): (11, "a term without theta"),
    ("ps1/2", "dropped conditional"): (2, "sum_i p(x) p(y=i) is p(x) as well"),
    ("ps1/2", "wrong distribution"): (19, "p_gamma is p_theta: that is what is shown"),
    ("ps1/5.1", "dropped conditional"): (27, "E_z[p(x)] is E_z[p(x | z)]"),
    ("ps1/5.2", "dropped conditional"): (8, "E_z[p(x)] is E_z[p(x | z)]"),
    ("ps1/5.2", "dropped log"): (1, "different numbers stay different: a weaker claim, beside the point"),
    ("ps1/5.2", "expectation dropped"): (1, "different numbers stay different: a weaker claim, beside the point"),
}


def read(item: str, response: str) -> tuple[Chains, Judge]:
    found, key = item_of(item)
    spec = next(spec for spec in found.fields if isinstance(spec, DerivationField))
    task, _ = read_task(spec, key.fields[spec.name])
    own = frozenset(name for name, quantity in task.world.spec.quantities.items() if quantity.given_by)
    chains = read_chains(read_lines(response), task.world, task.symbols, task.fixed, task.claims[0], own)
    others = {name: theirs.value for name, theirs in key.fields.items() if isinstance(theirs, ValueKey)}
    world = completed(chains.world, task, others)
    judge = Judge(world, "mutants", task.proportional)
    judge.trials.budget.whole = judge.trials.exact_budget.whole = math.inf  # hundreds of proofs, not one
    return replace(chains, world=world), judge


def mutated(chains: Chains) -> Iterator[tuple[int, str, Expression]]:
    """The place of an expression, a slip and what it makes of it, once each; definitions are left as they are."""
    defined = {place for step in chains.steps if step.named for place in (step.left, step.right)}
    seen = set()
    for place, x in enumerate(chains.expressions):
        same = essence(x, chains.world)
        for slip, changed in mutants(x, chains.world) if place not in defined else ():
            if (place, changed) not in seen and essence(changed, chains.world) != same:
                seen.add((place, changed))
                yield place, slip, changed


def killed(chains: Chains, judge: Judge, place: int, changed: Expression) -> bool:
    for step in chains.steps:
        if place in (step.left, step.right):
            sides = [changed if at == place else chains.expressions[at] for at in (step.left, step.right)]
            try:
                if judge.step(sides[0], step.relation, sides[1]).kind != "holds":
                    return True
            except Undetermined:
                return True
    return False


def survivors(every: int) -> tuple[int, Counter[tuple[str, str]]]:
    tried, found = 0, Counter[tuple[str, str]]()
    for number, (item, entry) in enumerate(entries("honest")):
        chains, judge = read(item, entry["response"])
        for count, (place, slip, changed) in enumerate(mutated(chains)):
            if (count + number) % every == 0:
                tried += 1
                found[item, slip] += not killed(chains, judge, place, changed)
    return tried, +found


def check(tried: int, found: Counter[tuple[str, str]], at_least: int) -> None:
    assert tried >= at_least
    known: dict[Any, int] = {pair: count for pair, (count, _) in TRUE_ALL_THE_SAME.items()}
    assert {pair: count for pair, count in found.items() if count > known.get(pair, 0)} == {}


def test_a_slip_is_found() -> None:
    check(*survivors(SAMPLED), at_least=120)


@pytest.mark.slow
def test_every_slip_is_found() -> None:
    tried, found = survivors(1)
    check(tried, found, at_least=5000)
    assert found.total() == sum(count for count, _ in TRUE_ALL_THE_SAME.values())
