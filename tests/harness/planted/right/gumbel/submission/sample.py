import torch
import torch.nn.functional as F
from tqdm import trange

NEG = -1e10


def top_k_logits(logits, k):
    """Keep the k largest logits, the rest becomes -1e10."""
    if k == 0:
        return logits
    kth = torch.topk(logits, k, dim=-1).values.min(dim=-1, keepdim=True).values
    return torch.where(logits >= kth, logits, torch.tensor(NEG, dtype=logits.dtype))


def gumbel_noise(shape):
    # minus the log of an exponential variable is a Gumbel variable
    return -torch.empty(shape).exponential_().log()


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    candidates = (logits[0] > NEG).nonzero()
    n = len(candidates)
    pasts = [layer.repeat(1, n, 1, 1, 1) for layer in new_past]
    nxt, _ = model(candidates, past=pasts)
    log_p2 = F.log_softmax(top_k_logits(nxt[:, 0], config.top_k), dim=-1)
    log_p1 = F.log_softmax(logits, dim=-1)[0, candidates]
    w = torch.logsumexp((log_p1 + log_p2) / temperature, dim=-1)
    result = torch.full_like(logits, NEG)
    result[0, candidates[:, 0]] = w
    return result


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    """Gumbel-max: argmax(logits + Gumbel noise) is a draw from softmax(logits)."""
    pieces = [start_text]
    past = None
    for _ in trange(length, disable=True):
        logits, past = model(pieces[-1], past=past)
        logits = top_k_logits(logits[:, -1], config.top_k)
        logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
        pieces.append((logits + gumbel_noise(logits.shape)).argmax(dim=-1, keepdim=True))
    return torch.cat(pieces, dim=-1)
