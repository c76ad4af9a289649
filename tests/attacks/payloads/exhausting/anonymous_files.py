"""Fills memory that no limit of address space knows of: anonymous files, shared memory, pipes."""

import ctypes
import os

from given import attempt, did

LIBC = ctypes.CDLL(None, use_errno=True)


def memfd():
    number = os.memfd_create("hoard")
    os.write(number, bytes(2**20))
    did("has a file in memory")


def shared():
    if LIBC.shmget(0, 2**20, 0o1600) >= 0:
        did("has shared memory that stays")


def pipes():
    ends = []
    while len(ends) < 500:
        _, end = os.pipe()
        os.set_blocking(end, False)
        ends.append(end)
        os.write(end, bytes(2**16))
    did("has filled 500 pipes")


def larger():
    import fcntl

    _, end = os.pipe()
    fcntl.fcntl(end, 1031, 2**20)  # F_SETPIPE_SZ
    did("has a large pipe")


def queue():
    librt = ctypes.CDLL("librt.so.1", use_errno=True)
    if librt.mq_open(b"/hoard", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0:
        did("has a queue that stays")


def log_likelihood(model, text):
    attempt(memfd, shared, pipes, larger, queue)
    return 0.0
