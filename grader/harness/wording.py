"""What went wrong in a student's code, in words: for the student, and, where it may tell what is hidden, for staff."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Mapping

from grader.harness.session import Failure


def in_words(failure: Failure, function: str, file: str, files: Mapping[str, str]) -> tuple[str, str]:
    """A sentence for the student, and a text for staff alone: a message can repeat hidden inputs."""
    place = _place(failure, file, files)
    say = _SENTENCES.get(failure.kind, _raised)(failure, function, place)
    return say, failure.text if failure.kind in ("exception", "unwritten", "memory", "garbled", "odd") else ""


def _place(failure: Failure, file: str, files: Mapping[str, str]) -> str:
    """``sample.py, line 12: `x = y```, of a line that is really there."""
    if failure.file is None or failure.file not in files or failure.line is None:
        return file
    lines = io.StringIO(files[failure.file], newline=None).readlines()  # not splitlines, which splits at form feeds too
    if not 1 <= failure.line <= len(lines):
        return failure.file
    code = lines[failure.line - 1].strip()[:120].replace("`", "'")
    return f"{failure.file}, line {failure.line}" + (f": `{code}`" if code else "")


def _raised(failure: Failure, function: str, place: str) -> str:
    return f"`{function}` stopped with {failure.type or 'an exception'} ({place})."


def _syntax(failure: Failure, function: str, place: str) -> str:
    return f"Python cannot read the file: {failure.text or 'invalid syntax'} ({place})."


def _import(failure: Failure, function: str, place: str) -> str:
    return f"An import failed: {failure.text or failure.type} ({place})."


def _missing(failure: Failure, function: str, place: str) -> str:
    return f"There is no function `{function}` in {place}."


def _unwritten(failure: Failure, function: str, place: str) -> str:
    return f"`{function}` is not written yet: it raises NotImplementedError ({place})."


def _exit(failure: Failure, function: str, place: str) -> str:
    return f"The code ended the whole process instead of returning ({place})."


def _memory(failure: Failure, function: str, place: str) -> str:
    return f"`{function}` needs more memory than it may have ({place})."


def _time(failure: Failure, function: str, place: str) -> str:
    return f"`{function}` did not come to an end in time ({place}). Is there an endless loop? It was not called again."


def _crash(failure: Failure, function: str, place: str) -> str:
    number = next((int(word) for word in failure.text.split() if word.isdecimal()), 0)
    name = signal.strsignal(number) if 0 < number < signal.NSIG else None
    return f"The Python process of `{function}` crashed ({name or 'no reason known'}; {place})."


def _garbled(failure: Failure, function: str, place: str) -> str:
    return f"What came back from `{function}` cannot be read ({place})."


def _odd(failure: Failure, function: str, place: str) -> str:
    return f"What `{function}` did cannot be described by the grader ({place}); a human looks."


_SENTENCES: dict[str, Callable[[Failure, str, str], str]] = {
    "syntax": _syntax,
    "import": _import,
    "missing": _missing,
    "unwritten": _unwritten,
    "exit": _exit,
    "memory": _memory,
    "time": _time,
    "crash": _crash,
    "garbled": _garbled,
    "odd": _odd,
}
