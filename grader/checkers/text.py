"""``text``: prose, which a human reads. A blank is zero by machine, before any checker is asked."""

from __future__ import annotations

from grader.keys import FieldKey
from grader.result import Outcome, waiting
from grader.spec import TextField
from grader.submission import Response

READ_BY_HUMAN = "A human reads this."


def check(field: TextField, key: FieldKey | None, response: Response) -> Outcome:
    """Always ``review``."""
    return waiting("review", field.worth, READ_BY_HUMAN)
