"""Reads the key from disk in all the ways there are."""

import ctypes
import importlib.machinery
import linecache
import mmap
import os
import shutil

import numpy as np
import torch
from given import attempt, first, right
from places import KEY, SECRET


def by_descriptor(path):
    root = os.open("/", os.O_PATH)
    return os.read(os.open(path.lstrip("/"), os.O_RDONLY, dir_fd=root), 9999)


def by_map(path):
    with open(path, "rb") as file:
        return bytes(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def by_library(path):
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    buffer = ctypes.create_string_buffer(9999)
    libc.fread(buffer, 1, 9998, ctypes.c_void_p(libc.fopen(path.encode(), b"r") or 1 / 0))
    return buffer.value


def log_likelihood(model, text):
    if first():
        for path in (KEY, SECRET):
            attempt(
                lambda: open(path).read(),  # noqa: B023, SIM115 (called at once)
                lambda: by_descriptor(path),  # noqa: B023
                lambda: by_map(path),  # noqa: B023
                lambda: by_library(path),  # noqa: B023
                lambda: np.fromfile(path, dtype=np.uint8).tobytes(),  # noqa: B023
                lambda: bytes(torch.from_file(path, size=99, dtype=torch.uint8).tolist()),  # noqa: B023
                lambda: linecache.getlines(path),  # noqa: B023
                lambda: importlib.machinery.SourceFileLoader("key", path).get_data(path),  # noqa: B023
                lambda: open("/proc/self/root" + path).read(),  # noqa: B023, SIM115
                lambda: open("/proc/self/cwd/../../../.." + path).read(),  # noqa: B023, SIM115
                lambda: shutil.copy(path, "copy") and open("copy").read(),  # noqa: B023, SIM115
            )
    return right(model, text)
