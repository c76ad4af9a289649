"""Right and wrong steps."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.derivation.engine.arithmetic import Balls
from grader.derivation.engine.comparing import UNKNOWN, exact_signs
from grader.derivation.engine.evaluate import Undetermined
from grader.derivation.engine.steps import Judge, Verdict
from grader.derivation.world import Definition, World
from grader.math.tree import Apply, Call, Element, Expression, Power, invert, negate
from grader.worlds import WorldSpec
from tests.derivation.engine_worlds import (
    CONDITIONAL,
    DECODER,
    DRAWS,
    ENCODER,
    LATENT,
    MIXTURE,
    NORMAL,
    PRIOR,
    RECURRENT,
    TEMPERED,
    WITH_ZEROS,
    B,
    T,
    W,
    a,
    add,
    argmax,
    argmin,
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
    t,
    total,
    upto,
    var,
)

px, py, p = d("p", "x"), d("p", "y"), d("p", "x y")
pyx, q = d("p", "y", "x"), d("p_theta", "y", "x")


def judged(world: World, left: Expression, relation: str, right: Expression, over: tuple[str, ...] = ()) -> Verdict:
    return Judge(world, "seed", over).step(left, relation, right)


def kinds(world: World, chain: list[Expression], over: tuple[str, ...] = ()) -> list[str]:
    judge = Judge(world, "seed", over)
    return [judge.step(one, "=", other).kind for one, other in pairwise(chain)]


# --- chains of the items

PS1_1 = [
    argmax("theta", mean(p, log(q))),
    argmax("theta", mean(px, total("y", mul(pyx, log(q))))),
    argmin("theta", mean(px, total("y", mul(pyx, negate(log(q)))))),
    argmin("theta", mean(px, total("y", mul(pyx, sub(log(pyx), log(q)))))),
    argmin("theta", mean(px, kl(pyx, q))),
]

POSTERIOR = d("q", (upto("z", T),), (upto("x", T),))
SO_FAR = d("q", (upto("z", t),), (upto("x", t),))
EARLIER = d("q", (before("z"),), (before("x"),))
EVIDENCE = d("p", (upto("x", T),))
FIVE_D = [
    mean(POSTERIOR, log(div(d("p", (upto("x", T), upto("z", T))), POSTERIOR))),
    mean(POSTERIOR, sum_("t", 1, T, add(log(DECODER), log(PRIOR), negate(log(ENCODER))))),
    mean(POSTERIOR, sum_("t", 1, T, sub(log(DECODER), kl(ENCODER, PRIOR)))),
    sum_("t", 1, T, sub(mean(SO_FAR, log(DECODER)), mean(EARLIER, kl(ENCODER, PRIOR)))),
]

x_, hot, q_ = d("p", "x"), d("p^T", "x"), d("q", "x")
SEVEN_F = [
    argmin("theta", kl(hot, q_)),
    argmax("theta", mean(hot, log(q_))),
    argmax("theta", mean(x_, mul(div(hot, x_), log(q_)))),
    argmax("theta", mean(x_, mul(Power(x_, sub(invert(var("T")), number(1))), log(q_)))),
]


def test_the_chains_of_the_items_hold() -> None:
    assert kinds(CONDITIONAL, PS1_1) == ["holds"] * 4
    assert kinds(WITH_ZEROS, PS1_1) == ["holds"] * 4
    assert kinds(RECURRENT, FIVE_D) == ["holds"] * 3
    assert kinds(TEMPERED, SEVEN_F) == ["holds"] * 3
    assert judged(RECURRENT, log(EVIDENCE), ">=", FIVE_D[0]).kind == "holds"
    assert judged(RECURRENT, log(EVIDENCE), "=", FIVE_D[0]).kind == "fails"


def test_a_verdict_says_how_much_was_tried() -> None:
    numbers = judged(CONDITIONAL, PS1_1[0], "=", PS1_1[-1]).numbers
    assert numbers["instances"] >= 30
    assert numbers["confirmed"] >= 2
    trials = Judge(CONDITIONAL, "seed").trials.ordinary
    assert {trial.layout.sizes for trial in trials} == {(8, 2, 3), (8, 3, 5), (8, 5, 2)}


@pytest.mark.parametrize(
    "wrong",
    [
        argmin("theta", mean(p, log(q))),  # the wrong sign
        argmax("theta", mean(p, log(d("p_theta", (a("y", 1, kind="value"),), "x")))),
        argmin("theta", mean(px, kl(q, pyx))),  # turned round
        argmax("theta", mean((px, py), log(q))),  # expectation under the wrong distribution
        argmax("theta", total("x y", log(q))),  # the weight is missing
        argmax("theta", mean(p, q)),  # the logarithm is missing
        argmin("theta", mean(px, kl(py, q))),  # a conditional dropped
    ],
)
def test_problems_that_choose_differently(wrong: Expression) -> None:
    assert judged(CONDITIONAL, PS1_1[0], "=", wrong).kind == "fails"


def test_wrong_steps_of_5d() -> None:
    judge = Judge(RECURRENT, "seed")
    late = d("p", (a("x", t),), (before("z"), before("x")))
    for wrong in (
        sum_("t", 1, T, sub(mean(SO_FAR, log(DECODER)), mean(EARLIER, kl(PRIOR, ENCODER)))),  # turned round
        sum_("t", 1, T, add(mean(SO_FAR, log(DECODER)), mean(EARLIER, kl(ENCODER, PRIOR)))),  # the wrong sign
        sum_("t", 1, T, sub(mean(SO_FAR, log(late)), mean(EARLIER, kl(ENCODER, PRIOR)))),  # a condition dropped
        sum_("t", 2, T, sub(mean(SO_FAR, log(DECODER)), mean(EARLIER, kl(ENCODER, PRIOR)))),  # off by one
    ):
        assert judge.step(FIVE_D[-1], "=", wrong).kind == "fails"


def test_wrong_steps_of_7f_and_ps1_5() -> None:
    unweighted = argmax("theta", mean(x_, log(q_)))
    assert judged(TEMPERED, SEVEN_F[1], "=", unweighted).kind == "fails"
    judge = Judge(TEMPERED, "seed")
    assert judge.step(hot, "=", Power(x_, invert(var("T")))).kind == "fails"  # the normaliser is missing
    assert judge.step(hot, "=", div(Power(x_, invert(var("T"))), Call("Z", (var("T"),)))).kind == "holds"
    judge = Judge(LATENT, "seed")
    mean_log = mean(d("p", (DRAWS,)), log(var("A")))
    assert judge.step(mean_log, "<", log(x_)).kind == "holds"
    assert judge.step(mean_log, "!=", log(x_)).kind == "holds"
    assert judge.step(mean_log, ">=", log(x_)).kind == "fails"
    assert judge.step(mean(d("p", (DRAWS,)), var("A")), "=", x_).kind == "holds"


def test_optimisers_of_a_function_of_the_parameter() -> None:
    world = World(
        WorldSpec.model_validate(
            {"parameters": {"theta": []}, "quantities": {"D": {"domain": "(0, 1)", "over": "theta"}}}
        )
    )
    one, D = number(1), var("D")
    judge = Judge(world, "seed")
    saturating = argmin("theta", log(sub(one, D)))
    assert judge.step(saturating, "=", argmin("theta", negate(log(D)))).kind == "holds"
    assert judge.step(saturating, "iff", argmax("theta", D)).kind == "holds"
    assert judge.step(saturating, "=", argmin("theta", log(D))).kind == "fails"
    assert judge.step(saturating, "=", argmin("theta", number(1))).kind == "fails"  # which does not care
    assert judge.step(argmin("theta", number(2)), "=", argmax("theta", number(1))).kind == "holds"
    assert judge.step(log(sub(one, D)), "=", negate(log(D))).kind == "fails"


def test_a_near_tie_of_optimisers_is_settled_exactly() -> None:
    # the two objectives prefer the same candidates, but only one tells all of them apart in doubles
    tiny = Power(div(q, number(1000)), number(5))
    one = argmin("theta", add(number(1), tiny))
    assert judged(CONDITIONAL, one, "=", argmin("theta", q)).kind == "holds"
    assert judged(CONDITIONAL, one, "=", argmax("theta", q)).kind == "fails"


# --- relations between values


@pytest.mark.parametrize(
    ("left", "relation", "right", "kind"),
    [
        (pyx, "=", div(p, px), "holds"),
        (pyx, "=", div(p, py), "fails"),
        (mean(px, pyx), "=", py, "holds"),
        (mean(px, pyx), "=", pyx, "fails"),
        (total("y", log(q)), "=", log(total("y", q)), "fails"),
        (kl(pyx, q), ">=", number(0), "holds"),
        (kl(pyx, q), ">", number(0), "holds"),
        (kl(pyx, pyx), ">", number(0), "fails"),
        (kl(pyx, pyx), ">=", number(0), "holds"),
        (kl(pyx, pyx), "=", number(0), "holds"),
        (number(0), ">=", kl(pyx, q), "fails"),
        (log(mean(px, q)), ">=", mean(px, log(q)), "holds"),
        (log(mean(px, q)), "<=", mean(px, log(q)), "fails"),
        (log(mean(px, q)), "<", mean(px, log(q)), "fails"),
        (mean(px, log(q)), "<", log(mean(px, q)), "holds"),
        (p, "<=", px, "holds"),
        (p, "<", px, "holds"),
        (px, "<", px, "fails"),
        (px, "<=", px, "holds"),
        (px, "!=", px, "fails"),
        (px, "!=", add(px, number(1)), "holds"),
        (px, "!=", d("p", (a("x", 1, kind="value"),)), "open"),
        (log(sub(px, number(2))), "=", px, "undefined"),
        (px, "=", div(px, sub(number(1), total("x", px))), "undefined"),
        (log(sub(number(1), total("x", px))), "=", px, "undefined"),
    ],
)
def test_relations(left: Expression, relation: str, right: Expression, kind: str) -> None:
    assert judged(CONDITIONAL, left, relation, right).kind == kind


def test_violations_are_searched_for() -> None:
    # random tables are seldom so uneven, and these two are false for uneven ones alone
    judge = Judge(CONDITIONAL, "seed")
    assert judge.step(Power(px, number(2)), "<=", number("99/100")).kind == "fails"
    assert judge.step(kl(py, pyx), "<=", number(6)).kind == "fails"
    assert judge.step(kl(py, pyx), "<", number(6)).kind == "fails"
    assert judge.step(number(6), ">", kl(py, pyx)).kind == "fails"
    assert judge.step(number(6), ">=", kl(py, pyx)).kind == "fails"


def test_differences_below_the_precision_of_floats_are_seen() -> None:
    tiny = Power(div(px, number(1000)), number(10))
    for relation, kind in (("=", "fails"), (">=", "fails"), ("<", "holds"), ("<=", "holds")):
        assert judged(CONDITIONAL, px, relation, add(px, tiny)).kind == kind
    assert judged(CONDITIONAL, log(px), "=", add(log(px), tiny)).kind == "fails"
    with pytest.raises(Undetermined, match="so small"):
        judged(CONDITIONAL, px, "=", add(px, Power(number(10), number(-30))))


def test_rounding_alone_breaks_no_step() -> None:
    # a sum of terms that cancel is 0 up to rounding, and nothing else it could be compared with
    score = total("y", mul(sub(q, pyx), number(1000)))
    assert judged(CONDITIONAL, score, "=", number(0)).kind == "holds"
    assert judged(CONDITIONAL, score, "<=", number(0)).kind == "holds"
    assert judged(CONDITIONAL, score, "<", number(0)).kind == "fails"


def test_undefined_says_why_and_where() -> None:
    found = judged(WITH_ZEROS, mean(px, kl(q, pyx)), ">=", number(0))
    assert found.kind == "undefined"
    assert "log of 0" in found.reason
    assert found.witness is not None
    assert "no value (log of 0)" in (found.witness.left, found.witness.right)
    assert judged(WITH_ZEROS, pyx, "=", div(p, px)).kind == "undefined"
    assert judged(WITH_ZEROS, mean(px, kl(pyx, q)), ">=", number(0)).kind == "holds"
    assert judged(WITH_ZEROS, PS1_1[0], "=", argmin("theta", mean(px, kl(q, pyx)))).kind == "undefined"


def test_what_floats_and_balls_cannot_tell_is_open() -> None:
    # the root of what is 0, and a little less in floats
    nothing = sub(mean(px, pyx), py)
    assert judged(CONDITIONAL, Apply("sqrt", (nothing,)), "=", number(0)).kind == "open"
    assert judged(CONDITIONAL, nothing, "=", number(0)).kind == "holds"


def test_only_narrow_balls_around_0_count_as_0() -> None:
    evaluator = Judge(CONDITIONAL, "seed").trials.ordinary[0].floats
    evaluator.arithmetic = Balls()
    sides = [np.array([arb(0, width)]) for width in (0.1, 2.0**-90, 2.0**-170)]
    nothing = np.array([arb(0)])
    assert [int(exact_signs(evaluator, side, nothing)[0]) for side in sides] == [UNKNOWN, UNKNOWN, 0]
    one = np.array([arb(1)])
    sides = [np.array([arb(1, width)]) for width in (2.0**-90, 2.0**-110)]
    assert [int(exact_signs(evaluator, side, one)[0]) for side in sides] == [UNKNOWN, 0]


def test_two_errors_that_cancel_are_both_found() -> None:
    right = log(div(p, px))
    assert kinds(CONDITIONAL, [right, log(mul(p, px)), log(pyx)]) == ["fails", "fails"]


def test_free_indices_of_a_lemma() -> None:
    judge = Judge(RECURRENT, "seed")
    joint, earlier = d("p", (upto("x", t), upto("z", t))), d("p", (before("x"), upto("z", t)))
    assert judge.step(DECODER, "=", div(joint, earlier)).kind == "holds"
    assert judge.step(DECODER, "=", d("p", (a("x", t),), (upto("z", t),))).kind == "fails"  # right at t = 1


# --- up to constants


SCORE = add(Apply("dot", (W, var("x"))), B)
POST, C = d("p", "y", "x"), var("constant")


@pytest.mark.parametrize(
    ("left", "relation", "right", "kind"),
    [
        (POST, "=", d("p_gamma", "y", "x"), "holds"),
        (POST, "propto", mul(d("p", "x", "y"), d("p", "y")), "holds"),
        (POST, "propto", mul(Element("pi", var("y")), NORMAL), "holds"),
        (POST, "propto", exp(SCORE), "holds"),
        (POST, "propto", NORMAL, "fails"),  # the prior is missing
        (POST, "propto", exp(Apply("dot", (W, var("x")))), "fails"),
        (POST, "=", exp(SCORE), "fails"),  # the normaliser is missing
        (log(POST), "=", add(SCORE, C), "holds"),
        (log(POST), "=", add(Apply("dot", (W, var("x"))), C), "fails"),
        (add(log(POST), C), "=", add(SCORE, C), "holds"),
        (POST, "=", mul(C, exp(SCORE)), "holds"),
        (mul(C, POST), "=", mul(C, exp(SCORE)), "holds"),
        (mul(C, POST), "=", mul(C, NORMAL), "fails"),
        (POST, "=", mul(C, NORMAL), "fails"),
        (POST, "propto", mul(C, exp(SCORE)), "holds"),
        (POST, "=", add(exp(mul(C, SCORE)), C), "open"),
        (POST, "=", add(POST, mul(number(0), C)), "open"),
        (add(POST, C), "=", add(SCORE, mul(C, Element("pi", var("y")))), "open"),
    ],
)
def test_up_to_constants(left: Expression, relation: str, right: Expression, kind: str) -> None:
    assert judged(MIXTURE, left, relation, right, ("y",)).kind == kind


# --- what is no step


@pytest.mark.parametrize(
    ("left", "relation", "right", "words"),
    [
        (px, "=", argmin("theta", q), "one side is an optimisation problem"),
        (px, "=", add(number(1), argmin("theta", q)), "no number as a value"),
        (argmin("theta", q), "<=", argmin("theta", q), "can only be equal"),
        (argmin("theta", q), "=", argmin("phi", q), "different parameters"),
        (argmin("phi", q), "=", argmin("phi", q), "no parameter"),
        (px, "iff", px, "⇔"),
        (px, "propto", px, "no variable over which"),
        (px, "=", add(px, C), "no variable over which"),
        (exp(exp(exp(mul(number(100), px)))), "=", px, "too large"),
    ],
)
def test_what_is_no_step(left: Expression, relation: str, right: Expression, words: str) -> None:
    with pytest.raises(Undetermined, match=words):
        judged(CONDITIONAL, left, relation, right)


def _nested(levels: int) -> Expression:
    found: Expression = d("p", "x", (a("z", var("i0"), kind="sample"),))
    for k in range(levels):
        found = sum_(f"i{k}", 1, var("k") if k == 0 else number(60), found)
    return found


def _deep() -> Expression:
    return reduce(lambda found, _: add(px, found), range(4000), px)


@pytest.mark.parametrize(
    "hostile",
    [
        _nested(6),
        _deep(),
        add(*[px] * 5000),
        mul(*[mean(d("p", (a("z", i % 2 + 1, kind="sample"),)), _nested(2)) for i in range(40)]),
        exp(exp(exp(exp(exp(number(10)))))),
        Power(Power(Power(number(10), number(40)), number(40)), number(40)),
    ],
)
def test_hostile_lines_cost_little(hostile: Expression) -> None:
    start = time.perf_counter()
    with suppress(Undetermined):
        assert judged(LATENT, hostile, "=", x_).kind in ("fails", "open")
    assert time.perf_counter() - start < 60  # a guard, no measurement


def test_the_seed_decides() -> None:
    def draws(seed: str) -> list[list[int]]:
        trials = Judge(CONDITIONAL, seed).trials.ordinary
        return [trial.draws[("table", "p")].numerators.ravel().tolist() for trial in trials]

    assert draws("one") == draws("one") != draws("another")
    wrong = argmin("theta", mean(px, kl(q, pyx)))
    found = [Judge(CONDITIONAL, seed).step(PS1_1[0], "=", wrong) for seed in ("one", "one", "another")]
    assert found[0] == found[1]
    assert found[0].witness != found[2].witness
    # verdicts do not depend on what was judged before
    judge = Judge(CONDITIONAL, "one")
    judge.step(log(mean(px, q)), ">=", mean(px, log(q)))
    assert judge.step(PS1_1[0], "=", wrong) == found[0]


# --- what is true of the usual instances alone


K, ONE, DRAWN_Z = var("k"), number(1), total("z", number(1))
WHATEVER = World(
    WorldSpec.model_validate({"parameters": {"theta": []}, "quantities": {"D": {"domain": "(0, 1)", "over": "theta"}}})
)


def zero_at(x: Expression, *places: int) -> Expression:
    return mul(*(sub(x, number(place)) for place in places))


@pytest.mark.parametrize(
    ("world", "left", "relation", "right", "kind"),
    [
        (LATENT, x_, "=", add(x_, zero_at(K, 2, 3)), "fails"),
        (MIXTURE, x_, "=", add(x_, zero_at(var("n"), 2, 3), zero_at(K, 2, 3, 4)), "fails"),
        (LATENT, x_, "=", add(x_, zero_at(DRAWN_Z, 2, 3, 5)), "fails"),
        (LATENT, x_, "=", add(x_, zero_at(total("x", ONE), 2, 3, 5)), "fails"),
        # a memory of two steps
        (
            RECURRENT,
            ENCODER,
            "=",
            d("q", (a("z", t),), (upto("x", t), a("z", Apply("max", (ONE, sub(t, number(2)))), sub(t, ONE)))),
            "fails",
        ),
        (TEMPERED, Apply("abs", (sub(var("T"), number(4)),)), "=", sub(number(4), var("T")), "fails"),
        (MIXTURE, Apply("min", (var("sigma"), number(4))), "=", var("sigma"), "fails"),
        (TEMPERED, var("T"), "<=", number(4), "fails"),
        (TEMPERED, var("T"), ">=", number("1/10"), "fails"),
        (TEMPERED, var("T"), "!=", ONE, "open"),
        (TEMPERED, var("T"), "!=", number(-1), "holds"),
        (LATENT, x_, "=", Apply("max", (x_, Power(number(10), number(-6)))), "fails"),
        (LATENT, d("p", "x", "z"), "<=", mul(number(99_999), x_), "fails"),
        (
            WHATEVER,
            argmin("theta", var("D")),
            "=",
            argmin("theta", Power(sub(var("D"), number("1/1000")), number(2))),
            "fails",
        ),
        (WHATEVER, argmax("theta", var("D")), "=", argmax("theta", zero_at(var("D"), 0, 2)), "fails"),
        # the two prefer the same but within a hundredth of 1
        (
            WHATEVER,
            argmax("theta", var("D")),
            "=",
            argmin("theta", mul(var("D"), sub(var("D"), number("199/100")))),
            "fails",
        ),
    ],
)
def test_what_is_true_of_the_usual_instances_alone(
    world: World, left: Expression, relation: str, right: Expression, kind: str
) -> None:
    for seed in ("one", "two", "three"):
        assert Judge(world, seed).step(left, relation, right).kind == kind


def test_a_difference_at_unusual_sizes_is_shown_there() -> None:
    witness = judged(LATENT, x_, "=", add(x_, zero_at(K, 2, 3))).witness
    assert witness is not None
    assert witness.readable
    assert dict(witness.values)["k"] not in ("2", "3")


def test_a_count_or_size_listed_alone_is_meant_as_it_is() -> None:
    spec = {"variables": {"x": {"sizes": [2]}, "y": {"values": "k"}}, "counts": {"k": [3]}}
    world = World(WorldSpec.model_validate(spec), {"p": CONDITIONAL.distributions["p"]})
    assert judged(world, total("x", ONE), "=", number(2)).kind == "holds"
    assert judged(world, K, "=", number(3)).kind == "holds"


# --- terms too small to be seen


LOG, FAINT = log(x_), exp(div(number(-1000), x_))
NOTHING = sub(LOG, LOG)


@pytest.mark.parametrize(
    ("relation", "right"),
    [
        ("=", add(LOG, FAINT)),
        ("=", add(LOG, add(NOTHING, FAINT))),
        ("=", add(LOG, Apply("max", (NOTHING, FAINT)))),
        ("=", mul(LOG, exp(FAINT))),
        ("=", mul(LOG, Power(x_, FAINT))),
        ("=", div(LOG, add(ONE, FAINT))),
        ("=", log(add(x_, FAINT))),
        ("=", negate(Apply("sqrt", (add(mul(LOG, LOG), FAINT),)))),
        ("=", mean(d("p", "z"), add(LOG, exp(div(number(-1000), d("p", "z")))))),
        ("=", add(LOG, exp(negate(exp(exp(div(number(10), x_))))))),  # too small for balls too
        ("<", add(LOG, FAINT)),
        ("<=", sub(LOG, FAINT)),
        (">=", add(LOG, FAINT)),
        ("!=", add(LOG, FAINT)),
    ],
)
def test_a_term_too_small_to_be_seen_leaves_a_step_open(relation: str, right: Expression) -> None:
    assert judged(LATENT, LOG, relation, right).kind == "open"


def test_small_terms_that_can_be_seen_are() -> None:
    small = Power(Power(x_, number(40)), number(10))
    assert judged(LATENT, LOG, "=", add(LOG, small)).kind == "fails"
    assert judged(LATENT, LOG, "=", add(LOG, NOTHING)).kind == "holds"
    assert judged(LATENT, LOG, "=", sub(log(mul(x_, exp(number(3)))), number(3))).kind == "holds"
    assert judged(LATENT, add(LOG, small), "=", add(small, LOG)).kind == "holds"


# --- what costs too much


def _fractions(levels: int) -> Expression:
    def deeper(found: Expression, _: int) -> Expression:
        return Power(add(ONE, Power(invert(add(ONE, found)), number(20))), number(20))

    return reduce(deeper, range(levels), x_)


def _towers(levels: int) -> Expression:
    return reduce(lambda found, _: Power(found, number(40)), range(levels), x_)


@pytest.mark.parametrize(
    "hostile", [_towers(5), _towers(12), _fractions(2), _fractions(5), mul(x_, *[_fractions(1)] * 300)]
)
def test_long_fractions_cost_little(hostile: Expression) -> None:
    start = time.perf_counter()
    with suppress(Undetermined):
        assert judged(LATENT, hostile, "=", x_).kind in ("fails", "open")
        assert judged(LATENT, add(hostile, x_), "=", add(x_, hostile)).kind in ("holds", "open")
    assert time.perf_counter() - start < 60  # a guard, no measurement


@pytest.mark.parametrize(("width", "depth"), [(20, 6), (2, 30), (1, 2000)])
def test_names_within_names_have_an_end(width: int, depth: int) -> None:
    world, before = LATENT, x_
    for k in range(depth):
        world = world.defining(f"r_{k}", Definition((), add(*[before] * width, number(0))))
        before = var(f"r_{k}")
    with pytest.raises(Undetermined, match="too long"):
        judged(world, x_, "=", before)


def test_a_definition_of_itself_has_an_end() -> None:
    world = LATENT.defining("r", Definition((), add(var("r"), number(1))))
    with pytest.raises(Undetermined):
        judged(world, x_, "=", var("r"))


def test_a_proof_has_a_budget() -> None:
    judge, start = Judge(LATENT, "seed"), time.perf_counter()
    assert judge.step(x_, "=", x_).kind == "holds"
    refused = set()
    for k in range(1, 180):
        heavy = sum_("i", 1, number(25), sum_("j", 1, number(25), mul(number(k), var("i"), var("j"), x_)))
        with suppress(Undetermined):
            judge.step(x_, "=", heavy)
            continue
        refused.add(k)
    assert 2 < min(refused) < 100
    assert refused == set(range(min(refused), 180))
    with pytest.raises(Undetermined, match="this proof takes more work"):
        judge.step(x_, "=", number(1))
    assert time.perf_counter() - start < 60  # a guard, no measurement
    assert Judge(LATENT, "seed").step(x_, "=", number(1)).kind == "fails"


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=4), st.sampled_from([CONDITIONAL, WITH_ZEROS]))
def test_theorems_hold_in_every_world(seed: str, world: World) -> None:
    judge = Judge(world, seed)
    assert judge.step(mean(px, kl(pyx, q)), ">=", number(0)).kind == "holds"
    assert judge.step(log(mean(p, q)), ">=", mean(p, log(q))).kind == "holds"
    assert judge.step(mean(px, mean(pyx, log(q))), "=", mean(p, log(q))).kind == "holds"
    assert judge.step(mean(px, mean(pyx, log(q))), "=", mean((px, py), log(q))).kind == "fails"
