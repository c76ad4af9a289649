"""Readable counterexamples."""

from __future__ import annotations
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Witness:
    place: Any


def find_witness(trials: Any, question: Any, at: Any) -> Witness | None:
    return Witness(at)
