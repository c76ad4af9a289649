"""Numbers of a class: against other libraries, and where there are none."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.statistics import ENOUGH, common_mistakes, discrimination, distribution, item_numbers
from grader.result import AssignmentResult, Feedback, Report, Status, SubmissionResult
from tests.reports.made import assignment, field, item, refused

MARKS = st.integers(0, 40).map(lambda quarters: quarters / 4)


@given(st.lists(MARKS, min_size=2, max_size=60))
def test_a_distribution_has_the_usual_quartiles_and_counts_everyone_once(scores: list[float]) -> None:
    found = distribution(scores, 10)
    assert found is not None
    quartiles = statistics.quantiles(scores, n=4, method="inclusive")
    assert [found.lower, found.median, found.upper] == pytest.approx(quartiles)
    assert found.mean == pytest.approx(statistics.fmean(scores))
    assert (found.low, found.high) == (min(scores), max(scores))
    assert sum(found.bins) == found.count == len(scores)


def test_full_marks_are_in_the_last_part_and_nothing_is_no_distribution() -> None:
    found = distribution([0, 9.99, 10], 10)
    assert found is not None
    assert found.bins == (1, 0, 0, 0, 0, 0, 0, 0, 0, 2)
    one = distribution([0], 0)
    assert one is not None
    assert (one.lower, one.upper) == (0, 0)
    assert distribution([], 10) is None


@given(st.lists(st.tuples(MARKS, MARKS), min_size=ENOUGH, max_size=60))
def test_discrimination_is_the_correlation_with_the_rest(pairs: list[tuple[float, float]]) -> None:
    scores, rests = [x for x, _ in pairs], [y for _, y in pairs]
    value, why = discrimination(scores, rests)
    if len(set(scores)) == 1 or len(set(rests)) == 1:
        assert (value, why) == (None, "all the same")
    else:
        assert value == pytest.approx(np.corrcoef(scores, rests)[0, 1], abs=1e-9)


def test_few_submissions_tell_nothing_of_discrimination() -> None:
    assert discrimination([0.0, 1.0] * 9, [0.0, 1.0] * 9) == (None, "too few submissions")
    assert discrimination([0.0, 1.0] * 10, [0.0, 1.0] * 10) == (pytest.approx(1), "")


def _of(score: float, status: Status, rest: float, pending: float = 0.0) -> AssignmentResult:
    first = field(status=status, points=2.0).model_copy(update={"score": score, "pending": pending})
    return assignment("midterm", item("4a", first), item("4b", field(points=10.0).model_copy(update={"score": rest})))


def test_an_item_does_not_count_in_what_it_is_compared_with() -> None:
    """Two independent items: with the item in the total they would seem to discriminate."""
    results = [_of(a, "partial", b) for a in (0.0, 2.0) for b in (0.0, 10.0) for _ in range(5)]
    assert [numbers.discrimination for numbers in item_numbers(results)] == [pytest.approx(0)] * 2


def test_what_is_open_is_not_earned_and_is_told_apart() -> None:
    first, _ = item_numbers(
        [_of(2, "correct", 0), _of(0, "review", 0, 2), _of(0, "malformed", 0, 2), _of(0, "blank", 0)]
    )
    assert (first.difficulty, first.open, first.count) == (0.25, 0.5, 4)
    assert first.statuses == {"correct": 0.25, "review": 0.25, "malformed": 0.25, "blank": 0.25}
    assert (first.discrimination, first.why) == (None, "too few submissions")


def _told(name: str, status: Status, said: str = "", read_as: str | None = None) -> SubmissionResult:
    feedback = (Feedback(text=said), Feedback(audience="staff", text="private")) if said else ()
    answered = field(status=status, feedback=feedback, read_as=read_as)
    return SubmissionResult(submission=name, assignments=(assignment("midterm", item("4a", answered, answered)),))


def test_common_mistakes_count_people_and_never_twice() -> None:
    results = [_told("a", "incorrect", "Mind the sign."), _told("b", "partial", "Mind the sign.")]
    results += [_told("c", "correct", "Mind the sign."), _told("d", "incorrect", read_as="\\frac{1}{5}")]
    results += [
        _told("e", "incorrect", read_as="\\frac{1}{5}"),
        _told("f", "incorrect", read_as="7"),
        refused("g", "x"),
    ]
    results += [_told(name, "incorrect", read_as="\\frac{1}{5}") for name in "hi"]
    found = common_mistakes(Report(submissions=tuple(results)))
    assert [(one.what, one.text, one.people, one.times) for one in found] == [
        ("read", "\\frac{1}{5}", 4, 8),
        ("said", "Mind the sign.", 2, 4),
    ]


def test_two_of_one_name_are_two_people() -> None:
    twins = (_told("a", "incorrect", "No."), _told("a", "incorrect", "No."))
    assert [one.people for one in common_mistakes(Report(submissions=twins))] == [2]
    assert common_mistakes(Report(submissions=twins[:1])) == []


def test_a_score_on_the_edge_of_a_tenth_counts_above_it() -> None:
    for points in (0.7, 1.3, 10 / 7, 95.0):
        counted = [distribution([points * k / 10], points) for k in range(11)]
        assert [found.bins.index(1) for found in counted if found] == [*range(10), 9]
