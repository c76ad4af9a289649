"""Results for a person at a terminal: good at 80 columns, plain when piped, readable without colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.checkers.code import PRINTED
from grader.checkers.derivation import NO_WORLD
from grader.checkers.text import READ_BY_HUMAN
from grader.checkers.unjudged import NOT_YET
from grader.printing import in_one_line, in_place
from grader.result import AssignmentResult, Feedback, FieldResult, ItemResult, Report, Status, SubmissionResult
from grader.spec import Assignment

SYMBOLS: dict[Status, tuple[str, str, str]] = {
    "correct": ("✓", "+", "green"),
    "partial": ("◐", "~", "yellow"),
    "incorrect": ("✗", "x", "red"),
    "blank": ("–", "-", "dim"),
    "malformed": ("!", "!", "magenta"),
    "review": ("?", "?", "cyan"),
    "error": ("‼", "E", "bold red"),
}
_SHOWN = 72
_PRINTED = 200  # characters of what code printed; all that is kept is in the evidence


def print_submission(result: SubmissionResult, assignments: Mapping[str, Assignment], console: Console) -> None:
    """One submission in full: a line for each item, feedback below it, totals."""
    console.print(Text(in_one_line(result.submission), style="bold"))
    _print_notes(result.left_out, console)
    if result.refused is not None:
        console.print(Padding(Text(f"not graded: {in_one_line(result.refused)}", style="red"), (0, 0, 1, 2)))
        return
    for assignment in result.assignments:
        _print_assignment(assignment, assignments[assignment.id], console)
    console.print(_legend(console))


def print_class(report: Report, console: Console) -> None:
    """One line for each submission: marks, pending points, and what needs attention."""
    ids = sorted({assignment.id for result in report.submissions for assignment in result.assignments})
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("submission")
    for name in ids:
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("pending", justify="right", style="cyan", no_wrap=True)
    table.add_column("needs attention")
    for result in report.submissions:
        table.add_row(*_class_row(result, ids))
    console.print(table)
    _print_notes((f"{result.submission}: {note}" for result in report.submissions for note in _unread(result)), console)
    _print_notes(_faults(report), console)


def _unread(result: SubmissionResult) -> Iterable[str]:
    return (f"{assignment.id}: {note}" for assignment in result.assignments for note in assignment.unreadable)


def _faults(report: Report) -> Iterable[str]:
    """What is at fault of ours, once, with how many submissions it concerns."""
    found: dict[str, set[str]] = {}
    for result in report.submissions:
        for assignment, item, field in _fields(result):
            if field.status == "error":
                said = [feedback.text for feedback in field.feedback if feedback.audience == "staff"]
                reason = said[-1] if said else field.evidence.get("unread", "a fault of ours")
                found.setdefault(f"{assignment.id}/{item.id} is in error: {reason}", set()).add(result.submission)
    return (f"{fault} ({len(who)} submission{'s' * (len(who) != 1)})" for fault, who in found.items())


def _fields(result: SubmissionResult) -> Iterable[tuple[AssignmentResult, ItemResult, FieldResult]]:
    return ((a, item, field) for a in result.assignments for item in a.items for field in item.fields)


def _class_row(result: SubmissionResult, ids: Iterable[str]) -> list[Text]:
    marks = {assignment.id: assignment for assignment in result.assignments}
    cells = [Text(in_one_line(result.submission))]
    for name in ids:
        found = marks.get(name)
        cells.append(Text(f"{amount(found.score)} / {amount(found.points)}" if found else ""))
        cells.append(Text(amount(found.pending) if found and found.pending else ""))
    if result.refused is not None:
        return [*cells, Text(f"not graded: {in_one_line(result.refused)}", style="red")]
    counts = [f"{count} {status}" for status in ("error", "malformed") if (count := _count(result, status))]
    counts += [f"{len(result.left_out)} left out"] if result.left_out else []
    counts += ended_badly(result)
    return [*cells, Text(", ".join(counts), style="magenta")]


def _count(result: SubmissionResult, status: str) -> int:
    return sum(item.status == status for assignment in result.assignments for item in assignment.items)


_ENDED = {
    "time": "took too long",
    "cpu": "took too long",
    "memory": "out of memory",
    "output": "returned too much",
    "killed": "was killed",
    "files": "wrote too much",
    "crash": "crashed",
    "exit": "ended the process",
    "forbidden": "did something forbidden",
}


def ended_badly(result: SubmissionResult) -> list[str]:
    """Items whose code came to no end of its own, and how it ended."""
    tests = [(item.id, test) for _, item, field in _fields(result) for test in _listed(field.evidence.get("tests"))]
    ended = [(item, _ENDED[test["failure"]]) for item, test in tests if test.get("failure") in _ENDED]
    return [f"{item} {how}" for item, how in dict.fromkeys(ended)]


def _print_assignment(result: AssignmentResult, assignment: Assignment, console: Console) -> None:
    console.rule(Text(f"{result.id}: {assignment.title}", style="bold"), align="left", style="dim")
    _print_notes((*result.unreadable, *result.remarks), console)
    items = {item.id: item for item in result.items}
    for question in assignment.questions:
        found = [items[item.id] for item in question.items if item.id in items]
        if found:
            console.print(Padding(Text(f"{question.question}. {question.title}", style="bold"), (1, 0, 0, 1)))
        for item in found:
            _print_item(item, console)
    console.print()
    console.print(_totals(result))


def _print_notes(notes: Iterable[str], console: Console) -> None:
    for note in notes:
        console.print(Padding(Text(f"note: {in_one_line(note)}", style="yellow"), (0, 0, 0, 2)))


def _totals(result: AssignmentResult) -> Text:
    text = Text(" certain so far ")
    text.append(f"{amount(result.score)} / {amount(result.points)}", style="bold")
    if result.pending:
        text.append("   pending review ").append(amount(result.pending), style="bold cyan")
    return text.append("\n").append(_not_yet(result))


def _print_item(item: ItemResult, console: Console) -> None:
    symbol, style = _symbol(item.status, console)
    line = Text("  ").append(symbol, style=style).append(f" {item.id:<6}")
    line.append(f"{amount(item.score):>5} / {amount(item.points):<4}")
    if item.pending:
        line.append(f" +{amount(item.pending)} pending".ljust(14), style="cyan")
    if item.status not in ("correct", "review"):
        line.append(f" {item.status}", style=style)
    if waiting := [field.name for field in item.fields if _only_waits(field)]:
        line.append(f" a human reads: {', '.join(waiting)}", style="dim")
    console.print(line)
    for field in item.fields:
        _print_feedback(field, alone=len(item.fields) == 1, console=console)


def _print_feedback(field: FieldResult, alone: bool, console: Console) -> None:
    if field.kind == "derivation":
        _print_proof(field, console)
    said = [feedback.text for feedback in field.feedback if _is_shown(field, feedback)]
    _print_output(field, console)
    if not said or (_only_waits(field) and len(said) == 1):
        return
    symbol, style = _symbol(field.status, console)
    line = Text()
    if not alone:
        line.append(f"{symbol} {field.name}: ", style=style)
    if field.response is not None and field.status != "correct" and field.kind not in ("text", "derivation", "code"):
        line.append(f"{_short(field.response)} ", style="italic").append(_reading(field), style="dim")
    line.append(in_one_line(" ".join(said)))
    console.print(Padding(line, (0, 2, 0, 6)))


def _is_shown(field: FieldResult, feedback: Feedback) -> bool:
    """What stands in a proof's lines, or in a line of its own below code, is not said a second time."""
    if field.kind == "code":
        return not feedback.text.startswith(PRINTED)
    return feedback.audience != "marker" or field.kind != "derivation"


def _print_output(field: FieldResult, console: Console) -> None:
    """The beginning of what code printed, where it lost points."""
    output = field.evidence.get("output")
    if field.kind == "code" and isinstance(output, str) and field.status != "correct":
        line = Text("printed: ", style="dim").append(_short(output, _PRINTED), style="dim italic")
        console.print(Padding(line, (0, 2, 0, 6)))


def _print_proof(field: FieldResult, console: Console) -> None:
    """The student's own lines, each with what became of it, and counterexamples below those that fail."""
    rows, marks = field.evidence.get("rows"), field.evidence.get("lines")
    if not isinstance(rows, list) or not isinstance(marks, list):
        return
    examples = {example["line"]: example for example in _listed(field.evidence.get("counterexamples"))}
    for number, (row, mark) in enumerate(zip(rows, marks, strict=True), 1):
        sign, plain, style = _MARKS[str(mark)]
        line = Text(f"{number:>3} ", style="dim")
        line.append(sign if console.encoding.startswith("utf") else plain, style=style).append(" ")
        line.append(_short(str(row), console.width - 16), style="italic" if mark == "holds" else style)
        console.print(Padding(line, (0, 2, 0, 6)))
        for shown in _listed(examples.get(number, {}).get("shown")):
            console.print(Padding(Text(in_place(str(shown)), style="dim", overflow="fold"), (0, 2, 0, 14)))


_MARKS = {
    "holds": ("✓", "+", "green"),
    "fails": ("✗", "x", "red"),
    "undefined": ("∅", "0", "magenta"),
    "unread": ("!", "!", "magenta"),
    "start": ("·", ".", "dim"),
}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _reading(field: FieldResult) -> str:
    """How a formula was read, where that does not look like what was written."""
    if field.read_as is None or _bare(field.read_as) == _bare(field.response or ""):
        return "-> "
    return f"(read as {_short(field.read_as)}) -> "


def _bare(text: str) -> str:
    return re.sub(r"[\s${}]|\\,|\\left|\\right", "", text)


def _only_waits(field: FieldResult) -> bool:
    """Pending for no other reason than that a human reads this kind, or that no machine judges it yet."""
    last = field.feedback[-1].text if field.feedback else ""
    return field.status == "review" and last in (READ_BY_HUMAN, NOT_YET, NO_WORLD)


def _not_yet(result: AssignmentResult) -> Text:
    """Which kinds, of those handed in, no machine judges yet."""
    fields = [field for item in result.items for field in item.fields]
    kinds = sorted({field.kind for field in fields if any(said.text == NOT_YET for said in field.feedback)})
    return Text(f" not judged by machine yet: {', '.join(kinds)}\n" if kinds else "", style="dim")


def _symbol(status: Status, console: Console) -> tuple[str, str]:
    symbol, plain, style = SYMBOLS[status]
    return (symbol if console.encoding.startswith("utf") else plain), style


def _legend(console: Console) -> Text:
    text = Text(" ")
    for status in SYMBOLS:
        symbol, style = _symbol(status, console)
        text.append(symbol, style=style).append(f" {status}  ", style="dim")
    return text


def amount(points: float) -> str:
    """Points to two places, without needless zeros."""
    return f"{round(points, 2):g}"


def _short(text: str, width: int = _SHOWN) -> str:
    text = in_one_line(text)
    return text if len(text) <= width else text[: width - 1] + "…"
