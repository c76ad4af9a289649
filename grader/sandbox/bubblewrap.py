"""The outer wall: a view of the machine in which there is nothing but Python, made by bubblewrap (``bwrap``).

The warm process and its children see the files that they need, read-only, no network, no process but their own, and no
environment. What is not in that view cannot even be asked about. The inner walls (``walls``) stand within it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence

from grader.sandbox.processes import environment, libraries, present, start, within
from grader.sandbox.scratch import POINT

PROCESSOR = "/sys/devices/system/cpu"
# What the warm process of a grader that is root still may: become others for its children, end them, and mount for
# them. The children give all of it up.
PRIVILEGES = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SYS_ADMIN", "CAP_DAC_READ_SEARCH")
TRIAL_SECONDS = 30.0
OWN_FILES = 2**24  # bytes
OUTSIDE = ("/etc/passwd", "/etc/group", "/usr/bin/env", "/boot")  # never shown
MISSING = "bubblewrap is not installed"


def installed() -> bool:
    """Whether there is a ``bwrap``, which is not to say that it works."""
    return shutil.which("bwrap") is not None


def command(visible: Sequence[str], hidden: Sequence[str] = ()) -> list[str]:
    """What to put before a command so that it runs inside: it sees ``visible``, but nothing below ``hidden``.

    Raises FileNotFoundError where bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise FileNotFoundError(MISSING)
    shown = present([sys.executable, *visible, *os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)])
    real = sorted({os.path.realpath(path) for path in shown})
    binds = [word for path in real for word in ("--ro-bind", path, path)]
    links = [path for path in shown if path != os.path.realpath(path) and not within(os.path.dirname(path), real)]
    binds += [word for path in links for word in ("--symlink", os.path.realpath(path), path)]
    covers = [word for path in hidden if within(path, shown) for word in _cover(path)]
    own = ["--size", str(OWN_FILES), "--tmpfs", "/tmp"]  # the warm process's; below it may be what is shown
    system = ["--proc", "/proc", "--dev", "/dev", "--ro-bind-try", PROCESSOR, PROCESSOR, "--dir", POINT]
    ends = ["--remount-ro", "/", "--chdir", "/", "--die-with-parent", "--new-session", "--"]
    return [program, *_namespaces(), *own, *binds, *covers, *system, *ends]


def _cover(path: str) -> list[str]:
    if os.path.isdir(path):
        return ["--tmpfs", path, "--remount-ro", path]
    return ["--ro-bind", os.devnull, path]


def _namespaces() -> list[str]:
    if os.geteuid() != 0:
        return ["--unshare-all"]
    kept = [word for name in PRIVILEGES for word in ("--cap-add", name)]
    spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    return [*spaces, "--cap-drop", "ALL", *kept]


# --- whether it works here ---

TRIAL = """
import json, os, socket, sys
canary, port, folder = json.loads(sys.argv[1])
def tried(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True
print(json.dumps({
    "sees files outside": tried(lambda: os.stat(canary)),
    "reaches the network": tried(lambda: socket.create_connection(("127.0.0.1", port), 5)),
    "sees other processes": len([name for name in os.listdir("/proc") if name.isdecimal()]) > 3,
    "can write": tried(lambda: open(os.path.join(folder, ".grader-trial"), "w")),
}))
"""


def probe() -> str:
    """'' if it works here, else a sentence on why it does not: it was tried, on a file, a port and the processes."""
    if sys.platform != "linux":
        return "it is there on Linux alone"
    try:
        return _tried()
    except FileNotFoundError as error:
        return str(error)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return f"it could not be tried: {error}"


def _tried() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        given = [next(filter(os.path.exists, OUTSIDE)), listener.getsockname()[1], os.path.dirname(os.__file__)]
        trial = start(
            TRIAL,
            json.dumps(given),
            outer=command(libraries()),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with trial:
            try:
                out, said = trial.communicate(timeout=TRIAL_SECONDS)
            except subprocess.TimeoutExpired:
                trial.kill()
                raise
    if trial.returncode != 0:
        words = said.decode("utf-8", "replace").strip().splitlines()
        return f"it does not start: {words[-1] if words else f'status {trial.returncode}'}"
    holes = [what for what, found in json.loads(out).items() if found]
    return f"it started and {', '.join(holes)}" if holes else ""
