"""The real course of this repository, loaded once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.loading.specs.course import Course, load_course

ROOT = Path(__file__).parent.parent


@cache
def real_course() -> Course:
    return load_course(ROOT / "problems", ROOT / "reference")
