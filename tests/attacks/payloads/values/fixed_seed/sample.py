"""Draws rightly, and always the same."""

import torch
import torch.nn.functional as F


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    torch.manual_seed(config.seed)
    tokens = last = start_text
    past = None
    for _ in range(length):
        logits, past = model(last, past)
        values, places = logits[:, -1].topk(config.top_k)
        last = places.gather(1, torch.multinomial(F.softmax(values, dim=-1), 1))
        tokens = torch.cat((tokens, last), dim=1)
    return tokens
