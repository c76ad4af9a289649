"""The types of keys: what instructors write under ``reference/``, private. What is public is in ``spec``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    model_validator,
)

from grader.errors import Fault, Where
from grader.result import Status
from grader.routes import Route, SimulatedNumber
from grader.scalars import Credit, Digits, Ends, Points, Written
from grader.spec import Placed, Symbol, Typed


class Tolerance(Typed):
    """How far a decimal may lie from the key's value. Exactly one is given.

    ``relative`` and ``absolute`` bound the distance. ``digits`` counts significant digits: a decimal may be off by half
    a unit in the last of them, counted from the first digit of the key's value (1/15 to 3 digits: 0.0667 and 0.06667
    are right, 0.067 and 0.0666 are not). ``interval`` has a lower and an upper end and holds both.
    """

    relative: Annotated[float, Digits, Field(gt=0, lt=1)] | None = None
    absolute: Annotated[float, Digits, Field(gt=0, allow_inf_nan=False)] | None = None
    digits: Annotated[int, Digits, Field(ge=1, le=50)] | None = None
    interval: Ends | None = None

    @model_validator(mode="after")
    def _one(self) -> Tolerance:
        if sum(v is not None for v in (self.relative, self.absolute, self.digits, self.interval)) != 1:
            raise ValueError("expected exactly one of relative, absolute, digits, interval")
        return self


def _tolerance(value: object) -> object:
    if value == "exact" or isinstance(value, dict | Tolerance):
        return value
    expected = "exact, or one of {relative: 0.001}, {absolute: 0.01}, {digits: 3}, {interval: [0.06, 0.07]}"
    raise ValueError(f"expected {expected} instead of {value!r}")


AnyTolerance = Annotated[
    Annotated[Literal["exact"], Tag("word")] | Annotated[Tolerance, Tag("mapping")],
    Discriminator(lambda value: "word" if value == "exact" else "mapping"),
    BeforeValidator(_tolerance),
]


class FieldKey(Placed):
    """What the keys of every kind have in common; the loader says whose key this is and what seeds its draws."""

    _seed: str = PrivateAttr(default="")
    _label: str = PrivateAttr(default="")

    @property
    def seed(self) -> str:
        """Unforeseeable without ``reference/``: the course's secret with the item and field (DESIGN §7)."""
        return self._seed

    @property
    def label(self) -> str:
        """Item and field, for messages: ``4d.jacobian``."""
        return self._label

    def placed(self, where: Where, seed: str = "", label: str = "") -> Self:
        """A copy that knows the file it came from, the seed of its draws and whose key it is."""
        copy = super().placed(where)
        copy._seed, copy._label = seed, label
        return copy


class ValueKey(FieldKey):
    """A key that is one text: an option, a formula, a sequence, a chain, a model answer."""

    value: Annotated[str, Field(min_length=1)]


class SelectKey(FieldKey):
    """``must`` holds the options that belong to the answer, ``may`` those that neither help nor hurt."""

    must: tuple[str, ...]
    may: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _apart(self) -> SelectKey:
        for option in self.must:
            if option in self.may:
                raise ValueError(f"{option!r} stands in both must: and may:")
        return self


class NumericKey(FieldKey):
    """``tolerance`` is for responses written as decimals; without one, integers are exact and other keys take 1e-3.

    With ``check: simulation``, responses are judged by drawing instead; ``simulate:``, ``claim:`` and what else
    SimulatedNumber has stand beside ``value``.
    """

    value: Annotated[str, Field(min_length=1)]
    tolerance: AnyTolerance | None = None
    simulation: SimulatedNumber | None = None

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, data: Any) -> Any:
        """What belongs to a simulation, put together."""
        if not isinstance(data, dict) or "check" not in data:
            return data
        if data["check"] != "simulation":
            raise ValueError(f"check: expected simulation instead of {data['check']!r}")
        if "tolerance" in data:
            raise ValueError("tolerance: and check: simulation exclude each other; a simulation has a margin:")
        own = {name: found for name, found in data.items() if name in ("value", "prompt")}
        return own | {"simulation": {name: found for name, found in data.items() if name not in (*own, "check")}}


class SymbolicKey(FieldKey):
    """``domain`` says what becomes of a response that equals the key wherever it has a value, but has none somewhere
    where the key has one. Without it, single points are remarked, and for a part of the domain a human decides."""

    value: Annotated[str, Field(min_length=1)]
    domain: Literal["accept", "remark", "reject"] | None = None


class RegionKey(FieldKey):
    value: Annotated[str, Field(min_length=1)]
    endpoints: Literal["exact", "ignore"] = "exact"


class CodeKey(FieldKey):
    """The hidden tests of a function, each with its points. Reference code lives in files of its own."""

    checks: dict[str, Points] = Field(default_factory=dict)


class MilestoneKey(Typed):
    """What a proof is expected to pass, and what that earns: a line that has one of ``patterns``.

    In a pattern ``any`` stands for one arbitrary part and ``rest`` for further terms or factors. ``hint`` is for the
    student whose chain does not pass it.
    """

    points: Points
    patterns: Annotated[tuple[str, ...], Field(min_length=1)]
    hint: Annotated[str, Field(min_length=1)]


class DerivationKey(FieldKey):
    """A chain that shows the claim, and what the parts of a proof earn.

    ``ends``: steps that hold lead from one end of the claim to the other. ``steps``: every step holds. Without points
    for these or for milestones, the two earn half each. ``leap`` is the greatest number of milestones that a proof may
    pass over and still earn ``steps`` without a human, ``least`` the fewest different steps that can be a proof.
    """

    value: Annotated[str, Field(min_length=1)]
    ends: Points = 0.0
    steps: Points = 0.0
    milestones: tuple[MilestoneKey, ...] = ()
    leap: Annotated[int, Digits, Field(ge=0)] | None = None
    least: Annotated[int, Digits, Field(ge=1)] = 2


class Mistake(Placed):
    """A known wrong (or half right) response to ``field``: what it earns and what to tell the student."""

    field: str | None = None
    when: Written
    credit: Credit = 0.0
    say: Annotated[str, Field(min_length=1)]


class MarkingTest(Placed):
    """Responses by field, and what they must come to: the sum of their scores, and their status together."""

    responses: dict[str, Written]
    score: Points | None = None
    status: Status | None = None

    @model_validator(mode="after")
    def _says_something(self) -> MarkingTest:
        if not self.responses:
            raise ValueError("expected a response: the name of a field, and what was written for it")
        if self.score is None and self.status is None:
            raise ValueError("expected score: or status:, or both")
        return self


class Relation(Placed):
    """A relation between two formulas in the item's symbols and the constructed objects, ``w(y)`` or ``p_i``.

    ``over`` has indices that take every value from 1 to a size. ``within`` lets two numbers that should be equal differ
    by that much. ``say`` is for the student where it does not hold.
    """

    relation: Annotated[str, Field(min_length=1)]
    over: dict[str, str] = Field(default_factory=dict)
    within: Annotated[float, Digits, Field(gt=0, allow_inf_nan=False)] | None = None
    say: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"relation": data} if isinstance(data, str) else data


class Property(Placed):
    """What the objects in the fields ``of`` must do together.

    Every relation of ``always`` holds in all instances, and one of ``sometimes`` (``!=``) in some instance, not on a
    set of measure zero alone. Where that fails, but one of ``review`` (``!=``) holds, a human decides. ``symbols``
    declares further ones. ``apart``: if the objects fail together, each is tried with the key's others.
    """

    of: Annotated[tuple[str, ...], Field(min_length=1)]
    symbols: dict[str, Symbol] = Field(default_factory=dict)
    always: tuple[Relation, ...] = ()
    sometimes: tuple[Relation, ...] = ()
    review: tuple[Relation, ...] = ()
    apart: bool = False
    say: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Property:
        if not self.always and not self.sometimes:
            raise ValueError("expected relations under always: or sometimes:")
        return self


class ItemKey(Placed):
    """Key and marking of one item. ``properties`` are those of its constructs. ``prove`` are the second routes to the
    key; what is wrong with others, in ``misrouted``, keeps nobody from marking by the key."""

    fields: dict[str, FieldKey]
    properties: tuple[Property, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    tests: tuple[MarkingTest, ...] = ()
    prove: tuple[Route, ...] = ()
    misrouted: tuple[Fault, ...] = ()


KEY_TYPES: dict[str, type[FieldKey]] = {
    "choice": ValueKey,
    "select": SelectKey,
    "order": ValueKey,
    "numeric": NumericKey,
    "symbolic": SymbolicKey,
    "region": RegionKey,
    "construct": ValueKey,
    "derivation": DerivationKey,
    "text": ValueKey,
    "code": CodeKey,
}
