"""Known functions with their arguments, the identity matrix, and what stands between signs that come in pairs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from fractions import Fraction

from grader.errors import Unreadable
from grader.math.names import SPELLINGS
from grader.math.shapes import function, inner
from grader.math.tables import RELATIONS, TableReader
from grader.math.tree import FUNCTIONS, MINUS_ONE, Apply, Expression, Multiply, Number, Power, Variable, invert
from grader.spec import Symbol

MAX_ROWS = 30


class FunctionReader(TableReader):
    """Reads known functions; ``norms`` counts open ‖."""

    def __init__(self, text: str, symbols: Mapping[str, Symbol]) -> None:
        super().__init__(text, symbols)
        self.norms = 0

    @abstractmethod
    def factor(self) -> Expression:
        """One factor with its power."""

    @abstractmethod
    def exponent(self) -> Expression:
        """What stands behind ``^``."""

    @abstractmethod
    def powered(self, base: Expression) -> Expression:
        """``base`` with the power behind it, if there is one."""

    @abstractmethod
    def starts_factor(self) -> bool:
        """Whether a factor begins here."""

    # --- between signs that come in pairs ---

    def enclosed(self) -> Expression:
        """What stands between signs that come in pairs of their own."""
        if self.sees("|", "lbar"):
            return self.absolute()
        if self.sees("||"):
            return self.norm()
        if self.sees("ceil(", "floor("):
            return self.integer_part()
        if self.sees("<("):
            return self.inner_product()
        if self.next.kind == "sign" and self.next.text.startswith("begin:"):
            return self.environment()
        return self.fail("a number, a name or an opening bracket")

    def absolute(self) -> Expression:
        """``|x|``: typed with left and right bars it nests; a plain bar closes the plain bar before it."""
        plain = self.take().text == "|"
        bars, self.bars = self.bars, self.bars + 1 if plain else 0
        inner = self.expression()
        self.bars = bars
        self.expect("|" if plain else "rbar")
        return self.fitting(lambda: function("abs", (inner,), self.symbols), self.next.start)

    def norm(self) -> Expression:
        r"""``\|x\|``, with or without the index 2."""
        self.take()
        bars, norms, self.bars, self.norms = self.bars, self.norms, 0, self.norms + 1
        found = self.expression()
        self.bars, self.norms = bars, norms
        self.expect("||")
        if self.accept("_"):
            index = self.single()
            if index != Number(Fraction(2)):
                self.fail("the index 2 at a norm, or none")
        return self.fitting(lambda: function("norm", (found,), self.symbols), self.next.start)

    def inner_product(self) -> Expression:
        start = self.take().start
        bars, self.bars = self.bars, 1  # a bar ends the first vector here
        left = self.expression()
        if not self.accept("|"):
            self.expect(",")
        right = self.expression()
        self.bars = bars
        self.expect(">)")
        return self.fitting(lambda: inner(left, right, self.symbols), start)

    def integer_part(self) -> Expression:
        name = self.take().text.removesuffix("(")
        inner = self.expression()
        self.expect(f"{name})")
        return Apply(name, (self.number_only(inner, "its integer part"),))

    # --- names and known functions ---

    # --- the identity matrix ---

    def at_identity(self) -> bool:
        """Whether this is the identity matrix, or an indicator that is called I."""
        return self.next.text in ("I", "identity", "Id", "Identity", "eye", "id")

    def identity(self) -> Expression:
        """The identity matrix: its size is an index or argument, else the only one that the item declares."""
        if self.next.text == "I" and self.after.text in ("(", "[", "{{") and self.holds_relation():
            return self.indicator()
        start = self.take().start
        if self.accept("_"):
            return self.sized(self.single(), start)
        if self.sees("(") and self.tokens[self.at - 1].text != "I":
            (size, *more) = self.arguments("identity")
            if more:
                self.fail("one size for the identity matrix")
            return self.sized(size, start)
        if self.next.kind == "name" and self.next.text == "matrix":
            self.take()
        sizes = {size: None for symbol in self.symbols.values() for size in symbol.shape}
        if len(sizes) != 1:
            raise Unreadable("the size of this identity matrix is not known: write it as an index, I_n", start)
        (size_name,) = sizes
        return self.sized(Number(Fraction(size_name)) if size_name.isdigit() else Variable(size_name), start)

    def sized(self, size: Expression, start: int) -> Expression:
        r"""An identity matrix of a size that is a number or a declared name, or twice the same (``n \\times n``)."""
        if isinstance(size, Multiply) and len(set(size.factors)) == 1:
            size = size.factors[0]
        self.number_only(size, "a size")
        whole = isinstance(size, Number) and size.value.denominator == 1 and 0 < size.value <= MAX_ROWS
        if not (whole or isinstance(size, Variable)):
            raise Unreadable("the size of an identity matrix is a number or a declared name", start)
        return Apply("identity", (size,))

    def holds_relation(self) -> bool:
        inside = self.tokens[self.at + 1 : self.closing(self.at + 1)]
        return any(token.kind == "sign" and token.text in RELATIONS for token in inside)

    # --- functions ---

    def application(self, name: str) -> Expression:
        self.take()
        if name == "sqrt":
            return self.root()
        base = self.log_base() if name == "log" else None
        power = self.exponent() if self.accept("^") else None
        arguments = self.function_arguments(name)
        expected = FUNCTIONS[name]
        if expected is not None and len(arguments) != expected:
            self.fail(f"{expected} argument{'s' * (expected != 1)} for `{name}` instead of {len(arguments)}")
        value = self.fitting(
            lambda: (
                function("logb", (base, *arguments), self.symbols) if base else function(name, arguments, self.symbols)
            ),
            self.next.start,
        )
        if power == MINUS_ONE and name in ("sin", "cos", "tan"):
            self.fail(f"`arc{name}` or `1/{name}(…)` instead of a power of -1, which can mean both")
        if power is None:
            return self.powered(value)
        return self.powered(Power(value, self.number_only(power, "a power")))

    def log_base(self) -> Expression | None:
        if self.accept("_"):
            return self.single()
        glued = self.next.text in ("2", "10") and self.next.start == self.tokens[self.at - 1].end
        if glued and self.after.text in ("(", "{", "["):
            return self.number()
        return None

    def root(self) -> Expression:
        degree: Expression | None = None
        if self.sees("["):
            degree = self.bracketed()
        if not self.sees("("):
            inner = self.single()
        else:
            inner, *more = self.arguments("sqrt")
            if more:
                self.fail("one argument for `sqrt`")
        self.number_only(inner, "what stands under a root")
        return Power(inner, invert(self.number_only(degree, "its degree"))) if degree else Apply("sqrt", (inner,))

    def function_arguments(self, name: str) -> tuple[Expression, ...]:
        if name == "binom" and not self.sees("("):
            return (self.single(), self.single())
        if name in ("norm", "det", "trace", "transpose", "inverse", "diag") and self.holds_list():
            return (self.bracketed(),)
        if self.sees("(", "[", "{{"):
            return self.arguments(name)
        if self.sees("{"):
            return (self.bracketed(),)
        return (self.bare_argument(name),)

    def bare_argument(self, name: str) -> Expression:
        r"""The argument in ``\cos 2\theta`` or ``\log p(x)``: numbers, then one factor."""
        numbers: list[Expression] = []
        while self.next.kind == "number":
            numbers.append(self.factor())
            if not self.starts_factor():
                break
        factors = numbers
        if not numbers or (self.starts_factor() and not self.at_function()):
            factors = [*numbers, self.factor()]
        if (self.starts_factor() and not self.at_function()) or (self.sees("/") and not self.divides_by_function()):
            self.fail(f"brackets that tell how far the argument of `{name}` reaches")
        return factors[0] if len(factors) == 1 else Multiply(tuple(factors))

    def divides_by_function(self) -> bool:
        r"""Whether ``\sin x / \cos x`` stands here, which can be read in one way only."""
        return SPELLINGS.get(self.after.text, self.after.text) in FUNCTIONS and self.after.kind in ("name", "command")

    def holds_list(self) -> bool:
        """Whether a matrix in square brackets stands here, the argument itself and not a bracket around it."""
        return self.sees("[") and self.after.text == "["

    def at_function(self) -> bool:
        return SPELLINGS.get(self.next.text, self.next.text) in {*FUNCTIONS, "sum", "prod", "integral", "frac"} and (
            self.next.kind in ("name", "command")
        )
