"""What the tests of the walls share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.walls import probe
from tests.sandbox.behind import CANARY


@pytest.fixture
def walls() -> None:
    """All layers, without which a test that asks for them is skipped."""
    lacking = {layer: why for layer, why in probe().items() if why}
    if lacking:
        pytest.skip(f"there are no walls here: {lacking}")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that anyone may do anything in, with a secret that anyone may read."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o777)
    (folder / "secret").write_text(CANARY)
    (folder / "secret").chmod(0o666)
    yield folder
    shutil.rmtree(folder)
    folder.with_suffix(".marker").unlink(missing_ok=True)  # beside it, where an attempt may leave one
