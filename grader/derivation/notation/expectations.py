r"""Expectations and divergences: ``\mathbb{E}_{p(x)}[…]``, ``E_{x \sim p}``, ``E_q``, ``E[A]``, ``D_{KL}(p \| q)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Total
from grader.derivation.notation.totals import TotalReader
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.tree import (
    ONE,
    Add,
    Call,
    Element,
    Expression,
    Reduce,
    Variable,
    children,
    free_names,
    substitute,
    walk,
)
from grader.spec import Symbol

BRACKETS = ("[", "(", "{{")


class ExpectationReader(TotalReader):
    """Reads expectations; ``fixed`` names the variables that one without arguments does not run over."""

    def __init__(
        self,
        text: str,
        world: World,
        symbols: Mapping[str, Symbol],
        fixed: frozenset[str] = frozenset(),
        free: tuple[str, ...] = (),
    ) -> None:
        super().__init__(text, world, symbols, free)
        self.fixed = fixed

    # --- expectations ---

    def at_expectation(self) -> bool:
        follower = self.after
        return (
            self.next.text == "E"
            and self.next.kind in ("name", "command")
            and "E" not in self.symbols
            and (follower.text in ("_", *BRACKETS) or follower.kind in ("name", "command"))
        )

    def expectation(self) -> Expression:
        r"""``E_{p(x)}[f]``, ``E_{x \sim p}[f]``, ``E_{z^{(1)}, …}[f]``, ``E_q[f]``, ``E[f]``, ``E[f | x]``."""
        start = self.take().start
        self.generic = []
        weights = self.expectation_subscript() if self.accept("_") else None
        generic, self.generic = self.generic, []
        self.bound.extend(generic)
        body, given = self.expectation_body()
        del self.bound[len(self.bound) - len(generic) :]
        for index in generic:
            weights, body = self.settled(index, weights or (), body)
        return self.expected(weights, body, given, start)

    def settled(
        self, index: str, weights: tuple[Density, ...], body: Expression
    ) -> tuple[tuple[Density, ...], Expression]:
        """Weights and body where ``index`` stood for any sample: all of them if the body runs through them itself,
        else one, and which one makes no difference."""
        runs = any(isinstance(node, Reduce) and node.variable == index for node in walk(body))
        if runs and index not in free_names(body):
            return tuple(self.all_samples(weight) for weight in weights), body
        first = tuple(substitute(weight, index, ONE) for weight in weights)
        return tuple(w for w in first if isinstance(w, Density)), substitute(body, index, ONE)

    def all_samples(self, weight: Density) -> Density:
        return Density(
            weight.distribution,
            tuple(self.every(target) if target.kind == "sample" else target for target in weight.targets),
            weight.given,
        )

    def every(self, target: Argument) -> Argument:
        count = self.world.spec.variables[target.variable].samples
        return Argument(target.variable, "samples", ONE, Variable(count or "k"))

    def expectation_body(self) -> tuple[Expression, tuple[Argument, ...]]:
        """What the expectation is of, and what it is conditioned on inside its brackets."""
        if not self.sees(*BRACKETS):
            if not self.starts_factor():
                self.fail("`[` and what the expectation is of")
            return self.number_only(self.product(), "what the expectation is of"), ()
        closing = CLOSING[self.take().text]
        bars, self.bars = self.bars, self.bars + 1
        body = self.number_only(self.expression(), "what the expectation is of")
        given = self.argument_list([]) if self.accept("|") else ()
        self.bars = bars
        self.expect(closing)
        return body, given

    def expectation_subscript(self) -> tuple[Density, ...]:
        drawing, self.drawing = self.drawing, True
        weights = self.sources() if self.accept("{") else self.sampled()
        self.drawing = drawing
        return weights

    def sources(self) -> tuple[Density, ...]:
        weights = list(self.sampled())
        while self.accept(",", ";"):
            weights += self.sampled()
        self.expect("}")
        return tuple(weights)

    def sampled(self) -> tuple[Density, ...]:
        r"""One source of randomness: ``p(x)``, ``p``, ``x \sim p``, ``x``."""
        braces = self.accept("(") if self.after.kind != "sign" or self.after.text in (",", "_") else False
        drawn: tuple[Argument, ...] = ()
        if not self.at_density() or self.starts_argument():
            drawn = self.argument_list([])
            if braces:
                self.expect(")")
            if not self.accept("->") and not self.at_density():
                return self.weights_of(drawn)
        start = self.next.start
        if not self.at_density():
            self.fail("a distribution")
        place = self.at
        density, exponent = self.density(needs_arguments=False)
        if exponent is not None:
            raise Unreadable("a power of a distribution stands here; expected a distribution", start)
        named_only = self.tokens[self.at - 1].text not in (")", "]") or not self.has_arguments(place)
        if not drawn:
            return self.unfixed(density) if named_only else (density,)
        return tuple(self.drawn_from(density, drawn, named_only, start))

    def has_arguments(self, place: int) -> bool:
        return any(token.text in ("(", "[") for token in self.tokens[place : self.at])

    def unfixed(self, density: Density) -> tuple[Density, ...]:
        """All of a distribution but what the claim keeps fixed."""
        targets = tuple(target for target in density.targets if target.variable not in self.fixed)
        return (Density(density.distribution, targets, density.given),) if targets else (density,)

    def drawn_from(self, density: Density, drawn: tuple[Argument, ...], named_only: bool, start: int) -> list[Density]:
        r"""``x \sim p`` and ``z^{(i)} \sim p(z)``: the distribution over what is drawn."""
        names = {argument.variable for argument in drawn}
        own = {target.variable for target in density.targets}
        if not {name.rstrip("'") for name in names} <= own:
            raise Unreadable(f"{', '.join(sorted(names))} is not drawn from this distribution", start)
        if not named_only and not self.drawn_are_targets(density, drawn):
            raise Unreadable("this distribution is one of other variables than what is drawn from it", start)
        if any(argument.kind in ("sample", "samples") for argument in drawn):
            return [Density(density.distribution, (argument,), density.given) for argument in drawn]
        return [Density(density.distribution, drawn, density.given)]

    def drawn_are_targets(self, density: Density, drawn: tuple[Argument, ...]) -> bool:
        """Whether ``z_t`` is drawn from a distribution of ``z_t``; a sample is drawn from one of its variable."""
        samples = ("sample", "samples")
        expected = {Argument(a.variable) if a.kind in samples else a for a in drawn}
        plain = {replace(target, variable=target.variable.rstrip("'")) for target in density.targets}
        unprimed = {replace(argument, variable=argument.variable.rstrip("'")) for argument in expected}
        return unprimed == plain or set(drawn) == set(density.targets)

    def weights_of(self, drawn: tuple[Argument, ...]) -> tuple[Density, ...]:
        """Densities of variables named alone, from the one distribution that has them."""
        names = {argument.variable.rstrip("'") for argument in drawn}
        options = [
            d
            for d in self.world.distributions.values()
            if names <= {target.variable for target in d.targets} and not d.given
        ]
        if len(options) != 1:
            self.fail(f"the distribution of {', '.join(sorted(names))}, as in E_{{x \\sim p}}")
        if any(argument.kind in ("sample", "samples") for argument in drawn):
            return tuple(Density(options[0].name, (argument,)) for argument in drawn)
        return (Density(options[0].name, drawn),)

    def expected(
        self, weights: tuple[Density, ...] | None, body: Expression, given: tuple[Argument, ...], start: int
    ) -> Expression:
        if weights is None:
            weights = self.random_in(body, given, start)
        elif given:
            weights = tuple(self.conditioned(weight, given) for weight in weights)
        targets = tuple(target for weight in weights for target in weight.targets)
        return self.without_primes(Expectation(weights, body), targets, start)

    def conditioned(self, weight: Density, given: tuple[Argument, ...]) -> Density:
        targets = tuple(left for target in weight.targets if (left := self.without(target, given)) is not None)
        return Density(weight.distribution, targets or weight.targets, (*weight.given, *given))

    def without(self, target: Argument, given: tuple[Argument, ...]) -> Argument | None:
        """What is left to draw of ``target`` once ``given`` is known: of a slice, what comes after its beginning."""
        for known in given:
            if known.variable != target.variable:
                continue
            if target.kind == known.kind == "slice" and target.first == known.first and known.last is not None:
                rest = replace(target, first=Add((known.last, ONE)))
                return None if known.last == target.last else rest
            return None
        return target

    def random_in(self, body: Expression, given: tuple[Argument, ...], start: int) -> tuple[Density, ...]:
        """The distribution of all that is random in ``body``: its samples, or its variables that nothing fixes."""
        known = {argument.variable for argument in given} | self.fixed
        found = {a for a in self.mentioned(body, 0) if a.variable not in known}
        sampled = sorted({a.variable for a in found if a.kind in ("sample", "samples")})
        if sampled:
            return tuple(w for name in sampled for w in self.weights_of((self.every(Argument(name)),)))
        if not found:
            raise Unreadable("what is random in this expectation? Write its distribution as a subscript", start)
        names = sorted({a.variable for a in found})
        usual = {target.variable for weight in self.world.usual for target in weight.targets}
        if names and set(names) <= usual and not given:
            return self.world.usual
        whole = tuple(Argument(name) for name in names)
        return tuple(Density(w.distribution, w.targets, given) for w in self.weights_of(whole))

    def mentioned(self, x: Expression, depth: int) -> set[Argument]:
        """The random variables in ``x`` that nothing in it sums over, looking into definitions."""
        if isinstance(x, Density):
            return {*x.targets, *x.given}
        if isinstance(x, Expectation | Total):
            inner = set[Argument]().union(*(self.mentioned(part, depth) for part in x.parts()))
            bound = {a for w in x.weights for a in w.targets} if isinstance(x, Expectation) else set(x.arguments)
            return {a for a in inner if a not in bound and not (a.kind == "sample" and bound)}
        if isinstance(x, Divergence):
            return set(x.left.given) | set(x.right.given)
        found = set[Argument]().union(*(self.mentioned(part, depth) for part in children(x)))
        if isinstance(x, Variable | Call | Element) and depth < 4:
            name = x.family if isinstance(x, Element) else x.name
            if name in self.world.definitions:
                found |= self.mentioned(self.world.definitions[name].body, depth + 1)
        return found

    # --- divergences ---

    def at_divergence(self) -> bool:
        if self.next.text in ("KL", "DKL"):
            return True
        return self.next.text == "D" and self.after.text == "_" and self.script(self.at + 2)[0] in ("KL", "kl")

    def divergence(self) -> Expression:
        r"""``D_{KL}(p(x) \| q(x))``, ``KL(p || q)``."""
        if self.take().text == "D":
            self.at = self.script(self.at + 1)[1]
        opening = self.next.text
        if not self.accept(*BRACKETS):
            self.fail("`(` and the two distributions")
        start = self.next.start
        left, left_whole = self.side()
        if not (self.accept("||") or (self.accept("|") and (self.accept("|") or True)) or self.accept(",", ";", ":")):
            self.fail("`\\|` between the two distributions")
        right, right_whole = self.side()
        self.expect(CLOSING[opening])
        if left_whole and not right_whole:
            left = Density(left.distribution, right.targets, right.given)
        if right_whole and not left_whole:
            right = Density(right.distribution, left.targets, self.own_conditions(right, left))
        if set(left.targets) != set(right.targets):
            raise Unreadable("the two distributions of a divergence are over the same variables; these are not", start)
        return Divergence(left, right)

    def own_conditions(self, right: Density, left: Density) -> tuple[Argument, ...]:
        return left.given if right.given else ()

    def side(self) -> tuple[Density, bool]:
        """A distribution in a divergence, and whether it stands without arguments."""
        start, place = self.next.start, self.at
        if not self.at_density():
            self.fail("a distribution")
        density, exponent = self.density(needs_arguments=False)
        if exponent is not None:
            raise Unreadable("a power of a density is no distribution", start)
        return density, not self.has_arguments(place)
