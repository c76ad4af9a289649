"""The one folder in which a student's code may make files: in memory, small, its own, and gone with the process.

It is a file system that the child mounts for itself, in a view of the machine that nobody else has. Where the system
allows no such view (a container without privileges), there is no folder, and nothing can be written at all.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox import landlock
from grader.sandbox.limits import Limits
from grader.sandbox.seccomp import system_call

POINT = "/mnt"
POINTS = (POINT, "/media", "/srv", "/var/tmp", "/tmp")  # what lies below is hidden from the child
NEW_VIEW, NEW_USERS = 0x00020000, 0x10000000  # unshare
NO_TRICKS, RECURSIVELY, PRIVATE = 2 | 4 | 8, 1 << 14, 1 << 18  # mount: no set-user-id, no devices, no programs


def point(needed: Sequence[str]) -> str | None:
    """Where the folder can be: one that is there, and hides nothing of what is needed."""
    if landlock.version() < landlock.WITH_TRUNCATION:
        return None  # who may make files could empty those of others
    paths = [Path(path).resolve() for path in needed]
    free = (one for one in POINTS if Path(one).is_dir() and not any(path.is_relative_to(one) for path in paths))
    return next(free, None)


def mount(place: str, limits: Limits) -> bool:
    """Mount it there, for this process alone; False where that is not allowed. Raises OSError where half of it failed.

    To be called in a freshly forked child, before the walls go up: a change of user needs the privileges of now.
    """
    try:
        _take_a_view()
    except OSError:
        return False
    _mount("none", "/", "", RECURSIVELY | PRIVATE)
    _mount("tmpfs", place, f"size={limits.scratch},nr_inodes={limits.entries},mode=1777", NO_TRICKS)
    return True


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
        user, group = os.getuid(), os.getgid()
        system_call("unshare", NEW_VIEW | NEW_USERS)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _mount(kind: str, place: str, options: str, flags: int) -> None:
    texts = [ctypes.create_string_buffer(text.encode()) for text in (kind, place, kind, options)]
    source, target, system, data = (ctypes.addressof(text) for text in texts)
    system_call("mount", source, target, system, flags, data)
