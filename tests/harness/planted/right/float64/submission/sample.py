"""Everything after the model in double precision."""
import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    kth = torch.topk(logits, k).values[..., -1:]
    return torch.where(logits < kth, torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    logits = logits.double()
    if temperature_horizon == 1:
        return logits / temperature
    kept = torch.nonzero(logits[0] > -1e10).flatten()
    rows = []
    for token in kept:
        second, _ = model(token.reshape(1, 1), past=new_past)
        second = top_k_logits(second[:, -1, :].double(), config.top_k)
        rows.append(torch.log_softmax(second, dim=-1))
    joint = torch.log_softmax(logits, dim=-1)[0, kept].unsqueeze(1) + torch.cat(rows)
    scaled = joint / temperature
    scaled = scaled - torch.logsumexp(scaled.flatten(), 0)  # a proper joint distribution
    out = torch.full_like(logits, -1e10)
    out[0, kept] = torch.logsumexp(scaled, dim=1)
    return out


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    out, tokens, past = start_text, start_text, None
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :].double(), config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            tokens = torch.multinomial(F.softmax(logits, dim=-1), 1)
            out = torch.cat([out, tokens], dim=1)
    return out
