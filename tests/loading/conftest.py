"""A small assignment with one item for each way of asking, and a way to read files as a submission to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.loading.answers import read_work
from grader.spec import Assignment, Question
from grader.submission import Work

MODELS = ["AR", "VAE", "Flow", "GAN", "EBM"]
WHY = {"kind": "text", "points": 1}


def question(number: str, *items: dict[str, object]) -> Question:
    described = [{"points": 2, "prompt": "…", **item} for item in items]
    return Question.model_validate({"question": number, "title": "…", "items": described})


@pytest.fixture
def assignment() -> Assignment:
    yes_no = {"kind": "choice", "points": 1, "options": "yes/no"}
    symbolic, construct = {"kind": "symbolic", "points": 1}, {"kind": "construct", "points": 1}
    return Assignment(
        id="quiz",
        title="Quiz one",
        points=22,
        questions=(
            question("1", {"id": "1", "answer": {"kind": "derivation"}}),
            question(
                "2",
                {"id": "2a", "fields": {"answer": {"kind": "select", "points": 1, "options": MODELS}, "why": WHY}},
                {"id": "2b", "fields": {"answer": yes_no, "why": WHY}},
                {"id": "2c", "fields": {"answer": yes_no, "why": WHY}},
                {"id": "2d", "fields": {"jacobian": symbolic, "density": symbolic}},
                {"id": "2e", "fields": {"p": yes_no, "p_T": yes_no}},
            ),
            question(
                "3",
                {"id": "3.1", "answer": {"kind": "numeric"}},
                {"id": "3.2", "fields": {"mu_2": construct, "why": WHY}},
                {"id": "3.3a", "answer": {"kind": "region"}},
                {"id": "3.3b", "fields": {"T": construct, "t": construct}},
                {"id": "3.4", "answer": {"kind": "order", "elements": ["x"], "size": "T"}},
            ),
        ),
    )


ReadFiles = Callable[..., Work]


@pytest.fixture
def read(tmp_path: Path, assignment: Assignment) -> ReadFiles:
    """Write answer files (``md="…"`` is answers.md) and read them as one work."""

    def read_files(**files: str | bytes) -> Work:
        for ending, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / f"answers.{ending}").write_bytes(data)
        return read_work(tmp_path, assignment)

    return read_files


def texts(work: Work) -> dict[str, dict[str, str]]:
    """The responses as plain text, for comparison."""
    return {item: {name: r.text for name, r in fields.items()} for item, fields in work.responses.items()}


def remarks(work: Work, item: str | None = None) -> str:
    """What was remarked on an item, or on the whole."""
    return "\n".join(remark.text for remark in work.remarks if remark.item == item)
