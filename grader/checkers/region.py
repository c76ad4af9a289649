"""``region``: a set of values of one symbol, the same as the key's inside the declared domain."""

from __future__ import annotations

from grader.checkers.reading import at_fault, malformed, of_key, undecided
from grader.errors import Undecided, Unreadable
from grader.keys import RegionKey
from grader.math.domains import domain
from grader.math.dress import undress
from grader.math.regions import Condition, compare_regions, read_region, region_to_latex
from grader.result import Outcome, correct, incorrect
from grader.spec import RegionField
from grader.submission import Response


def check(field: RegionField, key: RegionKey, response: Response) -> Outcome:
    """Exact comparison of sets; the key says whether end points matter."""
    variable = _variable(field, key)
    expected = of_key(lambda: read_region(key.value, variable, field.symbols), field, key)
    try:
        found = read(field, variable, response)
    except Unreadable as error:
        return malformed(field, error)
    read_as = region_to_latex(found, field.symbols)
    try:
        verdict = compare_regions(found, expected, variable, domain(field.symbols[variable].domain))
    except Undecided as error:
        return undecided(field, error, read_as)
    if verdict.equal or (verdict.at_end and key.endpoints == "ignore"):
        return correct(field.worth, read_as=read_as, evidence={"rung": "exact"})
    evidence = {"rung": "exact", "witness": {variable: verdict.witness}}
    holds = "holds" if verdict.in_first else "leaves out"
    only = " That end point is the only difference." if verdict.at_end else ""
    outcome = incorrect(read_as=read_as, evidence=evidence)
    if verdict.in_first:
        return outcome.saying(f"This region holds {variable} = {verdict.witness}, which does not belong to it.{only}")
    return outcome.saying(f"This region {holds} {variable} = {verdict.witness}, which belongs to it.{only}")


def read(field: RegionField, variable: str, response: Response) -> Condition:
    """The set of values of ``variable`` that a response names. Raises Unreadable."""
    return read_region(undress(response.text), variable, field.symbols)


def variable_of(field: RegionField) -> str | None:
    """The symbol that the set is one of values of; None where the problem does not say."""
    if field.variable is None and len(field.symbols) == 1:
        return next(iter(field.symbols))
    return field.variable if field.variable in field.symbols else None


def _variable(field: RegionField, key: RegionKey) -> str:
    variable = variable_of(field)
    if variable is None:
        raise at_fault(field, key, "a region needs one declared symbol, or variable: naming one of them")
    return variable
