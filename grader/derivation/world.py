"""A world as derivations are read and evaluated in it: every formula of its specification read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.derivation.nodes import Argument, Density
from grader.math.tree import Expression
from grader.worlds import WorldSpec


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of the world.

    ``targets`` and ``given`` are its arguments as declared, sequences as slices over their whole length. ``parameters``
    are the families it has a member for. It is drawn as one random table, or as the product of ``factors`` over their
    free index, or it is ``formula``, in which the arguments stand as variables: as a joint distribution where ``given``
    is empty, else as the conditional one.
    """

    name: str
    targets: tuple[Argument, ...]
    given: tuple[Argument, ...] = ()
    parameters: tuple[str, ...] = ()
    factors: tuple[Density, ...] = ()
    formula: Expression | None = None
    zeros: bool = False
    latex: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """``body`` in terms of ``parameters``: ``Z(T)`` has one, ``A`` has none."""

    parameters: tuple[str, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class World:
    """``spellings`` leads from every way to write a distribution's name to its name. ``usual`` is what an expectation
    without a subscript is taken over, where the claim has but one kind of expectation."""

    spec: WorldSpec
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    usual: tuple[Density, ...] = ()

    def defining(self, name: str, definition: Definition) -> World:
        """The same world where ``name`` stands for ``definition``."""
        return replace(self, definitions={**self.definitions, name: definition})
