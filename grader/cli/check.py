"""``grade check``: what a student sees of their own work, without any key."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from grader.cli.common import FOLDER, file_target, lab, print_faults, say_isolation, stop, write
from grader.cli.progress import progress

if TYPE_CHECKING:
    from grader.checking.found import Check
    from grader.harness.models import Chosen
    from grader.loading.specs.course import Course
    from grader.submission import Submission


@click.command(
    epilog="Exit status: 0; 1 something cannot be read, or a public test failed (what is blank is no failure); 2 bad "
    "usage, or nothing found; 3 the course or the grader is at fault; 130 Ctrl-C."
)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--assignment", metavar="NAME", help="Check this assignment only.")
@click.option("--item", "items", multiple=True, metavar="ID", help="Check this item only; may be repeated.")
@click.option("--json", "json_file", metavar="FILE", help="Write what was found as JSON; - for standard output.")
@click.option(
    "--problems", type=FOLDER, help="Folder of problems. Default: problems/ beside PATH, here or in a parent folder."
)
@click.option("--model", default="tiny", metavar="NAME", help="Language model for course code: tiny, gpt2, or a path.")
@click.option("--no-code", is_flag=True, help="Run no code; the rest is checked all the same.")
def check(
    path: Path | None,
    assignment: str | None,
    items: tuple[str, ...],
    json_file: str | None,
    problems: Path | None,
    model: str,
    no_code: bool,
) -> None:
    """Check your own work before you hand it in: how all is read, what is blank or cannot be read, the public
    tests of code. PATH is a submission (folder or archive) or one assignment of it; the default is this folder. No key
    is needed, and none is looked at: what can be read need not be right."""
    from grader.batch import read_own, select
    from grader.errors import UsageError
    from grader.harness.models import choose

    path = path or Path()
    try:
        target = file_target(json_file)
        course = _public_course(path, problems)
        _tell_of_faults(course)
        selection = select(course, assignment, items)
        work = read_own(path, course, selection)
        chosen = None if no_code else choose(model, "cpu")
        found = _checked(work, course, selection.items, chosen)
    except UsageError as error:
        stop(error)
    except KeyboardInterrupt:
        _interrupted()
    sys.exit(_deliver(found, course, target))


def _public_course(path: Path, problems: Path | None) -> Course:
    """The problems alone: those that lie beside the work, as in what students are given, else those around here."""
    from grader.errors import UsageError
    from grader.loading.specs.course import find_folder, load_course

    start = path if path.is_dir() else path.parent
    beside = find_folder("problems", start.absolute())  # as it is called from there
    if problems is None and beside is not None and any((start / beside).glob("*/assignment.yaml")):
        problems = start / beside
    problems = problems or find_folder("problems", Path.cwd())
    if problems is None:
        raise UsageError(f"there is no problems/ beside {path}, here or in a parent folder; {_where_else(start)}")
    return load_course(problems, None)


def _where_else(start: Path) -> str:
    """What to do instead: most often somebody stands beside the folder that they were given."""
    released = sorted(folder.parent for folder in start.glob("*/problems") if folder.is_dir())
    if released:
        return f"did you mean: grade check {released[0]}"
    return "run this in the folder that you were given, or name that of the problems with --problems"


def _tell_of_faults(course: Course) -> None:
    if course.faults:
        click.echo("grade: the course's own files have faults. They are not yours; tell your instructor:", err=True)
        print_faults(course.faults)
    if course.broken:
        click.echo(f"grade: {', '.join(course.broken)} cannot be checked, for these files are wrong", err=True)


def _checked(work: Submission, course: Course, items: frozenset[str], chosen: Chosen | None) -> Check:
    from grader.checking import check as checked

    if chosen is None:
        return checked(work, course, items)
    with progress("running code", _with_code(work, course, items)) as running, lab(own=True, chosen=chosen) as opened:
        try:
            return checked(work, course, items, opened, running)
        except KeyboardInterrupt:
            _interrupted()  # before processes are ended, which takes a moment


def _interrupted() -> NoReturn:
    click.echo("interrupted", err=True)
    sys.exit(130)


def _with_code(work: Submission, course: Course, items: frozenset[str]) -> int:
    """How many items have code to run."""
    handed_in = [(done, item) for done in work.works for item in course.assignments[done.assignment].items]
    chosen = [(done, item) for done, item in handed_in if not items or f"{done.assignment}/{item.id}" in items]
    return sum(any(getattr(spec, "file", None) in done.code for spec in item.fields) for done, item in chosen)


def _deliver(found: Check, course: Course, target: Path | None) -> int:
    from rich.console import Console

    from grader.reports.checked import Printer, render
    from grader.result import SubmissionResult

    say_isolation([SubmissionResult(submission=found.submission, isolation=found.isolation)])
    written = target is None or write(target, render(found))
    if str(target) != "-":
        with contextlib.suppress(OSError):  # whoever read it has gone; the file is written
            Printer(course.assignments, Console(highlight=False, soft_wrap=False)).check(found)
            sys.stdout.flush()
    return found.exit_status or (2 if course.broken or not written else 0)
