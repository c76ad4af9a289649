"""A small assignment with one item for each way of asking, and a way to read files as a submission to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.loading.work.answers import read_work
from grader.loading.work.snapshot import take_in
from grader.spec import Assignment, Question
from grader.submission import Response, Work

MODELS = ["AR", "VAE", "Flow", "GAN", "EBM"]


def _question(number: str, *items: dict[str, object]) -> Question:
    described = [{"points": 2, "prompt": "…", **item} for item in items]
    return Question.model_validate({"question": number, "title": "…", "items": described})


@pytest.fixture
def assignment() -> Assignment:
    yes_no: dict[str, object] = {"kind": "choice", "points": 1, "options": "yes/no"}
    symbolic, construct = {"kind": "symbolic", "points": 1}, {"kind": "construct", "points": 1}
    why = {"kind": "text", "points": 1}
    return Assignment(
        id="quiz",
        title="Quiz one",
        points=22,
        questions=(
            _question("1", {"id": "1", "answer": {"kind": "derivation"}}),
            _question(
                "2",
                {"id": "2a", "fields": {"answer": {"kind": "select", "points": 1, "options": MODELS}, "why": why}},
                {"id": "2b", "fields": {"answer": yes_no, "why": why}},
                {"id": "2c", "fields": {"answer": yes_no, "why": why}},
                {"id": "2d", "fields": {"jacobian": symbolic, "density": symbolic}},
                {"id": "2e", "fields": {"p": yes_no, "p_T": yes_no}},
            ),
            _question(
                "3",
                {"id": "3.1", "answer": {"kind": "numeric"}},
                {"id": "3.2", "fields": {"mu_2": construct, "why": why}},
                {"id": "3.3a", "answer": {"kind": "region"}},
                {"id": "3.3b", "fields": {"T": construct, "t": construct}},
                {"id": "3.4", "answer": {"kind": "order", "elements": ["x"], "size": "T"}},
            ),
        ),
    )


@dataclass(frozen=True)
class Seen:
    """A work that was read, with short ways to look at it."""

    work: Work

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        return {item: {name: r.text for name, r in fields.items()} for item, fields in self.work.responses.items()}

    @property
    def clean(self) -> bool:
        """Nothing was remarked, nothing is in trouble, no response has a problem."""
        responses = [r for fields in self.work.responses.values() for r in fields.values()]
        return not (self.work.remarks or self.work.troubles or any(r.problem for r in responses))

    @property
    def troubles(self) -> list[tuple[str, str]]:
        return [(trouble.status, trouble.text) for trouble in self.work.troubles]

    def response(self, item: str, field: str = "answer") -> Response:
        return self.work.responses[item][field]

    def problem(self, item: str, field: str = "answer") -> str:
        return self.response(item, field).problem or ""

    def remarks(self, item: str | None = None) -> str:
        """What was remarked on an item; or on the whole, with what was lost."""
        said = [remark.text for remark in self.work.remarks if remark.item == item]
        return "\n".join(said if item else [*self.work.lost, *said])


@pytest.fixture
def read(tmp_path: Path, assignment: Assignment) -> Callable[..., Seen]:
    """Write answer files (``md="…"`` is answers.md) and read them as one work."""

    def read_files(**files: str | bytes) -> Seen:
        for ending, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / f"answers.{ending}").write_bytes(data)
        return Seen(read_work(take_in(tmp_path, ()), assignment))

    return read_files


@pytest.fixture
def reread(tmp_path: Path, assignment: Assignment) -> Callable[[], Seen]:
    """Read what a test itself put into its folder."""
    return lambda: Seen(read_work(take_in(tmp_path, ()), assignment))


@pytest.fixture
def notebook() -> Callable[..., str]:
    """A notebook of Markdown cells; a cell that begins ``# file:`` or ``import`` is code."""

    def write(*cells: str) -> str:
        return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [*map(_cell, cells)]})

    return write


def _cell(source: str) -> dict[str, object]:
    if not source.startswith(("# file:", "import")):
        return {"cell_type": "markdown", "metadata": {}, "source": source}
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
