"""What ``grade doctor`` prints: how well a student's code can be walled in on this machine, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.sandbox.levels import Layer, Level

MEANS = {
    "A": "Level A. Course code runs behind an outer and several inner walls: a class can be graded here.",
    "B": "Level B. Course code runs behind the inner walls alone: a class can be graded here. It can find out "
    "which files there are, though it can read none; level A hides them.",
    "C": "Level C: NOT ISOLATED. Course code would run with your own rights, under a time limit: do not run others' "
    "code here. `grade` refuses to without --allow-unsandboxed.",
}
COURSE_CODE = "torch, and the process that holds it and runs functions"


def print_diagnosis(layers: Sequence[Layer], level: Level, course_code: str, console: Console) -> None:
    """``course_code`` is '' if the process for course code works here, else why it does not."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=3, justify="right")
    table.add_column(no_wrap=True)
    table.add_column()
    for layer in layers:
        table.add_row(_mark(layer.trouble), layer.name, Text(layer.does))
        if layer.trouble:
            table.add_row("", "", Text(f"{layer.trouble}.\nTo mend it: {layer.remedy}.\n"))
    table.add_row(_mark(course_code), "course code", Text(COURSE_CODE))
    if course_code:
        table.add_row("", "", Text(course_code))
    console.print(table)
    console.print()
    console.print(Text(MEANS[level]))


def _mark(trouble: str) -> Text:
    return Text("✗", "red") if trouble else Text("✓", "green")
