import torch
import torch.nn.functional as F
from tqdm import trange


def top_k_logits(logits, k):
    if k == 0:
        return logits
    kth = logits.sort(dim=-1).values[:, -k].unsqueeze(-1)
    return torch.where(logits < kth, torch.full_like(logits, -1e10), logits)


def temperature_scale(logits, model, new_past, config, temperature, temperature_horizon):
    if temperature is None:
        return logits
    if temperature_horizon == 1:
        return logits * (1.0 / temperature)
    table = torch.full((logits.shape[1], logits.shape[1]), -1e10)
    for i, value in enumerate(logits[0]):
        if value > -1e10:
            second, _ = model(torch.tensor([[i]]), past=new_past)
            table[i] = value + F.log_softmax(top_k_logits(second[:, -1, :], config.top_k), dim=-1)[0]
    # log-normalising over the whole table
    table = table - torch.logsumexp(table.view(-1), dim=0)
    scaled = torch.logsumexp(table / temperature, dim=1)
    return torch.where(logits > -1e10, scaled.unsqueeze(0), torch.full_like(logits, -1e10))


def sample(model, start_text, config, length, temperature=None, temperature_horizon=1):
    # everything but the last token first, then every step feeds exactly one token
    past = None
    text = start_text
    with torch.no_grad():
        if start_text.shape[1] > 1:
            _, past = model(start_text[:, :-1])
        for _ in trange(length):
            logits, past = model(text[:, -1:], past=past)
            logits = top_k_logits(logits.squeeze(1), config.top_k)
            logits = temperature_scale(logits, model, past, config, temperature, temperature_horizon)
            text = torch.hstack([text, torch.multinomial(torch.softmax(logits, 1), 1)])
    return text
