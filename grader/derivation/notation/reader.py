r"""Lines of a derivation to expression trees.

The reader of formulas, with what derivations add: densities, ``\mathbb{E}_{p(x)}[…]``, ``D_{KL}(p \| q)``, sums and
integrals over sample spaces, ``\mathcal{N}(x | \mu, \sigma^2 I)``, ``\arg\min_\theta``.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.derivation.nodes import Density, Gaussian, Operation, Optimum
from grader.derivation.notation.expectations import ExpectationReader
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.shapes import power
from grader.math.tree import (
    MINUS_ONE,
    ONE,
    Apply,
    Call,
    Constant,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    free_names,
    negate,
)
from grader.spec import Symbol

CONSTANT = "constant"
_OPERATIONS: dict[str, Operation] = {"argmin": "argmin", "argmax": "argmax", "min": "min", "max": "max"}
_TURNED: dict[str, Operation] = {"min": "max", "max": "min"}


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


class WorldReader(ExpectationReader):
    """Reads one formula of a derivation. ``integrals`` counts open ones, whose ``dx`` end a product."""

    def __init__(
        self,
        text: str,
        world: World,
        symbols: Mapping[str, Symbol],
        fixed: frozenset[str] = frozenset(),
        free: tuple[str, ...] = (),
    ) -> None:
        super().__init__(text, world, symbols, fixed, free)
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
        return self.value_index() or self.constant_name() or self.definition() or super().named()

    def value_index(self) -> Expression | None:
        r"""``y_i`` as an index, as in ``\mu_{y_i}``, is i: the i-th value of y."""
        variable = self.world.spec.variables.get(self.next.text)
        if variable is None or not variable.values or self.after.text not in ("_", "'"):
            return None
        name = self.take().text
        if self.accept("_"):
            return self.single()
        while self.accept("'"):
            name += "'"
        return Variable(name)

    def constant_name(self) -> Expression | None:
        """``c``, ``const``, ``constant``: a number left unspecified."""
        if CONSTANT not in self.symbols or self.next.text in ("", *self.bound):
            return None
        letters = {"c", "C"} if self.symbols[CONSTANT].aliases else set()
        others = {"const", "constant", "Constant", "Const"} | (letters - self.symbols.keys())
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
            self.skip_set()
            self.expect("}")
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
        r"""``1/k \sum_i a_i``, ``1/T log p(x)`` and ``1/T (a + b)``, with a space, are read as they are meant."""
        spaced = self.next.start > self.tokens[self.at - 1].end
        if slash is not None and spaced and (self.next.kind in ("name", "command") or self.sees("(", "[")):
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
