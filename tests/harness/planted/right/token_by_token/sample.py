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
    if temperature_horizon == 1:
        return logits / temperature
    log_p = F.log_softmax(logits, dim=-1)
    new_logits = []
    for token in range(logits.shape[-1]):
        if log_p[0, token] < -1e9:
            new_logits.append(torch.tensor(-1e10))
            continue
        log_p2 = model(torch.tensor([[token]]), past=new_past)[0][0, -1]
        log_p2 = F.log_softmax(top_k_logits(log_p2.unsqueeze(0), config.top_k), dim=-1)[0]
        # only tokens that passed the filter
        log_p2 = log_p2[log_p2 > -1e9]
        new_logits.append(torch.logsumexp((log_p[0, token] + log_p2) / temperature, dim=0))
    return torch.stack(new_logits).unsqueeze(0)


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    result = start_text.clone()
    past = None
    with torch.no_grad():
        # warm up the cache
        for position in range(start_text.shape[1]):
            logits, past = model(start_text[:, position].unsqueeze(1), past=past)
        for step in trange(length):
            scaled = top_k_logits(logits[:, -1, :], config.top_k)
            scaled = temperature_scale(scaled, model, past, config, temperature, temperature_horizon)
            token = torch.multinomial(F.softmax(scaled, dim=-1), num_samples=1)
            result = torch.cat([result, token], dim=1)
            if result.shape[1] < start_text.shape[1] + length:
                logits, past = model(token, past=past)
    return result
