"""What the cutter of a row asks of it: what follows, what is apart, what is but a remark. Nothing is changed here."""

from __future__ import annotations

import re

from grader.derivation.text.atoms import Atom, read_atoms
from grader.derivation.text.words import STARTERS, english_words, without_text

_RANGE = re.compile(r"[A-Za-z](?:_[A-Za-z])?\s*=\s*\d+\s*,\s*(?:\d+\s*,\s*)?(?:\\[lc]?dots|\.\.+|…)")
_SPOKEN = re.compile(r"\s*(?:times|constant|data|joint|model|integral|given|mean)\s")
_CLAIM = re.compile(r"[=<>≤≥]|\\(?:[lg]eq?|to|mapsto|propto|text\w*)(?![A-Za-z])")
_SET = re.compile(r"\s*(?:[(\[{ℝ]|\\(?:left|big|\{|mathbb|mathcal|R(?![A-Za-z])))")
SIGNIFICANT = frozenset(["math", "operator", "bracket", "group", "script", "text", "word", "member", "because"])
FORMULA = SIGNIFICANT - {"word", "text"}
OPERANDS = SIGNIFICANT - {"operator", "member", "because"}


class RowView:
    """A row as atoms. ``columns``: the row as written where it is plain text. ``before``: the kind of the last atom of
    the piece being gathered; ``relation``: the one before that piece; ``stated``: its statement has a relation."""

    def __init__(self, mask: str, columns: str) -> None:
        self.text = mask
        self.columns = columns
        self.atoms = read_atoms(mask)
        self.before = ""
        self.relation: tuple[str, int] | None = None
        self.stated = False
        self._look_ahead()

    def _look_ahead(self) -> None:
        """For every atom the place of the next relation, arrow, comma and member sign; the number of atoms for none."""
        size = len(self.atoms)
        self.next = {kind: [size] * (size + 1) for kind in ("relation", "implies", "comma", "member")}
        for kind, places in self.next.items():
            for place in reversed(range(size)):
                places[place] = place if self.atoms[place].kind == kind else places[place + 1]

    def _after(self, place: int, kinds: frozenset[str]) -> int:
        while place < len(self.atoms) and (self.atoms[place].kind in kinds or self.atoms[place].value == "and"):
            place += 1
        return place

    def _ranged(self, place: int) -> bool:
        """``i = 1, \\dots, k``, which says what i runs over."""
        return _RANGE.match(self.text, self.atoms[place].start) is not None

    def _aside(self, place: int, after: int) -> bool:
        """Whether what follows a comma or a blank says where a variable lives and is no formula."""
        atom = self.atoms[after]
        if atom.kind == "because" or self._ranged(after):
            return True
        if self.atoms[place].kind == "mark" and atom.kind in ("word", "text", "implies"):
            return True
        if self.atoms[place].kind == "mark" and self._reasoned(place, after):
            return True
        return self.next["member"][after] < len(self.atoms) and self.next["relation"][after] == len(self.atoms)

    def _columned(self, place: int) -> bool:
        """Whether many blanks part what follows from a formula of plain text, and it is no formula."""
        atom, following = self.atoms[place], place + 1
        apart = self.columns[atom.start : atom.end]
        if atom.kind != "blank" or len(apart) < 3 or not apart.isspace() or following == len(self.atoms):
            return False
        first = self.atoms[following]
        if first.kind == "operator" or self.next["relation"][following] < len(self.atoms):
            return False
        rest = self.text[atom.end :]
        if first.kind == "bracket" and self._last(following):
            return _SPOKEN.match(rest, 1) is not None
        return bool(english_words(without_text(rest)))

    def _lives(self, place: int) -> bool:
        r"""``d = f(\theta) \in (0, 1)`` says where a value lies."""
        atom = self.atoms[place]
        if self.relation is None or self.relation[0] != "=" or self.text[atom.start : atom.end] not in ("\\in", "∈"):
            return False
        return self.next["relation"][place] == len(self.atoms) and _SET.match(self.text, atom.end) is not None

    def _reasoned(self, place: int, after: int) -> bool:
        """Whether a column holds a reason, which may have a formula: it begins with words, or is one bracket."""
        if self.text.startswith("\\text", self.atoms[after].start):
            own = self.next["relation"][after]
            return own == len(self.atoms) or any(atom.kind in FORMULA for atom in self.atoms[after + 1 : own])
        brackets = ("\\left", "\\big", "\\Big")
        bracket = self.atoms[after].kind == "bracket" or self.text.startswith(brackets, self.atoms[after].start)
        says = _CLAIM.search(self.text, self.atoms[after].start)
        return self.stated and bracket and self._last(after) and (says is not None or self._worded_bracket(after))

    def _prose(self, place: int) -> bool:
        """Whether a word behind a formula begins a remark; one unknown word alone may be a name."""
        atom = self.atoms[place]
        if atom.value in STARTERS:
            return True
        if "  " in self.text[max(0, atom.start - 2) : atom.start] or self._apart(place):
            return True
        following = self._after(place + 1, frozenset(["blank"]))
        return following < len(self.atoms) and self.atoms[following].kind == "word"

    def _apart(self, place: int) -> bool:
        while place and self.atoms[place - 1].kind == "blank":
            place -= 1
        return bool(place) and self.atoms[place - 1].kind in ("comma", "quad", "mark", "stop")

    def _worded_bracket(self, place: int) -> bool:
        """``(linearity of expectation)``, standing apart from the formula; not ``(1 - D)``, ``(x)``, ``E[reward]``."""
        atom = self.atoms[place]
        inner = self.text[atom.start + 1 : atom.end - 1]
        words = english_words(without_text(inner))
        if not words or not self._detached(atom):
            return False
        if inner.strip().startswith(words[0]) and words[0].lower() in STARTERS:
            return True
        if re.search(r"[<>=≤≥]|\\[lg]eq?\b", inner) and self._last(place):
            return True
        signs = len(re.findall(r"[\d+*/=<>^_|]|\\(?!text|,| )", inner))
        return any(len(word) > 2 for word in words) if not signs else len(words) >= max(2, signs)

    def _last(self, place: int) -> bool:
        return self._after(place + 1, frozenset(["blank", "stop"])) == len(self.atoms)

    def _detached(self, atom: Atom) -> bool:
        return self.before != "operator" and (atom.start == 0 or self.text[atom.start - 1] in " \n}])&\t")
