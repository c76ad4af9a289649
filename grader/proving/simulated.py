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


def simulate(route: Simulated, keyed: Keyed, name: str) -> Found:
    """Judge the claims of a route for every value of its repeated constants, and what they say of a key."""
    texts = route.claim or (route.counterexample or "",)
    shows = keyed.agrees(name, route.shows, bool(route.claim)) if keyed.spec(name).kind == "choice" else None
    if keyed.spec(name).kind == "region":
        raise Unlinked("a simulation cannot bear on the key of a region")
    model = _model(route, next(_repeated(route)), keyed)
    sides = (side for text in texts for claim in [_claim(text, model)] for side in (claim.left, claim.right))
    keyed.check_linked(name, _texts(route, texts), sides)
    return _found(route, keyed.once(route, lambda: _runs(route, keyed, texts)), shows)


def _runs(route: Simulated, keyed: Keyed, texts: tuple[str, ...]) -> list[Run]:
    """The claims for every value of the repeated constants, up to the first that fails."""
    runs: list[Run] = []
    for constants in _repeated(route):
        model = _model(route, constants, keyed)
        suffix = "".join(f", {name} = {value}" for name, value in constants.items())
        for text in texts:
            claim, rules = _claim(text, model), _rules(route, model)
            runs.append(judge_claim(model, claim, f"{keyed.seed_of(route)}{suffix}", rules, suffix))
            if runs[-1].kind == "refuted":
                return runs
    return runs


def _texts(route: Simulated, claims: tuple[str, ...]) -> list[str]:
    """All that a route says in formulas."""
    described = [entry if isinstance(entry, str) else entry.law for entry in route.simulate.values()]
    return [*claims, *described]


def _repeated(route: Simulated) -> Iterator[dict[str, str]]:
    for values in itertools.product(*route.repeated.values()):
        yield dict(zip(route.repeated, values, strict=True))


def _model(route: Simulated, constants: Mapping[str, str], keyed: Keyed) -> Model:
    described = {**constants, **{name: _described(entry) for name, entry in route.simulate.items()}}
    free = {name: symbol for name, symbol in keyed.object_symbols().items() if name not in described}
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
        return _shown(f"{last.claim} fails", shows, ran)
    if last.kind == "refuted":
        return Found("refuted", f"{last.claim} fails", runs=ran)
    open_ = next((run for run in runs if run.kind == "undecided"), None)
    if open_ is not None:
        return Found("undecided", f"{open_.claim}: {open_.reason}", runs=ran)
    claims = "; ".join(" ".join(claim.split()) for claim in route.claim)
    values = "".join(f", for {name} = {', '.join(values)}" for name, values in route.repeated.items())
    return _shown(claims + values, shows, ran)


def _shown(how: str, shows: tuple[bool, str] | None, runs: tuple[Run, ...]) -> Found:
    if shows is not None and not shows[0]:
        return Found("refuted", f"{how}; that shows {shows[1]}", runs=runs)
    return Found("supported", how, runs=runs)
