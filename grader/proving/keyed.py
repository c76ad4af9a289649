"""An item with its key as routes speak of it: values, objects, options, and which option a route shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from grader.checkers import choice
from grader.errors import Unreadable
from grader.keys import FieldKey, ItemKey, NumericKey, RegionKey, SymbolicKey, ValueKey
from grader.math.canonical import canonical
from grader.math.equality import compare
from grader.math.properties import Construct, with_objects
from grader.math.reader import read_expression
from grader.math.regions import Condition, read_region
from grader.math.shapes import shape
from grader.math.tree import Expression, Variable, free_names
from grader.routes import Route
from grader.spec import ChoiceField, ConstructField, Item, Question, RegionField, Spec, Symbol

T = TypeVar("T")
_SETTLED_BY = {"region": "; holds_where: or worlds can", "order": "; enumerate: can", "select": ""}
Relation = tuple[Expression, str, Expression]
NUMBERS = ("numeric", "symbolic")
VALUED = (*NUMBERS, "construct")


class Unlinked(Unreadable):
    """A route that does not bear on the key that it is to prove."""


@dataclass(frozen=True)
class Keyed:
    """``folder`` is that of the assignment's keys; ``seed`` is nobody's to foresee without them."""

    assignment: str
    question: Question
    item: Item
    key: ItemKey
    folder: Path
    seed: str
    known: dict[tuple[int, str], Any] = field(default_factory=dict, compare=False)

    def once(self, route: Route, compute: Callable[[], T], of: str = "") -> T:
        """What is computed for a route, once for all of the fields that it is about; or ``of`` one of them."""
        key = id(route), of
        if key not in self.known:
            self.known[key] = route, compute()  # with the route, so that its identity stays its own
        found: T = self.known[key][1]
        return found

    def spec(self, name: str) -> Spec:
        found = self.item.field(name)
        assert found is not None, name
        return found

    def seed_of(self, route: Route) -> str:
        """What seeds the draws of a route: the same wherever in the file it stands."""
        return f"{self.seed}/{self.assignment}/{self.item.id}/prove/{route.model_dump_json(serialize_as_any=True)}"

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """The symbols of all of the item's fields."""
        return {name: symbol for spec in self.item.fields for name, symbol in spec.symbols.items()}

    @cached_property
    def objects(self) -> dict[str, Construct]:
        """What the names of fields stand for in a route: the formulas in their keys."""
        found = {}
        for spec in self.item.fields:
            key = self.key.fields.get(spec.name)
            if spec.kind in VALUED and isinstance(key, ValueKey | NumericKey | SymbolicKey):
                arguments = spec.arguments if isinstance(spec, ConstructField) else ()
                found[spec.name] = Construct(arguments, self.value(spec, key))
        return found

    def object_symbols(self) -> dict[str, Symbol]:
        """The names of fields as symbols; those that the item declares itself keep their meaning."""
        return {
            name: Symbol(arity=len(found.arguments), shape=self.sizes(name))
            for name, found in self.objects.items()
            if name not in self.symbols
        }

    def sizes(self, name: str) -> tuple[str, ...]:
        found = shape(self.objects[name].tree, self.symbols)
        return found[:1] if found and found[1] == "1" else found

    def put_in(self, x: Expression) -> Expression:
        """``x`` with the keys' formulas in place of the fields' names."""
        names = self.object_symbols()
        return with_objects(x, {name: found for name, found in self.objects.items() if name in names})

    def value(self, spec: Spec, key: ValueKey | NumericKey | SymbolicKey) -> Expression:
        own = {"#": Symbol(shape=spec.shape)} if isinstance(spec, ConstructField) and spec.shape else {}
        return read_expression(key.value, {**spec.symbols, **own})

    def region(self, name: str) -> tuple[Condition, str]:
        """The key of a region, and its variable."""
        spec, key = self.spec(name), self.key.fields[name]
        if not isinstance(spec, RegionField) or not isinstance(key, RegionKey):
            raise Unlinked(f"the key of a {spec.kind} is no region")
        variable = spec.variable or next(iter(spec.symbols))
        return read_region(key.value, variable, spec.symbols), variable

    # --- what a route says of the key ---

    def check_linked(self, name: str, relations: Sequence[Relation], described: frozenset[str] = frozenset()) -> None:
        """Raise Unlinked where ``relations`` between formulas, with the names of fields in them, say nothing of a key.

        A number or formula must stand alone on one side of an equality, and not on the other, or other values would do
        as well. The name of a construct must stand in them, or in what they are about (``described`` has its names),
        and not be just any object's.
        """
        kind = self.spec(name).kind
        if any(left == right for left, _, right in relations):
            raise Unlinked("both sides are the same, so that this cannot fail")
        if kind in NUMBERS:
            pinning = [relation for relation in relations if self.pins(name, *relation, alone=len(relations) == 1)]
            if not pinning:
                raise Unlinked(f"this says nothing of the key: expected {name} alone on one side of an equality")
            left, _, right = pinning[0]
            self.check_apart(name, described | ((free_names(left) | free_names(right)) - {name}))
        if kind == "construct":
            self.check_object(name, relations, described)
        if kind not in (*VALUED, "choice", "derivation"):
            raise Unlinked(f"this cannot bear on the key of a {kind}{_SETTLED_BY.get(kind, '')}")

    def check_object(self, name: str, relations: Sequence[Relation], described: frozenset[str]) -> None:
        """Raise Unlinked where a construct is not mentioned, or where any object would do."""
        about = [r for r in relations if name in free_names(r[0]) | free_names(r[2])]
        if name not in described and not about:
            raise Unlinked(f"this says nothing of the key: {name} does not stand in it")
        symbols = {**self.object_symbols(), **self.symbols}
        for left, sign, right in about:
            known = (free_names(left) | free_names(right)) <= symbols.keys()
            if sign == "=" and known and compare(left, right, symbols, "linked").kind == "equal":
                raise Unlinked(f"this holds whatever {name} is")

    def check_apart(self, name: str, names: frozenset[str]) -> None:
        """Raise Unlinked where a route to a number or formula is built on keys: with any key it would arrive there."""
        keys = [other for other in sorted(names & self.object_symbols().keys()) if self.spec(other).kind in NUMBERS]
        if self.spec(name).kind in NUMBERS and keys:
            raise Unlinked(f"this arrives at the key from a key: {keys[0]} stands in it; write what it is instead")

    def pins(self, name: str, left: Expression, sign: str, right: Expression, alone: bool) -> bool:
        """Whether a relation holds for one value of the key alone, as far as its form tells. A claim that is ``alone``
        may have the key's value written out, instead of the field's name."""
        if sign != "=":
            return False
        for side, other in ((left, right), (right, left)):
            if self.names(name) and side == Variable(name):
                return name not in free_names(other)
            if alone and self.is_value(name, side) and not self.is_value(name, other):
                return True
        return False

    def names(self, name: str) -> bool:
        """Whether the field's name stands for its key in formulas."""
        return name in self.object_symbols()

    def named_in(self, name: str, texts: Iterable[str], symbol: bool = False) -> bool:
        """Whether a field's name, or a ``symbol``'s, stands, as a word, in what a route says."""
        word = re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")
        return (symbol or name in self.object_symbols()) and any(word.search(text) for text in texts)

    def is_value(self, name: str, x: Expression) -> bool:
        """Whether ``x`` is the key written out."""
        return canonical(x) == canonical(self.objects[name].tree)

    def agrees(self, name: str, shows: str | None, affirmative: bool) -> tuple[bool, str]:
        """Whether an option that is shown is the key's, and its name. Without ``shows`` it is yes or no (true or
        false). Raises Unlinked."""
        spec, key = self.spec(name), self.key.fields[name]
        if not isinstance(spec, ChoiceField) or not isinstance(key, ValueKey):
            raise Unlinked(f"this cannot bear on the key of a {spec.kind}")
        known = choice.words(spec)
        word = shows or ("yes" if affirmative else "no")
        shown, own = known.get(choice.normal(word)), known.get(choice.normal(key.value))
        if shown is None:
            raise Unlinked(
                f"expected shows: with one of {', '.join(spec.options)}" + (f" instead of {shows!r}" if shows else "")
            )
        if own is None:
            raise Unlinked(f"the key {key.value!r} is none of the options {', '.join(spec.options)}")
        return shown == own, shown


def own_value(key: FieldKey) -> str:
    """The key's value as it was written."""
    return str(getattr(key, "value", ""))
