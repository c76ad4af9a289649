"""Where results go: named and tried before grading, written after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import file_target, write
from grader.cli.progress import progress

if TYPE_CHECKING:
    from grader.loading.rosters import Gradebook
    from grader.loading.specs.course import Course
    from grader.result import Report, SubmissionResult

Code = Mapping[str, Mapping[tuple[str, str], str]]  # by submission, then assignment and file


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that were asked for; None where one was not. ``gradebook`` goes with ``canvas``."""

    json: Path | None
    csv: Path | None
    gradescope: Path | None
    canvas: Path | None
    gradebook: Gradebook | None
    html: Path | None
    pictures: Path | None
    column: str | None

    @property
    def to_stdout(self) -> bool:
        return Path("-") in (self.json, self.csv, self.gradescope, self.canvas)

    def check(self, submissions: int) -> None:
        """Raise UsageError where what was asked for cannot be had of so many submissions."""
        from grader.errors import UsageError

        if self.gradescope is not None and submissions != 1:
            raise UsageError(f"--gradescope takes the results of one submission; there are {submissions}")

    def write(self, results: list[SubmissionResult], course: Course, code: Callable[[], Code]) -> bool:
        """Write them all; whether all could be written. One that fails keeps none of the others from being written.

        ``code`` gives the Python files that were handed in, for pages to show.
        """
        from grader.result import Report

        report = Report(submissions=tuple(results))
        done = [
            self._texts(report),
            self._gradescope(report, course),
            self._canvas(report, course),
            self._pages(report, course, code),
        ]
        return all(done)

    def _texts(self, report: Report) -> bool:
        from grader.reports import csv, json

        done = [
            self.json is None or write(self.json, json.render(report)),
            self.csv is None or write(self.csv, csv.render(report)),
        ]
        return all(done)

    def _gradescope(self, report: Report, course: Course) -> bool:
        if self.gradescope is None or not report.submissions:
            return True
        from grader.errors import UsageError
        from grader.reports import gradescope

        try:
            return write(self.gradescope, gradescope.render(report.submissions[0], course))
        except UsageError as error:  # all of it is a fault of ours, of which no mark is made
            click.echo(f"grade: {error}", err=True)
            return False

    def _canvas(self, report: Report, course: Course) -> bool:
        if self.canvas is None or self.gradebook is None:
            return True
        from grader.reports import canvas

        text, complaints = canvas.render(report, self.gradebook, course, self.column)
        for complaint in complaints:
            click.echo(f"grade: {self.canvas}: {complaint}", err=True)
        return write(self.canvas, text)

    def _pages(self, report: Report, course: Course, code: Callable[[], Code]) -> bool:
        if self.html is None:
            return True
        from grader.reports.html import write_pages

        try:
            with progress("writing pages", len(report.submissions)) as step:
                written = write_pages(report, course, self.html, self.pictures, files=code(), step=step)
        except OSError as error:
            place = error.filename or self.html
            click.echo(f"grade: {place} could not be written: {error.strerror}", err=True)
            return False
        click.echo(f"{self.html / 'index.html'} and {len(written) - 1} more pages were written", err=True)
        return True


def outputs(
    *,
    json: str | None,
    csv: str | None,
    gradescope: str | None,
    canvas: str | None,
    column: str | None,
    roster: Path | None,
    html: Path | None,
    pictures: Path | None,
) -> Outputs:
    """Raises UsageError for a file that cannot be written, a roster that cannot be read, two texts for one place."""
    from grader.errors import UsageError

    targets = {
        option: file_target(name, f"--{option}")
        for option, name in (("json", json), ("csv", csv), ("gradescope", gradescope), ("canvas", canvas))
    }
    named = [str(target) for target in targets.values() if target is not None]
    if doubled := next((name for name in named if named.count(name) > 1), None):
        raise UsageError(f"two of --json, --csv, --gradescope and --canvas would be written to {doubled}")
    if canvas is None and column is not None:
        raise UsageError("--column goes with --canvas FILE")
    gradebook = _gradebook(targets["canvas"], roster)
    return Outputs(**targets, gradebook=gradebook, html=html, pictures=pictures, column=column)


def _gradebook(canvas: Path | None, roster: Path | None) -> Gradebook | None:
    """The students to write marks for: those of the roster, or of the gradebook that is to be filled in."""
    from grader.errors import UsageError

    if canvas is None:
        if roster is not None:
            raise UsageError("--roster goes with --canvas FILE, which says where to write")
        return None
    source = roster or (canvas if canvas.is_file() else None)
    if source is None:
        raise UsageError(f"--canvas {canvas}: there is no such gradebook yet; say with --roster who the students are")
    from grader.loading.rosters import read_gradebook

    book = read_gradebook(source)
    if book.possible is None and canvas.exists() and canvas.samefile(source):
        raise UsageError(
            f"--canvas {canvas}: this is a list of students, without a row Points Possible; it would be written over. "
            "Name it with --roster, and another file with --canvas"
        )
    return book
