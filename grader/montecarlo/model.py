"""Random variables, as an instructor describes them: distributions and formulas, each in those that stand above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from grader.errors import Unreadable
from grader.math.distributions import DISCRETE, Law, read_law
from grader.math.reader import read_expression
from grader.math.tree import Expression, Number, free_names
from grader.montecarlo.interpreting import prepared, value, whole
from grader.montecarlo.laws import check_parameters, draw, support
from grader.montecarlo.ranges import Range, Ranges
from grader.montecarlo.vectors import Array, Kinds, Vectors
from grader.spec import Symbol

MAX_VARIABLES = 300
Change = Callable[[Expression], Expression]


class Misdescribed(Unreadable):
    """A random variable that cannot be; ``name`` tells which."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Described:
    """What a name stands for: a distribution, or a formula in names above it. ``count``: so many independent draws."""

    name: str
    what: Law | Expression
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """``variables`` are random, each in terms of those before; ``constants`` are numbers. ``symbols`` declares both."""

    variables: tuple[Described, ...]
    constants: Mapping[str, Expression]
    symbols: Mapping[str, Symbol]
    put_in: Change
    ranges: Mapping[str, Range] = field(default_factory=dict)
    kinds: Kinds = field(default_factory=Kinds)

    def prepared(self, x: Expression) -> Expression:
        """A formula with all that is no random variable put in and written out. Raises Unreadable."""
        return prepared(self.put_in(x), self.constants)

    def range(self, x: Expression) -> Range:
        """A range that holds the values of a prepared formula."""
        return self._ranges().of(x)

    def _ranges(self) -> Ranges:
        single = {v.name: self.ranges[v.name] for v in self.variables if v.count is None}
        many = {v.name: dict.fromkeys(range(1, v.count + 1), self.ranges[v.name]) for v in self.variables if v.count}
        return Ranges(single, many)

    def is_constant(self, x: Expression) -> bool:
        return self._ranges().is_constant(x)

    def width(self) -> int:
        """How many numbers one draw of everything takes."""
        return sum(v.count or 1 for v in self.variables)

    def drawn(self) -> int:
        """How many of these come from distributions."""
        return sum(v.count or 1 for v in self.variables if isinstance(v.what, Law))

    def draw(self, rng: np.random.Generator, count: int) -> Vectors:
        """``count`` independent draws of all variables, to put formulas into. Raises Misdescribed."""
        single: dict[str, Array] = {}
        many: dict[str, dict[int, Array]] = {}
        vectors = Vectors(single, many, self.kinds)
        for variable in self.variables:
            try:
                found = [_drawn(variable.what, vectors, rng, count) for _ in range(variable.count or 1)]
            except Unreadable as error:
                raise Misdescribed(variable.name, str(error)) from error
            if variable.count is None:
                single[variable.name] = found[0]
                if not isinstance(variable.what, Law):
                    vectors.sizes[variable.name] = vectors.size(variable.what)
            else:
                many[variable.name] = dict(enumerate(found, 1))
        return vectors


def _drawn(what: Law | Expression, vectors: Vectors, rng: np.random.Generator, count: int) -> Array:
    if isinstance(what, Law):
        return draw(what.name, [vectors.of(x) for x in what.parameters], rng, count)
    return np.broadcast_to(vectors.of(what), count)


def build_model(
    described: Mapping[str, str | tuple[str, str]], symbols: Mapping[str, Symbol], put_in: Change | None = None
) -> Model:
    """Read the descriptions, in order: a distribution, a formula, or a number of draws and their distribution.

    ``symbols`` declares further names, which ``put_in`` replaces by what they stand for. Raises Misdescribed at the
    first thing wrong.
    """
    builder = _Builder(dict(symbols), put_in or (lambda x: x))
    for name, text in described.items():
        try:
            builder.add(name, text)
        except Unreadable as error:
            raise Misdescribed(name, str(error)) from error
    if not builder.variables:
        raise Misdescribed(next(iter(described)), "nothing is random; expected a distribution, as in uniform(0, 1)")
    return Model(
        tuple(builder.variables), builder.constants, builder.symbols, builder.put_in, builder.ranges, builder.kinds
    )


class _Builder:
    def __init__(self, symbols: dict[str, Symbol], put_in: Change) -> None:
        self.symbols, self.put_in = symbols, put_in
        self.constants: dict[str, Expression] = {}
        self.variables: list[Described] = []
        self.ranges: dict[str, Range] = {}
        self.kinds = Kinds()

    def add(self, name: str, text: str | tuple[str, str]) -> None:
        if name in ("E", "P", "Var", "density", "bias", "e", "pi"):
            raise Unreadable(f"{name} has a meaning of its own here; choose another name")
        count = None
        if not isinstance(text, str):
            count = whole(self.read(text[0]), "draws:")
            if not 1 <= count <= MAX_VARIABLES:
                raise Unreadable(f"draws: is a number from 1 to {MAX_VARIABLES}, not {count}")
            text = text[1]
        law = read_law(text, self.symbols)
        what = self.law(law) if law else self.read(text)
        if count and not law:
            raise Unreadable(f"expected a distribution under from: instead of {text!r}")
        self.keep(name, what, count)

    def read(self, text: str) -> Expression:
        return prepared(self.put_in(read_expression(text, self.symbols)), self.constants)

    def law(self, law: Law) -> Law:
        return Law(law.name, tuple(prepared(self.put_in(x), self.constants) for x in law.parameters))

    def keep(self, name: str, what: Law | Expression, count: int | None) -> None:
        self.symbols[name] = Symbol(family=count is not None)
        random = {variable.name for variable in self.variables}
        if not isinstance(what, Law) and not free_names(what) & random:
            value(what)
            self.constants[name] = what
            return
        model = Model(tuple(self.variables), {}, {}, self.put_in, self.ranges)
        self.ranges[name] = self.range(what, model)
        self.kinds = self.kinds_with(name, what)
        self.variables.append(Described(name, what, count))

    def kinds_with(self, name: str, what: Law | Expression) -> Kinds:
        """The kinds with one name more."""
        known: dict[str, Array] = {variable.name: np.zeros(()) for variable in self.variables}
        asked = Vectors(known, {}, self.kinds)
        if isinstance(what, Law):
            discrete, chosen = what.name in DISCRETE, True
        else:
            discrete, chosen = asked.is_discrete(what), asked.is_chosen(what)
        return Kinds(
            self.kinds.discrete | ({name} if discrete else set()), self.kinds.chosen | ({name} if chosen else set())
        )

    def range(self, what: Law | Expression, model: Model) -> Range:
        if not isinstance(what, Law):
            return model.range(what)
        found = [model.range(x) for x in what.parameters]
        if all(isinstance(x, Number) or not free_names(x) for x in what.parameters):
            check_parameters(what.name, [np.asarray((low + high) / 2) for low, high in found])
        return support(what.name, found)
