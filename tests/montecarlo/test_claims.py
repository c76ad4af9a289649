"""Claims are read as people write them, wrong ones are told with the place, and what is printed reads back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Unreadable
from grader.math.reader import read_expression
from grader.math.tree import Add, Apply, Expression, Multiply, Number, Power, Variable, negate
from grader.montecarlo.claims import RELATIONS, Statistic, in_words, read_claim, read_statistic
from grader.spec import Symbol

SYMBOLS = {name: Symbol() for name in ("X", "Y", "A", "p", "k")} | {"Z": Symbol(family=True)}


def formula(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def statistic(text: str) -> Expression:
    return read_statistic(text, SYMBOLS)


E_X = Statistic("E", Variable("X"))


@pytest.mark.parametrize(("text", "kind", "body", "point"), [
    ("E[X]", "E", "X", None), ("E(X)", "E", "X", None), ("E{X}", "E", "X", None), ("E [ X ]", "E", "X", None),
    ("mean(X)", "E", "X", None), (r"\mathbb{E}[X]", "E", "X", None), (r"\operatorname{E}[X]", "E", "X", None),
    (r"\mathbb{E}\left[X\right]", "E", "X", None), ("E[X Y]", "E", "X*Y", None), ("E[Z_1]", "E", "Z_1", None),
    ("E[log(X) - 2]", "E", "log(X) - 2", None), (r"E[\frac{X}{2}]", "E", "X/2", None),
    ("E[[X > 1]]", "E", "[X > 1]", None), ("E[(1 if X < 1 else 0)]", "E", "1 if X < 1 else 0", None),
    ("E[sum(Z_i, i=1..3)]", "E", "sum(Z_i, i=1..3)", None),
    ("Var[X]", "Var", "X", None), ("Var(X)", "Var", "X", None), ("V(X)", "Var", "X", None),
    ("var(X)", "Var", "X", None), (r"\operatorname{Var}(X)", "Var", "X", None), (r"\mathrm{Var}[X]", "Var", "X", None),
    ("P(X < 1)", "P", "[X < 1]", None), ("P[X < 1]", "P", "[X < 1]", None), ("Pr(X < 1)", "P", "[X < 1]", None),
    (r"\mathbb{P}(X \le 1)", "P", "[X <= 1]", None), ("P(X = 1)", "P", "[X = 1]", None),
    ("P(X != 1)", "P", "[X != 1]", None), ("P(X ≥ 1)", "P", "[1 <= X]", None), ("P([X < 1])", "P", "[X < 1]", None),
    ("P(0 < X < 2)", "P", "[0 < X < 2]", None), ("P(X = 1 and Y > 2)", "P", "[X = 1 and Y > 2]", None),
    ("P(X < 1 or Y > 2)", "P", "[X < 1 or Y > 2]", None), ("P([X < 1 or Y > 2] and A = 0)", "P",
     "[[X < 1 or Y > 2] and A = 0]", None),
    ("density(X, 1)", "density", "X", "1"), ("density(X + Y, p/2)", "density", "X + Y", "p/2"),
    ("density[X, -1]", "density", "X", "-1"),
])  # fmt: skip
def test_statistics(text: str, kind: str, body: str, point: str | None) -> None:
    assert statistic(text) == Statistic(kind, formula(body), formula(point) if point else None)  # type: ignore[arg-type]


def test_statistics_within_formulas() -> None:
    assert statistic("E[X]^2") == Power(E_X, Number(Fraction(2)))
    assert statistic("2 E[X]") == Multiply((Number(Fraction(2)), E_X))
    assert statistic("log(E[X])") == Apply("log", (E_X,))
    assert statistic("E[X] E[X]") == Multiply((E_X, E_X))
    assert statistic("bias(X, p)") == Add((E_X, negate(Variable("p"))))
    assert statistic("bias(log(X), log(E[X]))") == Add(
        (Statistic("E", formula("log(X)")), negate(Apply("log", (E_X,))))
    )


def test_a_declared_name_is_no_statistic() -> None:
    symbols = {"V": Symbol(), "mean": Symbol(), "Pr": Symbol(), "X": Symbol()}
    assert read_statistic("V (X)", symbols) == Multiply((Variable("V"), Variable("X")))
    assert read_statistic("E[mean + Pr]", symbols) == Statistic("E", Add((Variable("mean"), Variable("Pr"))))


@pytest.mark.parametrize(("sign", "meant"), [
    *((sign, sign) for sign in RELATIONS), ("==", "="), ("≤", "<="), ("≥", ">="), ("≠", "!="), (r"\le", "<="),
    (r"\geq", ">="), (r"\neq", "!="), (r"\leq", "<="), (r"\ne", "!="),
])  # fmt: skip
def test_relations(sign: str, meant: str) -> None:
    claim = read_claim(f"  E[X]^2 \n {sign}   p + 1 ", SYMBOLS)
    assert (claim.left, claim.relation, claim.right) == (statistic("E[X]^2"), meant, formula("p + 1"))
    assert claim.sides == ("E[X]^2", "p + 1")
    assert claim.text == f"E[X]^2 {sign} p + 1"


def test_the_statistics_of_a_claim_come_once_each_in_order() -> None:
    claim = read_claim("E[X] + Var[X] * E[X] = E[X] - density(X, 1) + Var[X]", SYMBOLS)
    assert [s.kind for s in claim.statistics()] == ["E", "Var", "density"]
    assert read_claim("X = 1", SYMBOLS).statistics() == ()


@pytest.mark.parametrize(("text", "position", "sentence"), [
    ("", 0, "the formula ends"), ("E[X]", 4, "expected a relation such as `=` or `<`"),
    ("E[X] =", 6, "the formula ends"),
    ("= 1", 0, "expected a number"), ("E[X] in 3", 5, "expected a relation"), ("E[X] + 1", 8, "expected a relation"),
    ("0 < E[X] < 1", 9, "one relation is a claim"), ("E[X] = 1 = 2", 9, "one relation is a claim"),
    ("E[X] = 1 2", 9, "an operator between two factors"), ("E[X] = 1)", 8, "expected"), ("E[X] = 1,", 8, "expected"),
    ("E X = 1", 2, "a bracket, as in E[X]"), ("E = 1", 2, "a bracket, as in E[X]"), ("Var = 1", 4, "a bracket"),
    ("E[X) = 1", 3, "expected `]`"), ("E(X] = 1", 3, "expected `)`"), ("E[] = 1", 2, "expected a number"),
    ("E[X = 1", 4, "expected `]`"), ("E[X > 1] = 1", 4, "expected `]`"), ("E[X, 1] = 1", 3, "expected `]`"),
    ("P(X) = 1", 3, "a relation such as `<`"), ("P(X <) = 1", 5, "expected a number"),
    ("P(X < 1 and) = 1", 11, "expected a number"), ("P(X < 1 and Y) = 1", 13, "a relation such as `<`"),
    ("density(X) = 1", 9, "expected `,`"), ("density(X; 1) = 1", 9, ""), ("density(X, 1, 2) = 1", 12, "expected `)`"),
    ("bias(X) = 1", 6, "expected `,`"), ("bias X = 1", 5, "a bracket"),
    ("E[E[X]] = 1", 2, "within another"), ("E[P(X < 1)] = 1", 2, "within another"),
    ("P(X < E[X]) = 1", 6, "within another"),
    ("Var[1 + Var[X]] = 1", 8, "within another"), ("density(E[X], 1) = 1", 8, "within another"),
    ("density(X, E[X]) = 1", 11, "within another"), ("bias(E[X], 1) = 1", 5, "within another"),
    ("E[bias(X, 1)] = 1", 2, "within another"), ("bias(X, E[P(X < 1)]) = 1", 10, "within another"),
    ("E[W] = 1", 2, "`W` is no name known here"), ("E[X] = W", 7, "`W` is no name known here"),
    ("E[Z] = 1", 2, "`Z` needs an index"), ("mode(X) = 1", 0, "`mode` is no name known here"),
])  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_place(text: str, position: int, sentence: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_claim(text, SYMBOLS)
    assert sentence in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["E[X] E[Y]", "E[X] + P(X < 1)", "bias(X, E[Y]) + E[X]", "density(X, 1) / E[X]"])
def test_statistics_side_by_side_are_not_nested(text: str) -> None:
    statistic(text)


@pytest.mark.parametrize(("text", "printed"), [
    ("E( X )", "E[X]"), ("mean(X)^2", "E[X]^2"), ("Var(X)/2", "Var[X]/2"), ("P(0<X<2)", "P(0 < X and X < 2)"),
    ("P(X>1)", "P(1 < X)"), ("density( X ,1/2 )", "density(X, 1/2)"), ("bias(X, p)", "E[X] - p"),
    ("E[[X<1]]", "E[[X < 1]]"), ("P(X < 1 and [Y < 1])", "P(X < 1 and Y < 1)"), ("P(X^2 = 1)", "P(X^2 = 1)"),
])  # fmt: skip
def test_in_words(text: str, printed: str) -> None:
    assert in_words(statistic(text), SYMBOLS) == printed


bodies = st.recursive(
    st.sampled_from([Variable("X"), Variable("Y"), formula("Z_1"), formula("p")])
    | st.integers(0, 9).map(lambda n: Number(Fraction(n))),
    lambda inner: st.one_of(
        st.builds(lambda a, b: Add((a, b)), inner, inner),
        st.builds(lambda a, b: Multiply((a, b)), inner, inner),
        st.builds(lambda a, n: Power(a, Number(Fraction(n))), inner, st.integers(2, 4)),
        st.builds(lambda f, a: Apply(f, (a,)), st.sampled_from(["exp", "log", "abs"]), inner),
        st.builds(lambda f, a, b: Apply(f, (a, b)), st.sampled_from(["less", "atmost", "same", "max"]), inner, inner),
    ),
    max_leaves=6,
)
relations = st.builds(lambda f, a, b: Apply(f, (a, b)), st.sampled_from(["less", "atmost", "same"]), bodies, bodies)
truths = relations | st.lists(relations, min_size=2, max_size=3).map(tuple).map(Multiply)
truths |= st.lists(truths, min_size=2, max_size=3).map(lambda parts: Apply("max", tuple(parts)))
statistics = st.one_of(
    st.builds(Statistic, st.just("E"), bodies),
    st.builds(Statistic, st.just("Var"), bodies),
    st.builds(Statistic, st.just("P"), truths),
    st.builds(Statistic, st.just("density"), bodies, bodies),
)


@given(statistics, statistics, st.sampled_from(RELATIONS))
def test_what_is_printed_reads_back(first: Statistic, second: Statistic, relation: str) -> None:
    """Up to how sums and products are bracketed: what is printed again is the same, and it is a claim's side."""
    printed = in_words(Add((first, Multiply((Number(Fraction(2)), second)))), SYMBOLS)
    claim = read_claim(f"{printed} {relation} 1", SYMBOLS)
    assert in_words(claim.left, SYMBOLS) == printed
    assert claim.relation == relation
    assert [s.kind for s in claim.statistics()] == [s.kind for s in dict.fromkeys((first, second))]


@given(st.text(alphabet="EPVar[]()XY<>=1, .+-*/^{}\\densityba", max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert set(read_claim(text, SYMBOLS).sides) <= {" ".join(part.split()) for part in _parts(text)}


def _parts(text: str) -> Iterator[str]:
    return (text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1))


def test_depth_is_bounded() -> None:
    with pytest.raises(Unreadable):
        read_claim("E[" + "(" * 5000 + "X" + ")" * 5000 + "] = 1", SYMBOLS)
