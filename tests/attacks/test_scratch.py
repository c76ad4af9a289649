"""The one folder in which files may be made: small, its own, and gone with the process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.harness.lab import Lab
from grader.harness.session import Call, Session
from grader.sandbox.limits import Limits
from tests.attacks.arena import LabAt

SIZE, ENTRIES = 2**20, 32
CODE = """
import os, tempfile

def fill():
    written = 0
    for number in range(8):
        try:
            with open(f"part {number}", "wb", buffering=0) as file:
                for _ in range(1024):
                    written += file.write(bytes(4096))
        except OSError:
            continue
    return written

def crowd():
    made = 0
    for number in range(1000):
        try:
            os.mkdir(f"folder {number}")
            made += 1
        except OSError:
            continue
    return made

def leave():
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write("of the first one")
    with open("left", "w") as file:
        file.write("of the first one")
    return made_here()

def made_here():
    return len({*os.listdir(".")} - {"submission"})

def look():
    assert tempfile.gettempdir() == os.getcwd()
    return made_here()

def run():
    with open("program", "w") as file:
        file.write("#!/bin/sh\\n")
    os.chmod("program", 0o755)
    for attempt in (lambda: os.execv("./program", ["program"]), lambda: os.mkfifo("fifo"),
                    lambda: os.mknod("device", 0o20666, 0x103), lambda: os.link("program", "hard")):
        try:
            attempt()
            return 1
        except OSError:
            continue
    return 0
"""


@pytest.fixture(params=["A", "B"])
def lab(lab_at: LabAt, request: pytest.FixtureRequest) -> Lab:
    return lab_at(request.param)


@pytest.fixture
def session(lab: Lab) -> Iterator[Session]:
    limits = Limits(scratch=SIZE, entries=ENTRIES)
    with Session(lab.language.warm, {"sample.py": CODE}, limits, 30.0) as opened:
        if number(opened, "leave") == 0:
            pytest.skip("there is no folder to write in here")
        opened.close()
        yield opened


def number(session: Session, function: str) -> int:
    (value,) = session.call("sample.py", function, [Call(())], 10.0)
    assert value.value.array is not None
    return int(value.value.array)


def test_its_size_comes_to_an_end(session: Session) -> None:
    assert 0 < number(session, "fill") <= SIZE


def test_its_number_of_files_comes_to_an_end(session: Session) -> None:
    assert 0 < number(session, "crowd") <= ENTRIES


def test_the_next_one_finds_nothing_in_it(session: Session) -> None:
    left = number(session, "leave")
    assert left == 2
    assert number(session, "look") >= left
    session.close()
    assert number(session, "look") == 0


def test_two_at_a_time_do_not_share_it(session: Session, lab: Lab) -> None:
    with Session(lab.language.warm, {"sample.py": CODE}, session.limits, 30.0) as other:
        assert number(session, "leave") == 2
        assert number(other, "look") == 0


def test_the_machine_sees_nothing_of_it(session: Session) -> None:
    before = {place: os.listdir(place) for place in ("/mnt", "/media", "/srv", "/var/tmp") if Path(place).is_dir()}
    assert number(session, "leave") == 2
    assert {place: os.listdir(place) for place in before} == before


def test_nothing_is_run_in_it_and_no_pipe_or_device_made(session: Session) -> None:
    assert number(session, "run") == 0
