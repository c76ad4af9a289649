"""A Python of ours in a process of its own: how it is started, and how it is ended for certain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")
NEEDED = ("torch", "numpy", "safetensors", "tqdm")  # by course code, wherever they are installed
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


def start(code: str, *arguments: str, outer: Sequence[str] = (), **more: object) -> subprocess.Popen[bytes]:
    """Start ``code`` with arguments, in a session of its own. ``outer`` is the command of a wall to start it in;
    ``more`` goes to Popen."""
    python = os.path.realpath(sys.executable) if outer else sys.executable  # links may lead out of what is seen there
    command = [*outer, python, "-P", "-c", code, *arguments]
    return subprocess.Popen(command, start_new_session=True, **more)  # type: ignore[call-overload, no-any-return]


def environment(passed_on: Collection[str] = PASSED_ON, **more: str) -> dict[str, str]:
    """What a child needs to find Python and to import what we can import; hashes are the same in every run."""
    ours: Mapping[str, str] = os.environ
    passed = {name: ours[name] for name in passed_on if name in ours}
    return passed | {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONPATH": import_path()} | more


def import_path() -> str:
    """Where this process imports from, and where the grader is (an editable install may be found by other means).

    Not the current folder, in whatever way it came there: what is graded may lie in it.
    """
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.pathsep.join(dict.fromkeys([*filter(os.path.isabs, sys.path), root]))


def libraries() -> list[str]:
    """What Python needs to run and to import: its own modules, installed packages, the system's libraries."""
    paths = sysconfig.get_paths()
    own = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    packages = [entry for entry in sys.path if os.path.basename(entry) in ("site-packages", "dist-packages")]
    found = (spec.origin for spec in map(find_spec, NEEDED) if spec and spec.origin)
    packages += [os.path.dirname(os.path.dirname(origin)) for origin in found]
    shared = [str(sysconfig.get_config_var("LIBDIR") or "")]
    return present([*own, *packages, *shared, *SYSTEM])


def present(paths: Iterable[str]) -> list[str]:
    """Those that are there, each once."""
    return sorted({path for path in paths if path and os.path.exists(path)})


def within(path: str | Path, folders: Iterable[str]) -> bool:
    """Whether it is there, and in one of the folders."""
    resolved = Path(path).resolve()
    return resolved.exists() and any(resolved.is_relative_to(Path(folder).resolve()) for folder in folders)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the group of a process that nobody has waited for yet: until then its id is not given to another."""
    if process.returncode is not None:
        return
    if not hasattr(os, "killpg"):
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError where it has ended
        process.kill()


def disown(process: subprocess.Popen[bytes]) -> None:
    """It is the child of a process that we were forked from: not ours to kill or to wait for."""
    process.returncode = 0
