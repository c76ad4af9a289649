"""Where course code is judged: the warm process, the language model, and one bench for each file of a submission."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from grader.harness.models import Chosen
from grader.sandbox.endings import Stopped
from grader.sandbox.levels import Level, level
from grader.sandbox.limits import Limits
from grader.sandbox.processes import NEEDED, libraries, within
from grader.sandbox.warm import Warm

if TYPE_CHECKING:  # they need NumPy, and most of what is graded is written: they wait until there is code
    from grader.harness.checks.bench import Bench
    from grader.harness.language import Language
    from grader.harness.showing import Album

WORKER = "grader.harness.worker"
NO_TORCH = "Course code was not run: torch is not installed here (pip install 'grader[code]')."
NO_FORK = "Course code was not run: this system starts no process as a copy of another (on Windows, use WSL)."
NO_WALLS = (
    "Course code was not run: this machine cannot isolate it (`grade doctor` says why). --allow-unsandboxed runs it "
    "all the same, with the rights of whoever grades."
)
EXPOSED = (
    "Course code was not run: {folder} lies in a folder of Python's libraries, which course code may read. Move it, or "
    "grade at level A (`grade doctor`)."
)
NOT_ISOLATED = "NOT ISOLATED: course code ran with your own rights, under a time limit (`grade doctor` says why)."
WITHOUT_OUTER = "Course code ran at level B: bubblewrap is installed and does not work here (`grade doctor` says why)."
PATIENCE = 30.0  # where our own functions take milliseconds
TURNS = 40  # so many times as long may a submission's file take in all


@dataclass
class Lab:
    """Made once per run. ``unsandboxed`` runs code also where nothing isolates it, as does ``own``: the code is that of
    whoever runs it. ``pictures`` is where to draw what functions do; after ``patience`` seconds a call that has not
    returned is taken for an endless loop. ``hidden`` are folders that no student's code may see: keys, submissions.
    """

    chosen: Chosen = field(default_factory=Chosen)
    unsandboxed: bool = False
    pictures: Path | None = None
    patience: float = PATIENCE
    hidden: Sequence[Path] = ()
    own: bool = False
    _language: Language | None = field(default=None, init=False)
    _albums: list[Album] = field(default_factory=list, init=False)

    @property
    def level(self) -> Level:
        return level()

    def refusal(self) -> str:
        """Why no code can be run here; empty if it can."""
        if any(find_spec(name) is None for name in NEEDED):
            return NO_TORCH
        if not hasattr(os, "fork"):
            return NO_FORK
        if self.level == "C":
            return "" if self.unsandboxed or self.own else NO_WALLS
        exposed = [path for path in self.hidden if self.level == "B" and within(path, libraries())]
        return EXPOSED.format(folder=exposed[0]) if exposed else ""

    def trial(self) -> str:
        """'' if course code can be run here, else why not: the process for it is started and asked for something."""
        if refusal := self.refusal():
            return refusal
        try:
            return "" if self.language.vocabulary else "the language model has no vocabulary"
        except Stopped as stopped:
            return "\n".join([str(stopped), *getattr(stopped, "__notes__", ())])

    @property
    def language(self) -> Language:
        """The model that texts are judged under; the warm process starts with it."""
        if self._language is None:
            from grader.harness.language import Language

            models = {self.chosen.name: str(self.chosen.path)}
            settings = {"models": models, "device": self.chosen.device}
            visible = _parts(self.chosen.path)
            warm = Warm(WORKER, settings, libraries(), self.level, visible, [str(path) for path in self.hidden])
            self._language = Language(warm, self.chosen.name)
        return self._language

    def start(self) -> None:
        """Warm up, without waiting for it."""
        if not self.refusal():
            self.language.warm.start()

    def desk(self, files: Mapping[str, str], submission: str = "", assignment: str = "") -> Desk:
        """For one work; pictures of it are named after the submission and the assignment."""
        if self.pictures is None:
            return Desk(self, files)
        from grader.harness.showing import album

        self._albums.append(album(self.pictures, submission, assignment, self._albums))
        return Desk(self, files, self._albums[-1])

    def close(self) -> None:
        if self._language is not None:
            self._language.warm.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Desk:
    """One submission's code. Use it as a context: its processes end with the block."""

    lab: Lab
    files: Mapping[str, str]
    album: Album | None = None  # where to put pictures of what its functions do
    ran: bool = False
    _benches: dict[str, Bench] = field(default_factory=dict)

    def bench(self, file: str, secret: str, model: str) -> Bench:
        """The bench of a file: several items may be judged on it. ``model`` is the one that the item names."""
        if file not in self._benches:
            from grader.harness.checks.bench import Bench
            from grader.harness.session import Session

            allowance = TURNS * self.lab.patience
            limits = Limits(cpu=allowance)
            session = Session(self.lab.language.warm, self.files, limits, self.lab.patience, allowance)
            content = hashlib.sha256("\0".join(f"{n}\0{text}" for n, text in sorted(self.files.items())).encode())
            draws = f"{secret}/{content.hexdigest()}"
            home = self.lab.chosen.name == model
            self._benches[file] = Bench(session, file, secret, draws, self.lab.language, home)
        self.ran = True
        return self._benches[file]

    def __enter__(self) -> Desk:
        if self.files:
            self.lab.start()  # it warms up while what is written is graded
        return self

    def __exit__(self, *_: object) -> None:
        for bench in self._benches.values():
            bench.session.close()


def _parts(model: Path) -> list[str]:
    """A model's folder or file, and where its links lead: a hub keeps the weights elsewhere."""
    links = [path for path in (model, *(model.iterdir() if model.is_dir() else ())) if path.is_symlink()]
    return [str(model), *(str(path.resolve()) for path in links if path.exists())]
