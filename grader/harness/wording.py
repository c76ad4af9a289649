"""What went wrong in a student's code, in words: for the student, and, where it may tell what is hidden, for staff."""

from __future__ import annotations

import io
import signal
from collections.abc import Mapping

from grader.harness.session import Failure


def in_words(failure: Failure, function: str, file: str, files: Mapping[str, str]) -> tuple[str, str]:
    """A sentence for the student, and a text for staff alone: a message can repeat hidden inputs."""
    say = _SENTENCES.get(failure.kind, _RAISED).format(
        function=function,
        place=_place(failure, file, files),
        type=failure.type or "an exception",
        repeated=_repeated(failure),
    )
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


def _repeated(failure: Failure) -> str:
    """What a sentence may repeat: of a crash the signal's name, else the message, which stands only in sentences on
    failures that come before any input."""
    if failure.kind == "crash":
        number = next((int(word) for word in failure.text.split() if word.isdecimal()), 0)
        return (signal.strsignal(number) if 0 < number < signal.NSIG else None) or "no reason known"
    return failure.text or ("invalid syntax" if failure.kind == "syntax" else failure.type)


_RAISED = "`{function}` stopped with {type} ({place})."
_SENTENCES = {
    "syntax": "Python cannot read the file: {repeated} ({place}).",
    "import": "An import failed: {repeated} ({place}).",
    "missing": "There is no function `{function}` in {place}.",
    "unwritten": "`{function}` is not written yet: it raises NotImplementedError ({place}).",
    "exit": "The code ended the whole process instead of returning ({place}).",
    "memory": "`{function}` needs more memory than it may have ({place}).",
    "time": "`{function}` did not come to an end in time ({place}). Is there an endless loop? It was not called again.",
    "crash": "The Python process of `{function}` crashed ({repeated}; {place}).",
    "garbled": "What came back from `{function}` cannot be read ({place}).",
    "odd": "What `{function}` did cannot be described by the grader ({place}); a human looks.",
}
