"""Routes that simulate: random variables are drawn, and claims about them judged by confidence sequences."""

from __future__ import annotations

from grader.math.tree import free_names
from grader.montecarlo.simulation import Run
from grader.montecarlo.stated import Stated
from grader.proving.keyed import Keyed, Unlinked
from grader.proving.standing import Found
from grader.routes import Simulated

LEAST_VALUES = 3


def simulate(route: Simulated, keyed: Keyed, name: str) -> Found:
    """Judge the claims of a route, and what they say of the key of the field ``name``."""
    if keyed.spec(name).kind == "region":
        raise Unlinked("a simulation cannot bear on the key of a region")
    shows = keyed.agrees(name, route.shows, bool(route.claim)) if keyed.spec(name).kind == "choice" else None
    stated = Stated(route, route.claim or (route.counterexample or "",), keyed.object_symbols(), keyed.put_in)
    relations = [(claim.left, claim.relation if route.claim else "!=", claim.right) for claim in stated.read()]
    keyed.check_linked(name, relations, stated.described())
    _check_values(route, keyed, name)
    runs = tuple(keyed.once(route, lambda: stated.judge(keyed.seed_of(route))))
    last = runs[-1]
    if route.counterexample is not None:
        if last.kind != "refuted":
            return Found("undecided", f"no counterexample to {last.claim} was found", runs=runs)
        return _shown(f"{last.claim} fails", shows, runs)
    if last.kind == "refuted":
        return Found("refuted", f"{last.claim} fails", runs=runs)
    unsettled = next((run for run in runs if run.kind == "undecided"), None)
    if unsettled is not None:
        return Found("undecided", f"{unsettled.claim}: {unsettled.reason}", runs=runs)
    claims = "; ".join(" ".join(claim.split()) for claim in route.claim)
    values = "".join(f", for {name} = {', '.join(values)}" for name, values in route.repeated.items())
    return _shown(claims + values, shows, runs)


def _check_values(route: Simulated, keyed: Keyed, name: str) -> None:
    """Raise Unlinked where a formula is tried for fewer than three values of one of its symbols: of two, any line
    passes through."""
    for symbol in sorted(free_names(keyed.objects[name].tree)) if keyed.spec(name).kind == "symbolic" else ():
        if len(set(route.repeated.get(symbol, ()))) < LEAST_VALUES:
            raise Unlinked(f"expected for: with at least {LEAST_VALUES} values of {symbol}, on which the key depends")


def _shown(how: str, shows: tuple[bool, str] | None, runs: tuple[Run, ...]) -> Found:
    if shows is not None and not shows[0]:
        return Found("refuted", f"{how}; that shows {shows[1]}", runs=runs)
    return Found("supported", how, runs=runs)
