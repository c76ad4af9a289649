"""The log-likelihood of a text."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def log_likelihood(model: torch.nn.Module, text: Tensor) -> float:
    """Return log p(text[1:] | text[0]) in nats."""
    with torch.no_grad():
        logits, _ = model(text)
    batch, length, vocab = logits.shape
    losses = F.cross_entropy(logits[:, :-1].reshape(-1, vocab), text[:, 1:].reshape(-1), reduction="none")
    return -float(losses.double().sum())
