"""How work in a child process ends other than by an answer.

Stopped
├── OutOfTime        the deadline passed: seconds by the clock
├── OutOfProcessor   it used up its seconds of processor time
├── OutOfMemory      it wanted more memory than it may have
├── TooMuchOutput    it answered more than is taken in
├── Exited           it ended by itself before it answered, by ``exit`` or by a signal
├── HungUp           it closed its way to answer and lived on, and was killed
└── Died             a fault of ours, as far as we can tell: the child ended, answered nonsense, or could not be had
    └── Fault        it failed in code of ours, or makes it look so
"""

from __future__ import annotations

from grader.errors import GraderError


class Stopped(GraderError):
    """A job came to no end of its own."""


class OutOfTime(Stopped):
    """The deadline passed, and the child was killed."""


class OutOfProcessor(Stopped):
    """The child used up its processor time."""


class OutOfMemory(Stopped):
    """The job wanted more memory than it may have."""


class TooMuchOutput(Stopped):
    """The child sent more than is taken in, and was killed."""


class Exited(Stopped):
    """The child ended by itself before it answered; ``signal`` is what ended it, or None, and ``status`` its status."""

    def __init__(self, status: int) -> None:
        self.signal = -status if status < 0 else None
        self.status = status
        how = f"signal {self.signal}" if self.signal else f"status {status}"
        super().__init__(f"the process ended with {how}")


class HungUp(Stopped):
    """The child closed its socket and lived on, and was killed."""


class Died(Stopped):
    """The child ended, answered nonsense, or failed on a fault of ours, which the message names."""


class Fault(Died):
    """A child failed in code of ours, or makes it look so: where it ran a student's code, it may be that."""
