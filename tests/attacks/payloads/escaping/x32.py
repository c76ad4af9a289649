"""Makes calls under the numbers of another architecture."""

import ctypes
import os

from given import did

LIBC = ctypes.CDLL(None, use_errno=True)


def log_likelihood(model, text):
    if LIBC.syscall(0x40000000 | 39) == os.getpid():
        did("was answered")
    did("lives on")
    return 0.0
