"""Results made by hand: of the real course, with whatever text in every place that text can come to."""

from __future__ import annotations

from typing import Any

from grader.result import AssignmentResult, Feedback, FieldResult, ItemResult, Report, Status, SubmissionResult

HIDDEN = "sample-support"


def field(name: str = "answer", kind: str = "numeric", status: Status = "incorrect", **more: Any) -> FieldResult:
    points = more.pop("points", 2.0)
    given: dict[str, Any] = {
        "score": points if status == "correct" else 0.0,
        "pending": points if status in ("review", "malformed", "error") else 0.0,
        "response": None if status == "blank" else "1/5",
        "read_as": None,
        "feedback": (),
        "evidence": {},
    }
    return FieldResult(name=name, kind=kind, status=status, points=points, **(given | more))


def item(name: str, *fields: FieldResult) -> ItemResult:
    return ItemResult(
        id=name,
        points=sum(one.points for one in fields),
        score=sum(one.score for one in fields),
        pending=sum(one.pending for one in fields),
        status=fields[0].status,
        fields=fields,
    )


def assignment(name: str, *items: ItemResult, **more: Any) -> AssignmentResult:
    return AssignmentResult(
        id=name,
        points=sum(one.points for one in items),
        score=sum(one.score for one in items),
        pending=sum(one.pending for one in items),
        items=items,
        **more,
    )


def with_text(text: str, evidence: str | None = None) -> SubmissionResult:
    """``text`` in every place that a student's own text can come to, ``evidence`` in what evidence adds to it."""
    more = text if evidence is None else evidence
    said = tuple(Feedback(audience=who, text=f"`{more}` $x$ {more}") for who in ("marker", "staff"))
    spoken = (Feedback(text=text), Feedback(text=f"This could not be read: `{text}` is no name."), *said)
    printed = Feedback(text=f"The public tests made it print: {text}")
    traced = {"traceback": more, "unread": more, "rung": more, "witness": {"T": more}, "values": {"key": more}}
    proof = field(
        kind="derivation",
        status="partial",
        response=text,
        feedback=spoken,
        evidence={
            "rows": [text, f"&= {text}"],
            "lines": ["holds", "fails"],
            "limits": text,
            "milestones": [1, more],
            "counterexamples": [_counterexample(text)],
            "more": more,
        },
    )
    code = field(
        kind="code",
        status="partial",
        response=text,
        feedback=(*spoken, printed),
        evidence={"tests": [_test("sample-type", "public", more), _test(more, "hidden", more)], "output": more},
    )
    marked = [
        assignment(
            "midterm",
            item("4a", field(response=text, read_as=text, feedback=spoken, evidence=traced)),
            item(
                "4b",
                field(kind="choice", response=text, read_as=f"{text}."),
                field("why", "text", "review", response=f"${text}$"),
            ),
            item("5d", proof),
            item("4c", field(kind="choice", status="malformed", response=text, feedback=spoken)),
            item("7c", field(kind="region", status="error", response=text, feedback=spoken, evidence=traced)),
            remarks=(text,),
            unreadable=(text,),
        ),
        assignment("ps1", item("6.3", code)),
    ]
    return SubmissionResult(submission=text, left_out=(text,), digest="0" * 64, assignments=tuple(marked))


def _counterexample(text: str) -> dict[str, Any]:
    return {
        "line": 2,
        "read": [text, "=", text],
        "tables": [{"title": text, "axes": [text, "x"], "entries": [[text, "0.5"], ["0.5", text]]}],
        "values": {text: text},
        "at": {text: text},
        "left": text,
        "right": text,
        "labels": [text, text],
    }


def _test(name: str, visibility: str, text: str) -> dict[str, Any]:
    state = {"points": 1.0, "score": 0.0, "state": "failed", "visibility": visibility}
    return {"name": name, "detects": "something" if visibility == "public" else text, "mistake": text, **state}


def refused(name: str, why: str) -> SubmissionResult:
    return SubmissionResult(submission=name, refused=why)


def report(*results: SubmissionResult) -> Report:
    return Report(submissions=results)
