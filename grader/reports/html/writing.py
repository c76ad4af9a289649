"""Pages into a folder: names that every file system takes, and files that are whole."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from grader.files import replace_file
from grader.loading.specs.course import Course
from grader.reports.html.pages import index, page
from grader.reports.html.views import Files
from grader.reports.statistics import is_reference
from grader.result import Report

STAFF, STUDENTS = "staff", "students"
LONGEST = 60  # characters of a name: at four bytes each they are less than any file system takes
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)


def write_pages(
    report: Report,
    course: Course,
    folder: Path,
    pictures: Path | None = None,
    *,
    files: Mapping[str, Files] | None = None,
    step: Callable[[str], object] = lambda name: None,
) -> list[Path]:
    """Write ``index.html`` for staff, and for each submission ``staff/NAME.html`` and ``students/NAME.html``.

    ``students`` can be given out as it is: nothing in it leads out of it, or from one student to another, and the
    reference, should it be among the submissions, has no page there. ``files`` has the code that was handed in, by
    submission (see ``page``); where two have one name, neither's is shown. ``step`` hears of each whose pages are
    written. The folder is made where it is missing, and files of other names stay. Returns what was written, the index
    first. Raises OSError, with the file in ``filename``.
    """
    names = file_names([result.submission for result in report.submissions])
    count = Counter(result.submission for result in report.submissions)
    links = {}
    done = []
    for place, (result, name) in enumerate(zip(report.submissions, names, strict=True)):
        links[place] = f"{STAFF}/{quote(name)}", "" if is_reference(result) else f"{STUDENTS}/{quote(name)}"
        own = (files or {}).get(result.submission) if count[result.submission] == 1 else None
        staff = page(result, course, "staff", pictures=pictures, files=own, back="../index.html")
        done.append(_put(folder / STAFF / name, staff))
        if not is_reference(result):
            student = page(result, course, "student", pictures=pictures, files=own)
            done.append(_put(folder / STUDENTS / name, student))
        step(result.submission)
    return [_put(folder / "index.html", index(report, course, links=links)), *done]


def _put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text.encode("utf-8"))
    return path


def file_names(names: Iterable[str]) -> list[str]:
    """A file name for each, whatever submissions are called: no two differ in case alone, none leads elsewhere."""
    taken: set[str] = set()
    found = []
    for name in names:
        plain = _plain(name)
        tries = itertools.chain([plain], (f"{plain}-{again}" for again in itertools.count(2)))
        chosen = next(one for one in tries if one.casefold() not in taken)
        taken.add(chosen.casefold())
        found.append(f"{chosen}.html")
    return found


def _plain(name: str) -> str:
    plain = unicodedata.normalize("NFC", re.sub(r"[^\w@+-]+", "_", name))[:LONGEST].strip("_-")
    return f"_{plain}" if not plain or _RESERVED.fullmatch(plain) else plain
