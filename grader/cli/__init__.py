"""The command: arguments and wiring, no logic. Heavy imports wait until a command needs them."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader import __version__
from grader.cli.common import FOLDER, NEW_FOLDER, file_target, load, print_faults, stop, warn_of_unproved, write
from grader.cli.prove import prove

if TYPE_CHECKING:
    from grader.batch import Source
    from grader.harness.lab import Lab
    from grader.loading.specs.course import Course
    from grader.parallel import Setup
    from grader.result import SubmissionResult

_DEFAULT = "(grade)"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DECIDED = {"equal": 0, "unequal": 1}


class _Commands(click.Group):
    """``grade PATH…`` grades; ``grade NAME …`` runs the sub-command of that name (write ./NAME for a folder)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "PATH... [OPTIONS]")
        formatter.write_usage("grade", "COMMAND [ARGS]...", prefix="   or: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        default = self.commands[_DEFAULT]
        options = [parameter for parameter in default.get_params(ctx) if isinstance(parameter, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(
    cls=_Commands,
    epilog="Exit status: 0 graded, 2 bad usage or some input unreadable, 3 some item in error, 130 or 143 interrupted.",
)
@click.version_option(__version__, prog_name="grade")
def main() -> None:
    """Grade submissions: PATH is a submission, a folder of submissions, or the reference itself."""
    for standard in (0, 1, 2):
        try:
            os.fstat(standard)
        except OSError:  # closed by whoever started us; what is opened next would get its number, and be taken for it
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (to the end)
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that has no Greek letters must not end a run
            stream.reconfigure(errors="backslashreplace")


@main.command(_DEFAULT, hidden=True)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--assignment", metavar="NAME", help="Grade this assignment only.")
@click.option("--item", "items", multiple=True, metavar="ID", help="Grade this item only; may be repeated.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results as JSON; - for standard output.")
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
    json_file: str | None,
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

    try:
        target = file_target(json_file)
        course = load(problems, reference, needs_keys=True)
        print_faults(course.faults)
        selection = select(course, assignment, items)
        warn_of_unproved(course, selection)
        chosen = choose(model, device)
    except UsageError as error:
        stop(error)
    hidden = tuple(path.absolute() for path in (course.reference, *paths) if path is not None)
    folders = course.problems, course.reference
    setup = Setup(*folders, selection, chosen, allow_unsandboxed, pictures, patience, hidden)
    sources = find_sources(paths, course)
    results, interrupted = _grade_all(sources, setup, course, jobs, quiet)
    status = _deliver(results, course, target, quiet or json_file == "-")
    sys.exit(128 + interrupted if interrupted else status)


@main.command()
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option("--reference", type=FOLDER, help="Folder of keys. Default: reference/ here or in a parent folder.")
def lint(problems: Path | None, reference: Path | None) -> None:
    """Report everything that is wrong with problems and keys."""
    from grader.errors import UsageError
    from grader.marking import course_faults

    try:
        course = load(problems, reference, needs_keys=False)
    except UsageError as error:
        stop(error)
    faults = course_faults(course)
    print_faults(faults)
    count = sum(len(a.items) for a in course.assignments.values())
    if faults:
        click.echo(f"{len(faults)} fault{'s' * (len(faults) != 1)}", err=True)
        sys.exit(2)
    without = "" if course.reference else " (no reference/: keys were not looked at)"
    click.echo(f"{len(course.assignments)} assignments, {count} items: nothing wrong found{without}")


@main.command(
    context_settings={"ignore_unknown_options": True},  # a formula may begin with a minus sign
    epilog="Exit status: 0 equal (or all pairs were compared), 1 unequal, 2 bad usage, malformed or undecided.",
)
@click.argument("key", required=False)
@click.argument("response", required=False)
@click.option("--symbols", default="", metavar="WORDS", help="As in 'r: positive, p_XY: 2 arguments, k: real family'.")
@click.option("--kind", type=click.Choice(["expression", "region", "set"]), default="expression", show_default=True)
@click.option("--pairs", type=_FILE, help="Compare every pair of this JSON file instead.")
@click.option("--json", "json_file", metavar="FILE", help="Where to write the verdicts on --pairs; - is the default.")
def compare(key: str | None, response: str | None, symbols: str, kind: Any, pairs: Path | None, json_file: str) -> None:
    """Try whether RESPONSE equals KEY, over the domains of the declared symbols."""
    from grader.errors import UsageError

    try:
        if pairs is not None and key is None:
            sys.exit(_compare_pairs(pairs, json_file or "-"))
        if pairs is not None or key is None or response is None or json_file is not None:
            raise UsageError("compare takes a key and a response, or --pairs and a file (and --json for these)")
        sys.exit(_compare_texts(key, response, symbols, kind))
    except UsageError as error:
        stop(error)


def _compare_texts(key: str, response: str, words: str, kind: Any) -> int:
    from rich.console import Console

    from grader.comparing import compare_texts
    from grader.errors import Unreadable, UsageError
    from grader.math.declaring import read_symbols
    from grader.reports.explained import print_comparison

    try:
        symbols = read_symbols(words)
    except Unreadable as error:
        raise UsageError(f"--symbols: {error}") from error
    found = compare_texts(key, response, symbols, kind)
    print_comparison(found, key, response, Console(highlight=False, soft_wrap=False))
    return _DECIDED.get(found.judgement.decision, 2)


def _compare_pairs(pairs: Path, json_file: str) -> int:
    from grader.comparing import compare_pairs, pairs_to_json

    target = file_target(json_file)
    assert target is not None
    return 0 if write(target, pairs_to_json(compare_pairs(pairs))) else 2


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("item")
@click.option("--problems", type=FOLDER, help="Folder of problems. Default: problems/ here or in a parent folder.")
@click.option("--reference", type=FOLDER, help="Folder of keys. Default: reference/ here or in a parent folder.")
def explain(path: Path, item: str, problems: Path | None, reference: Path | None) -> None:
    """Show how ITEM (midterm/4d) of the submission at PATH was read and judged, and how to check that by hand."""
    from rich.console import Console

    from grader.batch import find_sources, grade_source, select
    from grader.errors import UsageError
    from grader.explaining import explain as explained
    from grader.reports.explained import print_explanation

    try:
        course = load(problems, reference, needs_keys=False)
        selection = select(course, None, (item,))
        source, *more = find_sources((path,), course)
        if more:
            raise UsageError(f"{path} holds {len(more) + 1} submissions; name one of them, such as {source.folder}")
        with _lab(own=course.reference is None) as lab:
            result = grade_source(source, course, selection, lab)
        if result.refused is not None:
            raise UsageError(f"{result.submission}: not graded: {result.refused}")
    except UsageError as error:
        stop(error)
    _say_isolation([result])
    for found in explained(result, course):
        print_explanation(found, result.submission, Console(highlight=False, soft_wrap=False))


@main.command(epilog="Exit status: 0, 1 where weights are not those of GPT-2 small, 2 where they cannot be read.")
@click.argument("model", required=False, metavar="[PATH]")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", help="Where to measure.")
def models(model: str | None, device: str) -> None:
    """List the language models for course code and measure them; check the weights of GPT-2 at PATH."""
    from grader.errors import UsageError
    from grader.harness.models import survey

    try:
        sys.exit(0 if survey(model, device, click.echo) else 1)
    except UsageError as error:
        stop(error)


@main.command(epilog="Exit status: 0 where a class can be graded, 1 where its code cannot be isolated.")
def doctor() -> None:
    """Try how well course code can be isolated on this machine, and say what is missing."""
    from rich.console import Console

    from grader.reports.doctor import print_diagnosis
    from grader.sandbox.levels import level_of, scratch_folder, survey

    layers = survey()
    level = level_of(layers)
    with _lab(unsandboxed=True) as lab:
        print_diagnosis([*layers, scratch_folder()], level, lab.trial(), Console(highlight=False, soft_wrap=False))
    sys.exit(1 if level == "C" else 0)


def _lab(**options: Any) -> Lab:
    """With the model that is shipped."""
    from grader.harness.lab import Lab

    return Lab(**options)


def _grade_all(
    sources: list[Source], setup: Setup, course: Course, jobs: int | None, quiet: bool
) -> tuple[list[SubmissionResult], int]:
    """The results in the order of the sources, and the signal that ended the run early with what was graded, or 0."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from grader.parallel import grade_class

    done: dict[int, SubmissionResult] = {}
    interrupted = 0
    columns: tuple[Any, ...] = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}"),
    )
    hidden = quiet or len(sources) < 2 or not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=hidden, transient=True) as progress:
        task = progress.add_task("grading", total=len(sources), name="")
        try:
            for ending in ("SIGTERM", "SIGHUP"):  # the terminal is closed, the connection lost
                if hasattr(signal, ending):
                    signal.signal(getattr(signal, ending), _interrupt)
            for place, result in grade_class(sources, setup, course, jobs):
                done[place] = result
                progress.update(task, name=result.submission, advance=1)
        except KeyboardInterrupt as interrupt:
            interrupted = interrupt.args[0] if interrupt.args else signal.SIGINT
            click.echo(f"interrupted: {len(done)} of {len(sources)} submissions were graded", err=True)
    return [done[place] for place in sorted(done)], interrupted


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def _deliver(results: list[SubmissionResult], course: Course, target: Path | None, quiet: bool) -> int:
    from grader.reports import WRITERS
    from grader.result import Report

    report = Report(submissions=tuple(results))
    _say_isolation(results)
    written = target is None or write(target, WRITERS["json"](report))
    if not quiet:
        with contextlib.suppress(OSError):  # whoever read it has gone; the file is written
            _print_report(report, course)
            sys.stdout.flush()
    if course.broken:
        click.echo(f"not graded, for its files are wrong: {', '.join(course.broken)}", err=True)
    for result in results:
        if result.refused is not None:
            click.echo(f"{result.submission}: not graded: {result.refused}", err=True)
    return report.exit_status or (2 if course.faults or not written else 0)


def _say_isolation(results: list[SubmissionResult]) -> None:
    """What should be known of the walls that course code ran behind."""
    levels = {result.isolation for result in results}
    if levels & {"B", "C"}:
        from grader.harness.lab import NOT_ISOLATED, WITHOUT_OUTER
        from grader.sandbox.bubblewrap import installed

        if "C" in levels:
            click.echo(NOT_ISOLATED, err=True)
        elif installed():
            click.echo(WITHOUT_OUTER, err=True)


def _print_report(report: Any, course: Course) -> None:
    from rich.console import Console

    from grader.reports.terminal import print_class, print_submission

    console = Console(highlight=False, soft_wrap=False)
    if len(report.submissions) == 1:
        print_submission(report.submissions[0], course.assignments, console)
    else:
        print_class(report, console)


main.add_command(prove)
