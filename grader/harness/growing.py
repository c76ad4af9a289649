"""The parameters that a GPT-2 gains with its vocabulary, counted in a child process: torch stays out of this one."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from grader.errors import Undecided
from grader.sandbox.endings import Stopped
from grader.sandbox.worker import Worker

DEADLINE = 60.0  # to import torch, before the child is ready, and to count, after


@cache
def gpt2_growth(before: int, after: int, tied: bool, bias: bool) -> int:
    """See ``growth.growth``. Raises Undecided where torch is missing or the child came to no answer.

    The child is ours and works on four numbers, so it has no limits: torch reserves far more addresses than it uses. It
    ends with its answer, for nobody asks often.
    """
    if find_spec("torch") is None:
        raise Undecided("the parameters of GPT-2 cannot be counted: torch is not installed")
    worker = Worker("grader.harness.growth", limits=None, start=DEADLINE)
    try:
        answer: int = worker.run((before, after, tied, bias), DEADLINE)
    except Stopped as stopped:
        raise Undecided(f"the parameters of GPT-2 could not be counted: {stopped}") from stopped
    finally:
        worker.close()
    return answer
