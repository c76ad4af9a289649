"""What the tests of course code share: one warm process for all of them."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping

import pytest

from grader.harness.lab import Lab
from grader.harness.protocol import pack
from grader.harness.session import Session
from grader.sandbox.limits import Limits

FINE = "def fine():\n    return 1.5\n"
Opened = Callable[..., Session]


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """It leaves nothing behind, not even a child that nobody ended."""
    with Lab(unsandboxed=True, patience=4.0) as made:
        if refusal := made.refusal():
            pytest.skip(refusal)
        yield made
        warm = made.language.warm
        with warm.child(Limits()) as child:
            child.ask(pack({"do": "sources", "sources": {}}), 30.0)  # it lives
            assert warm._process is not None
            zygote = warm._process.popen.pid
            group = children(zygote)
            assert group
            made.close()
            assert not [pid for pid in (zygote, *group) if os.path.exists(f"/proc/{pid}/exe")]


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(child) for child in listed.read().split()]


@pytest.fixture
def opened(lab: Lab) -> Iterator[Opened]:
    """Sessions, which end with the test. The code may be indented, and every submission has a file that is fine."""
    made: list[Session] = []

    def open_session(
        code: str | Mapping[str, str], patience: float = lab.patience, limits: Limits | None = None
    ) -> Session:
        files = {"sample.py": code} if isinstance(code, str) else code
        files = {"likelihood.py": FINE} | {name: textwrap.dedent(text) for name, text in files.items()}
        made.append(Session(lab.language.warm, files, limits or Limits(cpu=60.0), patience))
        return made[-1]

    yield open_session
    for session in made:
        session.close()
