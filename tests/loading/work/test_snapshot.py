"""What is taken in of a folder or an archive, what is not, and that it is done once."""

from __future__ import annotations

import os
import shutil
import socket
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import folders, taking
from grader.loading.work.answers import read_submission, read_work
from grader.loading.work.snapshot import Snapshot, take_in
from grader.spec import Assignment
from tests.loading.work.packing import PACKINGS, entry, pack, tarred

NAMES = ("quiz", "ps1")
CANARY = b"3.1: the key is 42\n"
WORK = {
    "quiz/answers.md": b"## 3.1\n1/15\n",
    "quiz/sample.py": b"x = 1\n",
    "quiz/submission/likelihood.py": b"y = 2\n",
    "quiz/notes.txt": b"not read",
    "quiz/weights/model.pt": b"\0" * 5000,
    "ps1/answers.yaml": b"4: no\n",
    "README": b"hello",
}


def alike(snapshot: Snapshot) -> tuple[object, ...]:
    return snapshot.digest, dict(snapshot.files), snapshot.refused


@pytest.fixture(params=[True, False], ids=["descriptors", "paths"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With descriptors of folders, and without, as on Windows."""
    monkeypatch.setattr(folders, "BY_DESCRIPTOR", request.param)
    return bool(request.param)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A folder outside of every submission."""
    folder = tmp_path / "outside"
    pack(folder, "folder", {"answers.yaml": CANARY, "sample.py": CANARY, "quiz/answers.yaml": CANARY})
    return folder


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    return pack(tmp_path / "alice", "folder", WORK)


# --- the same in whatever it comes


@pytest.mark.parametrize("wrapper", ["", "alice/", "download/alice/", "./", "submission/"])
@pytest.mark.parametrize("packing", PACKINGS)
def test_the_same_files_are_the_same_submission(
    tmp_path: Path, assignment: Assignment, packing: str, wrapper: str
) -> None:
    folder = pack(tmp_path / "a" / "alice", "folder", WORK)
    (tmp_path / "b").mkdir()
    packed = pack(tmp_path / "b" / "alice", packing, {wrapper + name: text for name, text in WORK.items()})
    assert alike(take_in(packed, NAMES)) == alike(take_in(folder, NAMES))
    known = {"quiz": assignment}
    found = read_submission(packed, known, names=NAMES, name="alice")
    assert found == read_submission(folder, known, names=NAMES)
    assert found.works[0].code == {"sample.py": "x = 1\n", "likelihood.py": "y = 2\n"}
    assert found.digest == take_in(folder, NAMES).digest


LETTERS = st.text(alphabet="aäß東.- ", min_size=1, max_size=6).filter(
    lambda name: name[0] != "." and name[-1] not in ". "
)
FILES = st.sampled_from(["answers.yaml", "Answers.md", "answers.ipynb", "a.py", "b.py", "b.txt", "é.py", "x.pt"])
PLACES = st.sampled_from(["quiz/", "quiz/submission/", "ps1/", "", "data/", "quiz/data/"]) | LETTERS.map("{}/".format)
PATHS = st.builds("{}{}".format, PLACES, FILES)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(PATHS, st.binary(max_size=20), max_size=8), st.data())
def test_neither_packing_nor_order_matters(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], data: st.DataObject
) -> None:
    here = tmp_path_factory.mktemp("packed")
    shuffled = data.draw(st.permutations(list(files.items())))
    packed = [pack(here / "a", packing, shuffled) for packing in ("folder", "zip", "tar", "tar.gz")]
    assert len({take_in(path, NAMES).digest for path in packed}) == 1
    shutil.rmtree(here)


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    trees: list[dict[str, bytes]] = [
        {}, {"a.py": b"b"}, {"b.py": b"b"}, {"a.py": b"bb"}, {"a.py": b"b", "b.py": b""}, {"a.py": b"bb.py"},
    ]  # fmt: skip
    digests = {take_in(pack(tmp_path / str(n), "folder", files), NAMES).digest for n, files in enumerate(trees)}
    assert len(digests) == len(trees)


def test_what_nobody_reads_does_not_change_the_digest(alice: Path) -> None:
    before = take_in(alice, NAMES)
    (alice / "quiz" / "notes.txt").write_text("other")
    (alice / "extra").mkdir()
    (alice / "extra" / "answers.md").write_text("## 3.1\n7")
    assert take_in(alice, NAMES).digest == before.digest
    (alice / "quiz" / "answers.md").write_text("## 3.1\n7")
    assert take_in(alice, NAMES).digest != before.digest


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
@pytest.mark.parametrize("wrapper", ["a/b/c/", "a/", "homework/"])
def test_what_is_wrapped_too_often_or_not_alone_is_not_found(
    tmp_path: Path, assignment: Assignment, packing: str, wrapper: str
) -> None:
    files = {f"{wrapper}quiz/answers.md": b"## 3.1\n1", **({} if "b" in wrapper else {"README": b""})}
    found = read_submission(pack(tmp_path / "x", packing, files), {"quiz": assignment})
    assert (found.refused or "").startswith("expected a folder named quiz; found '")
    assert found.digest is None


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_files_in_no_folder_are_the_one_assignment_that_was_asked_for(
    tmp_path: Path, assignment: Assignment, packing: str
) -> None:
    loose = {name.removeprefix("quiz/"): text for name, text in WORK.items() if name.startswith("quiz/")}
    path = pack(tmp_path / "alice", packing, loose)
    (work,) = read_submission(path, {"quiz": assignment}, names=NAMES).works
    assert work.responses["3.1"]["answer"].text == "1/15"
    assert set(work.code) == {"sample.py", "likelihood.py"}
    assert work.remarks[0].text == "there is no folder quiz; the files were read as quiz"
    both = {"quiz": assignment, "ps1": assignment.model_copy(update={"id": "ps1"})}
    assert "expected a folder named quiz or ps1; found 'answers.md'" in (read_submission(path, both).refused or "")


def test_loose_files_beside_another_assignment_are_not_taken_for_this_one(
    tmp_path: Path, assignment: Assignment
) -> None:
    path = pack(tmp_path / "alice", "folder", {"ps1/answers.md": b"## 3.1\n1", "answers.md": b"## 3.1\n2"})
    found = read_submission(path, {"quiz": assignment}, names=NAMES)
    assert found.refused == "expected a folder named quiz; found 'answers.md', 'ps1'"


# --- what is taken in


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_only_what_somebody_reads_is_taken_in(tmp_path: Path, packing: str) -> None:
    found = take_in(pack(tmp_path / "alice", packing, WORK), NAMES)
    assert set(found.files) == {
        "quiz/answers.md", "quiz/sample.py", "quiz/submission/likelihood.py", "ps1/answers.yaml"
    }  # fmt: skip
    assert found.names("quiz") == ["answers.md", "notes.txt", "sample.py", "submission", "weights"]
    assert found.names("") == ["README", "ps1", "quiz"]
    assert found.refused == ()


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_what_systems_leave_lying_about_is_not_mentioned(tmp_path: Path, packing: str) -> None:
    strays = [".git/config.py", "quiz/.venv/x.py", "__MACOSX/quiz/._answers.md", "quiz/__pycache__/a.py", "quiz/.b.py"]
    found = take_in(pack(tmp_path / "alice", packing, {**WORK, **dict.fromkeys(strays, b"x")}), NAMES)
    assert alike(found) == alike(take_in(pack(tmp_path / "bare", "folder", WORK), NAMES))
    assert ".git" not in found.names("")


def test_a_checkpoint_is_named_and_never_opened(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (alice / "quiz" / "model.pt").open("wb") as file:
        file.truncate(500_000_000)
    opened, really_open = [], os.open

    def noted(path: Any, flags: int, **more: Any) -> int:
        opened.append(Path(path).name)
        return really_open(path, flags, **more)

    monkeypatch.setattr(os, "open", noted)
    found = take_in(alice, NAMES)
    assert "model.pt" in found.names("quiz")
    assert found.refused == ()
    assert "model.pt" not in opened
    assert "weights" not in opened
    assert "answers.md" in opened


def test_names_are_composed(tmp_path: Path) -> None:
    folder = pack(tmp_path / "a", "folder", {"quiz/cafe\u0301.py": b"x"})
    assert list(take_in(folder, NAMES).files) == ["quiz/caf\u00e9.py"]


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_of_two_names_that_look_alike_neither_counts(tmp_path: Path, assignment: Assignment, packing: str) -> None:
    files = {"quiz/answers.md": b"## 3.1\n1", "quiz/cafe\u0301.py": b"x", "quiz/caf\u00e9.py": b"y"}
    (work,) = read_submission(pack(tmp_path / "a", packing, files), {"quiz": assignment}).works
    assert work.code == {}
    assert [trouble.text for trouble in work.troubles] == [
        "'caf\u00e9.py' is there twice, or under two names that look alike; neither was read"
    ]


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_names_that_only_their_case_tells_apart_are_named(tmp_path: Path, assignment: Assignment, packing: str) -> None:
    files = {"quiz/Sample.py": b"x", "quiz/sample.py": b"y"}
    (work,) = read_submission(pack(tmp_path / "a", packing, files), {"quiz": assignment}).works
    assert work.code == {"Sample.py": "x", "sample.py": "y"}
    assert "'Sample.py' and 'sample.py' differ in case only; both were read" in [r.text for r in work.remarks]


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
def test_an_archive_within_the_submission_is_named_and_what_is_missing_is_not_blank(
    tmp_path: Path, assignment: Assignment, packing: str
) -> None:
    files = {"quiz/answers.md": b"## 3.1\n1", "quiz/code.zip": b"PK", "old.tar.gz": b"", "quiz/mnist.gz": b""}
    found = read_submission(pack(tmp_path / "a", packing, files), {"quiz": assignment})
    ((status, text),) = [(trouble.status, trouble.text) for trouble in found.works[0].troubles]
    assert status == "malformed"
    assert text.startswith("'code.zip' is an archive within the submission and was not opened")
    assert [said.split(" and was")[0] for said in found.left_out] == [
        "'old.tar.gz' is an archive within the submission"
    ]


# --- links, special files, swaps


def test_nothing_outside_is_reached_by_links(
    alice: Path, canary: Path, assignment: Assignment, either_way: bool
) -> None:
    (alice / "quiz" / "secret.py").symlink_to(canary / "sample.py")
    (alice / "quiz" / "data").symlink_to(canary)
    (alice / "key").symlink_to(canary)
    (alice / "key.txt").symlink_to(canary / "answers.yaml")
    shutil.rmtree(alice / "quiz" / "submission")
    (alice / "quiz" / "submission").symlink_to(canary)
    shutil.rmtree(alice / "ps1")
    (alice / "ps1").symlink_to(canary / "quiz")
    assert CANARY not in take_in(alice, NAMES).files.values()
    ps1 = assignment.model_copy(update={"id": "ps1"})
    found = read_submission(alice, {"quiz": assignment, "ps1": ps1})
    assert "the key" not in found.model_dump_json()
    assert {trouble.text for work in found.works for trouble in work.troubles} == {
        "'submission' is not a folder (links are not followed)",
        "'secret.py' is a link, not a file, and was not opened",
        "'ps1' is not a folder (links are not followed)",
    }
    assert "'data' is a link, not a file, and was not opened" in [remark.text for remark in found.works[0].remarks]
    assert found.left_out == tuple(f"'{name}' is a link, not a file, and was not opened" for name in ("key", "key.txt"))


def test_special_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, either_way: bool) -> None:
    folder = pack(tmp_path / "a", "folder", {"quiz/answers.md": b""})
    os.mkfifo(folder / "quiz" / "sample.py")
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("plug")
        assert take_in(folder, NAMES).refused == (
            "'pipe' is a pipe, not a file, and was not opened",
            "'plug' is a socket, not a file, and was not opened",
            "'quiz/sample.py' is a pipe, not a file, and was not opened",
        )


def test_a_hard_link_is_the_plain_file_that_it_is(alice: Path, canary: Path) -> None:
    (alice / "quiz" / "b.py").hardlink_to(alice / "quiz" / "sample.py")
    assert take_in(alice, NAMES).files["quiz/b.py"] == b"x = 1\n"


@pytest.mark.parametrize("packing", ["folder", "zip", "tar.gz"])
def test_swapping_files_afterwards_changes_nothing(
    tmp_path: Path, canary: Path, assignment: Assignment, packing: str
) -> None:
    path = pack(tmp_path / "alice", packing, WORK)
    snapshot = take_in(path, NAMES)
    before = read_work(snapshot, assignment, "quiz")
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(canary)
    assert read_work(snapshot, assignment, "quiz") == before
    assert before.responses["3.1"]["answer"].text == "1/15"
    with pytest.raises(TypeError):
        snapshot.files["quiz/answers.md"] = CANARY  # type: ignore[index]


@pytest.mark.parametrize("swapped", ["quiz", "quiz/submission", "quiz/answers.md", "."])
def test_swapping_for_a_link_while_it_is_read_leads_nowhere(
    alice: Path, canary: Path, monkeypatch: pytest.MonkeyPatch, swapped: str, either_way: bool
) -> None:
    """Everything was listed, nothing read yet."""
    (canary / "likelihood.py").write_bytes(CANARY)
    (canary / "answers.md").write_bytes(CANARY)
    (canary / "quiz" / "answers.md").write_bytes(CANARY)
    really_read = folders._Walk.read

    def swap_and_read(walk: Any, place: str) -> None:
        walk.children("quiz"), walk.children("quiz/submission")
        victim = alice / swapped
        if not victim.is_symlink():
            victim.rename(alice.parent / "away")
            victim.symlink_to(canary / "answers.md" if swapped.endswith(".md") else canary)
        really_read(walk, place)

    monkeypatch.setattr(folders._Walk, "read", swap_and_read)
    found = take_in(alice, NAMES)
    assert CANARY not in found.files.values()
    assert found.refused


def test_a_file_swapped_for_another_between_looking_and_opening_is_left_out_without_descriptors(
    alice: Path, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "BY_DESCRIPTOR", False)
    monkeypatch.setattr(folders, "_FILE", os.O_RDONLY)
    answers, really_open = alice / "quiz" / "answers.md", os.open

    def swapping_open(path: Any, flags: int, **more: Any) -> int:
        if Path(path) == answers and not answers.is_symlink():
            answers.unlink()
            answers.symlink_to(canary / "answers.yaml")
        return really_open(path, flags, **more)

    monkeypatch.setattr(os, "open", swapping_open)
    found = take_in(alice, NAMES)
    assert CANARY not in found.files.values()
    assert found.refused == ("'quiz/answers.md' was changed while it was read, and was left out",)


def test_a_file_swapped_for_a_pipe_does_not_hang(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, really_open = alice / "quiz" / "answers.md", os.open

    def swapping_open(path: Any, flags: int, **more: Any) -> int:
        if Path(path).name == "answers.md":
            answers.unlink()
            os.mkfifo(answers)
        return really_open(path, flags, **more)

    monkeypatch.setattr(os, "open", swapping_open)
    assert "quiz/answers.md" in take_in(alice, NAMES).left


@pytest.mark.parametrize("name", ["alice", "alice.zip"])
def test_a_link_in_place_of_a_submission_is_refused(
    tmp_path: Path, canary: Path, assignment: Assignment, name: str
) -> None:
    (tmp_path / name).symlink_to(canary if name == "alice" else pack(tmp_path / "real", "zip", WORK))
    found = read_submission(tmp_path / name, {"quiz": assignment})
    assert found.refused == f"{name} is a link, not a file, and was not opened"


# --- what fails


@pytest.mark.parametrize("denied", ["quiz", "submission", "sample.py"])
def test_what_may_not_be_read_is_our_fault_and_takes_nothing_else_with_it(
    alice: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch, denied: str, either_way: bool
) -> None:
    really_open, really_scan = os.open, os.scandir

    def refuse(path: Any) -> None:
        if not isinstance(path, int) and Path(path).name == denied:
            raise PermissionError(13, "Permission denied")

    def checked_open(path: Any, flags: int, **more: Any) -> int:
        refuse(path)
        return really_open(path, flags, **more)

    def checked_scan(path: Any) -> Iterator[os.DirEntry[str]]:
        refuse(path)
        return really_scan(path)

    monkeypatch.setattr(os, "open", checked_open)
    monkeypatch.setattr(os, "scandir", checked_scan)
    monkeypatch.setattr(folders, "BY_DESCRIPTOR", either_way)
    found = read_submission(alice, {"quiz": assignment}, names=NAMES)
    (work,) = found.works
    assert [(trouble.status, trouble.text) for trouble in work.troubles] == [
        ("error", f"'{denied}' cannot be read: Permission denied")
    ]
    assert ("3.1" in work.responses) == (denied != "quiz")


# --- bounds


def test_all_files_together_have_a_greatest_size(
    alice: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MAX_BYTES", 15)
    found = take_in(alice, NAMES)
    assert sum(map(len, found.files.values())) <= 15
    (work,) = read_submission(alice, {"quiz": assignment}).works
    assert {trouble.status for trouble in work.troubles} == {"malformed"}
    assert "all files together are larger than" in work.troubles[0].text


@pytest.mark.parametrize("packing", ["folder", "zip", "tar"])
@pytest.mark.parametrize("kind", ["files", "folders"])
def test_entries_have_a_greatest_number(
    tmp_path: Path, assignment: Assignment, monkeypatch: pytest.MonkeyPatch, packing: str, kind: str
) -> None:
    monkeypatch.setattr(taking, "MAX_ENTRIES", 10)
    more = [f"quiz/x{n}.txt" if kind == "files" else f"quiz/x{n}/y.txt" for n in range(20)]
    path = pack(tmp_path / "a", packing, {"quiz/answers.md": b"## 3.1\n1", **dict.fromkeys(more, b"")})
    found = take_in(path, NAMES)
    assert len(found.folders | found.others | found.files.keys()) <= 21
    assert found.refused == ("there are more than 10 files; the rest was not looked at",)
    (work,) = read_submission(path, {"quiz": assignment}).works
    assert (work.troubles[0].status, work.troubles[0].text) == ("malformed", found.refused[0])


def test_folders_that_hold_nothing_are_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MAX_ENTRIES", 10)
    (tmp_path / "a.tar").write_bytes(tarred(entry(f"quiz/{n}", tarfile.DIRTYPE) for n in range(50)))
    found = take_in(tmp_path / "a.tar", NAMES)
    assert len(found.folders) <= 10
    assert found.refused == ("there are more than 10 files; the rest was not looked at",)


def test_a_file_that_grows_while_it_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MAX_BYTES", 3_000_000)
    asked: list[int] = []

    def endless(most: int) -> bytes:
        asked.append(most)
        return b"x" * most

    gathered = taking.Taking()
    for number in range(100):
        gathered.take(f"{number}.py", 10, endless)
    assert gathered.files == {}
    assert gathered.left["0.py"].text == "'0.py' is larger than 1 MB and was not read"
    assert "all files together" in gathered.left["99.py"].text
    assert sum(asked) <= 3_000_100


def test_a_listing_comes_to_an_end(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_LOOKED", 2)
    assert take_in(alice, NAMES).refused == ("there are more than 2 files in one folder; not all were looked at",)


def test_what_was_refused_comes_to_an_end(tmp_path: Path, assignment: Assignment) -> None:
    folder = pack(tmp_path / "a", "folder", {"quiz/answers.md": b""})
    for number in range(150):
        (folder / f"link{number}").symlink_to("/")
    found = read_submission(folder, {"quiz": assignment})
    assert len(found.left_out) == 101
    assert found.left_out[-1] == "and 50 more"


def test_the_bounds_are_what_they_are_said_to_be() -> None:
    assert (taking.MAX_BYTES, taking.MAX_ENTRIES, folders.MAX_LOOKED) == (128_000_000, 20_000, 200_000)
