"""Brackets and what they may hold: vectors, matrices, conditions that count as 0 or 1, and pieces of a function."""

from __future__ import annotations

from abc import abstractmethod

from grader.errors import Unreadable
from grader.math.cursor import CLOSING
from grader.math.derivatives import DerivativeReader
from grader.math.shapes import function
from grader.math.tree import ONE, Add, Apply, Expression, Matrix, Multiply, negate

RELATIONS = ("<", ">", "<=", ">=", "=", "!=")
_MATRICES = {"pmatrix", "bmatrix", "Bmatrix", "matrix", "smallmatrix", "array", "psmallmatrix", "bsmallmatrix"}
_IF = ("if", "for", "when", "where")
_ELSE = ("otherwise", "else")
MAX_ENTRIES = 400


class TableReader(DerivativeReader):
    """Reads brackets, environments and conditions."""

    @abstractmethod
    def sum(self) -> Expression:
        """Terms joined by signs."""

    def bracketed(self) -> Expression:
        """What stands in brackets: one formula, a vector or a matrix, or, in square ones, a condition."""
        opening = self.take().text
        bars, self.bars = self.bars, 0
        inner = self.inside(opening)
        self.expect(CLOSING[opening])
        self.bars = bars
        return inner

    def inside(self, opening: str) -> Expression:
        start = self.at
        inner = self.expression()
        if self.goes_on_as_condition(inner):
            if opening != "[":
                self.fail("the closing bracket (relations count as 0 or 1 in square brackets)")
            return self.condition(inner)
        if opening in ("(", "[") and self.sees(",", ";"):
            return self.listed(inner)
        row = opening == "[" and self.tokens[start].text == "[" and self.closing(start) == self.at - 1
        return _transposed(inner) if row and isinstance(inner, Matrix) else inner

    def listed(self, first: Expression) -> Expression:
        """``a, b`` is a vector, ``(a, b), (c, d)`` a matrix by its rows, and so is ``a, b; c, d``."""
        start = self.next.start
        rows, semicolons = [[first]], self.sees(";")
        while self.sees(",", ";"):
            if self.take().text == ";":
                semicolons = True
                rows.append([])
            rows[-1].append(self.expression())
        semicolons = semicolons or len(rows) > 1
        if semicolons:
            return self.matrix(rows, start)
        entries = rows[0]
        columns = [entry for entry in entries if isinstance(entry, Matrix) and len(entry.rows[0]) == 1]
        if len(columns) == len(entries):
            return self.matrix([[entry for (entry,) in column.rows] for column in columns], start)
        return self.matrix([[entry] for entry in entries], start)

    def matrix(self, rows: list[list[Expression]], start: int) -> Expression:
        if len({len(row) for row in rows}) != 1:
            raise Unreadable("the rows of this matrix have different lengths", start)
        if len(rows) * len(rows[0]) > MAX_ENTRIES:
            raise Unreadable(f"a matrix with more than {MAX_ENTRIES} entries", start)
        for entry in (entry for row in rows for entry in row):
            if self.shape(entry):
                raise Unreadable("an entry of this matrix is a matrix itself", start)
        return Matrix(tuple(map(tuple, rows))) if len(rows) * len(rows[0]) > 1 else rows[0][0]

    # --- environments ---

    def environment(self) -> Expression:
        token = self.take()
        name = token.text.removeprefix("begin:")
        bars, self.bars = self.bars, 0
        if name == "cases":
            found = self.cases_rows()
        elif name in _MATRICES | {"vmatrix"}:
            found = self.matrix(self.cells(), token.start)
            if name == "vmatrix":
                found = self.fitting(lambda: function("det", (found,), self.symbols), token.start)
        else:
            raise Unreadable(f"`{name}` is no environment that can stand in a formula", token.start)
        self.expect(f"end:{name}")
        self.bars = bars
        return found

    def cells(self) -> list[list[Expression]]:
        rows = [[self.expression()]]
        while self.sees("&", "\\"):
            if self.take().text == "&":
                rows[-1].append(self.expression())
            elif not self.next.text.startswith("end:"):
                rows.append([self.expression()])
        return rows

    def cases_rows(self) -> Expression:
        """Rows of a value, ``&`` and its condition; the last one may be for what is left."""
        parts: list[Expression] = []
        while not self.next.text.startswith("end:"):
            with self.deeper():
                parts.append(self.sum())
            self.accept(",", ";")
            self.accept("&")
            self.accept(",", ";")
            self.word(*_IF)
            rest = self.word(*_ELSE)
            if not rest:
                parts.append(self.condition(self.expression()))
            self.accept(",", ";", ".")
            if rest or not self.accept("\\"):
                self.accept("\\")
                break
        return self.pieces(parts)

    def pieces(self, parts: list[Expression]) -> Expression:
        values = [part for place, part in enumerate(parts) if place % 2 == 0]
        if len(parts) < 2:
            self.fail("a value and its condition, as in `0 & x < 0`")
        if len({self.shape(value) for value in values}) > 1:
            self.fail("values of one shape in all cases")
        return Apply("cases", tuple(parts))

    def plain_cases(self) -> Expression:
        """``cases(0, x < 0, 1)``: values, each with its condition, then the value for what is left."""
        self.take()
        self.expect("(")
        parts: list[Expression] = []
        while True:
            part = self.expression()
            wants_condition = len(parts) % 2 == 1
            if wants_condition and self.goes_on_as_condition(part):
                part = self.condition(part)
            parts.append(part)
            if wants_condition and not _is_condition(part):
                self.at -= 1
                self.fail("a condition such as x < 0")
            if not self.accept(","):
                break
        self.expect(")")
        return self.pieces(parts)

    def conditional(self, value: Expression) -> Expression:
        """``0 if x < 0 else 1``, behind its first value."""
        self.take()
        parts = [value, self.condition(self.expression())]
        if not self.word(*_ELSE):
            self.fail("`else` and the other value")
        parts.append(self.expression())
        return self.pieces(parts)

    # --- conditions ---

    def word(self, *words: str) -> bool:
        if self.next.kind in ("name", "sign") and self.next.text in words:
            self.take()
            return True
        return False

    def goes_on_as_condition(self, first: Expression) -> bool:
        """Whether a relation stands here, or ``and`` or ``or`` behind a condition."""
        return self.sees(*RELATIONS) or (_is_condition(first) and self.next.text in ("and", "or"))

    def condition(self, first: Expression) -> Expression:
        """A condition whose first side was read: relations, joined by ``and`` (which binds tighter) and ``or``."""
        parts = [self.conjunction(first)]
        while self.word("or"):
            parts.append(self.conjunction(self.expression()))
        return Apply("max", tuple(parts)) if len(parts) > 1 else parts[0]

    def conjunction(self, first: Expression) -> Expression:
        parts = [self.relations(first)]
        while self.word("and"):
            parts.append(self.relations(self.expression()))
        return Multiply(tuple(parts)) if len(parts) > 1 else parts[0]

    def relations(self, first: Expression) -> Expression:
        if _is_condition(first) and not self.sees(*RELATIONS):
            return first  # a condition in brackets
        links: list[Expression] = []
        left = first
        while self.sees(*RELATIONS):
            sign = self.take().text
            right = self.sum()
            if self.shape(left) or self.shape(right):
                self.fail("numbers on both sides of the relation, not vectors")
            links.append(_holds(sign, left, right))
            left = right
        if not links:
            self.fail("a relation such as `<`")
        return Multiply(tuple(links)) if len(links) > 1 else links[0]

    def indicator(self) -> Expression:
        r"""``\mathbb{1}[x > 0]``, with any bracket, or the condition as an index."""
        self.take()
        index = self.accept("_")
        opening = self.next.text
        if not self.accept("(", "[", "{", "{{"):
            self.fail("a condition in brackets, as in [x > 0]")
        # \mathbb{1}_{[x > 0]} has a bracket within the index
        more = self.take().text if index and self.sees("[", "(", "{{") else ""
        found = self.condition(self.expression())
        if more:
            self.expect(CLOSING[more])
        self.expect(CLOSING[opening])
        if index and self.sees("(", "["):
            self.fail("an operator (an indicator with its condition as an index takes no argument)")
        return found


def _holds(sign: str, left: Expression, right: Expression) -> Expression:
    if sign in (">", ">="):
        left, right = right, left
    name = {"<": "less", ">": "less", "<=": "atmost", ">=": "atmost"}.get(sign, "same")
    found = Apply(name, (left, right))
    return Add((ONE, negate(found))) if sign == "!=" else found


def _is_condition(x: Expression) -> bool:
    match x:
        case Apply("less" | "atmost" | "same", _):
            return True
        case Multiply(parts) | Apply("max", parts):
            return all(map(_is_condition, parts))
        case Add((one, Multiply((_, inner)))):
            return one == ONE and _is_condition(inner)
    return False


def _transposed(x: Matrix) -> Matrix:
    return Matrix(tuple(zip(*x.rows, strict=True)))
