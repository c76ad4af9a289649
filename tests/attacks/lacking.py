"""The warm process of a machine on which some layers of the walls do not go up, which ``settings`` name."""

from __future__ import annotations

import functools
from typing import Any

from grader.harness import worker
from grader.harness.worker import run
from grader.sandbox import zygote

__all__ = ["prepare", "run"]


def prepare(settings: dict[str, Any]) -> None:
    zygote.confine = functools.partial(zygote.confine, without=frozenset(settings["without"]))
    worker.prepare(settings)
