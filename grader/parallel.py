"""A class, graded by several processes at once, none of which can take what another graded with it.

Each process loads the course for itself, has a warm process of its own for course code, and gets one submission after
the other. One that dies is replaced, and what it was grading is tried once more; then that submission is in error, and
the class goes on.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.batch import Selection, Source, grade_source
from grader.grading import grade_submission
from grader.harness.lab import PATIENCE, Lab
from grader.harness.models import Chosen
from grader.loading.specs.course import Course, load_course
from grader.result import SubmissionResult
from grader.sandbox.endings import Died, Stopped
from grader.sandbox.worker import Worker
from grader.submission import Submission, Trouble, Work

MOST = 8  # processes, where nobody says how many: each may hold a language model
START_SECONDS = 120.0  # importing and loading the course, beside others who do the same
END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Setup:
    """What every process is given once: where the course is, what to grade of it, and the options of its ``Lab``."""

    problems: Path
    reference: Path | None
    selection: Selection
    chosen: Chosen = field(default_factory=Chosen)
    unsandboxed: bool = False
    pictures: Path | None = None
    patience: float = PATIENCE
    hidden: tuple[Path, ...] = ()
    own: bool = False

    def lab(self) -> Lab:
        return Lab(self.chosen, self.unsandboxed, self.pictures, self.patience, self.hidden, self.own)


def processors() -> int:
    """How many this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade_class(
    sources: Sequence[Source], setup: Setup, course: Course, jobs: int | None = None
) -> Iterator[tuple[int, SubmissionResult]]:
    """Each submission's place among ``sources`` and its result, as they are done, by ``jobs`` processes.

    A single submission is graded in this process. ``course`` is the one that ``setup`` names. Closing the iterator
    ends all processes.
    """
    if len(sources) == 1:
        with setup.lab() as lab:
            yield 0, grade_source(sources[0], course, setup.selection, lab)
        return
    crew = _Crew(sources, setup, min(jobs or min(processors(), MOST), len(sources)))
    try:
        for _ in sources:
            place, done = crew.results.get()
            yield place, done if isinstance(done, SubmissionResult) else _in_error(sources[place], setup, course, done)
    finally:
        crew.end()


class _Crew:
    """Threads that each hold a process and hand it what is next."""

    def __init__(self, sources: Sequence[Source], setup: Setup, jobs: int) -> None:
        self.setup = setup
        self.results: queue.SimpleQueue[tuple[int, SubmissionResult | Stopped]] = queue.SimpleQueue()
        self.waiting: queue.SimpleQueue[tuple[int, Source]] = queue.SimpleQueue()
        for numbered in enumerate(sources):
            self.waiting.put(numbered)
        self.over = False
        self.workers = [Worker(__name__, limits=None, start=START_SECONDS) for _ in range(jobs)]
        self.threads = [threading.Thread(target=self._work, args=[worker], daemon=True) for worker in self.workers]
        for thread in self.threads:
            thread.start()

    def _work(self, worker: Worker) -> None:
        while not self.over:
            try:
                place, source = self.waiting.get_nowait()
            except queue.Empty:
                break
            self.results.put((place, self._graded(worker, source)))
        worker.close()

    def _graded(self, worker: Worker, source: Source) -> SubmissionResult | Stopped:
        """Its result, or why there is none."""
        stopped: Stopped | None = None
        for _ in range(2):
            try:
                result: SubmissionResult = worker.run((self.setup, source), None)
                return result
            except Stopped as error:
                stopped = error
                if self.over:
                    break
            except Exception as error:  # a thread that ends on it would leave the class waiting for its result
                stopped = Died(f"{type(error).__name__}: {error}")
        assert stopped is not None
        return stopped

    def end(self) -> None:
        """End the processes, and those that they started."""
        self.over = True
        for worker in self.workers:
            worker.terminate()
        for thread in self.threads:
            thread.join(END_SECONDS)
        for worker in self.workers:
            worker.kill()


def _in_error(source: Source, setup: Setup, course: Course, stopped: Stopped) -> SubmissionResult:
    """All of it is in error: nothing is known of it but that grading it ended a process, twice."""
    culprit = f"the process that graded this submission ended, twice: {stopped}"
    trouble = Trouble(status="error", text="\n".join([culprit, *getattr(stopped, "__notes__", ())]))
    wanted = [
        name for name in course.assignments if name in setup.selection.assignments and source.only in (None, name)
    ]
    works = tuple(Work(assignment=name, troubles=(trouble,)) for name in wanted)
    return grade_submission(
        Submission(name=source.name or source.folder.name, works=works), course, setup.selection.items
    )


# --- in each process ---

_prepared: tuple[Setup, Course, Lab] | None = None


def handle(job: tuple[Setup, Source]) -> Any:
    """The result of one submission."""
    global _prepared
    setup, source = job
    if _prepared is None or _prepared[0] != setup:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the warm process ends too
        _prepared = setup, load_course(setup.problems, setup.reference), setup.lab()
    _, course, lab = _prepared
    return grade_source(source, course, setup.selection, lab)
