"""The keys of the two papers by their routes: right ones hold, wrong ones do not, and the sources' slips are found."""

from __future__ import annotations

import pytest

from grader.checkers import as_written
from grader.errors import SpecError
from grader.keys import ItemKey
from grader.proving.course import carry_out, prove
from grader.proving.keyed import Keyed
from grader.proving.record import fields_to_prove, unproved
from grader.proving.standing import SETTLED, Standing, exit_status
from grader.routes import InWorld, Python, Reason, Simulated
from grader.spec import ChoiceField, Item, Question
from tests.course import real_course

Case = tuple[str, str, str, str]


REACHED = {
    "midterm/1a.answer": {"enumerate"},
    "midterm/1b.answer": {"world"},
    "midterm/1c.answer": {"simulate"},
    "midterm/1d.answer": {"world"},
    "midterm/1e.answer": {"world"},
    "midterm/1j.answer": {"world"},
    "midterm/4a.answer": {"simulate", "density_of"},
    "midterm/4d.jacobian": {"determinant_of"},
    "midterm/6b.answer": {"derivative_of"},
    "midterm/6d.range": {"holds_where"},
    "midterm/7a.answer": {"world"},
    "midterm/7b.answer": {"python", "world"},
    "ps1/2.w": {"world"},
    "ps1/3.3.answer": {"enumerate"},
    "ps1/4.answer": {"expectation_of", "simulate"},
    "ps1/5.1.answer": {"world", "simulate"},
    "ps1/5.2.answer": {"world", "simulate"},
    "ps1/6.2.answer": {"enumerate"},
    "ps1/6.7a.answer": {"world"},
    "ps1/6.7a.p0": {"simulate"},
}


def test_every_key_is_settled() -> None:
    """One test, for it takes a while to prove them all."""
    found = {standing.label: standing for standing in prove(real_course())}
    assert len(found) == sum(len(list(fields_to_prove(item))) for _, _, item in items())
    assert {label: s.status for label, s in found.items() if s.status not in SETTLED} == {}
    assert exit_status(found.values(), strict=True) == 0
    assert {label: routes(found[label]) for label in REACHED} == REACHED
    check_reasons(found)
    check_bias_of_log_a(found["ps1/5.2.answer"])
    assert [proof.linked for proof in found["ps1/6.2.answer"].proofs] == [True, False, False, False]
    assert routes(found["ps1/6.2.answer"]) == {"enumerate"}


def routes(standing: Standing) -> set[str]:
    return {proof.route.word for proof in standing.proofs if proof.found.status in ("proved", "supported")}


def check_reasons(found: dict[str, Standing]) -> None:
    alone = [s for s in found.values() if s.status == "reason"]
    assert all(isinstance(proof.route, Reason) and len(proof.found.how) > 40 for s in alone for proof in s.proofs)
    assert {s.item for s in alone if s.kind == "code"} == {"6.3", "6.4", "6.5", "6.6", "6.7b"}


def check_bias_of_log_a(standing: Standing) -> None:
    """It shrinks like 1/k."""
    runs = next(p for p in standing.proofs if isinstance(p.route, Simulated)).found.runs
    sizes = [run for run in runs if run.shown == "k * bias(log(A), log(p))"]
    assert len(sizes) == 8
    assert all(-0.05 < run.estimate < -0.03 for run in sizes)


def test_the_record_in_the_repository_is_of_these_keys() -> None:
    assert unproved(real_course()) == [], "run grade prove"


# --- wrong keys ---


def items() -> list[tuple[str, Question, Item]]:
    course = real_course()
    return [(a.id, q, item) for a in course.assignments.values() for q in a.questions for item in q.items]


def keyed(assignment: str, item: str, field: str, value: str) -> Keyed:
    """The item with another value in the key."""
    question, found = next((q, i) for a, q, i in items() if (a, i.id) == (assignment, item))
    key = real_course().keys[assignment][item]
    assert isinstance(key, ItemKey)
    other = key.fields[field].model_copy(update={"value": value})
    changed = key.model_copy(update={"fields": {**key.fields, field: other}})
    folder = real_course().reference
    assert folder is not None
    return Keyed(assignment, question, found, changed, folder / assignment, "tests")


def stands(assignment: str, item: str, field: str, value: str) -> Standing:
    changed = keyed(assignment, item, field, value)
    proofs = tuple(carry_out(route, changed, field) for route in changed.key.prove if field in route.of)
    return Standing(assignment, item, field, changed.spec(field).kind, proofs)


def wrong_keys() -> list[Case]:
    """The other options, and every known mistake, of all keys that have a route."""
    found = []
    for assignment, _, item in items():
        key = real_course().keys[assignment][item.id]
        assert not isinstance(key, SpecError)
        for spec in item.fields:
            routed = [r for r in key.prove if spec.name in r.of and not isinstance(r, Reason)]
            if not routed or spec.kind == "derivation":
                continue
            values = [as_written(m.when).text for m in key.mistakes if m.field == spec.name]
            if isinstance(spec, ChoiceField):
                own = str(getattr(key.fields[spec.name], "value", ""))
                values = [option for option in spec.options if option != own]
            found += [(assignment, item.id, spec.name, value) for value in values]
    return found


def costs(case: Case) -> bool:
    """Whether the routes to it take more than a moment."""
    key = real_course().keys[case[0]][case[1]]
    assert isinstance(key, ItemKey)
    return any(isinstance(r, Simulated | Python) for r in key.prove if case[2] in r.of) or case[1] in ("3c", "6.2")


CHEAP = [case for case in wrong_keys() if not costs(case)]
DEAR = [case for case in wrong_keys() if costs(case)]


@pytest.mark.parametrize("case", [*CHEAP, *(pytest.param(case, marks=pytest.mark.slow) for case in DEAR)], ids=str)
def test_a_wrong_key_is_refuted(case: Case) -> None:
    assert stands(*case).status == "refuted"


def test_there_are_enough_wrong_keys() -> None:
    assert len(CHEAP) > 90
    assert len(DEAR) > 30


# --- what the sources say ---


def test_6_7a_the_students_yes_is_refuted_with_a_table() -> None:
    found = stands("ps1", "6.7a", "answer", "yes")
    assert found.status == "refuted"
    (proof,) = found.proofs
    assert "which shows no" in proof.found.how
    assert any("p(x, y)" in line for line in proof.found.witness)


def test_5_2_jensen_in_the_wrong_direction_is_refuted() -> None:
    changed = keyed("ps1", "5.2", "answer", "no")
    route = InWorld(world="5.2", claim=r"\mathbb{E}[\log A] \ge \log p(x)", shows="no", of=("answer",))
    assert carry_out(route, changed, "answer").found.status == "refuted"


def test_3_3_a_product_that_starts_at_0_is_refuted() -> None:
    source = "prod(k_i, i=0..m) - 1 + sum((k_i - 1) * prod(k_j, j=i-m..i-1), i=m+1..n)"
    (proof,) = stands("ps1", "3.3", "answer", source).proofs
    assert proof.found.status == "refuted"
    assert "k_0" in " ".join(proof.found.witness)


@pytest.mark.parametrize("value", ["1/14", "1/16"])
def test_4a_near_misses_are_refuted_by_draws_alone(value: str) -> None:
    changed = keyed("midterm", "4a", "answer", value)
    route = Simulated.model_validate(
        {"simulate": {"Z": "uniform(-2, 3)", "X": "Z^3"}, "claim": "density(X, 1) = answer", "of": ["answer"]}
    )
    proof = carry_out(route, changed, "answer")
    assert proof.found.status == "refuted"
    (run,) = proof.found.runs
    assert run.draws < 100_000_000
    assert run.low < 1 / 15 < run.high
    assert not run.low <= run.target <= run.high
