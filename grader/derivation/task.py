"""What a derivation is about: its world, the claims that would do, and the patterns of its milestones, all read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.derivation.building import Misbuilt, build_world
from grader.derivation.chains import Claim, with_object
from grader.derivation.nodes import Density, Expectation, Optimum, free_variables
from grader.derivation.normal import expanded
from grader.derivation.notation.reader import CONSTANT, read_line
from grader.derivation.patterns import ANY, REST, comparable, meets
from grader.derivation.text.lines import read_lines
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.tree import ONE, ZERO, Add, Expression, negate, substitute, walk
from grader.spec import Symbol
from grader.worlds import WorldSpec


@dataclass(frozen=True, slots=True)
class Task:
    """``fixed`` names the variables that every claim leaves free: expectations without a subscript keep them fixed."""

    world: World
    symbols: Mapping[str, Symbol]
    claims: tuple[Claim, ...]
    proportional: tuple[str, ...]
    fixed: frozenset[str] = field(default_factory=frozenset)


def build_task(spec: WorldSpec, claims: Sequence[str], proportional: Sequence[str] = ()) -> Task:
    """Read it all. Raises Misbuilt, naming the part that is at fault."""
    for name in proportional:
        if name not in spec.variables:
            raise Misbuilt("proportional", f"{name} is no variable of the world")
    world, symbols = build_world(spec, tuple(proportional))
    first = [_claim(text, world, symbols, frozenset(), place) for place, text in enumerate(claims)]
    ends = [expanded(end, world) for claim in first for end in (claim.start, claim.goal)]
    fixed = frozenset.intersection(*map(free_variables, ends))
    read = tuple(_claim(text, world, symbols, fixed, place) for place, text in enumerate(claims))
    world = replace(world, usual=_usual(read, world))
    return Task(world, symbols, (*read, *map(_difference, filter(_of_values, read))), tuple(proportional), fixed)


def _of_values(claim: Claim) -> bool:
    return not isinstance(claim.start, Optimum) and claim.relation != "propto"


def _difference(claim: Claim) -> Claim:
    """The same claim as one about the difference of its sides."""
    return Claim(Add((claim.start, negate(claim.goal))), claim.relation, ZERO)


def _usual(claims: Sequence[Claim], world: World) -> tuple[Density, ...]:
    """The weights of the expectation that the start of the claim is, if no other has different ones."""
    found: list[tuple[Density, ...]] = []
    for claim in claims:
        start, goal = expanded(claim.start, world), expanded(claim.goal, world)
        if not isinstance(start, Expectation):
            return ()
        found += [node.weights for end in (start, goal) for node in walk(end) if isinstance(node, Expectation)]
    return found[0] if len(set(found)) == 1 else ()


def _claim(text: str, world: World, symbols: Mapping[str, Symbol], fixed: frozenset[str], place: int) -> Claim:
    where = f"claim.{place + 1}"
    lines = read_lines(text).lines
    pieces = lines[0].pieces if len(lines) == 1 else ()
    if len(pieces) != 2 or pieces[1].relation is None:
        raise Misbuilt(where, "expected one relation between two sides")
    try:
        start, goal = (read_line(piece.text, world, symbols, fixed) for piece in pieces)
    except Unreadable as error:
        raise Misbuilt(where, f"{text!r} cannot be read: {error}") from error
    return Claim(start, pieces[1].relation, goal)


def read_pattern(task: Task, text: str) -> Expression:
    """A milestone's pattern, comparable. Raises Unreadable, also where the claim has it: copying would earn points."""
    symbols = {**task.symbols, ANY: Symbol(), REST: Symbol()}
    read = read_line(text, task.world, symbols, task.fixed, tuple(task.world.spec.indices))
    pattern = comparable(read, task.world)
    for claim in task.claims:
        for end in (claim.start, claim.goal):
            if meets(comparable(end, task.world), pattern):
                raise Unreadable(
                    f"the pattern {text!r} is met by the claim itself, so that copying it would earn points"
                )
    return pattern


def with_given(task: Task, name: str, text: str) -> World:
    """The world in which the quantity ``name``, that students give, is what ``text`` says. Raises Unreadable."""
    over = task.world.spec.quantities[name].over
    free = tuple(task.world.spec.indices)
    body = read_line(text, task.world, task.symbols, task.fixed, free)
    for index in (*free, CONSTANT):
        body = substitute(body, index, ZERO if index == CONSTANT else ONE)
    return with_object(task.world, name, over or "", body)
