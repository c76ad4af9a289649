"""One comparison, or one item in full, for a person at a terminal: what was read, what was decided, how to check it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import JsonValue
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.comparing import Comparison
from grader.explaining import FieldExplanation, ItemExplanation
from grader.math.texts import Judgement, Reading
from grader.printing import in_one_line, in_place
from grader.reports.terminal import amount
from grader.result import FieldResult, Status

_RUNGS = {
    "identical": "the same formula but for order and the names of bound variables",
    "exact": "exact arithmetic",
    "proved": "a proof by SymPy",
    "tolerance": "a decimal, by the key's tolerance",
    "expanded": "dots written out at several sizes, element by element",
}
_SAME = "the same value at every point tried in the declared domains"
_DIFFERENT = "values that certainly differ"
_TRIED = "what is asked for was tried in random instances"
_TOLD = {"rung", "position", "traceback"}
_DECISIONS: dict[str, tuple[str, str]] = {
    "equal": ("equal", "bold green"),
    "unequal": ("unequal", "bold red"),
    "undecided": ("undecided: a human must look", "bold cyan"),
    "malformed": ("malformed", "bold magenta"),
}
_STYLES: dict[Status, str] = {
    "correct": "bold green",
    "partial": "bold yellow",
    "incorrect": "bold red",
    "blank": "dim",
    "malformed": "bold magenta",
    "review": "bold cyan",
    "error": "bold red",
}
_LABEL = 11
_BEFORE, _AFTER = 40, 20
Rows = list[tuple[str, Text]]


def print_comparison(comparison: Comparison, key: str, response: str, console: Console) -> None:
    """Both readings, the verdict with its rung, the witness with both values, and how to see them again."""
    found = comparison.judgement
    said, style = _DECISIONS[found.decision]
    rows = [*_read("key", key, comparison.key), *_read("response", response, comparison.response)]
    rows.append(("verdict", Text(said, style=style)))
    if found.decision in ("equal", "unequal"):
        rows.append(("decided by", _rung(found.rung, _SAME if found.decision == "equal" else _DIFFERENT)))
    if found.reason and found.decision != "malformed":
        rows.append(("", Text(in_one_line(found.reason))))
    console.print(_table(rows + _witness(found.witness, found.values)))
    if found.decision == "malformed":
        _print_stop(found, console)
    if found.values is not None:
        _print_command(comparison.reproduce, True, console)


def print_explanation(explained: ItemExplanation, who: str, console: Console) -> None:
    """An item field by field."""
    result = explained.result
    head = Text(f"{in_one_line(who)}  {explained.id}", style="bold")
    marks = f"  {amount(result.score)} / {amount(result.points)}"
    pending = f", {amount(result.pending)} pending" if result.pending else ""
    console.print(head.append(f"{marks}{pending}" if explained.judged else "", style="not bold"))
    if not explained.judged:
        console.print(Text(" No verdict: there is no reference/ (the keys) here.", style="yellow"))
    for field in explained.fields:
        console.print()
        _print_field(field, console)


def _print_field(field: FieldExplanation, console: Console) -> None:
    result = field.result
    head = Text(" ").append(result.name, style="bold").append(f"  {result.kind}", style="dim")
    if field.judged:
        head.append("  ").append(_verdict(result))
    console.print(head)
    rows = _response(field)
    if field.key is not None:
        rows += _read("key", field.key, field.key_reading)
    if field.judged and (rung := result.evidence.get("rung")):
        constructed = result.kind == "construct"
        rows.append(("decided by", _rung(str(rung), _TRIED if constructed else _DIFFERENT if field.values else _SAME)))
    rows += _witness(field.witness, field.values)
    rows += [("evidence", Text(f"{name}: {in_one_line(_plain(value))}")) for name, value in _left(field)]
    rows += [(_whom(feedback.audience), Text(in_one_line(feedback.text))) for feedback in result.feedback]
    console.print(Padding(_table(rows), (0, 0, 0, 2)))
    if field.reproduce:
        _print_command(field.reproduce, field.values is not None, console)


def _verdict(result: FieldResult) -> Text:
    text = Text(result.status, style=_STYLES[result.status])
    text.append(f"  {amount(result.score)} / {amount(result.points)}", style="default")
    return text.append(f", {amount(result.pending)} pending", style="cyan") if result.pending else text


def _response(field: FieldExplanation) -> Rows:
    result = field.result
    if result.response is None:
        return [("response", Text("nothing was handed in", style="dim"))]
    if field.reading is None and not field.trouble and result.read_as:
        read = Reading(result.read_as, "")
        return _read("response", result.response, read)
    rows = _read("response", result.response, field.reading)
    if field.trouble and not field.judged:
        rows.append(("", Text(f"cannot be read: {field.trouble}", style="magenta")))
    return rows


def _read(label: str, written: str, reading: Reading | None) -> Rows:
    lines = [in_one_line(line) for line in written.strip().splitlines()]
    rows = [(label, Text("\n".join(lines)))]
    if reading is None:
        return rows
    if not reading.plain or reading.plain == reading.latex:
        return [*rows, ("read as", Text(reading.latex, style="cyan"))]
    return [*rows, ("as LaTeX", Text(reading.latex, style="cyan")), ("plain", Text(reading.plain, style="cyan"))]


def _rung(rung: str, sampled: str) -> Text:
    """The rung in words; ``sampled`` are those for samples, which can say either."""
    words = sampled if rung == "sampled" else _RUNGS.get(rung, "")
    return Text(f"{rung}: {words}" if words else rung)


def _witness(witness: Mapping[str, str] | None, values: tuple[str, str] | None) -> Rows:
    rows: Rows = []
    if witness:
        rows.append(("where", Text(", ".join(f"{name} = {value}" for name, value in witness.items()))))
    if values:
        rows += [("key is", Text(values[0], style="bold")), ("response is", Text(values[1], style="bold"))]
    return rows


def _left(field: FieldExplanation) -> list[tuple[str, JsonValue]]:
    """Evidence that is told nowhere else."""
    told = _TOLD | ({"witness", "values"} if field.witness is not None or field.values else set())
    return [(name, value) for name, value in field.result.evidence.items() if field.judged and name not in told]


def _plain(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _whom(audience: str) -> str:
    return {"student": "feedback"}.get(audience, f"to {audience}")


def _table(rows: Rows) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True, min_width=_LABEL)
    table.add_column(overflow="fold")
    for label, text in rows:
        table.add_row(label, text)
    return table


def _print_stop(found: Judgement, console: Console) -> None:
    """The text around the place where reading stopped, with a mark below it."""
    if found.position is not None:
        start = max(0, found.position - _BEFORE)
        shown = found.text[start : found.position + _AFTER]
        console.print()
        console.print(Text(f"  {'…' if start else ''}{in_place(shown)}"))
        console.print(Text(f"  {' ' * (found.position - start + bool(start))}^", style="bold magenta"))
    console.print(Text(f"The {found.side} cannot be read: {in_one_line(found.reason)}."))


def _print_command(command: str, both: bool, console: Console) -> None:
    """On a line of its own without breaks, so that it can be copied."""
    said = "Both values again:" if both else "The comparison again:"
    console.print(Text(f"  {said}", style="dim"))
    console.print(Text(f"  {command}"), soft_wrap=True)
