import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    threshold = torch.topk(logits, k)[0][..., -1, None]
    remove = logits < threshold
    return logits * ~remove + remove * -1e10


def inverse_cdf(probs):
    """Index i with cdf[i-1] <= u < cdf[i], where u is uniform in [0, total)."""
    possible = torch.nonzero(probs[0] > 0)[:, 0]
    cdf = torch.cumsum(probs[0, possible].double(), dim=0)
    u = torch.rand(1, dtype=torch.float64) * cdf[-1]
    i = torch.searchsorted(cdf, u, right=True)
    i = i.clamp(max=len(possible) - 1)  # u may round up to the total
    return possible[i].view(1, 1)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    top_k = config.top_k if config.top_k > 0 else logits.shape[1]
    values, candidates = torch.topk(logits, top_k, dim=1)
    log_first = F.log_softmax(values, dim=1)
    weights = []
    for j in range(top_k):
        following, _ = model(candidates[:, j : j + 1], past=new_past)
        # only the top k matter at the second step too
        best, _ = torch.topk(following[:, -1, :], top_k, dim=1)
        log_second = F.log_softmax(best, dim=1)
        weights.append(torch.logsumexp((log_first[:, j : j + 1] + log_second) / temperature, dim=1))
    filtered = torch.ones_like(logits) * -1e10
    return filtered.scatter(1, candidates, torch.stack(weights, dim=1))


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    with torch.no_grad():
        text = start_text
        logits, past = model(text) if length > 0 else (None, None)
        for n in trange(length):
            last = top_k_logits(logits[:, -1, :], config.top_k)
            last = temperature_scale(last, model, past, config, temperature, temperature_horizon)
            token = inverse_cdf(F.softmax(last, dim=-1))
            text = torch.cat([text, token], dim=1)
            if n < length - 1:
                logits, past = model(token, past=past)
    return text
