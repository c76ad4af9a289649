"""Marking tests that were run, for a person at a terminal: a line for each item, what failed below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.loading.specs.course import Course
from grader.marking import SORTS, ItemTrials, Trial, sort
from grader.printing import how_many, in_one_line, printable

_GOOD, _BAD, _IDLE, _FAULTY = ("✓", "+", "green"), ("✗", "x", "bold red"), ("·", ".", "dim"), ("!", "!", "bold magenta")
_SHOWN = 400  # characters of a response


def exit_status(done: Sequence[ItemTrials]) -> int:
    """2 where keys have faults, also such as show only when they are put to use; 1 where tests failed."""
    if any(item.faults or any(map(_fault_of, item.failed)) for item in done):
        return 2
    return 1 if any(item.failed for item in done) else 0


class Printer:
    """Prints items as they are tested. ``verbose``: every test, not those alone that failed."""

    def __init__(self, course: Course, console: Console, verbose: bool) -> None:
        self.course, self.console, self.verbose = course, console, verbose
        self.assignment = ""

    def item(self, done: ItemTrials) -> None:
        """One item: how many tests passed, which did not, and which are missing."""
        if done.assignment != self.assignment:
            self.assignment = done.assignment
            title = f"{done.assignment}: {self.course.assignments[done.assignment].title}"
            self.console.rule(Text(printable(title), style="bold"), align="left", style="dim")
        sign = _FAULTY if done.faults else _BAD if done.failed else _GOOD if done.trials else _IDLE
        head = Text(" ").append_text(self.sign(sign)).append(f" {done.item.id:<10}", style="bold")
        self.console.print(head.append(f" {_counted(done)}", style="default" if done.trials else sign[2]))
        for fault in done.faults:
            self.indented(Text(printable(str(fault)), style="magenta"))
        for said in _lacking(done):
            self.indented(Text(self.plain(said), style="yellow"))
        self.trials([trial for trial in done.trials if self.verbose or not trial.passed])

    def trials(self, shown: Sequence[Trial]) -> None:
        """Each test, but a fault of the key that several run into once."""
        told: Counter[str] = Counter()
        for trial in shown:
            fault = _fault_of(trial)
            told[fault] += 1
            if not fault or told[fault] == 1:
                self.trial(trial)
        more = sum(count - 1 for fault, count in told.items() if fault)
        if more:
            self.indented(Text(f"and {how_many(more, 'other test')} with the same fault", style="magenta"))

    def trial(self, trial: Trial) -> None:
        """Expected beside got, and what the student would read."""
        line = Text(" ").append_text(self.sign(_GOOD if trial.passed else _BAD))
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        style = "green" if trial.passed else "bold red"
        table.add_row(line, Text("expected", style="dim"), Text(_expected(trial)))
        table.add_row("", Text("got", style="dim"), Text(_got(trial), style=style))
        for feedback in (feedback for outcome in trial.outcomes.values() for feedback in outcome.feedback):
            table.add_row("", Text("said", style="dim"), Text(in_one_line(feedback.text)))
        written = Text(_clipped(in_one_line(trial.written)))
        if not trial.passed:
            written.append(f"  {trial.expected.where}", style="dim")
        self.indented(written)
        self.indented(table)

    def indented(self, what: Text | Table) -> None:
        self.console.print(Padding(what, (0, 0, 0, 5)))

    def summary(self, done: Sequence[ItemTrials]) -> None:
        """How many passed, and the items that did not or cannot be tested."""
        count = sum(len(item.trials) for item in done)
        failed = sum(len(item.failed) for item in done)
        faulty = [item for item in done if item.faults]
        few = [item.label for item in done if _lacking(item)]
        tested = sum(bool(item.trials) for item in done)
        said = (
            f"{how_many(count, 'marking test')} of {how_many(tested, 'item')}" if count else "no marking tests were run"
        )
        said += "" if not count else f": {failed} failed" if failed else ": all passed"
        said += f"; {how_many(len(faulty), 'item')} not tested" if faulty else ""
        self.console.print()
        style = "bold red" if failed else "bold"
        self.console.print(Text(f" {said}", style=style))
        for item in (item for item in done if item.failed):
            self.console.print(Text(f" {item.label}: {len(item.failed)} failed", style="red"))
        if faulty:
            labels = ", ".join(item.label for item in faulty)
            self.console.print(Text(f" not tested, for their keys have faults: {labels}", style="magenta"))
        if few and len(done) > 1:
            self.console.print(Text(f" with fewer tests than they should have: {', '.join(few)}", style="yellow"))

    def sign(self, sign: tuple[str, str, str]) -> Text:
        plain, ascii_, style = sign
        return Text(plain if self.unicode else ascii_, style=style)

    @property
    def unicode(self) -> bool:
        return self.console.encoding.lower().startswith("utf")

    def plain(self, text: str) -> str:
        return text if self.unicode else text.replace("·", "-")


def _fault_of(trial: Trial) -> str:
    """What kept a test from being judged."""
    if trial.status != "error":
        return ""
    return " ".join(feedback.text for outcome in trial.outcomes.values() for feedback in outcome.feedback)


def _counted(done: ItemTrials) -> str:
    if done.faults:
        return f"not tested: {how_many(len(done.faults), 'fault')} in its key"
    if not done.trials:
        return _untested(done)
    passed = len(done.trials) - len(done.failed)
    result = f"{passed} passed" + (f", {len(done.failed)} failed" if done.failed else "")
    return f"{result:<22} {_sorted(Counter(sort(trial) for trial in done.trials))}"


def _untested(done: ItemTrials) -> str:
    kinds = {spec.kind for spec in done.item.fields if spec.worth}
    if kinds <= {"text"}:
        return "a human marks it"
    if "code" in kinds:
        return f"its tests are those of the code: grade reference --item {done.label}"
    return "no marking tests"


def _sorted(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in SORTS)


def _lacking(done: ItemTrials) -> list[str]:
    """The fields that have fewer tests of some sort than they should."""
    if done.faults:
        return []
    asked = ", ".join(f"{least} {name}" for name, least in SORTS.items())
    return [
        f"{name} has {_sorted(counts)}; it should have {asked}"
        for name, counts in done.coverage.items()
        if any(counts[name] < least for name, least in SORTS.items())
    ]


def _expected(trial: Trial) -> str:
    score = "any score" if trial.expected.score is None else f"{trial.expected.score:g}"
    return f"{trial.expected.status or 'any status':<10} {score}"


def _got(trial: Trial) -> str:
    pending = sum(outcome.pending for outcome in trial.outcomes.values())
    said = f"{trial.status:<10} {trial.score:g}" + (f" (+{pending:g} pending)" if pending else "")
    if len(trial.outcomes) == 1:
        return said
    return f"{said}  ({', '.join(f'{name} {out.status} {out.score:g}' for name, out in trial.outcomes.items())})"


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
