import codecs
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.loading.work import readers

Read = Callable[..., Any]
Reread = Callable[[], Any]
SECRET = "the key is 42"


@pytest.fixture
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "key.yaml"
    path.write_text(f"3.1: {SECRET}\n")
    return path


@pytest.mark.parametrize(
    "name", ["answers.yaml", "answers.md", "answers.ipynb", "answers.tex", "sample.py", "submission"]
)
def test_links_are_not_followed(reread: Reread, tmp_path: Path, secret: Path, name: str) -> None:
    (tmp_path / name).symlink_to(secret.parent if name == "submission" else secret)
    seen = reread()
    assert SECRET not in seen.work.model_dump_json()
    ((status, text),) = seen.troubles
    assert status == "malformed"
    assert f"'{name}'" in text
    assert "link" in text


def test_a_linked_file_in_the_package_is_not_read(reread: Reread, tmp_path: Path, secret: Path) -> None:
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "sample.py").symlink_to(secret)
    assert SECRET not in reread().work.model_dump_json()


def test_a_pipe_does_not_hang(reread: Reread, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "answers.yaml")
    os.mkfifo(tmp_path / "sample.py")
    (tmp_path / "answers.md").write_text("## 3.1\n1")
    seen = reread()
    assert seen.texts == {"3.1": {"answer": "1"}}
    assert all(status == "malformed" and "is a pipe" in text for status, text in seen.troubles)
    assert len(seen.troubles) == 2


def test_folders_and_sockets_are_not_files(reread: Reread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "answers.md").mkdir()
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("answers.tex")
        assert [text.split(", not a file")[0] for _, text in reread().troubles] == [
            "'answers.md' is a folder",
            "'answers.tex' is a socket",
        ]


def test_a_file_swapped_for_a_link_is_not_read(
    reread: Reread, tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, really_open = tmp_path / "answers.yaml", os.open
    answer.write_text("3.1: 1")

    def swapping_open(path: str | Path, flags: int, **more: Any) -> int:
        if Path(path).name == answer.name:
            answer.unlink()
            answer.symlink_to(secret)
        return really_open(path, flags, **more)

    monkeypatch.setattr(os, "open", swapping_open)
    seen = reread()
    assert SECRET not in seen.work.model_dump_json()
    assert seen.troubles[0][0] == "error"


@pytest.mark.parametrize(("name", "cap"), [("answers.yaml", "2 MB"), ("answers.ipynb", "32 MB"), ("sample.py", "1 MB")])
def test_files_have_a_greatest_size(reread: Reread, tmp_path: Path, name: str, cap: str) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(int(cap.split()[0]) * 1_000_000 + 1)
    ((status, text),) = reread().troubles
    assert status == "malformed"
    assert text == f"'{name}' is larger than {cap} and was not read"


def test_a_large_file_is_still_read(read: Read) -> None:
    seen = read(md="## 3.1\n1\n## 2c\nno\nWhy: " + "x " * 900_000)
    assert len(seen.texts["2c"]["why"]) == 1_799_999


def test_many_files(reread: Reread, tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"f{number}.py").write_text("1")
    seen = reread()
    assert len(seen.work.code) == 100
    assert seen.troubles == [("malformed", "there are 120 Python files; only 100 were read")]


def test_a_file_that_vanishes_is_our_fault(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    really_open = os.open

    def vanish(path: str | Path, flags: int, **more: Any) -> int:
        if Path(path).name == "answers.md":
            raise FileNotFoundError(2, "No such file or directory")
        return really_open(path, flags, **more)

    monkeypatch.setattr(os, "open", vanish)
    assert read(md="## 3.1\n1").troubles == [("error", "'answers.md' cannot be read: No such file or directory")]


def test_a_folder_that_vanishes_is_our_fault(reread: Reread, tmp_path: Path) -> None:
    tmp_path.rmdir()
    ((status, text),) = reread().troubles
    assert status == "error"
    assert "No such file" in text


@pytest.mark.parametrize("form", ["yaml", "md", "tex"])
@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_line_ends_and_byte_order_marks(read: Read, form: str, ends: str, mark: bytes) -> None:
    text = {"yaml": "2c:\n  why: |\n    a\n    é\n", "md": "## 2c\nWhy: a\né\n", "tex": "\\section{2c}\nWhy: a\né\n"}[
        form
    ]
    seen = read(**{form: mark + text.replace("\n", ends).encode()})
    assert seen.texts == {"2c": {"why": "a\né"}}
    assert seen.clean


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_with_a_remark(read: Read, encoding: str) -> None:
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    seen = read(md=mark + "## 3.1\r\né".encode(encoding))
    assert seen.texts == {"3.1": {"answer": "é"}}
    assert "'answers.md' is UTF-16" in seen.remarks()


def test_bytes_that_are_no_utf_8(read: Read) -> None:
    seen = read(yaml=b"3.1: 1\n2c: {answer: no, why: caf\xe9}\n", md=b"## 2a\nAR \xff\n\n\n\xfe\n## 3.4\nx")
    assert "'answers.yaml' is not UTF-8: characters in line 2 could not be read" in seen.remarks()
    assert "'answers.md' is not UTF-8: characters in lines 2, 5 could not be read" in seen.remarks()
    assert "save the file as UTF-8" in seen.problem("2c", "why")
    assert "save the file as UTF-8" in seen.problem("2a")
    assert seen.response("2a").text.startswith("AR \ufffd")
    assert [seen.problem(item) for item in ("3.1", "2c", "3.4")] == ["", "", ""]


@pytest.mark.parametrize("content", [b"", b"\n \n", codecs.BOM_UTF8])
@pytest.mark.parametrize("form", ["yaml", "md", "ipynb", "tex"])
def test_an_empty_file_is_remarked(read: Read, form: str, content: bytes) -> None:
    seen = read(**{form: content})
    assert seen.remarks() == f"answers.{form} is empty"
    assert not seen.work.troubles


def test_odd_names_are_never_written_raw(reread: Reread, tmp_path: Path) -> None:
    for name in [b"\x1b[31mred.py", b"caf\xe9.py", b"a-b.py", b"answers\xff.md", b"..py"]:
        (tmp_path / os.fsdecode(name)).write_bytes(b"x = 1\n")
    seen = reread()
    assert seen.work.code == {}
    written = seen.work.model_dump_json()
    assert "\\u001b" not in written
    assert "a-b.py' cannot be imported" in seen.remarks()
    written.encode()


def test_invisible_characters_stay_in_responses_and_hide_no_item(read: Read) -> None:
    seen = read(md="## \u202e3.1\n1\x00\u202e\n## 2c\nno")
    assert seen.texts == {"3.1": {"answer": "1\x00\u202e"}, "2c": {"answer": "no"}}


def test_the_caps_are_what_they_are_said_to_be() -> None:
    assert (readers.MAX_ANSWERS, readers.MAX_NOTEBOOK, readers.MAX_CODE) == (2_000_000, 32_000_000, 1_000_000)
