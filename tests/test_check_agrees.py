"""A self-check and the report of the same work agree in what could be read: students act on the one before they get the
other. ``grade check`` has no key, so this holds of every kind whose reading needs none."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.checking import check
from grader.checking.found import FieldCheck
from grader.grading import grade_submission
from grader.loading.work.answers import read_submission
from grader.result import FieldResult
from grader.spec import Item
from grader.submission import Response, Submission, Work
from tests.course import ROOT, real_course

Responses = dict[str, Response]
Case = tuple[str, Item, Responses]
SHORT = {"choice", "select", "order", "numeric", "symbolic", "region", "construct", "text"}
UNREAD = re.compile(r"Line (\d+) could not be read")
STEPS = ("delete", "insert", "double", "cut", "swap", "wrap", "prefix")
ODD = (*r"()[]{}$\^_=<>,;:.+-*/|!?~ 0179aeTxy", "\n", "\\\\", "\\frac", "²", "…", "\\text{so}", " and ", "&=", "\u200b")
WRAPS = (("$", "$"), (r"\[", r"\]"), ("**", "**"), ("~~", "~~"), ("`", "`"), (r"\boxed{", "}"), ("(", ""), ("$", ""))
PREFIXES = ("answer = ", "Answer: ", "x = ", "it is ", "about ", "not ", "1 = ", "# ")
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(QUICK, max_examples=2000)


@cache
def cases() -> list[Case]:
    """Every item that has a response of one of three students."""
    found = []
    for name in ("alice", "bob", "carol"):
        for work in read_submission(ROOT / "submissions" / name, real_course().assignments).works:
            items = {item.id: item for item in real_course().assignments[work.assignment].items}
            found += [(work.assignment, items[id_], dict(given)) for id_, given in work.responses.items()]
    return found


def of_kinds(kinds: set[str]) -> list[tuple[Case, str]]:
    return [
        (case, spec.name)
        for case in cases()
        for spec in case[1].fields
        if spec.kind in kinds and spec.name in case[2] and (spec.kind != "derivation" or spec.world)
    ]


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text after one to three slips of the kind that people make, or worse."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        match draw(st.sampled_from(STEPS)):
            case "delete":
                text = text[:at] + text[at + draw(st.integers(1, 4)) :]
            case "insert":
                text = text[:at] + draw(st.sampled_from(ODD)) + text[at:]
            case "double":
                text = text[:at] + text[max(0, at - 5) :]
            case "cut":
                text = text[:at]
            case "swap":
                text = text[at:] + text[:at]
            case "wrap":
                before, after = draw(st.sampled_from(WRAPS))
                text = f"{before}{text}{after}"
            case "prefix":
                text = draw(st.sampled_from(PREFIXES)) + text
    return text


def both(assignment: str, item: Item, responses: Responses) -> list[tuple[FieldCheck, FieldResult]]:
    """How each field comes out of a self-check, and of grading."""
    work = Work(assignment=assignment, responses={item.id: responses})
    submission, wanted = Submission(name="dave", works=(work,)), {f"{assignment}/{item.id}"}
    found = check(submission, real_course(), wanted).assignments[0].items[0]
    graded = grade_submission(submission, real_course(), wanted).assignments[0].items[0]
    return list(zip(found.fields, graded.fields, strict=True))


def disagreement(found: FieldCheck, graded: FieldResult) -> str:
    """What the two say differently; empty where they agree. Nothing may be a fault of ours either."""
    states = f"{found.name}: check says {found.state} ({found.trouble}), the report {graded.status}"
    if "error" in (found.state, graded.status) or (found.state == "blank") != (graded.status == "blank"):
        return states
    if found.kind == "derivation":
        return _of_proof(found, graded) and f"{states}; {_of_proof(found, graded)}"
    return states if (found.state == "malformed") != (graded.status == "malformed") else ""


def _of_proof(found: FieldCheck, graded: FieldResult) -> str:
    """Whether a line matters that cannot be read is decided by what the others show, which a self-check does not know:
    it names every one. It must name the same, and may not call ready what the report cannot read."""
    named = {line.number for line in found.lines if line.trouble}
    said = {int(number) for feedback in graded.feedback for number in UNREAD.findall(feedback.text)}
    if said - named or (named - said and graded.status != "malformed"):
        return f"lines {sorted(named)} and {sorted(said)} are named"
    return "the report cannot read it" if graded.status == "malformed" and found.state != "malformed" else ""


def assert_agreement(case: Case, name: str, text: str) -> None:
    assignment, item, responses = case
    for found, graded in both(assignment, item, {**responses, name: Response(text=text)}):
        assert not disagreement(found, graded), f"{assignment}/{item.id} {name}: {text!r}"


@pytest.mark.parametrize("name", ["alice", "bob", "carol"])
@pytest.mark.parametrize("proofs", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_on_the_samples(name: str, proofs: bool) -> None:
    """All that is written in them; code is judged by what it does."""
    submission = read_submission(ROOT / "submissions" / name, real_course().assignments)
    wanted = {
        f"{assignment.id}/{item.id}"
        for assignment in real_course().assignments.values()
        for item in assignment.items
        if proofs == any(spec.kind == "derivation" for spec in item.fields)
    }
    found = check(submission, real_course(), wanted)
    graded = grade_submission(submission, real_course(), wanted)
    results = [field for one in graded.assignments for item in one.items for field in item.fields]
    pairs = list(zip(found.fields, results, strict=True))
    assert [said for pair in pairs if pair[0].kind != "code" and (said := disagreement(*pair))] == []


def test_every_kind_is_tried() -> None:
    assert {case[1].field(name).kind for case, name in of_kinds(SHORT)} == SHORT  # type: ignore[union-attr]
    assert of_kinds({"derivation"})


@QUICK
@given(st.data())
def test_what_check_calls_malformed_is_so_in_the_report_and_nothing_else(data: st.DataObject) -> None:
    case, name = data.draw(st.sampled_from(of_kinds(SHORT)))
    assert_agreement(case, name, data.draw(mutated(case[2][name].text)))


@settings(QUICK, max_examples=5)
@given(st.data())
def test_no_proof_that_check_calls_ready_is_malformed_in_the_report(data: st.DataObject) -> None:
    case, name = data.draw(st.sampled_from(of_kinds({"derivation"})))
    assert_agreement(case, name, data.draw(mutated(case[2][name].text)))


@pytest.mark.slow
@LONG
@given(st.data())
def test_the_same_many_times(data: st.DataObject) -> None:
    case, name = data.draw(st.sampled_from(of_kinds(SHORT)))
    assert_agreement(case, name, data.draw(mutated(case[2][name].text)))


@pytest.mark.slow
@settings(LONG, max_examples=300)
@given(st.data())
def test_the_same_of_proofs_many_times(data: st.DataObject) -> None:
    case, name = data.draw(st.sampled_from(of_kinds({"derivation"})))
    assert_agreement(case, name, data.draw(mutated(case[2][name].text)))


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        ("midterm/4a", {"answer": "1/15" + " " * 30_000}),  # too long, wherever the limit lies
        ("midterm/4a", {"answer": "1 + " * 6000 + "1"}),
        ("midterm/7f", {"answer": "We show it. " * 2000 + "$$1 = 1$$"}),
        ("midterm/4a", {"answer": "~~1/5~~ 1/15"}),
        ("midterm/2a", {"answer": "~~AR~~, VAE"}),
        ("midterm/7f", {"answer": r"$$\min_{q_\theta} 1 = 1$$ ~~so~~ it is shown"}),
        ("midterm/2a", {"answer": "none"}),
        ("midterm/4a", {"answer": "(1/15, 2)"}),
        ("midterm/1a", {"answer": "it depends", "why": "~~no~~"}),
        ("ps1/2", {"w": "mu_y/", "proof": r"$p_\theta(y|x) = p_\gamma(y|x)$"}),  # which speaks of w
        ("ps1/2", {"w": "mu_y/sigma^2", "proof": "just expand the square"}),
        ("ps1/2", {"w": "mu_y/sigma^2", "proof": r"By the $\frac{}$ rule, \\ $p_\theta(y|x) = 1$"}),
        ("ps1/6.4", {"answer": "def log_likelihood(model, text): return 0"}),  # in no file
        ("ps1/6.7a", {"answer": "no", "p0": "(1/2", "p1": "1", "T": "two"}),
    ],
)
def test_where_they_once_differed(item: str, fields: dict[str, str]) -> None:
    assignment, _, id_ = item.partition("/")
    (asked,) = (one for one in real_course().assignments[assignment].items if one.id == id_)
    responses = {name: Response(text=text) for name, text in fields.items()}
    for found, graded in both(assignment, asked, responses):
        assert not disagreement(found, graded)
