"""What several commands share: the course, files to write, errors that end a command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader.files import replace_file

if TYPE_CHECKING:
    from grader.batch import Selection
    from grader.errors import Fault, UsageError
    from grader.harness.lab import Lab
    from grader.loading.specs.course import Course
    from grader.result import SubmissionResult

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NAMED = 6  # keys in a warning
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


def stop(error: UsageError) -> NoReturn:
    """Say what is wrong, and end with exit status 2."""
    click.echo(f"grade: {error}", err=True)
    sys.exit(2)


def load(problems: Path | None, reference: Path | None, needs_keys: bool, may_be_empty: bool = False) -> Course:
    """The course that is named or found from here on upwards. Raises UsageError where there is none."""
    from grader.errors import UsageError
    from grader.loading.specs.course import find_folder, load_course

    problems = problems or find_folder("problems", Path.cwd())
    if problems is None:
        raise UsageError("there is no problems/ here or in a parent folder; name it with --problems")
    reference = reference or find_folder("reference", Path.cwd())
    if reference is None and needs_keys:
        raise UsageError("there is no reference/ (the keys) here or in a parent folder; name it with --reference")
    return load_course(problems, reference, may_be_empty)


def warn_of_unproved(course: Course, selection: Selection) -> None:
    """Say which keys mark here that were never proved as they stand."""
    from grader.proving.record import unproved

    labels = [name for name in unproved(course, selection.items) if name.partition("/")[0] in selection.assignments]
    if labels:
        more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
        keys = "a key was" if len(labels) == 1 else f"{len(labels)} keys were"
        said = f"{keys} never proved as they stand now: {', '.join(labels[:NAMED])}{more}; see grade prove"
        click.echo(f"grade: {said.replace('as they stand', 'as it stands') if len(labels) == 1 else said}", err=True)


def file_target(file: str | None, option: str = "--json") -> Path | None:
    """Where to write; checked before an hour of grading, not after it."""
    from grader.errors import UsageError

    if file is None or file == "-":
        return Path("-") if file else None
    path = Path(file)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(f"{option} {file}: expected a file in a folder that exists, or -")
    if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise UsageError(f"{option} {file}: cannot be written there")
    return path


def write(target: Path, text: str) -> bool:
    """Whether it could be written. A file is replaced as a whole: half of one must not stand where results were."""
    if str(target) == "-":
        click.echo(text, nl=False)
        return True
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, "utf-8")  # a pipe or a device
            return True
        replace_file(target.resolve(), text.encode("utf-8"))
    except OSError as error:
        click.echo(f"grade: {target} could not be written: {error.strerror}", err=True)
        return False
    return True


def print_faults(faults: tuple[Fault, ...] | list[Fault]) -> None:
    """A line for each, on standard error."""
    for fault in faults:
        click.echo(str(fault), err=True)


def lab(**options: Any) -> Lab:
    """With the model that is shipped, unless ``chosen`` is another."""
    from grader.harness.lab import Lab

    return Lab(**options)


def say_isolation(results: list[SubmissionResult]) -> None:
    """What should be known of the walls that course code ran behind."""
    levels = {result.isolation for result in results}
    if levels & {"B", "C"}:
        from grader.harness.lab import NOT_ISOLATED, WITHOUT_OUTER
        from grader.sandbox.bubblewrap import installed

        if "C" in levels:
            click.echo(NOT_ISOLATED, err=True)
        elif installed():
            click.echo(WITHOUT_OUTER, err=True)
