"""Asks the kernel to make its calls for it."""

import ctypes

from given import attempt, did

LIBC = ctypes.CDLL(None, use_errno=True)


def ring():
    parameters = ctypes.create_string_buffer(200)
    if LIBC.syscall(425, 8, parameters) >= 0:  # io_uring_setup
        did("has a ring")


def asynchronous():
    context = ctypes.c_ulong(0)
    if LIBC.syscall(206, 8, ctypes.byref(context)) == 0:  # io_setup
        did("has asynchronous calls")


def log_likelihood(model, text):
    attempt(ring, asynchronous)
    return 0.0
