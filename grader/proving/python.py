"""Routes in Python: a function of the author's, in the key's folder, run in a child process with a deadline."""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from pathlib import Path

from grader.checkers import judge, judge_constructs
from grader.errors import GraderError, Unreadable
from grader.keys import NumericKey
from grader.proving.keyed import Keyed
from grader.proving.standing import Found
from grader.routes import Python
from grader.sandbox.endings import OutOfTime, Stopped
from grader.sandbox.worker import Worker
from grader.submission import Response

DEADLINE = 60.0


def run(route: Python, keyed: Keyed, name: str) -> Found:
    """Call the function; what it returns is judged as a response, and must be right."""
    path = keyed.folder / route.python
    if not path.is_file():
        raise Unreadable(f"there is no file {path}")
    worker = Worker("grader.proving.python", limits=None)
    try:
        returned: str = worker.run((str(path), route.function), DEADLINE)
    except OutOfTime:
        return Found("undecided", f"{route.function} in {route.python} takes more than {DEADLINE:g} seconds")
    except Stopped as stopped:
        raise Unreadable(f"{route.function} in {route.python} ended without an answer: {stopped}") from stopped
    finally:
        worker.close()
    spec, key = keyed.spec(name), keyed.key.fields[name]
    response = Response(text=returned)
    if isinstance(key, NumericKey):  # what is near enough for a student is not the key
        key = key.model_copy(update={"tolerance": "exact", "simulation": None})
    outcome = judge_constructs(keyed.item, keyed.key, {name: response}).get(name) or judge(spec, key, (), response)
    said = f"{route.function} in {route.python} finds {returned}"
    if outcome.status == "correct":
        return Found("proved", said)
    reasons = tuple(feedback.text for feedback in outcome.feedback)
    if outcome.status in ("malformed", "review"):
        raise Unreadable(f"{said}, which is no answer that can be judged: {' '.join(reasons)}")
    return Found("refuted", said, reasons)


def handle(job: tuple[str, str]) -> str:
    """In the child: what the function returns, as text. Raises Unreadable with what went wrong."""
    file, function = job
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        found = getattr(module, function)()
    except GraderError:
        raise
    except Exception as error:  # the author's code may fail in any way
        raise Unreadable(f"{function} in {Path(file).name} failed: {type(error).__name__}: {error}") from error
    if isinstance(found, bool):
        return "yes" if found else "no"
    if not isinstance(found, str | int | Fraction):
        raise Unreadable(
            f"{function} in {Path(file).name} returned {type(found).__name__}; expected text or an exact number"
        )
    return str(found)
