"""Names with arguments: random variables, their slices and samples, and the densities over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from grader.derivation.nodes import Argument, Density
from grader.derivation.text.spelling import respelled
from grader.derivation.world import Distribution, World
from grader.errors import Unreadable
from grader.math.reader import Reader
from grader.math.tree import MINUS_ONE, ONE, Add, Expression, Number, Variable
from grader.spec import Symbol

ACCENTS = ("hat", "tilde", "bar")
_BELOW = {"<": -1, "<=": 0}
_ABOVE = {">": 1, ">=": 0}


@dataclass(frozen=True, slots=True)
class Named:
    """A distribution's name as it stands in a line: letters, then subscript and superscript, empty where there is none.
    ``end`` is the place behind it."""

    base: str
    below: str
    above: str
    end: int

    @property
    def spelled(self) -> str:
        return spelled(self.base, self.below, self.above)


def spelled(base: str, below: str = "", above: str = "") -> str:
    """One spelling for a name with scripts: ``hatp``, ``p_theta``, ``p^T``."""
    return base + (f"_{below}" if below else "") + (f"^{above}" if above else "")


class ArgumentReader(Reader):
    """Reads densities with their arguments. ``generic`` collects indices of samples that stand for any of them, as
    they may where something is ``drawing``: below an expectation."""

    def __init__(self, text: str, world: World, symbols: Mapping[str, Symbol], free: tuple[str, ...] = ()) -> None:
        super().__init__(respelled(text), symbols)
        self.world = world
        self.bound = list(free)
        self.generic: list[str] = []
        self.drawing = False

    # --- names of distributions ---

    def distribution_name(self) -> Named | None:
        """The name of a distribution that begins here, the longest; nothing is taken."""
        token = self.next
        if token.kind not in ("name", "command"):
            return None
        base, at = self.accented(token.text, self.at + 1)
        found = None
        for below, above, end in self.scripts(at):
            named = Named(base, below, above, end)
            if named.spelled in self.world.spellings or (not above and self.short_for(named)):
                found = named
        return found

    def accented(self, word: str, at: int) -> tuple[str, int]:
        """``phat`` and ``p_hat`` are ``hatp``."""
        for accent in ACCENTS:
            if word.endswith(accent) and len(word) == len(accent) + 1:
                return accent + word[0], at
            if len(word) == 1 and self.tokens[at].text == "_" and self.tokens[at + 1].text == accent:
                return accent + word, at + 2
        return word, at

    def scripts(self, at: int) -> list[tuple[str, str, int]]:
        """Subscript and superscript from ``at`` on, and where they end: with none of them, one, both."""
        found = [("", "", at)]
        below = above = ""
        while self.tokens[at].text in ("_", "^") and self.tokens[at].kind == "sign":
            word, end = self.script(at + 1)
            if not word or (below if self.tokens[at].text == "_" else above):
                break
            below, above = (word, above) if self.tokens[at].text == "_" else (below, word)
            at = end
            found.append((below, above, at))
        return found

    def script(self, at: int) -> tuple[str, int]:
        """The text of a script and the place behind it; empty where it is no plain name, number or star."""
        if self.tokens[at].text == "{" and self.tokens[at].kind == "sign":
            end = self.closing(at)
            if self.tokens[end].kind == "end":
                return "", at
            inside = self.tokens[at + 1 : end]
            plain = all(token.kind != "sign" or token.text in ("_", ",", "*", "(", ")", "{", "}") for token in inside)
            kept = (token.text for token in inside if token.text not in (",", "{", "}", "(", ")"))
            word = "".join(kept).replace("_", "")
            return (word, end + 1) if plain else ("", at)
        if self.tokens[at].kind in ("name", "command", "number") or self.tokens[at].text == "*":
            word, at = self.tokens[at].text, at + 1
            if self.tokens[at].text == "_" and word in self.world.spec.parameters:  # p_\theta_1
                more, end = self.script(at + 1)
                return word + more, end
            return word, at
        return "", at

    def short_for(self, named: Named) -> list[Distribution]:
        """The distributions that a bare letter may mean: those whose names have it under their marks."""
        if named.below or named.above:
            return []
        letter = "p" if named.base in ("P", "Pr", "Prob") else named.base
        return [
            distribution
            for name, distribution in self.world.distributions.items()
            if name.partition("_")[0].partition("^")[0] in (letter, *(accent + letter for accent in ACCENTS))
        ]

    def at_density(self) -> bool:
        """Whether a distribution's name stands here, with arguments or as all of it."""
        return self.distribution_name() is not None

    # --- densities ---

    def density(self, needs_arguments: bool = True) -> tuple[Density, Expression | None]:
        """A density at this place, and the power that stands at its name, as in ``p^2(x)``."""
        start, named = self.next.start, self.distribution_name()
        assert named is not None
        self.at = named.end
        power = None
        if self.sees("^"):
            self.take()
            power = self.exponent()
        if not self.sees("(", "[") or (self.next.text == "[" and not needs_arguments):
            if needs_arguments:
                self.fail(f"the arguments of `{self.text[start : self.tokens[self.at - 1].end].strip()}`")
            return self.whole(named, start), power
        targets, given, parameters = self.density_arguments()
        distribution = self.meant(named, targets, given, parameters, start)
        return Density(distribution.name, self.targets(distribution, targets, given), given), power

    def whole(self, named: Named, start: int) -> Density:
        """A distribution without arguments: all that it is a distribution of."""
        name = self.world.spellings.get(named.spelled)
        options = [self.world.distributions[name]] if name else self.short_for(named)
        if len(options) != 1:
            raise Unreadable(self.ambiguous(named, options), start)
        return Density(options[0].name, options[0].targets, options[0].given)

    def meant(
        self,
        named: Named,
        targets: tuple[Argument, ...] | None,
        given: tuple[Argument, ...],
        parameters: tuple[str, ...],
        start: int,
    ) -> Distribution:
        """The distribution that is meant by a name at these arguments. Raises Unreadable where it may be several."""
        name = self.world.spellings.get(named.spelled)
        if name is not None:
            return self.world.distributions[name]
        options = self.short_for(named)
        if parameters:
            options = [option for option in options if set(parameters) <= set(option.parameters)]
        if targets is not None and len(options) > 1:
            answering = [option for option in options if _answers(option, targets, given)]
            options = answering or options
        if len(options) != 1:
            raise Unreadable(self.ambiguous(named, options), start)
        return options[0]

    def ambiguous(self, named: Named, options: list[Distribution]) -> str:
        written = spelled(named.base, named.below, named.above)
        names = ", ".join(f"`{d.latex}`" for d in options or self.world.distributions.values())
        if options:
            return f"`{written}` may mean {' or '.join(f'`{d.latex}`' for d in options)} here: write the subscript"
        return f"`{written}` is no distribution known here (there are {names})"

    def targets(
        self, distribution: Distribution, targets: tuple[Argument, ...] | None, given: tuple[Argument, ...]
    ) -> tuple[Argument, ...]:
        r"""``p(\cdot | x)`` is the distribution of everything else."""
        if targets is not None:
            return targets
        taken = {argument.variable for argument in given}
        return tuple(argument for argument in distribution.targets if argument.variable not in taken)

    def density_arguments(self) -> tuple[tuple[Argument, ...] | None, tuple[Argument, ...], tuple[str, ...]]:
        r"""Targets (None for ``\cdot``), what they are given, and parameters named among them."""
        closing = ")" if self.take().text == "(" else "]"
        bars, self.bars = self.bars, self.bars + 1
        targets: tuple[Argument, ...] | None = None
        parameters: list[str] = []
        if not self.accept("*"):
            targets = self.argument_list(parameters)
        given = self.argument_list(parameters) if self.accept("|") else ()
        self.bars = bars
        if not self.sees(closing):
            self.fail(f"`,`, `|` or `{closing}`")
        self.take()
        return targets, given, tuple(parameters)

    def argument_list(self, parameters: list[str]) -> tuple[Argument, ...]:
        """Arguments up to a bar or a closing bracket; ``x_1, …, x_T`` is one slice."""
        found: list[Argument] = []
        dots = False
        while True:
            if self.accept("...", ".."):
                dots = True
            elif not self.parameter(parameters):
                argument = self.argument()
                found.append(self.run(found.pop(), argument) if dots and found else argument)
                dots = False
            if not self.accept(",", ";"):
                if self.sees("...", "..") or self.starts_argument():
                    continue  # x_1 … x_M without commas
                break
        if dots:
            self.fail("the last element behind the dots")
        return tuple(found)

    def starts_argument(self) -> bool:
        return self.next.kind in ("name", "command") and self.variable_name() is not None

    def parameter(self, parameters: list[str]) -> bool:
        """Take the name of a parameter, as in ``p(y | x; \\theta)``."""
        if self.next.text in self.world.spec.parameters and self.variable_name() is None:
            parameters.append(self.take().text)
            if self.accept("_"):
                self.single()
            return True
        return False

    def run(self, first: Argument, last: Argument) -> Argument:
        """From one element or sample to another of the same variable."""
        kinds = {"element": "slice", "sample": "samples"}
        same = first.variable == last.variable and first.kind == last.kind and first.kind in kinds
        earlier = first.kind in ("slice", "samples") and last.kind in kinds and first.variable == last.variable
        if not same and not earlier:
            self.fail("elements of one sequence around the dots")
        kind = kinds.get(first.kind, first.kind)
        return Argument(first.variable, kind, first.first, last.first)  # type: ignore[arg-type]

    # --- variables ---

    def variable_name(self) -> str | None:
        """The random variable whose name stands here, primes included; nothing is taken."""
        word = self.next.text
        primes = 0
        while self.tokens[min(self.at + 1 + primes, len(self.tokens) - 1)].text == "'":
            primes += 1
        for name in (word, word.lower() if len(word) == 1 else word):
            if name in self.world.spec.variables:
                return name + "'" * primes
        return None

    def argument(self) -> Argument:
        """One variable, slice, element or sample."""
        name = self.variable_name() if self.next.kind in ("name", "command") else None
        if name is None:
            self.fail("a random variable of this item (" + ", ".join(self.world.spec.variables) + ")")
        upper = self.next.text != name.rstrip("'")
        self.take()
        while self.accept("'"):
            pass
        found = self.indexed(name)
        if self.accept("="):
            return self.held(found, upper)
        return found

    def held(self, found: Argument, upper: bool) -> Argument:
        """``y = i``, or ``X = x``."""
        if (upper and self.starts_argument()) or self.variable_name() == found.variable:
            again = self.argument()
            if again.variable.rstrip("'") != found.variable.rstrip("'"):
                self.fail(f"a value of `{found.variable}`")
            return again
        if found.kind != "whole" or self.world.spec.variables[found.variable.rstrip("'")].point:
            self.fail("no value here")
        return Argument(found.variable, "value", self.sum())

    def indexed(self, name: str) -> Argument:
        variable = self.world.spec.variables[name.rstrip("'")]
        glued = self.next.kind == "number" and self.next.start == self.tokens[self.at - 1].end
        if variable.length:
            if self.sees("_") or glued:
                return self.sequence_part(name, variable.length)
            return self.whole_sequence(name)
        if variable.samples and (self.sees("_") or (self.sees("^") and self.sample_follows())):
            return self.sample(name, variable.samples)
        if variable.values and self.accept("_"):
            return Argument(name, "value", self.single())
        if name in self.bound:
            return Argument(name, "value", Variable(name))
        return Argument(name)

    def whole_sequence(self, name: str) -> Argument:
        variable = self.world.spec.variables[name.rstrip("'")]
        return Argument(name, "slice", self.first_index(name), Variable(variable.length or ""))

    def first_index(self, name: str) -> Number:
        return Number(Fraction(self.world.spec.variables[name.rstrip("'")].first))

    def sequence_part(self, name: str, length: str) -> Argument:
        """``x_t``, ``x_{<t}``, ``x_{1:t-1}``, ``x_<t``."""
        if not self.accept("_"):
            return Argument(name, "element", self.number())
        braces = self.accept("{")
        if self.sees(*_BELOW):
            shift = _BELOW[self.take().text]
            found = Argument(name, "slice", self.first_index(name), _shifted(self.bound_of_slice(braces), shift))
        elif self.sees(*_ABOVE):
            first_after = _ABOVE[self.take().text]
            found = Argument(name, "slice", _shifted(self.bound_of_slice(braces), first_after), Variable(length))
        else:
            index = self.bound_of_slice(braces)
            found = Argument(name, "element", index)
            if braces and self.accept(":", "..", "..."):
                found = Argument(name, "slice", index, self.sum())
            elif braces and self.sees(","):
                found = self.run(found, Argument(name, "element", self.last_of_run()))
        if braces:
            self.expect("}")
        return found

    def last_of_run(self) -> Expression:
        r"""The end of ``x_{1, \dots, T}``."""
        self.expect(",")
        if not self.accept("...", ".."):
            self.fail("dots between the first and the last index")
        self.accept(",")
        return self.sum()

    def bound_of_slice(self, braces: bool) -> Expression:
        if braces:
            in_bounds, self.in_bounds = self.in_bounds, True
            found = self.sum()
            self.in_bounds = in_bounds
            return found
        return self.single()

    def sample_follows(self) -> bool:
        """Whether ``^{(i)}`` follows, or an index in braces that is no power."""
        return self.after.text in ("(", "{") or self.after.kind in ("name", "number")

    def sample(self, name: str, count: str) -> Argument:
        r"""``z^{(i)}``, ``z^i``, ``z_i``, ``z^{(1:k)}``, ``z^{1:k}``."""
        self.take()
        braces = self.accept("{")
        brackets = self.accept("(")
        word = self.next.text
        follower = self.tokens[min(self.at + 1, len(self.tokens) - 1)].text
        generic = self.drawing and word in self.world.spec.indices and word not in self.bound
        if generic and follower in (")", "}", "]", ",", "|"):
            self.take()
            self.generic.append(word)
            index: Expression = Variable(word)
        else:
            index = self.sum() if braces or brackets else self.single()
        last = self.sum() if self.accept(":", "..", "...") else None
        if brackets:
            self.expect(")")
        if braces:
            self.expect("}")
        return Argument(name, "samples", index, last) if last is not None else Argument(name, "sample", index)


def _shifted(x: Expression, by: int) -> Expression:
    if not by:
        return x
    if isinstance(x, Number):
        return Number(x.value + by)
    return Add((x, MINUS_ONE if by < 0 else ONE))


def _answers(distribution: Distribution, targets: tuple[Argument, ...], given: tuple[Argument, ...]) -> bool:
    """Whether the world says what the density of ``targets`` given ``given`` is under ``distribution``."""
    own = {argument.variable for argument in distribution.targets}
    outside = {argument.variable for argument in distribution.given}
    asked = {argument.variable.rstrip("'") for argument in targets}
    known = {argument.variable.rstrip("'") for argument in given}
    return asked <= own and outside <= known <= own | outside
