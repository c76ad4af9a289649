"""The lines of a proof read into expressions and relations between them, in a world that the lines may add names to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.derivation.lines import Line, Piece, Proof
from grader.derivation.reader import CONSTANT, read_line
from grader.derivation.world import Definition, World
from grader.errors import Unreadable
from grader.math.tree import ZERO, Element, Expression, Extension, Variable, free_names, substitute, walk
from grader.spec import Symbol

_NAME = re.compile(
    r"\\?[A-Za-z]+(?:_(?:\{\\?\w+\}|\\?\w+))?(?:\s*\(\s*[^()]*\s*\))?|\\(?:math\w+|text)\{\w+\}(?:_\{?\w+\}?)?"
)
_SIDES = {"LHS": 0, "L.H.S.": 0, "RHS": 1, "R.H.S.": 1}
_DRESS = re.compile(r"\\(?:text|mathrm|textbf|mathbf)\s*\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be shown: ``start relation goal``."""

    start: Expression
    relation: str
    goal: Expression


@dataclass(frozen=True, slots=True)
class Step:
    """A relation that a line states, between the expressions with these numbers. ``gap``: something unreadable stood
    between the two. ``named``: it holds because the line gives a name."""

    line: int
    left: int
    relation: str
    right: int
    gap: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of a line that could not be read: why, and where in the line. ``apart``: nothing else of the proof is
    related to that line, which may recall a rule in names of its own."""

    line: int
    reason: str
    position: int | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the student wrote it, by its number."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Chains:
    """A proof as it was read. ``chains`` lists the expressions of each chain, in order, by their numbers."""

    world: World
    rows: tuple[Row, ...]
    expressions: tuple[Expression, ...]
    steps: tuple[Step, ...]
    chains: tuple[tuple[int, ...], ...]
    unread: tuple[Unread, ...]
    remarks: tuple[str, ...]


@dataclass
class _Reading:
    """What is known while lines are read, one after the other."""

    world: World
    symbols: dict[str, Symbol]
    fixed: frozenset[str]
    claim: Claim
    own: frozenset[str]  # quantities that students give, not given by a field of theirs
    rows: list[Row] = field(default_factory=list)
    expressions: list[Expression] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    current: int | None = None
    gap: bool = False
    free: tuple[str, ...] = ()
    apart: list[int] = field(default_factory=list)  # lines that are statements of their own, none of which was read

    def line(self, line: Line) -> None:
        """Read one line; a formula within a sentence that cannot be read is a remark."""
        number = len(self.rows) + 1
        saved = (len(self.expressions), len(self.steps), len(self.chains), len(self.unread), self.current, self.gap)
        if line.naming and self.new_name(line):
            self.rows.append(Row(number, line.text))
            self.remarks.extend(line.remarks)
            return
        self.rows.append(Row(number, line.text))
        if self.apart and line.pieces and line.pieces[0].relation is not None:
            self.apart = [place for place in self.apart if place != number - 1]
        for piece in line.pieces:
            self.piece(number, piece)
        if len(self.unread) - saved[3] == len(line.pieces) and line.pieces[0].relation is None:
            self.apart.append(number)
        if line.prose and len(self.unread) > saved[3]:
            self.undo(saved)
            self.remarks.append(line.text)
        else:
            self.remarks.extend(line.remarks)

    def undo(self, saved: tuple[int, int, int, int, int | None, bool]) -> None:
        self.rows.pop()
        for found, length in zip((self.expressions, self.steps, self.chains, self.unread), saved, strict=False):
            del found[length:]  # type: ignore[attr-defined]
        for chain in self.chains:
            chain[:] = [place for place in chain if place < saved[0]]
        self.current, self.gap = saved[4], saved[5]

    def piece(self, number: int, piece: Piece) -> None:
        if piece.relation is None:
            self.current, self.gap, self.free = None, False, tuple(self.world.spec.indices)
        elif self.current is None and not self.gap:
            self.implied()
        try:
            found = self.expression(piece.text)
        except Unreadable as error:
            place = None if error.position is None else piece.start + error.position
            self.unread.append(Unread(number, str(error), place))
            self.gap = True
            if piece.relation not in ("=", None):
                self.current = None
            return
        self.stated(number, piece.relation, found)

    def implied(self) -> None:
        """A chain that begins with a relation begins at the claim."""
        if self.expressions:
            return
        self.expressions.append(self.claim.start)
        self.chains.append([0])
        self.current, self.free = 0, ()

    def stated(self, number: int, relation: str | None, found: Expression) -> None:
        place = len(self.expressions)
        self.expressions.append(found)
        if relation is None or self.current is None:
            self.chains.append([place])
            self.free = tuple(name for name in self.world.spec.indices if name in free_names(found))
        else:
            named = relation == "=" and self.gives(self.expressions[self.current], found)
            self.steps.append(Step(number, self.current, relation, place, self.gap, named))
            self.chains[-1].append(place)
        self.current, self.gap = place, False

    def expression(self, text: str) -> Expression:
        side = _SIDES.get(_DRESS.sub(r"\1", text).strip())
        if side is not None:
            return self.claim.goal if side else self.claim.start
        return read_line(text, self.world, self.symbols, self.fixed, self.free)

    # --- names that lines give ---

    def gives(self, left: Expression, right: Expression) -> bool:
        """Whether this is the line that says what ``w_y`` is; then it is so from here on."""
        if not isinstance(left, Element) or left.family not in self.own or left.family in self.world.definitions:
            return False
        if not isinstance(left.index, Variable) or self.unfit(right, left.index.name):
            return False
        body = substitute(right, CONSTANT, ZERO)
        self.world = self.world.defining(left.family, Definition((left.index.name,), body))
        return True

    def unfit(self, body: Expression, index: str) -> bool:
        """Whether this can be no definition: it mentions what a parameter must not depend on, or names yet to give."""
        spec = self.world.spec
        forbidden = {name for name in spec.variables if name != index} | self.own
        return bool(free_names(body) & forbidden) or any(isinstance(node, Extension) for node in walk(body))

    def new_name(self, line: Line) -> bool:
        """Take ``let r = …`` as a name for what follows; False where its left side is known already."""
        if len(line.pieces) < 2 or line.pieces[0].relation is not None or line.pieces[1].relation != "=":
            return False
        written = line.pieces[0].text.strip()
        self.free = tuple(self.world.spec.indices)
        try:
            self.expression(written)
        except Unreadable:
            pass
        else:
            return False
        if not _NAME.fullmatch(written):
            return False
        try:
            body = self.expression(line.pieces[1].text)
        except Unreadable:
            return False
        name = f"let{len(self.world.definitions)}"
        self.world = self.world.defining(name, Definition((), body))
        self.symbols[name] = Symbol(aliases=(written,))
        return True


def read_chains(
    proof: Proof,
    world: World,
    symbols: Mapping[str, Symbol],
    fixed: frozenset[str],
    claim: Claim,
    own: frozenset[str] = frozenset(),
) -> Chains:
    """Every line read. ``own`` names quantities that a line may give; lines that cannot be read are listed as such."""
    reading = _Reading(world, dict(symbols), fixed, claim, own)
    for line in proof.lines:
        reading.line(line)
    return Chains(
        world=reading.world,
        rows=tuple(reading.rows),
        expressions=tuple(reading.expressions),
        steps=tuple(reading.steps),
        chains=tuple(map(tuple, reading.chains)),
        unread=tuple(replace(found, apart=found.line in reading.apart) for found in reading.unread),
        remarks=(*proof.remarks, *reading.remarks),
    )


def with_object(world: World, name: str, index: str, body: Expression) -> World:
    """The world in which the quantity ``name`` over ``index`` is ``body``."""
    return replace(world, definitions={**world.definitions, name: Definition((index,), body)})
