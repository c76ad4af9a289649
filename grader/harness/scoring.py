"""What a model says of texts, by our own functions: exact log-likelihoods, and samples to lay beside a student's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from grader.harness.gpt2 import GPT2
from grader.harness.protocol import Array

LOGITS = 2**24  # at a time: 128 MiB in double precision


def scores(model: GPT2, texts: Sequence[Array]) -> list[float]:
    """Log-likelihoods of tokens 2 to L of each text, (L,), in nats, summed in double precision."""
    longest = max((text.size for text in texts), default=1)
    together = max(1, LOGITS // (longest * model.config.vocab_size))
    found: list[float] = []
    for start in range(0, len(texts), together):
        found += _scores(model, texts[start : start + together])
    return found


@torch.no_grad()
def _scores(model: GPT2, texts: Sequence[Array]) -> list[float]:
    """In one batch: what fills up the shorter texts comes after them, where it changes nothing for them."""
    rows = [torch.from_numpy(np.array(text, dtype=np.int64)) for text in texts]
    tokens = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).to(model.wte.weight.device)
    log_probs = F.log_softmax(model(tokens[:, :-1])[0].double(), dim=-1)
    gained = log_probs.gather(2, tokens[:, 1:, None])[..., 0].cpu()
    return [float(row[: len(text) - 1].sum()) for row, text in zip(gained, texts, strict=True)]


@torch.no_grad()
def continued(model: GPT2, start: Array, length: int, top_k: int, temperature: float | None, seed: int) -> Array:
    """``start`` (L,) and ``length`` more tokens, each drawn from its top-k distribution at that temperature."""
    random = torch.Generator().manual_seed(seed)
    tokens = last = _row(model, start)
    past = None
    for _ in range(length):
        logits, past = model(last, past)
        values, chosen = logits[0, -1].double().topk(top_k)
        weights = F.softmax(values / (temperature or 1.0), dim=-1).cpu()
        last = chosen[torch.multinomial(weights, 1, generator=random).to(chosen.device)][None]
        tokens = torch.cat((tokens, last), dim=1)
    found: Array = tokens[0].cpu().numpy()
    return found


def _row(model: GPT2, text: Array) -> Tensor:
    """(1, L), where the model is."""
    return torch.from_numpy(np.array(text, dtype=np.int64))[None].to(model.wte.weight.device)
