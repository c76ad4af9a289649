"""The types of results: what ``--json`` writes (DESIGN §10) and every report reads.

``score`` is what is certain, ``pending`` what a marker may still add. Field names here are a contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

Status = Literal["correct", "partial", "incorrect", "blank", "malformed", "review", "error"]
Audience = Literal["student", "marker", "staff"]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feedback(_Typed):
    """A sentence, and whom it is for: the student (and everyone), the marker, or course staff."""

    audience: Audience = "student"
    text: str


class Outcome(_Typed):
    """What a checker says of one response: status, score and pending points, with reasons."""

    status: Status
    score: Amount = 0.0
    pending: Amount = 0.0
    read_as: str | None = None
    feedback: tuple[Feedback, ...] = ()
    evidence: dict[str, JsonValue] = {}

    def saying(self, *texts: str, audience: Audience = "student") -> Outcome:
        """The same outcome with more feedback at its end."""
        added = tuple(Feedback(audience=audience, text=text) for text in texts)
        return self.model_copy(update={"feedback": self.feedback + added})


def correct(points: float, **more: object) -> Outcome:
    return Outcome(status="correct", score=points, **more)  # type: ignore[arg-type]


def incorrect(**more: object) -> Outcome:
    return Outcome(status="incorrect", **more)  # type: ignore[arg-type]


def waiting(status: Literal["review", "malformed", "error"], points: float, text: str) -> Outcome:
    """Nothing is certain and every point is still open."""
    return Outcome(status=status, pending=points).saying(text)


class FieldResult(_Typed):
    name: str
    kind: str
    points: float
    score: Amount
    pending: Amount
    status: Status
    response: str | None
    read_as: str | None
    feedback: tuple[Feedback, ...]
    evidence: dict[str, JsonValue]


class ItemResult(_Typed):
    id: str
    points: float
    score: Amount
    pending: Amount
    status: Status
    fields: tuple[FieldResult, ...]


class AssignmentResult(_Typed):
    """``remarks`` are about files as a whole; ``unreadable`` names what of them could not be read."""

    id: str
    points: float
    score: Amount
    pending: Amount
    remarks: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    items: tuple[ItemResult, ...]


class SubmissionResult(_Typed):
    """``isolation`` is the sandbox level under which code ran, None where none ran.

    ``digest`` (SHA-256) is of the files that were read: the same for the same content in a folder, a zip or a tar.
    ``left_out`` names what was refused and lies in no folder of an assignment (for that, see there).
    """

    submission: str
    digest: str | None = None
    isolation: Literal["A", "B", "C"] | None = None
    refused: str | None = None
    left_out: tuple[str, ...] = ()
    assignments: tuple[AssignmentResult, ...] = ()

    @model_serializer(mode="wrap")
    def _what_there_is(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only a submission that was refused has that key, and so for the digest and what was left out."""
        data: dict[str, Any] = default(self)
        absent = {"digest": self.digest is None, "refused": self.refused is None, "left_out": not self.left_out}
        return {key: value for key, value in data.items() if not absent.get(key)}


class Report(_Typed):
    """Everything one run of ``grade`` found."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    submissions: tuple[SubmissionResult, ...]

    @property
    def exit_status(self) -> int:
        """3 if some item is in error, else 2 if some input could not be read, else 0 (DESIGN §10)."""
        graded = [assignment for result in self.submissions for assignment in result.assignments]
        if any(item.status == "error" for assignment in graded for item in assignment.items):
            return 3
        return 2 if any(r.refused is not None for r in self.submissions) or any(a.unreadable for a in graded) else 0


def combined_status(statuses: Iterable[Status], score: float, points: float) -> Status:
    """The status of an item from those of its fields: whatever keeps it open first, then how its points came out."""
    found = set(statuses)
    waiting_statuses: tuple[Status, ...] = ("error", "malformed", "review")
    for open_status in waiting_statuses:
        if open_status in found:
            return open_status
    if len(found) == 1:
        return found.pop()
    return "correct" if score == points else "partial" if score else "incorrect"
