"""The types of the worlds in which derivations are checked: what instructors write under ``world:`` of a field.

A world says which random variables there are, how they are distributed, and what else the lines may mention. It names
no numbers: every instance draws its own.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from grader.scalars import Digits, Name

Count = Annotated[int, Digits, Field(ge=1, le=6)]
Formula = Annotated[str, Field(min_length=1)]


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class WorldVariable(_Typed):
    """A random variable.

    Its sample space is finite, with a number of values from ``sizes``, unless ``values`` names the count of its values
    (it is then also an index, from 1), or ``point`` names the dimension of a continuous vector, at some points of which
    densities are evaluated. ``length`` makes it a sequence ``x_1, …, x_T`` and names its last index; ``first`` is the
    first one, 1 or 0. ``samples`` names the number of its independent draws ``z^{(1)}, …, z^{(k)}``.
    """

    sizes: Annotated[tuple[Count, ...], Field(min_length=1)] | None = None
    values: Name | None = None
    point: Name | None = None
    length: Name | None = None
    first: Annotated[int, Digits, Field(ge=0, le=1)] = 1
    samples: Name | None = None
    latex: str | None = None

    @model_validator(mode="after")
    def _one_space(self) -> WorldVariable:
        given = [name for name in ("sizes", "values", "point") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{given[0]}: and {given[1]}: exclude each other")
        if not self.first and not self.length:
            raise ValueError("first: belongs to a sequence (length:)")
        if self.length and (self.samples or self.values or self.point):
            raise ValueError("a sequence (length:) has a finite sample space and no samples:, values: or point:")
        return self


class WorldQuantity(_Typed):
    """A number, vector or function that every instance draws.

    ``domain`` is that of a symbol. ``over`` names what it depends on: a variable with ``values:`` (then it is a family,
    ``\\mu_y``) or a parameter (then it is an unknown function of it). ``shape`` makes it a vector with as many entries
    as that count says. ``normalised``: its values over that variable add up to 1. ``given_by`` names the field of the
    item in which students give it as a formula. ``aliases`` are further ways to write it.
    """

    domain: str = "real"
    over: Name | None = None
    shape: Annotated[tuple[Name, ...], Field(max_length=1)] = ()
    normalised: bool = False
    given_by: Name | None = None
    latex: str | None = None
    aliases: tuple[str, ...] = ()


class WorldDistribution(_Typed):
    """A distribution, named and with its arguments in ``of``: ``p(x, z)``, ``p_\\theta(y | x)``.

    Every instance draws it at random: as one table, or, with ``factors``, as the product of such conditionals
    (``q(z_t | x_{\\le t}, z_{<t})`` over t). ``is`` gives it by a formula instead. ``zeros`` lets some of its entries
    be zero. ``spellings`` are further names for it.
    """

    of: Formula
    is_: Annotated[Formula | None, Field(alias="is")] = None
    factors: Formula | None = None
    zeros: bool = False
    spellings: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"of": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_way(self) -> WorldDistribution:
        if self.is_ and (self.factors or self.zeros):
            raise ValueError("a distribution given by is: is not drawn, so factors: and zeros: have no meaning")
        return self


class WorldDefinition(_Typed):
    """What a name stands for: ``A``, ``Z(T)``. ``aliases`` are further ways to write it."""

    is_: Annotated[Formula, Field(alias="is")]
    aliases: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        return {"is": data} if isinstance(data, str) else data


class WorldSpec(_Typed):
    """``counts`` are the whole numbers that instances choose from (``T: [2, 3]``); ``parameters`` name families of
    candidates, and how they may be written; ``indices`` says up to which count an index runs that stands free in a
    lemma (``t: T``)."""

    variables: dict[Name, WorldVariable] = {}
    counts: dict[Name, Annotated[tuple[Count, ...], Field(min_length=1)]] = {}
    parameters: dict[Name, tuple[str, ...]] = {}
    quantities: dict[Name, WorldQuantity] = {}
    distributions: Annotated[tuple[WorldDistribution, ...], Field(max_length=8)] = ()
    definitions: dict[str, WorldDefinition] = {}
    indices: dict[Name, Name] = {}
