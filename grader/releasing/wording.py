"""What a field asks for, in words for students: its kind, the symbols it may use, the rules on its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from grader.harness.checks.table import CHECKS
from grader.scalars import FormRule
from grader.spec import (
    FORMULA_KINDS,
    ChoiceField,
    CodeField,
    ConstructField,
    FormulaField,
    Item,
    OrderField,
    RegionField,
    SelectField,
    Spec,
    Symbol,
)

_POLICIES = {
    "all-or-nothing": "the whole set must be right",
    "per-option": "each option counts",
    "per-option-with-penalty": "each option counts, and wrong ones cost",
}
_FORMS = {
    "no-sum": "no sum left in it",
    "no-product": "no product sign or dots left in it",
    "no-integral": "no integral left in it",
    "no-derivative": "no derivative left in it",
    "single-fraction": "one single fraction",
    "lowest-terms": "in lowest terms",
    "factored": "factored",
    "expanded": "expanded",
    "value": "a value, with no arithmetic left in it",
    "exact": "exact, no decimal",
}
_DOMAINS = {
    "real": "a real number",
    "positive": "a positive number",
    "nonnegative": "a number ≥ 0",
    "negative": "a negative number",
    "nonpositive": "a number ≤ 0",
    "nonzero": "a number other than 0",
    "integer": "an integer",
    "positive integer": "a positive integer",
    "nonnegative integer": "an integer ≥ 0",
}


def points(number: float) -> str:
    """``1 point``, ``2.5 points``."""
    return f"{number:g} point" if number == 1 else f"{number:g} points"


def asked(spec: Spec) -> str:
    """What a response to the field is, in one sentence without a stop; every kind has one."""
    return "; ".join([_KINDS[spec.kind](spec), *_rules(spec)])


def usable(spec: Spec) -> Mapping[str, Symbol]:
    """The symbols that a response may use; empty where it is no formula."""
    if spec.kind not in FORMULA_KINDS or spec.kind == "numeric":
        return {}
    only = spec.uses if isinstance(spec, ConstructField) else None
    return {name: symbol for name, symbol in spec.symbols.items() if only is None or name in only}


def symbols(item: Item) -> list[str]:
    """A line for each symbol that some field of the item may use: how it is typed, and what it is."""
    found: dict[str, Symbol] = {}
    for spec in item.fields:
        found |= usable(spec)
    return [f"{_spellings(name, symbol)}: {_meaning(name, symbol)}" for name, symbol in found.items()]


def tests(spec: CodeField) -> list[str]:
    """A line for each public test with its points, and one for the hidden ones."""
    listed = [f"`{name}` ({points(worth)}) fails on {CHECKS[name].detects}" for name, worth in spec.checks.items()]
    hidden = round(spec.points - sum(spec.checks.values()), 6)
    return [*listed, f"hidden tests: {points(hidden)}"] if hidden > 0 else listed


# --- kinds ---------------------------------------------------------------------------------------------------------


def _choice(spec: ChoiceField) -> str:
    return f"{'one of ' if len(spec.options) > 2 else ''}{_listed(spec.options, 'or')}"


def _select(spec: SelectField) -> str:
    return (
        f"any of {_listed(spec.options, 'and')}, separated by commas; `all` and `none` are understood;"
        f" {_POLICIES[spec.policy or 'all-or-nothing']}"
    )


def _order(spec: OrderField) -> str:
    elements = _listed((f"{name}_i" for name in spec.elements), "and")
    return f"a sequence of {elements}, separated by commas; dots for what continues a pattern up to `{spec.size}`"


def _region(spec: RegionField) -> str:
    name = spec.variable or next(iter(spec.symbols), "x")
    return (
        f"all such values of `{name}`: an inequality (`-5 < {name} <= 9`), an interval (`(-5, 9]`) or a union of them"
    )


def _construct(spec: ConstructField) -> str:
    """Numbers and formulas; vectors and matrices with an example where each entry has to be written."""
    uses = usable(spec)
    if not spec.shape:
        return f"a formula in {_used(spec)}" if uses else "a number"
    what, like = {1: ("a vector", "(a, b, c)"), 2: ("a matrix", "((a, b), (c, d))")}[len(spec.shape)]
    sizes = " × ".join(f"`{size}`" for size in spec.shape)
    choice = ", of your choice" if any(_free(size, spec) for size in spec.shape) else ""
    written_out = all(size.isdigit() or _free(size, spec) for size in spec.shape)
    example = f", such as `{like}`" if written_out else ""
    return f"{what} of size {sizes}{choice}{example}{f'; it may use {_used(spec)}' if uses else ''}"


def _free(size: str, spec: ConstructField) -> bool:
    return not size.isdigit() and size not in spec.symbols


def _symbolic(spec: Spec) -> str:
    return f"a formula in {_used(spec)}" if usable(spec) else "a formula"


def _used(spec: Spec) -> str:
    return _listed((_typed_as(name, symbol) for name, symbol in usable(spec).items()), "and")


def _code(spec: CodeField) -> str:
    return f"the function `{spec.function}` in the file `{spec.file}`"


_KINDS: Mapping[str, Callable[[Any], str]] = {
    "choice": _choice,
    "select": _select,
    "order": _order,
    "numeric": lambda _: "a number: exact (`3/7`, `sqrt(2)`, `2^10 - 1`) or a decimal",
    "symbolic": _symbolic,
    "region": _region,
    "construct": _construct,
    "derivation": lambda _: r"a chain of lines in LaTeX, one step to a line; reasons as `\text{…}`",
    "text": lambda _: "text, which a person reads",
    "code": _code,
}


def _listed(words: Iterable[str], last: str) -> str:
    *first, end = [f"`{word}`" for word in words]
    return f"{', '.join(first)} {last} {end}" if first else end


# --- symbols and rules ---------------------------------------------------------------------------------------------


def _typed_as(name: str, symbol: Symbol) -> str:
    if symbol.arity:
        return f"{name}({', '.join('…' for _ in range(symbol.arity))})"
    return f"{name}_i" if symbol.family else name


def _spellings(name: str, symbol: Symbol) -> str:
    """How it is typed; in LaTeX, and in other ways, where there are."""
    arguments = f"({', '.join('…' for _ in range(symbol.arity))})" if symbol.arity else "_i" if symbol.family else ""
    others = dict.fromkeys((*([symbol.latex] if symbol.latex else []), *symbol.aliases))
    spelled = ", ".join(f"`{other}{arguments}`" for other in others if other != name)
    return f"`{_typed_as(name, symbol)}`" + (f" (or {spelled})" if spelled else "")


def _meaning(name: str, symbol: Symbol) -> str:
    what = _DOMAINS.get(" ".join(symbol.domain.split()), f"a number in {symbol.domain}")
    if symbol.domain.startswith("integer "):
        what = f"an integer in {symbol.domain.removeprefix('integer ')}"
    if symbol.shape:
        sizes = " × ".join(f"`{size}`" for size in symbol.shape)
        entries = "" if symbol.domain == "real" else f", each entry {what}"
        what = f"a {'vector' if len(symbol.shape) == 1 else 'matrix'} of size {sizes}{entries}"
    if symbol.arity:
        what = f"a function of {symbol.arity} {'number' if symbol.arity == 1 else 'numbers'}; its value is {what}"
    if symbol.family:
        what = f"{what}, for every index `i` (`{name}_1`, `{name}_2`, …)"
    bounds = [(symbol.below, "less than"), (symbol.up_to, "at most")]
    return "".join([what, *(f", {word} `{other}`" for other, word in bounds if other)])


def _rules(spec: Spec) -> list[str]:
    """The rules on the form, each with what breaking it costs where that is not all."""
    if not isinstance(spec, FormulaField):
        return []
    return [f"{_rule(name, rule)}{_cost(rule)}" for name, rule in spec.form.items()]


def _rule(name: str, rule: FormRule) -> str:
    if name == "size":
        return f"short: at most {rule.at_most} nodes as an expression tree (`-1/x` has 7)"
    return _FORMS[name]


def _cost(rule: FormRule) -> str:
    return "" if rule.costs == "all" else f" (costs {points(rule.costs)})"
