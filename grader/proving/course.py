"""All keys of a course by their routes. A fault in one route costs no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from grader import routes
from grader.errors import GraderError, SpecError, Undecided, Unreadable
from grader.keys import FieldKey, ItemKey, NumericKey
from grader.loading.specs.course import Course
from grader.loading.specs.keys import load_secret
from grader.proving import derived, enumerated, inworld, python, simulated
from grader.proving.keyed import Keyed
from grader.proving.record import fields_to_prove
from grader.proving.standing import Found, Proof, Standing
from grader.spec import Item, Question, Spec

_CARRIED_OUT: dict[type[routes.Route], Callable[[Any, Keyed, str], Found]] = {
    routes.Reason: lambda route, keyed, name: Found("reason", route.reason),
    routes.Derived: derived.derive,
    routes.Stated: derived.state,
    routes.Simulated: simulated.simulate,
    routes.InWorld: inworld.look,
    routes.Enumerated: enumerated.enumerate_,
    routes.Python: python.run,
}


def prove(course: Course, items: Collection[str] = ()) -> Iterator[Standing]:
    """Where every key stands, in the order of the papers; with ``items`` (``midterm/4a``), theirs alone."""
    secret = load_secret(course.reference)[0] if course.reference else ""
    for assignment, question, item in _chosen(course, items):
        yield from _item(course, assignment, question, item, secret)


def count(course: Course, items: Collection[str] = ()) -> int:
    """How many standings ``prove`` gives."""
    return sum(1 for *_, item in _chosen(course, items) for _ in fields_to_prove(item))


def _chosen(course: Course, items: Collection[str]) -> Iterator[tuple[str, Question, Item]]:
    for assignment in course.assignments.values():
        for question in assignment.questions:
            for item in question.items:
                if not items or f"{assignment.id}/{item.id}" in items:
                    yield assignment.id, question, item


def _item(course: Course, assignment: str, question: Question, item: Item, secret: str) -> Iterator[Standing]:
    key = course.keys.get(assignment, {}).get(item.id)
    if key is None or isinstance(key, SpecError):
        faults = tuple(key.faults) if key else ()
        yield from (Standing(assignment, item.id, s.name, s.kind, faults=faults) for s in fields_to_prove(item))
        return
    assert course.reference is not None
    keyed = Keyed(assignment, question, item, key, course.reference / assignment, secret)
    for spec in fields_to_prove(item):
        own = [*_simulation(key.fields.get(spec.name)), *(route for route in key.prove if spec.name in route.of)]
        proofs = _covering(tuple(carry_out(route, keyed, spec.name) for route in own), keyed, spec)
        yield Standing(assignment, item.id, spec.name, spec.kind, proofs, _faults(key, spec, item))


def _simulation(key: FieldKey | None) -> Iterator[routes.Route]:
    """The claim by which responses are judged, as a route to the key's own value."""
    if isinstance(key, NumericKey) and key.simulation is not None:
        stated = key.simulation.model_dump(by_alias=True, exclude_none=True)
        name = key.label.rpartition(".")[2]
        yield routes.Simulated.model_validate({**stated, "of": [name]}).placed(key.where)


def _covering(proofs: tuple[Proof, ...], keyed: Keyed, spec: Spec) -> tuple[Proof, ...]:
    """Worlds that are tried at some values of a region's variable say nothing of the others: only together, where they
    leave none out, do they support the region."""
    tried = [p for p in proofs if isinstance(p.route, routes.InWorld) and p.found.status == "supported"]
    if spec.kind != "region" or not tried:
        return proofs
    said = _left_open([p.route for p in tried if isinstance(p.route, routes.InWorld)], keyed, spec.name)
    if not said:
        return proofs
    return tuple(
        replace(p, found=replace(p.found, status="undecided", how=f"{p.found.how}; {said}")) if p in tried else p
        for p in proofs
    )


def _left_open(worlds: list[routes.InWorld], keyed: Keyed, name: str) -> str:
    """Why the routes together do not support a region; empty where they do."""
    try:
        left_out, idle = inworld.untried(worlds, keyed, name), inworld.indifferent(worlds, keyed)
    except Exception as error:  # the same wall as around each of them
        return f"whether they cover the region could not be told: {type(error).__name__}: {error}"
    if left_out is not None:
        return f"no route tries {left_out}"
    return "a claim holds on both sides of the border" if idle is not None else ""


def _faults(key: ItemKey, spec: Spec, item: Item) -> tuple[Any, ...]:
    """Routes that cannot be read, at the field they were meant for, else at the first."""
    first = next(fields_to_prove(item)).name
    names = {s.name for s in item.fields}

    def meant(label: str) -> str:
        parts = label.removeprefix(f"{item.id}.").split(".")
        return parts[1] if len(parts) > 1 and parts[1] in names else first

    return tuple(fault for fault in key.misrouted if meant(fault.field) == spec.name)


def carry_out(route: routes.Route, keyed: Keyed, name: str) -> Proof:
    """One route carried out: whatever goes wrong in it is told, and proves nothing."""
    start = time.perf_counter()
    linked = True
    try:
        if name not in keyed.key.fields:
            raise Unreadable(f"there is no key for {name}")
        way = next(found for kind, found in _CARRIED_OUT.items() if isinstance(route, kind))
        found = way(route, keyed, name)
        linked = _is_linked(route, keyed, name)
    except Undecided as error:
        found = Found("undecided", str(error))
    except GraderError as error:
        found = Found("faulty", str(error))
    except Exception as error:  # the wall between one route and all the others
        found = Found("faulty", f"the route failed: {type(error).__name__}: {error}")
    return Proof(route, found, linked, time.perf_counter() - start)


def _is_linked(route: routes.Route, keyed: Keyed, name: str) -> bool:
    if isinstance(route, routes.Derived):
        return derived.is_linked(route, keyed, name)
    if isinstance(route, routes.Simulated):
        return keyed.spec(name).kind != "derivation"  # draws tell of its claim, not of a chain that shows it
    return enumerated.is_linked(route) if isinstance(route, routes.Enumerated) else True
