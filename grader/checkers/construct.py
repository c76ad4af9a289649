"""``construct``: objects that must have a property together. They are judged by what they do, not by their looks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.checkers.reading import at_fault, check_form_of_key, formula, in_form, malformed, undecided
from grader.errors import Undecided, Unreadable
from grader.keys import FieldKey, Property, Relation, ValueKey
from grader.math.canonical import canonical
from grader.math.decide import decide
from grader.math.printing import to_latex
from grader.math.properties import (
    Construct,
    Finding,
    Statement,
    always,
    read_statement,
    sometimes,
    with_objects,
    without_value,
)
from grader.math.reader import read_expression
from grader.math.shapes import Shape, described, shape
from grader.math.tree import Apply, Expression, Matrix, Number, Power, Variable, free_names, substitute, walk
from grader.result import Outcome, correct, incorrect, waiting
from grader.spec import ConstructField, Symbol
from grader.submission import Response


@dataclass(frozen=True, slots=True)
class _Read:
    """An object as it was read; ``verdict`` where nothing more needs to be asked."""

    tree: Expression | None
    verdict: Outcome | None = None
    remarks: list[str] = field(default_factory=list)
    read_as: str | None = None


def check_together(
    prop: Property,
    fields: Mapping[str, ConstructField],
    keys: Mapping[str, FieldKey],
    responses: Mapping[str, Response],
) -> dict[str, Outcome]:
    """Outcomes of the fields that have a response. ``fields`` and ``keys`` have all that ``prop`` is about."""
    return _Group(prop, fields, keys).outcomes(responses)


def same_object(spec: ConstructField, seed: str, response: Response, other: Response) -> bool:
    """Whether two responses are the same object. False where one of them cannot be read."""
    try:
        texts = [formula(bracketed(spec, written), spec.symbols)[0] for written in (response, other)]
        first, second = (read_expression(text, _with_size(spec)) for text in texts)
    except Unreadable:
        return False
    return decide(first, second, spec.symbols, f"{seed}/{texts}").kind == "equal"


def read(spec: ConstructField, response: Response) -> tuple[Expression, list[str]]:
    """The object as it was written, and remarks on what was dropped around it. Raises Unreadable."""
    text, remarks = formula(bracketed(spec, response), spec.symbols)
    return read_expression(text.removeprefix("the "), _with_size(spec)), remarks


def misfit(spec: ConstructField, tree: Expression) -> str:
    """Why this can be no such object, in a sentence; empty where it may be one. The problem says so, not the key."""
    allowed = spec.uses if spec.uses is not None else tuple(spec.symbols)
    foreign = sorted(free_names(tree) - set(allowed))
    if foreign:
        return f"This must not depend on {_listed(foreign)}."
    found = shape(_as_column(tree, spec), spec.symbols)
    if not _fits(spec.shape, found, spec.symbols):
        expected = described((*spec.shape, "1")[:2]) if spec.shape else "a number"
        return f"This is {described(found)}; expected is {expected}."
    return ""


class _Group:
    """The objects of one property: their fields, their keys, and the sizes that responses give them."""

    def __init__(self, prop: Property, fields: Mapping[str, ConstructField], keys: Mapping[str, FieldKey]) -> None:
        self.prop, self.fields, self.keys = prop, fields, keys
        first = next(iter(fields.values()))
        self.symbols: dict[str, Symbol] = dict(first.symbols)
        self.anchor, self.key = first, keys[first.name]

    def outcomes(self, responses: Mapping[str, Response]) -> dict[str, Outcome]:
        theirs = {name: self.read(self.fields[name], response) for name, response in responses.items()}
        whole = {name: read.tree for name, read in theirs.items() if read.verdict is None and read.tree is not None}
        found = {name: read.verdict for name, read in theirs.items() if read.verdict is not None}
        if len(whole) == len(self.fields):
            together = self.finding(whole)
            if together[0].kind == "fails" and self.prop.apart and len(whole) > 1:
                return {name: self.alone(name, tree, theirs) for name, tree in whole.items()}
            return {name: self.worded(name, theirs[name], *together) for name in whole}
        for name, tree in whole.items():
            found[name] = self.alone(name, tree, theirs) if self.prop.apart else self.incomplete(name, theirs)
        return found

    def alone(self, name: str, tree: Expression, theirs: Mapping[str, _Read]) -> Outcome:
        """One object with the key's others."""
        return self.worded(name, theirs[name], *self.finding({**self.own(), name: tree}))

    def incomplete(self, name: str, theirs: Mapping[str, _Read]) -> Outcome:
        wrong = [other for other, read in theirs.items() if read.verdict and read.verdict.status == "incorrect"]
        read_as = theirs[name].read_as
        if wrong:
            said = f"This is judged together with {_listed(wrong)}, which is not right."
            return incorrect(read_as=read_as).saying(said)
        others = [other for other in self.fields if other != name and (other not in theirs or theirs[other].verdict)]
        said = (
            f"This is judged together with {_listed(others)}, which is missing or could not be read: a human must look."
        )
        outcome = waiting("review", self.fields[name].worth, said)
        return outcome.model_copy(update={"read_as": read_as})

    def own(self) -> dict[str, Expression]:
        """The key's objects."""
        found: dict[str, Expression] = {}
        for name, spec in self.fields.items():
            key = self.keys[name]
            assert isinstance(key, ValueKey)
            read = self.read(spec, Response(text=key.value))
            if read.tree is None or read.verdict is not None:
                reason = " ".join(said.text for said in read.verdict.feedback) if read.verdict else ""
                raise at_fault(spec, key, f"the key is no such object: {reason}")
            check_form_of_key(spec, key, read.tree)
            found[name] = read.tree
        return found

    # --- reading ---

    def read(self, spec: ConstructField, response: Response) -> _Read:
        try:
            written = bracketed(spec, response)
            tree, remarks = read(spec, response)
        except Unreadable as error:
            return _Read(None, malformed(spec, error))
        read_as = to_latex(tree, spec.symbols)
        tree = _as_column(tree, spec)
        if (other := _other_index(spec, tree)) is not None:
            argument = spec.arguments[0]
            if not re.match(rf"\s*\$?\s*\\?\w+_\{{?{other}\}}?\s*=", written):
                doubt = f"it depends on {other} and not on {argument}; is {other} meant to be {argument}?"
                return _Read(tree, undecided(spec, doubt, read_as), remarks, read_as)
            tree = substitute(tree, other, Variable(argument))
            remarks = [*remarks, f"{other} was taken for {argument}."]
        wrong = misfit(spec, tree)
        if wrong:
            return _Read(tree, incorrect(read_as=read_as).saying(wrong, *remarks), remarks, read_as)
        missing = self.without_value(spec, tree)
        return _Read(tree, missing and missing.model_copy(update={"read_as": read_as}), remarks, read_as)

    def without_value(self, spec: ConstructField, tree: Expression) -> Outcome | None:
        """Without a value on a part of the domain it is wrong; but roots of odd degree may be meant to have one."""
        nowhere = without_value(tree, spec.symbols, f"{self.key.seed}/{spec.name}")
        if nowhere is None:
            return None
        if any(_is_odd_root(node) for node in walk(tree)):
            return undecided(spec, f"a root of odd degree of a negative number is not evaluated{_where(nowhere)}")
        return incorrect().saying(f"This has no value{_where(nowhere)}.")

    # --- judging ---

    def finding(self, objects: Mapping[str, Expression]) -> tuple[Finding, Relation | None]:
        """What the property comes to for these objects, and the relation that decided."""
        sizes = self.sizes(objects)
        if isinstance(sizes, str):
            return Finding("fails", "", sizes), None
        try:
            decided = self.decided(objects, sizes)
            if decided[0].kind == "fails" and self.any_of(self.prop.review, objects, sizes)[0].kind == "holds":
                return Finding("open", "", "this is not the property asked for, but may do as well"), decided[1]
        except Undecided as error:
            return Finding("open", "", str(error)), None
        return decided

    def decided(self, objects: Mapping[str, Expression], sizes: Mapping[str, int]) -> tuple[Finding, Relation | None]:
        doubt: tuple[Finding, Relation | None] | None = None
        for relation in self.prop.always:
            statement, over = self.statement(relation, objects, sizes)
            within = Fraction(str(relation.within)) if relation.within else None
            found = always(statement, over, within, self.declared(sizes), self.seed(relation, objects))
            if found.kind == "fails":
                return found, relation
            doubt = doubt or ((found, relation) if found.kind == "open" else None)
        if self.prop.sometimes and doubt is None:
            return self.any_of(self.prop.sometimes, objects, sizes)
        return doubt or (Finding("holds", "sampled"), None)

    def any_of(
        self, relations: Sequence[Relation], objects: Mapping[str, Expression], sizes: Mapping[str, int]
    ) -> tuple[Finding, Relation | None]:
        doubt: tuple[Finding, Relation | None] | None = None
        for relation in relations:
            statement, over = self.statement(relation, objects, sizes)
            found = sometimes(statement, over, self.declared(sizes), self.seed(relation, objects))
            if found.kind == "holds":
                return found, relation
            doubt = doubt or ((found, relation) if found.kind == "open" else None)
        return doubt or (Finding("fails", "exact", "none of the differences asked for is there"), None)

    def seed(self, relation: Relation, objects: Mapping[str, Expression]) -> str:
        return f"{self.key.seed}/{relation.relation}/{sorted((name, repr(tree)) for name, tree in objects.items())}"

    def statement(
        self, relation: Relation, objects: Mapping[str, Expression], sizes: Mapping[str, int]
    ) -> tuple[Statement, dict[str, int]]:
        """A relation of the key with the objects and sizes put in, and its indices with their last values."""
        names = {spec.name: _as_symbol(spec) for spec in self.fields.values()}
        places = dict.fromkeys((*relation.over, *sizes), Symbol(domain="positive integer"))
        symbols = {**self.symbols, **self.prop.symbols, **names, **places}
        try:
            read = read_statement(relation.relation, symbols)
        except Unreadable as error:
            raise at_fault(
                self.anchor, self.key, f"the property {relation.relation!r} cannot be read: {error}"
            ) from error
        constructs = {name: Construct(self.fields[name].arguments, tree) for name, tree in objects.items()}
        sides = []
        for side in (read.left, read.right):
            side = with_objects(side, constructs)
            for name, size in sizes.items():
                side = substitute(side, name, Number(Fraction(size)))
            sides.append(side)
        unknown = [size for size in relation.over.values() if not size.isdigit() and size not in sizes]
        if unknown:
            raise at_fault(self.anchor, self.key, f"the property runs to {_listed(unknown)}, which is no size here")
        over = {name: int(size) if size.isdigit() else sizes[size] for name, size in relation.over.items()}
        return Statement(sides[0], read.sign, sides[1]), over

    def declared(self, sizes: Mapping[str, int]) -> dict[str, Symbol]:
        return {**self.symbols, **self.prop.symbols}

    def sizes(self, objects: Mapping[str, Expression]) -> dict[str, int] | str:
        """The sizes that the objects themselves give; or a sentence where two of them differ."""
        found: dict[str, int] = {}
        for name, tree in objects.items():
            for size, given in zip(self.fields[name].shape, shape(tree, self.symbols), strict=False):
                if size.isdigit() or size in self.symbols or not given.isdigit():
                    continue
                if found.setdefault(size, int(given)) != int(given):
                    return f"{_listed(list(objects))} do not fit together: {found[size]} and {given} entries"
        return found

    # --- wording ---

    def worded(self, name: str, read: _Read, found: Finding, relation: Relation | None) -> Outcome:
        worth = self.fields[name].worth
        evidence = {"property": relation.relation} if relation else {}
        evidence |= {"rung": found.rung} if found.rung else {}
        if found.witness is not None:
            evidence |= {"witness": dict(found.witness)}  # type: ignore[dict-item]
        if found.values is not None:
            evidence |= {"values": {"left": found.values[0], "right": found.values[1]}}  # type: ignore[dict-item]
        if found.kind == "holds" and read.tree is not None:
            right = correct(worth, read_as=read.read_as, evidence=evidence).saying(*read.remarks)
            return in_form(self.fields[name], read.tree, right)
        if found.kind == "open":
            outcome = undecided(self.fields[name], found.reason, read.read_as)
            return outcome.model_copy(update={"evidence": {**outcome.evidence, **evidence}}).saying(*read.remarks)
        said = (relation.say if relation else None) or self.prop.say
        if not found.rung and found.reason:
            said = f"This is not what was asked for: {found.reason}."
        said = said or f"This does not have the property asked for{_where(found.witness)}."
        return incorrect(read_as=read.read_as, evidence=evidence).saying(said, *read.remarks)


def _with_size(spec: ConstructField) -> dict[str, Symbol]:
    """The item's symbols, and the size of the object under a name that nobody can write: it is that of a bare ``I``."""
    return {**spec.symbols, "#": Symbol(shape=spec.shape)} if spec.shape else dict(spec.symbols)


def _as_symbol(spec: ConstructField) -> Symbol:
    return Symbol(arity=len(spec.arguments), shape=spec.shape)


def bracketed(spec: ConstructField, response: Response) -> str:
    """The text of a response; a vector's entries may stand there without brackets, or as a list in YAML."""
    if not spec.shape:
        return response.text
    if response.parts is not None:
        return f"[{', '.join(response.parts)}]"
    depth = 0
    for char in response.text:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and not depth and "=" not in response.text:
            return f"({response.text})"
    return response.text


def _as_column(x: Expression, spec: ConstructField) -> Expression:
    """A vector that was written as a row."""
    if len(spec.shape) != 1 or shape(x, spec.symbols)[:1] != ("1",):
        return x
    return Matrix(tuple((entry,) for entry in x.rows[0])) if isinstance(x, Matrix) else Apply("transpose", (x,))


def _other_index(spec: ConstructField, tree: Expression) -> str | None:
    """An index of the same kind that is used in place of the argument: w_i is called so where w_y was asked for."""
    if len(spec.arguments) != 1 or spec.symbols[spec.arguments[0]].up_to is None:
        return None
    argument = spec.symbols[spec.arguments[0]]
    names = free_names(tree)
    others = [name for name in names if name in spec.symbols and spec.symbols[name] == argument]
    return others[0] if len(others) == 1 and others[0] != spec.arguments[0] else None


def _is_odd_root(x: Expression) -> bool:
    """Whether this is a power such as 1/3, also as ``\\sqrt[3]{…}`` is read."""
    if not isinstance(x, Power) or free_names(x.exponent):
        return False
    exponent = canonical(x.exponent)
    return isinstance(exponent, Number) and exponent.value.denominator > 1 and exponent.value.denominator % 2 == 1


def _fits(expected: Sequence[str], found: Shape, symbols: Mapping[str, Symbol]) -> bool:
    """Whether a shape is the one declared; a size that is no symbol may be any number above one."""
    wanted = (*expected, "1")[:2] if expected else ()
    if len(wanted) != len(found):
        return False
    return all(
        a == b or (not a.isdigit() and a not in symbols and b.isdigit()) for a, b in zip(wanted, found, strict=True)
    )


def _where(point: Mapping[str, str] | None) -> str:
    if not point:
        return ""
    return ", for instance where " + ", ".join(f"{name} = {value}" for name, value in list(point.items())[:4])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
