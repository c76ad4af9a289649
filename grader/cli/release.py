"""``grade release``: what students get of an assignment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import FOLDER, print_faults, stop

if TYPE_CHECKING:
    from grader.releasing.contents import Release


@click.command(epilog="Exit status: 0 written, 2 not written. Standard output is the path of what was written.")
@click.argument("assignment")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER|ZIP", help="Where; .zip makes a zip file."
)
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option("--install", metavar="COMMAND", help="How students install grade; it goes into their instructions.")
def release(assignment: str, out: Path, problems: Path | None, install: str | None) -> None:
    """Make what students get of ASSIGNMENT: prompts, files to fill in, public specs, instructions. No key is read.

    A folder that is there already is replaced only if it is an earlier release in which nothing was changed; a zip is
    always replaced.
    """
    from grader.errors import SpecError, UsageError
    from grader.loading.specs.course import find_folder, load_course
    from grader.printing import in_one_line
    from grader.releasing.contents import make_release
    from grader.releasing.writing import check_target, write_release

    try:
        problems = problems or find_folder("problems", Path.cwd())
        if problems is None:
            raise UsageError("there is no problems/ here or in a parent folder; name it with --problems")
        keys = [problems.parent / "reference", find_folder("reference", Path.cwd())]
        check_target(out, [problems, *(folder for folder in keys if folder is not None)])
        made = make_release(load_course(problems, None), assignment, install and in_one_line(install))
        write_release(made, out)
    except UsageError as error:
        stop(error)
    except SpecError as error:
        print_faults(error.faults)
        click.echo(f"grade: {assignment} was not released: mend its problems first, see grade lint", err=True)
        sys.exit(2)
    _say(made)
    click.echo(out)


def _say(made: Release) -> None:
    for warning in made.warnings:
        click.echo(warning, err=True)
    items = made.assignment.items
    code = sum(name.endswith(".py") and name.startswith("formats/yaml/") for name in made.files)
    starters = f", {code} starter files" if code else ""
    counted = f"{len(items)} items, {made.assignment.points:g} points{starters}"
    click.echo(f"{made.assignment.id}: {counted}; {len(made.files)} files", err=True)
    if made.install is None:
        click.echo("README.md leaves open how students install grade; say it with --install 'COMMAND'", err=True)
    click.echo(f"students fill in {made.assignment.id}/, run 'grade check' and hand that folder in", err=True)
