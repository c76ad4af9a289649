"""What every test works with: the submission's functions, the seeds, and what tests find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from grader.harness.checks.table import PUBLIC
from grader.harness.design import generator
from grader.harness.language import Language
from grader.harness.session import Call, Failure, Session, Value

CALL_SECONDS = 3.0  # for one batch of calls
LONG = ("time", "cpu", "output", "killed")  # failures that it would take long, or much of the machine, to see again
HOPELESS = (*LONG, "syntax", "import", "missing", "unwritten", "exit", "crash")
BOUND = 1e-7  # chance that one test that draws fails what is right; an item has fewer than ten of them

State = Literal["passed", "failed", "open"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a test found. ``open``: a human must look. ``say`` is for the student, ``staff`` for the staff alone."""

    state: State
    say: str = ""
    staff: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remark: bool = False  # ``say`` is worth saying although it passed


def passed(remark: str = "", /, **evidence: Any) -> Finding:
    return Finding("passed", remark, evidence=evidence, remark=bool(remark))


def failed(say: str, staff: str = "", /, **evidence: Any) -> Finding:
    return Finding("failed", say, staff, evidence)


@dataclass
class Bench:
    """One function of one submission, to be called. ``secret`` seeds what is hidden from all students of a class,
    ``draws`` what depends on the submission as well. ``language`` is the model for texts, ``at_home``
    whether it is the one that the item's students worked with. ``seconds`` bounds a batch of calls. ``known`` keeps
    what several tests need, ``hopeless`` why a function is not called again, ``findings`` what was found.
    """

    session: Session
    file: str
    secret: str
    draws: str
    language: Language
    at_home: bool = True
    seconds: float = CALL_SECONDS
    known: dict[str, Any] = field(default_factory=dict)
    hopeless: dict[str, Failure] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)

    def call(self, function: str, calls: Sequence[Call]) -> list[Value]:
        """All of the calls, made in as many batches as it takes. Raises Failure."""
        if function in self.hopeless:
            raise self.hopeless[function]
        done: list[Value] = []
        try:
            while len(done) < len(calls):
                done += self.session.call(self.file, function, calls[len(done) :], self.seconds)
        except Failure as failure:
            if failure.kind in HOPELESS:
                self.hopeless[function] = failure
            raise
        return done

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What ``make`` makes, made once; if it raised a Failure, the same is raised again."""
        if name not in self.known:
            try:
                self.known[name] = make()
            except Failure as failure:
                self.known[name] = failure
        found = self.known[name]
        if isinstance(found, Failure):
            raise found
        return found

    @property
    def is_public(self) -> bool:
        """Whether nothing is drawn that a student could not draw too, so that nothing is hidden from them."""
        return self.secret == f"{PUBLIC}/{self.file}"

    def in_public(self) -> Bench:
        """The same code in a process of its own, with the draws of a self-check. What would take long is not called."""
        secret = f"{PUBLIC}/{self.file}"
        draws = secret + self.draws.removeprefix(self.secret)
        shown = Bench(self.session.afresh(), self.file, secret, draws, self.language, self.at_home, self.seconds)
        shown.hopeless |= {name: failure for name, failure in self.hopeless.items() if failure.kind in LONG}
        return shown

    def random(self, *purpose: object) -> np.random.Generator:
        """Random numbers of this submission's own."""
        return generator(self.draws, *purpose)

    def texts(self, source: str) -> Iterator[Any]:
        """Tokens of texts to judge on, in an order of this submission's own."""
        return self.language.texts(source, self.secret, self.draws)


def seeds(random: np.random.Generator, count: int) -> list[int]:
    """For the generators in the student's process."""
    return [int(seed) for seed in random.integers(0, 2**62, count)]
