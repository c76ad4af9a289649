"""``construct``, ``derivation``, ``code``: kinds that a machine does not judge yet."""

from __future__ import annotations

from grader.keys import FieldKey
from grader.result import Outcome, waiting
from grader.spec import CodeField, ConstructField, DerivationField
from grader.submission import Response

NOT_YET = "This kind is not judged by machine yet: a human marks it."


def check(field: ConstructField | DerivationField | CodeField, key: FieldKey | None, response: Response) -> Outcome:
    """Always ``review``, with the reason."""
    return waiting("review", field.worth, NOT_YET)
