"""The public files of an assignment: its head and its questions, with every fault in any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from grader.derivation.building import Misbuilt
from grader.derivation.task import build_task
from grader.errors import Fault, SpecError, Unreadable, Where
from grader.harness.checks.table import CHECKS
from grader.loading.specs.documents import read_document, typed
from grader.loading.specs.unfilled import cut_off, gaps, unfilled
from grader.loading.yaml import Document
from grader.math.domains import domain
from grader.math.lexer import tokenize
from grader.math.names import SPELLINGS
from grader.math.tree import FUNCTIONS
from grader.scalars import nearest
from grader.shorthand import resolve_options
from grader.spec import (
    Assignment,
    AssignmentHead,
    CodeField,
    ConstructField,
    DerivationField,
    Item,
    Question,
    RegionField,
    SelectField,
    Spec,
    Symbol,
)

HEAD = "assignment.yaml"
MISSING = "there is no such file"
TAKEN = frozenset({*FUNCTIONS, *SPELLINGS, "sum", "prod", "pi", "e", "infinity"})


@dataclass(frozen=True, slots=True)
class Problems:
    """One folder under ``problems/``.

    ``assignment`` is there if nothing is wrong with it; ``names`` are those of its questions, ``questions`` those that
    could be read, ``damaged`` what could be read of others, so that their keys are looked at too. ``faults`` are all
    that were found in any of its files, ``gaps`` what is still to be filled in, which keeps nothing from being loaded.
    """

    folder: str
    assignment: Assignment | None
    names: tuple[str, ...]
    questions: tuple[Question, ...]
    faults: tuple[Fault, ...]
    gaps: tuple[Fault, ...] = ()
    damaged: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A question that could be read, and where it was."""

    question: Question
    document: Document


def load_problems(folder: Path) -> Problems:
    """Read every file of an assignment; a fault in one hides none in another."""
    head, document, faults = _load_head(folder)
    names = tuple(dict.fromkeys(head.questions)) if head else _stems(folder)
    read: list[_Read] = []
    damaged: list[Question] = []
    for name in names:
        path = folder / f"{name}.yaml"
        try:
            read.append(_load_question(path, name))
        except SpecError as error:
            faults += error.faults if path.exists() else [Fault(Where(path), "", f"{MISSING}, and {HEAD} lists it")]
            damaged += _whole_items(path, name)
    faults += _doubled(read)
    if head and document:
        faults += _strays(folder, head)
        faults += _wrong_total(head, read, document) if not faults else []
    questions = tuple(found.question for found in read)
    documents = [found for found in (document, *(found.document for found in read)) if found]
    left = [gap for found in documents for gap in (*gaps(found), *cut_off(found))]
    assignment = _settled(folder.name, head, questions) if head and not faults else None
    return Problems(folder.name, assignment, names, questions, tuple(faults), tuple(left), tuple(damaged))


def _load_head(folder: Path) -> tuple[AssignmentHead | None, Document | None, list[Fault]]:
    try:
        document = read_document(folder / HEAD)
        head = typed(AssignmentHead, document)
    except SpecError as error:
        return None, None, list(error.faults)
    return head, document, list(_listed_twice(head, document))


def _stems(folder: Path) -> tuple[str, ...]:
    return tuple(path.stem for path in sorted(folder.glob("*.yaml")) if path.name != HEAD)


def _listed_twice(head: AssignmentHead, document: Document) -> Iterator[Fault]:
    for place, name in enumerate(head.questions):
        first = head.questions.index(name)
        if first < place:
            where, other = (document.where(("questions", index)) for index in (place, first))
            yield Fault(where, "questions", f"{name!r} stands twice: here and in line {other.line}")


def _strays(folder: Path, head: AssignmentHead) -> list[Fault]:
    message = f"is not among the questions of {HEAD} ({', '.join(head.questions)})"
    return [Fault(Where(folder / f"{name}.yaml"), "", message) for name in _stems(folder) if name not in head.questions]


def _doubled(read: list[_Read]) -> list[Fault]:
    """Items whose ids are equal, or differ by case alone: students write them either way."""
    seen: dict[str, tuple[str, Where]] = {}
    faults = []
    for found in read:
        for place, item in enumerate(found.question.items):
            where = found.document.where(("items", place, "id"))
            other, first = seen.setdefault(item.id.casefold(), (item.id, where))
            if first != where:
                named = "" if other == item.id else f" as {other}"
                faults.append(Fault(where, item.id, f"the item stands twice: here and{named} in {first}"))
    return faults


def _wrong_total(head: AssignmentHead, read: list[_Read], document: Document) -> list[Fault]:
    total = sum((Fraction(str(item.points)) for found in read for item in found.question.items), Fraction(0))
    if total == Fraction(str(head.points)):
        return []
    message = f"the items' points add up to {float(total):g}, the assignment says {head.points:g}"
    return [Fault(document.where(("points",)), "points", message)]


def _settled(name: str, head: AssignmentHead, questions: tuple[Question, ...]) -> Assignment:
    """The assignment, with its policy written into the fields that name none."""

    def settled(spec: Spec) -> Spec:
        if isinstance(spec, SelectField) and spec.policy is None:
            return spec.model_copy(update={"policy": head.policies.selection})
        return spec

    def with_policy(question: Question) -> Question:
        items = [item.model_copy(update={"fields": tuple(map(settled, item.fields))}) for item in question.items]
        return question.model_copy(update={"items": tuple(items)})

    return Assignment(id=name, title=head.title, points=head.points, questions=tuple(map(with_policy, questions)))


# --- one question --------------------------------------------------------------------------------------------------


def _load_question(path: Path, name: str) -> _Read:
    document = read_document(path)
    faults: list[Fault] = []
    try:
        question = typed(Question, document)
    except SpecError as error:
        faults += error.faults
    for place, item in _readable_items(document):
        faults += _symbol_faults(item, place, document)
        faults += _undeclared(item, place, document)
        faults += _check_faults(item, place, document)
        faults += _world_faults(item, place, document)
    if faults:
        raise SpecError([*faults, *gaps(document)])
    if question.question != name:
        message = f"the file is {path.name}, so expected question: {name} instead of {question.question}"
        raise SpecError([Fault(document.where(("question",)), "question", message)])
    return _Read(question, document)


def _whole_items(path: Path, name: str) -> list[Question]:
    """A question that has faults, with those of its items that are well typed."""
    try:
        items = tuple(item for _, item in _readable_items(read_document(path)))
    except SpecError:
        return []
    return [Question.model_construct(question=name, title="", items=items)]


def _readable_items(document: Document) -> Iterator[tuple[int, Item]]:
    """The items that are well typed, even if others of the file are not."""
    data = resolve_options(document.data)
    items = data.get("items") if isinstance(data, dict) else None
    for place, raw in enumerate(items if isinstance(items, list) else []):
        try:
            yield place, Item.model_validate(raw)
        except ValidationError:
            continue


def _check_faults(item: Item, place: int, document: Document) -> Iterator[Fault]:
    """Tests of course code that there are not."""
    for spec in item.fields:
        for name in spec.checks if isinstance(spec, CodeField) else ():
            if name not in CHECKS:
                message = f"there is no test {name!r}{nearest(name, CHECKS)}"
                yield Fault(
                    _place_of(spec, ("checks", name), place, document), f"{item.id}.{spec.name}.checks", message
                )


def _world_faults(item: Item, place: int, document: Document) -> Iterator[Fault]:
    """What the types cannot see of the worlds of derivations: formulas that cannot be read, names that are missing."""
    for spec in item.fields:
        if not isinstance(spec, DerivationField) or spec.world is None or unfilled([*spec.claim]):
            continue
        try:
            task = build_task(spec.world, spec.claim, spec.proportional)
            given = [quantity.given_by for quantity in task.world.spec.quantities.values() if quantity.given_by]
            for name in given:
                if item.field(name) is None:
                    names = [field.name for field in item.fields]
                    raise Misbuilt("quantities", f"given_by: there is no field {name!r}{nearest(name, names)}")
        except Misbuilt as error:
            yield Fault(_world_place(spec, place, document, error.place), f"{item.id}.{spec.name}", str(error))


def _world_place(spec: Spec, place: int, document: Document, part: str) -> Where:
    """The line of the part of a world that is at fault, or of the nearest thing around it that has one."""
    words = tuple(int(word) if word.isdigit() else word for word in part.split("."))
    for base in (("fields", spec.name), ("answer",)):
        for path in ((*base, *words), (*base, words[0]), (*base, "world", *words), (*base, "world", words[0])):
            if ("items", place, *path) in document.lines:
                return document.where(("items", place, *path))
        for path in ((*base, "world"), base):
            if ("items", place, *path) in document.lines:
                return document.where(("items", place, *path))
    return document.where(("items", place))


def _symbol_faults(item: Item, place: int, document: Document) -> Iterator[Fault]:
    """What the types cannot see of symbols: names, domains, aliases, and the symbols that they refer to."""
    reported: set[tuple[Where, str]] = set()
    for spec in item.fields:
        for name, symbol in spec.symbols.items():
            where = _place_of(spec, ("symbols", name), place, document)
            if (where, name) in reported:
                continue
            reported.add((where, name))
            for message in _symbol_complaints(name, symbol, spec.symbols):
                yield Fault(where, f"{item.id}.symbols.{name}", message)


def _undeclared(item: Item, place: int, document: Document) -> Iterator[Fault]:
    """Symbols that a field names and nobody declares."""
    for spec in item.fields:
        named: dict[str, tuple[str, ...]] = {}
        if isinstance(spec, ConstructField):
            named = {"arguments": spec.arguments, "uses": spec.uses or ()}
        elif isinstance(spec, RegionField) and spec.variable is not None:
            named = {"variable": (spec.variable,)}
        for word, names in named.items():
            for name in names:
                if name not in spec.symbols and not unfilled(name):
                    how = f"declare it, as in symbols: {{{name}: {{domain: real}}}}"
                    message = f"{name!r} is no symbol of the item{nearest(name, spec.symbols)}; {how}"
                    yield Fault(_place_of(spec, (word,), place, document), f"{item.id}.{spec.name}.{word}", message)


def _place_of(spec: Spec, part: tuple[str, ...], place: int, document: Document) -> Where:
    """Where a part of a field is written: with the field, or else with the item."""
    for loc in (("fields", spec.name), ("answer",), ()):
        path = ("items", place, *loc, *part)
        if path in document.lines:
            return document.where(path)
    return document.where(("items", place))


def _symbol_complaints(name: str, symbol: Symbol, symbols: Mapping[str, Symbol]) -> Iterator[str]:
    if not (name.isascii() and name[:1].isalpha() and name.isidentifier()):
        yield f"{name!r} is no name: expected a letter, then letters, digits or _ (typeset it with latex:, aliases:)"
    if name in TAKEN and not (name == "pi" and symbol.family):  # pi_y may be declared: it has an index, π has none
        yield f"{name!r} has a meaning in every formula; expected another name"
    try:
        domain(symbol.domain)
        for alias in symbol.aliases:
            tokenize(alias)
    except Unreadable as error:
        yield str(error)
    except ZeroDivisionError:
        yield f"{symbol.domain!r} is no domain: an end is divided by zero"
    yield from _order_complaints(name, symbol, symbols)


def _order_complaints(name: str, symbol: Symbol, symbols: Mapping[str, Symbol]) -> Iterator[str]:
    for word, other in (("below", symbol.below), ("up_to", symbol.up_to)):
        if other is not None and other not in symbols:
            yield f"{word}: names {other!r}, which is not declared"
    for size in symbol.shape:
        integer = size in symbols and domain(symbols[size].domain).integer
        if not (size.isdigit() and int(size) > 0) and not integer:
            yield f"shape: expected sizes that are numbers or declared positive integers instead of {size!r}"
    if symbol.shape and symbol.arity:
        yield "expected either shape: or arity:, a function has numbers for values"
    above, passed = symbol.below, [name]
    while above is not None and above in symbols and above not in passed:
        passed.append(above)
        above = symbols[above].below
    if above == name:
        yield f"below: goes in a circle: {' < '.join([*passed, name])}"
