"""``grade prove``: every key by its second routes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import FOLDER, file_target, load, print_faults, stop, write
from grader.cli.progress import progress

if TYPE_CHECKING:
    from grader.loading.specs.course import Course
    from grader.proving.standing import Standing


@click.command(
    epilog="Exit status: 0; 1 a key is refuted (--strict: or not settled); 2 a route cannot be carried out; 130 Ctrl-C."
)
@click.argument("path", required=False, type=FOLDER)
@click.option("--item", "items", multiple=True, metavar="ID", help="Prove this item's keys only; may be repeated.")
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option(
    "--reference", type=FOLDER, help="Folder of keys. Default: PATH, or reference/ here or in a parent folder."
)
@click.option("--html", "page", metavar="FILE", help="Write a page with pictures of all simulations.")
@click.option("--strict", is_flag=True, help="Fail on keys that have no route or could not be settled, too.")
@click.option("--verbose", is_flag=True, help="Show every route in full.")
def prove(
    path: Path | None,
    items: tuple[str, ...],
    problems: Path | None,
    reference: Path | None,
    page: str | None,
    strict: bool,
    verbose: bool,
) -> None:
    """Verify every key in PATH (default: reference/) by a second route, before it marks anyone."""
    from rich.console import Console

    from grader.batch import select
    from grader.errors import UsageError
    from grader.proving.course import count
    from grader.proving.course import prove as proved
    from grader.proving.standing import exit_status
    from grader.reports.proved import Printer

    try:
        target = file_target(page, "--html")
        if path is not None and reference is not None:
            raise UsageError("the keys are named twice: as PATH and with --reference")
        course = load(problems, path or reference, needs_keys=True)
        selection = select(course, None, items)
    except UsageError as error:
        stop(error)
    print_faults(course.faults)
    printer = Printer(course, Console(highlight=False, soft_wrap=False), verbose)
    start = time.perf_counter()
    standings: list[Standing] = []
    interrupted = False
    try:
        with progress("proving", count(course, selection.items), printing=printer.console) as step:
            for standing in proved(course, selection.items):
                printer.field(standing)
                standings.append(standing)
                step(standing.label)
    except KeyboardInterrupt:
        interrupted = True
        click.echo(f"interrupted: {len(standings)} keys were gone through", err=True)
    seconds = time.perf_counter() - start
    printer.summary(standings, seconds)
    _record(course, standings, complete=not items and not interrupted)
    written = target is None or _write_page(target, standings, seconds)
    status = exit_status(standings, strict) or (2 if course.faults or not written else 0)
    sys.exit(130 if interrupted else status)


def _record(course: Course, standings: list[Standing], complete: bool) -> None:
    from grader.proving.record import write_record

    try:
        path = write_record(course, standings, complete)
    except OSError as error:
        click.echo(f"grade: what was proved could not be recorded: {error.strerror}", err=True)
    else:
        click.echo(f"recorded in {path}", err=True)


def _write_page(target: Path, standings: list[Standing], seconds: float) -> bool:
    from grader.reports.proved_page import proved_page

    return write(target, proved_page(standings, seconds))
