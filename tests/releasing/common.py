"""Releases of the two papers, made once, and a way to read what was filled in."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.loading.specs.course import Course, load_course
from grader.loading.work.answers import read_work
from grader.loading.work.snapshot import take_in
from grader.releasing.contents import Release, make_release
from grader.submission import Work
from tests.course import ROOT

ASSIGNMENTS = ("midterm", "ps1")
FORMATS = ("ipynb", "yaml", "md", "tex")


@cache
def public() -> Course:
    return load_course(ROOT / "problems", None)


@cache
def release(name: str) -> Release:
    return make_release(public(), name)


def text(name: str, file: str) -> str:
    return release(name).files[file].decode("utf-8")


def skeleton(name: str, form: str) -> str:
    return text(name, f"{name}/answers.ipynb" if form == "ipynb" else f"formats/{form}/answers.{form}")


def read(folder: Path, name: str, **files: str) -> Work:
    for file, content in files.items():
        (folder / file.replace("_", ".")).write_text(content, "utf-8")
    return read_work(take_in(folder, ()), public().assignments[name])


def clean(work: Work) -> bool:
    return not (work.remarks or work.troubles or work.lost)
