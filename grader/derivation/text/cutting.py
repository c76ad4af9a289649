r"""One row of a proof cut at its top-level relations; words before, between and behind go to the remarks.

The row is passed once from left to right. A new statement begins behind ``\implies`` and its like, and behind a comma,
``\quad`` or "and" that stands between two relations each with a left side of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.derivation.text.atoms import Atom, is_name
from grader.derivation.text.rows import FORMULA, OPERANDS, SIGNIFICANT, RowView
from grader.derivation.text.words import (
    CONSEQUENCES,
    HYPOTHESES,
    LEADS,
    LETS,
    NAMERS,
    REASONS,
    STARTERS,
    VERBS,
    says_something,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A formula and the relation that stands in front of it: ``=``, ``<=``, ``>=``, ``<``, ``>``, ``!=``, ``propto`` or
    ``iff``; None where a statement begins. ``start`` counts characters of the line from 0. An empty text says that
    nothing follows a relation."""

    relation: str | None
    text: str
    start: int


@dataclass(slots=True)
class Cut:
    """A row cut. ``front``: the words before its first formula. ``pending``: a relation at its end, with its place.
    ``named``: its first relation has a mere name on its left; ``where``: and words explain it that stand behind its
    use. ``loose``: it has words that neither lead to a formula nor give a reason for one.
    ``worded``: there are words within the pieces; ``marked``: some piece has brackets, operators, scripts or commands;
    ``symbol``: a relation is no word."""

    pieces: list[Piece] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    front: list[str] = field(default_factory=list)
    pending: tuple[str, int] | None = None
    naming: bool = False
    named: bool = False
    where: bool = False
    loose: bool = False
    worded: bool = False
    marked: bool = False
    symbol: bool = False

    @property
    def related(self) -> bool:
        return any(piece.relation is not None for piece in self.pieces)


_STEP = re.compile(r"(?:step|part|line|claim|case|proof|answer|solution)\b[\s\d]*", re.I)


def cut_row(mask: str, columns: str = "") -> Cut:
    """``columns``: the row as written where it is plain text, in which many blanks part a reason from a formula."""
    return _Cutter(mask, columns).run()


class _Cutter(RowView):
    """The state of the passage: the piece being gathered, from ``first`` to ``last``, and the relation before it."""

    def __init__(self, mask: str, columns: str) -> None:
        super().__init__(mask, columns)
        self.shown = list(mask)
        self.cut = Cut()
        self.span: tuple[int, int] | None = None
        self.fresh = True  # a statement begins here, words may lead to it

    def run(self) -> Cut:
        place = 0
        while place < len(self.atoms):
            if self.fresh:
                self.fresh = False
                place = self._front(place)
            else:
                place = self._step(place)
        self._emit()
        self.cut.pending = self.relation
        self.cut.remarks.sort()
        return self.cut

    def _step(self, place: int) -> int:
        atom = self.atoms[place]
        if atom.kind == "relation":
            return self._relate(place)
        if atom.kind == "implies":
            return self._imply(place)
        if atom.kind in ("comma", "quad", "mark") or (atom.kind in ("word", "text") and atom.value == "and"):
            return self._part(place)
        if atom.value.split(" ")[0] == "if" and atom.kind in ("word", "text"):
            return self._condition(place)
        if self.before in OPERANDS and (self._columned(place) or self._lives(place)):
            return self._drop(place, len(self.atoms))
        return self._remark(place) or self._take(place)

    # pieces

    def _take(self, place: int) -> int:
        atom = self.atoms[place]
        if atom.kind in SIGNIFICANT:
            self.span = (self.span[0] if self.span else atom.start, atom.end)
            self.before = atom.kind
            self.cut.worded |= atom.kind in ("word", "text")
            self.cut.marked |= atom.kind not in ("word", "text", "math")
            self.cut.marked |= atom.kind == "math" and self.text[atom.start] == "\\"
        return place + 1

    def _condition(self, place: int) -> int:
        """``a = b if c``: not the statement ``a = b``; all of it stays together and is not understood."""
        while place < len(self.atoms):
            self._take(place)
            place += 1
        return place

    def _emit(self) -> None:
        if self.span is None:
            return
        start, end = self.span
        relation = self.relation[0] if self.relation else None
        self.cut.pieces.append(Piece(relation, "".join(self.shown[start:end]), start))
        self.span, self.relation, self.before = None, None, ""

    def _relate(self, place: int) -> int:
        atom = self.atoms[place]
        self._name(atom, place)
        self._emit()
        if self.relation is not None and self.relation[0] != atom.value:
            self.cut.pieces.append(Piece(self.relation[0], "", self.relation[1]))
        self.relation = (atom.value, atom.start)
        self.stated = True
        self.fresh = atom.value == "iff"
        self.cut.symbol |= self.text[atom.start] not in "eipE" and not self.text[atom.start].isalpha()
        if re.search("[A-Za-z]", atom.remark):
            self.cut.remarks.append((atom.start, words_of(atom.remark)))
        return place + 1

    def _new_statement(self) -> None:
        self._emit()
        if self.relation is not None:
            self.cut.pieces.append(Piece(self.relation[0], "", self.relation[1]))
            self.relation = None
        self.fresh, self.stated = True, False

    # statements

    def _imply(self, place: int) -> int:
        after = self._after(place + 1, frozenset(["blank", "quad", "mark", "comma", "stop"]))
        own = self.next["relation"][after]
        if after < len(self.atoms) and own == after:  # "\implies = c" goes on with the chain
            return place + 1
        if own < self.next["implies"][after]:
            self._new_statement()
            return place
        if after == len(self.atoms):
            return after
        if self.atoms[place].value:
            return self._remark(place) or place + 1
        self.span = (self.span[0] if self.span else self.atoms[place].start, self.atoms[place].end)
        return place + 1

    def _part(self, place: int) -> int:
        """At a comma, ``\\quad``, ``&&`` or "and": a new statement, a remark, or nothing."""
        after = self._after(place, frozenset(["comma", "quad", "mark", "blank", "stop"]))
        if after < len(self.atoms) and self.stated and self._separate(after):
            self._new_statement()
            return after
        if after < len(self.atoms) and self.before in OPERANDS and self._aside(place, after):
            return self._drop(place, len(self.atoms))
        atom = self.atoms[place]
        if atom.kind == "mark":
            self._hide(atom.start, atom.end)
        return self._take(place) if atom.value == "and" else place + 1

    def _separate(self, after: int) -> bool:
        """Whether a statement with a left side of its own begins here."""
        atom = self.atoms[after]
        own = self.next["relation"][after]
        if atom.kind in ("relation", "operator") or own == len(self.atoms) or self.next["comma"][after] < own:
            return False
        if atom.kind in ("word", "text") and atom.value.split(" ")[0] in (STARTERS | HYPOTHESES) - LEADS:
            return False
        if atom.kind == "bracket" and self._worded_bracket(after):
            return False
        worded = any(
            found.kind in ("word", "text") and found.value not in LEADS for found in self.atoms[after + 1 : own]
        )
        return not worded and not self._ranged(after)

    # words

    def _hide(self, start: int, end: int) -> None:
        self.shown[start:end] = " " * (end - start)

    def _drop(self, place: int, stop: int) -> int:
        """The atoms from ``place`` up to ``stop`` become a remark."""
        start = self.atoms[place].start
        end = self.atoms[stop - 1].end if stop > place else start
        words = words_of(self.text[start:end])
        if says_something(words):
            self.cut.remarks.append((start, words))
        self._hide(start, end)
        return max(stop, place + 1)

    def _front(self, place: int) -> int:
        """Words before a statement's first formula: a label, "Therefore", "By Jensen's inequality,"."""
        place = self._after(place, frozenset(["blank", "quad", "mark", "comma", "stop"]))
        label = self._label(place)
        if label > place:
            return self._led(place, label)
        own = self.next["relation"][place]
        if place < own and self.atoms[place].kind == "because":
            return self._quantified(place, own)
        if place == len(self.atoms) or not self._leading(place):
            return place
        stop = self._words_end(place, own)
        if own == len(self.atoms) or all(atom.kind not in SIGNIFICANT for atom in self.atoms[stop:own]):
            stop = self._leads_end(place, own)
        return self._led(place, stop)

    def _quantified(self, place: int, own: int) -> int:
        """Behind ``\\forall x:`` and ``\\because``."""
        stop = place + 1
        for at in range(place, own):
            if self.atoms[at].kind in ("comma", "quad", "stop"):
                stop = at + 1
        return self._drop(place, stop)

    def _led(self, place: int, stop: int) -> int:
        if stop == place:
            return place
        words = [word for atom in self.atoms[place:stop] for word in re.findall(r"[a-z.']+", atom.value.lower())]
        self.cut.front += words if not self.cut.pieces else []
        if HYPOTHESES & set(words) and self.cut.front == words:
            return self._suppose(place, stop)
        said = [word for word in words if word not in LEADS | NAMERS]
        self.cut.loose |= bool(said) and said[0] not in REASONS and self.atoms[stop - 1].kind != "stop"
        return self._drop(place, stop)

    def _suppose(self, place: int, stop: int) -> int:
        """A condition in front: nothing in it is claimed, and what follows is, if the condition has no relation."""
        then = self.next["implies"][place]
        if self.next["relation"][place] < then < len(self.atoms) or words_of(self.text)[:2].lower() in ("if", "wh"):
            stop = then if then < self.next["relation"][place] else len(self.atoms)
        self.fresh = stop < len(self.atoms) and self.atoms[stop].kind == "implies"
        self.cut.loose = True
        return self._drop(place, stop)

    def _leading(self, place: int) -> bool:
        atom = self.atoms[place]
        return atom.kind in ("word", "text", "implies") or (atom.kind == "math" and atom.value in ("I", "i"))

    def _label(self, place: int) -> int:
        """Behind "Step 3:" or "LHS:"; ``place`` itself where there is no label."""
        for at in range(place, min(place + 12, len(self.atoms))):
            atom = self.atoms[at]
            words = self.text[self.atoms[place].start : atom.start]
            if atom.kind == "stop" and (self.text[atom.start] == ":" or _STEP.fullmatch(words)):
                return at + 1 if re.search(r"[A-Za-z]{3}|\d", words) else place
            digits = atom.kind == "math" and (len(atom.value) > 2 or self.text[atom.start].isdigit())
            if not digits and atom.kind not in ("word", "text", "blank", "stop"):
                return place
        return place

    def _words_end(self, place: int, own: int) -> int:
        """Behind the last word, comma or colon before the first relation."""
        stop = place
        for at in range(place, own):
            if self.atoms[at].kind in ("word", "text", "comma", "implies") or self.text[self.atoms[at].start] == ":":
                stop = at + 1
        return stop

    def _leads_end(self, place: int, own: int) -> int:
        """Behind the words in front that only lead to a formula."""
        stop = place
        for at in range(place, own):
            atom = self.atoms[at]
            if atom.kind in ("blank", "comma", "stop", "quad"):
                continue
            if not set(re.findall(r"[a-z.']+", atom.value.lower()) or ["?"]) <= LEADS | NAMERS:
                break
            stop = at + 1
        return stop

    def _remark(self, place: int) -> int:
        """Behind the remark that begins here; 0 where none does."""
        atom = self.atoms[place]
        if atom.kind == "bracket":
            return self._drop(place, place + 1) if self._worded_bracket(place) else 0
        if atom.kind not in ("word", "text", "implies", "because") or self.before not in OPERANDS:
            return 0
        if atom.kind in ("word", "implies") and not self._prose(place):
            return 0
        stop = self._remark_end(place)
        self.cut.loose |= atom.kind == "word" and atom.value not in STARTERS - VERBS
        return self._drop(place, stop)

    def _remark_end(self, place: int) -> int:
        """A remark goes on to the end of the row, or to a relation if there are but words before it, or to an arrow
        behind which there is a statement."""
        own, arrow = self.next["relation"][place], self.next["implies"][place + 1]
        if own < len(self.atoms) and all(atom.kind not in FORMULA for atom in self.atoms[place:own]):
            return own
        while arrow < len(self.atoms):
            if self.next["relation"][arrow] < self.next["implies"][arrow + 1]:
                return arrow
            arrow = self.next["implies"][arrow + 1]
        return arrow

    def _name(self, atom: Atom, place: int) -> None:
        """Whether this relation defines its left side."""
        if self.stated or self.relation is not None or atom.value != "=":
            self.cut.naming |= atom.naming
            return
        self.cut.named = not self.cut.pieces and self._named(place)
        front = [word for word in self.cut.front if word not in CONSEQUENCES] or [""]
        let = bool(LETS & set(front)) and "us" not in front
        self.cut.where |= front[-1] in ("where", "with")
        given = front[-1] in NAMERS or self.text.startswith("\\equiv", atom.start) or self.text[atom.start] == "≡"
        self.cut.naming |= atom.naming or let or (given and self._named(place))

    def _named(self, place: int) -> bool:
        """Whether the piece before the relation is a name."""
        start = self.span[0] if self.span else len(self.text)
        return is_name([atom for atom in self.atoms[:place] if atom.start >= start])
