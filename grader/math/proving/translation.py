"""Our trees as SymPy's expressions, built node by node; nothing is ever parsed or evaluated as text.

SymPy's functions agree with ours wherever ours have a real value, and have complex values elsewhere. What must hold for
an expression to have a real value is noted apart, as needs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce

import sympy

from grader.errors import Undecided
from grader.math.domains import domain
from grader.math.proving.ranges import Real, assumptions, leaves_out, number, parametrised, running, step
from grader.math.tree import (
    MINUS_ONE,
    Add,
    Apply,
    Call,
    Constant,
    Derivative,
    Element,
    Expression,
    Matrix,
    Multiply,
    Number,
    Power,
    Reduce,
    Variable,
)
from grader.spec import Symbol

MAX_ROWS = 6

INFINITY = Constant("infinity")
PLAIN: dict[str, Callable[..., Real]] = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "abs": sympy.Abs, "sign": sympy.sign,
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan,
    "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
    "max": sympy.Max, "min": sympy.Min, "ceil": sympy.ceiling, "floor": sympy.floor,
    "factorial": sympy.factorial, "binom": sympy.binomial,
    "logb": lambda base, x: sympy.log(x) / sympy.log(base),
}  # fmt: skip
CONDITIONS = {"less": sympy.Lt, "atmost": sympy.Le, "same": sympy.Eq}


def to_sympy(x: Expression, symbols: Mapping[str, Symbol]) -> Real:
    """``x`` with nothing in it carried out beyond what SymPy does on its own. Raises Undecided where there is no
    faithful counterpart. Where ``x`` has a value, so has this, and the same one; the reverse does not hold."""
    try:
        return Translation(symbols).of(x)
    except (TypeError, ValueError, ArithmeticError, NotImplementedError) as error:
        raise Undecided("this cannot be handed to SymPy") from error


@dataclass(frozen=True, slots=True)
class Need:
    """What must hold for an expression to have a value: ``what`` is an assumption of SymPy's about ``of``.

    ``places`` gives the symbols in it by parameters; ``divisor`` is the same as a tree, where it is enough that it is
    zero at single points only.
    """

    what: str
    of: Real
    places: dict[Real, Real]
    divisor: Expression | None = None


class Translation:
    """Builds SymPy's objects, and notes what must hold for them to have a value.

    ``names`` holds the symbols in scope, ``places`` each of them by parameters that know more of its range. ``endless``
    holds integrals and sums to infinity, which need not converge, with the places where they stand, inner ones first.
    ``inexact`` holds the symbols whose parameters leave single values out.
    """

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = symbols
        self.domains = {name: domain(symbol.domain) for name, symbol in symbols.items()}
        plain = [n for n, s in symbols.items() if not (s.arity or s.family or s.shape)]
        self.names: dict[str, Real] = {n: sympy.Symbol(n, **assumptions(self.domains[n])) for n in plain}
        self.places: dict[Real, Real] = {}
        self.needs: list[Need] = []
        self.endless: list[tuple[Real, dict[Real, Real]]] = []
        self.inexact: set[Real] = set()
        self.bound = 0
        for name in plain:
            self._place(name)

    def _place(self, name: str) -> None:
        found = parametrised(self.domains[name])
        if found is not None:
            self.places.setdefault(self.names[name], found)
        if leaves_out(self.domains[name]):
            self.inexact.add(self.names[name])
        for other, least in ((self.symbols[name].below, 1), (self.symbols[name].up_to, 0)):
            if other in self.names:
                self._place_above(name, other, least)

    def _place_above(self, name: str, other: str, least: int) -> None:
        """``other`` is ``name`` and a step, of integers at least ``least``."""
        whole = self.domains[name].integer and self.domains[other].integer
        above = sympy.Dummy(integer=True, nonnegative=True) + least if whole else step()
        self.places[self.names[other]] = self.names[name].xreplace(self.places) + above
        if not whole and not least:
            self.inexact.add(self.names[other])

    def exact_places(self) -> dict[Real, Real]:
        """Of the declared symbols those whose parameters leave no value out."""
        return {symbol: place for symbol, place in self.places.items() if symbol not in self.inexact}

    def of(self, x: Expression) -> Real:
        match x:
            case Number() | Constant() | Variable() | Element() | Call():
                return self.leaf(x)
            case Add(terms):
                return reduce(operator.add, map(self.of, terms))
            case Multiply(factors):
                return self.product([self.of(factor) for factor in factors])
            case Power():
                return self.power(x)
            case Apply(function, arguments):
                return self.apply(function, arguments)
            case Reduce():
                return self.reduction(x)
            case Derivative(variable, body) if variable in self.symbols and variable in self.names:
                return self.derivative(self.names[variable], self.number(body))
            case Matrix(rows) if len(rows) <= MAX_ROWS and len(rows[0]) <= MAX_ROWS:
                return sympy.ImmutableMatrix([[self.number(entry) for entry in row] for row in rows])
        raise Undecided("this has no counterpart in SymPy")

    def leaf(self, x: Number | Constant | Variable | Element | Call) -> Real:
        match x:
            case Number(value):
                return number(value)
            case Constant(name) if name != "infinity":
                return sympy.pi if name == "pi" else sympy.E
            case Variable(name) if name in self.names:
                return self.names[name]
            case Element(family, index):
                return self.element(family, index)
            case Call(name, arguments, orders):
                return self.call(name, [self.number(a) for a in arguments], orders)
        raise Undecided("this has no counterpart in SymPy")

    def number(self, x: Expression) -> Real:
        return _only(self.of(x), matrix=False)

    def matrix(self, x: Expression) -> Real:
        return _only(self.of(x), matrix=True)

    # --- what must hold ---

    def need(self, what: str, of: Real) -> None:
        self.needs.append(Need(what, of, dict(self.places)))

    def need_divisor(self, x: Expression, of: Real) -> None:
        """Inside of a sum or an integral a divisor must never be zero, elsewhere at single points at most."""
        self.needs.append(Need("is_nonzero", of, dict(self.places), None if self.bound else x))

    # --- names ---

    def element(self, family: str, index: Expression) -> Real:
        place = self.number(index)
        self.need("is_integer", place)
        return self.unknown(family, f"{family}[]")(place)

    def unknown(self, name: str, shown: str) -> Real:
        if name not in self.symbols or self.symbols[name].shape:
            raise Undecided("vectors and matrices of no written size are not handed to SymPy")
        return sympy.Function(shown, **assumptions(self.domains[name]))

    def call(self, name: str, arguments: list[Real], orders: tuple[int, ...]) -> Real:
        function = self.unknown(name, f"{name}()")
        if not any(orders):
            return function(*arguments)
        dummies = [sympy.Dummy(real=True) for _ in arguments]
        by = [(dummy, order) for dummy, order in zip(dummies, orders, strict=True) if order]
        derived = sympy.Derivative(function(*dummies), *by)
        return derived.subs(list(zip(dummies, arguments, strict=True)), simultaneous=True)

    # --- operations ---

    def product(self, factors: list[Real]) -> Real:
        if sum(map(is_matrix, factors)) > 1:
            raise Undecided("a product of matrices in no order")
        return reduce(operator.mul, factors)

    def power(self, x: Power) -> Real:
        base, exponent = self.number(x.base), self.number(x.exponent)
        if not exponent.is_integer:
            self.need("is_nonnegative", base)
        if not exponent.is_nonnegative:
            self.need_divisor(x.base, base)
        return sympy.Pow(base, exponent)

    def derivative(self, symbol: Real, body: Real) -> Real:
        if symbol.is_integer:
            raise Undecided("a derivative by an integer")
        return sympy.Derivative(body, symbol)

    def apply(self, function: str, arguments: tuple[Expression, ...]) -> Real:
        if function in CONDITIONS:
            return sympy.Piecewise((1, self.condition(Apply(function, arguments))), (0, True))
        if function == "cases":
            return self.cases(arguments)
        if function not in PLAIN:
            return self.of_matrices(function, arguments)
        values = [self.number(argument) for argument in arguments]
        self.need_for(function, arguments, values)
        return PLAIN[function](*values)

    def need_for(self, function: str, arguments: tuple[Expression, ...], values: list[Real]) -> None:
        """What the function asks of its arguments to have a value."""
        match function:
            case "log" | "logb":
                for value in values:
                    self.need("is_positive", value)
                if function == "logb":
                    self.need_divisor(Apply("log", arguments[:1]), sympy.log(values[0]))
            case "sqrt" | "factorial":
                self.need("is_nonnegative", values[0])
            case "arcsin" | "arccos":
                self.need("is_nonnegative", 1 - values[0])
                self.need("is_nonnegative", 1 + values[0])
            case "tan":
                self.need_divisor(Apply("cos", arguments), sympy.cos(values[0]))
            case "binom":
                self.need("is_integer", values[0])
                self.need("is_nonnegative", values[0])
                self.need("is_integer", values[1])

    def condition(self, x: Expression) -> Real:
        match x:
            case Apply(function, (left, right)) if function in CONDITIONS:
                return CONDITIONS[function](self.number(left), self.number(right))
            case Multiply(parts):
                return sympy.And(*map(self.condition, parts))
        raise Undecided("a condition that is no relation")

    def cases(self, arguments: tuple[Expression, ...]) -> Real:
        if len(arguments) % 2 == 0:
            raise Undecided("cases that leave some out")
        pairs = zip(arguments[:-1:2], arguments[1::2], strict=True)
        branches = [(self.number(value), self.condition(when)) for value, when in pairs]
        return sympy.Piecewise(*branches, (self.number(arguments[-1]), True))

    # --- sums, products, integrals ---

    def reduction(self, x: Reduce) -> Real:
        low, high = self.end(x.low), self.end(x.high)
        if x.operation != "integral":
            self.need_range(low, high)
        with self.running(x, low, high) as symbol:
            body = self.number(x.body)
        kind = {"sum": sympy.Sum, "prod": sympy.Product, "integral": sympy.Integral}[x.operation]
        found = kind(body, (symbol, low, high))
        if x.operation == "integral" or not (low.is_finite and high.is_finite):
            self.endless.append((found, dict(self.places)))
        return found

    def end(self, x: Expression) -> Real:
        if x == INFINITY:
            return sympy.oo
        if isinstance(x, Multiply) and len(x.factors) == 2 and {*x.factors} == {MINUS_ONE, INFINITY}:
            return -sympy.oo
        return self.number(x)

    def need_range(self, low: Real, high: Real) -> None:
        """Integer ends in their order: SymPy gives sums over reversed ranges a meaning that is not ours."""
        for end in (low, high):
            if not end.is_infinite:
                self.need("is_integer", end)
        if not (low.is_infinite or high.is_infinite):
            self.need("is_nonnegative", high - low + 1)

    @contextmanager
    def running(self, x: Reduce, low: Real, high: Real) -> Iterator[Real]:
        """Bind the variable of ``x`` while its body is built."""
        integral = x.operation == "integral"
        symbol, place = running(x.variable, low.xreplace(self.places), high.xreplace(self.places), integral)
        names, places = dict(self.names), dict(self.places)
        self.names[x.variable] = symbol
        self.places.pop(symbol, None)
        if place is not None:
            self.places[symbol] = place
        self.bound += 1
        try:
            yield symbol
        finally:
            self.bound -= 1
            self.names, self.places = names, places

    # --- matrices ---

    def of_matrices(self, function: str, arguments: tuple[Expression, ...]) -> Real:
        match function:
            case "identity" if isinstance(size := arguments[0], Number) and size.value in range(1, MAX_ROWS + 1):
                return sympy.ImmutableMatrix(sympy.eye(int(size.value)))
            case "diag":
                values = [self.of(argument) for argument in arguments]
                return sympy.ImmutableMatrix(sympy.diag(*(values[0] if is_matrix(values[0]) else values)))
            case "matmul":
                product = reduce(operator.matmul, map(self.matrix, arguments))
                return product[0, 0] if product.shape == (1, 1) else product
            case "dot":
                left, right = map(self.matrix, arguments)
                return (left.T @ right)[0, 0]
            case "transpose":
                return self.matrix(arguments[0]).T
            case "det":
                return self.matrix(arguments[0]).det()
            case "trace":
                return self.matrix(arguments[0]).trace()
            case "norm":
                return sympy.sqrt(sum(entry**2 for entry in self.matrix(arguments[0])))
            case "inverse":
                matrix = self.matrix(arguments[0])
                self.need_divisor(Apply("det", arguments), determinant := matrix.det())
                return matrix.adjugate() / determinant
        raise Undecided("this has no counterpart in SymPy")


def is_matrix(x: Real) -> bool:
    return isinstance(x, sympy.MatrixBase)


def _only(x: Real, matrix: bool) -> Real:
    if is_matrix(x) != matrix:
        raise Undecided("a matrix stands where a number is expected" if not matrix else "a matrix is expected")
    return x
