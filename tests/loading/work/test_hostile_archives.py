"""Archives that no honest program writes, each really built: what is read of them, what is said, what it costs."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.loading.work import archives, inflating, taking, tars, zips
from grader.loading.work.answers import read_submission
from grader.loading.work.snapshot import Snapshot, take_in
from grader.spec import Assignment
from grader.submission import Submission
from tests.loading.work.packing import (
    UNICODE,
    contents,
    entry,
    gzipped,
    local,
    tarred,
    zeros,
    zip_of,
    zip_of_one,
    zipped,
)

CANARY = b"3.1: the key is 42\n"
ANSWERS = ("quiz/answers.md", b"## 3.1\n1/15\n")
TEN_GIGABYTES = 10_000  # megabytes

Take = Callable[..., Snapshot]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Write bytes to a file and take that in."""

    def write_and_take(content: bytes, name: str = "alice.zip") -> Snapshot:
        (tmp_path / name).write_bytes(content)
        return take_in(tmp_path / name, ("quiz",))

    return write_and_take


@pytest.fixture
def read(tmp_path: Path, assignment: Assignment) -> Callable[..., Submission]:
    """The same, as a submission that is read."""

    def write_and_read(content: bytes, name: str = "alice.zip") -> Submission:
        (tmp_path / name).write_bytes(content)
        return read_submission(tmp_path / name, {"quiz": assignment})

    return write_and_read


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """The peak of memory."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * 1_000_000


def troubles(found: Submission) -> list[str]:
    (work,) = found.works
    assert {trouble.status for trouble in work.troubles} <= {"malformed"}
    return [trouble.text for trouble in work.troubles]


# --- names

UP = "../" * 12
NAMES = [
    (f"{UP}tmp/answers.md", "leads out of the archive"),
    ("quiz/../../answers.md", "leads out of the archive"),
    ("/quiz/answers.md", "is absolute"),
    ("quiz\\answers.md", "holds a backslash"),
    ("..\\..\\answers.md", "holds a backslash"),
    ("C:/quiz/answers.md", "begins with a drive letter"),
    ("c:answers.md", "begins with a drive letter"),
    ("quiz/" + "n" * 256 + "/answers.md", "is too long"),
    ("q/" * 600 + "answers.md", "is too long"),
]


@pytest.mark.parametrize(("name", "why"), [*NAMES, ("quiz/answers.md\0.txt", "holds a NUL")])
def test_names_of_a_zip_that_lead_elsewhere_are_refused(read: Callable[..., Submission], name: str, why: str) -> None:
    packed = zlib.compress(CANARY, wbits=-15)
    body = local("quiz/sample.py", b"x", 1, method=0, crc=zlib.crc32(b"x"))
    row = contents("quiz/sample.py", 1, 1, 0, method=0)
    row = row[:16] + struct.pack("<I", zlib.crc32(b"x")) + row[20:]
    found = read(zip_of(body + local(name, packed, 19), row, contents(name, len(packed), 19, len(body))))
    assert "the key" not in found.model_dump_json()
    assert found.works[0].code == {"sample.py": "x"}
    said = (*troubles(found), *found.left_out)
    assert any(why in text for text in said)
    assert "NUL" in why or troubles(found)  # with the NUL, it is no file that anybody would read


@pytest.mark.parametrize(("name", "why"), NAMES)
def test_names_of_a_tar_that_lead_elsewhere_are_refused(
    read: Callable[..., Submission], tmp_path: Path, name: str, why: str
) -> None:
    found = read(tarred([("quiz/sample.py", b"x"), (name, CANARY)]), "alice.tar")
    assert "the key" not in found.model_dump_json()
    assert found.works[0].code == {"sample.py": "x"}
    (text,) = troubles(found)
    assert why in text
    assert [path.name for path in tmp_path.iterdir()] == ["alice.tar"]


def test_a_misplaced_file_that_nobody_reads_is_only_named(read: Callable[..., Submission]) -> None:
    found = read(zipped([ANSWERS, ("../photo.jpg", b"x")]))
    assert troubles(found) == []
    assert found.left_out == ("'../photo.jpg' was not read: its name leads out of the archive",)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_are_read(take: Take, form: int) -> None:
    name = "quiz/submission/" + "n" * 200 + ".py"
    assert take(tarred([(name, b"x")], form=form), "alice.tar").files == {name: b"x"}


@pytest.mark.parametrize("packing", ["zip", "tar"])
@pytest.mark.parametrize("second", [b"## 3.1\n7\n", ANSWERS[1]])
def test_of_two_members_of_one_name_neither_counts(
    read: Callable[..., Submission], packing: str, second: bytes
) -> None:
    members = [ANSWERS, ("quiz/sample.py", b"x"), (ANSWERS[0], second), ANSWERS]
    with pytest.warns(UserWarning, match="Duplicate") if packing == "zip" else at_most(100):
        content = zipped(members) if packing == "zip" else tarred(members)
    found = read(content, f"alice.{packing}")
    assert troubles(found) == ["'answers.md' is there twice, or under two names that look alike; neither was read"]
    assert found.works[0].responses == {}
    assert found.works[0].code == {"sample.py": "x"}


def test_a_name_that_is_a_file_and_a_folder(read: Callable[..., Submission]) -> None:
    members = [("quiz/sample.py", b"x"), ("quiz/sample.py/a.py", b"y"), ANSWERS]
    found = read(tarred(members), "alice.tar")
    assert troubles(found) == ["'sample.py' is both a file and a folder; the file was not read"]
    assert found.works[0].code == {}


# --- links and special files


def linked(name: str, target: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o120777 << 16
        archive.writestr(info, target)
        archive.writestr("quiz/sample.py", "x")
    return out.getvalue()


def test_a_link_in_a_zip_is_refused(read: Callable[..., Submission], tmp_path: Path) -> None:
    (tmp_path / "canary.md").write_bytes(CANARY)
    found = read(linked("quiz/answers.md", str(tmp_path / "canary.md")))
    assert troubles(found) == ["'answers.md' is a link, not a file, and was not opened"]
    assert found.works[0].responses == {}


@pytest.mark.parametrize(("mode", "what"), [(0o010644, "a pipe"), (0o020644, "a device"), (0o060644, "a device")])
def test_devices_in_a_zip_are_refused(read: Callable[..., Submission], mode: int, what: str) -> None:
    found = read(zip_of_one("quiz/answers.md", b"", 0, method=0, mode=mode))
    assert troubles(found) == [f"'answers.md' is {what}, not a file, and was not opened"]


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.FIFOTYPE, "a pipe"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(
    read: Callable[..., Submission], tmp_path: Path, kind: bytes, what: str
) -> None:
    (tmp_path / "canary.md").write_bytes(CANARY)
    for target in (str(tmp_path / "canary.md"), "quiz/sample.py"):
        found = read(tarred([("quiz/sample.py", b"x"), entry("quiz/answers.md", kind, linkname=target)]), "alice.tar")
        assert troubles(found) == [f"'answers.md' is {what}, not a plain file, and was not opened"]
        assert found.works[0].responses == {}


def test_a_link_to_a_folder_and_a_file_below_it(read: Callable[..., Submission], tmp_path: Path) -> None:
    """Unpacked, the file would be written through the link."""
    link = entry("quiz/submission", tarfile.SYMTYPE, linkname=str(tmp_path))
    found = read(tarred([link, ("quiz/submission/planted.py", b"x"), ANSWERS]), "alice.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["alice.tar"]
    assert troubles(found) == ["'submission' is a link, not a plain file, and was not opened"]


def test_a_sparse_file_is_refused(read: Callable[..., Submission]) -> None:
    """Its map may say that ten bytes are ten gigabytes."""
    hole = bytearray(entry("quiz/answers.md", size=512).tobuf(tarfile.GNU_FORMAT))
    hole[156:157] = tarfile.GNUTYPE_SPARSE
    hole[386:410] = b"%011o\0%011o\0" % (0, 512)
    hole[483:495] = b"%011o\0" % (8**11 - 1)
    hole[148:156] = b"%06o\0 " % (sum(hole) - sum(hole[148:156]) + 8 * 32)
    with at_most(20):
        found = read(bytes(hole) + bytes(512) + tarred([("quiz/sample.py", b"x")]), "alice.tar")
    assert troubles(found) == ["'answers.md' is a sparse file, not a plain file, and was not opened"]
    assert found.works[0].code == {"sample.py": "x"}


# --- bombs


@pytest.mark.parametrize("said", [TEN_GIGABYTES * 1_000_000 % 2**32, 10, 1_999_999])
def test_a_bomb_in_a_zip_whatever_size_it_says_it_has(read: Callable[..., Submission], said: int) -> None:
    bomb = zeros(TEN_GIGABYTES)
    content = zip_of_one("quiz/answers.md", bomb, said)
    with at_most(60):
        found = read(content)
    (text,) = troubles(found)
    assert "'answers.md' is" in text
    assert "not read" in text


def test_many_bombs_in_a_zip_stop_at_the_total(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MAX_BYTES", 10_000_000)
    bomb = zeros(3)
    names = [f"quiz/{n}.py" for n in range(200)]
    body, rows = b"", []
    for name in names:
        rows.append(contents(name, len(bomb), 999_999, len(body)))
        body += local(name, bomb, 999_999)
    read: list[int] = []
    really_take = taking.Taking.take

    def counted(self: taking.Taking, path: str, size: int, give: Callable[[int], bytes]) -> None:
        really_take(self, path, size, lambda most: [content := give(most), read.append(len(content))][0])  # type: ignore[func-returns-value]

    monkeypatch.setattr(taking.Taking, "take", counted)
    found = take(zip_of(body, *rows))
    assert not found.files
    assert len(found.left) == 200
    assert sum(read) <= 12_000_000


def test_a_checkpoint_in_a_zip_is_not_inflated(read: Callable[..., Submission]) -> None:
    bomb = zeros(TEN_GIGABYTES)
    body = local("quiz/model.pt", bomb, 1_410_065_408)
    packed = zlib.compress(ANSWERS[1], wbits=-15)
    row = contents("quiz/answers.md", len(packed), len(ANSWERS[1]), len(body))
    row = row[:16] + struct.pack("<I", zlib.crc32(ANSWERS[1])) + row[20:]
    rows = contents("quiz/model.pt", len(bomb), 1_410_065_408, 0), row
    found = read(zip_of(body + local("quiz/answers.md", packed, len(ANSWERS[1]), crc=zlib.crc32(ANSWERS[1])), *rows))
    assert troubles(found) == []
    assert "3.1" in found.works[0].responses


@pytest.mark.parametrize("wanted", [True, False])
def test_a_bomb_in_a_tar_stops_the_reading_where_it_is(
    read: Callable[..., Submission], monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    monkeypatch.setattr(tars, "MAX_INFLATED", 100_000_000)
    name = "quiz/answers.ipynb" if wanted else "quiz/zeros.bin"
    before = tarred([ANSWERS])[:1024]
    header = entry(name, size=TEN_GIGABYTES * 1_000_000).tobuf(tarfile.GNU_FORMAT)
    start = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = start.compress(before + header) + start.flush(zlib.Z_FULL_FLUSH) + zeros(TEN_GIGABYTES)
    content = gzipped(deflated)
    assert len(content) < 15_000_000
    with at_most(10):
        found = read(content, "alice.tar.gz")
    assert f"the archive could be read only as far as '{name}': it holds more than 100 MB" in troubles(found)
    assert "3.1" in found.works[0].responses


def test_the_headers_of_a_tar_are_bounded(read: Callable[..., Submission]) -> None:
    """They are read whole: a name of a gigabyte would be one in memory."""
    for kind in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
        header = entry("x", kind, size=50_000_000).tobuf(tarfile.GNU_FORMAT)
        content = tarred([ANSWERS])[:1024] + header + bytes(50_000_000)
        with at_most(10):
            found = read(content, "alice.tar")
        assert "a header that no program would write" in troubles(found)[0]
        assert "3.1" in found.works[0].responses


def test_a_sparse_map_without_end(read: Callable[..., Submission]) -> None:
    more = (b"%011o\0%011o\0" % (0, 0)) * 21 + b"\1" + bytes(7)
    hole = bytearray(entry("quiz/a.py", size=0).tobuf(tarfile.GNU_FORMAT))
    hole[156:157], hole[482:483] = tarfile.GNUTYPE_SPARSE, b"\1"
    hole[148:156] = b"%06o\0 " % (sum(hole) - sum(hole[148:156]) + 8 * 32)
    content = tarred([ANSWERS])[:1024] + bytes(hole) + more * 20_000
    with at_most(10):
        found = read(content, "alice.tar")
    assert "a header that no program would write" in troubles(found)[0]


def test_a_header_of_digits_alone(read: Callable[..., Submission]) -> None:
    """Older versions of tarfile take minutes over many of these."""
    header = entry("x", tarfile.XHDTYPE, size=30_000).tobuf(tarfile.GNU_FORMAT)
    found = read(tarred([ANSWERS])[:1024] + header + b"1" * 30_208, "alice.tar")
    assert "a header that no program would write" in troubles(found)[0]


def test_global_headers_come_to_an_end(read: Callable[..., Submission]) -> None:
    records = b"".join(b"%d k%d=v\n" % (len(f" k{n}=v\n") + 2, n) for n in range(100, 999))
    header = entry("x", tarfile.XGLTYPE, size=len(records)).tobuf(tarfile.GNU_FORMAT)
    found = read(header + records.ljust(-(-len(records) // 512) * 512, b"\0") + tarred([ANSWERS]), "alice.tar")
    assert "a header that no program would write" in (found.refused or "")


def test_a_dictionary_of_gigabytes_is_not_made(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tarred([ANSWERS], "tar.xz")
    assert take(content, "alice.tar.xz").files
    monkeypatch.setattr(inflating, "MAX_DICTIONARY", 1_000_000)
    assert "could not be read as an archive" in take(content, "alice.tar.xz").left[""].why


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_inflate_without_bound_are_not_read(read: Callable[..., Submission], method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("quiz/answers.md", bytes(1_900_000))
        archive.writestr("quiz/sample.py", "x", zipfile.ZIP_STORED)
    found = read(out.getvalue())
    assert troubles(found) == ["'answers.md' is packed in an unusual way and was not read; make it a plain zip"]
    assert found.works[0].code == {"sample.py": "x"}


def test_members_that_overlap_are_a_bomb(take: Take) -> None:
    """One body, quoted by the one before it: with a thousand of them, a small file stands for gigabytes."""
    inner = local("quiz/b.py", b"x" * 100, 100, method=0, crc=zlib.crc32(b"x" * 100))
    outer = local("quiz/a.py", inner, len(inner), method=0, crc=zlib.crc32(inner))
    at = len(outer) - len(inner)
    rows = contents("quiz/a.py", len(inner), len(inner), 0, method=0), contents("quiz/b.py", 100, 100, at, method=0)
    found = take(zip_of(outer, *rows))
    assert not found.files
    assert "its members overlap" in found.left[""].why


# --- bounds of archives


def test_an_archive_has_a_greatest_size(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ARCHIVE", 100)
    assert "alice.zip is larger than 0.0001 MB and was not read" in take(zipped([ANSWERS])).refused


@pytest.mark.parametrize("packing", ["zip", "tar"])
def test_members_have_a_greatest_number(
    read: Callable[..., Submission], monkeypatch: pytest.MonkeyPatch, packing: str
) -> None:
    monkeypatch.setattr(tars, "MAX_MEMBERS", 3)
    monkeypatch.setattr(zips, "MAX_MEMBERS", 3)
    members = [ANSWERS, *((f".git/{n}", b"") for n in range(5)), ("quiz/sample.py", b"x")]
    found = read(zipped(members) if packing == "zip" else tarred(members), f"alice.{packing}")
    assert "more than 3 members" in troubles(found)[0]
    assert found.works[0].code == {}


def test_the_table_of_contents_of_a_zip_has_a_greatest_size(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_DIRECTORY", 1_000)
    content = zipped((f"quiz/{n}.txt", b"") for n in range(30))
    assert "its table of contents is too long" in take(content).left[""].why


def test_a_file_that_is_too_large_is_named(read: Callable[..., Submission]) -> None:
    large = b"#" * 1_000_001
    for content, name in ((zipped([("quiz/a.py", large)]), "a.zip"), (tarred([("quiz/a.py", large)]), "a.tar")):
        assert troubles(read(content, name)) == ["'a.py' is larger than 1 MB and was not read"]


def test_the_bounds_are_what_they_are_said_to_be() -> None:
    assert (archives.MAX_ARCHIVE, tars.MAX_INFLATED) == (1_000_000_000, 1_000_000_000)
    assert (tars.MAX_MEMBERS, zips.MAX_MEMBERS) == (50_000, 50_000)


# --- damage


def test_an_encrypted_member_is_refused(read: Callable[..., Submission]) -> None:
    packed = zlib.compress(b"## 3.1\n1", wbits=-15)
    found = read(zip_of_one("quiz/answers.md", packed, 8, flags=UNICODE | 1))
    assert troubles(found) == ["'answers.md' is encrypted and was not read"]


def test_a_damaged_member_is_named_and_the_rest_is_read(read: Callable[..., Submission]) -> None:
    content = zipped([ANSWERS, ("quiz/sample.py", b"x = 1")], "stored.zip")
    found = read(content.replace(b"x = 1", b"x = 2"))
    assert "'sample.py' is damaged and was not read (Bad CRC-32" in troubles(found)[0]
    assert found.works[0].responses["3.1"]["answer"].text == "1/15"


@pytest.mark.parametrize("packing", ["tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_what_comes_before_the_break_in_a_tar_is_graded(read: Callable[..., Submission], packing: str) -> None:
    noise = random.Random(1).randbytes(900_000)
    content = tarred([ANSWERS, ("quiz/noise.bin", noise * 2), ("quiz/sample.py", b"x")], packing)
    found = read(content[: len(content) * 3 // 4], f"alice.{packing}")
    (text,) = troubles(found)
    assert text.startswith("the archive could be read only as far as 'quiz/noise.bin'")
    assert "cut short" in text or "damaged" in text
    assert found.works[0].responses["3.1"]["answer"].text == "1/15"
    assert found.works[0].code == {}


def test_a_tar_that_is_cut_between_members_is_cut_all_the_same(read: Callable[..., Submission]) -> None:
    (text,) = troubles(read(tarred([ANSWERS])[:1024], "alice.tar"))
    assert "cut short or damaged" in text


def test_half_a_file_is_not_read(read: Callable[..., Submission]) -> None:
    content = tarred([("quiz/sample.py", b"x"), ("quiz/answers.md", b"## 3.1\n1\n" * 100)])
    found = read(content[: 1024 + 512 + 300], "alice.tar")
    assert found.works[0].responses == {}
    assert "'answers.md' could not be read to its end" in troubles(found)


def test_a_broken_header_is_not_the_end(read: Callable[..., Submission]) -> None:
    content = bytearray(tarred([ANSWERS, ("quiz/sample.py", b"x")]))
    content[1024 + 148] ^= 1  # its checksum
    (text,) = troubles(read(bytes(content), "alice.tar"))
    assert "cut short or damaged" in text


def test_a_wrong_checksum_of_what_compressed_it_is_noticed(read: Callable[..., Submission]) -> None:
    content = bytearray(tarred([ANSWERS], "tar.gz"))
    content[-6] ^= 1
    (text,) = troubles(read(bytes(content), "alice.tar.gz"))
    assert "it is damaged" in text


def test_headers_that_lead_backwards(read: Callable[..., Submission]) -> None:
    record = b"14 size=-9999\n"
    header = entry("x", tarfile.XHDTYPE, size=len(record)).tobuf(tarfile.GNU_FORMAT) + record.ljust(512, b"\0")
    loop = tarred([ANSWERS])[:1024] + header + entry("quiz/x.bin", size=0).tobuf(tarfile.GNU_FORMAT)
    (text,) = troubles(read(loop + bytes(1024), "alice.tar"))
    assert "its headers contradict each other" in text


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("alice.zip", b"4a: 1/15", "could not be read as an archive"),
        ("alice.zip", b"", "could not be read as an archive"),
        ("alice.tar", b"4a: 1/15", "could not be read as an archive"),
        ("alice.tar", b"", "could not be read as an archive"),
        ("alice.tar.gz", b"4a: 1/15", "is neither a zip nor a tar archive"),
        ("alice.tgz", gzipped(zeros(1)), "could not be read as an archive: it is damaged"),
        ("alice.tar.gz", tarred([ANSWERS], "tar.gz")[:20], "could not be read as an archive: it is cut short"),
        ("alice.zip", zipped([ANSWERS])[:-30], "damaged or cut short"),
        ("alice.7z", b"7z\xbc\xaf\x27\x1c", "is neither a zip nor a tar archive"),
    ],
    ids=lambda part: part if isinstance(part, str) else f"{len(part)} bytes",  # gzip has the time of day in it
)
def test_what_is_no_archive_is_refused_with_a_sentence(
    read: Callable[..., Submission], name: str, content: bytes, why: str
) -> None:
    found = read(content, name)
    assert why in (found.refused or "")
    assert found.digest is None


@pytest.mark.parametrize("name", ["alice.zip", "alice.tar.gz", "alice"])
@pytest.mark.parametrize("packing", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_an_archive_is_known_by_its_content(take: Take, name: str, packing: str) -> None:
    content = zipped([ANSWERS]) if packing == "zip" else tarred([ANSWERS], packing)
    assert take(content, name).files == dict([ANSWERS])


def test_two_streams_in_a_row_are_one_archive(take: Take) -> None:
    import gzip

    content = tarred([ANSWERS])
    assert take(gzip.compress(content[:700]) + gzip.compress(content[700:]) + bytes(10), "a.tar.gz").files
    assert take(gzip.compress(b"") * 30_000, "a.tar.gz").refused


SEEDS = [zipped([ANSWERS, ("quiz/a.py", b"x" * 99)])] + [
    tarred([ANSWERS, ("quiz/" + "n" * 120 + ".py", b"x" * 999)], packing, form)
    for packing in ("tar", "tar.gz", "tar.bz2", "tar.xz")
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=3)), max_size=4),
    st.floats(0.5, 1),
)
def test_whatever_the_bytes_something_is_said_of_them(
    tmp_path_factory: pytest.TempPathFactory, seed: bytes, changes: list[tuple[float, bytes]], end: float
) -> None:
    """Nothing is raised; and what is not as it was packed is read with a complaint or not at all."""
    content = bytearray(seed)
    for where, what in changes:
        at = int(where * len(content))
        content[at : at + len(what)] = what
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(content[: round(end * len(content))])
    found = take_in(path, ("quiz",))
    assert found.files or found.refused or found.names("") != []
