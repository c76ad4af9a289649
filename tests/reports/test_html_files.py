"""Pages in a folder: their names, who has one, and that each is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.html import write_pages
from grader.reports.html.writing import LONGEST, file_names
from grader.result import SubmissionResult
from tests.course import real_course
from tests.reports.made import assignment, field, item, refused, report, with_text
from tests.reports.outline import Outline

NAMES = [
    "alice",
    "ALICE",
    "../x",
    "..",
    "",
    "CON",
    "nul.txt",
    "a/b",
    "a\\b",
    "a" * 500,
    "x.",
    " ",
    "é",
    "e\u0301",
    "a\0b",
    "-rf",
    "%2e",
]
STRANGE = re.compile(r"[\x00-\x1f/\\:*?\"<>|%]")


@given(st.lists(st.text() | st.sampled_from(NAMES), max_size=12))
def test_file_names_are_safe_and_no_two_are_one(names: list[str]) -> None:
    found = file_names(names)
    assert len({name.casefold() for name in found}) == len(names) == len(found)
    for name in found:
        stem = name.removesuffix(".html")
        assert stem
        assert not STRANGE.search(name)
        assert not stem.startswith((".", "-"))
        assert len(stem) <= LONGEST + 4
        assert stem.casefold() not in ("con", "prn", "aux", "nul", "com1", "lpt1")


def test_plain_names_are_kept() -> None:
    assert file_names(["alice", "bob-2", "Alice"]) == ["alice.html", "bob-2.html", "Alice-2.html"]


def test_names_that_lead_elsewhere_or_are_devices_are_changed() -> None:
    assert file_names(["../x", "CON", "lpt1", "/etc/passwd", "..", "nul.txt"]) == [
        "x.html",
        "_CON.html",
        "_lpt1.html",
        "etc_passwd.html",
        "_.html",
        "nul_txt.html",
    ]


def test_pages_are_written_for_everyone_and_whole(tmp_path: Path) -> None:
    results = report(with_text("../../evil"), with_text("../../evil"), refused("CON", "no"))
    folder = tmp_path / "new" / "pages"
    done = write_pages(results, real_course(), folder)
    assert done[0] == folder / "index.html"
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(done)
    assert [len(list((folder / part).iterdir())) for part in ("staff", "students")] == [3, 3]
    outline = Outline(done[0].read_text("utf-8"))
    links = [str(attributes["href"]) for attributes in outline.all("a") if not str(attributes["href"]).startswith("#")]
    assert {(folder / link).resolve() for link in links} == set(done[1:])
    assert write_pages(results, real_course(), folder) == done


def test_the_reference_has_no_page_among_those_that_are_given_out(tmp_path: Path) -> None:
    """Its responses are the keys. A student who calls a folder so has handed files in, and they have a digest."""
    keys = SubmissionResult(
        submission="reference", assignments=(assignment("midterm", item("4a", field(response="the key"))),)
    )
    theirs = keys.model_copy(update={"digest": "0" * 64})
    done = write_pages(report(keys, theirs), real_course(), tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in done] == [
        "index.html",
        "staff/reference.html",
        "staff/reference-2.html",
        "students/reference-2.html",
    ]
    assert "1 graded" in done[0].read_text("utf-8")


def test_what_cannot_be_written_is_an_oserror_and_leaves_what_stood_there(tmp_path: Path) -> None:
    results = report(refused("a", "no"))
    write_pages(results, real_course(), tmp_path)
    before = (tmp_path / "staff" / "a.html").read_text("utf-8")
    (tmp_path / "staff" / "a.html.part").mkdir()
    with pytest.raises(OSError, match=r"a\.html"):
        write_pages(report(refused("a", "yes")), real_course(), tmp_path)
    assert (tmp_path / "staff" / "a.html").read_text("utf-8") == before
