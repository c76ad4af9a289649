"""Jupyter notebooks -> sections and files: Markdown cells as one text in order, and cells that begin ``# file: …``."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.loading.work import markdown
from grader.loading.work.released import heading_first
from grader.loading.work.sections import Aside, CodeCell, Reading, Section, shown

MAX_FOUND = 5_000
_FILE = re.compile(r"[ \t]*#[ \t]*file[ \t]*:[ \t]*(?P<name>.*\S)[ \t]*", re.IGNORECASE)
_NAME = re.compile(r"(?:\./)?(?:submission/)?(?P<name>[A-Za-z0-9_]+\.py)")


def read(text: str, place: str) -> Reading:
    """Read a notebook; outputs are not looked at. What nbformat cannot read is ``unreadable``, never an exception."""
    reading = Reading()
    try:
        cells = _cells(text)
    except Exception as error:  # nbformat's readers and converters raise whatever they stumble over in a broken file
        reading.unreadable.append(f"{place} cannot be read as a Jupyter notebook ({type(error).__name__})")
        return reading
    for number, cell in enumerate(cells, start=1):
        _read_cell(cell, f"{place}, cell {number}", reading)
    return reading


def _cells(text: str) -> list[Any]:
    import nbformat  # costs a quarter of a second, and most submissions have no notebook

    with _quiet():
        cells = nbformat.reads(text, as_version=4)["cells"]  # type: ignore[no-untyped-call]
    if not isinstance(cells, list):
        raise TypeError("cells is not a list")
    return cells


@contextmanager
def _quiet() -> Iterator[None]:
    """Old notebooks lack cell ids and some break the schema: nbformat says so on the terminal, and reads them."""
    logger = logging.getLogger("traitlets")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


def _read_cell(cell: Any, place: str, reading: Reading) -> None:
    source = _source(cell)
    if source is None:
        reading.remarks.append(f"{place} has no text and was left out")
    elif cell.get("cell_type") == "markdown":
        part = markdown.read(heading_first(source), place, numbered=False)
        reading.found.extend(part.found)
        reading.remarks.extend(part.remarks)
    elif cell.get("cell_type") == "code":
        _read_code(source, place, reading)
    else:
        _add_asides(source, place, reading)


def _source(cell: Any) -> str | None:
    """The text of a cell. JSON can smuggle in halves of surrogate pairs, which no file or terminal could take."""
    source = cell.get("source") if isinstance(cell, dict) else None
    if not isinstance(source, str):
        return None
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_code(source: str, place: str, reading: Reading) -> None:
    first, _, rest = source.lstrip("\n").partition("\n")
    marker = _FILE.fullmatch(first)
    if not marker:
        _add_asides(source, place, reading)
        return
    name = _NAME.fullmatch(marker["name"])
    if name:
        reading.code.append(CodeCell(name["name"], rest, place))
    else:
        reading.remarks.append(f"{place}: {shown(marker['name'])} is no name of a Python file; the cell was left out")


def _add_asides(source: str, place: str, reading: Reading) -> None:
    """What may be answers in a cell where none are looked for: in code, a heading is a comment."""
    for part in markdown.read(source, place, numbered=False).found:
        if isinstance(part, Section) and len(reading.found) < MAX_FOUND:
            text = "\n".join(line.text for line in part.lines)
            first, _, rest = text.lstrip().partition("\n")
            reading.found.append(Aside(part.label or first, place, text if part.label else rest or first))
