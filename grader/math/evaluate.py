"""The value of an expression at a point, with a book of what a sample there can and cannot have seen."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import arb, fmpq

from grader.errors import Undecided
from grader.math.book import Book
from grader.math.grids import MAX_ROWS, NOTHING, Grid, Watch, diagonal
from grader.math.noticing import TIE, Noticing
from grader.math.points import Point, Quantity
from grader.math.quadrature import integrate
from grader.math.signs import positive
from grader.math.tree import (
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
    walk,
)
from grader.math.values import (
    KNOWN,
    Unclear,
    Undefined,
    Value,
    is_zero,
    magnitude,
    power,
    sign,
    small_enough,
)

MAX_RANGE = 400
# where an integrand is looked at: all over the range, and towards its ends, where it may have no value
SHARES = (
    [fmpq(n, 17) for n in range(1, 17)] + [fmpq(1, 2**n) for n in (8, 16, 32)] + [1 - fmpq(1, 2**n) for n in (8, 16)]
)


def evaluate(x: Expression, point: Point, book: Book) -> Value:
    """The value of ``x`` at ``point``, a number.

    Raises Undefined, Unclear (more bits may help) or Undecided (too costly, or no number).
    """
    value = evaluate_any(x, point, book)
    if isinstance(value, Grid):
        raise Undecided("this is no number, but a vector or matrix")
    return value


def evaluate_any(x: Expression, point: Point, book: Book) -> Quantity:
    """The value of ``x`` at ``point``, a number or the values of a vector or matrix."""
    evaluator = Evaluator(point, book)
    value = evaluator.quantity(x)
    if all(branch != TIE for _, branch in evaluator.taken):
        book.fresh_combinations.add(frozenset(evaluator.taken))
    return value


class Evaluator(Noticing):
    """One evaluation at one point."""

    def value(self, x: Expression) -> Value:
        """The value of what must be a number."""
        found = self.quantity(x)
        if isinstance(found, Grid):
            raise Undefined("a vector or matrix where a number is needed")
        return found

    def grid(self, x: Expression) -> Grid:
        """The value of what must be a vector or matrix; a number is one of size 1."""
        found = self.quantity(x)
        return found if isinstance(found, Grid) else Grid(((found,),))

    def quantity(self, x: Expression) -> Quantity:
        """The value; matrices with a single entry are numbers."""
        self.book.spend(1)
        found = _BY_NODE[type(x)](self, x)
        return found.rows[0][0] if type(found) is Grid and found.size == (1, 1) else found

    def number(self, x: Number) -> Value:
        found = self.book.numbers.get(id(x))
        if found is None:
            found = self.book.numbers[id(x)] = fmpq(x.value.numerator, x.value.denominator)
        return found

    def constant(self, x: Constant) -> Value:
        if x.name == "infinity":
            raise Undefined("infinity is not a number")
        return arb.pi() if x.name == "pi" else arb.const_e()

    def variable(self, x: Variable) -> Quantity:
        if x.name in self.bound:
            return self.bound[x.name]
        return self.point.grid(x.name) if self.point.shapes.get(x.name) else self.point.variable(x.name)

    def element(self, x: Element) -> Quantity:
        return self.point.element(x.family, self.integer(x.index, "an index"))

    def matrix(self, x: Matrix) -> Quantity:
        zero = Number(Fraction(0))
        rows = (tuple(NOTHING if entry == zero else self.value(entry) for entry in row) for row in x.rows)
        return Grid(tuple(rows))

    def derivative(self, x: Derivative) -> Quantity:
        return self.quantity(self.book.carried_out(x))

    def call(self, x: Call) -> Value:
        arguments = [self.noticed(x, a) for a in x.arguments]
        if not any(x.orders):
            return self.point.call(x.name, arguments)
        body = self.point.derivative(x.name, x.orders)
        self.book.spend(sum(1 for _ in walk(body)))
        names = {f"#{place}": argument for place, argument in enumerate(arguments)}
        return Evaluator(self.point, Book(), names).value(body)

    def add(self, x: Add) -> Quantity:
        values = [self.quantity(term) for term in x.terms]
        total = values[0]
        for value in values[1:]:
            total = _plus(total, value)
        plain = [not isinstance(v, Grid) and self.is_plain_zero(t, v) for t, v in zip(x.terms, values, strict=True)]
        if isinstance(total, Grid):
            self.watch_grids(x, values)
        else:
            self.accumulated(x, list(range(len(values))), [v for v in values if not isinstance(v, Grid)], plain)
        return total

    def power(self, x: Power) -> Value:
        base, exponent = self.value(x.base), self.noticed(x, x.exponent)
        if is_zero(base) and not (isinstance(x.exponent, Number) or positive(x.exponent, self.point.domains)):
            self.branches(x, (0, 1), sign(exponent))  # 0^0 is 1: a switch that all but one value leave open
        return power(base, exponent)

    def multiply(self, x: Multiply) -> Quantity:
        total = self.quantity(x.factors[0])
        for factor in x.factors[1:]:
            total = _times(total, self.quantity(factor))
        return total

    def matrix_function(self, x: Apply) -> Quantity:
        """Functions of vectors and matrices, which the reader has seen to fit together."""
        self.book.spend(10)
        if x.function == "entry":
            return self.entry(x)
        if x.function == "identity":
            return diagonal([fmpq(1)] * self.rows_of(x.arguments[0]))
        grids = [self.grid(argument) for argument in x.arguments]
        self.book.spend(sum(grid.size[0] * grid.size[1] for grid in grids))
        watch = self.watch(x)
        match x.function, grids:
            case "matmul", [first, *rest]:
                for number, grid in enumerate(rest):
                    first = first.times(grid, self.watch(x, number))
                return first
            case "dot", [left, right]:
                return left.inner(right, watch)
            case "norm", [grid]:
                return KNOWN["sqrt"](grid.inner(grid, watch))
            case "diag", _:
                return diagonal([entry for grid in grids for entry in grid])
            case "transpose", [grid]:
                return grid.transposed()
            case name, [grid]:
                return _OF_ONE[name](grid, watch)
        raise Undecided(f"`{x.function}` is not evaluated here")

    def entry(self, x: Apply) -> Value:
        grid, indices = self.grid(x.arguments[0]), [self.integer(i, "an index") for i in x.arguments[1:]]
        place = (*indices, 1)[:2]
        if not all(0 < index <= size for index, size in zip(place, grid.size, strict=True)):
            raise Undefined("an index beyond the size of a vector or matrix")
        return grid.rows[place[0] - 1][place[1] - 1]

    def rows_of(self, size: Expression) -> int:
        rows = self.integer(size, "a size")
        if not 0 < rows <= MAX_ROWS:
            raise Undecided(f"vectors and matrices have 1 to {MAX_ROWS} rows here")
        return rows

    def apply(self, x: Apply) -> Quantity:
        function = x.function
        if function in MATRICES:
            return self.matrix_function(x)
        self.book.spend(10)
        if function == "cases":
            return self.cases(x)
        if function in ("less", "atmost", "same"):
            return self.relation(x, function)
        values = [self.noticed(x, a) for a in x.arguments]
        if function in ("abs", "sign", "max", "min"):
            return self.branch(x, function, values)
        if function in ("ceil", "floor") or (function.startswith("arc") and not _is_polynomial(x.arguments[0])):
            self.book.notice(x, "steps", self.book.is_constant(x))
        if function in ("tanh", "sinh", "cosh"):
            self.book.notice(x, "saturation", magnitude(values[0]) < 5)
        return KNOWN[function](*values)

    def relation(self, x: Apply, function: str) -> Value:
        """1 where the relation holds, else 0. Both must be seen, like branches."""
        left, right = map(self.value, x.arguments)
        side = sign(right - left)
        holds = side > 0 if function == "less" else side >= 0 if function == "atmost" else side == 0
        # at a tie the side that < and <= fall on is no news: it may be that one point
        self.branches(x, (0, 1), int(holds) if side or function == "same" else TIE)
        return fmpq(int(holds))

    def cases(self, x: Apply) -> Quantity:
        """The value of the first case whose condition holds; only that one is evaluated."""
        conditions = x.arguments[1::2]
        outer, self.within_condition = self.within_condition, True
        truths: list[bool] = []
        for condition in conditions:
            truths.append(self.truth(condition, any(truths)))
        chosen = next((n for n, truth in enumerate(truths) if truth), len(conditions))
        self.within_condition = outer
        values = (*x.arguments[0:-1:2], x.arguments[-1]) if len(x.arguments) % 2 else x.arguments[::2]
        self.branches(x, tuple(range(len(values))), chosen)
        if chosen == len(values):
            raise Undefined("no case holds here")
        return self.quantity(values[chosen])

    def truth(self, condition: Expression, decided: bool) -> bool:
        """Whether a condition holds. Where an earlier one does, it is evaluated only to see its sides and
        need not have a value."""
        try:
            return bool(sign(self.value(condition)))
        except (Undefined, Unclear):
            if decided:
                return False
            raise

    def branch(self, x: Apply, function: str, values: list[Value]) -> Value:
        if function in ("abs", "sign"):
            side = sign(values[0])
            self.branches(x, (-1, 1) if function == "abs" else (-1, 0, 1), side)
            return values[0] * side if function == "abs" else fmpq(side)
        best, chosen, up = values[0], 0, 1 if function == "max" else -1
        for place, value in enumerate(values[1:], 1):
            side = sign(value - best) * up
            if side > 0:
                best, chosen = value, place
            elif side == 0:
                chosen = TIE
        self.branches(x, tuple(range(len(values))), chosen)
        return best

    def integer(self, x: Expression, what: str) -> int:
        value = self.value(x)
        if isinstance(value, fmpq) and value.q == 1:
            return int(value.p)
        if isinstance(value, fmpq) or not value.contains_integer():
            raise Undefined(f"{what} must be an integer")
        raise Undecided(f"{what} cannot be told to be an integer")

    def integral(self, x: Reduce) -> Value:
        """An integral; a few values of the integrand tell what in it samples can notice."""
        if any(isinstance(node, Constant) and node.name == "infinity" for end in (x.low, x.high) for node in walk(end)):
            raise Undecided("an integral without bounds is not evaluated")
        low, high = self.noticed(x, x.low), self.noticed(x, x.high)
        before = self.bound.get(x.variable)
        for share in SHARES:
            self.bound[x.variable] = low + (high - low) * share
            self.value(x.body)
        del self.bound[x.variable]
        found = integrate(x.body, x.variable, low, high, self.value, self.book.spend)
        if before is not None:
            self.bound[x.variable] = before
        return found

    def reduce(self, x: Reduce) -> Quantity:
        if x.operation == "integral":
            return self.integral(x)
        low, high = self.integer(x.low, "a bound"), self.integer(x.high, "a bound")
        if high - low > MAX_RANGE:
            raise Undecided(f"a sum or product over more than {MAX_RANGE} terms is not evaluated")
        if high < low - 1:
            raise Undefined("a sum or product whose upper bound lies below its lower one")
        self.book.notice(x, "entered", high >= low)
        before = self.bound.get(x.variable)
        total: Quantity | None = None
        terms: list[tuple[Quantity, bool]] = []
        self.reductions += 1
        for index in range(low, high + 1):
            self.bound[x.variable] = fmpq(index)
            value = self.quantity(x.body)
            if x.operation == "sum":
                terms.append((value, not isinstance(value, Grid) and self.is_plain_zero(x.body, value)))
            total = value if total is None else (_plus if x.operation == "sum" else _times)(total, value)
        self.reductions -= 1
        self.watch_terms(x, terms)
        if before is None:
            self.bound.pop(x.variable, None)
        else:
            self.bound[x.variable] = before
        return total if total is not None else fmpq(int(x.operation == "prod"))


_BY_NODE: dict[type, Callable[..., Quantity]] = {
    Number: Evaluator.number,
    Constant: Evaluator.constant,
    Variable: Evaluator.variable,
    Element: Evaluator.element,
    Call: Evaluator.call,
    Apply: Evaluator.apply,
    Add: Evaluator.add,
    Multiply: Evaluator.multiply,
    Power: Evaluator.power,
    Reduce: Evaluator.reduce,
    Derivative: Evaluator.derivative,
    Matrix: Evaluator.matrix,
}


def _plus(a: Quantity, b: Quantity) -> Quantity:
    if isinstance(a, Grid) and isinstance(b, Grid):
        return a.plus(b)
    if isinstance(a, Grid) or isinstance(b, Grid):
        # an empty sum of vectors is a zero that does not know its size
        if isinstance(a, Grid) and not isinstance(b, Grid) and is_zero(b):
            return a
        if isinstance(b, Grid) and not isinstance(a, Grid) and is_zero(a):
            return b
        raise Undefined("a number and a vector or matrix cannot be added")
    return small_enough(a + b)


def _times(a: Quantity, b: Quantity) -> Quantity:
    if isinstance(a, Grid):
        if isinstance(b, Grid):
            raise Undecided("a product of matrices with bounds is not evaluated")
        return a.scaled(b)
    return b.scaled(a) if isinstance(b, Grid) else small_enough(a * b)


_OF_ONE: dict[str, Callable[[Grid, Watch], Quantity]] = {
    "det": Grid.determinant,
    "inverse": Grid.inverse,
    "trace": Grid.trace,
}
MATRICES = frozenset({*_OF_ONE, "transpose", "identity", "matmul", "dot", "norm", "diag", "entry"})


def _is_polynomial(x: Expression) -> bool:
    """Whether an inverse function of ``x`` is smooth: arccos(cos x) and arctan(1/x) have steps to be missed."""
    return all(
        isinstance(node, Number | Constant | Variable | Add | Multiply)
        or (isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.value > 0)
        for node in walk(x)
    )
