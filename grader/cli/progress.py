"""How far long work has come, where somebody is there to see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.printing import in_one_line

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def progress(
    what: str, total: int, quiet: bool = False, printing: Console | None = None
) -> Iterator[Callable[[str], None]]:
    """A bar with the number of steps done and an estimate of the time left; it is gone when the work is done.

    Call what you get when a step is done, with its name. The bar is on standard error, and nothing is shown where that
    is no terminal. ``printing`` is the console that results are printed to meanwhile: where it is the same terminal,
    they stay above the bar.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Left

    shown = [SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn()]
    estimate = [TextColumn("left:"), Left()] if total > 1 else []
    columns = [*shown, *estimate, TextColumn("{task.fields[name]}", markup=False)]
    console = printing if printing is not None and printing.is_terminal else Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(what, total=total, name="")
        yield lambda name: bar.update(task, name=in_one_line(name), advance=1)
