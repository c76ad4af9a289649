"""The lines of a proof read into expressions and relations between them, in a world that the lines may add names to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from grader.derivation.notation.naming import at_samples, fresh, indexed, meant
from grader.derivation.notation.reader import CONSTANT, read_line
from grader.derivation.text.lines import Line, Piece, Proof, Statement
from grader.derivation.text.spelling import respelled
from grader.derivation.world import Definition, World
from grader.errors import Unreadable
from grader.math.tree import ZERO, Element, Expression, Extension, Variable, free_names, substitute, walk
from grader.spec import Symbol

MOST_NAMES = 100
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
    """A proof as it was read. ``chains`` lists the expressions of each chain, in order, by their numbers. ``dropped``:
    sentences with a formula that could not be read, which are remarks if the proof is complete without them. ``lines``
    has for each expression the line on which it stands, 0 for the start of the claim where a line goes on from it."""

    world: World
    symbols: Mapping[str, Symbol]
    rows: tuple[Row, ...]
    expressions: tuple[Expression, ...]
    steps: tuple[Step, ...]
    chains: tuple[tuple[int, ...], ...]
    unread: tuple[Unread, ...]
    remarks: tuple[str, ...]
    dropped: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the next piece goes on from."""

    current: int | None
    gap: bool
    free: tuple[str, ...]


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
    lines: list[int] = field(default_factory=list)  # where they stand
    steps: list[Step] = field(default_factory=list)
    chains: list[list[int]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    current: int | None = None
    gap: bool = False
    free: tuple[str, ...] = ()
    dropped: list[str] = field(default_factory=list)
    awaiting: str | None = None  # a new name that stands at the left of a chain, until what it is has been read
    let: Expression | None = None  # what the row before gave a name to
    foreseen: set[int] = field(default_factory=set)  # statements whose names are known before their lines
    apart: list[int] = field(default_factory=list)  # lines that are statements of their own, none of which was read

    def line(self, line: Line) -> None:
        """Read one line; a formula within a sentence that cannot be read is a remark."""
        number = len(self.rows) + 1
        self.rows.append(Row(number, line.text))
        self.follow(line)
        if self.apart and line.pieces[0].relation is not None:
            self.apart = [place for place in self.apart if place != number - 1]
        before = len(self.unread)
        read = [self.statement(number, statement) for statement in line.statements]
        if not all(read):
            self.dropped.append(line.text)
        if not any(read):
            self.rows.pop()
            self.remarks.append(line.text)
            return
        if len(self.unread) - before == len(line.pieces) and line.pieces[0].relation is None:
            self.apart.append(number)
        self.remarks.extend(line.remarks)

    def follow(self, line: Line) -> None:
        """Where a row goes on from ``let r = …`` in the row before, what it states is about r; or so it seems."""
        if self.let is not None and not line.opens and line.pieces[0].relation is not None:
            if self.current is None:
                self.stated(line.number, None, self.let)
            self.gap = True
        self.let = None

    def statement(self, number: int, statement: Statement) -> bool:
        """Read one statement; False where it is but a remark."""
        standing = _Standing(self.current, self.gap, self.free)
        lengths = (len(self.expressions), len(self.steps), len(self.chains), len(self.unread))
        if id(statement) in self.foreseen or (statement.naming and self.new_name(statement)):
            last = self.given(number, statement)
            self.let = None if statement.where else last
            self.stand(standing)
            return True
        for piece in statement.pieces:
            self.piece(number, piece)
        unread = len(self.unread) - lengths[3]
        whole = unread == len(statement.pieces) and statement.pieces[0].relation is None
        if statement.prose and (whole or (unread and statement.aside)):
            self.undo(lengths)
            self.stand(standing)
            return False
        if statement.aside:
            self.stand(standing)
        return True

    def given(self, number: int, statement: Statement) -> Expression | None:
        """What else a statement says that gives a name: ``let r = a = b`` claims ``a = b``."""
        self.free = tuple(self.world.spec.indices)
        body = self.expression(statement.pieces[1].text)
        if len(statement.pieces) < 3:
            return body
        self.stated(number, None, body)
        for piece in statement.pieces[2:]:
            self.piece(number, piece)
        return None if self.current is None else self.expressions[self.current]

    def stand(self, standing: _Standing) -> None:
        self.current, self.gap, self.free = standing.current, standing.gap, standing.free

    def undo(self, lengths: tuple[int, ...]) -> None:
        for found, length in zip((self.expressions, self.steps, self.chains, self.unread), lengths, strict=True):
            del found[length:]  # type: ignore[attr-defined]
        del self.lines[lengths[0] :]
        self.awaiting = None
        for chain in self.chains:
            chain[:] = [place for place in chain if place < lengths[0]]

    def piece(self, number: int, piece: Piece) -> None:
        awaiting, self.awaiting = self.awaiting, None
        if piece.relation is None:
            self.current, self.gap, self.free = None, False, tuple(self.world.spec.indices)
        elif self.current is None and not self.gap:
            self.implied()
        try:
            found = self.expression(piece.text) if piece.relation is not None else self.beginning(piece.text)
        except Unreadable as error:
            self.unreadable(number, piece, error)
            return
        if awaiting is not None and piece.relation == "=":  # a new name at the very left: the chain begins behind it
            self.unread.pop()
            self.define(awaiting, found, piece.text)
            self.dropped.append(self.rows[-1].text)  # what the claim calls this may be meant
            self.stated(number, None, found)
            return
        self.stated(number, piece.relation, found)

    def beginning(self, text: str) -> Expression:
        """The first formula of a chain, which may be a definition of the world by a name of the student's."""
        try:
            return self.expression(text)
        except Unreadable:
            name = meant(text, self.world)
            if name is None:
                raise
            found = self.expression(name)
            self.define(respelled(text).strip(), found, name)
            return found

    def unreadable(self, number: int, piece: Piece, error: Unreadable) -> None:
        place = None if error.position is None else piece.start + error.position
        self.unread.append(Unread(number, str(error), place))
        self.gap = True
        if piece.relation is None:
            self.awaiting = self.fresh(piece.text)
        elif piece.relation != "=":
            self.current = None

    def implied(self) -> None:
        """A chain that begins with a relation begins at the claim."""
        if self.expressions:
            return
        self.expressions.append(self.claim.start)
        self.lines.append(0)
        self.chains.append([0])
        self.current, self.free = 0, ()

    def stated(self, number: int, relation: str | None, found: Expression) -> None:
        place = len(self.expressions)
        self.expressions.append(found)
        self.lines.append(number)
        if relation is None or self.current is None:
            self.chains.append([place])
            self.free = tuple(name for name in self.world.spec.indices if name in free_names(found))
        else:
            named = relation == "=" and self.gives(self.expressions[self.current], found)
            self.steps.append(Step(number, self.current, relation, place, self.gap, named))
            next(chain for chain in reversed(self.chains) if self.current in chain).append(place)
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

    def new_name(self, statement: Statement) -> bool:
        """Take ``let r = …`` as a name for what follows; False where its left side is known already."""
        alias = self.new_alias(statement)
        if alias is None:
            return False
        try:
            body = self.expression(statement.pieces[1].text)
        except Unreadable:
            return False
        self.define(alias, body, statement.pieces[1].text)
        return True

    def new_alias(self, statement: Statement) -> str | None:
        """The name that a statement gives, if it is a new one."""
        pieces = statement.pieces
        if len(pieces) < 2 or pieces[0].relation is not None or pieces[1].relation != "=":
            return None
        self.free = tuple(self.world.spec.indices)
        try:
            known = self.expression(pieces[0].text)
        except Unreadable:
            known = None
        if known is not None and not (statement.naming and CONSTANT in free_names(known)):
            return None
        return self.fresh(pieces[0].text)

    def fresh(self, written: str) -> str | None:
        return fresh(written, self.world, self.symbols) if len(self.symbols) <= MOST_NAMES else None

    def define(self, alias: str, body: Expression, text: str) -> None:
        """``alias`` is ``body`` from here on, and so at other indices; ``text`` is what ``body`` was read from."""
        self.alias(alias, body)
        index, others = indexed(alias, self.world)
        if others:
            family = f"let{len(self.world.definitions)}"
            self.world = self.world.defining(family, Definition((index,), body))
            for other, spelled in others:
                self.alias(spelled, Element(family, Variable(other)))
        for spelled, written in at_samples(alias, respelled(text), self.world):
            with suppress(Unreadable):
                self.alias(spelled, self.expression(written))

    def alias(self, alias: str, body: Expression) -> None:
        name = f"let{len(self.world.definitions)}"
        self.world = self.world.defining(name, Definition((), body))
        self.symbols[name] = Symbol(aliases=(alias,))

    def foresee(self, proof: Proof) -> None:
        """Take names whose explanation stands below their use, or behind it, if they have but one."""
        every = [statement for line in proof.lines for statement in line.statements]
        written = Counter("".join(statement.pieces[0].text.split()) for statement in every)
        for statement in _explaining(proof):
            once = written["".join(statement.pieces[0].text.split())] == 1
            if once and self.new_name(statement):
                self.foreseen.add(id(statement))


def _explaining(proof: Proof) -> Iterator[Statement]:
    for line in proof.lines:
        for place, statement in enumerate(line.statements):
            if statement.where or (place and not statement.naming and not statement.prose):
                yield statement


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
    reading.foresee(proof)
    for line in proof.lines:
        reading.line(line)
    return Chains(
        world=reading.world,
        symbols=reading.symbols,
        rows=tuple(reading.rows),
        expressions=tuple(reading.expressions),
        steps=tuple(reading.steps),
        chains=tuple(map(tuple, reading.chains)),
        unread=tuple(replace(found, apart=found.line in reading.apart) for found in reading.unread),
        remarks=(*proof.remarks, *reading.remarks),
        dropped=tuple(reading.dropped),
        lines=tuple(reading.lines),
    )


def with_object(world: World, name: str, index: str, body: Expression) -> World:
    """The world in which the quantity ``name`` over ``index`` is ``body``."""
    return replace(world, definitions={**world.definitions, name: Definition((index,), body)})
