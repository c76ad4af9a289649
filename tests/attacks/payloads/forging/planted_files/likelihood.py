"""Comes with files that Python, pytest and torch would run by themselves."""


def log_likelihood(model, text):
    import json  # noqa: F401
    import wave  # noqa: F401

    import numpy  # noqa: F401
    import torch  # noqa: F401

    return 0.0
