"""Right code in many styles gets full marks; code with one mistake loses them on the item concerned and on no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pytest

from grader.checkers.code import check_code
from grader.harness.lab import Lab
from grader.keys import CodeKey, ItemKey
from grader.result import Outcome
from grader.spec import CodeField
from tests.course import real_course
from tests.harness.planted import INCOMPLETE, ITEMS, Wrong, right, wrong
from tests.harness.planted.wrong import BASE

RIGHT = right()
WRONG = {one.name: one for one in wrong()}

# Right, but they call the model once for every token of every text, which takes half a minute.
# Much like others, judged with -m slow.
ALIKE = frozenset(
    "buffer camel categorical chatty classes float64 generator gumbel inference_mode joint_matrix kthvalue "
    "lazy_imports normalised_logits numpy_choice own_generator perplexity prefill recompute scatter sorted_mask "
    "temperature_first terse typed".split()
)
TOKEN_BY_TOKEN = frozenset("all_numpy exponential_race inverse_cdf loop_epsilon recursive scan token_by_token".split())
EVERY = 24  # one wrong submission in so many is judged in every run, the others with -m slow


def some_are_slow(names: Iterable[str], slow: Callable[[int, str], bool]) -> list[object]:
    """Parameters, of which those that are slow by their place or name bear the mark."""
    return [pytest.param(name, marks=pytest.mark.slow if slow(place, name) else ()) for place, name in enumerate(names)]


@cache
def fields() -> dict[str, tuple[CodeField, CodeKey]]:
    """The code items of the problem set, with their keys."""
    found = {}
    for item in real_course().assignments["ps1"].items:
        key = real_course().keys["ps1"].get(item.id)
        spec = item.fields[0]
        if isinstance(spec, CodeField) and isinstance(key, ItemKey):
            field_key = key.fields["answer"]
            assert isinstance(field_key, CodeKey)
            found[item.id] = spec, field_key
    assert found.keys() == ITEMS
    return found


def judged(lab: Lab, files: dict[str, str], items: frozenset[str] = ITEMS) -> dict[str, Outcome]:
    """Outcomes by item, of those whose file is there."""
    with lab.desk(files) as desk:
        chosen = {name: pair for name, pair in fields().items() if name in items and pair[0].file in files}
        return {name: check_code(spec, key, desk) for name, (spec, key) in sorted(chosen.items())}


def said(outcome: Outcome) -> list[str]:
    return [feedback.text for feedback in outcome.feedback]


@pytest.mark.parametrize("name", some_are_slow(RIGHT, lambda place, name: name in TOKEN_BY_TOKEN | ALIKE))
def test_right_code_gets_full_marks(lab: Lab, name: str) -> None:
    outcomes = judged(lab, RIGHT[name])
    assert name in INCOMPLETE or outcomes.keys() == ITEMS
    for item, outcome in outcomes.items():
        worth = fields()[item][0].worth
        assert (outcome.status, outcome.score, outcome.pending) == ("correct", worth, 0.0), (item, said(outcome))


def touched(one: Wrong) -> frozenset[str]:
    """Items that the mistake can reach: those of files that differ from the right code that it is an edit of."""
    files = {name for name in BASE.keys() | one.files.keys() if BASE.get(name) != one.files.get(name)}
    imported = {"classifier.py"} if "likelihood.py" in files else set()
    return frozenset(name for name, (spec, _) in fields().items() if spec.file in files | imported)


@pytest.mark.parametrize("name", some_are_slow(WRONG, lambda place, name: place % EVERY != 5 or "never_ends" in name))
def test_wrong_code_loses_on_the_item_concerned_alone(lab: Lab, name: str) -> None:
    one = WRONG[name]
    outcomes = judged(lab, one.files, touched(one))
    missing = {item for item in touched(one) if fields()[item][0].file not in one.files}
    lost = missing | {item for item, outcome in outcomes.items() if outcome.score < fields()[item][0].worth}
    told = {item: said(outcomes[item]) for item in lost & outcomes.keys()}
    assert one.loses <= lost, told
    assert not lost & one.keeps, told
    for item in lost & outcomes.keys():
        assert outcomes[item].status in ("incorrect", "partial"), told
        assert said(outcomes[item]), item
