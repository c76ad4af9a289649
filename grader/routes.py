"""The types of second routes to a key: what instructors write under ``prove:`` in ``reference/`` (DESIGN §3, §7).

A route arrives at a key by another way than its author did. One word says which (``ROUTES``); the loader fills in whom
the route is about and where it stands. What the routes mean is said here, how they are carried out in ``proving``.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from grader.scalars import ITEM_ID, Digits, Name
from grader.spec import Placed, Symbol, Typed
from grader.worlds import WorldSpec

Formula = Annotated[str, Field(min_length=1)]
Size = Annotated[int, Digits, Field(ge=1, le=6)]
Least3 = Annotated[int, Digits, Field(ge=3, le=6)]  # fewer cases tell too little: of two, any line passes through


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(_listed)]
Formulas = Annotated[tuple[Formula, ...], BeforeValidator(_listed)]


class Route(Placed):
    """``of`` names the fields whose keys it proves. ``note`` is a remark of the author's that reports repeat."""

    word: ClassVar[str]
    of: Names = ()
    note: str | None = None


class Reason(Route):
    """No second route can exist, and this is why: a matter of definition or judgement."""

    word = "reason"
    reason: Formula


# --- derive: SymPy computes the value ---


class Derived(Route):
    """SymPy computes a value, which must be the key's, or ``equals``. ``symbols`` declares further ones. For a key that
    is an option, ``shows`` is the one that the equality with ``equals`` establishes."""

    symbols: dict[str, Symbol] = Field(default_factory=dict)
    equals: Formula | None = None
    shows: str | None = None


class Determinant(Derived):
    """The determinant of the Jacobian of ``determinant_of`` with respect to as many symbols."""

    word = "determinant_of"
    determinant_of: Annotated[Formulas, Field(min_length=1)]
    with_respect_to: Annotated[Names, Field(min_length=1)]

    @model_validator(mode="after")
    def _square(self) -> Self:
        if len(self.determinant_of) != len(self.with_respect_to):
            raise ValueError("expected as many functions in determinant_of: as symbols in with_respect_to:")
        return self


class DerivativeOf(Derived):
    """The derivative by one symbol."""

    word = "derivative_of"
    derivative_of: Formula
    with_respect_to: Name


class Gradient(Derived):
    """The vector of derivatives by each symbol, in order."""

    word = "gradient_of"
    gradient_of: Formula
    with_respect_to: Annotated[Names, Field(min_length=1)]


class ChangeOfVariables(Derived):
    """The density of the symbols in ``with_respect_to``, of which the functions ``change_of_variables`` make the
    variables that have the joint density ``density``: that density there, times the absolute Jacobian determinant."""

    word = "change_of_variables"
    change_of_variables: Annotated[Formulas, Field(min_length=1)]
    with_respect_to: Annotated[Names, Field(min_length=1)]
    density: Name

    @model_validator(mode="after")
    def _square(self) -> Self:
        if len(self.change_of_variables) != len(self.with_respect_to):
            raise ValueError("expected as many functions in change_of_variables: as symbols in with_respect_to:")
        return self


class Random(Derived):
    """``where`` has independent random variables with their distributions, and names for formulas in them."""

    variables: Annotated[dict[Name, Formula], Field(alias="where", min_length=1)]


class DensityOf(Random):
    """The density of a formula in the random variables at the point ``at``, by its inverse images."""

    word = "density_of"
    density_of: Formula
    at: Formula


class ExpectationOf(Random):
    """The expectation, by integrals and sums in closed form."""

    word = "expectation_of"
    expectation_of: Formula


class VarianceOf(Random):
    """The variance, by integrals and sums in closed form."""

    word = "variance_of"
    variance_of: Formula


class ProbabilityOf(Random):
    """The probability of a condition, by integrals and sums in closed form."""

    word = "probability_of"
    probability_of: Formula


class ValueOf(Derived):
    """The closed form of a formula with sums, products, integrals or derivatives in it."""

    word = "value_of"
    value_of: Formula


class LimitOf(Derived):
    """The limit as ``with_respect_to`` goes to ``to`` (a number, infinity), from above at a number."""

    word = "limit_of"
    limit_of: Formula
    with_respect_to: Name
    to: Formula


class HoldsWhere(Derived):
    """The set of values of a region's variable for which the relation holds."""

    word = "holds_where"
    holds_where: Formula


# --- claims: statements that the key rests on ---


class Stated(Route):
    """A relation between formulas in the item's symbols and those in ``symbols``. The names of constructs among the
    item's fields stand for their keys. ``shows`` is as in Claimed."""

    symbols: dict[str, Symbol] = Field(default_factory=dict)
    shows: str | None = None


class Always(Stated):
    """The relations hold for all values of the symbols."""

    word = "always"
    always: Annotated[Formulas, Field(min_length=1)]


class Sometimes(Stated):
    """The relation holds for some values: a counterexample to its contrary."""

    word = "sometimes"
    sometimes: Formula


class Claimed(Route):
    """``claim`` must hold (all of them), or ``counterexample`` must fail somewhere; exactly one is given.

    For a key that is an option, ``shows`` says which option that establishes. Without it, a claim that holds shows the
    affirmative one (yes, true) and a counterexample the negative one. For a region, ``shows`` is inside or outside.
    """

    claim: Formulas = ()
    counterexample: Formula | None = None
    shows: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.claim) == (self.counterexample is not None):
            raise ValueError("expected either claim: (it must hold) or counterexample: (it must fail somewhere)")
        return self


class Draws(Typed):
    """``draws`` independent random variables ``Z_1, Z_2, …`` with the distribution ``from``."""

    draws: Formula
    law: Annotated[Formula, Field(alias="from")]


def _kind(value: object) -> str:
    return "word" if isinstance(value, str) else "mapping"


AnyDraws = Annotated[Annotated[Formula, Tag("word")] | Annotated[Draws, Tag("mapping")], Discriminator(_kind)]
AnyWorld = Annotated[
    Annotated[str, Field(pattern=ITEM_ID), Tag("word")] | Annotated[WorldSpec, Tag("mapping")], Discriminator(_kind)
]


class Simulation(Typed):
    """Random variables by their distributions and by formulas in those above them, and how claims about them are
    judged.

    ``for`` repeats it for each of several values of some constants. ``margin`` is how far an equality may be off to
    count as supported (1% of the claimed value unless given; 5% where densities occur). ``variance`` bounds that of the
    formula inside an expectation, needed where it is unbounded. ``alpha`` is the chance of refuting a true claim, and
    ``draws`` the most that are made.
    """

    simulate: Annotated[dict[Name, AnyDraws], Field(min_length=1)]
    repeated: Annotated[dict[Name, Annotated[Formulas, Field(min_length=1)]], Field(alias="for", default_factory=dict)]
    margin: Annotated[float, Digits, Field(gt=0, allow_inf_nan=False)] | None = None
    variance: dict[Formula, Formula] = Field(default_factory=dict)
    alpha: Annotated[float, Digits, Field(gt=0, le=0.05)] = 1e-9
    draws: Annotated[int, Digits, Field(ge=1000, le=10**9)] | None = None


class Simulated(Claimed, Simulation):
    """Claims about probabilities, expectations, variances and densities of random variables that are drawn."""

    word = "simulate"


class SimulatedNumber(Simulation):
    """How responses to a numeric field are judged that has ``check: simulation``: put in for the field's name, a
    response must make ``claim`` true."""

    claim: Formula


class InWorld(Claimed):
    """``world`` is one of its own, or the item (of the same question) whose derivation has it. ``where`` gives some of
    its quantities another domain, or a value."""

    word = "world"
    world: AnyWorld
    values: Annotated[dict[str, Formula], Field(alias="where", default_factory=dict)]


# --- enumerate: everything counted ---


class Count(Typed):
    """One way to count; the word says which."""

    word: ClassVar[str]


class ParametersOf(Count):
    """The dimension of the set of joint distributions that satisfy a model's independence assumptions, for all small
    cases: lengths up to ``length``, numbers of values up to ``values`` each, orders up to ``length`` - 1.

    ``parameters_of`` is ``joint``, ``independent``, ``pairwise``, ``given first`` or ``chain``. The names say under
    which symbols the key has length, numbers of values and order.
    """

    word = "parameters_of"
    parameters_of: Formula
    n: Name = "n"
    k: Name = "k"
    m: Name = "m"
    length: Least3 = 4
    values: Least3 = 3


class ModelWith(Count):
    """The only option whose model (see ParametersOf) has dimension ``model_with`` in every small case."""

    word = "model_with"
    model_with: Formula
    among: dict[str, Formula]
    n: Name = "n"
    k: Name = "k"
    length: Least3 = 4
    values: Least3 = 3


class BitsFor(Count):
    """The least number of bits with which so many things get different words of one length."""

    word = "bits_for"
    bits_for: Annotated[int, Digits, Field(ge=1, le=10**9)]


class GPT2Growth(Count):
    """The parameters that a GPT-2 module gains as its vocabulary grows from the first to the second size."""

    word = "gpt2_growth"
    gpt2_growth: Annotated[tuple[Annotated[int, Digits, Field(ge=1, le=10**6)], ...], Field(min_length=2, max_length=2)]
    tied: bool
    bias: bool


class SamplingOrder(Count):
    """The one order in which variables can be sampled, for all lengths in ``lengths``; ``sampling_order`` has the
    parents of each, ``z_t: [x_<t, z_<t]``."""

    word = "sampling_order"
    sampling_order: dict[str, tuple[str, ...]]
    lengths: Annotated[tuple[Size, ...], Field(min_length=1)] = (1, 2, 3, 4)


class TablesByOrder(Count):
    """For each order of the variables of a network, how many parameters the smallest exact tables of an autoregressive
    model take; ``tables_by_order`` has the parents of each variable, ``values`` how many values each takes."""

    word = "tables_by_order"
    tables_by_order: Annotated[dict[Name, tuple[Name, ...]], Field(min_length=2, max_length=5)]
    values: Size = 2


COUNTS: dict[str, type[Count]] = {
    kind.word: kind for kind in (ParametersOf, ModelWith, BitsFor, GPT2Growth, SamplingOrder, TablesByOrder)
}


class Enumerated(Route):
    """What is counted (one of ``COUNTS``) must be the key's value, or ``equals``.

    For a key that is an option, ``shows`` is the one that is right if no sampling order exists for some length, or if
    the sizes of tables depend on the order.
    """

    word = "enumerate"
    enumerate: Count
    equals: Formula | None = None
    shows: str | None = None


class Python(Route):
    """``function``, without arguments, in a file in the key's folder returns what it finds, which is judged as a
    response. It is the author's own code and trusted."""

    word = "python"
    python: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+\.py$")]
    function: Name = "route"


ROUTES: dict[str, type[Route]] = {
    kind.word: kind
    for kind in (
        Reason, Determinant, DerivativeOf, Gradient, ChangeOfVariables, DensityOf, ExpectationOf, VarianceOf,
        ProbabilityOf, ValueOf, LimitOf, HoldsWhere, Always, Sometimes, Simulated, InWorld, Enumerated, Python,
    )
}  # fmt: skip
