"""``grade autograder``: the zip that Gradescope grades one assignment with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import FOLDER, file_target, load, print_faults, stop, warn_of_unproved

if TYPE_CHECKING:
    from grader.loading.specs.course import Course

MEMORY = "choose a container with at least 3 GB of memory for it in Gradescope's settings"
EXPOSED = (
    "grade: --allow-unsandboxed: where Gradescope's container lets no wall stand, students' code runs with the rights "
    "of the grader. It can then read the keys and write its own results."
)


@click.command(epilog="Exit status: 0; 2 bad usage, files of the assignment that are wrong, or nothing written.")
@click.argument("assignment")
@click.option("--out", required=True, metavar="FILE", help="Where to write the zip: autograder.zip.")
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option("--reference", type=FOLDER, help="Folder of keys. Default: reference/ here or in a parent folder.")
@click.option("--allow-unsandboxed", is_flag=True, help="Run course code there also where it cannot be isolated.")
def autograder(
    assignment: str, out: str, problems: Path | None, reference: Path | None, allow_unsandboxed: bool
) -> None:
    """Pack an autograder of ASSIGNMENT for Gradescope. It holds the keys: it is for staff alone."""
    from grader.batch import select
    from grader.errors import SpecError, UsageError
    from grader.packing import pack
    from grader.writing.saving import save

    try:
        target = file_target(out, "--out")
        if target is None or str(target) == "-":
            raise UsageError("--out: expected the name of a file, as autograder.zip")
        course = load(problems, reference, needs_keys=True)
        print_faults(course.faults)
        warn_of_unproved(course, select(course, assignment, ()))
        save({target: pack(course, assignment, allow_unsandboxed)})
    except UsageError as error:
        stop(error)
    except SpecError as error:
        print_faults(error.faults)
        stop(UsageError(f"keys of {assignment} are wrong, and nothing was packed; see grade lint"))
    _say(course, assignment, target, allow_unsandboxed)


def _say(course: Course, assignment: str, target: Path, unsandboxed: bool) -> None:
    from grader.packing import with_code

    known = course.assignments[assignment]
    click.echo(f"{target}: {known.title}, {len(known.items)} items, {known.points:g} points, with its keys", err=True)
    if with_code(course, assignment):
        click.echo(f"{assignment} runs students' code: {MEMORY}", err=True)
        if unsandboxed:
            click.echo(EXPOSED, err=True)
