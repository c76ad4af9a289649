"""A file is there as a whole, as it was or as it is meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.files import replace_file


def test_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    replace_file(path, b"one")
    replace_file(path, b"two\r\n")
    assert path.read_bytes() == b"two\r\n"
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_was_there_stays_where_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    path = tmp_path / "marks.csv"
    replace_file(path, b"one")

    def half(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:1])
        raise failure

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(type(failure)):
        replace_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert [*tmp_path.iterdir()] == [path]
