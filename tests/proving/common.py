"""A small course with one item, whose key and routes a test writes."""

from __future__ import annotations

from pathlib import Path

from grader.loading.specs.course import Course, load_course
from grader.proving.course import prove
from grader.proving.standing import Standing

HEAD = "title: Quiz\npoints: 2\nquestions: ['1']\n"
NUMBER = "    answer: {kind: numeric}\n"
CHOICE = "    answer: {kind: choice, options: yes/no}\n"


def write(folder: Path, key: str, field: str = NUMBER, symbols: str = "") -> Path:
    """``key`` is what stands below the item's id; ``field`` and ``symbols`` are of its problem."""
    (folder / "problems/quiz").mkdir(parents=True, exist_ok=True)
    (folder / "reference/quiz").mkdir(parents=True, exist_ok=True)
    (folder / "problems/quiz/assignment.yaml").write_text(HEAD)
    problem = f"question: 1\ntitle: One\nitems:\n  - id: 1a\n    points: 2\n    prompt: What?\n{symbols}{field}"
    (folder / "problems/quiz/1.yaml").write_text(problem)
    (folder / "reference/secret").write_text("of our own\n")
    body = "".join(f"  {line}\n" if line else "\n" for line in key.strip("\n").splitlines())
    (folder / "reference/quiz/1.yaml").write_text(f"1a:\n{body}")
    return folder


def load(folder: Path) -> Course:
    course = load_course(folder / "problems", folder / "reference")
    assert course.faults == ()
    return course


def standings(folder: Path, key: str, field: str = NUMBER, symbols: str = "") -> list[Standing]:
    return list(prove(load(write(folder, key, field, symbols))))


def standing(folder: Path, key: str, field: str = NUMBER, symbols: str = "") -> Standing:
    (found,) = standings(folder, key, field, symbols)
    return found
