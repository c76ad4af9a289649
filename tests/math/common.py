"""Declared symbols, and random expression trees over them."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from grader.math.equality import Verdict, compare
from grader.math.reader import read_expression
from grader.math.tree import Add, Apply, Constant, Element, Expression, Multiply, Number, Power, Reduce, Variable
from grader.spec import Symbol

SYMBOLS = {
    "r": Symbol(domain="positive"),
    "theta": Symbol(latex=r"\theta"),
    "x": Symbol(),
    "y": Symbol(),
    "D": Symbol(domain="(0, 1)", aliases=(r"D_\phi(G_\theta(z))",)),
    "T": Symbol(domain="positive"),
    "n": Symbol(domain="positive integer"),
    "m": Symbol(domain="positive integer", below="n"),
    "k": Symbol(domain="positive integer", family=True),
    "a": Symbol(family=True),
    "p_XY": Symbol(arity=2, domain="nonnegative", latex="p_{X,Y}"),
    "p": Symbol(arity=1, domain="positive"),
    "f": Symbol(arity=1),
    "g": Symbol(arity=1),
    "sigma": Symbol(domain="positive"),
    "mu_y": Symbol(),
}


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def judged(first: str, second: str, seed: str = "seed") -> Verdict:
    return compare(read(first), read(second), SYMBOLS, seed)


def verdict(first: str, second: str, seed: str = "seed") -> str:
    return judged(first, second, seed).kind


def number(value: int | str) -> Number:
    return Number(Fraction(value))


# --- random trees ---

numbers = st.fractions(min_value=-5, max_value=5, max_denominator=6).map(Number)
leaves = st.one_of(numbers, st.sampled_from([Variable("r"), Variable("x"), Variable("theta"), Variable("D")]))
small_exponents = st.sampled_from([-2, -1, 2, 3]).map(number)


def _node(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(Add),
        several.map(Multiply),
        st.builds(Power, children, small_exponents),
        st.builds(
            lambda name, x: Apply(name, (x,)),
            st.sampled_from(["exp", "log", "sin", "cos", "sqrt", "abs", "tanh"]),
            children,
        ),
    )


#: expressions in r, x, theta and D
trees = st.recursive(leaves, _node, max_leaves=6)


@st.composite
def reductions(draw: st.DrawFn) -> Expression:
    """Sums and products over the families, within a larger expression or alone."""
    index = Variable("i")
    element = Element("k", index)
    body = draw(
        st.sampled_from(
            [
                element,
                Add((element, number(-1))),
                Multiply((index, element)),
                Multiply((Variable("x"), Element("a", index))),
                Power(element, number(2)),
                Apply("log", (element,)),
            ]
        )
    )
    operation = draw(st.sampled_from(["sum", "prod"]))
    low, high = draw(st.sampled_from([(number(1), Variable("n")), (Add((Variable("m"), number(1))), Variable("n"))]))
    core = Reduce(operation, "i", low, high, body)  # type: ignore[arg-type]
    around = draw(st.sampled_from(["alone", "plus", "times", "power", "before"]))
    outer = draw(leaves)
    return {
        "alone": core,
        "plus": Add((core, outer)),
        "times": Multiply((outer, core)),
        "before": Multiply((core, outer)),
        "power": Power(core, number(2)),
    }[around]


any_tree = st.one_of(trees, reductions(), st.sampled_from([Constant("pi"), Constant("e")]))
