"""The pictures of the README, made anew: ``python docs/pictures/make.py`` from the top of the repository.

The terminal is a real report as SVG, without the font that rich's template fetches. The report is a part of a real
page, as Chromium shows it, in few colours (``pip install pillow``). Where one of these is missing it stays as it is.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from grader.batch import Source, grade_source, select
from grader.loading.specs.course import Course, load_course
from grader.reports.html.writing import write_pages
from grader.reports.terminal import print_submission
from grader.result import Report, SubmissionResult

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
WHO = "carol"
SHOWN = ("4a", "4d", "5b", "7f")
COMMAND = f"grade submissions/{WHO}/midterm" + "".join(f" --item {item}" for item in SHOWN)
WIDTH, TOP, BOTTOM = 900, 425, 1630  # of the page, in pixels: from the heading of the item to the end of its proof
COLOURS = 64


def graded(*items: str) -> tuple[Course, SubmissionResult]:
    course = load_course(ROOT / "problems", ROOT / "reference")
    source = Source(WHO, ROOT / "submissions" / WHO)
    return course, grade_source(source, course, select(course, None, [f"midterm/{item}" for item in items]))


def terminal() -> str:
    """A few items of a submission as the terminal shows them, as SVG that loads nothing."""
    course, result = graded(*SHOWN)
    console = Console(record=True, width=80, file=io.StringIO(), highlight=False, force_terminal=True)
    print_submission(result, course.assignments, console)
    svg = console.export_svg(title=COMMAND, theme=SVG_EXPORT_THEME, unique_id="grade")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)
    svg = re.sub(r"<!--.*?-->\s*", "", svg)
    return svg.replace("font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, Consolas, monospace")


def screenshot(page: Path, target: Path) -> None:
    """A part of what Chromium shows of a page."""
    from PIL import Image

    browser = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", *sandbox, "--hide-scrollbars", f"--window-size={WIDTH},{BOTTOM}", f"--screenshot={target}"]
    subprocess.run([browser, *options, page.as_uri()], check=True, capture_output=True, timeout=60)
    with Image.open(target) as whole:
        part = whole.convert("RGB").crop((0, TOP, WIDTH, BOTTOM)).quantize(COLOURS)
    part.save(target, optimize=True)


def report(folder: Path) -> Path:
    """The page of a student whose proof breaks."""
    course, result = graded(SHOWN[-1])
    return write_pages(Report(submissions=(result,)), course, folder)[-1]


if __name__ == "__main__":
    (HERE / "terminal.svg").write_text(terminal(), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        try:
            screenshot(report(Path(folder)), HERE / "report.png")
        except (ImportError, FileNotFoundError) as error:
            print(f"report.png stays as it is: {error}", file=sys.stderr)
