"""A child for ``tests/sandbox/test_worker.py`` that takes longer to import than its jobs may take."""

from __future__ import annotations

import time

IMPORTED_AFTER = 0.6

begun = time.monotonic()
while time.monotonic() < begun + IMPORTED_AFTER:
    pass


def handle(job: object) -> object:
    return job
