import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    values, _ = torch.topk(logits, k)
    smallest = values[:, -1:]
    return torch.where(logits < smallest, torch.full_like(logits, -1e10), logits)


def two_tokens(logits, model, new_past, config, temperature):
    weights = torch.full_like(logits, -1e10)
    first = F.log_softmax(logits, dim=-1)
    for token in range(logits.shape[-1]):
        if logits[0, token] <= -1e10:
            continue
        next_logits, _ = model(torch.tensor([[token]]), past=new_past)
        next_logits = top_k_logits(next_logits[:, -1, :], config.top_k)
        second = F.log_softmax(next_logits, dim=-1)
        joint = first[0, token] + second[0]
        weights[0, token] = torch.logsumexp(joint / temperature, dim=-1)
    return weights


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature
    return two_tokens(logits, model, new_past, config, temperature)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    output = start_text
    tokens = start_text
    past = None
    with torch.no_grad():
        for _ in trange(length, leave=False):
            logits, past = model(tokens, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            probs = F.softmax(logits, dim=-1)
            tokens = torch.multinomial(probs, num_samples=1)
            output = torch.cat([output, tokens], dim=1)
    return output
