"""What ``run_autograder`` starts on Gradescope: one submission in, ``results.json`` out. Staff alone see its words."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.common import FOLDER, load, print_faults, say_isolation, stop, write


@click.command()
@click.argument("root", type=FOLDER)
@click.argument("assignment")
@click.option("--allow-unsandboxed", is_flag=True)
def run(root: Path, assignment: str, allow_unsandboxed: bool) -> None:
    """Grade ROOT/submission, by the keys in ROOT/source/course, into ROOT/results/results.json.

    Where the grader is at fault, no such file is written and the exit status is 2. With one it is 0, whatever marks.
    """
    from grader.batch import Source, select
    from grader.errors import UsageError
    from grader.parallel import Setup, grade_class
    from grader.reports import gradescope

    course_folder = root / "source" / "course"
    try:
        course = load(course_folder / "problems", course_folder / "reference", needs_keys=True)
        print_faults(course.faults)
        selection = select(course, assignment, ())
        source = Source("submission", root / "submission", name="submission")  # files lie there in no folder
        hidden = (root / "source", root / "submission", root / "results")
        setup = Setup(course.problems, course.reference, selection, unsandboxed=allow_unsandboxed, hidden=hidden)
        [(_, result)] = grade_class([source], setup, course)
        say_isolation([result])
        text = gradescope.render(result, course)
    except UsageError as error:
        stop(error)
    sys.exit(0 if write(root / "results" / "results.json", text) else 2)


if __name__ == "__main__":
    run()
