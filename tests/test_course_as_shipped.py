"""What holds for the course as it is shipped: its items, their points, and enough marking tests of every judged field.

A course that is changed may well break these; the marking tests themselves run in ``test_marking``.
"""

from __future__ import annotations

from collections import Counter

from grader.checkers import JUDGED
from grader.keys import ItemKey
from tests.course import real_course


def test_every_judged_field_has_right_wrong_and_malformed_tests() -> None:
    for assignment in real_course().assignments.values():
        for item in assignment.items:
            key = real_course().keys[assignment.id][item.id]
            assert isinstance(key, ItemKey), key
            counts = counted(key)
            for field in item.fields:
                if field.kind in JUDGED | {"construct"} and field.points:
                    found = {sort: counts[field.name, sort] for sort in ("right", "wrong", "malformed")}
                    assert found["right"] >= 3, (item.id, field.name, found)
                    assert found["wrong"] >= 3, (item.id, field.name, found)
                    assert found["malformed"] >= 1, (item.id, field.name, found)


def counted(key: ItemKey) -> Counter[tuple[str, str]]:
    """How many marking tests a field has of each sort; every one says both score and status."""
    counts: Counter[tuple[str, str]] = Counter()
    for test in key.tests:
        assert test.status is not None, test
        assert test.score is not None, test
        sort = {"correct": "right", "malformed": "malformed"}.get(test.status, "wrong")
        counts.update((name, sort) for name in test.responses)
    return counts


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
