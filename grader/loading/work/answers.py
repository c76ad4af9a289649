"""A snapshot of what a student handed in -> a Submission: which files count, and what each of them gave."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal

from grader.loading.work.archives import looks_like_archive
from grader.loading.work.code import PACKAGE, Code
from grader.loading.work.collect import Collector
from grader.loading.work.collected import Collected
from grader.loading.work.files import MAX_FILES, decode
from grader.loading.work.merge import merge_item
from grader.loading.work.readers import EXPECTED, READERS, Reader, greatest_size
from grader.loading.work.remarks import Remarks
from grader.loading.work.sections import printable, shown
from grader.loading.work.snapshot import Snapshot, take_in
from grader.loading.work.taking import MAX_SAID, Left, base, join, parent
from grader.spec import Assignment
from grader.submission import Remark, Response, Submission, Trouble, Work

_LIKE_ANSWERS = (".yaml", ".yml", ".md", ".ipynb", ".tex", ".txt", ".pdf", ".docx", ".markdown")
PACKED = "is an archive within the submission and was not opened; hand in the files themselves"


def read_submission(
    path: Path,
    assignments: Mapping[str, Assignment],
    only: str | None = None,
    names: Collection[str] = (),
    name: str = "",
) -> Submission:
    """Take in a folder or an archive, and read what is named like assignments (only that of one, if ``only`` is given).

    ``names`` are those of other assignments, which are told apart from folders that were wrapped around a submission.
    ``name`` is what the submission is called where that is not the name of the file.
    """
    snapshot = take_in(path, {*assignments, *names})
    called = printable(name) or snapshot.name
    if "" in snapshot.left:
        return Submission(name=called, refused=f"{snapshot.name} {snapshot.left[''].why}")
    wanted = [known for known in assignments if only is None or known == only]
    found = dict(pair for known in wanted for pair in _find_work(snapshot, assignments[known]))
    if not found and len(wanted) == 1:
        found = dict(_find_loose(snapshot, assignments[wanted[0]]))
    return Submission(
        name=called,
        works=tuple(found.values()),
        refused=None if found else _nothing_found(wanted, snapshot),
        digest=snapshot.digest if found else None,
        left_out=_left_out(snapshot, found.keys()),
    )


def _find_work(snapshot: Snapshot, assignment: Assignment) -> Iterator[tuple[str, Work]]:
    """The folder named like the assignment, or one whose name differs from it in case only, and the work in it."""
    alike = [name for name in snapshot.names("") if name.casefold() == assignment.id.casefold()]
    if not alike:
        return
    name = assignment.id if assignment.id in alike else alike[0]
    work = read_work(snapshot, assignment, name)
    remarks = [Remark(text=f"the folder {shown(name)} was read as {assignment.id}")] if name != assignment.id else []
    remarks += [Remark(text=f"the folder {shown(other)} was left out") for other in alike if other != name]
    yield name, work.model_copy(update={"remarks": (*remarks, *work.remarks)})


def _find_loose(snapshot: Snapshot, assignment: Assignment) -> Iterator[tuple[str, Work]]:
    """Files that lie in no folder, where no other assignment can be meant."""
    if any(parent(path) in ("", PACKAGE) for path in snapshot.files):
        work = read_work(snapshot, assignment)
        said = Remark(text=f"there is no folder {assignment.id}; the files were read as {assignment.id}")
        yield "", work.model_copy(update={"remarks": (said, *work.remarks)})


def _nothing_found(wanted: list[str], snapshot: Snapshot) -> str:
    there = snapshot.names("")
    found = ", ".join(map(shown, there[:10])) + (", …" if len(there) > 10 else "") or "nothing"
    packed = ["an archive within a submission is not opened"] if any(map(looks_like_archive, there)) else []
    faults = [fault.why for fault in snapshot.faults]
    return "; ".join([f"expected a folder named {' or '.join(wanted)}; found {found}", *packed, *faults])


def _left_out(snapshot: Snapshot, read: Collection[str]) -> tuple[str, ...]:
    """What was left out of the whole. What lies in a folder that was ``read`` is told there."""
    said = [*snapshot.said]
    said += [left.in_full for path, left in sorted(snapshot.left.items()) if not _is_told(path, read)]
    if read and "" not in read:
        said += [f"{shown(name)} {PACKED}" for name in snapshot.names("") if looks_like_archive(name)]
    more = [f"and {len(said) - MAX_SAID} more"] if len(said) > MAX_SAID else []
    return (*said[:MAX_SAID], *more)


def _is_told(path: str, folders: Collection[str]) -> bool:
    """Whether this lies where ``_WorkReader`` looks, or is that folder itself."""
    around = parent(path)
    return path in folders or around in folders or (base(around) == PACKAGE and parent(around) in folders)


def read_work(snapshot: Snapshot, assignment: Assignment, folder: str = "") -> Work:
    """Read one assignment folder: every answers file and every Python file in it."""
    reader = _WorkReader(snapshot, folder, assignment)
    reader.read()
    return reader.work()


class _WorkReader:
    """Gathers what the files of one folder give; a file that fails takes nothing else with it."""

    def __init__(self, snapshot: Snapshot, folder: str, assignment: Assignment) -> None:
        self._snapshot = snapshot
        self._folder = folder
        self._assignment = assignment
        self._remarks = Remarks()
        self._troubles: dict[Trouble, None] = {}
        self._lost: list[str] = []
        self._collected = Collected(assignment, self._remarks)
        self._collector = Collector(self._collected)
        self._code = Code(self._remarks)

    def _trouble(self, status: Literal["malformed", "error"], text: str) -> None:
        self._troubles[Trouble(status=status, text=text)] = None

    def work(self) -> Work:
        responses: dict[str, dict[str, Response]] = {}
        collected = self._collected
        for item in self._assignment.items:
            pieces, guesses = collected.pieces.get(item.id, []), collected.guesses.get(item.id, [])
            if merged := merge_item(item, pieces, guesses, self._remarks):
                responses[item.id] = merged
        return Work(
            assignment=self._assignment.id,
            responses=responses,
            code=self._code.all(),
            remarks=self._remarks.all(),
            troubles=tuple(self._troubles),
            lost=tuple(self._lost),
        )

    def read(self) -> None:
        for fault in self._snapshot.faults:
            self._trouble(fault.status, fault.why)
        names = self._list(self._folder)
        answers = sorted((name for name in names if name.casefold() in READERS), key=_reading_order)
        self._read_all_answers(answers)
        code = self._python_files(names)
        for name in code[:MAX_FILES]:
            self._read_code(name)
        if len(code) > MAX_FILES:
            self._trouble("malformed", f"there are {len(code)} Python files; only {MAX_FILES} were read")
        if not answers and not self._troubles:
            self._note_no_answers(names, bool(code))

    def _list(self, folder: str) -> list[str]:
        """The names in a folder. What nobody reads and was refused is remarked on; an archive may hold anything."""
        left = self._snapshot.left.get(folder)
        called = shown(base(folder) or self._snapshot.name)
        if left and (left.status == "error" or folder in self._snapshot.folders):
            self._trouble(left.status, f"{called} {left.why}")
        elif folder not in self._snapshot.folders:
            self._trouble("malformed", f"{called} is not a folder (links are not followed)")
        names = self._snapshot.names(folder)
        for name in names:
            refused = self._snapshot.left.get(join(folder, name))
            if refused and greatest_size(name) is None and name != PACKAGE:
                self._remarks.add(refused.text)
            elif looks_like_archive(name):
                self._trouble("malformed", f"{shown(name)} {PACKED}")
        return names

    def _python_files(self, names: list[str]) -> list[str]:
        """Loose files, then those in the package folder."""
        loose = [name for name in names if name.endswith(".py")]
        package = self._list(join(self._folder, PACKAGE)) if PACKAGE in names else []
        code = loose + [f"{PACKAGE}/{name}" for name in package if name.endswith(".py")]
        for name, other in _alike(code):
            self._remarks.add(f"{shown(name)} and {shown(other)} differ in case only; both were read")
        return code

    def _note_no_answers(self, names: list[str], code: bool) -> None:
        """No answers file: nothing was handed in, or it was under another name."""
        like = [name for name in names if name.casefold().endswith(_LIKE_ANSWERS) or self._may_hold_more(name)]
        if like:
            found = ", ".join(map(shown, like[:10]))
            here = base(self._folder) or self._snapshot.name
            self._trouble("malformed", f"no answers file: expected {EXPECTED} in {here}; found {found}")
        elif not code:
            self._remarks.add(f"the folder holds nothing to grade: expected {EXPECTED}, or Python files")

    def _may_hold_more(self, name: str) -> bool:
        """A folder within the folder, as unpacking an archive twice leaves it; or a link, perhaps to one."""
        path = join(self._folder, name)
        return name != PACKAGE and (path in self._snapshot.folders or path in self._snapshot.left)

    def _read_all_answers(self, names: list[str]) -> None:
        with_answers = []
        for name in names:
            if name not in READERS:
                self._remarks.add(f"{name} was read as {name.casefold()}")
            before = self._collected.count
            self._read_answers(name, READERS[name.casefold()])
            with_answers += [name] if self._collected.count > before else []
        if len(with_answers) > 1:
            listed = " and ".join(with_answers)
            self._remarks.add(f"there are answers in several files, {listed}; all of them were read")
        for lost in self._collected.lost[:MAX_FILES]:
            self._trouble("malformed", lost)

    def _read_answers(self, name: str, reader: Reader) -> None:
        text = self._open(name)
        if text is None:
            return
        if not text.strip():
            self._remarks.add(f"{name} is empty")
            return
        reading = reader(text, name)
        for remark in reading.remarks:
            self._remarks.add(remark)
        self._lost.extend(reading.lost)
        for unreadable in reading.unreadable[:MAX_FILES]:
            self._trouble("malformed", unreadable)
        for cell in reading.code:
            self._code.add_cell(cell)
        self._collector.take(reading.found, name, required=not reading.code)

    def _read_code(self, name: str) -> None:
        text = self._open(name)
        if text is not None:
            self._code.add_file(base(name), text, name)

    def _open(self, name: str) -> str | None:
        """The text of a file, or a trouble that names it."""
        path = join(self._folder, name)
        content = self._snapshot.files.get(path)
        if content is None:
            left = self._snapshot.left.get(path, Left(path, "malformed", "is a folder, not a file, and was not opened"))
            self._trouble(left.status, left.text)
            return None
        decoded = decode(content, base(name))
        for remark in decoded.remarks:
            self._remarks.add(remark)
        self._lost.extend(decoded.lost)
        return decoded.text


def _alike(names: list[str]) -> list[tuple[str, str]]:
    """Names that only their case tells apart, with the one before them."""
    before: dict[str, str] = {}
    return [(before[key], name) for name in names if before.setdefault(key := name.casefold(), name) != name]


def _reading_order(name: str) -> tuple[int, str]:
    return list(READERS).index(name.casefold()), name
