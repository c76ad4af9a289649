"""The warm process of a machine on which some layers of the walls do not go up, which ``settings`` name.

Where none goes up, there is no folder to write in either: its view of the machine, read-only otherwise, is a wall too.
"""

from __future__ import annotations

import functools
from typing import Any

from grader.harness import worker
from grader.harness.worker import run
from grader.sandbox import scratch, zygote
from grader.sandbox.walls import LAYERS

__all__ = ["prepare", "run"]


def prepare(settings: dict[str, Any]) -> None:
    zygote.confine = functools.partial(zygote.confine, without=frozenset(settings["without"]))
    if set(settings["without"]) == set(LAYERS):
        scratch.works = lambda place: False
    worker.prepare(settings)
