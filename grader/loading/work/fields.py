"""The fields within an item's text: ``Answer:``, ``**Why:**``, ``\\textbf{Jacobian}:`` … open one, up to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.loading.work.breaks import Breaks, without_layout
from grader.loading.work.labels import match_field, plain
from grader.loading.work.openers import LISTS
from grader.loading.work.pieces import Piece, astray, everywhere, main, names, unnamed
from grader.loading.work.released import has_mark
from grader.loading.work.sections import Line, shown
from grader.spec import DerivationField, Item

_LEAD = re.compile(
    r"\s*(?:>\s*)?(?:(?:[-*+]|[0-9]+[.)])\s+)?"
    r"(?:\\(?:noindent|item|par|quad|smallskip|medskip|bigskip)(?![a-zA-Z])\s*"
    rf"|\\(?:begin|end)\s*\{{{LISTS}\}}(?:\[[^\]]{{0,80}}\])?\s*)*"
)
_LIST_LABEL = re.compile(r"\[(?P<label>[^\]]*)\](?P<text>.*)", re.DOTALL)
_COLON = re.compile("[:\uff1a]")  # a full-width one is typed by some
_LONGEST_LABEL = 120
_PASSAGE = 40  # characters that are in the prompt as well by no chance
_WRAPPINGS = (
    *((rf"\{name}{{", "}") for name in ("textbf", "textit", "emph", "underline", "texttt", "textsc", "text")),
    *((mark, mark) for mark in ("**", "__", "*", "_", "`", "$")),
    ("{", "}"),
    (r"\(", r"\)"),
)
_OTHER_WORDS = {
    "main": {"solution", "answer"},
    "text": {"explanation", "reason", "reasoning", "justification"},
    "proof": {"proof"},
}


@dataclass(frozen=True, slots=True)
class Run:
    """Lines below one opening; ``field`` is None for those before any. Lines are added while the item is read."""

    field: str | None
    source: str
    lines: list[str]

    @property
    def text(self) -> str:
        return without_layout("\n".join(self.lines))


class FieldText:
    """Sorts the lines of one item into its fields. ``title`` is what stands behind the id in the item's heading."""

    def __init__(self, item: Item, source: str, title: str = "") -> None:
        self.item = item
        self.title = title
        self.empty = True
        self.remarks: list[str] = []
        self._names = names(item)
        self._main = main(item)
        self._runs = [Run(None, source, [])]
        self._breaks = Breaks()

    def open(self, heading: str, source: str) -> bool:
        """Whether a sub-heading names a field, which it opens then; the answer may stand behind the name."""
        name = match_field(heading, self._names, self._main)
        opened = (name, "") if name else self._opened(heading)
        if opened:
            self._runs.append(Run(opened[0], source, [opened[1]]))
        return opened is not None

    def open_part(self, heading: str, source: str) -> bool:
        """Whether a sub-heading is a word like Solution or Proof. Where that means no field, the text goes on."""
        if not _role(heading):
            return False
        name = self._in_other_words(heading)
        if name:
            self._runs.append(Run(name, source, []))
        else:
            self._runs[-1].lines.append("")
        return True

    def opens(self, line: str) -> bool:
        return self._opened(line) is not None

    def keep(self, heading: str) -> None:
        """A heading of the student's own, part of the response."""
        self.empty = False
        self._runs[-1].lines.append(heading)

    def add(self, line: Line) -> None:
        self.empty = self.empty and not line.text.strip()
        for text in [line.text] if line.opaque else self._cut(line.text):
            opened = None if line.opaque else self._opened(text)
            if opened:
                self._runs.append(Run(opened[0], line.source, [opened[1]]))
            else:
                self._runs[-1].lines.append(text)

    def _cut(self, line: str) -> list[str]:
        r"""The line, cut where a field opens behind a ``\\`` or a semicolon."""
        parts, done = list[str](), 0
        for end, start in self._breaks.find(line):
            if self._opened(line[start:]):
                parts.append(line[done:end])
                done = start
        return [*parts, line[done:]]

    def _opened(self, line: str) -> tuple[str, str] | None:
        start = line[_lead_end(line) :]
        listed = _LIST_LABEL.match(start) if r"\item" in line[: _lead_end(line)] else None
        if listed and (name := match_field(listed["label"], self._names, self._main)):
            return name, listed["text"].lstrip(": ")
        colon = _COLON.search(line, 0, _LONGEST_LABEL)
        if not colon:
            return None
        label, text = _unwrap(_LEAD.sub("", line[: colon.start()], count=1).strip(), line[colon.end() :])
        name = match_field(label, self._names, self._main) or self._in_other_words(label)
        return (name, text) if name else None

    def _in_other_words(self, label: str) -> str | None:
        """The field that ``Solution``, ``Reason`` or ``Proof`` means, unless it was opened before."""
        prose = [spec.name for spec in self.item.fields if spec.kind == "text"]
        fields = {
            "main": self._main,
            "text": prose[0] if len(prose) == 1 else None,
            "proof": "proof" if "proof" in self._names else None,
        }
        name = fields.get(_role(label) or "")
        return name if all(run.field != name for run in self._runs) else None

    def pieces(self) -> list[Piece]:
        """What was written, field by field in the order typed; empty texts are none."""
        unlabelled, *opened = self._runs
        before = self._unlabelled(unlabelled, opened)
        given = [Piece(run.field, run.text, run.source) for run in opened if run.field and run.text]
        return [*before, *given, *self._titled(unlabelled.source)]

    def _unlabelled(self, run: Run, opened: list[Run]) -> list[Piece]:
        if not run.text:
            return []
        if self._main is None and not opened:
            return unnamed(self.item, run.text, run.source)
        again = next((other for other in opened if other.field == self._main), None)
        proof = isinstance(self.item.field(self._main or ""), DerivationField) and not has_mark(run.text)
        if again and proof:
            again.lines[:0] = run.lines  # a proof that ends in "Answer: …" begins before it
            return []
        if self._main is None or again:
            return self._left_out(run, opened)
        return [Piece(self._main, run.text, run.source)]

    def _left_out(self, run: Run, opened: list[Run]) -> list[Piece]:
        """Text before the fields, often the question; but it may be meant for any that is empty, opened or not."""
        filled = {other.field for other in opened if other.text}
        taken = {other.field for other in opened} if self._is_question(run.text, bool(filled)) else filled
        if has_mark(run.text):
            problem = f"something was written into the hint of {self.item.id} ({run.source}); write it below the hint"
            said = problem
        else:
            said = f"the text before {opened[0].field}: was left out ({run.source})"
            problem = f"{said}; write it behind the name of its field"
        self.remarks.append(said)
        pieces = everywhere(self.item, run.text, run.source, problem)
        return [replace(piece, guess=True) for piece in pieces if piece.field not in taken]

    def _is_question(self, text: str, answered: bool) -> bool:
        """Whether this is the prompt, or some of it; where more is ``answered``, also what only asks something."""
        typed, prompt = (" ".join(words.split()) for words in (text, self.item.prompt))
        asks = answered and typed.endswith("?") and not has_mark(text)
        return asks or (len(typed) >= _PASSAGE and typed in prompt)

    def _titled(self, source: str) -> list[Piece]:
        if not self.title:
            return []
        problem = f"{shown(self.title)} stands in the heading; write it below, as the answer"
        return astray(self.item, self.title, source, problem)


def _lead_end(line: str) -> int:
    lead = _LEAD.match(line)
    return lead.end() if lead else 0


def _role(label: str) -> str | None:
    """What a word like Solution or Proof stands for."""
    word = plain(label).casefold().strip(" :.")
    return next((role for role, words in _OTHER_WORDS.items() if word in words), None)


def _unwrap(label: str, text: str) -> tuple[str, str]:
    """Take emphasis off a label, and its end off the text where it closes only there (``**Answer:** 1/15``)."""
    for _ in range(4):
        opening, closing = next((pair for pair in _WRAPPINGS if label.startswith(pair[0])), ("", ""))
        if not opening:
            break
        label = label[len(opening) :].strip()
        if label.endswith(closing):
            label = label.removesuffix(closing).strip()
        elif text.startswith(closing):
            text = text.removeprefix(closing)
        elif text.rstrip().endswith(closing) and _closes_once(text, closing):
            text = text.rstrip().removesuffix(closing)
    return label, text


def _closes_once(text: str, closing: str) -> bool:
    """The end of the line closes what the label opened, and nothing of the text's own."""
    return text.count(closing) == 1 + (text.count("{") if closing == "}" else 0)
