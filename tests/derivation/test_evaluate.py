"""Values against plain loops over the same instance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest

from grader.derivation.engine.arithmetic import Arithmetic, Balls, Floats, Inexact, Rationals
from grader.derivation.engine.evaluate import Budget, Evaluator, Undetermined
from grader.derivation.engine.instances import Drawn, Key, draw_all
from grader.derivation.engine.layout import Layout, layout, ordinary
from grader.derivation.engine.values import IMPOSSIBLE, LOG_OF_NEGATIVE, LOG_OF_ZERO, Algebra, Value
from grader.derivation.world import Definition, World
from grader.math.tree import Apply, Call, Element, Expression, Matrix, Power, Reduce
from grader.math.values import precision
from tests.derivation.engine_worlds import (
    CONDITIONAL,
    DECODER,
    DRAWS,
    ENCODER,
    LATENT,
    MIXTURE,
    PRIOR,
    RECURRENT,
    TEMPERED,
    WITH_ZEROS,
    B,
    T,
    W,
    a,
    add,
    before,
    d,
    div,
    exp,
    kl,
    log,
    mean,
    mul,
    number,
    sub,
    sum_,
    total,
    upto,
    var,
)

Drawing = dict[Key, Drawn]


def instance(world: World, sizes: Mapping[str, int], counts: Mapping[str, int] | None = None) -> tuple[Layout, Drawing]:
    found = layout(world.spec, counts or {}, sizes, members=3)
    return found, draw_all(world, found, np.random.default_rng(7), 3)


def evaluator(world: World, found: Layout, draws: Drawing, arithmetic: Arithmetic | None = None) -> Evaluator:
    return Evaluator(world, found, draws, arithmetic or Floats(), Budget(10**7))


def value(ev: Evaluator, x: Expression, where: Mapping[str, int], i: int = 1, **bound: int) -> Any:
    """The entry of instance ``i`` at values of the axes, from 1; every axis must be named."""
    found = ev.at(x, bound)
    names = [ev.layout.names[axis] for axis in found.axes]
    assert set(names) <= set(where), names
    entry = found.data[(min(i, len(found.data) - 1), *(where[name] - 1 for name in names))]
    assert found.bad is None or not found.bad.any()
    return entry


def table(draws: Drawing, key: Key, i: int = 1) -> dict[tuple[int, ...], Fraction]:
    """A drawn table by the values of its axes in the order of the layout."""
    numerators, denominator = draws[key].numerators[i], draws[key].denominator
    return {tuple(k + 1 for k in index): Fraction(int(n), denominator) for index, n in np.ndenumerate(numerators)}


near = partial(math.isclose, rel_tol=1e-11, abs_tol=1e-13)


def test_ps1_1_densities_expectations_and_divergences() -> None:
    found, draws = instance(CONDITIONAL, {"x": 2, "y": 3})
    ev = evaluator(CONDITIONAL, found, draws)
    p = table(draws, ("table", "p"))  # x, y
    q = table(draws, ("table", "p_theta"))  # theta, x, y
    X, Y = range(1, 3), range(1, 4)
    px = {x: sum(p[x, y] for y in Y) for x in X}
    for x, y in itertools.product(X, Y):
        assert near(value(ev, d("p", "x"), {"x": x}), px[x])
        assert near(value(ev, d("p", "y", "x"), {"x": x, "y": y}), p[x, y] / px[x])
        assert near(value(ev, d("p_theta", "y", "x"), {"theta": 2, "x": x, "y": y}), q[2, x, y])
        held = d("p", (a("y", y, kind="value"),), (a("x", x, kind="value"),))
        assert near(value(ev, held, {}), p[x, y] / px[x])
    joint = mean(d("p", "x y"), log(d("p_theta", "y", "x")))
    assert near(value(ev, joint, {"theta": 3}), sum(p[x, y] * math.log(q[3, x, y]) for x in X for y in Y))
    divergence = kl(d("p", "y", "x"), d("p_theta", "y", "x"))
    for x in X:
        plain = sum(p[x, y] / px[x] * math.log(p[x, y] / px[x] / q[1, x, y]) for y in Y)
        assert near(value(ev, divergence, {"theta": 1, "x": x}), plain)
    # what a body does not depend on counts once in an expectation, as often as it has values in a sum
    assert near(value(ev, mean(d("p", "x y"), d("p", "x")), {}), sum(px[x] ** 2 for x in X))
    assert near(value(ev, total("x y", d("p", "x")), {}), 3.0)
    # what is summed over is not what stands free outside
    shadowed = mul(d("p", "x"), total("x", Power(d("p", "x"), number(2))))
    assert near(value(ev, shadowed, {"x": 2}), px[2] * sum(px[x] ** 2 for x in X))


def test_ps1_5_draws_and_a_definition() -> None:
    found, draws = instance(LATENT, {"x": 3, "z": 2}, {"k": 3})
    ev = evaluator(LATENT, found, draws)
    p = {(z, x): v for (x, z), v in table(draws, ("table", "p")).items()}
    Z = range(1, 3)
    pz = {z: sum(p[z, x] for x in range(1, 4)) for z in Z}
    for x in range(1, 4):
        plain, linear = 0.0, 0.0
        for zs in itertools.product(Z, repeat=3):
            weight = math.prod(pz[z] for z in zs)
            average = sum(p[z, x] / pz[z] for z in zs) / 3
            plain, linear = plain + weight * math.log(average), linear + weight * average
        many = mean(d("p", (DRAWS,)), log(var("A")))
        assert near(value(ev, many, {"x": x}), plain)
        one_by_one = tuple(d("p", (a("z", i, kind="sample"),)) for i in (1, 2, 3))
        assert near(value(ev, mean(one_by_one, log(var("A"))), {"x": x}), plain)
        assert near(value(ev, mean(d("p", (DRAWS,)), var("A")), {"x": x}), linear)
    assert near(value(ev, d("p", (DRAWS,)), {"z^(1)": 1, "z^(2)": 2, "z^(3)": 1}), pz[1] ** 2 * pz[2])


def test_5d_factors_slices_and_conditionals_of_the_joint() -> None:
    found, draws = instance(RECURRENT, {"x": 2, "z": 3}, {"T": 2})
    ev = evaluator(RECURRENT, found, draws)
    # factors in the order of time: z_1, x_1, z_2, x_2; axes in the order x_1, x_2, z_1, z_2
    z1, x1, z2, x2 = (table(draws, ("factor", "p", k)) for k in range(4))
    q1, q2 = (table(draws, ("factor", "q", k)) for k in range(2))
    X, Z = range(1, 3), range(1, 4)
    p = {
        (a1, a2, c1, c2): z1[c1,] * x1[a1, c1] * z2[a1, c1, c2] * x2[a1, a2, c1, c2]
        for a1, a2, c1, c2 in itertools.product(X, X, Z, Z)
    }
    q = {(a1, a2, c1, c2): q1[a1, c1] * q2[a1, a2, c1, c2] for a1, a2, c1, c2 in p}
    at = {"x_1": 2, "x_2": 1, "z_1": 3, "z_2": 1}
    assert near(value(ev, d("p", (upto("x", T), upto("z", T))), at), p[2, 1, 3, 1])
    assert near(value(ev, d("p", "x z"), at), p[2, 1, 3, 1])
    assert near(value(ev, DECODER, at, t=1), x1[2, 3])
    assert near(value(ev, PRIOR, at, t=1), z1[3,])
    assert near(value(ev, ENCODER, at, t=2), q2[2, 1, 3, 1])
    reverse = d("p", (a("z", 1),), (a("x", 2),))
    of = {c: sum(v for (a1, a2, c1, c2), v in p.items() if a2 == 1 and c1 == c) for c in Z}
    assert near(value(ev, reverse, at), of[3] / sum(of.values()))
    body = sum_("t", 1, T, sub(log(DECODER), kl(ENCODER, PRIOR)))
    elbo = mean(d("q", (upto("z", T),), (upto("x", T),)), body)
    plain = 0.0
    for c1, c2 in itertools.product(Z, Z):
        first = math.log(x1[2, c1]) - sum(q1[2, c] * math.log(q1[2, c] / z1[c,]) for c in Z)
        kl2 = sum(q2[2, 1, c1, c] * math.log(q2[2, 1, c1, c] / z2[2, c1, c]) for c in Z)
        plain += q[2, 1, c1, c2] * (first + math.log(x2[2, 1, c1, c2]) - kl2)
    assert near(value(ev, elbo, at), plain)
    assert value(ev, d("q", (before("z"),), (before("x"),)), at, t=1) == 1  # an empty slice
    # the encoder is causal, so what later x are does not matter, whatever their law
    causal = d("q", (a("z", 1),), (a("x", 1),))
    assert near(value(ev, causal, at), q1[2, 3])
    backwards = d("q", (a("z", 2),), (a("x", 1), a("z", 1)))
    law = table(draws, ("law", "q"))
    plain = sum(law[2, x] * q2[2, x, 3, 1] for x in X) / sum(law[2, x] for x in X)
    assert near(value(ev, backwards, at), plain)


def test_7f_a_distribution_by_formula_and_a_definition_with_an_argument() -> None:
    found, draws = instance(TEMPERED, {"x": 3})
    ev = evaluator(TEMPERED, found, draws)
    p = table(draws, ("table", "p"))
    heat = table(draws, ("quantity", "T"))[()]
    z = sum(float(v) ** float(1 / heat) for v in p.values())
    for x in range(1, 4):
        assert near(value(ev, d("p^T", "x"), {"x": x}), float(p[x,]) ** float(1 / heat) / z)
    cooler = sum(float(v) ** 0.5 for v in p.values())
    assert near(value(ev, Call("Z", (number(2),)), {}), cooler)


def _gaussian(x: np.ndarray, m: np.ndarray, s: float) -> float:
    return math.exp(-float(((x - m) ** 2).sum()) / (2 * s)) / (2 * math.pi * s) ** (len(x) / 2)


def test_ps1_2_points_normal_densities_and_softmax() -> None:
    found, draws = instance(MIXTURE, {}, {"n": 2, "k": 3})
    ev = evaluator(MIXTURE, found, draws)
    part = {key[1]: drawn.numerators[1] / drawn.denominator for key, drawn in draws.items() if key[0] != "law"}
    mu, pi, sigma, points = part["mu"][..., 0], part["pi"], float(part["sigma"]), part["x"][..., 0]
    for j, y in itertools.product(range(4), range(3)):
        at = {"x": j + 1, "y": y + 1}
        joint = [pi[c] * _gaussian(points[j], mu[c], sigma**2) for c in range(3)]
        assert near(value(ev, d("p", "x y"), at), joint[y])
        assert near(value(ev, d("p", "y", "x"), at), joint[y] / sum(joint))
        assert near(value(ev, d("p", "x", "y"), at), joint[y] / pi[y])  # the integral over x is seen
        assert near(value(ev, d("p", "y"), at), pi[y])
        scores = [
            float(mu[c] @ points[j]) / sigma**2 + math.log(pi[c]) - mu[c] @ mu[c] / (2 * sigma**2) for c in range(3)
        ]
        shares = np.exp(scores) / np.exp(scores).sum()
        assert near(value(ev, d("p_gamma", "y", "x"), at), shares[y])
        assert near(value(ev, add(Apply("dot", (W, var("x"))), B), at), scores[y])
        assert near(value(ev, Element("b", number(y + 1)), at), scores[y] - mu[y] @ points[j] / sigma**2)


def test_vectors_and_matrices() -> None:
    found, draws = instance(MIXTURE, {}, {"n": 3, "k": 2})
    ev = evaluator(MIXTURE, found, draws)
    x = draws[("point", "x")].numerators[1][:, :, 0] / draws[("point", "x")].denominator
    X, at = var("x"), {"x": 2}
    lying = Apply("transpose", (X,))
    outer = Apply("matmul", (X, lying))
    shifted = add(outer, Apply("identity", (var("n"),)))
    numbers = np.outer(x[1], x[1]) + np.eye(3)
    assert near(value(ev, Apply("matmul", (lying, X)), at), x[1] @ x[1])
    assert near(value(ev, mul(lying, X), at), x[1] @ x[1])
    assert near(value(ev, Power(Apply("norm", (X,)), number(2)), at), x[1] @ x[1])
    assert near(value(ev, Apply("det", (shifted,)), at), float(np.linalg.det(numbers)))
    assert near(value(ev, Apply("trace", (shifted,)), at), float(np.trace(numbers)))
    inverse = Apply("matmul", (lying, Apply("inverse", (shifted,)), X))
    assert near(value(ev, inverse, at), x[1] @ np.linalg.inv(numbers) @ x[1])
    assert near(value(ev, Apply("entry", (shifted, number(2), number(3))), at), numbers[1, 2])
    built = Matrix(((number(1), number(2)), (number(3), number(4))))
    assert near(value(ev, Apply("det", (built,)), at), -2.0)
    for wrong in (add(X, lying), add(X, number(1)), Apply("matmul", (X, X)), exp(X), Power(X, number(2))):
        with pytest.raises(Undetermined):
            ev.at(wrong, {})


def test_functions_and_sums_over_indices() -> None:
    # a definition with an index of its own, which is not that of a sum around it
    world = LATENT.defining("f", Definition(("s",), sum_("i", 1, number(2), var("s"))))
    found, draws = instance(world, {"x": 2, "z": 2}, {"k": 2})
    ev = evaluator(world, found, draws)
    for x, expected in (
        (sum_("i", 1, number(4), Power(var("i"), number(2))), 30.0),
        (Reduce("prod", "i", number(1), number(4), var("i")), 24.0),
        (sum_("i", 3, number(2), var("i")), 0.0),
        (Reduce("prod", "i", number(3), number(2), var("i")), 1.0),
        (Apply("max", (number(2), var("k"), number("1/2"))), 2.0),
        (Apply("min", (number(2), number("1/2"))), 0.5),
        (Apply("abs", (number(-3),)), 3.0),
        (Apply("sqrt", (number(2),)), math.sqrt(2)),
        (Apply("logb", (number(2), number(8))), 3.0),
        (Power(number(8), number("1/3")), 2.0),
        (Power(number(4), number(-2)), 1 / 16),
        (Power(number(0), number("3/2")), 0.0),
        (sum_("i", 1, number(3), Call("f", (var("i"),))), 12.0),
    ):
        assert near(value(ev, x, {}), expected), x


def test_the_three_arithmetics_agree_on_an_instance() -> None:
    found, draws = instance(WITH_ZEROS, {"x": 2, "y": 3})
    p, px = d("p", "x y"), d("p", "x")
    rational = mean(p, div(d("p_theta", "y", "x"), add(px, number(1))))
    exact = evaluator(WITH_ZEROS, found, draws, Rationals()).at(rational, {}).data
    with precision(256):
        balls = evaluator(WITH_ZEROS, found, draws, Balls()).at(rational, {}).data
        assert all(ball.contains(x) for ball, x in zip(balls.flat, exact.flat, strict=True))
    floats = evaluator(WITH_ZEROS, found, draws).at(rational, {}).data
    assert all(near(int(x.p) / int(x.q), y) for x, y in zip(exact.flat, floats.flat, strict=True))
    for irrational in (log(px), exp(px), Power(px, px), Apply("sqrt", (px,))):
        with pytest.raises(Inexact):
            evaluator(WITH_ZEROS, found, draws, Rationals()).at(irrational, {})


def _with_p(rows: list[list[int]]) -> tuple[Layout, Drawing]:
    """Worlds with zeros where p(x, y) is a given table."""
    found = layout(WITH_ZEROS.spec, {}, {"x": 2, "y": 2}, members=1)
    draws = draw_all(WITH_ZEROS, found, np.random.default_rng(1), 1)
    draws[("table", "p")] = Drawn(np.array([rows]), sum(map(sum, rows)))
    return found, draws


def test_zeros_in_the_support() -> None:
    ev = evaluator(WITH_ZEROS, *_with_p([[0, 3], [1, 4]]))
    p, px, q = d("p", "x y"), d("p", "x"), d("p_theta", "y", "x")
    entropy = -(3 / 8 * math.log(3 / 8) + 1 / 8 * math.log(1 / 8) + 0.5 * math.log(0.5))
    assert near(value(ev, mul(number(-1), mean(p, log(p))), {}, 0), entropy)
    assert near(value(ev, mul(number(-1), total("x y", mul(p, log(p)))), {}, 0), entropy)
    assert near(value(ev, kl(p, p), {}, 0), 0.0)
    assert near(value(ev, mean(p, div(p, p)), {}, 0), 1.0)  # the body is 0/0 where the weight is 0
    assert near(value(ev, total("x y", mul(p, log(div(p, p)))), {}, 0), 0.0)  # 0 log(0/0)
    bad = ev.at(log(p), {}).bad
    assert bad is not None
    assert bad.tolist() == [[[LOG_OF_ZERO, 0], [0, 0]]]
    bad = ev.at(total("x y", div(mul(p, p), p)), {}).bad
    assert bad is not None
    assert bad.all()  # a sum has no such convention for 0/0
    bad = ev.at(kl(q, d("p", "y", "x")), {}).bad
    assert bad is not None
    assert bad.tolist() == [[[LOG_OF_ZERO, 0]]]
    assert (ev.at(log(sub(px, number(1))), {}).bad == LOG_OF_NEGATIVE).all()


def test_conditionals_given_what_never_happens() -> None:
    ev = evaluator(WITH_ZEROS, *_with_p([[0, 0], [1, 3]]))
    px, pyx, q = d("p", "x"), d("p", "y", "x"), d("p_theta", "y", "x")
    bad = ev.at(pyx, {}).bad
    assert bad is not None
    assert bad.tolist() == [[[IMPOSSIBLE] * 2, [0] * 2]]
    plain = 0.25 * math.log(0.25 / float(value(ev, q, {"theta": 1, "x": 2, "y": 1}, 0)))
    plain += 0.75 * math.log(0.75 / float(value(ev, q, {"theta": 1, "x": 2, "y": 2}, 0)))
    for x in (
        mean(px, kl(pyx, q)),
        total("x", mul(px, kl(pyx, q))),
        mean((px, pyx), log(div(pyx, q))),
        total("x y", mul(d("p", "x y"), log(div(pyx, q)))),
    ):
        assert near(value(ev, x, {"theta": 1}, 0), plain), x
    # what never happens weighs nothing, also where it is divided by
    odds = total("x", mul(px, total("y", div(q, pyx))))
    shares = [float(value(ev, q, {"theta": 1, "x": 2, "y": y}, 0)) / chance for y, chance in ((1, 0.25), (2, 0.75))]
    assert near(value(ev, odds, {"theta": 1}, 0), sum(shares))


def test_a_factor_has_a_value_given_what_never_happens() -> None:
    world = replace(RECURRENT, distributions={"p": replace(RECURRENT.distributions["p"], zeros=True)})
    found, draws = instance(world, {"x": 2, "z": 2}, {"T": 2})
    ev = evaluator(world, found, draws)
    assert ev.at(DECODER, {"t": 2}).bad is None
    assert any((draws[("factor", "p", k)].numerators == 0).any() for k in range(4))


def test_values_along_other_axes() -> None:
    algebra = Algebra(Floats(), (2, 3, 2), Budget(1000))
    v = Value((0, 1), np.arange(6.0).reshape(1, 2, 3), np.zeros((1, 2, 3), dtype=np.int8))
    renamed = algebra.rename(v, {0: 2})
    assert renamed.axes == (1, 2)
    assert renamed.data[0].tolist() == v.data[0].T.tolist()
    assert algebra.take(renamed, 2, 1).data[0].tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (var("nobody"), "neither known nor bound"),
        (var("x"), "its values are no numbers"),
        (d("p_theta", "x"), "nothing about the distribution of x under p_theta"),
        (d("p_theta", "y"), "nothing about the distribution of x under p_theta"),
        (d("r", "x"), "no distribution"),
        (d("p", "x", "x"), "both sides of the bar"),
        (d("p", "x x"), "twice"),
        (d("p", "x", "y y"), "twice"),
        (d("p", (a("x", 1),)), "no sequence"),
        (d("p", (a("x", 9, kind="value"),)), "does not take the value 9"),
        (mean((d("p", "x"), d("p", "x y")), number(1)), "twice"),
        (total((a("x", 1, kind="value"),), number(1)), "fixed value"),
        (kl(d("p", "x"), d("p", "y")), "same variables"),
        (Apply("sin", (number(1),)), "sin is not evaluated"),
        (Reduce("integral", "s", number(0), number(1), var("s")), "integral"),
        (sum_("i", 1, d("p", "x"), number(1)), "no whole number"),
        (sum_("i", 1, number(1000), number(1)), "too long"),
        (number("1e-30"), "so small"),
        (Power(number(10), number(9)), "so large"),
        (Power(d("p", "x"), number(41)), "exponent so large"),
        (Element("x", number(1)), "index"),
    ],
)
def test_what_has_no_meaning_says_why(x: Expression, words: str) -> None:
    found, draws = instance(CONDITIONAL, {"x": 2, "y": 3})
    with pytest.raises(Undetermined, match=words):
        evaluator(CONDITIONAL, found, draws).at(x, {})


@pytest.mark.parametrize(
    ("world", "x", "words"),
    [
        (RECURRENT, d("p", (a("x", 5),)), "no x_5"),
        (RECURRENT, PRIOR, "no whole number"),
        (LATENT, d("p", (a("z", 7, kind="sample"),)), r"no z\^\(7\)"),
        (LATENT, d("p", "x", (DRAWS,)), "several draws"),
        (MIXTURE, total("x", d("p", "x y")), "integral over x"),
        (MIXTURE, mean(d("p", "x y"), number(1)), "integral over x"),
        (MIXTURE, Element("mu", number(9)), "index 9"),
        (MIXTURE, var("mu"), "needs an index"),
    ],
)
def test_what_has_no_meaning_in_other_worlds(world: World, x: Expression, words: str) -> None:
    found = ordinary(world.spec, members=2)[0]
    draws = draw_all(world, found, np.random.default_rng(1), 2)
    with pytest.raises(Undetermined, match=words):
        evaluator(world, found, draws).at(x, {})


def test_indices_of_a_sum_shadow_free_ones_and_variables() -> None:
    found, draws = instance(MIXTURE, {}, {"n": 2, "k": 3})
    ev = evaluator(MIXTURE, found, draws)
    pi = draws[("quantity", "pi")].numerators[1] / draws[("quantity", "pi")].denominator
    # y bound by a sum over integers is the value of y, in densities too
    assert near(value(ev, sum_("y", 1, var("k"), mul(d("p", "y"), Element("pi", var("y")))), {}), (pi**2).sum())
    # and a sum over the variable inside such a sum is about another y
    inner = total("y", Power(Element("pi", var("y")), number(2)))
    assert near(value(ev, sum_("y", 1, number(2), inner), {}), 2 * (pi**2).sum())
    assert near(value(ev, var("y"), {"y": 3}), 3.0)
