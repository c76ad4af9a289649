"""Worlds and expressions of the engine's tests, built by hand."""

from __future__ import annotations

from fractions import Fraction

from grader.derivation.nodes import Argument, Density, Divergence, Expectation, Gaussian, Optimum, Total
from grader.derivation.world import Definition, Distribution, World
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
    invert,
    negate,
)
from grader.worlds import WorldSpec


def number(x: int | str | Fraction) -> Number:
    return Number(Fraction(x))


def var(name: str) -> Variable:
    return Variable(name)


def add(*terms: Expression) -> Expression:
    return Add(terms)


def sub(a: Expression, b: Expression) -> Expression:
    return Add((a, negate(b)))


def mul(*factors: Expression) -> Expression:
    return Multiply(factors)


def div(a: Expression, b: Expression) -> Expression:
    return Multiply((a, invert(b)))


def log(x: Expression) -> Expression:
    return Apply("log", (x,))


def exp(x: Expression) -> Expression:
    return Apply("exp", (x,))


def a(name: str, *indices: Expression | int, kind: str = "") -> Argument:
    """``a("x")``, ``a("x", t)`` for an element, ``a("z", 1, t)`` for a slice, or of a kind that is named."""
    found = tuple(number(i) if isinstance(i, int) else i for i in indices)
    kinds = ("whole", "element", "slice")
    return Argument(name, kind or kinds[len(found)]).at(found)  # type: ignore[arg-type]


def d(name: str, targets: str | tuple[Argument, ...], given: str | tuple[Argument, ...] = ()) -> Density:
    """``d("p", "x y", "z")`` is p(x, y | z)."""
    return Density(name, _arguments(targets), _arguments(given))


def _arguments(x: str | tuple[Argument, ...]) -> tuple[Argument, ...]:
    return tuple(Argument(name) for name in x.split()) if isinstance(x, str) else x


def mean(weights: Density | tuple[Density, ...], body: Expression) -> Expectation:
    return Expectation(weights if isinstance(weights, tuple) else (weights,), body)


def total(arguments: str | tuple[Argument, ...], body: Expression) -> Total:
    return Total(_arguments(arguments), body)


def sum_(name: str, low: Expression | int, high: Expression, body: Expression) -> Reduce:
    return Reduce("sum", name, number(low) if isinstance(low, int) else low, high, body)


def argmax(parameter: str, body: Expression) -> Optimum:
    return Optimum("argmax", parameter, body)


def argmin(parameter: str, body: Expression) -> Optimum:
    return Optimum("argmin", parameter, body)


kl = Divergence


def _distributions(*found: Distribution) -> dict[str, Distribution]:
    return {one.name: one for one in found}


# ps1/1: maximum likelihood as divergence
CONDITIONAL = World(
    WorldSpec.model_validate({"variables": {"x": {}, "y": {}}, "parameters": {"theta": []}}),
    _distributions(
        Distribution("p", _arguments("x y")), Distribution("p_theta", _arguments("y"), _arguments("x"), ("theta",))
    ),
)

# the same with zeros in the support of p
WITH_ZEROS = World(
    CONDITIONAL.spec,
    {**CONDITIONAL.distributions, "p": Distribution("p", _arguments("x y"), zeros=True)},
)

# ps1/5: importance-weighted estimates
_k = var("k")
DRAWS = a("z", 1, _k, kind="samples")
LATENT = World(
    WorldSpec.model_validate({"variables": {"x": {}, "z": {"samples": "k"}}, "counts": {"k": [2, 3]}}),
    _distributions(Distribution("p", _arguments("z x"))),
    definitions={
        "A": Definition((), mul(invert(_k), sum_("i", 1, _k, d("p", "x", (a("z", var("i"), kind="sample"),)))))
    },
)

# 5d: a recurrent latent-variable model
T, t = var("T"), var("t")


def upto(name: str, last: Expression) -> Argument:
    return a(name, 1, last)


def before(name: str) -> Argument:
    return a(name, 1, add(t, number(-1)))


PRIOR = d("p", (a("z", t),), (before("x"), before("z")))
DECODER = d("p", (a("x", t),), (upto("z", t), before("x")))
ENCODER = d("q", (a("z", t),), (upto("x", t), before("z")))
RECURRENT = World(
    WorldSpec.model_validate(
        {
            "variables": {"x": {"length": "T"}, "z": {"length": "T"}},
            "counts": {"T": [2, 3]},
            "parameters": {},
            "indices": {"t": "T"},
        }
    ),
    _distributions(
        Distribution("p", (upto("x", T), upto("z", T)), factors=(PRIOR, DECODER)),
        Distribution("q", (upto("z", T),), (upto("x", T),), factors=(ENCODER,)),
    ),
)

# 7f: a temperature
TEMPERED = World(
    WorldSpec.model_validate(
        {
            "variables": {"x": {}},
            "parameters": {"theta": []},
            "quantities": {"T": {"domain": "positive"}},
        }
    ),
    _distributions(
        Distribution("p", _arguments("x")),
        Distribution(
            "p^T",
            _arguments("x"),
            formula=div(Power(d("p", "x"), invert(var("T"))), Call("Z", (var("T"),))),
        ),
        Distribution("q", _arguments("x"), parameters=("theta",)),
    ),
    definitions={"Z": Definition(("T",), total("x", Power(d("p", "x"), invert(var("T")))))},
)

# ps1/2: a mixture of normal densities, and the softmax that is its posterior
_mu, _sigma2 = Element("mu", var("y")), Power(var("sigma"), number(2))
_mu_i, _pi_i = Element("mu", var("i")), Element("pi", var("i"))
NORMAL = Gaussian(var("x"), _mu, _sigma2)
W = div(_mu, _sigma2)
B = sub(log(Element("pi", var("y"))), div(Apply("dot", (_mu, _mu)), mul(number(2), _sigma2)))


def softmax(w: Expression, b: Expression) -> Expression:
    def score(index: str) -> Expression:
        return exp(add(Apply("dot", (Element("w", var(index)), var("x"))), Element("b", var(index))))

    return div(score("y"), sum_("i", 1, var("k"), score("i")))


MIXTURE = World(
    WorldSpec.model_validate(
        {
            "variables": {"x": {"point": "n"}, "y": {"values": "k"}},
            "counts": {"n": [2, 3], "k": [2, 3, 4]},
            "quantities": {
                "mu": {"over": "y", "shape": ["n"]},
                "sigma": {"domain": "positive"},
                "pi": {"domain": "positive", "over": "y", "normalised": True},
            },
        }
    ),
    _distributions(
        Distribution("p", _arguments("x y"), formula=mul(Element("pi", var("y")), NORMAL)),
        Distribution("p_gamma", _arguments("y"), _arguments("x"), formula=softmax(W, B)),
    ),
    definitions={"w": Definition(("y",), W), "b": Definition(("y",), B)},
)
