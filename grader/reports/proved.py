"""Where keys stand, for a person at a terminal: a line for each field, its routes below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.loading.specs.course import Course
from grader.montecarlo.simulation import Run
from grader.printing import printable
from grader.proving.standing import Proof, Standing, Status
from grader.reports.pictures import spark
from grader.routes import Derived, Stated

_SYMBOLS: dict[Status, tuple[str, str, str]] = {
    "proved": ("✓", "+", "green"),
    "supported": ("✓", "~", "green"),
    "reason": ("–", "-", "dim"),
    "undecided": ("?", "?", "cyan"),
    "missing": ("·", ".", "yellow"),
    "faulty": ("!", "!", "bold magenta"),
    "refuted": ("✗", "x", "bold red"),
}
WORDS: dict[Status, str] = {
    "proved": "proved",
    "supported": "supported",
    "reason": "no route can exist",
    "undecided": "undecided",
    "missing": "no second route given",
    "faulty": "the route cannot be carried out",
    "refuted": "refuted",
}
_COUNTED = WORDS | {
    "reason": "without a route, for a reason",
    "missing": "without a second route",
    "faulty": "with a route that cannot be carried out",
}
_MARKED: frozenset[Status] = frozenset({"refuted", "undecided", "faulty"})
_WITNESS_LINES = 14
_RUNS = 3
_SPARK = 20


class Printer:
    """Prints as things become known; titles of assignments and questions when their first field comes."""

    def __init__(self, course: Course, console: Console, verbose: bool) -> None:
        self.course, self.console, self.verbose = course, console, verbose
        self.assignment = ""
        self.shown: dict[int, str] = {}  # routes that were printed, and at which field

    def field(self, standing: Standing) -> None:
        """One field, with its routes."""
        if standing.assignment != self.assignment:
            self.assignment = standing.assignment
            title = f"{standing.assignment}: {self.course.assignments[standing.assignment].title}"
            self.console.rule(Text(title, style="bold"), align="left", style="dim")
        head = Text(" ").append_text(self.sign(standing.status))
        name = standing.item if standing.field == "answer" else f"{standing.item} {standing.field}"
        head.append(f" {name:<14}", style="bold").append(f" {WORDS[standing.status]}", _SYMBOLS[standing.status][2])
        self.console.print(head)
        for fault in standing.faults:
            self.indented(Text(printable(str(fault)), style="magenta"))
        for proof in standing.proofs:
            before = self.shown.setdefault(id(proof.route), standing.field)
            if before != standing.field and proof.found.status not in _MARKED:
                self.indented(_row(_named(proof), Text(f"as for {before}")))
            else:
                self.proof(proof)

    def sign(self, status: Status) -> Text:
        plain, ascii_, style = _SYMBOLS[status]
        return Text(plain if self.unicode else ascii_, style=style)

    @property
    def unicode(self) -> bool:
        return self.console.encoding.lower().startswith("utf")

    def plain(self, text: str) -> str:
        """Without what an old terminal cannot show."""
        return text if self.unicode else text.replace("±", "+-").replace("α", "alpha").replace("…", "...")

    def indented(self, what: Text | Table) -> None:
        self.console.print(Padding(what, (0, 0, 0, 5)))

    def proof(self, proof: Proof) -> None:
        found = proof.found
        said = Text(f"{found.status}: ", style=_SYMBOLS[found.status][2]) if found.status in _MARKED else Text("")
        table = _row(_named(proof), said.append(printable(found.how), style="default"))
        for run in self.runs(found.runs):
            table.add_row("", Text(self.plain(_estimated(run))))
            table.add_row("", Text(spark(run, _SPARK, self.unicode), style="cyan"))
        if not proof.linked:
            table.add_row("", Text("of what the key rests on, not of the key itself", style="dim"))
        if proof.route.note and self.verbose:
            table.add_row("note", Text(printable(proof.route.note)))
        if self.verbose:
            table.add_row("took", Text(f"{proof.seconds:.2f} s", style="dim"))
        self.indented(table)
        if found.status in _MARKED or self.verbose:
            self.witness(found.witness)
        if found.status in ("faulty", "refuted"):
            self.indented(Text(f"see {proof.route.where}", style="dim"))

    def runs(self, runs: Sequence[Run]) -> Sequence[Run]:
        """The last few; a claim that fails comes last."""
        return runs if self.verbose else runs[-_RUNS:]

    def witness(self, lines: Sequence[str]) -> None:
        shown = lines if self.verbose else lines[:_WITNESS_LINES]
        for line in shown:
            self.console.print(Padding(Text(printable(line)), (0, 0, 0, 17)))
        if len(shown) < len(lines):
            more = self.plain(f"… {len(lines) - len(shown)} more lines with --verbose")
            self.console.print(Padding(Text(more), (0, 0, 0, 17)))

    def summary(self, standings: Sequence[Standing], seconds: float) -> None:
        """How many keys stand where."""
        counts = Counter(standing.status for standing in standings)
        said = ", ".join(f"{counts[status]} {_COUNTED[status]}" for status in _SYMBOLS if counts[status])
        self.console.print()
        keys = "1 key" if len(standings) == 1 else f"{len(standings)} keys"
        self.console.print(Text(f" {keys} in {seconds:.1f} s: {said}", style="bold"))
        for standing in standings:
            if standing.status in ("refuted", "faulty"):
                style = _SYMBOLS[standing.status][2]
                self.console.print(Text(f" {standing.label}: {WORDS[standing.status]}", style=style))


def _row(label: str, text: Text) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True, min_width=11)
    table.add_column(overflow="fold")
    table.add_row(label, text)
    return table


def _named(proof: Proof) -> str:
    return "derive" if isinstance(proof.route, Derived | Stated) else proof.route.word


def _estimated(run: Run) -> str:
    """The statistic, its bound, what it took."""
    relation = "" if run.relation == "=" else f"{run.relation} "
    said = f"{run.shown} in [{_number(run.low)}, {_number(run.high)}], claimed {relation}{_number(run.target)}"
    margin = f" ± {_number(run.margin)}" if run.margin is not None and run.relation == "=" else ""
    return f"{printable(said)}{margin}; {run.draws:,} draws, α {run.alpha:g}"


def _number(x: float) -> str:
    return f"{x:.5g}"
