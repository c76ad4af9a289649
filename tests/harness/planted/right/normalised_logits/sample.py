import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    return torch.where(logits < values[:, -1:], torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    # as in the formula: exp of log p / T
    log_p = F.log_softmax(logits, dim=-1)
    if temperature_horizon == 1:
        return log_p / temperature
    out = torch.full_like(logits, -1e10)
    for x in (logits[0] > -1e10).nonzero().flatten():
        after, _ = model(x.view(1, 1), past=new_past)
        log_p2 = F.log_softmax(top_k_logits(after[:, -1, :], config.top_k), dim=-1)
        out[0, x] = torch.logsumexp((log_p[0, x] + log_p2[0]) / temperature, dim=0)
    return F.log_softmax(out, dim=-1).clamp(min=-1e10)


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
