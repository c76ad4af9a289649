"""How a response of each kind is read: by the very readers of its checker, without a key. One visible table, beside
which stand proofs: they are read line by line, and may speak of other fields."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.checkers import choice, construct, derivation, numeric, order, region, select, symbolic, unfit
from grader.checkers.reading import broken_rules, formula
from grader.checking.found import ProofLine, Stop
from grader.errors import Undecided, Unreadable
from grader.loading.work.sections import shown
from grader.math.dress import undress
from grader.math.plain import region_to_plain, to_plain
from grader.math.printing import to_latex
from grader.math.regions import region_to_latex
from grader.math.tree import Expression
from grader.printing import how_many
from grader.spec import (
    ChoiceField,
    ConstructField,
    DerivationField,
    FormulaField,
    NumericField,
    OrderField,
    RegionField,
    SelectField,
    Spec,
    Symbol,
    SymbolicField,
    TextField,
)
from grader.submission import Response

if TYPE_CHECKING:
    from grader.derivation.chains import Chains
    from grader.derivation.task import Task

Found = dict[str, Any]  # fields of a FieldCheck
MOST_WRITTEN = 2000  # characters of a response that are kept
MOST_READ = 4000  # characters of a reading
RELATIONS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "propto": r"\propto", "iff": r"\iff"}
_NO_ROWS = "no line of this could be read as a formula: a human will read it as prose"
_DROPPED = "not all of {} could be read; this does no harm where the proof is complete without it"
_OTHER_FIELD = "this speaks of what another field asks for, which cannot be read: {}"
_WORDS_BETWEEN = "{} with words between the formulas, for a marker to read"
_NO_STEPS = "a human reads this; its lines are not read by machine"


class Faulty(Exception):
    """The problem's own file is wrong: the fault of whoever wrote the course."""


def read_field(spec: Spec, response: Response, others: Mapping[str, str]) -> Found:
    """What a response comes to, as fields of a FieldCheck; ``others`` are the texts of all fields of the item, of which
    a proof may speak. It is malformed where grading finds it so for a reason of reading; of a proof also where grading
    could do without what cannot be read. Raises Faulty."""
    try:
        if spec.kind != "text" and (trouble := unfit(response)):
            raise trouble
        if isinstance(spec, DerivationField):
            return _derivation(spec, response, others)
        return {"state": "ready", **READERS[spec.kind](spec, response)}
    except Unreadable as error:
        stop = _stop(spec, response, error)
        return {"state": "malformed", "trouble": str(error), "stop": stop, "hint": hint(spec)}


# --- by kind ---


def _choice(spec: ChoiceField, response: Response) -> Found:
    found = choice.read(spec, response)
    said = []
    if found.reason:
        said.append("the words behind the choice are a reason, and not part of it")
    if found.doubtful:
        said.append("they may take the choice back or tie it to a condition: a human will look")
    return {"plain": found.option, "remarks": tuple(said)}


def _select(spec: SelectField, response: Response) -> Found:
    chosen = select.read(spec, response)
    return {"plain": ", ".join(option for option in spec.options if option in chosen) or "none"}


def _order(spec: OrderField, response: Response) -> Found:
    series, remarks = order.read(spec, response)
    size = series.least
    terms = series.expand(size)
    said = f"for {spec.size} = {size}: {', '.join(f'{name}_{index}' for name, index in terms)}"
    return {"plain": said, "remarks": tuple(remarks)}


def _numeric(spec: NumericField, response: Response) -> Found:
    tree, remarks = numeric.read(response)
    return _formula(spec, tree, {}, remarks)


def _symbolic(spec: SymbolicField, response: Response) -> Found:
    _, tree, remarks = symbolic.read(spec, response)
    return _formula(spec, tree, spec.symbols, remarks)


def _construct(spec: ConstructField, response: Response) -> Found:
    tree, remarks = construct.read(spec, response)
    misfit = construct.misfit(spec, tree)
    return _formula(spec, tree, spec.symbols, [*remarks, *([misfit] if misfit else [])])


def _formula(spec: FormulaField, tree: Expression, symbols: Mapping[str, Symbol], remarks: Sequence[str]) -> Found:
    """Also the rules of form that it breaks: the problem tells them, and no key is needed to see it."""
    try:
        broken = tuple(broken_rules(spec, tree).values())
    except Undecided:
        broken = ()
    return {
        "plain": beginning(to_plain(tree, symbols), MOST_READ),
        "latex": beginning(to_latex(tree, symbols), MOST_READ),
        "remarks": (*remarks, *broken),
    }


def _region(spec: RegionField, response: Response) -> Found:
    variable = region.variable_of(spec)
    if variable is None:
        raise Faulty("the problem does not say of which symbol this is a region")
    found = region.read(spec, variable, response)
    return {
        "plain": beginning(region_to_plain(found, spec.symbols), MOST_READ),
        "latex": beginning(region_to_latex(found, spec.symbols), MOST_READ),
    }


def _text(spec: TextField, response: Response) -> Found:
    return {"words": len(response.text.split())}


def _derivation(spec: DerivationField, response: Response, others: Mapping[str, str]) -> Found:
    prose = {"state": "ready", "words": len(response.text.split())}
    if spec.world is None:
        return {**prose, "remarks": (_NO_STEPS,)}
    try:
        task, _ = derivation.read_task(spec, None)
    except Unreadable as error:
        raise Faulty(str(error)) from error
    chains = derivation.read(task, response)
    if not chains.rows:
        return {**prose, "remarks": (_NO_ROWS, hint(spec))}
    lines = tuple(_lines(chains))
    said = (_WORDS_BETWEEN.format(how_many(len(chains.remarks), "place")),) if chains.remarks else ()
    trouble = "; ".join(_troubles(chains, lines, task, others))
    return {
        "state": "malformed" if trouble else "ready",
        "plain": how_many(len(lines), "line"),
        "lines": lines,
        "trouble": trouble,
        "hint": hint(spec) if trouble else "",
        "remarks": said,
    }


def _troubles(chains: Chains, lines: Sequence[ProofLine], task: Task, others: Mapping[str, str]) -> Iterator[str]:
    """Why a proof may come out of grading as malformed: whether it does is a matter of what its other lines show."""
    if unread := sum(bool(line.trouble) for line in lines):
        yield f"{how_many(unread, 'line')} of {len(lines)} cannot be read"
    for text in dict.fromkeys(chains.dropped):
        yield _DROPPED.format(shown(text))
    try:
        derivation.completed(chains.world, task, others)
    except Unreadable as error:
        yield _OTHER_FIELD.format(error)


READERS: dict[str, Callable[[Any, Response], Found]] = {
    "choice": _choice,
    "select": _select,
    "order": _order,
    "numeric": _numeric,
    "symbolic": _symbolic,
    "region": _region,
    "construct": _construct,
    "text": _text,
}


# --- lines of a proof ---


def _lines(chains: Chains) -> list[ProofLine]:
    """Every line; what was dropped as a remark is none."""
    unread = {found.line: found for found in reversed(chains.unread)}
    lines = []
    for row in chains.rows:
        stopped = unread.get(row.number)
        latex = _line_as_latex(chains, row.number)
        written = beginning(row.text, MOST_WRITTEN)
        if stopped is None:
            lines.append(ProofLine(number=row.number, written=written, latex=latex))
        else:
            position = stopped.position if stopped.position is not None and stopped.position <= len(written) else None
            line = ProofLine(number=row.number, written=written, latex=latex, trouble=stopped.reason, position=position)
            lines.append(line)
    return lines


def _line_as_latex(chains: Chains, number: int) -> str:
    """What was read on a line, a relation before each formula that has one; empty where it only gives a name."""
    from grader.derivation.notation.printing import to_latex as line_to_latex

    relations = {step.right: step.relation for step in chains.steps}
    parts: list[str] = []
    for place, line in enumerate(chains.lines):
        if line == number:
            relation = relations.get(place)
            parts += [RELATIONS.get(relation, relation)] if relation else ([";"] if parts else [])
            parts.append(line_to_latex(chains.expressions[place], chains.world, chains.symbols))
    return beginning(" ".join(parts), MOST_READ)


# --- what could not be read ---


def _stop(spec: Spec, response: Response, error: Unreadable) -> Stop | None:
    """The text that was to be read with the place in it, as the checkers dress it down."""
    if error.position is None or spec.kind in ("choice", "select", "derivation"):
        return None
    written = construct.bracketed(spec, response) if isinstance(spec, ConstructField) else response.text
    text = undress(written)
    if not isinstance(spec, RegionField):
        symbols = spec.symbols if isinstance(spec, SymbolicField | ConstructField) else {}
        with contextlib.suppress(Unreadable):  # at a second `=`, say: this is where it stopped
            text = formula(written, symbols)[0]
    if isinstance(spec, ConstructField):
        text = text.removeprefix("the ")
    if error.position > len(text):
        return None
    start = max(0, error.position - MOST_WRITTEN)
    return Stop(text=text[start : error.position + MOST_WRITTEN], position=error.position - start)


def hint(spec: Spec) -> str:
    """What a response of this kind looks like; empty where the reader's own words say so."""
    match spec:
        case NumericField():
            return r"write one number or constant expression, such as 1/15, 0.067, 2^4 or \frac{1}{15}"
        case SymbolicField() | ConstructField() if spec.symbols:
            return (
                f"names that can be used: {', '.join(_called(name, symbol) for name, symbol in spec.symbols.items())}"
            )
        case RegionField():
            name = region.variable_of(spec) or "x"
            return f"write an inequality or an interval, such as {name} < 1, 0 < {name} < 1, (0, 1)"
        case OrderField(elements=elements, size=size):
            first, last = (", ".join(f"{name}_{index}" for name in elements) for index in (1, size))
            return f"write a sequence, such as {first}, ..., {last} (in an order of your own)"
        case DerivationField():
            return r"write one step a line, in \begin{aligned} … \end{aligned} or with \\ between the lines"
    return ""


def _called(name: str, symbol: Symbol) -> str:
    """A function with as many blanks as it has arguments, ``p_XY(·, ·)``; of a sequence, ``k_i``."""
    if symbol.arity:
        return f"{name}({', '.join('.' * symbol.arity)})"
    return f"{name}_i" if symbol.family else name


def beginning(text: str, most: int) -> str:
    """The text, cut where it is longer, with a sign that it is."""
    return text if len(text) <= most else f"{text[:most]}…"
