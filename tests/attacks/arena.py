"""Where payloads are let loose: a course in a folder open to everybody, secrets all around, and eyes on everything.

``Arena.tried`` grades a payload through the real path, ``Arena.believed`` has the naive grader do it. Both come back
with the effects that it had: what was read, told, written, changed, called, killed, left behind or gained.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import os
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.batch import Selection, Source, grade_source
from grader.harness import lab as labs
from grader.harness.lab import Lab
from grader.harness.language import Language
from grader.loading.specs.course import Course, load_course
from grader.reports.terminal import print_class, print_submission
from grader.result import Report, SubmissionResult
from grader.sandbox.levels import Level
from grader.sandbox.limits import Limits
from grader.sandbox.processes import libraries
from grader.sandbox.warm import Child, Warm
from tests.attacks.table import CONSTANT, HERE, Payload
from tests.course import ROOT
from tests.harness.planted import right

PATIENCE = 4.0
IMPATIENCE = -2.0  # beside the seconds that one batch of calls has
NAIVE_PATIENCE, NAIVE_IMPATIENCE = 30.0, 0.8
MEMORY = 2**28
MOST_HEARD = 2**24
LONGEST = 60_000  # characters that one item's result may have
NEEDLE = "canary-"

LabAt = Callable[[Level], Lab]  # the lab of a level


@dataclass
class LevelLab(Lab):
    """A lab at a level that is given; ``without`` layers of the inner walls."""

    at: Level = "A"
    without: Collection[str] = ()

    @property
    def level(self) -> Level:
        return self.at

    @property
    def language(self) -> Language:
        if self._language is None and self.without:
            settings = {
                "models": {self.chosen.name: str(self.chosen.path)},
                "device": "cpu",
                "without": [*self.without],
            }
            warm = Warm("tests.attacks.lacking", settings, libraries(), self.at, [str(self.chosen.path)])
            self._language = Language(warm, self.chosen.name)
        return super().language


@dataclass
class Trial:
    """What came of one payload."""

    score: float
    pending: float
    effects: list[str]
    status: str = ""
    heard: str = ""
    shown: str = ""


@dataclass
class Arena:
    """``place`` is the folder that anyone may do anything in. Use it as a context."""

    place: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="attacks-", dir="/tmp")))
    heard: bytearray = field(default_factory=bytearray)
    measures: dict[Level, str] = field(default_factory=dict)

    def __enter__(self) -> Arena:
        token = secrets.token_hex(3)
        self.marker = f"was-here-{token}"  # as long as the name of a process may be
        self.worked = f"it-worked-{token}"
        self.canaries = {name: f"{NEEDLE}{name}-{secrets.token_hex(8)}" for name in CANARIES}
        self.socket = self.place.with_suffix(".socket")
        self.elsewhere = Path(tempfile.mkdtemp(prefix="pristine-", dir="/tmp"))
        self.fill(self.elsewhere)
        self.restore()
        os.environ["GRADER_SECRET"] = self.canaries["environment"]
        self.course: Course = load_course(self.place / "problems", self.place / "reference")
        self.listeners = self.listen()
        self.decoy = self.start_decoy()
        self.naive: subprocess.Popen[bytes] | None = None
        self.honest = right()["plain"]
        return self

    def __exit__(self, *_: object) -> None:
        os.environ.pop("GRADER_SECRET", None)
        for listener in self.listeners.values():
            listener.close()
        end(self.decoy)
        if self.naive is not None:
            end(self.naive)
        self.socket.unlink()
        for folder in (self.place, self.elsewhere):
            shutil.rmtree(folder)

    # --- what lies around ---

    def fill(self, folder: Path) -> None:
        """A course with its key, an earlier submission, a home, results: everything that somebody might want."""
        for name in ("problems", "reference"):
            shutil.copytree(ROOT / name, folder / name)
        key, code = folder / "reference/ps1/6.yaml", folder / "reference/ps1/likelihood.py"
        key.write_text(f"# {self.canaries['key']}\n{key.read_text('utf-8')}", "utf-8")
        code.write_text(f"# {self.canaries['reference']}\n{code.read_text('utf-8')}", "utf-8")
        (folder / "reference/secret").write_text(self.canaries["seed"])
        hand_in(folder / "submissions/sibling", right()["plain"], f"# {self.canaries['sibling']}\n")
        for name in ("home", "expendable", "target", "tmp"):
            (folder / name).mkdir()
        (folder / "home/secret").write_text(self.canaries["home"])
        (folder / "secret").write_text(self.canaries["secret"])
        (folder / "results.json").write_text('{"score": 0}')

    def restore(self) -> None:
        """All as it was, and open to everybody."""
        for path in self.place.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.copytree(self.elsewhere, self.place, dirs_exist_ok=True)
        open_to_all(self.place)

    def listen(self) -> dict[str, socket.socket]:
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        abstract, unix = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        abstract.bind("\0" + self.marker)
        unix.bind(str(self.socket))
        self.socket.chmod(0o777)
        for listener in (abstract, unix):
            listener.listen()
        listeners = {"tcp": tcp, "udp": udp, "abstract": abstract, "unix": unix}
        for listener in listeners.values():
            listener.setblocking(False)
        return listeners

    def start_decoy(self) -> subprocess.Popen[bytes]:
        """A process that waits, with secrets in its command and its environment."""
        command = [sys.executable, "-S", "-c", "input()", self.canaries["command"]]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"SECRET": self.canaries["process"]},
            cwd=self.place,
            start_new_session=True,
        )

    def places(self, own: Path, targets: Collection[str]) -> str:
        """The file that tells a payload where everything is. It is not told what the secrets say."""
        known: dict[str, Any] = {
            "DID": self.worked,
            "MARKER": self.marker,
            "NEEDLE": NEEDLE[::-1],
            "PLACE": str(self.place),
            "REFERENCE": str(self.place / "reference"),
            "KEY": str(self.place / "reference/ps1/6.yaml"),
            "SECRET": str(self.place / "secret"),
            "SIBLING": str(self.place / "submissions/sibling"),
            "OWN": str(own),
            "RESULTS": str(self.place / "results.json"),
            "TARGETS": list(targets),
            "DECOY": self.decoy.pid,
            "GRADER": os.getpid(),
            "TCP": self.listeners["tcp"].getsockname()[1],
            "UDP": self.listeners["udp"].getsockname()[1],
            "ABSTRACT": self.marker,
            "UNIX": str(self.socket),
        }
        return "".join(f"{name} = {value!r}\n" for name, value in known.items())

    @functools.cached_property
    def targets(self) -> list[str]:
        """Where a walled payload tries to leave a mark. What it must not reach it may as well be told."""
        ours = ("", "reference", "reference/ps1", "submissions/sibling/ps1", "home", "target")
        packages = sysconfig.get_paths()["purelib"]
        machine = [
            "/",
            "/tmp",
            "/var/tmp",
            "/dev/shm",
            "/mnt",
            "/run",
            str(Path.home()),
            str(ROOT),
            os.getcwd(),
            packages,
        ]
        return [str(self.place / name) for name in ours] + machine

    # --- letting loose ---

    def tried(self, payload: Payload, lab: Lab) -> Trial:
        """Through the real path."""
        own = self.place / "submissions/mallory"
        hand_in(own, payload.files() | self.beside(own, self.targets))
        before = self.state()
        lab.patience = IMPATIENCE if payload.endless else PATIENCE
        known = descendants(lab)
        result, heard = self.graded(own, payload.item, lab)
        left = [] if known is None else [f"left process {pid}" for pid in (descendants(lab) or set()) - known]
        trial = self.trial(result, heard)
        trial.effects += left + self.effects(trial.heard, before)
        if trial.score > payload.score:
            trial.effects.append(f"gained {trial.score}")
        shutil.rmtree(own)
        return trial

    def graded(self, folder: Path, item: str, lab: Lab) -> tuple[SubmissionResult, str]:
        """The result, and all that came through the sockets of the processes that ran it."""
        self.heard.clear()
        selection = Selection(frozenset({"ps1"}), frozenset({f"ps1/{item}"}))
        result = grade_source(Source("submission", folder), self.course, selection, lab)
        return result, self.heard.decode("utf-8", "replace")

    def still_honest(self, lab: Lab) -> bool:
        """Whether honest work gets what the first one got."""
        return self.honestly(lab) == self.first_honest(lab)

    def honestly(self, lab: Lab, item: str = "6.4") -> str:
        """What an honest submission gets now, in full."""
        lab.patience = PATIENCE
        own = self.place / "submissions/honest"
        hand_in(own, self.honest)
        result, _ = self.graded(own, item, lab)
        shutil.rmtree(own)
        return result.model_dump_json()

    def first_honest(self, lab: Lab) -> str:
        """The result of the first honest submission of a lab, by which all others are measured."""
        if lab.level not in self.measures:
            self.measures[lab.level] = self.honestly(lab)
            assert '"status":"correct"' in self.measures[lab.level]
        return self.measures[lab.level]

    def trial(self, result: SubmissionResult, heard: str) -> Trial:
        ((item,),) = [assignment.items for assignment in result.assignments]
        told = result.model_dump_json()
        assert json.loads(told, parse_constant=pytest_fail) is not None
        fields = [said for one in item.fields for said in one.feedback]
        shown = "\n".join(said.text for said in fields if said.audience == "student")
        effects = told_hidden(shown) + steering(shown, "feedback") + steering(self.terminal(result), "terminal")
        if len(told) > LONGEST:
            effects.append(f"flooded the report with {len(told)} characters")
        return Trial(item.score, item.pending, effects, item.status, heard + told, shown)

    def terminal(self, result: SubmissionResult) -> str:
        """What a person at a terminal sees."""
        console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80)
        print_submission(result, self.course.assignments, console)
        print_class(Report(submissions=(result,)), console)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    def beside(self, own: Path, targets: Collection[str]) -> dict[str, str]:
        return {"given.py": (HERE / "given.py").read_text("utf-8"), "places.py": self.places(own, targets)}

    # --- the naive grader ---

    def believed(self, payload: Payload) -> Trial:
        """By a grader without walls."""
        own = self.place / "submissions/mallory"
        before_it = self.state()
        targets = [str(self.place / "target"), str(self.place / "submissions/sibling/ps1")]
        hand_in(own, payload.files() | self.beside(own, targets))
        before = self.state()
        ended = self.ask_naive(str(own / "ps1"), NAIVE_IMPATIENCE if payload.endless else NAIVE_PATIENCE)
        heard = read(self.place / "naive.out")
        score = first_score(read(self.place / "channel"))
        for name in ("naive.out", "channel"):
            (self.place / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (self.place / "results.json").write_text('{"score": 0}')
            os.utime(self.place / "results.json", ns=(0, 0))
        effects = self.effects(heard, before) + told_hidden(heard) + steering(heard, "output")
        effects += [f"the naive grader {ended}"] if ended != "0" else []
        effects += ["flooded the output"] if len(heard) > LONGEST else []
        effects += ["left no result"] if score is None else []
        effects += [f"gained {score}"] if score and payload.score <= CONSTANT + 1 else []
        with contextlib.suppress(OSError):
            shutil.rmtree(own)
        if self.state() != before_it:
            self.restore()
        return Trial(score or 0.0, 0.0, effects, ended, heard, heard)

    def ask_naive(self, folder: str, seconds: float) -> str:
        """How grading ended: a status, ``hung``, or that the grader itself is no more."""
        if self.naive is None or self.naive.poll() is not None:
            self.naive = self.start_naive()
        assert self.naive.stdin is not None
        self.naive.stdin.write(json.dumps([folder, "likelihood.py", "log_likelihood", seconds]).encode() + b"\n")
        self.naive.stdin.flush()
        return self.naive_says() or "died"

    def naive_says(self) -> str:
        assert self.naive is not None
        assert self.naive.stdout is not None
        if not select.select([self.naive.stdout], [], [], 60)[0]:
            end(self.naive)
        said = self.naive.stdout.readline().decode().strip()
        if not said:
            end(self.naive)
        return said

    def start_naive(self) -> subprocess.Popen[bytes]:
        secrets_ = {"GRADER_SECRET": self.canaries["environment"], "HOME": str(self.place / "home")}
        paths = {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.place / "tmp"), "PATH": "/usr/bin:/bin"}
        self.naive = subprocess.Popen(
            [sys.executable, str(HERE / "naive.py"), str(self.place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=secrets_ | paths | dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            cwd=self.place,
            start_new_session=True,
        )
        assert self.naive_says() == "ready"
        return self.naive

    # --- looking ---

    def state(self) -> Mapping[Path, tuple[int, int, str]]:
        """All that is in the folder, and what in it could be changed."""
        found = {}
        for path in self.place.rglob("*"):
            about = path.lstat()
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[path] = (
                about.st_mode,
                0 if path.is_dir() or path.name == "results.json" else about.st_mtime_ns,
                content,
            )
        return {
            path: about for path, about in found.items() if path.name not in ("naive.out", "channel", "__pycache__")
        }

    def effects(self, heard: str, before: Mapping[Path, tuple[int, int, str]]) -> list[str]:
        found = [f"read {name}" for name, canary in self.canaries.items() if canary in heard]
        found += [f"did {line[:80]}" for line in re.findall(rf"{self.worked}[^\\\n]*", heard)[:9]]
        return found + self.written(before) + self.called() + self.processes()

    def written(self, before: Mapping[Path, tuple[int, int, str]]) -> list[str]:
        """Files that were changed in our folder, and marks that were left anywhere; these are removed."""
        after = self.state()
        changed = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
        marks = [path for folder in {*self.targets} for path in Path(folder).glob(f"{self.marker}*")]
        for path in marks:
            path.unlink(missing_ok=True)
        names = sorted({str(path) for path in (*changed, *marks) if "__pycache__" not in path.parts})
        return [f"changed {name}" for name in names[:9]]

    def called(self) -> list[str]:
        """Who of those that listen was called."""
        found = []
        for name, listener in self.listeners.items():
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.recv(99) if name == "udp" else listener.accept()[0].close()
                    found.append(f"called {name}")
        return found

    def processes(self) -> list[str]:
        """Processes that bear our mark, which are ended, and whether the decoy lives."""
        found = []
        for pid in numbers():
            if self.marker in read(Path(f"/proc/{pid}/comm")) + read(Path(f"/proc/{pid}/cmdline")):
                found.append(f"left process {pid}")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self.decoy.poll() is not None or " T " in read(Path(f"/proc/{self.decoy.pid}/stat")):
            found.append("killed another process")
            end(self.decoy)
            self.decoy = self.start_decoy()
        return found


CANARIES = ("key", "reference", "seed", "sibling", "home", "secret", "environment", "command", "process")


@contextlib.contextmanager
def listening(arena: Arena, monkeypatch: Any) -> Iterator[None]:
    """Keep all that comes out of children, whatever becomes of it; and give them less memory to fill."""
    whole = Child.__init__

    def begin(self: Child, *given: Any) -> None:
        whole(self, *given)
        self._socket = _Heard(self._socket, arena.heard)  # type: ignore[assignment]

    monkeypatch.setattr(Child, "__init__", begin)
    monkeypatch.setattr(labs, "Limits", functools.partial(Limits, memory=MEMORY))
    yield


class _Heard:
    """A socket that keeps what it takes in."""

    def __init__(self, inner: socket.socket, into: bytearray) -> None:
        self.inner, self.into = inner, into

    def recv(self, size: int) -> bytes:
        data = self.inner.recv(size)
        self.into += data[: MOST_HEARD - len(self.into)]
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def pytest_fail(constant: str) -> None:
    raise AssertionError(f"{constant} in JSON")


def hand_in(folder: Path, files: Mapping[str, str], head: str = "") -> None:
    home = folder / "ps1"
    home.mkdir(parents=True, exist_ok=True)
    (home / "answers.yaml").write_text("6.1: 16\n", "utf-8")
    for name, text in files.items():
        (home / name).write_text(head + text, "utf-8")
    open_to_all(folder)


def open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


def told_hidden(shown: str) -> list[str]:
    found = re.findall(r"tokens_\d+|(?<!\d)900\d{3}(?!\d)", shown)
    return [f"told hidden inputs: {found[:3]}"] if found else []


def steering(text: str, where: str) -> list[str]:
    """Whether anything in a text is no character to be read."""
    odd = {char for char in text if char not in "\n" and not char.isprintable()}
    return [f"steers the {where} by {sorted(odd)!a}"] if odd else []


def first_score(told: str) -> float | None:
    """What a naive grader finds on its channel first."""
    for line in told.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return float(json.loads(line)["score"])
    return None


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def numbers() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def descendants(lab: Lab) -> set[int] | None:
    """The processes that come from the warm one; None before it has started."""
    warm = lab._language.warm if lab._language else None
    if warm is None or warm._process is None:
        return None
    parents = {}
    for pid in numbers():
        with contextlib.suppress(OSError, IndexError):
            parents[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    found = {warm._process.popen.pid}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
