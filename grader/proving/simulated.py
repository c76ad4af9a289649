"""Routes that simulate: random variables are drawn, and claims about them judged by confidence sequences."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from grader.errors import Unreadable
from grader.math.tree import Expression
from grader.montecarlo.claims import Claim, read_claim, read_statistic
from grader.montecarlo.interpreting import middle, value
from grader.montecarlo.model import Model, build_model
from grader.montecarlo.simulation import Rules, Run, judge_claim
from grader.proving.keyed import Keyed, Unlinked
from grader.proving.standing import Found
from grader.routes import Draws, Simulated
from grader.spec import Symbol


def simulate(route: Simulated, keyed: Keyed, name: str) -> Found:
    """Judge the claims of a route for every value of its repeated constants, and what they say of a key."""
    texts = route.claim or (route.counterexample or "",)
    shows = keyed.agrees(name, route.shows, bool(route.claim)) if keyed.spec(name).kind == "choice" else None
    if keyed.spec(name).kind == "region":
        raise Unlinked("a simulation cannot bear on the key of a region")
    names = keyed.object_symbols()
    runs: list[Run] = []
    for constants in _repeated(route):
        model = _model(route, constants, keyed, names)
        claims = [_claim(text, model) for text in texts]
        if not runs:
            keyed.check_linked(name, _texts(route, texts), (x for claim in claims for x in (claim.left, claim.right)))
        suffix = "".join(f", {name} = {value}" for name, value in constants.items())
        for claim in claims:
            runs.append(judge_claim(model, claim, f"{keyed.seed_of(route)}{suffix}", _rules(route, model), suffix))
            if runs[-1].kind == "refuted":
                return _found(route, runs, shows)
    return _found(route, runs, shows)


def _texts(route: Simulated, claims: tuple[str, ...]) -> list[str]:
    """All that a route says in formulas."""
    described = [entry if isinstance(entry, str) else entry.law for entry in route.simulate.values()]
    return [*claims, *described]


def _repeated(route: Simulated) -> Iterator[dict[str, str]]:
    for values in itertools.product(*route.repeated.values()):
        yield dict(zip(route.repeated, values, strict=True))


def _model(route: Simulated, constants: Mapping[str, str], keyed: Keyed, names: Mapping[str, Symbol]) -> Model:
    described = {**constants, **{name: _described(entry) for name, entry in route.simulate.items()}}
    free = {name: symbol for name, symbol in names.items() if name not in described}
    return build_model(described, free, keyed.put_in)


def _described(entry: str | Draws) -> str | tuple[str, str]:
    return entry if isinstance(entry, str) else (entry.draws, entry.law)


def _claim(text: str, model: Model) -> Claim:
    try:
        return read_claim(text, model.symbols)
    except Unreadable as error:
        raise Unreadable(f"the claim {text!r} cannot be read: {error}") from error


def _rules(route: Simulated, model: Model) -> Rules:
    variances: dict[Expression, float] = {}
    for text, bound in route.variance.items():
        stated = middle(value(model.prepared(read_statistic(bound, model.symbols))))
        if not stated > 0:
            raise Unreadable(f"variance: the bound for {text} is a positive number, not {bound}")
        variances[model.prepared(read_statistic(text, model.symbols))] = stated
    return Rules(route.alpha, route.margin, route.draws, variances)


def _found(route: Simulated, runs: list[Run], shows: tuple[bool, str] | None) -> Found:
    """What the runs come to: all must hold, or, of a counterexample, one must fail."""
    ran = tuple(runs)
    last = runs[-1]
    if route.counterexample is not None:
        if last.kind != "refuted":
            return Found("undecided", f"no counterexample to {last.claim} was found", runs=ran)
        how = f"{last.claim} fails: {bounds(last)}"
        return _shown("supported", how, shows, ran)
    if last.kind == "refuted":
        return Found("refuted", f"{last.claim} fails", (bounds(last),), ran)
    open_ = next((run for run in runs if run.kind == "undecided"), None)
    if open_ is not None:
        return Found("undecided", f"{open_.claim}: {open_.reason}", (bounds(open_),), ran)
    return _shown("supported", "; ".join(dict.fromkeys(run.claim for run in runs)), shows, ran)


def _shown(status: str, how: str, shows: tuple[bool, str] | None, runs: tuple[Run, ...]) -> Found:
    if shows is not None and not shows[0]:
        return Found("refuted", f"{how}; that shows {shows[1]}", tuple(bounds(run) for run in runs[-1:]), runs)
    return Found("supported", how, runs=runs)


def bounds(run: Run) -> str:
    """The statistic with its bound, in a sentence's part."""
    return (
        f"{run.shown} lies in [{run.low:.6g}, {run.high:.6g}] after {run.draws:,} draws"
        f" (claimed {run.target:.6g}, α = {run.alpha:g})"
    )
