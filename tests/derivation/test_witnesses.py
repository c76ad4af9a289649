"""Counterexamples: their numbers computed again from what they show."""

from __future__ import annotations

import json
import math
from typing import Any

from grader.derivation.engine.steps import Judge, Verdict
from grader.derivation.engine.witnesses import Objectives, Table, Witness, as_evidence, as_text
from grader.derivation.world import World
from grader.math.tree import Apply, Expression, Power
from tests.derivation.engine_worlds import (
    CONDITIONAL,
    DRAWS,
    LATENT,
    MIXTURE,
    RECURRENT,
    TEMPERED,
    W,
    a,
    add,
    argmax,
    argmin,
    d,
    div,
    kl,
    log,
    mean,
    number,
    t,
    upto,
    var,
)

px, p = d("p", "x"), d("p", "x y")
pyx, q = d("p", "y", "x"), d("p_theta", "y", "x")


def failing(world: World, left: Expression, relation: str, right: Expression, over: tuple[str, ...] = ()) -> Witness:
    found: Verdict = Judge(world, "seed", over).step(left, relation, right)
    assert found.kind == "fails"
    assert found.witness is not None
    assert json.loads(json.dumps(as_evidence(found.witness), allow_nan=False)) == as_evidence(found.witness)
    assert all(len(line) <= 100 for line in as_text(found.witness))
    return found.witness


def numbers(entries: Any) -> Any:
    return [numbers(entry) for entry in entries] if isinstance(entries, tuple) else float(entries)


def tables(witness: Witness) -> dict[str, Any]:
    return {table.title: numbers(table.entries) for table in witness.tables}


def tenths(x: Any) -> bool:
    return all(map(tenths, x)) if isinstance(x, list) else math.isclose(x * 10, round(x * 10)) and 0 < x <= 1


def near(text: str, value: float) -> bool:
    return math.isclose(float(text), value, rel_tol=1e-5)


def test_a_dropped_conditional() -> None:
    witness = failing(CONDITIONAL, pyx, "=", div(p, d("p", "y")))
    assert [(table.title, table.axes) for table in witness.tables] == [("p(x, y)", ("x", "y"))]
    table = tables(witness)["p(x, y)"]
    assert tenths(table)
    at = dict(witness.at)
    x, y = int(at["x"]) - 1, int(at["y"]) - 1
    assert near(witness.left, table[x][y] / sum(table[x]))
    assert near(witness.right, table[x][y] / (table[0][y] + table[1][y]))
    assert abs(float(witness.left) - float(witness.right)) > 0.2
    assert witness.readable


def test_jensen_the_wrong_way() -> None:
    witness = failing(LATENT, mean(d("p", (DRAWS,)), log(var("A"))), ">=", log(px))
    assert witness.values == (("k", "2"),)
    table = tables(witness)["p(x, z)" if "p(x, z)" in tables(witness) else "p(z, x)"]
    x = int(dict(witness.at)["x"]) - 1
    pz = [sum(row) for row in table]
    likely = [table[z][x] / pz[z] for z in range(2)]
    plain = sum(pz[i] * pz[j] * math.log((likely[i] + likely[j]) / 2) for i in range(2) for j in range(2))
    assert near(witness.left, plain)
    assert near(witness.right, math.log(table[0][x] + table[1][x]))


def test_a_divergence_turned_round() -> None:
    witness = failing(CONDITIONAL, argmax("theta", mean(p, log(q))), "=", argmin("theta", mean(px, kl(q, pyx))))
    objectives = witness.objectives
    assert objectives is not None
    assert len(objectives.left) == 2
    found = tables(witness)
    joint, members = found["p(x, y)"], found["p_theta(y | x)"]
    assert tenths(joint)
    assert tenths(members)
    cells = [(x, y) for x in range(2) for y in range(2)]
    for k in range(2):
        assert near(objectives.left[k], sum(joint[x][y] * math.log(members[k][x][y]) for x, y in cells))
        turned = sum(
            sum(joint[x]) * members[k][x][y] * math.log(members[k][x][y] * sum(joint[x]) / joint[x][y])
            for x, y in cells
        )
        assert near(objectives.right[k], turned)
    best = [float(x) for x in objectives.left], [float(x) for x in objectives.right]
    assert objectives.best_left == (best[0].index(max(best[0])) + 1,)
    assert objectives.best_right == (best[1].index(min(best[1])) + 1,)
    assert objectives.best_left != objectives.best_right


def test_a_temperature_left_out() -> None:
    hot, x_, q_ = d("p^T", "x"), d("p", "x"), d("q", "x")
    witness = failing(TEMPERED, argmin("theta", kl(hot, q_)), "=", argmin("theta", kl(x_, q_)))
    assert [name for name, _ in witness.values] == ["T"]
    assert set(tables(witness)) == {"p(x)", "q(x)"}
    assert failing(TEMPERED, argmin("theta", kl(hot, q_)), "=", argmin("theta", kl(q_, hot))).readable


def test_points_and_constants() -> None:
    score = Apply("dot", (W, var("x")))
    witness = failing(MIXTURE, log(d("p", "y", "x")), "=", add(score, var("constant")), ("y",))
    found, values = tables(witness), dict(witness.values)
    mu, pi = found["mu"], found["pi"]
    assert values["n"] == values["k"] == "2"
    at = dict(witness.at)
    x = [float(part) if "/" not in part else eval(part) for part in at["x"].strip("()").split(", ")]
    sigma = eval(values["sigma"])

    def needed(y: int) -> float:
        joint = [pi[c] * math.exp(-sum((x[j] - mu[c][j]) ** 2 for j in range(2)) / (2 * sigma**2)) for c in range(2)]
        return math.log(joint[y] / sum(joint)) - sum(mu[y][j] * x[j] for j in range(2)) / sigma**2

    assert near(witness.left, needed(int(at["y"]) - 1))
    assert near(witness.right, needed(0))
    assert witness.labels == (f"constant needed at y = {at['y']}", "constant needed at y = 1")


def test_only_what_the_sides_need_is_shown() -> None:
    decoder = d("p", (a("x", t),), (upto("z", t),))
    shown = failing(RECURRENT, decoder, "=", d("p", (a("x", t),)))
    assert ("t", "1") in shown.at or ("t", "2") in shown.at
    assert not any(title.startswith("q") for title in tables(shown))
    assert set(tables(failing(CONDITIONAL, px, "=", d("p", "y")))) == {"p(x, y)"}


def test_tables_of_factors_have_what_is_given_first() -> None:
    first = d("p", (a("x", 1),), (a("z", 1),))
    witness = failing(RECURRENT, first, "=", d("p", (a("x", 1),)))
    assert {table.title: table.axes for table in witness.tables}["p(x_1 | z_1)"] == ("z_1", "x_1")
    given, prior = tables(witness)["p(x_1 | z_1)"], tables(witness)["p(z_1)"]
    at = dict(witness.at)
    x, z = int(at["x_1"]) - 1, int(at["z_1"]) - 1
    assert all(math.isclose(sum(row), 1) for row in given)
    assert near(witness.left, given[z][x])
    assert near(witness.right, sum(prior[k] * given[k][x] for k in range(2)))


def test_tiny_differences_get_the_digits_they_need() -> None:
    witness = failing(CONDITIONAL, px, "=", add(px, Power(div(px, number(100)), number(8))))
    assert witness.left != witness.right
    assert witness.left[:8] == witness.right[:8]
    assert not witness.readable


def test_one_candidate_is_enough_for_values() -> None:
    witness = failing(CONDITIONAL, mean(px, log(q)), "=", log(mean(px, q)))
    assert {table.title: table.axes for table in witness.tables}["p_theta(y | x)"] == ("x", "y")
    assert "theta" not in dict(witness.at)


def test_as_text() -> None:
    joint = Table("p(x, y)", ("x", "y"), (("0.1", "0.2"), ("0.3", "0.4")))
    wide = Table("r(s)", ("s",), tuple(f"0.{k:09}" for k in range(12)))
    witness = Witness((joint,), (("T", "1/2"), ("k", "2")), (("x", "1"),), "0.5", "0.25")
    assert as_text(witness) == [
        "p(x, y)   y = 1   y = 2",
        "  x = 1   0.1     0.2",
        "  x = 2   0.3     0.4",
        "",
        "T = 1/2, k = 2",
        "at x = 1:",
        "  left side  = 0.5",
        "  right side = 0.25",
    ]
    assert all(len(line) <= 100 for line in as_text(Witness((wide,))))
    objectives = Objectives("theta", ("1", "2"), ("3", "4"), (1,), (2,))
    assert as_text(Witness(objectives=objectives)) == [
        "theta   left side   right side",
        "1       1  best     3",
        "2       2           4  best",
    ]


def test_the_wrong_weight_of_a_mean() -> None:
    witness = failing(CONDITIONAL, mean(p, log(q)), "=", mean((px, d("p", "y")), log(q)))
    found = tables(witness)
    joint, given = found["p(x, y)"], found["p_theta(y | x)"]
    cells = [(x, y) for x in range(2) for y in range(2)]
    assert near(witness.left, sum(joint[x][y] * math.log(given[x][y]) for x, y in cells))
    py = [joint[0][y] + joint[1][y] for y in range(2)]
    assert near(witness.right, sum(sum(joint[x]) * py[y] * math.log(given[x][y]) for x, y in cells))
