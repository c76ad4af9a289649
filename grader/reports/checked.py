"""A self-check, for a student at a terminal: how everything was read, and what could not be; no verdicts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.checking.found import AssignmentCheck, Check, FieldCheck, ItemCheck, ProofLine, PublicTest, State, counted
from grader.printing import in_one_line, in_place
from grader.spec import Assignment

_SIGNS: dict[State, tuple[str, str, str]] = {
    "ready": ("✓", "+", "green"),
    "malformed": ("!", "!", "bold magenta"),
    "failed": ("✗", "x", "red"),
    "blank": ("–", "-", "dim"),
    "not run": ("○", "o", "yellow"),
    "error": ("‼", "E", "bold red"),
}
WORDS: dict[State, str] = {
    "ready": "ready",
    "malformed": "not readable (malformed)",  # in the words of the report's page, and of its terminal
    "failed": "failed",
    "blank": "blank",
    "not run": "not run",
    "error": "our fault",
}
_OLD = {"→": "->", "…": "...", "·": "*", "—": "-", "–": "-", "“": '"', "”": '"'}
_TESTS = {"passed": ("✓", "+", "green"), "failed": ("✗", "x", "red"), "open": ("?", "?", "cyan")}
_MOST_NOTES = 20
_MOST_LINES = 60  # of a proof
_MOST_READ = 600  # characters of a reading on the terminal; all of it is in --json
_PRINTED = 200
_BEFORE, _AFTER = 36, 20
_PROOF = 8  # columns to the left of its lines
_SPENT = 26  # columns to the left of what is said of a field
_SAME = re.compile(r"[\s${}*]|\\[,;:!]|\\left|\\right|\\cdot")
READ_IS_NOT_RIGHT = (
    "What can be read need not be right: nothing here was compared with a key. Look at how formulas were read."
)
STEPS_LATER = "Lines of proofs were read and not checked: whether a step holds is judged in grading."
PUBLIC_SEED = "Public tests drew with a public seed; grading draws with a secret one, and runs hidden tests besides."


def render(check: Check) -> str:
    """The check as JSON text, in plain ASCII: a terminal shows it as it is."""
    return json.dumps(check.model_dump(mode="json"), indent=1, allow_nan=False) + "\n"


class Printer:
    """Prints one check in full: its items by question, then the table."""

    def __init__(self, assignments: Mapping[str, Assignment], console: Console) -> None:
        self.assignments, self.console = assignments, console
        self.unicode = console.encoding.lower().startswith("utf")

    def check(self, check: Check) -> None:
        """All of it."""
        head = Text(in_one_line(check.submission), style="bold")
        self.console.print(head.append("  as it reads without a key; nothing is marked here", style="not bold dim"))
        self.notes((*check.left_out, *check.remarks))
        for assignment in check.assignments:
            self.assignment(assignment)
        self.console.print()
        self.console.print(self.table(check))
        self.closing(check)

    def assignment(self, found: AssignmentCheck) -> None:
        assignment = self.assignments[found.id]
        self.console.rule(
            Text(f"{found.id}: {assignment.title}", style="bold"), align="left", style="dim", characters=self.dash
        )
        self.notes((*found.unreadable, *found.remarks))
        items = {item.id: item for item in found.items}
        for question in assignment.questions:
            there = [items[item.id] for item in question.items if item.id in items]
            if there:
                title = self.plain(f"{question.question}. {question.title}")
                self.console.print(Padding(Text(title, style="bold"), (1, 0, 0, 1)))
            for item in there:
                self.item(item)

    # --- items and fields ---

    def item(self, item: ItemCheck) -> None:
        alone = len(item.fields) == 1 and item.fields[0].name == "answer"
        if all(field.state == "blank" and not field.remarks for field in item.fields):
            self.row(item.id, "", "blank", [Text("blank", style="dim")])
        else:
            for place, field in enumerate(item.fields):
                self.row("" if place else item.id, "" if alone else field.name, field.state, list(self.field(field)))
                self.lines(field)
        self.notes(item.remarks, indent=11)

    def row(self, item: str, name: str, state: State, lines: Sequence[Text]) -> None:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=3, justify="right")
        table.add_column(width=6, no_wrap=True)
        table.add_column(width=9, overflow="fold", style="dim")
        table.add_column(overflow="fold")
        left = [self.sign(state), Text(item, style="bold"), Text(in_one_line(name))]
        for line in lines:
            table.add_row(*left, line)
            left = [Text()] * 3
        self.console.print(table)

    def field(self, field: FieldCheck) -> Iterable[Text]:
        """One or two lines of how it was read, and what else is to be said."""
        if field.state == "blank":
            yield self.text("blank", "dim")
        elif field.kind == "text" and field.state == "ready":
            yield self.words(field)
        elif field.kind == "derivation" and field.state != "error":
            yield from self.proof(field)
        elif field.kind == "code" and field.state != "error":
            yield from self.code(field)
        elif field.trouble:
            yield from self.trouble(field)
        else:
            yield from self.reading(field)
        for remark in field.remarks:
            yield self.text(remark, "dim" if field.lines or field.state == "blank" else "yellow")

    def reading(self, field: FieldCheck) -> Iterable[Text]:
        """``1/2x → 1/2*x``, and below it the LaTeX where that looks different."""
        written, plain = self.short(field.written, self.room), self.short(field.plain, _MOST_READ)
        if _bare(written) == _bare(plain):
            yield Text(plain)
        elif len(written) + len(plain) + 4 <= self.room:
            yield Text("").append(f"{written}{self.plain(' → ')}", style="dim").append(plain)
        else:
            yield Text(written, style="dim")
            yield Text("").append(self.plain("→ "), style="dim").append(plain)
        latex = self.short(field.latex, _MOST_READ)
        if latex and _bare(latex) not in (_bare(written), _bare(plain)):
            yield Text(latex, style="cyan")

    def words(self, field: FieldCheck) -> Text:
        count = f"{field.words} word{'s' * (field.words != 1)}"
        text = Text(f"{count}  ")
        return text.append(self.short(field.written, max(10, self.room - len(text))), style="dim")

    def trouble(self, field: FieldCheck) -> Iterable[Text]:
        said = "not readable" if field.state == "malformed" else WORDS[field.state]
        where = f" ({in_one_line(field.source)})" if field.source and field.source not in field.trouble else ""
        yield self.text(f"{said}{where}: {field.trouble}", _SIGNS[field.state][2])
        if field.stop is not None:
            start = max(0, field.stop.position - _BEFORE)
            yield from self.caret(
                field.stop.text[start : field.stop.position + _AFTER], field.stop.position - start, start > 0
            )
        elif field.written and field.written != field.source:
            yield Text(self.short(field.written, self.room), style="dim")
        if field.hint:
            yield self.text(field.hint)

    def caret(self, text: str, position: int, cut: bool) -> Iterable[Text]:
        """The text around the place where reading stopped, with a mark below it."""
        before, after = in_place(text[:position]), in_place(text[position:])
        lead = self.plain("…") if cut else ""
        yield Text(f"{lead}{before}{after}")
        yield Text(f"{' ' * (len(lead) + len(before))}^", style="bold magenta")

    # --- proofs ---

    def proof(self, field: FieldCheck) -> Iterable[Text]:
        if field.trouble and not field.lines:
            yield from self.trouble(field)
            return
        if not field.lines:
            yield self.words(field)
            return
        read = f"not readable: {field.trouble}" if field.trouble else f"{field.plain}, each of them read"
        yield self.text(read, _SIGNS[field.state][2] if field.trouble else "")
        if field.trouble and field.hint:
            yield self.text(field.hint)

    def lines(self, field: FieldCheck) -> None:
        """The lines of a proof, with more room than other responses have."""
        table = Table.grid(padding=(0, 1))
        table.add_column(width=_PROOF, justify="right", style="dim")
        table.add_column(overflow="fold")
        for line in field.lines[:_MOST_LINES]:
            number = str(line.number)
            for text in self.line(line):
                table.add_row(number, text)
                number = ""
        if len(field.lines) > _MOST_LINES:
            more = f"… and {len(field.lines) - _MOST_LINES} more lines; --json has them"
            table.add_row("", self.text(more, "dim"))
        if field.lines:
            self.console.print(table)

    def line(self, line: ProofLine) -> Iterable[Text]:
        whole = line.position is not None and len(line.written) <= _AFTER + line.position <= _BEFORE + _AFTER
        if not whole:  # which stands above the mark
            yield Text(self.short(line.written, max(20, self.console.width - _PROOF - 1)))
        if line.trouble:
            if line.position is not None:
                start = max(0, line.position - _BEFORE)
                around = line.written[start : line.position + _AFTER]
                yield from self.caret(around, line.position - start, start > 0)
            yield self.text(f"not readable: {line.trouble}", "magenta")
        elif not line.latex:
            yield self.text("gives a name", "dim")
        elif _bare(line.latex) != _bare(line.written):
            yield Text(self.short(line.latex, _MOST_READ), style="cyan")

    # --- code ---

    def code(self, field: FieldCheck) -> Iterable[Text]:
        if field.trouble:
            yield from self.trouble(field)
        else:
            called = f": {self.short(field.plain, _MOST_READ)}" if field.plain else ""
            yield Text(f"{in_one_line(field.source)}{called}")
        for test in field.tests:
            yield self.test(test)
        if field.printed and field.state == "failed":
            yield Text("printed: ", style="dim").append(self.short(field.printed, _PRINTED), style="dim italic")

    def test(self, test: PublicTest) -> Text:
        sign, old, style = _TESTS[test.state]
        line = Text(sign if self.unicode else old, style=style)
        said = {"passed": "passed", "failed": "failed", "open": "came to no verdict"}[test.state]
        line.append(f" public test {test.name} {said}", style="default")
        return line.append(f": {self.short(test.said, _MOST_READ)}") if test.said else line

    # --- the end ---

    def table(self, check: Check) -> Table:
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        table.add_column("  item", no_wrap=True)
        for name in ("ready", "not readable", "blank", "public tests", "hidden tests"):
            table.add_column(name, justify="right")
        for assignment in check.assignments:
            for item in assignment.items:
                label = Text("  ").append_text(self.sign(item.state)).append(f" {assignment.id}/{item.id}")
                table.add_row(label, *self.counts([item]))
        table.add_row()
        every = [item for assignment in check.assignments for item in assignment.items]
        table.add_row(Text("  all together", style="bold"), *self.counts(every), style="bold")
        return table

    def counts(self, items: Sequence[ItemCheck]) -> list[Text]:
        """How many fields are ready, not readable and blank; tests that passed, and points that hidden ones are for."""
        found = counted(items)
        fields = [field for item in items for field in item.fields]
        tests = [test for field in fields for test in field.tests]
        passed = sum(test.state == "passed" for test in tests)
        public = f"{passed} of {len(tests)} passed" if tests else "not run" if found.get("not run") else ""
        hidden = sum(field.hidden for field in fields)
        return [
            _number(found.get("ready", 0), ""),
            _number(found.get("malformed", 0), "magenta"),
            _number(found.get("blank", 0), ""),
            Text(public, style="red" if passed < len(tests) else ""),
            Text(f"{hidden:g} point{'s' * (hidden != 1)} not run" if hidden else ""),
        ]

    def closing(self, check: Check) -> None:
        """In words what the table says, and what it does not say."""
        said = ", ".join(f"{count} {WORDS[state]}" for state, count in check.counts.items())
        fields = sum(check.counts.values())
        self.console.print()
        self.console.print(self.text(f"{fields} field{'s' * (fields != 1)}: {said}", "bold"))
        self.console.print(self.text(READ_IS_NOT_RIGHT))
        if any(field.lines for field in check.fields):
            self.console.print(self.text(STEPS_LATER))
        if any(field.tests for field in check.fields):
            self.console.print(self.text(PUBLIC_SEED))

    # --- how things look ---

    @property
    def room(self) -> int:
        return max(20, self.console.width - _SPENT)

    @property
    def dash(self) -> str:
        return "─" if self.unicode else "-"

    def sign(self, state: State) -> Text:
        sign, old, style = _SIGNS[state]
        return Text(sign if self.unicode else old, style=style)

    def plain(self, text: str) -> str:
        """Our own words, without what an old terminal cannot show."""
        return text if self.unicode else "".join(_OLD.get(char, char) for char in text)

    def text(self, text: str, style: str = "") -> Text:
        lead = " " * (len(text) - len(text.lstrip(" ")))
        return Text(lead + self.plain(in_one_line(text)), style=style)

    def short(self, text: str, width: int) -> str:
        text = in_one_line(text[: 4 * width])
        return text if len(text) <= width else text[: width - 1] + self.plain("…")

    def notes(self, notes: Sequence[str], indent: int = 2) -> None:
        for note in notes[:_MOST_NOTES]:
            self.console.print(Padding(self.text(f"note: {note}", "yellow"), (0, 0, 0, indent)))
        if len(notes) > _MOST_NOTES:
            more = self.text(f"… and {len(notes) - _MOST_NOTES} more notes; --json has them", "yellow")
            self.console.print(Padding(more, (0, 0, 0, indent)))


def _number(count: int, style: str) -> Text:
    return Text(str(count) if count else "", style=style)


def _bare(text: str) -> str:
    return _SAME.sub("", text).casefold()
