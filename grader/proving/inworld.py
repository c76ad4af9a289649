"""Routes through a finite world: a claim is tried in many instances, a false one comes back with a counterexample."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.derivation.building import Misbuilt
from grader.derivation.engine.evaluate import Undetermined
from grader.derivation.engine.steps import Judge, Verdict
from grader.derivation.engine.witnesses import as_text
from grader.derivation.normal import plain
from grader.derivation.task import Task, build_task, with_given
from grader.derivation.world import Definition, World
from grader.errors import Unreadable
from grader.keys import ValueKey
from grader.math.domains import Domain, domain
from grader.math.reader import read_expression
from grader.math.regions import Chain, Condition, Joined, compare_regions
from grader.math.tree import Number, Variable, free_names
from grader.proving.keyed import NUMBERS, Keyed, Unlinked, own_value
from grader.proving.standing import Found
from grader.routes import InWorld
from grader.spec import DerivationField, Spec
from grader.worlds import WorldDefinition, WorldSpec


def look(route: InWorld, keyed: Keyed, name: str) -> Found:
    """Try the claims of a route, and what they say of the key of the field ``name``."""
    texts = tuple(_turned(text, keyed) for text in route.claim or (route.counterexample or "",))
    agrees, shown = _link(route, keyed, name)
    lines: list[str] = []
    for text, verdict in zip(texts, keyed.once(route, lambda: _verdicts(route, keyed, texts)), strict=False):
        if verdict.kind != "holds":
            return _failing(route, verdict, text, agrees, shown)
        numbers = verdict.numbers
        lines.append(
            f"{_short(text)}: in all {numbers.get('instances', 0)} instances, {numbers.get('confirmed', 0)} exactly"
        )
    if route.counterexample is not None:
        return Found("undecided", "no counterexample was found", tuple(lines))
    if not agrees:
        return Found("refuted", f"the claim holds, which shows {shown}", tuple(lines))
    return Found("supported", "; ".join(lines))


def _turned(text: str, keyed: Keyed) -> str:
    """``answer = …`` the other way round: at the left, a name and an equals sign are taken for a label."""
    left, _, right = text.partition("=")
    return f"{right.strip()} = {left.strip()}" if left.strip() in keyed.object_symbols() else text


def _verdicts(route: InWorld, keyed: Keyed, texts: tuple[str, ...]) -> list[Verdict]:
    """What becomes of each claim, up to the first that does not hold."""
    task, world = _task(route, keyed, texts)
    judge = Judge(world, keyed.seed_of(route), task.proportional)
    verdicts: list[Verdict] = []
    for text, claim in zip(texts, task.claims, strict=False):
        if plain(claim.start) == plain(claim.goal):
            raise Unlinked(f"both sides of {_short(text)} are the same, so that this cannot fail")
        try:
            verdicts.append(judge.step(claim.start, claim.relation, claim.goal))
        except Undetermined as error:
            raise Unreadable(f"{text}: {error}") from error
        if verdicts[-1].kind != "holds":
            break
    return verdicts


def _failing(route: InWorld, verdict: Verdict, text: str, agrees: bool, shown: str) -> Found:
    witness = tuple(as_text(verdict.witness)) if verdict.witness else ()
    if verdict.kind != "fails":
        return Found("undecided", f"{_short(text)}: {verdict.reason}", witness)
    if route.counterexample is None:
        return Found("refuted", f"{_short(text)} fails", witness)
    if not agrees:
        return Found("refuted", f"{_short(text)} fails, which shows {shown}", witness)
    return Found("proved", f"a counterexample to {_short(text)}", witness)


def _short(text: str) -> str:
    return " ".join(text.split())


# --- the world ---


def _task(route: InWorld, keyed: Keyed, texts: tuple[str, ...]) -> tuple[Task, World]:
    """The claims read in their world, and the world with what the route and the key put into it."""
    spec = route.world if isinstance(route.world, WorldSpec) else _of_item(route.world, keyed)
    fixed, domains = _values(route, spec)
    named = {**_named(keyed, spec, texts), **spec.definitions}
    spec = spec.model_copy(update={"quantities": {**spec.quantities, **domains}, "definitions": named})
    try:
        task = build_task(spec, texts, tuple(name for name in _proportional(route, keyed) if name in spec.variables))
    except Misbuilt as error:
        raise Unreadable(f"{error.place}: {error}") from error
    world = task.world
    for name, number in fixed.items():
        world = world.defining(name, Definition((), number))
    return task, _given(world, task, keyed)


def _named(keyed: Keyed, spec: WorldSpec, texts: tuple[str, ...]) -> dict[str, WorldDefinition]:
    """The values of keys by the names of their fields, where claims mention them and the world has no such name."""
    taken = _names(spec)
    return {
        name: WorldDefinition(is_=own_value(keyed.key.fields[name]))
        for name in keyed.object_symbols()
        if name not in taken and keyed.spec(name).kind in NUMBERS and keyed.named_in(name, texts)
    }


def _of_item(name: str, keyed: Keyed) -> WorldSpec:
    """The world of another item's derivation (or this one's)."""
    found = [field for item in keyed.question.items if item.id == name for field in item.fields if _has_world(field)]
    if not found:
        raise Unreadable(f"question {keyed.question.question} has no item {name} with a derivation in a world")
    assert isinstance(found[0], DerivationField)
    assert found[0].world is not None
    return found[0].world


def _has_world(field: Spec) -> bool:
    return isinstance(field, DerivationField) and field.world is not None


def _proportional(route: InWorld, keyed: Keyed) -> tuple[str, ...]:
    own = [field.proportional for field in keyed.item.fields if isinstance(field, DerivationField)]
    return own[0] if own and route.world == keyed.item.id else ()


def _values(route: InWorld, spec: WorldSpec) -> tuple[dict[str, Number], dict[str, object]]:
    """Quantities with a value, and those with another domain."""
    fixed: dict[str, Number] = {}
    domains: dict[str, object] = {}
    for name, text in route.values.items():
        if name not in spec.quantities:
            raise Unreadable(f"where: the world has no quantity {name!r}")
        try:
            domain(text)
        except Unreadable:
            number = read_expression(text, {})
            if not isinstance(number, Number):
                raise
            fixed[name] = number
        else:
            domains[name] = spec.quantities[name].model_copy(update={"domain": text})
    return fixed, domains


def _given(world: World, task: Task, keyed: Keyed) -> World:
    """The world with the key's own objects, where it asks for what students give."""
    for name, quantity in task.world.spec.quantities.items():
        key = keyed.key.fields.get(quantity.given_by or "")
        if isinstance(key, ValueKey):
            world = with_given(replace(task, world=world), name, key.value)
    return world


# --- what it bears on ---


def _link(route: InWorld, keyed: Keyed, name: str) -> tuple[bool, str]:
    """Whether what the route shows agrees with the key, if it shows anything; and in words."""
    spec = keyed.spec(name)
    match spec.kind:
        case "choice":
            return keyed.agrees(name, route.shows, bool(route.claim))
        case "region":
            return _in_region(route, keyed, name)
        case "derivation":
            _check_same_claim(route, keyed, spec)
        case "construct":
            _check_given(route, keyed, name)
        case "numeric" | "symbolic":
            _check_value(route, keyed, name)
        case _:
            raise Unlinked(f"a world cannot bear on the key of a {spec.kind}")
    return True, ""


def _check_same_claim(route: InWorld, keyed: Keyed, spec: Spec) -> None:
    """The claims of a derivation are the item's own, or the chain would be about something else."""
    assert isinstance(spec, DerivationField)
    own = {_short(text) for text in spec.claim}
    if route.world != keyed.item.id or route.counterexample or not own & {_short(text) for text in route.claim}:
        raise Unlinked(f"expected world: {keyed.item.id} and claim: {spec.claim[0] if spec.claim else ''}")


def _check_given(route: InWorld, keyed: Keyed, name: str) -> None:
    world = route.world if isinstance(route.world, WorldSpec) else _of_item(route.world, keyed)
    if not any(quantity.given_by == name for quantity in world.quantities.values()):
        raise Unlinked(f"this says nothing of the key: the world has no quantity with given_by: {name}")


def _check_value(route: InWorld, keyed: Keyed, name: str) -> None:
    """One claim has the key, by the field's name, alone on one side of an equality, and no key stands elsewhere."""
    world = route.world if isinstance(route.world, WorldSpec) else _of_item(route.world, keyed)
    taken = _names(world)
    keys = [other for other in keyed.object_symbols() if keyed.spec(other).kind in NUMBERS]
    if clash := sorted(taken & {name}):
        raise Unlinked(
            f"the world has a meaning of its own for {clash[0]}, so that the key does not stand in the claim"
        )
    held = [
        symbol for symbol in sorted(free_names(keyed.objects[name].tree)) if _is_number(route.values.get(symbol, ""))
    ]
    if held:
        raise Unlinked(f"the key depends on {held[0]}, and this tries a single value of it")
    for text in route.claim:
        sides = [side.strip() for side in text.split("=")]
        others = [side for side in sides if side != name]
        if len(sides) == 2 and len(others) == 1 and not any(keyed.named_in(key, others) for key in keys):
            return
    raise Unlinked(f"this says nothing of the key: expected {name} alone on one side of an equality")


def _is_number(text: str) -> bool:
    """Whether a quantity is given a value, and not a domain."""
    try:
        domain(text)
    except Unreadable:
        return bool(text)
    return False


def _names(world: WorldSpec) -> set[str]:
    """All that a world has a meaning for."""
    defined = {name.partition("(")[0].strip().lstrip("\\") for name in world.definitions}
    return defined.union(world.variables, world.counts, world.quantities, world.parameters, world.indices)


def _in_region(route: InWorld, keyed: Keyed, name: str) -> tuple[bool, str]:
    """Whether all values that the route tries lie in the key's region (or all outside, as ``shows`` says)."""
    region, variable = keyed.region(name)
    if route.shows not in ("inside", "outside") or variable not in route.values:
        raise Unlinked(f"expected shows: inside or outside, and where: with the values of {variable} that are tried")
    if route.counterexample or not keyed.named_in(variable, route.claim, symbol=True):
        raise Unlinked(f"expected a claim in which {variable} stands")
    text = route.values[variable]
    inside = _overlap(
        region, _as_condition(text, variable), variable, domain(keyed.spec(name).symbols[variable].domain)
    )
    return inside == route.shows, f"{variable} in {text} to lie {route.shows}"


def indifferent(routes: Sequence[InWorld], keyed: Keyed) -> InWorld | None:
    """A route whose claims hold as well where another one tries what is on the other side of the region's border."""
    for route in routes:
        others = [other for other in routes if other.shows != route.shows]
        moved = [route.model_copy(update={"values": {**route.values, **other.values}}) for other in others]
        if moved and all(all(v.kind == "holds" for v in _verdicts(m, keyed, tuple(m.claim))) for m in moved):
            return route
    return None


def untried(routes: Iterable[InWorld], keyed: Keyed, name: str) -> str | None:
    """A value of a region's variable that none of the routes tries; None where they try all values together."""
    _, variable = keyed.region(name)
    within = domain(keyed.spec(name).symbols[variable].domain)
    tried = Joined("or", tuple(_as_condition(route.values[variable], variable) for route in routes))
    verdict = compare_regions(tried, Chain((Variable(variable), Variable(variable)), ("=",)), variable, within)
    return None if verdict.equal else f"{variable} = {verdict.witness}"


def _overlap(region: Condition, tried: Condition, variable: str, within: Domain) -> str:
    both = Joined("and", (region, tried))
    if compare_regions(both, tried, variable, within).equal:
        return "inside"
    nothing = Chain((Variable(variable), Variable(variable)), ("!=",))
    return "outside" if compare_regions(both, nothing, variable, within).equal else "on both sides"


def _as_condition(text: str, variable: str) -> Condition:
    """A domain, or a single value, as a condition."""
    here = Variable(variable)
    try:
        found = domain(text)
    except Unreadable:
        return Chain((here, read_expression(text, {})), ("=",))
    parts: list[Condition] = []
    if found.low is not None:
        parts.append(Chain((Number(found.low), here), ("<" if found.open_low else "<=",)))
    if found.high is not None:
        parts.append(Chain((here, Number(found.high)), ("<" if found.open_high else "<=",)))
    return Joined("and", tuple(parts)) if parts else Chain((here, here), ("=",))
