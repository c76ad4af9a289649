"""Monkeys against poets."""

from __future__ import annotations

from torch import Tensor, nn

from submission.likelihood import log_likelihood

THRESHOLD: float = -315.0


def classification(model: nn.Module, text: Tensor) -> bool:
    """Tell whether a monkey typed the text."""
    return bool(log_likelihood(model, text) < THRESHOLD)
