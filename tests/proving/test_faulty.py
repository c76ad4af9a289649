"""Wrong YAML, impossible distributions, claims that never settle, routes that raise: told with place, never proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.marking import course_faults
from grader.proving.standing import Standing, exit_status
from tests.proving.common import CHOICE, load, standing, standings, write

PLAIN = "{variables: {x: {}}, distributions: ['p(x)']}"
COIN = "simulate: {X: bernoulli(1/2)}"


def told(found: Standing) -> str:
    """All that is said of what is wrong, with the place."""
    said = [str(fault) for fault in found.faults]
    said += [f"{p.route.where}: {p.found.how}" for p in found.proofs if p.found.status in ("faulty", "undecided")]
    return "\n".join(said)


@pytest.mark.parametrize(
    ("route", "line", "sentence"),
    [
        ("prove: {simulat: {X: 1}, claim: 'E[X] = 1'}", 3, "(did you mean 'simulate'?)"),
        ("prove: {derivative_of: x}", 3, "with_respect_to: is missing"),
        ("prove: {derivative_of: x, with_respect_to: x, value_of: 3}", 3, "are two routes; write them as a list"),
        ("prove: 3", 3, "expected a route"),
        ("prove: []", 0, ""),
        ("prove: {value_of: 1/2, equal: 3}", 3, "unknown key 'equal' (did you mean 'equals'?)"),
        (f"prove:\n  {COIN}\n  claim: E[X] = answer\n  counterexample: E[X] = 1", 3, "either claim: (it must hold) or"),
        (f"prove: {{{COIN}}}", 3, "expected either claim:"),
        (f"prove:\n  {COIN}\n  claim: E[X] = answer\n  alpha: 0.5", 6, "at most 0.05"),
        (f"prove:\n  {COIN}\n  claim: E[X] = answer\n  margin: wide", 6, "expected a number instead of 'wide'"),
        (
            f"prove:\n  {COIN}\n  claim: E[X] = answer\n  of: [aswer]",
            6,
            "has no field 'aswer' (did you mean 'answer'?)",
        ),
        ("prove: {enumerate: {bits_fro: 3}}", 3, "(did you mean 'bits_for'?)"),
        ("prove: {enumerate: 7}", 3, "expected a mapping with one of parameters_of"),
        ("prove: {enumerate: {bits_for: many}}", 3, "expected a whole number instead of 'many'"),
        ("prove: {determinant_of: [x, y], with_respect_to: [x]}", 3, "as many functions in determinant_of:"),
        ("prove:\n  anser: {reason: none}", 4, "is no field of item 1a and no route (did you mean 'answer'?)"),
        ("prove: {python: ../x.py}", 3, "python"),
    ],
)
def test_what_cannot_be_read_is_located(tmp_path: Path, route: str, line: int, sentence: str) -> None:
    found = standing(tmp_path, f"answer: 1/2\n{route}")
    assert found.status == ("faulty" if line else "missing")
    assert f"1.yaml:{line}:" in told(found) if line else True
    assert sentence in told(found)


def test_a_route_that_cannot_be_read_keeps_nobody_from_marking(tmp_path: Path) -> None:
    course = load(write(tmp_path, "answer: 1/2\nprove: {value_off: 1}"))
    key = course.keys["quiz"]["1a"]
    assert key.fields["answer"].value == "1/2"  # type: ignore[union-attr]
    assert ["no route" in str(f) or "expected a route" in str(f) for f in course_faults(course)] == [True]


@pytest.mark.parametrize(
    ("simulate", "claim", "sentence"),
    [
        ("{X: uniform(3, -2)}", "E[X] = answer", "X: uniform: the ends are in the wrong order"),
        ("{X: normal(0, -1)}", "P(X > 0) = answer", "X: normal: the standard deviation is a positive number, not -1"),
        ("{X: bernoulli(2)}", "E[X] = answer", "X: bernoulli: the probability is a number from 0 to 1, not 2"),
        ("{Z: uniform(0, 3), X: bernoulli(Z)}", "E[X] = answer", "X: bernoulli: the probability is a number"),
        ("{X: unifrom(0, 1)}", "E[X] = answer", "X: there is no distribution 'unifrom' (did you mean 'uniform'?)"),
        ("{X: uniform(0)}", "E[X] = answer", "X: uniform takes low, high, not 1 parameters"),
        ("{X: Z^2, Z: uniform(0, 1)}", "E[X] = answer", "X: `Z` is no name known here"),
        ("{X: 3}", "E[X] = answer", "nothing is random"),
        ("{E: uniform(0, 1)}", "E[E] = answer", "E has a meaning of its own here"),
        ("{X: uniform(0, 1)}", "E[X = answer", "the claim 'E[X = answer' cannot be read"),
        ("{X: uniform(0, 1)}", "X = answer", "there is nothing to estimate"),
        ("{X: uniform(0, 1)}", "E[X] = 0.4", "this says nothing of the key"),
        ("{X: normal(0, 1)}", "E[X] = answer", "is not bounded; state a bound on its variance"),
        ("{X: uniform(-1, 1)}", "E[log(X)] = answer", "has no finite value for some of the draws"),
        ("{X: {draws: 2.5, from: uniform(0, 1)}}", "E[X_1] = answer", "draws: must be a whole number"),
        ("{X: {draws: 2, from: uniform(0, 1)}}", "E[X_3] = answer", "has the elements 1 to 2, not 3"),
        ("{X: {draws: 2, from: 1/2}}", "E[X_1] = answer", "expected a distribution under from:"),
    ],
)
def test_what_cannot_be_simulated_is_told(tmp_path: Path, simulate: str, claim: str, sentence: str) -> None:
    found = standing(tmp_path, f"answer: 1/2\nprove:\n  simulate: {simulate}\n  claim: '{claim}'")
    assert found.status == "faulty"
    assert sentence in told(found)
    assert "1.yaml:3" in told(found)


def test_a_claim_that_never_settles_is_undecided(tmp_path: Path) -> None:
    route = f"prove: {{{COIN}, claim: 'E[X] = answer', margin: 1e-6, draws: 5000}}"
    found = standing(tmp_path, f"answer: 1/2\n{route}")
    assert (found.status, exit_status([found], strict=False), exit_status([found], strict=True)) == ("undecided", 0, 1)
    assert "not settled by 5,000 draws" in told(found)


@pytest.mark.parametrize(
    ("code", "status", "sentence"),
    [
        ("def route():\n    return '1/2'\n", "proved", ""),
        ("from fractions import Fraction\ndef route():\n    return Fraction(1, 2)\n", "proved", ""),
        ("def route():\n    return '1/3'\n", "refuted", ""),
        ("def route():\n    raise KeyError('x')\n", "faulty", "failed: KeyError: 'x'"),
        ("def rout():\n    pass\n", "faulty", "has no attribute 'route'"),
        ("def route(:\n", "faulty", "SyntaxError"),
        ("def route():\n    return [1]\n", "faulty", "returned list; expected text or an exact number"),
        ("def route():\n    return 0.5\n", "faulty", "returned float; expected text or an exact number"),
        ("def route():\n    return 'about a half'\n", "faulty", "which is no answer that can be judged"),
        ("import os\ndef route():\n    os._exit(0)\n", "faulty", "ended without an answer"),
        ("import sys\ndef route():\n    sys.exit()\n", "faulty", "ended without an answer"),
        ("print('noise')\ndef route():\n    print('more')\n    return 1 / 2 == 0.5 and '1/2'\n", "proved", ""),
    ],
)
def test_python_routes(tmp_path: Path, code: str, status: str, sentence: str) -> None:
    folder = write(tmp_path, "answer: 1/2\nprove: {python: own.py}")
    (folder / "reference/quiz/own.py").write_text(code)
    found = standing(folder, "answer: 1/2\nprove: {python: own.py}")
    assert found.status == status
    assert sentence in told(found)


def test_a_python_file_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no file" in told(standing(tmp_path, "answer: 1/2\nprove: {python: none.py}"))


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        ("{derivative_of: 1 +, with_respect_to: x}", "the formula ends"),
        ("{derivative_of: x^2, with_respect_to: x}", "`x` is no name known here"),
        ("{density_of: Z, at: 1, where: {Z: uniform(3, 1)}}", "uniform"),
        ("{always: x = x, symbols: {x: {}}}", "both sides are the same"),
        ("{always: answer = x / (2 x), symbols: {x: {domain: odd}}}", "odd"),
        ("{holds_where: 1 < 2}", "is no region"),
        ("{world: 7, claim: p(x) = answer}", "has no item 7 with a derivation"),
        ("{world: %s, claim: p(x) = 1}", "this says nothing of the key"),
        (
            "{world: %s, claim: 'p(x) < answer'}",
            "this says nothing of the key",
        ),
        ("{always: answer = answer}", "both sides are the same"),
        ("{value_of: answer}", "this arrives at the key from a key"),
        ("{expectation_of: answer Z, where: {Z: uniform(0, 2)}}", "this arrives at the key from a key"),
        ("{expectation_of: Z, where: {Z: uniform(answer, answer)}}", "this arrives at the key from a key"),
        ("{simulate: {Z: uniform(answer - 1, answer + 1)}, claim: 'E[Z] = answer'}", "from a key"),
        ("{simulate: {Z: uniform(0, 1), W: answer + Z}, claim: 'E[W - Z] = answer'}", "from a key"),
        ("{simulate: {Z: uniform(0, 1), answer: 1/2}, claim: 'E[Z] = answer'}", "from a key"),
        (
            "{world: {variables: {x: {}}, definitions: {answer: 1}, distributions: ['p(x)']}, claim: p(x) = answer}",
            "of its own",
        ),
        ("{value_of: 1/2, symbols: {answer: {}}}", "answer has a meaning in this item already"),
        ("{enumerate: {parameters_of: chain, length: 1}}", "of at least 3"),
        ("{value_of: 1/2, shows: yes}", "shows: is for the keys of options and regions"),
        ("{always: 0 answer = 0}", "this says nothing of the key"),
        ("{always: answer < 1}", "this says nothing of the key"),
        ("{always: 1/2 = 1/2}", "both sides are the same"),
        ("{sometimes: answer < 1}", "this says nothing of the key"),
        ("{simulate: {X: bernoulli(1/2)}, claim: 'E[X] <= answer'}", "this says nothing of the key"),
        ("{simulate: {X: bernoulli(1/2)}, claim: 'E[X] + 0 answer = 1/2 + 0 answer'}", "this says nothing of the key"),
        ("{simulate: {X: bernoulli(1/2)}, counterexample: 'E[X] = answer'}", "this says nothing of the key"),
        ("{world: %s, claim: p(y) = answer}", "claim.1"),
        (
            "{world: %s, claim: p(x) = answer, where: {q: 1}}",
            "no quantity 'q'",
        ),
        ("{enumerate: {parameters_of: chains}}", "there is no model 'chains' (did you mean 'chain'?)"),
        ("{enumerate: {sampling_order: {x_t: []}}}", "an order cannot bear on the key of a numeric"),
        ("{enumerate: {tables_by_order: {a: [], b: [a]}}}", "cannot bear on the key of a numeric"),
    ],
)
def test_routes_that_cannot_be_carried_out(tmp_path: Path, route: str, sentence: str) -> None:
    found = standing(tmp_path, f"answer: 1/2\nprove: {route.replace('%s', PLAIN)}")
    assert found.status == "faulty"
    assert sentence in told(found)


def test_whatever_a_route_raises_costs_that_route_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("grader.proving.enumerated.bits_for", broken)
    found = standing(tmp_path, "answer: 4\nprove: [{enumerate: {bits_for: 16}}, {value_of: 2 + 2}]")
    assert [p.found.status for p in found.proofs] == ["faulty", "proved"]
    assert found.status == "faulty"
    assert "the route failed: ZeroDivisionError: of all things" in told(found)


def test_a_key_that_cannot_be_read_is_faulty(tmp_path: Path) -> None:
    found = standing(tmp_path, "answer: {valu: 1}\nprove: {reason: none}")
    assert found.status == "faulty"
    assert found.faults


# --- what a route shows ---


@pytest.mark.parametrize(
    ("key", "extra", "status"),
    [
        ("yes", "claim: E[X] > 0.4", "supported"),
        ("no", "claim: E[X] > 0.4", "refuted"),
        ("yes", "claim: E[X] > 0.6", "refuted"),
        ("no", "claim: E[X] > 0.6", "refuted"),  # the claim was to hold
        ("no", "counterexample: E[X] > 0.6", "supported"),
        ("yes", "counterexample: E[X] > 0.6", "refuted"),
        ("yes", "counterexample: E[X] > 0.4\n  draws: 100000", "undecided"),
        ("no", "claim: E[X] > 0.4\n  shows: no", "supported"),
        ("yes", "counterexample: E[X] > 0.6\n  shows: yes", "supported"),
        ("yes", "claim: E[X] > 0.4\n  shows: maybe", "faulty"),
        ("yess", "claim: E[X] > 0.4", "faulty"),
    ],
)
def test_claims_about_options(tmp_path: Path, key: str, extra: str, status: str) -> None:
    found = standing(tmp_path, f"answer: {key}\nprove:\n  {COIN}\n  {extra}", CHOICE)
    assert found.status == status, [proof.found for proof in found.proofs]


@pytest.mark.parametrize(
    ("key", "route", "status"),
    [
        ("yes", "{always: 'z^2 >= 0', symbols: {z: {}}}", "proved"),
        ("no", "{always: 'z^2 >= 0', symbols: {z: {}}}", "refuted"),
        ("yes", "{always: 'z^2 > 0', symbols: {z: {}}}", "refuted"),
        ("no", "{sometimes: 'z^2 < z', symbols: {z: {}}}", "proved"),
        ("no", "{sometimes: 'z^2 < 0', symbols: {z: {}}}", "undecided"),
        ("yes", "{value_of: 'sum(i, i=1..4)', equals: 10, shows: yes}", "proved"),
        ("no", "{value_of: 'sum(i, i=1..4)', equals: 10, shows: yes}", "refuted"),
        ("yes", "{value_of: 'sum(i, i=1..4)', equals: 11, shows: yes}", "refuted"),
        ("yes", "{value_of: 'sum(i, i=1..4)', equals: 10}", "missing"),  # shows nothing
        ("no", "{enumerate: {tables_by_order: {a: [], b: [a], c: [a]}}}", "proved"),
        ("yes", "{enumerate: {tables_by_order: {a: [], b: [a], c: [a]}}}", "refuted"),
        ("no", "{enumerate: {tables_by_order: {a: [], b: []}}}", "undecided"),
    ],
)
def test_statements_about_options(tmp_path: Path, key: str, route: str, status: str) -> None:
    assert standing(tmp_path, f"answer: {key}\nprove: {route}", CHOICE).status == status


def test_a_route_that_bears_on_nothing_speaks_only_against(tmp_path: Path) -> None:
    aside = "{value_of: 1 + 1, equals: 2}"
    assert standing(tmp_path, f"answer: 7\nprove: {aside}").status == "missing"
    assert standing(tmp_path, f"answer: 7\nprove: [{{value_of: 3 + 4}}, {aside}]").status == "proved"
    assert standing(tmp_path, "answer: 7\nprove: [{value_of: 3 + 4}, {value_of: 1 + 1, equals: 3}]").status == "refuted"


def test_a_route_for_several_fields_is_judged_for_each(tmp_path: Path) -> None:
    fields = "    fields: {a: {kind: symbolic, points: 1}, b: {kind: symbolic, points: 1}}\n"
    key = "a: 2 x\nb: 5 x\nprove: {of: [a, b], derivative_of: x^2, with_respect_to: x}"
    found = standings(tmp_path, key, fields, "    symbols: {x: {}}\n")
    assert [one.status for one in found] == ["proved", "refuted"]


def test_keys_do_not_prove_each_other(tmp_path: Path) -> None:
    fields = "    fields: {a: {kind: numeric, points: 1}, b: {kind: numeric, points: 1}}\n"
    for route in ("{of: [a, b], always: a = b}", "{a: {value_of: b}, b: {value_of: a}}"):
        assert [s.status for s in standings(tmp_path, f"a: 7\nb: 7\nprove: {route}", fields)] == ["faulty", "faulty"]


def test_the_items_symbols_keep_their_meaning(tmp_path: Path) -> None:
    route = "prove: {value_of: abs(x), symbols: {x: {domain: positive}}}"
    found = standing(tmp_path, f"answer: x\n{route}", "    answer: {kind: symbolic}\n", "    symbols: {x: {}}\n")
    assert found.status == "faulty"
    assert "symbols: x has a meaning in this item already" in told(found)


def test_prose_has_no_key_to_prove(tmp_path: Path) -> None:
    fields = "    fields: {answer: {kind: numeric, points: 1}, why: {kind: text, points: 1}}\n"
    found = standing(tmp_path, "answer: 2\nwhy: So it is.\nprove: {of: why, reason: because}", fields)
    assert "why is prose, which a human marks" in told(found)


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ("P(X/5 <= 3/5) = answer", "supported"),
        ("P(0.1 X <= 0.3) = answer", "supported"),
        ("P(X/10 + X/5 = 9/10) = 1/3 * answer", "faulty"),
        ("P(floor(10 (X/10)) <= 3) = answer", "supported"),
        ("P(sqrt(X)^2 <= 3) = answer", "supported"),
        ("P(X/5 < 3/5) = answer", "refuted"),
    ],
)
def test_numbers_that_differ_by_rounding_are_equal(tmp_path: Path, claim: str, status: str) -> None:
    route = f"prove: {{simulate: {{X: 'integers(1, 6)'}}, claim: '{claim}'}}"
    assert standing(tmp_path, f"answer: 1/2\n{route}").status == status


@pytest.mark.parametrize(("key", "status"), [("k > 0", "undecided"), ("k >= 0", "undecided")])
def test_where_a_relation_has_no_value_it_does_not_hold(tmp_path: Path, key: str, status: str) -> None:
    symbols = "    symbols: {k: {}}\n"
    found = standing(tmp_path, f"answer: '{key}'\nprove: {{holds_where: 'k^2/k >= 0'}}", REGION, symbols)
    assert found.status == status


def test_python_routes_are_compared_exactly(tmp_path: Path) -> None:
    key = "answer: {value: 1/15, tolerance: {relative: 0.5}}\nprove: {python: own.py}"
    write(tmp_path, key)
    (tmp_path / "reference/quiz/own.py").write_text("def route():\n    return '0.08'\n")
    assert standing(tmp_path, key).status in ("faulty", "refuted")


REGION = "    answer: {kind: region}\n"
T = "    symbols: {T: {domain: positive}}\n"
WORLD = "{variables: {x: {}}, quantities: {T: {domain: positive}}, distributions: ['p(x)']}"
BELOW = ("(0, 1)", "p(x)^T > p(x)", "inside")
AT = ("1", "p(x)^T = p(x)", "outside")
ABOVE = ("(1, inf)", "p(x)^T < p(x)", "outside")


@pytest.mark.parametrize(
    ("key", "parts", "status"),
    [
        ("T < 1", [BELOW, AT, ABOVE], "supported"),
        ("T < 1", [BELOW, ABOVE], "undecided"),  # T = 1 is left out
        ("T < 1", [BELOW], "undecided"),
        ("T < 1", [BELOW, AT, ("(1, 9)", "p(x)^T < p(x)", "outside")], "undecided"),
        ("T <= 1", [BELOW, AT, ABOVE], "refuted"),
        ("T < 1/2", [BELOW, AT, ABOVE], "refuted"),
        ("T < 1", [("(0, 1)", "p(x)^T > p(x)", "outside")], "refuted"),
        ("T < 1", [("(0, 1)", "p(x)^T < p(x)", "inside")], "refuted"),
        ("T < 1", [("(0, 1)", "p(x)^T > p(x)", "yes")], "faulty"),
        ("T < 1", [("(0, 1)", "p(x) < 1", "inside")], "faulty"),  # T does not stand in it
    ],
)
def test_regions_in_worlds(tmp_path: Path, key: str, parts: list[tuple[str, str, str]], status: str) -> None:
    routes = ", ".join(
        f"{{world: {WORLD}, where: {{T: '{where}'}}, claim: '{claim}', shows: {shows}}}"
        for where, claim, shows in parts
    )
    assert standing(tmp_path, f"answer: '{key}'\nprove: [{routes}]", REGION, T).status == status


# --- what a second look found ---

SYMBOLIC = "    answer: {kind: symbolic}\n"
N = "    symbols: {n: {domain: positive}}\n"


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("{always: 'answer = sum(i, i=1..10)'}", "proved"),
        ("{always: 'sum(i, i=1..10) = answer'}", "proved"),
        ("{always: 'sum(i, i=1..10) = 55'}", "proved"),
        ("{always: '55 = 55'}", "faulty"),
        ("{simulate: {X: 'uniform(0, 1)'}, claim: ['100 E[X] + 5 = 55', '110 E[X] = answer']}", "supported"),
        ("{simulate: {X: 'uniform(0, 1)'}, claim: ['100 E[X] + 5 = 55', 'E[X] = 1/2']}", "faulty"),  # a premise
        ("{simulate: {X: 'uniform(0, 1)', c: 55}, claim: 'E[c] = answer'}", "faulty"),  # nothing is random
    ],
)
def test_what_pins_a_number(tmp_path: Path, route: str, status: str) -> None:
    assert standing(tmp_path, f"answer: 55\nprove: {route}").status == status


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("{simulate: {X: 'uniform(0, n)'}, for: {n: [1, 2, 3]}, claim: 'E[X] = answer'}", "supported"),
        ("{simulate: {X: 'uniform(0, n)'}, for: {n: [1]}, claim: 'E[X] = answer'}", "faulty"),
        ("{simulate: {n: 1, X: 'uniform(0, n)'}, claim: 'E[X] = answer'}", "faulty"),
        (
            "{world: {variables: {x: {}}, quantities: {n: {domain: positive}}, distributions: ['p(x)']}, %s}",
            "supported",
        ),
        (
            "{world: {variables: {x: {}}, quantities: {n: {}}, distributions: ['p(x)']}, where: {n: 1}, %s}",
            "faulty",
        ),
    ],
)
def test_a_formula_needs_more_than_one_value_of_its_symbols(tmp_path: Path, route: str, status: str) -> None:
    route = route.replace("%s", "claim: 'answer = n/2 \\sum_x p(x)'")
    assert standing(tmp_path, f"answer: n/2\nprove: {route}", SYMBOLIC, N).status == status


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("{always: 'answer(u) = answer(u) + 0', symbols: {v: {}}}", "faulty"),
        ("{always: '2 answer(u) = answer(u) + answer(u)'}", "faulty"),
        ("{always: 'exp(-answer(u)) = 1 - u'}", "proved"),
        ("{simulate: {V: 'uniform(0, 1)', A: 'answer(V)'}, claim: 'E[V] = 1/2'}", "faulty"),  # A is not used
        ("{simulate: {V: 'uniform(0, 1)', A: 'answer(V)'}, claim: 'P(A < 1) = 1 - exp(-1)'}", "supported"),
        ("{simulate: {V: 'uniform(0, 1)', A: 'answer(V)'}, claim: 'P(A < 1) = 1/2'}", "refuted"),
        ("{expectation_of: V, where: {V: 'uniform(0, 1)', A: 'answer(V)'}, equals: 1/2}", "faulty"),
    ],
)
def test_what_bears_on_an_object(tmp_path: Path, route: str, status: str) -> None:
    field = "    fields: {answer: {kind: construct, points: 2, arguments: [u]}}\n"
    key = "answer: -log(1 - u)\nproperties: [{of: [answer], always: ['exp(-answer(u)) = 1 - u']}]"
    symbols = "    symbols: {u: {domain: '(0, 1)'}}\n"
    assert standing(tmp_path, f"{key}\nprove: {route}", field, symbols).status == status


def test_two_fields_may_share_a_list_of_claims(tmp_path: Path) -> None:
    fields = "    fields: {w: {kind: numeric, points: 1}, b: {kind: numeric, points: 1}}\n"
    route = "prove: {of: [w, b], simulate: {X: 'uniform(0, 1)'}, claim: ['E[X] = w', 'E[X^2] = b']}"
    for b, status in (("1/3", "supported"), ("1/2", "refuted")):
        assert [s.status for s in standings(tmp_path, f"w: 1/2\nb: {b}\n{route}", fields)] == [status] * 2


@pytest.mark.parametrize(
    "claim",
    ["P(1/(1 + exp(-X)) < 1) = answer", "P(tanh(X) < 1) = answer", "P(exp(-20 X^2) + 1 > 1) = answer"],
)
def test_what_doubles_cannot_tell_apart_is_left_undecided(tmp_path: Path, claim: str) -> None:
    for key in ("1", "0.084", "0.9"):
        route = f"prove: {{simulate: {{X: 'normal(0, 20)'}}, claim: '{claim}', margin: 0.005}}"
        assert standing(tmp_path, f"answer: {key}\n{route}").status == "undecided"


@pytest.mark.parametrize(
    ("claim", "key", "status"),
    [
        ("P(log(X) - log(2) - log(3) = 0) = answer", "1/6", "supported"),
        ("P(sqrt(X)^2 - X > 0) = answer", "0", "supported"),
        ("P(L <= 0) = answer", "1", "supported"),
        ("P(max(Z, 0) = 0) = answer", "1/2", "supported"),  # nothing is computed there
        ("P(max(Z, 0) = Z) = answer", "1/2", "supported"),
    ],
)
def test_numbers_that_cancel_are_compared_by_what_they_are_made_of(
    tmp_path: Path, claim: str, key: str, status: str
) -> None:
    described = "{X: 'integers(1, 6)', L: 'log(X/7) + log(3) - log(3 X/7)', Z: 'normal(0, 1)'}"
    found = standing(tmp_path, f"answer: {key}\nprove: {{simulate: {described}, claim: '{claim}', margin: 0.01}}")
    assert found.status == status


def test_a_region_whose_cover_cannot_be_told_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("grader.proving.inworld.indifferent", broken)
    routes = ", ".join(
        f"{{world: {WORLD}, where: {{T: '{where}'}}, claim: '{claim}', shows: {shows}}}"
        for where, claim, shows in (BELOW, AT, ABOVE)
    )
    found = standing(tmp_path, f"answer: T < 1\nprove: [{routes}]", REGION, T)
    assert found.status == "undecided"
    assert "could not be told: ZeroDivisionError" in told(found)


def test_claims_about_a_region_must_tell_its_sides_apart(tmp_path: Path) -> None:
    claim = "T p(x) < 2 p(x) + T p(x)"
    parts = [("(0, 1)", claim, "inside"), ("1", claim, "outside"), ("(1, inf)", claim, "outside")]
    routes = ", ".join(
        f"{{world: {WORLD}, where: {{T: '{where}'}}, claim: '{claim}', shows: {shows}}}"
        for where, claim, shows in parts
    )
    assert standing(tmp_path, f"answer: T < 1\nprove: [{routes}]", REGION, T).status == "undecided"


def test_a_python_route_says_nothing_of_an_object_without_its_property(tmp_path: Path) -> None:
    field = "    fields: {answer: {kind: construct, points: 2, arguments: [u]}}\n"
    symbols = "    symbols: {u: {domain: '(0, 1)'}}\n"
    for own, status in (("-log(1 - u)", "proved"), ("-log(1 - u)/2", "faulty")):
        key = f"answer: {own}\nproperties: [{{of: [answer], always: ['exp(-answer(u)) = 1 - u']}}]"
        key += "\nprove: {python: own.py}"
        write(tmp_path, key, field, symbols)
        (tmp_path / "reference/quiz/own.py").write_text("def route():\n    return '-log(1 - u)'\n")
        assert standing(tmp_path, key, field, symbols).status == status


def test_a_python_route_may_import_its_neighbours_and_is_told_the_line(tmp_path: Path) -> None:
    key = "answer: 2\nprove: {python: own.py}"
    write(tmp_path, key)
    (tmp_path / "reference/quiz/helper.py").write_text("TWO = 2\n")
    (tmp_path / "reference/quiz/own.py").write_text("import helper\n\ndef route():\n    return helper.TWO\n")
    assert standing(tmp_path, key).status == "proved"
    (tmp_path / "reference/quiz/own.py").write_text("def route():\n    x = 1\n    return x / 0\n")
    assert "route in own.py:3 failed: ZeroDivisionError" in told(standing(tmp_path, key))


def test_a_simulated_key_is_held_to_its_own_claim(tmp_path: Path) -> None:
    for value, status in (("1/2", "supported"), ("0.45", "refuted")):
        own = f"answer: {{value: {value}, check: simulation, simulate: {{X: 'uniform(0, 1)'}}, claim: 'E[X] = answer'}}"
        assert standing(tmp_path, own).status == status
        assert standing(tmp_path, f"{own}\nprove: {{value_of: {value}}}").status == (
            "proved" if status == "supported" else "refuted"
        )
