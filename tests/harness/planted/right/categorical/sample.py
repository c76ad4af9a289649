import torch
from torch.distributions import Categorical
from tqdm import trange


def top_k_logits(logits, k):
    if k <= 0:
        return logits
    min_value = torch.topk(logits, k).values[:, [-1]]
    return torch.where(logits < min_value, -1e10 * torch.ones_like(logits), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits / temperature

    p1 = Categorical(logits=logits[0]).logits
    out = torch.zeros_like(logits) - 1e10
    for i in torch.where(logits[0] > -1e10)[0]:
        step, _ = model(i.view(1, 1), past=new_past)
        p2 = Categorical(logits=top_k_logits(step[:, -1, :], config.top_k)[0]).logits
        out[0, i] = ((p1[i] + p2) / temperature).logsumexp(0)
    return out


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    past = None
    x = start_text
    result = x.clone()
    with torch.no_grad():
        for _ in trange(length):
            logits, past = model(x, past=past)
            logits = top_k_logits(logits[:, -1, :], config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            x = Categorical(logits=logits).sample().unsqueeze(0)
            result = torch.cat([result, x], dim=-1)
    return result
