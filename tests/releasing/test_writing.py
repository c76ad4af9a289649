"""A release is written whole or not at all, and nothing that a person made is taken away."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.releasing.contents import Release, make_release
from grader.releasing.writing import check_target, write_release, zipped
from tests.releasing.common import public, release

# --- writing -------------------------------------------------------------------------------------------------------


def tiny(**files: str) -> Release:
    content = {name.replace("_", "."): text.encode() for name, text in files.items()}
    return Release(public().assignments["midterm"], content)


def in_folder(folder: Path) -> dict[str, str]:
    found = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()
    }
    return {name: text for name, text in found.items() if name != "release.json"}


def test_a_release_replaces_an_earlier_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_release(tiny(a_md="1", b_md="2"), out)
    write_release(tiny(a_md="3"), out)
    assert in_folder(out) == {"a.md": "3"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def touch_new(out: Path) -> None:
    (out / "mine.txt").write_text("mine")


def touch_old(out: Path) -> None:
    (out / "a.md").write_text("mine")


def touch_list(out: Path) -> None:
    (out / "release.json").write_text("[]")


def link_in(out: Path) -> None:
    (out / "linked").symlink_to("/tmp")


@pytest.mark.parametrize("touch", [touch_new, touch_old, touch_list, link_in])
def test_what_a_person_put_into_a_folder_is_never_taken_away(tmp_path: Path, touch: Callable[[Path], None]) -> None:
    out = tmp_path / "out"
    write_release(tiny(a_md="1"), out)
    touch(out)
    before: Any = sorted(path.name for path in out.iterdir()), in_folder(out)
    with pytest.raises(UsageError, match="what no release wrote"):
        write_release(tiny(a_md="2"), out)
    assert (sorted(path.name for path in out.iterdir()), in_folder(out)) == before


def test_an_empty_folder_is_taken_and_a_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_release(tiny(a_md="1"), tmp_path / "empty")
    assert in_folder(tmp_path / "empty") == {"a.md": "1"}
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        write_release(tiny(a_md="1"), tmp_path / "file")
    with pytest.raises(UsageError, match="folder that exists"):
        write_release(tiny(a_md="1"), tmp_path / "no" / "out")


def test_what_cannot_be_written_leaves_the_old_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for out in (tmp_path / "out", tmp_path / "out.zip"):
        write_release(tiny(a_md="1"), out)
    before = (tmp_path / "out.zip").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(os, "replace", full)
    for out in (tmp_path / "out", tmp_path / "out.zip"):
        with pytest.raises(UsageError, match="No space left"):
            write_release(tiny(a_md="2"), out)
    assert in_folder(tmp_path / "out") == {"a.md": "1"}
    assert (tmp_path / "out.zip").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.zip"]


def test_a_zip_is_the_same_bytes_with_one_folder_at_its_top(tmp_path: Path) -> None:
    assert zipped(release("ps1")) == zipped(make_release(public(), "ps1"))
    with zipfile.ZipFile(BytesIO(zipped(release("ps1")))) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert {name.partition("/")[0] for name in names} == {"ps1-release"}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


def test_nothing_is_written_where_the_course_is(tmp_path: Path) -> None:
    for inside in ("reference/out", "reference/ps1/out.zip", "reference"):
        (tmp_path / "reference" / "ps1").mkdir(parents=True, exist_ok=True)
        with pytest.raises(UsageError, match="where the course itself is"):
            check_target(tmp_path / inside, [tmp_path / "problems", tmp_path / "reference"])
    (tmp_path / "door").symlink_to(tmp_path / "reference")
    with pytest.raises(UsageError, match="where the course itself is"):
        check_target(tmp_path / "door" / "out", [tmp_path / "reference"])
