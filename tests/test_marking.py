"""Every marking test in ``reference/``, and everything that ``grade lint`` looks at."""

from __future__ import annotations

import pytest

from grader.keys import ItemKey
from grader.marking import Trial, course_faults, trials
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


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.item}.{trial.written[:50]}")
def test_marking_test(trial: Trial) -> None:
    assert trial.passed, str(trial)


def test_nothing_is_wrong_with_the_course() -> None:
    assert course_faults(real_course()) == []
