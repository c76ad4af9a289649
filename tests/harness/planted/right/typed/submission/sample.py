"""Generating text from a language model."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor
from tqdm import trange

FILTERED: float = -1e10


def top_k_logits(logits: Tensor, k: int) -> Tensor:
    """Set all but the ``k`` largest logits of every row to ``FILTERED``.

    Args:
        logits: shape (batch, vocab).
        k: how many to keep; all if zero.
    """
    if k == 0:
        return logits
    threshold: Tensor = logits.topk(k, dim=-1).values.amin(dim=-1, keepdim=True)
    return logits.masked_fill(logits < threshold, FILTERED)


def temperature_scale(
    logits: Tensor,
    model: torch.nn.Module,
    new_past: list[Tensor],
    config: object,
    temperature: float | None,
    temperature_horizon: int,
) -> Tensor:
    """Scale the next token's distribution.

    Raises:
        ValueError: for a horizon other than 1 and 2.
    """
    if temperature is None:
        return logits
    if temperature_horizon not in (1, 2):
        raise ValueError("temperature_horizon must be 1 or 2")
    if temperature_horizon == 1:
        return logits / temperature
    log_first: Tensor = F.log_softmax(logits, dim=-1)
    survivors: Tensor = (logits[0] > FILTERED).nonzero(as_tuple=True)[0]
    scaled: Tensor = torch.full_like(logits, FILTERED)
    for chunk in survivors.split(16):
        past = [layer.expand(-1, chunk.numel(), -1, -1, -1) for layer in new_past]
        second_logits, _ = model(chunk.unsqueeze(-1), past=past)
        log_second = F.log_softmax(top_k_logits(second_logits[:, -1, :], config.top_k), dim=-1)
        log_joint = log_first[0, chunk].unsqueeze(-1) + log_second
        scaled[0, chunk] = torch.logsumexp(log_joint / temperature, dim=-1)
    return scaled


def sample(
    model: torch.nn.Module,
    start_text: LongTensor,
    config: object,
    length: int,
    temperature: float | None = None,
    temperature_horizon: int = 1,
) -> LongTensor:
    """Extend ``start_text`` by ``length`` tokens."""
    generated: list[Tensor] = []
    tokens: Tensor = start_text
    past: list[Tensor] | None = None
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            tokens = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
            generated.append(tokens)
    return torch.cat([start_text, *generated], dim=-1)
