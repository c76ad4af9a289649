"""Routes in Python: a function of the author's, in the key's folder, run in a child process with a deadline."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from fractions import Fraction
from pathlib import Path

from grader.checkers import judge, judge_constructs
from grader.errors import GraderError, Unreadable
from grader.keys import NumericKey, ValueKey
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
    if spec.kind == "construct":
        _check_own(keyed)
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


def _check_own(keyed: Keyed) -> None:
    """Raise Unreadable where the key's own objects do not have the property that they are asked to have: what is right
    is known by that property, so a function that finds another object that has it says nothing of them."""
    own = {spec.name: keyed.key.fields[spec.name] for spec in keyed.item.fields if spec.kind == "construct"}
    responses = {name: Response(text=key.value) for name, key in own.items() if isinstance(key, ValueKey)}
    judged = judge_constructs(keyed.item, keyed.key, responses)
    if any(outcome.status != "correct" for outcome in judged.values()):
        raise Unreadable("the key's own object does not have the property that it states; see grade lint")


def handle(job: tuple[str, str]) -> str:
    """In the child: what the function returns, as text. Raises Unreadable with what went wrong."""
    file, function = job
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(Path(file).parent))  # it may import its neighbours
    try:
        spec.loader.exec_module(module)
        return _as_text(getattr(module, function)(), f"{function} in {Path(file).name}")
    except GraderError:
        raise
    except Exception as error:  # the author's code may fail in any way
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        place = f"{Path(file).name}:{lines[-1]}" if lines else Path(file).name
        raise Unreadable(f"{function} in {place} failed: {type(error).__name__}: {error}") from error


def _as_text(found: object, what: str) -> str:
    if isinstance(found, bool):
        return "yes" if found else "no"
    if not isinstance(found, str | int | Fraction):
        raise Unreadable(f"{what} returned {type(found).__name__}; expected text or an exact number")
    return str(found)
