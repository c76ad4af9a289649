"""Sections of all formats -> pieces of items: what the headings name, where an item ends, what belongs to none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from grader.loading.fields import FieldText, Piece, everywhere
from grader.loading.labels import Match, match_item, nearest
from grader.loading.sections import Broken, Entry, Found, Section, at, shown
from grader.loading.yaml import Map
from grader.loading.yaml_answers import EntryFields
from grader.spec import Assignment, Item
from grader.submission import Remark

MAX_REMARKS = 100
MAX_HEADINGS = 10_000


@dataclass(slots=True)
class Remarks:
    """Remarks in order, each once, and not without end."""

    _all: dict[Remark, None] = field(default_factory=dict)

    def add(self, text: str, item: str | None = None) -> None:
        if len(self._all) < MAX_REMARKS:
            self._all[Remark(item=item, text=text)] = None
        else:
            self._all[Remark(text="there is more to remark, which was left out")] = None

    def all(self) -> tuple[Remark, ...]:
        """Those on the files first, then those on items."""
        return tuple(sorted(self._all, key=lambda remark: remark.item is not None))


@dataclass(frozen=True, slots=True)
class _Open:
    """The item that is being read; ``problem`` says that its label names no item, and this one is a guess."""

    text: FieldText
    level: int
    untitled: bool
    problem: str | None


class Collector:
    """Takes the findings of one file after another.

    ``pieces`` are by item; ``guesses`` stand under labels that are no item's and count where the nearest item has
    nothing else; ``lost`` are parts of files of which nobody can tell the item.
    """

    def __init__(self, assignment: Assignment, remarks: Remarks) -> None:
        self._items = {item.id: item for item in assignment.items}
        self._ids = tuple(self._items)
        self._names = (assignment.id, assignment.title)
        self._remarks = remarks
        self.pieces: dict[str, list[Piece]] = {}
        self.guesses: dict[str, list[Piece]] = {}
        self.lost: list[str] = []
        self._start()

    def _start(self) -> None:
        self._open: _Open | None = None
        self._question: Section | None = None
        self._stray: Section | None = None
        self._seen = False

    def take(self, found: Iterable[Found], place: str, *, required: bool = True) -> None:
        """Take one file. Where none of its text belongs to an item it is lost, unless there was more in it."""
        self._start()
        any_text, headings = False, 0
        for part in found:
            headings += not (isinstance(part, Section) and part.label is None)
            if headings > MAX_HEADINGS:
                self.lost.append(f"{place}: only the first {MAX_HEADINGS} headings were read")
                break
            any_text = any_text or not isinstance(part, Section) or _has_text(part)
            self._take_one(part)
        self._close()
        if required and any_text and not self._seen:
            self.lost.append(f"{place}: no item was found; its id ({self._ids[0]}, say) must be a heading")

    def _take_one(self, part: Found) -> None:
        if not isinstance(part, Section):
            self._entry(part)
        elif part.label is not None:
            self._heading(part, part.label)
        elif self._open:
            self._open.text.add(part.lines)
        else:
            self._note_stray(part)

    # --- YAML

    def _entry(self, entry: Entry | Broken, under: str = "") -> None:
        match = match_item(entry.label, self._ids, names=self._names, under=under)
        if match.heads and isinstance(entry, Entry) and isinstance(entry.node, Map):
            for key, value in entry.node.pairs:
                self._entry(Entry(key.text or "", at(entry.place, key.line), entry.place, value), entry.label)
            return
        if not (match.item or match.heads):
            match = replace(match, suggestion=nearest(entry.label, self._ids))
        item, problem = self._meant(match, entry.label, entry.source)
        if item:
            self._put(item, self._entry_pieces(entry, item), problem)
        elif isinstance(entry, Broken):
            self.lost.append(entry.problem)
        if isinstance(entry, Broken):
            self._swallowed(entry)

    def _entry_pieces(self, entry: Entry | Broken, item: Item) -> list[Piece]:
        if isinstance(entry, Broken):
            return everywhere(item, entry.text, entry.source, entry.problem)
        fields = EntryFields(entry, item)
        pieces = fields.pieces()
        self._note(fields.remarks, item)
        return pieces

    def _swallowed(self, broken: Broken) -> None:
        """Items whose lines a broken part took with it: unless they are answered elsewhere, they are broken too."""
        for line in broken.text.split("\n")[:MAX_HEADINGS]:
            item = self._items.get(line.partition(":")[0].strip(" \t'\"")) if ":" in line else None
            if item:
                self._put(item, everywhere(item, line.strip(), broken.source, broken.problem), broken.problem)

    # --- text

    def _heading(self, section: Section, label: str) -> None:
        open_, deeper = self._open, self._open is not None and section.level > self._open.level
        under = "" if deeper else self._enclosing_question(section)
        match = match_item(label, self._ids, names=self._names, under=under)
        if open_ and open_.text.names_field(label) and (deeper or not match.item):
            open_.text.open(label, section.source)
        elif open_ and open_.untitled and open_.text.empty and not match.looks_like_item:
            self._open = replace(open_, level=section.level, untitled=False)
        elif open_ and deeper and _is_own(match, open_.text.item):
            open_.text.keep(section.typed)
        else:
            self._close()
            self._begin(section, label, match)
        if self._open:
            self._open.text.add(section.lines)

    def _enclosing_question(self, section: Section) -> str:
        """The label of the question's heading that ``section`` stands below; one at its level or above ends it."""
        if self._question and section.level <= self._question.level:
            self._question = None
        return (self._question.label or "") if self._question else ""

    def _begin(self, section: Section, label: str, match: Match) -> None:
        """Open an item, or note the title of something that is none."""
        self._stray = section
        if match.heads:
            self._question = section
        if not match.looks_like_item:
            self._note_stray(section)
            return
        item, problem = self._meant(match, label, section.source)
        if item:
            self._open = _Open(FieldText(item, section.source), section.level, section.hidden, problem)

    def _close(self) -> None:
        if self._open is None:
            return
        text, problem = self._open.text, self._open.problem
        self._put(text.item, text.pieces(), problem)
        if not problem:
            self._note(text.remarks, text.item)
        self._open = None

    # --- both

    def _meant(self, match: Match, label: str, source: str) -> tuple[Item | None, str | None]:
        """The item that a label names, or the nearest one and what is wrong with the label."""
        self._seen = True
        if match.item:
            if not match.exact:
                self._remarks.add(f"read {shown(label)} ({source}) as item {match.item}", match.item)
            return self._items[match.item], None
        nearest_one = f"; the nearest is {match.suggestion}" if match.suggestion else ""
        problem = f"{shown(label)} ({source}) is no item of {self._names[0]}{nearest_one}"
        self._remarks.add(problem)
        return self._items.get(match.suggestion or ""), problem

    def _put(self, item: Item, pieces: list[Piece], problem: str | None) -> None:
        if problem:
            self.guesses.setdefault(item.id, []).extend(replace(piece, problem=problem) for piece in pieces)
        else:
            self.pieces.setdefault(item.id, []).extend(pieces)

    def _note(self, texts: Iterable[str], item: Item) -> None:
        for text in texts:
            self._remarks.add(text, item.id)

    def _note_stray(self, section: Section) -> None:
        """Text below a title that is no item's; before the first item it is a preface."""
        if self._seen and self._stray and _has_text(section):
            title = f"{shown(self._stray.label or '')} ({self._stray.source})"
            self._remarks.add(f"the text under {title} belongs to no item")


def _is_own(match: Match, item: Item) -> bool:
    """Whether a heading below an item's is one of the student's own, part of the response."""
    if match.item or match.looks_like_item:
        return match.weak or match.core.startswith(item.id.casefold())
    return True


def _has_text(section: Section) -> bool:
    return any(line.text.strip() for line in section.lines)
