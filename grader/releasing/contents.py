"""All files of a release, made in memory from public files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SpecError, UsageError
from grader.loading.specs.course import Course
from grader.releasing.installing import install_command
from grader.releasing.notebook import notebook
from grader.releasing.prompts import prompts
from grader.releasing.skeletons import latex_skeleton, markdown_skeleton, yaml_skeleton
from grader.releasing.sources import public_files, telling_comments
from grader.releasing.starters import starter_files
from grader.scalars import nearest
from grader.spec import KINDS, Assignment

FORMATS = {"yaml": yaml_skeleton, "md": markdown_skeleton, "tex": latex_skeleton}
MANIFEST = "release.json"


@dataclass(frozen=True, slots=True)
class Release:
    """``files`` by name, with ``/`` between folders; ``install`` is the command for that in the instructions, which
    leave it open where it is None; ``warnings`` are for whoever releases it."""

    assignment: Assignment
    files: Mapping[str, bytes]
    install: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """The folder around all files in a zip. Not the assignment's own name: students hand in the one inside."""
        return f"{self.assignment.id}-release"


def make_release(course: Course, name: str, install: str | None = None) -> Release:
    """What students get of the assignment ``name``. The course must have been loaded without its reference.

    ``install`` is the command with which students install ``grade``; without one it is the one that fits how ``grade``
    is installed here, if that can be done elsewhere. Raises UsageError where there is no such assignment or a file is a
    link, and SpecError with every fault where its files are wrong or not filled in yet.
    """
    assert course.reference is None, "a release is made without keys"
    assignment = _sound(course, name)
    public = public_files(course.problems, assignment)
    starters = starter_files(assignment)
    install = install or install_command("code" if starters else "")
    own = {
        "README.md": _instructions(assignment, list(starters), install),
        f"{name}.md": prompts(assignment),
        f"{name}/answers.ipynb": notebook(assignment, starters),
    }
    for ending, skeleton in FORMATS.items():
        own[f"formats/{ending}/answers.{ending}"] = skeleton(assignment)
        own |= {f"formats/{ending}/{file}": text for file, text in starters.items()}
    files = {file: text.encode("utf-8") for file, text in own.items()} | public
    return Release(assignment, dict(sorted(files.items())), install, tuple(telling_comments(public)))


def _sound(course: Course, name: str) -> Assignment:
    if name not in course.names:
        known = ", ".join(course.names)
        raise UsageError(f"there is no assignment {name!r}{nearest(name, course.names)}; there are: {known}")
    folder = course.problems / name
    faults = [fault for fault in (*course.faults, *course.gaps) if _concerns(fault.where.file, folder)]
    if faults or name in course.broken:
        raise SpecError(faults or list(course.faults))
    return course.assignments[name]


def _concerns(file: Path, folder: Path) -> bool:
    return file == folder or file.is_relative_to(folder)


def _instructions(assignment: Assignment, starters: list[str], install: str | None) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("grader.releasing"),
        autoescape=False,  # it makes Markdown, of what instructors wrote
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    asked = {spec.kind for item in assignment.items for spec in item.fields}
    kinds = {kind: kind in asked for kind in KINDS}
    template = environment.get_template("README.md.j2")
    return template.render(assignment=assignment, starters=starters, kinds=kinds, install=install)
