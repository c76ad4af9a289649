"""The jobs of the child process that ``mathml`` keeps: see ``grader.sandbox.worker``.

A job is a formula, and whether it stands on a line of its own.
"""

from __future__ import annotations

import threading

from grader.reports.typesetting.mathml import made

# Of the library a level takes up to 3 kB, a character up to 1.7 kB (measured; ``{`` is the worst), and a formula has up
# to 10,000. Only what is used costs memory.
_STACK = 64 * 2**20


def handle(job: tuple[str, bool]) -> str | None:
    """On a stack that holds as many levels as a formula has characters."""
    found: list[str | None] = []
    thread = threading.Thread(target=lambda: found.append(made(*job)))
    before = threading.stack_size(_STACK)
    try:
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return found[0] if found else None
