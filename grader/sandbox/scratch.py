"""The one folder in which a student's code may make files: in memory, small, its own, and gone with the process.

It is a file system that the child mounts for itself, in a view of the machine that nobody else has. Where the system
allows no such view (a container without privileges), there is no folder, and nothing can be written at all.
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox import landlock
from grader.sandbox.limits import HAS_LIMITS, Limits
from grader.sandbox.processes import environment, libraries, start
from grader.sandbox.seccomp import MACHINE, MACHINES, system_call

POINT = "/mnt"
POINTS = (POINT, "/media", "/srv", "/var/tmp", "/tmp")  # what lies below is hidden from the child
SUPPORTED = HAS_LIMITS and MACHINE in MACHINES
NEW_VIEW, NEW_USERS = 0x00020000, 0x10000000  # unshare
READ_ONLY, AT_RECURSIVE, AT_FDCWD = 1, 0x8000, -100  # mount_setattr
NO_TRICKS, RECURSIVELY, PRIVATE = 2 | 4 | 8, 1 << 14, 1 << 18  # mount: no set-user-id, no devices, no programs


def point(needed: Sequence[str]) -> str | None:
    """Where the folder can be: one that is there, and hides nothing of what is needed."""
    if landlock.version() < landlock.WITH_TRUNCATION:
        return None  # who may make files could empty those of others
    paths = [Path(path).resolve() for path in needed]
    free = (one for one in POINTS if Path(one).is_dir() and not any(path.is_relative_to(one) for path in paths))
    return next(free, None)


def works(place: str) -> bool:
    """Whether it can be mounted there. It is tried in a child, for half of it can work, and cannot be undone."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            mount(place, Limits())
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def mount(place: str, limits: Limits) -> None:
    """Mount it there, for this process alone. Raises OSError.

    To be called in a freshly forked child, before the walls go up: a change of user needs the privileges of now.
    """
    _take_a_view()
    _mount("none", "/", "", RECURSIVELY | PRIVATE)
    _make_read_only("/")
    _mount("tmpfs", place, f"size={limits.scratch},nr_inodes={limits.entries},mode=1777", NO_TRICKS)


def probe() -> str:
    """'' if a child has such a folder here, else a sentence on why not. It was tried."""
    place = point(libraries()) if SUPPORTED else None
    if place is None:
        return "the kernel's Landlock is too old for it, or missing"
    with start(TRIAL, place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as trial:
        out, _ = trial.communicate()
    return "" if out.strip() == b"written" else "the system allows no file system of one's own"


TRIAL = """
import sys
from grader.sandbox.limits import Limits
from grader.sandbox.scratch import mount, settle, works
if works(sys.argv[1]):
    mount(sys.argv[1], Limits())
    settle(sys.argv[1])
    print(open("trial", "w").write("written") and open("trial").read())
"""


def settle(place: str) -> None:
    """Make it the folder of this process for all that it writes."""
    os.chdir(place)
    os.environ.update(TMPDIR=place, HOME=place)
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = None  # the warm process's


def _take_a_view() -> None:
    try:
        system_call("unshare", NEW_VIEW)
    except PermissionError:
        if os.geteuid() == 0:
            raise  # among users of its own it could not become another
        user, group = os.getuid(), os.getgid()
        system_call("unshare", NEW_VIEW | NEW_USERS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _make_read_only(place: str) -> None:
    """All that is mounted there, and below it."""
    path = ctypes.create_string_buffer(place.encode())
    attributes = ctypes.create_string_buffer(struct.pack("=QQQQ", READ_ONLY, 0, 0, 0))
    given = AT_FDCWD, ctypes.addressof(path), AT_RECURSIVE, ctypes.addressof(attributes), len(attributes) - 1
    system_call("mount_setattr", *given)


def _mount(kind: str, place: str, options: str, flags: int) -> None:
    texts = [ctypes.create_string_buffer(text.encode()) for text in (kind, place, kind, options)]
    source, target, system, data = (ctypes.addressof(text) for text in texts)
    system_call("mount", source, target, system, flags, data)
