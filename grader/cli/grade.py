"""``grade PATH…``: submissions in, a report out, and files for other programs."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from grader.cli.common import FILE, FOLDER, NEW_FOLDER, load, print_faults, say_isolation, stop, warn_of_unproved
from grader.cli.outputs import outputs
from grader.cli.progress import progress
from grader.printing import in_one_line

if TYPE_CHECKING:
    from grader.batch import Selection, Source
    from grader.loading.specs.course import Course
    from grader.parallel import Setup
    from grader.result import SubmissionResult

DEFAULT = "(grade)"  # the command's name, which nobody types


@click.command(DEFAULT, hidden=True)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--assignment", metavar="NAME", help="Grade this assignment only.")
@click.option("--item", "items", multiple=True, metavar="ID", help="Grade this item only; may be repeated.")
@click.option("--json", metavar="FILE", help="Write the results as JSON; - for standard output.")
@click.option("--html", type=NEW_FOLDER, help="Write pages: index.html, and one for each submission and audience.")
@click.option("--csv", metavar="FILE", help="Write a line for each item; - for standard output.")
@click.option("--canvas", metavar="FILE", help="Write marks for Canvas: into this gradebook, or that of --roster.")
@click.option("--column", metavar="NAME", help="Column of the gradebook for --canvas. Default: title or id.")
@click.option("--roster", type=FILE, help="A list of students, or a gradebook that Canvas exported.")
@click.option("--gradescope", metavar="FILE", help="Write results.json for Gradescope, of one submission.")
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option("--reference", type=FOLDER, help="Folder of keys. Default: reference/ here or in a parent folder.")
@click.option("--model", default="tiny", metavar="NAME", help="Language model for course code: tiny, gpt2, or a path.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where it runs.")
@click.option("--pictures", type=NEW_FOLDER, help="Draw what submitted functions do into this folder.")
@click.option("--allow-unsandboxed", is_flag=True, help="Run course code also where it cannot be isolated.")
@click.option(
    "--patience",
    type=click.FloatRange(min=1),
    metavar="SECONDS",
    default=30,
    help="After which a call of a function counts as an endless loop. Default: 30.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Submissions graded at once. Default: one for each processor, at most 8.",
)
@click.option("--quiet", is_flag=True, help="No report on the terminal.")
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    items: tuple[str, ...],
    json: str | None,
    html: Path | None,
    csv: str | None,
    canvas: str | None,
    column: str | None,
    roster: Path | None,
    gradescope: str | None,
    problems: Path | None,
    reference: Path | None,
    model: str,
    device: str,
    pictures: Path | None,
    allow_unsandboxed: bool,
    patience: float,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Grade submissions."""
    from grader.batch import find_sources, select
    from grader.errors import UsageError
    from grader.harness.models import choose
    from grader.parallel import Setup
    from grader.result import Report

    try:
        wanted = outputs(
            json=json,
            csv=csv,
            gradescope=gradescope,
            canvas=canvas,
            column=column,
            roster=roster,
            html=html,
            pictures=pictures,
        )
        course = load(problems, reference, needs_keys=True)
        print_faults(course.faults)
        selection = select(course, assignment, items)
        warn_of_unproved(course, selection)
        chosen = choose(model, device)
        sources = find_sources(paths, course)
        wanted.check(len(sources))
    except UsageError as error:
        stop(error)
    hidden = tuple(path.absolute() for path in (course.reference, *paths) if path is not None)
    folders = course.problems, course.reference
    setup = Setup(*folders, selection, chosen, allow_unsandboxed, pictures, patience, hidden)
    graded, interrupted = _grade_all(sources, setup, course, jobs, quiet)
    results = list(graded.values())
    say_isolation(results)
    written = wanted.write(results, course, lambda: _code(graded, sources, course, selection))
    _say(results, course, quiet or wanted.to_stdout)
    status = Report(submissions=tuple(results)).exit_status or (2 if course.faults or not written else 0)
    sys.exit(128 + interrupted if interrupted else status)


def _grade_all(
    sources: list[Source], setup: Setup, course: Course, jobs: int | None, quiet: bool
) -> tuple[dict[int, SubmissionResult], int]:
    """The results by their place among the sources, and the signal that ended the run early, or 0."""
    from grader.parallel import grade_class

    done: dict[int, SubmissionResult] = {}
    interrupted = 0
    with progress("grading", len(sources), quiet) as step:
        try:
            for ending in ("SIGTERM", "SIGHUP"):  # the terminal is closed, the connection lost
                if hasattr(signal, ending):
                    signal.signal(getattr(signal, ending), _interrupt)
            for place, result in grade_class(sources, setup, course, jobs):
                done[place] = result
                step(result.submission)
        except KeyboardInterrupt as interrupt:
            interrupted = interrupt.args[0] if interrupt.args else signal.SIGINT
            click.echo(f"interrupted: {len(done)} of {len(sources)} submissions were graded", err=True)
    return dict(sorted(done.items())), interrupted


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def _code(
    graded: dict[int, SubmissionResult], sources: list[Source], course: Course, selection: Selection
) -> dict[str, dict[tuple[str, str], str]]:
    """The Python files that were graded, by submission."""
    from grader.batch import read_code

    return {r.submission: read_code(sources[place], course, selection, r.digest) for place, r in graded.items()}


def _say(results: list[SubmissionResult], course: Course, quiet: bool) -> None:
    """The report, and on standard error what was not graded."""
    nothing = len(results) == 1 and results[0].refused is not None
    if not quiet and not nothing:
        with contextlib.suppress(OSError):  # whoever read it has gone; the file is written
            _print_report(results, course)
            sys.stdout.flush()
    if course.broken:
        click.echo(f"not graded, for its files are wrong: {', '.join(course.broken)}", err=True)
    for result in results:
        if result.refused is not None:
            click.echo(f"{in_one_line(result.submission)}: not graded: {in_one_line(result.refused)}", err=True)


def _print_report(results: list[SubmissionResult], course: Course) -> None:
    from rich.console import Console

    from grader.reports.terminal import print_class, print_submission
    from grader.result import Report

    console = Console(highlight=False, soft_wrap=False)
    if len(results) == 1:
        print_submission(results[0], course.assignments, console)
    else:
        print_class(Report(submissions=tuple(results)), console)
