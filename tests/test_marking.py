"""Every marking test in ``reference/``, and everything that ``grade lint`` looks at."""

from __future__ import annotations

import pytest

from grader.keys import ItemKey
from grader.marking import course_faults, trials
from tests.course import real_course

ITEMS = [(assignment.id, item) for assignment in real_course().assignments.values() for item in assignment.items]


@pytest.mark.parametrize(("assignment", "item"), ITEMS, ids=lambda part: getattr(part, "id", part))
def test_marking_tests_of_an_item(assignment: str, item: object) -> None:
    key = real_course().keys[assignment][item.id]  # type: ignore[attr-defined]
    assert isinstance(key, ItemKey), key
    assert [str(trial) for trial in trials(item, key) if not trial.passed] == []  # type: ignore[arg-type]


def test_there_are_many() -> None:
    keys = [real_course().keys[assignment][item.id] for assignment, item in ITEMS]
    assert sum(len(key.tests) for key in keys if isinstance(key, ItemKey)) > 500


def test_nothing_is_wrong_with_the_course() -> None:
    assert course_faults(real_course()) == []
