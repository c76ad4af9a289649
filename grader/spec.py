"""The types of what instructors write in public: assignments, questions, items and fields. Keys are in ``keys``.

One place defines them. ``loading.specs`` builds them from YAML; nothing else constructs them from files. Scalars come
from the YAML reader as the text a person typed, so ``1/15``, ``3.10`` and ``no`` mean here what they say there; numbers
are made of text by these types.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from grader.errors import Where
from grader.scalars import CODE_FILE, ITEM_ID, Digits, Form, Name, Options, Points, affordable
from grader.shorthand import resolve_options, spread_item
from grader.worlds import WorldSpec

Policy = Literal["all-or-nothing", "per-option", "per-option-with-penalty"]


class Typed(BaseModel):
    """Immutable; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Placed(Typed):
    """What the loader tells the place of."""

    _where: Where = PrivateAttr(default=Where(Path("key")))

    @property
    def where(self) -> Where:
        return self._where

    def placed(self, where: Where) -> Self:
        """A copy that knows where it stands."""
        copy = self.model_copy()
        copy._where = where
        return copy


class Symbol(Typed):
    """A name that formulas of an item may use.

    ``domain`` says which values it takes (see ``math.domains``). ``arity`` > 0 makes it an unknown function of that
    many real arguments whose values lie in ``domain``; ``family`` makes it a sequence indexed by an integer (``k_i``).
    ``shape`` makes it, or each element of the family, a column vector (one size) or a matrix (two sizes) with entries
    in ``domain``; a size is a number or a declared positive integer. ``below`` and ``up_to`` name another symbol that
    it is always less than, or at most. ``latex`` is how it is typeset, ``aliases`` are further ways to write it, in
    either notation.
    """

    domain: str = "real"
    arity: Annotated[int, Digits, Field(ge=0, le=8)] = 0
    family: bool = False
    shape: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    below: str | None = None
    up_to: str | None = None
    latex: str | None = None
    aliases: tuple[str, ...] = ()


class Spec(Typed):
    """What the fields of every kind have in common."""

    kind: str
    name: Name = "answer"
    points: Points
    prompt: str | None = None
    symbols: dict[str, Symbol] = {}

    @property
    def worth(self) -> float:
        return self.points


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


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


class FormulaField(Spec):
    """A field whose response may have to be written in a certain way: by rule, what breaking it costs."""

    form: Form = {}

    @field_validator("form")
    @classmethod
    def _affordable(cls, form: Form, info: ValidationInfo) -> Form:
        return affordable(form, info.data.get("points"))


class NumericField(FormulaField):
    kind: Literal["numeric"]


class SymbolicField(FormulaField):
    kind: Literal["symbolic"]


class RegionField(Spec):
    """A set of values of ``variable``, which must be one of the item's symbols (the only one, unless said)."""

    kind: Literal["region"]
    variable: str | None = None


class ConstructField(FormulaField):
    """An object with a property that the key states. ``arguments`` are the symbols it is a function of (``mu_2`` of
    ``x_1``). ``shape`` says that it is a vector or matrix, as for a symbol; a size that is no symbol of the item is
    whatever the response has. ``uses`` names the symbols it may depend on, where these are not all."""

    kind: Literal["construct"]
    arguments: tuple[str, ...] = ()
    shape: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    uses: tuple[str, ...] | None = None


class DerivationField(Spec):
    """A chain of lines that shows ``claim`` (any one of them) in ``world``; without a world a human marks it.

    ``proportional`` names the variables over which ∝ is meant, and on which what a student calls a constant does not
    depend.
    """

    kind: Literal["derivation"]
    world: WorldSpec | None = None
    claim: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    proportional: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _both(self) -> DerivationField:
        if (self.world is None) != (not self.claim):
            raise ValueError("world: and claim: belong together: one of them is missing")
        return self


class TextField(Spec):
    kind: Literal["text"]


class CodeField(Spec):
    """``function`` in the file ``file``.

    ``checks`` are the public tests, each with its points; the key has the hidden ones. ``model`` names the language
    model that students worked with.
    """

    kind: Literal["code"]
    file: Annotated[str, Field(pattern=CODE_FILE)]
    function: Name
    model: str = "tiny"
    checks: dict[str, Points] = {}


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


class Item(Typed):
    """The graded unit. ``answer:`` in YAML is short for one field of that name worth all the points."""

    id: Annotated[str, Field(pattern=ITEM_ID)]
    points: Points
    prompt: Annotated[str, Field(min_length=1)]
    fields: Annotated[tuple[AnyField, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, data: Any) -> Any:
        return spread_item(data) if isinstance(data, dict) else data

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
        return resolve_options(data)


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
