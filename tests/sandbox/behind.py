"""Attempts made behind the walls, each by a Python of its own, and what comes of them.

That Python forks a child, as the warm process does, and is itself the parent to be looked into, signalled and killed.
What an attempt is called with is world-readable and world-writable, so that it is the walls that stop it.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
STDLIB = sysconfig.get_paths()["stdlib"]
PACKAGES = sysconfig.get_paths()["purelib"]
CANARY = "canary-5c1f"  # in the environment and the memory of the parent, and wherever a test puts it
WORDS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# What an attempt finds under these names in its child: the C library, its parent, the parent's secret (which the child
# itself has forgotten), and a pipe that ends the parent if it is to leave an orphan.
libc: Any = None
parent = ring = 0
secret: Any = None

CHILD = """
import contextlib, ctypes, errno, fcntl, importlib, json, mmap, os, resource, signal, socket, subprocess, sys, threading
import time, traceback
from pathlib import Path
from grader.sandbox.limits import Limits
from grader.sandbox.walls import confine

job = json.loads(sys.argv[1])
for module in job["warm"]:
    globals()[module] = importlib.import_module(module)
exec(job["source"])
sys.stdout.reconfigure(line_buffering=True)
libc = ctypes.CDLL(None, use_errno=True)
secret = ctypes.create_string_buffer(os.environ["CANARY"].encode())
signal.signal(signal.SIGURG, lambda *_: os.write(1, b"signalled\\n"))
bell, ring = os.pipe()
parent, child = os.getpid(), os.fork()
if child == 0:
    secret.value = b""
    try:
        keep = {0, 1, 2, ring, *job["keep"]}
        walls = confine(Limits(**job["limits"]), job["readable"], keep, without=frozenset(job["without"]))
        print("walls:", *walls)
        globals()[job["name"]](*job["arguments"])
    except BaseException as error:
        print("stopped:", type(error).__name__, error)
    else:
        print("ended")
    os._exit(0)
if job["orphan"]:
    os.read(bell, 1)
    os._exit(0)
_, status, usage = os.wait4(child, 0)
print("status:", os.waitstatus_to_exitcode(status))
print("used:", usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
print("parent:", os.getpriority(os.PRIO_PROCESS, 0), len(os.sched_getaffinity(0)))
"""


def behind(
    attempt: Callable[..., object],
    *arguments: object,
    without: Collection[str] = (),
    keep: Collection[int] = (),
    passed: Collection[int] = (),
    readable: Collection[str] = (STDLIB,),
    warm: Collection[str] = (),
    orphan: bool = False,
    folder: str | Path = "/",
    **limits: float,
) -> str:
    """What is printed by ``attempt`` in a child behind the walls, and by its parent on how it ended.

    The child has the attempt's text and not its module: ``arguments`` go as JSON. ``passed`` are the descriptors of
    ours that the parent gets, ``keep`` those of them that the child may keep.
    """
    job = {
        "source": "from __future__ import annotations\n" + inspect.getsource(trying) + inspect.getsource(attempt),
        "name": attempt.__name__,
        "arguments": [str(value) if isinstance(value, Path) else value for value in arguments],
        "limits": limits or {"memory": 2**28},
        "orphan": orphan,
        "without": [*without],
        "keep": [*keep],
        "readable": [*readable],
        "warm": [*warm],
    }
    ours = {"PYTHONPATH": f"{ROOT}:{PACKAGES}", "CANARY": CANARY, "PATH": "/usr/bin:/bin", **dict.fromkeys(WORDS, "1")}
    done = subprocess.run(
        [sys.executable, "-S", "-c", CHILD, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ours,
        cwd=folder,
        pass_fds=[*passed, *keep],
        timeout=60,
    )
    assert "walls:" in done.stdout, done.stdout
    return done.stdout


def trying(*attempts: Callable[[], object]) -> None:
    """Each of them, whatever becomes of the others. The child has it too."""
    for attempt in attempts:
        with contextlib.suppress(Exception):
            attempt()
