"""Takes more memory and more descriptors than anybody needs, and no more than a machine has."""

import os

from given import attempt, did, first


def memory():
    held = bytearray(2**28 + 2**27)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    did("has much memory")


def descriptors():
    for _ in range(200):
        os.dup(1)
    did("has many descriptors")


def log_likelihood(model, text):
    if first():
        attempt(memory, descriptors)
    return 0.0
