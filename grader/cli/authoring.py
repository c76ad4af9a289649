"""What instructors use on their own files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.common import FOLDER, load, print_faults, stop
from grader.cli.progress import progress
from grader.printing import how_many

_PROBLEMS = click.option(
    "--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder."
)
_REFERENCE = click.option(
    "--reference", type=FOLDER, help="Folder of keys. Default: reference/ here or in a parent folder."
)


# --- grade lint ------------------------------------------------------------------------------------------------------


@click.command(epilog="Exit status: 0 nothing wrong, 2 something to mend or to fill in.")
@_PROBLEMS
@_REFERENCE
def lint(problems: Path | None, reference: Path | None) -> None:
    """Report everything that is wrong with problems and keys."""
    from grader.errors import UsageError
    from grader.marking import course_faults

    try:
        course = load(problems, reference, needs_keys=False)
    except UsageError as error:
        stop(error)
    count = sum(len(a.items) for a in course.assignments.values())
    with progress("trying keys", count) as step:
        faults = course_faults(course, step)
    print_faults(faults)
    if faults:
        click.echo(how_many(len(faults), "fault"), err=True)
        sys.exit(2)
    without = "" if course.reference else " (no reference/: keys were not looked at)"
    click.echo(
        f"{how_many(len(course.assignments), 'assignment')}, {how_many(count, 'item')}: nothing wrong found{without}"
    )


# --- grade new -------------------------------------------------------------------------------------------------------


@click.command(epilog="Exit status: 0 written; 2 nothing was written, with the reason.")
@click.argument("item", metavar="ASSIGNMENT/ITEM")
@click.option(
    "--kind", "kinds", multiple=True, required=True, metavar="[FIELD=]KIND",
    help="How a response is judged: numeric, choice, … (docs/kinds.md). May be repeated for several fields: "
    "--kind choice --kind why=text. Without a name the field is called answer.",
)  # fmt: skip
@click.option("--points", default="2", show_default=True, metavar="NUMBER", help="What the item is worth.")
@click.option("--title", help="Title of the question, where it is new.")
@click.option("--assignment-title", "begun", metavar="TEXT", help="Begin the assignment, with this title.")
@_PROBLEMS
@_REFERENCE
def new(
    item: str,
    kinds: tuple[str, ...],
    points: str,
    title: str | None,
    begun: str | None,
    problems: Path | None,
    reference: Path | None,
) -> None:
    """Write an item's entries in problems/ and reference/, ready to be filled in.

    The number (or word) that ITEM begins with is its question: 4e belongs to question 4. Nothing else in the files is
    touched but the total points of the assignment and, for a new question, its list of questions. With
    --assignment-title a new assignment begins: its assignment.yaml is written, too.
    """
    from grader.errors import SpecError, UsageError
    from grader.writing.planning import plan
    from grader.writing.saving import save

    try:
        course = load(problems, reference, needs_keys=True, may_be_empty=True)
        planned = plan(course, item, kinds, points, title, begun)
        save(planned.changes)
    except SpecError as error:
        print_faults(error.faults)
        sys.exit(2)
    except UsageError as error:
        stop(error)
    click.echo("\n".join(planned.said))
    click.echo("\n".join(planned.notes), err=True)


# --- grade schema ----------------------------------------------------------------------------------------------------


@click.command(epilog="Exit status: 0 written or printed, 2 bad usage or nothing written.")
@click.argument("name", required=False, metavar="[assignment|question|key]")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write all of them into this folder.")
@_PROBLEMS
@_REFERENCE
def schema(name: str | None, out: Path | None, problems: Path | None, reference: Path | None) -> None:
    """Write the JSON Schemas by which editors check and complete problems and keys.

    They go where the first line of every YAML file looks for them: problems/schemas/ and reference/schemas/. With a
    NAME, that one is printed.
    """
    from grader.errors import UsageError
    from grader.loading.specs.schemas import as_text, schemas, targets
    from grader.writing.saving import save

    try:
        texts = {known: as_text(made) for known, made in schemas().items()}
        if name is not None:
            if name not in texts:
                raise UsageError(f"there is no schema {name!r}; expected one of {', '.join(texts)}")
            click.echo(texts[name], nl=False)
            return
        if out is None:
            course = load(problems, reference, needs_keys=False)
            paths = targets(course.problems, course.reference)
        else:
            paths = {known: out / f"{known}.json" for known in texts}
        save({path: texts[known].encode() for known, path in paths.items()})
    except UsageError as error:
        stop(error)
    click.echo("\n".join(map(str, paths.values())))


# --- grade test ------------------------------------------------------------------------------------------------------


@click.command(
    epilog="Exit status: 0 every test passed; 1 some did not; 2 bad usage, or keys with faults; 130 interrupted."
)
@click.argument("items", nargs=-1, metavar="[ITEM]...")
@click.option("--assignment", metavar="NAME", help="This assignment only.")
@click.option("--verbose", is_flag=True, help="Show every test, not those alone that failed.")
@_PROBLEMS
@_REFERENCE
def test(
    items: tuple[str, ...], assignment: str | None, verbose: bool, problems: Path | None, reference: Path | None
) -> None:
    """Run the marking tests of keys and show what was expected beside what came out.

    ITEM is an item's id, 4a or midterm/4a. Without one, all are tested.
    """
    from rich.console import Console

    from grader.batch import select
    from grader.errors import UsageError
    from grader.marking import ItemTrials, try_item
    from grader.reports.trials import Printer, exit_status

    try:
        course = load(problems, reference, needs_keys=True)
        print_faults(course.faults)  # an item may be missing for one of these
        selection = select(course, assignment, items)
    except UsageError as error:
        stop(error)
    chosen = [
        (found.id, item)
        for found in course.assignments.values()
        for item in found.items
        if found.id in selection.assignments and (not selection.items or f"{found.id}/{item.id}" in selection.items)
    ]
    printer = Printer(course, Console(highlight=False), verbose)
    done: list[ItemTrials] = []
    interrupted = False
    try:
        with progress("testing", len(chosen)) as step:
            for name, item in chosen:
                done.append(try_item(course, name, item))
                printer.item(done[-1])
                step(f"{name}/{item.id}")
    except KeyboardInterrupt:
        interrupted = True
        click.echo(f"interrupted: {len(done)} of {len(chosen)} items were tested", err=True)
    printer.summary(done)
    sys.exit(130 if interrupted else 2 if course.faults else exit_status(done))
