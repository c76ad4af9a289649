"""``grade models`` and ``grade doctor``: what this machine has for course code."""

from __future__ import annotations

import sys

import click

from grader.cli.common import lab, stop


@click.command(epilog="Exit status: 0, 1 where weights are not those of GPT-2 small, 2 where they cannot be read.")
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


@click.command(epilog="Exit status: 0 where a class can be graded, 1 where its code cannot be isolated.")
def doctor() -> None:
    """Try how well course code can be isolated on this machine, and say what is missing."""
    from rich.console import Console

    from grader.reports.doctor import print_diagnosis
    from grader.sandbox.levels import level_of, scratch_folder, survey

    layers = survey()
    level = level_of(layers)
    with lab(unsandboxed=True) as opened:
        print_diagnosis([*layers, scratch_folder()], level, opened.trial(), Console(highlight=False, soft_wrap=False))
    sys.exit(1 if level == "C" else 0)
