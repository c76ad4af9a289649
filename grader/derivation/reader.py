r"""Lines of a derivation to expression trees.

The reader of formulas, with what derivations add: densities, ``\mathbb{E}_{p(x)}[…]``, ``D_{KL}(p \| q)``, sums and
integrals over sample spaces, ``\mathcal{N}(x | \mu, \sigma^2 I)``, ``\arg\min_\theta``.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation.arguments import ArgumentReader
from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Gaussian, Operation, Optimum, Total
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.lexer import Token
from grader.math.shapes import power
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Add,
    Apply,
    Call,
    Constant,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    children,
    free_names,
    negate,
    substitute,
    walk,
)
from grader.spec import Symbol

CONSTANT = "constant"
_OPERATIONS: dict[str, Operation] = {"argmin": "argmin", "argmax": "argmax", "min": "min", "max": "max"}
_TURNED: dict[str, Operation] = {"min": "max", "max": "min"}
_BRACKETS = ("[", "(", "{{")


def read_line(
    text: str, world: World, symbols: Mapping[str, Symbol], fixed: frozenset[str], free: tuple[str, ...] = ()
) -> Expression:
    """Read all of ``text``. ``fixed`` names the variables that the claim leaves free, ``free`` indices that may stand
    unbound. Raises Unreadable with the position where reading stopped."""
    reader = WorldReader(text, world, symbols, fixed, free)
    if reader.next.kind == "end":
        raise Unreadable("there is no formula here", 0)
    tree = reader.expression()
    reader.finish()
    return _lifted(tree)


class WorldReader(ArgumentReader):
    """Reads one formula of a derivation. ``integrals`` counts open ones, whose ``dx`` end a product."""

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
        self.integrals = 0
        self.operators |= dict.fromkeys(("argmin", "argmax"), self.optimum)

    # --- what a name may open ---

    def named(self) -> Expression:
        if self.at_expectation():
            return self.expectation()
        if self.at_divergence():
            return self.divergence()
        if self.next.text in ("min", "max") and self.after.text == "_":
            return self.optimum()
        if self.next.text == "N" and self.after.text in ("(", "[") and "N" not in self.symbols:
            return self.gaussian()
        if self.next.text in ("sum", "prod", "Sigma") and (found := self.bare_total()) is not None:
            return found
        if self.at_density() and self.next.text not in self.symbols:
            density, exponent = self.density()
            return density if exponent is None else Power(density, self.number_only(exponent, "a power"))
        return self.constant_name() or self.definition() or super().named()

    def constant_name(self) -> Expression | None:
        """``c``, ``const``, ``constant``: a number left unspecified."""
        if CONSTANT not in self.symbols or self.next.text in ("", *self.bound):
            return None
        others = {"const", "constant", "Constant", "Const"} | ({"c", "C"} - self.symbols.keys())
        if self.next.kind not in ("name", "command") or self.next.text not in others:
            return None
        self.take()
        self.accept(".")
        return Variable(CONSTANT)

    def definition(self) -> Expression | None:
        """``Z`` for ``Z(T)``: a defined function without its arguments."""
        found = self.world.definitions.get(self.next.text)
        if found is None or not found.parameters or self.next.text not in self.symbols:
            return None
        if self.symbols[self.next.text].family or self.after.text in ("(", "["):
            return None
        name = self.take().text
        if self.accept("_") and self.single() != Variable(found.parameters[0]):
            self.fail(f"`{name}({', '.join(found.parameters)})`")
        return Call(name, tuple(map(Variable, found.parameters)))

    # --- expectations ---

    def at_expectation(self) -> bool:
        follower = self.after
        return (
            self.next.text == "E"
            and self.next.kind in ("name", "command")
            and "E" not in self.symbols
            and (follower.text in ("_", *_BRACKETS) or follower.kind in ("name", "command"))
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
        if not self.sees(*_BRACKETS):
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
        if not self.accept("{"):
            return self.sampled()
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
        if not named_only and own - {name.rstrip("'") for name in names}:
            raise Unreadable("this distribution has other variables than what is drawn from it", start)
        if any(argument.kind in ("sample", "samples") for argument in drawn):
            return [Density(density.distribution, (argument,), density.given) for argument in drawn]
        return [Density(density.distribution, drawn, density.given)]

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
        return Expectation(weights, body)

    def conditioned(self, weight: Density, given: tuple[Argument, ...]) -> Density:
        known = {argument.variable for argument in given}
        targets = tuple(target for target in weight.targets if target.variable not in known)
        return Density(weight.distribution, targets or weight.targets, (*weight.given, *given))

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
        if not self.accept(*_BRACKETS):
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

    # --- optimisation ---

    def optimum(self) -> Expression:
        r"""``\arg\min_{\theta \in \Theta} f``, ``\min_{q_\theta} f``: as far as the formula goes."""
        operation = _OPERATIONS[self.take().text]
        parameter = self.optimised() if self.accept("_") else self.only_parameter()
        body = self.number_only(self.sum(), "what is optimised")
        if isinstance(body, Optimum):
            self.fail("one problem of optimisation, not one within another")
        return Optimum(operation, parameter, body)

    def only_parameter(self) -> str:
        if len(self.world.spec.parameters) != 1:
            self.fail("what is varied, as in \\min_\\theta")
        return next(iter(self.world.spec.parameters))

    def optimised(self) -> str:
        r"""The family of candidates: by its own name, or by that of a distribution with such a parameter."""
        braces = self.accept("{")
        name = self.candidate()
        if braces:
            self.at = self.closing_brace()
        return name

    def candidate(self) -> str:
        token, parameters = self.next, self.world.spec.parameters
        for name, spellings in parameters.items():
            if token.text == name or token.text in spellings:
                self.take()
                return name
        named = self.distribution_name()
        if named is not None:
            self.at = named.end
            density = self.whole(named, token.start)
            of = self.world.distributions[density.distribution].parameters
            if len(of) == 1:
                return of[0]
        return self.fail("a parameter of this item (" + ", ".join(parameters) + ")")

    def closing_brace(self) -> int:
        """The place behind the brace that closes the subscript, past ``\\in \\Theta``."""
        depth = 1
        for place in range(self.at, len(self.tokens)):
            text = self.tokens[place].text if self.tokens[place].kind == "sign" else ""
            depth += (text == "{") - (text == "}")
            if not depth:
                return place + 1
        return self.fail("`}`")

    # --- sums and integrals over sample spaces ---

    def bare_total(self) -> Expression | None:
        """A sum over all values of random variables, or over all of an index; None where it has bounds."""
        if self.after.text != "_":
            return None
        place = self.at + 2
        inside = self.tokens[place].text == "{"
        end = self.closing(place) if inside else place
        texts = [token.text for token in self.tokens[place : end + 1]]
        follower = self.tokens[place + inside]
        if "^" in (self.tokens[min(end + 1, len(self.tokens) - 1)].text,) or self.has_bounds(texts, inside):
            return None
        name = follower.text
        if name in self.world.spec.indices and name not in self.world.spec.variables:
            return self.total_index(inside)
        operation = self.take().text
        if operation == "prod":
            self.fail("bounds of this product")
        self.take()
        arguments = self.summed(inside)
        return Total(arguments, self.total_body())

    def has_bounds(self, texts: list[str], inside: bool) -> bool:
        if not inside:
            return False
        first = texts[2] if len(texts) > 2 else ""
        return first == "=" or (first in ("<", "<=") or texts[1].isdigit())

    def total_index(self, inside: bool) -> Expression:
        operation = "prod" if self.take().text == "prod" else "sum"
        self.take()
        if inside:
            self.take()
        name = self.take().text
        if inside:
            self.expect("}")
        self.bound.append(name)
        first, start = self.at, self.next.start
        body = self.product()
        self.bound.pop()
        if operation == "prod" and not (self.tokens[first].text in CLOSING and self.closing(first) == self.at - 1):
            self.check_reach(body, name, start)
        return self.reduced(operation, name, ONE, Variable(self.world.spec.indices[name]), body)

    def summed(self, braces: bool) -> tuple[Argument, ...]:
        r"""The variables under a sum: ``x``, ``{x, y}``, ``{x \in X}``, ``{z_{<t}}``."""
        if not braces:
            return (self.single_argument(),)
        self.expect("{")
        found: tuple[Argument, ...] = ()
        while not found or self.accept(","):
            brackets = self.accept("(")
            found += self.argument_list([])
            if brackets:
                self.expect(")")
            self.skip_set()
        self.expect("}")
        return found

    def skip_set(self) -> None:
        r"""Go past ``\in \mathcal{X}``, up to a comma or the brace."""
        if self.next.text == "in":
            while self.next.kind != "end" and not self.sees(",", "}"):
                self.at = self.closing(self.at) + 1 if self.sees("{", "(") else self.at + 1

    def single_argument(self) -> Argument:
        """One variable behind ``_`` without braces: what follows it is no index of it."""
        name = self.variable_name()
        if name is None:
            self.fail("a random variable of this item")
        self.take()
        while self.accept("'"):
            pass
        variable = self.world.spec.variables[name.rstrip("'")]
        return Argument(name, "slice", ONE, Variable(variable.length)) if variable.length else Argument(name)

    def total_body(self) -> Expression:
        return self.number_only(self.product(), "what is summed")

    def integral(self) -> Expression:
        r"""``\int f dx``, ``\int_x f dx``, ``\int\int f dx dy``, ``\int dx f``."""
        place = self.at
        self.take()
        if self.sees("_") and self.tokens[self.at + 1].text in ("{", *self.world.spec.variables):
            self.take()
            if self.sees("{") or self.variable_name():
                self.skip_region()
        if self.sees("^") or place + 1 == len(self.tokens):
            self.fail("an integral over a random variable, without bounds")
        self.integrals += 1
        before = self.differential_here()
        body = ONE if self.at_differential() else self.number_only(self.expression(), "what is integrated")
        self.integrals -= 1
        variable = before or self.differential_here()
        if variable is None:
            self.fail("`d` and the variable at the end of the integral")
        if isinstance(body, Add) and before:
            self.fail("brackets around what is integrated")
        return Total((variable,), body)

    def skip_region(self) -> None:
        if self.sees("{"):
            self.at = self.closing(self.at) + 1
        else:
            self.take()

    def at_differential(self) -> bool:
        """Whether ``dx`` or ``d x`` stands here."""
        token, variables = self.next, self.world.spec.variables
        if token.kind not in ("name", "command") or not token.text.startswith("d"):
            return False
        return token.text[1:] in variables or (
            token.text == "d" and self.after.kind in ("name", "command") and self.after.text in variables
        )

    def differential_here(self) -> Argument | None:
        """The variable of a ``dx`` that stands here, which is taken."""
        if not self.at_differential():
            return None
        token = self.next
        if token.text == "d":
            self.take()
        else:
            self.tokens[self.at] = Token("name", token.text[1:], token.start + 1, token.end)
        return self.argument()

    def starts_factor(self) -> bool:
        if self.integrals and self.at_differential():
            return False
        if self.next.kind == "name" and self.next.text in ("sim", "given"):
            return False
        return super().starts_factor()

    # --- normal densities ---

    def gaussian(self) -> Expression:
        r"""``\mathcal{N}(x | \mu, \sigma^2 I)``."""
        start = self.take().start
        closing = CLOSING[self.take().text]
        bars, self.bars = self.bars, self.bars + 1
        point = self.expression()
        if not self.accept("|", ";", ","):
            self.fail("`|` and the mean")
        mean = self.expression()
        self.expect(",")
        covariance = self.expression()
        self.bars = bars
        self.expect(closing)
        if self.shape(point) != self.shape(mean):
            raise Unreadable("the point and the mean of a normal distribution have different shapes", start)
        return Gaussian(point, mean, self.variance(covariance, start))

    def variance(self, covariance: Expression, start: int) -> Expression:
        """The factor of the identity in a covariance, or the variance of a single number."""
        if not self.shape(covariance):
            return covariance
        if isinstance(covariance, Apply) and covariance.function == "identity":
            return ONE
        if isinstance(covariance, Multiply):
            rest = [f for f in covariance.factors if not self.shape(f)]
            matrices = [f for f in covariance.factors if self.shape(f)]
            if len(matrices) == 1 and isinstance(matrices[0], Apply) and matrices[0].function == "identity":
                return Multiply(tuple(rest)) if len(rest) > 1 else rest[0]
        raise Unreadable("only multiples of the identity are read as a covariance here", start)

    # --- logarithms without brackets ---

    def bare_argument(self, name: str) -> Expression:
        r"""What a function without brackets is of, where the things it may be of decide how far it reaches.

        ``\log p(x) / q(x)`` is of the ratio, ``\log p(x) / T`` is divided by T, and ``\log \frac{1}{k} \sum_i a_i`` is
        of the whole product.
        """
        if name not in ("log", "exp"):
            return super().bare_argument(name)
        first = self.factor()
        if self.sees("/"):
            return self.ratio(first)
        if not free_names(first) - self.world.spec.counts.keys() and (self.at_sum() or self.at_expectation()):
            rest = self.factor()
            return Multiply((first, rest))
        if self.starts_factor() and not self.at_function() and not self.at_expectation():
            self.fail(f"brackets that tell how far the argument of `{name}` reaches")
        return first

    def at_sum(self) -> bool:
        return self.next.kind in ("name", "command") and self.next.text in ("sum", "prod", "integral")

    def ratio(self, first: Expression) -> Expression:
        """A density behind the stroke belongs to the argument; a number or parameter divides the logarithm."""
        place = self.at
        self.take()
        if self.next.kind in ("name", "command") and (self.at_density() or self.at_expectation()):
            below = self.factor()
            if self.sees("/") or (self.starts_factor() and not self.at_function()):
                self.fail("brackets that tell how far the logarithm reaches")
            return Multiply((first, power(below, MINUS_ONE, self.symbols)))
        self.at = place
        return first

    def check_juxtaposition(self, factors: list[Expression | None], slash: object) -> None:
        r"""``1/k \sum_i a_i`` is read as it is meant."""
        if slash is not None and (self.at_sum() or self.at_expectation()) and len(factors) == 2:
            return
        super().check_juxtaposition(factors, slash)  # type: ignore[arg-type]


def _lifted(x: Expression) -> Expression:
    r"""A problem with a sign or positive numbers in front as a problem: ``-\max f`` is ``\min -f``."""
    if not isinstance(x, Multiply) or not any(isinstance(f, Optimum) for f in x.factors):
        return x
    (*front, last) = x.factors
    if not isinstance(last, Optimum) or last.operation not in _TURNED or not all(map(_has_sign, front)):
        raise Unreadable("a problem of optimisation is no factor of a product")
    negative = sum(isinstance(f, Number) and f.value < 0 for f in front) % 2
    body = Multiply((*(abs_number(f) for f in front), last.body)) if front else last.body
    if not negative:
        return Optimum(last.operation, last.parameter, body)
    return Optimum(_TURNED[last.operation], last.parameter, negate(body))


def abs_number(x: Expression) -> Expression:
    return Number(abs(x.value)) if isinstance(x, Number) else x


def _has_sign(x: Expression) -> bool:
    """Whether ``x`` is surely not zero and of the sign that its numbers have."""
    match x:
        case Number(value):
            return bool(value)
        case Call() | Density() | Constant():
            return True
        case Multiply(factors):
            return all(_has_sign(f) and not (isinstance(f, Number) and f.value < 0) for f in factors)
        case Power(base, _):
            return _has_sign(base) and not (isinstance(base, Number) and base.value < 0)
        case Apply("exp", _):
            return True
    return False
