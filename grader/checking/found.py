"""What a self-check found: the types that reports show and that ``grade check --json FILE`` writes.

``{"schema": 1, "submission": "alice", "isolation": "A", "assignments": [{"id": "midterm", "items": [{"id": "4d",
"state": "ready", "fields": [{"name": "jacobian", "kind": "symbolic", "state": "ready", "written": "r", "plain": "r",
"latex": "r", …}]}]}], "counts": {"ready": 2, …}}``

It is no result (DESIGN §10): there are no verdicts on responses in it, and no marks but those of public tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

State = Literal["ready", "malformed", "failed", "blank", "not run", "error"]
STATES: tuple[State, ...] = get_args(State)
_WORST: tuple[State, ...] = ("error", "malformed", "failed", "not run", "blank", "ready")


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _without_computed(cls, data: Any) -> Any:
        """What is computed is written out and, read back, computed anew."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in cls.model_computed_fields}


class Stop(_Typed):
    """Where reading stopped: ``position`` counts characters of ``text`` from 0, which is what was to be read, without
    what stood around it."""

    text: str
    position: int


class ProofLine(_Typed):
    """A line of a derivation as it was typed, and as it was read in LaTeX; ``trouble`` says why it could not be."""

    number: int
    written: str
    latex: str = ""
    trouble: str = ""
    position: int | None = None


class PublicTest(_Typed):
    """A public test that was run. ``open``: it came to no verdict."""

    name: str
    points: float
    state: Literal["passed", "failed", "open"]
    said: str = ""


class FieldCheck(_Typed):
    """One field.

    ``ready``: what is there was read (code: it is there, and no public test failed). ``malformed``: it could not be.
    ``failed``: code that Python cannot read, without the function asked for, or of which a public test failed.
    ``blank``: nothing is there. ``not run``: code that was not run, or not to an end. ``error``: the course or the
    grader is at fault.

    ``written`` is the beginning of the response, ``source`` the file with its line or cell. ``plain`` is the reading as
    text, ``latex`` the same as LaTeX where it is a formula; ``words`` counts those of prose. ``remarks`` are worth
    knowing and cost nothing here. Where something could not be read, ``trouble`` says why, ``stop`` where, and ``hint``
    what is expected. ``hidden`` are the points of tests that are run in grading alone.
    """

    name: str
    kind: str
    points: float
    state: State = "blank"
    written: str = ""
    source: str = ""
    plain: str = ""
    latex: str = ""
    words: int | None = None
    remarks: tuple[str, ...] = ()
    trouble: str = ""
    stop: Stop | None = None
    hint: str = ""
    lines: tuple[ProofLine, ...] = ()
    tests: tuple[PublicTest, ...] = ()
    hidden: float = 0.0
    printed: str = ""


class ItemCheck(_Typed):
    """One item; its ``state`` is that of the field that most needs a look."""

    id: str
    points: float
    remarks: tuple[str, ...] = ()
    fields: tuple[FieldCheck, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> State:
        found = {field.state for field in self.fields}
        return next(state for state in _WORST if state in found)


class AssignmentCheck(_Typed):
    """``remarks`` are about files as a whole; ``unreadable`` names what of them could not be read."""

    id: str
    remarks: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    items: tuple[ItemCheck, ...]


class Check(_Typed):
    """What one self-check found. ``isolation`` is the sandbox level under which code ran, None where none ran;
    ``digest`` is of the files that were read, the same that their result will have. ``remarks`` are worth knowing and
    cost nothing; ``left_out`` names what was refused."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    submission: str
    digest: str | None = None
    isolation: Literal["A", "B", "C"] | None = None
    remarks: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    assignments: tuple[AssignmentCheck, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def counts(self) -> dict[State, int]:
        """How many fields are in each state."""
        return counted(item for assignment in self.assignments for item in assignment.items)

    @property
    def fields(self) -> Iterator[FieldCheck]:
        return (field for assignment in self.assignments for item in assignment.items for field in item.fields)

    @property
    def exit_status(self) -> int:
        """3 if the course or the grader is at fault, 1 if something could not be read or a public test failed, else 0:
        what is blank or was not run may still come."""
        states = {field.state for field in self.fields}
        if "error" in states:
            return 3
        unreadable = any(assignment.unreadable for assignment in self.assignments) or self.left_out
        return 1 if unreadable or states & {"malformed", "failed"} else 0


def counted(items: Iterable[ItemCheck]) -> dict[State, int]:
    """How many fields of ``items`` are in each state; states that none is in are left out."""
    found = Counter(field.state for item in items for field in item.fields)
    return {state: found[state] for state in STATES if found[state]}
