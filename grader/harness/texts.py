"""Texts for classifiers and likelihoods: random letters, Shakespeare, technical prose (both kept out of training)."""

from __future__ import annotations

import json
import string
from functools import cache
from importlib.resources import files

import numpy as np

SOURCES = ("random", "shakespeare", "technical")
LETTERS = np.array(list(string.ascii_letters))


@cache
def _kept_out() -> dict[str, str]:
    text = (files("grader.harness") / "tiny" / "texts.json").read_text("utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def random_letters(length: int, random: np.random.Generator) -> str:
    """What the monkey types: letters of both cases, uniform and independent."""
    return "".join(random.choice(LETTERS, length))


def texts_of(source: str, length: int, random: np.random.Generator) -> str:
    """A string of ``length`` characters of that source; prose starts at the beginning of a word."""
    if source == "random":
        return random_letters(length, random)
    text = _kept_out()[source]
    while True:
        start = text.find(" ", int(random.integers(len(text) - 2 * length))) + 1
        piece = text[start : start + length]
        if start and len(piece) == length and "\n\n" not in piece:
            return piece
