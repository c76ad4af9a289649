"""Routes that enumerate: what a key says is counted in all small cases, or over all there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq

from grader import routes
from grader.counting.independence import MODELS, dimension, small_cases
from grader.counting.orders import sampling_orders, table_sizes
from grader.counting.words import bits_for
from grader.errors import Unreadable
from grader.harness.growing import gpt2_growth
from grader.keys import ValueKey
from grader.math.reader import read_expression
from grader.math.sequences import read_series
from grader.math.tree import Element, Expression, Number, children, rebuild
from grader.montecarlo.interpreting import prepared, value, whole
from grader.proving.keyed import Keyed, Unlinked
from grader.proving.standing import Found
from grader.scalars import nearest
from grader.spec import ChoiceField, OrderField, Symbol


class NoValue(Unreadable):
    """A formula has no value for some case."""


Case = tuple[tuple[int, ...], int]  # sizes, order


def enumerate_(route: routes.Enumerated, keyed: Keyed, name: str) -> Found:
    """Count, and compare with the key of the field ``name``."""
    return _COUNTERS[type(route.enumerate)](route, route.enumerate, keyed, name)


def is_linked(route: routes.Enumerated) -> bool:
    return route.equals is None


# --- parameters ---


def _cases(model: str, length: int, values: int) -> Iterator[Case]:
    if model not in MODELS:
        raise Unreadable(f"there is no model {model!r}{nearest(model, MODELS)}; expected one of {', '.join(MODELS)}")
    for sizes in small_cases(length, values):
        if model != "chain":
            yield sizes, 0
        for order in range(1, len(sizes)) if model == "chain" else ():
            yield sizes, order


def _at(formula: Expression, count: routes.ParametersOf | routes.ModelWith, case: Case) -> int:
    """The value of a formula in length, numbers of values and order, for one case."""
    sizes, order = case
    m = count.m if isinstance(count, routes.ParametersOf) else None
    constants = {count.n: Number(Fraction(len(sizes)))} | ({m: Number(Fraction(order))} if m else {})
    found = value(_with_sizes(prepared(formula, constants), count.k, sizes))
    if not isinstance(found, fmpq) or found.q != 1:
        raise Unreadable(f"the formula is no whole number for sizes {list(sizes)}")
    return int(found.p)


def _with_sizes(x: Expression, family: str, sizes: tuple[int, ...]) -> Expression:
    if isinstance(x, Element) and x.family == family:
        index = whole(x.index, "an index")
        if not 1 <= index <= len(sizes):
            raise NoValue(f"{family}_{index}, which does not exist")
        return Number(Fraction(sizes[index - 1]))
    return rebuild(x, tuple(_with_sizes(part, family, sizes) for part in children(x)))


def _parameters(route: routes.Enumerated, count: routes.ParametersOf, keyed: Keyed, name: str) -> Found:
    formula = _formula(route, keyed, name)
    tried = 0
    for case in _cases(count.parameters_of, count.length, count.values):
        sizes, order = case
        counted, tried = dimension(count.parameters_of, sizes, order), tried + 1
        try:
            said = str(_at(formula, count, case))
        except NoValue as missing:
            said = f"something with {missing}"
        if said != str(counted):
            where = f"for values {list(sizes)}" + (f" and order {order}" if order else "")
            return Found("refuted", f"{where} there are {counted} parameters", (f"the key says {said}",))
    how = f"dimension of the set of joint distributions, counted in all {tried} cases"
    return Found("supported", f"{how} of at most {count.length} variables with at most {count.values} values")


def _formula(route: routes.Enumerated, keyed: Keyed, name: str) -> Expression:
    if route.equals is not None:
        return read_expression(route.equals, keyed.symbols)
    if name not in keyed.objects:
        raise Unlinked(f"a count cannot bear on the key of a {keyed.spec(name).kind}")
    return keyed.objects[name].tree


def _model_with(route: routes.Enumerated, count: routes.ModelWith, keyed: Keyed, name: str) -> Found:
    """Which option's model has that many parameters in every case; it must be one alone."""
    spec = keyed.spec(name)
    if not isinstance(spec, ChoiceField) or set(count.among) != set(spec.options):
        raise Unlinked("expected among: with a model for each of the field's options")
    formula = read_expression(count.model_with, {**keyed.symbols, **_sized(count)})
    fitting, notes = [], []
    for option, model in count.among.items():
        kind, order = ("chain", 1) if model == "chain" else (model, 0)
        differing = _first_difference(kind, order, formula, count)
        if differing is None:
            fitting.append(option)
        else:
            notes.append(f"{option}: {differing}")
    if len(fitting) != 1:
        return Found("undecided", f"{len(fitting)} options have that many parameters in all cases", tuple(notes))
    agrees, shown = keyed.agrees(name, fitting[0], True)
    how = (
        f"only {shown} has so many in all cases of at most {count.length} variables with at most {count.values} values"
    )
    return Found("supported" if agrees else "refuted", how, tuple(notes))


def _sized(count: routes.ModelWith) -> dict[str, Any]:
    whole_number = "positive integer"
    return {count.n: Symbol(domain=whole_number), count.k: Symbol(domain=whole_number, family=True)}


def _first_difference(model: str, order: int, formula: Expression, count: routes.ModelWith) -> str | None:
    for sizes, _ in _cases("joint" if model == "chain" else model, count.length, count.values):
        counted = dimension(model, sizes, order)
        if counted != (said := _at(formula, count, (sizes, 0))):
            return f"{counted} and not {said} for values {list(sizes)}"
    return None


# --- single numbers ---


def _number(route: routes.Enumerated, keyed: Keyed, name: str, counted: int, how: str) -> Found:
    said = value(prepared(_formula(route, keyed, name), {}))
    if isinstance(said, fmpq) and said == counted:
        return Found("proved", f"{how}: {counted:,}")
    return Found("refuted", f"{how}: {counted:,}", (f"and not {route.equals or 'the value of the key'}",))


def _bits(route: routes.Enumerated, count: routes.BitsFor, keyed: Keyed, name: str) -> Found:
    found = bits_for(count.bits_for)
    return _number(route, keyed, name, found, f"the shortest words that tell {count.bits_for:,} things apart, in bits")


def _growth(route: routes.Enumerated, count: routes.GPT2Growth, keyed: Keyed, name: str) -> Found:
    before, after = count.gpt2_growth
    found = gpt2_growth(before, after, count.tied, count.bias)
    kind = f"{'tied' if count.tied else 'untied'}, {'with' if count.bias else 'without'} output bias"
    how = f"parameters of two GPT-2 modules, {before:,} and {after:,} tokens, {kind}; their difference"
    return _number(route, keyed, name, found, how)


# --- orders ---


@dataclass(frozen=True, slots=True)
class _Orders:
    length: int
    found: list[tuple[str, ...]]


def _sampling(route: routes.Enumerated, count: routes.SamplingOrder, keyed: Keyed, name: str) -> Found:
    orders = [_Orders(length, sampling_orders(count.sampling_order, length)) for length in count.lengths]
    if keyed.spec(name).kind == "choice":
        return _impossible(route, orders, keyed, name)
    spec, key = keyed.spec(name), keyed.key.fields[name]
    if not isinstance(spec, OrderField) or not isinstance(key, ValueKey):
        raise Unlinked(f"an order cannot bear on the key of a {spec.kind}")
    series = read_series(key.value, spec.elements, spec.size)
    if max(count.lengths) < series.least:
        raise Unreadable(f"lengths: with one of at least {series.least}, from which on the key can be written out")
    for one in orders:
        if len(one.found) != 1:
            said = (
                f"there are several orders for length {one.length}" if one.found else f"there is none for {one.length}"
            )
            return Found("undecided", said, tuple(", ".join(order) for order in one.found))
        own = tuple(f"{element}_{index}" for element, index in series.expand(max(one.length, series.least)))
        if one.length >= series.least and own != one.found[0]:
            said = f"for length {one.length} the only order is {', '.join(one.found[0])}"
            return Found("refuted", said, (f"the key says {', '.join(own)}",))
    return Found("proved", f"the only order that follows the arrows, for lengths {_listed(count.lengths)}")


def _impossible(route: routes.Enumerated, orders: list[_Orders], keyed: Keyed, name: str) -> Found:
    agrees, shown = keyed.agrees(name, route.shows, False)
    without = next((one for one in orders if not one.found), None)
    if without is None:
        return Found("undecided", "there is an order that follows the arrows, for every length tried")
    how = f"no order follows the arrows for length {without.length}: they form a cycle"
    return Found("proved" if agrees else "refuted", how if agrees else f"{how}; that shows {shown}")


def _tables(route: routes.Enumerated, count: routes.TablesByOrder, keyed: Keyed, name: str) -> Found:
    agrees, shown = keyed.agrees(name, route.shows, False)
    sizes = table_sizes(count.tables_by_order, count.values)
    least, most = min(sizes, key=lambda order: sizes[order]), max(sizes, key=lambda order: sizes[order])
    if sizes[least] == sizes[most]:
        return Found("undecided", f"every order takes {sizes[least]} parameters")
    how = f"{', '.join(least)} takes {sizes[least]} parameters, {', '.join(most)} takes {sizes[most]}"
    return Found("proved" if agrees else "refuted", how if agrees else f"{how}; that shows {shown}")


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


_COUNTERS: Mapping[type, Callable[[routes.Enumerated, Any, Keyed, str], Found]] = {
    routes.ParametersOf: _parameters,
    routes.ModelWith: _model_with,
    routes.BitsFor: _bits,
    routes.GPT2Growth: _growth,
    routes.SamplingOrder: _sampling,
    routes.TablesByOrder: _tables,
}
