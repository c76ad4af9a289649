"""Everything that ``grade lint`` looks at, of the real course: every marking test in ``reference/`` among it."""

from __future__ import annotations

from grader.keys import ItemKey
from grader.marking import course_faults
from tests.course import real_course


def test_nothing_is_wrong_with_the_course_and_no_marking_test_fails() -> None:
    """``tests/test_lint.py`` shows that one that fails is a fault."""
    assert [str(fault) for fault in course_faults(real_course())] == []


def test_there_are_many() -> None:
    keys = [key for keys in real_course().keys.values() for key in keys.values()]
    assert sum(len(key.tests) for key in keys if isinstance(key, ItemKey)) > 500
