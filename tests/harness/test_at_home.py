"""Honest code does what it does on a laptop: it writes files, draws seeds from the system, sends output to nowhere."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from grader.sandbox import scratch
from tests.harness.test_session import Opened, value_of

DEEDS = {
    "files": "open('a', 'w').write('a'); Path('a').touch(); os.chmod('a', 0o600); shutil.copy('a', 'b'); os.link",
    "links": "Path('a').write_text('a'); os.symlink('a', 'c'); assert Path('c').read_text() == 'a'",
    "copies": "Path('a').touch(); shutil.copy2('a', 'b')",
    "temporary": "tempfile.NamedTemporaryFile().write(b'a'); shutil.rmtree(tempfile.mkdtemp())",
    "folders": "os.makedirs('d/e'); os.rename('d', 'f'); shutil.rmtree('f')",
    "locks": "fcntl.flock(open('lock', 'w'), fcntl.LOCK_EX)",
    "database": "db = sqlite3.connect('x.db'); db.execute('create table t(a)'); db.commit()",
    "nowhere": "print('x', file=open(os.devnull, 'w'))",
    "random": "torch.Generator().seed(); open('/dev/urandom', 'rb').read(1)",
    "events": "asyncio.run(asyncio.sleep(0))",
    "training": "layer = torch.nn.Linear(2, 2); step = torch.optim.Adam(layer.parameters()); step.step()",
    "weights": "torch.save(torch.ones(2), 'w.pt'); assert torch.load('w.pt').sum() == 2",
}
IMPORTS = "import asyncio, fcntl, os, shutil, sqlite3, tempfile, torch\nfrom pathlib import Path\n"


@pytest.fixture(autouse=True)
def with_scratch() -> None:
    if trouble := scratch.probe():
        pytest.skip(trouble)


@pytest.mark.parametrize("deed", DEEDS)
def test_it_is_done(opened: Opened, deed: str) -> None:
    lines = textwrap.indent("\n".join(DEEDS[deed].split("; ")), "    ")
    value_of(opened(f"{IMPORTS}def f():\n{lines}\n    return 1.0"))


CHANGES = """
import os
def f():
    for path in {paths}:
        for change in (
            lambda: os.chmod(path, 0o777),
            lambda: os.utime(path, (1, 1)),
            lambda: os.truncate(path, 0),
            lambda: open(path, "a"),
            lambda: os.rename(path, path + "x"),
            lambda: os.unlink(path),
            lambda: os.symlink("x", path + "y"),
        ):
            try:
                change()
            except OSError:
                continue
            return 0.0
    return 1.0
"""


def test_nothing_else_is_changed(opened: Opened, tmp_path: Path) -> None:
    """Not even what the same user owns: its view of the machine is read-only."""
    mine = tmp_path / "mine"
    mine.write_text("mine")
    paths = [str(mine), os.__file__, str(Path(os.__file__).parent)]
    before = [os.stat(path) for path in paths]
    assert value_of(opened(CHANGES.format(paths=paths))).value.array == 1.0
    assert [(now.st_mode, now.st_mtime, now.st_size) for now in map(os.stat, paths)] == [
        (was.st_mode, was.st_mtime, was.st_size) for was in before
    ]
