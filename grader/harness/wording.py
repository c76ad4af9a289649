"""What went wrong in a student's code, in words: for the student, and, where it may tell what is hidden, for staff."""

from __future__ import annotations

from collections.abc import Mapping

from grader.harness.screening import lines_of
from grader.harness.session import Failure
from grader.printing import in_one_line

ENDED_FROM_OUTSIDE = ("time", "cpu", "output")  # of which staff read no more than the student


def in_words(failure: Failure, function: str, file: str, files: Mapping[str, str]) -> tuple[str, str]:
    """A sentence for the student, and a text for staff alone: a message can repeat hidden inputs."""
    say = _SENTENCES.get(failure.kind, _RAISED).format(
        function=function,
        place=_place(failure, file, files),
        type=failure.type or "an exception",
        said=failure.said or _UNSAID.get(failure.kind, ""),
    )
    return say, "" if failure.kind in ENDED_FROM_OUTSIDE else failure.text


def _place(failure: Failure, file: str, files: Mapping[str, str]) -> str:
    """``sample.py, line 12: `x = y```, of a line that is really there."""
    if failure.file is None or failure.file not in files or failure.line is None:
        return file
    lines = lines_of(files[failure.file])
    if not 1 <= failure.line <= len(lines):
        return failure.file
    code = in_one_line(lines[failure.line - 1][:1000])[:120].replace("`", "'")
    return f"{failure.file}, line {failure.line}" + (f": `{code}`" if code else "")


_RAISED = "`{function}` stopped with {type} ({place})."
_SENTENCES = {
    "syntax": "Python cannot read the file: {said} ({place}).",
    "import": "An import failed: {said} ({place}).",
    "missing": "There is no function `{function}` in {place}.",
    "unwritten": "`{function}` is not written yet: it raises NotImplementedError ({place}).",
    "exit": "The code ended the whole process instead of returning ({place}).",
    "forbidden": "`{function}` did something that is not allowed here, going by its error ({place}). Out of reach are "
    "the network, other processes, threads, and all files but Python's own and, where there is such a folder, those in "
    "the current one.",
    "files": "`{function}` made larger or more files than it may, or holds too many open ({place}).",
    "absent": "`{function}` stopped with {type} ({place}). Only the Python files of a submission are passed on: the "
    "code has to work without any other file.",
    "memory": "`{function}` needs more memory than it may have ({place}).",
    "time": "`{function}` did not come to an end in time ({place}). Is there an endless loop? It was not called again.",
    "cpu": "`{function}` used up its processor time ({place}). Is there an endless loop? It was not called again.",
    "output": "`{function}` returned more than can be taken in ({place}). It was not called again.",
    "killed": "The Python process of `{function}` was killed, and once more when it was tried again ({place}), most "
    "likely because the machine ran out of memory; a human looks.",
    "crash": "The Python process of `{function}` crashed ({said}; {place}).",
    "garbled": "What came back from `{function}` cannot be read ({place}).",
    "odd": "What `{function}` did cannot be described by the grader ({place}); a human looks.",
}
_UNSAID = {"syntax": "invalid syntax", "import": "a module or a name in it is not there", "crash": "no reason known"}
