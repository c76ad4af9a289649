"""Poisons whatever might be shared with those who come later: modules, builtins, settings of torch, files of Python."""

import builtins
import linecache
import os
import re
import sys

import torch
from given import attempt
from places import MARKER, TARGETS


def write(path):
    with open(path, "wb") as file:
        file.write(b"poison")


def log_likelihood(model, text):
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(True)
    torch.set_flush_denormal(True)
    torch.Tensor.item = lambda self: 0.0
    torch.nn.functional.log_softmax = lambda logits, dim: logits * 0
    builtins.len = builtins.sum = lambda *_: 42
    re._cache = linecache.cache = {}
    os.environ["OMP_NUM_THREADS"] = "64"
    sys.path[:] = []
    sys.modules["submission.likelihood"] = sys.modules["numpy"] = sys.modules["json"] = sys
    folders = [os.path.join(os.path.dirname(os.__file__), "__pycache__"), os.path.dirname(torch.__file__)]
    for folder in (*TARGETS, *(folders if "/" in TARGETS else [])):  # never in a Python that others use
        attempt(lambda: write(f"{folder}/{MARKER}.pyc"))  # noqa: B023 (called at once)
    return 0.0
