"""The Python files of a submission: loose, in a folder ``submission``, or as cells of a notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.work.released import is_untouched
from grader.loading.work.remarks import Remarks
from grader.loading.work.sections import CodeCell, shown

PACKAGE = "submission"
UNTOUCHED, EMPTY = "is as it was released", "is empty"
_NAME = re.compile(r"[A-Za-z0-9_]+\.py")


def is_written(name: str, files: Mapping[str, str]) -> bool:
    """Whether this file was handed in; a starter that nobody wrote into is as good as none."""
    return name in files and not is_untouched(files[name])


def _nothing_in(text: str) -> str:
    """Why nobody wrote anything into a file; empty where somebody did."""
    return UNTOUCHED if is_untouched(text) else EMPTY if not text.strip() else ""


class Code:
    """Files by name. What is on disk comes before what is in a cell, and a loose file before one in the package; but
    what somebody wrote comes before an empty file and a starter as it was released."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._sources: dict[str, str] = {}
        self._cells: dict[str, CodeCell] = {}
        self.files: dict[str, str] = {}

    def add_file(self, name: str, text: str, source: str) -> None:
        """A file on disk; loose ones are added first."""
        if not _NAME.fullmatch(name):
            self._remarks.add(f"{shown(source)} cannot be imported under this name and was left out")
        elif name not in self.files:
            self.files[name], self._sources[name] = text, source
        elif (why := _nothing_in(self.files[name])) and not _nothing_in(text):
            self._remarks.add(f"{self._sources[name]} {why}; {source} counts")
            self.files[name], self._sources[name] = text, source
        elif text.strip() != self.files[name].strip() and not _nothing_in(text):
            self._remarks.add(f"{self._sources[name]} and {source} differ; {self._sources[name]} counts")

    def add_cell(self, cell: CodeCell) -> None:
        """A cell; of several that are one file the last counts, as if the notebook had been run."""
        before = self._cells.get(cell.name)
        if before and (why := _nothing_in(cell.text)) and not _nothing_in(before.text):
            self._remarks.add(f"{cell.name} is given twice: {cell.source} {why}; {before.source} counts")
            return
        if before and not _nothing_in(before.text):
            alike = before.text.strip() == cell.text.strip()
            which = "are alike, and count once" if alike else f"differ; {cell.source} counts"
            self._remarks.add(f"{cell.name} is given twice: {before.source} and {cell.source} {which}")
        self._cells[cell.name] = cell

    def all(self) -> dict[str, str]:
        """Every file, after all were added."""
        for name, cell in self._cells.items():
            if name not in self.files:
                self.files[name] = cell.text
            elif _nothing_in(cell.text) or cell.text.strip() == self.files[name].strip():
                continue
            elif why := _nothing_in(self.files[name]):
                self._remarks.add(f"{self._sources[name]} {why}; {cell.source} counts")
                self.files[name] = cell.text
            else:
                self._remarks.add(f"{self._sources[name]} and {cell.source} differ; the file counts, not the cell")
        return self.files
