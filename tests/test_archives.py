"""Classes of archives and folders, as a person grades them."""

from __future__ import annotations

import json
import shutil
import tarfile
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.batch import find_sources, grade_source, select
from grader.cli import main
from grader.loading.work.answers import read_submission
from grader.result import Report
from tests.course import ROOT, real_course
from tests.loading.work.packing import entry, gzipped, pack, zeros, zipped

ITEMS = "midterm/4a", "midterm/7c"  # enough to see that it is graded


@pytest.fixture(autouse=True)
def submissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for everybody's work, in the working directory; the course is found from there."""
    for name in ("problems", "reference"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("grader.harness.lab.NEEDED", ("no_such_module",))
    return tmp_path / "submissions"


def results(*paths: str, status: int = 0, assignment: str | None = None, items: tuple[str, ...] = ITEMS) -> list[dict]:
    """As ``grade PATH…`` has them, without its processes."""
    selection = select(real_course(), assignment, items)
    sources = find_sources([Path(path) for path in paths], real_course())
    report = Report(submissions=tuple(grade_source(source, real_course(), selection) for source in sources))
    assert report.exit_status == status, report
    return json.loads(report.model_dump_json())["submissions"]


def grade(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def work_of(who: str) -> dict[str, bytes]:
    folder = ROOT / "submissions" / who
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def hand_in(name: str, packing: str = "zip", answer: str = "1/15", where: str = "midterm/") -> Path:
    return pack(Path("submissions") / name, packing, {f"{where}answers.yaml": f"4a: {answer}\n".encode()})


def score(submission: dict) -> float:
    return sum(assignment["score"] for assignment in submission["assignments"])


def test_archives_are_graded_like_folders(submissions: Path) -> None:
    graded, read = [], []
    for packing in ("folder", "zip", "tar.gz", "tar.xz"):
        Path(packing).mkdir()
        packed = {who: pack(Path(packing) / who, packing, work_of(who)) for who in ("alice", "bob", "carol")}
        read.append([read_submission(path, real_course().assignments, name=who) for who, path in packed.items()])
        graded.append(results(packing))
    assert [submission["submission"] for submission in graded[0]] == ["alice", "bob", "carol"]
    assert graded == [graded[0]] * 4
    assert read == [read[0]] * 4
    assert len({submission["digest"] for submission in graded[0]}) == 3


def test_one_archive_gives_a_full_report(submissions: Path) -> None:
    path = hand_in("alice")
    done = grade(str(path))
    assert done.exit_code == 0
    assert "certain so far" in done.stdout
    assert done.stdout.startswith("alice\n")
    assert grade("explain", str(path), "midterm/4a").exit_code == 0


def test_archives_and_folders_beside_each_other_are_a_class(submissions: Path) -> None:
    hand_in("alice", "folder")
    hand_in("bob", "zip")
    hand_in("carol", "tar.gz", where="carol/midterm/")
    (submissions / "marks.csv").write_text("not a submission")
    found = results("submissions")
    assert [(submission["submission"], score(submission)) for submission in found] == [
        ("alice", 2), ("bob", 2), ("carol", 2),
    ]  # fmt: skip
    assert len({submission["digest"] for submission in found}) == 1


def test_a_folder_and_an_archive_of_one_name_are_both_graded_and_told_apart(submissions: Path) -> None:
    hand_in("alice", "folder", "1/15")
    hand_in("alice", "zip", "1/5")
    hand_in("Bob", "tar.gz", "1/15")
    hand_in("bob", "zip", "1/5")
    found = {submission["submission"]: score(submission) for submission in results("submissions")}
    assert found == {"alice": 2, "alice.zip": 0, "Bob.tar.gz": 2, "bob.zip": 0}


def test_an_archive_that_cannot_be_read_is_refused_and_the_class_goes_on(submissions: Path) -> None:
    hand_in("alice")
    (submissions / "bob.zip").write_bytes(b"PK\x03\x04 and no more")
    (submissions / "carol.rar").write_bytes(b"Rar!")
    pack(submissions / "dave", "tar", {"homework/notes.txt": b"4a: 1/15"})
    found = results("submissions", status=2)
    refused = {submission["submission"]: submission["refused"] for submission in found if "refused" in submission}
    assert set(refused) == {"bob", "carol.rar", "dave"}
    assert refused["bob"].startswith("bob.zip could not be read as an archive")
    assert "zip or a tar" in refused["carol.rar"]
    assert "expected a folder named midterm; found 'homework'" in refused["dave"]
    assert not any({"digest"} & submission.keys() for submission in found if "refused" in submission)
    assert score(found[0]) == 2


def test_a_bomb_costs_its_own_submission_alone(submissions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.loading.work.tars.MAX_INFLATED", 50_000_000)
    hand_in("alice")
    start = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = entry("midterm/zeros.bin", size=8_000_000_000).tobuf(tarfile.USTAR_FORMAT)
    head = start.compress(header) + start.flush(zlib.Z_FULL_FLUSH)
    (submissions / "bob.tar.gz").write_bytes(gzipped(head + zeros(10_000)))
    alice, bob = results("submissions", status=2)
    assert score(alice) == 2
    assert {item["status"] for item in bob["assignments"][0]["items"]} == {"malformed"}
    assert "'midterm/zeros.bin': it holds more than 50 MB" in bob["assignments"][0]["unreadable"][0]


@pytest.mark.parametrize("where", ["", "midterm/", "work/midterm/"])
def test_one_assignment_in_an_archive(submissions: Path, where: str) -> None:
    (submissions / "eve").mkdir()
    (eve,) = results(str(hand_in("eve/midterm", where=where)))
    assert eve["submission"] == "eve"
    assert [assignment["id"] for assignment in eve["assignments"]] == ["midterm"]
    assert score(eve) == 2


def test_everybodys_archives_of_one_assignment(submissions: Path) -> None:
    Path("midterm").mkdir()
    for who, where in (("alice", ""), ("bob", "midterm/"), ("carol", "hand-in/")):
        pack(Path("midterm") / who, "zip", {f"{where}answers.yaml": b"4a: 1/15\n"})
    found = results("midterm")
    assert [(submission["submission"], score(submission)) for submission in found] == [
        ("alice", 2), ("bob", 2), ("carol", 2),
    ]  # fmt: skip
    assert all([a["id"] for a in submission["assignments"]] == ["midterm"] for submission in found)


def test_answers_in_no_folder_count_for_the_assignment_that_is_asked_for(submissions: Path) -> None:
    hand_in("alice_1234_midterm", "zip", where="")
    (refused,) = results("submissions", items=(), status=2)
    assert "expected a folder named midterm or ps1; found 'answers.yaml'" in refused["refused"]
    (found,) = results("submissions", assignment="midterm", items=())
    assert score(found) == 2
    assert "there is no folder midterm; the files were read as midterm" in found["assignments"][0]["remarks"]


def test_archives_in_an_archive_are_not_opened(submissions: Path) -> None:
    everybody = {"alice.zip": zipped([("answers.yaml", b"4a: 1/15")]), "bob.zip": b""}
    (found,) = results(str(pack(Path("submissions") / "midterm", "zip", everybody)), status=2)
    assert "found 'alice.zip', 'bob.zip'; an archive within a submission is not opened" in found["refused"]


def test_links_in_a_class_are_refused_and_a_link_on_the_command_line_is_meant(submissions: Path) -> None:
    hand_in("alice", "folder")
    Path("real").mkdir()
    real = pack(Path("real") / "x", "zip", {"midterm/answers.yaml": b"4a: 1/15\n"})
    (submissions / "eve").symlink_to(submissions / "alice")
    (submissions / "mallory.zip").symlink_to(real.resolve())
    found = {submission["submission"]: submission for submission in results("submissions", status=2)}
    assert "link" in found["eve"]["refused"]
    assert "link" in found["mallory.zip"]["refused"]
    for name in ("eve", "mallory.zip"):
        (meant,) = results(f"submissions/{name}")
        assert (meant["submission"], score(meant)) == (name.removesuffix(".zip"), 2)


def test_what_was_left_out_is_in_the_report_and_in_the_results(submissions: Path) -> None:
    folder = hand_in("alice", "folder")
    (folder / "key").symlink_to(ROOT / "reference")
    (folder / "midterm" / "data").symlink_to(ROOT / "reference")
    (alice,) = results(str(folder))
    assert alice["left_out"] == ["'key' is a link, not a file, and was not opened"]
    assert alice["assignments"][0]["remarks"] == ["'data' is a link, not a file, and was not opened"]
    out = grade(str(folder)).stdout
    assert "note: 'key' is a link" in out
    assert "note: 'data' is a link" in out
    hand_in("bob", "zip")
    assert "1 left out" in grade("submissions", "--item", "4a").stdout


def test_there_is_no_key_for_what_there_is_not(submissions: Path) -> None:
    assert "left_out" not in results(str(hand_in("alice")))[0]
    assert not {"digest", "left_out"} & results("reference")[0].keys()


def test_a_file_that_is_an_archive_by_content_is_one(submissions: Path) -> None:
    hand_in("alice").rename("handed-in.bin")
    (found,) = results("handed-in.bin")
    assert (found["submission"], score(found)) == ("handed-in.bin", 2)


def test_an_archive_called_answers_is_an_archive(submissions: Path) -> None:
    (found,) = results(str(hand_in("answers")))
    assert (found["submission"], score(found)) == ("answers", 2)


def test_the_digest_does_not_hang_on_what_is_asked_for(submissions: Path) -> None:
    shutil.copytree(ROOT / "submissions" / "carol", "submissions/carol")
    digests = {results("submissions/carol", items=items)[0]["digest"] for items in (ITEMS, ("ps1/2",), ("4a",))}
    (midterm,) = results("submissions/carol/midterm")
    assert {midterm["digest"]} == digests
