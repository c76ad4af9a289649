"""Routes that derive: SymPy computes a value, or settles a statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from grader import routes
from grader.errors import Unreadable
from grader.math import deriving
from grader.math.deriving import Finding, Question
from grader.math.distributions import Law, read_law
from grader.math.properties import read_statement
from grader.math.reader import read_expression
from grader.math.regions import Condition, read_region
from grader.math.tree import Expression, free_names
from grader.proving.keyed import VALUED, Keyed, Unlinked
from grader.proving.standing import Found, Status
from grader.spec import Symbol

_GOOD: tuple[Status, ...] = ("proved", "supported", "undecided", "refuted")


def derive(route: routes.Derived, keyed: Keyed, name: str) -> Found:
    """SymPy computes what the route asks for; the key of the field ``name``, or ``equals``, must be that."""
    reader = _Reader(keyed, _symbols(route, keyed), name)
    target, said = _target(route, keyed, name, reader)
    reader.seen.clear()
    question = reader.question(route)
    keyed.check_apart(name, frozenset(reader.seen))
    if keyed.spec(name).kind == "construct" and isinstance(route, routes.Random) and name not in reader.needed():
        raise Unlinked(f"this says nothing of the key: {name} does not stand in it")
    seed, of = keyed.seed_of(route), name if route.equals is None else ""
    finding = keyed.once(route, lambda: deriving.derive(question, target, reader.declared, seed), of)
    found = _worded(finding, "SymPy derives", said)
    if isinstance(route, routes.ChangeOfVariables):
        found = replace(found, how=f"{found.how}, where the map is one-to-one")
    if keyed.spec(name).kind == "choice" and finding.kind == "proved" and route.shows is not None:
        agrees, shown = keyed.agrees(name, route.shows, True)
        return found if agrees else Found("refuted", f"{found.how}, which shows {shown}")
    return found


def is_linked(route: routes.Derived, keyed: Keyed, name: str) -> bool:
    """Whether what is derived bears on the key: it is compared with it, shows an option, or is made of its object."""
    match keyed.spec(name).kind:
        case "choice":
            return route.shows is not None
        case "construct":
            return isinstance(route, routes.Random)
    return route.equals is None


def _target(route: routes.Derived, keyed: Keyed, name: str, reader: _Reader) -> tuple[Expression | Condition, str]:
    """What the derived value must be, and what to call it."""
    if isinstance(route, routes.HoldsWhere):
        if route.equals is not None:
            raise Unlinked("holds_where: is compared with the key; there is no equals: for it")
        return keyed.region(name)[0], "the key"
    if route.equals is not None:
        return reader.expression(route.equals), route.equals
    if keyed.spec(name).kind not in VALUED:
        raise Unlinked(f"the key of a {keyed.spec(name).kind} is no value that can be derived; give equals: and shows:")
    return keyed.objects[name].tree, "the key"


def _symbols(route: routes.Derived | routes.Stated, keyed: Keyed) -> dict[str, Symbol]:
    """The item's symbols and those of the route, which must not take the others for something else."""
    for name, symbol in route.symbols.items():
        if keyed.symbols.get(name, symbol) != symbol or name in keyed.object_symbols():
            raise Unreadable(f"symbols: {name} has a meaning in this item already; choose another name")
    return {**keyed.symbols, **route.symbols}


class _Reader:
    """Reads the formulas of a route to the field ``name``, in which names of fields stand for the formulas in their
    keys; ``seen`` collects the names that occur."""

    def __init__(self, keyed: Keyed, symbols: Mapping[str, Symbol], name: str) -> None:
        self.keyed, self.symbols, self.name = keyed, dict(symbols), name
        self.declared = symbols
        self.seen: set[str] = set()
        self.last: frozenset[str] = frozenset()  # names in what was read last
        self.uses: dict[str, frozenset[str]] = {}

    def needed(self) -> set[str]:
        """All that the formula read last depends on, through random variables, too."""
        found = set(self.last)
        for name, used in reversed(self.uses.items()):
            found |= used if name in found else set()
        return found

    def expression(self, text: str) -> Expression:
        read = read_expression(text, {**self.keyed.object_symbols(), **self.symbols})
        self.last = free_names(read)
        self.seen |= self.last
        return self.keyed.put_in(read)

    def expressions(self, texts: tuple[str, ...]) -> tuple[Expression, ...]:
        return tuple(map(self.expression, texts))

    def variables(self, described: Mapping[str, str]) -> dict[str, Law | Expression]:
        found: dict[str, Law | Expression] = {}
        for name, text in described.items():
            if name in self.symbols or name in self.keyed.object_symbols():
                raise Unreadable(f"where: {name} has a meaning in this item already; choose another name")
            law = read_law(text, {**self.keyed.object_symbols(), **self.symbols})
            if law is None:
                found[name] = self.expression(text)
            else:
                self.last = frozenset[str]().union(*map(free_names, law.parameters))
                self.seen |= self.last
                found[name] = Law(law.name, tuple(map(self.keyed.put_in, law.parameters)))
            self.uses[name] = self.last
            self.symbols[name] = Symbol()
        return found

    def question(self, route: routes.Derived) -> Question:
        return _QUESTIONS[type(route)](self, route)


def _density(reader: _Reader, route: routes.DensityOf) -> Question:
    at = reader.expression(route.at)
    variables = reader.variables(route.variables)
    return deriving.DensityOf(reader.expression(route.density_of), at, variables)


def _expectation(reader: _Reader, route: routes.ExpectationOf) -> Question:
    variables = reader.variables(route.variables)
    return deriving.ExpectationOf(reader.expression(route.expectation_of), variables)


def _variance(reader: _Reader, route: routes.VarianceOf) -> Question:
    variables = reader.variables(route.variables)
    return deriving.VarianceOf(reader.expression(route.variance_of), variables)


def _probability(reader: _Reader, route: routes.ProbabilityOf) -> Question:
    variables = reader.variables(route.variables)
    return deriving.ProbabilityOf(reader.expression(f"[{route.probability_of}]"), variables)


def _holds_where(reader: _Reader, route: routes.HoldsWhere) -> Question:
    _, variable = reader.keyed.region(reader.name)
    return deriving.HoldsWhere(read_region(route.holds_where, variable, reader.symbols), variable)


_QUESTIONS: dict[type, Callable[[_Reader, Any], Question]] = {
    routes.Determinant: lambda r, route: deriving.Determinant(
        r.expressions(route.determinant_of), route.with_respect_to
    ),
    routes.DerivativeOf: lambda r, route: deriving.DerivativeOf(
        r.expression(route.derivative_of), route.with_respect_to
    ),
    routes.Gradient: lambda r, route: deriving.Gradient(r.expression(route.gradient_of), route.with_respect_to),
    routes.ChangeOfVariables: lambda r, route: deriving.ChangeOfVariables(
        r.expressions(route.change_of_variables), route.with_respect_to, route.density
    ),
    routes.DensityOf: _density,
    routes.ExpectationOf: _expectation,
    routes.VarianceOf: _variance,
    routes.ProbabilityOf: _probability,
    routes.ValueOf: lambda r, route: deriving.ValueOf(r.expression(route.value_of)),
    routes.LimitOf: lambda r, route: deriving.LimitOf(
        r.expression(route.limit_of), route.with_respect_to, r.expression(route.to)
    ),
    routes.HoldsWhere: _holds_where,
}


def _worded(finding: Finding, what: str, said: str) -> Found:
    if finding.kind == "proved":
        return Found("proved", f"{what} {finding.derived}")
    if finding.kind == "undecided":
        return Found("undecided", finding.reason, (f"{what} {finding.derived}",) if finding.derived else ())
    lines = (
        [f"where {', '.join(f'{name} = {value}' for name, value in finding.witness.items())}"]
        if finding.witness
        else []
    )
    if finding.values:
        lines += [f"derived: {finding.values[0]}", f"{said}: {finding.values[1]}"]
    return Found("refuted", f"{what} {finding.derived}", tuple(lines))


# --- statements ---


def state(route: routes.Stated, keyed: Keyed, name: str) -> Found:
    """Whether relations hold for all values of their symbols, or for some; and which option that shows."""
    symbols = _symbols(route, keyed)
    always = isinstance(route, routes.Always)
    texts = route.always if isinstance(route, routes.Always) else (route.sometimes,)  # type: ignore[attr-defined]
    read = [read_statement(text, {**keyed.object_symbols(), **symbols}) for text in texts]
    keyed.check_linked(name, [(one.left, one.sign if always else "!=", one.right) for one in read])
    shows = keyed.agrees(name, route.shows, always) if keyed.spec(name).kind == "choice" else None
    kind: Any = deriving.Always if always else deriving.Sometimes
    worst: Found | None = None
    for text, one in zip(texts, read, strict=True):
        statement = kind(keyed.put_in(one.left), one.sign, keyed.put_in(one.right))
        found = _stated(deriving.decide_statement(statement, symbols, keyed.seed_of(route)), text, always)
        if worst is None or _GOOD.index(worst.status) < _GOOD.index(found.status):
            worst = found
        if found.status == "refuted":
            break
    assert worst is not None
    if worst.status in ("proved", "supported") and shows and not shows[0]:
        return Found("refuted", f"{worst.how}, which shows {shows[1]}", worst.witness)
    return worst


def _stated(finding: Finding, text: str, always: bool) -> Found:
    where = ", ".join(f"{name} = {value}" for name, value in (finding.witness or {}).items())
    sides = f"left {finding.values[0]}, right {finding.values[1]}" if finding.values else ""
    lines = tuple(line for line in (f"where {where}" if where else "", sides) if line)
    if finding.agreed:
        return Found("supported", f"{text} wherever it was tried; SymPy does not prove it")
    if finding.kind == "undecided":
        return Found("undecided", f"{text}: {finding.reason}", lines)
    if finding.kind == "refuted":
        return Found("refuted", f"{text} does not hold", lines)
    return Found("proved", f"{text} {'for all values' if always else 'for some values'}", lines)
