"""Evidence as pages show it. What is not named here comes onto no student's page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from grader.checking.readings import RELATIONS

SIGNS = {
    "holds": ("✓", "holds"),
    "fails": ("✗", "does not follow"),
    "undefined": ("∅", "has no value"),
    "unread": ("!", "not readable"),
    "start": ("·", "start"),
}
_GREEK = re.compile(
    r"(?<![\\a-zA-Z])(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    r"upsilon|phi|chi|psi|omega)(?![a-zA-Z])"
)
_TOKEN = re.compile(r"\\begin\b|\\end\b|\\.|&", re.DOTALL)


class _Evidence(BaseModel):
    """Of what a checker recorded, the parts that are named; all else is left behind."""

    model_config = ConfigDict(frozen=True, extra="ignore")


T = TypeVar("T", bound=_Evidence)


def listed(model: type[T], value: JsonValue) -> list[T]:
    """Those that are such a thing. Evidence may come from a file of results, so nothing is taken for granted."""
    found = []
    for one in value if isinstance(value, list) else []:
        try:
            found.append(model.model_validate(one))
        except ValidationError:
            continue
    return found


# --- tests of code ---


class CodeTest(_Evidence):
    """A test as anybody may know it who may know its name."""

    name: str
    points: float
    score: float
    state: Literal["passed", "failed", "open"]
    visibility: Literal["public", "hidden"] = "hidden"
    detects: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """All hidden tests together, without a name among them."""

    points: float
    won: float
    open: float

    @property
    def lost(self) -> float:
        return round(self.points - self.won - self.open, 6)


def hidden_of(tests: Sequence[CodeTest]) -> Hidden | None:
    """Those among ``tests``, added up; None where there are none."""
    found = [test for test in tests if test.visibility == "hidden"]
    if not found:
        return None
    undecided = sum(test.points for test in found if test.state == "open")
    return Hidden(round(sum(test.points for test in found), 6), round(sum(test.score for test in found), 6), undecided)


# --- proofs ---


def greek(name: str) -> str:
    """A name in plain notation (``theta``) as LaTeX has it."""
    return _GREEK.sub(r"\\\g<0>", name)


class Objectives(_Evidence):
    """What each candidate, from 1, comes to in two optimisation problems, and which are best."""

    parameter: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    best_left: tuple[int, ...] = ()
    best_right: tuple[int, ...] = ()


class Entries(_Evidence):
    """A table of an instance. ``axes`` has a name for every level of ``entries``."""

    title: str
    axes: tuple[str, ...]
    entries: tuple[Any, ...]

    @property
    def columns(self) -> list[str]:
        """What stands above each column: the last axis runs to the right."""
        first = self.rows[0][1] if self.axes and self.rows else ()
        return [f"{greek(self.axes[-1])} = {k + 1}" for k in range(len(first))]

    @property
    def rows(self) -> list[tuple[str, tuple[Any, ...]]]:
        if not self.axes:
            return [("", self.entries[:1])]
        return list(_rows(self.entries, self.axes[:-1], ()))


def _rows(entries: Any, axes: Sequence[str], names: tuple[str, ...]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if not isinstance(entries, tuple | list):
        return
    if not axes:
        yield ", ".join(names), tuple(entries)
        return
    for k, inner in enumerate(entries):
        yield from _rows(inner, axes[1:], (*names, f"{greek(axes[0])} = {k + 1}"))


class Counterexample(_Evidence):
    """An instance of the world in which a step fails."""

    line: int
    read: tuple[str, ...] = ()
    tables: tuple[Entries, ...] = ()
    values: dict[str, str] = {}
    at: dict[str, str] = {}
    left: str = ""
    right: str = ""
    labels: tuple[str, str] = ("left side", "right side")
    objectives: Objectives | None = None

    @property
    def relation(self) -> str:
        """What stands between the two sides that were read, as LaTeX has it."""
        return RELATIONS.get(self.read[1], self.read[1])


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a proof: what was written, what became of it, and where it fails an instance that shows so."""

    number: int
    text: str
    mark: str
    example: Counterexample | None

    @property
    def sign(self) -> str:
        return SIGNS.get(self.mark, ("?", ""))[0]

    @property
    def word(self) -> str:
        return SIGNS.get(self.mark, ("", "not checked"))[1]


def lines_of(evidence: Mapping[str, JsonValue], with_examples: bool = True) -> list[Line]:
    """The lines of a proof; none where there is no such evidence."""
    rows, marks = evidence.get("rows"), evidence.get("lines")
    if not isinstance(rows, list) or not isinstance(marks, list):
        return []
    examples = (
        {one.line: one for one in listed(Counterexample, evidence.get("counterexamples"))} if with_examples else {}
    )
    pairs = enumerate(zip(rows, marks, strict=False), 1)
    return [Line(number, _alone(str(row)), str(mark), examples.get(number)) for number, (row, mark) in pairs]


def _alone(row: str) -> str:
    """A line of an ``aligned`` as it stands alone: without the signs that align it, with those of matrices in it."""
    depth, found, end = 0, [], 0
    for token in _TOKEN.finditer(row):
        depth += (token[0] == r"\begin") - (token[0] == r"\end")
        if token[0] == "&" and depth <= 0:
            found.append(row[end : token.start()])
            end = token.end()
    return " ".join("".join([*found, row[end:]]).split()).removesuffix("\\\\").strip()
