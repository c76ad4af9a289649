"""The types of what instructors write: assignments, questions, items, fields (public) and keys (private).

One place defines them. ``loading.course`` builds them from YAML; nothing else constructs them from files. Scalars come
from the YAML reader as the text a person typed, so ``1/15``, ``3.10`` and ``no`` mean here what they say there; numbers
are made of text by these types.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from grader.errors import Where
from grader.result import Status

YES_NO = ("yes", "no")
TRUE_FALSE = ("true", "false")
PRESETS = {"yes/no": YES_NO, "true/false": TRUE_FALSE}

Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Policy = Literal["all-or-nothing", "per-option", "per-option-with-penalty"]


def _options(value: object) -> object:
    """Accept ``yes/no``, a list of names, or a mapping from name to other words for it."""
    if isinstance(value, str):
        if value not in PRESETS:
            raise ValueError(f"{value!r} names no set of options; expected yes/no, true/false, a list, or a named set")
        value = PRESETS[value]
    if isinstance(value, list | tuple):
        return dict.fromkeys(value, ())
    if isinstance(value, dict):
        return {name: words or () for name, words in value.items()}
    return value


Options = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_options), Field(min_length=2)]


class Typed(BaseModel):
    """Immutable; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Symbol(Typed):
    """A name that formulas of an item may use.

    ``domain`` says which values it takes (see ``math.domains``). ``arity`` > 0 makes it an unknown function of that
    many real arguments whose values lie in ``domain``; ``family`` makes it a sequence indexed by an integer (``k_i``).
    ``below`` names another symbol that it is always less than. ``latex`` is how it is typeset, ``aliases`` are further
    ways to write it, in either notation.
    """

    domain: str = "real"
    arity: Annotated[int, Field(ge=0, le=8)] = 0
    family: bool = False
    below: str | None = None
    latex: str | None = None
    aliases: tuple[str, ...] = ()


class Spec(Typed):
    """What the fields of every kind have in common."""

    kind: str
    name: Name = "answer"
    points: Points | None = None
    prompt: str | None = None
    symbols: dict[str, Symbol] = {}

    @property
    def worth(self) -> float:
        """Points; known once the item that holds the field was read."""
        assert self.points is not None
        return self.points


class ChoiceField(Spec):
    kind: Literal["choice"]
    options: Options


class SelectField(Spec):
    kind: Literal["select"]
    options: Options
    policy: Policy | None = None


class OrderField(Spec):
    """A sequence of ``elements``, each with an index that may depend on ``size`` (``x_1, …, x_T``)."""

    kind: Literal["order"]
    elements: Annotated[tuple[str, ...], Field(min_length=1)]
    size: str


class NumericField(Spec):
    kind: Literal["numeric"]


class SymbolicField(Spec):
    kind: Literal["symbolic"]


class RegionField(Spec):
    """A set of values of ``variable``, which must be one of the item's symbols (the only one, unless said)."""

    kind: Literal["region"]
    variable: str | None = None


class ConstructField(Spec):
    kind: Literal["construct"]


class DerivationField(Spec):
    kind: Literal["derivation"]


class TextField(Spec):
    kind: Literal["text"]


class CodeField(Spec):
    """``function`` in the file ``file``."""

    kind: Literal["code"]
    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+\.py$")]
    function: Name


AnyField = Annotated[
    ChoiceField
    | SelectField
    | OrderField
    | NumericField
    | SymbolicField
    | RegionField
    | ConstructField
    | DerivationField
    | TextField
    | CodeField,
    Field(discriminator="kind"),
]
KINDS = ("choice", "select", "order", "numeric", "symbolic", "region", "construct", "derivation", "text", "code")
FORMULA_KINDS = frozenset({"numeric", "symbolic", "region", "construct"})
RESERVED = frozenset({"prove", "mistakes", "tests", "score", "status", "pending", "field"})


class Item(Typed):
    """The graded unit. ``answer:`` in YAML is short for one field of that name worth all the points."""

    id: str
    points: Points
    prompt: Annotated[str, Field(min_length=1)]
    fields: tuple[AnyField, ...]

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, data: Any) -> Any:
        return _spread_item(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _points_add_up(self) -> Item:
        total = sum((Fraction(str(f.worth)) for f in self.fields), Fraction(0))
        if total != Fraction(str(self.points)):
            raise ValueError(f"the fields' points add up to {float(total):g}, the item has {self.points:g}")
        return self

    def field(self, name: str) -> Spec | None:
        return next((f for f in self.fields if f.name == name), None)

    @property
    def main(self) -> Spec | None:
        """The field that a bare response answers: ``answer``, else the only one that is not prose."""
        unnamed = self.field("answer")
        others = [f for f in self.fields if f.kind != "text"]
        return unnamed or (others[0] if len(others) == 1 else None)


def _spread_item(data: dict[str, Any]) -> dict[str, Any]:
    """Write ``answer:`` out as a field, and give fields their names, default points and the item's symbols."""
    data = dict(data)
    if ("answer" in data) == ("fields" in data):
        raise ValueError("expected either answer: (one field) or fields: (several)")
    fields = {"answer": data.pop("answer")} if "answer" in data else data["fields"]
    symbols = data.pop("symbols", None) or {}
    if not isinstance(fields, dict) or not isinstance(symbols, dict):
        raise ValueError("fields: and symbols: are mappings from a name to its description")
    taken = RESERVED & fields.keys()
    if taken:
        raise ValueError(f"a field cannot be called {sorted(taken)[0]!r}: keys use that word")
    points = {"points": data.get("points")} if len(fields) == 1 else {}
    data["fields"] = [
        {**points, **field, "name": name, "symbols": {**symbols, **(field.get("symbols") or {})}}
        if isinstance(field, dict)
        else field
        for name, field in fields.items()
    ]
    return data


class Question(Typed):
    """A question: one file under ``problems/<assignment>/``. ``options`` names sets of options that its items share."""

    question: str
    title: str
    options: dict[str, Options] = {}
    items: Annotated[tuple[Item, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _name_sets(cls, data: Any) -> Any:
        """Put the named sets of options where the fields name them."""
        if not isinstance(data, dict) or not isinstance(data.get("options"), dict):
            return data
        return _resolve_options(data, data["options"])


def _resolve_options(node: Any, named: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolve_options(child, named) for child in node]
    if not isinstance(node, dict):
        return node
    out = {key: _resolve_options(child, named) for key, child in node.items()}
    if isinstance(node.get("options"), str) and node["options"] in named:
        out["options"] = named[node["options"]]
    return out


class Policies(Typed):
    """What holds in an assignment unless a field says otherwise."""

    selection: Policy = "all-or-nothing"


class AssignmentHead(Typed):
    """``problems/<assignment>/assignment.yaml``: title, total points, the order of questions, policies."""

    title: str
    points: Points
    questions: Annotated[tuple[str, ...], Field(min_length=1)]
    policies: Policies = Policies()


class Assignment(Typed):
    """An assignment with all of its questions, in order."""

    id: str
    title: str
    points: float
    questions: tuple[Question, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for question in self.questions for item in question.items)


# --- keys ----------------------------------------------------------------------------------------------------------


class Tolerance(Typed):
    """How far a decimal may lie from the key's value; ``digits`` counts significant digits. Exactly one is given."""

    relative: Annotated[float, Field(gt=0, lt=1)] | None = None
    absolute: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    digits: Annotated[int, Field(ge=1, le=50)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Tolerance:
        if sum(v is not None for v in (self.relative, self.absolute, self.digits)) != 1:
            raise ValueError("expected exactly one of relative, absolute, digits")
        return self


class FieldKey(Typed):
    """What the keys of every kind have in common; the loader says where a key stands and what seeds its draws."""

    _where: Where = PrivateAttr(default=Where(Path("key")))
    _seed: str = PrivateAttr(default="")

    @property
    def where(self) -> Where:
        return self._where

    @property
    def seed(self) -> str:
        """Unforeseeable without ``reference/``: the course's secret with the item and field (DESIGN §7)."""
        return self._seed

    def placed(self, where: Where, seed: str) -> Self:
        """A copy that knows the file it came from and the seed of its draws."""
        copy = self.model_copy()
        copy._where, copy._seed = where, seed
        return copy


class ValueKey(FieldKey):
    """A key that is one text: an option, a formula, a sequence, a chain, a model answer."""

    value: Annotated[str, Field(min_length=1)]


class SelectKey(FieldKey):
    """``must`` holds the options that belong to the answer, ``may`` those that neither help nor hurt."""

    must: tuple[str, ...]
    may: tuple[str, ...] = ()


class NumericKey(FieldKey):
    """``tolerance`` is for responses written as decimals; without one, integers are exact and other keys take 1e-3."""

    value: Annotated[str, Field(min_length=1)]
    tolerance: Literal["exact"] | Tolerance | None = None


class RegionKey(FieldKey):
    value: Annotated[str, Field(min_length=1)]
    endpoints: Literal["exact", "ignore"] = "exact"


class CodeKey(FieldKey):
    """Reference code lives in files of its own; the key of a code field has no value."""


class Mistake(Typed):
    """A known wrong (or half right) response to ``field``: what it earns and what to tell the student."""

    field: str | None = None
    when: str | tuple[str, ...]
    credit: Points | Literal["review"] = 0.0
    say: Annotated[str, Field(min_length=1)]


class MarkingTest(Typed):
    """Responses by field, and what they must come to: the sum of their scores, and the status of the one named."""

    responses: dict[str, str | tuple[str, ...]]
    score: Points | None = None
    status: Status | None = None


class ItemKey(Typed):
    """Key and marking of one item. ``prove`` is the key's second route; it is kept as written."""

    fields: dict[str, FieldKey]
    mistakes: tuple[Mistake, ...] = ()
    tests: tuple[MarkingTest, ...] = ()
    prove: Any = None


KEY_TYPES: dict[str, type[FieldKey]] = {
    "choice": ValueKey,
    "select": SelectKey,
    "order": ValueKey,
    "numeric": NumericKey,
    "symbolic": ValueKey,
    "region": RegionKey,
    "construct": ValueKey,
    "derivation": ValueKey,
    "text": ValueKey,
    "code": CodeKey,
}
