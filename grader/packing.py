"""An autograder for Gradescope: a zip of everything that grades one assignment there, the keys included.

Gradescope unpacks it into ``/autograder/source``, runs ``setup.sh`` once, and ``run_autograder`` for every submission.
"""

from __future__ import annotations

import io
import shlex
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from grader.errors import SpecError, UsageError
from grader.loading.specs.course import Course
from grader.loading.specs.keys import SECRET
from grader.spec import CodeField

PACKAGE = Path(__file__).parent
CONSTRAINTS = "constraints.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same zip
EXECUTABLE, PLAIN = 0o100755, 0o100644

SETUP = """\
#!/usr/bin/env bash
# Run once by Gradescope, as root, when it builds the image: Python 3.11 or newer, what the grader needs, bubblewrap.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
python=""
for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python="$name"
        break
    fi
done
if [ -z "$python" ]; then
    apt-get install -y --no-install-recommends python3.11 python3.11-venv
    python=python3.11
fi
"$python" -m venv "$root/venv"
pip() { "$root/venv/bin/pip" install --no-cache-dir "$@"; }
"""
TORCH = """\
pip "$(grep -i '^torch==' "$root/source/constraints.txt" || echo torch)" --index-url https://download.pytorch.org/whl/cpu
"""
INSTALL = """\
pip -c "$root/source/constraints.txt" -r "$root/source/requirements.txt"
"""
RUN = """\
#!/usr/bin/env bash
# Run by Gradescope for every submission: reads submission/, writes results/results.json, and leaves no such file where
# the grader is at fault, so that Gradescope reports a failed run and no mark is made of it. Only staff see its output.
set -u
exec 2>&1
root="${{AUTOGRADER_ROOT:-/autograder}}"
python="${{AUTOGRADER_PYTHON:-$root/venv/bin/python}}"
mkdir -p "$root/results"
rm -f "$root/results/results.json"
chmod -R go-rwx "$root/source/course"  # the keys
export PYTHONPATH="$root/source" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
cd /
exec "$python" -P -m grader.cli.gradescope "$root" {arguments}
"""


def pack(course: Course, assignment: str, unsandboxed: bool = False) -> bytes:
    """The zip for one assignment; its bytes depend on nothing but what is in it. ``unsandboxed`` runs course code also
    where it cannot be isolated.

    Raises UsageError where there is no such assignment, SpecError with all faults of its keys.
    """
    if assignment in course.broken:
        raise UsageError(f"{assignment} cannot be graded: its files are wrong, see above")
    if assignment not in course.assignments:
        raise UsageError(f"there is no assignment {assignment!r}; there are: {', '.join(course.assignments) or 'none'}")
    assert course.reference is not None
    broken = [key for key in course.keys[assignment].values() if isinstance(key, SpecError)]
    if broken:
        raise SpecError([fault for key in broken for fault in key.faults])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_files(course, assignment, unsandboxed)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is packed: it has the bits that make a file executable
            entry.external_attr = (EXECUTABLE if name in ("setup.sh", "run_autograder") else PLAIN) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def with_code(course: Course, assignment: str) -> bool:
    """Whether the assignment has items that run students' code."""
    return any(isinstance(field, CodeField) for item in course.assignments[assignment].items for field in item.fields)


def _files(course: Course, assignment: str, unsandboxed: bool) -> Iterator[tuple[str, bytes]]:
    assert course.reference is not None
    code = with_code(course, assignment)
    arguments = [shlex.quote(assignment), *["--allow-unsandboxed"] * unsandboxed]
    yield "setup.sh", (SETUP + TORCH * code + INSTALL).encode()
    yield "run_autograder", RUN.format(arguments=" ".join(arguments)).encode()
    yield "requirements.txt", "".join(f"{name}\n" for name in _requirements(code)).encode()
    yield CONSTRAINTS, _constraints()
    yield from _below(PACKAGE, "grader")
    yield from _below(course.problems / assignment, f"course/problems/{assignment}")
    yield from _below(course.reference / assignment, f"course/reference/{assignment}")
    if (course.reference / SECRET).is_file():
        yield f"course/reference/{SECRET}", (course.reference / SECRET).read_bytes()


def _below(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """Every file in a folder, but for hidden ones and what Python leaves behind."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield "/".join((name, *parts)), path.read_bytes()


def _requirements(code: bool) -> list[str]:
    """What the grader needs; with ``code`` also what runs course code."""
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():  # newer than what was recorded when it was installed from there
        said = tomllib.loads(project.read_text("utf-8"))["project"]
        return sorted([*said["dependencies"], *(said["optional-dependencies"]["code"] if code else ())])
    try:
        recorded = [entry.partition(";") for entry in metadata.requires("grader") or ()]
    except metadata.PackageNotFoundError:
        raise UsageError(
            "the grader is not installed here, so that what it needs is not known: pip install ."
        ) from None
    return sorted(name.strip() for name, _, marker in recorded if not marker or (code and '"code"' in marker))


def _constraints() -> bytes:
    """The versions that the grader is tested with; where it was installed without that list, those that are here."""
    listed = PACKAGE.parent / CONSTRAINTS
    if listed.is_file():
        return listed.read_bytes()
    versions = {found.name: found.version.partition("+")[0] for found in metadata.distributions()}
    return "".join(f"{name}=={versions[name]}\n" for name in sorted(versions) if name != "grader").encode()
