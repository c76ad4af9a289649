"""Every marking test in ``reference/``, and whether there are enough of them."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.checkers import JUDGED
from grader.marking import Trial, course_faults, trials
from grader.spec import ItemKey
from tests.course import real_course


def all_trials() -> list[Trial]:
    course = real_course()
    found = []
    for assignment in course.assignments.values():
        for item in assignment.items:
            key = course.keys[assignment.id][item.id]
            assert isinstance(key, ItemKey), key
            found += trials(item, key)
    return found


TRIALS = all_trials()


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.item}.{trial.field}:{trial.response[:40]}")
def test_marking_test(trial: Trial) -> None:
    assert trial.passed, str(trial)


def test_every_judged_field_has_right_wrong_and_malformed_tests() -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    for trial in TRIALS:
        assert trial.expected.status is not None, trial
        assert trial.expected.score is not None, trial
        sort = {"correct": "right", "malformed": "malformed"}.get(trial.expected.status, "wrong")
        counts[trial.item, trial.field, sort] += 1
    for assignment in real_course().assignments.values():
        for item in assignment.items:
            for field in item.fields:
                if field.kind in JUDGED:
                    found = {sort: counts[item.id, field.name, sort] for sort in ("right", "wrong", "malformed")}
                    assert found["right"] >= 3, (item.id, field.name, found)
                    assert found["wrong"] >= 3, (item.id, field.name, found)
                    assert found["malformed"] >= 1, (item.id, field.name, found)


def test_nothing_is_wrong_with_the_course() -> None:
    assert course_faults(real_course()) == []


def test_all_57_items_are_there_with_their_points() -> None:
    assignments = real_course().assignments
    assert {name: (len(a.items), a.points) for name, a in assignments.items()} == {
        "midterm": (41, 95.0),
        "ps1": (16, 100.0),
    }
    by_question = [sum(item.points for item in question.items) for question in assignments["midterm"].questions]
    assert by_question == [20, 10, 18, 10, 11, 10, 16]
    by_question = [sum(item.points for item in question.items) for question in assignments["ps1"].questions]
    assert by_question == [10, 10, 15, 15, 10, 40]
