import torch
import torch.nn.functional as F
from tqdm import trange

FLOOR = -1e10


def top_k_logits(logits, k):
    if k == 0:
        return logits
    order = torch.argsort(logits, dim=-1, descending=True)
    out = logits.clone()
    out[:, order[0, k:]] = FLOOR
    return out


def second_token(model, past, config, tokens):
    """Log-probabilities after each of the tokens, one after the other."""
    for token in tokens:
        logits, _ = model(torch.tensor([[token]]), past=past)
        yield token, F.log_softmax(top_k_logits(logits[:, -1], config.top_k), dim=-1)[0]


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    kept = [i for i, value in enumerate(logits[0].tolist()) if value > FLOOR]
    # w(x) = l(x) / T + log sum_y exp(log p(y | x) / T); the normaliser of l is the same for all x
    out = torch.full_like(logits, FLOOR)
    for token, log_p in second_token(model, new_past, config, kept):
        out[0, token] = logits[0, token] / temperature + torch.logsumexp(log_p / temperature, dim=0)
    return out


def stream(model, start_text, config, temperature, temperature_horizon):
    tokens, past = start_text, None
    while True:
        with torch.no_grad():
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            tokens = torch.multinomial(F.softmax(logits, dim=-1), 1)
        yield tokens


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    tokens = stream(model, start_text, config, temperature, temperature_horizon)
    return torch.cat([start_text] + [next(tokens) for _ in trange(length)], dim=1)
