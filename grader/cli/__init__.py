"""The command: arguments and wiring, no logic. Heavy imports wait until a command needs them."""

from __future__ import annotations

import difflib
import io
import os
import sys
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from grader import __version__
from grader.cli.authoring import lint, new, schema, test
from grader.cli.autograder import autograder
from grader.cli.check import check
from grader.cli.explain import compare, explain
from grader.cli.grade import DEFAULT, grade
from grader.cli.machine import doctor, models
from grader.cli.prove import prove
from grader.cli.release import release

SECTIONS = {
    "Students": ("check",),
    "Authors": ("new", "lint", "test", "prove", "compare", "schema", "release"),
    "Graders": ("explain", "autograder"),
    "This machine": ("doctor", "models"),
}


class _Unnamed(click.Context):
    """That of the command whose name nobody types: messages about it name ``grade`` alone."""

    @property
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else super().command_path


class _Commands(click.Group):
    """``grade PATH…`` grades; ``grade NAME …`` runs the sub-command of that name (write ./NAME for a folder)."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            self._suggest(ctx, args[0])
            args = ["--help"] if "--help" in args else [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def _suggest(self, ctx: click.Context, word: str) -> None:
        """A slip in a command's name would else be told as a folder that is not there."""
        near = difflib.get_close_matches(word, [name for name in self.commands if name != DEFAULT], n=1, cutoff=0.6)
        if near and not os.path.lexists(word):
            ctx.fail(f"there is no command and no folder {word!r}; did you mean {near[0]!r}?")

    def invoke(self, ctx: click.Context) -> object:
        """Ctrl-C ends every command at once, and says so in its exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(130)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("grade", "PATH... [OPTIONS]")
        formatter.write_usage("grade", "COMMAND [ARGS]...", prefix="   or: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        default = self.commands[DEFAULT]
        options = [parameter for parameter in default.get_params(ctx) if isinstance(parameter, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Whole first sentences, by who needs a command."""
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(400)) for name in names])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in SECTIONS.values() for name in names]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The first word is a command or a PATH: a shell completes files by itself only where nothing else fits."""
        if incomplete.startswith("-"):
            return [*self.commands[DEFAULT].shell_complete(ctx, incomplete), *super().shell_complete(ctx, incomplete)]
        found = super().shell_complete(ctx, incomplete)
        if not found:
            return [CompletionItem(incomplete, type="file")]
        folders = (f"{path.name}/" for path in Path().iterdir() if path.is_dir() and not path.name.startswith("."))
        return [*found, *(CompletionItem(name) for name in sorted(folders) if name.startswith(incomplete))]


@click.group(
    cls=_Commands,
    epilog="Exit status: 0 graded, 2 bad usage or some input unreadable, 3 some item in error, 130 or 143 interrupted.",
)
@click.version_option(__version__, prog_name="grade")
def main() -> None:
    """Grade what students handed in: PATH is a submission (a folder or an archive), a folder of submissions, or
    reference/ itself."""
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


for _command in (
    autograder, check, compare, doctor, explain, grade, lint, models, new, prove, release, schema, test
):  # fmt: skip
    main.add_command(_command)
grade.context_class = _Unnamed
