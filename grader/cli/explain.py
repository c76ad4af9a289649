"""``grade explain`` and ``grade compare``: how something was read and judged, and how to check that by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from grader.cli.common import FILE, FOLDER, file_target, lab, load, say_isolation, stop, write

_DECIDED = {"equal": 0, "unequal": 1}


@click.command(
    context_settings={"ignore_unknown_options": True},  # a formula may begin with a minus sign
    epilog="Exit status: 0 equal (or all pairs were compared), 1 unequal, 2 bad usage, malformed or undecided.",
)
@click.argument("key", required=False)
@click.argument("response", required=False)
@click.option("--symbols", default="", metavar="WORDS", help="As in 'r: positive, p_XY: 2 arguments, k: real family'.")
@click.option(
    "--kind",
    type=click.Choice(["expression", "region", "set"]),
    default="expression",
    help="What both are. Default: expression.",
)
@click.option("--pairs", type=FILE, help="Compare every pair of this JSON file instead.")
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


@click.command(epilog="Exit status: 0 shown, 2 bad usage or a submission that cannot be read.")
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
        with lab(own=course.reference is None) as opened:
            result = grade_source(source, course, selection, opened)
        if result.refused is not None:
            raise UsageError(f"{result.submission}: not graded: {result.refused}")
    except UsageError as error:
        stop(error)
    say_isolation([result])
    for found in explained(result, course):
        print_explanation(found, result.submission, Console(highlight=False, soft_wrap=False))
