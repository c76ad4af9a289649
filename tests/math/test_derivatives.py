"""How derivatives are written: every notation, how far it reaches, and what is said of what cannot be read."""

from __future__ import annotations

import pytest

from grader.errors import Unreadable
from grader.math.canonical import canonical
from grader.math.derivatives import MAX_ORDER
from grader.math.reader import read_expression
from grader.math.tree import (
    Add,
    Apply,
    Call,
    Derivative,
    Element,
    Expression,
    Multiply,
    Number,
    Power,
    Variable,
    negate,
)
from grader.spec import Symbol
from tests.math.common import number

SYMBOLS = {
    "x": Symbol(),
    "y": Symbol(),
    "theta": Symbol(latex=r"\theta"),
    "mu_y": Symbol(),
    "x_1": Symbol(),
    "D": Symbol(domain="(0, 1)", aliases=(r"D_\phi(G_\theta(z))",)),
    "n": Symbol(domain="positive integer"),
    "f": Symbol(arity=1),
    "g": Symbol(arity=2),
    "p_XY": Symbol(arity=2, latex="p_{X,Y}"),
    "k": Symbol(family=True),
}
X, Y, THETA = Variable("x"), Variable("y"), Variable("theta")


def read(text: str) -> Expression:
    return read_expression(text, SYMBOLS)


def by(*names: str, of: Expression) -> Expression:
    for name in reversed(names):
        of = Derivative(name, of)
    return of


SQUARE = by("x", of=Power(X, number(2)))
SQUARES = [
    r"\frac{d}{dx} x^2",
    r"\frac{d}{dx}x^2",
    r"\frac{d}{dx} (x^2)",
    r"\frac{d}{dx}\left(x^2\right)",
    r"\frac{d}{dx}\left[x^2\right]",
    r"\frac{d}{dx}[x^2]",
    r"\frac{d}{dx}\{x^2\}",
    r"\frac{d}{d x} x^2",
    r"\frac {d} {dx} x^2",
    r"\frac{\mathrm{d}}{\mathrm{d}x} x^2",
    r"\frac{\mathrm d}{\mathrm d x} x^2",
    r"\frac{\mathrm{d}}{\mathrm{d} x}\, x^2",
    r"\dfrac{d}{dx} x^2",
    r"\tfrac{d}{dx} x^2",
    r"\frac{d x^2}{dx}",
    r"\frac{d(x^2)}{dx}",
    r"\frac{\mathrm{d} (x^2)}{\mathrm{d} x}",
    r"\frac{\partial}{\partial x} x^2",
    r"\frac{\partial}{\partial x}\left(x^2\right)",
    r"\frac{\partial x^2}{\partial x}",
    r"\frac{\partial (x^2)}{\partial x}",
    r"\frac{∂}{∂x} x²",
    r"\partial_x x^2",
    r"\partial_{x} x^2",
    r"\partial_x (x^2)",
    "∂_x x²",
    "d/dx x^2",
    "d/dx (x^2)",
    "d/d x x^2",
    "d/dx[x^2]",
    "∂/∂x x²",
    r"\partial/\partial x (x^2)",
    "diff(x^2, x)",
    "diff( x^2 , x )",
]


@pytest.mark.parametrize("text", SQUARES)
def test_one_derivative_in_every_notation(text: str) -> None:
    assert read(text) == SQUARE


PRODUCT = Multiply((X, Y))
OTHERS = [
    # the variable
    (r"\frac{d}{d\theta} \cos\theta", by("theta", of=Apply("cos", (THETA,)))),
    (r"\frac{\partial}{\partial \theta} \theta", by("theta", of=THETA)),
    (r"\frac{\partial}{\partial\theta}\theta", by("theta", of=THETA)),
    (r"\partial_\theta \theta", by("theta", of=THETA)),
    ("d/dtheta theta", by("theta", of=THETA)),
    ("d/dθ θ", by("theta", of=THETA)),
    (r"\frac{\partial}{\partial \mu_y} \mu_y^2", by("mu_y", of=Power(Variable("mu_y"), number(2)))),
    (r"\frac{\partial}{\partial \mu_{y}} \mu_y", by("mu_y", of=Variable("mu_y"))),
    (r"\frac{d}{dx_1} x_1", by("x_1", of=Variable("x_1"))),
    (r"\frac{d}{d x_{1}} x_1", by("x_1", of=Variable("x_1"))),
    (r"\partial_{x_1} x_1", by("x_1", of=Variable("x_1"))),
    ("diff(x_1, x_1)", by("x_1", of=Variable("x_1"))),
    (r"\frac{\partial}{\partial D} \log D", by("D", of=Apply("log", (Variable("D"),)))),
    (r"\frac{\partial}{\partial D_\phi(G_\theta(z))} \log D_\phi(G_\theta(z))", by("D", of=read("log D"))),
    ("diff(log(D), D)", by("D", of=read("log D"))),
    # higher orders
    (r"\frac{d^2}{dx^2} x", by("x", "x", of=X)),
    (r"\frac{d^{2}}{dx^{2}} x", by("x", "x", of=X)),
    (r"\frac{d^2 x}{dx^2}", by("x", "x", of=X)),
    (r"\frac{d^2 f(x)}{dx^2}", by("x", "x", of=Call("f", (X,)))),
    (r"\frac{\mathrm{d}^2}{\mathrm{d}x^2} x", by("x", "x", of=X)),
    (r"\frac{d^4}{dx^4} x", by("x", "x", "x", "x", of=X)),
    (r"\frac{\partial^2}{\partial x^2} x", by("x", "x", of=X)),
    (r"\frac{\partial^2}{\partial x \partial y} (x y)", by("x", "y", of=PRODUCT)),
    (r"\frac{\partial^2}{\partial y\,\partial x} (x y)", by("y", "x", of=PRODUCT)),
    (r"\frac{\partial^2 (x y)}{\partial x \partial y}", by("x", "y", of=PRODUCT)),
    (r"\frac{\partial^3}{\partial x^2 \partial y} (x y)", by("x", "x", "y", of=PRODUCT)),
    (r"\frac{\partial^3}{\partial x \partial y^2} (x y)", by("x", "y", "y", of=PRODUCT)),
    (r"\frac{d}{dx} \frac{d}{dy} (x y)", by("x", "y", of=PRODUCT)),
    (r"\partial_x \partial_y (x y)", by("x", "y", of=PRODUCT)),
    ("diff(diff(x y, y), x)", by("x", "y", of=PRODUCT)),
    ("d/dx d/dy (x y)", by("x", "y", of=PRODUCT)),
    # how far it reaches
    (r"\frac{d}{dx} x y", by("x", of=PRODUCT)),
    (r"\frac{d}{dx} x + y", Add((by("x", of=X), Y))),
    (r"\frac{d}{dx} (x + y)", by("x", of=Add((X, Y)))),
    (r"\frac{d}{dx} x - y", Add((by("x", of=X), negate(Y)))),
    (r"y \frac{d}{dx} x", Multiply((Y, by("x", of=X)))),
    (r"-\frac{d}{dx} x", negate(by("x", of=X))),
    (r"\frac{d x}{dx} y", Multiply((by("x", of=X), Y))),
    (r"\frac{dx}{dx}", by("x", of=X)),
    (r"\frac{dy}{dx}", by("x", of=Y)),
    (r"\frac{dy}{dx}^2", Power(by("x", of=Y), number(2))),
    (r"\left(\frac{d}{dx} x\right)^2", Power(by("x", of=X), number(2))),
    (r"\frac{d}{dx} \log x", by("x", of=Apply("log", (X,)))),
    (r"\frac{d}{dx} \log f(x)", by("x", of=Apply("log", (Call("f", (X,)),)))),
    (r"\partial_x x y + y", Add((by("x", of=PRODUCT), Y))),
    ("diff(x y, x) y", Multiply((by("x", of=PRODUCT), Y))),
    (r"\frac{\frac{d}{dx} x}{y}", None),
    (r"\sum_{i=1}^{n} \frac{d}{dx} x^i", None),
    (r"\frac{d}{dx} \sum_{i=1}^{n} x^i", None),
    # unknown functions
    ("f'(x)", Call("f", (X,), (1,))),
    ("f''(x)", Call("f", (X,), (2,))),
    ("f'''(x)", Call("f", (X,), (3,))),
    ("f′(x)", Call("f", (X,), (1,))),
    (r"f^{\prime}(x)", Call("f", (X,), (1,))),
    (r"f^\prime(x)", Call("f", (X,), (1,))),
    (r"f^{\prime\prime}(x)", Call("f", (X,), (2,))),
    ("f^{''}(x)", Call("f", (X,), (2,))),
    ("f^{(2)}(x)", Call("f", (X,), (2,))),
    ("f^(3)(x)", Call("f", (X,), (3,))),
    ("f'(x)^2", Power(Call("f", (X,), (1,)), number(2))),
    ("f'(f'(x))", Call("f", (Call("f", (X,), (1,)),), (1,))),
    ("g^{(1,0)}(x, y)", Call("g", (X, Y), (1, 0))),
    ("g^{(0, 2)}(x, y)", Call("g", (X, Y), (0, 2))),
    ("p_{X,Y}^{(1,1)}(x, y)", Call("p_XY", (X, Y), (1, 1))),
    (r"\frac{d}{dx} f'(x)", by("x", of=Call("f", (X,), (1,)))),
]


@pytest.mark.parametrize(("text", "tree"), OTHERS)
def test_reads_as(text: str, tree: Expression | None) -> None:
    found = read(text)
    assert tree is None or found == tree


@pytest.mark.parametrize("text", ["x", "x d", "d", "dx", "x dx"])
def test_a_declared_d_is_a_name(text: str) -> None:
    symbols = {"x": Symbol(), "d": Symbol()}
    names = {"x": X, "d": Variable("d")}
    letters = [names[letter] for letter in text if letter in names]
    assert read_expression(text, symbols) == (Multiply(tuple(letters)) if len(letters) > 1 else letters[0])


def test_a_declared_d_is_no_operator() -> None:
    symbols = {"x": Symbol(), "d": Symbol()}
    assert canonical(read_expression(r"\frac{d}{dx} x", symbols)) == canonical(read_expression("d/(d*x)*x", symbols))
    with pytest.raises(Unreadable, match="what is divided"):
        read_expression("d/dx x", symbols)
    assert read_expression(r"\partial_x x", symbols) == by("x", of=X)


def test_a_declared_name_that_begins_with_d_is_that_name() -> None:
    symbols = {"x": Symbol(), "dx": Symbol(), "y": Symbol()}
    assert read_expression(r"\frac{dx}{y}", symbols) == read_expression("dx/y", symbols)


def test_a_fraction_of_other_letters_is_a_fraction() -> None:
    assert read(r"\frac{x}{y}") == Multiply((X, Power(Y, number(-1))))
    assert isinstance(read(r"\frac{D}{x}"), Multiply)
    assert isinstance(read(r"\frac{d}{dx} D"), Derivative)


MALFORMED = [
    # the variable
    (r"\frac{d}{dq} x", 10, "a declared variable to differentiate by", "q"),
    (r"\frac{d}{d} x", 10, "a declared variable to differentiate by", "}"),
    (r"\frac{d}{d2} x", 10, "a declared variable to differentiate by", "2"),
    (r"\frac{d}{df} x", 11, "`(` with the arguments of `f`", "}"),
    (r"\frac{d}{d\phi} x", 10, "a declared variable to differentiate by", r"\phi"),
    (r"\frac{\partial}{\partial k_1} x", 25, "a declared variable to differentiate by", "k"),
    (r"\frac{\partial}{\partial (x)} x", None, "a declared variable to differentiate by", "("),
    (r"\partial_2 x", 9, "a declared variable to differentiate by", "2"),
    (r"\partial_{xy} x", 10, "a declared variable to differentiate by", "xy"),
    (r"\partial_{x,y} x", 11, "`}`", ","),
    (r"\partial_{f(x)} x", None, "a declared variable to differentiate by", "f"),
    ("diff(x^2, q)", 10, "a declared variable to differentiate by", "q"),
    ("diff(x^2, 2)", 10, "a declared variable to differentiate by", "2"),
    ("diff(x, x^2)", 9, "`)`", "^"),
    # orders
    (r"\frac{d^2}{dx} x", 0, "a derivative of order 2 by 1 variables", None),
    (r"\frac{d}{dx^2} x", 0, "a derivative of order 1 by 2 variables", None),
    (r"\frac{\partial^2}{\partial x \partial y^2} x", 0, "a derivative of order 2 by 3 variables", None),
    (r"\frac{d}{dx dy} x", 0, "a derivative of order 1 by 2 variables", None),
    (r"\frac{d^5}{dx^5} x", 8, f"the order of the derivative, at most {MAX_ORDER}", "5"),
    (r"\frac{d^{10}}{dx^{10}} x", 9, f"at most {MAX_ORDER}", "10"),
    (r"\frac{d^0}{dx^0} x", 8, "the order of the derivative", "0"),
    (r"\frac{d^n}{dx^n} x", 8, "the order of the derivative", "n"),
    (r"\frac{d^{-1}}{dx^{-1}} x", 9, "the order of the derivative", "-"),
    ("d/dx^2 x^3", None, "of a higher order", None),
    ("d/dx dy (x y)", None, "no name known", None),
    ("f^{(10)}(x)", 4, "`)`", "10"),
    ("f^{(n)}(x)", 4, "`)`", "n"),
    ("f^{(1,1)}(x)", 1, "the order of the derivative by each of the 1 arguments", "^"),
    ("g^{(1)}(x, y)", 1, "the order of the derivative by each of the 2 arguments", "^"),
    ("g^{(1,0,0)}(x, y)", 1, "the order of the derivative by each of the 2 arguments", "^"),
    ("g'(x, y)", 2, "the order by each of the 2 arguments, as in ^{(1, 0)}, instead of a prime", "("),
    ("f^2(x)", 1, "the arguments (a power of a function stands behind them)", "^"),
    # primes
    ("x'", 1, "a prime stands only at a declared function", "'"),
    ("x''", 1, "a prime stands only at a declared function", "'"),
    ("x(x)'", 4, "a prime stands only at a declared function", "'"),
    ("f(x)'", 4, "a prime stands only at a declared function", "'"),
    ("(x^2)'", 5, "a prime stands only at a declared function", "'"),
    ("f'", 2, "`(` with the arguments of `f`", None),
    ("f' x", 3, "`(` with the arguments of `f`", "x"),
    ("f'(x, y)", 8, "1 argument for `f` instead of 2", None),
    # what is differentiated
    (r"\frac{d}{dx}", 12, "a number, a name or an opening bracket", None),
    (r"\partial_x", 10, "a number, a name or an opening bracket", None),
    (r"\frac{d}{dx} + x", 13, "a number, a name or an opening bracket", "+"),
    (r"\frac{d}{dx} -x", 13, "a number, a name or an opening bracket", "-"),
    (r"\frac{df}{dx}", 8, "`(` with the arguments of `f`", "}"),
    ("diff()", 5, "a number, a name", ")"),
    ("diff(x)", 6, "`,`", ")"),
    ("diff(x,)", 7, "a declared variable to differentiate by", ")"),
    ("diff(x, x", 9, "`)`", None),
    ("diff x", 5, "`(`", "x"),
    ("diff(x, x, x)", 9, "`)`", ","),
    # signs alone
    (r"\partial x", 9, r"a fraction such as \frac{\partial}{\partial x}", "x"),
    (r"\partial", 8, r"a fraction such as \frac{\partial}{\partial x}", None),
    (r"\partial^2 x", 8, "a fraction such as", "^"),
    (r"\frac{d}{dx", 11, "`}`", None),
    (r"\frac{d}{x} x", 6, "is no name known here", None),
    (r"\frac{x}{dx}", 9, "is no name known here", None),
    ("d x", 0, "is no name known here", None),
    ("dx", 0, "is no name known here", None),
    ("d/x", 0, "is no name known here", None),
    (r"\nabla x", 0, "is not understood here", None),
    (r"\dot{x}", 0, "is not understood here", None),
]


@pytest.mark.parametrize(("text", "position", "said", "there"), MALFORMED)
def test_malformed(text: str, position: int | None, said: str, there: str | None) -> None:
    """The position, what was expected, and what stands there instead."""
    with pytest.raises(Unreadable) as caught:
        read(text)
    message = str(caught.value)
    assert any(part in message for part in said.split("|"))
    if position is not None:
        assert caught.value.position == position
    if there is not None:
        assert f"`{there}` stands there" in message
    elif caught.value.position == len(text):
        assert "the formula ends" in message


@pytest.mark.parametrize("text", ["f″(x)", "f^{″}(x)", "f‴(x)"])
def test_primes_of_one_character(text: str) -> None:
    order = 3 if "‴" in text else 2
    try:
        found = read(text)
    except Unreadable:
        return
    assert found == Call("f", (X,), (order,))


@pytest.mark.parametrize("text", ["d^2/dx^2 x^3", "d^2 f(x)/dx^2", "df(x)/dx"])
def test_plain_notation_of_higher_orders_is_read_right_or_refused(text: str) -> None:
    try:
        found = read(text)
    except Unreadable:
        return
    assert isinstance(found, Derivative)


def test_dots_and_families_within() -> None:
    assert read(r"\frac{d}{dx} k_1") == by("x", of=Element("k", number(1)))
    assert isinstance(read(r"\frac{d}{dx} (x + x^2 + \dots + x^n)"), Derivative)


def test_numbers_keep_their_source_under_a_derivative() -> None:
    found = read(r"\frac{d}{dx} 0.5")
    assert isinstance(found, Derivative)
    assert isinstance(found.body, Number)
    assert found.body.decimal
