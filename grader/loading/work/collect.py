"""Sections of all formats -> pieces of items: what the headings name, where an item ends, what belongs to none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader.loading.work.breaks import Breaks
from grader.loading.work.collected import Collected
from grader.loading.work.entries import Entries
from grader.loading.work.fields import FieldText
from grader.loading.work.labels import Match, parts_of, title_behind
from grader.loading.work.openers import openers, strength
from grader.loading.work.pieces import astray, everywhere
from grader.loading.work.sections import Aside, Broken, Entry, Found, Line, Section, shown
from grader.spec import CodeField, Item

MAX_HEADINGS = 10_000
MAX_LABELS = 50_000
_LONG = 200
_QUESTION = re.compile(
    r"(?:\*\*|__|\\(?:textbf|emph|underline|textit)\{)?\s*(?P<label>(?:question|problem|exercise|q)\.?\s*\d+)\s*[.:]?\s*"
    r"(?:\*\*|__|\})?\s*[.:]?(?:\s*\\\\)?",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"Prompt of (?P<label>\S.*)")  # as notebooks that are released head them
_MATHEMATICS = ("$", "=", r"\(", r"\[", r"\item")


@dataclass(frozen=True, slots=True)
class _Open:
    """The item that is being read.

    ``problem`` says that its label names no item, and this one is a guess; ``by_line``: no heading opened it.
    """

    text: FieldText
    level: int
    untitled: bool = False
    problem: str | None = None
    by_line: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    """An item that a line names, as ``label``; ``opens`` it, or only mentions it."""

    item: Item
    label: str
    rest: str
    opens: bool


class Collector:
    """Takes the findings of one file after another."""

    def __init__(self, collected: Collected) -> None:
        self._collected = collected
        self._entries = Entries(collected)
        self._start([])

    def _start(self, found: list[Found]) -> None:
        self._open: _Open | None = None
        self._question: Section | None = None
        self._title: Section | None = None
        self._stray: list[Line] = []
        self._partless: list[tuple[Section, str]] = []
        self._breaks = Breaks()
        self._looked_at = 0
        self._headed = self._with_headings(found)
        self._collected.seen = False

    def _with_headings(self, found: list[Found]) -> set[str]:
        """Items with a heading of their own, which no line in another's text opens."""
        items: set[str] = set()
        question = ""
        for part in found[:MAX_HEADINGS]:
            if isinstance(part, Section) and part.label is not None:
                match = self._collected.match(part.label, question)
                question = part.label if match.heads else question
                items |= {match.item} if match.item else set()
        return items

    def take(self, found: Iterable[Found], place: str, *, required: bool = True) -> None:
        """Take one file. Where none of its text belongs to an item it is lost, unless there was more in it."""
        parts = list(found)
        self._start(parts)
        headings = 0
        for part in parts:
            headings += not (isinstance(part, Section) and part.label is None)
            if headings > MAX_HEADINGS:
                self._collected.lost.append(f"{place}: only the first {MAX_HEADINGS} headings were read")
                break
            self._take_one(part)
        if self._looked_at > MAX_LABELS:
            self._collected.lost.append(f"{place}: only the first {MAX_LABELS} lines that begin like an item were read")
        self._close()
        self._guess_parts()
        if required and not self._collected.seen and any(map(_has_text, parts)):
            first = self._collected.ids[0]
            self._collected.lost.append(f"{place}: no item was found; its id ({first}, say) must be a heading")

    def _take_one(self, part: Found) -> None:
        if isinstance(part, Aside):
            self._aside(part)
        elif isinstance(part, Entry | Broken):
            self._entries.take(part)
        elif part.label is not None:
            self._heading(part, part.label)
        else:
            self._add(part.lines)

    # --- headings

    def _heading(self, section: Section, label: str) -> None:
        open_, deeper = self._open, self._open is not None and section.level > self._open.level
        self._breaks = Breaks()
        match = self._collected.match(label, "" if deeper else self._enclosing_question(section))
        if self._prompted(section):
            self._close()
            self._title = section
        elif open_ and (deeper or not match.item) and self._names_field(open_, section, label):
            pass
        elif open_ and open_.untitled and open_.text.empty and not match.looks_like_item:
            open_.text.title = label
            self._open = replace(open_, level=section.level, untitled=False)
        elif open_ and deeper and _is_own(match, open_.text.item):
            open_.text.keep(section.typed)
        else:
            self._close()
            self._begin(section, label, match)
        self._add(section.lines)

    def _names_field(self, open_: _Open, section: Section, label: str) -> bool:
        if open_.text.open(label, section.source):
            return True
        return section.level >= open_.level and open_.text.open_part(label, section.source)

    def _enclosing_question(self, section: Section) -> str:
        """The label of the question's heading that ``section`` stands below; one at its level or above ends it."""
        if self._question and section.level <= self._question.level:
            self._question = None
        return self._question_label

    @property
    def _question_label(self) -> str:
        return (self._question.label or "") if self._question else ""

    def _begin(self, section: Section, label: str, match: Match) -> None:
        """Open an item, or note the title of something that is none."""
        self._title = section
        if match.heads:
            self._question = section
        if not match.looks_like_item:
            return
        item, problem = self._collected.meant(match, label, section.source)
        if item:
            title = title_behind(label, item.id) if match.item else ""
            text = FieldText(item, section.source, title)
            self._open = _Open(text, section.level, section.hidden, problem)

    def _close(self) -> None:
        """End the open item, or the text that belongs to none."""
        self._end_stray()
        if self._open is None:
            return
        text, problem = self._open.text, self._open.problem
        self._collected.put(text.item, text.pieces(), problem)
        if not problem:
            self._collected.note(text.remarks, text.item)
        self._open = None

    # --- lines

    def _add(self, lines: Iterable[Line]) -> None:
        """To the open item, up to a line that opens another."""
        for line in lines:
            for part in [line] if line.opaque else self._cut(line):
                self._add_line(part)

    def _cut(self, line: Line) -> list[Line]:
        r"""The line, cut where an item opens behind a ``\\`` or at an ``\item``."""
        parts, done = list[Line](), 0
        for end, start in self._breaks.find(line.text):
            named = self._named(line.text[start:])
            if named and named.opens:
                parts.append(replace(line, text=line.text[done:end]))
                done = start
        return [*parts, replace(line, text=line.text[done:])]

    def _add_line(self, line: Line) -> None:
        if not line.opaque and self._is_question_title(line.text):
            self._close()
            self._question = self._title = Section(line.text.strip(" *_#:."), 1, line.source)
            return
        named = None if line.opaque else self._named(line.text)
        if named and named.opens:
            self._begin_by_line(named, line)
            return
        if named:
            self._mention(named, line)
        if self._open:
            self._open.text.add(line)
        elif line.text.strip():
            self._stray.append(line)

    def _is_question_title(self, line: str) -> bool:
        """``**Question 4**`` alone on a line, in bold or not, is a heading that lacks its mark."""
        title = _QUESTION.fullmatch(line.strip())
        return title is not None and self._collected.match(title["label"]).heads

    def _named(self, line: str) -> _Named | None:
        """The item that a line begins with, unless it is a field of the open one."""
        candidates = list(openers(line))
        if not candidates or (self._open and self._open.text.opens(line)):
            return None
        self._looked_at += 1
        for opener in candidates if self._looked_at <= MAX_LABELS else ():
            item, relative = self._item_of(opener.label)
            title = title_behind(opener.label, item.id) if item else ""
            if item is None or (title and (opener.form != "label" or item.id.isdigit())):
                continue
            inside = self._open is not None and not self._open.by_line
            worth = None if inside and relative else strength(opener.form, item.id, inside=inside)
            if worth == "opens" and relative and not self._goes_on(item, line):
                worth = "mentions"
            own = self._open is not None and item is self._open.text.item
            if worth and not (own and not self._repeats_label(worth)):
                rest = f"{title} {opener.rest}".strip()
                return _Named(item, opener.label, rest, worth == "opens" and (own or item.id not in self._headed))
        return None

    def _goes_on(self, item: Item, line: str) -> bool:
        """Whether a part of a question, named in the text of another one, can be the next to be answered.

        It comes later, has no text yet, and stands no deeper than that one: else it counts the steps of a proof.
        """
        if self._breaks.in_mathematics:
            return False
        if self._open is None:
            return True
        ids, before = self._collected.ids, self._open.text.item.id
        later = ids.index(item.id) > ids.index(before)
        answered = any(not piece.guess for piece in self._collected.pieces.get(item.id, []))
        return later and not answered and _indent(line) <= self._open.indent

    def _item_of(self, label: str) -> tuple[Item | None, bool]:
        """The item, and whether it is named as a part of the question alone, like ``(d)``."""
        match = self._collected.match(label, self._question_label)
        item = self._collected.items.get(match.item or "")
        relative = bool(self._question_label) and self._collected.match(label).item != match.item
        return item, relative

    def _repeats_label(self, worth: str) -> bool:
        """An item's id once more, before any text of it."""
        return worth == "opens" and self._open is not None and self._open.text.empty

    def _begin_by_line(self, named: _Named, line: Line) -> None:
        before, id_ = self._open, named.item.id
        if before and before.text.item is named.item:
            before.text.add(replace(line, text=named.rest))
            return
        typed = f"{shown(named.label)} ({line.source})"
        if before and not before.by_line:
            self._collected.note([f"its text ends before {typed}, which was read as item {id_}"], before.text.item)
        self._close()
        self._collected.seen = True
        self._collected.remarks.add(f"read the line that begins {typed} as item {id_}", id_)
        level = before.level if before else max(1, self._title.level if self._title else 1)
        self._open = _Open(FieldText(named.item, line.source), level, by_line=True, indent=_indent(line.text))
        self._open.text.add(replace(line, text=named.rest))

    def _mention(self, named: _Named, line: Line) -> None:
        """A line that may be meant for an item: enough not to count that as blank."""
        problem = f"{shown(line.text)} ({line.source}) may be meant for this; write it below a heading, {named.item.id}"
        self._collected.put(named.item, astray(named.item, named.rest or line.text.strip(), line.source, problem))

    # --- text of no item

    def _end_stray(self) -> None:
        """Remark on text that belongs to no item. Before the first one that is often a name or a date: let it be."""
        lines, self._stray = self._stray, []
        if not lines:
            return
        text, title = "\n".join(line.text for line in lines), self._title
        if title and (item := self._prompted(title)):
            self._changed_prompt(item, text, title.source)
            return
        if title and self._collected.match(title.label or "").heads:
            self._partless.append((title, text))
        if title and (self._collected.seen or self._collected.match(title.label or "").heads):
            self._collected.remarks.add(f"the text under {_shown_title(title)} belongs to no item")
        elif len(text) > _LONG or any(mark in text for mark in _MATHEMATICS):
            first = f"{shown(lines[0].text)} ({lines[0].source})"
            self._collected.remarks.add(f"the text that begins {first} belongs to no item")

    def _prompted(self, title: Section) -> Item | None:
        """The item whose prompt this heads."""
        found = _PROMPT.fullmatch(title.label or "")
        return self._collected.items.get(self._collected.match(found["label"]).item or "") if found else None

    def _changed_prompt(self, item: Item, text: str, source: str) -> None:
        """A prompt does not count as text as it was released: this one has an answer in it or right below, perhaps."""
        self._collected.seen = True
        problem = f"something was written into or below the prompt of {item.id} ({source}), above '## {item.id}'"
        self._collected.remarks.add(problem, item.id)
        pieces = everywhere(item, text, source, problem)
        self._collected.put(item, [replace(piece, guess=True) for piece in pieces])

    def _guess_parts(self) -> None:
        """Text below a question, of no item, holds the answers to those that are not answered otherwise, perhaps."""
        for title, text in self._partless:
            ids = parts_of(title.label or "", self._collected.ids, self._collected.names)
            answered = [id_ for id_ in ids if id_ in self._collected.pieces]
            if answered and not any(mark in text for mark in (";", *_MATHEMATICS)):
                continue  # prose above what is answered is a preface
            for item in (self._collected.items[id_] for id_ in ids if id_ not in answered):
                problem = f"the text under {_shown_title(title)} does not say which item it answers; write headings"
                self._collected.put(item, astray(item, text, title.source, problem), problem)

    def _aside(self, aside: Aside) -> None:
        """A cell that is no Markdown, with an item's label."""
        labels = [aside.label, *(o.label for o in openers(aside.label) if o.form != "bare")]
        matches = [match for label in labels if (match := self._collected.match(label, self._question_label)).item]
        item = self._collected.items.get(matches[0].item or "") if matches and not matches[0].weak else None
        if item is None:
            self._scratch(aside)
            return
        self._collected.seen = True
        problem = f"{aside.source} was not read as an answer to {item.id}: {_where_it_belongs(item)}"
        self._collected.remarks.add(problem, item.id)
        text = f"{title_behind(aside.label, item.id)}\n{aside.text}".strip()
        self._collected.put(item, astray(item, text, aside.source, problem))

    def _scratch(self, aside: Aside) -> None:
        """A cell that names no item: often a computation, but it may hold the answer to the item where it stands."""
        item = self._open.text.item if self._open else self._prompted(self._title) if self._title else None
        if item:
            problem = f"{aside.source} was not read as an answer to {item.id}: {_where_it_belongs(item)}"
            text = aside.text if aside.label in aside.text else f"{aside.label}\n{aside.text}"
            self._collected.put(item, astray(item, text, aside.source, problem))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _where_it_belongs(item: Item) -> str:
    for spec in item.fields:
        if isinstance(spec, CodeField):
            return f"the first line of its cell must be '# file: {spec.file}'"
    return "answers belong in Markdown cells"


def _is_own(match: Match, item: Item) -> bool:
    """Whether a heading below an item's is one of the student's own, part of the response."""
    if match.item or match.looks_like_item:
        return match.weak or match.core.startswith(item.id.casefold())
    return True


def _shown_title(title: Section) -> str:
    return f"{shown(title.label or '')} ({title.source})"


def _has_text(part: Found) -> bool:
    if isinstance(part, Section):
        return any(line.text.strip() for line in part.lines)
    return not isinstance(part, Aside)
