"""Problems and keys, from YAML to types. All that is wrong is found at once, each with its file, line and field.

An assignment whose public files are wrong cannot be graded at all and is left out; a wrong key makes only its own item
fail (as ``error``), so that one slip in ``reference/`` does not stop a class.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import Fault, SpecError, UsageError
from grader.keys import FieldKey, ItemKey, SelectKey
from grader.loading.specs.keys import Keys, load_keys, load_secret
from grader.loading.specs.problems import HEAD, load_problems
from grader.loading.specs.strays import strays_of_problems, strays_of_reference
from grader.spec import Assignment
from grader.submission import Response, Work


@dataclass(frozen=True)
class Course:
    """``keys`` is by assignment, then item: a key, or why there is none. ``faults`` concern files as a whole, and
    ``broken`` names the assignments that could not be loaded for them. ``gaps`` are what ``grade new`` left to fill in
    where it keeps nothing from being used."""

    assignments: dict[str, Assignment]
    keys: dict[str, Keys] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    reference: Path | None = None
    broken: tuple[str, ...] = ()
    problems: Path = Path("problems")
    gaps: tuple[Fault, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every assignment there is, loaded or not."""
        return tuple(sorted((*self.assignments, *self.broken)))


def find_folder(name: str, start: Path) -> Path | None:
    """``name`` beside ``start`` or its nearest parent that has it, as a person at ``start`` would write it."""
    found = next((folder / name for folder in (start, *start.parents) if (folder / name).is_dir()), None)
    return found and Path(os.path.relpath(found, start))


def load_course(problems: Path, reference: Path | None, may_be_empty: bool = False) -> Course:
    """Load every assignment under ``problems``, with its keys where ``reference`` is given.

    Raise UsageError where there is none, unless one is about to be written.
    """
    folders = sorted(path.parent for path in problems.glob(f"*/{HEAD}"))
    if not folders and not may_be_empty:
        raise UsageError(f"{problems} holds no assignment: expected <assignment>/{HEAD} in it")
    loaded = [load_problems(folder) for folder in folders]
    assignments = {found.assignment.id: found.assignment for found in loaded if found.assignment}
    faults = [*strays_of_problems(problems), *(fault for found in loaded for fault in found.faults)]
    gaps = [gap for found in loaded for gap in found.gaps]
    keys: dict[str, Keys] = {}
    if reference is not None:
        secret, troubles = load_secret(reference)
        faults += [*troubles, *strays_of_reference(reference, {found.folder: found.names for found in loaded})]
        for found in loaded:
            read = load_keys(found.folder, found.questions, reference, secret)
            faults += read.faults
            gaps += read.gaps
            if found.assignment:
                keys[found.folder] = read.keys
                continue
            # nobody will ask for these keys, so what is wrong with them is said here
            others = load_keys(found.folder, found.damaged, reference, secret)
            gaps += others.gaps
            looked_at = (*read.keys.values(), *others.keys.values())
            faults += [fault for key in looked_at if isinstance(key, SpecError) for fault in key.faults]
    broken = tuple(found.folder for found in loaded if not found.assignment)
    return Course(assignments, keys, tuple(dict.fromkeys(faults)), reference, broken, problems, tuple(gaps))


# --- the reference as a submission ---------------------------------------------------------------------------------


def reference_work(course: Course, assignment: Assignment) -> Work:
    """The keys of an assignment as if a student had handed them in."""
    assert course.reference is not None
    responses: dict[str, dict[str, Response]] = {}
    for item in assignment.items:
        key = course.keys[assignment.id].get(item.id)
        if isinstance(key, ItemKey):
            found = {name: as_response(field_key) for name, field_key in key.fields.items()}
            responses[item.id] = {name: response for name, response in found.items() if response.text}
    files = sorted(path for path in (course.reference / assignment.id).glob("*.py") if path.is_file())
    code = {path.name: path.read_text("utf-8", errors="replace") for path in files}
    return Work(assignment=assignment.id, responses=responses, code=code, is_key=True)


def as_response(key: FieldKey) -> Response:
    """The key as a student would have written it."""
    if isinstance(key, SelectKey):
        return Response(text=", ".join(key.must) or "none", parts=key.must or None)
    return Response(text=getattr(key, "value", ""))
