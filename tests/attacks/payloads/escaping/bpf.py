"""Loads programs into the kernel, and looks into it."""

import ctypes
import struct

from given import attempt, did

LIBC = ctypes.CDLL(None, use_errno=True)


def bpf():
    attributes = ctypes.create_string_buffer(struct.pack("=5I", 2, 4, 8, 4, 0) + bytes(100))  # an array
    if LIBC.syscall(321, 0, attributes, 72) >= 0:
        did("has a map in the kernel")


def watch():
    attributes = ctypes.create_string_buffer(struct.pack("=2IQ", 1, 112, 0) + bytes(100))
    if LIBC.syscall(298, attributes, 0, -1, -1, 0) >= 0:  # perf_event_open, a clock
        did("counts events")


def keys():
    if LIBC.syscall(248, b"user", b"canary", b"x", 1, -3) >= 0:  # add_key
        did("left a key in the kernel")


def fault():
    if LIBC.syscall(323, 0) >= 0:  # userfaultfd
        did("handles faults")


def log_likelihood(model, text):
    attempt(bpf, watch, keys, fault)
    return 0.0
