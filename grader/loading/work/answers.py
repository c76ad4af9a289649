"""A student's folder -> a Submission: which files there are, which of them count, and what each of them gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from grader.loading.work import latex, markdown, notebook, yaml_answers
from grader.loading.work.code import PACKAGE, Code
from grader.loading.work.collect import Collector
from grader.loading.work.collected import Collected
from grader.loading.work.files import MAX_FILES, Refused, is_folder, list_folder, read_text
from grader.loading.work.merge import merge_item
from grader.loading.work.remarks import Remarks
from grader.loading.work.sections import Reading, printable, shown
from grader.spec import Assignment
from grader.submission import Remark, Response, Submission, Trouble, Work

Reader = Callable[[str, str], Reading]

READERS: Mapping[str, Reader] = {
    "answers.yaml": yaml_answers.read,
    "answers.yml": yaml_answers.read,
    "answers.md": markdown.read,
    "answers.ipynb": notebook.read,
    "answers.tex": latex.read,
}
EXPECTED = "answers.yaml, answers.md, answers.ipynb or answers.tex"
MAX_ANSWERS = 2_000_000
MAX_NOTEBOOK = 32_000_000
MAX_CODE = 1_000_000
_LIKE_ANSWERS = (".yaml", ".yml", ".md", ".ipynb", ".tex", ".txt", ".pdf", ".docx", ".markdown")


def read_submission(folder: Path, assignments: Mapping[str, Assignment], only: str | None = None) -> Submission:
    """Read the folders that are named like assignments (only that of one, if ``only`` is given)."""
    name = printable(folder.name or folder.resolve().name)
    wanted = [known for known in assignments if only is None or known == only]
    try:
        there = list_folder(folder)
    except OSError as error:
        return Submission(name=name, refused=f"{name} cannot be read: {error.strerror}")
    works = tuple(work for known in wanted if (work := _find_work(folder, there, assignments[known])))
    return Submission(name=name, works=works, refused=None if works else _nothing_found(wanted, there))


def _find_work(folder: Path, there: list[str], assignment: Assignment) -> Work | None:
    """The work in the folder named like the assignment, or in one whose name differs from it in case only."""
    alike = [name for name in there if name.casefold() == assignment.id.casefold()]
    if not alike:
        return None
    name = assignment.id if assignment.id in alike else alike[0]
    work = read_work(folder / name, assignment)
    remarks = [Remark(text=f"the folder {shown(name)} was read as {assignment.id}")] if name != assignment.id else []
    remarks += [Remark(text=f"the folder {shown(other)} was left out") for other in alike if other != name]
    return work.model_copy(update={"remarks": (*remarks, *work.remarks)})


def _nothing_found(wanted: list[str], there: list[str]) -> str:
    found = ", ".join(map(shown, there[:10])) + (", …" if len(there) > 10 else "") or "nothing"
    return f"expected a folder named {' or '.join(wanted)}; found {found}"


def read_work(folder: Path, assignment: Assignment) -> Work:
    """Read one assignment folder: every answers file and every Python file in it."""
    reader = _WorkReader(folder, assignment)
    reader.read()
    return reader.work()


class _WorkReader:
    """Gathers what the files of one folder give; a file that fails takes nothing else with it."""

    def __init__(self, folder: Path, assignment: Assignment) -> None:
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

    def _list(self, folder: Path) -> list[str]:
        try:
            if is_folder(folder):
                return list_folder(folder)
            self._trouble("malformed", f"{shown(folder.name)} is not a folder (links are not followed)")
        except OSError as error:
            self._trouble("error", f"{shown(folder.name)} cannot be read: {error.strerror}")
        return []

    def _python_files(self, names: list[str]) -> list[str]:
        """Loose files, then those in the package folder."""
        loose = [name for name in names if name.endswith(".py")]
        package = self._list(self._folder / PACKAGE) if PACKAGE in names else []
        return loose + [f"{PACKAGE}/{name}" for name in package if name.endswith(".py")]

    def _note_no_answers(self, names: list[str], code: bool) -> None:
        """No answers file: nothing was handed in, or it was under another name."""
        like = [name for name in names if name.casefold().endswith(_LIKE_ANSWERS) or self._is_inner_folder(name)]
        if like:
            found = ", ".join(map(shown, like[:10]))
            self._trouble("malformed", f"no answers file: expected {EXPECTED} in {self._folder.name}; found {found}")
        elif not code:
            self._remarks.add(f"the folder holds nothing to grade: expected {EXPECTED}, or Python files")

    def _is_inner_folder(self, name: str) -> bool:
        """A folder within the folder, as unpacking an archive twice leaves it."""
        return name != PACKAGE and (self._folder / name).is_dir()

    def _read_all_answers(self, names: list[str]) -> None:
        if len(names) > 1:
            listed = " and ".join(names)
            self._remarks.add(f"there are several answer files, {listed}; all of them were read")
        for name in names:
            if name not in READERS:
                self._remarks.add(f"{name} was read as {name.casefold()}")
            self._read_answers(name, READERS[name.casefold()])
        for lost in self._collected.lost[:MAX_FILES]:
            self._trouble("malformed", lost)

    def _read_answers(self, name: str, reader: Reader) -> None:
        text = self._open(name, MAX_NOTEBOOK if name.casefold().endswith(".ipynb") else MAX_ANSWERS)
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
        text = self._open(name, MAX_CODE)
        if text is not None:
            self._code.add_file(Path(name).name, text, name)

    def _open(self, name: str, cap: int) -> str | None:
        """The text of a file, or a trouble that names it."""
        try:
            decoded = read_text(self._folder / name, cap)
        except Refused as refused:
            self._trouble("malformed", str(refused))
            return None
        except OSError as error:
            self._trouble("error", f"{shown(name)} cannot be read: {error.strerror}")
            return None
        for remark in decoded.remarks:
            self._remarks.add(remark)
        self._lost.extend(decoded.lost)
        return decoded.text


def _reading_order(name: str) -> tuple[int, str]:
    return list(READERS).index(name.casefold()), name
