"""Fields and keys of every kind, made without files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from grader.checkers import judge
from grader.errors import Where
from grader.keys import KEY_TYPES, FieldKey, Mistake
from grader.result import Outcome
from grader.spec import AnyField, Spec
from grader.submission import Response

POINTS = 2.0
_FIELDS: TypeAdapter[Any] = TypeAdapter(AnyField)


def field(kind: str, **more: object) -> Spec:
    return _FIELDS.validate_python({"kind": kind, "name": "answer", "points": POINTS, **more})


def key(kind: str, seed: str = "secret", **more: object) -> FieldKey:
    return KEY_TYPES[kind].model_validate(more).placed(Where(Path("key.yaml"), 7), seed)


POLAR = {
    "r": {"domain": "positive"},
    "theta": {"domain": "real", "latex": r"\theta"},
    "p_XY": {"arity": 2, "domain": "nonnegative", "latex": "p_{X,Y}"},
}
MODELS = {
    "AR": ("autoregressive",),
    "VAE": ("variational autoencoder",),
    "Flow": ("normalizing flow",),
    "GAN": ("generative adversarial network",),
    "EBM": ("energy-based model",),
}


def a_field_of(kind: str) -> tuple[Spec, FieldKey]:
    """A field of this kind as in the course, and its key."""
    described: dict[str, tuple[dict[str, object], dict[str, object]]] = {
        "choice": ({"options": "yes/no"}, {"value": "no"}),
        "select": ({"options": MODELS}, {"must": ("AR", "VAE")}),
        "order": ({"elements": ("z", "x"), "size": "T"}, {"value": "z_1, x_1, …, z_T, x_T"}),
        "numeric": ({}, {"value": "1/15"}),
        "symbolic": ({"symbols": POLAR}, {"value": "r*p_XY(r*cos(theta), r*sin(theta))"}),
        "region": ({"symbols": {"D": {"domain": "(0, 1)"}}}, {"value": "D < 1/2"}),
    }
    more, value = described[kind]
    return field(kind, **more), key(kind, **value)


def judged(
    spec: Spec, field_key: FieldKey | None, text: str, *mistakes: Mistake, parts: tuple[str, ...] | None = None
) -> Outcome:
    return judge(spec, field_key, mistakes, Response(text=text, parts=parts))


def said(outcome: Outcome) -> str:
    return "\n".join(feedback.text for feedback in outcome.feedback)


def agrees(outcome: Outcome, status: str) -> bool:
    """The status, and marks that go with it: nothing is certain while a response waits."""
    score = {"correct": POINTS, "incorrect": 0.0, "malformed": 0.0, "review": 0.0}[status]
    pending = POINTS if status in ("malformed", "review") else 0.0
    return (outcome.status, outcome.score, outcome.pending) == (status, score, pending)
