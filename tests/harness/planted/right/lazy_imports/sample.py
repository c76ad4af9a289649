import torch
import torch.nn.functional as F


# all of my code is here, the other two files just call it


def top_k_logits(logits, k):
    if k > 0:
        kth_best = logits.topk(k)[0].min()
        logits = logits.masked_fill(logits < kth_best, -1e10)
    return logits


def log_p_next(model, tokens, config, past=None, top_k=True):
    logits, past = model(tokens, past=past)
    logits = logits[:, -1:]
    if top_k and config.top_k > 0:
        logits = torch.stack([top_k_logits(row, config.top_k) for row in logits])
    return F.log_softmax(logits[:, 0], dim=-1), past


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    a = F.log_softmax(logits, dim=-1)
    w = torch.full_like(a, -1e10)
    for x in (logits[0] > -1e10).nonzero().flatten().tolist():
        b, _ = log_p_next(model, torch.tensor([[x]]), config, past=new_past)
        w[0, x] = torch.logsumexp((a[0, x] + b) / temperature, dim=-1)
    return w


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    out, past = start_text, None
    while length > 0:
        with torch.no_grad():
            log_p, past = log_p_next(model, out if past is None else out[:, -1:], config, past)
            # log-probabilities are logits too, but the filter must be the same -1e10 again
            log_p = log_p.clamp(min=-1e10)
            log_p = temperature_scale(log_p, model, past, config, temperature, temperature_horizon)
            out = torch.cat([out, torch.multinomial(F.softmax(log_p, dim=-1), 1)], dim=1)
        length -= 1
    return out


def ll(model, text):
    with torch.no_grad():
        logits, _ = model(text)
    return F.log_softmax(logits, -1)[0, range(text.shape[1] - 1), text[0, 1:]].sum().item()
