"""What the tests of course code share: one warm process for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from grader.harness.lab import Lab
from grader.harness.protocol import pack
from grader.sandbox.limits import Limits


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
