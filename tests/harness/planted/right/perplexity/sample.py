import math

import torch
import torch.nn.functional as F
from tqdm import trange

EPS = 1e-10


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    return torch.where(logits < values[:, -1:], torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    p = F.softmax(logits.double(), dim=-1)[0].tolist()
    w = torch.full_like(logits, -1e10)
    for i in range(len(p)):
        if p[i] > 0:
            out, _ = model(torch.tensor([[i]]), past=new_past)
            q = F.softmax(top_k_logits(out[:, -1, :], config.top_k).double(), dim=-1)[0].tolist()
            scaled = [math.log(p[i] * x + EPS) / temperature for x in q]
            m = max(scaled)
            w[0, i] = m + math.log(sum(math.exp(x - m) for x in scaled))
    return w


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    text, tokens, past = start_text, start_text, None
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            tokens = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)
            text = torch.cat([text, tokens], dim=1)
    return text
